"""Lists with the same body as before: they are stored as read, without being read again, if that changes nothing."""

from scraper import __version__, urls
from scraper.config.settings import Source
from scraper.model import Capture, EndpointKind, Outcome, Reading
from scraper.rules import baseline
from scraper.rules.repeats import MAX_ITEMS, are_settled, is_repeatable, reading_key
from scraper.store import Store
from scraper.store.last_readings import LastReading


def key_of(capture: Capture, source: Source, kind: EndpointKind) -> str:
    """Return the key of the reading of a list, "" if it has to be read each time."""
    if capture.outcome is not Outcome.OK or not is_repeatable(source.role, kind):
        return ""
    from scraper import parsers  # most lists answer "not modified"

    return reading_key(capture, __version__, parsers.VERSION, source.name, source.role, source.language, kind)


def find(store: Store, capture: Capture, key: str, clock_url: str) -> LastReading | None:
    """Return the last reading of a list if the same body would change nothing now, else None."""
    last = store.last_readings.find(capture.url) if key else None
    if last is None or last.key != key or capture.captured_at < last.seen_at:
        return None
    return last if store.last_readings.is_unchanged(last, clock_url) else None


def store_as_read(store: Store, source: str, capture: Capture, last: LastReading) -> None:
    """Store a list with the same body as read by its last reading. The caller holds a transaction (`Store.unit`)."""
    row = store.captures.add(source, capture)
    if row is not None:
        store.captures.mark_read(row, parser=last.parser, items=last.tally.items, stale=False, problems=())
        store.last_readings.note_repeat(capture.url, last, capture.captured_at)


def note_unmodified(store: Store, capture: Capture) -> None:
    """Record that a page is as its last reading has it. The caller holds a transaction (`Store.unit`)."""
    last = store.last_readings.find(capture.url)
    if last is not None:
        store.last_readings.note_repeat(capture.url, last, capture.captured_at)


def remember(store: Store, capture: Capture, key: str, reading: Reading, clock_url: str) -> bool:
    """Store the reading of a list as its last one if the same body would change nothing the next time, and return True.

    The caller holds a transaction (`Store.unit`), in which the list was ingested without problems.
    """
    at, clock = capture.captured_at, store.endpoints.clock(clock_url)
    if clock is not None and clock > at:
        return False
    ids = store.last_readings.statements_seen([urls.canonical(item.url) for item in reading.items[: MAX_ITEMS + 1]], at)
    # A list whose items are not each a statement of its own is read each time, and so is a very long one.
    is_plain = 0 < len(reading.items) == len(ids) <= MAX_ITEMS
    if not is_plain or store.last_readings.has_held(ids) or not are_settled(store.last_readings.turns(ids), at):
        return False
    state = store.last_readings.state(ids, clock_url, at)
    last = LastReading(key, reading.parser, baseline.tally(reading.items), at, ids, state)
    store.last_readings.remember(capture.url, last)
    return True
