"""Decision on the relation of a page to a revision: verbatim, excerpt, altered copy, sibling or none (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from scraper import urls
from scraper.matching import thresholds as t
from scraper.matching.align import count_beyond
from scraper.matching.joined_words import is_lead_in
from scraper.matching.titles import TitleRelation, compare_title_lines, compare_titles
from scraper.model import Relation
from scraper.text import lexicon, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scraper.matching.align import Alignment
    from scraper.matching.evidence import Proof
    from scraper.matching.gaps import GapReading
    from scraper.matching.model import IndexedText, PageToMatch
    from scraper.model import Reason
    from scraper.text.tokens import Words

_NAMING = frozenset({"name", "number", "date", "time", "title of office"})
_SHORTFALL = {
    Relation.NONE: "too few shared words for a copy",
    Relation.SIBLING: "too many differences for a copy",
}
_QUOTES = frozenset('"“”«»„‟＂')


@dataclass(frozen=True, slots=True)
class Signals:
    """Evidence for or against a page being this statement, apart from the words that differ.

    `title` is the relation of `page_title`, the page's title or a line that may be one, to the statement's title.
    `is_beyond_title`: more is found than the title's own words. `is_named`: the statement's title, or a claim, names
    it. `is_lead`: the passage is the statement's beginning. `is_block`: it stands by itself or in quotation marks.
    `points` count for a sibling; their reasons are in `evidence`.
    """

    title: TitleRelation
    page_title: str
    is_beyond_title: bool
    is_named: bool
    is_lead: bool
    is_block: bool
    points: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchVerdict:
    """Relation with its measures and the reasons for it.

    `is_short`: the page shares too few words with the statement to be a text of its kind.
    """

    relation: Relation
    coverage: float
    fidelity: float
    evidence: tuple[str, ...]
    is_short: bool = False


def read_signals(statement: IndexedText, page: PageToMatch, words: Words, alignment: Alignment) -> Signals:
    """Read the signals of title, date, claim and place. The alignment must not be empty."""
    first = alignment.chain[0]
    title, page_title, is_own = _title(statement, page, words, first.page)
    claimed = _claimed(statement, page)
    points, evidence = 0.0, list[str]()
    for value, reason in (
        _title_points(title, is_own=is_own),
        _date_points(statement, page),
        (t.POINTS_CLAIM, "the page names the statement as its source") if claimed else (0.0, ""),
    ):
        points += value
        if reason:
            evidence.append(reason)
    # "The Department said that" and denials do not make the sentence after them a part of other prose.
    opening = words.sentence_start(first.page, first.page - t.MAX_CHANGE_WORDS)
    if not (statement.words.opens_sentence(first.source) and is_lead_in(words.keys[opening : first.page])):
        opening = first.page
    starts_block = words.opens_line(opening) or bool(_QUOTES & set(words.gap(first.page)))
    is_lead = first.source == 0 or statement.words.opens_line(first.source)
    is_beyond = _goes_beyond_title(statement, alignment)
    is_named = title is TitleRelation.SAME and is_beyond
    return Signals(title, page_title, is_beyond, is_named or claimed, is_lead, starts_block, points, tuple(evidence))


def is_worth_reading(matched: int, total: int, rarity: float) -> bool:
    """Return True if so many equal words can be any other relation than `NONE`."""
    return matched >= t.WORDS_NAMED or (matched > 0 and matched >= total) or matched * rarity >= t.STRENGTH_NAMED


def classify(
    statement: IndexedText,
    alignment: Alignment,
    reading: GapReading,
    reasons: Sequence[Reason],
    proof: Proof,
    signals: Signals,
) -> MatchVerdict:
    """Decide the relation of a page to one revision.

    The text decides if it can; if words differ, their kind and the signals decide.
    """
    total = len(statement.words)
    matched = min(total, alignment.matched + reading.same)
    coverage = matched / total
    joined = sum(change.size for change in reading.glued)
    changed = sum(change.size for change in reading.changes) + joined
    fidelity = matched / (matched + changed)
    strength = matched * proof.rarity
    evidence = list(signals.evidence)
    similar = Relation.SIBLING if coverage >= t.COVERAGE_SIBLING else Relation.NONE

    def verdict(relation: Relation, *more: str) -> MatchVerdict:
        return MatchVerdict(relation, coverage, fidelity, (*evidence, *more))

    is_kept = not (changed or reading.moved)
    if is_kept and not reading.blocks and matched == total and (signals.is_named or total >= t.SHORT_STATEMENT_WORDS):
        return verdict(Relation.VERBATIM, "every word of the statement is on the page")
    longest = max(run.length for run in (*alignment.chain, *alignment.moved))
    is_long = coverage >= t.COVERAGE_ALTERED or longest >= t.RUN_WORDS
    if not is_long or not _is_enough(strength, matched, coverage, signals, reading, is_own=proof.is_own):
        found = verdict(similar if strength >= t.STRENGTH_LEAD else Relation.NONE, _SHORTFALL[Relation.NONE])
        return replace(found, is_short=True)
    points = signals.points
    for value, reason in _wording_points(statement, reading, reasons, signals):
        points += value
        evidence.append(reason)
    if points >= t.SIBLING_POINTS:
        return verdict(similar, "another text of the same kind")
    if changed == joined > 0 and not (reading.moved or reading.exchanged):
        return verdict(Relation.ALTERED, f"{normalize.count(joined, 'word')} joined to the sentences of the passage")
    if is_kept and not reading.exchanged:
        return verdict(Relation.EXCERPT, f"{matched} of {total} words, word for word")
    if _is_altered(coverage, fidelity, signals):
        return verdict(
            Relation.ALTERED,
            f"{normalize.count(changed + reading.replaced, 'different word')} in or between the shared passages",
        )
    return verdict(similar, _SHORTFALL[similar])


def _is_enough(
    strength: float, matched: int, coverage: float, signals: Signals, reading: GapReading, *, is_own: bool
) -> bool:
    if not signals.is_beyond_title:
        return False
    opens = signals.is_lead and signals.is_block
    if signals.is_named:
        return matched >= t.WORDS_NAMED and (opens or strength >= t.STRENGTH_NAMED)
    # Only whole lines of the statement's beginning: no other text of its kind begins and ends so.
    is_clean = opens and not (reading.changes or reading.replaced or reading.beside)
    if is_clean and is_own and matched >= t.WORDS_NAMED:
        return True
    if is_clean or coverage >= t.COVERAGE_WHOLE:
        return matched >= t.WORDS_NAMED and strength >= t.STRENGTH_NAMED
    if signals.is_block:
        return strength >= (t.STRENGTH_LEAD if signals.is_lead else t.STRENGTH_BLOCK)
    return strength >= t.STRENGTH_BARE and coverage >= t.COVERAGE_BARE


def _is_altered(coverage: float, fidelity: float, signals: Signals) -> bool:
    if coverage >= t.COVERAGE_ALTERED:
        return fidelity >= (t.FIDELITY_ALTERED_NAMED if signals.is_named else t.FIDELITY_ALTERED)
    return fidelity >= t.FIDELITY_PART and signals.is_named


def _wording_points(
    statement: IndexedText, reading: GapReading, reasons: Sequence[Reason], signals: Signals
) -> Iterator[tuple[float, str]]:
    """Yield points for a sibling from the differing words themselves, each with its reason."""
    total = len(statement.words)
    if (mark := _edition(reasons)) is not None:
        yield t.POINTS_EDITION, f"a mark of another edition: {mark}"
    if _replaces_name(reasons):
        yield t.POINTS_NAME, "a name, a number or a date differs"
    if signals.title is TitleRelation.OTHER_NAME and (renamed := _renamed(statement, signals.page_title, reasons)):
        yield t.POINTS_RENAMED, f"the title and the text name another: {renamed}"
    sizes = [change.size for change in reading.changes]
    short = [size for size in sizes if size <= t.SCATTERED_WORDS]
    if rewritten := sum(sizes) - sum(short) + reading.replaced:
        points = min(t.MAX_POINTS_REWRITTEN, t.POINTS_PER_REWRITTEN * rewritten / total)
        yield points, f"{normalize.count(rewritten, 'word')} in rewritten phrases or replaced sentences"
    if reading.exchanged:
        yield t.POINTS_EXCHANGED, "other sentences are between the shared passages"
    if signals.is_named and reading.supplanted:
        yield t.POINTS_SUPPLANTED * reading.supplanted, "other sentences are where the statement begins or ends"
    if len(short) >= t.SCATTERED_CHANGES and sum(short) >= t.SCATTERED_SHARE * (sum(short) + rewritten):
        yield t.POINTS_SCATTERED, "single words are changed throughout"


def _replaces_name(reasons: Iterable[Reason]) -> bool:
    """Return True if a name, a number or a date gave way to another; words put into it or left out replace nothing."""
    for reason in reasons:
        before, after = set(normalize.words(reason.before)), set(normalize.words(reason.after))
        if reason.label in _NAMING and before - after and after - before:
            return True
    return False


def _renamed(statement: IndexedText, page_title: str, reasons: Iterable[Reason]) -> str | None:
    """Return the first name of the statement's title that the page replaces by one of its title, in the text too."""
    ours, theirs = set(normalize.words(statement.title)), set(normalize.words(page_title))
    for reason in reasons:
        before, after = set(normalize.words(reason.before)), set(normalize.words(reason.after))
        if reason.label == "name" and before & (ours - theirs) and after & (theirs - ours):
            return f"{reason.before} → {reason.after}"
    return None


