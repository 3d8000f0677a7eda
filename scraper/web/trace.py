"""Page "Is this State's?": the answer of `statewire trace` about a text, or about a page if URLs may be fetched."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from scraper.alerts.format import one_line
from scraper.matching.model import Match
from scraper.model import Relation, Statement
from scraper.pipeline.trace_report import TextChange, TraceReport, relation_words
from scraper.pipeline.trace_report import report as report_of
from scraper.text.inline_diff import Mark, Stretch, stretches
from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render

MAX_CHARS: Final = 200_000
"""Bound of a text; the longest briefings of State's have some 110,000 characters."""
_MAX_STRETCHES = 300
_MAX_STRETCH_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class ShownMatch:
    """Match with its statement; the change by State since, if it is outdated, and the changes by the page."""

    match: Match
    statement: Statement
    by_state: tuple[Stretch, ...]
    by_page: tuple[tuple[Stretch, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to a form: the verdict in a sentence and its evidence. `problem` is that of reading the page."""

    verdict: str
    relation: Relation
    is_outdated: bool
    problem: str
    report: TraceReport
    matches: tuple[ShownMatch, ...]


def trace(request: PageRequest) -> Response:
    """Return the page with the form, and for a form that was sent with the answer."""
    text, url = request.parameter("text"), request.parameter("url")
    problem, answer = "", None
    if request.is_post:
        problem = _problem(request, text, url)
        answer = None if problem else _answer(request, text)
    return render(
        request,
        "trace.html.j2",
        title="Is this State’s?",
        status=422 if problem else 200,
        text=text,
        url=url,
        problem=problem,
        answer=answer,
        max_chars=MAX_CHARS,
        relation_words=relation_words,
        may_fetch=request.settings.web.fetch_urls,
    )


def _problem(request: PageRequest, text: str, url: str) -> str:
    if request.fetched is not None:
        return request.fetched.problem
    if url:
        return "This server checks no URLs. Paste the text of the page."
    if not text:
        return "Paste a text first."
    if len(text) > MAX_CHARS:
        return f"The text has {len(text):,} characters; at most {MAX_CHARS:,} are checked at once. Paste a part of it."
    return ""


def _answer(request: PageRequest, text: str) -> Answer:
    # Loaded for the first form only: parsers and matching need a fifth of the server's memory.
    from scraper.pipeline import page_matching, text_trace

    capture = request.fetched.capture if request.fetched else None
    if capture is None:
        target = page_matching.from_text("the text", text.replace("\r\n", "\n"))
    else:
        target = page_matching.from_html(
            capture.url,
            capture.body,
            content_type=capture.header("content-type"),
            url=capture.final_url,
            captured_at=capture.captured_at,
        )
        target = replace(target, text=target.text[:MAX_CHARS])
    traced = (page_matching.trace if capture else text_trace.trace_text)(request.store, target)
    report = report_of(request.store, traced)
    matches = tuple(
        ShownMatch(
            found.match,
            found.statement,
            _shown(found.by_state) if found.by_state else (),
            tuple(map(_shown, found.by_page)),
        )
        for found in report.matches
    )
    return Answer(report.verdict, traced.relation, traced.outdated, target.problem, report, matches)


def _shown(change: TextChange) -> tuple[Stretch, ...]:
    """Return the change in its context, bounded: a page has few lines of a statement that is another one altogether."""
    found = stretches(change.before, change.after, change.difference)
    shown = [Stretch(each.mark, _clean(each.text)) for each in islice(found, _MAX_STRETCHES)]
    if next(found, None) is not None:
        shown.append(Stretch(Mark.SKIPPED, "more"))
    return tuple(shown)


def _clean(text: str) -> str:
    """Return a stretch without invisible characters; a blank at its edges stays, because words stand beside it."""
    before, after = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
    return f"{before}{one_line(text, _MAX_STRETCH_CHARS)}{after}"
