"""Pages of sources: health, what to do, incidents, and nothing that is private; and the line on top of pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON

from scraper.config.settings import Endpoint, Settings
from scraper.model import EndpointKind, Event, EventKind, Reason, Role
from scraper.source_status import assess
from scraper.store import Audience, SourceState, Store
from scraper.web import health, sources
from scraper.web.page import PageRequest
from scraper.web.routes import respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.web.page import Response

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECRET = "https://gazette.example/s3cret-path/feed?token=hush"


def source(settings: Settings, name: str, **changes: Any) -> Any:
    endpoints = (Endpoint(kind=EndpointKind.FEED, url=SECRET),)
    given = {"name": name, "role": Role.MIRROR, "endpoints": endpoints, "enabled": True} | changes
    return settings.sources[0].model_copy(update=given)


@pytest.fixture
def show(store: Store, db: Path, settings: Settings) -> Callable[..., str]:
    """The body of a page over the database of the test, with sources of these names in the configuration."""

    def show(path: str, *names: str, status: int = 200, is_live: bool = True, now: datetime = NOON) -> str:
        chosen = settings.model_copy(update={"sources": tuple(source(settings, name) for name in names)})
        with Store(db, audience=Audience.PAGES) as public, public.snapshot():
            response = respond(PageRequest(public, chosen, now, path=path, is_live=is_live))
        assert response.status == status
        assert isinstance(response.body, str)
        return response.body

    return show


def add(store: Store, name: str, **facts: Any) -> SourceState:
    given = {"last_attempt_at": NOON - 6 * MINUTE, "last_success_at": NOON - 6 * MINUTE, "next_due_at": NOON + HOUR}
    state = SourceState(name, Role.MIRROR, **(given | {"interval_s": 1800} | facts))
    with store.unit():
        store.sources.save(state)
    return state


def event(kind: EventKind, at: datetime, name: str, *reasons: str) -> Event:
    return Event(kind, at, name, reasons=tuple(Reason("", text) for text in reasons), url=SECRET)


def test_no_sources_says_what_will_appear(show: Callable[..., str]) -> None:
    body = show("sources/")
    assert "No sources." in body
    assert "No incidents." in body
    assert "No source has been polled yet" in body


def test_health_and_times_of_each_source(store: Store, show: Callable[..., str]) -> None:
    add(store, "well")
    add(store, "removed", incident=EventKind.SILENT, incident_since_at=NOON)
    add(
        store,
        "ill",
        incident=EventKind.BLOCKED,
        incident_since_at=NOON - HOUR,
        incident_detail=f"{SECRET}: blocked",
        failures=2,
        serving=SECRET,
    )
    body = show("sources/", "well", "ill", "new")
    for words in (
        ">well<",
        ">blocked<",
        ">not polled yet<",
        ">not in the configuration<",
        "30\N{NO-BREAK SPACE}min",
        "11:54 UTC",
    ):
        assert words in body
    assert ">silent<" not in body  # of a source that is not polled any more
    assert "Open its URL in a browser" in body
    assert "<code>fetch.contact</code>" in body
    assert 'href="../sources/ill/"' in body
    assert 'href="../sources/new/"' not in body  # it is not stored, so that a static site has no page of it
    assert "gazette.example: blocked" in body


def test_nothing_private_is_shown(store: Store, show: Callable[..., str]) -> None:
    detail = f"{SECRET}: timeout ({SECRET}); https://user:pw@other.example:8443/x serves instead"
    add(store, "ill", incident=EventKind.FALLBACK, incident_since_at=NOON, incident_detail=detail, serving=SECRET)
    with store.unit():
        store.events.add([event(EventKind.FALLBACK, NOON, "ill", detail)])
    for path in ("sources/", "sources/ill/"):
        body = show(path, "ill")
        for secret in ("s3cret", "hush", "token", "pw", "user"):
            assert secret not in body
        assert "other.example serves instead" in body


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://www.state.gov/feed/?key=x: blocked", "www.state.gov/feed/: blocked"),
        ("(http://a.example/x).", "(a.example)."),
        ("https://notstate.gov/path", "notstate.gov"),
        ("https://[bad/x: broken", "a URL: broken"),
        ("HTTPS://a.example/token: blocked", "a.example: blocked"),
        ("https://a.example/it's?token=x serves instead", "a.example serves instead"),
        ("blocked (of https://a.example/x(1)?token=y)", "blocked (of a.example)"),
        ("https://a.example/<x>?token=y", "a.example"),
        ("https://a.example\\token", "a URL"),
        ("no URL", "no URL"),
    ],
)
def test_urls_are_shown_as_places(text: str, shown: str) -> None:
    assert sources.without_urls(text) == shown


def test_incidents_last_until_the_next_event_of_their_source() -> None:
    events = [
        event(EventKind.RECOVERED, NOON - HOUR, "a"),
        event(EventKind.BLOCKED, NOON, "a", "why"),
        event(EventKind.SILENT, NOON + MINUTE, "b"),
        event(EventKind.BROKEN, NOON + HOUR, "a"),
        event(EventKind.RECOVERED, NOON + 3 * HOUR, "a"),
    ]
    found = sources.incidents(events)
    assert [(each.source, each.word, each.duration) for each in found] == [
        ("a", "broken", 2 * HOUR),
        ("b", "silent", None),
        ("a", "blocked", HOUR),
    ]
    assert found[2].reason == "why"


def test_an_incident_of_a_source_that_is_off_is_not_waited_for(
    store: Store, db: Path, settings: Settings, show: Callable[..., str]
) -> None:
    add(store, "a")
    with store.unit():
        store.events.add([event(EventKind.BROKEN, NOON - HOUR, "a")])
    chosen = settings.model_copy(update={"sources": (source(settings, "a", enabled=False),)})
    for path in ("sources/", "sources/a/"):
        assert "not over yet" in show(path, "a")
        with Store(db, audience=Audience.PAGES) as public, public.snapshot():
            body = respond(PageRequest(public, chosen, NOON, path=path)).body
        assert isinstance(body, str)
        assert "Began <time" in body
        assert "; the source has since been switched off" in body
        assert "not over yet" not in body


def test_page_of_a_source_has_its_incidents(store: Store, show: Callable[..., str]) -> None:
    add(store, "a")
    with store.unit():
        store.events.add([event(EventKind.BLOCKED, NOON - HOUR, "a"), event(EventKind.RECOVERED, NOON, "a")])
    body = show("sources/a/", is_live=False)
    assert ">blocked<" in body
    assert "11:00</time> – <time" in body
    assert "12:00 UTC</time>: 1\N{NO-BREAK SPACE}h" in body
    assert "not over" not in body
    with store.unit():
        store.events.add([event(EventKind.SILENT, NOON, "a")])
    assert "12:00 UTC</time>, not over yet" in show("sources/a/", is_live=False)
    assert "It has not been polled yet" in show("sources/new/", "new")
    assert "There is no source" in show("sources/x/", status=404)


def test_versions_follow_incidents_and_not_polls(store: Store) -> None:
    state = add(store, "a")
    before = dict(sources.addresses(store))
    assert before["sources/"] == ""
    with store.unit():
        store.sources.save(replace(state, last_attempt_at=NOON, last_success_at=NOON, last_items=7))
    assert dict(sources.addresses(store)) == before
    with store.unit():
        store.events.add([event(EventKind.BLOCKED, NOON, "a")])
    assert dict(sources.addresses(store))["sources/a/"] != before["sources/a/"]


def test_a_stored_source_of_another_name_has_no_page_of_its_own(store: Store, show: Callable[..., str]) -> None:
    add(store, "../<b>")
    assert dict(sources.addresses(store)) == {"sources/": ""}
    assert "../&lt;b&gt;" in show("sources/")


@pytest.mark.parametrize(
    ("states", "now", "words", "kind"),
    [
        ({}, NOON, "No source has been polled yet", ""),
        ({"a": {}, "b": {}}, NOON, "2 of 2 sources well, polled 6\u00a0min ago", " well"),
        ({"a": {}}, NOON, "1 of 2 sources well, polled 6\u00a0min ago", ""),
        (
            {"a": {}, "b": {"incident": EventKind.SILENT}},
            NOON,
            "1 of 2 sources in trouble, polled 6\u00a0min ago",
            " trouble",
        ),
        ({"a": {}, "b": {"last_success_at": NOON - 90 * HOUR}}, NOON, "1 of 2 sources in trouble", " trouble"),
        ({"a": {}, "b": {}}, NOON + 5 * HOUR, "No source polled for 5\u00a0h\u00a06\u00a0min", " trouble"),
        ({"a": {}, "b": {}}, NOON - HOUR, "2 of 2 sources well, polled just now", " well"),
    ],
)
def test_line_on_top_says_how_the_sources_are(
    store: Store, show: Callable[..., str], states: dict[str, Any], now: datetime, words: str, kind: str
) -> None:
    for name, facts in states.items():
        add(store, name, **facts)
    body = show("", "a", "b", now=now)
    assert f'<p class="health{kind}"><a href="./sources/">{words}' in body
    assert len(words.split()) <= 10


def test_line_of_a_file_does_not_move(store: Store, show: Callable[..., str]) -> None:
    add(store, "a", incident=EventKind.BLOCKED)
    body = show("", "a", is_live=False)
    assert '<p class="health"><a href="./sources/">Sources and their health</a></p>' in body


def test_one_source_is_singular(settings: Settings) -> None:
    one = source(settings, "a")
    state = SourceState("a", Role.MIRROR, last_attempt_at=NOON, last_success_at=NOON, next_due_at=NOON + HOUR)
    assert health.describe(assess((one,), {"a": state}, NOON)).words.startswith("1 of 1 source well")


def test_page_of_the_demo(page: Callable[..., Response]) -> None:
    body = page("sources/").body
    assert isinstance(body, str)
    assert "state-press-releases" in body
    assert "1\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30\N{NO-BREAK SPACE}min" in body
    assert "example.org" not in body
