"""Matching of a page with the stored statements: builds the text to match, and returns copies and attribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from scraper import urls
from scraper.errors import ParseError, StoreError
from scraper.matching.matcher import Matcher
from scraper.matching.model import ClaimedSource, KnownTexts, Match, PageToMatch, RevisionKey
from scraper.matching.quotations import QuotationFinder
from scraper.model import Capture, Outcome, Relation
from scraper.pages import QuotationVerdict, QuotedPassage
from scraper.parsers import PageReading, generic_article, page_title
from scraper.parsers.document import UNKNOWN_URL, Document
from scraper.parsers.html_text import text_without_markup
from scraper.pipeline.page_trace import MatchTarget, PageTrace
from scraper.rules import attribution, state_hosts
from scraper.rules.copies import CLAIM_WAIT, CopyFinding
from scraper.store import as_store_error
from scraper.text import diff, lexicon, normalize
from scraper.text.reasons import weightiest
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.matching.quotations import Quotation
    from scraper.model import Item, Reading, Statement
    from scraper.rules.attribution import Attribution
    from scraper.store import Store, StoredPage


_T = TypeVar("_T")
Texts = Callable[[RevisionKey], str]
IS_ABSENT = frozenset({Outcome.GONE, Outcome.SOFT_404})
# Limit of the text of a page, which is stored and matched repeatedly; State's longest briefing has some 110,000.
MAX_SHOWN_CHARS = 400_000


def from_text(
    name: str, text: str, *, url: str | None = None, title: str | None = None, published_at: datetime | None = None
) -> MatchTarget:
    """Build a target from plain text."""
    page_attribution = attribution.find_attribution(text, title=title, host=urls.host(url or ""))
    return MatchTarget(name, text, page_attribution, url, title, published_at)


def from_item(item: Item) -> MatchTarget:
    """Build a target from an item with its text, as a feed or a REST API gives it, cut to `MAX_SHOWN_CHARS`."""
    text = f"{item.title}\n\n{normalize.join(item.paragraphs or ())}"[:MAX_SHOWN_CHARS]
    links = [attribution.PageLink(url) for url in item.links]
    page_attribution = attribution.find_attribution(
        text, links, title=item.title, byline=item.byline, host=urls.host(item.url)
    )
    return MatchTarget(item.url, text, page_attribution, item.url, item.title, item.published_at)


def from_stored(stored: StoredPage) -> MatchTarget:
    """Build a target from the last reading of a stored page."""
    page = stored.page
    page_attribution = attribution.Attribution(
        claimed_urls=page.claimed_urls, via=page.via, claims_department=page.claims_department
    )
    return MatchTarget(page.url, stored.shown, page_attribution, page.url, page.title, page.published_at)


def from_reading(reading: Reading, item: Item) -> MatchTarget:
    """Build a target from a page of another site, or from an item of a list, cut to `MAX_SHOWN_CHARS`."""
    if not isinstance(reading, PageReading):
        return from_item(item)
    text = reading.text[:MAX_SHOWN_CHARS]
    return MatchTarget(item.url, text, reading.attribution, item.url, item.title, item.published_at)


def from_html(
    name: str,
    body: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    title: str | None = None,
    published_at: datetime | None = None,
    captured_at: datetime | None = None,
) -> MatchTarget:
    """Build a target from a web page. If its markup exceeds the limits, use its text only and set `problem`."""
    document_url = url or UNKNOWN_URL
    headers = (("content-type", content_type or "text/html; charset=utf-8"),)
    document = Document(
        Capture(document_url, captured_at or datetime.now(UTC), Outcome.OK, 200, document_url, headers, body)
    )
    try:
        text = generic_article.page_text(document)
        shown = page_title.find(document)
        dated = None if published_at else generic_article.publication_date(document, shown, text.split("\n"))
        return MatchTarget(
            name,
            text,
            generic_article.attribution_of(document, text, shown),
            url,
            title or shown or None,
            published_at or (dated.at if dated else None),
        )
    except ParseError as error:
        plain = from_text(name, text_without_markup(document.text), url=url, title=title, published_at=published_at)
        where = name if error.url == UNKNOWN_URL else error.url
        return replace(plain, problem=f"{where}: {error.problem}; its text was taken without its markup")


def trace(known: KnownTexts, target: MatchTarget) -> PageTrace:
    """Match a page with all stored wordings."""
    page_attribution = target.attribution
    claimed = tuple({s.id: s for url in page_attribution.claimed_urls for s in known.statements.by_url(url)}.values())
    claim = ClaimedSource(
        url=page_attribution.claimed_urls[0] if page_attribution.claimed_urls else None,
        title=claimed[0].title if claimed else None,
        published_at=claimed[0].published_at if claimed else None,
    )
    page = PageToMatch(
        target.text, target.title, target.published_at, claim if page_attribution.claims_department else None
    )
    matches, quotations = Matcher(known.fingerprints).trace_all(page)
    if claimed and not any(match.relation.is_copy for match in matches):
        matches = (*_translations(target, claimed), *matches)
    keys = dict.fromkeys(
        (*(each.key.statement_id for each in matches), *(each.key.statement_id for each in quotations))
    )
    statements = {key: statement for key in keys if (statement := known.statements.by_id(key)) is not None}
    relation = _relation(matches, quotations, page_attribution)
    return PageTrace(target, relation, matches, claimed, statements, quotations)


def trace_sentence(known: KnownTexts, sentence: str) -> PageTrace:
    """Find the statement that a sentence quotes, or the nearest one; it is taken as a quotation also if it is short."""
    target = from_text("the sentence", f"“{sentence}”")
    words = Words(target.text)
    found = QuotationFinder(known.fingerprints).find(words, bytearray(b"\1" * len(words)), None, is_asked=True)
    statements = {
        each.key.statement_id: statement
        for each in found
        if (statement := known.statements.by_id(each.key.statement_id)) is not None
    }
    is_quoted = any(each.verdict is not QuotationVerdict.SIMILAR for each in found)
    relation = Relation.QUOTED if is_quoted else Relation.SIBLING if found else Relation.NONE
    return PageTrace(target, relation, (), (), statements, found)


def try_trace(store: Store, make: Callable[[], MatchTarget]) -> tuple[PageTrace | None, str]:
    """Return the trace of a page and "", or None and the reason; see `_guarded`."""
    return _guarded(store, lambda: trace(store, make()))


def concerns_state(store: Store, item: Item) -> bool:
    """Decide if the text that a list gives names the Department as its author, carries a copy, or quotes a statement.

    A text that cannot be compared does not.
    """

    def decide() -> bool:
        target = from_item(item)
        if target.attribution.claims_department:
            return True
        traced = trace(store, target)
        return bool(traced.copies or traced.quotations)

    return _guarded(store, decide)[0] or False


def _guarded(store: Store, work: Callable[[], _T]) -> tuple[_T | None, str]:
    """Return the result and "", or None and the reason.

    One page never stops a source: an unexpected error is reported as a bug. Errors of the database are raised.
    """
    try:
        return work(), ""
    except Exception as error:
        if isinstance(error, StoreError) or as_store_error(error, store.path):
            raise
        return None, f"comparing it failed, which is a bug ({type(error).__name__}: {error})"


def findings(store: Store, traced: PageTrace) -> tuple[CopyFinding, ...]:
    """Return the copies that a trace found, with the changes by State since the wording that each carries."""
    return tuple(_finding(store, match, traced.statements[match.key.statement_id]) for match in traced.copies)


def quoted(traced: PageTrace, page_id: int, since: datetime, until: datetime, texts: Texts) -> list[QuotedPassage]:
    """Return the quotations that a trace found, as those of a stored page; `texts` returns the text of a revision."""
    return [
        QuotedPassage(
            page_id=page_id,
            statement_id=found.key.statement_id,
            revision=found.key.revision,
            quote=traced.target.text[slice(*found.page)],
            wording=texts(found.key)[slice(*found.statement)],
            place=found.page,
            is_altered=found.is_altered,
            grade=found.grade,
            changes=found.reasons,
            others=found.others,
            first_seen_at=since,
            last_seen_at=until,
        )
        for found in traced.quotations
    ]


def nearest(traced: PageTrace) -> str:
    """Return a phrase that names a statement which the page resembles without being a copy, and why; "" if none."""
    for match in traced.matches:
        if match.relation is Relation.SIBLING:
            statement = traced.statements[match.key.statement_id]
            day = f" of {statement.published_at:%Y-%m-%d}" if statement.published_at else ""
            return f"resembles “{statement.title}”{day}: {'; '.join(match.evidence)}"
    return ""


def is_claim_resolved(store: Store, url: str, at: datetime) -> bool:
    """Decide if a state.gov URL that a page claims is resolved.

    It is if a statement with that URL is known, or if within the last day the URL or one of its archive URLs gave a
    page that could be read, or all of them answered that there is none.
    """
    if store.statements.by_url(url):
        return True
    answers = [store.captures.last_answer(it, at - CLAIM_WAIT) for it in state_hosts.candidate_urls(url)]
    return any(is_read for _, is_read in answers) or all(outcome in IS_ABSENT for outcome, _ in answers)


def _finding(store: Store, match: Match, statement: Statement) -> CopyFinding:
    since = None
    if match.outdated:
        wordings = [revision.wording for revision in store.statements.revisions(statement.id)]
        old, now = wordings[match.key.revision - 1], wordings[statement.revision - 1]
        since = diff.compare(old.text, now.text)
    return CopyFinding(
        statement=statement,
        revision=match.key.revision,
        relation=match.relation,
        outdated=match.outdated,
        coverage=match.coverage,
        fidelity=match.fidelity,
        grade=match.grade,
        differences=tuple(sorted(match.differences, key=lambda reason: -reason.grade.rank)),
        evidence=match.evidence,
        spans=match.spans,
        runner_up_id=match.runner_up.statement_id if match.runner_up else None,
        changed_since=weightiest(since.reasons) if since else (),
        changed_grade=since.grade if since else None,
    )


def _translations(target: MatchTarget, claimed: tuple[Statement, ...]) -> Iterator[Match]:
    """Yield the English statements that a page in another language claims as its source, without a comparison."""
    if not lexicon.is_foreign(target.text):
        return
    for statement in claimed:
        if statement.language in {None, "en"}:
            yield Match(
                key=RevisionKey(statement.id, statement.revision),
                relation=Relation.TRANSLATED,
                coverage=0.0,
                fidelity=0.0,
                grade=None,
                differences=(),
                spans=(),
                chain=0,
                runner_up=None,
                evidence=("the page names the statement as its source and is in another language",),
            )


def _relation(matches: tuple[Match, ...], quotations: tuple[Quotation, ...], page_attribution: Attribution) -> Relation:
    best = next((match.relation for match in matches if match.relation.is_copy), None)
    if best is not None:
        return best
    if page_attribution.claims_department:
        return Relation.UNSOURCED
    if quotations:
        return Relation.QUOTED
    return Relation.SIBLING if any(match.relation is Relation.SIBLING for match in matches) else Relation.NONE
