"""Search for sentences of statements that a page quotes: each with the wording it is from, and what it alters (pure).

Every unit of the page (see `quotation_units`) is looked up by the hashes of its runs of four words. A statement that
has all of its words in a row is quoted word for word. Otherwise the unit is aligned with the statements that share
most: cuts and changes of tense or person are quoting, any other difference is an alteration. An alteration is an
accusation, so that it needs most of the sentence in order, few differences, and words that no other statement has.
Of several revisions with the statement's words, the current one is quoted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, pairwise
from typing import NamedTuple

from scraper.matching import fingerprints, quotation_hits
from scraper.matching import thresholds as t
from scraper.matching.model import Index, IndexedText, RevisionKey
from scraper.matching.quick_checks import has_text, has_words, may_align
from scraper.matching.quotation_alignment import QuotedUnit, align_unit, count_words, is_grounded, shared_blocks
from scraper.matching.quotation_hits import Hits
from scraper.matching.quotation_units import Unit, units
from scraper.model import Grade, Reason
from scraper.pages import QuotationVerdict
from scraper.text import diff
from scraper.text.tokens import Words

_UNALTERED = (QuotationVerdict.VERBATIM, QuotationVerdict.FITTED)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Passage of a page that quotes a statement.

    `page` and `statement` are spans of characters in the two texts. `reasons` are the differences, none if it is
    verbatim; `is_spelling` if the words are the same, and some are written otherwise. `others` are the other
    statements that have the same words; `has_all_others` is False if a page had too many quotations to find them all.
    """

    key: RevisionKey
    page: tuple[int, int]
    statement: tuple[int, int]
    verdict: QuotationVerdict
    grade: Grade | None
    reasons: tuple[Reason, ...]
    others: tuple[int, ...]
    outdated: bool
    words: int
    is_spelling: bool = False
    has_all_others: bool = True

    @property
    def is_altered(self) -> bool:
        """True if it has a difference that is no fitting."""
        return self.verdict is QuotationVerdict.ALTERED


