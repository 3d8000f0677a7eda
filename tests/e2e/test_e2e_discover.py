"""Tests of `statewire config discover` with a real server on loopback, up to the first fetch with its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command import Said
from fakes.state_site import StateSite
from samples import BLOCK_PAGE, Piece, rest, rss

from scraper.config import loader, settings
from scraper.model import EndpointKind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POSTS = (
    "/wp-json/wp/v2/posts?per_page=20&orderby=date&order=desc"
    "&_fields=id,type,status,link,guid,title,content,date_gmt,modified_gmt,class_list"
)
NAMED = (
    '<link rel="https://api.w.org/" href="/wp-json/"><link rel="alternate" type="application/rss+xml" href="/feed/">'
)
ENTRY = '<article><h2><a rel="bookmark" href="/lamps-for-{0}/">Lamps for Harbour {0}</a></h2></article>'
HEAD = b"<html lang='en-US'><head><title>Harbour Gazette</title>"
RSS = rss(Piece(1), Piece(2)).replace(b"www.state.gov", b"gazette.example")


@pytest.fixture
def server(run: Callable[..., Said], tmp_path: Path) -> Iterator[StateSite]:
    with StateSite() as started:
        (tmp_path / "config.yaml").write_text(started.config, encoding="utf-8")
        yield started


def paths(server: StateSite) -> list[str]:
    return [path for path, _ in server.asked]


def entry_of(said: Said, tmp_path: Path) -> settings.Source:
    """Return the printed lines as the real loader reads them, added to the present sources."""
    path = tmp_path / "more.yaml"
    path.write_text((tmp_path / "config.yaml").read_text("utf-8") + said.out, encoding="utf-8")
    return loader.load(path).sources[-1]


def test_a_wordpress_site_from_its_page_to_its_first_fetch(
    run: Callable[..., Said], server: StateSite, tmp_path: Path
) -> None:
    server.says("/", HEAD + NAMED.encode() + b"<body>" + b"".join(ENTRY.format(n).encode() for n in range(3)))
    server.says("/robots.txt", b"Sitemap: /all.xml\n")
    server.says(POSTS, rest(Piece(1), Piece(2)).replace(b"www.state.gov", b"gazette.example"))
    server.says("/feed/", RSS)
    said = run("config", "discover", server.url("/"))
    assert said.code == 0
    assert paths(server) == ["/robots.txt", "/", POSTS, "/feed/"]
    assert said.err.splitlines()[-1] == (
        "Put this under `sources:` in the configuration, then try it: statewire fetch 127-0-0-1"
    )
    source = entry_of(said, tmp_path)
    assert (source.name, source.role, source.enabled, source.language) == ("127-0-0-1", Role.MIRROR, False, "en-US")
    assert [(one.kind, one.url) for one in source.endpoints] == [
        (EndpointKind.WORDPRESS, server.url("/wp-json/wp/v2/posts")),
        (EndpointKind.FEED, server.url("/feed/")),
    ]
    assert said.out.count("# 2 items, all with whole texts, newest 2026-03-02") == 2
    assert "# 3 items, no whole texts: each page is fetched, no dates\n      # - kind: listing" in said.out
    assert f"# - kind: sitemap\n      #   url: {server.url('/all.xml')}" in said.out

    (tmp_path / "config.yaml").write_text((tmp_path / "more.yaml").read_text("utf-8"), encoding="utf-8")
    fetched = run("fetch", "127-0-0-1")
    assert fetched.out.startswith(f"127-0-0-1: 2 items at {server.url('/wp-json/wp/v2/posts')}")
    again = run("config", "discover", server.url("/feed/"))
    assert "- name: 127-0-0-1-2\n" in again.out
    assert "note: the source 127-0-0-1 of the configuration is already on this site" in again.err


def test_failures_are_reported_and_come_last(run: Callable[..., Said], server: StateSite, tmp_path: Path) -> None:
    server.says("/", HEAD + NAMED.encode() + b"<body>Lamps")
    server.says("/feed/", BLOCK_PAGE, status=403)
    server.says("/wp-sitemap.xml", b"<?xml version='1.0'?><urlset><url><loc>/lamps/</loc></url></urlset>")
    said = run("config", "discover", server.url("/"))
    assert said.code == 0
    assert paths(server) == ["/robots.txt", "/", POSTS, "/feed/", "/wp-sitemap.xml"]
    assert [one.kind for one in entry_of(said, tmp_path).endpoints] == [EndpointKind.SITEMAP]
    assert "# tried without success: gone (status 404)\n      # - kind: wordpress" in said.out
    assert "# tried without success: blocked" in said.out


def test_a_site_that_only_lists(run: Callable[..., Said], server: StateSite, tmp_path: Path) -> None:
    server.says("/news/", HEAD + b"<body>" + b"".join(ENTRY.format(n).encode() for n in range(3)))
    said = run("config", "discover", server.url("/news/"), "--json")
    way, *_ = said.json["endpoints"]
    assert (way["kind"], way["items"], way["whole"], way["doubt"]) == ("listing", 3, 0, None)
    assert paths(server) == ["/robots.txt", "/news/"]
    source = entry_of(Said(said.json["yaml"], "", 0), tmp_path)
    assert [(one.kind, one.url) for one in source.endpoints] == [(EndpointKind.LISTING, server.url("/news/"))]


def test_a_site_that_offers_nothing_is_said_so(run: Callable[..., Said], server: StateSite, tmp_path: Path) -> None:
    server.says("/", HEAD + b"<body><p>Lamps</p>")
    said = run("config", "discover", server.url("/"))
    assert said.code == 0
    assert "give the URL of the section in which the site lists its articles, or of its feed" in said.err
    assert [one.kind for one in entry_of(said, tmp_path).endpoints] == [EndpointKind.PAGE]


def test_a_feed_is_known_whatever_its_address(run: Callable[..., Said], server: StateSite, tmp_path: Path) -> None:
    for path in ("/feed/", "/lamps"):
        server.says(path, RSS)
        said = run("config", "discover", server.url(path))
        assert said.code == 0
        assert [(one.kind, one.url) for one in entry_of(said, tmp_path).endpoints] == [
            (EndpointKind.FEED, server.url(path))
        ]
    assert paths(server) == ["/robots.txt", "/feed/", "/lamps", "/lamps"]


@pytest.mark.parametrize(
    ("target", "code", "says"),
    [
        ("ftp://gazette.example/", 2, "is not the URL of a site. Write one as in https://"),
        ("two words", 2, "is not the URL of a site"),
        ("https://me:pw@gazette.example/", 2, "is not the URL of a site"),
        ("http://10.0.0.1/", 4, "not a public IP address"),
        ("/nothing/", 4, "gone (status 404)"),
        ("/nothing/feed/", 4, "no feed that can be read (gone (status 404)). Check the URL, or give the site's"),
    ],
)
def test_sites_that_cannot_be_fetched(
    run: Callable[..., Said], server: StateSite, target: str, code: int, says: str
) -> None:
    said = run("config", "discover", server.url(target) if target.startswith("/") else target)
    assert (said.code, said.out) == (code, "")
    assert says in said.err
