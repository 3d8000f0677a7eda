"""Uses of a phrase in statements: each statement once, with its reposts, and the revisions that dropped or brought it.

A repost, which has the words that an earlier statement of the same authority had (see `Statements.find_repost`), counts
with that statement (pure).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from scraper.model import Precision, PublicationState


class PhraseTurn(NamedTuple):
    """Change of a statement by which a phrase came or went: the revision that it changed to, and when."""

    revision: int
    at: datetime
    is_there: bool


class RevisionTimes(NamedTuple):
    """Number of a revision, the time of its first sight, and that of the last turn to it, if any."""

    number: int
    first_seen_at: datetime
    turned_at: datetime | None


class SameWords(NamedTuple):
    """Revision of a statement whose words other revisions have too; `key` is the same for all of them."""

    key: str
    authority: str
    statement_id: int
    number: int


class PhraseUse(NamedTuple):
    """Statement that has, or had, a phrase. `revisions` are the numbers of those that have it.

    With `is_current`, the wording that stands has it; `revision_id` is the id of that revision, or of the newest one
    with the phrase. `reposts` are the ids of statements with the same words that count with this one.
    """

    statement_id: int
    title: str
    speaker: str | None
    type: str | None
    published_at: datetime | None
    precision: Precision | None
    first_seen_at: datetime
    state: PublicationState
    is_current: bool
    revisions: tuple[int, ...]
    revision_id: int
    reposts: tuple[int, ...] = ()

    @property
    def at(self) -> datetime:
        """Time of publication, of first sight if that is unknown."""
        return self.published_at or self.first_seen_at


def turns(revisions: Sequence[RevisionTimes], having: AbstractSet[int]) -> Iterator[PhraseTurn]:
    """Yield the changes of a statement that brought or dropped a phrase, which the revisions `having` it have."""
    times = [(each.first_seen_at, each.number) for each in revisions]
    times += [(each.turned_at, each.number) for each in revisions if each.turned_at and each.turned_at > each[1]]
    was_there = None
    for at, number in sorted(times):
        is_there = number in having
        if was_there is not None and is_there is not was_there:
            yield PhraseTurn(number, at, is_there)
        was_there = is_there


def originals(found: Iterable[SameWords]) -> dict[int, int]:
    """Return the id of the statement that each repost repeats; `found` is sorted by its fields."""
    first_of: dict[int, int] = {}
    for _, group in groupby(found, key=lambda each: each[:2]):
        first, *others = group
        for each in others:
            if each.number == 1 and each.statement_id != first.statement_id:
                first_of[each.statement_id] = min(
                    first.statement_id, first_of.get(each.statement_id, each.statement_id)
                )
    return {repost: _root(repost, first_of) for repost in first_of}


def _root(statement_id: int, first_of: Mapping[int, int]) -> int:
    while statement_id in first_of:  # each step leads to a lower id
        statement_id = first_of[statement_id]
    return statement_id


def merge_reposts(uses: Iterable[PhraseUse], original_of: Mapping[int, int]) -> list[PhraseUse]:
    """Return one use for each statement and its reposts, the earliest one; the newest statement is first."""
    groups: dict[int, list[PhraseUse]] = {}
    for use in sorted(uses, key=_age, reverse=True):
        groups.setdefault(original_of.get(use.statement_id, use.statement_id), []).append(use)
    merged = [
        group[-1]._replace(reposts=tuple(use.statement_id for use in reversed(group[:-1]))) if group[1:] else group[0]
        for group in groups.values()
    ]
    return sorted(merged, key=_age, reverse=True)


def _age(use: PhraseUse) -> tuple[datetime, int]:
    return use.at, use.statement_id


def count_months(uses: Iterable[PhraseUse]) -> dict[tuple[int, int], int]:
    """Return the number of uses in each (year, month) that has some, in order."""
    return dict(sorted(Counter((use.at.year, use.at.month) for use in uses).items()))


def count_labels(labels: Iterable[str | None]) -> list[tuple[str | None, int]]:
    """Return the number of each label, the most frequent first; that of None, which stands for no label, last."""
    return sorted(Counter(labels).items(), key=lambda each: (each[0] is None, -each[1], each[0] or ""))
