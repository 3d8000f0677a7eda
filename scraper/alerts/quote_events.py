"""Sections for quotations on pages of other sites: quoted, word for word or fitted, or with other words (pure)."""

from scraper.alerts import excerpts
from scraper.alerts.components import SectionContext, changes, filled_rows, link
from scraper.alerts.content import EventSection, Excerpt, Link
from scraper.alerts.format import host, one_line
from scraper.alerts.model import EventDetails
from scraper.text.normalize import count


def quoted(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for sentences of a statement that a page quotes, word for word or as reported speech."""
    event = details.event
    number = max(1, len(details.quotations))
    fitted = [(each.wording, each.quote) for each in details.quotations if each.changes]
    how = "word for word"
    if fitted:
        how = "as in reported speech" if len(fitted) == number else f"{len(fitted)} of them as in reported speech"
    lead = f"{host(event.page_url)} quotes {count(number, 'sentence')} of this statement, {how}."
    found = () if context.is_brief else _changes(details, context, fitted, f"statewire quotes {event.statement_id}")
    return _section(details, context, lead, found)


def misquoted(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for sentences of a statement that a page quotes with other words: both, word for word."""
    event = details.event
    lead = f"{host(event.page_url)} quotes this statement with other words."
    pairs = [(each.wording, each.quote) for each in details.quotations]
    pairs = pairs or [(event.before or "", event.after or "")]
    command = f"statewire quotes {event.statement_id} --altered"
    found = () if context.is_brief else _changes(details, context, pairs, command)
    return _section(details, context, lead, found)


def _changes(
    details: EventDetails, context: SectionContext, pairs: list[tuple[str, str]], command: str
) -> tuple[Excerpt, ...]:
    label = f"State’s words removed, those of {host(details.event.page_url)} added"
    return excerpts.changed(label, pairs, context.chars, command)


def _section(
    details: EventDetails, context: SectionContext, lead: str, found: tuple[Excerpt, ...] = ()
) -> EventSection:
    event = details.event
    page, title = ("Page", link(event.page_url)), ("Its title", Link(one_line(event.page_title)))
    of = ("Quotes", Link(f"revision {event.revision}" if event.revision else ""))
    rows = filled_rows(page) if context.is_brief else filled_rows(page, title, of)
    commands = (("All quotations", f"statewire quotes {event.statement_id}"),)
    return EventSection(lead, changes=changes(event, context), rows=rows, excerpts=found, commands=commands)
