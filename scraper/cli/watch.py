"""`statewire watch`: add, list, enable, disable and remove the watches of the configuration."""

from pathlib import Path
from typing import Any

import click

from scraper import urls
from scraper.alerts.conditions import Condition
from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.completion import source_names, watch_names
from scraper.cli.edit import (
    add_entry_commands,
    append_entry,
    check_new_name,
    check_options,
    comparable_store,
    own_configuration,
)
from scraper.cli.filters import single_names
from scraper.cli.format import json_array, terminal_safe
from scraper.cli.layout import echo_line
from scraper.cli.options import command_line
from scraper.config.alerts import Watch
from scraper.config.choices import Topic, WebhookFormat
from scraper.config.edit import entry_lines, flow
from scraper.delivery import watch_report
from scraper.errors import InputError
from scraper.model import Grade

_SUBJECTS = ("words", "countries", "types", "speakers", "sources")
_NAMES = ("word", "country", "type", "speaker", "source")
_OPTIONS = {f"about.{key}": f"--{name}" for key, name in zip(_SUBJECTS, _NAMES, strict=True)}
_OPTIONS |= {"about.none.words": "--without", "quiet": "--quiet-hours", "name": "NAME"}
"""Options by the keys of a watch, where the name is another one."""


@click.group("watch")
def watch() -> None:
    """Add, list, enable, disable and remove watches."""


