"""Report of a trace for people: the verdict in a sentence, and the matches with what differs, for terminal and page."""

from dataclasses import dataclass

from scraper.matching.model import KnownTexts, Match
from scraper.matching.quotations import Quotation
from scraper.model import Relation, Statement
from scraper.pages import QuotationVerdict
from scraper.pipeline.page_trace import PageTrace
from scraper.store import Store
from scraper.text import diff
from scraper.text.diff import Difference
from scraper.text.tokens import Words

_VERDICTS = {
    Relation.VERBATIM: "This is State's statement, word for word.",
    Relation.EXCERPT: "This is part of State's statement, word for word.",
    Relation.ALTERED: "This is State's statement with changed wording.",
    Relation.TRANSLATED: (
        "This names State's statement as its source, in another language; its wording is not compared."
    ),
    Relation.QUOTED: "This quotes State, but is no statement of State's.",
    Relation.SIBLING: "This has words of a statement of State's, but differs too much to be a copy of it.",
    Relation.UNSOURCED: "This names State as its author, but no known statement has its text.",
    Relation.NONE: "This contains no known statement of State's.",
}
_QUOTED_OTHERWISE = "This quotes a statement of State's with other words."
_QUOTED_IN_PART_OTHERWISE = "This quotes State, in part with other words than State's."
_WORD_FOR_WORD = "State said {}, word for word."
_SPELLED_OTHERWISE = "State said {}, with the same words in another spelling."
_FITTED = "State said {}, but not word for word: words are changed or left out as in reported speech."
_NEAREST = "No known statement has these words. This is the nearest sentence, and what differs."
_NO_SENTENCE = "No known statement has these words."
_REPLACED = " State has since replaced that wording."
_WORDS = {Relation.SIBLING: "similar text", Relation.NONE: "no statement"}
_MAX_QUOTES = 5


def relation_words(relation: Relation) -> str:
    """Return a relation in words for people."""
    return _WORDS.get(relation, relation.value)


@dataclass(frozen=True, slots=True)
class TextChange:
    """Two texts that differ, and the difference."""

    before: str
    after: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class MatchReport:
    """Match with its statement.

    `by_state` is the change by State since the wording that was found, if it is outdated; `by_page` are the passages
    that the page has changed.
    """

    match: Match
    statement: Statement
    by_state: TextChange | None
    by_page: tuple[TextChange, ...]


@dataclass(frozen=True, slots=True)
class QuotationReport:
    """Quotation with its statement: the page's words, and those of the statement."""

    found: Quotation
    statement: Statement
    quote: str
    wording: str


@dataclass(frozen=True, slots=True)
class TraceReport:
    """Report of a trace.

    `claims` are URLs that the page names as its source, with True if a statement is known there; `via` are the
    publishers between that it names, `quotes` its words about its source.
    """

    verdict: str
    matches: tuple[MatchReport, ...]
    quotations: tuple[QuotationReport, ...]
    claims: tuple[tuple[str, bool], ...]
    via: tuple[str, ...]
    quotes: tuple[str, ...]


def report(store: Store, done: PageTrace) -> TraceReport:
    """Return the report of a trace. What the page only resembles is left out beside copies and quotations."""
    attribution, has_found = done.target.attribution, bool(done.copies or done.quotations)
    return TraceReport(
        _verdict(done),
        tuple(_match(store, done, match) for match in done.matches if match.relation.is_copy or not has_found),
        tuple(quotation_report(store, done, found) for found in done.quotations),
        tuple((url, bool(store.statements.by_url(url))) for url in attribution.claimed_urls),
        attribution.via,
        tuple(evidence.quote for evidence in attribution.evidence[:_MAX_QUOTES]),
    )


def quotation_report(known: KnownTexts, done: PageTrace, found: Quotation) -> QuotationReport:
    """Return a quotation that a trace found with its statement and the words of both."""
    wording = known.fingerprints.text(found.key).words.text[slice(*found.statement)]
    statement, quote = done.statements[found.key.statement_id], done.target.text[slice(*found.page)]
    return QuotationReport(found, statement, quote, wording)


def sentence_verdict(done: PageTrace) -> str:
    """Return the verdict about a sentence that was traced by itself."""
    verdicts = {found.verdict for found in done.quotations}
    if not verdicts:
        return _NO_SENTENCE
    if verdicts == {QuotationVerdict.SIMILAR}:
        return _NEAREST
    quoted = (done.target.text[slice(*found.page)] for found in done.quotations)
    is_whole = sum(len(Words(words)) for words in quoted) == len(Words(done.target.text))
    if not verdicts <= {QuotationVerdict.VERBATIM, QuotationVerdict.FITTED}:
        return _QUOTED_OTHERWISE if is_whole and len(verdicts) == 1 else _QUOTED_IN_PART_OTHERWISE
    different = [found for found in done.quotations if found.reasons]
    how = _FITTED if different else _WORD_FOR_WORD
    if different and all(found.is_spelling for found in different):
        how = _SPELLED_OTHERWISE
    return how.format("this" if is_whole else "a part of this")


def _verdict(done: PageTrace) -> str:
    """Return the verdict in a sentence; an altered quotation is named where nothing weightier was found."""
    found = _VERDICTS[done.relation] + (_REPLACED if done.outdated else "")
    altered = sum(quotation.is_altered for quotation in done.quotations)
    if not altered or done.copies:
        return found
    quoted = _QUOTED_OTHERWISE if altered == len(done.quotations) else _QUOTED_IN_PART_OTHERWISE
    return quoted if done.relation is Relation.QUOTED else f"{found} {quoted}"


def _match(store: Store, done: PageTrace, match: Match) -> MatchReport:
    statement = done.statements[match.key.statement_id]
    texts = [revision.wording.text for revision in store.statements.revisions(statement.id)]
    wording = texts[match.key.revision - 1]
    by_state = _change(wording, texts[statement.revision - 1]) if match.outdated else None
    spans = match.spans if match.relation is Relation.ALTERED else ()
    by_page = (_change(wording[slice(*it.statement)], done.target.text[slice(*it.page)]) for it in spans)
    return MatchReport(match, statement, by_state, tuple(change for change in by_page if change.difference.hunks))


def _change(before: str, after: str) -> TextChange:
    return TextChange(before, after, diff.compare(before, after))
