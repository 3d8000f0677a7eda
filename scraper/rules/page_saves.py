"""Rules of pages that the Internet Archive is asked to save: which pages, when, and what each answer means (pure).

The service is Save Page Now 2. Its limits and error codes are those of "Save Page Now 2 Public API Docs Draft" by
Vangelis Banos, as of 2025-10-22
(https://docs.google.com/document/d/1Nsv52MvSjbLb2PCpHlat0gkzw0EvtSgpKHu4mk0MnrA). Nothing here was tried live.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from scraper import urls
from scraper.model import Event, EventKind, Grade
from scraper.text.normalize import count

GAP_S: Final = 10.0
"""Seconds between two requests for a save. The service allows 7 in a minute."""
MAX_ACTIVE: Final = 3
"""Saves that the service works on for us at a time. It limits them for each account, to a number that it states only
at /save/status/user."""
MAX_OF_URL: Final = 5
"""Requests to save one URL in a day (UTC), the documented limit of the service."""
MAX_ATTEMPTS: Final = 6
"""Requests for one save after which it is given up."""
MAX_POLLS: Final = 12
"""Requests for the result of one save. The last one is less than an hour after the first: the service keeps a result
for about that time."""
GIVE_UP_AFTER: Final = timedelta(days=2)
"""Time after an event when its pages are no longer saved: by then they show something else."""
LONGEST_WAIT: Final = timedelta(days=1)
"""Longest wait of a save or of the service. What is due later was stored by a wrong clock."""
UNANSWERED: Final = timedelta(minutes=10)
"""Wait after a request of which no answer was stored, as when the process was killed."""

_SAVES: Final = "https://web.archive.org/web/"
# Clocks differ. A save from before the event shows the page as it was.
_TOLERANCE = timedelta(minutes=5)
_FIRST_POLL, _LONGEST_POLL = timedelta(seconds=20), timedelta(minutes=5)
_FIRST_BACKOFF, _LONGEST_BACKOFF = timedelta(minutes=5), timedelta(hours=6)
_MATERIAL: Final = frozenset({EventKind.WITHDRAWN, EventKind.UNSOURCED})
# Ends of names that only some network knows (RFC 2606, RFC 6762, RFC 8375, and the reserved .internal).
_PRIVATE_ENDS = (".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid")

ODD: Final = "its answer has another form than documented"
ANOTHER_PAGE: Final = "it saved another page, to which this one leads"
OTHER_TIME: Final = "the save that it names is not from after the event"
UNFINISHED: Final = "it did not finish in time"


class SavedPart(StrEnum):
    """Pages that a watch has saved, as its `save_pages` names them: State's own, and that of a copy or a claim."""

    STATE = "state"
    COPY = "copy"


class Code(StrEnum):
    """Meaning of an error code: the page cannot be saved, not today, later, or nothing can be saved for us now."""

    FINAL = "final"
    TOMORROW = "tomorrow"
    LATER = "later"
    BUSY = "busy"


CODES: Final[Mapping[str, tuple[Code, str]]] = {
    "bad-request": (Code.FINAL, "the site refuses its request"),
    "blocked": (Code.FINAL, "the site blocks the Internet Archive"),
    "blocked-client-ip": (Code.FINAL, "it blocks the IP address of this monitor"),
    "blocked-url": (Code.FINAL, "it does not save this URL, which is on its list of excluded ones"),
    "filesize-limit": (Code.FINAL, "the page is too large for it"),
    "ftp-access-denied": (Code.FINAL, "the site denies access"),
    "http-version-not-supported": (Code.FINAL, "the site does not support its version of HTTP"),
    "invalid-url-syntax": (Code.FINAL, "it does not accept this URL"),
    "method-not-allowed": (Code.FINAL, "the site refuses its request"),
    "network-authentication-required": (Code.FINAL, "the site requires a login"),
    "no-access": (Code.FINAL, "the site denies it access (status 403)"),
    "not-found": (Code.FINAL, "it does not find the page (status 404)"),
    "not-implemented": (Code.FINAL, "the site refuses its request"),
    "too-many-redirects": (Code.FINAL, "the page redirects too often for it"),
    "unauthorized": (Code.FINAL, "the site requires a login (status 401)"),
    "max-daily-bandwidth-host": (Code.TOMORROW, "it has saved as much of this site today as it does in a day"),
    "too-many-daily-captures": (Code.TOMORROW, "it has saved this URL as often today as it does in a day"),
    "max-daily-bandwidth": (Code.BUSY, "the daily amount of this account is used up"),
    "max-daily-bandwidth-from-ip": (Code.BUSY, "the daily amount of this IP address is used up"),
    "user-session-limit": (Code.BUSY, "this account has too many saves under way"),
    "bandwidth-limit-exceeded": (Code.LATER, "the site has sent as much as it may"),
    "bad-gateway": (Code.LATER, "the site is out of order (status 502)"),
    "browsing-timeout": (Code.LATER, "the page took too long to load"),
    "cannot-fetch": (Code.LATER, "it is overloaded"),
    "capture-location-error": (Code.LATER, "it has an error of its own"),
    "celery": (Code.LATER, "it has an error of its own"),
    "gateway-timeout": (Code.LATER, "the site did not respond in time (status 504)"),
    "internal-server-error": (Code.LATER, "it has an error of its own"),
    "invalid-host-resolution": (Code.LATER, "it does not find the host of the site"),
    "invalid-server-response": (Code.LATER, "the response of the site is invalid"),
    "job-failed": (Code.LATER, "it has an error of its own"),
    "no-browsers-available": (Code.LATER, "it is overloaded"),
    "protocol-error": (Code.LATER, "the connection to the site broke"),
    "proxy-error": (Code.LATER, "it has an error of its own"),
    "read-timeout": (Code.LATER, "the site did not respond in time"),
    "service-unavailable": (Code.LATER, "the site is out of order (status 503)"),
    "soft-time-limit-exceeded": (Code.LATER, "the page took too long to load"),
    "too-many-requests": (Code.LATER, "the site refuses it for now, for too many requests (status 429)"),
}
"""Error codes of the documentation, without `error:`, each with its meaning, and in words with "it" for the service.
Any other code is tried again."""


