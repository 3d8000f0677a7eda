"""Tests of imports: each capture at its own time, once, whatever the order of files and interruptions."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import (
    BLOCK_PAGE,
    FEED_HEADERS,
    HTML_HEADERS,
    LIST_URL,
    NOON,
    NOT_FOUND,
    REST_URL,
    Piece,
    article,
    listing,
    poll_records,
    polls,
    record,
    rest,
    rss,
    settings,
    warc,
)

from scraper import parsers
from scraper.clock import SimulatedClock
from scraper.errors import InputError
from scraper.model import EventKind, Outcome, Precision, PublicationState
from scraper.pipeline.import_files import ImportReport, import_files
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.model import Capture, EndpointKind, Event, Reading, Role

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LATER = NOON + 365 * DAY
PAGE = "https://www.state.gov/releases/office-of-the-spokesperson/2026/03/lamps-for-harbour-1/"


def import_paths(store: Store, *paths: Path, at: datetime = LATER) -> ImportReport:
    return import_files(paths, store=store, settings=settings(), clock=SimulatedClock(at))


def recorded_events(store: Store) -> list[Event]:
    """All events, without the numbers that depend on the order of writing."""
    return sorted(
        (replace(event, id=None, statement_id=None) for event in store.events.find(EventFilter())),
        key=lambda event: (event.at, event.guid or "", event.kind, event.part or ""),
    )


def kinds(store: Store) -> list[EventKind]:
    return [event.kind for event in store.events.find(EventFilter())]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """Events of `samples.polls` in an undisturbed import."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Store(folder / "x.db") as store:
        import_paths(store, warc(folder / "x.warc.gz", *poll_records()))
        return recorded_events(store)


