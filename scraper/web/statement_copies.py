"""List of the copies of a statement, in parts."""

from scraper import page_paths as paths
from scraper.web import timeline
from scraper.web.page import PageRequest, Response
from scraper.web.pager import part as part_of
from scraper.web.rendering import render
from scraper.web.statement_parts import claims, find, frame, short_title

SIZE = 100
"""Number of copies in a part of the list."""


def copies(request: PageRequest, statement_id: str, part: str | None = None) -> Response:
    """Return a part of the list of a statement's copies, in the order in which they were first seen."""
    found = find(request, statement_id)
    shown = frame(request, found)
    here = part_of(part, shown["copies"], SIZE)
    listed = request.store.carriers.part(found.id, SIZE, here.first_entry)
    named = claims(request, found)
    return render(
        request,
        "statement_copies.html.j2",
        title=f"Copies: {short_title(found)}",
        points=[timeline.point(copy, page, found, named.get(page.id)) for copy, page in listed],
        part=here,
        path=lambda number: paths.copies_of(found.id, number),
        **shown,
    )
