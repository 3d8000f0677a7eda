"""Cost of polls and imports in counts that do not depend on the machine; the one table is `costs.json` beside it.

A real HTTP server on loopback answers a real fetcher, and all is written to a real SQLite file. After a change that is
meant to change a cost, write the table anew and look at the difference:

    cd tests && python -m counts.measure

`requests` are those that the server got, `readings` the calls of the parsers, `statements` the SQL statements without
those of triggers and of the full-text index, `commits` the transactions, and `pages` the database pages (4 KB) that
these wrote into the log (WAL).
"""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from fakes.mirror import LAMPS, WEATHER, page
from fakes.wire import Exchange, Server
from samples import NOON, Piece, make_settings, record, rss, source, warc

from scraper import parsers
from scraper.clock import SimulatedClock
from scraper.config.settings import Endpoint, Settings, Source
from scraper.fetch import Fetcher
from scraper.model import EndpointKind, Role
from scraper.pipeline.import_files import import_files
from scraper.pipeline.run import run_source
from scraper.store import CopyFilter, Store, database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TABLE = Path(__file__).with_name("costs.json")
KNOWN = tuple(Piece(number) for number in range(1, 21))
_WAIT_S = 900.0
_FRAME_BYTES = 4_096 + 24  # a page in the log, and its header

Cost = dict[str, int]


@dataclass
class Monitor:
    """A monitor of one loopback server: the feed of State's at `/state/`, and that of a mirror at `/mirror/`."""

    folder: Path
    store: Store
    server: Server
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOON))

    @property
    def settings(self) -> Settings:
        return Settings(fetch=make_settings(self.server.place), sources=(self.feed("state"), self.feed("mirror")))

    def feed(self, name: str) -> Source:
        role = Role.MIRROR if name == "mirror" else Role.CANONICAL
        return source(
            name=name, role=role, endpoints=(Endpoint(kind=EndpointKind.FEED, url=self.server.url(f"/{name}/")),)
        )

    def says(self, path: str, body: bytes, etag: str = "") -> None:
        headers = {"Content-Type": "text/xml" if body[:5] == b"<?xml" else "text/html"} | (
            {"ETag": etag} if etag else {}
        )

        def answer(exchange: Exchange) -> None:
            is_known = etag and exchange.headers.get("if-none-match") == etag
            exchange.reply(b"" if is_known else body, status=304 if is_known else 200, headers=headers)

        self.server.routes[path] = answer

    def poll(self, name: str = "state") -> None:
        """Poll a source a quarter of an hour later."""
        self.clock.sleep(_WAIT_S)
        settings = self.settings
        with Fetcher(settings.fetch, clock=self.clock, hosts=self.store.hosts) as fetcher:
            report = run_source(self.feed(name), store=self.store, fetcher=fetcher, clock=self.clock, settings=settings)
        assert report.served_by is not None
        assert not report.problems

    def measure(self, work: Callable[[], object]) -> Cost:
        """Return the counts of some work."""
        traced: list[str] = []
        connection = self.store.database.conn
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        requests = len(self.server.seen)
        with mock.patch.object(parsers, "read", side_effect=parsers.read) as reading:
            connection.set_trace_callback(traced.append)
            work()
            connection.set_trace_callback(None)
        log = Path(f"{self.store.path}-wal")
        statements = [sql for sql in traced if not sql.startswith("--")]
        return {
            "requests": len(self.server.seen) - requests,
            "readings": reading.call_count,
            "statements": len(statements),
            "commits": statements.count("COMMIT"),
            "pages": log.stat().st_size // _FRAME_BYTES,
        }


@contextmanager
def monitoring(folder: Path) -> Iterator[Monitor]:
    with (
        mock.patch.object(database, "SYNCHRONOUS", "OFF"),
        Store(folder / "statewire.db") as store,
        Server() as server,
    ):
        yield Monitor(folder, store, server)


def unchanged_by_304(monitor: Monitor) -> Cost:
    monitor.says("/state/", rss(*KNOWN), '"1"')
    monitor.poll()
    return monitor.measure(monitor.poll)


def unchanged_by_the_same_body(monitor: Monitor) -> Cost:
    monitor.says("/state/", rss(*KNOWN))
    monitor.poll()
    return monitor.measure(monitor.poll)


def one_new_item(monitor: Monitor) -> Cost:
    monitor.says("/state/", rss(*KNOWN))
    monitor.poll()
    monitor.says("/state/", rss(Piece(21), *KNOWN[:-1]))
    return monitor.measure(monitor.poll)


def one_changed_item(monitor: Monitor) -> Cost:
    monitor.says("/state/", rss(*KNOWN))
    monitor.poll()
    first, *others = KNOWN
    monitor.says("/state/", rss(first.but(body=(first.body[0].replace("lamps", "lanterns"), first.body[1])), *others))
    return monitor.measure(monitor.poll)


def import_of_100_statements(monitor: Monitor) -> Cost:
    feeds = [[Piece(20 * number + each) for each in range(20)] for number in range(5)]
    records = [record(NOON + timedelta(hours=number), rss(*pieces)) for number, pieces in enumerate(feeds)]
    file = warc(monitor.folder / "x.warc.gz", *records)
    monitor.clock.sleep(86_400)
    return monitor.measure(
        lambda: import_files([file], store=monitor.store, settings=monitor.settings, clock=monitor.clock)
    )


def page_of_a_mirror(monitor: Monitor) -> Cost:
    monitor.says("/state/", rss(*KNOWN, LAMPS))
    monitor.poll()
    monitor.says("/weather/", page("Rain over the hills", WEATHER))
    monitor.says("/lamps/", page(LAMPS.title, LAMPS.body))
    monitor.says("/mirror/", _listed(monitor, "/weather/"))
    monitor.poll("mirror")
    monitor.says("/mirror/", _listed(monitor, "/lamps/", "/weather/"))
    cost = monitor.measure(lambda: monitor.poll("mirror"))
    assert [copy.relation for copy in monitor.store.copies.find(CopyFilter())] == ["verbatim"]
    return cost


def _listed(monitor: Monitor, *paths: str) -> bytes:
    items = "".join(f"<item><title>Lamps</title><link>{monitor.server.url(path)}</link></item>" for path in paths)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'.encode()


CASES: dict[str, Callable[[Monitor], Cost]] = {
    case.__name__: case
    for case in (
        unchanged_by_304,
        unchanged_by_the_same_body,
        one_new_item,
        one_changed_item,
        import_of_100_statements,
        page_of_a_mirror,
    )
}


def expected() -> dict[str, Cost]:
    """Return the table of costs."""
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def main() -> None:
    """Write the table anew."""
    table = {}
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder, monitoring(Path(folder)) as monitor:
            table[name] = case(monitor)
    rows = (f"  {json.dumps(name)}: {json.dumps(cost)}" for name, cost in table.items())
    TABLE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
