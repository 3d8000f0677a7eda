"""Finder of the main text of a page of any site: candidates of two finders, and the choice between them.

`article_part` finds the part of the page that is the article, from its title on; trafilatura finds the text, in that
part and in the whole page. Neither is right on every page, so each checks the other: a text counts by the share of the
article's prose that it has, and by the share of itself that stands in the article.
"""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import html as lxml_html  # type: ignore[import-untyped]

from scraper.parsers import article_part, pruning, text_blocks
from scraper.parsers.html_text import Markup, read_elements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scraper.parsers.visibility import Unseen

# Their log lines about odd pages and about their own caches are of no use to an operator.
for _library in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_library).propagate = False
    logging.getLogger(_library).addHandler(logging.NullHandler())

_NEIGHBOUR_LINKS = ["//a[@rel='prev' or @rel='next']"]
_HTML_NAMES = {
    "head": "h2", "list": "ul", "item": "li", "quote": "blockquote", "row": "tr", "cell": "td", "lb": "br", "ref": "a",
    "hi": "span", "body": "div", "graphic": "img",
}  # fmt: skip
# A text with less of the article's prose has lost a part of it; one with less than half of it is another text.
_WHOLE, _HALF, _MUCH_LONGER = 0.9, 0.5, 2.0
# Characters of a sample, long enough to stand in no other text by chance, and from one sample to the next.
_SAMPLE, _STEP = 16, 40


class MainText(NamedTuple):
    """Main text of a page. `is_below_title`: it was taken from what follows the title, and begins with the text."""

    markup: Markup
    is_below_title: bool


class _Candidate(NamedTuple):
    """Text that may be the article's: its markup, and its characters without spaces."""

    markup: Markup = Markup()
    squeezed: str = ""


def find(tree: Any, title: str, shown: Collection[Unseen]) -> MainText:
    """Return the main text; empty if the page has none.

    `tree` is the page as a tree of lxml, which is changed; `title` the title that it shows; `shown` are the kinds of
    unseen text that the page shows later.
    """
    pruning.prune(tree, shown)
    article = article_part.find(tree, title)
    prose = _squeezed(text for element in article.elements for text in text_blocks.prose(element))
    if not article.is_certain:
        whole = _extracted_without_title(deepcopy(tree))
        if len(whole.squeezed) >= len(prose):
            return MainText(whole.markup, is_below_title=False)
    elif article.other_prose > len(prose):
        # The page has more text: it may be the rest of the article, which the precise text then has as well.
        whole = _extracted(deepcopy(tree), favor_precision=True)
        if len(whole.squeezed) > _MUCH_LONGER * len(prose):
            return MainText(whole.markup, is_below_title=False)
    page = _page_with(article.elements)
    part = _extracted(deepcopy(page), favor_precision=True)
    chosen = part
    if _share(prose, part.squeezed) < _WHOLE or len(part.squeezed) * _WHOLE > len(prose):
        chosen = _better(part, _extracted(tree, favor_precision=True), prose)
    if _share(prose, chosen.squeezed) < _HALF:
        return MainText(read_elements([page], in_body=True), is_below_title=True)
    return MainText(chosen.markup, is_below_title=chosen is part)


def _better(part: _Candidate, whole: _Candidate, prose: str) -> _Candidate:
    """Return the text that agrees better with the article's prose, or the shorter one if both have all of it."""
    if min(_share(prose, each.squeezed) for each in (part, whole)) >= _WHOLE:
        return min(part, whole, key=lambda each: len(each.squeezed))
    return max(part, whole, key=lambda each: _agreement(each, prose))


def _extracted_without_title(tree: Any) -> _Candidate:
    """Return the text of a page whose article was not found by its title: the precise text, if it is most of it."""
    precise = _extracted(deepcopy(tree), favor_precision=True)
    prose = _squeezed(text_blocks.prose(tree))
    if precise.squeezed and len(precise.squeezed) >= _HALF * len(prose):
        return precise
    balanced = _extracted(tree)
    if precise.squeezed and len(precise.squeezed) >= _HALF * len(balanced.squeezed):
        return precise
    # A text without any sentence is page furniture: the page broke, and did not drop its text.
    return balanced if any(map(text_blocks.SENTENCE.search, balanced.markup.paragraphs)) else _Candidate()


def _page_with(parts: Sequence[Any]) -> Any:
    """Return a page that has only the given elements."""
    page = lxml_html.document_fromstring("<article></article>")
    article = page.find(".//article")
    for part in parts:
        copied = deepcopy(part)
        copied.tail = None
        article.append(copied)
    return page


def _extracted(tree: Any, *, favor_precision: bool = False) -> _Candidate:
    """Extract the text with trafilatura. `fast` leaves out two more extractors, of quadratic time in the paragraphs."""
    # Importing takes longer than reading a hundred pages, and a monitor of State alone does not need it.
    import trafilatura

    found: Any = trafilatura.bare_extraction(
        tree,
        fast=True,
        favor_precision=favor_precision,
        include_comments=False,
        include_links=True,
        prune_xpath=_NEIGHBOUR_LINKS,
    )
    return _candidate(_markup(found.body)) if found is not None else _Candidate()


def _markup(body: Any) -> Markup:
    """Read the text that trafilatura returns, in an XML of its own."""
    for element in body.iter(*_HTML_NAMES):
        element.tag = _HTML_NAMES[element.tag]
        if "target" in element.attrib:
            element.set("href", element.attrib.pop("target"))
    return read_elements([body], in_body=True)


def _candidate(markup: Markup) -> _Candidate:
    return _Candidate(markup, _squeezed(markup.paragraphs))


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def _share(text: str, other: str) -> float:
    """Return the share of a text, by samples, that another text has."""
    if text and text in other:
        return 1.0
    samples = [text[start : start + _SAMPLE] for start in range(0, max(1, len(text) - _SAMPLE), _STEP)]
    # One pass over the other text: searching it for each sample takes quadratic time.
    length, sought = len(samples[0]), set(samples)
    found = {piece for at in range(len(other)) if (piece := other[at : at + length]) in sought}
    return sum(sample in found for sample in samples) / len(samples) if text else 0.0


def _agreement(candidate: _Candidate, prose: str) -> float:
    """Return the harmonic mean of the share of the prose that a text has, and of the share of it that is this prose."""
    recall, precision = _share(prose, candidate.squeezed), _share(candidate.squeezed, prose)
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0
