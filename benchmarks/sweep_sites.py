"""News sites of `sweep_pages`: templates, languages, and the markup around an article that makes a page 174 KB long."""

import html
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import log
from typing import Final

from benchmarks import other_sites as sites
from benchmarks.big_texts import ROOT, Vocabulary
from benchmarks.other_sites import Shown

MEAN_BYTES: Final = 174_000
_SIGMA = 0.6
_MOST_BYTES = 1_500_000
# Shares of what is around the article: styles, scripts with their data, pictures inside, and cards of other articles.
_STYLE, _SCRIPT, _DATA = 0.15, 0.4, 0.1
_POOL_BYTES = 2_000_000
_SITE_COUNT = 48
_CARDS_A_SITE = 300
# Statements are made of such walks, too: with .3, a trace finds quotations in 7 % of the pages that shall have none.
_WALK_SHARE = 0.005
_LANGUAGE = re.compile(r"<html[^>]*lang=[\"']?([a-z]{2})")
_SENTENCE_END = re.compile(r"(?<=[.!?。؟])\s*(?=\S)")
_MARKUP = re.compile("\ue000(\\d+)\ue001")
_CHARSETS = {"ru": ("utf-8", "windows-1251"), "zh": ("utf-8", "gb18030"), "ar": ("utf-8", "windows-1256")}
_SECTIONS = "World Politics Business Opinion Culture Sport Science Travel Local Weather Video Archive Contact".split()


class Markup(str):
    """Paragraph that is markup already."""


