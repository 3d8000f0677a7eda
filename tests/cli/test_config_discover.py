"""Tests of `statewire config discover` with recorded responses: State's own hosts, and hosts that need no port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command import CONFIG, Said
from fakes.web import Web
from samples import NOON, Piece, listing, rss

from scraper.cli import discover
from scraper.clock import SimulatedClock
from scraper.config import loader, settings
from scraper.fetch import Fetcher
from scraper.model import EndpointKind, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

PAGE = (
    b"<html lang='no'><head><meta property='og:site_name' content='Kai: & Nytt #1'>"
    b"<link rel='alternate' type='application/rss+xml' title='Alt: nytt' href='/feed/'></head><body>Lamper"
)
CUT = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>Lamps</title><link>/lamps/</link>'
    b"<description>The lamps are lit [...]</description></item></channel></rss>"
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Web:
    site = Web()

    def open_fetcher(invocation: Any) -> Fetcher:
        hosts = invocation.store.hosts
        return Fetcher(invocation.settings.fetch, clock=SimulatedClock(NOON), hosts=hosts, transport=site.transport())

    monkeypatch.setattr(discover, "open_fetcher", open_fetcher)
    return site


def source_of(said: Said, tmp_path: Path) -> settings.Source:
    path = tmp_path / "more.yaml"
    path.write_text(CONFIG + said.out, encoding="utf-8")
    return loader.load(path).sources[-1]


def test_a_mirror_by_its_bare_name(run: Callable[..., Said], site: Web, tmp_path: Path) -> None:
    site.says("https://kainytt.example/", PAGE)
    site.says("https://kainytt.example/feed/", CUT)
    said = run("config", "discover", "kainytt.example")
    assert said.code == 0, said.err
    assert "  # Kai: & Nytt #1\n  - name: kainytt\n" in said.out
    assert "      # Alt: nytt\n      # 1 item, no whole texts: each page is fetched, no dates\n" in said.out
    source = source_of(said, tmp_path)
    assert (source.name, source.role, source.language, source.hosts) == (
        "kainytt", Role.MIRROR, "no", ("www.kainytt.example",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("host", "role"),
    [("www.state.gov", Role.CANONICAL), ("2017-2021.state.gov", Role.ARCHIVE), ("ge.usembassy.example", Role.MIRROR)],
)
def test_the_role_follows_the_host(run: Callable[..., Said], site: Web, tmp_path: Path, host: str, role: Role) -> None:
    url = f"https://{host}/rss-feed/africa/feed/"
    site.says(url, rss(Piece(1)))
    source = source_of(run("config", "discover", url), tmp_path)
    assert (source.role, source.endpoints[0].kind, source.endpoints[0].url) == (role, EndpointKind.FEED, url)


def test_a_listing_of_state_is_one(run: Callable[..., Said], site: Web, tmp_path: Path) -> None:
    site.says("https://www.state.gov/briefings/", listing(Piece(1), Piece(2)))
    said = run("config", "discover", "https://www.state.gov/briefings/")
    assert "# 2 items, no whole texts: each page is fetched, newest 2026-03-02" in said.out
    assert source_of(said, tmp_path).endpoints[0].kind is EndpointKind.LISTING


def test_quiet_is_quiet(run: Callable[..., Said], site: Web) -> None:
    site.says("https://kainytt.example/", PAGE)
    site.says("https://kainytt.example/feed/", CUT)
    assert run("-q", "config", "discover", "https://kainytt.example/").err == ""


def test_hostile_pages_end_the_command_with_a_name(run: Callable[..., Said], site: Web) -> None:
    site.says("https://kainytt.example/", b"<html><body>" + b"<p>" * 70_000)
    said = run("config", "discover", "https://kainytt.example/")
    assert (said.code, said.out) == (3, "")
    assert "tags" in said.err
