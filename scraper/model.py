"""Frozen types of the domain, with aware times in UTC; this module imports nothing from the rest of the package."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

AUTHORITY = "state.gov"


class Role(StrEnum):
    """Role of a source for the statements that it carries."""

    CANONICAL = "canonical"
    ARCHIVE = "archive"
    MIRROR = "mirror"

    @property
    def gives_statements(self) -> bool:
        """True if the documents of such a source are State's own, wherever they are; False for a mirror."""
        return self is not Role.MIRROR


class EndpointKind(StrEnum):
    """Format of an endpoint's responses."""

    WORDPRESS = "wordpress"
    FEED = "feed"
    LISTING = "listing"
    SITEMAP = "sitemap"
    PAGE = "page"
    PAGES = "pages"
    SEARCH = "search"


class Outcome(StrEnum):
    """Result of one request. Only `OK` is parsed; only `GONE` and `SOFT_404` can lead to a withdrawal."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    BLOCKED = "blocked"  # from here on the server answered, but not with the document
    SOFT_404 = "soft_404"
    GONE = "gone"
    BUSY = "busy"
    ERROR_PAGE = "error_page"
    TRUNCATED = "truncated"  # from here on it arrived damaged, or cannot be parsed within the bounds
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    UNEXPECTED_TYPE = "unexpected_type"
    DISALLOWED = "disallowed"  # from here on it was not sent, or led to a URL that must not be fetched
    DEFERRED = "deferred"
    REDIRECT = "redirect"
    OFFSITE = "offsite"
    BAD_SCHEME = "bad_scheme"
    BLOCKED_ADDRESS = "blocked_address"
    DNS = "dns"  # from here on no response came
    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    PROTOCOL = "protocol"
    UNFINISHED = "unfinished"  # not a request but a whole run that took too long, or that an error in statewire ended


class Precision(StrEnum):
    """Precision of a time as the source gave it, finest first: a day is not a minute."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"

    @property
    def span(self) -> timedelta:
        """Time after such a date, in UTC, until it is over in every time zone; none for one with a time of day."""
        return timedelta(days={"day": 2, "month": 32}.get(self, 0))


class Grade(StrEnum):
    """Importance of a difference between two wordings, least first."""

    COSMETIC = "cosmetic"
    MINOR = "minor"
    MATERIAL = "material"

    @property
    def rank(self) -> int:
        """0 for cosmetic, 1 for minor, 2 for material."""
        return list(Grade).index(self)


class Part(StrEnum):
    """Part of a statement that an event is about."""

    TITLE = "title"
    BODY = "body"


class PublicationState(StrEnum):
    """Publication status of a statement on State's site, at the statement's own URL."""

    CURRENT = "current"
    WITHDRAWN = "withdrawn"


class Relation(StrEnum):
    """Relation of a page to a statement; `QUOTED` for sentences only. `TRANSLATED` and `UNSOURCED` require a claim."""

    VERBATIM = "verbatim"
    EXCERPT = "excerpt"
    ALTERED = "altered"
    TRANSLATED = "translated"
    QUOTED = "quoted"
    SIBLING = "sibling"
    UNSOURCED = "unsourced"
    NONE = "none"

    @property
    def is_copy(self) -> bool:
        """True if the page carries the statement, as a whole or in part, faithfully or not."""
        return self in {self.VERBATIM, self.EXCERPT, self.ALTERED, self.TRANSLATED}


class EventKind(StrEnum):
    """Kind of an event. Each event is recorded once and never changed."""

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
    QUOTE_FOUND = "quote.found"
    QUOTE_ALTERED = "quote.altered"
    UNSOURCED = "claim.unsourced"
    BLOCKED = "source.blocked"
    BROKEN = "source.broken"
    DRIFTED = "source.drifted"
    FALLBACK = "source.fallback"
    SILENT = "source.silent"
    RECOVERED = "source.recovered"

    @property
    def subject(self) -> str:
        """Part of the value before the dot: statement, copy, quote, claim or source."""
        return self.value.partition(".")[0]

    @property
    def is_of_source(self) -> bool:
        """True for news of a source, which goes to the operator and not to watches."""
        return self.subject == "source"


INCIDENTS: Final = tuple(kind for kind in EventKind if kind.is_of_source and kind is not EventKind.RECOVERED)
"""Kinds that report a problem of a source, which lasts until the source recovers."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One response to one request, or the reason why none came."""

    url: str  # as requested
    captured_at: datetime
    outcome: Outcome
    status: int | None = None  # None if no response came
    final_url: str = ""  # of the response, after redirects
    headers: tuple[tuple[str, str], ...] = ()  # pairs of name in lower case and value
    body: bytes = b""  # decoded from its content encoding; empty if nothing usable came
    detail: str = ""  # explains `outcome` in words

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True, slots=True)
class HostState:
    """State of a host that throttling needs in the next run."""

    host: str  # see `urls.host_key`
    last_request_at: datetime | None = None
    not_before: datetime | None = None
    robots_text: str | None = None
    robots_fetched_at: datetime | None = None
    counted_on: date | None = None
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """Content of one response about one statement. Fields that the source does not give are None or empty."""

    url: str
    title: str
    guid: str | None = None  # the authority's own identifier
    guid_derived: bool = False  # built from the page (a REST link, the number in an old URL), not given as such
    paragraphs: tuple[str, ...] | None = None  # None without the whole text: listings, sitemaps, cut feeds
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
    absence: str | None = None  # see `placeholders.Absence`: the place of the text is there, and the text is not
    headings: tuple[str, ...] = ()  # those of its paragraphs that are headings


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was parsed from one capture. With `problems` it is degraded, but its items are still true."""

    parser: str
    items: tuple[Item, ...]
    clock: datetime | None = None  # own time: a feed's lastBuildDate, else its newest `modified`; reveals staleness
    next_url: str | None = None  # next page of the same list
    problems: tuple[str, ...] = ()  # what was lost or repaired during parsing


@dataclass(frozen=True, slots=True)
class Wording:
    """Title and body, without the byline, of a revision."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One wording of a statement, numbered from 1."""

    number: int
    wording: Wording  # latest rendering: case, punctuation and spacing may have changed since it was first seen
    words: int
    first_seen_at: datetime
    last_seen_at: datetime
    grade: Grade | None = None  # None for the first revision
    headings: tuple[str, ...] = ()  # those of its paragraphs that are headings


