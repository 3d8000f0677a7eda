"""Tests of pages in place of an article, and of articles that only resemble them."""

from __future__ import annotations

import pytest

from scraper.rules.walls import Wall, has_mark, is_same_page, wall_of

TITLE = "Lamps for the Harbour of Tern"
ARTICLE = (
    "The United States gives 40 lamps to the keepers of Tern, who have waited since the great storm took their boats.",
    "Ambassador Wren will hand the lamps over on the pier before winter, together with the guild of the fishers.",
    "We will not forget those who were lost, and we look forward to many years of friendship between our peoples.",
)
PAGES = [
    (
        Wall.CONSENT,
        ("Before you continue to the Herald", "We use cookies and your data to measure how pages are used."),
    ),
    (Wall.CONSENT, ("We value your privacy", "Our 843 partners store information on your device, such as cookies.")),
    (Wall.CONSENT, ("Wir und unsere Partner verarbeiten Ihre Daten, um Inhalte und Anzeigen zu zeigen.",)),
    (Wall.PAYMENT, ("You have reached your limit of free articles.", "Already a subscriber? Log in.")),
    (Wall.PAYMENT, ("This article is available to subscribers only.", "Subscribe for 2 crowns a week to read on.")),
    (Wall.PAYMENT, ("Cet article est réservé aux abonnés. Abonnez-vous pour lire la suite de nos enquêtes.",)),
    (Wall.LOGIN, ("This content is password protected. To view it please enter your password below:",)),
    (Wall.LOGIN, ("Please log in to view this page of the Herald and all of its archive.",)),
    (Wall.CAPTCHA, ("Please confirm that you are human by completing the captcha below.",)),
    (Wall.REGION, ("This page is unavailable in your region. We are working on it with our lawyers.",)),
    (Wall.SCRIPT, ("You need to enable JavaScript to run this app.",)),
]


@pytest.mark.parametrize(("wall", "paragraphs"), PAGES)
def test_pages_in_place_of_an_article(wall: Wall, paragraphs: tuple[str, ...]) -> None:
    assert wall_of(TITLE, (TITLE, *paragraphs)) is wall


@pytest.mark.parametrize(
    "paragraphs",
    [
        ARTICLE,
        ARTICLE[:1],
        (*ARTICLE, "We use cookies. By continuing you agree to our privacy policy."),
        (*ARTICLE, "Subscribe to our newsletter to read on each morning."),
        ("This article has been removed at the request of the Department.",),
        ("The Department will require subscribers of its mail to confirm their address in spring.", *ARTICLE),
        tuple(f"Cookie {n} of the law on cookies: each site has to name the cookies that it sets." for n in range(40)),
        (),
    ],
    ids=["article", "short", "banner", "newsletter", "removed", "of subscribers", "of cookies", "nothing"],
)
def test_articles_are_no_walls(paragraphs: tuple[str, ...]) -> None:
    assert wall_of(TITLE, paragraphs) is None


def test_the_marks_of_a_paywall_in_a_text() -> None:
    assert has_mark("\n".join((*ARTICLE, "Subscribe for 2 crowns a week to read on.")))
    assert not has_mark("\n".join(ARTICLE))


@pytest.mark.parametrize(
    ("title", "text", "same"),
    [
        (TITLE, "Nothing.", True),
        (f"{TITLE} | Herald", "Nothing.", True),
        ("Herald", "Before you continue, read how we use what you tell us.", False),
        ("Herald", f"He said: {ARTICLE[0]}", True),
        ("", "", False),
    ],
)
def test_a_page_shows_its_headline_or_some_of_its_text(title: str, text: str, same: bool) -> None:
    assert is_same_page(title, text, TITLE, "\n".join(ARTICLE)) is same


def test_a_page_without_a_headline_is_known_by_its_text() -> None:
    assert not is_same_page("Herald", "Nothing.", "", "\n".join(ARTICLE))