class AnswerState(StrEnum):
    """State that an answer gives: of a save that was asked for (`STARTED`), or of one that the service works on."""

    STARTED = "started"
    PENDING = "pending"
    SUCCESS = "success"
    ERROR = "error"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class SaveAnswer:
    """Answer of the service. `saved_at` and `url` are those of a success, `code` is that of an error."""

    state: AnswerState
    job: str = ""
    saved_at: datetime | None = None
    url: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class PageSave:
    """Page to save, after an event at `since`; `with_errors`: as the absence that it now is.

    `due_at` is the time of the next request, None once it is saved or given up. The service works on `job` since
    `requested_at`, after `attempts` requests and `polls` for the result. `saved_at` is the time of the save, by the
    service's clock, and `problem` why the last attempt failed.
    """

    id: int
    url: str
    since: datetime
    with_errors: bool
    due_at: datetime | None
    job: str | None = None
    attempts: int = 0
    polls: int = 0
    requested_at: datetime | None = None
    saved_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SaveService:
    """State of the service: events up to `event_id` were looked at, and `requests` for saves were sent on a day (UTC).

    After `refusals` in a row, or if nothing could be sent, nothing is requested before `not_before`, for `problem`.
    """

    event_id: int
    counted_on: date | None = None
    requests: int = 0
    refusals: int = 0
    not_before: datetime | None = None
    problem: str = ""

    def requests_on(self, at: datetime) -> int:
        """Return the number of requests for saves on the day of a time."""
        return self.requests if self.counted_on == at.astimezone(UTC).date() else 0

    def counted(self, at: datetime) -> Self:
        """Return the state after another request for a save."""
        return replace(self, counted_on=at.astimezone(UTC).date(), requests=self.requests_on(at) + 1)

    def paused_until(self, at: datetime) -> datetime | None:
        """Return the end of a pause in which nothing is to be requested; None if there is none at a time."""
        is_paused = self.not_before is not None and at < self.not_before <= at + LONGEST_WAIT
        return self.not_before if is_paused else None

    def refused(self, at: datetime, pause: timedelta, problem: str) -> Self:
        """Return the state after a refusal, with a pause that grows with each, and is as long as the service asks."""
        wait = min(max(pause, backoff(self.refusals + 1)), LONGEST_WAIT)
        return replace(self, refusals=self.refusals + 1, not_before=at + wait, problem=problem)

    def postponed(self, at: datetime, problem: str) -> Self:
        """Return the state after a pass that could send nothing, as without keys: another one follows soon."""
        return replace(self, not_before=at + _FIRST_BACKOFF, problem=problem)

    def worked(self) -> Self:
        """Return the state after an answer."""
        return replace(self, refusals=0, not_before=None, problem="")


def is_worth_a_save(event: Event, at: datetime) -> bool:
    """Return True if the pages of an event are saved: after a material change, a withdrawal, or an unsourced claim.

    After some time they show something else.
    """
    return (event.grade is Grade.MATERIAL or event.kind in _MATERIAL) and at - event.at < GIVE_UP_AFTER


def pages_of(event: Event, part: SavedPart) -> Iterator[tuple[str, bool]]:
    """Yield the page of an event to save, and True if it is saved as an absence; nothing for one that is not public."""
    url = urls.admit((event.url if part is SavedPart.STATE else event.page_url) or "")
    if url and is_public(url) and (part is SavedPart.COPY or event.statement_id is not None):
        yield url, event.kind is EventKind.WITHDRAWN


