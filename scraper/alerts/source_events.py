"""Sections for events of a source: its problem, the start of it, advice for the operator, and its recovery (pure)."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from scraper.alerts.components import MAX_FACTS, SectionContext, filled_rows, link
from scraper.alerts.content import EventSection, Link, Row
from scraper.alerts.format import local_time, one_line
from scraper.model import EventKind

if TYPE_CHECKING:
    from scraper.alerts.model import EventDetails

_ADVICE = {
    EventKind.BLOCKED: "Nothing is disguised and nothing is forced: the host is left in peace and asked again later. "
    "If it stays so, name another endpoint of the source, or write to the site.",
    EventKind.BROKEN: "Open its address in a browser. If it has moved, give the new address in config.yaml.",
    EventKind.DRIFTED: "Its page no longer has the shape that the parser knows. What was known stays as it is; "
    "the bodies are kept and can be read again once the parser is mended.",
    EventKind.SILENT: "Look at its page: has it nothing new, or does it answer with an old copy of itself?",
    EventKind.FALLBACK: "Nothing is lost while the other endpoint serves. The first choice is asked at every run.",
}


def write(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for one event of a source."""
    event, health = details.event, details.health
    name = one_line(event.source)
    verbs = {
        EventKind.BLOCKED: f"{name} refuses our requests",
        EventKind.BROKEN: f"{name} does not answer with anything usable",
        EventKind.DRIFTED: f"{name} has changed shape: its parser no longer finds what it should",
        EventKind.SILENT: f"{name} has brought nothing where something is usual",
        EventKind.FALLBACK: f"{name} is served by its second choice",
    }
    began = details.since or event.at
    if event.kind is EventKind.RECOVERED:
        lead = f"{name} works again {'; '.join(map(one_line, event.reasons))}".rstrip() + "."
        rows = filled_rows(("Since", Link(local_time(event.at, context.zone))))
    else:
        lead = f"{verbs[event.kind]}, since {local_time(began, context.zone)}."
        good = local_time(health.last_success_at, context.zone) if health.last_success_at else "never yet"
        rows = filled_rows(("Last good", Link(good)))
        rows += tuple(Row("Reason", Link(one_line(reason))) for reason in event.reasons[:MAX_FACTS])
    rows += filled_rows(
        ("Last good answer", Link(one_line(health.serving))),
        ("Failures", Link(f"{health.failures} in a row" if health.failures else "")),
        ("Items then", Link("" if health.last_items is None else str(health.last_items))),
        ("Address", link(event.url)),
        ("Serves now", link(event.after)),
    )
    if event.kind in _ADVICE:
        rows += filled_rows(("To try", Link(_ADVICE[event.kind])))
    commands = (
        ("Try now", f"statewire fetch {shlex.quote(name)}"),
        ("Look closer", "statewire doctor"),
    )
    return EventSection(lead, rows=rows, commands=commands)
