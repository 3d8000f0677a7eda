"""Finder of the title of an article on any page: a heading, or what stands out above the text if there is none."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from scraper import urls
from scraper.parsers import dates
from scraper.parsers.article_date import FRAME_TAGS
from scraper.parsers.document import MAX_LABEL_CHARS, attr, label, one_line
from scraper.text import normalize

if TYPE_CHECKING:
    from bs4 import Tag

    from scraper.parsers.document import Document

_MAX_HEADINGS, _MAX_DEPTH, _MAX_STRINGS = 40, 40, 5_000
_NO_TITLE = frozenset({"previouspost", "nextpost", "postnavigation", "relatedposts", "relatedarticles", "leaveareply"})
# A title that its site has cut still identifies the heading.
_CUT = re.compile(r"\s?(?:…|\.\.\.)\Z")
_MIN_CUT_KEY = 15
_BOLD_TAGS = frozenset({"b", "strong", "big", "h3", "h4"})
_LARGE_FONT = re.compile(r"\A(?:[4-7]|\+\d)\Z")
_TITLE_CLASS = re.compile(r"title|headline|heading", re.IGNORECASE)
# The first text of so many characters begins the article; a title has at least so many words.
_PROSE_CHARS, _MIN_WORDS = 120, 3


def find(document: Document) -> str:
    """Return the page's own heading, unchanged: the one that its head names, else its first that is not the site's.

    Pages without headings, as old ones are, show the title in bold or large letters above the text.
    """
    soup, named = document.soup, document.head_title
    site = normalize.word_key(document.open_graph("site_name"))
    headings = [
        (tag, line)
        for tag in soup.find_all(["h1", "h2"], limit=_MAX_HEADINGS)
        if (line := one_line(tag)) and not _is_in_frame(tag) and normalize.word_key(line) not in {"", site, *_NO_TITLE}
    ]
    key = normalize.word_key(_CUT.sub("", named))
    cut = len(key) >= _MIN_CUT_KEY and _CUT.search(named) is not None
    named_headings = [
        line
        for _, line in headings
        if normalize.word_key(line) in key or (cut and normalize.word_key(line).startswith(key))
    ]
    if named_headings:
        return max(named_headings, key=len)
    first = next((line for tag, line in headings if tag.name == "h1" and not _is_logo(tag)), "")
    if first:
        # A heading that the browser's title repeats is the site's name if the page shows the title of its preview.
        is_site = normalize.word_key(first) == normalize.word_key(one_line(soup.title)) != key
        return named if is_site and _is_shown(document, key) else first
    return named if headings or _is_shown(document, key) else _emphasized(document) or named


def _is_in_frame(tag: Tag) -> bool:
    return any(parent.name in FRAME_TAGS for parent in islice(tag.parents, _MAX_DEPTH))


def _is_logo(heading: Tag) -> bool:
    """Return True if a heading is the site's name: a link to the front page and nothing else."""
    link = heading.find("a", href=True)
    target = urls.path(attr(link, "href") or "x")
    return link is not None and target in {"", "/"} and one_line(link) == one_line(heading)


def _is_shown(document: Document, key: str) -> bool:
    """Return True if the page has a text of its own with this key, outside its head."""
    body = document.soup.body
    strings = islice(body.strings, _MAX_STRINGS) if body is not None else ()
    return any(normalize.word_key(text) == key for text in strings if text.strip())


def _emphasized(document: Document) -> str:
    """Return the last text in bold or large letters before the first prose, without links, days and sentences."""
    found = ""
    body = document.soup.body
    # Each element is examined once: one of them may hold all texts of the page.
    titles: dict[int, str | None] = {}
    for text in islice(body.strings, _MAX_STRINGS) if body is not None else ():
        if not (line := normalize.clean(text)):
            continue
        around = list(islice(text.parents, _MAX_DEPTH))
        if any(tag.name == "a" for tag in around):
            continue
        if len(line) >= _PROSE_CHARS:
            break
        for tag in around:
            if id(tag) not in titles:
                titles[id(tag)] = label(tag) if _stands_out(tag) else None
            if (title := titles[id(tag)]) is not None:
                found = title if _may_be_title(title) else found
                break
    return found


def _stands_out(tag: Tag) -> bool:
    if tag.name in _BOLD_TAGS:
        return True
    return (tag.name == "font" and _LARGE_FONT.match(attr(tag, "size") or "") is not None) or _is_named_title(tag)


def _is_named_title(tag: Tag) -> bool:
    return tag.name != "body" and _TITLE_CLASS.search(attr(tag, "class") or "") is not None


def _may_be_title(line: str) -> bool:
    is_long_enough = len(normalize.words(line)) >= _MIN_WORDS and len(line) < MAX_LABEL_CHARS
    return is_long_enough and not line.endswith(".") and dates.find_day(line) is None
