"""Finder of the date of an article: from the article's own node, never from a teaser, comment, video or sidebar."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from scraper.parsers import dates, jsonld
from scraper.parsers.elements import label
from scraper.text import normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.parsers.document import Document

FRAME_TAGS = frozenset({"aside", "nav", "footer"})
# Words of the class or id of an element that stands beside an article or below it.
_BESIDE = re.compile(
    r"(?:\A|[\s_-])(?:comments?|comment-?list|commentlist|disqus|related\w{0,12}|sidebar|teasers?|trending|"
    r"(?:latest|recent|popular|similar|recommended|more)[_-]?(?:posts?|news|articles?|stories)|most[_-]?(?:read|popular)|"
    r"videos?|video-?player|playlist|jp-relatedposts|yarpp|newsletter|upcoming|events?-list)(?=\Z|[\s_-])"
)
_WIDGET = re.compile(r"(?:\A|[\s_-])widget(?=\Z|[\s_-])")
_OTHER_ITEMS = re.compile(
    r"schema\.org/(?:\w{0,20}Comments?|VideoObject|ImageObject|AudioObject|Event|Review|Person)\Z", re.IGNORECASE
)
_MODIFIED = re.compile(r"modified|updated", re.IGNORECASE)
_PAGE_TAGS = frozenset({"html", "body", "main", "article"})
_MAX_NAMED_CHARS = 500
_MAX_ARTICLES, _MAX_TIMES, _MAX_HEADINGS, _MAX_DEPTH = 200, 100, 20, 300
_LINES_BELOW, _LINES_ABOVE = 4, 3
# A line that ends so is prose, and no date or byline.
SENTENCE_END = re.compile('[.!?…。！？؟।][”’"»)]{0,2}\\Z')
# A paragraph with so much text mentions a time; it does not date the article.
_PROSE_CHARS = 100
# A link with fewer words beside its day is that of the article itself ("News, Thursday, June 17, 2021").
_TEASER_WORDS = 3
_MAX_LINKS = 2000
# A byline may name an author, a place and a day in a long form.
_MAX_BYLINE_CHARS = 120


def find(document: Document, tree: Any, title: str, lines: Sequence[str]) -> dates.DatedTime | None:
    """Return the publication date: htmldate gives the day, structured data of that day the time.

    If they disagree, htmldate was right more often. It ignores dates later than the day after the capture.
    Without both, the day in a short line beside the title counts. `tree` is the page as a tree of lxml, which is
    changed; `lines` are all visible lines of the page, and `title` is the title among them.
    """
    published = jsonld.read(document, UTC).published
    _remove_others(tree, published)
    structured = published or _shown_time(tree)
    found = _found_date(tree, document.capture.captured_at)
    if found is None or structured is None:
        return structured or found or _beside_title(document, title, lines)
    # A page shows the day of its own time zone, so one day of difference is agreement.
    return structured if abs(structured.at.date() - found.at.date()) <= timedelta(days=1) else found


def _beside_title(document: Document, title: str, lines: Sequence[str]) -> dates.DatedTime | None:
    """Return the day in a line beside the title, which may repeat: a byline or a date, no sentence and no teaser."""
    key, captured_at = normalize.word_key(title), document.capture.captured_at
    titles = [at for at, line in enumerate(lines) if key and normalize.has_key(line, key)]
    for at in titles[: -_MAX_HEADINGS - 1 : -1]:
        below = lines[at + 1 : at + 1 + _LINES_BELOW]
        text = [n for n, line in enumerate(below) if _is_prose(line)]
        # Below the second line of prose, which is no standfirst, a short text has ended: comments follow.
        below = below[: text[1]] if len(text) > 1 else below
        for line in (*below, *reversed(lines[max(0, at - _LINES_ABOVE) : at])):
            if _is_prose(line):
                continue
            found = dates.find_day(line)
            if found is not None and dates.is_plausible(found.at, captured_at) and not _is_teaser(line, document):
                return found
    return None


def _is_teaser(line: str, document: Document) -> bool:
    """Return True for the text of a link that says more than a day: the title of another page."""
    key = normalize.word_key(line)
    labels = (label(link) for link in islice(document.tree.iter("a"), _MAX_LINKS))
    same = (each for each in labels if normalize.has_key(each, key))
    return any(len(normalize.words(dates.without_day(each))) >= _TEASER_WORDS for each in same)


def _is_prose(line: str) -> bool:
    return len(line) > _MAX_BYLINE_CHARS or SENTENCE_END.search(line) is not None


def _remove_others(tree: Any, published: dates.DatedTime | None) -> None:
    """Remove the parts that have dates of their own; of all JSON-LD only the article's date remains."""
    for script in list(tree.iter("script")):
        if script.get("type") == "application/ld+json":
            script.drop_tree()
    heading = {each for h1 in islice(tree.iter("h1"), _MAX_HEADINGS) for each in islice(h1.iterancestors(), _MAX_DEPTH)}
    half = len("".join(tree.itertext())) / 2
    for element in list(tree.iter("*")):
        # Blogger puts the article itself into a "widget".
        beside = element not in heading and element.getparent() is not None and _is_beside_or_widget(element)
        if beside and len("".join(element.itertext())) < half:
            element.drop_tree()
    _remove_other_articles(tree, heading)
    for time in list(islice(tree.iter("time"), _MAX_TIMES)):
        if _is_in_prose(time):
            time.drop_tag()
    if published:
        script = tree.makeelement("script", {"type": "application/ld+json"})
        script.text = json.dumps({"@type": "Article", "datePublished": published.at.isoformat()})
        head = tree.find("head")
        (tree if head is None else head).append(script)


