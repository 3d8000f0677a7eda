"""Addresses of lists: each is a page, and its version changes exactly when the page may have changed."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from lists import Database, titles
from samples import NOON

from scraper.model import EventKind, Grade, Part, Precision, Reason, Relation
from scraper.store import Audience, Store
from scraper.web import search, today, view_addresses, view_feeds, view_pages, views
from scraper.web.page import PageRequest
from scraper.web.routes import ROUTES, respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.config.settings import Settings

HOUR = timedelta(hours=1)
Pages = tuple[dict[str, str], dict[str, str]]
OURS = (
    today.today,
    search.search,
    view_feeds.feed,
    view_pages.view,
    view_pages.year,
    view_pages.month,
    view_pages.months,
)
OURS += (view_pages.index,)


def versions(db: Path) -> dict[str, str]:
    with Store(db, audience=Audience.PAGES) as store, store.snapshot():
        routes = [route for route in ROUTES if route.respond in OURS]
        found = [address for route in routes if route.addresses for address in route.addresses(store)]
    assert len({path for path, _ in found}) == len(found)
    return dict(found)


def bodies(db: Path, settings: Settings, paths: dict[str, str]) -> dict[str, str]:
    with Store(db, audience=Audience.PAGES) as store, store.snapshot():
        found = {path: respond(PageRequest(store, settings, NOON, path=path, is_live=False)) for path in paths}
    assert {response.status for response in found.values()} == {200}
    return {path: str(response.body) for path, response in found.items()}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Statements over two years, and events of most kinds. Only copy it."""
    lists = Database(tmp_path_factory.mktemp("filled") / "statewire.db")
    for number in range(1, 131):
        at = NOON - timedelta(days=4 * number)
        kind = {"type": "Media Note", "countries": ("Laos",)} if number % 2 else {"countries": ("Chad",)}
        lists.add(f"Lamps {number}", at, number=number, **kind)
    change = {"grade": Grade.MATERIAL, "reasons": (Reason("amount", "80", "58", Grade.MATERIAL),), "part": Part.BODY}
    lists.event(EventKind.REVISED, NOON, 1, **change)
    lists.event(EventKind.WITHDRAWN, NOON, 2)
    lists.event(EventKind.COPY_FOUND, NOON, 1, relation=Relation.ALTERED, page_url="https://a.example/x", **change)
    lists.event(EventKind.UNSOURCED, NOON, page_url="https://a.example/y", page_title="Laos Loses Aid")
    lists.sql("INSERT INTO sources (name, role, failures) VALUES ('state', 'canonical', 0), ('a', 'mirror', 0)")
    lists.close()
    return lists.path


@pytest.fixture(scope="session")
def before(template: Path, settings: Settings) -> Pages:
    """The versions and the bodies of all pages of it."""
    known = versions(template)
    return known, bodies(template, settings, known)


@pytest.fixture
def filled(template: Path, lists: Database) -> Database:
    """A copy of it to change."""
    shutil.copy(template, lists.path)
    return lists


def test_every_link_of_a_list_is_an_address(before: Pages) -> None:
    known, shown = before
    for path, body in shown.items():
        for link in re.findall(r'href="([^"#]+)"', body):
            target = urljoin(f"https://pages.example/{path}", link)
            if target.startswith("https://pages.example/"):
                place = target.removeprefix("https://pages.example/")
                others = ("assets/", "statements/", "copies/", "outlets/", "phrase/", "trace/", "sources/")
                assert place in known or (place.startswith(others) and "/statements/" not in place), (path, link)


def test_addresses_have_the_entries_that_the_pages_list(template: Path, before: Pages) -> None:
    known, shown = before
    assert {"countries/laos/", "countries/chad/", "types/media-note/", "speakers/rosalind-p-quill/"} <= set(known)
    assert {
        "countries/laos/2025/",
        "speakers/rosalind-p-quill/2025/1/",
        "types/media-note/2026/",
        "sources/a/statements/",
    } <= set(known)
    assert "changed/2026/" not in known
    with Store(template, audience=Audience.PAGES) as store, store.snapshot():
        rows = view_addresses._lists(store).rows
        for path in (path for path in known if path.endswith("feed.atom")):
            view = views.find(store, path.removesuffix("feed.atom"))
            keys = store.entries.newest(view.entries, 1_000)
            assert [row.at for row in rows.get(view.path, [])] == [key.at for key in keys]
    assert "Laos Loses Aid" in titles(shown["countries/laos/"])


