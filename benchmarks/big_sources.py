"""Sources of the synthetic database: their state, incidents and arrivals, and a configuration that has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scraper.model import Event, EventKind, Reason, Role
from scraper.serialize import format_utc
from scraper.store import SourceState

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from scraper.store import Store

BEGIN = datetime(2017, 1, 20, 12, tzinfo=UTC)
SOURCE = "state-press-releases"
API = "https://www.state.gov/wp-json/wp/v2/state_press_release"
OUTLETS = tuple(
    f"{name}.example"
    for name in (
        "valley-news straitgazette portledger merrow pmdnews herald wire-desk embassymonitor dailyrelay capitalpost"
        " africawire easternobserver noticias-norte balkanbulletin gulfreporter pacificmail libertypress newsflash24"
        " diplomacydigest worldbrief"
    ).split()
)


def write_sources(store: Store, rng: random.Random, until: datetime) -> list[Event]:
    """Store the state of each source, two of them with an incident, and what arrived in the last 30 days.

    Return the events of the sources.
    """
    db, events = store.database, list[Event]()
    places = [(SOURCE, Role.CANONICAL, API)]
    places += [(host.partition(".")[0], Role.MIRROR, f"https://{host}/feed/") for host in OUTLETS]
    for index, (name, role, url) in enumerate(places):
        polled = until - timedelta(minutes=rng.randrange(2, 25))
        kind = {4: EventKind.BLOCKED, 9: EventKind.SILENT}.get(index)
        since = until - timedelta(hours=5 + index) if kind else None
        detail = f"{url}: blocked (status 403)" if kind is EventKind.BLOCKED else "no new page where 4 a day are usual"
        store.sources.save(
            SourceState(
                name=name,
                role=role,
                first_filled_at=BEGIN,
                last_attempt_at=polled,
                last_success_at=since or polled,
                last_items=20,
                failures=12 if kind is EventKind.BLOCKED else 0,
                serving=url,
                incident=kind,
                incident_since_at=since,
                incident_detail=detail if kind else None,
                next_due_at=polled + timedelta(minutes=30),
                interval_s=1_800,
            )
        )
        events += _incidents(rng, until, name, url, (since, kind))
        start = until.replace(minute=0, second=0) - timedelta(days=30)
        hours = ((name, url, format_utc(start + timedelta(hours=n)), int(rng.random() < 0.3)) for n in range(720))
        db.conn.executemany("INSERT INTO arrivals VALUES (?, ?, ?, ?, 2, 40, 0, 0, 0)", hours)
        # Bodies are not kept for so long: retention has removed them.
        polls = ((name, url, url, format_utc(start + timedelta(minutes=30 * n))) for n in range(1_440))
        db.conn.executemany(
            "INSERT INTO captures (source, url, final_url, captured_at, outcome, detail, status, headers, parser,"
            " items) VALUES (?, ?, ?, ?, 'ok', '', 200, '[]', 'feed', 20)",
            polls,
        )
    return events


def _incidents(
    rng: random.Random, until: datetime, name: str, url: str, now: tuple[datetime | None, EventKind | None]
) -> Iterator[Event]:
    """Yield one incident a year, and the one that lasts."""
    for year in range(BEGIN.year, until.year):
        began = BEGIN.replace(year=year) + timedelta(days=rng.randrange(300), hours=rng.randrange(24))
        reason = (Reason("", f"{url}: blocked (status 403)"),)
        yield Event(EventKind.BLOCKED, began, name, url=url, reasons=reason)
        over = (Reason("", "after 3 h"),)
        yield Event(EventKind.RECOVERED, began + timedelta(hours=3), name, url=url, reasons=over)
    since, kind = now
    if since and kind:
        yield Event(kind, since, name, url=url, reasons=(Reason("", "see its status"),))


def configuration() -> str:
    """Return the configuration of the sources, for commands over the database."""
    mirrors = [(host.partition(".")[0], "mirror", "feed", f"https://{host}/feed/") for host in OUTLETS]
    lines = [
        f'  - {{name: {name}, role: {role}, endpoints: [{{kind: {kind}, url: "{url}"}}]}}'
        for name, role, kind, url in ((SOURCE, "canonical", "wordpress", API), *mirrors)
    ]
    return "\n".join(['fetch: {contact: "https://example.org/statewire"}', "sources:", *lines, ""])
