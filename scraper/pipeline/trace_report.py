"""Report of a trace for people: the verdict in a sentence, and the matches with what differs, for terminal and page."""

from dataclasses import dataclass

from scraper.matching.model import Match
from scraper.matching.quotations import Quotation
from scraper.model import Relation, Statement
from scraper.pipeline.page_trace import PageTrace
from scraper.store import Store
from scraper.text import diff
from scraper.text.diff import Difference

_VERDICTS = {
    Relation.VERBATIM: "This is State's statement, word for word.",
    Relation.EXCERPT: "This is part of State's statement, word for word.",
    Relation.ALTERED: "This is State's statement with changed wording.",
    Relation.TRANSLATED: (
        "This names State's statement as its source, in another language; its wording is not compared."
    ),
    Relation.QUOTED: "This quotes State, but is no statement of State's.",
    Relation.SIBLING: "This resembles a statement of State's, but is no copy of a known one.",
    Relation.UNSOURCED: "This names State as its author, but no known statement has its text.",
    Relation.NONE: "This contains no known statement of State's.",
}
_MAX_QUOTES = 5


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
    """Return the report of a trace. If there are copies, what the page only resembles is left out."""
    attribution = done.target.attribution
    return TraceReport(
        _VERDICTS[done.relation] + (" State has since replaced that wording." if done.outdated else ""),
        tuple(_match(store, done, match) for match in done.matches if match.relation.is_copy or not done.copies),
        tuple(_quotation(store, done, found) for found in done.quotations),
        tuple((url, bool(store.statements.by_url(url))) for url in attribution.claimed_urls),
        attribution.via,
        tuple(evidence.quote for evidence in attribution.evidence[:_MAX_QUOTES]),
    )


def _match(store: Store, done: PageTrace, match: Match) -> MatchReport:
    statement = done.statements[match.key.statement_id]
    texts = [revision.wording.text for revision in store.statements.revisions(statement.id)]
    wording = texts[match.key.revision - 1]
    by_state = _change(wording, texts[statement.revision - 1]) if match.outdated else None
    spans = match.spans if match.relation is Relation.ALTERED else ()
    by_page = (_change(wording[slice(*it.statement)], done.target.text[slice(*it.page)]) for it in spans)
    return MatchReport(match, statement, by_state, tuple(change for change in by_page if change.difference.hunks))


def _quotation(store: Store, done: PageTrace, found: Quotation) -> QuotationReport:
    wording = store.fingerprints.text(found.key).words.text[slice(*found.statement)]
    statement, quote = done.statements[found.key.statement_id], done.target.text[slice(*found.page)]
    return QuotationReport(found, statement, quote, wording)


def _change(before: str, after: str) -> TextChange:
    return TextChange(before, after, diff.compare(before, after))
