"""Tests of markup that no reader sees as it stands there: `<template>`, and `<xmp>` in titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from samples import NOON

from scraper.model import Capture, Outcome
from scraper.parsers import discover
from scraper.parsers.document import Document
from scraper.parsers.elements import first, one_line
from scraper.parsers.page_title import find
from scraper.parsers.soup import one_line as line_of_soup

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://wire.example/"
HEAD = (
    '<template><title>Hidden</title><base href="/hidden/"><meta property="og:title" content="Hidden">'
    '<meta property="og:site_name" content="Hidden"><link rel="canonical" href="/hidden/">'
    '<link rel="https://api.w.org/" href="/hidden/wp-json/"><link rel="sitemap" href="/hidden.xml">'
    '<link rel="alternate" type="application/rss+xml" href="/hidden/feed/"></template>'
    '<title>Lamps</title><link rel="alternate" type="application/rss+xml" href="/feed/">'
)


def document(html: str) -> Document:
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Document(Capture(URL, NOON, Outcome.OK, 200, URL, headers, html.encode()))


def test_the_head_of_a_template_is_not_the_pages_own() -> None:
    page = document(f"<!doctype html><html><head>{HEAD}</head><body><h1>Lamps</h1></body></html>")
    assert [link.get("href") for link in page.links("alternate")] == ["/feed/"]
    assert (page.links("sitemap"), page.canonical_href, page.base) == ([], None, URL)
    assert (page.head_title, page.open_graph("title"), page.open_graph("site_name")) == ("Lamps", "", "")
    assert find(page) == "Lamps"


def test_feeds_of_a_template_are_not_discovered() -> None:
    page = document(f"<!doctype html><html><head>{HEAD}</head><body><p>Lamps.</p></body></html>")
    found = discover.discover(page.capture)
    assert "hidden" not in repr(found.endpoints)
    assert f"{URL}feed/" in repr(found.endpoints)
    assert found.title == "Lamps"


@pytest.mark.parametrize("read", [lambda page: one_line(first(page.tree, "a")), lambda page: line_of_soup(page.soup.a)])
@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("Q &amp; A <xmp>with <b>lamps</b> &amp; nets</xmp> today", "Q & A with <b>lamps</b> &amp; nets today"),
        ("<xmp>Lamps</xmp>", "Lamps"),
        ("Lamps<template>, <template>hidden</template> twice</template> and nets", "Lamps and nets"),
        ("<template>hidden <xmp>once</xmp></template>Lamps", "Lamps"),
        ("Lamps<script>hidden()</script> and<style>p{}</style> nets", "Lamps and nets"),
    ],
)
def test_a_title_is_what_a_reader_sees_of_it(read: Callable[[Document], str], markup: str, line: str) -> None:
    assert read(document(f"<html><body><a href=/x>{markup}</a></body></html>")) == line
