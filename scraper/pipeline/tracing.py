"""What a page is: the statements that it carries, and whom it names as their author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scraper import attribution, urls
from scraper.match.matcher import Matcher
from scraper.match.model import Claim, Page
from scraper.model import Capture, Outcome, Relation
from scraper.sites import mirror
from scraper.sites.document import Document

if TYPE_CHECKING:
    from scraper.attribution import Attribution
    from scraper.match.model import Match
    from scraper.model import Statement
    from scraper.store import Store


@dataclass(frozen=True, slots=True)
class Target:
    """A page to be traced: all of its visible text, one paragraph or more a line, and what it says of itself."""

    name: str
    text: str
    attribution: Attribution
    url: str | None = None
    title: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """What a page turned out to be. `relation` is that of the best match, else `unsourced`, `sibling` or `none`.

    `claimed` are the known statements that stood at the addresses which the page names, `statements` those
    of the matches, by row.
    """

    target: Target
    relation: Relation
    matches: tuple[Match, ...]
    claimed: tuple[Statement, ...]
    statements: dict[int, Statement]

    @property
    def copies(self) -> tuple[Match, ...]:
        """The matches that are copies, the best first."""
        return tuple(match for match in self.matches if match.relation.is_copy)


def from_text(
    name: str, text: str, *, url: str | None = None, title: str | None = None, published_at: datetime | None = None
) -> Target:
    """A target that is plain text already."""
    said = attribution.claims(text, title=title, host=urls.host(url or ""))
    return Target(name, text, said, url, title, published_at)


def from_html(
    name: str,
    body: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    title: str | None = None,
    published_at: datetime | None = None,
    captured_at: datetime | None = None,
) -> Target:
    """A target that is a web page. Raises `HostileMarkupError` past the bounds."""
    address = url or "https://unknown.invalid/"
    headers = (("content-type", content_type or "text/html; charset=utf-8"),)
    document = Document(Capture(address, captured_at or datetime.now(UTC), Outcome.OK, 200, address, headers, body))
    dated = None if published_at else mirror.published(document)
    return Target(
        name,
        mirror.page_text(document),
        mirror.evidence(document),
        url,
        title or mirror.title_of(document.soup) or None,
        published_at or (dated.stamp.at if dated else None),
    )


def trace(store: Store, target: Target) -> Trace:
    """Look a page up among all wordings that are known."""
    said = target.attribution
    claimed = tuple({s.id: s for url in said.claimed_urls for s in store.statements.by_address(url)}.values())
    claim = Claim(
        url=said.claimed_urls[0] if said.claimed_urls else None,
        title=claimed[0].title if claimed else None,
        published_at=claimed[0].published_at if claimed else None,
    )
    page = Page(target.text, target.title, target.published_at, claim if said.claims_department else None)
    matches = Matcher(store.fingerprints).trace(page)
    statements = {
        match.key.statement: statement
        for match in matches
        if (statement := store.statements.by_id(match.key.statement)) is not None
    }
    return Trace(target, _relation(matches, said), matches, claimed, statements)


def _relation(matches: tuple[Match, ...], said: Attribution) -> Relation:
    best = next((match.relation for match in matches if match.relation.is_copy), None)
    if best is not None:
        return best
    if said.claims_department:
        return Relation.UNSOURCED
    return Relation.SIBLING if any(match.relation is Relation.SIBLING for match in matches) else Relation.NONE
