"""First page: what is new, by day, or what a reader chose with the form on it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from scraper.rules.state_menus import MENUS
from scraper.store import Store
from scraper.store.entries import EntryKey
from scraper.web import views
from scraper.web.page import PageRequest, Response
from scraper.web.view_pages import NEWEST, entry_list, month_links

_SHOWN_MONTHS = 12
_MAX_PAGES = 500


def today(request: PageRequest) -> Response:
    """Return the first page."""
    given = views.Form.of(request) if request.is_live else views.Form()
    if given.problems:
        refused = views.View("", "Combined filters", "", views.TODAY)
        return _page(request, refused, [], form=given, is_combined=True, has_feed=False)
    if (chosen := views.combined(request, given)) is not None:
        return _combined(request, chosen, given)
    keys = request.store.entries.newest(views.FIRST.entries, NEWEST)
    months = _months(request, datetime.fromisoformat(keys[0].at)) if keys else []
    form = views.Form() if request.is_live else None
    return _page(request, views.FIRST, keys, form=form, months=months)


def addresses(_store: Store) -> Iterator[tuple[str, str]]:
    """Yield the first page, which is written always."""
    yield "", ""


def _combined(request: PageRequest, chosen: views.View, form: views.Form) -> Response:
    page = min(form.page, _MAX_PAGES)
    keys = request.store.entries.newest(chosen.entries, NEWEST + 1, (page - 1) * NEWEST)
    older = form.query(page + 1) if len(keys) > NEWEST and page < _MAX_PAGES else ""
    return _page(request, chosen, keys[:NEWEST], form=form, older=older, is_combined=True, has_feed=False)


def _page(request: PageRequest, chosen: views.View, keys: list[EntryKey], **values: Any) -> Response:
    shown: dict[str, Any] = {"months": [], "older": "", "is_combined": False} | values
    return entry_list(request, "today.html.j2", chosen, keys, menus=MENUS, ends=views.ENDS, **shown)


def _months(request: PageRequest, newest: datetime) -> list[views.Choice]:
    """Return links to the newest months."""
    first = newest.year * 12 + newest.month - _SHOWN_MONTHS
    since = newest.replace(year=first // 12, month=first % 12 + 1, day=1, hour=0, minute=0, second=0)
    return month_links(request.store.entries.counts(replace(views.TODAY, since=since), 7))
