"""Tests of canonical URLs: that of the page, of the front page, of a list, of another article."""

from __future__ import annotations

import pytest

from scraper.rules.page_urls import is_rendering, names_page

SITE = "https://herald.example"
TITLE = "Reopening of the Ostrava Crossing"
SLUG = "reopening-of-the-ostrava-crossing"


@pytest.mark.parametrize(
    ("page", "named"),
    [
        (f"/world/{SLUG}/", f"/world/{SLUG}/"),
        (f"/world/{SLUG};jsessionid=AB12", f"/world/{SLUG}/"),
        (f"/world/{SLUG}/?PHPSESSID=ee55", f"/world/{SLUG}/"),
        (f"/world/{SLUG}/?sid=1", f"/world/{SLUG}"),
        (f"/{SLUG}/amp/", f"/{SLUG}/"),
        (f"/amp/{SLUG}", f"/{SLUG}/"),
        (f"/{SLUG}.amp.html", f"/{SLUG}.html"),
        (f"/{SLUG}/print/", f"/{SLUG}/"),
        (f"/world/{SLUG}/", f"/politics/{SLUG}/"),
        (f"/{SLUG}/?ref=home&cat=5", f"/{SLUG}/"),
        ("/print/12345.html", "/news/12345.html"),
        ("/node/12345", f"/world/{SLUG}/"),
        ("/print.php?id=5", f"/{SLUG}/"),
        ("/print.php?id=5", "/article.php?id=5"),
        ("/article.php?id=5&print=1", "/article.php?id=5"),
        ("/article?sid=x", "/article"),
        ("/?p=5&amp=1", "/?p=5"),
        ("/world/ostrava/", "/ostrava/"),
        ("https://amp.herald.example/x/", "https://www.herald.example/x/"),
        ("http://www.herald.example/x", "https://herald.example/x/"),
        ("https://2017-2021.state.gov/lamps/", "https://www.state.gov/lamps/"),
        ("https://www.state.gov/r/pa/231951.htm", "https://2009-2017.state.gov/r/pa/231951.htm"),
    ],
)
def test_a_canonical_address_that_is_of_the_page(page: str, named: str) -> None:
    assert names_page(_whole(page), _whole(named), TITLE)


@pytest.mark.parametrize(
    ("page", "named"),
    [
        (f"/world/{SLUG}/", "/"),
        (f"/world/{SLUG}/", "/world/"),
        (f"/world/{SLUG}/", "/news/latest/"),
        (f"/2026/03/{SLUG}/", "/2026/03/"),
        (f"/2026/{SLUG}/", "/2026/"),
        ("/archive/2026/", "/2026/"),
        (f"/world/{SLUG}/", "/ostrava/"),
        ("/of-the-crossing-of-ostrava/2026/03/lamps/", "/of-the-crossing-of-ostrava/"),
        (f"/world/{SLUG}/", "/world/lamps-of-karsk-are-lit-again/"),
        (f"/world/{SLUG}/", f"https://gazette.example/world/{SLUG}/"),
        (f"/world/{SLUG}/", f"/world/{SLUG}/?id=7"),
        (f"/world/{SLUG}/", "/?p=7"),
        ("/article?id=5", "/article"),
        ("/article?id=5", "/article?id=7"),
        ("/article?id=5", "/article?id=5&x=7"),
        ("/news/index.html", "/world/index.html"),
        ("/story/12345", "/story/12346"),
        ("/?p=5", "/"),
        ("https://www.state.gov/lamps-of-karsk/", "https://www.state.gov/press-releases/"),
        (f"/world/{SLUG}/", "mailto:desk@herald.example"),
        ("urn:x", f"/world/{SLUG}/"),
    ],
)
def test_a_canonical_address_that_lies(page: str, named: str) -> None:
    assert not names_page(_whole(page), _whole(named), TITLE)


@pytest.mark.parametrize("title", ["", "—", "協定"])
def test_a_title_without_words_of_a_slug_proves_nothing(title: str) -> None:
    assert not names_page(f"{SITE}/world/a/", f"{SITE}/lamps-of-karsk/", title)
    assert names_page(f"{SITE}/world/{SLUG}/", f"{SITE}/{SLUG}/", title)


def test_a_slug_in_other_letters_is_read() -> None:
    assert names_page(f"{SITE}/node/5", f"{SITE}/%D0%B2%D0%BE%D0%B4%D0%B0/", "Вода")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"/{SLUG}/amp/", True),
        (f"/{SLUG}.amp.html", True),
        (f"/{SLUG}/?amp=1", True),
        (f"/{SLUG}/?print", True),
        ("https://amp.herald.example/x/", True),
        ("https://m.example/x/", True),
        (f"/world/{SLUG};jsessionid=AB12", False),
        ("/printers-strike/", False),
        ("urn:amp", False),
    ],
)
def test_a_rendering_shows_in_its_address(url: str, *, expected: bool) -> None:
    assert is_rendering(_whole(url)) is expected


def _whole(path: str) -> str:
    return f"{SITE}{path}" if path.startswith("/") else path
