"""Reading of a stored body by the parsers of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper import parsers
from scraper.errors import ParseError

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Reading, Role
    from scraper.store import Store


def read_again(store: Store, url: str, parser: str, until: datetime, role: Role) -> Reading | None:
    """Read the last stored body of a URL up to a time again; None if there is none, or another parser reads it now."""
    earlier = store.captures.last_read(url, parser, until)
    try:
        reading = parsers.read(earlier, role=role) if earlier is not None else None
    except ParseError:
        return None
    return reading if reading is not None and reading.parser == parser else None
