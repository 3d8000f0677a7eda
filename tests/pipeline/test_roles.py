"""Tests of roles: a canonical source anywhere is read as State's own site is, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from samples import (
    FEED_URL,
    LIST_URL,
    NOON,
    REST_URL,
    Piece,
    article,
    listing,
    record,
    rest,
    rss,
    settings,
    source,
    warc,
)

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, Role
from scraper.pipeline import list_urls, reparse
from scraper.pipeline.import_files import import_files
from scraper.pipeline.origin import origin_of
from scraper.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.conftest import Watch

    from scraper.clock import SimulatedClock
    from scraper.config.settings import Source
    from scraper.model import Statement

HOUR = timedelta(hours=1)
PIECE = Piece(1)
STATE, EMBASSY = "https://www.state.gov/", "https://ge.embassy.example/"
LINES = ("Press Statement", "Marco Rubio, Secretary of State", "March 2, 2026")
FIELDS = ("type", "byline", "speaker", "bureau", "title", "published_at")
PLAIN = (
    "<html><head><title>Lamps for the Harbour</title></head><body><nav><p>Home</p></nav><main>"
    "<h1>Lamps for the Harbour</h1>{}<p>The United States gives five lamps to the harbour of Batumi this week.</p>"
    "<p>The lamps will be lit in May, when the boats come back from the other side of the sea.</p></main></body></html>"
)


def there(answer: bytes | str) -> bytes:
    """An answer as the site of the embassy gives it."""
    text = answer if isinstance(answer, str) else answer.decode()
    return text.replace(STATE, EMBASSY).encode()


def of_embassy(kind: EndpointKind, url: str, **changes: object) -> Source:
    return source(**{"name": "embassy", "endpoints": (Endpoint(kind=kind, url=there(url).decode()),)} | changes)


def fields_of(statement: Statement) -> list[object]:
    return [getattr(statement, name) for name in FIELDS]


@pytest.mark.parametrize(
    ("kind", "url", "answer"),
    [
        (EndpointKind.FEED, FEED_URL, rss(Piece(1, body=(*LINES, *PIECE.body), byline=""))),
        (EndpointKind.WORDPRESS, REST_URL, rest(Piece(1, body=(*LINES, *PIECE.body)))),
        (EndpointKind.LISTING, LIST_URL, listing(PIECE)),
    ],
)
def test_each_kind_of_source_is_read_as_that_of_state(
    watch: Watch, tmp_path: Path, kind: EndpointKind, url: str, answer: bytes
) -> None:
    watch.source = source(endpoints=(Endpoint(kind=kind, url=url),))
    watch.site.says(list_urls.first_url(kind, url), answer)
    watch.site.says(PIECE.url, article(PIECE))
    watch.run()
    states = watch.only()
    with Store(tmp_path / "other.db") as other:
        theirs = type(watch)(other, watch.clock)
        theirs.source = of_embassy(kind, url)
        theirs.site.says(there(list_urls.first_url(kind, url)).decode(), there(answer))
        theirs.site.says(PIECE.url.replace(STATE, EMBASSY), there(article(PIECE)))
        assert theirs.run().problems == ()
        assert theirs.only().url == PIECE.url.replace(STATE, EMBASSY)
        assert fields_of(theirs.only()) == fields_of(states)
        assert other.statements.text(theirs.only()) == watch.store.statements.text(states)
    assert (states.speaker, states.bureau) != (None, None)


def test_a_page_in_another_theme_has_its_byline_and_type(watch: Watch) -> None:
    lines = "".join(f"<p>{line}</p>" for line in LINES)
    url = EMBASSY + "lamps/"
    watch.settings = settings(of_embassy(EndpointKind.FEED, FEED_URL))
    watch.site.says(url, PLAIN.format(lines).encode())
    result = watch.fetch_url(url)
    (item,) = result.reading.items
    assert (item.type, item.byline) == (LINES[0], LINES[1])
    assert (item.speaker, item.published_at) == ("Marco Rubio", NOON.replace(hour=0))
    assert item.paragraphs
    assert item.paragraphs[0].startswith("The United States gives five lamps")


@pytest.mark.parametrize("role", [Role.CANONICAL, Role.ARCHIVE])
def test_a_page_of_such_a_source_is_no_copy_of_itself(watch: Watch, role: Role) -> None:
    watch.source = of_embassy(EndpointKind.FEED, FEED_URL, role=role)
    watch.settings = settings(watch.source)
    watch.site.says(watch.source.endpoints[0].url, there(rss(PIECE)))
    watch.run()
    url = PIECE.url.replace(STATE, EMBASSY)
    watch.site.says(url, there(article(PIECE)))
    result = watch.fetch_url(url)
    assert (result.role, [known and known.id for known in result.known]) == (role, [watch.only().id])
    assert watch.store.pages.count() == 0
    assert watch.store.copies.count() == 0


def test_a_mirror_that_lists_such_a_page_carries_no_copy(watch: Watch) -> None:
    canonical = of_embassy(EndpointKind.FEED, FEED_URL)
    watch.settings = settings(canonical)
    watch.source = canonical
    watch.site.says(canonical.endpoints[0].url, there(rss(PIECE)))
    watch.run()
    watch.source = source(
        name="mirror",
        role=Role.MIRROR,
        endpoints=(Endpoint(kind=EndpointKind.FEED, url="https://herald.example/feed/"),),
    )
    watch.settings = settings(canonical, watch.source)
    watch.site.says("https://herald.example/feed/", there(rss(PIECE)))
    watch.site.says(PIECE.url.replace(STATE, EMBASSY), there(article(PIECE)))
    watch.run()
    assert watch.store.pages.count() == 0


def test_nobody_else_gains_the_role() -> None:
    canonical = of_embassy(EndpointKind.FEED, FEED_URL, hosts=("press.service.example",))
    mirror = source(
        name="m", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url="https://a.example/f"),)
    )
    own = settings(canonical, mirror)
    assert [origin_of(url, own)[:2] for url in (EMBASSY + "x", "https://www.ge.embassy.example/x")] == [
        ("embassy", Role.CANONICAL)
    ] * 2
    # A host to which a source may redirect is often that of a service.
    assert origin_of("https://press.service.example/x", own)[:2] == ("press.service.example", Role.MIRROR)
    for url in (
        "https://ge.embassy.example:8443/x",
        "https://embassy.example/x",
        "https://other.ge.embassy.example/x",
        "https://a.example/x",
        "https://herald.example/x",
    ):
        assert origin_of(url, own)[1] is Role.MIRROR
    # A host that a mirror shares is nobody's; and no source changes the names under state.gov.
    shared = source(
        name="s", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=EMBASSY + "news/feed"),)
    )
    assert origin_of(EMBASSY + "x", settings(canonical, shared))[1] is Role.MIRROR
    assert origin_of("https://www\u3002state\u3002gov/x", settings(source()))[1] is Role.MIRROR


def test_a_redirect_to_another_host_is_read_as_that_host(watch: Watch) -> None:
    watch.settings = settings(of_embassy(EndpointKind.FEED, FEED_URL))
    watch.site.says(EMBASSY + "x", b"", 301, location="https://herald.example/x")
    watch.site.says("https://herald.example/x", there(article(PIECE)))
    assert watch.fetch_url(EMBASSY + "x").role is Role.MIRROR
    assert watch.store.statements.count() == 0


def test_a_page_from_a_file_fills_no_source(store: Store, clock: SimulatedClock, tmp_path: Path) -> None:
    own = settings(of_embassy(EndpointKind.FEED, FEED_URL))
    url = PIECE.url.replace(STATE, EMBASSY)
    page = record(NOON, there(article(PIECE)), url, headers=(("Content-Type", "text/html"),))
    import_files([warc(tmp_path / "x.warc", page)], store=store, settings=own, clock=clock)
    assert [s.source for s in store.statements.find()] == ["embassy"]
    assert store.pages.count() == 0
    assert store.sources.all() == []


def test_stored_answers_are_read_again_by_the_role_of_their_source(watch: Watch) -> None:
    watch.source = of_embassy(EndpointKind.LISTING, LIST_URL)
    watch.settings = settings(watch.source)
    watch.site.says(watch.source.endpoints[0].url, there(listing(PIECE)))
    watch.site.says(PIECE.url.replace(STATE, EMBASSY), there(article(PIECE)))
    watch.run()
    result = reparse.find_differences(watch.store)
    assert (result.captures, result.unread, result.found) == (1, 0, ())


@pytest.mark.parametrize("names_state", [True, False], ids=["names State's URL", "has State's number"])
def test_a_page_of_somebody_else_on_the_host_of_a_canonical_source_changes_no_statement_of_state(
    watch: Watch, tmp_path: Path, names_state: bool
) -> None:
    """A host may be shared: whoever writes there cannot revise what State published on its own site."""
    watch.settings = settings(source(), of_embassy(EndpointKind.FEED, FEED_URL))
    watch.site.says(PIECE.url, article(PIECE))
    watch.fetch_url(PIECE.url)
    before = watch.store.statements.text(watch.only())
    altered = article(Piece(1, body=("The United States gives no lamps to anyone this year.", *PIECE.body[1:])))
    url = EMBASSY + "mallory/lamps/"
    page = altered if names_state else there(altered).replace(b"<head>", b"<head><link rel=shortlink href='/?p=1'>")
    watch.site.says(url, page)
    watch.clock.sleep(HOUR.total_seconds())
    watch.fetch_url(url)
    states = [each for each in watch.store.statements.find() if each.url == PIECE.url]
    assert [watch.store.statements.text(each) for each in states] == [before]
    assert states[0].revisions == 1
    assert not [kind for kind in watch.kinds() if kind.subject == "statement" and kind != "statement.published"]
    recorded = record(watch.clock.now(), page, url, headers=(("Content-Type", "text/html"),))
    path = warc(tmp_path / "x.warc.gz", recorded)
    import_files([path], store=watch.store, settings=watch.settings, clock=watch.clock)
    assert [watch.store.statements.text(each) for each in watch.store.statements.find() if each.url == PIECE.url] == [
        before
    ]
