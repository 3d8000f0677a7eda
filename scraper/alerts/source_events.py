"""Sections for events of a source: its problem, the start of it, advice for the operator, and its recovery (pure)."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.alerts.components import MAX_FACTS, SectionContext, filled_rows, link
from scraper.alerts.content import EventSection, Link, Row
from scraper.alerts.event_specs import SPECS
from scraper.alerts.format import local_time, one_line

if TYPE_CHECKING:
    from scraper.alerts.model import EventDetails


def incident(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for the problem of a source."""
    event, spec = details.event, SPECS[details.event.kind]
    lead = f"{one_line(event.source)} {spec.problem}, since {local_time(details.since or event.at, context.zone)}."
    good_at = details.health.last_success_at
    last_good = local_time(good_at, context.zone) if good_at else "never"
    reasons = tuple(Row("Reason", Link(one_line(reason))) for reason in event.reason_texts[:MAX_FACTS])
    section = _section(details, lead, (Row("Last success", Link(last_good)), *reasons))
    return replace(section, rows=(*section.rows, Row("What to do", Link(spec.advice))))


def recovered(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for the end of an incident."""
    event = details.event
    lead = f"{one_line(event.source)} works again {'; '.join(map(one_line, event.reason_texts))}".rstrip() + "."
    return _section(details, lead, (Row("Since", Link(local_time(event.at, context.zone))),))


def _section(details: EventDetails, lead: str, rows: tuple[Row, ...]) -> EventSection:
    event, health = details.event, details.health
    rows += filled_rows(
        ("Last response", Link(one_line(health.serving))),
        ("Failures", Link(f"{health.failures} in a row" if health.failures else "")),
        ("Items in it", Link("" if health.last_items is None else str(health.last_items))),
        ("URL", link(event.url)),
        ("Serves now", link(event.after)),
    )
    commands = (
        ("Try now", f"statewire fetch {shlex.quote(one_line(event.source))}"),
        ("Check everything", "statewire doctor"),
    )
    return EventSection(lead, rows=rows, commands=commands)