@watch.command("add")
@click.argument("name", metavar="NAME")
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS",
    callback=options.addresses,
    help="Recipient. Default: those of alerts.operator.",
)
@click.option("--word", "words", multiple=True, metavar="TEXT", help="Whole word or phrase in title or text.")
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="NAME",
    callback=single_names,
    help="Country, as State spells it: by State’s tag, or named in the title.",
)
@click.option(
    "--type", "types", multiple=True, callback=single_names, metavar="NAME", help="Type of document, such as Readout."
)
@click.option("--speaker", "speakers", multiple=True, metavar="TEXT", help="Words of the byline.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Name of a source.", shell_complete=source_names
)
@click.option("--without", multiple=True, metavar="TEXT", help="Not if this whole word or phrase is in title or text.")
@click.option(
    "--when",
    multiple=True,
    type=click.Choice([topic.value for topic in Topic]),
    metavar="EVENT",
    help=f"Kind of event: {', '.join(Topic)}. Default: those that `config show` prints.",
)
@click.option(
    "--at-least", type=click.Choice([grade.value for grade in Grade]), help="Least grade of changes. Default: minor."
)
@click.option("--deliver", metavar="RHYTHM", help="instant (default), 'daily 07:00', or 'weekly Mon 07:00'.")
@click.option("--quiet-hours", metavar="HOURS", help="Hours without mail, such as 22:00-06:00.")
@click.option("--timezone", metavar="NAME", help="Timezone of its hours, such as America/New_York. Default: UTC.")
@click.option("--webhook", metavar="URL", help="URL that gets each event by POST.")
@click.option(
    "--format",
    type=click.Choice([form.value for form in WebhookFormat]),
    help="Format of these requests. Default: json.",
)
@click.option("--webhook-secret-env", metavar="NAME", help="Environment variable with the key for its signature.")
@click.option("--feed", metavar="FILE", help="File that becomes an Atom feed of the newest events.")
@click.option("--disabled", is_flag=True, help="Add it, and send nothing yet.")
@click.option("--allow-unknown", is_flag=True, help="Add it with names that nothing fits yet.")
@click.pass_obj
def add(invocation: Invocation, /, name: str, disabled: bool, allow_unknown: bool, **given: Any) -> None:
    """Add a watch to the configuration. Several subjects: an event that fits any of them is sent; without, all are.

    Other combinations (all of several, none of a country) are written into the file, under `about:` with `all`, `any`
    and `none`: see docs/alerts.md. A country or type that neither State nor the database has, and a speaker with a
    name like a known one, are refused as misspelled. The comments of the file stay, the result is checked before it is
    written, and a running daemon reads it again.
    """
    named = {f"--{key.replace('_', '-')}": value for key, value in given.items()}
    # Anyone who knows the URL of a webhook may post there, so it may be kept out of the file.
    check_options({"NAME": name, **named}, may_be_variable=["--webhook"])
    own_configuration(invocation)
    check_new_name(invocation, "watches", "watch", name)
    about: dict[str, Any] = {key: list(given.pop(key)) for key in _SUBJECTS}
    if not allow_unknown:
        _check_names(invocation, about)
    has_subject = any(about.values())
    if without := list(given.pop("without")):
        about["none"] = {"words": without}
    has_place = given["webhook"] or given["feed"]
    recipients = given.pop("to") or (() if has_place else invocation.settings.alerts.operator)
    if not recipients and not has_place:
        raise InputError(
            "the watch needs a recipient, and `alerts.operator` of the configuration names none",
            hint="give one with --to ADDRESS, --webhook URL or --feed FILE",
        )
    if given["feed"] and not given["feed"].startswith("~"):
        # A path on the command line starts from the current folder, one in the file from the folder of the file.
        given["feed"] = str(Path(given["feed"]).absolute())
    entry: dict[str, Any] = {"name": name, "to": list(recipients), "about": {k: v for k, v in about.items() if v}}
    given["quiet"] = given.pop("quiet_hours")
    entry |= {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    entry["enabled"] = False if disabled else None
    lines = entry_lines({k: v for k, v in entry.items() if v not in (None, [], {})})
    names = {key: f"--{key.replace('_', '-')}" for key in given} | {"to": "--to"} | _OPTIONS
    is_doubtful = append_entry(invocation, "watches", lines, names)
    invocation.confirm(f"added the watch {terminal_safe(name)}")
    if not has_subject:
        rest = " that has none of the words of --without" if without else ""
        invocation.say(f"It has no word, country, type, speaker or source, so it selects every statement{rest}.")
    if is_doubtful:
        remove = command_line(invocation, "watch", "remove", name)
        invocation.say(f"If the warning is right, remove the watch and add it again: {terminal_safe(remove)}")
    replay = command_line(invocation, "alerts", "replay", "--watch", name)
    invocation.say(f"What it would have sent so far: {terminal_safe(replay)}")


@watch.command("list")
@options.as_json
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the watches of the configuration."""
    watches = invocation.settings.watches
    if as_json:
        json_array(map(_row, watches))
        return
    for each in watches:
        echo_line(click.style(f"{terminal_safe(each.name)}{'' if each.enabled else ' (disabled)'}", bold=True))
        for key, value in _changed(each).items():
            words = terminal_safe(value if isinstance(value, str) else flow(value)[1:-1])
            echo_line(f"  {f'{key}:':<10} {words}", 11)
    if not watches:
        invocation.say(f"The configuration has no watches. To add one: {command_line(invocation, 'watch', 'add')} NAME")


add_entry_commands(
    watch,
    "watches",
    "watch",
    watch_names,
    enabled="",
    disabled="It stays in the configuration and sends nothing.",
    removed="",
)


def _check_names(invocation: Invocation, about: dict[str, Any]) -> None:
    """Raise `InputError` for names that are probably misspelled: a watch with one would never send anything."""
    given = [Condition(kind, entry) for kind in ("countries", "types", "speakers") for entry in about[kind]]
    store = comparable_store(invocation, invocation.settings) if given else None
    mistakes = [f"{_OPTIONS[f'about.{each.kind}']}: {why}" for each, why in watch_report.find_mistaken(given, store)]
    if mistakes:
        hint = "nothing was changed; to add the watch with a name that State does not have yet, add --allow-unknown"
        raise InputError("\n".join(mistakes), hint=hint)


def _row(each: Watch) -> dict[str, Any]:
    row = each.model_dump(mode="json")
    return row | {"webhook": urls.shown_short(each.webhook) if each.webhook else None}


def _changed(each: Watch) -> dict[str, Any]:
    """Return the values that differ from the defaults, and always recipients, subjects and events."""
    row = each.model_dump(mode="json", exclude_defaults=True) | {"when": [topic.value for topic in each.when]}
    row |= {"about": each.about.model_dump(mode="json", exclude_defaults=True) or "everything"}
    row |= {"webhook": urls.shown_short(each.webhook)} if each.webhook else {}
    order = list(Watch.model_fields)
    return {key: row[key] for key in sorted(row, key=order.index) if key not in {"name", "enabled"}}
