"""Parts of the generator of `other_pages`: markup of sites, invented news, and changes of words; seeded."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from datetime import datetime

COUNTRIES = (
    "Niger Benin Kenya Peru Chile Nepal Tonga Samoa Fiji Malta Cyprus Jordan Kuwait Bahrain Oman Qatar Iceland Norway "
    "Sweden Finland Estonia Latvia Lithuania Poland Hungary Romania Bulgaria Croatia Serbia Albania Ghana Togo Mali "
    "Senegal Gambia Guinea Liberia Zambia Malawi Botswana Lesotho Eswatini Namibia Angola Gabon Cameroon Chad Sudan "
    "Uganda Rwanda Burundi Somalia Djibouti Eritrea Ethiopia Egypt Libya Tunisia Algeria Morocco Mauritania Colombia "
    "Ecuador Bolivia Paraguay Uruguay Argentina Brazil Guyana Suriname Venezuela Panama Nicaragua Honduras Guatemala "
    "Belize Haiti Jamaica Barbados Philippines Vanuatu Kiribati Nauru Palau Slovenia Slovakia Canada Mexico Liberia "
    "Maldives Comoros Seychelles Mongolia Kazakhstan Kyrgyzstan Tajikistan Indonesia Malaysia Singapore India Pakistan"
).split()
# Single-word changes of the sense: kind, pattern, replacement.
SINGLE_CHANGES = (
    ("one number", r"(?<=\$)\d+", "777"),
    ("one negation", r"(?<= )will(?= [a-z])", "will not"),
    ("one quote", r"“[A-Z]", "“Reportedly, t"),
    ("today out", r"(?<=[a-z]) today(?= [a-z])", ""),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Content of a site. A paragraph that begins with <h2> is a heading, \\v in one is a line break."""

    title: str
    paragraphs: Sequence[str]
    neighbours: Sequence[str]
    when: datetime
    origin: str
    is_bare: bool = False


def _p(one: str) -> str:
    if one.startswith("<h2>"):
        return f"{one}</h2>"
    shown = html.escape(one, quote=False).replace("&amp;hellip;", "&hellip;").replace("&amp;#8230;", "&#8230;")
    return f"<p>{shown.replace(chr(11), '<br />')}</p>"


def _list(titles: Sequence[str]) -> str:
    return "<ul>" + "".join(f'<li><a href="/n/{at}">{html.escape(t)}</a></li>' for at, t in enumerate(titles)) + "</ul>"


def _head(shown: Shown, site: str) -> str:
    if shown.is_bare:
        return '<head><meta charset="utf-8"></head>'
    return (
        f'<head><meta charset="utf-8"><title>{html.escape(shown.title)} - {site}</title>'
        f'<meta property="og:site_name" content="{site}"></head>'
    )


def wordpress(rng: random.Random, shown: Shown) -> str:
    """Return a page of a WordPress theme with share bar, neighbours and a widget of recent posts."""
    title = html.escape(shown.title)
    stamp = (
        ""
        if shown.is_bare
        else f'<time class="entry-date" datetime="{shown.when.isoformat()}">{shown.when:%B %d, %Y}</time>'
    )
    source = (
        f'<p>Official news published at <a href="{shown.origin}">{shown.origin}</a></p>'
        if shown.origin and rng.random() < 0.5
        else ""
    )
    heading = "" if shown.is_bare else f'<h1 class="entry-title">{title}</h1>'
    return (
        f"<!DOCTYPE html><html>{_head(shown, 'The Meridian Gazette')}<body><header><a href='/'>The Meridian Gazette</a>"
        f"<nav>{_list(['Home', 'World', 'Politics', 'Contact'])}</nav></header><article>{heading}{stamp}"
        f"<div class='sharedaddy'>Share this: Twitter Facebook</div><div class='entry-content'>"
        f"{''.join(map(_p, shown.paragraphs))}{source}</div></article>"
        f"<nav class='post-navigation'><a rel='prev'>Previous: {html.escape(shown.neighbours[0])}</a>"
        f"<a rel='next'>Next: {html.escape(shown.neighbours[1])}</a></nav>"
        f"<aside><h2>Recent Posts</h2>{_list(shown.neighbours[2:])}</aside>"
        "<footer>Proudly powered by WordPress</footer></body></html>"
    )


