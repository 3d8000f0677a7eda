"""Capture as a parser sees it: URL, decoded text, HTML tree within limits; and readers of single tags."""

from __future__ import annotations

import gc
import re
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString
from lxml import etree  # type: ignore[import-untyped]

from scraper import urls
from scraper.errors import HostileMarkupError
from scraper.parsers import visibility
from scraper.text import charset, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.model import Capture, Role

# The largest of 600 real news pages has 19,629 `<`, 409 of them never closed; a tag costs about
# 20 µs and 1 KB to parse.
MAX_TAGS = 60_000
# Two tables of a report of 2007 in one of State's archives have 119,589. A tree costs as much as it has elements, and
# without end tags these would be twice as many.
MAX_STATE_TAGS, MAX_STATE_ELEMENTS = 250_000, 130_000
MAX_UNCLOSED = 2_000
# For text after a closed tag bs4 walks up to the root: depth times length. Real pages stay under 40.
MAX_DEPTH = 300
# lxml takes time quadratic in the number of attributes of one tag: 16 s for 80,000.
MAX_ATTRIBUTES = 1_000
_MAX_DIGITS, _LARGE_CHARS = 9, 200_000
UNKNOWN_URL = "https://unknown.invalid/"
"""URL of a page that came without one."""
MAX_LABEL_CHARS = 300
_MAX_LABEL_NODES = 40
# libxml2 takes the markup in it for plain text. No frame is fetched, so it is all the text that such a page has.
_BASE = re.compile(r"<base\b", re.IGNORECASE)
_NOFRAMES = re.compile(r"<(/?)noframes(?=[\s/>])", re.IGNORECASE)


class Document:
    """Capture, decoded and parsed on first access.

    It `is_state` if it is read as one of State's own: that of a source that gives statements (`role`), or of a host
    under state.gov.
    """

    def __init__(self, capture: Capture, role: Role | None = None) -> None:
        self.capture = capture
        self.url = capture.final_url or capture.url
        self.host = urls.host(self.url)
        self.is_state = urls.is_state(self.host) or (role is not None and role.gives_statements)

    @cached_property
    def text(self) -> str:
        """Body as text; never raises."""
        return charset.decode(self.capture.body, self.capture.header("content-type"))

    @cached_property
    def base(self) -> str:
        """URL against which the page's links are resolved: that of its first `<base href>`, else its own."""
        tag = self.soup.find("base", href=True) if _BASE.search(self.text) else None
        return urls.absolute(self.url, attr(tag, "href") or "") or self.url if tag is not None else self.url

    @cached_property
    def soup(self) -> BeautifulSoup:
        """Body as a tree; raises `HostileMarkupError` past the limits."""
        return soup_of(self.text, self.url, is_state=self.is_state)

    def by_class(self, name: str) -> Tag | None:
        """Return the first tag with a class. Most pages do not have the name, and then the tree is not searched."""
        return self.soup.find(class_=name) if name in self.text else None

    def by_id(self, name: str) -> Tag | None:
        """Return the first tag with an id, as `by_class` does."""
        return self._ids.get(name) if name in self.text else None

    @cached_property
    def _ids(self) -> dict[str, Tag]:
        """First tag of each id, in one pass: a parser asks for up to seven."""
        found: dict[str, Tag] = {}
        for tag in self.soup.find_all(True):
            if name := attr(tag, "id"):
                found.setdefault(name, tag)
        return found

    def links(self, rel: str) -> list[Tag]:
        """Return the `<link>`s with a relation, in order."""
        return [tag for tag in self.soup.find_all("link") if rel in attr_words(tag, "rel")]

    @cached_property
    def _metas(self) -> dict[tuple[str, str], str | None]:
        """Content of the first `<meta>` for each `property` and each `name`."""
        found: dict[tuple[str, str], str | None] = {}
        for tag in self.soup.find_all("meta"):
            for key in ("property", "name"):
                if name := attr(tag, key):
                    found.setdefault((key, name), attr(tag, "content"))
        return found

    def meta(self, key: str, name: str) -> str | None:
        """Return the content of the first `<meta>` whose `property` or `name` (`key`) is `name`, or None."""
        return self._metas.get((key, name))

    def open_graph(self, name: str) -> str:
        """Return a field that the page's head gives for previews elsewhere, such as `title`; empty if it is missing."""
        return self.meta("property", f"og:{name}") or ""

    @cached_property
    def head_title(self) -> str:
        """Title in the page's head, often with the site's name after it."""
        return normalize.clean(self.open_graph("title")) or one_line(self.soup.title)

    @property
    def canonical_href(self) -> str | None:
        """`href` of the page's canonical URL, as written."""
        return next((attr(tag, "href") for tag in self.links("canonical")), None)