class News:
    """Generator of invented news in several languages: the vocabulary is that of pages and of State's prose."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._sentences: dict[str, list[str]] = defaultdict(list)
        for page in sorted((ROOT / "benchmarks/extract_pages").glob("tuning*/*.html")):
            language = _LANGUAGE.search(page.read_text(errors="replace"))
            known = page.with_suffix(".txt")
            if language and language[1] != "en" and known.exists():
                lines = known.read_text().splitlines()
                self._sentences[language[1]] += [one for line in lines for one in _SENTENCE_END.split(line) if one]
        self.languages = sorted(self._sentences)

    def sentence(self, rng: random.Random, language: str) -> str:
        """Return a sentence. One of another language than English is a known one with other digits."""
        if language in self._sentences:
            return re.sub(r"\d", lambda _: str(rng.randrange(10)), rng.choice(self._sentences[language]))
        return self._vocabulary.walk(rng) if rng.random() < _WALK_SHARE else sites.News(rng).say()

    def paragraphs(self, rng: random.Random, language: str, chars: int) -> list[str]:
        """Return paragraphs of about so many characters in total."""
        found: list[str] = []
        while sum(map(len, found)) < chars:
            found.append(" ".join(self.sentence(rng, language) for _ in range(rng.randrange(1, 5))))
        return found

    def headline(self, rng: random.Random, language: str) -> str:
        """Return a headline."""
        return self.sentence(rng, language).rstrip(".。").split(",")[0][:110]


# Templates beside those of `other_sites`


def amp(rng: random.Random, shown: Shown) -> str:
    """Return an AMP page: a short head of its own elements, and one list of stories."""
    ad = "<amp-ad width=300 height=250 type=doubleclick></amp-ad>"
    parts = "".join(f'<p class="i-text">{html.escape(one, quote=False)}</p>\n{ad}' for one in shown.paragraphs)
    title = html.escape(shown.title)
    return (
        '<!doctype html><html ⚡ lang="en"><head><meta charset="utf-8"><script async src="/v0.js"></script>'
        f"<title>{title}</title><style amp-boilerplate>body{{animation:none}}</style></head><body>"
        f'<header class="i-head"><a href="/">The Ledger</a></header><main role="main"><article><h1>{title}</h1>'
        f'<amp-img src="/i/{rng.randrange(10**9)}.jpg" width="1200" height="675"></amp-img>'
        f'<time datetime="{shown.when.isoformat()}">{shown.when:%d/%m/%Y}</time>{parts}{_origin(shown)}</article>'
        f"<amp-list>{_links(shown.neighbours)}</amp-list></main></body></html>"
    )


def app(rng: random.Random, shown: Shown) -> str:
    """Return a page of a JavaScript framework: the article as markup, and once more as JSON for the script."""
    title, key = html.escape(shown.title), rng.randrange(10**6)
    parts = "".join(
        f'<div class="sc-{key:x} paragraph"><p>{html.escape(one, quote=False)}</p></div>' for one in shown.paragraphs
    )
    body = [{"type": "text", "value": one} for one in shown.paragraphs]
    state = {"props": {"pageProps": {"article": {"headline": shown.title, "body": body}}}}
    linked = {"@type": "NewsArticle", "headline": shown.title, "datePublished": shown.when.isoformat()}
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/><title>{title} | Globe</title>'
        f'<script type="application/ld+json">{_json(linked)}</script></head><body><div id="__next"><nav>'
        f'{_links(_SECTIONS)}</nav><main><article><h1 data-testid="headline">{title}</h1>{parts}{_origin(shown)}'
        f'</article><section>{_links(shown.neighbours)}</section></main></div><script id="__NEXT_DATA__"'
        f' type="application/json">{_json(state)}</script></body></html>'
    )


def tables(rng: random.Random, shown: Shown) -> str:
    """Return a page as of 2001: nested tables, fonts and line breaks, tags in capitals."""
    body = "<BR><BR>\n".join(html.escape(one, quote=False) for one in shown.paragraphs)
    title = html.escape(shown.title)
    return (
        f"<HTML><HEAD><TITLE>{title}</TITLE></HEAD><BODY BGCOLOR=#FFFFFF><TABLE WIDTH=760 BORDER=0><TR><TD WIDTH=150>"
        f"<FONT SIZE=1>{'<BR>'.join(_SECTIONS)}</FONT></TD><TD><TABLE><TR><TD><FONT FACE=Arial SIZE=4><B>{title}</B>"
        f"</FONT><BR><FONT SIZE=1>{shown.when:%A, %d %B %Y}</FONT></TD></TR><TR><TD><FONT FACE=Arial SIZE=2>{body}"
        f"{_origin(shown)}</FONT></TD></TR></TABLE></TD><TD WIDTH=120 VALIGN=top>{_links(shown.neighbours)}"
        "</TD></TR></TABLE></BODY></HTML>"
    )


def _origin(shown: Shown) -> str:
    return f'<p>Source: <a href="{shown.origin}">{shown.origin}</a></p>' if shown.origin else ""


def _links(titles: Sequence[str]) -> str:
    return "".join(
        f'<div class="item"><a href="/{at}">{html.escape(title)}</a></div>' for at, title in enumerate(titles)
    )


def _json(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")


TEMPLATES: Final = (*sites.SITES, amp, app, tables)


class Site:
    """Outlet with one template, one language and one charset; head, scripts and cards are the same on all its pages."""

    def __init__(self, number: int, news: News, pool: str) -> None:
        rng = random.Random(f"site {number}")
        self._news = news
        self._pool = pool
        self._template: Callable[[random.Random, Shown], str] = TEMPLATES[number % len(TEMPLATES)]
        self.language = "en" if number % 2 else news.languages[number // 2 % len(news.languages)]
        # The windows of the old layout hold what no UTF-8 does.
        others = _CHARSETS.get(self.language, ("utf-8", "windows-1252"))
        self.charset = others[1] if self._template is tables else others[0]
        self.host = f"www.outlet-{number}.example"
        self._style, self._scripts = self._slice(rng, 60_000), [self._slice(rng, 90_000) for _ in range(4)]
        self._cards = [self._card(rng) for _ in range(_CARDS_A_SITE)]

    def _slice(self, rng: random.Random, size: int) -> str:
        at = rng.randrange(len(self._pool) - size)
        return self._pool[at : at + size]

    def _card(self, rng: random.Random) -> str:
        key, title = rng.getrandbits(64), html.escape(self._news.headline(rng, self.language))
        picture = f"/img/{key:016x}/wide.webp?fit=crop&amp;auto=format&amp;w="
        sources = ", ".join(f"{picture}{width} {width}w" for width in (320, 480, 640, 960, 1280))
        return (
            f'<article class="card card--teaser card--{key % 9} u-mb-24 js-track" data-id="{key:x}" data-list="more">'
            f'<a class="card__link" href="/{self.language}/{key:x}.html"><figure class="card__figure"><picture>'
            f'<source media="(min-width: 768px)" srcset="{sources}"><img class="card__image lazyload" alt=""'
            f' loading="lazy" width="640" height="360" src="{picture}240"></picture></figure><div class="card__body">'
            f'<span class="card__kicker">{rng.choice(_SECTIONS)}</span><h3 class="card__title">{title}</h3>'
            "</div></a></article>"
        )

    def page(self, rng: random.Random, shown: Shown) -> str:
        """Return the page of an article. Its length is that of a log-normal distribution with the mean `MEAN_BYTES`."""
        bare = self.bare(rng, shown)
        size = min(_MOST_BYTES, int(rng.lognormvariate(log(MEAN_BYTES) - _SIGMA**2 / 2, _SIGMA)))
        rest = max(0, size - len(bare.encode(self.charset, "xmlcharrefreplace")))
        head = f'<meta http-equiv="Content-Type" content="text/html; charset={self.charset}">{self._meta(rng)}'
        head += f"<style>{self._style[: int(rest * _STYLE)]}</style>"
        tail, left = "", int(rest * _SCRIPT)
        for script in self._scripts:
            tail += f"<script>{script[:left]}</script>"
            left = max(0, left - len(script))
        tail += f'<script type="application/json">{self._slice(rng, int(min(rest, 1_000_000) * _DATA) + left)}</script>'
        room = rest - len(head) - len(tail)
        cards = rng.sample(self._cards, min(len(self._cards), max(0, room // len(self._cards[0].encode()))))
        middle = f'<section class="more">{"".join(cards)}</section>'
        whole = re.sub("(?i)</head>", lambda end: head + end[0], bare, count=1)
        return re.sub("(?i)</body>", lambda end: middle + tail + end[0], whole, count=1)

    def _meta(self, rng: random.Random) -> str:
        return "".join(
            f'<meta property="{name}" content="{rng.getrandbits(96):x}">'
            f'<link rel="preload" href="/a/{rng.getrandbits(48):x}.js" as="script">'
            for name in ("og:image", "og:site_name", "fb:app_id", "twitter:card", "article:id", "parsely-page")
        )

    def bare(self, rng: random.Random, shown: Shown) -> str:
        """Return the template with the article, and nothing around it."""
        raw: list[str] = []

        def kept(one: str) -> str:
            if not isinstance(one, Markup):
                return one
            raw.append(str(one))
            return f"\ue000{len(raw) - 1}\ue001"

        tokens = [kept(one) for one in shown.paragraphs]
        made = self._template(
            rng, Shown(shown.title, tokens, shown.neighbours, shown.when, shown.origin, shown.is_bare)
        )
        # In the JSON of `app` the characters are escapes, and its copy of a paragraph stays a token.
        return _MARKUP.sub(lambda token: raw[int(token[1])], made)


def all_sites(news: News) -> list[Site]:
    """Return the outlets."""
    pool = _pool(random.Random("pool"))
    return [Site(number, news, pool) for number in range(_SITE_COUNT)]


def _pool(rng: random.Random) -> str:
    """Return text like that of scripts, styles and data, without tags."""
    verbs = ("Get", "Set", "On", "Is", "Load")
    names = [f"{rng.choice('abcdefgh')}{rng.choice(verbs)}{rng.getrandbits(20):x}" for _ in range(800)]
    forms = (
        "function NAME(t,e,n){return void 0===e&&(e={}),t.NAME(e,n||DIGITS)}",
        ".NAME__NAME{display:flex;margin:DIGITSpx auto;color:#HEX}",
        '{"id":"HEX","slot":"NAME","sizes":[[DIGITS,DIGITS]],"lazy":true},',
        "window.NAME=window.NAME||[];!function(e){e.exports=DIGITS}(module);",
        '"MDIGITS.DIGITScDIGITS-DIGITS.DIGITS-.DIGITSz",',
    )
    values = {
        "NAME": lambda: rng.choice(names),
        "DIGITS": lambda: str(rng.randrange(9999)),
        "HEX": lambda: f"{rng.getrandbits(24):06x}",
    }
    parts, size = [], 0
    while size < _POOL_BYTES:
        parts.append(re.sub("NAME|DIGITS|HEX", lambda found: values[found[0]](), rng.choice(forms)))
        size += len(parts[-1]) + 1
    return "\n".join(parts)
