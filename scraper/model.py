"""The domain as frozen values: what is fetched, what is read, what is known and what happened.

Every `datetime` is aware and in UTC. Nothing here imports from the rest of the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime


AUTHORITY = "state.gov"


class Role(StrEnum):
    """What a source is to the statements that it carries."""

    CANONICAL = "canonical"
    ARCHIVE = "archive"
    MIRROR = "mirror"


class EndpointKind(StrEnum):
    """The shape of an endpoint's answers."""

    WORDPRESS = "wordpress"
    FEED = "feed"
    LISTING = "listing"
    SITEMAP = "sitemap"
    PAGE = "page"


class Outcome(StrEnum):
    """How one request ended. Only `OK` is ever read, only `GONE` and `SOFT_404` can become a withdrawal."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    # The server answered, but not with the document.
    BLOCKED = "blocked"
    SOFT_404 = "soft_404"
    GONE = "gone"
    BUSY = "busy"
    ERROR_PAGE = "error_page"
    # The document arrived damaged, or is nothing that can be read within the bounds.
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    UNEXPECTED_TYPE = "unexpected_type"
    # The request was not sent, or led to where it may not go.
    DISALLOWED = "disallowed"
    DEFERRED = "deferred"
    REDIRECT = "redirect"
    OFFSITE = "offsite"
    BAD_SCHEME = "bad_scheme"
    BLOCKED_ADDRESS = "blocked_address"
    # No answer came.
    DNS = "dns"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    PROTOCOL = "protocol"
    # No request ended so, but a whole run: it took too long, or an error of our own ended it.
    UNFINISHED = "unfinished"


REFUSALS = frozenset({Outcome.BLOCKED, Outcome.BUSY, Outcome.DEFERRED})
"""After such an answer a host is left in peace until the next run."""


class Precision(StrEnum):
    """How much of a point in time the source gave: a day is not a minute."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class Grade(StrEnum):
    """How much a difference between two wordings matters, least first."""

    COSMETIC = "cosmetic"
    MINOR = "minor"
    MATERIAL = "material"

    @property
    def rank(self) -> int:
        """0 for cosmetic, 1 for minor, 2 for material."""
        return list(Grade).index(self)


class Part(StrEnum):
    """Which part of a statement an event speaks of."""

    TITLE = "title"
    BODY = "body"


class PublicationState(StrEnum):
    """Whether State still publishes a statement at its own address."""

    CURRENT = "current"
    WITHDRAWN = "withdrawn"


class Relation(StrEnum):
    """How a page stands to a statement. `TRANSLATED` and `UNSOURCED` need a claim of the page."""

    VERBATIM = "verbatim"
    EXCERPT = "excerpt"
    ALTERED = "altered"
    SUPERSEDED = "superseded"
    TRANSLATED = "translated"
    SIBLING = "sibling"
    UNSOURCED = "unsourced"
    NONE = "none"

    @property
    def is_copy(self) -> bool:
        """Whether the page carries the statement, as a whole or in part, faithfully or not."""
        return self in {self.VERBATIM, self.EXCERPT, self.ALTERED, self.SUPERSEDED, self.TRANSLATED}


class EventKind(StrEnum):
    """What can happen. Each event is recorded once and never changed."""

    PUBLISHED = "statement.published"
    REVISED = "statement.revised"
    TOUCHED = "statement.touched"
    RETITLED = "statement.retitled"
    REATTRIBUTED = "statement.reattributed"
    MOVED = "statement.moved"
    WITHDRAWN = "statement.withdrawn"
    RESTORED = "statement.restored"
    REPOSTED = "statement.reposted"
    COPY_FOUND = "copy.found"
    COPY_CHANGED = "copy.changed"
    COPY_GONE = "copy.gone"
    UNSOURCED = "claim.unsourced"
    BLOCKED = "source.blocked"
    BROKEN = "source.broken"
    DRIFTED = "source.drifted"
    FALLBACK = "source.fallback"
    SILENT = "source.silent"
    RECOVERED = "source.recovered"


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer to one request, or the reason why none came (`status` is then None).

    `url` is what was asked for, `final_url` what answered after redirects. `headers` are lower-case
    pairs. `body` is decoded from its content encoding, and empty where nothing usable came.
    `detail` says in words what `outcome` says in one.
    """

    url: str
    captured_at: datetime
    outcome: Outcome
    status: int | None = None
    final_url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    detail: str = ""

    def header(self, name: str) -> str | None:
        """The first value of a header, None where it was not sent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)


@dataclass(frozen=True, slots=True)
class HostState:
    """What politeness must remember of a host (with its port where that is unusual) between two runs."""

    host: str
    last_request_at: datetime | None = None
    not_before: datetime | None = None
    robots_text: str | None = None
    robots_fetched_at: datetime | None = None
    counted_on: date | None = None
    requests: int = 0

    def requests_on(self, day: date) -> int:
        """How many requests it had on a day (UTC), as far as that is the day that is counted."""
        return self.requests if self.counted_on == day else 0


