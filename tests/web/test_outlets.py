"""Pages of outlets: the table, one outlet, hostile names and titles, and the versions for files."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from outlets_support import PUBLISHED, add_copy, add_outlet, add_page, add_statements
from samples import NOON, Piece

from scraper import page_paths as paths
from scraper.model import Relation
from scraper.store.outlets import figures_sql
from scraper.web import outlets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.store import Store
    from scraper.web.page import Response

V, A = Relation.VERBATIM, Relation.ALTERED
SCRIPT = '<script>alert("x")</script>\u202e' + "long " * 2000


@pytest.fixture
def show(store: Store, db: Path, page: Callable[..., Response]) -> Callable[..., str]:
    """The body of a page over the database of the test, which has one statement."""
    add_statements(store, Piece(1, title=SCRIPT, published_at=PUBLISHED))

    def show(path: str, status: int = 200, **given: Any) -> str:
        response = page(path, db=db, **given)
        assert response.status == status
        assert isinstance(response.body, str)
        return response.body

    return show


@pytest.mark.parametrize("is_live", [True, False])
def test_no_copies_says_what_will_appear(show: Callable[..., str], is_live: bool) -> None:
    body = show("outlets/", is_live=is_live)
    assert "No copies yet" in body
    assert "statewire source add" in body
    assert "No copy of a statement was found on x.example" in show("outlets/x.example/", 404)


def test_one_copy_is_too_few_to_rank(store: Store, show: Callable[..., str]) -> None:
    add_copy(
        store, "https://www.one.example/a/", relation=A, outdated=True, published_at=PUBLISHED + timedelta(hours=1)
    )
    body = show("outlets/")
    assert "Too few to rank" in body
    assert "By the share" not in body
    assert 'href="../outlets/one.example/"' in body
    assert "1 h <span" in body
    assert unescape(body).count(figures_sql()) == 1
    one = show("outlets/one.example/", is_live=False)
    assert "too few to rank" in one
    assert 'href="../../copies/1/1/"' in one
    assert 'href="../../statements/1/"' in one
    assert "1 h after State" in one
    assert ">altered<" in one
    assert ">outdated<" in one


def test_ranked_outlets_stand_apart(store: Store, show: Callable[..., str]) -> None:
    add_outlet(store, "many.example", [V] * 20)
    add_outlet(store, "few.example", [V] * 19)
    body = show("outlets/")
    assert body.index("By the share") < body.index("many.example") < body.index("Too few") < body.index("few.example")
    assert '<td class="number">1</td>' in body


def test_texts_of_outside_are_escaped_and_short(store: Store, show: Callable[..., str]) -> None:
    add_copy(store, "https://x.example/", title=SCRIPT)
    add_page(store, "https://x.example/?q=%22onload=", Relation.UNSOURCED, unsourced_at=NOON, title=SCRIPT)
    body = show("outlets/x.example/")
    assert "<script" not in body
    assert "\u202e" not in body
    assert 'rel="noreferrer nofollow"' in body
    assert "style=" not in body
    assert len(body.encode()) < 10_000


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ѕtate.gov.example/", "xn--tate-"),
        ("https://[2001:db8::1]:8443/", "2001:db8::1"),
        (f"https://{'ü' * 200}.example/", "xn--"),
        (f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 50}/", "a" * 63),
        ("https://page/", "page"),
        ("https://-&'a.example/", "&amp;&#39;a"),
    ],
)
def test_hostile_hosts_have_pages(store: Store, show: Callable[..., str], url: str, shown: str) -> None:
    add_copy(store, url)
    body = show("outlets/")
    assert shown in body
    (path, _), (own, _) = outlets.addresses(store)
    assert path == "outlets/"
    assert f'href="../{own}"' in body
    assert max(len(part.encode()) for part in own.split("/")) <= 200
    assert not set(own) & set("%?#&'\"<>\\")
    assert shown in show(own)


def test_long_lists_have_pages(store: Store, show: Callable[..., str]) -> None:
    add_outlet(store, "many.example", [V] * 51)
    first, second = show("outlets/many.example/"), show("outlets/many.example/page/2/")
    assert (first.count('class="item'), second.count('class="item')) == (50, 1)
    assert 'rel="next" href="../../outlets/many.example/page/2/"' in first
    assert 'rel="prev" href="../../../../outlets/many.example/"' in second
    assert "This list has 2 pages" in show("outlets/many.example/page/3/", 404)
    assert "This list has 1 pages" in show("outlets/page/2/", 404)
    assert [path for path, _ in outlets.addresses(store)] == [
        "outlets/",
        "outlets/many.example/",
        "outlets/many.example/page/2/",
    ]


def test_pages_of_a_hundred_outlets_are_small(store: Store, show: Callable[..., str]) -> None:
    for number in range(101):
        add_copy(store, f"https://{'long' * 14}-{number:03}.example/")
    body = show("outlets/")
    assert len(body.encode()) < 50_000
    assert 'rel="next" href="../outlets/page/2/"' in body
    assert "-100.example" in show("outlets/page/2/", is_live=False)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE copies SET relation = 'verbatim'",
        "UPDATE copies SET outdated = 1",
        "UPDATE copies SET coverage = 0.25",
        "UPDATE copies SET first_seen_at = '2026-03-02T13:00:00Z'",
        "UPDATE copies SET gone_at = '2026-03-02T13:00:00Z'",
        "UPDATE statements SET title = 'Other'",
        "UPDATE pages SET published_at = '2026-03-02T09:00:00Z'",
        "UPDATE pages SET title = 'Other' WHERE relation = 'unsourced'",
        "UPDATE pages SET relation = 'none' WHERE relation = 'unsourced'",
    ],
)
def test_version_follows_what_is_shown(store: Store, change: str) -> None:
    add_statements(store, Piece(1, published_at=PUBLISHED))
    add_copy(store, "https://x.example/1/", relation=A)
    add_page(store, "https://x.example/2/", Relation.UNSOURCED, unsourced_at=NOON)
    add_copy(store, "https://y.example/1/", relation=A)
    before = dict(outlets.addresses(store))
    with store.unit():
        store.database.execute("UPDATE pages SET last_seen_at = '2026-03-09T00:00:00Z'")
        store.database.execute("UPDATE copies SET last_seen_at = '2026-03-09T00:00:00Z'")
    assert dict(outlets.addresses(store)) == before
    with store.unit():
        store.database.execute(change)
    assert dict(outlets.addresses(store)).get("outlets/x.example/") != before["outlets/x.example/"]


def test_all_addresses_have_pages_that_link_to_no_query(demo_db: Path, page: Callable[..., Response]) -> None:
    for path in ("outlets/", *map(paths.outlet, ("merrow.example", "pmdnews.example", "herald.example"))):
        response = page(path, is_live=False)
        assert response.status == 200
        assert isinstance(response.body, str)
        assert 'href="?' not in response.body
