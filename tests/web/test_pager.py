"""Parts of long lists, and digests of what a page shows."""

from __future__ import annotations

import pytest

from scraper.web.page import NotFoundError
from scraper.web.pager import part, parts, version


@pytest.mark.parametrize(
    ("total", "numbers"), [(0, [1]), (1, [1]), (50, [1]), (51, [1, 2]), (100, [1, 2]), (101, [1, 2, 3])]
)
def test_every_entry_is_on_one_page(total: int, numbers: list[int]) -> None:
    found = list(parts(total, 50))
    assert [each.number for each in found] == numbers
    entries = list(range(total))
    assert [entry for each in found for entry in entries[each.entries]] == entries


@pytest.mark.parametrize("number", [None, "", "x", "٣", "-1", "9" * 5000])
def test_without_a_number_the_first_page_is_meant(number: str | None) -> None:
    assert part(number, 60, 50).number == 1


@pytest.mark.parametrize("number", ["0", "3", "999999999"])
def test_a_page_beyond_the_last_is_not_found(number: str) -> None:
    assert part("2", 60, 50).entries == slice(50, 100)
    with pytest.raises(NotFoundError, match="2 pages"):
        part(number, 60, 50)


def test_version_is_that_of_the_content() -> None:
    assert version("a", 1) == version("a", 1) != version("a", 2)
    assert len(version("\udcff")) == 16
