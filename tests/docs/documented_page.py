"""Reader of the fenced blocks of a documentation page.

A comment above a block marks it: `<!-- not run: REASON -->`, `<!-- file: NAME -->` (the block is written to that file
of the page's folder), `<!-- until: WORDS -->` (its command is ended with Ctrl-C after a line with these words).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MARK = re.compile(r"<!-- (not run|file|until): (.+) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text without the fences, the line number of its first fence, and its marks."""

    language: str
    text: str
    line: int
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """Commands of a session, or the lines of commands that are not run."""
        return self.commands if self.language == "console" else self.text.splitlines() if self.language == "sh" else []

    @property
    def commands(self) -> list[str]:
        """Commands of a session; a line that ends with a backslash goes on in the next."""
        return [command for command, _ in self.session]

    @property
    def session(self) -> list[tuple[str, str]]:
        """Each command as written, with the output that follows it."""
        found: list[tuple[str, str]] = []
        lines = iter(self.text.splitlines(keepends=True))
        for line in lines:
            if not line.startswith("$ "):
                assert found, f"line {self.line}: a session begins with a command"
                found[-1] = found[-1][0], found[-1][1] + line
                continue
            command = line[2:]
            while command.endswith("\\\n"):
                command += next(lines)
            found.append((command.removesuffix("\n"), ""))
        return found


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    lines = iter(enumerate(path.read_text("utf-8").splitlines(keepends=True), start=1))
    for number, line in lines:
        if mark := _MARK.fullmatch(line.strip()):
            marks[mark[1]] = mark[2]
        elif line.startswith("```"):
            inside = []
            for _, following in lines:
                if following.rstrip() == "```":
                    break
                inside.append(following)
            found.append(Block(line[3:].strip(), "".join(inside), number, marks))
            marks = {}
        elif line.strip():
            assert not marks, f"{path.name}:{number}: a mark without a block"
    return found


def replaced(path: Path, texts: dict[int, str]) -> str:
    """Return the page with other texts in the blocks whose first fences have these line numbers."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for block in reversed(blocks(path)):
        if block.line in texts:
            end = block.line + len(block.text.splitlines())
            lines[block.line : end] = [texts[block.line]]
    return "".join(lines)
