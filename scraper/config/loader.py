"""Loader of config.yaml: every mistake at once with path and line, warnings, paths of database and Maildir.

The configuration holds no secrets: a key that looks like one is refused.
"""

import os
import re
from collections.abc import Iterator
from os.path import realpath
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scraper import urls
from scraper.config import checks, search, yaml
from scraper.config.about import FORMS, About
from scraper.config.alerts import EXAMPLE_SENDER, AlertSettings, Smtp, Watch
from scraper.config.choices import MailTransportKind, Security, Topic
from scraper.config.fields import duration_text
from scraper.config.groups import GROUPS
from scraper.config.searches import SearchSettings
from scraper.config.sections import MISFIT, SettingsModel
from scraper.config.settings import (
    DaemonSettings,
    Endpoint,
    EvidenceSettings,
    FetchSettings,
    KeepSettings,
    Settings,
    Source,
    WebSettings,
)
from scraper.errors import ConfigError, Problem
from scraper.model import Grade, Role
from scraper.rules.schedule import SHORTEST_INTERVAL
from scraper.text.nearest import nearest

_SECRET_KEY = re.compile(r"password|passwd|passphrase|secret|token|api_?key|credential", re.IGNORECASE)

_SECTIONS: dict[str, type[SettingsModel]] = {
    "": Settings,
    "fetch": FetchSettings,
    "sources": Source,
    "endpoints": Endpoint,
    "search": SearchSettings,
    "keep": KeepSettings,
    "alerts": AlertSettings,
    "smtp": Smtp,
    "watches": Watch,
    "about": About,
    "daemon": DaemonSettings,
    "web": WebSettings,
    "evidence": EvidenceSettings,
}

# Words of logic that people write for a group. Of "and", the known key with the nearest letters is "any".
_LOGIC = (
    dict.fromkeys(("and", "both", "every", "must", "must_all"), "all")
    | dict.fromkeys(("or", "either", "some", "one_of"), "any")
    | dict.fromkeys(("not", "no", "nor", "neither", "never", "except", "exclude", "without"), "none")
)

_QUOTED = re.compile("'([^']*)'")
_MESSAGES = {
    "missing": "is required",
    "bool_type": "should be true or false",
    "int_type": "should be a whole number, without quotes, leading zeros or separators",
    "float_type": "should be a number of seconds, without quotes, leading zeros or separators",
    "string_type": "should be text; put it in quotes",
    "path_type": "should be the path of a file",
    "model_type": "should be a section: lines of the form `key: value`, indented below it",
    "tuple_type": "should be a list: lines that begin with `- `, indented below it",
}


def load(path: Path, *, if_missing: str = "give another one with --config FILE") -> Settings:
    """Read and check a configuration file.

    Raise `ConfigError` with every mistake at once: invalid YAML, unknown keys (with a suggestion), invalid values,
    and values that contradict each other. `${NAME}` stands for an environment variable, `~` in a path for the home
    folder; a relative path starts from the folder of the file. `if_missing` is the advice if the file does not exist.
    """
    return loads(_text(path, if_missing), path)


def loads(text: str, path: Path) -> Settings:
    """Check the text of a configuration file as `load` does; `path` is the file, for messages and relative paths."""
    document = yaml.parse(text, os.environ)
    problems = list(document.problems)
    settings = None
    if isinstance(document.data, dict):
        try:
            settings = Settings.model_validate(
                document.data, context={"folder": Path(realpath(path.absolute().parent))}
            )
        except ValidationError as error:
            problems += _schema_problems(error, document)
        problems += checks.problems(document)
    elif document.data is None:
        problems.append(Problem("", "is empty; it needs at least the keys fetch and sources"))
    elif document.data is not yaml.UNREADABLE:
        problems.append(Problem("", "should hold keys such as `fetch:` and `sources:` at the top", document.line(())))
    if settings is not None:
        problems += _overwritten(settings, document, path)
    if settings is None or problems:
        raise ConfigError(str(path), tuple(sorted(problems, key=lambda problem: problem.line or 0)))
    return settings


def _overwritten(settings: Settings, document: yaml.YamlDocument, path: Path) -> Iterator[Problem]:
    """Yield feeds that would overwrite another file of statewire; `path` is that of the configuration."""
    database, maildir = database_path(settings, None), maildir_path(settings, database_path(settings, None))
    smtp, metrics = settings.alerts.smtp, settings.daemon.metrics_file
    others: list[tuple[str, Path | None]] = [
        ("the database", database),
        ("the configuration", path),
        ("the password file", smtp.password_file if smtp else None),
        ("the metrics file", metrics),
        *(("the key file of a search", source.search.key_file) for source in settings.sources if source.search),
    ]
    taken = {realpath(file): name for name, file in others if file is not None}
    for i, watch in enumerate(settings.watches):
        if watch.feed is None:
            continue
        feed = Path(realpath(watch.feed))
        name = taken.get(str(feed))
        if feed.is_relative_to(realpath(maildir)):
            name = "in the Maildir"
        if name is None and str(feed).startswith((f"{realpath(database)}-", f"{realpath(database)}.")):
            name = "a file that belongs to the database"
        if name is not None:
            yield document.problem(("watches", i, "feed"), f"is {name}, which it would overwrite: name another file")


def find(explicit: Path | None) -> Path:
    """Return the path of the configuration in force (see `search.locate`)."""
    return search.locate(explicit).path


def database_path(settings: Settings, explicit: Path | None) -> Path:
    """Return the path of the database; create nothing.

    In this order: the command line, the configuration, systemd's state folder, the user's data folder.
    """
    if explicit is not None:
        return explicit
    if settings.database is not None:
        return settings.database
    # systemd separates several folders with colons if a unit has several; the first is for the database.
    if state_folder := os.environ.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(state_folder) / "statewire.db"
    from platformdirs import user_data_path

    return user_data_path("statewire", appauthor=False) / "statewire.db"


