"""One capture as a parser sees it: where it came from, its text, and its tree once the bounds are kept."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from scraper import charset, text, urls
from scraper.errors import HostileMarkupError

if TYPE_CHECKING:
    from scraper.model import Capture

# Of 600 real news pages the largest has 19,629 `<` and 409 that nothing closes; a tag costs about
# 20 µs and 1 KB to parse.
MAX_TAGS = 60_000
MAX_UNCLOSED = 2_000
# bs4 walks up to the root for text that follows a closed tag: depth times length. Real pages stay under 100.
MAX_DEPTH = 2_000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})")
# These have no end tag, or one that may be left out: a thousand of them in a row are no depth.
_SHALLOW = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th thead tbody "
    "tfoot colgroup".split()
)


class Document:
    """A capture, decoded and parsed when first asked for."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.url = capture.final_url or capture.url
        self.host = urls.host(self.url)

    @cached_property
    def text(self) -> str:
        """The body as text; never raises."""
        return charset.decode(self.capture.body, self.capture.header("content-type")).text

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The body as a tree; raises `HostileMarkupError` past the bounds."""
        return soup_of(self.text, self.url)


def soup_of(html: str, where: str) -> BeautifulSoup:
    """Parse HTML within the bounds; `where` names it in errors."""
    check(html, where)
    if html.count("<") > MAX_DEPTH and _is_too_deep(html):
        raise HostileMarkupError(f"{where}: tags stand more than {MAX_DEPTH} deep in each other")
    # Neither has a place in HTML: libxml2 makes U+FFFD of NUL, bs4 takes an XML declaration for a wrong parser.
    html = html.replace("\0", " ").replace("<?xml", "<?x")
    if "<" not in html:  # bs4 warns of text that could be the name of a file
        html = f"<p>{html}"
    # JSON may carry lone surrogates, which libxml2 cannot take.
    return BeautifulSoup(html.encode("utf-8", "replace").decode("utf-8"), "lxml")


def check(html: str, where: str, max_tags: int = MAX_TAGS) -> None:
    """Raise `HostileMarkupError` when reading this markup would cost too much, or there is none."""
    if not html.strip():
        raise HostileMarkupError(f"{where}: the answer is empty")
    tags = html.count("<")
    if tags > max_tags:
        raise HostileMarkupError(f"{where}: {tags} tags, {max_tags} are read at most")
    unclosed = tags - html.count(">")
    if unclosed > MAX_UNCLOSED:
        raise HostileMarkupError(f"{where}: {unclosed} tags are never closed, {MAX_UNCLOSED} are borne at most")


def _is_too_deep(html: str) -> bool:
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _SHALLOW:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > MAX_DEPTH:
                return True
    return False


def attr(tag: Tag | None, name: str) -> str | None:
    """An attribute as one string; None where the tag or the attribute is not there."""
    value = tag.get(name) if tag is not None else None
    return value if value is None or isinstance(value, str) else " ".join(value)


def one_line(tag: Tag | None) -> str:
    """The text under a tag as one clean line, `<br>` read as a space; empty where there is no tag."""
    if tag is None:
        return ""
    pieces = []
    for node in tag.descendants:
        if isinstance(node, NavigableString):
            pieces.append("" if isinstance(node, PreformattedString) else node)
        elif isinstance(node, Tag) and node.name == "br":
            pieces.append(" ")
    return text.clean("".join(pieces))
