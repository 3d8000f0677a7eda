"""Tests of stored bodies parsed again by the present parsers: shown first, corrected on request, never news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes.mirror import LAMPS, Gazette, carried, page
from samples import FEED_URL, NOON, Piece, article, rss, source

from scraper import parsers
from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, Relation
from scraper.parsers import PageReading
from scraper.pipeline import reparse
from scraper.store import EventFilter, integrity

if TYPE_CHECKING:
    from pipeline.conftest import Watch

    from scraper.model import Capture, Reading, Role
    from scraper.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PIECE = Piece(1)
FEED_ONLY = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))


@pytest.fixture
def worse(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A parser of feeds that loses the last paragraph, until `better` is called."""
    true = parsers.read

    def lossy(capture: Capture, kind: EndpointKind | None = None, role: Role | None = None) -> Reading:
        reading = true(capture, kind, role)
        if reading.parser != "feed":
            return reading
        items = (replace(item, paragraphs=item.paragraphs and item.paragraphs[:-1]) for item in reading.items)
        return replace(reading, items=tuple(items))

    monkeypatch.setattr(parsers, "read", lossy)
    return lambda: monkeypatch.setattr(parsers, "read", true)


@pytest.fixture
def wrongly_parsed(watch: Watch, worse: Any) -> Watch:
    """A statement that the feed's parser read wrongly; the parser was corrected since."""
    watch.source = FEED_ONLY
    watch.site.says(FEED_URL, rss(PIECE))
    watch.site.says(PIECE.url, article(PIECE))
    watch.run()
    watch.after(2 * HOUR)  # the page was fetched as well, and has a baseline of its own
    worse()
    return watch


def text(store: Store, number: int = 1) -> str:
    return store.statements.revisions(1)[number - 1].wording.text


def test_an_equal_reading_is_no_difference(watch: Watch) -> None:
    watch.source = FEED_ONLY
    watch.site.says(FEED_URL, rss(PIECE, Piece(2)))
    watch.run()
    watch.site.says(FEED_URL, rss(PIECE.but(body=("Nothing is given.",)), built=NOON + DAY))
    watch.after(DAY)
    found = reparse.find_differences(watch.store)
    assert (found.captures, found.unread, found.found) == (2, 0, ())


def test_differences_are_shown_and_nothing_is_changed(wrongly_parsed: Watch) -> None:
    before = list(wrongly_parsed.store.database.conn.iterdump())
    (found,) = reparse.find_differences(wrongly_parsed.store).found
    assert (found.statement_id, found.number, found.title) == (1, 1, PIECE.title)
    assert PIECE.body[-1] not in found.before.text
    assert PIECE.body[-1] in found.after.text
    assert list(wrongly_parsed.store.database.conn.iterdump()) == before


def test_a_corrected_wording_is_no_news_now_or_later(wrongly_parsed: Watch) -> None:
    store = wrongly_parsed.store
    reported = wrongly_parsed.kinds()
    reparse.apply(store, reparse.find_differences(store).found, wrongly_parsed.clock.now())
    assert text(store).endswith(PIECE.body[-1])
    assert integrity.check_index(store) == integrity.IndexState(0, 0, 0)
    assert integrity.search_fault(store) == ""
    assert reparse.find_differences(store).found == ()
    for _ in range(4):
        wrongly_parsed.site.says(FEED_URL, rss(PIECE, built=wrongly_parsed.clock.now() + DAY))
        wrongly_parsed.after(DAY)
    assert wrongly_parsed.kinds() == reported
    assert store.statements.revisions(1)[-1].number == 1


def test_an_edit_after_it_is_a_revision_all_the_same(wrongly_parsed: Watch) -> None:
    store = wrongly_parsed.store
    reparse.apply(store, reparse.find_differences(store).found, wrongly_parsed.clock.now())
    edited = PIECE.but(body=(PIECE.body[0], "Nothing is given to the keepers of the harbour."))
    wrongly_parsed.site.says(FEED_URL, rss(edited, built=NOON + DAY))
    assert [event.kind for event in wrongly_parsed.after(DAY).events if event.guid == PIECE.guid] == [
        "statement.revised"
    ]


def test_the_baseline_of_another_parser_stays(wrongly_parsed: Watch) -> None:
    store = wrongly_parsed.store
    with store.unit():
        store.database.execute("INSERT INTO parsed_texts VALUES (1, 'other', 1, NULL, NULL, 1)")
    (found,) = reparse.find_differences(store).found
    reparse.apply(store, (found,), wrongly_parsed.clock.now())
    statement = store.statements.by_id(1)
    assert statement is not None
    assert store.statements.known(statement, "other", statement.url).last_read == found.before
    assert store.statements.known(statement, "feed", statement.url).last_read == found.after


def test_a_title_that_stands_is_put_right_in_the_statement_too(wrongly_parsed: Watch) -> None:
    store = wrongly_parsed.store
    (found,) = reparse.find_differences(store).found
    titled = replace(found, after=replace(found.after, title="Lamps, Rightly Read"))
    reparse.apply(store, (titled,), wrongly_parsed.clock.now())
    assert wrongly_parsed.only().title == "Lamps, Rightly Read"