def newswire(rng: random.Random, shown: Shown) -> str:
    """Return a page of a press-release wire in tables, with boilerplate on top and below."""
    return (
        f"<html>{_head(shown, 'Pan Wire')}<body><table><tr><td>Submit Release</td><td>Log in</td></tr></table>"
        + ("" if shown.is_bare else f"<h1>{html.escape(shown.title)}</h1><div>{shown.when:%d %b %Y, %H:%M} GMT</div>")
        + "<p>The following press release was published by the U.S. Department of State. It is reproduced in full "
        f"below.</p>{''.join(map(_p, shown.paragraphs))}<p>Legal Disclaimer: Pan Wire provides this news content "
        "&quot;as is&quot; without warranty of any kind. We do not accept any responsibility or liability for the "
        f"accuracy of the information contained in this article.</p><h3>Also in the news</h3>{_list(shown.neighbours)}"
        "</body></html>"
    )


def mailing(rng: random.Random, shown: Shown) -> str:
    """Return an e-mail digest as a web page, with line breaks for paragraphs."""
    body = "<br><br>".join(_p(one).removeprefix("<p>").removesuffix("</p>") for one in shown.paragraphs)
    top = "" if shown.is_bare else f"<b>{html.escape(shown.title)}</b><br>{shown.when:%m/%d/%Y %I:%M %p} EDT<br><br>"
    return (
        f"<html>{_head(shown, 'Listserv Archive')}<body><div>You are subscribed to Press Releases for U.S. Department "
        f"of State. This information has recently been updated, and is now available.<br>{top}{body}<br><br>Stay "
        "connected with the State Department: unsubscribe at any time. This email was sent to you by a service of the "
        "office.</div></body></html>"
    )


def distributor(rng: random.Random, shown: Shown) -> str:
    """Return a page of an African distributor: the disclaimer first, the office after the text."""
    return (
        f"<html>{_head(shown, 'AfriNews')}<body><div id='top'>{_list(shown.neighbours[:3])}</div>"
        + ("" if shown.is_bare else f"<h2 class='headline'>{html.escape(shown.title)}</h2>")
        + "<div class='story'><p>United States Department of State (Washington, DC)</p>"
        + "".join(f"<div class='story-body-text'>{_p(one)}</div>" for one in shown.paragraphs)
        + "<p>Distributed by APO Group on behalf of U.S. Department of State.</p></div>"
        f"<div class='more'>More: {_list(shown.neighbours[3:])}</div><p>AfriNews publishes around 700 reports a day "
        "from more than 130 news organizations. Publishers named above each report are responsible for content.</p>"
        "</body></html>"
    )


def blog(rng: random.Random, shown: Shown) -> str:
    """Return a Blogspot page: the post in one div with double line breaks, an archive below."""
    body = "<br /><br />\n".join(_p(one).removeprefix("<p>").removesuffix("</p>") for one in shown.paragraphs)
    top = "" if shown.is_bare else f"<h3 class='post-title'>{html.escape(shown.title)}</h3>"
    return (
        f"<html>{_head(shown, 'Notes from abroad')}<body><div class='date-header'>{shown.when:%A, %B %d, %Y}</div>{top}"
        f"<div class='post-body'>{body}<div style='clear: both;'></div></div><div>Posted by admin at "
        f"{shown.when:%I:%M %p} No comments:</div><div>Blog Archive {_list(shown.neighbours)}</div></body></html>"
    )


SITES: tuple[Callable[[random.Random, Shown], str], ...] = (wordpress, newswire, mailing, distributor, blog)


def as_text(markup: str) -> str:
    """Return the text of a page as a user would paste it."""
    body = re.sub(r"<head>.*?</head>", "", markup, flags=re.DOTALL)
    body = re.sub(r"<br ?/?>|</(?:p|h\d|div|li|td|nav|ul|header|a|time)>", "\n", body)
    return re.sub(r"\n{3,}", "\n\n", html.unescape(re.sub(r"<[^>]+>", "", body))).strip()


