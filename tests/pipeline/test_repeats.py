"""Tests of lists with the same body as before: they are not read again, and everything is as if they were."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from samples import FEED_URL, LIST_URL, NOON, REST_URL, Piece, article, listing, rest, rss, source

from scraper import parsers
from scraper.clock import SimulatedClock
from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, Role
from scraper.pipeline import list_urls, repeats
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Watch

    from scraper.config.settings import Source

HOUR = timedelta(hours=1)
OTHER_FEED = "https://www.state.gov/rss-feed/other/feed/"
PIECES = tuple(Piece(number) for number in (1, 2))


def of(name: str, kind: EndpointKind, url: str) -> Source:
    return source(name=name, endpoints=(Endpoint(kind=kind, url=url),))


def show(watch: Watch, url: str, body: bytes) -> None:
    """Set the body of a list; the REST API has one by publication and one by change."""
    if url == REST_URL:
        for each in (
            list_urls.first_url(EndpointKind.WORDPRESS, url),
            list_urls.modified_url(EndpointKind.WORDPRESS, url),
        ):
            watch.site.says(each or "", body)
    else:
        watch.site.says(url, body)


FEED = of("feed", EndpointKind.FEED, FEED_URL)


@pytest.fixture
def read(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A feed with two statements, polled once; the URLs that are read from then on."""
    watch.source = FEED
    watch.site.says(FEED_URL, rss(*PIECES, built=NOON - HOUR))
    watch.run()
    found: list[str] = []
    original = parsers.read

    def counting(capture: Any, *arguments: Any) -> Any:
        found.append(capture.url)
        return original(capture, *arguments)

    monkeypatch.setattr(parsers, "read", counting)
    return found


def test_the_same_body_is_not_read_again_and_its_statements_are_seen(watch: Watch, read: list[str]) -> None:
    for _ in range(3):
        report = watch.after(HOUR)
    assert read == []
    assert (report.items, report.served_by) == (2, FEED_URL)
    (seen_at,) = {each.last_seen_at for each in watch.store.statements.find()}
    assert watch.clock.now() - seen_at < HOUR
    assert watch.store.captures.last_answer(FEED_URL, seen_at) == ("ok", True)
    watch.site.says(FEED_URL, rss(*PIECES, Piece(3), built=NOON))
    assert [event.kind for event in watch.after(HOUR).events] == [EventKind.PUBLISHED]
    assert read == [FEED_URL]


def test_new_parsers_and_another_language_read_the_same_body(
    watch: Watch, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsers, "VERSION", parsers.VERSION + 1)
    watch.after(HOUR)
    assert len(read) == 1
    watch.after(HOUR)
    assert len(read) == 1
    watch.source = watch.source.model_copy(update={"language": "fr"})
    watch.after(HOUR)
    assert len(read) == 2


def test_a_statement_that_something_else_changed_is_read_again(watch: Watch, read: list[str]) -> None:
    one = watch.store.statements.by_guid(PIECES[0].guid)
    assert one is not None
    with watch.store.unit():
        watch.store.rechecks.withdraw(one.id)
    assert [event.kind for event in watch.after(HOUR).events] == [EventKind.RESTORED]
    assert len(read) == 1


def test_the_texts_of_mirrors_are_read_each_time(watch: Watch, read: list[str]) -> None:
    """What they carry depends on all statements."""
    watch.source = FEED.model_copy(update={"role": Role.MIRROR, "name": "mirror"})
    for _ in range(2):
        watch.after(HOUR)
    assert len(read) == 2


def test_a_list_by_change_is_requested_once_in_each_poll(watch: Watch) -> None:
    watch.source = of("rest", EndpointKind.WORDPRESS, REST_URL)
    show(watch, REST_URL, rest(*PIECES))
    for piece in PIECES:
        watch.site.says(piece.url, article(piece))
    watch.run()
    for _ in range(3):
        watch.after(HOUR)
        assert sum("orderby=modified" in url for url in watch.asked) == 1


# Random sequences

REWORDED = replace(PIECES[0], body=("The United States withdraws 12 lamps.", *PIECES[0].body[1:]))
MENDED = replace(PIECES[0], body=("The United States sends 14 lamps at once.", *PIECES[0].body[1:]))
VARIANTS = (
    PIECES,
    (REWORDED, PIECES[1]),
    (MENDED, PIECES[1]),
    (replace(PIECES[0], title="Another title"), PIECES[1]),
    (replace(PIECES[0], body=tuple(text.replace("keepers", "keep�rs") for text in PIECES[0].body)), PIECES[1]),
    (replace(PIECES[0], body=("",)), PIECES[1]),
    (replace(PIECES[0], body=("The keepersâ€™ lamps are here.", *PIECES[0].body[1:])), PIECES[1]),
    (PIECES[1],),
    (*PIECES, Piece(3)),
    (replace(PIECES[0], modified_at=NOON + 20 * HOUR), PIECES[1]),
    (replace(PIECES[0], slug="elsewhere"), PIECES[1]),
)
BUILT = (None, NOON - HOUR, NOON, NOON + 3 * HOUR, NOON + 40 * HOUR)
SOURCES = (
    FEED,
    of("other", EndpointKind.FEED, OTHER_FEED),
    of("rest", EndpointKind.WORDPRESS, REST_URL),
    of("list", EndpointKind.LISTING, LIST_URL),
)
LISTS: dict[str, Callable[..., bytes]] = {FEED_URL: rss, OTHER_FEED: rss, REST_URL: rest, LIST_URL: listing}
STEP = strategies.tuples(
    strategies.sampled_from([HOUR / 4, HOUR, 5 * HOUR, 9 * HOUR, 13 * HOUR, 25 * HOUR]),
    strategies.sampled_from(SOURCES),
    # Mostly nothing has changed.
    strategies.one_of(
        strategies.none(), strategies.tuples(strategies.sampled_from(VARIANTS), strategies.sampled_from(BUILT))
    ),
    strategies.sampled_from(["", "", "", "gone", "back"]),
)


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables but the index of words and what the two programs may keep differently."""
    db = store.database
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = [name for (name,) in tables if "fts" not in name and name not in {"last_readings", "bodies"}]
    return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


def replay(make: type[Watch], path: Path, steps: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    random.seed(1)
    with Store(path) as store:
        watch = make(store, SimulatedClock(NOON))
        for piece in PIECES:
            watch.site.says(piece.url, article(piece))
        for url, render in LISTS.items():
            show(watch, url, render(*PIECES))
        for wait, polled, change, page in steps:
            url = polled.endpoints[0].url
            if change is not None:
                pieces, built = change
                body = rss(*pieces, built=built) if LISTS[url] is rss else LISTS[url](*pieces)
                show(watch, url, body)
            if page == "gone":
                watch.site.says(PIECES[0].url, b"Not here", 404)
            elif page == "back":
                watch.site.says(PIECES[0].url, article(PIECES[0]))
            watch.source = polled
            watch.after(wait)
        return content(store)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=strategies.lists(STEP, min_size=3, max_size=14))
def test_everything_is_stored_as_if_each_body_was_read(
    tmp_path_factory: pytest.TempPathFactory, watch: Watch, steps: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("replays")
    quick = replay(type(watch), folder / "quick.db", steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "find", lambda *_: None)
        slow = replay(type(watch), folder / "slow.db", steps)
    assert quick == slow
