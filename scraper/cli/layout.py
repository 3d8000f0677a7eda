"""Lines of output within the width of the terminal. Output that is no terminal has no width: its lines stay whole."""

import os
import re
import sys

import click

READING_WIDTH = 88
"""Columns of a text at most, since longer lines are hard to read."""
_NARROWEST, _WIDEST = 40, 10_000
_LEAST_TITLE = 24
_INDENT = 7
_LOOKED_AT = 4
_PART_OF_CODE = re.compile(r"\x1b\[?[\d;]{0,20}\Z")
# A command, in backquotes or after a colon, is one word: broken, it would be pasted as two commands.
_WORD = re.compile(r"[ \t]*(?:`[^`]{1,99}`[^ \t]*|(?<=: )statewire .*|[^ \t]+)")
_STYLE = re.compile(r"\x1b\[[\d;]{0,20}m")
_RESET = "\x1b[0m"


def columns(*, err: bool = False) -> int | None:
    """Return the width of the terminal: that of the environment (COLUMNS), else of stdout; None if it is none.

    With `err`, return that of stderr.
    """
    named = os.environ.get("COLUMNS", "")
    if named.isascii() and named.isdigit() and 0 < int(named[:9]) < _WIDEST:
        return max(_NARROWEST, int(named))
    try:
        found = os.get_terminal_size((sys.stderr if err else sys.stdout).fileno()).columns
    except (OSError, ValueError):
        return None
    return max(_NARROWEST, found) if found else None


def text_width() -> int:
    """Return the columns of a text: those of the terminal, but not more than are easy to read."""
    return min(columns() or READING_WIDTH, READING_WIDTH)


def cells(text: str) -> int:
    """Return the columns that a text takes: none for the codes of a color, two for a wide character."""
    plain = click.unstyle(text)
    if plain.isascii():
        return len(plain)
    from rich.cells import cell_len

    return cell_len(plain)


def wrap(line: str, width: int, hang: int = 0) -> list[str]:
    """Break a line at blanks. Further lines are indented like the first one, and by `hang` columns more.

    A URL or a command is never broken, so that it can be copied. One that is longer than a line goes on behind a short
    label. A word is broken only if its script has no blanks.
    """
    if cells(line) <= width:
        return [line]
    indent = " " * min(len(line) - len(line.lstrip(" ")) + hang, width * 2 // 3)
    lines, current = list[str](), ""
    for word in _WORD.findall(line.rstrip()):
        is_whole = "://" in word or word.lstrip().startswith(("`", "statewire "))
        if current.strip() and cells(current + word) > width:
            below = indent + word.lstrip()
            if not is_whole or cells(below) <= width or cells(current) > width // 2:
                lines.append(current)
                current, word = indent, word.lstrip()
        current += word
        while not is_whole and (beginning := _beginning(current, width)):
            lines.append(beginning)
            current = indent + current[len(beginning) :]
    return _restyled([*lines, current])


def _restyled(lines: list[str]) -> list[str]:
    """End each line with the styles off that are on there, and set them again behind the indent of the next line.

    Otherwise the indents of a removed passage would be struck through.
    """
    found, on = [], ""
    for line in lines:
        text = line.lstrip(" ")
        styled = f"{line[: len(line) - len(text)]}{on}{text}"
        codes = _STYLE.findall(styled)
        while _RESET in codes:
            codes = codes[codes.index(_RESET) + 1 :]
        on = "".join(codes)
        found.append(styled + _RESET if on else styled)
    return found


def echo_line(line: str = "", hang: int = 2, *, err: bool = False) -> None:
    """Print a line, broken at the width of the terminal (see `wrap`), to stdout or stderr. Its line breaks stay."""
    width = columns(err=err)
    lines = [line] if width is None else [part for each in line.split("\n") for part in wrap(each, width, hang)]
    click.echo("\n".join(lines), err=err)


def hanging_indent(head: str, least_room: int = 56) -> int:
    """Return the indent of lines that belong to one behind `head`: its width if that leaves `least_room`, else less."""
    width = columns()
    return len(head) if width is None or width - len(head) >= least_room else min(len(head), _INDENT)


def echo_text(text: str, indent: str = "") -> None:
    """Print a text with its line breaks, further broken at the width of a text."""
    width = text_width()
    for line in text.split("\n"):
        click.echo("\n".join(wrap(indent + line, width)) if line.strip() else "")


def echo_row(head: str, title: str, tail: str = "") -> None:
    """Print a row of a table as one line. If the terminal is narrower, the title is cut before the `tail` of the row.

    If too little of the title would be left, it stands on a line of its own, with the tail.
    """
    width = columns()
    room = None if width is None else width - cells(head + tail)
    if room is None or room >= cells(title):
        click.echo(head + title + tail)
    elif room >= _LEAST_TITLE:
        click.echo(f"{head}{_cut(title, room - 1)}…{tail}")
    else:
        echo_line(head.rstrip(), 0)
        echo_line(f"{'':{_INDENT}}{title}{tail}")


def _beginning(text: str, width: int) -> str:
    """Return the part of a text that fits, if it is of wide characters, whose scripts have no blanks; else ""."""
    start = text[: _LOOKED_AT * width]  # the rest of a long text is not measured again for each line
    return _cut(start, width) if cells(start) > max(width, len(start)) else ""


def _cut(text: str, width: int) -> str:
    """Return the beginning of a text that takes at most `width` columns, without a part of a color's code."""
    while (excess := cells(text) - max(width, 0)) > 0:
        text = text[: -max(1, excess // 2)]
    return _PART_OF_CODE.sub("", text).rstrip()
