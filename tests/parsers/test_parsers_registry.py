"""Tests of the choice of a parser: the first that matches."""

from __future__ import annotations

import pytest
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError
from scraper.model import EndpointKind, Reading
from scraper.parsers import PARSERS, Parser
from scraper.parsers.document import Document


def named(name: str, *hosts: str) -> Parser:
    return Parser(
        name, EndpointKind.PAGE, lambda document: Reading(name, ()), lambda found: not hosts or found.host in hosts
    )


def test_the_first_that_fits_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    by_markup = Parser("markup", EndpointKind.PAGE, lambda _: Reading("markup", ()), lambda found: "lamp" in found.text)
    monkeypatch.setattr(parsers, "PARSERS", (by_markup, named("exact", "gazette.example"), named("any")))

    def chosen(url: str, body: str = "<p>x</p>") -> str:
        return parsers.read_as(EndpointKind.PAGE, Document(capture(body, url))).parser

    assert chosen("https://gazette.example/x") == "exact"
    assert chosen("https://gazette.example/x", "<p>lamp</p>") == "markup"
    assert chosen("https://www.gazette.example/x") == "any"
    with pytest.raises(DriftError, match="no parser reads a feed response of gazette"):
        parsers.read_as(EndpointKind.FEED, Document(capture("<p>x</p>", "https://gazette.example/x")))


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("www.state.gov", {"state-listing", "page"}),
        ("state.gov", {"state-listing", "page"}),
        ("notstate.gov", {"mirror-listing", "mirror-page", "page"}),
    ],
)
def test_state_s_hosts_have_parsers_of_their_own(host: str, names: set[str]) -> None:
    document = Document(capture("<p>x</p>", f"https://{host}/x"))
    kinds = {EndpointKind.LISTING, EndpointKind.PAGE}
    assert {parser.name for parser in PARSERS if parser.kind in kinds and parser.fits(document)} == names


def test_names_are_unique() -> None:
    assert len({parser.name for parser in PARSERS}) == len(PARSERS)
