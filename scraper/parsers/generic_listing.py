"""Parser of pages that list articles, for sites without a parser of their own: URLs, titles and dates if shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers import dates
from scraper.parsers.build_item import build, limit_items, limit_problems
from scraper.parsers.document import Document, number
from scraper.parsers.elements import attr, attr_words, label, nodes
from scraper.text import normalize

NAME = "mirror-listing"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FRAME_TAGS = frozenset({"nav", "aside", "footer", "form"})
_ENTRY_TAGS = frozenset({"article", "li", "tr", "dd"})
_PAGE_TAGS = frozenset({"html", "body", "main"})
# Limits of the search: ancestors of a link, and nodes inside it.
_MAX_DEPTH, _MAX_ENTRY_DEPTH, _MAX_HEADING_DEPTH, _MAX_NODES = 40, 8, 3, 200
_MAX_URL_CHARS, _MAX_CLASS_CHARS = 2_000, 500
# The longest real lists have some hundred links; one costs 0.2 ms.
_MAX_LINKS, _MAX_NEXT = 5_000, 5
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

    element: Any
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

    Menus and footers are skipped; with `strict` also elements whose class or id names page furniture.
    """
    found = []
    stack = [document.tree]
    while stack:
        element = stack.pop()
        if _is_beside_list(element, strict=strict):
            continue
        stack.extend(reversed(element))
        if element.tag == "a" and (url := _article_url(document, element)):
            found.append(_Link(element, url, label(element)))
            if len(found) == _MAX_LINKS:
                break
    return found


def _is_beside_list(element: Any, *, strict: bool) -> bool:
    if element.tag in _FRAME_TAGS:
        return True
    # The classes of the outermost elements describe the whole page: "has-sidebar".
    return strict and element.tag not in _PAGE_TAGS and not _FURNITURE_WORDS.isdisjoint(_class_words(element))


def _article_url(document: Document, link: Any) -> str | None:
    url = _internal_url(document, link)
    if url is None or urls.is_same(url, document.url):
        return None
    parts = urlsplit(url)
    is_list = (
        (parts.path in {"", "/"} and not parts.query)
        or _NO_ARTICLE.search(parts.path)
        or _NO_ARTICLE_QUERY.search(parts.query)
        or not _NO_ARTICLE_RELS.isdisjoint(map(str.lower, attr_words(link, "rel")))
    )
    return None if is_list else url


def _internal_url(document: Document, link: Any) -> str | None:
    """Return the canonical URL of a link, or None if it leads off the site or nowhere."""
    href = (attr(link, "href") or "").strip()
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
    if bookmarks := [link for link in named if "bookmark" in attr_words(link.element, "rel")]:
        return bookmarks
    titled = [link for link in named if _is_article(link.url) or _is_long(link.line)]
    for is_sign in (_has_heading, _has_title_class):
        found = [link for link in titled if is_sign(link.element)]
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
        next((each for each in _around(link.element, _MAX_DEPTH) if each.tag in _ENTRY_TAGS), None) for link in links
    ]
    places: dict[str, set[Any]] = {}
    for link, entry in zip(links, entries, strict=True):
        places.setdefault(link.url, set()).add(entry)
    taken: dict[Any, _Link] = {}
    for link, entry in zip(links, entries, strict=True):
        if entry is not None and len(places[link.url]) == 1:
            taken.setdefault(entry, link)
    found = list(taken.values())
    return found if _count_urls(found) >= _MIN_PLAIN else links


def _titles(wanted: set[str], named: list[_Link]) -> dict[str, str]:
    """Return the title of each article: its heading, else the longest text of a link to it."""
    found: dict[str, tuple[bool, int, str]] = {}
    for link in named:
        if link.url in wanted:
            heading = _inner_heading(link.element)  # a link may be a whole card, with a picture and a teaser
            line = (label(heading) if heading is not None else "") or link.line
            best = (_has_heading(link.element), len(line), line)
            found[link.url] = max(best, found.get(link.url, best), key=lambda one: one[:2])
    return {url: line for url, (_, _, line) in found.items()}


