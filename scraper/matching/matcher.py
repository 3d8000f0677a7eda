"""Search for the statements that a page carries, each by its best fitting revision (pure, over an index)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from scraper.matching import classify, evidence, fingerprints, gaps
from scraper.matching import thresholds as t
from scraper.matching.align import Seeds
from scraper.matching.evidence import Proof
from scraper.matching.fit import Fit
from scraper.matching.model import Match, RevisionKey
from scraper.matching.quotations import QuotationFinder
from scraper.matching.titles import TitleRelation
from scraper.model import Grade, Relation, Span
from scraper.pages import QuotationVerdict
from scraper.text import mojibake
from scraper.text.normalize import key_sha256, word_key, words
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.matching.align import Alignment
    from scraper.matching.classify import Signals
    from scraper.matching.model import Index, IndexedText, PageToMatch
    from scraper.matching.quotations import Quotation
    from scraper.text.mojibake import RepairedText

_ORDER = [Relation.VERBATIM, Relation.EXCERPT, Relation.ALTERED, Relation.SIBLING, Relation.NONE]


class Matcher:
    """Finder of statements in pages, over an index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def trace(self, page: PageToMatch) -> tuple[Match, ...]:
        """Return the statements that the page carries or resembles; see `trace_all`."""
        return self.trace_all(page)[0]

    def trace_all(self, page: PageToMatch) -> tuple[tuple[Match, ...], tuple[Quotation, ...]]:
        """Return the statements that the page carries or resembles, and its quotations of others.

        The statements are in this order: copies first, then by length. Passages are explained one after the other:
        words that one statement explains are not examined again, and are no quotation. Takes time in proportion to the
        page's length and at most `thresholds.MAX_ALIGNMENTS` alignments.
        """
        repaired = mojibake.repair(page.text)
        title = page.title and mojibake.fix_mojibake(page.title)
        if repaired is not None or title != page.title:
            page = replace(page, text=repaired.text if repaired else page.text, title=title)
        tracing = _Tracing(self._index, page)
        matches: list[Match] = []
        while len(matches) < t.MAX_MATCHES and (fits := tracing.next_passage()):
            if (match := tracing.settle(fits)) is not None:
                matches.append(match)
        found = QuotationFinder(self._index).find(tracing.words, tracing.quotable, page.date, tracing.runs)
        matches += tracing.leads(found, matches)
        # What stands on the page once more is no quotation of the statement that it carries, and what an altered copy
        # changed is known.
        carried = {match.key.statement_id for match in matches if match.relation.is_copy}
        altered = {match.key.statement_id for match in matches if match.relation is Relation.ALTERED}
        quotations = tuple(
            each
            for each in found
            if (altered if each.is_altered else carried).isdisjoint((each.key.statement_id, *each.others))
        )
        if repaired is not None:
            matches = [_in_original(match, repaired) for match in matches]
            quotations = tuple(
                replace(each, page=repaired.in_original(Span((0, 0), each.page)).page) for each in quotations
            )
        matches.sort(key=lambda m: (not m.relation.is_copy, -m.chain, _ORDER.index(m.relation), m.key))
        return tuple(matches), quotations


def _in_original(match: Match, repaired: RepairedText) -> Match:
    """Convert a match to spans of the original page. Repaired characters are at least a cosmetic difference."""
    spans = tuple(map(repaired.in_original, match.spans))
    longer = sum(map(_page_chars, spans)) > sum(map(_page_chars, match.spans))
    return replace(match, spans=spans, grade=match.grade or (Grade.COSMETIC if longer else None))


def _weight(keys: Sequence[RevisionKey]) -> float:
    """Return the weight of a fingerprint as evidence: 1 / statements that have it, 0 if they are too many."""
    return 1 / len({key.statement_id for key in keys}) if len(keys) > 1 else float(len(keys))


def _page_chars(span: Span) -> int:
    start, end = span.page
    return end - start


