"""Pages of sources: the health of each, when it was and will be polled, and its incidents.

The URLs of endpoints can have secrets of the operator's. Of State's own hosts the path is shown, of others the host.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from scraper import page_paths as paths
from scraper import source_status, urls
from scraper.alerts.event_specs import SPECS
from scraper.model import INCIDENTS, Event, EventKind
from scraper.rules import source_health
from scraper.source_status import SourceStatus
from scraper.store import EventFilter, Store
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.page_version import version
from scraper.web.rendering import render

_INCIDENTS: Final = 30
_INCIDENTS_OF_SOURCE: Final = 200
# A URL can have any sign but a blank: what follows it in a sentence is left out of its end only.
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_AFTER_URL = ".,:;)'\""
_HOST: Final = re.compile(r"[\w.:-]+")
_OFF = "switched off"
_FAILURES_REMEDY = "nothing yet: statewire tries again, and reports an incident if it goes on"


@dataclass(frozen=True, slots=True)
class Incident:
    """Incident of a source as its events report it; `until_at` is None while it lasts."""

    source: str
    kind: EventKind
    since_at: datetime
    until_at: datetime | None
    reason: str

    @property
    def word(self) -> str:
        """Word for its kind, such as blocked."""
        return self.kind.value.partition(".")[2]

    @property
    def duration(self) -> timedelta | None:
        """Time until it ended."""
        return self.until_at - self.since_at if self.until_at else None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Line of the table of sources. `path` is that of its page, "" if it has none."""

    status: SourceStatus
    word: str
    detail: str
    remedy: str
    path: str
    serving: str


def sources(request: PageRequest) -> Response:
    """Return the page of all sources."""
    store, settings, now = request.store, request.settings, request.now
    stored = {state.name: state for state in store.sources.all()}
    failed = {
        name: tuple(source_health.EndpointAttempt(*each) for each in store.captures.answers(name, at))
        for name, state in stored.items()
        if state.failures and (at := state.last_attempt_at)
    }
    pauses = store.hosts.pauses(now, now + settings.fetch.longest_pause)
    status = source_status.assess(settings.sources, stored, now, pauses=pauses, failed=failed)
    newest = store.events.find(EventFilter(kinds=("source",), limit=2 * _INCIDENTS))
    rows = [_row(each) for each in status.sources]
    idle = [row for row in rows if row.word == _OFF and not row.status.is_stored]
    return render(
        request,
        "sources.html.j2",
        title="Sources",
        rows=[row for row in rows if row not in idle],
        idle=idle,
        off={row.status.stored.name for row in rows if row.word == _OFF},
        trouble=source_status.describe_trouble(status.no_polling or status.no_answers, now),
        advice=status.advice,
        incidents=incidents(newest)[:_INCIDENTS],
        now=now,
    )


def source(request: PageRequest, name: str) -> Response:
    """Return the page of the incidents of a source."""
    states = {state.name: state for state in request.store.sources.all()}
    if name not in states and all(each.name != name for each in request.settings.sources):
        raise NotFoundError(f"There is no source {name}.")
    events = request.store.events.find(EventFilter(kinds=("source",), source=name, limit=_INCIDENTS_OF_SOURCE))
    off = {each.name for each in request.settings.sources if not each.enabled}
    return render(request, "source.html.j2", title=name, state=states.get(name), incidents=incidents(events), off=off)


def addresses(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path and version of the page of all sources, which is always rendered, and that of each."""
    yield paths.SOURCES, ""
    events: dict[str, list[Event]] = {}
    for event in store.events.find(EventFilter(kinds=("source",))):
        events.setdefault(event.source, []).append(event)
    for state in store.sources.all():
        if path := paths.source(state.name):
            of_source = events.get(state.name, [])[-_INCIDENTS_OF_SOURCE:]
            yield path, version(state.name, state.role, state.first_filled_at, incidents(of_source))


def incidents(events: Iterable[Event]) -> list[Incident]:
    """Return the incidents of sources from their events in the order of time, the latest first (pure)."""
    found: list[Incident] = []
    is_open: dict[str, int] = {}
    for event in events:
        if (index := is_open.pop(event.source, None)) is not None:
            last = found[index]
            found[index] = Incident(last.source, last.kind, last.since_at, event.at, last.reason)
        if event.kind in INCIDENTS:
            is_open[event.source] = len(found)
            reason = without_urls("; ".join(event.reason_texts))
            found.append(Incident(event.source, event.kind, event.at, None, reason))
    return found[::-1]


def without_urls(text: str) -> str:
    """Return a text with each URL as the place that may be shown: of State's hosts with the path, else the host."""
    return _URL.sub(lambda found: _shown(found[0]), text)


def _shown(url: str) -> str:
    kept = url.rstrip(_AFTER_URL)
    host = urls.host(kept)
    if not _HOST.fullmatch(host):
        return f"a URL{url[len(kept) :]}"
    place = f"{host}{urlsplit(kept).path}" if urls.is_state(host) else host
    return place + url[len(kept) :]


def _row(status: SourceStatus) -> SourceRow:
    stored, incident = status.stored, status.incident
    if status.source is None:
        word, remedy = "not in the configuration", ""
    elif not status.source.enabled:
        word, remedy = _OFF, ""
    elif incident is not None:
        word, remedy = status.state, SPECS[incident].remedy
    elif status.late_since is not None:
        word, remedy = "late", source_status.CHECK_POLLING
    elif stored.last_attempt_at is None:
        word, remedy = "not polled yet", source_status.CHECK_POLLING
    else:
        word, remedy = source_status.WELL, _FAILURES_REMEDY if stored.failures else ""
    details = (
        stored.incident_detail or source_health.describe_failures(status.failed),
        source_status.describe_pauses(status.pauses),
    )
    detail = without_urls("; ".join(filter(None, details)))
    path = paths.source(stored.name) if status.is_stored else ""
    return SourceRow(status, word, detail, remedy, path, without_urls(stored.serving or ""))