def _entries(wanted: set[str], links: list[_Link]) -> dict[str, Any]:
    """Return for each article the largest element around its link with no link to another, at most one list entry."""
    held: dict[Any, str | None] = {}
    firsts: dict[str, Any] = {}
    for link in links:
        if link.url in wanted:
            firsts.setdefault(link.url, link.element)
            for parent in _around(link.element, _MAX_ENTRY_DEPTH):
                held[parent] = link.url if held.get(parent, link.url) == link.url else None
    found = {}
    for url, element in firsts.items():
        found[url] = element
        for parent in _around(element, _MAX_ENTRY_DEPTH):
            if held[parent] is None or parent.tag in _PAGE_TAGS:
                break
            found[url] = parent
            if parent.tag in _ENTRY_TAGS:
                break
    return found


def _around(element: Any, depth: int) -> Iterator[Any]:
    """Yield the elements around an element, the nearest first, at most so many."""
    return islice(element.iterancestors(), depth)


def _entry_date(entry: Any) -> dates.DatedTime | None:
    """Return the date that an entry shows: as data, else as a line or a part of one."""
    inside = [node for node, _ in islice(nodes(entry), _MAX_NODES)]
    for node in inside:
        if not isinstance(node, str) and (dated := dates.parse_iso_date(_date_in(node))):
            return dated
    for node in inside:
        if isinstance(node, str):
            for part in _DATE_PARTS.split(node.strip()[:_MAX_DATE_CHARS]):
                bare = _DATE_PREFIX.sub("", part.strip(), count=1)
                if dated := dates.parse_day(bare) or dates.parse_iso_date(bare):
                    return dated
    return None


def _date_in(element: Any) -> str:
    if element.tag == "time":
        return attr(element, "datetime") or ""
    if attr(element, "itemprop") == "datePublished":
        return attr(element, "content") or attr(element, "title") or ""
    return (attr(element, "title") or "") if element.tag == "abbr" else ""


def _next_url(document: Document) -> str | None:
    """Return the URL of the next page, never of an earlier one: by `rel=next`, else by the class or text of a link."""
    tree = document.tree
    named = list(islice((each for each in tree.iter("link", "a") if "next" in attr_words(each, "rel")), _MAX_NEXT))
    linked = islice((each for each in tree.iter("a") if attr(each, "href") is not None), _MAX_LINKS)
    this = _page(document.url)
    for link in named or filter(_is_next, linked):
        url = _internal_url(document, link)
        if url is None or urls.is_same(url, document.url):
            continue
        page = _page(url)
        if this is None or page is None or page > this:
            return url
    return None


def _is_next(link: Any) -> bool:
    if not _NEXT_CLASSES.isdisjoint(map(str.lower, attr_words(link, "class"))):
        return True
    line = label(link)
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


def _has_heading(link: Any) -> bool:
    """Return True if a link is in a heading or holds one."""
    around = any(each.tag in _HEADINGS for each in _around(link, _MAX_HEADING_DEPTH))
    return around or _inner_heading(link) is not None


def _inner_heading(link: Any) -> Any:
    return next((each for each in islice(link.iterdescendants(), _MAX_NODES) if each.tag in _HEADINGS), None)


def _has_title_class(link: Any) -> bool:
    around = [link, *_around(link, 1)]
    return any(not _TITLE_CLASSES.isdisjoint(_class_words(each)) for each in around)


def _class_words(element: Any) -> set[str]:
    named = " ".join((attr(element, name) or "")[:_MAX_CLASS_CHARS] for name in ("class", "id", "role"))
    return {word.lower() for word in _CLASS_WORD.findall(named)}


def _within_smallest(links: list[_Link]) -> list[_Link]:
    """Return the links in the smallest element that holds more than half of the URLs."""
    around = [set(_around(link.element, _MAX_DEPTH)) for link in links]
    pairs = {(at, link.url) for link, parents in zip(links, around, strict=True) for at in parents}
    counts = Counter(at for at, _ in pairs)
    half = _count_urls(links) / 2
    # Two elements that hold more than half share some, so one holds the other; at equal counts both hold the same URLs.
    smallest = min((at for at in counts if counts[at] > half), key=lambda at: counts[at], default=None)
    return [link for link, parents in zip(links, around, strict=True) if smallest in parents]