def _edition(reasons: Iterable[Reason]) -> str | None:
    """Return the first year or ordinal that replaces another year or ordinal."""
    for reason in reasons:
        if reason.label not in {"date", "ordinal"}:
            continue
        before, after = _edition_marks(reason.before), _edition_marks(reason.after)
        if before and after and not before & after:
            return f"{reason.before} → {reason.after}"
    return None


def _edition_marks(phrase: str) -> set[str]:
    return {w for w in normalize.words(phrase) if lexicon.YEAR.fullmatch(w) or lexicon.number_kind(w, "") == "ordinal"}


def _title(statement: IndexedText, page: PageToMatch, words: Words, first: int) -> tuple[TitleRelation, str, bool]:
    """Compare the page's own title, else the lines before the passage.

    Return the relation, the deciding line, and True if it is the page's title, or another edition's right before the
    passage.
    """
    if page.title:
        found = compare_titles(statement.title, page.title, statement.published_at)
        if found is not TitleRelation.UNKNOWN:
            return found, page.title, True
    start = max(0, first - t.TITLE_REACH_WORDS)
    if start == first:
        return TitleRelation.UNKNOWN, "", False
    begin, end = words.span(start, first)
    lines = list(filter(str.strip, words.text[begin:end].splitlines()))[-t.TITLE_REACH_LINES :]
    found, line = compare_title_lines(statement.title, reversed(lines), statement.published_at)
    is_own = line in lines[-t.TITLE_NEAR_LINES :] and not line.rstrip().endswith(".")
    return found, line, is_own and found is TitleRelation.OTHER_EDITION


