"""HTML as a tree of lxml, within limits, and readers of its elements.

Elements are those of `lxml.etree`, which has no types. A tree has no comments and no processing instructions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from scraper.errors import HostileMarkupError
from scraper.parsers import visibility
from scraper.text import normalize

# The largest of 600 real news pages has 19,629 `<`, 409 of them never closed.
MAX_TAGS = 60_000
# Two tables of a report of 2007 in one of State's archives have 119,589. A tree costs as much as it has elements, and
# without end tags these would be twice as many.
MAX_STATE_TAGS, MAX_STATE_ELEMENTS = 250_000, 130_000
MAX_UNCLOSED = 2_000
# Rules ask for what is around an element, which takes as long as it is deep. Real pages stay under 40.
MAX_DEPTH = 300
# lxml takes time quadratic in the number of attributes of one tag: 16 s for 80,000.
MAX_ATTRIBUTES = 1_000
_SHORT_BYTES = 20_000
# Not `head`: without an end tag or a `<body>`, libxml2 keeps `<article>`, `<main>` and the like in it.
NO_TEXT = frozenset(
    "audio button canvas embed iframe input noscript object rp script select style svg template textarea title "
    "video".split()
)
"""Names of elements whose content is no text of the page."""
MAX_LABEL_CHARS = 300
_MAX_LABEL_NODES = 40
# libxml2 takes the markup in it for plain text. No frame is fetched, so it is all the text that such a page has.
_NOFRAMES = re.compile(r"<(/?)noframes(?=[\s/>])", re.IGNORECASE)


def tree_of(html: str, where: str, *, is_state: bool = False) -> Any:
    """Parse HTML and return its root, `<html>`.

    Raises `HostileMarkupError`, with `where` as its name, if the HTML is past the limits (wider for State).
    """
    return parse(checked(html, where, is_state=is_state))


def parse(html: bytes) -> Any:
    """Parse HTML in UTF-8 that is within the limits, and return its root, `<html>`.

    What is in a `<template>` is no part of the page: no reader sees it, and its links and metadata are not the page's.
    """
    # libxml2 cuts a tree that is more than 256 deep unless it may be huge.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.feed(html)
    root = parser.close()
    if root is None:  # all of it is comments
        return etree.Element("html")
    root.extend(list(root.itersiblings()))  # what follows `</html>` has a root of its own
    etree.strip_elements(root, "template", with_tail=False)
    return root


def checked(html: str, where: str, *, is_state: bool = False) -> bytes:
    """Return HTML in UTF-8 as libxml2 reads it; raise `HostileMarkupError` past the limits (wider for State)."""
    check(html, where, MAX_STATE_TAGS if is_state else MAX_TAGS)
    body = for_libxml2(html).encode("utf-8", "replace")  # a lone surrogate cannot be encoded
    _measure(body, where)
    return body


def for_libxml2(html: str) -> str:
    """Replace what libxml2 reads otherwise than a browser: NUL, which it turns into U+FFFD, and `<noframes>`."""
    return _NOFRAMES.sub(r"<\1div", html.replace("\0", " "))


def check(html: str, where: str, max_tags: int = MAX_TAGS) -> None:
    """Raise `HostileMarkupError` if the markup is empty or too costly to read."""
    if not html.strip():
        raise HostileMarkupError(where, "the response is empty")
    tags = html.count("<")
    if tags > max_tags:
        raise HostileMarkupError(where, f"{tags} tags, the limit is {max_tags}")
    unclosed = tags - html.count(">")
    if unclosed > MAX_UNCLOSED:
        raise HostileMarkupError(where, f"{unclosed} tags are never closed, the limit is {MAX_UNCLOSED}")


class _Gauge:
    """Target of libxml2's parser, on which bs4 builds too, so that both see the same nesting."""

    def __init__(self) -> None:
        self.elements = self.depth = self.deepest = self.attributes = 0

    def start(self, _name: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        self.attributes = max(self.attributes, len(attributes))
        if self.deepest > MAX_DEPTH or self.attributes > MAX_ATTRIBUTES or self.elements > MAX_STATE_ELEMENTS:
            raise OverflowError

    def excess(self) -> str:
        """Return what is past the limits, in words."""
        if self.deepest > MAX_DEPTH:
            return f"tags are nested more than {MAX_DEPTH} deep"
        if self.attributes > MAX_ATTRIBUTES:
            return f"a tag has more than {MAX_ATTRIBUTES} attributes"
        return f"more than {MAX_STATE_ELEMENTS} elements"

    def end(self, _name: str) -> None:
        self.depth -= 1

    def close(self) -> None:
        """Do nothing; lxml requires the method of a target."""


def _measure(html: bytes, where: str) -> None:
    """Raise `HostileMarkupError` if nesting or attributes are past the limits; a tag costs about 1 µs."""
    if len(html) <= _SHORT_BYTES and html.count(b"<") <= MAX_DEPTH:
        return  # most bodies of feeds: not deep, and its attributes take at most a tenth of a second
    gauge = _Gauge()
    parser = etree.HTMLParser(target=gauge, encoding="utf-8")
    try:
        parser.feed(html)
        parser.close()
    except OverflowError:
        raise HostileMarkupError(where, gauge.excess()) from None


def attr(element: Any, name: str) -> str | None:
    """Return an attribute as one string, or None if the element or the attribute is missing."""
    return None if element is None else element.get(name)


def attr_words(element: Any, name: str) -> list[str]:
    """Return the words of an attribute such as `class`; empty if it is missing."""
    return (attr(element, name) or "").split()


def first(element: Any, *names: str) -> Any:
    """Return the first element with one of the names, the given one included, or None."""
    return next(element.iter(*names), None)


def has_class(element: Any, name: str) -> bool:
    """Return True if an element has the class, alone or among others."""
    return name in attr_words(element, "class")


def outermost(root: Any, matches: Callable[[Any], bool]) -> list[Any]:
    """Return the elements that match and are inside no other matching element, in order."""
    found, stack = [], [root]
    while stack:
        element = stack.pop()
        if matches(element):
            found.append(element)
        else:
            stack.extend(reversed(element))
    return found


def contents(element: Any, limit: int | None = None) -> list[Any]:
    """Return the texts and elements directly in an element, in order; with `limit` at most so many elements."""
    found = [element.text] if element.text else []
    for child in element if limit is None else islice(element, limit):
        found.append(child)
        if child.tail:
            found.append(child.tail)
    return found


def nodes(element: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the texts and elements under an element in order, each with the element that it is directly in."""
    stack = [(node, element) for node in reversed(contents(element))]
    while stack:
        node, holder = stack.pop()
        yield node, holder
        if not isinstance(node, str):
            stack.extend((inner, node) for inner in reversed(contents(node)))


def one_line(element: Any) -> str:
    """Return the visible text under an element as one clean line, `<br>` as a space; empty for None."""
    if element is None:
        return ""
    pieces = []
    stack = contents(element)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif node.tag == "br":
            pieces.append(" ")
        elif node.tag not in NO_TEXT and visibility.unseen(node) is None:
            stack.extend(reversed(contents(node)))
    return normalize.clean("".join(pieces))


def label(element: Any) -> str:
    """Return the beginning of the visible text under an element as one clean line, with bounded cost: they may nest.

    It is cut after `MAX_LABEL_CHARS`; `<br>` is a space. A hidden element has a label of its own.
    """
    pieces = []
    stack = [element]
    for _ in range(_MAX_LABEL_NODES):
        node = stack.pop() if stack else None
        if isinstance(node, str):
            pieces.append(node[:MAX_LABEL_CHARS])
        elif node is None:
            break
        elif node.tag == "br":
            pieces.append(" ")
        elif node is element or visibility.unseen(node) is None:
            stack.extend(reversed(contents(node, _MAX_LABEL_NODES)))
    return normalize.clean("".join(pieces))[:MAX_LABEL_CHARS].rstrip()
