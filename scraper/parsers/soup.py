"""Tree of bs4 for pages in State's own theme, and readers of its tags.

Texts are read by those of `elements` and `html_text`, so that there is one rule for what a reader sees.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bs4 import BeautifulSoup, Tag

from scraper.parsers import elements, html_text

_LARGE_CHARS = 200_000


def soup_of(html: str, where: str, *, is_state: bool = False) -> BeautifulSoup:
    """Parse HTML; raise `HostileMarkupError`, with `where` as its name, if it is past the limits (wider for State)."""
    # `<?xml` is not valid in HTML: bs4 takes it as a sign of the wrong parser.
    html = elements.checked(html, where, is_state=is_state).decode().replace("<?xml", "<?x")
    if "<" not in html:  # bs4 warns about text that could be the name of a file
        html = f"<p>{html}"
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


def element_of(tag: Tag) -> Any:
    """Return a tag as an element of lxml."""
    body = elements.first(elements.parse(f"<body>{tag}".encode()), "body")
    return body[0] if len(body) else body


def read_tags(tags: Iterable[Tag], *, in_body: bool = False) -> html_text.Markup:
    """Read some tags as `html_text.read_elements` does."""
    return html_text.read_elements(map(element_of, tags), in_body=in_body)


def attr(tag: Tag | None, name: str) -> str | None:
    """Return an attribute as one string, or None if the tag or the attribute is missing."""
    value = tag.get(name) if tag is not None else None
    return value if value is None or isinstance(value, str) else " ".join(value)


def attr_words(tag: Tag | None, name: str) -> list[str]:
    """Return the words of an attribute such as `class`; empty if it is missing."""
    return (attr(tag, name) or "").split()


def one_line(tag: Tag | None) -> str:
    """Return the visible text under a tag as `elements.one_line` does."""
    return elements.one_line(element_of(tag)) if tag is not None else ""


def label(tag: Tag) -> str:
    """Return the beginning of the visible text under a tag as `elements.label` does."""
    return elements.label(element_of(tag))


def outermost(root: Tag, name: str) -> list[Tag]:
    """Return the tags with a class that are inside no other tag with it, in order."""
    return root.select(f".{name}:not(.{name} .{name})")
