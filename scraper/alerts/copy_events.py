"""Sections for events of other sites: a copy found, changed or gone, and a claim without a known statement (pure)."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from scraper import page_paths
from scraper.alerts import excerpts
from scraper.alerts.components import MAX_FACTS, SectionContext, changes, filled_rows, link
from scraper.alerts.content import EventSection, Excerpt, Link
from scraper.alerts.copy_specs import specs_of
from scraper.alerts.format import duration, host, local_time, one_line, sentence
from scraper.model import EventKind, Relation
from scraper.rules.copies import TimeBasis, known_since

if TYPE_CHECKING:
    from scraper.alerts.model import EventDetails


def unsourced(details: EventDetails, _context: SectionContext) -> EventSection:
    """Return the section for a claim without a known statement."""
    event = details.event
    lead = f"{host(event.page_url)} names the Department of State as its author, but no known statement has its text."
    rows = filled_rows(
        ("It names", link(event.after)),
        *(("", Link(sentence(one_line(reason)))) for reason in event.reason_texts[:MAX_FACTS]),
    )
    commands = (("Look again", f"statewire trace {shlex.quote(one_line(event.page_url, 2_000))}"),)
    return EventSection(lead, rows=rows, commands=commands)


def copied(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for a copy that was found, has changed or is gone."""
    event = details.event
    site = host(event.page_url)
    if event.kind is EventKind.COPY_GONE:
        lead = f"{site} no longer carries this statement."
    else:
        old = f"revision {event.revision} of this statement" if event.revision else "a wording of this statement"
        replaced = "revision" if event.revision else "wording"
        altered = " with changed words" if event.relation is Relation.ALTERED else ""
        leads = [spec.lead for spec in specs_of(event)] or ["{site} carries this statement."]
        share = f"{event.coverage or 0:.0%}"
        lead = leads[-1].format(site=site, share=share, old=old, altered=altered, replaced=replaced)
    page, carries = ("Page", link(event.page_url)), ("Carries", Link(_carried(details)))
    title, before = ("Its title", Link(one_line(event.page_title))), ("Before", Link(one_line(event.before)))
    since = ("Since", Link(_since(details, context)))
    rows = filled_rows(page, carries) if context.is_brief else filled_rows(page, title, carries, before, since)
    commands = (("All copies", f"statewire copies {event.statement_id}"),)
    reasons = changes(event, context)
    found = _copy_excerpts(details, context)
    path = page_paths.copy(details.copy.page_id, details.copy.statement_id) if details.copy else ""
    return EventSection(lead, changes=reasons, rows=rows, excerpts=found, commands=commands, page_path=path)


def _carried(details: EventDetails) -> str:
    event = details.event
    if event.coverage is None or event.kind is EventKind.COPY_GONE or event.relation is Relation.TRANSLATED:
        return ""
    which = f"revision {event.revision}" if event.revision else "it"
    faithful = f"; {event.fidelity:.0%} of that is word for word" if event.fidelity and event.fidelity < 1 else ""
    return f"{event.coverage:.0%} of {which}{faithful}"


def _since(details: EventDetails, context: SectionContext) -> str:
    copy, page, statement = details.copy, details.page, details.statement
    if copy is None or page is None or statement is None or details.event.kind is EventKind.COPY_GONE:
        return ""
    known = known_since(copy, page, statement)
    since = known.at
    published_at, is_exact = statement.published_at, not (statement.precision and statement.precision.span)
    is_exact = is_exact and known.basis is not TimeBasis.BACKFILL
    late = (
        f", {duration(since - published_at)} after State" if published_at and is_exact and since > published_at else ""
    )
    return f"{local_time(since, context.zone)} ({known.basis}{late})"


def _copy_excerpts(details: EventDetails, context: SectionContext) -> tuple[Excerpt, ...]:
    """Return how the page differs from State's text, and what State changed since the revision that it carries."""
    event, copy = details.event, details.copy
    texts = {revision.number: revision.wording.text for revision in details.revisions}
    if context.is_brief or event.kind is EventKind.COPY_GONE or copy is None or copy.revision not in texts:
        return ()
    found, state, command = list[Excerpt](), texts[copy.revision], f"statewire copies {event.statement_id}"
    if copy.relation is Relation.ALTERED:
        label = f"State’s words removed, those of {host(event.page_url)} added"
        pairs = [(state[slice(*span.statement)], details.page_text[slice(*span.page)]) for span in copy.spans]
        found += excerpts.changed(label, pairs, context.chars, command)
    number = details.statement.revision if details.statement else 0
    if copy.outdated and number in texts:
        command = f"statewire diff {event.statement_id} {copy.revision} {number}"
        found += excerpts.changed("What State has changed since", [(state, texts[number])], context.chars, command)
    return tuple(found)