def _goes_beyond_title(statement: IndexedText, alignment: Alignment) -> bool:
    """Return True if more is found than runs of words from the title, which a list of titles has as well."""
    title, keys = normalize.words(statement.title), statement.words.keys
    if alignment.matched == len(keys):
        return True
    runs = (keys[run.source : run.source_end] for run in (*alignment.chain, *alignment.moved))
    return any(found >= t.WORDS_BEYOND_TITLE for found in accumulate(count_beyond(run, title) for run in runs))


def _title_points(title: TitleRelation, *, is_own: bool) -> tuple[float, str]:
    share = 1.0 if is_own else t.SHARE_TITLE_LINE
    points = {
        TitleRelation.SAME: t.POINTS_TITLE_SAME,
        TitleRelation.OTHER_EDITION: t.POINTS_TITLE_EDITION if is_own else t.POINTS_LINE_EDITION,
        TitleRelation.OTHER_NAME: share * t.POINTS_TITLE_NAME,
        TitleRelation.UNKNOWN: 0.0,
    }[title]
    return points, "" if title is TitleRelation.UNKNOWN else title.value


def _date_points(statement: IndexedText, page: PageToMatch) -> tuple[float, str]:
    if page.date is None or statement.published_at is None:
        return 0.0, ""
    later = page.date - statement.published_at
    if later < -t.DATE_BEFORE:
        return t.POINTS_DATE_BEFORE, f"the page is {normalize.count(-later.days, 'day')} older than the statement"
    if later <= t.DATE_NEAR:
        return t.POINTS_DATE_NEAR, "the page is of the statement’s days"
    if later >= t.DATE_FAR:
        return t.POINTS_DATE_FAR, f"the page is {normalize.count(later.days, 'day')} younger than the statement"
    return 0.0, f"the page is {normalize.count(later.days, 'day')} younger than the statement"


def _claimed(statement: IndexedText, page: PageToMatch) -> bool:
    """Return True if the page has a claim that names this statement."""
    claim = page.claim
    if claim is None:
        return False
    if claim.url and statement.url:
        number = urls.post_number(claim.url)
        if urls.path(claim.url).rstrip("/") == urls.path(statement.url).rstrip("/") != "":
            return True
        if number and number == urls.post_number(statement.guid):
            return True
    if not claim.title:
        return False
    return compare_titles(statement.title, claim.title, statement.published_at) is TitleRelation.SAME
