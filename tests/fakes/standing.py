"""Standing pages as a site shows them: sections with headings, links to other pages beside them, and a sitemap."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = ("Aster", "Birch", "Cedar", "Dogwood", "Elder", "Fern", "Gorse", "Hazel", "Iris", "Juniper")


@dataclass(frozen=True)
class Sheet:
    """One standing page: `sections` are pairs of a heading and paragraphs, `related` the titles of other pages."""

    name: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    related: tuple[str, ...] = ("Aster", "Birch", "Cedar")
    updated: str = ""

    @property
    def title(self) -> str:
        return f"U.S. Relations With {self.name}"

    def but(self, **changes: Any) -> Sheet:
        return replace(self, **changes)

    def edited(self, before: str, after: str) -> Sheet:
        """Return the page with other words in one of its paragraphs."""
        sections = tuple(
            (heading, tuple(paragraph.replace(before, after) for paragraph in paragraphs))
            for heading, paragraphs in self.sections
        )
        assert sections != self.sections
        return self.but(sections=sections)


def sheet(number: int) -> Sheet:
    """Return a page whose words belong to one number only."""
    name = f"{NAMES[number % 10]} {number}"
    return Sheet(
        name,
        (
            (
                "Bilateral Relations",
                (
                    f"The United States and {name} established relations in the year when lamp {number} was first lit,"
                    " and have worked together ever since on matters that concern both of them.",
                    f"We do not support the independence of the isle of {name}, and we expect that differences across"
                    " its strait are resolved by peaceful means and without coercion from either side.",
                ),
            ),
            (
                "Security Cooperation",
                (
                    f"Since 2019 the United States has provided {name} with $40 million for the training of its coast"
                    " guard, and with spare parts for the boats that patrol its northern waters.",
                ),
            ),
            (
                "Membership in International Organizations",
                (f"{name} and the United States belong to many of the same organizations, such as the League.",),
            ),
        ),
    )


def page(shown: Sheet) -> bytes:
    """A page of a site in a theme of its own, with a list of other pages and share links."""
    sections = "".join(
        f"<h2>{html.escape(heading)}</h2>\n{_paragraphs(paragraphs)}" for heading, paragraphs in shown.sections
    )
    return _document(
        shown.title,
        f"<header><nav>{_links(NAMES)}</nav></header><main><article><h1>{html.escape(shown.title)}</h1>{sections}"
        f"</article></main><aside class='related-posts'><h3>Related pages</h3>{_links(shown.related)}</aside>"
        f"<footer><p class='updated'>{html.escape(shown.updated)}</p>"
        "<ul class='share'><li><a href='https://share.example/x'>Share this page</a></li></ul></footer>",
    )


def state_page(shown: Sheet, url: str, number: int = 0) -> bytes:
    """The same in State's theme, as a page of WordPress with a number of its own."""
    sections = "".join(
        f"<h2>{html.escape(heading)}</h2>\n{_paragraphs(paragraphs)}" for heading, paragraphs in shown.sections
    )
    rest = f"https://www.state.gov/wp-json/wp/v2/pages/{number}"
    alternate = f'<link rel="alternate" type="application/json" href="{rest}">' if number else ""
    return _document(
        f"{shown.title} - United States Department of State",
        f"<main><article class='type-page'><h1 class='featured-content__headline'>{html.escape(shown.title)}</h1>"
        f"<div class='entry-content'>{sections}</div></article></main>"
        f"<div class='related-content'><h3>Related</h3>{_links(shown.related)}</div>",
        f'<link rel="canonical" href="{url}">{alternate}',
    )


def sitemap(pages: Iterable[str] | Mapping[str, datetime]) -> bytes:
    """A sitemap of these URLs; those of a mapping have a time of their last change."""
    dated = pages if isinstance(pages, dict) else dict.fromkeys(pages)
    entries = "".join(
        f"<url><loc>{html.escape(url)}</loc>"
        + (f"<lastmod>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if at else "")
        + "</url>"
        for url, at in dated.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{entries}</urlset>"
    ).encode()


def index(*sitemaps: str) -> bytes:
    """An index of sitemaps."""
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in sitemaps)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{entries}</sitemapindex>"
    ).encode()


def overview(pages: Iterable[str]) -> bytes:
    """A page that links to others."""
    links = "".join(f"<li><a href='{html.escape(url)}'>Read more</a></li>" for url in pages)
    return _document("Countries", f"<main><h1>Countries</h1><ul>{links}</ul></main>")


def _paragraphs(paragraphs: Iterable[str]) -> str:
    return "".join(f"<p>{html.escape(paragraph)}</p>\n" for paragraph in paragraphs)


def _links(names: Iterable[str]) -> str:
    items = "".join(f"<li><a href='/relations/{name.lower()}/'>U.S. Relations With {name}</a></li>" for name in names)
    return f"<ul>{items}</ul>"


def _document(title: str, body: str, head: str = "") -> bytes:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>{head}</head>"
        f"<body>{body}</body></html>"
    ).encode()
