"""Tests of pages in place of an article, and of articles that only resemble them."""

from __future__ import annotations

import pytest

from scraper.rules.wall_marks import Wall
from scraper.rules.walls import has_mark, is_same_page, wall_of

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
    (Wall.ADVERTS, ("It looks like you are using an ad blocker. Please disable it or whitelist our site to go on.",)),
    (Wall.CONSENT, ("Nous et nos 124 partenaires utilisons des traceurs.", "Vous pouvez retirer votre accord.")),
    (Wall.CONSENT, ("Noi e i nostri partner archiviamo informazioni su un dispositivo ed elaboriamo dati personali.",)),
    (Wall.PAYMENT, ("Dit artikel is alleen voor abonnees.", "Al abonnee? Log in om het hele artikel te lezen.")),
    (Wall.PAYMENT, ("Эта статья доступна только подписчикам.", "Оформите подписку, чтобы читать все материалы сайта.")),
    (Wall.PAYMENT, ("この記事は会員限定です。登録すると続きをお読みいただけます。",)),
    (Wall.PAYMENT, ("Weiterlesen mit Herold Plus", "Sie haben bereits ein Abo? Hier melden Sie sich an, bitte.")),
    (Wall.PAYMENT, ("This post is for paying subscribers only", "Subscribe now", "Already have an account? Sign in")),
    (Wall.LOGIN, ("Este contenido está protegido por contraseña. Para verlo, introduce tu contraseña:",)),
    (Wall.LOGIN, ("Dieser Inhalt ist passwortgeschützt. Um ihn anzuschauen, gib dein Passwort bitte unten ein:",)),
    (Wall.REGION, ("Этот материал недоступен в вашем регионе по требованию закона страны.",)),
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


@pytest.mark.parametrize(
    "sentence",
    [
        "The United States will continue to work with our partners, and will accept no change without consent.",
        "We join the people of Tern in marking a year since the storm, and there is already a lamp on each pier.",
        "Les témoins ont déclaré que les pêcheurs avaient quitté le port avant la nuit, selon le ministère.",
        "The keepers baked cookies for the guild of the fishers and thanked them for their service to the town.",
        "Trade with the European Economic Area grew by nine percent, the guild of the fishers said on Friday.",
        "Travelers must pass a security check on the pier before they enter, the keepers said in their advisory.",
        "The old harbour of Tern is protected by law, and open only to members of the guild and to its readers.",
        "Der Datenschutz war Thema des Treffens der beiden Minister am Freitag in Tern, teilte das Amt mit.",
        "Подписчики канала посольства узнали о новости первыми, сообщил представитель ведомства в пятницу.",
    ],
)
def test_a_short_article_with_a_word_of_walls_is_none(sentence: str) -> None:
    assert wall_of(TITLE, (sentence,)) is None
    assert not has_mark(sentence)


def test_sentences_of_scripts_without_blanks_are_no_labels() -> None:
    article = (
        "両国は国境を開放し、貿易を再開することで合意したと発表した。",
        "政府は来年も支援を続け、四百万ドルを提供すると述べた。",
        "住民は喜んでいるが、冬の前に橋を直す必要があると話している。",
    )
    assert wall_of(TITLE, (*article, "この記事は会員限定です。")) is None
    assert wall_of(TITLE, ("この記事は会員限定です。", "続きを読むにはログインしてください。")) is Wall.PAYMENT


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


def test_a_long_paragraph_is_judged_by_its_sentences() -> None:
    consent = "We and our partners use cookies. You can accept all or manage your choices here at any time. "
    assert wall_of("Herald", (consent * 5,)) is Wall.CONSENT
    reported = (
        "The keepers of Tern met the minister on Friday and asked for two hundred lamps before the winter comes. "
        "She promised to send them by boat as soon as the harbour opens again after the storm of last week. "
        "Nobody knew how many of the lamps would reach the islands beyond the reef in time for the feast. "
    )
    assert (
        wall_of(TITLE, (f"{reported}We and our partners use cookies, said the clerk, and manage your choices.",))
        is None
    )
