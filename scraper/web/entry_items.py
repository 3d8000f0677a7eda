"""Items of lists by day: what a reader sees of each entry, in a few lines (pure, but for `read`)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from scraper import page_paths as paths
from scraper.alerts.components import SectionContext
from scraper.alerts.compose import event_section
from scraper.alerts.content import Change, EventSection
from scraper.alerts.copy_specs import OUTDATED_LABEL
from scraper.alerts.event_specs import label_of
from scraper.alerts.format import counted, host, linkable, one_line, sentence, url_label
from scraper.alerts.labels import Tone
from scraper.alerts.model import EventDetails
from scraper.alerts.selection import importance, is_of_state
from scraper.model import Event, EventKind, Precision
from scraper.store import Store
from scraper.store.entries import EntryKey, ListedStatement
from scraper.text.inline_diff import Stretch, compare_renderings

_SIDE_CHARS = 90
_MAX_SIDE_CHARS = 240
_MAX_REMARKS = 3
_MAX_COUNTRIES = 6
_TONES: Final = {
    Tone.ALARM: "alarm",
    Tone.CHANGE: "caution",
    Tone.GOOD: "good",
    Tone.NEWS: "plain",
    Tone.QUIET: "plain",
}
_CONTEXT: Final = SectionContext(ZoneInfo("UTC"), 2_000, is_brief=True)
# Events of which the values before and after say most.
_WITH_SIDES: Final = frozenset({EventKind.RETITLED, EventKind.REATTRIBUTED})
_WITH_URLS: Final = frozenset({EventKind.MOVED, EventKind.REPOSTED})


@dataclass(frozen=True, slots=True)
class Line:
    """Line of an item: the host of another site that begins it, words, changed values, or a text with its changes.

    `path` is the page of the copy on that site, if there is one; else `url` is that site's page, http(s) or empty.
    """

    words: str = ""
    changes: tuple[Change, ...] = ()
    text: tuple[Stretch, ...] = ()
    site: str = ""
    path: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One statement that is new, or what happened to one at one time. `tags` are words, each with its colour.

    `seen_at` is the time at which the monitor learned of it. Without a `path` there is no page of the statement.
    """

    at: datetime
    seen_at: datetime
    title: str
    path: str
    tags: tuple[tuple[str, str], ...]
    facts: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    precision: Precision | None = None

    @property
    def has_time(self) -> bool:
        """False if only the day or the month of publication is known."""
        return not (self.precision and self.precision.span)


def read(store: Store, keys: Sequence[EntryKey]) -> list[tuple[date, list[Item]]]:
    """Return the items of entries, by day."""
    statements = store.entries.statements(key.statement_id for key in keys if not key.event_id)
    events = {event.id: event for event in store.events.by_ids(key.event_id for key in keys if key.event_id)}
    copies = store.entries.copy_pages(event.page_url for event in events.values() if event.page_url)
    items: list[Item] = []
    for _, group in groupby(keys, key=_moment):
        chosen = list(group)
        found = [events[key.event_id] for key in chosen if key.event_id]
        items += event_items(found, copies)
        items += [statement_item(statements[key.statement_id]) for key in chosen if not key.event_id]
    return [(day, list(of_day)) for day, of_day in groupby(items, key=lambda item: item.at.astimezone(UTC).date())]


def _moment(key: EntryKey) -> str:
    return key.at


def statement_item(statement: ListedStatement) -> Item:
    """Return the item of a new statement: its type, its speaker or office, its countries."""
    by = statement.speaker or statement.byline or statement.bureau
    countries = [one_line(country, 60) for country in statement.countries[:_MAX_COUNTRIES]]
    if more := len(statement.countries) - len(countries):
        countries.append(f"{more} more")
    facts = tuple(filter(None, (one_line(statement.type, 60), one_line(by, 120), *countries)))
    path = paths.statement(statement.id)
    new = (("new", "plain"),)
    return Item(
        statement.at, statement.first_seen_at, _title(statement.title), path, new, facts, precision=statement.precision
    )


