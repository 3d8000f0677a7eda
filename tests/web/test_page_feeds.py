"""Feeds of views: valid Atom, stable ids, absolute links, and the differences."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from lists import titles
from samples import NOON

from scraper.formats import atom
from scraper.model import EventKind, Grade, Relation
from scraper.store import Audience, EventFilter, Store
from scraper.web.page import ATOM, PageRequest
from scraper.web.reading import Reader
from scraper.web.routes import respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lists import Database

    from scraper.config.settings import Settings
    from scraper.web.page import Response

NAME = "{http://www.w3.org/2005/Atom}"
PATHS = ("", "changed/", "withdrawn/", "altered/", "copied/", "types/media-note/", "speakers/rosalind-p-quill/")


def entries(response: Response) -> list[ElementTree.Element]:
    assert response.status == 200
    assert response.content_type == ATOM
    root = ElementTree.fromstring(str(response.body))
    assert [len(root.findall(NAME + name)) for name in ("id", "title", "updated", "author")] == [1, 1, 1, 1]
    found = root.findall(NAME + "entry")
    for entry in found:
        assert [len(entry.findall(NAME + name)) for name in ("id", "title", "updated", "content")] == [1, 1, 1, 1]
    ids = [entry.findtext(NAME + "id") for entry in found]
    assert len(set(ids)) == len(ids)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_feed_has_the_entries_of_its_view_in_order(page: Callable[..., Response], path: str) -> None:
    found = entries(page(f"{path}feed.atom"))
    for entry, title in zip(found, [t for t in titles(page(path).body) if t], strict=False):
        assert entry is not None
        assert title
    if path == "":
        assert [entry.findtext(NAME + "title") for entry in found[:2]] == [
            "Withdrawn: Lower Valley Rivers Initiative",
            "Outdated copy: pmdnews.example, Lower Valley Rivers Initiative",
        ]


def test_entry_carries_the_difference_and_neither_reason_nor_command(page: Callable[..., Response]) -> None:
    (entry,) = entries(page("changed/feed.atom"))
    content = entry.findtext(NAME + "content") or ""
    assert "<del>$80 million</del> → <ins>$58 million</ins>" in content
    assert "You receive this" not in content
    assert "statewire diff" not in content
    assert entry.find(NAME + "category").get("term") == "statement.revised"  # type: ignore[union-attr]


def test_ids_are_those_of_the_events_in_every_view(demo_db: Path, page: Callable[..., Response]) -> None:
    with Store(demo_db, audience=Audience.PAGES) as store:
        known = {atom.event_id(event) for event in store.events.find(EventFilter())}
    in_views = [{entry.findtext(NAME + "id") for entry in entries(page(f"{path}feed.atom"))} for path in PATHS]
    assert all(ids <= known for ids in in_views)
    assert in_views[1] < in_views[0]
    feed_ids = {ElementTree.fromstring(str(page(f"{path}feed.atom").body)).findtext(NAME + "id") for path in PATHS}
    assert len(feed_ids) == len(PATHS)


def test_links_are_absolute(demo_db: Path, settings: Settings, page: Callable[..., Response]) -> None:
    entry = entries(page("changed/feed.atom"))[0]
    assert [link.get("href") for link in entry.findall(NAME + "link")] == [
        "https://www.state.gov/releases/office-of-the-spokesperson/2026/05/lower-valley-rivers-initiative/"
    ]
    web = settings.web.model_copy(update={"base_url": "https://watch.example/pages"})
    changed = settings.model_copy(update={"web": web})
    with Store(demo_db, audience=Audience.PAGES) as store, store.snapshot():
        response = respond(PageRequest(store, changed, NOON, path="changed/feed.atom", is_live=False))
        root = ElementTree.fromstring(str(response.body))
        assert {link.get("rel"): link.get("href") for link in root.findall(NAME + "link")} == {
            "alternate": "https://watch.example/pages/changed/",
            "self": "https://watch.example/pages/changed/feed.atom",
        }
        (entry,) = root.findall(NAME + "entry")
        assert entry.find(NAME + "link").get("href") == "https://watch.example/pages/statements/4/"  # type: ignore[union-attr]
        # The same connection, with other settings: nothing is kept from before.
        before = respond(PageRequest(store, settings, NOON, path="changed/feed.atom", is_live=False))
        assert "watch.example" not in str(before.body)


def test_feed_of_an_empty_view_is_valid(page: Callable[..., Response]) -> None:
    assert entries(page("countries/laos/feed.atom")) == []
    assert page("countries/nowhere/feed.atom").status == 404


def test_feed_is_bounded_and_has_the_newest(lists: Database, page: Callable[..., Response]) -> None:
    for number in range(1, 61):
        lists.add(f"Lamps {number}", NOON - timedelta(hours=number), number=number)
    found = entries(page("feed.atom", db=lists.path))
    assert [entry.findtext(NAME + "title") for entry in found] == [f"Published: Lamps {n}" for n in range(1, 51)]


def test_hostile_texts_are_only_text(lists: Database, page: Callable[..., Response]) -> None:
    hostile = "]]></content></feed><script>alert(1)</script>\u202e&\x00\ufffe"
    number = lists.add(hostile, text=hostile, type=hostile)
    for kind in EventKind:
        about = {"before": hostile, "after": hostile, "grade": Grade.MATERIAL, "relation": Relation.ALTERED}
        lists.event(
            kind, NOON, None if kind is EventKind.UNSOURCED else number, page_url="javascript:alert(1)", **about
        )
    found = entries(page("feed.atom", db=lists.path))
    assert len(found) > 5
    for entry in found:
        content = entry.findtext(NAME + "content") or ""
        assert "<script" not in content
        assert "\u202e" not in content
        for link in entry.findall(NAME + "link"):
            assert (link.get("href") or "").startswith("https://")


@pytest.mark.parametrize("is_open", [True, False])
def test_entry_is_written_anew_when_the_database_changes(lists: Database, settings: Settings, is_open: bool) -> None:
    lists.add("Lamps")
    lists.close()
    reader = Reader(lists.path, Audience.PAGES)

    def read() -> str:
        def respond_to(store: Store) -> str:
            with store.snapshot():
                return str(respond(PageRequest(store, settings, NOON, path="feed.atom")).body)

        return reader.read(respond_to)

    # While a writer has the file open, a reader shares its log; otherwise it opens the file again after a change.
    with Store(lists.path) if is_open else nullcontext():
        assert "State has changed it since" not in read()
        assert read() == read()
        changed = "The text of statement 1 is about the 58 lamps of harbour 1."
        lists.add("Lamps", text=changed, seen_at=NOON + timedelta(hours=1))
        lists.close()
        assert "State has changed it since: revision 2." in read()


def test_entry_of_a_copy_links_to_the_statement_and_to_the_copy(page: Callable[..., Response]) -> None:
    entry = entries(page("altered/feed.atom"))[0]
    links = {link.get("rel"): link.get("href") or "" for link in entry.findall(NAME + "link")}
    assert links[None].startswith("https://www.state.gov/")
    assert links["related"].startswith("https://pmdnews.example/")
