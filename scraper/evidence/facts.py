"""Facts of a bundle: member `evidence/evidence.json`, without what is of one database or its configuration."""

import json
from dataclasses import replace
from typing import Any, Final

from scraper.evidence.page import Contents
from scraper.formats.wacz_record import Record, bundled_event, content_sha256, event_of, record_of
from scraper.serialize import format_utc, revision_row, row_of, statement_row
from scraper.statement_rows import copy_row, quotation_facts
from scraper.store import Store

# Numbers of rows, names of sources, and what depends on when a monitor began.
_OF_DATABASE: Final = frozenset(("id", "statement", "page", "source", "runner_up", "carried_since_basis", "after_s"))


def facts_of(contents: Contents) -> dict[str, Any]:
    """Return what the bundle is about for programs. `import` reads `subjects`, `responses` and the record."""
    subject = contents.subject
    statement, page = subject.statement, subject.page
    return {
        "kind": subject.kind,
        "exported_at": format_utc(contents.exported_at),
        "software": contents.software,
        "subjects": {
            **({"statement": {"authority": statement.authority, "guid": statement.guid}} if statement else {}),
            **({"page": {"url": page.url}} if page else {}),
        },
        "responses": [
            {
                "url": each.url,
                "captured_at": format_utc(each.captured_at),
                "sha256": each.sha256,
                "bytes": each.size,
                "of": list(names),
                "revisions": [number for number, first in contents.firsts.items() if first == each.capture_id],
                "is_included": each.is_stored,
            }
            for each, names in contents.responses
        ],
        "statement": _portable(statement_row(statement)) if statement else None,
        "revisions": [revision_row(revision) for revision in contents.revisions],
        "page": row_of(page, "url title published_at claimed_urls first_seen_at last_seen_at") if page else None,
        "wordings": [row_of(each, "number title first_seen_at last_seen_at") for each in contents.wordings],
        "copy": _portable(copy_row(subject.copy, page, statement)) if subject.copy and page and statement else None,
        "quotations": [quotation_facts(each) for each in subject.quotations] if page else [],
        "event": bundled_event(subject.event) if subject.event else None,
        "events": [dict(row) for row in contents.event_rows],
    }


def with_record(store: Store, contents: Contents) -> Contents:
    """Return the contents of a bundle with the record of an imported one, if nothing more is known than is in that.

    It is if both have the same content, all responses were imported, and no event or sight came after them.
    """
    facts = facts_of(contents)
    recorded = store.evidence.record(content_sha256(facts))
    if recorded is None or store.evidence.is_polled(each.capture_id for each, _ in contents.responses):
        return contents
    record = record_of(json.loads(recorded))
    return _recorded(contents, record) if record.covers(record_of(facts)) else contents


def _recorded(contents: Contents, record: Record) -> Contents:
    subject, seen = contents.subject, record.seen
    statement, page, copy = subject.statement, subject.page, subject.copy
    if statement is not None and record.state is not None:
        statement = replace(statement, last_seen_at=seen["statement"], state=record.state)
    if page is not None:
        page = replace(page, last_seen_at=seen["page"])
    if copy is not None:
        copy = replace(copy, last_seen_at=seen["copy"], gone_at=seen.get("copy gone"))
    quotations = tuple(
        replace(each, last_seen_at=seen[f"quotation {number}"], gone_at=seen.get(f"quotation {number} gone"))
        for number, each in enumerate(subject.quotations)
    )
    return replace(
        contents,
        subject=replace(subject, statement=statement, page=page, copy=copy, quotations=quotations),
        revisions=tuple(replace(each, last_seen_at=seen[f"revision {each.number}"]) for each in contents.revisions),
        wordings=tuple(replace(each, last_seen_at=seen[f"wording {each.number}"]) for each in contents.wordings),
        events=tuple(map(event_of, record.events)),
        event_rows=record.events,
        exported_at=record.exported_at,
        software=record.software,
    )


def _portable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what is of one database."""
    return {key: value for key, value in row.items() if key not in _OF_DATABASE}
