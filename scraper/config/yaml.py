"""Strict YAML reader: every mistake with its line, no guessed types, no document that expands when read (pure).

A plain scalar is null, `true`, `false`, a decimal number, or text. What YAML 1.1 makes of `no`, `22:30`, `012`
or `2026-01-02` (a bool, 1350, 10, a date) stays text. Keys are always text. Duplicate keys,
aliases, tags and a second document are refused. A value that is `${NAME}` as a whole stands for what that
variable holds, read as a scalar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from scraper.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Loc = tuple[str | int, ...]
"""Location of a value: keys and list positions from the top, `("sources", 2, "every")`."""

UNREADABLE: Final = object()
"""Placeholder in the data for a refused value, so that no later check reports it again."""

MAX_DEPTH = 20
"""Levels of nesting; a configuration has five."""

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# No leading zeros: 012 is ten to YAML 1.1 and twelve to people. 18 digits fit into 64 bits.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PLAIN_KEY = re.compile(r"[\w-]{1,60}", re.ASCII)

_SYNTAX_HINT = "check the indentation (spaces, never tabs) and put text with ': ' or ' #' in it in quotes"


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A parsed file: `data` (dicts, lists and scalars; `UNREADABLE` if nothing could be read), the mistakes, and the
    line of every value, counted from 1.
    """

    data: object
    problems: tuple[Problem, ...]
    lines: Mapping[Loc, int]

    def line(self, loc: Loc) -> int | None:
        """Return the line of a value, or of the nearest enclosing one that is in the file."""
        return next((self.lines[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in self.lines), None)


def parse(text: str, variables: Mapping[str, str]) -> YamlDocument:
    """Read one document. Raise nothing for any `text`: mistakes are in the result.

    `variables` are the values that `${NAME}` may stand for, usually the environment.
    """
    builder = _Builder(variables)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        builder.refuse_all(f"is not YAML: {error.problem}; {_SYNTAX_HINT}", mark.line + 1 if mark else None)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        builder.refuse_all(f"holds a control character (U+{error.character:04X})", line)
    except _RefusedError as error:
        builder.refuse_all(str(error), error.line)
    except (ValueError, OverflowError):  # PyYAML on "\UFFFFFFFF" and on a %YAML version with thousands of digits
        builder.refuse_all("holds an escape or a directive that YAML does not know", None)
    return YamlDocument(builder.data, tuple(builder.problems), builder.lines)


def path_text(loc: Loc) -> str:
    """Format a location: `sources[2].endpoints[0].url`."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _PLAIN_KEY.fullmatch(part) else quoted(part))
    return text


def quoted(value: object) -> str:
    """Format a value for a message: one line of at most 60 characters, without control characters."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class _RefusedError(Exception):
    """The document as a whole cannot be used."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class _Frame:
    """An open mapping or list. `key` is the one that waits for its value."""

    loc: Loc
    container: dict[str, object] | list[object]
    key: str | None = None


class _Builder:
    """Puts a document together from the parser's events: no recursion, so no depth can break it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.data: object = None
        self.problems: list[Problem] = []
        self.lines: dict[Loc, int] = {}
        self._variables = variables
        self._open: list[_Frame] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _RefusedError("a second document begins here ('---'); a configuration is one", line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case yaml.ScalarEvent() if self._wants_key():
                self._key(event.value, line)
            case yaml.NodeEvent():
                self._value(event, line)

    def refuse_all(self, message: str, line: int | None) -> None:
        self.data = UNREADABLE
        self.problems.append(Problem("", message, line))

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].container, dict) and self._open[-1].key is None

    def _key(self, key: str, line: int) -> None:
        frame = self._open[-1]
        frame.key = key
        loc = (*frame.loc, key)
        first = self.lines.setdefault(loc, line)
        if key in frame.container:
            self._problem(loc, f"stands twice; the first one is on line {first}", line)

    def _value(self, event: yaml.NodeEvent, line: int) -> None:
        if self._wants_key():
            raise _RefusedError("a key must be plain text", line)
        loc = self._loc()
        self.lines.setdefault(loc, line)
        tag = getattr(event, "tag", None)  # all but an alias can have one
        if tag is not None:
            self._problem(loc, f"carries a YAML tag ({tag}), and tags are not used here; leave it out", line)
        match event:
            case yaml.MappingStartEvent():
                self._enter(loc, {}, line)
            case yaml.SequenceStartEvent():
                self._enter(loc, [], line)
            case yaml.ScalarEvent():
                self._put(self._scalar(event, loc, line))
            case _:
                self._problem(loc, f"is an alias (*{event.anchor}), and aliases are not used here; repeat it", line)
                self._put(UNREADABLE)

    def _loc(self) -> Loc:
        if not self._open:
            return ()
        frame = self._open[-1]
        return (*frame.loc, len(frame.container) if frame.key is None else frame.key)

    def _enter(self, loc: Loc, container: dict[str, object] | list[object], line: int) -> None:
        if len(self._open) == MAX_DEPTH:
            raise _RefusedError(f"is nested deeper than {MAX_DEPTH} levels", line)
        self._put(container)
        self._open.append(_Frame(loc, container))

    def _put(self, value: object) -> None:
        if not self._open:
            self.data = value
            return
        frame = self._open[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
        else:
            frame.container.setdefault(str(frame.key), value)  # the first of two equal keys counts
            frame.key = None

    def _scalar(self, event: yaml.ScalarEvent, loc: Loc, line: int) -> object:
        text = event.value
        if event.tag is not None:
            return UNREADABLE
        if "${" in text:
            match = _VARIABLE.fullmatch(text)
            if match is None:
                self._problem(loc, "holds '${' as a part; ${NAME} can only stand for a whole value", line)
                return UNREADABLE
            if match[1] not in self._variables:
                self._problem(loc, f"the environment variable {match[1]} is not set", line)
                return UNREADABLE
            text = self._variables[match[1]]
        return text if event.style else _resolve(text)

    def _problem(self, loc: Loc, message: str, line: int) -> None:
        self.problems.append(Problem(path_text(loc), message, line))


def _resolve(text: str) -> object:
    """Convert a plain scalar to null, a bool, a number or text."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
