"""Rules that recognise a page which stands in place of an article: consent, payment, login, captcha, scripts (pure).

Such a page says nothing about the article: it is neither changed nor gone.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable


class Wall(StrEnum):
    """Kind of a page in place of an article, in words for people."""

    CAPTCHA = "a captcha"
    SCRIPT = "a page for browsers with scripts"
    REGION = "a notice that it is not shown in this region"
    LOGIN = "a login or password form"
    PAYMENT = "a paywall"
    CONSENT = "a consent page"


# Alternatives of one pattern for each wall; English, and the commonest phrases of other languages.
_MARKS = {
    Wall.CAPTCHA: (
        r"captcha",
        r"i[’']?m not a robot",
        r"you(?: are|[’']re) (?:a )?(?:human|not a robot)",
        r"unusual traffic",
        r"security check",
        r"press (?:and|&) hold",
        r"checking your browser",
    ),
    Wall.SCRIPT: (
        r"(?:enable|turn on|requires?|without|activate) javascript",
        r"javascript (?:is|must be|to be|support|and cookies)",
        r"(?:activar?|habilit\w+|activer|activez|aktivieren sie) (?:el |le )?javascript",
    ),
    Wall.REGION: (
        r"(?:not |un|isn[’']t )available (?:in|to|for) (?:\w+ ){0,3}(?:country|region|location|area|territory"
        r"|legal reasons)",
        r"european economic area",
        r"(?:your|this) (?:country|region|location) (?:is|are) not",
        r"no está disponible en su (?:país|región)",
        r"n[’']est pas disponible dans votre (?:pays|région)",
        r"in ihrem land nicht verfügbar",
    ),
    Wall.LOGIN: (
        r"password[- ]protected",
        r"(?:enter|forgot) (?:your|the) password",
        r"(?:a|this) protected post",
        r"(?:please |must |need to )(?:log|sign)[ -]?in",
        r"(?:log|sign)[ -]?in to (?:your|(?:read|continue|keep reading|unlock|access|view|see|watch))",
        r"members[- ]only",
        r"private (?:page|post|site)",
    ),
    Wall.PAYMENT: (
        r"limit of (?:\w+ ){0,2}(?:free|articles)",
        r"(?:reached|used|exceeded) (?:all )?(?:your|the) (?:\w+ ){0,3}(?:limit|articles|stories)",
        r"(?:free|complimentary) (?:articles?|stories) (?:left|remaining|this month)",
        r"(?:subscribe|subscription|register|sign up|join)\b.{0,60}\b(?:to (?:read|continue|keep reading"
        r"|unlock|access|view|see|watch)|to continue|read on|full access|unlimited access|a (?:week|month"
        r"|year))",
        r"(?:to|continue|keep) (?:read|reading)\b.{0,60}\b(?:subscri|register|(?:log|sign)[ -]?in|sign up"
        r"|account)",
        r"already (?:a |have an? |registered|subscribed)(?:subscri\w+|account|member)?",
        r"subscribers? (?:only|exclusive)",
        r"(?:only |exclusively |reserved )(?:available )?(?:for|to) (?:our )?(?:\w+ )?(?:subscribers|members"
        r"|readers)",
        r"(?:for|to) (?:our )?(?:paying |registered )?(?:subscribers|members) only",
        r"unlock this (?:article|story)",
        r"premium (?:content|article)",
        r"suscr[ií]b[ae]\w* (?:para|y)",
        r"(?:para|exclusivo para) suscriptores",
        r"réservée?s? (?:à nos|aux) abonnés",
        r"abonnez-vous",
        r"déjà abonné",
        r"(?:nur für|als) abonnent\w*",
        r"jetzt abonnieren",
        r"bereits abonnent",
        r"assine para",
        r"per gli abbonati",
    ),
    Wall.CONSENT: (
        r"before you continue",
        r"privacy (?:choices|settings|preferences|policy)",
        r"we value your privacy",
        r"\bcookies?\b",
        r"(?:store|access|process)\w* (?:and/?or )?(?:\w+ )?(?:information|data|personal data)",
        r"your (?:personal )?data\b",
        r"you agree (?:that|to)",
        r"(?:accept|reject|agree to) all",
        r"(?:manage|change|withdraw) (?:your |my )?(?:choices?|consent|options|preferences|settings)",
        r"\bour (?:\d+ )?partners\b",
        r"\bconsent\b",
        r"vos données",
        r"votre consentement",
        r"témoins",
        r"ihre (?:daten|einwilligung|zustimmung)",
        r"datenschutz",
        r"sus datos",
        r"su consentimiento",
        r"aceptar todo",
    ),
}
_FORMS = {wall: re.compile("|".join(forms), re.IGNORECASE) for wall, forms in _MARKS.items()}
# A label or a name, not a sentence.
_MAX_LABEL_WORDS = 7
_MAX_OTHER_WORDS = 40
# An article about cookies or subscriptions is longer than the pages that ask for them.
_MAX_WORDS = 400


def wall_of(title: str, paragraphs: Iterable[str]) -> Wall | None:
    """Return the wall that a page is, by its text without frame; None for an article.

    All eventss sentences, but for 40 words, have to be in paragraphs with the phrases of a wall.
    """
    counts = dict.fromkeys(Wall, 0)
    words = other = 0
    for paragraph in paragraphs:
        length = len(normalize.words(paragraph))
        words += length
        if words > _MAX_WORDS:
            return None
        walls = [wall for wall, form in _FORMS.items() if form.search(paragraph[:2_000])]
        for wall in walls:
            counts[wall] += length
        if not walls and length > _MAX_LABEL_WORDS and normalize.word_key(paragraph) != normalize.word_key(title):
            other += length
    found = max(counts, key=lambda wall: counts[wall])
    return found if counts[found] and other <= min(_MAX_OTHER_WORDS, words - other) else None


def has_mark(text: str) -> bool:
    """Return True if a text, one paragraph a line, has the phrases of a paywall or a login among others."""
    lines = text.split("\n")
    return any(_FORMS[wall].search(line[:2_000]) for wall in (Wall.PAYMENT, Wall.LOGIN) for line in lines)


def is_same_page(title: str, text: str, known_title: str, known_text: str) -> bool:
    """Return True if a page shows the headline that it had, or five words in a row of its earlier text.

    A page with neither shows something else in its place, in whatever words.
    """
    now, known = normalize.word_key(title), normalize.word_key(known_title)
    if known and (now == known or (len(now) >= _MIN_KEY and (now in known or known in now))):
        return True
    return not _runs(text).isdisjoint(_runs(known_text))


_MIN_KEY = 15
_RUN = 5


def _runs(text: str) -> set[tuple[str, ...]]:
    words = normalize.words(text)
    return set(zip(*(words[at:] for at in range(_RUN)), strict=False))
