"""Fields that the readings of each parser must have, and those that a reading lacks (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scraper.model import Reading

_ATTRIBUTES: Final = {
    "title": "title",
    "URL": "url",
    "guid": "guid",
    "date": "published_at",
    "type": "type",
    "text": "paragraphs",
}
REQUIRED: Final = {
    # Name of the parser: fields that every site gives, and further ones that State gives.
    "feed": (("title", "URL", "date"), ("guid", "text")),
    "wordpress": (("title", "URL", "guid", "date", "text"), ("type",)),
    "sitemap": (("URL",), ()),
    "page-links": (("URL",), ()),
    "state-listing": (("title", "URL", "date", "type"), ()),
    "mirror-listing": (("title", "URL"), ()),
    "state-archive-listing": (("title", "URL", "date"), ()),
    "state-article": (("title", "date", "type", "text"), ()),
    "state-report": (("title", "type", "text"), ()),
    "state-translation": (("title", "date", "text"), ()),
    "state-numbered": (("title", "date", "text"), ()),
    "mirror-page": (("title", "date", "text"), ()),
    "page": (("title", "text"), ()),
}
"""A field is required if its loss shows that a site has changed. Cut feeds and lists without days are common."""


_IN_WORDS: Final = {"guid": "guid apart from the URL"}


@dataclass(frozen=True, slots=True)
class MissingField:
    """Field that a parser did not find in `lacking` of the `items` items of the response of `url`."""

    url: str
    parser: str
    field: str
    lacking: int
    items: int

    def __str__(self) -> str:
        field = _IN_WORDS.get(self.field, self.field)
        return f"{self.url}: {self.parser} finds no {field} in {self.lacking} of {self.items} items"


def missing_fields(url: str, reading: Reading, *, of_state: bool) -> list[MissingField]:
    """Return the required fields that items of a reading lack, in the order of the table."""
    general, of_state_only = REQUIRED[reading.parser]
    found = []
    for field in (*general, *of_state_only) if of_state else general:
        lacking = sum(not getattr(item, _ATTRIBUTES[field]) for item in reading.items)
        if lacking:
            found.append(MissingField(url, reading.parser, field, lacking, len(reading.items)))
    return found