@dataclass(frozen=True, slots=True)
class Alias:
    """A statement's URL, and the times between which it was seen there. Two statements may share it."""

    url: str
    first_seen_at: datetime
    last_seen_at: datetime
    claimed: bool = False  # only pages of other sites have led to it


@dataclass(frozen=True, slots=True)
class Statement:
    """One text issued by an authority, identified by the authority's guid and never by its URL."""

    id: int
    guid: str
    url: str
    title: str
    state: PublicationState
    revision: int  # number of the current wording; State may have returned to an earlier one
    revisions: int  # number of revisions
    words: int  # length of the current wording
    first_seen_at: datetime
    last_seen_at: datetime
    guid_derived: bool = False
    authority: str = AUTHORITY
    source: str = ""  # the first source to carry it
    claimed: bool = False  # known by the link of another site only: no list of State's has named it
    published_at: datetime | None = None
    precision: Precision | None = None
    modified_at: datetime | None = None
    clock: datetime | None = None  # newest `Reading.clock` of the responses that carried it
    type: str | None = None
    byline: str | None = None
    speaker: str | None = None
    bureau: str | None = None
    place: str | None = None
    language: str | None = None
    countries: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    standing: bool = False  # a page that is edited in place, such as a fact sheet: its URL identifies it


class Span(NamedTuple):
    """One passage in two texts, as character offsets [start, end) in each."""

    statement: tuple[int, int]
    page: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reason:
    """Reason of an event: a difference of two wordings, with the words on either side, or a remark, with one text.

    `label` is for example "amount" or "sentence removed", and may be "". `grade` is that of a difference, and `section`
    the heading above it ("": none). `by_state`: in an event of a copy, State changed that since the copy's wording.
    """

    label: str
    before: str
    after: str = ""
    grade: Grade = Grade.COSMETIC
    by_state: bool = False
    section: str = ""

    def __str__(self) -> str:
        words = " → ".join(filter(None, [self.before, self.after]))
        words = f"{self.label}: {words}" if self.label else words
        words = f"{words} (in “{self.section}”)" if self.section else words
        return f"State has changed since: {words}" if self.by_state else words


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, with all the data that a message about it needs."""

    kind: EventKind
    at: datetime
    source: str
    id: int | None = None
    statement_id: int | None = None  # with `guid`, `url` and `title`: the statement that it is about
    guid: str | None = None
    url: str | None = None
    title: str | None = None
    grade: Grade | None = None
    reasons: tuple[Reason, ...] = ()
    part: Part | None = None
    before: str | None = None  # with `after`: the change, in words for people
    after: str | None = None
    page_url: str | None = None  # with `page_title`: the page of another site that it is about
    page_title: str | None = None
    relation: Relation | None = None  # with `outdated`, `coverage` and `fidelity`: those of the copy on that page
    outdated: bool = False
    revision: int | None = None  # the wording that the statement changed to, or that the copy carries
    coverage: float | None = None
    fidelity: float | None = None
    backfill: bool = False  # already the case when monitoring began: history, not news
    standing: bool = False  # its statement is a standing page, which people do not call a statement

    @property
    def reason_texts(self) -> tuple[str, ...]:
        """The reasons in words for people."""
        return tuple(map(str, self.reasons))


class Channel(StrEnum):
    """Channel through which a message reaches its recipient."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    FEED = "feed"


class MessageKind(StrEnum):
    """Kind of a message."""

    INSTANT = "instant"
    DIGEST = "digest"
    HEALTH = "health"
    STILL_WATCHING = "still watching"
    REFUSED = "refused"
    WITHHELD = "withheld"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """Rendered message: its parts, and the bytes to send, which are the same at every attempt."""

    subject: str
    text: str
    html: str
    message_id: str
    raw: bytes
    hidden: int = 0  # events that it counts without showing them
    saves: tuple[int, ...] = ()  # ids of the saved pages that it names


class MessageState(StrEnum):
    """State of a message; `REFUSED` failed for good: it was refused, given up, or could not be rendered."""

    QUEUED = "queued"
    SENDING = "sending"
    RETRYING = "retrying"
    SENT = "sent"
    REFUSED = "refused"
    MUTED = "muted"
