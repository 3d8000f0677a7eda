"""Tests of content faults through the pipeline: apparent changes, and pages that must not stop a source."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import STATE
from fakes.web import answer
from faults.places import HOUR, HTML, KNOWN, LIST_URL, NEWS, OTHER, QUARTER, XML, Listing, Watch
from samples import FEED_URL, Piece, article, listing, redesigned, rss

from scraper.model import EventKind, Outcome
from scraper.rules.baseline import ItemTally

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.clock import SimulatedClock
    from scraper.store import Store

K = EventKind


@pytest.fixture
def listed(store: Store, clock: SimulatedClock) -> Watch:
    """A watch over State's list page and the pages that it names."""
    watch = Watch(store, clock)
    Listing().begins(watch)
    return watch


@pytest.mark.parametrize("body", [redesigned(KNOWN), b"%PDF-1.7\n" + bytes(range(256))], ids=["row 33", "row 47"])
def test_rows_33_and_47_an_unreadable_response_is_stored_byte_for_byte(listed: Watch, body: bytes) -> None:
    listed.says(LIST_URL, body)
    listed.after(QUARTER, Listing.source)
    (last,) = listed.store.database.execute("SELECT max(id) FROM captures").fetchone()
    assert listed.store.captures.get(last).body == body


def test_row_34_a_field_that_many_lack_is_a_changed_shape_with_its_rate(faulty: Watch) -> None:
    pieces = [Piece(number) for number in range(10, 20)]
    with faulty.store.unit():
        for hours in range(0, 9 * 24, 8):
            faulty.store.arrivals.note("state", FEED_URL, faulty.clock.now() - hours * HOUR, 0, ItemTally(10))
    faulty.says(FEED_URL, rss(*pieces, built=faulty.clock.now()), XML)
    faulty.after(QUARTER, STATE)
    whole = rss(*pieces, built=faulty.clock.now() + HOUR)
    undated = whole.replace(b"<pubDate>", b"<when>", 5).replace(b"</pubDate>", b"</when>", 5)
    reported = []
    for body in (undated, undated, whole, whole):
        faulty.says(FEED_URL, body, XML)
        reported.append(list(faulty.after(HOUR, STATE).events))
    assert [[event.kind for event in events] for events in reported] == [[K.DRIFTED], [], [K.RECOVERED], []]
    assert "5 of 10 items have no date" in reported[0][0].reason_texts[0]


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("Tue, 04 Mar 2104 10:00:00 GMT", "2104"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970"),
        ("Wed, 31 Dec 1969 19:00:00 -0500", "1970"),
        ("the second of March", "the second of March"),
        ("2026-99-99", "2026-99-99"),
    ],
)
def test_row_35_a_statement_with_an_impossible_date_is_kept_without_one(faulty: Watch, date: str, said: str) -> None:
    before, _, after = rss(NEWS, KNOWN, OTHER, built=faulty.clock.now()).decode().partition("<pubDate>")
    faulty.says(FEED_URL, f"{before}<pubDate>{date}{after[after.index('</pubDate>') :]}".encode(), XML)
    report = faulty.after(QUARTER, STATE)
    assert [(event.kind, event.guid) for event in report.events] == [(K.PUBLISHED, NEWS.guid)]
    statement = faulty.store.statements.by_guid(NEWS.guid)
    assert statement is not None
    assert statement.published_at is None
    assert any(said in problem for problem in map(str, report.problems))


