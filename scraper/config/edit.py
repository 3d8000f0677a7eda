"""Edits of config.yaml as text: all lines that an edit does not concern stay as they are, byte for byte (pure).

PyYAML's nodes give the position of each value. The result of each edit is read again, and an edit whose data differ
from what was wanted is refused. Edit only a text that `loader` accepts.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from typing import Any

import yaml as pyyaml

from scraper.config import yaml
from scraper.errors import InputError

_INDENT = "  "


def append(text: str, section: str, lines: Sequence[str]) -> str:
    """Append an entry to a list at the top of the document, and create the list if it is missing.

    `lines` are those of the entry in block style, without line ends and not indented: `- name: Desk`, `  to: []`;
    comments may precede it. Raise `InputError` if the text cannot be edited.
    """
    layout = _Layout(text)
    node = layout.find((section,))
    items = node.value if isinstance(node, pyyaml.SequenceNode) else []
    if layout.root.flow_style or (items and node.flow_style):
        new = _append_flow(layout, section, node, lines)
    elif items:
        last, column = items[-1], node.start_mark.column
        end = layout.end_of(last, column)
        gap = [""] if end > last.start_mark.line + 1 else []
        new = layout.insert(end, [*gap, *_indented(lines, " " * column)])
    elif node is None:
        at = layout.end_of(layout.root, 0)
        new = layout.insert(at, ["", f"{section}:", *_indented(lines, _INDENT)])
    else:
        start, end = layout.value_span((section,))
        line = layout.line_of(end)
        below = layout.joined(_indented(lines, _INDENT))
        new = text[:start] + layout.rest_of_line(line, end) + below + "".join(layout.lines[line + 1 :])
    added: Any = yaml.parse("\n".join(lines), {}).data
    return _verified(text, new, lambda data: _put(data, (section,), [*(data.get(section) or []), *added]))


def remove(text: str, section: str, position: int) -> str:
    """Remove an entry of a list at the top, with the comments directly above it and those indented below it.

    Raise `InputError` if the text cannot be edited.
    """
    layout = _Layout(text)
    node = layout.find((section,))
    new = _remove_flow(text, node, position) if node.flow_style else _remove_block(layout, section, node, position)
    return _verified(text, new, lambda data: data[section].pop(position))


def assign(text: str, loc: yaml.Loc, value: object) -> str:
    """Set the value at a location, and create it and the sections above it if they are missing.

    A new key stands below the commented-out example of that key, if its section has one. Raise `InputError` if the
    text cannot be edited.
    """
    layout = _Layout(text)
    parent, key = loc[:-1], loc[-1]
    section = layout.find(parent)
    if not isinstance(section, pyyaml.MappingNode) or not section.value:
        return assign(text, parent, {key: value})
    if layout.find(loc) is not None:
        start, end = layout.value_span(loc)
        new = f"{text[:start]} {flow(value)}{text[end:]}"
    elif layout.is_flow(parent):
        at = layout.content_end(section.value[-1][1])
        new = f"{text[:at]}, {key}: {flow(value)}{text[at:]}"
    else:
        column = section.start_mark.column
        lines = _indented(block_lines({str(key): value}), " " * column)
        new = layout.insert(layout.place_of(str(key), section), lines)
    return _verified(text, new, lambda data: _put(data, loc, value))


def flow(value: object) -> str:
    """Return a value as YAML on one line."""
    # In a list, so that the characters that end a value there are quoted.
    dumped = pyyaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False)
    return str(dumped).strip()[1:-1]


def block_lines(section: Mapping[str, object]) -> list[str]:
    """Return a section as lines, one a key; lists are on one line."""
    lines: list[str] = []
    for key, value in section.items():
        if isinstance(value, Mapping) and value:
            lines += [f"{key}:", *_indented(block_lines(value), _INDENT)]
        else:
            lines.append(f"{key}: {flow(value)}")
    return lines


def entry_lines(entry: Mapping[str, object]) -> list[str]:
    """Return an entry of a list as lines, for `append`."""
    first, *more = block_lines(entry)
    return [f"- {first}", *_indented(more, _INDENT)]


class _Layout:
    """Positions of the nodes of a text, as offsets and as numbers of lines, both counted from 0."""

    def __init__(self, text: str) -> None:
        self.text = text
        # Splits at each line break of YAML; the others that it splits at are no text of YAML.
        self.lines = text.splitlines(keepends=True)
        self.root: Any = pyyaml.compose(text, Loader=pyyaml.SafeLoader)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        return starts

    @cached_property
    def _line_end(self) -> str:
        first = next(iter(self.lines))
        return first[len(first.rstrip("\r\n")) :] or "\n"

    def line_of(self, offset: int) -> int:
        """Return the number of the line with an offset; the end of a line belongs to it."""
        return min(bisect_right(self._starts, offset), len(self.lines)) - 1

    def find(self, loc: yaml.Loc) -> Any:
        """Return the node of a value, or None if there is none."""
        node: Any = self.root
        for part in loc:
            pairs = node.value if isinstance(node, pyyaml.MappingNode) else ()
            found = [value for key, value in pairs if key.value == part]
            if isinstance(node, pyyaml.SequenceNode) and isinstance(part, int):
                found = node.value[part : part + 1]
            if not found:
                return None
            node = found[0]
        return node

    def is_flow(self, loc: yaml.Loc) -> bool:
        """Return True if a section, or one around it, is in braces or brackets."""
        return any(self.find(loc[:n]).flow_style for n in range(len(loc) + 1))

    def key_span(self, loc: yaml.Loc) -> tuple[int, int]:
        """Return the span of a key with its colon."""
        pairs = self.find(loc[:-1]).value
        key = next(key for key, _ in pairs if key.value == loc[-1])
        return key.start_mark.index, self.text.index(":", key.end_mark.index) + 1

    def value_span(self, loc: yaml.Loc) -> tuple[int, int]:
        """Return the span from the colon of a key to the end of its value."""
        return self.key_span(loc)[1], self.content_end(self.find(loc))

    def content_end(self, node: Any) -> int:
        """Return the offset behind the last character of a value; the end mark of a block is behind the comments."""
        if isinstance(node, pyyaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.content_end(last[1] if isinstance(last, tuple) else last)
        start, end = node.start_mark.index, node.end_mark.index
        return int(start + len(self.text[start:end].rstrip()))

    def end_of(self, node: Any, column: int) -> int:
        """Return the number of the line behind a value and behind the comments indented deeper than `column`."""
        end = self.line_of(self.content_end(node)) + 1
        for number, line in enumerate(self.lines[end:], start=end + 1):
            if _is_comment(line) and _column(line) > column:
                end = number
            elif line.strip():
                break
        return end

    def first_line(self, item: Any, column: int) -> int:
        """Return the number of the first line of an entry in block style: of the comments directly above its dash."""
        number = self.line_of(item.start_mark.index)
        while not (self.lines[number].lstrip().startswith("-") and _column(self.lines[number]) == column):
            number -= 1
        above = takewhile(lambda line: _is_comment(line) and _column(line) == column, reversed(self.lines[:number]))
        return number - len(list(above))

    def place_of(self, key: str, section: Any) -> int:
        """Return the number of the line for a new key: below its commented-out example, else at the section's end."""
        column, end = section.start_mark.column, self.end_of(section, section.start_mark.column)
        indent = " " * column
        numbers = range(section.start_mark.line, end)
        example = next((n for n in numbers if self.lines[n].startswith(f"{indent}# {key}:")), end)
        deeper = takewhile(lambda line: line.startswith(f"{indent}#   "), self.lines[example + 1 :])
        return min(example + 1 + len(list(deeper)), end)

    def insert(self, number: int, lines: Sequence[str]) -> str:
        """Return the text with further lines before the line of a number."""
        before = "".join(self.lines[:number])
        if before and not before.endswith(("\n", "\r")):
            before += self._line_end
        return before + self.joined(lines) + "".join(self.lines[number:])

    def joined(self, lines: Sequence[str]) -> str:
        """Return lines as one text, with the line ends of the document."""
        return "".join(line + self._line_end for line in lines)

    def rest_of_line(self, number: int, offset: int) -> str:
        """Return what follows an offset on its line, a comment for example, with a line end."""
        rest = self.lines[number][offset - self._starts[number] :]
        return rest if rest.endswith(("\n", "\r")) else rest + self._line_end


