"""Tests that queries do not grow with the database: each is held to an index, and its instructions are counted.

The SQL is that which commands, pages, a tick and a run really execute, over 3,000 and over 20,000 statements.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from fakes.mirror import GAZETTE_FEED, MIRROR, STATE, feed, post
from fakes.web import Web
from many_rows import fill
from pipeline.conftest import Watch as Runs
from samples import FEED_URL, NOON, Piece, rss

from scraper.cli import main
from scraper.clock import SimulatedClock
from scraper.config import loader
from scraper.delivery import enqueue, operator_mails
from scraper.model import Channel
from scraper.pipeline import database_checks
from scraper.store import Audience, Store
from scraper.web.page import PageRequest
from scraper.web.routes import respond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FEW, MANY = 3_000, 20_000
INSTRUCTIONS: Final = 100  # per call of the handler
GROWING: Final = frozenset(
    "alerts bodies captures copies events fingerprints folded_texts messages page_urls page_wordings pages parsed_texts"
    " quotations rechecks renderings revisions statement_urls statements".split()
)
CONFIG = """\
fetch: {contact: "https://monitor.invalid/about"}
sources:
  - {name: state, role: canonical, endpoints: [{kind: feed, url: "https://www.state.gov/rss-feed/press-releases/feed/"}]}
  - {name: gazette, role: mirror, endpoints: [{kind: feed, url: "https://gazette.example/feed/"}]}
  - {name: herald, role: mirror, endpoints: [{kind: feed, url: "https://herald.example/feed/"}]}
watches:
  - {name: All, when: [published, revised, copied, altered], to: [desk@example.org]}
"""
PERMITTED: Final = {
    "SELECT DISTINCT type FROM statements": "labels are compared with names in Python, when an option has a name",
    "SELECT DISTINCT byline FROM statements": "the same",
    "SELECT DISTINCT value FROM statements, json_each(countries)": "the same",
    "SELECT count(*) FROM statements": "a number that `status` shows, counted in an index",
    "SELECT count(*) FROM pages": "the same",
    "SELECT count(*) FROM captures": "the same",
    "SELECT count(*) FROM copies WHERE gone_at IS NULL": "the same",
    "SELECT state, count(*) FROM messages GROUP BY state": "the same",
    "WITH carried AS MATERIALIZED": "the figures of all outlets are those of all copies",
    "SELECT substr(e.detected_at": "numbers of entries of each year or month",
    "SELECT substr(coalesce(s.published_at": "the same",
    "SELECT id, title, countries FROM statements WHERE id IN": "tags of countries are lists, which no index has",
    "SELECT type, count(*) FROM statements": "numbers of statements of each type",
    "SELECT coalesce(s.published_at, s.first_seen_at), 0, s.id FROM statements s WHERE s.": "a view, in order",
    "SELECT id, ifnull(page_title, '') FROM events WHERE kind": "claims have no statement: their titles are compared",
}
"""Beginnings of queries that may read a whole table, each with the reason."""
GROWS: Final = {
    "list -n 20 --source herald": "nothing is found, so names are looked up among all labels",
    "events -n 20 --source herald": "the same",
    "list -n 20 --type Remarks": "names are looked up among all labels",
    "list -n 20 --country Laos": "the same, and among all tags",
    "search minister --since 2026-02-20": "each match is checked, for only few of them are of that time",
    "outlets": "the figures of all outlets are those of all copies",
    "source suggest": "the same",
    "status": "counts copies",
    "doctor": "the same",
    "": "entries of each month of a year are counted",
    "outlets/gazette.example/": "the figures of an outlet are those of all its copies",
    "sources/": "few events are those of sources, and all are read in order of time until enough are found",
    "sources/gazette/": "the same",
    "changed/": "the same, of changes",
    "withdrawn/": "the same, of withdrawals",
    "copied/": "entries of each year are counted",
    "countries/laos/": "the same",
    "types/remarks/": "the same",
    "phrase/?q=minister": "every use of a phrase is counted",
}
"""Commands and pages that take longer on a larger database, each with the reason. Their queries are held to indexes."""


@dataclass
class Work:
    """SQL that ran, with its values, and hundreds of instructions of SQLite's virtual machine."""

    queries: dict[str, Any] = field(default_factory=dict)
    steps: int = 0


class Recorder(sqlite3.Connection):
    """Connection that records what runs on it."""

    work = Work()

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.set_progress_handler(self._count, INSTRUCTIONS)

    def _count(self) -> int:
        Recorder.work.steps += 1
        return 0

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        Recorder.work.queries.setdefault(sql, values)
        return super().execute(sql, values)

    def executemany(self, sql: str, values: Any, /) -> sqlite3.Cursor:
        found = list(values)
        if found:
            Recorder.work.queries.setdefault(sql, found[0])
        return super().executemany(sql, found)


@pytest.fixture(scope="module", params=[False, True], ids=["new", "analyzed"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small and a large database, before and after the daemon's first ANALYZE. Only `writes` may change them."""
    folder = tmp_path_factory.mktemp("rows")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    few, many = folder / "few.db", folder / "many.db"
    fill(few, FEW, analyzed=request.param)
    fill(many, MANY, analyzed=request.param)
    return few, many


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], Work]:
    connect = sqlite3.connect

    def record(do: Callable[[], object]) -> Work:
        Recorder.work = Work()
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", lambda *args, **named: connect(*args, **({"factory": Recorder} | named)))
            do()
        return Recorder.work

    return record


