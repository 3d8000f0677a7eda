"""Finder of the title of an article on any page: a heading, or what stands out above the text if there is none."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.parsers import dates
from scraper.parsers.article_date import FRAME_TAGS
from scraper.parsers.elements import MAX_LABEL_CHARS, attr, first, label, nodes, one_line
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.parsers.document import Document

_MAX_HEADINGS, _MAX_DEPTH, _MAX_STRINGS = 40, 40, 5_000
_NO_TITLE = frozenset({"previouspost", "nextpost", "postnavigation", "relatedposts", "relatedarticles", "leaveareply"})
# A title that its site has cut still identifies the heading.
_CUT = re.compile(r"\s?(?:…|\.\.\.)\Z")
_MIN_CUT_KEY = 15
_UNSEEN_TAGS = frozenset({"script", "style", "template"})
_BOLD_TAGS = frozenset({"b", "strong", "big", "h3", "h4"})
_LARGE_FONT = re.compile(r"\A(?:[4-7]|\+\d)\Z")
_TITLE_CLASS = re.compile(r"title|headline|heading", re.IGNORECASE)
# The first text of so many characters begins the article; a title has at least so many words.
_PROSE_CHARS, _MIN_WORDS = 120, 3


def find(document: Document) -> str:
    """Return the page's own heading, unchanged: the one that its head names, else its first that is not the site's.

    Pages without headings, as old ones are, show the title in bold or large letters above the text.
    """
    tree, named = document.tree, document.head_title
    site = normalize.word_key(document.open_graph("site_name"))
    headings = [
        (each, line)
        for each in islice(tree.iter("h1", "h2"), _MAX_HEADINGS)
        if (line := one_line(each))
        and not _is_in_frame(each)
        and normalize.word_key(line) not in {"", site, *_NO_TITLE}
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
    own = next((line for each, line in headings if each.tag == "h1" and not _is_logo(each)), "")
    if own:
        # A heading that the browser's title repeats is the site's name if the page shows the title of its preview.
        is_site = normalize.word_key(own) == normalize.word_key(one_line(first(tree, "title"))) != key
        return named if is_site and _is_shown(document, key) else own
    return named if headings or _is_shown(document, key) else _emphasized(document) or named


def _is_in_frame(element: Any) -> bool:
    return any(each.tag in FRAME_TAGS for each in islice(element.iterancestors(), _MAX_DEPTH))


def _is_logo(heading: Any) -> bool:
    """Return True if a heading is the site's name: a link to the front page and nothing else."""
    link = next((each for each in heading.iter("a") if attr(each, "href") is not None), None)
    target = urls.path(attr(link, "href") or "x")
    return link is not None and target in {"", "/"} and one_line(link) == one_line(heading)


def _strings(document: Document) -> Iterator[tuple[str, Any]]:
    """Yield the first texts of the page outside its head, each with the element that it is directly in."""
    body = first(document.tree, "body")
    found = nodes(body) if body is not None else iter(())
    texts = ((node, holder) for node, holder in found if isinstance(node, str) and holder.tag not in _UNSEEN_TAGS)
    return islice(texts, _MAX_STRINGS)


def _is_shown(document: Document, key: str) -> bool:
    """Return True if the page has a text of its own with this key, outside its head."""
    return any(normalize.has_key(text, key) for text, _ in _strings(document) if text.strip())


def _emphasized(document: Document) -> str:
    """Return the last text in bold or large letters before the first prose, without links, days and sentences."""
    found = ""
    # Each element is examined once: one of them may hold all texts of the page.
    titles: dict[Any, str | None] = {}
    for text, holder in _strings(document):
        if not (line := normalize.clean(text)):
            continue
        around = [holder, *islice(holder.iterancestors(), _MAX_DEPTH - 1)]
        if any(each.tag == "a" for each in around):
            continue
        if len(line) >= _PROSE_CHARS:
            break
        for each in around:
            if each not in titles:
                titles[each] = label(each) if _stands_out(each) else None
            if (title := titles[each]) is not None:
                found = title if _may_be_title(title) else found
                break
    return found


def _stands_out(element: Any) -> bool:
    if element.tag in _BOLD_TAGS:
        return True
    is_large = element.tag == "font" and _LARGE_FONT.match(attr(element, "size") or "") is not None
    return is_large or _is_named_title(element)


def _is_named_title(element: Any) -> bool:
    return element.tag != "body" and _TITLE_CLASS.search(attr(element, "class") or "") is not None


def _may_be_title(line: str) -> bool:
    is_long_enough = len(normalize.words(line)) >= _MIN_WORDS and len(line) < MAX_LABEL_CHARS
    return is_long_enough and not line.endswith(".") and dates.find_day(line) is None