def test_copies_are_compared_anew_without_a_word(gazette: Gazette, worse: Any) -> None:
    gazette.begins()
    gazette.state_says(LAMPS)
    carried(gazette, *LAMPS.body)
    gazette.poll(HOUR)
    store = gazette.watch.store
    reported = gazette.watch.kinds()
    worse()
    reparse.apply(store, reparse.find_differences(store).found, gazette.watch.clock.now())
    assert gazette.watch.kinds() == reported
    (copy,) = gazette.copies()
    assert (copy.relation, copy.coverage) == (Relation.VERBATIM, 1.0)


def test_bodies_that_are_gone_or_read_by_another_parser_are_left_alone(wrongly_parsed: Watch) -> None:
    with wrongly_parsed.store.unit():
        wrongly_parsed.store.database.execute("UPDATE captures SET parser = 'old'")
    assert reparse.find_differences(wrongly_parsed.store) == reparse.ReparseResult(1, 1, ())
    with wrongly_parsed.store.unit():
        wrongly_parsed.store.database.execute("UPDATE bodies SET packed = x''")
    assert reparse.find_differences(wrongly_parsed.store) == reparse.ReparseResult(0, 0, ())


def test_the_first_run_after_an_upgrade_reads_the_stored_answer_again(wrongly_parsed: Watch, monkeypatch: Any) -> None:
    reported = wrongly_parsed.kinds()
    monkeypatch.setattr(parsers, "VERSION", parsers.VERSION + 1)
    for _ in range(3):
        wrongly_parsed.site.says(FEED_URL, rss(PIECE, built=wrongly_parsed.clock.now() + DAY))
        wrongly_parsed.after(DAY)
    assert wrongly_parsed.kinds() == reported
    assert text(wrongly_parsed.store).endswith(PIECE.body[-1])
    assert len(wrongly_parsed.store.statements.revisions(1)) == 1
    assert integrity.check_index(wrongly_parsed.store) == integrity.IndexState(0, 0, 0)
    assert integrity.search_fault(wrongly_parsed.store) == ""


def test_a_change_in_the_first_run_after_an_upgrade_is_news(wrongly_parsed: Watch, monkeypatch: Any) -> None:
    reported = wrongly_parsed.kinds()
    monkeypatch.setattr(parsers, "VERSION", parsers.VERSION + 1)
    changed = PIECE.but(body=(*PIECE.body, "Ninety lamps are promised."))
    wrongly_parsed.site.says(FEED_URL, rss(changed, built=wrongly_parsed.clock.now() + DAY))
    wrongly_parsed.site.says(PIECE.url, article(changed))
    wrongly_parsed.after(DAY)
    assert wrongly_parsed.kinds()[len(reported) :] == ["statement.revised"]
    (event,) = wrongly_parsed.store.events.find(EventFilter(kinds=(EventKind.REVISED,)))
    assert [str(reason) for reason in event.reasons] == ["sentence added: “Ninety lamps are promised”"]


def test_without_an_upgrade_or_a_stored_answer_a_difference_is_news(wrongly_parsed: Watch, monkeypatch: Any) -> None:
    reported = wrongly_parsed.kinds()
    monkeypatch.setattr(parsers, "VERSION", parsers.VERSION + 1)
    with wrongly_parsed.store.unit():
        wrongly_parsed.store.database.execute("UPDATE bodies SET packed = x''")
    wrongly_parsed.site.says(FEED_URL, rss(PIECE, built=wrongly_parsed.clock.now() + DAY))
    wrongly_parsed.after(DAY)
    assert wrongly_parsed.kinds()[len(reported) :] == ["statement.revised"]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Parsers of an earlier version, which read other words in pages, until they are upgraded."""
    true, version = parsers.read, parsers.VERSION

    def read(capture: Capture, kind: EndpointKind | None = None, role: Role | None = None) -> Reading:
        reading = true(capture, kind, role)
        if not isinstance(reading, PageReading):
            return reading
        items = (replace(item, paragraphs=(*(item.paragraphs or ()), "Vote.")) for item in reading.items)
        return replace(reading, items=tuple(items), text=reading.text.replace("40 lamps", "40 old lamps"))

    def upgrade() -> None:
        monkeypatch.setattr(parsers, "read", true)
        monkeypatch.setattr(parsers, "VERSION", version + 1)

    monkeypatch.setattr(parsers, "read", read)
    return upgrade


@pytest.mark.parametrize(("shown", "news"), [("40 lamps", []), ("4 lamps", [EventKind.COPY_CHANGED])])
def test_a_mirror_page_is_read_again_after_an_upgrade_as_well(
    gazette: Gazette, older: Any, shown: str, news: list[EventKind]
) -> None:
    gazette.begins()
    gazette.state_says(LAMPS)
    carried(gazette, *LAMPS.body)
    gazette.poll(HOUR)
    (copy,) = gazette.copies()
    assert copy.relation is Relation.ALTERED
    older()
    gazette.shows("lamps", page(LAMPS.title, tuple(p.replace("40 lamps", shown) for p in LAMPS.body)))
    assert [event.kind for event in gazette.poll(DAY)] == news
    (copy,) = gazette.copies()
    assert copy.relation is (Relation.ALTERED if news else Relation.VERBATIM)