def scans(path: Path, work: Work) -> Iterator[str]:
    """Yield a line for each query that reads a whole table that grows, and does not end early in order of an index."""
    with Store(path) as store:
        for sql, values in work.queries.items():
            if not re.match(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT)", sql):
                continue
            plan = [row[3] for row in store.database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
            if " ".join(sql.split()).startswith(tuple(PERMITTED)):
                continue
            is_ordered = "ORDER BY" in sql and not any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
            for line in plan:
                found = re.match(r"SCAN (\w+)( USING (?:COVERING )?INDEX)?", line)
                walks = found and (found[2] or re.search(r"ORDER BY (\w+\.)?id\b", sql))
                if found and _table(sql, found[1]) in GROWING and not (walks and is_ordered):
                    yield f"{' '.join(sql.split())[:160]}: {line}"


def _table(sql: str, name: str) -> str:
    """Return the table of an alias, or the name itself."""
    found = re.search(rf"\b(\w+) (?:AS )?{name}\b(?! ?\()", sql)
    return found[1] if found and found[1] in GROWING else name


COMMANDS = (
    "list -n 20",
    "list -n 20 --json",
    "list -n 20 --since 2020-01-01",
    "list -n 20 --until 2026-02-20",
    "list -n 20 --source state",
    "list -n 20 --source herald",
    "list -n 20 --changed",
    "list -n 20 --type Remarks",
    "list -n 20 --country Laos",
    "show 500",
    "show 500 --json",
    "show https://www.state.gov/lamps-500/",
    "show https://www.state.gov/?post_type=state_press_release&p=500",
    "show nothing",
    "diff 500",
    "search minister",
    "search minister --since 2026-02-20",
    "events -n 20",
    "events -n 20 --since 2026-02-28",
    "events -n 20 --source herald",
    "events --statement 500",
    "copies -n 20",
    "copies 500",
    "spread 500",
    "copies -n 20 --altered",
    "quotes -n 20",
    "quotes 500",
    "outlets",
    "source suggest",
    "status",
    "doctor",
    "alerts list -n 20",
    "alerts why 500",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_not_read_more_of_a_larger_database(
    command: str,
    databases: tuple[Path, Path],
    record: Callable[[Callable[[], object]], Work],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_checks, "_WHOLE_BYTES", 0)

    def run(path: Path) -> None:
        with pytest.raises(SystemExit):
            main(["--config", str(path.with_name("config.yaml")), "--db", str(path), *command.split()])

    few, many = (record(lambda path=path: run(path)) for path in databases)
    assert list(scans(databases[1], many)) == []
    if command not in GROWS:
        assert many.steps <= 1.5 * few.steps + 20


PAGES = (
    "",
    "statements/500/",
    "statements/500/history/",
    "statements/500/copies/",
    "copies/500/500/",
    "outlets/gazette.example/",
    "sources/",
    "sources/gazette/",
    "search/?q=minister",
    "changed/",
    "withdrawn/",
    "copied/",
    "countries/laos/",
    "types/remarks/",
    "months/2026-02/",
    "feed.atom",
    "phrase/?q=minister",
)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_does_not_read_more_of_a_larger_database(
    address: str, databases: tuple[Path, Path], record: Callable[[Callable[[], object]], Work]
) -> None:
    path, _, words = address.partition("?q=")
    settings = loader.load(databases[0].with_name("config.yaml"))

    def show(db: Path) -> None:
        query = {"q": (words,)} if words else {}
        with Store(db, audience=Audience.PAGES) as store, store.snapshot():
            page = PageRequest(store, settings, NOON, path=path, query=query, is_live=True)
            assert respond(page).status == 200

    few, many = (record(lambda db=db: show(db)) for db in databases)
    assert list(scans(databases[1], many)) == []
    if address not in GROWS:
        assert many.steps <= 1.5 * few.steps + 20


def test_a_tick_does_not_read_more_of_a_larger_database(
    databases: tuple[Path, Path], record: Callable[[Callable[[], object]], Work]
) -> None:
    """What the daemon looks up to find what is due: sources, and messages."""
    settings = loader.load(databases[0].with_name("config.yaml"))

    def tick(path: Path) -> None:
        with Store(path) as store:
            store.sources.all()
            store.outbox.due_channels(NOON)
            store.outbox.due(NOON, 20, Channel.MAIL)
            with store.unit():
                enqueue.queue_alerts(store, settings)
                operator_mails.queue_operator_mails(store, settings, NOON)

    few, many = (record(lambda path=path: tick(path)) for path in databases)
    assert list(scans(databases[1], many)) == []
    assert many.steps <= 1.5 * few.steps + 20


@pytest.mark.parametrize("name", ["state", "gazette"])
def test_a_run_does_not_read_more_of_a_larger_database(
    name: str, databases: tuple[Path, Path], record: Callable[[Callable[[], object]], Work], tmp_path: Path
) -> None:
    """Twenty statements, or posts, that are not known yet."""

    def run(path: Path) -> None:
        copied = tmp_path / path.name
        with sqlite3.connect(path) as connection, sqlite3.connect(copied) as copy:
            connection.backup(copy)
        with Store(copied) as store:
            site = Web()
            pieces = [Piece(number, f"Readout {number}") for number in range(90_000, 90_020)]
            site.says(FEED_URL, rss(*pieces, built=NOON))
            posts = [
                post(f"new-{number}", f"News {number}", ("Rain is expected over the hills.",)) for number in range(20)
            ]
            site.says(GAZETTE_FEED, feed(*posts))
            runs = Runs(store, SimulatedClock(NOON), site, source=MIRROR if name == "gazette" else STATE)
            assert runs.run().items == 20

    few, many = (record(lambda path=path: run(path)) for path in databases)
    assert list(scans(databases[1], many)) == []
    assert many.steps <= 1.5 * few.steps + 20
