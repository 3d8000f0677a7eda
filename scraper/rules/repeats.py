"""Rules that decide if the same body again would change nothing, so that it need not be read again (pure).

Beside the body, a reading depends on what is stored of its statements, and on the time. The stored state is compared
(`store.last_readings`); here are the conditions under which time alone brings nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scraper.model import Capture, EndpointKind, Event, EventKind, Item, Reading, Role, Wording
from scraper.text import damage, normalize

# A page's date is searched for up to the time of its capture, and a mirror's text is matched with all statements.
# Of a standing page the date does not matter.
_KINDS = frozenset(
    {EndpointKind.FEED, EndpointKind.WORDPRESS, EndpointKind.LISTING, EndpointKind.SITEMAP, EndpointKind.PAGES}
)
MAX_ITEMS = 1_000
"""Most items of a list whose statements are compared; a longer list is read each time."""


@dataclass(frozen=True, slots=True)
class SeenTurn:
    """Revision of a statement, with the time of the last turn to it; `is_standing` if it is the current one."""

    statement_id: int
    is_standing: bool
    turned_at: datetime
    last_seen_at: datetime


def is_repeatable(role: Role, kind: EndpointKind) -> bool:
    """Return True if lists of this kind, of a source in this role, need not be read again."""
    return role.gives_statements and kind in _KINDS


def reading_key(capture: Capture, *circumstances: object) -> str:
    """Return the hash of all that a reading depends on, apart from the database and the time.

    `circumstances` are the version of the parsers, and what of the configuration has an influence.
    """
    facts = (*circumstances, capture.final_url, capture.detail, capture.header("content-type"))
    digest = hashlib.sha256(repr(facts).encode(errors="replace"))
    digest.update(capture.body)
    return digest.hexdigest()


def is_settled(reading: Reading, events: Iterable[Event], at: datetime) -> bool:
    """Decide if a reading without problems, with these events, would bring nothing the next time.

    A time in the future counts once it has come. A text that was repaired as it was stored differs from its item.
    """
    times = [reading.clock, *(item.modified_at for item in reading.items)]
    has_texts = {item.paragraphs is not None for item in reading.items}
    # The texts of a list that gives only some of them are seen again one by one.
    if reading.problems or len(has_texts) != 1 or any(time is not None and time > at for time in times):
        return False
    if any(event.kind is not EventKind.PUBLISHED for event in events):
        return False
    return not any(map(_is_damaged, reading.items))


def _is_damaged(item: Item) -> bool:
    wording = Wording(item.title, normalize.join(item.paragraphs or ()))
    return damage.is_damaged(wording, Wording("", ""))


def are_settled(turns: Iterable[SeenTurn], at: datetime) -> bool:
    """Decide if no turn to a wording waits to be reported: none that a cache may have caused, nor a repeated one."""
    found = list(turns)
    standing = {turn.statement_id: turn.turned_at for turn in found if turn.is_standing}
    others = (turn for turn in found if not turn.is_standing)
    return not any(turn.last_seen_at >= at or turn.turned_at > standing[turn.statement_id] for turn in others)
