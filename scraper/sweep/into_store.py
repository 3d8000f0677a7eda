"""Results of a sweep in the database: pages of a source `sweep:NAME`, with their copies and quotations, as backfill."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from scraper.delivery import enqueue
from scraper.errors import ParseError
from scraper.model import Capture, Item, Reading, Role
from scraper.parsers import PageReading
from scraper.pipeline.ingest import Origin, ingest
from scraper.pipeline.page_trace import MatchTarget
from scraper.pipeline.reading import try_read
from scraper.rules import untrusted
from scraper.serialize import parse_utc
from scraper.store import Store
from scraper.sweep.archive_pages import ArchivedPage, page_capture
from scraper.sweep.results import Found
from scraper.sweep.scan import target_of
from scraper.text import normalize

PARSER = "sweep-text"
PREFIX = "sweep:"
_UNIT_PAGES = 50
_MAX_TITLE_CHARS = 300


@dataclass(slots=True)
class Stored:
    """Captures that were stored, those that had been before, and those that the database has no page of."""

    new: int = 0
    known: int = 0
    without_page: int = 0


def store_results(
    store: Store,
    name: str,
    found: Iterable[tuple[Found, str]],
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> Stored:
    """Store the rows of a sweep, which come by URL and time, without alerts. What is stored already changes nothing."""
    stored, source = Stored(), PREFIX + name
    rows = iter(found)
    while some := list(islice(rows, _UNIT_PAGES)):
        # Parsing is most of the work, and a transaction locks the database for other processes.
        read = [_read(each) for each, _ in some]
        with store.unit():
            for capture, reading in read:
                _ingest(store, source, capture, reading, stored)
            enqueue.skip_alerts(store)
        progress(stored.new + stored.known, None)
    return stored


def _ingest(store: Store, source: str, capture: Capture, reading: Reading | None, stored: Stored) -> None:
    # All of an archive is what was there before: no page of it is news.
    origin = Origin(source, Role.MIRROR, first_fill=True, only_carriers=True)
    result = ingest(store, origin, capture, reading)
    stored.new += result.is_new
    stored.known += not result.is_new
    if not result.is_new:
        return
    stored.without_page += store.pages.by_url(capture.url) is None
    state, at = store.sources.get(source, Role.MIRROR), capture.captured_at
    store.sources.save(
        replace(
            state,
            first_filled_at=min(at, state.first_filled_at or at),
            last_success_at=max(at, state.last_success_at or at),
            last_items=1,
        )
    )


def _read(found: Found) -> tuple[Capture, Reading | None]:
    """Return a capture with its reading: that of a mirror, or of its mere text where no parser finds an article."""
    at = parse_utc(found.captured_at)
    if found.response is None:
        page = ArchivedPage(found.row["url"], at, found.text.encode("utf-8", "replace"), None)
        return page.capture, _of_text(page)
    capture = page_capture(found.response)
    reading, _ = try_read(capture, role=Role.MIRROR)
    if not isinstance(reading, PageReading):
        reading = _of_text(ArchivedPage(capture.url, at, capture.body, capture.header("content-type"), found.response))
    return capture, reading


def _of_text(page: ArchivedPage) -> Reading | None:
    try:
        target = target_of(page)
    except ParseError:
        return None
    return _reading(page, target)


def _reading(page: ArchivedPage, target: MatchTarget) -> Reading:
    lines = tuple(line for line in map(normalize.clean, target.text.split("\n")) if line)
    title = target.title or next(iter(lines), page.url)
    item = Item(
        page.url,
        normalize.truncate(title, _MAX_TITLE_CHARS),
        paragraphs=lines,
        published_at=target.published_at,
    )
    return untrusted.clean_reading(PageReading(PARSER, (item,), text=target.text, attribution=target.attribution))
