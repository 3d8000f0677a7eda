"""Rows of a mail about pages that the Internet Archive has saved after earlier events (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from scraper import urls
from scraper.alerts.components import link
from scraper.alerts.content import Link, MessageContent, Row
from scraper.alerts.event_specs import label_of
from scraper.alerts.format import host, local_time, one_line
from scraper.alerts.model import SavedPage
from scraper.rules.page_saves import link_of


def name_saved(content: MessageContent, saved: Sequence[SavedPage], zone: ZoneInfo) -> MessageContent:
    """Return the content of a mail with rows about saved pages."""
    return replace(content, saved=saved_rows(saved, zone), saves=tuple(page.save.id for page in saved))


def saved_rows(saved: Sequence[SavedPage], zone: ZoneInfo) -> tuple[Row, ...]:
    """Return the rows about saved pages: a line for each event, and below it the link of each of its pages."""
    rows: list[Row] = []
    for event in dict.fromkeys(page.event for page in saved):
        pages = [page for page in saved if page.event == event]
        title = one_line(event.title or event.page_title or event.page_url)
        rows.append(Row("", Link(f"{label_of(event).label}, {local_time(event.at, zone)}: {title}")))
        for page in pages:
            rows += _rows(page)
    return tuple(rows)


def _rows(page: SavedPage) -> Iterator[Row]:
    url = page.save.url
    name = "State’s page" if urls.is_state(urls.host(url)) else host(url)
    if made := link_of(page.save):
        yield Row(name, link(made))
    else:
        yield Row(name, Link(f"not saved by the Internet Archive: {one_line(page.save.problem)}"))
