"""Search for sentences of statements that a page quotes: each with the wording it is from, and what it alters (pure).

Every unit of the page (see `quotation_units`) is looked up by the hashes of its runs of four words. A statement that
has all of its words in a row is quoted word for word. Otherwise the unit is aligned with the statements that share
most: cuts and changes of tense or person are quoting, any other difference is an alteration. An alteration is an
accusation, so that it needs most of the sentence in order, few differences, and words that no other statement has.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, pairwise

from scraper.matching import fingerprints
from scraper.matching import thresholds as t
from scraper.matching.model import Index, IndexedText, RevisionKey
from scraper.matching.quick_checks import has_text, has_words, may_align
from scraper.matching.quotation_alignment import QuotedUnit, align_unit, count_words, is_grounded, shared_blocks
from scraper.matching.quotation_units import Unit, units
from scraper.model import Grade, Reason
from scraper.text import diff
from scraper.text.tokens import Words


@dataclass(frozen=True, slots=True)
class Quotation:
    """Passage of a page that quotes a statement.

    `page` and `statement` are spans of characters in the two texts. It is altered if it has `reasons`. `others` are the
    other statements that have the same words.
    """

    key: RevisionKey
    page: tuple[int, int]
    statement: tuple[int, int]
    is_altered: bool
    grade: Grade | None
    reasons: tuple[Reason, ...]
    others: tuple[int, ...]
    outdated: bool
    words: int


class QuotationFinder:
    """Finder of quotations in pages, over an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._texts_left = self._others_left = 0

    def find(
        self, page: Words, free: bytes | bytearray, date: datetime | None, runs: fingerprints.PageRuns | None = None
    ) -> tuple[Quotation, ...]:
        """Return the quotations of a page in the words for which `free`, one byte for each word, is 1, in order.

        `date` is that of the page: of several statements with the same words, the last one before it is quoted. At most
        `thresholds.MAX_QUOTE_TEXTS` revisions are read, for quotations in quotation marks first. `runs` are those of
        the page, if they are known.
        """
        runs = runs or fingerprints.PageRuns(self._index, page)
        self._texts_left, self._others_left = t.MAX_QUOTE_TEXTS, t.MAX_OTHER_TEXTS
        asked = [(unit, *_runs_of(unit, page, runs)) for unit in units(page, free)]
        postings = runs.postings(chain.from_iterable(values for _, _, values in asked))
        found = list[QuotedUnit]()
        for unit, packed, values in asked:
            if self._texts_left <= 0:
                break
            if postings.keys().isdisjoint(values):
                continue
            hits = _Hits(values, postings)
            if hits.places and (one := self._quoted(page, unit, packed, hits, date)) is not None:
                found.append(one)
        found.sort(key=lambda each: each.unit.first)
        supported = {each.key.statement_id for each in found if each.difference is None}
        kept = [each for each in found if is_grounded(each, is_supported=each.key.statement_id in supported)]
        return tuple(_joined([_quotation(page, each) for each in kept]))

    def _quoted(
        self, page: Words, unit: Unit, packed: bytes, hits: "_Hits", date: datetime | None
    ) -> QuotedUnit | None:
        if (exact := self._exact(page, unit, packed, hits, date)) is not None:
            return exact
        # One changed word changes so many runs; of those beside it, the index may keep others.
        count = len(unit.words) - t.SHINGLE_WORDS + 1 - hits.common
        least = (count - 2 * t.SHINGLE_WORDS) // t.WINDOW_SHINGLES
        share = t.MARKED_COVER if unit.is_marked else t.BARE_COVER
        likely = [
            key
            for key in hits.least(max(1, least))
            if hits.weight(key) >= t.SINGLE_WEIGHT and hits.cover(key) >= share * len(unit.words)
        ]
        likely.sort(key=lambda key: (-hits.weight(key), key))
        aligned = [self._aligned(page, unit, packed, hits, key) for key in likely[: t.QUOTED_CANDIDATES]]
        found = [each for each in aligned if each is not None]
        return min(
            found, key=lambda each: (each.difference is not None, _size(each.difference), each.key), default=None
        )

    def _text(self, key: RevisionKey) -> IndexedText:
        self._texts_left -= 1
        return self._index.text(key)

    def _exact(self, page: Words, unit: Unit, packed: bytes, hits: "_Hits", date: datetime | None) -> QuotedUnit | None:
        """Return the revision that has all words of a unit in a row, apart from what the page says that it cut.

        Of several it is that of the last statement before a date; see `_rank`. At most
        `thresholds.EXACT_CANDIDATES` are read for it.
        """
        rare = hits.rare(fingerprints.guaranteed(hits.values, unit.cuts))
        likely = hits.with_all(rare) if rare else hits.most()
        if not likely:
            return None
        sources, keys = self._index.sources(tuple(likely)), {page.keys[at] for at in unit.words}
        ranked = sorted(likely, key=lambda key: _rank(key, *sources[key], date))
        for key in ranked[: t.EXACT_CANDIDATES if rare else t.QUOTED_CANDIDATES]:
            text = self._text(key)
            if has_words(text.words.text, keys) and (place := _locate(text.words, packed, unit.cuts)) is not None:
                found = QuotedUnit(unit, key, text, *place)
                return replace(found, others=self._others(found, packed, keys, likely))
        return None

    def _others(
        self, found: QuotedUnit, packed: bytes, keys: Collection[str], likely: Iterable[RevisionKey]
    ) -> tuple[int, ...]:
        """Return the other statements that have all words of a unit in a row."""
        written, others = found.text.words.written(found.first, found.stop), set[int]()
        for key in sorted(likely):
            if key.statement_id in {found.key.statement_id, *others}:
                continue
            if self._others_left <= 0:
                break
            self._others_left -= 1
            words = self._index.text(key).words
            # Most have them written alike, and need not be cut into words.
            if has_text(words.text, written) or (
                has_words(words.text, keys) and _locate(words, packed, found.unit.cuts) is not None
            ):
                others.add(key.statement_id)
        return tuple(sorted(others))

    def _aligned(self, page: Words, unit: Unit, packed: bytes, hits: "_Hits", key: RevisionKey) -> QuotedUnit | None:
        text = self._text(key)
        source, ours = text.words, [page.ids[at] for at in unit.words]
        keys = [page.keys[at] for at in unit.words]
        places = hits.places[key][:: 1 + len(hits.places[key]) // t.QUOTE_RUNS]
        if not any(may_align(source.text, keys, ours, at) for at in places):
            return None
        runs = [(at, packed[8 * at : 8 * (at + t.SHINGLE_WORDS)]) for at in places]
        slack = max(t.QUOTE_SLACK_WORDS, len(ours) // 2)
        windows = [
            (max(0, start - slack), min(len(source), start + len(ours) + slack))
            for start in _starts(source.packed, runs, slack)
        ]
        blocks = max((shared_blocks(ours, source, *window) for window in windows), key=count_words, default=[])
        return align_unit(page, unit, QuotedUnit(unit, key, text, 0, 0), blocks, hits.weight(key))


def _runs_of(unit: Unit, page: Words, runs: fingerprints.PageRuns) -> tuple[bytes, list[int]]:
    """Return the words of a unit as bytes, and the hashes of its runs in order."""
    first, stop = unit.first, unit.stop
    if stop - first == len(unit.words):
        return page.packed[fingerprints.ID_BYTES * first : fingerprints.ID_BYTES * stop], runs.hashes[
            first : stop - t.SHINGLE_WORDS + 1
        ]
    packed = fingerprints.pack([page.ids[at] for at in unit.words])
    return packed, fingerprints.all_hashes(packed)


def _starts(packed: bytes, runs: Sequence[tuple[int, bytes]], slack: int) -> list[int]:
    """Return the words of a packed text at which a unit may begin, the one that most of its runs agree on first.

    They are at most `thresholds.QUOTE_PLACES`, more than `slack` words apart. `runs` are (position in the unit, packed
    words): a run of four words can stand at many places of a long text.
    """
    votes = Counter[int]()
    for at, run in runs:
        place = fingerprints.find(packed, run)
        for _ in range(t.QUOTE_REPEATS):
            if place < 0:
                break
            votes[place - at] += 1
            place = fingerprints.find(packed, run, place + 1)
    starts: list[int] = []
    for start in sorted(votes, key=lambda each: (-votes[each], each)):
        if len(starts) < t.QUOTE_PLACES and all(abs(start - other) > slack for other in starts):
            starts.append(start)
    return starts


class _Hits:
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

    def most(self) -> list[RevisionKey]:
        """Return the revisions that share the most runs."""
        return self.least(max(map(len, self.places.values())))

    def least(self, count: int) -> list[RevisionKey]:
        """Return the revisions that share so many runs or more."""
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


def _locate(source: Words, packed: bytes, cuts: frozenset[int]) -> tuple[int, int] | None:
    """Return the words [first, stop) of a statement that a unit quotes, cut where the page says so, or None."""
    bounds = [0, *sorted(cuts), len(packed) // 8]
    first, at = -1, 0
    for start, stop in pairwise(bounds):
        place = fingerprints.find(source.packed, packed[8 * start : 8 * stop], at)
        if place < 0:
            return None
        first, at = place if first < 0 else first, place + stop - start
    return first, at


def _rank(
    key: RevisionKey, published: datetime | None, is_current: bool, date: datetime | None
) -> tuple[bool, float, bool, int, RevisionKey]:
    """Return the sort key of a source: the last one before a date, the first one if there is none; its last wording."""
    is_later, age = False, 0.0
    if published is not None:
        is_later = date is not None and published > date + t.DATE_BEFORE
        age = abs((date - published).total_seconds()) if date else published.timestamp()
    return is_later, age, not is_current, -key.revision, key


def _size(difference: diff.Difference | None) -> int:
    if difference is None:
        return 0
    return sum(hunk.before[1] - hunk.before[0] + hunk.after[1] - hunk.after[0] for hunk in difference.hunks)


def _quotation(page: Words, found: QuotedUnit) -> Quotation:
    difference = found.difference
    return Quotation(
        key=found.key,
        page=page.span(found.unit.first, found.unit.stop),
        statement=found.text.words.span(found.first, found.stop),
        is_altered=difference is not None,
        grade=difference.grade if difference else None,
        reasons=difference.reasons if difference else (),
        others=found.others,
        outdated=not found.text.is_current,
        words=len(found.unit.words),
    )


def _joined(found: Sequence[Quotation]) -> list[Quotation]:
    """Return quotations with those that follow each other in both texts, word for word, as one."""
    joined: list[Quotation] = []
    for each in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.key == each.key
            and not (last.is_altered or each.is_altered)
            and 0 <= each.statement[0] - last.statement[1] <= t.JOINED_CHARS
            and 0 <= each.page[0] - last.page[1] <= t.JOINED_CHARS
        ):
            joined[-1] = replace(
                last,
                page=(last.page[0], each.page[1]),
                statement=(last.statement[0], each.statement[1]),
                others=tuple(sorted({*last.others} & {*each.others})),
                words=last.words + each.words,
            )
        else:
            joined.append(each)
    return joined
