"""`statewire init`: from nothing to a configuration, a test mail and the first statements."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import click

from scraper import files
from scraper.cli import questions
from scraper.cli.app import Invocation
from scraper.cli.edit import reload_daemon, warnings
from scraper.cli.format import terminal_safe
from scraper.cli.layout import hanging_indent
from scraper.cli.options import command_line
from scraper.cli.param_types import quoted
from scraper.cli.questions import Answers
from scraper.config import edit, loader, search
from scraper.config.choices import MailTransportKind
from scraper.config.names import name_key
from scraper.config.sections import SettingsModel
from scraper.config.settings import Settings
from scraper.delivery import watch_report
from scraper.errors import ConfigError, InputError, StoreError, as_disk_error
from scraper.text.normalize import count, plural, truncate

# The path of the schema is that of a checkout, and each file says itself when it was written.
_LEFT_OUT = ("# yaml-language-server:", "# Written by `statewire init` on ")
_MAX_NAME_CHARS = 60
_BEGINNING = (
    "is the beginning: no mail is sent about it. From then on, mail is sent about what is published, changed or"
    " withdrawn."
)
_NEXT = (
    ("run", "monitor from now on and send mail, until Ctrl-C"),
    ("fetch", "poll the sources again"),
    ("list", "see the statements that were found"),
    ("watch add NAME --word TEXT", "get mail about another subject"),
    ("source add URL", "monitor another site"),
    ("status", "see whether monitoring works"),
)
_LEAST_PURPOSE = 30
# Settings that the answers give.
_ANSWERED = frozenset(
    {("fetch", "contact"), *(("alerts", key) for key in ("deliver", "maildir", "operator", "sender", "smtp"))}
)


@click.command("init")
@questions.with_options
@click.option(
    "--from",
    "template",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Start from this configuration instead of the example that comes with statewire.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: use the options given, and defaults for the others.")
@click.option("--force", is_flag=True, help="Replace an existing configuration; a copy of it is kept beside it.")
@click.pass_context
def init(ctx: click.Context, /, template: Path | None, yes: bool, force: bool, **given: Any) -> int:
    """Set up configuration and mail, and poll once.

    Asks for what no option gives. The configuration is written to --config FILE, to ./config.yaml if that is one of
    statewire's, else to your configuration folder; all commands look there. Then a test mail is sent, and each source
    is polled once; what it carries now is stored without alerts. An existing configuration is kept, and a run that was
    interrupted goes on: call it again.
    """
    invocation: Invocation = ctx.obj
    path = search.target(invocation.config_path)
    files.target_of(path)  # nothing is asked for a path that cannot be written
    if path.exists() and not force:
        flags = [question.flag for question in questions.QUESTIONS if given[question.key]]
        unused = ", ".join([*flags, *(["--from"] if template else [])])
        ignored = f"; ignored: {unused}" if unused else ""
        invocation.say(
            f"{terminal_safe(str(path))} exists and stays as it is{ignored} (--force replaces it and keeps a copy)"
        )
    else:
        source = template or search.example()
        more = [*(["--yes"] if yes else []), *(["--from", str(template)] if template else [])]
        more += ["--force"] if force else []

        def how(answers: Answers) -> str:
            return command_line(invocation, "init", *more, *questions.as_options(answers))

        answers = questions.collect(given, loader.load(source), asks=not yes, how=how)
        try:
            _write(invocation, path, _text(invocation, source, answers))
        except (OSError, ConfigError, InputError) as error:
            invocation.say(f"To go on, once this is corrected: {terminal_safe(how(answers))}", even_if_quiet=True)
            if isinstance(error, OSError):
                raise as_disk_error(error, f"{path} cannot be written") from error
            raise
    vars(invocation)["settings"] = _checked(invocation, path)
    return _first_run(ctx, invocation, path)


def _text(invocation: Invocation, template: Path, answers: Answers) -> str:
    """Return the template with the answers in it: its watch takes the place of one with the same name.

    Raise `InputError` if it cannot be edited.
    """
    lines = template.read_text("utf-8-sig").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith(_LEFT_OUT))
    for loc, value in _values(answers):
        text = edit.assign(text, loc, value)
    settings, watch = loader.loads(text, template), _watch(answers)
    for position, source in enumerate(settings.sources):
        if source.enabled != (source.name in answers["source"]):
            text = edit.assign(text, ("sources", position, "enabled"), source.name in answers["source"])
    note = f"# Written by `statewire init` on {date.today():%Y-%m-%d}.\n"  # noqa: DTZ011 - the day of its reader
    for position, earlier in enumerate(settings.watches):
        if name_key(earlier.name) == name_key(watch["name"]):
            invocation.say(f"the watch {quoted(earlier.name)} of {terminal_safe(str(template))} is replaced")
            text = edit.remove(text, "watches", position)
    return note + edit.append(text, "watches", edit.entry_lines(watch))


def _values(answers: Answers) -> list[tuple[tuple[str, ...], Any]]:
    """Return the settings that the answers give, with their locations in the file."""
    smtp = {key.removeprefix("smtp_"): answers[key] for key in answers if key.startswith("smtp_") and answers[key]}
    if smtp:
        smtp = {name: smtp[name] for name in ("host", "port", *(set(smtp) - {"host", "port"}))}
        smtp["port"] = int(smtp["port"])
    found = [
        (("fetch", "contact"), answers["contact"]),
        (("alerts", "deliver"), answers["deliver"]),
        (("alerts", "sender"), answers.get("sender")),
        (("alerts", "maildir"), answers.get("maildir")),
        (("alerts", "smtp"), smtp),
        (("alerts", "operator"), [answers["to"][0]]),
    ]
    return [(loc, value) for loc, value in found if value]


def _watch(answers: Answers) -> dict[str, Any]:
    about = {
        name: list(answers[key])
        for name, key in (("words", "word"), ("countries", "country"), ("types", "type"))
        if answers[key]
    }
    name = ", ".join(text for texts in about.values() for text in texts) or "All statements"
    watch: dict[str, Any] = {"name": truncate(name, _MAX_NAME_CHARS), "to": list(answers["to"])}
    return watch | ({"about": about} if about else {})


def _write(invocation: Invocation, path: Path, text: str) -> None:
    """Write the configuration, after a copy of the one that it replaces. Raise `ConfigError` or `OSError`."""
    settings = loader.loads(text, path)  # nothing is written that has a mistake
    if path.exists():
        kept = files.copy_beside(files.target_of(path))
        invocation.say(f"kept a copy: {terminal_safe(str(kept))}")
        if lost := _left_behind(path, settings):
            keep = command_line(invocation, "init", "--force", "--from", str(kept))
            invocation.say(f"not taken over: {terminal_safe(lost)}. To start from it instead: {terminal_safe(keep)}")
        files.edit(path, lambda _: text.encode())
        reload_daemon(invocation, loader.database_path(settings, invocation.db))
    else:
        is_private = invocation.config_path is None
        files.make_folder(path.parent)
        files.create_whole(files.target_of(path), text.encode(), files.PRIVATE_FILE if is_private else None)
    invocation.say(f"wrote {terminal_safe(str(path))}")


def _left_behind(path: Path, new: Settings) -> str:
    """Return what the configuration at a path has and the new one has not, in words; "" if there is nothing."""
    try:
        old = loader.load(path)
    except ConfigError:
        return ""  # a file with mistakes, which cannot be compared
    lost, changed = list[str](), list[str]()
    for noun, before, after in (("source", old.sources, new.sources), ("watch", old.watches, new.watches)):
        kept = {name_key(entry.name): entry for entry in after}
        if names := [entry.name for entry in before if name_key(entry.name) not in kept]:
            lost.append(f"{plural(noun) if len(names) > 1 else noun} {', '.join(map(quoted, names))}")
        for entry in before:
            keys = _differing(entry, kept.get(name_key(entry.name), entry))
            if others := [key for key in keys if key not in {"name", "enabled"}]:
                changed.append(f"{noun} {quoted(entry.name)} ({', '.join(others)})")
            if "enabled" in keys:
                changed.append(f"that {entry.name} is {'enabled' if entry.enabled else 'disabled'}")
    for section in _differing(old, new):
        before, after = getattr(old, section), getattr(new, section)
        if isinstance(before, SettingsModel):
            keys = [key for key in _differing(before, after) if (section, key) not in _ANSWERED]
            changed += [f"{section}.{key}" for key in keys]
        elif section not in {"sources", "watches"}:
            changed.append(section)
    return ", ".join(lost + changed)


def _differing(before: SettingsModel, after: SettingsModel) -> list[str]:
    return [key for key in type(before).model_fields if getattr(before, key) != getattr(after, key)]


def _checked(invocation: Invocation, path: Path) -> Settings:
    """Return the settings of the file, and print that it is in order. Raise `ConfigError` if it is not."""
    settings = loader.load(path)
    enabled = sum(source.enabled for source in settings.sources)
    invocation.say(f"{terminal_safe(str(path))}: ok, {count(len(settings.sources), 'source')} ({enabled} enabled)")
    for warning in warnings(invocation, settings):
        invocation.note(f"warning: {terminal_safe(warning)}")  # those that `fetch` has too are printed once
    smtp = settings.alerts.smtp
    variable = smtp.password_env if smtp and settings.alerts.deliver is MailTransportKind.SMTP else None
    if smtp and variable and not os.environ.get(variable):
        invocation.note(
            f"warning: {variable}, the environment variable with the password of {smtp.host}, is not set here, so no"
            f" mail can be sent. Set it: export {variable}='...'"
        )
    return settings


def _first_run(ctx: click.Context, invocation: Invocation, path: Path) -> int:
    """Send a test mail, poll the sources once, print what to do next. Return the code of the first step that failed."""
    from scraper.cli.alerts import test
    from scraper.cli.fetch import fetch

    invocation.say("\nSending a test mail.")
    mail = _step(ctx, test, "alerts", "test")
    if invocation.settings.alerts.deliver is MailTransportKind.MAILDIR:
        folder = loader.maildir_path(invocation.settings, invocation.database).absolute()
        invocation.say(f"Mail is in {terminal_safe(str(folder))}")
    invocation.say("\nPolling each source once, slowly, to protect the sites from load. Ctrl-C stops it.")
    polled = _step(ctx, fetch, "fetch")
    if StoreError.exit_code in (mail, polled):
        return StoreError.exit_code
    known = invocation.store.statements.count()
    if known:
        stored = f"{count(known, 'statement')} stored. What is there at the first poll {_BEGINNING}"
    else:
        stored = f"No statement is stored yet. What the first poll that works finds {_BEGINNING}"
    invocation.say(f"\n{questions.filled(stored)}")
    for problem in watch_report.find_unknown(invocation.settings, invocation.store):
        invocation.say(f"\nStill to correct: {terminal_safe(problem)} Correct it in {terminal_safe(str(path))}.")
    invocation.confirm("\nNext:")
    following = [each for each in _NEXT if each[0] != ("fetch" if known else "list")]
    commands = [command_line(invocation, *words.split()) for words, _ in following]
    indent = max(map(len, commands)) + 4
    is_wide = hanging_indent(" " * indent, _LEAST_PURPOSE) == indent
    for command, (_, purpose) in zip(commands, following, strict=True):
        head = f"  {terminal_safe(command)}"
        invocation.confirm(f"{head:<{indent}}{purpose}" if is_wide else f"{head}\n      {purpose}", indent - 2)
    return mail or polled


def _step(ctx: click.Context, command: click.Command, *words: str) -> int:
    """Run a command and return its exit code. If it fails or is interrupted, print how to go on."""
    invocation: Invocation = ctx.obj
    retry = terminal_safe(command_line(invocation, *words))
    try:
        code = ctx.invoke(command) or 0
    except KeyboardInterrupt:
        invocation.say(f"\nInterrupted; what was done so far is kept. To go on: {retry}", even_if_quiet=True)
        raise
    except Exception as error:  # expected errors end this step only; all others are raised again
        known = invocation.expected(error)
        if known is None:
            raise
        code = invocation.fail(known)
    if code:
        remedy = "statewire doctor --online" if words == ("fetch",) else "the section alerts of the configuration"
        invocation.say(f"This did not work; see {remedy}. To try it again: {retry}", even_if_quiet=True)
    return int(code)
