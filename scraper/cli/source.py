"""`statewire source`: add, suggest, list, enable, disable and remove the sources of the configuration."""

import json
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

import click

from scraper import urls
from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.completion import source_names
from scraper.cli.edit import add_entry_commands, append_entry, check_new_name, check_options, own_configuration
from scraper.cli.format import day_or_time, json_array, terminal_safe
from scraper.cli.layout import echo_line
from scraper.cli.options import command_line
from scraper.config.fields import duration_text
from scraper.config.settings import Source
from scraper.errors import InputError
from scraper.model import Role
from scraper.rules import state_hosts
from scraper.serialize import optional_utc
from scraper.text.normalize import count

_SUGGESTED_FROM = 3


@click.group("source")
def source() -> None:
    """Add, suggest, list, enable, disable and remove sources."""


@source.command("add")
@click.argument("url")
@click.option("--name", metavar="NAME", help="Name of the source. Default: from the URL.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="canonical (State itself), archive (its former sites) or mirror (others). Default: by the host of the URL.",
)
@click.option("--disabled", is_flag=True, help="Add it, and do not poll it yet.")
@click.option("--pages", is_flag=True, help="Watch the pages that the URL, a sitemap or a page with links, names.")
@click.option("--include", metavar="PATTERN", multiple=True, help="With --pages: paths to watch, such as '/areas/*'.")
@click.pass_obj
def add(
    invocation: Invocation,
    url: str,
    name: str | None,
    role: str | None,
    disabled: bool,
    pages: bool,
    include: tuple[str, ...],
) -> None:
    """Find the endpoints of a site and add a source.

    They are found as by `config discover`. The comments of the file stay, the result is checked before it is written,
    and a running daemon reads it again. What the site carries now causes no alerts. With --pages, each page that a list
    of State's names is watched for edits.
    """
    from scraper.cli.discover import find_source, free_name, nothing_found

    check_options(
        {"URL": url, "--name": name} | {f"--include {number}": each for number, each in enumerate(include, 1)}
    )
    if include and not pages:
        raise click.UsageError("--include is for --pages")
    if pages and role not in {None, Role.CANONICAL.value}:
        raise click.UsageError("--pages is for pages of State itself: leave out --role")
    own_configuration(invocation)
    if name is not None:
        check_new_name(invocation, "sources", "source", name)
    if pages:
        name = name or free_name(invocation, url)
        _check_urls(invocation, {urls.canonical(url)})
        _append(invocation, name, _pages_entry(name, url, include, enabled=not disabled))
        return
    found = find_source(invocation, url)
    if found.is_empty:
        raise InputError(nothing_found(found))
    found = found._replace(name=name or found.name, role=Role(role) if role else found.role)
    _check_urls(invocation, {urls.canonical(each.url) for each in found.discovery.endpoints if not each.doubt})
    _append(invocation, found.name, textwrap.dedent(found.entry(enabled=not disabled)))


def _pages_entry(name: str, url: str, include: Sequence[str], *, enabled: bool) -> str:
    """Return the entry of a source of standing pages."""
    lines = [f"- name: {name}", "  role: canonical"]
    lines += [] if enabled else ["  enabled: false"]
    # JSON is YAML, too.
    lines += ["  every: 1h", "  endpoints:", "    - kind: pages", f"      url: {json.dumps(url)}"]
    lines += [f"      include: {json.dumps(list(include))}"] if include else []
    return "".join(f"{line}\n" for line in lines)


def _check_urls(invocation: Invocation, new: Collection[str]) -> None:
    """Raise `InputError` if a source of the configuration has one of these URLs."""
    for each in invocation.settings.sources:
        if not {urls.canonical(endpoint.url) for endpoint in each.endpoints}.isdisjoint(new):
            enable, remove = (command_line(invocation, "source", verb, each.name) for verb in ("enable", "remove"))
            hint = f"to add it in another way, remove it first: `{remove}`"
            if not each.enabled:
                hint = f"it is disabled; to poll it again: `{enable}`; {hint}"
            raise InputError(f"the source {each.name} has this URL already", hint=hint)


def _append(invocation: Invocation, name: str, entry: str) -> None:
    if not invocation.quiet:
        click.echo(entry, nl=False)
    append_entry(invocation, "sources", entry.splitlines())
    invocation.say(f"Poll it now: {terminal_safe(command_line(invocation, 'fetch', name))}")


@source.command("list")
@options.as_json
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the sources of the configuration.

    Prints their role, interval and endpoints; `statewire status` prints their condition.
    """
    sources = invocation.settings.sources
    if as_json:
        json_array(each.model_dump(mode="json") for each in sources)
        return
    for each in sources:
        echo_line(f"{click.style(each.name, bold=True)}  {_summary(each)}")
        for endpoint in each.endpoints:
            echo_line(f"  {endpoint.kind:<10} {terminal_safe(endpoint.url)}")
    if not sources:
        invocation.say(f"The configuration has no sources. To add one: {command_line(invocation, 'source', 'add')} URL")


@source.command("suggest")
@options.as_json
@click.pass_obj
def suggest(invocation: Invocation, as_json: bool) -> None:
    """Suggest sites to add as sources.

    They carry at least three statements, name the Department on these pages, and are covered by no source of the
    configuration. Pages of other sites are known from searches, from `fetch URL` and from imported files.
    """
    # The pages that a search found are on sites of others, until these get a source of their own.
    sources = [each for each in invocation.settings.sources if each.search is None]
    covered = {urls.outlet(endpoint.url) for each in sources for endpoint in each.endpoints}
    attributed = invocation.store.outlets.attributed((each.name for each in sources), _SUGGESTED_FROM)
    found = [(outlet, _home(outlet.latest_url)) for outlet in attributed if _is_new(outlet.latest_url, covered)]
    if as_json:
        json_array(
            asdict(outlet) | {"latest_at": optional_utc(outlet.latest_at), "url": home} for outlet, home in found
        )
        return
    for outlet, home in found:
        relations = ("verbatim", "excerpt", "altered", "translated")
        counts = ", ".join(f"{number} {name}" for name in relations if (number := getattr(outlet, name)))
        name = click.style(terminal_safe(outlet.outlet), bold=True)
        echo_line(f"{name}  {count(outlet.statements, 'statement')} (copies: {counts})")
        echo_line(f"  {day_or_time(outlet.latest_at)}  {terminal_safe(outlet.latest_url)}")
        echo_line(f"  to add it: {terminal_safe(command_line(invocation, 'source', 'add', home))}")
    if not found:
        invocation.say(
            f"No site without a source carries {_SUGGESTED_FROM} statements and names the Department."
            " `statewire fetch URL` reads a page of any site."
        )


def _is_new(url: str, covered: Collection[str]) -> bool:
    """Return True for the URL of a page of another site that no source covers."""
    return urls.outlet(url) not in covered and state_hosts.namespace(url) is None


def _home(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


add_entry_commands(
    source,
    "sources",
    "source",
    source_names,
    enabled="What the site carries now causes no alerts.",
    disabled="It stays in the configuration and is not polled.",
    removed="What was stored of it stays.",
)


def _summary(each: Source) -> str:
    return f"{each.role}, every {duration_text(each.every)}{'' if each.enabled else ', disabled'}"
