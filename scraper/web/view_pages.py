"""Pages of views: the newest entries, years and months in parts, and the indexes of countries, types and speakers."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from scraper import page_paths as paths
from scraper.store.entries import EntryKey
from scraper.text.normalize import count
from scraper.web import entry_items, views
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render

NEWEST: Final = 60
"""Number of entries on the page of a view; if there are more, the view has pages for its years."""
PART: Final = 40
"""Number of entries on a page of a year or month. The newest page has up to twice as many: parts are counted from the
oldest, so that only the newest one changes."""


def view(request: PageRequest, path: str) -> Response:
    """Return the page of a view: its newest entries and, if there are more, links to its years."""
    chosen = views.find(request.store, path)
    keys = request.store.entries.newest(chosen.entries, NEWEST + 1)
    years = request.store.entries.counts(chosen.entries, 4) if len(keys) > NEWEST else []
    links = [views.Choice(name, paths.year(chosen.path, name), number) for name, number in years]
    return entry_list(request, "view.html.j2", chosen, keys[:NEWEST], periods=links, parts=[], total="", back="")


def year(request: PageRequest, path: str, name: str, part: str | None) -> Response:
    """Return a part of a year of a view, the newest by default."""
    chosen = views.find(request.store, path)
    return _period(request, chosen, f"{chosen.title}, {name}", paths.year(chosen.path, name), name, part)


def month(request: PageRequest, name: str, part: str | None) -> Response:
    """Return a part of a month of all entries, the newest by default."""
    return _period(request, views.FIRST, month_label(name), paths.month(name), name, part)


def months(request: PageRequest) -> Response:
    """Return the list of all months."""
    found = month_links(request.store.entries.counts(views.TODAY, 7))
    return _index(request, "Months", "Each month with the number of its entries.", found)


def index(request: PageRequest, group: str) -> Response:
    """Return the index of the views of a group, such as countries."""
    found = views.INDEXES[group]
    return _index(request, found.title, found.note, found.choices(request.store))


def _index(request: PageRequest, title: str, note: str, choices: Sequence[views.Choice]) -> Response:
    shown: dict[str, Any] = {"note": note, "choices": choices, "chips": _CHIPS, "view": views.FIRST, "has_feed": False}
    return render(request, "index.html.j2", title=title, **shown)


def month_label(name: str) -> str:
    """Return a month such as 2026-05 in words: May 2026."""
    return f"{date(int(name[:4]), int(name[5:]), 1):%B} {int(name[:4])}"


def month_links(counts: list[tuple[str, int]]) -> list[views.Choice]:
    """Return links to months with their numbers of entries."""
    return [views.Choice(month_label(name), paths.month(name), number) for name, number in counts]


def part_bounds(total: int, part: int) -> tuple[int, int]:
    """Return the offset, from the newest entry, and the number of entries of a part; parts are counted from 1."""
    parts = part_count(total)
    return (0, total - (parts - 1) * PART) if part == parts else (total - part * PART, PART)


def part_count(total: int) -> int:
    """Return the number of parts of a list."""
    return max(1, total // PART)


def part_path(path: str, part: int, parts: int) -> str:
    """Return the path of a part of a list; that of the newest one has no number."""
    return path if part == parts else f"{path}{part}/"


def entry_list(
    request: PageRequest, template: str, chosen: views.View, keys: list[EntryKey], /, **values: Any
) -> Response:
    """Return a page with entries by day."""
    days = entry_items.read(request.store, keys)
    shown: dict[str, Any] = {"title": chosen.title, "has_feed": True} | values
    return render(request, template, view=chosen, days=days, chips=_CHIPS, **shown)


def _period(request: PageRequest, chosen: views.View, heading: str, path: str, name: str, part: str | None) -> Response:
    of_period = views.of_period(chosen, name)
    total = sum(number for _, number in request.store.entries.counts(of_period.entries, 4))
    parts = part_count(total)
    number = int(part) if part else parts
    if number > parts or (part and number == parts) or not total:
        raise NotFoundError(f"There is no such page of “{heading}”.")
    offset, size = part_bounds(total, number)
    keys = request.store.entries.newest(of_period.entries, size, offset)
    links = [(at, part_path(path, at, parts)) for at in range(parts, 0, -1)] if parts > 1 else []
    return entry_list(
        request,
        "view.html.j2",
        chosen,
        keys,
        periods=[],
        parts=links,
        title=heading if number == parts else f"{heading}, part {number}",
        total=count(total, "entry") if number == parts else "",
        back=chosen.path,
    )


_CHIPS: Final = (
    ("", "All"),
    *((view.path, view.title) for view in views.HAPPENED),
    *((found.path, found.title) for found in views.INDEXES.values()),
    ("months/", "Months"),
)
