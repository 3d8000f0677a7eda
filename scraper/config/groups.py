"""Conditions of a watch as plain values, without pydantic, whose models take 0.1 s to load."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

GROUPS: Final = ("any", "all", "none")
"""Keys of groups."""


class Line(NamedTuple):
    """Condition that any of its entries fulfils; `kind` is the name of the line, such as "countries"."""

    kind: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Condition of lines and of further groups: at least one of `any`, all of `all`, none of `none`.

    A part without entries is no condition, so an empty group matches everything.
    """

    any: tuple["Line | Group", ...] = ()
    all: tuple["Line | Group", ...] = ()
    none: tuple["Line | Group", ...] = ()

    def entries(self, kind: str) -> Iterator[str]:
        """Yield the entries of all lines of one kind, those of further groups included."""
        for node in (*self.any, *self.all, *self.none):
            if isinstance(node, Group):
                yield from node.entries(kind)
            elif node.kind == kind:
                yield from node.entries