def _with(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        pytest.param(_with("<main>", "<nav>Home 17</nav><aside>3,412 views</aside><main>"), False, id="counters"),
        pytest.param(_with("<main>", "<script nonce='a8f3'>x=1</script><main data-nonce='a8f3'>"), False, id="nonce"),
        pytest.param(_with("</main>", "</main><section>Related: Lamps for Harbour 99</section>"), False, id="related"),
        pytest.param(_with("<p>", "\n\n  <p class='wp-block x7'>\n"), False, id="markup and white space"),
        pytest.param(_with(" lamps ", "\u00a0lamps\u00a0"), False, id="nbsp"),
        pytest.param(_with("keepers", "kee\u00adpers"), False, id="soft hyphens"),
        pytest.param(_with("’", "'"), True, id="quotes"),
        pytest.param(_with(" – ", " -- "), True, id="dashes"),
    ],
)
def test_row_36_page_furniture_and_typography_are_no_revision(
    faulty: Watch, change: Callable[[bytes], bytes], is_seen: bool
) -> None:
    faulty.says(KNOWN.url, article(KNOWN))
    faulty.after(2 * HOUR, STATE)
    assert KNOWN.url in faulty.web.asked
    changed = change(article(KNOWN))
    assert changed != article(KNOWN)
    faulty.says(KNOWN.url, changed)
    report = faulty.after(timedelta(days=1), STATE)
    assert KNOWN.url in faulty.web.asked
    assert {event.kind for event in report.events} == ({K.TOUCHED} if is_seen else set())


def test_row_38_caches_that_alternate_raise_one_revision(faulty: Watch) -> None:
    edited = KNOWN.but(body=(KNOWN.body[0].replace("40 lamps", "14 lamps"), *KNOWN.body[1:]))
    old, new = (rss(piece, OTHER, built=None) for piece in (KNOWN, edited))
    reported = []
    for body in (new, old) * 6:
        faulty.says(FEED_URL, body, XML)
        reported += faulty.after(QUARTER, STATE).events
    assert [event.kind for event in reported] == [K.REVISED]


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(b"<div>" * 100_000 + b"</div>" * 100_000, id="row 39: deep"),
        pytest.param(b"<a " * 18_000, id="row 40: never closed"),
        pytest.param(b"<!--" * 50_000, id="row 40: comments"),
        pytest.param(b"<p>" * 500_000, id="row 41: flat"),
        pytest.param(b"<p>x</p>" + b" " * 8_000_000, id="row 41: large"),
    ],
)
def test_rows_39_to_41_hostile_markup_costs_only_its_own_page(listed: Watch, hostile: bytes) -> None:
    listed.says(LIST_URL, listing(Piece(8), NEWS, KNOWN, OTHER))
    listed.says(NEWS.url, article(NEWS))
    listed.says(Piece(8).url, b"<html><title>Lamps</title>" + hostile)
    report = listed.after(QUARTER, Listing.source)
    assert [(event.kind, event.guid) for event in report.events] == [(K.PUBLISHED, NEWS.guid)]
    assert report.is_good
    assert any(Piece(8).url in problem for problem in map(str, report.problems))


def test_row_86_a_path_in_an_address_is_no_path_of_ours(faulty: Watch, db: Path) -> None:
    before = set(db.parent.rglob("*"))
    escaping = NEWS.but(slug="..%2f..%2f..%2f..%2f/../../../tmp/lamps")
    faulty.says(FEED_URL, rss(escaping, KNOWN, OTHER, built=faulty.clock.now() + HOUR), XML)
    assert [event.kind for event in faulty.after(QUARTER, STATE).events] == [K.PUBLISHED]
    assert set(db.parent.rglob("*")) == before


def test_rows_30_and_31_a_page_that_is_gone_keeps_its_last_text(faulty: Watch) -> None:
    faulty.says(FEED_URL, rss(OTHER, built=faulty.clock.now() + HOUR), XML)
    faulty.web.answers[KNOWN.url] = answer(b"<html><title>Page not found</title></html>", 200, HTML)
    reported = [event for _ in range(4) for event in faulty.after(13 * HOUR, STATE).events]
    (withdrawn,) = reported
    assert (withdrawn.kind, withdrawn.guid, withdrawn.after) == (K.WITHDRAWN, KNOWN.guid, Outcome.SOFT_404)
    statement = faulty.store.statements.by_guid(KNOWN.guid)
    assert statement is not None
    assert KNOWN.body[0] in faulty.store.statements.known(statement, "feed", statement.url).wording.text
