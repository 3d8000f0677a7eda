"""Search for the configuration file, and recognition of one that belongs to statewire and not to another program."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from os.path import realpath
from pathlib import Path

from scraper.config import yaml
from scraper.errors import ConfigError, Problem

_NAME = "config.yaml"
_MAX_BYTES = 1_000_000
# Both sections at the left margin: recognised also if the file has mistakes, which are then reported.
_FETCH, _SOURCES = (re.compile(rf"^{name}[ \t]{{0,9}}:", re.MULTILINE) for name in ("fetch", "sources"))


_IGNORED = (
    "./config.yaml is not taken: it has no `fetch:`, `sources:` or `watches:` of statewire, so it belongs to another"
    " program"
)


class _Kind(Enum):
    """Kinds of ./config.yaml."""

    MISSING = auto()
    FOREIGN = auto()
    EXAMPLE = auto()
    OURS = auto()


@dataclass(frozen=True, slots=True)
class Location:
    """The configuration file in force, where it was found, and a sentence about a ./config.yaml that was not taken."""

    path: Path
    origin: str
    ignored: str = ""


def locate(explicit: Path | None) -> Location:
    """Find the configuration file in force.

    The first of these: `explicit`; ./config.yaml if it is statewire's and not the unchanged example; config.yaml in the
    user's configuration folder; the example that comes with statewire. An explicit path need not exist: `load` reports
    that. Raise `ConfigError` if there is none at all.
    """
    if explicit is not None:
        return Location(_usable(explicit), "given with --config")
    here, users, example = Path(_NAME), users_file(), _example()
    kind = _kind_here(example)
    ignored = _IGNORED if kind is _Kind.FOREIGN else ""
    if kind is _Kind.OURS:
        return Location(here, "found in the current folder")
    if _is_file(users):
        return Location(users, "found in the configuration folder", ignored)
    if kind is _Kind.EXAMPLE:
        return Location(here, "the example, unchanged, in the current folder")
    if example is not None:
        return Location(example, "the example that comes with statewire; `statewire init` writes one of yours", ignored)
    advice = "`statewire init` writes one, or give another one with --config FILE"
    raise ConfigError(str(here), (Problem("", f"does not exist; {advice}"),))


def target(explicit: Path | None) -> Path:
    """Return the path at which `statewire init` writes: `explicit`, else ./config.yaml if that is in force, else the
    user's configuration folder.
    """
    if explicit is not None:
        return _usable(explicit)
    return Path(_NAME) if _kind_here(_example()) is _Kind.OURS else users_file()


def _usable(path: Path) -> Path:
    """Return a path that may exist. Raise `ConfigError` if no file can have it (too long, a loop of links)."""
    try:
        path.stat()
    except (FileNotFoundError, PermissionError):
        pass  # the caller, which reads or writes it, reports that
    except (OSError, ValueError) as error:
        message = f"cannot be used: {getattr(error, 'strerror', None) or error}; give another path with --config FILE"
        raise ConfigError(str(path), (Problem("", message),)) from error
    return path


def users_file() -> Path:
    """Return the path of the user's own configuration: config.yaml in the platform's folder for such files."""
    from platformdirs import user_config_path

    return user_config_path("statewire", appauthor=False) / _NAME


def example() -> Path:
    """Return the path of the example that comes with statewire. Raise `ConfigError` if it is missing."""
    found = _example()
    if found is None:
        raise ConfigError("the example configuration", (Problem("", "is missing; install statewire again"),))
    return found


def is_example(path: Path) -> bool:
    """Return True if a path is that of the example itself."""
    found = _example()
    return found is not None and realpath(path) == realpath(found)


def is_statewires(content: bytes) -> bool:
    """Return True for a configuration of statewire, with mistakes or without.

    It has `fetch:` and `sources:` at the left margin; or `fetch` with `contact`; or an entry of `sources` with
    `endpoints` or `role`; or an entry of `watches` with `to`, `about` or `when`.
    """
    text = content.decode("utf-8", errors="replace")
    if _FETCH.search(text) and _SOURCES.search(text):
        return True
    data = yaml.parse(text.removeprefix("\ufeff"), {}).data
    if not isinstance(data, dict):
        return False
    fetch, sources, watches = (data.get(name) for name in ("fetch", "sources", "watches"))
    return (
        _has_key([fetch], {"contact"})
        or _has_key(sources, {"endpoints", "role"})
        or _has_key(watches, {"to", "about", "when"})
    )


def _has_key(entries: object, keys: set[str]) -> bool:
    return isinstance(entries, list) and any(isinstance(entry, dict) and keys & entry.keys() for entry in entries)


def _kind_here(example: Path | None) -> _Kind:
    """Classify ./config.yaml. Raise `ConfigError` if it cannot be read."""
    content = _content(Path(_NAME))
    if content is None:
        return _Kind.MISSING
    if example is not None and content == _content(example):
        return _Kind.EXAMPLE
    return _Kind.OURS if is_statewires(content) else _Kind.FOREIGN


def _content(path: Path) -> bytes | None:
    """Return the first bytes of a file, more than a configuration has; None if it is missing or no file."""
    if not _is_file(path):
        return None
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigError(str(path), (Problem("", f"cannot be read: {error.strerror}"),)) from error


def _is_file(path: Path) -> bool:
    """Return True for a file. `sudo -u` may keep the home folder of a user whose files the other may not see."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def _example() -> Path | None:
    # The wheel carries the example as config.default.yaml; in a checkout it stands beside the package.
    package = Path(__file__).parents[1]
    candidates = (package / "config.default.yaml", package.parent / _NAME)
    return next((candidate for candidate in candidates if candidate.is_file()), None)
