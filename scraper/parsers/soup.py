"""Tree of bs4 for State's lists, whose parts its CSS selectors find, and readers of its tags.

Texts are read by those of `elements`, so that there is one rule for what a reader sees.
"""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag

from scraper.parsers import elements


def soup_of(html: str, where: str, *, is_state: bool = False) -> BeautifulSoup:
    """Parse HTML; raise `HostileMarkupError`, with `where` as its name, if it is past the limits (wider for State)."""
    # `<?xml` is not valid in HTML: bs4 takes it as a sign of the wrong parser.
    html = elements.checked(html, where, is_state=is_state).decode().replace("<?xml", "<?x")
    if "<" not in html:  # bs4 warns about text that could be the name of a file
        html = f"<p>{html}"
    soup = BeautifulSoup(html, "lxml")
    for tag in soup.find_all(("template", "xmp")):
        if tag.name == "template":
            tag.extract()  # as in `elements.parse`
        else:
            tag.name = "pre"  # bs4 escapes the text of all elements, and that of `<xmp>` is taken as it is written
    return soup


def element_of(tag: Tag) -> Any:
    """Return a tag as an element of lxml: it is written and parsed again, some 0.1 ms for a line of a list."""
    body = elements.first(elements.parse(f"<body>{tag}".encode()), "body")
    return body[0] if len(body) else body


def attr(tag: Tag | None, name: str) -> str | None:
    """Return an attribute as one string, or None if the tag or the attribute is missing."""
    value = tag.get(name) if tag is not None else None
    return value if value is None or isinstance(value, str) else " ".join(value)


def one_line(tag: Tag | None) -> str:
    """Return the visible text under a tag as `elements.one_line` does."""
    return elements.one_line(element_of(tag)) if tag is not None else ""


def outermost(root: Tag, name: str) -> list[Tag]:
    """Return the tags with a class that are inside no other tag with it, in order."""
    return root.select(f".{name}:not(.{name} .{name})")
