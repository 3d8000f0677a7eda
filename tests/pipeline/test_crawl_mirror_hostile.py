"""Tests of hostile, broken or unusual mirrors: no false event, no lost event, no needless request to State."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import (
    DAY,
    GAZETTE,
    GAZETTE_FEED,
    HOUR,
    LAMPS,
    MIRROR,
    STATE,
    WEATHER,
    carried,
    names,
    page,
    post,
)
from samples import (
    BLOCK_PAGE,
    FEED_URL,
    HTML_HEADERS,
    NOON,
    NOT_FOUND,
    Piece,
    article,
    record,
    rss,
    settings,
    source,
    warc,
)

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, Relation, Role
from scraper.pipeline import page_matching
from scraper.pipeline.import_files import import_files
from scraper.store import EventFilter

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.mirror import Gazette

    from scraper.model import Event

ALTERED = tuple(p.replace("40 lamps", "4 lamps") for p in LAMPS.body)
FOUND, CHANGED, GONE = EventKind.COPY_FOUND, EventKind.COPY_CHANGED, EventKind.COPY_GONE
CONSENT = ("We value your privacy and that of our 842 partners. Please choose what may be stored on your device.",)


def carrying(gazette: Gazette, *paragraphs: str) -> list[Event]:
    """Publish a statement and a copy of it, and return the events."""
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *(paragraphs or LAMPS.body))
    return gazette.poll()


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


# Whose text is it


def test_states_own_address_in_a_mirrors_feed_is_no_copy(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    item = post("x", LAMPS.title, LAMPS.body).replace(f"{GAZETTE}/x/", LAMPS.url)
    cut = post("y", "Lamps", (), cut=True).replace(f"{GAZETTE}/y/", Piece(9).url)
    gazette.says(item, cut)
    gazette.watch.site.says(LAMPS.url, article(LAMPS))
    gazette.watch.site.says(Piece(9).url, article(Piece(9)))
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED]
    assert gazette.watch.asked == [GAZETTE_FEED]
    assert gazette.copies() == []


def test_a_claimed_address_that_leads_back_to_the_mirror_is_no_statement(gazette: Gazette) -> None:
    gazette.begins()
    exit_url = "https://www.state.gov/exit/?to=gazette"
    carried(gazette, *LAMPS.body, f"Official news published at {exit_url}")
    gazette.watch.site.says(exit_url, b"", 302, location=f"{GAZETTE}/lamps/")
    assert gazette.poll() == []
    assert [s.title for s in gazette.watch.store.statements.find()] == [Piece(1).title]


@pytest.mark.parametrize("asked", [Piece(7).url, f"{GAZETTE}/lamps/"])
def test_a_page_fetched_by_hand_belongs_to_the_host_of_its_redirect(gazette: Gazette, asked: str) -> None:
    gazette.begins()
    own = asked.startswith(GAZETTE)
    target = LAMPS.url if own else f"{GAZETTE}/x/"
    gazette.watch.site.says(asked, b"", 302, location=target)
    gazette.watch.site.says(target, article(LAMPS) if own else page(LAMPS.title, LAMPS.body))
    gazette.watch.fetch_url(asked)
    assert gazette.copies() == []
    assert (LAMPS.title in [s.title for s in gazette.watch.store.statements.find()]) is own


# A list and the page that it names


def test_one_url_with_several_texts_is_reported_once(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(*(post("all", title, body) for title, body in (("A", LAMPS.body), ("B", ALTERED), ("C", WEATHER))))
    gazette.shows("all", page("The Gazette today", (*LAMPS.body, *WEATHER)))
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED, FOUND]
    for _ in range(4):
        assert gazette.poll(HOUR) == []
        assert gazette.watch.asked == [GAZETTE_FEED]


def test_one_url_with_several_texts_and_no_page_is_reported_at_most_once(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(*(post("all", title, body) for title, body in (("A", LAMPS.body), ("B", ALTERED), ("C", WEATHER))))
    gazette.poll()
    for _ in range(40):
        assert gazette.poll(HOUR) == []


def test_a_page_behind_a_wall_does_not_hide_what_the_feed_carries(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(post("lamps", LAMPS.title, LAMPS.body))
    gazette.shows("lamps", page(LAMPS.title, CONSENT))
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED, FOUND]
    for _ in range(10):
        assert gazette.poll(13 * HOUR) == []
    gazette.shows("lamps", NOT_FOUND, 404)
    reported = [event for _ in range(70) for event in gazette.poll(13 * HOUR)]
    assert kinds(reported) == [GONE]


def test_an_alteration_that_only_the_page_has_is_reported(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(post("lamps", LAMPS.title, LAMPS.body))
    gazette.shows("lamps", b"x", 503)
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED, FOUND]
    gazette.shows("lamps", page(LAMPS.title, ALTERED))
    (changed,) = gazette.poll(HOUR)
    assert (changed.kind, changed.relation) == (CHANGED, Relation.ALTERED)
    assert gazette.poll(HOUR) == []


def test_a_feed_that_cuts_in_the_middle_changes_nothing(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(post("lamps", LAMPS.title, (LAMPS.body[0], "[...]", LAMPS.body[2])))
    gazette.shows("lamps", b"x", 503)
    gazette.poll()
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    for wait in (HOUR, HOUR, DAY, 7 * DAY):
        assert gazette.poll(wait) == []
    (copy,) = gazette.copies()
    assert copy.relation is Relation.VERBATIM


def test_a_feed_that_flaps_between_two_texts_is_reported_once(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    reported = []
    for turn in range(12):
        gazette.says(post("lamps", LAMPS.title, ALTERED if turn % 2 else LAMPS.body))
        reported += gazette.poll(HOUR)
    assert kinds(reported) == [EventKind.PUBLISHED, FOUND, CHANGED]


def test_a_copy_that_is_corrected_after_days_is_reported(gazette: Gazette) -> None:
    carrying(gazette, *ALTERED)
    carried(gazette, *LAMPS.body)
    assert [event.relation for event in gazette.poll(2 * DAY)] == [Relation.VERBATIM]
    carried(gazette, *ALTERED)
    assert [event.relation for event in gazette.poll(3 * DAY)] == [Relation.ALTERED]


def test_a_page_that_waits_for_the_next_run_is_rechecked_in_it(gazette: Gazette) -> None:
    carrying(gazette)
    gazette.watch.settings = settings(STATE, MIRROR, max_pages_per_run=1)
    filler = ("The lamps of Wren are lit.", names(LAMPS))
    gazette.says(post("a", "A", filler), post("lamps", LAMPS.title, ALTERED))
    gazette.shows("a", page("A", filler))
    gazette.shows("lamps", page(LAMPS.title, ALTERED))
    reported = gazette.poll(HOUR) + gazette.poll(HOUR)
    assert CHANGED in kinds(reported)


@pytest.mark.parametrize("spelled", [("https://", "http://"), ("https://", "https://www.")])
def test_another_spelling_of_the_sites_address_is_no_other_page(gazette: Gazette, spelled: tuple[str, str]) -> None:
    carrying(gazette)
    item = post("lamps", LAMPS.title, LAMPS.body).replace(*spelled)
    gazette.says(item)
    gazette.watch.site.says(f"{GAZETTE}/lamps/".replace(*spelled), page(LAMPS.title, LAMPS.body))
    assert gazette.poll(HOUR) == []
    assert len(gazette.copies()) == 1


# What was there before, and what was not


def test_pages_left_over_from_the_first_fill_are_history(gazette: Gazette) -> None:
    gazette.watch.settings = settings(STATE, MIRROR, max_pages_per_run=1)
    gazette.state_says(LAMPS)
    gazette.says(*(post(slug, LAMPS.title, (), cut=True) for slug in ("a", "b", "c")))
    for slug in ("a", "b", "c"):
        gazette.shows(slug, page(LAMPS.title, LAMPS.body).replace(b"12:20:00", b"11:40:00"))
    assert [gazette.poll(HOUR) for _ in range(4)] == [[], [], [], []]
    assert len(gazette.copies()) == 3


def test_a_statement_that_an_old_page_adds_later_is_news(gazette: Gazette) -> None:
    gazette.state_says(Piece(1))
    carried(gazette, *WEATHER, "Secretary of State Quill: hello", names(Piece(1)), slug="week", title="This week")
    gazette.poll()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body, names(Piece(1)), slug="week", title="This week")
    assert FOUND in kinds(gazette.poll(DAY))


def test_a_copy_that_comes_back_is_news(gazette: Gazette) -> None:
    gazette.state_says(LAMPS)
    carried(gazette, *LAMPS.body)
    gazette.poll()
    gazette.says(post("rain", "Rain", WEATHER))
    gazette.shows("lamps", NOT_FOUND, 404)
    reported = [event for _ in range(3) for event in gazette.poll(DAY)]
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    assert kinds(reported + gazette.poll(40 * DAY)) == [GONE, FOUND]


# Claims


def test_a_page_that_shows_its_text_no_more_is_not_unsourced(gazette: Gazette) -> None:
    carrying(gazette, *LAMPS.body, names(LAMPS))
    gazette.shows("lamps", page(LAMPS.title, (*CONSENT, names(LAMPS))))
    assert gazette.poll(DAY) == []
    gazette.shows("lamps", page(LAMPS.title, (*LAMPS.body, names(LAMPS))))
    assert gazette.poll(13 * HOUR) == []


def test_a_page_of_states_that_cannot_be_read_proves_nothing(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body, names(LAMPS))
    odd = b"<!doctype html><html><head><title>x</title></head><body><main><div></div></main></body></html>"
    for host in ("www", "2021-2025", "2017-2021"):
        gazette.watch.site.says(LAMPS.url.replace("www", host, 1), odd)
    assert gazette.poll() == []


def test_a_claim_that_state_redirects_is_looked_up(gazette: Gazette) -> None:
    gazette.begins()
    short = "https://www.state.gov/lamps-of-tern/"
    carried(gazette, *WEATHER * 3, f"Official news published at {short}")
    gazette.watch.site.says(short, b"", 301, location=LAMPS.url)
    gazette.watch.site.says(LAMPS.url, article(LAMPS))
    (reported,) = [event for event in gazette.poll() if event.kind is EventKind.UNSOURCED]
    assert any("another text" in reason for reason in reported.reason_texts)
    gazette.poll(7 * HOUR)
    assert short not in gazette.watch.asked


def test_a_teaser_in_a_feed_is_not_unsourced_while_its_page_is_out_of_reach(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.says(post("lamps", LAMPS.title, ("A gift for Tern.", names(LAMPS))))
    gazette.shows("lamps", b"x", 503)
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED]
    gazette.shows("lamps", page(LAMPS.title, (*LAMPS.body, names(LAMPS))))
    assert kinds(gazette.poll(HOUR)) == [FOUND]


# State flaps, reposts, revises


def test_when_state_flaps_its_copies_are_reported_once(gazette: Gazette) -> None:
    carrying(gazette)
    revised = LAMPS.but(body=tuple(p.replace("$2.5 million", "$1.5 million") for p in LAMPS.body))
    reported = []
    for turn in range(10):
        gazette.watch.clock.sleep(900)
        gazette.state_says(LAMPS if turn % 2 else revised, Piece(1))
        reported += gazette.poll()
    assert kinds(reported).count(CHANGED) <= kinds(reported).count(EventKind.REVISED)


@pytest.mark.parametrize("hours", [-0.5, 0.3, 24])
def test_a_repost_of_the_same_text_moves_no_copy(gazette: Gazette, hours: float) -> None:
    carrying(gazette)
    twin = LAMPS.but(number=70, slug="lamps-for-the-harbour-of-tern-2", published_at=NOON + hours * HOUR)
    gazette.watch.clock.sleep(86_400)
    gazette.state_says(twin, LAMPS, Piece(1))
    reported = [event for _ in range(12) for event in gazette.poll(DAY)]
    assert kinds(reported) == [EventKind.PUBLISHED, EventKind.REPOSTED]


def test_a_corrected_repost_moves_no_copy(gazette: Gazette) -> None:
    carrying(gazette)
    twin = LAMPS.but(number=70, slug="lamps-2", body=(*LAMPS.body[:2], LAMPS.body[2].replace("friendship", "peace")))
    gazette.state_says(twin, LAMPS, Piece(1))
    reported = [event for _ in range(12) for event in gazette.poll(DAY)]
    assert kinds(reported) == [EventKind.PUBLISHED]


# What is asked for


def test_a_mirror_that_refuses_is_left_in_peace(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    slugs = [f"p{n}" for n in range(9)]
    gazette.says(*(post(slug, LAMPS.title, LAMPS.body) for slug in slugs))
    for slug in slugs:
        gazette.shows(slug, BLOCK_PAGE, 403)
    gazette.poll()
    gazette.poll(DAY)
    assert sum(url != GAZETTE_FEED for url in gazette.watch.asked) <= 1


def test_a_page_that_stays_out_of_reach_is_asked_for_ever_more_rarely(gazette: Gazette) -> None:
    carrying(gazette)
    gazette.says(post("rain", "Rain", WEATHER))
    gazette.shows("lamps", b"x", 503)
    asked = 0
    for _ in range(12 * 8):
        gazette.poll(2 * HOUR)
        asked += f"{GAZETTE}/lamps/" in gazette.watch.asked
    assert 3 <= asked <= 40


def test_a_page_fetched_by_hand_is_rechecked_by_its_mirror(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    gazette.watch.fetch_url(f"{GAZETTE}/lamps/")
    gazette.shows("lamps", page(LAMPS.title, ALTERED))
    (changed,) = gazette.poll(2 * DAY)
    assert (changed.kind, changed.source) == (CHANGED, "gazette")


def test_the_pages_of_a_mirror_that_is_renamed_are_watched_on(gazette: Gazette) -> None:
    carrying(gazette)
    gazette.says(post("rain", "Rain", WEATHER))
    renamed = source(name="the-gazette", role=Role.MIRROR, endpoints=MIRROR.endpoints)
    gazette.watch.settings = settings(STATE, renamed)
    gazette.watch.source = renamed
    gazette.shows("lamps", page(LAMPS.title, ALTERED))
    gazette.watch.clock.sleep(2 * 86_400)
    assert [(event.kind, event.source) for event in gazette.watch.run().events] == [(CHANGED, "the-gazette")]


# Damage


@pytest.mark.parametrize("damage", ["\ufffd", "\ufffd?"])
def test_damaged_characters_are_no_alteration(gazette: Gazette, damage: str) -> None:
    carrying(gazette)
    broken = tuple(p.replace("e", damage, 3).replace("0", damage) for p in LAMPS.body)
    gazette.shows("lamps", page(LAMPS.title, broken))
    for _ in range(4):
        assert gazette.poll(DAY) == []
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    assert gazette.poll(31 * DAY) == []


@pytest.mark.parametrize(
    "hostile",
    ["\x00", "&#0;", "&#xD800;", "\u202e" * 50, "&#x1F600;" * 9, "<script>alert(1)</script>", "'); DROP TABLE pages"],
    ids=["nul", "nul-entity", "surrogate-entity", "turning", "astral", "script", "sql"],
)
def test_no_character_stops_a_source(gazette: Gazette, hostile: str) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    text = page(LAMPS.title, LAMPS.body).decode().replace("Tern", f"Tern{hostile}")
    gazette.shows(
        "lamps", text.replace("</article>", f'<a href="https://www.state.gov/{hostile}">Source</a></article>').encode()
    )
    gazette.says(
        post(f"lamps{html.escape(hostile)}".replace("\x00", ""), LAMPS.title, (), cut=True),
        post("lamps", LAMPS.title, (), cut=True),
    )
    reported = gazette.poll()
    # A page with a NUL is no page, and says nothing.
    assert kinds(reported) == [EventKind.PUBLISHED, *([] if hostile == "\x00" else [FOUND])]


def test_lone_surrogates_in_a_rest_api_stop_nothing(gazette: Gazette) -> None:
    url = f"{GAZETTE}/feed.json"
    mirror = source(name="json", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=url),))
    item = {
        "id": "1\ud800",
        "url": f"{GAZETTE}/a\ud800/",
        "title": "T\ud800",
        "content_html": "<p>"
        + " \ud800</p><p>".join(LAMPS.body)
        + ' <a href="https://www.state.gov/\ud800x">Source</a></p>',
        "authors": [{"name": "U.S. Department of State\ud800"}],
    }
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [item]}).encode()
    gazette.watch.site.says(url, body)
    gazette.watch.settings = settings(STATE, mirror)
    gazette.watch.source = mirror
    assert gazette.watch.run().is_good


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//", "http://[::1", ""]
)
def test_a_link_that_leads_nowhere_is_left_out(gazette: Gazette, link: str) -> None:
    gazette.begins()
    item = post("x", LAMPS.title, LAMPS.body).replace(f"{GAZETTE}/x/", link)
    gazette.says(item, post("rain", "Rain", WEATHER))
    assert gazette.poll() == []
    assert gazette.copies() == []


def test_a_title_of_100_000_characters_is_cut(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body, title="Lamps " * 20_000)
    found = gazette.poll()[-1]
    assert found.kind is FOUND
    assert len(found.page_title or "") <= 500


def test_a_statement_500_times_over_is_one_copy(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body * 500)
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED, FOUND]
    assert gazette.poll(DAY) == []


def test_a_page_with_a_thousand_addresses_costs_state_three_requests(gazette: Gazette) -> None:
    gazette.begins()
    claims = tuple(f"Official news published at https://www.state.gov/2022/01/x-{n}/" for n in range(1_000))
    carried(gazette, *WEATHER, *claims)
    gazette.poll()
    assert sum("state.gov" in url for url in gazette.watch.asked) <= 9


# Files


def recorded(gazette: Gazette, folder: Path) -> list[Path]:
    """A mirror's page that was captured before State's own, as one file and as two."""
    early = record(NOON, page(LAMPS.title, LAMPS.body), f"{GAZETTE}/lamps/", headers=HTML_HEADERS)
    late = record(NOON + HOUR, rss(LAMPS, Piece(1), built=NOON + HOUR), FEED_URL)
    whole = warc(folder / "whole.warc", late, early)
    return [whole, warc(folder / "early.warc", early), warc(folder / "late.warc", late)]


@pytest.mark.parametrize("order", [(0,), (1, 2), (2, 1), (0, 0), (1, 0)])
def test_files_in_any_order_give_the_same_copies(gazette: Gazette, tmp_path: Path, order: tuple[int, ...]) -> None:
    files = recorded(gazette, tmp_path)
    watch = gazette.watch
    watch.clock.sleep(86_400)
    for number in order:
        import_files([files[number]], store=watch.store, settings=watch.settings, clock=watch.clock)
    (copy,) = gazette.copies()
    assert (copy.relation, copy.first_seen_at) == (Relation.VERBATIM, NOON)
    assert kinds(watch.store.events.find(EventFilter())).count(FOUND) == 1


def test_an_older_file_after_a_newer_one_changes_nothing(gazette: Gazette, tmp_path: Path) -> None:
    watch = gazette.watch
    late = record(NOON + 2 * HOUR, page(LAMPS.title, LAMPS.body), f"{GAZETTE}/lamps/", headers=HTML_HEADERS)
    early = record(NOON + HOUR, page(LAMPS.title, ALTERED), f"{GAZETTE}/lamps/", headers=HTML_HEADERS)
    state = record(NOON, rss(LAMPS), FEED_URL)
    watch.clock.sleep(86_400)
    for number, each in enumerate((state, late, early)):
        path = warc(tmp_path / f"{number}.warc", each)
        import_files([path], store=watch.store, settings=watch.settings, clock=watch.clock)
    (copy,) = gazette.copies()
    assert copy.relation is Relation.VERBATIM


def test_of_an_endless_page_so_much_is_kept_as_any_statement_needs(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body, "word " * 300_000)
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED, FOUND]
    (copy,) = gazette.copies()
    assert len(gazette.watch.store.pages.stored(copy.page_id).shown) == page_matching.MAX_SHOWN_CHARS


def test_a_page_that_the_matcher_fails_on_stops_no_source(gazette: Gazette, monkeypatch: pytest.MonkeyPatch) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LAMPS.body)

    def fails(*_: object) -> None:
        raise IndexError("words")

    with monkeypatch.context() as patch:
        patch.setattr(page_matching, "trace", fails)
        assert kinds(gazette.poll()) == [EventKind.PUBLISHED]
        problems = map(str, gazette.watch.run().problems)
        assert any("which is a bug (IndexError: words)" in problem for problem in problems)
    assert kinds(gazette.poll(HOUR)) == [FOUND]


# Something else in place of the page

UNKNOWN_WALL = page(
    "Herald", ("Vor dem Lesen bitten wir alle Gäste um etwas Geduld, denn heute prüfen wir die Türen.",)
)


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("You have reached your limit of free articles. Subscribe for 2 crowns a week to read on.",),
        ("We and our 843 partners store information on your device, such as cookies.",),
        ("This content is password protected. To view it please enter your password below:",),
    ],
    ids=["payment", "consent", "password"],
)
def test_a_known_wall_is_never_the_end_of_a_copy(gazette: Gazette, paragraphs: tuple[str, ...]) -> None:
    carrying(gazette)
    gazette.shows("lamps", page(LAMPS.title, paragraphs))
    assert [gazette.poll(DAY) for _ in range(30)] == [[]] * 30
    gazette.shows("lamps", page(LAMPS.title, ALTERED))
    assert kinds([event for _ in range(10) for event in gazette.poll(DAY)]) == [CHANGED]


def test_a_page_with_neither_its_headline_nor_its_text_is_waited_for_two_weeks(gazette: Gazette) -> None:
    carrying(gazette)
    gazette.shows("lamps", UNKNOWN_WALL)
    assert [gazette.poll(DAY) for _ in range(14)] == [[]] * 14
    reported = [event for _ in range(30) for event in gazette.poll(DAY)]
    assert kinds(reported) == [EventKind.COPY_GONE]


def test_a_page_that_comes_back_from_behind_a_wall_was_never_gone(gazette: Gazette) -> None:
    carrying(gazette)
    gazette.shows("lamps", UNKNOWN_WALL)
    for _ in range(10):
        gazette.poll(DAY)
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    assert [gazette.poll(DAY) for _ in range(30)] == [[]] * 30


def test_the_first_lines_before_a_paywall_are_no_other_copy(gazette: Gazette) -> None:
    carrying(gazette)
    teaser = (*LAMPS.body[:2], "Subscribe for 2 crowns a week to read on.")
    gazette.shows("lamps", page(LAMPS.title, teaser))
    assert [gazette.poll(DAY) for _ in range(10)] == [[]] * 10


@pytest.mark.parametrize(
    "paragraphs", [("This article was removed by our editors in spring.",), WEATHER], ids=["note", "other text"]
)
def test_an_article_page_without_the_statement_ends_the_copy(gazette: Gazette, paragraphs: tuple[str, ...]) -> None:
    carrying(gazette)
    gazette.shows("lamps", page(LAMPS.title, paragraphs))
    reported = [event for _ in range(10) for event in gazette.poll(DAY)]
    assert kinds(reported) == [EventKind.COPY_GONE]


def test_a_change_beside_lost_characters_of_a_page_is_reported_after_a_day(gazette: Gazette) -> None:
    carrying(gazette)
    broken = tuple(p.replace("fishers'", "fishers\ufffd").replace("40 lamps", "20 lamps") for p in LAMPS.body)
    gazette.shows("lamps", page(LAMPS.title, broken))
    reported = [event for _ in range(10) for event in gazette.poll(DAY)]
    assert kinds(reported) == [CHANGED]
