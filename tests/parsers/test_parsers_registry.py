"""Which parser reads what; two that could take the same document are refused."""

from __future__ import annotations

import pytest
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError
from scraper.model import EndpointKind, Reading
from scraper.parsers.document import Document
from scraper.parsers.registry import PARSERS, Parser, Registry


def read(document: Document) -> Reading:
    return Reading(document.url, ())


def parser(name: str, *hosts: str, priority: int = 0) -> Parser:
    return Parser(name, EndpointKind.PAGE, read, frozenset(hosts), priority)


def document(url: str) -> Document:
    return Document(capture("<p>x</p>", url))


def test_host_and_priority_decide() -> None:
    registry = Registry()
    registry.add(parser("any"))
    registry.add(parser("state", ".state.gov", priority=1))
    registry.add(parser("exact", "gazette.example", priority=1))

    def chosen(url: str) -> str:
        return registry.choose(EndpointKind.PAGE, document(url)).name

    assert chosen("https://www.state.gov/x") == chosen("https://state.gov/x") == "state"
    assert chosen("https://notstate.gov/x") == "any"
    assert chosen("https://gazette.example/x") == "exact"
    assert chosen("https://www.gazette.example/x") == "any"
    with pytest.raises(DriftError, match="no parser reads a feed answer of gazette"):
        registry.choose(EndpointKind.FEED, document("https://gazette.example/x"))


def test_a_parser_may_decline_by_markup() -> None:
    registry = Registry()
    registry.add(parser("any"))
    registry.add(Parser("claims", EndpointKind.PAGE, read, priority=1, claims=lambda found: "lamp" in found.text))
    assert registry.choose(EndpointKind.PAGE, document("https://a.example/")).name == "any"
    assert registry.choose(EndpointKind.PAGE, Document(capture("<p>lamp</p>"))).name == "claims"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (parser("a"), parser("a", priority=5)),
        (parser("a"), parser("b")),
        (parser("a", "www.state.gov"), parser("b", ".state.gov")),
        (parser("a", ".state.gov"), parser("b", "x.gov", "www.state.gov")),
    ],
)
def test_overlaps_are_refused(one: Parser, other: Parser) -> None:
    registry = Registry()
    registry.add(one)
    with pytest.raises(ValueError, match="parsers"):
        registry.add(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (parser("a"), parser("b", "x.gov")),
        (parser("a", "x.gov"), parser("b", "y.gov")),
        (parser("a"), parser("b", priority=1)),
    ],
)
def test_neighbours_are_not(one: Parser, other: Parser) -> None:
    registry = Registry()
    registry.add(one)
    registry.add(other)
    assert {p.name for p in registry.parsers()} == {"a", "b"}


def test_the_package_registers_every_family() -> None:
    modules = {found.read.__module__ for found in PARSERS.parsers()}
    assert modules == {family.__name__ for family in parsers.FAMILIES}
