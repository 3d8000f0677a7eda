"""Frozen types of other sites: their pages, and the copies of statements on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Grade, Precision, Reason, Relation, Span


@dataclass(frozen=True, slots=True)
class MirrorPage:
    """One document of another site, identified by its URL there."""

    id: int
    url: str
    source: str
    title: str
    relation: Relation  # when last read: that of its best copy, else `UNSOURCED`, `SIBLING` or `NONE`
    first_seen_at: datetime
    last_seen_at: datetime
    published_at: datetime | None = None
    precision: Precision | None = None
    language: str | None = None
    claims_department: bool = False
    claimed_urls: tuple[str, ...] = ()  # state.gov URLs that it gives for its text
    via: tuple[str, ...] = ()  # publishers that it names as the source of its text
    quotes: tuple[str, ...] = ()  # its claims in its own words
    unsourced_at: datetime | None = None  # time of the event that no known statement carries what it claims
    next_check_at: datetime | None = None  # None if it is not checked again
    backfill: bool = False
    is_date_listed: bool = False  # only a list of its site gives its date


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageMatch:
    """Match of passages of a page with one revision of a statement."""

    revision: int
    relation: Relation  # to that very revision
    coverage: float  # share of the statement's words that the page has
    fidelity: float  # share of the aligned passages that is word for word
    outdated: bool = False  # State has replaced that revision
    grade: Grade | None = None
    evidence: tuple[str, ...] = ()  # in words for people
    spans: tuple[Span, ...] = ()
    runner_up_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(PassageMatch):
    """Match on a page as it is stored."""

    page_id: int
    statement_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    differences: tuple[str, ...] = ()  # in words for people
    misses: int = 0  # checks since `missing_since` that did not find it
    missing_since: datetime | None = None
    gone_at: datetime | None = None  # `missing_since`, once the absence is confirmed


class QuotationVerdict(StrEnum):
    """Relation of quoted words to those of the statement.

    `VERBATIM`: the same words, apart from typography and cuts that are marked. `FITTED`: in another spelling, tense or
    person, with other articles, or cut without a mark, as reporters do. `ALTERED`: with another difference. `SIMILAR`:
    the nearest known sentence to one that a person asks about, which may be another sentence; it is never reported.
    """

    VERBATIM = "verbatim"
    FITTED = "fitted"
    ALTERED = "altered"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPassage:
    """Passage of a page that quotes a statement: the page's words, and those of the statement.

    `place` has the characters [start, end) of the page's shown text. `others` are the ids of other statements that have
    the same words. An altered or fitted one has `changes`; an altered one is `reported` once two looks at the page
    agree.
    """

    page_id: int
    statement_id: int
    revision: int
    quote: str
    wording: str
    place: tuple[int, ...]
    is_altered: bool
    first_seen_at: datetime
    last_seen_at: datetime
    grade: Grade | None = None
    changes: tuple[Reason, ...] = ()
    others: tuple[int, ...] = ()
    looks: int = 1
    reported: bool = False
    gone_at: datetime | None = None

    @property
    def verdict(self) -> QuotationVerdict:
        """The relation of the page's words to those of the statement."""
        if self.is_altered:
            return QuotationVerdict.ALTERED
        return QuotationVerdict.FITTED if self.changes else QuotationVerdict.VERBATIM