def event_items(events: Iterable[Event], copies: dict[tuple[str, int], int]) -> Iterator[Item]:
    """Yield the items of events of one time.

    All that happened to one statement is one item if State did some of it: the copies beside it are counted only,
    because the same change has made them outdated. Otherwise each copy, and each claim, is an item of its own.
    """
    about: dict[object, list[Event]] = {}
    for event in events:
        about.setdefault(event.statement_id or event.page_url, []).append(event)
    for group in about.values():
        ranked = sorted(group, key=importance)
        own = [event for event in ranked if is_of_state(event)]
        others = [event for event in ranked if not is_of_state(event)]
        if own:
            yield _item(own, copies, _counts(others))
        else:
            yield from (_item([event], copies) for event in others)


def _item(events: Sequence[Event], copies: dict[tuple[str, int], int], beside: Iterable[str] = ()) -> Item:
    """Return the item of events, the most important first, with the counts of others beside them."""
    first = events[0]
    lines = [line for event in events for line in _lines(event, copies)]
    if counts := ", ".join(beside):
        lines.append(Line(counts))
    path = paths.statement(first.statement_id) if first.statement_id else ""
    tags = tuple(dict.fromkeys(tag for event in events for tag in _tags(event)))
    title = _title(first.title or first.page_title or first.page_url)
    return Item(first.at, first.at, title, path, tags, lines=tuple(lines))


def _counts(events: Iterable[Event]) -> Iterator[str]:
    labels = [OUTDATED_LABEL.label if event.outdated else label_of(event).label for event in events]
    return (counted(labels.count(label), label) for label in dict.fromkeys(labels))


def _title(title: str | None) -> str:
    return one_line(title) or "Without a title"


def _tags(event: Event) -> Iterator[tuple[str, str]]:
    label = label_of(event)
    yield label.label.lower(), _TONES[label.tone]
    if event.outdated and label.label != OUTDATED_LABEL.label:
        yield "outdated", "caution"
    if event.grade and event.grade.rank and is_of_state(event):
        yield event.grade.value, _TONES[label.tone]


def _lines(event: Event, copies: dict[tuple[str, int], int]) -> Iterator[Line]:
    if event.kind is EventKind.TOUCHED:
        sides = (one_line(event.before, _MAX_SIDE_CHARS), one_line(event.after, _MAX_SIDE_CHARS))
        yield Line(text=compare_renderings(*sides).stretches)
        return
    if event.kind in _WITH_SIDES:
        yield Line(changes=(_sides(one_line(event.before), one_line(event.after)),))
        return
    if event.kind in _WITH_URLS:
        yield Line(changes=(_sides(url_label(event.before or ""), url_label(event.after or "")),))
        return
    section = event_section(EventDetails(event), _CONTEXT)
    changes = _changes(section)
    if event.page_url:
        page_id = copies.get((event.page_url, event.statement_id or 0))
        path = paths.copy(page_id, event.statement_id) if page_id and event.statement_id else ""
        site = host(event.page_url)
        words = section.lead.removeprefix(site)
        if event.kind is EventKind.UNSOURCED and event.reasons:
            words = f"{words} {sentence(one_line(event.reason_texts[-1]))}"
        yield Line(words, changes, (), site, path, "" if path else linkable(event.page_url))
    elif changes:
        yield Line(changes=changes)
    else:
        remarks = "; ".join(one_line(reason) for reason in event.reason_texts[:_MAX_REMARKS])
        absent = "Absent: " if event.kind is EventKind.WITHDRAWN else ""
        yield Line(sentence(f"{absent}{remarks}") if remarks else section.lead)


def _changes(section: EventSection) -> tuple[Change, ...]:
    """Return the changed values of a section, at most three and the number of the others."""
    found = [_short(change, _SIDE_CHARS) for change in section.changes]
    if found:
        label = found[0].label
        found[0] = replace(found[0], label=f"{label[:1].upper()}{label[1:]}")
    return tuple(found)


def _short(change: Change, chars: int) -> Change:
    return Change(change.label, one_line(change.before, chars), one_line(change.after, chars))


def _sides(before: str, after: str) -> Change:
    return _short(Change("", before, after), _MAX_SIDE_CHARS)
