"""Tests of mirrors: copies are found, rechecked and reported once; unconfirmed claims are not reported."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import (
    DAY,
    GAZETTE,
    GAZETTE_FEED,
    HOUR,
    LAMPS,
    STATE,
    WEATHER,
    carried,
    names,
    page,
    post,
)
from samples import BLOCK_PAGE, FEED_URL, NOON, NOT_FOUND, Piece, article, settings, source

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, Grade, Relation, Role
from scraper.pipeline.crawl_mirror import CLAIMS_PER_RUN

if TYPE_CHECKING:
    from fakes.mirror import Gazette


def test_a_copy_is_found_with_its_faithfulness_and_its_time(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body, names(LAMPS))
    published, found = gazette.poll()
    assert published.kind is EventKind.PUBLISHED
    assert (found.kind, found.relation, found.coverage, found.fidelity) == (
        EventKind.COPY_FOUND,
        Relation.VERBATIM,
        1.0,
        1.0,
    )
    assert (found.statement_id, found.guid, found.url, found.title) == (
        published.statement_id,
        LAMPS.guid,
        LAMPS.url,
        LAMPS.title,
    )
    assert (found.page_url, found.page_title, found.source) == (f"{GAZETTE}/lamps/", LAMPS.title, "gazette")
    (copy,) = gazette.copies()
    assert (copy.relation, copy.revision, copy.gone_at) == (Relation.VERBATIM, 1, None)
    kept = gazette.watch.store.pages.stored(copy.page_id)
    assert kept.page.claimed_urls == (LAMPS.url,)
    assert "Home News Sports" in kept.shown
    assert "Home News Sports" not in kept.wording.text
    assert gazette.poll(HOUR) == []


@pytest.mark.parametrize(
    ("paragraphs", "relation", "grade"),
    [
        (LAMPS.body[:1], Relation.EXCERPT, None),
        (tuple(p.replace("$2.5 million", "$25 million") for p in LAMPS.body), Relation.ALTERED, Grade.MATERIAL),
        (tuple(p.replace("will not forget", "will forget") for p in LAMPS.body), Relation.ALTERED, Grade.MATERIAL),
    ],
)
def test_how_faithful_a_copy_is(
    gazette: Gazette, paragraphs: tuple[str, ...], relation: Relation, grade: Grade | None
) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *paragraphs, names(LAMPS))
    found = gazette.poll()[-1]
    assert (found.relation, found.grade) == (relation, grade)
    assert bool(found.reason_texts) is (relation is Relation.ALTERED)


def test_pages_from_before_monitoring_began_are_history(gazette: Gazette) -> None:
    gazette.state_says(LAMPS)
    carried(gazette, *LAMPS.body)
    assert gazette.poll() == []
    (copy,) = gazette.copies()
    assert gazette.watch.store.pages.by_id(copy.page_id).backfill  # type: ignore[union-attr]
    gazette.says(post("lamps", LAMPS.title, LAMPS.body), post("again", LAMPS.title, LAMPS.body))
    gazette.shows("again", page(LAMPS.title, LAMPS.body))
    (found,) = gazette.poll(HOUR)
    assert found.page_url == f"{GAZETTE}/again/"


def test_only_pages_that_have_to_do_with_state_are_asked_for(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(post("rain", "More rain", WEATHER), post("lamps", LAMPS.title, LAMPS.body))
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    gazette.poll()
    assert gazette.watch.asked == [GAZETTE_FEED, f"{GAZETTE}/lamps/"]
    gazette.poll(HOUR)
    assert gazette.watch.asked == [GAZETTE_FEED]


def test_a_cut_feed_is_read_page_by_page(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(post("rain", "More rain", (), cut=True), post("lamps", LAMPS.title, (), cut=True))
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    gazette.shows("rain", page("More rain", WEATHER))
    found = gazette.poll()[-1]
    assert (found.kind, found.relation) == (EventKind.COPY_FOUND, Relation.VERBATIM)
    gazette.poll(HOUR)
    assert gazette.watch.asked == [GAZETTE_FEED]


@pytest.mark.parametrize(
    "teaser",
    ["<p>Lamps were given on Monday.</p>", "Lamps were given on Monday.", f"<p>{LAMPS.body[0]}</p><p>Read on.</p>"],
)
def test_a_teaser_without_a_sign_of_its_cut_is_not_the_text_of_the_page(gazette: Gazette, teaser: str) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    described = f"<description><![CDATA[{teaser}]]></description></item>"
    gazette.says(post("lamps", "Lamps", (), cut=True).replace("</item>", described))
    gazette.shows("lamps", page("Lamps", tuple(p.replace("$2.5 million", "$25 million") for p in LAMPS.body)))
    found = gazette.poll()[-1]
    assert (found.kind, found.relation, found.grade) == (EventKind.COPY_FOUND, Relation.ALTERED, Grade.MATERIAL)
    assert gazette.poll(HOUR) == []
    assert gazette.watch.asked == [GAZETTE_FEED]


def test_a_mirrors_list_is_read_on_to_what_the_run_before_saw(
    gazette: Gazette,
) -> None:
    first, second, third = (f"{GAZETTE}/news/{part}" for part in ("", "page/2/", "page/3/"))
    watch = gazette.watch
    watch.source = source(name="gazette", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.LISTING, url=first),))
    watch.settings = settings(STATE, watch.source)

    def lists(url: str, *slugs: str, following: str = "") -> None:
        entries = "".join(
            f'<article><h2><a href="{GAZETTE}/{slug}/">Rain over the hills: {slug}</a></h2></article>' for slug in slugs
        )
        link = f'<a rel="next" href="{following}">Older posts</a>' if following else ""
        watch.site.says(url, f"<!doctype html><html><body><main>{entries}{link}</main></body></html>".encode())
        for slug in slugs:
            gazette.shows(slug, page(f"Rain over the hills: {slug}", WEATHER))

    lists(first, "monday-rain", "sunday-rain", following=second)
    lists(second, "saturday-rain", "friday-rain", following=third)
    watch.run()
    assert second not in watch.asked
    lists(first, "wednesday-rain", "tuesday-rain", following=second)
    lists(second, "monday-rain", "sunday-rain", following=third)
    lists(third, "saturday-rain", "friday-rain")
    watch.after(HOUR)
    assert watch.asked == [first, f"{GAZETTE}/wednesday-rain/", f"{GAZETTE}/tuesday-rain/", second]
    watch.after(HOUR)
    assert watch.asked == [first]
    watch.after(HOUR, since=NOON - 30 * DAY)
    assert third in watch.asked


def test_when_state_revises_its_copies_are_outdated_at_once(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)
    gazette.poll()
    revised = LAMPS.but(body=tuple(p.replace("$2.5 million", "$1.5 million") for p in LAMPS.body))
    gazette.watch.clock.sleep(900)
    gazette.state_says(revised, Piece(1))
    gazette.watch.source = STATE
    happened = gazette.watch.run().events
    assert [event.kind for event in happened] == [EventKind.REVISED, EventKind.COPY_CHANGED]
    assert gazette.watch.asked == [FEED_URL]
    outdated = happened[1]
    assert (outdated.relation, outdated.outdated, outdated.revision) == (Relation.VERBATIM, True, 1)
    assert outdated.grade is Grade.MATERIAL
    # The copy itself is as it was.
    assert (outdated.before, outdated.after) == (None, None)
    assert outdated.reason_texts == ("State has changed since: amount: $2.5 million → $1.5 million",)
    (copy,) = gazette.copies()
    assert (copy.relation, copy.outdated) == (Relation.VERBATIM, True)
    assert copy.last_seen_at < gazette.watch.clock.now() - timedelta(minutes=10)  # not rechecked since
    # State goes back to the wording that the mirror carries.
    gazette.watch.clock.sleep(2 * 86_400)
    gazette.state_says(LAMPS, Piece(1))
    happened = gazette.watch.run().events
    assert [event.kind for event in happened] == [EventKind.REVISED, EventKind.COPY_CHANGED]
    assert (happened[1].relation, happened[1].outdated) == (Relation.VERBATIM, False)


def test_a_part_that_state_did_not_touch_is_not_outdated(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body[:1])
    gazette.poll()
    revised = LAMPS.but(body=(*LAMPS.body[:2], LAMPS.body[2].replace("many years", "ten years")))
    gazette.watch.clock.sleep(900)
    gazette.state_says(revised, Piece(1))
    assert [event.kind for event in gazette.poll()] == [EventKind.REVISED]
    (copy,) = gazette.copies()
    assert (copy.relation, copy.revision) == (Relation.EXCERPT, 2)


def test_a_claim_makes_the_monitor_ask_state(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body, names(LAMPS))
    # A page gives the day only, which begins before this watch did.
    gazette.watch.site.says(LAMPS.url, article(LAMPS.but(published_at=NOON + DAY)))
    published, found = gazette.poll()
    assert gazette.watch.asked == [GAZETTE_FEED, f"{GAZETTE}/lamps/", LAMPS.url]
    assert (published.kind, published.source) == (EventKind.PUBLISHED, "state")
    assert (found.kind, found.relation) == (EventKind.COPY_FOUND, Relation.VERBATIM)


def test_an_old_statement_found_by_a_claim_is_history_and_its_copy_is_news(gazette: Gazette) -> None:
    old = LAMPS.but(published_at=NOON - timedelta(days=500))
    gazette.begins()
    carried(gazette, *old.body, names(old))
    gazette.watch.site.says(old.url, article(old))
    (found,) = gazette.poll()
    assert found.kind is EventKind.COPY_FOUND


def test_a_claim_that_moved_to_an_archive_is_followed_there(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body, "Official news published at https://www.state.gov/lamps-for-the-harbour-of-tern/")
    gazette.watch.site.says("https://www.state.gov/lamps-for-the-harbour-of-tern/", NOT_FOUND, 404)
    archived = "https://2021-2025.state.gov/lamps-for-the-harbour-of-tern/"
    gazette.watch.site.says(archived, article(LAMPS.but(published_at=NOON - timedelta(days=700))))
    (found,) = gazette.poll()
    assert (found.kind, found.relation) == (EventKind.COPY_FOUND, Relation.VERBATIM)
    assert archived in gazette.watch.asked


def gone_everywhere(gazette: Gazette, path: str) -> None:
    for host in ("www", "2021-2025", "2017-2021"):
        gazette.watch.site.says(f"https://{host}.state.gov{path}", NOT_FOUND, 404)


def test_an_unsourced_claim_is_reported_once(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body, "Official news published at https://www.state.gov/lamps-of-tern/")
    gone_everywhere(gazette, "/lamps-of-tern/")
    (reported,) = gazette.poll()
    assert (reported.kind, reported.statement_id, reported.relation) == (EventKind.UNSOURCED, None, Relation.UNSOURCED)
    assert reported.after == "https://www.state.gov/lamps-of-tern/"
    assert (reported.page_url, reported.page_title) == (f"{GAZETTE}/lamps/", LAMPS.title)
    assert any("Official news published at" in reason for reason in reported.reason_texts)
    for wait in (HOUR, DAY, 7 * DAY):
        assert gazette.poll(wait) == []
    # State publishes it after all.
    gazette.state_says(LAMPS.but(published_at=gazette.watch.clock.now()), Piece(1))
    assert [event.kind for event in gazette.poll(HOUR)] == [EventKind.PUBLISHED, EventKind.COPY_FOUND]


def test_a_claim_at_an_address_with_another_text_is_unsourced(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    invented = (
        "Ambassador Wren today announced that the navy of Tern has been invited to leave the strait at once, and that"
        " no lamps of any kind will be given to anyone until the matter of the three boats has been settled in full.",
    )
    carried(gazette, *invented, names(LAMPS))
    reported = gazette.poll()[-1]
    assert reported.kind is EventKind.UNSOURCED


def test_a_block_at_state_proves_nothing_of_a_claim(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body, names(LAMPS))
    gazette.watch.site.says(LAMPS.url, BLOCK_PAGE)
    assert gazette.poll() == []
    assert [e.kind for e in gazette.poll(6 * HOUR)] == []
    # After a day the claim is reported as not verifiable.
    reported = gazette.poll(DAY)
    assert [event.kind for event in reported] == [EventKind.UNSOURCED]
    assert any("could not be fetched" in reason for reason in reported[0].reason_texts)


def test_a_mirror_that_is_faster_than_our_sight_of_state(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body)
    assert gazette.poll() == []
    gazette.state_says(LAMPS, Piece(1))
    published, found = gazette.poll(HOUR)
    assert (published.kind, found.kind) == (EventKind.PUBLISHED, EventKind.COPY_FOUND)
    (copy,) = gazette.copies()
    assert copy.first_seen_at < NOON + timedelta(minutes=16)  # when the page was read, not when State was


def test_a_copy_that_is_altered_later_is_reported(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)
    gazette.poll()
    gazette.shows("lamps", page(LAMPS.title, tuple(p.replace("40 lamps", "4 lamps") for p in LAMPS.body)))
    assert gazette.poll(HOUR) == []  # no recheck was due
    (changed,) = gazette.poll(DAY)
    assert (changed.kind, changed.relation, changed.grade) == (
        EventKind.COPY_CHANGED,
        Relation.ALTERED,
        Grade.MATERIAL,
    )
    assert changed.before == "verbatim of revision 1, 100%"
    assert "number: 40 → 4" in changed.reason_texts
    rows = gazette.watch.store.database.execute(
        "SELECT number FROM page_wordings WHERE page_id = ? ORDER BY number", [gazette.copies()[0].page_id]
    )
    assert rows.fetchall() == [(1,), (2,)]


def test_a_feed_that_changes_a_text_brings_the_recheck_forward(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)
    gazette.poll()
    carried(gazette, *(p.replace("40 lamps", "4 lamps") for p in LAMPS.body))
    (changed,) = gazette.poll(HOUR)
    assert changed.kind is EventKind.COPY_CHANGED


@pytest.mark.parametrize("status", [404, 410])
def test_a_copy_is_gone_after_three_checks_over_a_day(gazette: Gazette, status: int) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)
    gazette.poll()
    gazette.says(post("rain", "More rain", WEATHER))
    gazette.shows("lamps", NOT_FOUND, status)
    assert gazette.poll(DAY) == []
    assert gazette.poll(13 * HOUR) == []
    (gone,) = gazette.poll(13 * HOUR)
    assert (gone.kind, gone.relation) == (EventKind.COPY_GONE, Relation.VERBATIM)
    assert "3 checks" in gone.reason_texts[0]
    assert gazette.poll(40 * DAY) == []
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    (back,) = gazette.poll(40 * DAY)
    assert back.kind is EventKind.COPY_FOUND
    assert "it had been gone since" in back.reason_texts[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [(BLOCK_PAGE, 200), (b"", 200), (b"<html><body><p>cut", 200), (b"x", 503)],
)
def test_a_page_that_cannot_be_read_proves_nothing(gazette: Gazette, body: bytes, status: int) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)
    gazette.poll()
    gazette.shows("lamps", body, status)
    for _ in range(6):
        assert gazette.poll(DAY) == []
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    assert gazette.poll(DAY) == []
    assert [copy.gone_at for copy in gazette.copies()] == [None]


def test_a_page_that_drops_the_statement_no_longer_carries_it(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)
    gazette.poll()
    gazette.shows("lamps", page(LAMPS.title, WEATHER * 3))
    assert gazette.poll(DAY) == []
    assert gazette.poll(13 * HOUR) == []
    (gone,) = gazette.poll(13 * HOUR)
    assert gone.kind is EventKind.COPY_GONE
    assert "no longer carries it" in gone.reason_texts[0]


def test_several_statements_on_one_page_are_several_copies(gazette: Gazette) -> None:
    other = Piece(8, "Call with Foreign Minister Plover", tuple(s.replace("lamps", "nets") for s in Piece(8).body * 1))
    gazette.begins()
    gazette.state_says(LAMPS, other, Piece(1))
    carried(gazette, LAMPS.title, *LAMPS.body, other.title, *other.body, slug="week", title="State this week")
    happened = gazette.poll()
    found = [event for event in happened if event.kind is EventKind.COPY_FOUND]
    assert {event.title for event in found} == {LAMPS.title, other.title}
    assert {event.relation for event in found} == {Relation.VERBATIM}


def test_a_translation_is_recognised_by_its_claim(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    spanish = (
        "Los Estados Unidos se enorgullecen de entregar cuarenta lámparas y dos millones y medio de dólares a los"
        " guardianes de Tern, que han esperado desde que la gran tormenta se llevó su faro y con él los barcos de tres"
        " pueblos de la costa.",
        "La embajadora Wren entregará las lámparas en el muelle antes del invierno, junto con el gremio de pescadores"
        " y la escuela de navegación, cuyos alumnos construyeron los soportes durante el verano pasado.",
    )
    gazette.says(post("lamparas", "Lámparas para Tern", (*spanish, names(LAMPS))))
    gazette.shows("lamparas", page("Lámparas para Tern", (*spanish, names(LAMPS)), "es"))
    found = gazette.poll()[-1]
    assert (found.kind, found.relation) == (EventKind.COPY_FOUND, Relation.TRANSLATED)


def test_a_mirror_that_claims_a_hundred_addresses_costs_state_few_requests(gazette: Gazette) -> None:
    gazette.begins()
    items = []
    for number in range(30):
        claims = tuple(f"Official news published at https://www.state.gov/x-{number}-{n}/" for n in range(20))
        items.append(post(f"p{number}", f"Story {number}", (*WEATHER, *claims)))
        gazette.shows(f"p{number}", page(f"Story {number}", (*WEATHER, *claims)))
    gazette.says(*items)
    gazette.poll()
    # Nothing answers, so each claim is requested on www.state.gov and on two archives.
    assert sum("state.gov" in url for url in gazette.watch.asked) == 3 * CLAIMS_PER_RUN == 30


def test_a_url_fetched_by_hand_is_stored_as_a_page(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    result = gazette.watch.fetch_url(f"{GAZETTE}/lamps/")
    assert [event.relation for event in result.events] == [Relation.VERBATIM]
    assert result.events[0].backfill
    assert len(gazette.copies()) == 1
