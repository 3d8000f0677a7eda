"""Tests of claims: what the link of another site proves, and how many requests to State it may cause in a day."""

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
    MIRROR,
    STATE,
    WEATHER,
    carried,
    feed,
    names,
    page,
    post,
)
from samples import FEED_URL, NOON, NOT_FOUND, Piece, article, listing, rss, settings, source

from scraper.config.alerts import Watch as AlertWatch
from scraper.config.choices import Topic
from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, HostState, Role
from scraper.rules.guards import Guard
from scraper.store import OutboxFilter, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.mirror import Gazette
    from pipeline.conftest import Watch

    from scraper.config.settings import Source
    from scraper.model import Event

WWW = "https://www.state.gov"
PUBLISHED = EventKind.PUBLISHED
TOMORROW = LAMPS.but(published_at=NOON + DAY)  # a page gives the day only


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


def of_type(piece: Piece, name: str) -> bytes:
    return article(piece).replace(b">Press Statement<", f">{name}<".encode())


# A third party's link


@pytest.mark.parametrize(
    ("body", "is_news"),
    [
        (article(TOMORROW), True),
        (of_type(TOMORROW, "Remarks"), True),
        (of_type(TOMORROW, "Biography"), False),
        (of_type(TOMORROW, "About the Department"), False),
        (of_type(TOMORROW, ""), False),
        (article(LAMPS.but(published_at=NOON - 400 * DAY)), False),
        (article(TOMORROW).replace(b"March 3, 2026", b""), False),
        (article(TOMORROW).replace(b"March 3, 2026", b"March 3, 2036"), False),
    ],
)
def test_a_page_that_only_a_mirror_names_is_news_if_its_own_date_and_type_prove_it(
    gazette: Gazette, body: bytes, is_news: bool
) -> None:
    gazette.begins()
    carried(gazette, *WEATHER, names(LAMPS))
    gazette.watch.site.says(LAMPS.url, body)
    happened = gazette.poll()
    assert (PUBLISHED in kinds(happened)) is is_news
    assert LAMPS.title in [s.title for s in gazette.watch.store.statements.find()]


def test_a_release_that_a_mirror_links_months_later_is_no_news(gazette: Gazette) -> None:
    """State's lists did not have it, and the mirror chose the day on which it is found."""
    gazette.begins()
    gazette.watch.clock.sleep(100 * 86_400)
    carried(gazette, *WEATHER, names(LAMPS))
    gazette.watch.site.says(LAMPS.url, article(TOMORROW))
    assert PUBLISHED not in kinds(gazette.poll())


@pytest.mark.parametrize("kind", [EndpointKind.FEED, EndpointKind.LISTING])
def test_what_a_mirror_linked_first_is_published_when_states_list_names_it(
    gazette: Gazette, kind: EndpointKind
) -> None:
    """An early link hides no news, and the address that the mirror chose is no move."""
    gazette.begins()
    named = f"{WWW}/?p={LAMPS.number}"
    untyped = of_type(TOMORROW, "").replace(f'<link rel="canonical" href="{LAMPS.url}">'.encode(), b"")
    carried(gazette, *WEATHER, f"Official news published at {named}")
    gazette.watch.site.says(named, untyped)
    assert PUBLISHED not in kinds(gazette.poll())
    (statement,) = gazette.watch.store.statements.by_url(named)
    assert (statement.url, statement.claimed) == (named, True)
    # A recheck of the page is none of State's lists.
    assert PUBLISHED not in kinds(gazette.poll(2 * HOUR))
    if kind is EndpointKind.LISTING:
        url = f"{WWW}/press-releases/"
        state = source(name="state", endpoints=(Endpoint(kind=kind, url=url),))
        gazette.watch.settings = settings(state, MIRROR)
        gazette.watch.source = state
        gazette.watch.site.says(url, listing(TOMORROW, Piece(1)))
        gazette.watch.site.says(LAMPS.url, article(TOMORROW))
        events = list(gazette.watch.after(HOUR).events)
    else:
        gazette.state_says(TOMORROW, Piece(1))
        events = gazette.poll(HOUR)
    assert kinds(events) == [PUBLISHED]
    assert (events[0].url, events[0].statement_id) == (LAMPS.url, statement.id)
    assert gazette.poll(HOUR) == []


