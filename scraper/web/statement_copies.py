"""List of the copies of a statement, in parts."""

from scraper.web import timeline
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render
from scraper.web.statement_parts import find, frame, short_title

PART = 100
"""Number of copies in a part of the list."""


def copies(request: PageRequest, statement_id: str, part: str | None = None) -> Response:
    """Return a part of the list of a statement's copies, in the order in which they were first seen."""
    found, number = find(request, statement_id), int(part or 1)
    shown = frame(request, found)
    count = shown["copies"]
    if number > part_count(count):
        raise NotFoundError(f"The copies of statement {found.id} are on {part_count(count)} pages.")
    listed = request.store.carriers.part(found.id, PART, PART * (number - 1))
    return render(
        request,
        "statement_copies.html.j2",
        title=f"Copies: {short_title(found)}",
        points=[timeline.point(copy, page, found) for copy, page in listed],
        part=number,
        parts=part_count(count),
        **shown,
    )


def part_count(count: int) -> int:
    """Return the number of parts of a list of copies; one for none."""
    return max(1, -(-count // PART))
