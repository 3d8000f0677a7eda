"""Record of a bundle: what its exporter knew beyond its responses, such as events and times of other sights (pure).

The rest of the facts follows from the responses, so that another database reads the same in them. An import keeps the
record, and an export of the same content by a database that knows no more writes it again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scraper.formats.wacz import as_json
from scraper.model import Event, EventKind, Grade, PublicationState, Relation
from scraper.serialize import event_row, parse_utc

EVENT_KEYS: Final = (
    "kind at guid url title grade reasons part before after page_url page_title relation outdated revision coverage"
    " fidelity standing sections"
).split()
"""Keys of an event in a bundle: those that are not of one database or its configuration."""
_MAX_EVENTS: Final = 10_000
RECORDED: Final = (
    "exported_at",
    "software",
    "statement",
    "page",
    "copy",
    "revisions",
    "wordings",
    "quotations",
    "events",
)
"""Facts of which `record_of` makes a record."""
_CONTENT: Final = ("kind", "subjects", "responses", "event")


@dataclass(frozen=True, slots=True)
class Record:
    """Facts that responses do not show: when and by whom a bundle was exported, events, and when what was seen last.

    `events` are rows with `EVENT_KEYS`. `seen` has the last sight of each thing by its name, such as `revision 2`.
    """

    exported_at: datetime
    software: str
    state: PublicationState | None
    events: tuple[Mapping[str, Any], ...]
    seen: Mapping[str, datetime]

    def covers(self, own: "Record") -> bool:
        """Return True if another record of the same content has nothing more than this one."""
        known = {(row["kind"], row["at"], row["grade"]) for row in self.events}
        is_seen = all(name in self.seen and at <= self.seen[name] for name, at in own.seen.items())
        return is_seen and all((row["kind"], row["at"], row["grade"]) in known for row in own.events)

    @property
    def is_plausible(self) -> bool:
        """False if something happened after the export."""
        times = [*(parse_utc(row["at"]) for row in self.events), *self.seen.values()]
        return max(times, default=self.exported_at) <= self.exported_at


def bundled_event(event: Event) -> dict[str, Any]:
    """Return an event as a row of a bundle."""
    row = event_row(event)
    return {key: row[key] for key in EVENT_KEYS}


def event_of(row: Mapping[str, Any]) -> Event:
    """Return what a row of a bundle says of an event, as far as its label and time need it. Raise `ValueError`."""
    if set(row) != set(EVENT_KEYS):
        raise ValueError("an event has other keys")
    return Event(
        EventKind(row["kind"]),
        parse_utc(str(row["at"])),
        "",
        grade=Grade(row["grade"]) if row["grade"] else None,
        relation=Relation(row["relation"]) if row["relation"] else None,
        outdated=row["outdated"] is True,
        standing=row["standing"] is True,
    )


def content_sha256(facts: Mapping[str, Any]) -> str:
    """Return the hash of all facts that follow from the responses of a bundle. Raise `LookupError`, `TypeError`."""
    revisions = [
        [row[key] for key in ("number", "title", "text", "first_seen_at", "grade")] for row in facts["revisions"]
    ]
    wordings = [[row[key] for key in ("number", "title", "first_seen_at")] for row in facts["wordings"]]
    content = {name: facts[name] for name in _CONTENT} | {"revisions": revisions, "wordings": wordings}
    return hashlib.sha256(as_json(content)).hexdigest()


def record_of(facts: Mapping[str, Any]) -> Record:
    """Return the record in the facts of a bundle. Raise `LookupError`, `TypeError` or `ValueError` for another form."""
    events = tuple(facts["events"])
    for row in events[:_MAX_EVENTS]:
        event_of(row)
    exported_at = parse_utc(str(facts["exported_at"]))
    seen = dict(_seen(facts))
    if len(events) > _MAX_EVENTS:
        raise ValueError("more events than one statement has")
    statement = facts["statement"]
    state = PublicationState(statement["state"]) if statement else None
    return Record(exported_at, str(facts["software"]), state, events, seen)


def _seen(facts: Mapping[str, Any]) -> Sequence[tuple[str, datetime]]:
    parts = [(name, facts[name]) for name in ("statement", "page", "copy") if facts[name]]
    parts += [(f"revision {row['number']}", row) for row in facts["revisions"]]
    parts += [(f"wording {row['number']}", row) for row in facts["wordings"]]
    parts += [(f"quotation {number}", row) for number, row in enumerate(facts["quotations"])]
    seen = [(name, row["last_seen_at"]) for name, row in parts]
    gone = [(f"{name} gone", row["gone_at"]) for name, row in parts if row.get("gone_at")]
    return [(name, parse_utc(str(at))) for name, at in (*seen, *gone)]