class QuotationFinder:
    """Finder of quotations in pages, over an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._texts_left = self._others_left = 0

    def find(
        self,
        page: Words,
        free: bytes | bytearray,
        date: datetime | None,
        runs: fingerprints.PageRuns | None = None,
        *,
        is_asked: bool = False,
    ) -> tuple[Quotation, ...]:
        """Return the quotations of a page in the words for which `free`, one byte for each word, is 1, in order.

        `date` is that of the page: of several statements with the same words, the last one before it is quoted. At most
        `thresholds.MAX_QUOTE_TEXTS` revisions are read, for quotations in quotation marks first. `runs` are those of
        the page, if they are known. `is_asked`: a person asks about the words, and nothing is reported; then a similar
        sentence is found too, where there is not enough ground for an alteration.
        """
        runs = runs or fingerprints.PageRuns(self._index, page)
        self._texts_left, self._others_left = t.MAX_QUOTE_TEXTS, t.MAX_OTHER_TEXTS
        found_units = (replace(unit, is_asked=True) if is_asked else unit for unit in units(page, free))
        wanted = [(unit, *_runs_of(unit, page, runs)) for unit in found_units]
        postings = runs.postings(chain.from_iterable(values for _, _, values in wanted))
        found = list[QuotedUnit]()
        for unit, packed, values in wanted:
            if self._texts_left <= 0:
                break
            is_again = bool(found) and found[-1].unit.first == unit.first
            if postings.keys().isdisjoint(values) or (is_again and not found[-1].is_altered):
                continue
            hits = Hits(values, postings)
            if hits.places and (one := self._quoted(page, unit, packed, hits, date)) is not None:
                if is_again:
                    found.pop()
                found.append(one)
        found.sort(key=lambda each: each.unit.first)
        supported = {each.key.statement_id for each in found if each.verdict is not QuotationVerdict.ALTERED}
        kept = list[QuotedUnit]()
        for each in found:
            if is_grounded(each, is_supported=each.key.statement_id in supported):
                kept.append(each)
            elif is_asked:
                kept.append(replace(each, verdict=QuotationVerdict.SIMILAR))
        return tuple(_joined([_quotation(page, each) for each in kept]))

    def _quoted(self, page: Words, unit: Unit, packed: bytes, hits: Hits, date: datetime | None) -> QuotedUnit | None:
        if (exact := self._exact(page, unit, packed, hits, date)) is not None:
            return exact
        if unit.is_asked:
            likely, most = hits.with_at_least(1), t.EXACT_CANDIDATES
        else:
            likely, most = quotation_hits.likely(unit, hits), t.QUOTED_CANDIDATES
        likely.sort(key=lambda key: (-hits.weight(key), *_newest_first(key)))
        aligned = [self._aligned(page, unit, packed, hits, key) for key in likely[:most]]
        found = [each for each in aligned if each is not None]
        if not found:
            return None
        best = min(found, key=lambda each: (each.is_altered, _size(each.difference), *_newest_first(each.key)))
        # Others may have the statement's words, too.
        source, (first, stop) = best.text.words, (best.first, best.stop)
        sought = _Sought(source.packed[8 * first : 8 * stop], frozenset(), frozenset(source.keys[first:stop]))
        place = self._named(sought, hits.with_runs_of(best.key), date, t.EXACT_CANDIDATES) or self._named(
            sought, [best.key], date, 1
        )
        return replace(best, **place._asdict()) if place else best

    def _text(self, key: RevisionKey) -> IndexedText:
        self._texts_left -= 1
        return self._index.text(key)

    def _exact(self, page: Words, unit: Unit, packed: bytes, hits: Hits, date: datetime | None) -> QuotedUnit | None:
        """Return the revision that has all words of a unit in a row, apart from what the page says that it cut.

        See `_named`.
        """
        rare = hits.rare(fingerprints.guaranteed(hits.values, unit.cuts))
        likely = hits.with_all(rare) if rare else hits.with_most()
        if not likely:
            return None
        sought = _Sought(packed, unit.cuts, frozenset(page.keys[at] for at in unit.words))
        place = self._named(sought, likely, date, t.EXACT_CANDIDATES if rare else t.QUOTED_CANDIDATES)
        return QuotedUnit(unit, **place._asdict()) if place else None

    def _named(
        self, sought: "_Sought", likely: Collection[RevisionKey], date: datetime | None, most: int
    ) -> "_Place | None":
        """Return the place of words in the revision that is named for them; None if it is not among those read.

        Of several it is one of the last statement before a date, its current one if that has the words; see `_rank`. At
        most `most` are read for it.
        """
        sources = self._index.sources({key.statement_id for key in likely})
        ranked = sorted(likely, key=lambda key: _rank(key, *sources[key.statement_id], date))
        for key in ranked[:most]:
            if (place := self._place(sought, key)) is not None:
                # The index leaves a revision out whose words it has from another one.
                current = RevisionKey(key.statement_id, sources[key.statement_id][1])
                if current not in likely:
                    place = self._place(sought, current) or place
                others, has_all = self._others(place, sought, likely)
                return place._replace(others=others, has_all_others=has_all)
        return None

    def _place(self, sought: "_Sought", key: RevisionKey) -> "_Place | None":
        text = self._text(key)
        found = _locate(text.words, sought) if has_words(text.words.text, sought.keys) else None
        return _Place(key, text, *found) if found else None

    def _others(
        self, found: "_Place", sought: "_Sought", likely: Iterable[RevisionKey]
    ) -> tuple[tuple[int, ...], bool]:
        """Return the other statements that have words in a row, and True if these are all."""
        written, others = found.text.words.written(found.first, found.stop), set[int]()
        for key in sorted(likely):
            if key.statement_id in {found.key.statement_id, *others}:
                continue
            if self._others_left <= 0:
                return tuple(sorted(others)), False
            self._others_left -= 1
            words = self._index.text(key).words
            # Most have them written alike, and need not be cut into words.
            if has_text(words.text, written) or (
                has_words(words.text, sought.keys) and _locate(words, sought) is not None
            ):
                others.add(key.statement_id)
        return tuple(sorted(others)), True

    def _aligned(self, page: Words, unit: Unit, packed: bytes, hits: Hits, key: RevisionKey) -> QuotedUnit | None:
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


class _Sought(NamedTuple):
    """Words in a row, packed and as a set; before the places in `cuts` a statement may have others."""

    packed: bytes
    cuts: frozenset[int]
    keys: frozenset[str]


class _Place(NamedTuple):
    """Words [first, stop) of a revision, and the other statements that have them; see `Quotation`."""

    key: RevisionKey
    text: IndexedText
    first: int
    stop: int
    others: tuple[int, ...] = ()
    has_all_others: bool = True


def _locate(source: Words, sought: _Sought) -> tuple[int, int] | None:
    """Return the words [first, stop) of a statement that has words in a row, or None."""
    bounds = [0, *sorted(sought.cuts), len(sought.packed) // 8]
    first, at = -1, 0
    for start, stop in pairwise(bounds):
        place = fingerprints.find(source.packed, sought.packed[8 * start : 8 * stop], at)
        if place < 0:
            return None
        first, at = place if first < 0 else first, place + stop - start
    return first, at


def _rank(
    key: RevisionKey, published: datetime | None, current: int, date: datetime | None
) -> tuple[bool, float, bool, int, RevisionKey]:
    """Return the sort key of a source: the last one before a date, the first one if there is none; its last wording."""
    is_later, age = False, 0.0
    if published is not None:
        is_later = date is not None and published > date + t.DATE_BEFORE
        age = abs((date - published).total_seconds()) if date else published.timestamp()
    return is_later, age, key.revision != current, -key.revision, key


def _newest_first(key: RevisionKey) -> tuple[int, int]:
    return key.statement_id, -key.revision


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
        verdict=found.verdict,
        grade=difference.grade if difference else None,
        reasons=difference.reasons if difference else (),
        others=found.others,
        outdated=not found.text.is_current,
        words=len(found.unit.words),
        is_spelling=difference is not None and difference.is_spelling,
        has_all_others=found.has_all_others,
    )


def _joined(found: Sequence[Quotation]) -> list[Quotation]:
    """Return quotations with those that follow each other in both texts, unaltered, as one."""
    joined: list[Quotation] = []
    for each in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.key == each.key
            and last.verdict in _UNALTERED
            and each.verdict in _UNALTERED
            and 0 <= each.statement[0] - last.statement[1] <= t.JOINED_CHARS
            and 0 <= each.page[0] - last.page[1] <= t.JOINED_CHARS
        ):
            joined[-1] = replace(
                last,
                page=(last.page[0], each.page[1]),
                statement=(last.statement[0], each.statement[1]),
                others=tuple(sorted({*last.others} & {*each.others})),
                words=last.words + each.words,
                verdict=max(last.verdict, each.verdict, key=_UNALTERED.index),
                grade=max(last.grade, each.grade, key=lambda grade: grade.rank if grade else -1),
                reasons=tuple(dict.fromkeys((*last.reasons, *each.reasons))),
                is_spelling=_has_spelling_only(last, each),
                has_all_others=last.has_all_others and each.has_all_others,
            )
        else:
            joined.append(each)
    return joined


def _has_spelling_only(*found: Quotation) -> bool:
    different = [each.is_spelling for each in found if each.reasons]
    return bool(different) and all(different)