def maildir_path(settings: Settings, database: Path) -> Path:
    """Return the Maildir folder: as configured, else `mail` beside the database; create nothing."""
    return settings.alerts.maildir or database.parent / "mail"


def warnings(settings: Settings) -> tuple[str, ...]:
    """Return a sentence for each setting that is valid but probably not intended."""
    return (*request_warnings(settings), *_source_warnings(settings), *_alert_warnings(settings))


def request_warnings(settings: Settings) -> tuple[str, ...]:
    """Return those of the `warnings` that concern each single request."""
    contact_host = urls.host(settings.fetch.contact) or settings.fetch.contact.rpartition("@")[2]
    if re.search(r"(^|\.)example\.(com|net|org)$", contact_host):
        return (
            "fetch.contact is still the example; set a web page or e-mail address of yours, or let `statewire init`"
            " ask for it",
        )
    return ()


def _source_warnings(settings: Settings) -> Iterator[str]:
    if settings.fetch.allow_private:
        allowed = ", ".join(settings.fetch.allow_private)
        yield f"fetch.allow_private allows requests to your own network: {allowed}"
    enabled = [(f"the source “{source.name}”", source) for source in settings.sources if source.enabled]
    if not enabled:
        yield "no source is enabled, so nothing is fetched"
    for name, source in enabled:
        if source.every < SHORTEST_INTERVAL:
            because = "causes load on the site"
            if source.role is Role.CANONICAL:
                because = "causes load and brings no news: state.gov updates its feeds every ten minutes"
            yield f"{name} is polled every {duration_text(source.every)}; less than 5m {because}"
    for name, source in enabled:
        if source.active and "timezone" not in source.model_fields_set:
            yield f"{name} has active hours and no timezone: these hours are taken as UTC; set a timezone"
        # `config show` prints UTC for a source without a timezone, so UTC is no sign of intent.
        if not source.active and source.timezone.key != "UTC":
            yield f"{name} has a timezone but no active hours, so the timezone has no effect"


def _alert_warnings(settings: Settings) -> Iterator[str]:
    alerts = settings.alerts
    if alerts.deliver is not MailTransportKind.MAILDIR and alerts.sender == EXAMPLE_SENDER:
        yield "alerts.sender is still the example; other servers reject mail from it"
    if alerts.smtp and alerts.smtp.security is Security.NONE and not alerts.smtp.is_local:
        yield (
            f"alerts.smtp.security is none: mail and password are sent to {alerts.smtp.host} unencrypted; use "
            "starttls or tls"
        )
    for watch in settings.watches:
        if watch.enabled and Topic.TOUCHED in watch.when and watch.at_least is not Grade.COSMETIC:
            yield (
                f"the watch “{watch.name}” selects touched, but at_least: {watch.at_least} excludes it, "
                "because a touch is a cosmetic difference; write at_least: cosmetic"
            )


def schema() -> dict[str, Any]:
    """Return the JSON Schema of config.yaml, with which an editor completes and checks it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Settings.model_json_schema()


def _text(path: Path, if_missing: str) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(str(path), (Problem("", f"does not exist; {if_missing}"),)) from None
    except OSError as error:
        raise ConfigError(str(path), (Problem("", f"cannot be read: {error.strerror}"),)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(str(path), (Problem("", "is not UTF-8; save it as UTF-8", line),)) from None


def _schema_problems(error: ValidationError, document: yaml.YamlDocument) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        # The YAML reader reported refused values already; `checks` reports duplicate names with their lines.
        if detail["input"] is not yaml.UNREADABLE and detail["type"] != "namesakes":
            loc = tuple(part for part in detail["loc"] if part not in FORMS)
            key = detail["ctx"]["key"] if detail["type"] == MISFIT else ""
            yield document.problem((*loc, key) if key else loc, _message(detail, loc))


def _message(detail: ErrorDetails, loc: yaml.Loc) -> str:
    """Describe a mistake in words for a reader who knows no schemas; never include the value, which may be a secret."""
    if detail["type"] == "extra_forbidden":
        return _unknown_key(loc)
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    return _MESSAGES.get(detail["type"]) or own_words(detail)


def own_words(detail: ErrorDetails) -> str:
    """Return a message of Pydantic as we write them: it has the values that a setting takes in single quotes."""
    return _QUOTED.sub(r"“\1”", detail["msg"].replace("Input should", "should"))


def _unknown_key(loc: yaml.Loc) -> str:
    key = str(loc[-1])
    if _SECRET_KEY.search(key) and not key.endswith(("_file", "_env")):
        return (
            "this file must not contain a secret; give the path of a file (password_file: PATH) or the name of "
            "an environment variable (password_env: NAME)"
        )
    section = next((part for part in reversed(loc[:-1]) if part in _SECTIONS), "")
    if section == "about" and key in GROUPS:
        return "is nested too deeply: all, any and none may stand inside each other once"
    known = list(_SECTIONS[str(section)].model_fields)
    if section == "about" and (group := _LOGIC.get(key.casefold())):
        return f"is not a known key; did you mean {group}?"
    if close := nearest(key, known):
        return f"is not a known key; did you mean {close[0]}?"
    homes = [
        f"under {name}" if name else "at the top" for name, model in _SECTIONS.items() if key in model.model_fields
    ]
    if homes:
        return f"is not a known key here; it belongs {' or '.join(homes)}"
    return f"is not a known key; known here: {', '.join(known)}"