@dataclass(frozen=True, slots=True)
class Item:
    """What one answer says of one statement.

    Fields that the source does not give are None or empty. `paragraphs` is None where the answer
    names the statement without carrying its whole text (listings, sitemaps, cut feeds). `guid` is
    the authority's own identifier; `guid_derived` says that it was put together from the page
    (a REST link, the number in an old address) rather than given as such.
    """

    url: str
    title: str
    guid: str | None = None
    guid_derived: bool = False
    paragraphs: tuple[str, ...] | None = None
    byline: str | None = None
    type: str | None = None
    speaker: str | None = None
    bureau: str | None = None
    place: str | None = None
    published_at: datetime | None = None
    precision: Precision | None = None
    modified_at: datetime | None = None
    language: str | None = None
    countries: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    authority: str = AUTHORITY


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one capture.

    `clock` is the answer's own time (a feed's lastBuildDate, else its newest `modified`), by which a
    stale answer is told. `next_url` is the next page of the same list. `problems` name what was
    lost or repaired on the way: a reading with problems is degraded, its items are still true.
    """

    parser: str
    items: tuple[Item, ...]
    clock: datetime | None = None
    next_url: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """A title and a body without its byline: what a revision is a revision of."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One wording of a statement, numbered from 1.

    `wording` is its latest rendering: letter case, punctuation and spacing may have been touched
    since it was first seen. `grade` is None for the first revision.
    """

    number: int
    wording: Wording
    words: int
    first_seen_at: datetime
    last_seen_at: datetime
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that carried a statement, and when. Addresses are reused: one may name two statements."""

    url: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """One text issued by an authority, identified by the authority's guid and never by its address.

    `revision` is the number of the wording that stands (State may have gone back to an earlier one),
    `revisions` how many there are, `words` how long the one that stands is. `clock` is the newest time
    that an answer which carried it gave for itself (`Reading.clock`). `source` was the first to carry it.
    """

    id: int
    guid: str
    url: str
    title: str
    state: PublicationState
    revision: int
    revisions: int
    words: int
    first_seen_at: datetime
    last_seen_at: datetime
    guid_derived: bool = False
    authority: str = AUTHORITY
    source: str = ""
    published_at: datetime | None = None
    precision: Precision | None = None
    modified_at: datetime | None = None
    clock: datetime | None = None
    type: str | None = None
    byline: str | None = None
    speaker: str | None = None
    bureau: str | None = None
    place: str | None = None
    language: str | None = None
    countries: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MirrorPage:
    """One document of another site, by its address there.

    `relation` is what it turned out to be when it was last read: that of its best copy, else `UNSOURCED`,
    `SIBLING` or `NONE`. `claimed_urls` are the state.gov addresses that it gives for its text, `via` the
    publishers that it says it has it from, `quotes` what it says in words. `unsourced_at` is when an event told
    that nothing carries what it claims. `next_check_at` is None for a page that need not be looked at again.
    """

    id: int
    url: str
    source: str
    title: str
    relation: Relation
    first_seen_at: datetime
    last_seen_at: datetime
    published_at: datetime | None = None
    precision: Precision | None = None
    language: str | None = None
    claims_department: bool = False
    claimed_urls: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    unsourced_at: datetime | None = None
    next_check_at: datetime | None = None
    backfill: bool = False


class Span(NamedTuple):
    """One passage in two texts, as characters [start, end) of each."""

    statement: tuple[int, int]
    page: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Copy:
    """What ties passages of a page to one revision of a statement (both by row).

    `fit` is the relation to that very revision; `relation` is the same, or `SUPERSEDED` where State has
    replaced that revision. `coverage` is the share of the statement's words that stand in the page,
    `fidelity` the share of the aligned passages that is word for word. `differences` and `evidence` are
    words for people. `misses` counts the looks since `missing_since` that did not find it any more;
    `gone_at` is when that was certain.
    """

    page_id: int
    statement_id: int
    revision: int
    relation: Relation
    fit: Relation
    coverage: float
    fidelity: float
    first_seen_at: datetime
    last_seen_at: datetime
    grade: Grade | None = None
    differences: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    runner_up: int | None = None
    misses: int = 0
    missing_since: datetime | None = None
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, with enough in it to be told without looking anything up.

    `statement`, `guid`, `url` and `title` are those of the statement that it is about, `revision` the wording that
    it is about: that which a statement turned to, or a copy carries. Where it is about another site's page,
    `page_url` and `page_title` are that page's, and `relation`, `coverage` and `fidelity` those of the copy.
    `before` and `after` are what changed, in words a person reads. `backfill` marks what was already so when the
    watch began: it is history, not news.
    """

    kind: EventKind
    at: datetime
    source: str
    id: int | None = None
    statement_id: int | None = None
    guid: str | None = None
    url: str | None = None
    title: str | None = None
    grade: Grade | None = None
    reasons: tuple[str, ...] = ()
    part: Part | None = None
    before: str | None = None
    after: str | None = None
    page_url: str | None = None
    page_title: str | None = None
    relation: Relation | None = None
    revision: int | None = None
    coverage: float | None = None
    fidelity: float | None = None
    backfill: bool = False


class Channel(StrEnum):
    """How a message reaches its recipient."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class MessageKind(StrEnum):
    """What a message is."""

    INSTANT = "instant"
    DIGEST = "digest"
    HEALTH = "health"
    STILL_WATCHING = "still watching"
    REFUSED = "refused"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message in words: its parts, and the bytes that are sent, the same at every attempt."""

    subject: str
    text: str
    html: str
    message_id: str
    raw: bytes


class MessageState(StrEnum):
    """How far a message is. `PENDING` gathers events, `FROZEN` has its bytes and waits for the other side."""

    PENDING = "pending"
    FROZEN = "frozen"
    SENT = "sent"
    FAILED = "failed"
    MUTED = "muted"