CHANGES: dict[str, Callable[[Database], object]] = {
    "a new statement": lambda db: db.add("Boats", NOON + HOUR, number=500, countries=("Laos",)),
    "an old statement": lambda db: db.add("Boats", NOON - timedelta(days=300), number=500, type="Readout"),
    "a title": lambda db: db.sql("UPDATE statements SET title = 'Boats' WHERE id = 3"),
    "a title without its country": lambda db: db.sql("UPDATE statements SET countries = '[]' WHERE id = 3"),
    "a type": lambda db: db.sql("UPDATE statements SET type = 'Fact Sheet' WHERE id = 3"),
    "a speaker": lambda db: db.sql("UPDATE statements SET speaker = 'Ada Pim' WHERE id = 3"),
    "a byline": lambda db: db.sql("UPDATE statements SET byline = 'Ada Pim', speaker = NULL WHERE id = 3"),
    "a time": lambda db: db.sql("UPDATE statements SET published_at = '2026-02-19T12:00:00Z' WHERE id = 3"),
    "a precision": lambda db: db.sql("UPDATE statements SET precision = ? WHERE id = 3", Precision.DAY),
    "a first sight": lambda db: db.sql("UPDATE statements SET first_seen_at = '2026-02-19T12:00:00Z' WHERE id = 3"),
    "a URL": lambda db: db.sql("UPDATE statements SET url = 'https://www.state.gov/boats/' WHERE id = 3"),
    "a wording": lambda db: db.add(
        "Lamps 3",
        NOON - timedelta(days=12),
        number=3,
        text="The text of statement 3 is about the 9 lamps of harbour 3.",
        type="Media Note",
        countries=("Laos",),
        seen_at=NOON,
    ),
    "a wording that no event reports": lambda db: (
        db.sql(
            "INSERT INTO revisions"
            " (statement_id, number, title, text, words, words_sha256, first_seen_at, last_seen_at)"
            " SELECT statement_id, 2, title, text || ' More.', words, 'x', first_seen_at, last_seen_at"
            " FROM revisions WHERE statement_id = 3"
        ),
        db.sql("UPDATE statements SET revision = 2 WHERE id = 3"),
    ),
    "a last sight after a withdrawal": lambda db: db.sql(
        "UPDATE statements SET last_seen_at = '2026-03-05T12:00:00Z' WHERE id = 2"
    ),
    "an event": lambda db: db.event(
        EventKind.MOVED, NOON + HOUR, 5, before="https://a.example/", after="https://b.example/"
    ),
    "a claim": lambda db: db.event(EventKind.UNSOURCED, NOON, page_url="https://b.example/", page_title="Chad Gains"),
    "a copy": lambda db: db.event(
        EventKind.COPY_FOUND, NOON, 7, page_url="https://b.example/", relation=Relation.VERBATIM
    ),
    "a source": lambda db: db.sql("INSERT INTO sources (name, role, failures) VALUES ('b', 'mirror', 0)"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_version_changes_with_what_a_page_shows(
    filled: Database, before: Pages, settings: Settings, change: str
) -> None:
    known, old = before
    CHANGES[change](filled)
    after = versions(filled.path)
    new = bodies(filled.path, settings, after)
    changed = {path for path in set(known) & set(after) if old[path] != new[path] and known[path]}
    assert changed or set(after) - set(known), "the change is seen on no page"
    assert {path for path in changed if known[path] == after[path]} == set()
    # What is the same is not written again, but for a few.
    needless = {path for path in set(known) & set(after) if known[path] != after[path] and old[path] == new[path]}
    assert len(needless) <= 20


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE pages SET published_at = NULL WHERE id = 6",
        "UPDATE pages SET precision = 'day' WHERE id = 6",
        "UPDATE copies SET first_seen_at = '2026-05-12T14:55:00Z' WHERE page_id = 6",
        "UPDATE rechecks SET missing_since_at = '2026-05-13T01:02:00Z' WHERE statement_id = 4",
    ],
)
def test_version_of_a_feed_changes_with_the_times_of_its_entries(
    demo_db: Path, edited: Callable[..., Path], settings: Settings, sql: str
) -> None:
    known = versions(demo_db)
    old, changed = bodies(demo_db, settings, known), edited(sql)
    after = versions(changed)
    new = bodies(changed, settings, after)
    differing = {path for path in known if old[path] != new[path] and known[path]}
    assert differing
    assert {path for path in differing if known[path] == after[path]} == set()


def test_versions_stay_without_a_change_and_through_polls(filled: Database, before: Pages) -> None:
    filled.sql("UPDATE statements SET last_seen_at = '2026-04-01T12:00:00Z' WHERE state = 'current' AND id <> 2")
    filled.sql("UPDATE sources SET last_success_at = '2026-04-01T12:00:00Z'")
    assert versions(filled.path) == before[0]


def test_old_parts_stay_when_something_new_comes(filled: Database, before: Pages) -> None:
    known = before[0]
    filled.add("Boats", NOON + HOUR, number=500, type="Media Note", countries=("Laos",))
    after = versions(filled.path)
    same = {path for path in known if known[path] and known[path] == after[path]}
    assert {"countries/laos/2025/", "speakers/rosalind-p-quill/2025/1/", "months/2026-02/", "countries/chad/"} <= same
    assert not {"countries/laos/", "countries/laos/2026/", "months/2026-03/", "countries/", "months/"} & same