def is_beside_article(element: Any) -> bool:
    """Return True for an element that stands beside an article or below it, by its name, class or id."""
    if element.tag in FRAME_TAGS:
        return True
    return element.tag not in _PAGE_TAGS and _is_named_beside(element, class_and_id(element))


def _is_named_beside(element: Any, name: str) -> bool:
    if name and _BESIDE.search(name) is not None:
        return True
    item = element.get("itemtype")
    return item is not None and _OTHER_ITEMS.search(item) is not None


def class_and_id(element: Any) -> str:
    """Return the class and the id of an element, in lower case; "" if it has neither, as most elements."""
    if element.get("class") is None and element.get("id") is None:
        return ""
    return f"{element.get('class', '')[:_MAX_NAMED_CHARS]} {element.get('id', '')[:_MAX_NAMED_CHARS]}".lower()


def _is_beside_or_widget(element: Any) -> bool:
    if element.tag in FRAME_TAGS or element.tag in _PAGE_TAGS:
        return element.tag in FRAME_TAGS
    name = class_and_id(element)
    # Page builders name every block a widget, so for the text that says nothing.
    return bool(name and _WIDGET.search(name)) or _is_named_beside(element, name)


def _remove_other_articles(tree: Any, heading: set[Any]) -> None:
    """Remove each `<article>` that is not around the heading, if one is: a teaser, or a comment inside the article."""
    articles = list(islice(tree.iter("article"), _MAX_ARTICLES))
    if heading.isdisjoint(articles):
        return
    for article in articles:
        if article not in heading and article.getparent() is not None:
            article.drop_tree()


def _is_in_prose(time: Any) -> bool:
    paragraph = next((each for each in islice(time.iterancestors(), 4) if each.tag in {"p", "li", "blockquote"}), None)
    return paragraph is not None and len("".join(paragraph.itertext()).strip()) > _PROSE_CHARS


def _shown_time(tree: Any) -> dates.DatedTime | None:
    """Return the time that the page shows: one in its article if there is any, and one of a change only if alone."""
    times = [time for time in islice(tree.iter("time"), _MAX_TIMES) if time.get("datetime")]
    inside = [time for time in times if any(each.tag == "article" for each in islice(time.iterancestors(), _MAX_DEPTH))]
    first = [
        time for time in inside or times if _MODIFIED.search(f"{time.get('class')} {time.get('itemprop')}") is None
    ]
    shown = next(iter(first or inside or times), None)
    return dates.parse_iso_date(shown.get("datetime")) if shown is not None else None


def _found_date(tree: Any, captured_at: datetime) -> dates.DatedTime | None:
    from htmldate import find_date

    last = (captured_at + timedelta(days=1)).strftime("%Y-%m-%d")
    # Always pass a tree: htmldate fetches a text that looks like a URL. Do not pass the page's own URL: htmldate
    # prefers a number in it to the dates on the page.
    found = find_date(tree, original_date=True, extensive_search=False, max_date=last)
    return dates.parse_iso_date(found) if found else None
