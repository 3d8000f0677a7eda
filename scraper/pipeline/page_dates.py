"""Dates of mirror pages: the page's own one comes first, then the one that a list of its site gives for it."""

from dataclasses import replace

from scraper.model import Item, Reading
from scraper.pages import MirrorPage
from scraper.parsers import PageReading
from scraper.parsers.dates import DatedTime
from scraper.rules import state_hosts


def listed_dates(reading: Reading, list_url: str) -> dict[str, DatedTime]:
    """Return the dates that a list gives for pages of its own site, by their URL; none for one with several dates."""
    site = state_hosts.site_of(list_url)
    found: dict[str, set[DatedTime]] = {}
    for item in reading.items:
        if (dated := _date_of(item)) is not None and state_hosts.site_of(item.url) == site:
            found.setdefault(item.url, set()).add(dated)
    return {url: next(iter(dates)) for url, dates in found.items() if len(dates) == 1}


def date_page(item: Item, reading: Reading, known: MirrorPage | None) -> tuple[Item, bool]:
    """Return an item of a page with the date of the page, and True if only a list gives that date.

    `reading` is the one of the document, or of a list that has the text of the page. Of a `known` page, a list does not
    replace the date that the page gave, and a date from an earlier list stays until there is a better one.
    """
    own = _date_of(item)
    if not isinstance(reading, PageReading):
        if known is not None and known.published_at is not None and not known.is_date_listed:
            return replace(item, published_at=known.published_at, precision=known.precision), False
        listed = own
    elif own is not None:
        return item, False
    else:
        listed = reading.listed_date
    if listed is None and known is not None and known.is_date_listed:
        return replace(item, published_at=known.published_at, precision=known.precision), True
    if listed is None:
        return item, False
    return replace(item, published_at=listed.at, precision=listed.precision), True


def _date_of(item: Item) -> DatedTime | None:
    if item.published_at is None or item.precision is None:
        return None
    return DatedTime(item.published_at, item.precision)
