"""Views: lists of entries by what they are about or what happened, each with pages for its years, and with a feed.

A view is named by its path. Live and static pages have the same; live ones can combine views by a query, too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from scraper import page_paths as paths
from scraper.alerts.conditions import is_byline_of
from scraper.alerts.event_specs import CHANGES
from scraper.alerts.format import one_line
from scraper.model import EventKind
from scraper.store import EntryFilter, Store
from scraper.text import scripts
from scraper.text.moments import Span, describe_mistake, parse_span
from scraper.web import countries
from scraper.web.page import NotFoundError, PageRequest
from scraper.web.pager import number_of
from scraper.web.per_state import PerState

_MAX_CHARS = 200

TODAY: Final = EntryFilter(
    kinds=(
        EventKind.REVISED,
        EventKind.RETITLED,
        EventKind.REATTRIBUTED,
        EventKind.MOVED,
        EventKind.WITHDRAWN,
        EventKind.RESTORED,
        EventKind.REPOSTED,
        EventKind.UNSOURCED,
    ),
    altered=True,
    outdated=True,
)
"""Entries of the first page: new statements, and what State or others did that is no mere trifle."""


@dataclass(frozen=True, slots=True)
class View:
    """One view: its path, its title, what it holds in a sentence, and its entries."""

    path: str
    title: str
    note: str
    entries: EntryFilter


_COPY_KINDS: Final = (EventKind.COPY_FOUND, EventKind.COPY_CHANGED, EventKind.COPY_GONE)
HAPPENED: Final = (
    View(
        "changed/",
        "Changed",
        "Statements whose title or text State has changed, down to typography.",
        EntryFilter(with_new=False, kinds=CHANGES),
    ),
    View(
        "withdrawn/",
        "Withdrawn",
        "Statements that are no longer at their URL, and those that came back.",
        EntryFilter(with_new=False, kinds=(EventKind.WITHDRAWN, EventKind.RESTORED)),
    ),
    View(
        "altered/",
        "Altered elsewhere",
        "Copies on other sites with changed wording, and texts that name the Department as their author without being"
        " known statements of it.",
        EntryFilter(with_new=False, kinds=(EventKind.UNSOURCED,), altered=True),
    ),
    View(
        "copied/",
        "Copies",
        "Copies of statements on other sites: found, changed or gone.",
        EntryFilter(with_new=False, kinds=_COPY_KINDS, with_backfill=True),
    ),
)
"""Views by what happened."""
FIRST: Final = View("", "Today", "", TODAY)


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list, such as a country or a month, with its path and the number of statements or entries."""

    label: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Index:
    """Index of all views of one group, such as countries."""

    path: str
    title: str
    note: str
    choices: Callable[[Store], list[Choice]]
    view: Callable[[Store, str], View]


def find(store: Store, path: str) -> View:
    """Return the view of a path. Raise `NotFoundError` if there is none."""
    if not path:
        return FIRST
    group, _, name = path.strip("/").partition("/")
    if name and group in INDEXES:
        return INDEXES[group].view(store, name)
    if name.endswith("/statements"):
        return _of_source(store, name.removesuffix("/statements"))
    found = next((view for view in HAPPENED if view.path == path), None)
    if found is None:
        raise NotFoundError("There is no such view.")
    return found


_types: Final = PerState(lambda store: store.entries.types())
_speakers: Final = PerState(lambda store: store.entries.speakers())


def _of_country(store: Store, name: str) -> View:
    country = countries.find(store, name)
    if country is None:
        raise NotFoundError("State’s site has no such country.")
    found = countries.about(store, country)
    entries = replace(TODAY, statement_ids=found.statement_ids, event_ids=found.event_ids)
    note = f"Statements that are tagged with {country.label} or name it in their title, and what became of them."
    return View(paths.subject("countries", country.slug), country.label, note, entries)


