"""Finder of the part of a page that is its article: from the title on, without lists of other articles (lxml tree).

What follows the title belongs to the article, up to the comments, a list of cards (title and teaser, again and again),
or a block of links that stands outside of the block of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from lxml import html as lxml_html  # type: ignore[import-untyped]

from scraper.parsers import article_lines
from scraper.parsers.article_date import class_and_id, is_beside_article
from scraper.parsers.text_blocks import CARD_PROSE, FRAME, INLINE, MIN_CARDS, Measurer
from scraper.text import normalize

# What may stand around the label of the comments.
_SIGNS = "0123456789 .,()[]«»|•·–—-:…"
# Tags that show a title on pages without headings.
_TITLE_TAGS = ("b", "strong", "font", "big", "span", "p", "div", "td", "center", "h4", "h5", "h6")
# Tags of the blocks in which teasers stand.
_BOXES = ("div", "section", "article", "aside", "figure", "ul", "ol", "table")
# Old content systems put the whole page into one form.
_NOT_AROUND_TITLES = FRAME - {"form"} | {"a", "li", "title"}
# Names that a block of text has, and a list of cards has not.
_TEXT_NAME = re.compile(r"article|content|body|text|story|entry|post(?!s)")
# Below each comment stands a link to answer it.
_REPLY = re.compile(
    r"reply|replies|répondre|responder|antworten|rispondi|ответить|відповісти|"
    r"reageer|odpowiedz|cevapla|yanıtla|رد|回复|回覆|返信|답글|trả lời|balas",
    re.IGNORECASE,
)
# First lines of the comments of readers.
_COMMENTS_LABEL = re.compile(
    r"(?:(?:reader|user|leave|post|all|view|show)s?\W{1,3})?(?:a |\d{1,6} )?(?:comments?|repl(?:y|ies)|responses|"
    r"comentarios?|comentários?|commentaires?|kommentare?r?|commenti|reacties|komentarze|komentar(?:i|iai|ze)?|"
    r"yorumlar?|"
    r"комментари[ийяев]{1,2}|коментар[иіяв]{1,2}|σχόλια|التعليقات|تعليقات|نظرات|תגובות|评论|評論|コメント|댓글|"
    r"bình luận|ความคิดเห็น|टिप्पणियाँ)",
    re.IGNORECASE,
)
# Bounds for hostile pages, far above what real pages have. The reader bounds the tags of a page.
_MAX_TITLES, _MAX_REPEATS, _MAX_DEPTH, _MAX_LEVELS = 60, 4, 100, 12
_MAX_FIRST_TEXTS, _MAX_TITLE_PIECES = 20, 100
# Characters of a label: "3 comments", "About the Herald".
_MAX_LABEL = 60
# Characters of prose from which on there is a text that something below it may end: more than a standfirst.
_MIN_TEXT = 120
# Shares of prose, found by tuning: of what stands above the block of the text, of the cards in a list, of the whole
# text in a teaser, of the longest text in the text below another of the titles.
_SHARE_OF_HEADER, _SHARE_OF_CARDS, _SHARE_OF_TEASER, _SHARE_OF_LONGEST = 0.5, 0.8, 0.2, 0.8
# A note about the publisher is short beside the text; "About the treaty" may be a section of it.
_SHARE_OF_NOTE = 0.5


class ArticlePart(NamedTuple):
    """Elements that make up the article, in order.

    `prose` is their length in prose. `is_certain` is False if a block that may be the article was left out.
    `other_prose` is the prose below the title that was left out, comments and lists of other articles apart.
    """

    elements: Sequence[Any] = ()
    prose: int = 0
    is_certain: bool = False
    other_prose: int = 0


def find(root: Any, title: str) -> ArticlePart:
    """Return what follows the title and belongs to the article; no elements if the title or the text is not found.

    `root` is the page as a tree of lxml, `title` the title that the page shows.
    """
    measurer = Measurer()
    parts = [_part_below(heading, measurer) for heading in _headings(root, title)]
    longest = max((part.prose for part in parts), default=0)
    # A title may repeat: above its text, and below it in a list. The last one with the text below it counts.
    part = next((part for part in reversed(parts) if part.prose >= _SHARE_OF_LONGEST * longest > 0), ArticlePart())
    elements = tuple(each for each in part.elements if not _is_teaser(each, part.prose, measurer))
    for element in elements:
        for inner in list(element.iter(*_BOXES)):
            if inner is not element and inner.getparent() is not None and _is_teaser(inner, part.prose, measurer):
                inner.drop_tree()
    return part._replace(elements=elements)


def _part_below(heading: Any, measurer: Measurer) -> ArticlePart:
    """Return what belongs to the article below one title, from the block around the title to the page."""
    found: list[Any] = []
    prose = longest_omitted = other = 0
    has_ended = False
    for level in _levels(heading):
        before, has_begun = prose, False
        for sibling in level:
            if _is_comments(sibling):
                has_ended = True
                continue
            size = measurer.measure(sibling)
            is_note = len(sibling) > 0 and size.prose <= prose * _SHARE_OF_NOTE
            has_ended = has_ended or (prose >= _MIN_TEXT and _is_below(sibling, is_note=is_note))
            if has_ended:
                other += _prose_outside_lists(sibling, measurer)
                continue
            # Cards without links are the sections of an explanation if no other text is between them and the title.
            is_cards = _is_cards(sibling, measurer) and (prose or size.linked_titles)
            if size.is_links or size.is_teasers or is_cards:
                if _TEXT_NAME.search(class_and_id(sibling)) or (is_cards and not size.linked_titles):
                    longest_omitted = max(longest_omitted, size.prose)
                has_ended = before >= _MIN_TEXT and not has_begun
            # Above the block of the text stand notes, an author's box and the like, unless it was only the header.
            elif is_beside_article(sibling) or (not has_begun and size.prose < before * _SHARE_OF_HEADER):
                other += size.prose
            else:
                found.append(sibling)
                prose += size.prose
                has_begun = has_begun or size.prose > 0
    # A thread of several articles is no article.
    articles = sum(1 for each in found for _ in each.iter("article"))
    return ArticlePart(found, prose, prose > longest_omitted, other) if articles < MIN_CARDS else ArticlePart()


def _is_teaser(element: Any, prose: int, measurer: Measurer) -> bool:
    """Return True for a link to another article inside the text: a block of a linked title and a short text or none.

    `prose` is the length of the whole text: a block that has a good part of it is none.
    """
    size = measurer.measure(element)
    is_titled = element.tag in _BOXES and size.begins_with_title and size.titles == size.linked_titles
    return is_titled and size.prose <= min(CARD_PROSE, prose * _SHARE_OF_TEASER)


def _levels(heading: Any) -> Iterator[list[Any]]:
    """Yield the elements after the title inside its parent, then those after the parent, and so on up to the page.

    Text that stands in no element of its own comes as one: old pages part their paragraphs by line breaks alone.
    """
    node = heading
    while node is not None and node.tag not in {"body", "html"}:
        level = list(_texts(node.tail))
        for each in node.itersiblings():
            if isinstance(each.tag, str) and each.tag not in FRAME:
                level.append(each)
            level += _texts(each.tail)
        yield level
        node = node.getparent()


def _texts(text: str | None) -> Iterator[Any]:
    if text and text.strip():
        element = lxml_html.Element("span")
        element.text = text
        yield element


def _headings(root: Any, title: str) -> list[Any]:
    """Return the elements that show the title: headings, else any with the same text that are no links."""
    key = normalize.word_key(title)
    if not key:
        return []
    for level in (("h1",), ("h2", "h3")):
        if same := [each for each in islice(root.iter(*level), _MAX_TITLES) if _shows_title(each, key)]:
            return same[:_MAX_REPEATS]
    first = title.split()[0]
    shown = (each for each in root.iter(*_TITLE_TAGS) if first in (each.text or ""))
    return list(islice((each for each in shown if _shows_title(each, key)), _MAX_REPEATS))


def _shows_title(element: Any, key: str) -> bool:
    """Return True if the text of an element is the title with this key, outside menus and links."""
    pieces = list(islice(element.itertext(), _MAX_TITLE_PIECES + 1))
    if len(pieces) > _MAX_TITLE_PIECES:
        return False
    return normalize.word_key(" ".join("".join(pieces).split())) == key and not _is_in_frame(element)


def _is_in_frame(element: Any) -> bool:
    return not _NOT_AROUND_TITLES.isdisjoint(each.tag for each in islice(element.iterancestors(), _MAX_DEPTH))


def _is_comments(element: Any) -> bool:
    """Return True for the comments of a page: the first line says so, or each has a link to answer it."""
    first = _first_line(element)
    if len(first) <= _MAX_LABEL and _COMMENTS_LABEL.fullmatch(first.strip(_SIGNS)):
        return True
    links = element.iter("a", "button")
    answers = (each for each in links if _REPLY.fullmatch((each.text or "").strip()))
    return len(list(islice(answers, MIN_CARDS))) == MIN_CARDS


def _is_below(element: Any, *, is_note: bool) -> bool:
    """Return True for a block below a text that begins with a line of its own that says so.

    `is_note`: it has more than that line, and is short beside the text, so it may be about the publisher.
    """
    if element.tag in INLINE or element.tag == "p":
        return False
    first = _first_line(element)
    if len(first) > _MAX_LABEL:
        return False
    is_about = is_note and article_lines.ABOUT.fullmatch(first) is not None
    return is_about or article_lines.CONTACT.fullmatch(first) is not None


def _first_line(element: Any) -> str:
    return next((line for text in islice(element.itertext(), _MAX_FIRST_TEXTS) if (line := text.strip())), "")


def _is_cards(element: Any, measurer: Measurer) -> bool:
    """Return True for a list of cards: children that each begin with a title and have a short text."""
    children = [each for each in element if isinstance(each.tag, str)]
    while len(children) == 1 and len(children[0]):
        children = [each for each in children[0] if isinstance(each.tag, str)]
    measured = [size for size in map(measurer.measure, children) if size.plain + size.linked]
    cards = [size.begins_with_title and 0 < size.prose <= CARD_PROSE for size in measured]
    return len(cards) >= MIN_CARDS and cards[0] and sum(cards) > _SHARE_OF_CARDS * len(cards)


def _prose_outside_lists(element: Any, measurer: Measurer, depth: int = 0) -> int:
    """Return the length of the prose in an element, in characters, without comments and lists of other articles."""
    if element.tag in FRAME or is_beside_article(element) or _is_comments(element) or _is_cards(element, measurer):
        return 0
    size = measurer.measure(element)
    if size.is_teasers or size.is_links or not size.prose:
        return 0
    children = [each for each in element if isinstance(each.tag, str) and each.tag not in INLINE]
    inside = sum(measurer.measure(each).prose for each in children)
    if depth == _MAX_LEVELS or not inside:
        return size.prose
    return size.prose - inside + sum(_prose_outside_lists(each, measurer, depth + 1) for each in children)