def test_a_claimed_address_of_a_known_statement_is_an_alias(gazette: Gazette) -> None:
    """What is there is no other wording either: the mirror chose the address, an old print version perhaps."""
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    other = f"{WWW}/print/?p={LAMPS.number}"
    old = LAMPS.but(body=tuple(p.replace("40 lamps", "4 lamps") for p in LAMPS.body))
    gazette.watch.site.says(other, article(old).replace(f'href="{LAMPS.url}"'.encode(), f'href="{other}"'.encode()))
    carried(gazette, *LAMPS.body, f"Official news published at {other}")
    assert kinds(gazette.poll(HOUR)) == [EventKind.COPY_FOUND]
    (statement,) = gazette.watch.store.statements.by_url(other)
    assert (statement.guid, statement.url, statement.revisions) == (LAMPS.guid, LAMPS.url, 1)
    # If State itself moves it there, that is a move.
    gazette.watch.site.says(FEED_URL, rss(LAMPS.but(modified_at=None), Piece(1), built=NOON + DAY))
    body = rss(LAMPS, Piece(1), built=NOON + DAY).replace(LAMPS.url.encode(), other.encode())
    gazette.watch.site.says(FEED_URL, body)
    assert kinds(gazette.poll(DAY)) == [EventKind.MOVED]


def test_a_claim_restores_no_withdrawn_statement(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    with gazette.watch.store.unit():
        statement = gazette.watch.store.statements.by_guid(LAMPS.guid)
        assert statement is not None
        gazette.watch.store.rechecks.withdraw(statement.id)
    gazette.state_says(Piece(1))
    gazette.watch.site.says(LAMPS.url, NOT_FOUND, 404)
    other = f"{WWW}/print/?p={LAMPS.number}"
    gazette.watch.site.says(other, article(LAMPS).replace(f'href="{LAMPS.url}"'.encode(), f'href="{other}"'.encode()))
    carried(gazette, *LAMPS.body, f"Official news published at {other}")
    assert kinds(gazette.poll(HOUR)) == [EventKind.COPY_FOUND]


# Whose page it is


HERALD, HERALD_FEED = "https://herald.example", "https://herald.example/feed/"
ALTERED = tuple(p.replace("40 lamps", "4 lamps") for p in LAMPS.body)


def pair(gazette: Gazette, *, feed_of_gazette: str = GAZETTE_FEED) -> Source:
    endpoint = Endpoint(kind=EndpointKind.FEED, url=feed_of_gazette)
    other = source(name="herald", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=HERALD_FEED),))
    mirror = source(name="gazette", role=Role.MIRROR, endpoints=(endpoint,), hosts=("gazette.example",))
    gazette.watch.settings = settings(STATE, mirror, other)
    return mirror


@pytest.mark.parametrize("is_up", [True, False])
def test_the_text_of_a_mirrors_feed_says_nothing_of_a_page_elsewhere(gazette: Gazette, is_up: bool) -> None:
    """The gazette's feed gives an altered text as that of a page of the herald, which carries the true one."""
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    mirror = pair(gazette)
    gazette.says(post("lamps", LAMPS.title, ALTERED).replace(GAZETTE, HERALD))
    gazette.watch.site.says(f"{HERALD}/lamps/", page(LAMPS.title, LAMPS.body) if is_up else b"x", 200 if is_up else 503)
    gazette.watch.source = mirror
    events = list(gazette.watch.after(HOUR).events)
    assert [(event.kind, event.relation) for event in events] == ([(EventKind.COPY_FOUND, "verbatim")] if is_up else [])
    for _ in range(3):
        assert gazette.watch.after(HOUR).events == ()
        if is_up:
            assert gazette.watch.asked == [GAZETTE_FEED]


@pytest.mark.parametrize("is_up", [True, False])
def test_the_text_of_another_sites_feed_says_nothing_of_the_mirrors_page(gazette: Gazette, is_up: bool) -> None:
    """The endpoint of the source is an aggregator, which gives texts for pages of the gazette."""
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    url = "https://feeds.example/gazette/"
    gazette.watch.source = pair(gazette, feed_of_gazette=url)
    gazette.watch.site.says(url, feed(post("lamps", LAMPS.title, ALTERED)))
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body) if is_up else b"x", 200 if is_up else 503)
    gazette.watch.after(HOUR)
    assert [copy.relation for copy in gazette.copies()] == (["verbatim"] if is_up else [])


