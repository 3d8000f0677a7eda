"""Strict YAML reader: every mistake with its line, no guessed types, no document that expands when read (pure).

A plain scalar is null, `true`, `false`, a decimal number, or text. What YAML 1.1 makes of `no`, `22:30`, `012`
or `2026-01-02` (a bool, 1350, 10, a date) stays text. Keys are always text. Duplicate keys,
aliases, tags and a second document are refused. A value that is `${NAME}` as a whole stands for what that
variable holds, read as a scalar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from scraper.errors import Problem

Loc = tuple[str | int, ...]
"""Location of a value: keys and list positions from the top, `("sources", 2, "every")`."""

UNREADABLE: Final = object()
"""Placeholder in the data for a refused value, so that no later check reports it again."""

MAX_DEPTH = 20
"""Levels of nesting; a configuration has five."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NOUNS: dict[object, str] = {"sources": "source", "watches": "watch"}
_MAX_SHOWN = 58
_PLAIN_KEY = re.compile(r"[\w-]{1,60}", re.ASCII)
_SYNTAX_HINT = "check the indentation (spaces, never tabs) and put text with `: ` or ` #` in it in quotes"
_TAG_MESSAGE = "a YAML tag ({}), and tags are not used here; leave it out"
_TEXT, _REFUSED = "tag:yaml.org,2002:str", "!refused"


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

    def problem(self, loc: Loc, message: str) -> Problem:
        """Return a mistake with the path and line of its value, and the name of its entry."""
        return Problem(path_text(loc), message, self.line(loc), _named_entry(self.data, loc))

    def entry(self, section: str, position: int) -> str:
        """Return the words for an entry of a list: the watch “Desk” (watches[0]), or its path if it has no name."""
        loc = (section, position)
        return Problem(path_text(loc), "", entry=_named_entry(self.data, loc)).place


def parse(text: str, variables: Mapping[str, str]) -> YamlDocument:
    """Read one document. Raise nothing for any `text`: mistakes are in the result.

    `variables` are the values that `${NAME}` may stand for, usually the environment.
    """
    problems: list[Problem] = []
    mistakes: list[tuple[Loc, str, int]] = []
    lines: dict[Loc, int] = {}
    data: object = UNREADABLE
    try:
        data = _Loader(text, variables, mistakes, lines).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = error.note or f"is not YAML: {error.problem}; {_SYNTAX_HINT}"
        problems.append(Problem("", message, mark.line + 1 if mark else None))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.append(Problem("", f"holds a control character (U+{error.character:04X})", line))
    except (ValueError, OverflowError):  # PyYAML on "\UFFFFFFFF" and on a %YAML version with thousands of digits
        problems.append(Problem("", "holds an escape or a directive that YAML does not know", None))
    found = [Problem(path_text(loc), message, line, _named_entry(data, loc)) for loc, message, line in mistakes]
    return YamlDocument(data, (*found, *problems), lines)


def _named_entry(data: object, loc: Loc) -> str:
    """Return the words for the entry of a list that has a location, "" if it has no name."""
    if len(loc) < 2 or not isinstance(data, dict) or (noun := _NOUNS.get(loc[0])) is None:
        return ""
    listed, position = data.get(loc[0]), loc[1]
    if not isinstance(listed, list) or not isinstance(position, int) or position >= len(listed):
        return ""
    name = listed[position].get("name") if isinstance(listed[position], dict) else None
    return f"the {noun} {quoted(name)}" if isinstance(name, str) and name.strip() else ""


def path_text(loc: Loc) -> str:
    """Format a location: `sources[2].endpoints[0].url`."""
    keys = (part if isinstance(part, int) or _PLAIN_KEY.fullmatch(part) else quoted(part) for part in loc)
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")


def quoted(value: object) -> str:
    """Format a value for a message: one line of at most 60 characters, without control characters."""
    if not isinstance(value, str):
        return repr(value)[:_MAX_SHOWN]
    text = value if value.isprintable() else ascii(value)[1:-1]
    return f"“{text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 3] + '...'}”"


def is_variable(value: str) -> bool:
    """Return True for a value that as a whole stands for an environment variable: `${NAME}`."""
    return _VARIABLE.fullmatch(value) is not None