def _of_type(store: Store, name: str) -> View:
    labels = _with_slug(_types(store), name)
    if not labels:
        raise NotFoundError("No statement has this type.")
    note = f"Statements of the type {labels[0]}, and what became of them."
    return View(paths.subject("types", name), labels[0], note, replace(TODAY, types=labels))


def _of_speaker(store: Store, name: str) -> View:
    labels = _with_slug(_speakers(store), name)
    if not labels:
        raise NotFoundError("No statement has this speaker.")
    note = f"Statements by {labels[0]}, and what became of them."
    return View(paths.subject("speakers", name), labels[0], note, replace(TODAY, speakers=labels))


def _of_source(store: Store, name: str) -> View:
    source = next((source for source in store.sources.all() if source.name == name), None)
    if source is None:
        raise NotFoundError("There is no such source.")
    note = "Statements that this source was the first to list, and what it showed of them and others."
    return View(paths.source_statements(source.name), source.name, note, replace(TODAY, source=source.name))


def _with_slug(labels: Iterable[tuple[str, int]], name: str) -> tuple[str, ...]:
    """Return the labels with a slug, the most frequent first."""
    return tuple(label for label, _ in sorted(labels, key=_rank) if paths.slug(label) == name)


def _rank(choice: tuple[str, int]) -> tuple[int, str]:
    return -choice[1], choice[0]


def _countries(store: Store) -> list[Choice]:
    found = [
        Choice(country.label, paths.subject("countries", country.slug), len(subjects.statement_ids))
        for country, subjects in countries.index(store).items()
    ]
    return sorted(found, key=lambda choice: paths.slug(choice.label))


def _of_labels(labels: Iterable[tuple[str, int]], group: str) -> list[Choice]:
    """Return one choice for each slug, which labels may share."""
    chosen: dict[str, Choice] = {}
    for label, number in sorted(labels, key=_rank):
        path = paths.subject(group, paths.slug(label))
        known = chosen.get(path, Choice(label, path, 0))
        chosen[path] = replace(known, count=known.count + number)
    return list(chosen.values())


INDEXES: Final[Mapping[str, Index]] = {
    "countries": Index(
        "countries/",
        "Countries",
        "Statements that are tagged with a country, or name it in their title.",
        _countries,
        _of_country,
    ),
    "types": Index(
        "types/",
        "Types",
        "Statements of each type, as State labels them.",
        lambda store: _of_labels(_types(store), "types"),
        _of_type,
    ),
    "speakers": Index(
        "speakers/",
        "Speakers",
        "Statements of each speaker, or of an office if no person is named.",
        lambda store: _of_labels(_speakers(store), "speakers"),
        _of_speaker,
    ),
}
"""Indexes of the views by subject, by the first part of their paths."""


def of_period(view: View, period: str) -> View:
    """Return a year of a view, such as 2026, or a month of the first one, such as 2026-05."""
    year, _, month = period.partition("-")
    since = _start(int(year), int(month or 1))
    until = _start(int(year), int(month) + 1) if month else _start(int(year) + 1, 1)
    return replace(view, entries=replace(view.entries, since=since, until=until))


