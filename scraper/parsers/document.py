"""Capture as a parser sees it: URL, decoded text, trees within limits, and what every page names in its head."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from lxml import etree  # type: ignore[import-untyped]

from scraper import urls
from scraper.parsers import elements
from scraper.parsers.elements import attr, attr_words, first, one_line
from scraper.text import charset, normalize

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from scraper.model import Capture, Role

_MAX_DIGITS = 9
UNKNOWN_URL = "https://unknown.invalid/"
"""URL of a page that came without one."""
_OF_CLASS = etree.XPath("//*[contains(concat(' ', normalize-space(@class), ' '), concat(' ', $name, ' '))]")
_OF_ID = etree.XPath("//*[@id = $name]")


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
        href = next((found for each in self.tree.iter("base") if (found := attr(each, "href")) is not None), None)
        return (urls.absolute(self.url, href) if href is not None else None) or self.url

    @cached_property
    def tree(self) -> Any:
        """Body as a tree of lxml, which no reader changes; raises `HostileMarkupError` past the limits."""
        return elements.tree_of(self.text, self.url, is_state=self.is_state)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """Body as a tree of bs4, for State's lists; raises `HostileMarkupError` past the limits."""
        # Imported for the first list, so that a monitor of feeds does not load bs4.
        from scraper.parsers.soup import soup_of

        return soup_of(self.text, self.url, is_state=self.is_state)

    def by_class(self, name: str) -> Any:
        """Return the first element with a class, or None. Most pages do not have the name: the tree is not searched."""
        return next(iter(_OF_CLASS(self.tree, name=name)), None) if name in self.text else None

    def by_id(self, name: str) -> Any:
        """Return the first element with an id, as `by_class` does."""
        return next(iter(_OF_ID(self.tree, name=name)), None) if name in self.text else None

    def links(self, rel: str) -> list[Any]:
        """Return the `<link>`s with a relation, in order."""
        return [each for each in self.tree.iter("link") if rel in attr_words(each, "rel")]

    @cached_property
    def _metas(self) -> dict[tuple[str, str], str | None]:
        """Content of the first `<meta>` for each `property` and each `name`."""
        found: dict[tuple[str, str], str | None] = {}
        for each in self.tree.iter("meta"):
            for key in ("property", "name"):
                if name := attr(each, key):
                    found.setdefault((key, name), attr(each, "content"))
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
        return normalize.clean(self.open_graph("title")) or one_line(first(self.tree, "title"))

    @property
    def canonical_href(self) -> str | None:
        """`href` of the page's canonical URL, as written."""
        return next((attr(each, "href") for each in self.links("canonical")), None)


def unicode_only(text: str) -> str:
    """Replace each lone surrogate by `?`: JSON may carry them, but they cannot be stored."""
    return text.encode("utf-8", "replace").decode()


def number(text: str) -> int | None:
    """Parse a whole number of at most 9 ASCII digits, thousands commas allowed. Return None for other text."""
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS else None
