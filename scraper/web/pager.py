"""Parts of a long list, each a page of its own, counted from the newest entry."""

from collections.abc import Iterator
from dataclasses import dataclass

from scraper.text.normalize import count
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
    """Return the page of a list with a number of a path or query, the first one without.

    Raise `NotFoundError` if the list has no such page.
    """
    found = Part(number_of(number), total, size)
    if not 1 <= found.number <= found.last:
        raise NotFoundError(f"This list has {count(found.last, 'page')}.")
    return found


def number_of(text: str | None) -> int:
    """Return the number of a page as a path or query has it, 1 for what is no number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 1


def parts(total: int, size: int) -> Iterator[Part]:
    """Yield all pages of a list."""
    return (Part(number, total, size) for number in range(1, Part(1, total, size).last + 1))
