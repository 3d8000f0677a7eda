"""Figures of outlets: the query that is printed, against the same figures counted one by one from copies."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import astuple
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from outlets_support import PUBLISHED, add_copy, add_outlet, add_page, add_statements
from samples import NOON, Piece

from scraper import urls
from scraper.model import Precision, Relation
from scraper.rules.copies import known_since
from scraper.serialize import format_utc
from scraper.store import CopyFilter, Store
from scraper.store.outlets import Outlet, figures_sql

if TYPE_CHECKING:
    from pathlib import Path

HOUR = timedelta(hours=1)
V, E, A, T = Relation.VERBATIM, Relation.EXCERPT, Relation.ALTERED, Relation.TRANSLATED


@pytest.fixture
def press(store: Store) -> Store:
    """Three outlets: one with twenty compared copies, one with nineteen and a translation, one with claims alone."""
    add_statements(store, Piece(1, published_at=PUBLISHED))
    add_statements(store, Piece(2, published_at=PUBLISHED + HOUR))
    add_statements(store, Piece(3, published_at=PUBLISHED - 48 * HOUR))
    with store.unit():
        store.database.execute("UPDATE statements SET precision = 'day' WHERE id = 2")
    add_outlet(store, "many.example", [V] * 14 + [E] * 4 + [A] * 2)
    add_outlet(store, "www.few.example", [V] * 19 + [T])
    for minutes in (10, 20, 90):
        at = PUBLISHED + timedelta(minutes=minutes)
        add_copy(store, f"https://www.many.example/on-time/{minutes}/", published_at=at, outdated=minutes == 10)
    # Neither a day, nor a time before State's, nor one after it was seen, is an exact delay.
    day = PUBLISHED.replace(hour=0)
    add_copy(store, "https://many.example/day/", 3, published_at=day, precision=Precision.DAY)
    add_copy(store, "https://many.example/of-a-day/", 2, published_at=NOON - HOUR)
    add_copy(store, "https://many.example/early/", published_at=PUBLISHED - HOUR)
    add_copy(store, "https://many.example/late/", published_at=NOON + HOUR)
    add_copy(store, "https://many.example/gone/", relation=A, gone_at=NOON)
    add_page(store, "https://claims.example/1/", Relation.UNSOURCED, unsourced_at=NOON)
    add_page(store, "https://claims.example/2/", Relation.UNSOURCED)  # not reported yet
    add_page(store, "https://none.example/", Relation.NONE)
    return store


def named(store: Store) -> dict[str, Outlet]:
    return {each.outlet: each for each in store.outlets.all()}


def test_twenty_compared_copies_have_a_rank(press: Store) -> None:
    found = named(press)
    assert list(found) == ["many.example", "few.example", "claims.example"]
    many, few, claims = found.values()
    assert (many.rank, few.rank, claims.rank) == (1, None, None)
    assert (many.copies, many.compared, many.verbatim, many.excerpt, many.altered) == (27, 27, 21, 4, 2)
    assert (few.copies, few.compared, few.translated, few.share_verbatim) == (20, 19, 1, 1.0)
    assert (claims.copies, claims.share_verbatim, claims.unsourced, claims.latest_at) == (0, None, 1, None)
    assert (many.outdated, many.median_delay_s, many.delays) == (1, 20 * 60, 3)


def test_median_of_two_delays_is_between_them(store: Store) -> None:
    add_statements(store, Piece(1, published_at=PUBLISHED))
    for minutes in (10, 25):
        at = PUBLISHED + timedelta(minutes=minutes)
        add_copy(store, f"https://x.example/{minutes}/", published_at=at, precision=Precision.MINUTE)
    assert (named(store)["x.example"].median_delay_s, named(store)["x.example"].delays) == (17.5 * 60, 2)


def test_equal_shares_have_an_equal_rank(store: Store) -> None:
    add_statements(store, Piece(1))
    add_outlet(store, "worst.example", [A] * 20)
    for host in ("b.example", "a.example"):
        add_outlet(store, host, [V] * 20)
    assert [(each.outlet, each.rank) for each in store.outlets.all()] == [
        ("a.example", 1),
        ("b.example", 1),
        ("worst.example", 3),
    ]


def test_period_is_that_of_first_sight(press: Store) -> None:
    add_copy(press, "https://many.example/next/", first_seen_at=NOON + HOUR, last_seen_at=NOON + HOUR)
    assert [each.copies for each in press.outlets.all(since=NOON + HOUR)] == [1]
    assert sum(each.copies for each in press.outlets.all(until=NOON + HOUR)) == 47
    assert press.outlets.all(until=NOON) == []
    assert press.outlets.all(since=NOON, until=NOON + HOUR)[-1].unsourced == 1


def _counted(store: Store) -> dict[str, tuple[int, ...]]:
    """Copies, verbatim ones, altered ones, outdated ones, median delay and number of delays of each outlet."""
    found = defaultdict(list)
    for copy in store.copies.find(CopyFilter()):
        page, statement = store.pages.by_id(copy.page_id), store.statements.by_id(copy.statement_id)
        assert page
        assert statement
        since = known_since(copy, page, statement)
        is_exact = since.basis.is_dated and not (statement.precision and statement.precision.span)
        delay = (since.at - statement.published_at).total_seconds() if is_exact and statement.published_at else None
        found[urls.family(urls.host(page.url))].append((copy, delay))
    return {
        outlet: (
            len(rows),
            sum(copy.relation is V for copy, _ in rows),
            sum(copy.relation is A for copy, _ in rows),
            sum(copy.outdated for copy, _ in rows),
            int(median(delays)) if (delays := [delay for _, delay in rows if delay is not None]) else -1,
            len(delays),
        )
        for outlet, rows in found.items()
    }


def _of_query(store: Store) -> dict[str, tuple[int | None, ...]]:
    return {
        each.outlet: (
            each.copies,
            each.verbatim,
            each.altered,
            each.outdated,
            -1 if each.median_delay_s is None else each.median_delay_s,
            each.delays,
        )
        for each in store.outlets.all()
        if each.copies
    }


def test_figures_are_those_of_the_copies_one_by_one(press: Store) -> None:
    assert _of_query(press) == _counted(press)


def test_printed_query_gives_the_figures_in_any_sqlite(press: Store, db: Path) -> None:
    figures = press.outlets.all()
    with closing(sqlite3.connect(db)) as connection:
        rows = connection.execute(figures_sql()).fetchall()
    shown = [(*row[:-1], format_utc(row[-1]) if row[-1] else None) for row in map(astuple, figures)]
    assert rows == shown
    since = NOON + HOUR
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute(figures_sql(since=since, until=since + HOUR)).fetchall() == []


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.gazette.example/x", "gazette.example"),
        ("http://gazette.example:8080/x?y=://z", "gazette.example"),
        ("https://WWW.Gazette.example", "gazette.example"),
        ("https://www.www.example/", "www.example"),
        ("https://münchen.example/", "münchen.example"),
        ("https://[2001:db8::1]:8443/", "2001:db8::1"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://wwwx.example/", "wwwx.example"),
        (f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.example/", f"{'a' * 63}.{'b' * 63}.{'c' * 63}.example"),
    ],
)
def test_outlet_is_the_host(store: Store, url: str, outlet: str) -> None:
    add_statements(store, Piece(1))
    add_copy(store, url)
    assert list(named(store)) == [outlet] == [urls.family(urls.host(urls.canonical(url)))]
    assert [copy.url for copy in store.outlets.copies(outlet)] == [urls.canonical(url)]


_HOSTS = st.text(st.sampled_from("abwW.-:[]1ü�%@?#/\\ '\""), min_size=1, max_size=30)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(host=_HOSTS)
@example(host=".W?")
@example(host="w..")
def test_any_host_that_is_stored_is_its_outlet(press: Store, host: str) -> None:
    url = urls.admit(f"https://{host}/")
    if url is None or press.pages.by_url(urls.canonical(url)) is not None:
        return
    add_copy(press, url)
    outlet = urls.family(urls.host(urls.canonical(url)))
    assert outlet in named(press)
    assert urls.canonical(url) in {copy.url for copy in press.outlets.copies(outlet)}


def test_copies_of_an_outlet_come_latest_first_and_in_parts(press: Store) -> None:
    add_copy(press, "https://many.example.org/1/")  # a host that begins like it
    add_copy(press, "https://many.example/newest/", statement_id=2, first_seen_at=NOON + HOUR)
    whole = list(press.outlets.copies("many.example"))
    assert len(whole) == 28
    assert whole[0].statement_id == 2
    parts = [*press.outlets.copies("many.example", 20), *press.outlets.copies("many.example", 20, 20)]
    assert parts == whole
    assert {copy.outlet for copy in press.outlets.copies()} == {"many.example", "many.example.org", "few.example"}
    assert [claim.url for claim in press.outlets.claims("claims.example")] == ["https://claims.example/1/"]
    assert list(press.outlets.claims("many.example")) == []


def test_no_outlets_without_copies(store: Store) -> None:
    assert store.outlets.all() == []
    assert list(store.outlets.copies("x.example")) == []