def _start(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Form:
    """Values of the form by which a reader combines views.

    `values` are the fields by name, `happened` names of `HAPPENED`, `page` is the number of the page. `span` is the
    stretch of time of the fields `since` and `until`; `problems` has a sentence for each of these that is wrong.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    happened: tuple[str, ...] = ()
    page: int = 1
    span: tuple[datetime | None, datetime | None] = (None, None)
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: PageRequest) -> "Form":
        """Return the values that a request has."""
        names = (*_FIELDS, *dict(ENDS))
        values = {name: value for name in names if (value := request.parameter(name)[:_MAX_CHARS])}
        happened = tuple(name for view in HAPPENED if request.parameter(name := view.path.strip("/")))
        span, problems = _span(values, request.now)
        return cls(values, happened, max(1, number_of(request.parameter("page"))), span, problems)

    def query(self, page: int) -> str:
        """Return the query of a page of the same view."""
        return urlencode({**self.values, **dict.fromkeys(self.happened, "1"), "page": page}, errors="replace")


def combined(request: PageRequest, form: Form) -> View | None:
    """Return the view that the fields of a form choose together, None if they choose nothing.

    The fields are `country`, `type`, `speaker`, `source`, `since` and `until`, in the words of the options of
    `statewire list`, and the names of the views by what happened. A name that fits nothing gives an empty view whose
    title says so.
    """
    happened = [view for view in HAPPENED if view.path.strip("/") in form.happened]
    entries, titles = _union(happened), [view.title for view in happened]
    for name, value in form.values.items():
        if name in dict(ENDS):
            titles.append(f"{name} {one_line(value)}")
            continue
        entries, title = _FIELDS[name](request.store, entries, value)
        titles.append(title or f"no {name} “{one_line(value)}”")
    since, until = form.span
    entries = replace(entries, since=since, until=until)
    return View("", ", ".join(titles), "", entries) if titles else None


def _union(happened: list[View]) -> EntryFilter:
    if not happened:
        return TODAY
    return EntryFilter(
        with_new=False,
        kinds=tuple(dict.fromkeys(kind for view in happened for kind in view.entries.kinds)),
        altered=any(view.entries.altered for view in happened),
        with_backfill=any(view.entries.with_backfill for view in happened),
    )


def _span(values: Mapping[str, str], now: datetime) -> tuple[tuple[datetime | None, datetime | None], dict[str, str]]:
    """Return the start of `since` and the end of `until`, and a sentence for each of the two that is wrong.

    A day or month of `until` is included, as in the options of the commands.
    """
    spans: dict[str, Span] = {}
    problems: dict[str, str] = {}
    for name, label in ENDS:
        if text := values.get(name):
            try:
                spans[name] = parse_span(text, now)
            except (ValueError, OverflowError):
                problems[name] = f"{label}: {describe_mistake(text, f'“{one_line(text)}”')}."
    since, until = (spans.get(name) for name, _ in ENDS)
    if since and until and since.start >= until.stop:
        problems["until"] = "To: this is before the beginning, so nothing is between the two."
    return (since and since.start, until and until.stop), problems


def _choose_country(store: Store, entries: EntryFilter, name: str) -> tuple[EntryFilter, str]:
    found = countries.find_named(store, name)
    about = countries.about(store, found) if found else countries.Subjects((), ())
    chosen = replace(entries, statement_ids=about.statement_ids, event_ids=about.event_ids)
    return chosen, found.label if found else ""


def _choose_type(store: Store, entries: EntryFilter, name: str) -> tuple[EntryFilter, str]:
    key = scripts.name_key(name)
    labels = tuple(label for label, _ in _types(store) if scripts.name_key(label) == key)
    return replace(entries, types=labels), labels[0] if labels else ""


def _choose_speaker(store: Store, entries: EntryFilter, name: str) -> tuple[EntryFilter, str]:
    bylines = tuple(byline for byline in store.statements.labels().bylines if is_byline_of(name, byline))
    return replace(entries, bylines=bylines), one_line(name) if bylines else ""


def _choose_source(store: Store, entries: EntryFilter, name: str) -> tuple[EntryFilter, str]:
    found = next((source.name for source in store.sources.all() if source.name.casefold() == name.casefold()), None)
    return replace(entries, source=found or ""), found or ""


ENDS: Final = (("since", "From"), ("until", "To"))
"""Fields for the two ends of a stretch of time, with their labels."""
_FIELDS: Final[Mapping[str, Callable[[Store, EntryFilter, str], tuple[EntryFilter, str]]]] = {
    "country": _choose_country,
    "type": _choose_type,
    "speaker": _choose_speaker,
    "source": _choose_source,
}
