"""Rules that decide how far a list is read: until it shows what the previous run saw on its first page (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

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


MAX_LEFT: Final = 50_000
"""Most documents of a list that are kept as unread: as many sitemaps as an index may name (sitemaps.org)."""


@dataclass(frozen=True, slots=True)
class ListRound:
    """Round of runs through the documents of a list that are more than a run may request.

    `unread` are those that the next run reads, in order; none if a round is over. `has_failed`: one of the round could
    not be read, so that the list is not known as a whole when it ends.
    """

    unread: tuple[str, ...] = ()
    has_failed: bool = False

    @property
    def progress(self) -> ListProgress:
        """The round as it is stored, as progress through the pages of a list."""
        failed = self.unread[:1] if self.has_failed else ()
        return ListProgress(failed, next(iter(self.unread), None), self.unread)


def round_of(progress: ListProgress) -> ListRound:
    """Return a stored round."""
    return ListRound(progress.unread_until, bool(progress.first_page))


def in_round(named: Sequence[str], progress: ListProgress, room: int) -> list[str]:
    """Return the documents that a list names in the order in which a run reads them.

    If they are more than it has room for, half of that is for the first ones, which changed last, and the other half
    goes on with the round that is stored as `progress`.
    """
    if len(named) <= room:
        return list(named)
    newest = dict.fromkeys(named[: room // 2])
    following = [each for each in progress.unread_until if each not in newest]
    return [*newest, *(following or [each for each in named if each not in newest])]


def end_run(before: ListRound, unread: Sequence[str], *, has_failed: bool) -> ListRound:
    """Return the round after a run that left documents unread; without any, the round is over."""
    if not unread:
        return ListRound()
    return ListRound(tuple(unread[:MAX_LEFT]), before.has_failed or has_failed or len(unread) > MAX_LEFT)


def may_pass(capture: Capture) -> bool:
    """Return True if the page of a list that was not received may be there in the next run."""
    return capture.outcome in _PASSING or (capture.status or 0) >= 500
