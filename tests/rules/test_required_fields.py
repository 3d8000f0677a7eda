"""Tests of the fields that the readings of each parser must have."""

from __future__ import annotations

import pytest

from scraper.model import Item, Reading
from scraper.parsers import PARSERS
from scraper.rules.required_fields import REQUIRED, MissingField, missing_fields

URL = "https://www.state.gov/lamps/"
FULL = Item(URL, "Lamps", "guid", paragraphs=("All are lit.",), type="Readout")
DATELESS = ["date"]


@pytest.mark.parametrize(
    ("parser", "of_state", "item", "fields"),
    [
        ("feed", True, FULL, DATELESS),
        ("feed", True, Item(URL, ""), ["title", "date", "guid", "text"]),
        ("feed", False, Item(URL, "Lamps"), DATELESS),
        ("wordpress", True, Item(URL, "Lamps"), ["guid", "date", "text", "type"]),
        ("wordpress", False, Item(URL, "Lamps"), ["guid", "date", "text"]),
        ("state-listing", True, Item(URL, "Lamps"), ["date", "type"]),
        ("mirror-listing", False, Item(URL, "Lamps"), []),
        ("sitemap", True, Item(URL, ""), []),
        ("state-article", True, FULL, DATELESS),
        ("state-report", True, Item(URL, "Lamps", paragraphs=("x",)), ["type"]),
        ("mirror-page", False, Item(URL, "Lamps", paragraphs=()), ["date", "text"]),
    ],
)
def test_missing_fields(parser: str, of_state: bool, item: Item, fields: list[str]) -> None:
    found = missing_fields(URL, Reading(parser, (item,)), of_state=of_state)
    assert [each.field for each in found] == fields
    assert {(each.url, each.parser, each.lacking, each.items) for each in found} <= {(URL, parser, 1, 1)}


def test_the_items_that_lack_a_field_are_counted() -> None:
    reading = Reading("mirror-listing", (FULL, Item(URL, ""), Item(URL, "")))
    (found,) = missing_fields(URL, reading, of_state=False)
    assert found == MissingField(URL, "mirror-listing", "title", 2, 3)
    assert str(found) == f"{URL}: mirror-listing finds no title in 2 of 3 items"
    assert missing_fields(URL, Reading("feed", ()), of_state=True) == []


def test_every_parser_has_a_row() -> None:
    assert REQUIRED.keys() == {parser.name for parser in PARSERS}
