"""Tests of the parser of a page whose links name standing pages."""

from __future__ import annotations

import pytest
from parsers_support import capture

from scraper.errors import DriftError
from scraper.parsers import page_links
from scraper.parsers.document import Document

AREAS = "https://www.state.gov/areas/"


def page(*links: str) -> Document:
    return Document(capture("<p>Areas</p>" + "".join(f'<a href="{link}">Read more</a>' for link in links), AREAS))


def test_each_other_page_of_the_site_is_named_once_and_without_a_title() -> None:
    links = ("", "#top", AREAS, "tern/", "/areas/tern/#history", "https://state.gov/wren/", "https://herald.example/")
    found = page_links.read(page(*links, "mailto:press@state.gov"))
    assert [(item.url, item.title, item.paragraphs) for item in found.items] == [
        ("https://www.state.gov/areas/tern/", "", None),
        ("https://www.state.gov/wren/", "", None),
    ]


@pytest.mark.parametrize("links", [(), ("https://herald.example/areas/",), (AREAS, "#top")])
def test_a_page_that_links_to_no_other_page_of_its_site_is_no_list(links: tuple[str, ...]) -> None:
    with pytest.raises(DriftError, match="without links to pages of its site"):
        page_links.read(page(*links))
