"""Pages of outlets: a table of all sites that carry statements, and the copies and unsourced claims of one."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from scraper import page_paths as paths
from scraper.store import Store
from scraper.store.outlets import RANKED_FROM, Outlet, figures_sql
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.pager import part, parts, version
from scraper.web.rendering import render

_OUTLETS: Final = 100
_COPIES: Final = 50
_CLAIMS: Final = 20


def outlets(request: PageRequest, number: str | None = None) -> Response:
    """Return a page of the table of all outlets, with the query behind it."""
    found = request.store.outlets.all()
    here = part(number, len(found), _OUTLETS)
    shown = found[here.entries]
    return render(
        request,
        "outlets.html.j2",
        title="Outlets",
        part=here,
        path=paths.outlets,
        ranked=[each for each in shown if each.rank is not None],
        others=[each for each in shown if each.rank is None],
        ranked_from=RANKED_FROM,
        sql=figures_sql(),
        delay=_delay,
    )


def outlet(request: PageRequest, name: str, number: str | None = None) -> Response:
    """Return a page of one outlet: its figures, its latest copies, and its unsourced claims."""
    found = _by_name(request.store.outlets.all(), name)
    here = part(number, found.copies, _COPIES)
    return render(
        request,
        "outlet.html.j2",
        title=found.outlet,
        outlet=found,
        part=here,
        path=lambda number: paths.outlet(found.outlet, number),
        copies=list(request.store.outlets.copies(found.outlet, _COPIES, here.first_entry)),
        claims=list(request.store.outlets.claims(found.outlet, _CLAIMS)),
        ranked_from=RANKED_FROM,
        delay=_delay,
    )


def addresses(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path and version of each page of the table and of each outlet."""
    found = store.outlets.all()
    for here in parts(len(found), _OUTLETS):
        yield paths.outlets(here.number), version(found[here.entries], here, figures_sql())
    copies, claims = _by_outlet(store.outlets.copies()), _by_outlet(store.outlets.claims())
    for each in found:
        for here in parts(each.copies, _COPIES):
            shown = copies[each.outlet][here.entries], claims[each.outlet][:_CLAIMS]
            yield paths.outlet(each.outlet, here.number), version(each, here, *shown)


def _by_name(found: list[Outlet], name: str) -> Outlet:
    for each in found:
        if paths.outlet(each.outlet) == f"outlets/{name}/":
            return each
    raise NotFoundError(f"No copy of a statement was found on {name}.")


def _by_outlet(found: Iterator[Any]) -> defaultdict[str, list[Any]]:
    groups = defaultdict(list)
    for each in found:
        groups[each.outlet].append(each)
    return groups


def _delay(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