class News:
    """Generator of invented news in a vocabulary of its own, without State's sentences."""

    _WHO = (
        "fishermen|the mayor of the old town|two witnesses|a spokesman for the port|the opposition|the central bank|"
        "shopkeepers|the weather service|the union of teachers|analysts in the capital|a former judge|the co-operative"
    )
    _DID = (
        "complained about|welcomed|played down|had long awaited|could not explain|wrote a letter on|voted against|"
        "staged a protest over|were surprised by|reported on|asked the court to review|laughed at"
    )
    _WHAT = (
        "the price of bread|a new tramway|the delayed harvest|rising rents|the football final|a broken pipeline|"
        "the closing of the theatre|night flights|the lack of rain|an old bridge|the museum’s budget|the border queue"
    )
    _WHEN = (
        "on Tuesday|late last night|for the third time this month|in front of a small crowd|despite the heat|"
        "after weeks of talks|according to local radio|while traffic stood still|before the markets opened"
    )

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def say(self) -> str:
        """Return a sentence."""
        who, did, what, when = (self._rng.choice(s.split("|")) for s in (self._WHO, self._DID, self._WHAT, self._WHEN))
        number = self._rng.randrange(3, 900)
        tail = self._rng.choice(
            ["", f", and {number} people signed", f", {number} metres from the station", ", as neighbours put it"]
        )
        return f"{who} {did} {what} {when}{tail}.".capitalize()

    def paragraphs(self, count: int) -> list[str]:
        """Return paragraphs of one to four sentences."""
        return [" ".join(self.say() for _ in range(self._rng.randrange(1, 5))) for _ in range(count)]

    def headline(self) -> str:
        """Return a headline."""
        return self.say().rstrip(".").split(",")[0].title()


_SYNONYMS = dict(
    pair.split("=")
    for pair in (
        "the=this|and=as well as|to=toward|of=from|will=shall|States=Nations|people=folk|support=backing|with=alongside"
        "|for=in favor of|meeting=gathering|discussed=talked over|important=weighty|continue=go on|in=within|on=upon"
    ).split("|")
)


def changes(rng: random.Random) -> dict[str, Callable[[str], str]]:
    """Return functions that change a word, by name."""
    odd = "orchard lantern velvet copper harbor meadow quietly seldom borrow thirteen Kowalski Ndiaye not 47".split()
    return {
        "synonyms": lambda word: _SYNONYMS.get(word, f"{word[:-1] or 'an'}ish" if word.isalpha() else "9"),
        "names": lambda word: rng.choice(["Kowalski", "Ndiaye", "Okonkwo", "Lindqvist"]),
        "numbers": lambda word: str(rng.randrange(2, 5000)),
        "deleted": lambda word: "",
        "inserted": lambda word: f"{word} {rng.choice(odd)}",
        "negations": lambda word: f"not {word}",
        "mixed": lambda word: rng.choice(["", rng.choice(odd), f"{word} {rng.choice(odd)}", word[::-1]]),
    }


def spoiled(rng: random.Random, paragraphs: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Change one word in ten, anywhere."""
    cut = [one.split(" ") for one in paragraphs]
    places = [(row, at) for row, words in enumerate(cut) for at, word in enumerate(words) if re.search(r"\w", word)]
    for row, at in rng.sample(places, max(1, len(places) // 10)):
        cut[row][at] = change(cut[row][at])
    return [" ".join(words) for words in cut]


def next_year(text: str) -> str:
    """Raise years from 2015 on, and ordinals, by one."""
    text = re.sub(r"\b20(?:1[5-9]|[2-9]\d)\b", lambda m: str(int(m.group()) + 1), text)
    return re.sub(r"\b(\d+)(?:st|nd|rd|th)\b(?! century)", lambda m: _ordinal(int(m[1]) + 1), text)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}th" if 10 <= number % 100 <= 20 else f"{number}{ending}"


def editions(text: str) -> set[str]:
    """Return the years and ordinals of a text."""
    return set(re.findall(r"\b20\d\d\b|\b\d+(?:st|nd|rd|th)\b", text))


def country_in(title: str) -> str | None:
    """Return the first of `COUNTRIES` that a title names, or None."""
    return next((name for name in COUNTRIES if re.search(rf"\b{name}\b", title)), None)


def renamed(text: str, old: str, new: str) -> str:
    """Replace a country by another, and its adjective if it is the name with an "n"."""
    return text.replace(f"{old}n", f"{new}n").replace(old, new)


def replaced(rng: random.Random, paragraphs: Sequence[str], count: int, say: Callable[[], str]) -> list[str]:
    """Replace `count` sentences by others."""
    cut = [re.split(r"(?<=[.!?]) (?=[A-Z“])", one) for one in paragraphs]
    places = [(row, at) for row, sentences in enumerate(cut) for at in range(len(sentences))]
    for row, at in rng.sample(places, min(count, len(places) - 1)):
        cut[row][at] = say()
    return [" ".join(sentences) for sentences in cut]
