"""Result of the comparison of one revision with a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from scraper.matching.align import Alignment
from scraper.matching.classify import MatchVerdict, Signals
from scraper.matching.gaps import GapReading
from scraper.matching.model import IndexedText, RevisionKey, WordChange
from scraper.model import Grade, Reason, Relation


@dataclass(frozen=True, slots=True)
class Fit:
    """Result of one revision against the page."""

    key: RevisionKey
    text: IndexedText
    alignment: Alignment
    reading: GapReading
    signals: Signals
    verdict: MatchVerdict
    grade: Grade | None
    reasons: tuple[Reason, ...]

    @property
    def net(self) -> float:
        """The number of equal words minus differing ones: the measure of how well it explains its passages."""
        return self.alignment.matched + self.reading.same - sum(c.size for c in self.reading.changes)

    def is_of_another(self, rivals: Iterable[Self]) -> bool:
        """Return True if another statement has word for word, with more words, what would be an altered copy.

        It has to explain the words that differ: a quotation of it elsewhere on the page excuses no alteration.
        """
        return (
            self.verdict.relation is Relation.ALTERED
            and bool(self.reading.changes)
            and any(
                rival.net > self.net
                and not rival.reading.changes
                and rival.key.statement_id != self.key.statement_id
                and rival._covers(self.reading.changes)
                for rival in rivals
            )
        )

    def _covers(self, changes: Iterable[WordChange]) -> bool:
        """Return True if changed words of the page lie in passages of this fit."""
        return all(
            any(each.page <= change.page and change.page_end <= each.page_end for each in self.reading.passages)
            for change in changes
        )
