"""Parts of a long list, each a page of its own, and digests of what a page shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scraper.web.page import NotFoundError

_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a list of `total` entries with `size` on each, numbered from 1."""

    number: int
    total: int
    size: int

    @property
    def last(self) -> int:
        """Number of the last page; a list without entries has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first_entry(self) -> int:
        """Number of entries on the pages before it."""
        return (self.number - 1) * self.size

    @property
    def entries(self) -> slice:
        """Range of its entries in the list."""
        return slice(self.first_entry, self.first_entry + self.size)


def part(number: str | None, total: int, size: int) -> Part:
    """Return the page of a list with a number of a path or query, the first one without. Raise `NotFoundError`."""
    wanted = int(number) if number and number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS else 1
    found = Part(wanted, total, size)
    if not 1 <= wanted <= found.last:
        raise NotFoundError(f"This list has {found.last} pages.")
    return found


def parts(total: int, size: int) -> Iterator[Part]:
    """Yield all pages of a list."""
    return (Part(number, total, size) for number in range(1, Part(1, total, size).last + 1))


def version(*shown: Any) -> str:
    """Return a digest of what a page shows: values of a fixed `repr`, such as texts, times and dataclasses of them."""
    return sha256(repr(shown).encode(errors="replace")).hexdigest()[:16]