class _Tracing:
    """State of the search in one page: its words shared with the index, and those of them that are explained."""

    def __init__(self, index: Index, page: PageToMatch) -> None:
        self._index = index
        self._page = page
        self.words = Words(page.text)
        self._title_keys = (word_key(page.title),) if page.title else ()
        self.free = bytearray(b"\1" * len(self.words))
        self.quotable = bytearray(self.free)
        self._alignments_left = t.MAX_ALIGNMENTS
        self._tried: set[int] = set()
        self.runs = fingerprints.PageRuns(index, self.words)
        self._hashes = self.runs.hashes
        self._sample = fingerprints.sparse_sample(self._hashes)
        self._sampled = set(self._sample.hashes)
        titles = fingerprints.line_hashes(self.words, page.title) - self._sampled
        postings = self.runs.postings(self._sampled | titles)
        self._hits: dict[RevisionKey, list[int]] = defaultdict(list)
        self._weight: dict[int, float] = dict.fromkeys(self._sampled, 0.0)
        self._titled: set[RevisionKey] = set()
        for value, keys in postings.items():
            if value in titles:
                self._titled.update(keys)
                continue
            self._weight[value] = _weight(keys)
            for key in keys:
                self._hits[key].append(value)
        # No weight is more than 1, and most statements share one run with the page.
        self._candidates = {
            key: values
            for key, values in self._hits.items()
            if len(values) >= t.CANDIDATE_SCORE and sum(map(self._weight.__getitem__, values)) >= t.CANDIDATE_SCORE
        }
        common = sum(not keys for keys in postings.values())
        self._is_template = common >= max(t.TEMPLATE_FINGERPRINTS, len(self._sampled) / 2)
        self._exact = tuple(index.same_words(key_sha256(self.words.wording_key())))

    def next_passage(self) -> list[Fit]:
        """Return the statements that best explain words not yet explained, the best first; empty if none is left."""
        while ranked := self._ranked():
            fits = []
            for score, key in ranked[: t.CANDIDATES]:
                if score < t.CANDIDATE_SHARE * ranked[0][0]:
                    break
                self._tried.add(key.statement_id)
                if (fit := self._best_revision(key)) is not None:
                    fits.append(fit)
            if fits:
                return sorted(fits, key=lambda fit: (-fit.net, fit.key))
        return []

    def settle(self, fits: Sequence[Fit]) -> Match | None:
        """Choose the match of a passage and mark its words as explained; return None if no candidate is a match."""
        found = sorted([*fits, *self._nearer(fits)], key=lambda fit: (-fit.net, fit.key))
        rivals = [*found, *self._twins(found[0])]
        chosen = self._preferred([fit for fit in rivals if not fit.is_of_another(rivals)])
        if chosen.verdict.relation is Relation.NONE:
            return None
        self._explain(chosen)
        others = [fit for fit in rivals if fit.key.statement_id != chosen.key.statement_id]
        self._tried.difference_update(fit.key.statement_id for fit in others)  # they may match elsewhere on the page
        is_old = chosen.verdict.relation.is_copy and not chosen.text.is_current
        old = (f"this is revision {chosen.key.revision}, which State has replaced",) if is_old else ()
        return Match(
            key=chosen.key,
            relation=chosen.verdict.relation,
            coverage=round(chosen.verdict.coverage, 4),
            fidelity=round(chosen.verdict.fidelity, 4),
            grade=chosen.grade,
            differences=chosen.reasons,
            spans=gaps.spans(chosen.text.words, self.words, chosen.reading.passages),
            chain=sum(run.length for run in chosen.alignment.chain),
            runner_up=others[0].key if others else None,
            evidence=(*chosen.verdict.evidence, *old),
            outdated=is_old,
        )

    def leads(self, quotations: Sequence[Quotation], matches: Sequence[Match]) -> list[Match]:
        """Return the copies among passages that were found as quotations: whole beginnings of other statements.

        Those of call readouts share all but a name with dozens of others, so that the sample has too little of them.
        """
        found, known = list[Match](), {match.key.statement_id for match in matches}
        for each in quotations:
            if len(matches) + len(found) >= t.MAX_MATCHES or self._alignments_left <= 0:
                break
            mentioned = {each.key.statement_id, *each.others}
            if each.verdict is not QuotationVerdict.VERBATIM or not each.has_all_others:
                continue
            if mentioned & known or len(mentioned) > t.MAX_TWINS:
                continue
            if not self._is_opening(each.key, each.statement[0]) or (fit := self._fullest(each)) is None:
                continue
            known.add(fit.key.statement_id)
            if fit.verdict.relation in {Relation.VERBATIM, Relation.EXCERPT}:
                found += filter(None, [self.settle([fit])])
        return found

    def _fullest(self, quotation: Quotation) -> Fit | None:
        """Return the fit of the statement that has more words around a quotation than all others that have it."""
        current = self._index.sources(quotation.others)
        keys = [quotation.key, *(RevisionKey(other, revision) for other, (_, revision) in current.items())]
        fits = [fit for key in keys if (fit := self._fit(key, is_own=True)) is not None]
        best = max(fits, key=lambda fit: fit.net, default=None)
        if best is None or [fit.net for fit in fits].count(best.net) > 1:
            return None
        first = best.alignment.chain[0]
        return best if self._is_opening(best.key, best.text.words.span(first.source, first.source_end)[0]) else None

    def _is_opening(self, key: RevisionKey, start: int) -> bool:
        """Return True if what starts at a character begins a statement, or follows one line, which attributes it."""
        return "\n" not in self._index.text(key).words.text[:start].strip()

    def _ranked(self) -> list[tuple[float, RevisionKey]]:
        """Return the best candidate of each statement not tried yet, best first; empty if no alignments are left."""
        if self._alignments_left <= 0:
            return []
        scores = self._scores()
        if all(self.free):  # no match so far
            scores |= {key: float(len(self.words)) for key in self._exact if key.statement_id not in self._tried}
            for key in self._titled:
                if key.statement_id not in self._tried:
                    scores[key] = scores.get(key, 0.0) + t.TITLE_WEIGHT
            if not scores and self._is_template:
                scores |= {
                    key: score for key, score in self._full_scores.items() if key.statement_id not in self._tried
                }
        best: dict[int, tuple[float, RevisionKey]] = {}
        for key, score in scores.items():
            best[key.statement_id] = max(best.get(key.statement_id, (0.0, key)), (score, key))
        return sorted(best.values(), key=lambda entry: (-entry[0], entry[1]))

    def _scores(self) -> dict[RevisionKey, float]:
        """Return the sum of 1 / statements over shared fingerprints in words not yet explained, for each candidate."""
        free = self._unexplained()
        scores: dict[RevisionKey, float] = {}
        for key, values in self._candidates.items():
            if key.statement_id in self._tried:
                continue
            score = sum(self._weight[value] for value in values if value in free)
            if score >= t.CANDIDATE_SCORE:
                scores[key] = score
        return scores

    @cached_property
    def _full_scores(self) -> dict[RevisionKey, float]:
        """Scores by all runs of four words, not only the sampled ones, for a page of template text."""
        scores: dict[RevisionKey, float] = defaultdict(float)
        postings = self.runs.postings(self._hashes)
        for value in set(self._hashes):
            keys = postings.get(value, ())
            for key in keys:
                scores[key] += 1 / len(keys)
        best = sorted(scores, key=lambda key: (-scores[key], key))[: t.CANDIDATES]
        return {key: scores[key] for key in best if scores[key] >= t.CANDIDATE_SCORE}

    def _unexplained(self) -> set[int]:
        """Return the fingerprints that stand, in at least one place, in words none of which is explained."""
        if all(self.free):
            return self._sampled
        free = [0, *accumulate(self.free)]
        return {
            value
            for value, place in zip(*self._sample, strict=True)
            if free[place + t.SHINGLE_WORDS] - free[place] == t.SHINGLE_WORDS
        }

    def _best_revision(self, first: RevisionKey) -> Fit | None:
        """Return the revision of a candidate's statement that fits the page best; of several, the current one."""
        rivals = [key for key in self._hits if key.statement_id == first.statement_id] or [first]
        ordered = sorted(rivals, key=lambda key: (-len(self._hits.get(key, ())), -key.revision))[: t.MAX_REVISIONS]
        fits = [fit for key in ordered if (fit := self._fit(key)) is not None]
        # A wording is not preferred for lacking the words that the page lacks, unless the page has the whole wording.
        return max(
            fits,
            key=lambda fit: (fit.net, fit.verdict.relation is Relation.VERBATIM, fit.text.is_current, fit.key),
            default=None,
        )

    def _twins(self, fit: Fit) -> list[Fit]:
        """Return the fits of other statements, or other titles, that have the same wording."""
        keys = [key for key in self._index.same_words(fit.text.digest) if key != fit.key]
        return [twin for key in keys[: t.CANDIDATES] if (twin := self._fit(key)) is not None]

    def _nearer(self, fits: Sequence[Fit]) -> list[Fit]:
        """Return the fits of statements that have the words in which the best one differs from the page.

        Of many statements that differ in an amount only, most candidates for one page are as likely as the right one.
        """
        changes = fits[0].reading.changes
        if not changes or len(changes) > t.MAX_TWIN_CHANGES:
            return []
        around = [
            self._hashes[max(0, change.page - t.SHINGLE_WORDS + 1) : change.page_end]
            for change in changes
            if change.page_end
        ]
        postings = self.runs.postings(value for values in around for value in values)
        votes = Counter(
            key for values in around for key in {key for value in values for key in postings.get(value, ())}
        )
        known = {fit.key.statement_id for fit in fits}
        likely = sorted((key for key in votes if key.statement_id not in known), key=lambda key: (-votes[key], key))
        return [fit for key in likely[: t.MAX_TWINS] if (fit := self._fit(key)) is not None]

    def _fit(self, key: RevisionKey, *, is_own: bool = False) -> Fit | None:
        self._alignments_left -= 1
        text = self._index.text(key)
        hashes = fingerprints.all_hashes(text.words.packed)
        alignment = self._seeds.align(text.words, hashes, self.free, words(text.title))
        if not classify.is_worth_reading(alignment.matched, len(text.words), 1.0):
            return None
        signals = classify.read_signals(text, self._page, self.words, alignment)
        proof = Proof(self._rarity(text, hashes, alignment, signals), is_own)
        if not classify.is_worth_reading(alignment.matched, len(text.words), proof.rarity):
            return None
        has_title = signals.title is not TitleRelation.UNKNOWN
        titles = (word_key(text.title), *self._title_keys)
        reading = gaps.read(text.words, self.words, alignment, titles, has_title=has_title)
        grade, reasons = gaps.differences(text.words, self.words, reading)
        verdict = classify.classify(text, alignment, reading, reasons, proof, signals)
        return Fit(key, text, alignment, reading, signals, verdict, grade, reasons)

    @cached_property
    def _seeds(self) -> Seeds:
        """The page as it is aligned with statements; most pages share too little with any."""
        return Seeds(self.words, self._hashes)

    @cached_property
    def _quoted(self) -> bytearray:
        """The words of the page in quotation marks; most pages have no statement, and need none of it."""
        return evidence.quoted(self.words)

    def _rarity(self, text: IndexedText, hashes: Sequence[int], alignment: Alignment, signals: Signals) -> float:
        """Return the share of proof in the words that a statement shares with the page, from 0 to 1."""
        weights = self._weights(fingerprints.winnow(hashes))
        if signals.is_named:
            return evidence.rarity(hashes, weights, b"", has_opening=True)
        opening = evidence.has_opening(text.words, alignment)
        if not opening and evidence.is_closing_block(text.words, self.words, alignment):
            return 0.0
        mask = evidence.unproven(text.words, self._quoted, alignment)
        return evidence.rarity(hashes, weights, mask, has_opening=opening)

    def _weights(self, kept: set[int]) -> dict[int, float]:
        """Return the weights of the fingerprints of a statement that the page has.

        Those of the sample are known. A short passage may have few in it: which ones would be chance, so that all of
        them are looked up.
        """
        shared = {value: self._weight[value] for value in kept & self._sampled}
        if len(shared) < t.RARITY_FINGERPRINTS and (others := kept.intersection(self._hashes) - self._sampled):
            postings = self.runs.postings(others)
            shared |= {value: _weight(postings.get(value, ())) for value in others}
        return shared

    def _preferred(self, fits: Sequence[Fit]) -> Fit:
        """Choose among the fits that explain the passage about equally well: a copy, a named one, then the nearest."""
        related = [fit for fit in fits if fit.verdict.relation is not Relation.NONE] or fits
        top = related[0].net
        tied = [fit for fit in related if fit.net >= top - max(1.0, t.TIE_SHARE * top)]

        def rank(fit: Fit) -> tuple[bool, bool, float, bool, float, RevisionKey]:
            named = fit.signals.is_named
            is_copy = fit.verdict.relation.is_copy
            return (not is_copy, not named, fit.signals.points, not fit.text.is_current, -fit.net, fit.key)

        return min(tied, key=rank)

    def _explain(self, fit: Fit) -> None:
        for passage in fit.reading.passages:
            self.free[passage.page : passage.page_end] = bytes(passage.page_end - passage.page)
            # What another text shares with a statement, without being of its kind, it may quote.
            if not fit.verdict.is_short:
                self.quotable[passage.page : passage.page_end] = bytes(passage.page_end - passage.page)
        repeated = fit.alignment.repeated
        if sum(run.length for run in repeated) >= t.REPEATED_SHARE * fit.alignment.matched:
            for run in repeated:
                self.free[run.page : run.page_end] = bytes(run.length)
                self.quotable[run.page : run.page_end] = bytes(run.length)
