"""Revisions that share runs of words with a unit of a page, by what the index has for the hashes of the runs (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scraper.matching import thresholds as t
from scraper.matching.model import RevisionKey
from scraper.matching.quotation_units import Unit


class Hits:
    """Revisions that share hashes with a unit: the places of the runs in it, and the weight of each.

    `values` are the hashes of all runs of the unit, `postings` what `Index.postings` returns for them. `common` is
    an upper limit of the runs whose hash is of no use because too many statements have it.
    """

    def __init__(self, values: Sequence[int], postings: Mapping[int, Sequence[RevisionKey]]) -> None:
        self.values = values
        self.places: dict[RevisionKey, list[int]] = defaultdict(list)
        self.common = 0
        self._postings = postings
        self._weights: dict[RevisionKey, float] = defaultdict(float)
        for at, value in enumerate(values):
            keys = postings.get(value)
            if not keys:
                # Which of its neighbours the index left out is not known.
                self.common += keys is not None and t.WINDOW_SHINGLES
                continue
            statements = len({key.statement_id for key in keys})
            for key in keys:
                self.places[key].append(at)
                self._weights[key] += 1 / statements

    def rare(self, values: Iterable[int]) -> list[int]:
        """Return those of some hashes that not too many statements have: the index has no list for the others."""
        return [value for value in values if self._postings.get(value) != []]

    def with_all(self, values: Iterable[int]) -> set[RevisionKey]:
        """Return the revisions that share all of some hashes."""
        return set.intersection(*(set(self._postings.get(value, ())) for value in values))

    def with_runs_of(self, key: RevisionKey) -> list[RevisionKey]:
        """Return the revisions that share all runs of the unit which one shares, itself included."""
        runs = set(self.places[key])
        return [other for other, places in self.places.items() if runs <= set(places)]

    def with_most(self) -> list[RevisionKey]:
        """Return the revisions that share the most runs."""
        return self.with_at_least(max(map(len, self.places.values())))

    def with_at_least(self, count: int) -> list[RevisionKey]:
        """Return the revisions that share at least `count` runs."""
        return [key for key, places in self.places.items() if len(places) >= count]

    def cover(self, key: RevisionKey) -> int:
        """Return the number of words of the unit that are in runs which a revision shares."""
        covered, end = 0, 0
        for at in self.places[key]:
            covered += at + t.SHINGLE_WORDS - max(end, at)
            end = at + t.SHINGLE_WORDS
        return covered

    def weight(self, key: RevisionKey) -> float:
        """Return the sum of 1 / statements over the runs that a revision shares."""
        return self._weights[key]


def likely(unit: Unit, hits: Hits) -> list[RevisionKey]:
    """Return the revisions that share so much with a unit that it may be theirs, with another word."""
    # One changed word changes so many runs; of those beside it, the index may keep others.
    count = len(unit.words) - t.SHINGLE_WORDS + 1 - hits.common
    least = (count - 2 * t.SHINGLE_WORDS) // t.WINDOW_SHINGLES
    share = t.MARKED_COVER if unit.is_marked else t.BARE_COVER
    return [
        key
        for key in hits.with_at_least(max(1, least))
        if hits.weight(key) >= t.SINGLE_WEIGHT and hits.cover(key) >= share * len(unit.words)
    ]