def is_public(url: str) -> bool:
    """Return True for a URL that may be given to others: of a public host, and without what may be a secret."""
    name = urls.ascii_host(urls.host(url))
    try:
        return ipaddress.ip_address(name).is_global
    except ValueError:
        return "." in name and not name.endswith(_PRIVATE_ENDS) and not urls.without_secrets(url)[1]


def link_of(save: PageSave) -> str:
    """Return the URL of a save, "" if there is none. It is made of the URL that was asked for and of the time only."""
    return f"{_SAVES}{save.saved_at.astimezone(UTC):%Y%m%d%H%M%S}/{save.url}" if save.saved_at else ""


def request_fields(save: PageSave, at: datetime) -> dict[str, str]:
    """Return the fields of the request for a save; a save by anyone since the event is as good as a new one."""
    since_s = max(1, int((at - save.since).total_seconds()))
    fields = {"url": save.url, "skip_first_archive": "1", "if_not_archived_within": f"{since_s}s"}
    return fields | ({"capture_all": "1"} if save.with_errors else {})


def began(save: PageSave, at: datetime) -> PageSave:
    """Return a save as it is stored before its request is sent."""
    return replace(
        save, attempts=save.attempts + 1, polls=0, requested_at=at, due_at=at + UNANSWERED, job=None, problem=""
    )


def after_request(save: PageSave, answer: SaveAnswer, at: datetime) -> PageSave:
    """Return a save after the answer to its request."""
    if answer.state is AnswerState.STARTED:
        return replace(save, job=answer.job, due_at=at + _FIRST_POLL)
    return _after_error(save, answer, at)


def after_poll(save: PageSave, answer: SaveAnswer, at: datetime) -> PageSave:
    """Return a save after the answer to the request for its result."""
    if answer.state is AnswerState.PENDING:
        polls = save.polls + 1
        if polls >= MAX_POLLS:
            return _retried(save, UNFINISHED, at)
        return replace(save, polls=polls, due_at=at + min(_FIRST_POLL * 2.0**polls, _LONGEST_POLL))
    if answer.state is AnswerState.SUCCESS and answer.saved_at is not None:
        if urls.variants(answer.url)[0] != urls.variants(save.url)[0]:
            return _retried(save, ANOTHER_PAGE, at)
        if not save.since - _TOLERANCE <= answer.saved_at <= at + _TOLERANCE:
            return _retried(save, OTHER_TIME, at)
        return replace(save, job=None, due_at=None, saved_at=answer.saved_at, problem="")
    return _after_error(save, answer, at)


def is_busy(answer: SaveAnswer) -> bool:
    """Return True for an error that concerns all saves."""
    return answer.state is AnswerState.ERROR and CODES.get(answer.code, (Code.LATER, ""))[0] is Code.BUSY


def describe(answer: SaveAnswer) -> str:
    """Return an error in words, with "it" for the service."""
    return CODES[answer.code][1] if answer.code in CODES else f"it reports “{answer.code}”"


def postponed(save: PageSave, until: datetime, problem: str) -> PageSave:
    """Return a save whose request the service refused for a reason that is not the page's: it does not count."""
    return replace(save, job=None, due_at=until, attempts=max(0, save.attempts - 1), problem=problem)


def expired(save: PageSave) -> PageSave:
    """Return a save that is given up because it is too late."""
    days = count(GIVE_UP_AFTER.days, "day")
    why = f"given up after {days}{f': {save.problem}' if save.problem else ''}"
    return replace(save, job=None, due_at=None, problem=why)


def unwanted(save: PageSave) -> PageSave:
    """Return a save that is ended because the configuration has no watch any more for which it is requested."""
    return replace(save, due_at=None, problem="no watch has it saved any more")


def backoff(failures: int) -> timedelta:
    """Return the wait after so many failures in a row: five minutes, doubled up to six hours."""
    return min(_FIRST_BACKOFF * 2.0 ** min(max(failures, 1) - 1, 16), _LONGEST_BACKOFF)


def next_day(at: datetime) -> datetime:
    """Return the midnight (UTC) after a time, when the daily limits of the service begin again."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _after_error(save: PageSave, answer: SaveAnswer, at: datetime) -> PageSave:
    if answer.state is not AnswerState.ERROR:
        return _retried(save, ODD, at)
    meaning, _ = CODES.get(answer.code, (Code.LATER, ""))
    if meaning is Code.FINAL:
        return replace(save, job=None, due_at=None, problem=describe(answer))
    return _retried(save, describe(answer), at, next_day(at) if meaning is Code.TOMORROW else None)


def _retried(save: PageSave, problem: str, at: datetime, not_before: datetime | None = None) -> PageSave:
    """Return a save that is requested again after a pause, or given up after the last attempt."""
    if save.attempts >= MAX_ATTEMPTS:
        why = f"given up after {count(save.attempts, 'attempt')}: {problem}"
        return replace(save, job=None, due_at=None, problem=why)
    due_at = max(at + backoff(save.attempts), not_before or at)
    return replace(save, job=None, due_at=due_at, problem=problem)