def _append_flow(layout: _Layout, section: str, node: Any, lines: Sequence[str]) -> str:
    # Not the reader of `yaml`: names of environment variables stay as they are.
    text, entry = layout.text, flow(pyyaml.safe_load("\n".join(lines))[0])
    if node is None:
        at = layout.content_end(layout.root.value[-1][1])
        return f"{text[:at]}, {section}: [{entry}]{text[at:]}"
    if not (isinstance(node, pyyaml.SequenceNode) and node.value):
        start, end = layout.value_span((section,))
        return f"{text[:start]} [{entry}]{text[end:]}"
    at = layout.content_end(node.value[-1])
    return f"{text[:at]}, {entry}{text[at:]}"


def _remove_block(layout: _Layout, section: str, node: Any, position: int) -> str:
    item, column, is_last = node.value[position], node.start_mark.column, position + 1 == len(node.value)
    before = layout.lines[: layout.first_line(item, column)]
    after = layout.lines[layout.end_of(item, column) :]
    if is_last:
        while not before[-1].strip() and not "".join(after[:1]).strip():
            before.pop()
    elif position == 0 or not before[-1].strip():
        after = after[len(list(takewhile(lambda line: not line.strip(), after))) :]
    new = "".join([*before, *after])
    if len(node.value) > 1:
        return new
    _, end = layout.key_span((section,))
    return f"{new[:end]} []{new[end:]}"


def _remove_flow(text: str, node: Any, position: int) -> str:
    items = node.value
    start, end = items[position].start_mark.index, items[position].end_mark.index
    if len(items) == 1:
        return f"{text[: node.start_mark.index]}[]{text[node.end_mark.index :]}"
    if position + 1 < len(items):
        return text[:start] + text[items[position + 1].start_mark.index :]
    comma = _comma(text, items[position - 1].end_mark.index)
    return text[:comma] + text[comma + 1 : start].rstrip(" ") + text[end:]


def _comma(text: str, at: int) -> int:
    """Return the offset of the next comma that is in no comment."""
    in_comment = False
    while text[at] != "," or in_comment:
        in_comment = text[at] == "#" or (in_comment and text[at] not in "\r\n")
        at += 1
    return at


def _verified(before: str, after: str, change: Callable[[Any], object]) -> str:
    """Return the text after an edit. Raise `InputError` if its data are not those before it with the change."""
    wanted = yaml.parse(before, {}).data
    change(wanted)
    if yaml.parse(after, {}).data != wanted:
        raise InputError("the configuration is written in a way that cannot be edited here", hint="edit it by hand")
    return after


def _put(data: Any, loc: yaml.Loc, value: object) -> None:
    for part in loc[:-1]:
        data = data[part]
    data[loc[-1]] = value


def _indented(lines: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}{line}" for line in lines]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