@pytest.fixture
def lines(tmp_path: Path) -> Any:
    def write(*rows: dict[str, Any], name: str = "x.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


# What an import says


def test_events_of_the_polls_are_raised_once(undisturbed: list[Event]) -> None:
    counts = {kind: sum(event.kind is kind for event in undisturbed) for kind in EventKind}
    assert {kind: count for kind, count in counts.items() if count} == {
        EventKind.PUBLISHED: 5 + 8,
        EventKind.REVISED: 1,
        EventKind.TOUCHED: 1,
        EventKind.REATTRIBUTED: 1,
    }
    revised = next(event for event in undisturbed if event.kind is EventKind.REVISED)
    assert revised.at == NOON + 50 * MINUTE
    assert revised.guid == Piece(5).guid
    assert sum(event.backfill for event in undisturbed) == 5


def test_the_summary_counts_what_the_files_hold_and_what_was_known(store: Store, tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", *poll_records())
    first = import_paths(store, path)
    assert first == ImportReport(
        captures=24, new=24, known=0, stale=3, unread=0, statements=13, published=13, events=16
    )
    assert import_paths(store, path) == replace(first, new=0, known=24, published=0, events=0)


def test_progress_is_reported_as_transactions_are_written(store: Store, tmp_path: Path) -> None:
    calls: list[tuple[int, int | None]] = []
    import_files(
        [warc(tmp_path / "x.warc", *poll_records(100))],
        store=store,
        settings=settings(),
        clock=SimulatedClock(LATER),
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(64, 100), (100, 100)]


def test_captures_are_parsed_before_their_transaction_which_locks_the_database(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []

    def parse(capture: Capture, kind: EndpointKind | None = None, role: Role | None = None) -> Reading:
        inside.append(store.captures._db.conn.in_transaction)
        return read(capture, kind, role)

    read = parsers.read
    monkeypatch.setattr(parsers, "read", parse)
    import_paths(store, warc(tmp_path / "polls.warc", *poll_records()))
    assert len(inside) == len(poll_records())
    assert not any(inside)


def test_a_configured_source_gives_its_name_else_the_host_does(store: Store, tmp_path: Path) -> None:
    import_paths(
        store,
        warc(
            tmp_path / "x.warc",
            record(NOON, rss(Piece(1))),
            record(NOON + HOUR, rss(Piece(2)), "https://www.state.gov/rss-feed/other/feed/"),
            record(NOON + HOUR, article(Piece(3)), "https://2021-2025.state.gov/x/", headers=HTML_HEADERS),
        ),
    )
    assert [
        (s.title[-1], e.source, e.backfill)
        for s, e in zip(store.statements.find(), recorded_events(store), strict=False)
    ]
    assert {event.source for event in recorded_events(store)} == {"state", "www.state.gov", "2021-2025.state.gov"}


# The same whatever the way


def test_twice(store: Store, tmp_path: Path, undisturbed: list[Event]) -> None:
    path = warc(tmp_path / "x.warc.gz", *poll_records())
    import_paths(store, path)
    import_paths(store, path)
    assert recorded_events(store) == undisturbed


def test_the_same_file_named_twice_in_one_command(store: Store, tmp_path: Path, undisturbed: list[Event]) -> None:
    path = warc(tmp_path / "x.warc.gz", *poll_records())
    assert import_paths(store, path, path).known == 24
    assert recorded_events(store) == undisturbed


def test_in_two_halves(store: Store, tmp_path: Path, undisturbed: list[Event]) -> None:
    records = poll_records()
    import_paths(store, warc(tmp_path / "a.warc.gz", *records[:11]))
    import_paths(store, warc(tmp_path / "b.warc.gz", *records[11:]))
    assert recorded_events(store) == undisturbed


def test_in_any_order_of_files_and_records_in_one_command(
    store: Store, tmp_path: Path, undisturbed: list[Event]
) -> None:
    records = poll_records()
    random.Random(4).shuffle(records)
    paths = [warc(tmp_path / f"{number}.warc.gz", *records[number::5]) for number in range(5)]
    assert import_paths(store, *paths).stale == 3
    assert recorded_events(store) == undisturbed


def test_the_later_half_first_adds_what_only_the_earlier_one_knows_and_revises_nothing(
    store: Store, tmp_path: Path, undisturbed: list[Event]
) -> None:
    records = poll_records()
    import_paths(store, warc(tmp_path / "b.warc.gz", *records[7:]))
    before = recorded_events(store)
    report = import_paths(store, warc(tmp_path / "a.warc.gz", *records[:7]))
    # The edit of the first half came before the watch began: who starts late has not seen it.
    assert (report.stale, report.published) == (7, 0)
    assert recorded_events(store) == before
    assert {event.guid for event in before} == {event.guid for event in undisturbed}
    assert {event.kind for event in before} == {EventKind.PUBLISHED, EventKind.TOUCHED, EventKind.REATTRIBUTED}


def test_a_statement_that_only_the_earlier_half_had_is_added(store: Store, tmp_path: Path) -> None:
    import_paths(store, warc(tmp_path / "b.warc", record(NOON + DAY, rss(Piece(2), built=NOON + DAY))))
    import_paths(store, warc(tmp_path / "a.warc", record(NOON, rss(Piece(1)))))
    assert {statement.guid for statement in store.statements.find()} == {Piece(1).guid, Piece(2).guid}


def captures_in(db: Path) -> int:
    """Return the number of captures in a database, and check its integrity."""
    with contextlib.closing(sqlite3.connect(db)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(connection.execute("SELECT count(*) FROM captures").fetchone()[0])


# What may stand in a WARC


def test_a_capture_without_a_document_is_stored_and_changes_nothing(store: Store, tmp_path: Path) -> None:
    good = rss(Piece(1), Piece(2))
    page = ("Content-Length", "100000")
    bad = [
        record(NOON + 1 * MINUTE, BLOCK_PAGE, headers=HTML_HEADERS),
        record(NOON + 2 * MINUTE, BLOCK_PAGE, headers=HTML_HEADERS, status=403),
        record(NOON + 3 * MINUTE, NOT_FOUND, headers=HTML_HEADERS, status=404),
        record(NOON + 4 * MINUTE, b"Internal Server Error", headers=HTML_HEADERS, status=500),
        record(NOON + 5 * MINUTE, good[: len(good) // 2], headers=(*FEED_HEADERS, page)),
        record(
            NOON + 6 * MINUTE, gzip.compress(good, mtime=0)[:-30], headers=(*FEED_HEADERS, ("Content-Encoding", "gzip"))
        ),
        record(NOON + 7 * MINUTE, b"", headers=FEED_HEADERS),
        record(NOON + 8 * MINUTE, bytes(range(256)) * 40, headers=FEED_HEADERS),
        record(NOON + 9 * MINUTE, b"<html><head><title>Elsewhere</title></head><body>Hm</body></html>"),
        record(NOON + 10 * MINUTE, b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>'),
        record(NOON + 11 * MINUTE, b"", status=304),
    ]
    report = import_paths(store, warc(tmp_path / "x.warc.gz", record(NOON, good), *bad, record(NOON + HOUR, good)))
    assert kinds(store) == [EventKind.PUBLISHED] * 2
    assert (report.captures, report.unread, report.statements) == (13, len(bad), 2)
    assert store.captures.count() == 13
    assert all(statement.state is PublicationState.CURRENT for statement in store.statements.find())
    assert len(report.problems) >= len(bad) - 1
    assert any("blocked" in problem for problem in report.problems)
    outcomes = {row[0] for row in store._db.execute("SELECT outcome FROM captures")}
    assert {Outcome.BLOCKED, Outcome.GONE, Outcome.ERROR_PAGE, Outcome.TRUNCATED, Outcome.OK} <= outcomes


def test_a_garbled_text_is_no_revision(store: Store, tmp_path: Path) -> None:
    piece = Piece(1, body=("Größe – “naïve” lamps for every keeper of Harbour 1.", "They come by ship."))
    garbled = rss(piece, built=NOON + HOUR).decode().encode("cp1252")
    records = [
        record(NOON, rss(piece)),
        record(NOON + HOUR, garbled),
        record(NOON + 2 * HOUR, rss(piece, built=NOON + 2 * HOUR)),
    ]
    report = import_paths(store, warc(tmp_path / "x.warc", *records))
    assert kinds(store) == [EventKind.PUBLISHED]
    assert any("damaged" in problem for problem in report.problems)
    assert next(store.statements.find()).last_seen_at == NOON + 2 * HOUR


def garble(body: bytes) -> bytes:
    """Return a feed whose server decoded its UTF-8 as Windows-1252."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in body).encode()


@pytest.mark.parametrize("sign", ["\u00a0", "’", "–", "é", "“so” "])
def test_wrongly_decoded_text_is_repaired(store: Store, tmp_path: Path, sign: str) -> None:
    body = f"The keepers{sign}of Harbour 1 have $80 million, as they were promised."
    before, after = Piece(1, body=(body,)), Piece(1, body=(body.replace("$80", "$58"),))
    records = [
        record(NOON, rss(before)),
        record(NOON + HOUR, garble(rss(before, built=NOON + HOUR))),
        record(NOON + 2 * HOUR, garble(rss(after, built=NOON + 2 * HOUR))),
        record(NOON + 3 * HOUR, rss(after, built=NOON + 3 * HOUR)),
    ]
    report = import_paths(store, warc(tmp_path / "x.warc", *records))
    assert kinds(store) == [EventKind.PUBLISHED, EventKind.REVISED]
    assert not report.problems


def test_wrongly_decoded_text_in_a_first_capture_is_stored_repaired(store: Store, tmp_path: Path) -> None:
    piece = Piece(1, "Lamps – for all", ("The keepers’ “café” has 40 lamps.",))
    records = [record(NOON, garble(rss(piece))), record(NOON + HOUR, rss(piece, built=NOON + HOUR))]
    import_paths(store, warc(tmp_path / "x.warc", *records))
    assert kinds(store) == [EventKind.PUBLISHED]
    assert next(store.statements.find()).title == "Lamps – for all"


def test_a_feed_of_which_items_are_broken_gives_the_others(store: Store, tmp_path: Path) -> None:
    broken = rss(Piece(1), Piece(2)).replace(b"Harbour 1</title>", b"Harbour & 1</tilte>")
    report = import_paths(store, warc(tmp_path / "x.warc", record(NOON, broken)))
    assert Piece(2).guid in {statement.guid for statement in store.statements.find()}
    assert report.problems


def test_an_article_page_is_one_statement(store: Store, tmp_path: Path) -> None:
    report = import_paths(
        store, warc(tmp_path / "x.warc.gz", record(NOON, article(Piece(1)), PAGE, headers=HTML_HEADERS))
    )
    (statement,) = store.statements.find()
    assert (report.captures, report.statements, report.problems) == (1, 1, [])
    assert (statement.title, statement.guid, statement.url) == ("Lamps for Harbour 1", Piece(1).guid, PAGE)
    assert (statement.byline, statement.type) == (Piece(1).byline, "Press Statement")
    (revision,) = store.statements.revisions(statement.id)
    assert revision.wording.text == "\n\n".join(Piece(1).body)


def test_a_changed_text_in_stored_pages_is_a_revision(store: Store, tmp_path: Path) -> None:
    edited = Piece(1).but(body=("Nothing is given.",))
    pages = [
        record(NOON + DAY * day, article(piece), PAGE, headers=HTML_HEADERS)
        for day, piece in enumerate((Piece(1), Piece(1), edited))
    ]
    import_paths(store, warc(tmp_path / "x.warc.gz", *pages))
    assert kinds(store) == [EventKind.PUBLISHED, EventKind.REVISED]


def test_the_rest_api_and_a_list_page(store: Store, tmp_path: Path) -> None:
    import_paths(
        store,
        warc(
            tmp_path / "x.warc.gz",
            record(NOON, rest(Piece(1)), REST_URL + "?per_page=20", headers=(("Content-Type", "application/json"),)),
            record(NOON + HOUR, listing(Piece(1), Piece(2)), LIST_URL, headers=HTML_HEADERS),
        ),
    )
    (statement,) = store.statements.find()
    assert (statement.guid, statement.last_seen_at) == (Piece(1).guid, NOON + HOUR)
    assert kinds(store) == [EventKind.PUBLISHED]


@pytest.mark.parametrize("form", ["gzip", "chunked", "gzip, chunked", "unpacked"])
def test_bodies_as_they_were_sent(store: Store, tmp_path: Path, form: str) -> None:
    body, headers = rss(Piece(1)), [*FEED_HEADERS]
    if "gzip" in form or form == "unpacked":
        headers.append(("Content-Encoding", "gzip"))
        body = gzip.compress(body, mtime=0) if "gzip" in form else body
    if "chunked" in form:
        headers.append(("Transfer-Encoding", "chunked"))
        body = b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 99]), body[i : i + 99]) for i in range(0, len(body), 99))
        body += b"0\r\n\r\n"
    report = import_paths(store, warc(tmp_path / "x.warc.gz", record(NOON, body, headers=headers)))
    assert (report.statements, report.problems) == (1, [])
    assert store.captures.get(1).body == rss(Piece(1))


def test_a_truncated_file_gives_its_records_and_a_problem(store: Store, tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", *poll_records())
    path.write_bytes(path.read_bytes()[:-200])
    report = import_paths(store, path)
    assert (report.captures, report.unread) == (24, 1)
    assert any(str(path) in problem and "ends in the middle" in problem for problem in report.problems)
    assert import_paths(store, warc(tmp_path / "y.warc.gz", *poll_records())).known == 23


def test_a_bomb_is_too_large_and_the_rest_is_taken(store: Store, tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(60_000_000))
    headers = (*FEED_HEADERS, ("Content-Encoding", "gzip"))
    path = warc(tmp_path / "x.warc", record(NOON, bomb, headers=headers), record(NOON + HOUR, rss(Piece(1))))
    report = import_paths(store, path)
    assert (report.unread, report.statements) == (1, 1)
    assert "too large" in report.problems[0]


def test_a_page_that_no_parser_foresaw_stops_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scraper.parsers import PARSERS

    def breaks(_: object) -> Any:
        raise KeyError("a field that was always there")

    broken = tuple(parser._replace(read=breaks) if parser.name == "feed" else parser for parser in PARSERS)
    monkeypatch.setattr("scraper.parsers.PARSERS", broken)
    page = record(NOON + HOUR, article(Piece(1)), PAGE, headers=HTML_HEADERS)
    report = import_paths(store, warc(tmp_path / "x.warc", record(NOON, rss(Piece(1))), page))
    assert (report.unread, report.statements) == (1, 1)
    assert "bug" in report.problems[0]
    assert "a field that was always there" in report.problems[0]


def test_captures_from_the_future_are_left_out(store: Store, tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc", record(NOON, rss(Piece(1))), record(NOON + DAY, rss(Piece(2), built=NOON + DAY)))
    report = import_paths(store, path, at=NOON)
    assert (report.captures, report.unread, report.statements) == (2, 1, 1)
    assert "in the future" in report.problems[0]


@pytest.mark.parametrize("content", [b"", b"no WARC\n"])
def test_a_file_that_is_no_warc_changes_nothing(store: Store, tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.warc"
    bad.write_bytes(content)
    with pytest.raises(InputError, match="bad"):
        import_paths(store, warc(tmp_path / "good.warc", *poll_records(3)), bad)
    assert store.captures.count() == 0


# JSON Lines


def row(piece: Piece, **changes: Any) -> dict[str, Any]:
    given = {
        "guid": piece.guid,
        "url": piece.url,
        "title": piece.title,
        "published_at": f"{piece.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "text": "\n\n".join(piece.body),
        "byline": piece.byline,
    }
    return {key: value for key, value in (given | changes).items() if value is not None}


def test_lines_become_statements_and_are_history(store: Store, lines: Any) -> None:
    report = import_paths(store, lines(row(Piece(1)), row(Piece(2), published_at="2026-03-01", authority="x.example")))
    assert (report.captures, report.statements, report.published, report.unread) == (2, 2, 2, 0)
    one, two = (store.statements.by_guid(Piece(n).guid) for n in (1, 2))
    assert one is not None
    assert two is not None
    assert (one.authority, one.precision, one.first_seen_at) == ("state.gov", Precision.SECOND, LATER)
    assert (two.authority, two.precision) == ("x.example", Precision.DAY)
    assert [(event.kind, event.backfill, event.source) for event in recorded_events(store)] == [
        (EventKind.PUBLISHED, True, "import")
    ] * 2
    assert json.loads(store.captures.get(1).body) == row(Piece(1))


def test_html_and_text_give_the_same_wording(store: Store, lines: Any) -> None:
    html = "".join(f"<p>{paragraph}</p>" for paragraph in Piece(1).body)
    import_paths(store, lines(row(Piece(1), captured_at="2026-03-02T12:00:00Z")))
    import_paths(store, lines(row(Piece(1), text=None, html=html, captured_at="2026-03-03T12:00:00Z")))
    assert kinds(store) == [EventKind.PUBLISHED]
    assert next(store.statements.find()).last_seen_at == NOON + DAY


def test_lines_are_taken_at_their_own_time(store: Store, lines: Any) -> None:
    edited = Piece(1).but(body=("Nothing is given.", "Nothing at all."))
    report = import_paths(
        store,
        lines(
            row(Piece(1), captured_at="2026-03-02T12:00:00Z"),
            row(edited, captured_at="2026-03-03T12:00:00Z"),
            row(Piece(1).but(body=("Older still.",)), captured_at="2026-03-01T12:00:00Z"),
        ),
    )
    assert report.captures == 3
    assert [(event.kind, event.at) for event in recorded_events(store)] == [
        (EventKind.PUBLISHED, NOON),
        (EventKind.REVISED, NOON + DAY),
    ]
    assert next(store.statements.find()).last_seen_at == NOON + DAY


def test_lines_and_polls_speak_of_the_same_statement(store: Store, tmp_path: Path, lines: Any) -> None:
    import_paths(store, warc(tmp_path / "x.warc", record(NOON, rss(Piece(1)))))
    import_paths(store, lines(row(Piece(1), captured_at="2026-03-03T12:00:00Z")))
    assert kinds(store) == [EventKind.PUBLISHED]


def test_lines_before_a_mistake_are_kept_and_the_corrected_file_continues(store: Store, lines: Any) -> None:
    rows = [row(Piece(n)) for n in range(1, 100)]
    with pytest.raises(InputError, match=r"x\.jsonl:99: title is required"):
        import_paths(store, lines(*rows[:98], row(Piece(99), title=None)))
    assert store.statements.count() == 98
    report = import_paths(store, lines(*rows))
    assert (report.captures, report.known, report.published, report.statements) == (99, 98, 1, 99)
    assert all(event.backfill for event in recorded_events(store))


def test_a_second_collection_is_news_only_where_nothing_was_filled_before(store: Store, lines: Any) -> None:
    import_paths(store, lines(row(Piece(1))))
    import_paths(store, lines(row(Piece(2))), at=LATER + DAY)
    assert [event.backfill for event in recorded_events(store)] == [True, False]


def test_warc_and_lines_in_one_command(store: Store, tmp_path: Path, lines: Any) -> None:
    report = import_paths(store, lines(row(Piece(2))), warc(tmp_path / "x.warc", record(NOON, rss(Piece(1)))))
    assert (report.captures, report.statements) == (2, 2)


def test_times_of_events_are_those_of_the_captures(store: Store, tmp_path: Path) -> None:
    import_paths(store, warc(tmp_path / "x.warc", *(record(at, body) for at, body in polls(3))))
    assert {event.at for event in recorded_events(store)} == {NOON, NOON + 10 * MINUTE}
    assert {event.at.tzinfo for event in recorded_events(store)} == {UTC}
