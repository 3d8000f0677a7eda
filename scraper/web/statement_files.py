"""Files of a statement: its row for programs, and the stored responses in which its revisions first appeared."""

import json
from typing import Any

from scraper.model import PublicationState, Statement
from scraper.statement_rows import whole_row
from scraper.web.page import JSON, NotFoundError, PageRequest, Response
from scraper.web.statement_parts import find, find_revision

_BYTES = "application/octet-stream"


def as_json(request: PageRequest, statement_id: str) -> Response:
    """Return a statement as `statewire show --json` prints it, as a file without the times that move with each poll."""
    found = find(request, statement_id)
    revisions = request.store.statements.revisions(found.id)
    row = whole_row(request.store, found, revisions, find_revision(request, found, found.revision))
    if not request.is_live:
        _clear_moving_times(row, found)
    return Response(json.dumps(row, ensure_ascii=False, indent=2) + "\n", JSON)


def _clear_moving_times(row: dict[str, Any], found: Statement) -> None:
    """Set the times to None at which something was last seen that may still stand.

    A file keeps the time of its writing, by which a reader would take it for something that is gone.
    """
    moving = [copy for copy in row["copies"] if copy["gone_at"] is None]
    moving += [*row["addresses"], row["revisions"][found.revision - 1]]
    if found.state is not PublicationState.WITHDRAWN:
        moving.append(row)
    for each in moving:
        each["last_seen_at"] = None


def evidence(request: PageRequest, statement_id: str, number: str) -> Response:
    """Return the body of the response in which a revision first appeared, to be saved and never shown.

    Its headers are private and left out.
    """
    found = find(request, statement_id)
    wanted = find_revision(request, found, int(number))
    response = request.store.evidence.of_statement(found.id).get(wanted.number)
    if response is None:
        raise NotFoundError(
            f"The response in which revision {wanted.number} first appeared is not stored, or no longer: see `keep:`."
        )
    name = f"statement-{found.id}-revision-{wanted.number}-{response.sha256[:12]}.bin"
    headers = (("content-disposition", f'attachment; filename="{name}"'), ("cache-control", "no-store"))
    return Response(request.store.evidence.body(response), _BYTES, headers=headers)