# Budgets


def claims(start: int, count: int, *, each: int = 3) -> list[tuple[str, tuple[str, ...]]]:
    """Pages with `each` claims of State's URLs: (slug, paragraphs)."""
    return [
        (
            f"p{number}",
            (*WEATHER, *(f"Official news published at {WWW}/x-{number}-{n}/" for n in range(each))),
        )
        for number in range(start, start + count)
    ]


def flood(gazette: Gazette, base: str, pages: list[tuple[str, tuple[str, ...]]]) -> bytes:
    """Set pages of a mirror, and return its feed."""
    for slug, paragraphs in pages:
        gazette.watch.site.says(f"{base}/{slug}/", page(f"Story {slug}", paragraphs))
    items = (post(slug, f"Story {slug}", paragraphs).replace(GAZETTE, base) for slug, paragraphs in pages)
    return feed(*items)


def asked_of_state(watch: Watch) -> list[str]:
    return [url for url in watch.site.asked if url.startswith(f"{WWW}/x-")]


@pytest.fixture
def mirrors(gazette: Gazette) -> Callable[..., list[Source]]:
    def configure(number: int, **fetch: int) -> list[Source]:
        """State and some mirrors, all filled for the first time, at the beginning of a day."""
        found = [
            source(
                name=f"mirror-{n}",
                role=Role.MIRROR,
                endpoints=(Endpoint(kind=EndpointKind.FEED, url=f"https://mirror-{n}.example/feed/"),),
            )
            for n in range(number)
        ]
        everything = AlertWatch.model_validate({"name": "All", "to": ("desk@example.org",), "when": tuple(Topic)})
        gazette.watch.settings = settings(STATE, *found, **fetch).model_copy(update={"watches": (everything,)})
        gazette.watch.clock.sleep(12 * 3600)
        gazette.state_says(Piece(1))
        for each in found:
            gazette.watch.site.says(each.endpoints[0].url, feed(post("w", "Weather", WEATHER)))
        for each in (STATE, *found):
            gazette.watch.source = each
            gazette.watch.run()
        gazette.watch.site.unsaid = (
            b"HTTP/1.1 404 Said\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<p>no</p>"
        )
        return found

    return configure


def run(watch: Watch, each: Source, wait: timedelta = timedelta(minutes=15)) -> None:
    watch.source = each
    watch.after(wait)


def test_a_mirror_has_twenty_claims_a_day_also_after_a_restart(
    gazette: Gazette, mirrors: Callable[..., list[Source]]
) -> None:
    (mirror,) = mirrors(1)
    watch = gazette.watch
    watch.site.says(mirror.endpoints[0].url, flood(gazette, "https://mirror-0.example", claims(0, 12)))
    for _ in range(4):
        run(watch, mirror)
    assert len(asked_of_state(watch)) == 20
    with Store(watch.store.path) as again:
        watch.store, before = again, watch.store
        for _ in range(4):
            run(watch, mirror)
        assert len(asked_of_state(watch)) == 20
        # The others are requested on the next day.
        run(watch, mirror, timedelta(hours=23))
        run(watch, mirror)
        assert len(set(asked_of_state(watch))) == 36
        assert len(asked_of_state(watch)) <= 40
        assert set(again.claims.waiting(mirror.name)) <= set(asked_of_state(watch))  # once more after a day
        watch.store = before


def test_a_claim_that_waited_is_traced_when_it_is_known(gazette: Gazette, mirrors: Callable[..., list[Source]]) -> None:
    (mirror,) = mirrors(1, claims_per_day=1)
    watch = gazette.watch
    pages = [*claims(0, 1, each=1), ("lamps", (*LAMPS.body, names(LAMPS)))]
    watch.site.says(mirror.endpoints[0].url, flood(gazette, "https://mirror-0.example", pages))
    watch.site.says(LAMPS.url, article(LAMPS.but(published_at=NOON - 30 * DAY)))
    run(watch, mirror)
    assert LAMPS.url not in watch.site.asked
    watch.source = mirror
    events = watch.after(timedelta(hours=23, minutes=50)).events
    assert [event.kind for event in events] == [PUBLISHED, EventKind.COPY_FOUND]