def variable_mistake(value: str) -> str:
    """Return the mistake of a value from a person that the reader would replace by an environment variable, or ""."""
    return "should not contain `${`, which stands for an environment variable in the configuration" * ("${" in value)


class _Loader(yaml.SafeLoader):
    """PyYAML's loader in Python, with checks while it composes nodes: libyaml's hides aliases and their lines."""

    def __init__(
        self, text: str, variables: Mapping[str, str], mistakes: list[tuple[Loc, str, int]], lines: dict[Loc, int]
    ) -> None:
        super().__init__(text)
        self._variables, self._mistakes, self._lines = variables, mistakes, lines
        self._keys: dict[int, set[str]] = {}  # of each mapping that is being composed, by the id of its node
        self._loc: Loc = ()

    def compose_document(self) -> yaml.Node | None:
        node = super().compose_document()
        if not self.check_event(yaml.StreamEndEvent):
            raise self._fatal("a second document begins here (`---`); a configuration is one")
        return node

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event, outer = self.peek_event(), self._loc  # type: ignore[no-untyped-call]
        is_key = isinstance(parent, yaml.MappingNode) and index is None
        if is_key and not isinstance(event, yaml.ScalarEvent):
            raise self._fatal("a key must be plain text")
        if parent is not None:
            self._loc = (*outer, event.value if is_key else getattr(index, "value", index))
        line = event.start_mark.line + 1
        first_line = self._lines.setdefault(self._loc, line)
        mistake = self._key_mistake(event, id(parent), first_line) if is_key else self._mistake(event)
        if mistake:
            self._mistakes.append((self._loc, mistake, line))
        if isinstance(event, yaml.AliasEvent):
            self.anchors[event.anchor] = yaml.ScalarNode(_REFUSED, "")
        else:
            event.anchor = None  # else PyYAML refuses a second one of the same name
            is_refused = mistake and isinstance(event, yaml.ScalarEvent)
            event.tag = _TEXT if is_key else _REFUSED if is_refused else None
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.MappingNode):
            # `setdefault`, since the first of two equal keys counts.
            firsts: dict[str, tuple[yaml.Node, yaml.Node]] = {}
            for key, value in node.value:
                firsts.setdefault(key.value, (key, value))
            node.value = list(firsts.values())
            self._keys.pop(id(node), None)  # the id of a node that goes may be that of a later one
        self._loc = outer
        return node

    def _key_mistake(self, event: Any, mapping_id: int, first_line: int) -> str | None:
        keys = self._keys.setdefault(mapping_id, set())
        is_repeated = event.value in keys
        keys.add(event.value)
        if is_repeated:
            return f"occurs twice; the first one is on line {first_line}"
        return f"is a key with {_TAG_MESSAGE.format(event.tag)}" if event.tag is not None else None

    def _mistake(self, event: Any) -> str | None:
        """Describe what is wrong with a value; replace a variable by what it holds."""
        if isinstance(event, yaml.CollectionStartEvent) and len(self._loc) == MAX_DEPTH:
            raise self._fatal(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return f"is an alias (*{event.anchor}), and aliases are not used here; repeat it"
        if event.tag is not None:
            return f"carries {_TAG_MESSAGE.format(event.tag)}"
        if "${" in getattr(event, "value", ""):
            match = _VARIABLE.fullmatch(event.value)
            if match is None:
                return "holds `${` as a part; `${NAME}` can only stand for a whole value"
            if match[1] not in self._variables:
                return f"the environment variable {match[1]} is not set"
            event.value = self._variables[match[1]]
        return None

    def _fatal(self, message: str) -> yaml.MarkedYAMLError:
        return yaml.MarkedYAMLError(note=message, problem_mark=self.current_event.start_mark)


_Loader.add_constructor(_REFUSED, lambda _loader, _node: UNREADABLE)
_Loader.yaml_implicit_resolvers = {}
for _type, _pattern in (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    # No leading zeros: 012 is ten to YAML 1.1 and twelve to people. 18 digits fit into 64 bits.
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})"),
    ("float", r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_type}", re.compile(rf"(?:{_pattern})\Z"), None)
