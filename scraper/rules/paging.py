"""Rules that decide how far a list is read: until it shows what the previous run saw on its first page (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scraper.model import Capture, Outcome
from scraper.rules.unresponsive_hosts import REFUSALS

# Failures that say nothing about the document.
_PASSING = REFUSALS | {Outcome.TIMEOUT, Outcome.DNS, Outcome.CONNECT, Outcome.TRUNCATED, Outcome.PROTOCOL}


@dataclass(frozen=True, slots=True)
class ListProgress:
    """Progress of the runs through the pages of a list.

    `first_page` has the URLs on its first page in the last run. If a limit on requests ended that run before the list
    was read, `unread_url` is the page at which the next run goes on, until a page shows one of `unread_until`.
    """

    first_page: tuple[str, ...] = ()
    unread_url: str | None = None
    unread_until: tuple[str, ...] = ()


def is_reached(page: Sequence[str], seen: Sequence[str]) -> bool:
    """Decide by the URLs of a page, in its order, if all that comes after it was seen before.

    The last one decides: pinned, future-dated and redated items stand on top of a list, above newer ones.
    """
    return bool(page) and page[-1] in seen


def advance(
    before: ListProgress, first_page: Sequence[str], unread_url: str | None, continued_url: str | None
) -> ListProgress:
    """Return the progress after a run.

    `first_page` is empty if the list was not modified. `unread_url` is the page at which the limit ended the walk from
    the first page, `continued_url` the one at which it ended that from `before.unread_url`.
    """
    progress = replace(before, first_page=tuple(first_page) or before.first_page)
    if unread_url is not None:
        # What the run before left unread comes after it.
        return replace(progress, unread_url=unread_url, unread_until=before.unread_until or before.first_page)
    if continued_url is not None:
        return replace(progress, unread_url=continued_url)
    return replace(progress, unread_url=None, unread_until=())


def may_pass(capture: Capture) -> bool:
    """Return True if the page of a list that was not received may be there in the next run."""
    return capture.outcome in _PASSING or (capture.status or 0) >= 500
