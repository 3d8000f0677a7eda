"""Measurer of the text in elements of a page: prose, links and titles, in characters (lxml tree).

A block is the text between two borders of block elements or line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

FRAME = frozenset(
    {"nav", "aside", "footer", "form", "script", "style", "noscript", "button", "select", "dialog", "svg"}
)
INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em font i img ins kbd mark q s samp small span strong sub sup time u var "
    "wbr".split()
)
SENTENCE = re.compile(r"[.!?…。！？؟।॥။።۔:;»”\"][\W\d]{0,6}\Z|[.!?。！？؟।။።۔] ?\S")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Scripts that write a sentence without spaces, with few characters; those of the second line without a mark at its end.
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WITHOUT_MARKS = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")
# A paragraph of prose, in characters outside links.
_MIN_PROSE, _MIN_PROSE_DENSE = 60, 25
# Shorter links at the beginning of a line are labels: "Photo", "Read more".
_MIN_LINKED_TITLE = 12
MIN_CARDS, CARD_PROSE = 3, 500
"""Number of titles from which on they are a list of cards, and most of the prose below each, in characters."""


class Measure(NamedTuple):
    """Sums over the blocks of an element, in characters; `begins_with_title`: its first block is a title.

    A title is a heading, or a line that begins with a link and is no prose.
    """

    prose: int = 0
    plain: int = 0
    linked: int = 0
    titles: int = 0
    linked_titles: int = 0
    begins_with_title: bool = False

    @property
    def is_links(self) -> bool:
        """True if most of the text is in links."""
        return self.linked > self.plain

    @property
    def is_teasers(self) -> bool:
        """True for titles that are links, each with a short text or none."""
        is_list = self.linked_titles >= MIN_CARDS and self.begins_with_title
        return is_list and self.prose <= CARD_PROSE * self.linked_titles


# Text without a border inside: pieces, and whether each is in a link.
_Pieces = list[tuple[str, bool]]


class _Inner(NamedTuple):
    """Block element inside another, and whether it is in a link."""

    element: Any
    is_linked: bool


class Measurer:
    """Measures of the elements of one page, each taken once, so that nested elements take linear time.

    A measure stays as it was when elements inside are removed later.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Any, bool, bool], Measure] = {}

    def measure(self, element: Any, *, is_linked: bool = False, is_heading: bool = False) -> Measure:
        """Return the sums over an element. `is_linked`, `is_heading`: it stands in a link or a heading."""
        key = (element, is_linked, is_heading)
        if key in self._known:
            return self._known[key]
        total = Measure()
        is_heading = is_heading or element.tag in _HEADINGS
        for part in _parts(element, is_linked=is_linked):
            if isinstance(part, _Inner):
                size = self.measure(part.element, is_linked=part.is_linked, is_heading=is_heading)
                is_heading = False
            else:
                size, _ = _read(part, is_heading=is_heading)
            total = _sum(total, size)
        self._known[key] = total
        return total


def prose(element: Any) -> Iterator[str]:
    """Yield the paragraphs of prose in an element."""
    open_elements = [(_parts(element, is_linked=False), element.tag in _HEADINGS)]
    while open_elements:
        parts, is_heading = open_elements[-1]
        part = next(parts, None)
        if part is None:
            open_elements.pop()
        elif isinstance(part, _Inner):
            # A heading ends with the first block in it, as in a measure.
            open_elements[-1] = (parts, False)
            inside = _parts(part.element, is_linked=part.is_linked)
            open_elements.append((inside, is_heading or part.element.tag in _HEADINGS))
        elif (found := _read(part, is_heading=is_heading))[0].prose:
            yield found[1]


def _parts(element: Any, *, is_linked: bool) -> Iterator[_Pieces | _Inner]:
    """Yield the text in an element and its inline elements, up to each border, and the block elements between."""
    if element.tag in FRAME:
        return
    pieces: _Pieces = []
    stack = _children(element, is_linked=is_linked)
    while stack:
        node, linked = stack.pop()
        if isinstance(node, str):
            pieces.append((node, linked))
        elif node.tag in INLINE:
            stack += _children(node, is_linked=linked)
        elif isinstance(node.tag, str):
            if pieces:
                yield pieces
                pieces = []
            if node.tag not in FRAME:
                yield _Inner(node, linked)
    if pieces:
        yield pieces


def _children(element: Any, *, is_linked: bool) -> list[tuple[Any, bool]]:
    """Return the texts and elements directly in an element, the last one first, and whether each is in a link."""
    is_linked = is_linked or element.tag == "a"
    found: list[tuple[Any, bool]] = []
    for child in reversed(element):
        if child.tail:
            found.append((child.tail, is_linked))
        found.append((child, is_linked))
    if element.text:
        found.append((element.text, is_linked))
    return found


def _read(pieces: _Pieces, *, is_heading: bool) -> tuple[Measure, str]:
    """Return the measure of one block, and its text."""
    shown = [(" ".join(text.split()), is_linked) for text, is_linked in pieces]
    shown = [(text, is_linked) for text, is_linked in shown if text]
    if not shown:
        return Measure(), ""
    plain = sum(len(text) for text, is_linked in shown if not is_linked)
    linked = sum(len(text) for text, is_linked in shown if is_linked)
    text = " ".join(text for text, _ in shown)
    enough = _MIN_PROSE_DENSE if _DENSE.search(text, 0, _MIN_PROSE) else _MIN_PROSE
    is_prose = not is_heading and plain >= enough and plain > linked
    is_prose = is_prose and (SENTENCE.search(text) is not None or _WITHOUT_MARKS.search(text) is not None)
    begins_with_link = shown[0][1] and len(shown[0][0]) >= _MIN_LINKED_TITLE
    is_title = is_heading or (begins_with_link and not is_prose)
    is_linked_title = is_title and linked >= plain
    return Measure(plain if is_prose else 0, plain, linked, int(is_title), int(is_linked_title), is_title), text


def _sum(first: Measure, second: Measure) -> Measure:
    return Measure(
        first.prose + second.prose,
        first.plain + second.plain,
        first.linked + second.linked,
        first.titles + second.titles,
        first.linked_titles + second.linked_titles,
        (first if first.plain + first.linked else second).begins_with_title,
    )