def soup_of(html: str, where: str, *, is_state: bool = False) -> BeautifulSoup:
    """Parse HTML; raise `HostileMarkupError`, with `where` as its name, if it is past the limits (wider for State)."""
    check(html, where, MAX_STATE_TAGS if is_state else MAX_TAGS)
    # Not valid in HTML: bs4 takes it as a sign of the wrong parser.
    html = for_libxml2(html).replace("<?xml", "<?x")
    if "<" not in html:  # bs4 warns about text that could be the name of a file
        html = f"<p>{html}"
    html = unicode_only(html)  # libxml2 does not accept lone surrogates
    _measure(html, where)
    if len(html) < _LARGE_CHARS:
        return BeautifulSoup(html, "lxml")
    with _without_collection():
        return BeautifulSoup(html, "lxml")


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause garbage collection: while a tree grows, it takes a sixth of the time and frees nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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

    def start(self, _name: str, attributes: dict[str, str]) -> None:
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


def _measure(html: str, where: str) -> None:
    """Raise `HostileMarkupError` if nesting or attributes are past the limits; a tag costs about 1.5 µs."""
    gauge = _Gauge()
    parser = etree.HTMLParser(target=gauge, encoding="utf-8")
    try:
        parser.feed(html.encode())
        parser.close()
    except OverflowError:
        raise HostileMarkupError(where, gauge.excess()) from None


def unicode_only(text: str) -> str:
    """Replace each lone surrogate by `?`: JSON may carry them, but they cannot be stored."""
    return text.encode("utf-8", "replace").decode()


def number(text: str) -> int | None:
    """Parse a whole number of at most 9 ASCII digits, thousands commas allowed. Return None for other text."""
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS else None


def attr(tag: Tag | None, name: str) -> str | None:
    """Return an attribute as one string, or None if the tag or the attribute is missing."""
    value = tag.get(name) if tag is not None else None
    return value if value is None or isinstance(value, str) else " ".join(value)


def attr_words(tag: Tag | None, name: str) -> list[str]:
    """Return the words of an attribute such as `class`; empty if it is missing."""
    return (attr(tag, name) or "").split()


def one_line(tag: Tag | None) -> str:
    """Return the visible text under a tag as one clean line, `<br>` as a space; empty for None."""
    if tag is None:
        return ""
    pieces = []
    stack: list[object] = [*reversed(tag.contents)]
    while stack:
        node = stack.pop()
        if isinstance(node, NavigableString):
            pieces.append("" if isinstance(node, PreformattedString) else node)
        elif isinstance(node, Tag) and node.name == "br":
            pieces.append(" ")
        elif isinstance(node, Tag) and visibility.unseen(node.name, node.attrs) is None:
            stack.extend(reversed(node.contents))
    return normalize.clean("".join(pieces))


def label(tag: Tag) -> str:
    """Return the beginning of the visible text under a tag as one clean line, with bounded cost: tags may nest.

    It is cut after `MAX_LABEL_CHARS`; `<br>` is a space. A hidden tag has a label of its own.
    """
    pieces = []
    stack: list[object] = [tag]
    for _ in range(_MAX_LABEL_NODES):
        node = stack.pop() if stack else None
        if isinstance(node, Tag):
            if node.name == "br":
                pieces.append(" ")
            elif node is tag or visibility.unseen(node.name, node.attrs) is None:
                stack.extend(reversed(node.contents[:_MAX_LABEL_NODES]))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            pieces.append(node[:MAX_LABEL_CHARS])
    return normalize.clean("".join(pieces))[:MAX_LABEL_CHARS].rstrip()
