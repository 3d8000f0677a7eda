"""Parser of pages that list articles, for sites without a parser of their own: URLs, titles and dates if shown."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from bs4 import Tag
from bs4.element import NavigableString

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers import dates
from scraper.parsers.build_item import build, limit_items, limit_problems
from scraper.parsers.document import attr, attr_words, label, number
from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.parsers.document import Document

NAME = "mirror-listing"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FRAME_TAGS = frozenset({"nav", "aside", "footer", "form"})
_ENTRY_TAGS = frozenset({"article", "li", "tr", "dd"})
_PAGE_TAGS = frozenset({"html", "body", "main"})
# Limits of the search: ancestors of a link, and nodes inside it.
_MAX_DEPTH, _MAX_ENTRY_DEPTH, _MAX_HEADING_DEPTH, _MAX_NODES = 40, 8, 3, 200
_MAX_URL_CHARS, _MAX_CLASS_CHARS = 2_000, 500
# The longest real lists have some hundred links; one costs 0.2 ms.
_MAX_LINKS = 5_000
# Fewer links are not a list; without a sign in the markup two may be chance.
_MIN_WORDS, _MIN_NAMED, _MIN_PLAIN = 3, 2, 3
# Words in the class or id of page furniture beside a list. "header" is not one of them, because entries have headers.
_FURNITURE_WORDS = frozenset(
    "breadcrumb breadcrumbs comments cookie footer masthead menu nav navbar navigation pager pagination popular "
    "related share sharing sidebar social tagcloud tags topbar trending widget".split()
)
_TITLE_CLASSES = frozenset("title headline heading hed".split())
_CLASS_WORD = re.compile(r"[A-Za-z]+")
_NO_ARTICLE_RELS = frozenset({"author", "category", "home", "license", "next", "prev", "search", "tag"})
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|label|category|categories|section|sections|author|authors|contributor|user|users|page|feed|rss|"
    r"search|login|signin|register|subscribe|account|cart|wp-admin|wp-login\.php|comments?|about|about-us|contact|"
    r"contact-us|privacy|privacy-policy|terms|terms-of-(?:use|service)|advertise|cookies?|sitemap|amp)(?:/|\.\w{3,5}\Z|\Z)",
    re.IGNORECASE,
)
_NO_ARTICLE_QUERY = re.compile(r"(?:\A|&)(?:share|replytocom|s|cat|tag|author|feed|paged?)=", re.IGNORECASE)
# A slug of several words, a day or a number: /2026/03/lamps, /lamps-for-valdovia, /stories/900300.html, ?p=58.
_ARTICLE_PATH = re.compile(r"[^/-]-[^/-]+-[^/-]|/\d{4}/\d\d?/|\d{4}|\.html?\Z")
_MORE = re.compile(
    r"(?:read|view|see|show|learn) (?:the )?(?:more|full|all|rest|article|story|post)\b.{0,200}"
    r"|continue reading\b.{0,200}"
    r"|full (?:article|story|text)|(?:more|details|(?:\d{1,6} |no )?comments?|leave a (?:reply|comment))\W{0,9}"
    r"|share|tweet|print|e-?mail",
    re.IGNORECASE,
)
_NEXT = re.compile(r"(?:next|older)(?: (?:page|posts|entries|articles|stories|news|results))?|[›»→]|>>?", re.IGNORECASE)
_NEXT_CLASSES = frozenset({"next", "next-page", "blog-pager-older-link", "nextpostslink", "pagination-next"})
_PAGE = re.compile(r"(?:/page/|[?&](?:page|paged|pg)=)(\d{1,9})")
_ARROWS = " \u00a0«»‹›←→<>|"
_DATE_PARTS = re.compile(r"[|•·\n\t]|\s[–—-]\s")
_DATE_PREFIX = re.compile(r"(?:(?:posted|published|updated) )?(?:on )?", re.IGNORECASE)
_MAX_DATE_CHARS = 160


class _Link(NamedTuple):
    """A link that may lead to an article."""

    tag: Tag
    url: str
    line: str


def read(document: Document) -> Reading:
    """Read the articles that the page lists, each once, in order; raise `DriftError` if it lists none.

    The most reliable sign on the page decides: links marked as bookmarks, links that hold a heading or are in
    one, links of a class that means a headline; else the links with the words and the URL of an article, in the
    smallest part of the page that holds most of them.
    """
    # Some themes put the list itself into a "widget" or "sidebar": the second pass leaves out nothing by its name.
    for strict in (True, False):
        links = _links(document, strict=strict)
        named = [link for link in links if _can_be_title(link.line)]
        if chosen := _choose(named):
            break
    else:
        raise DriftError(document.url, "a page that lists no articles")
    problems: list[str] = []
    urls_found = limit_items(list(dict.fromkeys(link.url for link in chosen)), problems, document.url)
    titles = _titles(set(urls_found), named)
    entries = _entries(set(urls_found), links)
    items = []
    for url in urls_found:
        given = Item(url, titles[url])
        items.append(build(given, _entry_date(entries[url]), None, document, problems))
    return Reading(NAME, tuple(items), next_url=_next_url(document), problems=limit_problems(problems))


def _links(document: Document, *, strict: bool) -> list[_Link]:
    """Return the links that lead to other pages of the site and to none of its lists, in order.

    Menus and footers are skipped; with `strict` also tags whose class or id names page furniture.
    """
    found = []
    stack: list[object] = [document.soup]
    while stack:
        tag = stack.pop()
        if not isinstance(tag, Tag) or _is_beside_list(tag, strict=strict):
            continue
        stack.extend(reversed(tag.contents))
        if tag.name == "a" and (url := _article_url(document, tag)):
            found.append(_Link(tag, url, label(tag)))
            if len(found) == _MAX_LINKS:
                break
    return found


def _is_beside_list(tag: Tag, *, strict: bool) -> bool:
    if tag.name in _FRAME_TAGS:
        return True
    # The classes of the outermost tags describe the whole page: "has-sidebar".
    return strict and tag.name not in _PAGE_TAGS and not _FURNITURE_WORDS.isdisjoint(_class_words(tag))


def _article_url(document: Document, tag: Tag) -> str | None:
    url = _internal_url(document, tag)
    if url is None or urls.is_same(url, document.url):
        return None
    parts = urlsplit(url)
    is_list = (
        (parts.path in {"", "/"} and not parts.query)
        or _NO_ARTICLE.search(parts.path)
        or _NO_ARTICLE_QUERY.search(parts.query)
        or not _NO_ARTICLE_RELS.isdisjoint(map(str.lower, attr_words(tag, "rel")))
    )
    return None if is_list else url


def _internal_url(document: Document, tag: Tag) -> str | None:
    """Return the canonical URL of a link, or None if it leads off the site or nowhere."""
    href = (attr(tag, "href") or "").strip()
    if not href or href.startswith("#") or len(href) > _MAX_URL_CHARS:
        return None
    url = urls.absolute(document.base, href)
    if url is None or urlsplit(url).username is not None:
        return None
    url = urls.canonical(url)
    one, other = urls.family(urls.host(url)), urls.family(document.host)
    return url if one == other or one.endswith(f".{other}") or other.endswith(f".{one}") else None


def _choose(named: list[_Link]) -> list[_Link]:
    """Choose the links to articles from those with words that can be a title."""
    if bookmarks := [link for link in named if "bookmark" in attr_words(link.tag, "rel")]:
        return bookmarks
    titled = [link for link in named if _is_article(link.url) or _is_long(link.line)]
    for is_sign in (_has_heading, _has_title_class):
        found = [link for link in titled if is_sign(link.tag)]
        if _count_urls(found) >= _MIN_NAMED:
            return found
    plain = _within_smallest([link for link in titled if _is_article(link.url) and _is_long(link.line)])
    found = _first_per_entry(plain)
    return found if _count_urls(found) >= _MIN_PLAIN else []


def _count_urls(links: list[_Link]) -> int:
    return len({link.url for link in links})


def _first_per_entry(links: list[_Link]) -> list[_Link]:
    """Return for each row or list item its first link whose URL is in no other; author and subject follow it.

    If these are too few for a list, return all links.
    """
    entries = [
        next((id(p) for p in islice(link.tag.parents, _MAX_DEPTH) if p.name in _ENTRY_TAGS), 0) for link in links
    ]
    places: dict[str, set[int]] = {}
    for link, entry in zip(links, entries, strict=True):
        places.setdefault(link.url, set()).add(entry)
    taken: dict[int, _Link] = {}
    for link, entry in zip(links, entries, strict=True):
        if entry and len(places[link.url]) == 1:
            taken.setdefault(entry, link)
    found = list(taken.values())
    return found if _count_urls(found) >= _MIN_PLAIN else links


def _titles(wanted: set[str], named: list[_Link]) -> dict[str, str]:
    """Return the title of each article: its heading, else the longest text of a link to it."""
    found: dict[str, tuple[bool, int, str]] = {}
    for link in named:
        if link.url in wanted:
            heading = _inner_heading(link.tag)  # a link may be a whole card, with a picture and a teaser
            line = (label(heading) if heading else "") or link.line
            best = (_has_heading(link.tag), len(line), line)
            found[link.url] = max(best, found.get(link.url, best), key=lambda one: one[:2])
    return {url: line for url, (_, _, line) in found.items()}


def _entries(wanted: set[str], links: list[_Link]) -> dict[str, Tag]:
    """Return for each article the largest tag around its link with no link to another, at most one entry of a list."""
    held: dict[int, str | None] = {}
    firsts: dict[str, Tag] = {}
    for link in links:
        if link.url in wanted:
            firsts.setdefault(link.url, link.tag)
            for parent in islice(link.tag.parents, _MAX_ENTRY_DEPTH):
                held[id(parent)] = link.url if held.get(id(parent), link.url) == link.url else None
    found = {}
    for url, tag in firsts.items():
        found[url] = tag
        for parent in islice(tag.parents, _MAX_ENTRY_DEPTH):
            if held[id(parent)] is None or parent.name in _PAGE_TAGS:
                break
            found[url] = parent
            if parent.name in _ENTRY_TAGS:
                break
    return found


def _entry_date(entry: Tag) -> dates.DatedTime | None:
    """Return the date that an entry shows: as data, else as a line or a part of one."""
    nodes = list(islice(entry.descendants, _MAX_NODES))
    for node in nodes:
        if isinstance(node, Tag) and (dated := dates.parse_iso_date(_date_in(node))):
            return dated
    for node in nodes:
        if isinstance(node, NavigableString):
            for part in _DATE_PARTS.split(node.strip()[:_MAX_DATE_CHARS]):
                bare = _DATE_PREFIX.sub("", part.strip(), count=1)
                if dated := dates.parse_day(bare) or dates.parse_iso_date(bare):
                    return dated
    return None


def _date_in(tag: Tag) -> str:
    if tag.name == "time":
        return attr(tag, "datetime") or ""
    if attr(tag, "itemprop") == "datePublished":
        return attr(tag, "content") or attr(tag, "title") or ""
    return (attr(tag, "title") or "") if tag.name == "abbr" else ""


def _next_url(document: Document) -> str | None:
    """Return the URL of the next page, never of an earlier one: by `rel=next`, else by the class or text of a link."""
    soup = document.soup
    named = soup.select("link[rel~=next], a[rel~=next]", limit=5)
    called = [tag for tag in soup.find_all("a", href=True, limit=_MAX_LINKS) if _is_next(tag)] if not named else []
    this = _page(document.url)
    for tag in [*named, *called]:
        url = _internal_url(document, tag)
        if url is None or urls.is_same(url, document.url):
            continue
        page = _page(url)
        if this is None or page is None or page > this:
            return url
    return None


def _is_next(tag: Tag) -> bool:
    if not _NEXT_CLASSES.isdisjoint(map(str.lower, attr_words(tag, "class"))):
        return True
    line = label(tag)
    return _NEXT.fullmatch(line.strip(_ARROWS) or line) is not None


def _page(url: str) -> int | None:
    found = _PAGE.search(url)
    return number(found[1]) if found else None


def _can_be_title(line: str) -> bool:
    """Return True if the words of a link can be a title: not "Read more", not a date, not a number."""
    return bool(normalize.word_key(line)) and not (
        line.isdecimal() or _MORE.fullmatch(line) or dates.parse_day(_DATE_PREFIX.sub("", line, count=1))
    )


def _is_long(line: str) -> bool:
    return len(normalize.words(line)) >= _MIN_WORDS


def _is_article(url: str) -> bool:
    parts = urlsplit(url)
    return _ARTICLE_PATH.search(parts.path) is not None or any(c.isdecimal() for c in parts.query)


def _has_heading(tag: Tag) -> bool:
    """Return True if a link is in a heading or holds one."""
    around = any(parent.name in _HEADINGS for parent in islice(tag.parents, _MAX_HEADING_DEPTH))
    return around or _inner_heading(tag) is not None


def _inner_heading(tag: Tag) -> Tag | None:
    inner = islice(tag.descendants, _MAX_NODES)
    return next((node for node in inner if isinstance(node, Tag) and node.name in _HEADINGS), None)


def _has_title_class(tag: Tag) -> bool:
    return any(not _TITLE_CLASSES.isdisjoint(_class_words(each)) for each in (tag, tag.parent) if each is not None)


def _class_words(tag: Tag) -> set[str]:
    named = " ".join((attr(tag, name) or "")[:_MAX_CLASS_CHARS] for name in ("class", "id", "role"))
    return {word.lower() for word in _CLASS_WORD.findall(named)}


def _within_smallest(links: list[_Link]) -> list[_Link]:
    """Return the links in the smallest tag that holds more than half of the URLs."""
    around = [{id(parent) for parent in islice(link.tag.parents, _MAX_DEPTH)} for link in links]
    pairs = {(at, link.url) for link, parents in zip(links, around, strict=True) for at in parents}
    counts = Counter(at for at, _ in pairs)
    half = _count_urls(links) / 2
    # Two tags that hold more than half share some, so one holds the other; at equal counts both hold the same URLs.
    smallest = min((at for at in counts if counts[at] > half), key=lambda at: counts[at], default=None)
    return [link for link, parents in zip(links, around, strict=True) if smallest in parents]
