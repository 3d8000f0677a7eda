"""Tests of a single fetched URL without a configured source: its items, what is known of them, what is stored."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.standing import sheet, state_page
from samples import (
    BLOCK_PAGE,
    FEED_URL,
    LIST_URL,
    NOON,
    NOT_FOUND,
    REST_URL,
    Piece,
    article,
    listing,
    redesigned,
    rest,
    rss,
    settings,
    source,
)

from scraper.config.settings import Endpoint
from scraper.errors import DriftError, FetchError
from scraper.fetch import Fetcher
from scraper.model import EndpointKind, EventKind, Outcome, Role
from scraper.pipeline.fetch_url import fetch_url, guess_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import Watch

    from scraper.clock import SimulatedClock
    from scraper.store import Store

HOUR = timedelta(hours=1)
PIECE = Piece(1)
CONTENT = ("captures", "bodies", "statements", "revisions", "renderings", "parsed_texts", "statement_urls",
           "events", "rechecks", "endpoints", "sources")  # fmt: skip


def rows(store: Store) -> dict[str, int]:
    return {table: store._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in CONTENT}


def test_an_address_not_known_before_is_kept_and_is_no_news(watch: Watch) -> None:
    watch.site.says(PIECE.url, article(PIECE))
    result = watch.fetch_url(PIECE.url)
    (item,) = result.reading.items
    assert (item.title, item.paragraphs, item.published_at) == (PIECE.title, PIECE.body, NOON.replace(hour=0))
    assert (result.known, result.role, result.is_stored) == ((None,), Role.CANONICAL, True)
    assert [(event.kind, event.backfill) for event in result.events] == [(EventKind.PUBLISHED, True)]
    assert watch.only().guid == PIECE.guid


def test_a_known_url_gives_its_statement_and_the_change(watch: Watch) -> None:
    watch.site.says(PIECE.url, article(PIECE))
    watch.fetch_url(PIECE.url)
    mailed = PIECE.url + "?utm_source=mail"
    watch.site.says(mailed, article(PIECE.but(body=("Nothing is given.",))))
    watch.clock.sleep(3600)
    result = watch.fetch_url(mailed)
    assert result.known[0] is not None
    assert (result.known[0].id, result.known[0].revisions) == (1, 1)
    assert [(event.kind, event.backfill) for event in result.events] == [(EventKind.REVISED, False)]
    assert watch.only().revisions == 2


def test_a_statement_known_from_a_poll_is_recognised_by_its_page(watch: Watch) -> None:
    watch.source = watch.source.model_copy(update={"endpoints": watch.source.endpoints[1:2]})
    watch.site.says(FEED_URL, rss(PIECE))
    watch.site.says(PIECE.url, article(PIECE))
    watch.run()
    assert watch.fetch_url(PIECE.url).known[0] is not None
    assert watch.kinds() == [EventKind.PUBLISHED]


def test_a_dry_run_reads_and_keeps_nothing(watch: Watch, store: Store) -> None:
    watch.site.says(PIECE.url, article(PIECE))
    before = rows(store)
    result = watch.fetch_url(PIECE.url, dry_run=True)
    assert (result.is_stored, result.events, result.reading.items[0].title) == (False, (), PIECE.title)
    watch.site.says(PIECE.url, BLOCK_PAGE)
    with pytest.raises(FetchError):
        watch.fetch_url(PIECE.url, dry_run=True)
    watch.site.says(PIECE.url, redesigned(PIECE))
    with pytest.raises(DriftError):
        watch.fetch_url(PIECE.url, dry_run=True)
    assert rows(store) == before == dict.fromkeys(CONTENT, 0)
    # That the host was asked just now is remembered all the same: politeness is not dry.
    assert store.hosts.load("www.state.gov").last_request_at is not None


def test_the_feed_and_the_rest_api_give_their_lists(watch: Watch) -> None:
    watch.site.says(FEED_URL, rss(Piece(1), Piece(2)))
    assert len(watch.fetch_url(FEED_URL).reading.items) == 2
    watch.site.says(REST_URL, rest(Piece(2), Piece(3)))
    result = watch.fetch_url(REST_URL)
    assert [known is not None for known in result.known] == [True, False]
    watch.site.says(LIST_URL, listing(Piece(3), Piece(4)))
    assert [known is not None for known in watch.fetch_url(LIST_URL).known] == [True, False]
    assert watch.store.statements.count() == 3


def test_a_stale_copy_of_a_feed_revises_nothing(watch: Watch) -> None:
    edited = PIECE.but(body=("Nothing is given.", "Nothing at all."))
    for piece, built in ((PIECE, NOON), (edited, NOON + HOUR), (PIECE, NOON)):
        watch.site.says(FEED_URL, rss(piece, built=built))
        watch.fetch_url(FEED_URL)
        watch.clock.sleep(2 * 24 * 3600)
    assert watch.kinds() == [EventKind.PUBLISHED, EventKind.REVISED]


def test_a_page_elsewhere_is_kept_as_a_capture_only(watch: Watch) -> None:
    url = "https://gazette.example/lamps/"
    watch.site.says(url, article(PIECE).replace(b"www.state.gov", b"gazette.example"))
    result = watch.fetch_url(url)
    assert (result.role, result.known, result.events) == (Role.MIRROR, (None,), ())
    assert (watch.store.statements.count(), watch.store.captures.count()) == (0, 1)


@pytest.mark.parametrize(
    ("body", "status", "outcome", "words", "advice"),
    [
        (BLOCK_PAGE, 200, Outcome.BLOCKED, "blocked (the block page of state.gov", "nothing is disguised"),
        (BLOCK_PAGE, 403, Outcome.BLOCKED, "blocked (the block page of state.gov", "nothing is disguised"),
        (NOT_FOUND, 404, Outcome.GONE, "gone (status 404", "Check the URL"),
        (NOT_FOUND, 200, Outcome.SOFT_404, "soft 404", "Check the URL"),
        (b"wait", 429, Outcome.BUSY, "busy (status 429", "retry later"),
        (b"\x89PNG" + bytes(50), 200, Outcome.UNEXPECTED_TYPE, "unexpected type", "Give the URL of a web page"),
        (b"oops", 500, Outcome.ERROR_PAGE, "error page (status 500", "Retry later"),
    ],
)
def test_a_response_without_a_document_ends_with_one_line(
    watch: Watch, body: bytes, status: int, outcome: Outcome, words: str, advice: str
) -> None:
    watch.site.says(PIECE.url, body.decode("latin-1").encode(), status)
    with pytest.raises(FetchError) as raised:
        watch.fetch_url(PIECE.url)
    said = str(raised.value)
    assert said.startswith(f"{PIECE.url}: {words}")
    assert advice in said
    assert "\n" not in said
    assert raised.value.exit_code == 4
    # The answer is kept, and nothing else.
    assert rows(watch.store) | {"bodies": 0} == dict.fromkeys(CONTENT, 0) | {"captures": 1}
    assert watch.store.captures.get(1).outcome is outcome


def test_a_page_that_has_lost_its_shape_is_kept_and_named(watch: Watch) -> None:
    watch.site.says(PIECE.url, redesigned(PIECE))
    with pytest.raises(DriftError, match="unknown structure") as raised:
        watch.fetch_url(PIECE.url)
    assert raised.value.exit_code == 3
    assert watch.store.captures.get(1).body == redesigned(PIECE)
    assert watch.store.statements.count() == 0


def no_network(_host: str, _port: int) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_without_a_network(store: Store, clock: SimulatedClock) -> None:
    with (
        Fetcher(settings().fetch, clock=clock, hosts=store.hosts, resolver=no_network) as fetcher,
        pytest.raises(FetchError) as raised,
    ):
        fetch_url("https://www.state.gov/x/", store=store, fetcher=fetcher, settings=settings())
    assert str(raised.value).startswith("https://www.state.gov/x/: dns (robots.txt: no IP address for www.state.gov")
    assert "Check the network" in str(raised.value)
    assert raised.value.exit_code == 4
    assert rows(store) == dict.fromkeys(CONTENT, 0) | {"captures": 1}


def test_a_name_that_leads_into_our_own_network(store: Store, clock: SimulatedClock) -> None:
    with (
        Fetcher(
            settings().fetch, clock=clock, hosts=store.hosts, resolver=lambda _host, _port: ["10.0.0.1"]
        ) as fetcher,
        pytest.raises(FetchError, match="blocked address") as raised,
    ):
        fetch_url("https://www.state.gov/x/", store=store, fetcher=fetcher, settings=settings())
    assert "fetch.allow_private" in str(raised.value)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.state.gov/lamps/", EndpointKind.PAGE),
        ("https://www.state.gov/rss-feed/press-releases/feed/", EndpointKind.FEED),
        ("https://gazette.example/news.rss", EndpointKind.FEED),
        ("https://www.state.gov/wp-json/wp/v2/state_press_release/7", EndpointKind.WORDPRESS),
        ("https://www.state.gov/sitemap_index.xml", EndpointKind.SITEMAP),
        ("https://www.state.gov/page-sitemap2.xml.gz", EndpointKind.SITEMAP),
        ("https://www.state.gov/sitemap/", EndpointKind.PAGE),
    ],
)
def test_the_kind_is_guessed_from_the_url(url: str, kind: EndpointKind) -> None:
    assert guess_kind(url) is kind


def test_a_page_that_the_configuration_names_as_standing_is_read_as_a_page(watch: Watch) -> None:
    url = "https://www.state.gov/countries/1/"
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.PAGES, urls=(url,)),))
    watch.settings = settings(watch.source)
    watch.site.says(url, state_page(sheet(1), url))
    watch.run()
    watch.site.says(url, state_page(sheet(1).edited("$40 million", "$14 million"), url))
    result = watch.fetch_url(url)
    assert [event.kind for event in result.events] == [EventKind.REVISED]
    assert watch.only().standing
