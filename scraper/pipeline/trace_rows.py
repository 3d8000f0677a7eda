"""Rows of a trace: what `statewire trace --json` and the result files of a sweep give to programs."""

from typing import Any

from scraper import statement_rows
from scraper.matching.model import KnownTexts, Match
from scraper.pipeline.page_trace import PageTrace
from scraper.pipeline.trace_report import QuotationReport, quotation_report
from scraper.serialize import row_of


def trace_row(known: KnownTexts, done: PageTrace) -> dict[str, Any]:
    """Return a trace; scripts rely on its keys."""
    attribution = done.target.attribution
    return {
        "id": done.target.name,
        "url": done.target.url,
        "relation": done.relation,
        "outdated": done.outdated,
        "matches": [_match_row(done, match) for match in done.matches],
        "quotations": [_quotation_row(known, quotation_report(known, done, found)) for found in done.quotations],
        "claim": attribution.claimed_urls[0] if attribution.claimed_urls else None,
        "via": attribution.via,
        "problem": done.target.problem or None,
    }


def _match_row(done: PageTrace, match: Match) -> dict[str, Any]:
    statement = done.statements[match.key.statement_id]
    return {
        "statement": statement.id,
        **row_of(statement, "guid title published_at"),
        "revision": match.key.revision,
        "relation": match.relation,
        "outdated": match.outdated,
        "coverage": round(match.coverage, 4),
        "fidelity": round(match.fidelity, 4),
        "grade": match.grade,
        "differences": [str(reason) for reason in match.differences],
        "spans": [span._asdict() for span in match.spans],
        "evidence": match.evidence,
        "runner_up": match.runner_up.statement_id if match.runner_up else None,
    }


def _quotation_row(known: KnownTexts, report: QuotationReport) -> dict[str, Any]:
    found, statement = report.found, report.statement
    return {
        "quote": report.quote,
        "wording": report.wording,
        "span": found.page,
        "statement": statement.id,
        **row_of(statement, "guid title published_at"),
        "revision": found.key.revision,
        "verdict": found.verdict,
        "grade": found.grade,
        "differences": [str(reason) for reason in found.reasons],
        "outdated": found.outdated,
        "also": statement_rows.also_row(known, found.others),
    }
