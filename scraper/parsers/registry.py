"""Registry of parsers: chooses one for a document by kind, host, date and, if the URL does not decide, by markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.errors import DriftError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scraper.model import EndpointKind, Reading
    from scraper.parsers.document import Document

    Read = Callable[[Document], Reading]
    Claims = Callable[[Document], bool]


@dataclass(frozen=True, slots=True)
class Parser:
    """Function that reads one shape of response, and the documents that it accepts.

    `hosts` are exact names, or `.state.gov` for a domain with all its subdomains; empty for any host.
    Of the parsers that fit, the one of the highest `priority` reads; `claims` lets a parser decline a document by its
    markup.
    """

    name: str
    kind: EndpointKind
    read: Read
    hosts: frozenset[str] = frozenset()
    priority: int = 0
    claims: Claims | None = None

    def fits(self, document: Document) -> bool:
        """Return True if this parser accepts the document."""
        return (not self.hosts or any(_covers(host, document.host) for host in self.hosts)) and (
            self.claims is None or self.claims(document)
        )

    def overlaps(self, other: Parser) -> bool:
        """Return True if both could accept a document at the same priority."""
        return self.kind == other.kind and self.priority == other.priority and _hosts_overlap(self.hosts, other.hosts)


class Registry:
    """Collection of all parsers, none of which can claim the documents of another by accident."""

    def __init__(self) -> None:
        self._parsers: dict[str, Parser] = {}

    def add(self, parser: Parser) -> None:
        """Register a parser; raise `ValueError` if its name is taken or its claim overlaps that of another."""
        if parser.name in self._parsers:
            raise ValueError(f"two parsers are named {parser.name!r}")
        for other in self._parsers.values():
            if parser.overlaps(other):
                raise ValueError(f"parsers {parser.name!r} and {other.name!r} claim the same documents")
        self._parsers[parser.name] = parser

    def parsers(self) -> tuple[Parser, ...]:
        """Return all parsers in the order in which `choose` tries them."""
        return tuple(sorted(self._parsers.values(), key=lambda parser: -parser.priority))

    def choose(self, kind: EndpointKind, document: Document) -> Parser:
        """Return the parser for a document; raise `DriftError` if none fits."""
        for parser in self.parsers():
            if parser.kind == kind and parser.fits(document):
                return parser
        raise DriftError(document.url, f"no parser reads a {kind} answer of {document.host or 'no host'}")


PARSERS = Registry()


def parser(
    name: str,
    *,
    kind: EndpointKind,
    hosts: Iterable[str] = (),
    priority: int = 0,
    claims: Claims | None = None,
) -> Callable[[Read], Read]:
    """Register the decorated function as a parser; see `Parser`."""

    def register(read: Read) -> Read:
        PARSERS.add(Parser(name, kind, read, frozenset(hosts), priority, claims))
        return read

    return register


def _covers(pattern: str, host: str) -> bool:
    return host == pattern.removeprefix(".") or (pattern.startswith(".") and host.endswith(pattern))


def _hosts_overlap(some: frozenset[str], others: frozenset[str]) -> bool:
    if not some or not others:
        return some == others
    return any(_covers(a, b.removeprefix(".")) or _covers(b, a.removeprefix(".")) for a in some for b in others)