def test_the_last_30_percent_of_a_days_requests_belongs_to_states_own_sources(
    gazette: Gazette, mirrors: Callable[..., list[Source]]
) -> None:
    (mirror,) = mirrors(1, requests_per_day=50)
    watch = gazette.watch
    watch.site.says(mirror.endpoints[0].url, flood(gazette, "https://mirror-0.example", claims(0, 12)))
    watch.store.hosts.save(HostState("www.state.gov", counted_on=watch.clock.now().date(), requests=30))
    for _ in range(3):
        run(watch, mirror)
    host = watch.store.hosts.load("www.state.gov")
    assert host.requests == 35
    assert len(asked_of_state(watch)) in {4, 5}  # and robots.txt
    report = watch.after(timedelta(minutes=15))
    (withheld,) = report.withheld
    assert (withheld.subject, withheld.what) == ("www.state.gov", "claims that wait for the next day")
    assert "www.state.gov" in withheld.why
    (counted,) = watch.store.withheld.recent(watch.clock.now())
    assert (counted.guard, counted.subject) == (Guard.REQUESTS_PER_DAY, "www.state.gov")
    assert counted.count > 0
    # State's own news is read all the same.
    watch.site.says(FEED_URL, rss(Piece(2), Piece(1), built=watch.clock.now()))
    watch.source = STATE
    report = watch.after(timedelta(minutes=15))
    assert [event.kind for event in report.events] == [PUBLISHED]
    assert [each.what for each in report.withheld] == ["rechecks"]
    assert len(watch.store.outbox.find(OutboxFilter())) == 1


def test_no_mirror_uses_up_the_claims_of_another(gazette: Gazette, mirrors: Callable[..., list[Source]]) -> None:
    """Ten mirrors share 70 requests: each has seven, whenever it comes."""
    found = mirrors(10, requests_per_day=100, claims_per_day=50)
    watch = gazette.watch
    for number, each in enumerate(found):
        base = f"https://mirror-{number}.example"
        watch.site.says(each.endpoints[0].url, flood(gazette, base, claims(100 * number, 12)))
    for each in (found[0], found[0], found[0], *found[1:]):
        run(watch, each, timedelta(minutes=15))
    of_each = [
        sum(f"/x-{number}" in url for url in asked_of_state(watch))
        for number in ("0-", "1-", "2-", *(f"{n}0" for n in range(1, 10)))
    ]
    assert sum(of_each[:3]) == 7
    assert of_each[3:-1] == [7] * 8
    assert of_each[-1] >= 4  # State's own requests count too
    assert watch.store.hosts.load("www.state.gov").requests <= 70


@pytest.mark.parametrize("limit", [0, 3])
def test_the_number_of_claims_is_a_setting(gazette: Gazette, mirrors: Callable[..., list[Source]], limit: int) -> None:
    (mirror,) = mirrors(1, claims_per_day=limit)
    watch = gazette.watch
    watch.site.says(mirror.endpoints[0].url, flood(gazette, "https://mirror-0.example", claims(0, 12)))
    for _ in range(5):
        run(watch, mirror)
    assert len(asked_of_state(watch)) == limit
    assert len(watch.store.claims.waiting(mirror.name)) <= 7 * limit


def test_a_claim_is_not_repeated_after_a_failure_of_states(
    gazette: Gazette, mirrors: Callable[..., list[Source]]
) -> None:
    (mirror,) = mirrors(1, retries=3)
    watch = gazette.watch
    watch.site.says(mirror.endpoints[0].url, flood(gazette, "https://mirror-0.example", claims(0, 1, each=1)))
    watch.site.says(f"{WWW}/x-0-0/", b"x", 500)
    run(watch, mirror)
    assert len(asked_of_state(watch)) == 1


def test_a_pause_that_state_asks_for_costs_no_claim(gazette: Gazette, mirrors: Callable[..., list[Source]]) -> None:
    (mirror,) = mirrors(1)
    watch = gazette.watch
    watch.site.says(mirror.endpoints[0].url, flood(gazette, "https://mirror-0.example", claims(0, 1, each=1)))
    now = watch.clock.now()
    watch.store.hosts.save(HostState("www.state.gov", not_before=now + 5 * HOUR))
    for _ in range(3):
        run(watch, mirror)
    assert (asked_of_state(watch), watch.store.claims.requested_on(mirror.name, now.date())) == ([], 0)
    run(watch, mirror, 6 * HOUR)
    assert len(asked_of_state(watch)) == 1
