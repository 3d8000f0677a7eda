"""Tests of a search source through the command line, with a search service and news sites on loopback."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from command import Said, rows
from fakes.mirror import page
from fakes.state_site import PATH, StateSite
from fakes.wire import Exchange, Server
from matching.match_support import REEF
from samples import Piece, rss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)
OLD = Piece(1, published_at=NOW - timedelta(days=90))
NEWS = Piece(2, "Reefs", tuple(REEF.split("\n\n")), published_at=NOW)
WEATHER = ("Rain is expected over the hills until Thursday, say the forecasters of the valley, who have been wrong.",)
ENTRY = """\
  - name: finder
    role: mirror
    endpoints: [{{kind: search, url: "{url}?q={{phrase}}"}}]
    search: {{service: json, items: data.items, link: page.link, gap_s: 0.01, queries_per_day: 10}}
"""


class Finder(Server):
    """Search service that names the same pages for every phrase; keeps the phrases."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__()
        self.phrases: list[str] = []
        self.urls = urls
        self.routes["/api"] = self.otherwise = self._find

    def _find(self, exchange: Exchange) -> None:
        parts = urlsplit(exchange.target)
        if parts.path != "/api":
            exchange.reply(b"", status=404)
            return
        self.phrases += parse_qs(parts.query)["q"]
        body = json.dumps({"data": {"items": [{"page": {"link": url}} for url in self.urls]}}).encode()
        exchange.reply(body, headers={"Content-Type": "application/json"})


@pytest.fixture
def sites() -> Iterator[list[StateSite]]:
    """State, and three sites of others."""
    started = [StateSite() for _ in range(4)]
    yield started
    for each in started:
        each.close()


def test_new_statements_are_searched_for_and_copies_found_on_their_own_hosts(
    run: Callable[..., Said], tmp_path: Path, sites: list[StateSite]
) -> None:
    state, whole, other, short = sites
    whole.says("/reefs/", page("Reefs at last", (*WEATHER, *NEWS.body)))
    other.says("/weather/", page("Weather", WEATHER))
    short.routes["/r"] = lambda exchange: exchange.redirect(whole.url("/reefs/"))
    named = [whole.url("/reefs/"), whole.url("/"), other.url("/weather/"), state.url("/lamps/"), "mailto:a@b.example"]
    with Finder(named) as finder:
        allowed = ", ".join(f'"{each.place}"' for each in (*sites, finder))
        config = state.config.replace('["', f'[{allowed}, "', 1) + ENTRY.format(url=finder.url("/api"))
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        state.says(PATH, rss(OLD, built=NOW))
        first = run("fetch", "state", "finder")
        assert first.code == 0
        assert "finder: nothing was asked" in first.out
        assert finder.seen == []

        state.says(PATH, rss(NEWS, OLD, built=NOW + timedelta(minutes=1)))
        assert run("fetch", "state").code == 0
        said = run("fetch", "finder")
        assert said.code == 0
        asked = len(finder.phrases)
        assert 2 <= asked <= 3
        assert all(phrase.strip('"') in REEF for phrase in finder.phrases)
        assert f"finder: {asked} queries answered with {5 * asked} results; 2 pages fetched" in said.out
        assert "Copy (verbatim): Reefs" in said.out
        assert f"{asked} results left out: front pages" in said.err
        assert f"{asked} results left out: of sources" in said.err

        (copy,) = rows(run("copies", "--json"))
        assert (copy["page_url"], copy["source"]) == (whole.url("/reefs/"), "finder")
        (row,) = [each for each in run("status", "--json").json["sources"] if each["name"] == "finder"]
        assert (row["searches"]["due"], row["searches"]["waiting"], row["claims"]) == (0, 0, None)
        again = run("fetch", "finder")
        assert "finder: nothing was asked" in again.out
        assert len(finder.phrases) == asked
        checked = run("doctor", "--online")
        assert "United States Department of State" in checked.out


def test_a_service_that_is_down_costs_nothing_but_itself(
    run: Callable[..., Said], tmp_path: Path, sites: list[StateSite]
) -> None:
    state = sites[0]
    with Finder([]) as finder:
        allowed = f'"{state.place}", "{finder.place}"'
        config = state.config.replace('["', f'[{allowed}, "', 1) + ENTRY.format(url=finder.url("/api"))
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        state.says(PATH, rss(OLD, built=NOW))
        assert run("fetch").code == 0
    state.says(PATH, rss(NEWS, OLD, built=NOW + timedelta(minutes=1)))
    said = run("fetch", "--json")
    assert said.code == 3
    reports = {report["source"]: report for report in said.json}
    assert (reports["state"]["ok"], reports["finder"]["ok"]) == (True, False)
    assert [event["kind"] for event in reports["state"]["events"]] == ["statement.published"]
    waits = run("status").out
    assert "no success in 1 run" in waits
    assert "queries to ask, the longest since" in waits
