"""Rules that hold back a text which a check does not let be compared, and release it after a day (pure).

Clocks, lost characters and blank bodies are signs of a stale cache or a broken page. They may delay an event, but must
not suppress it: what three looks over 24 hours show is what stands there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from scraper.model import Reason
from scraper.rules.placeholders import ABSENCES
from scraper.rules.schedule import is_confirmed
from scraper.text.normalize import key_sha256

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Event


class HeldSubject(StrEnum):
    """Kind of the thing whose text is held."""

    STATEMENT = "statement"
    PAGE = "page"
    STANDING = "standing page"


@dataclass(frozen=True, slots=True)
class HeldText:
    """A text that was seen and not compared: the times of its first and its last look, and their number."""

    first_seen_at: datetime
    last_seen_at: datetime
    looks: int = 1

    @property
    def is_released(self) -> bool:
        """True if the text has been seen for 24 hours over at least three looks."""
        return is_confirmed(self.first_seen_at, self.looks, self.last_seen_at)


def look_again(held: HeldText | None, at: datetime) -> HeldText:
    """Count one more look at a text, None if it is the first; two answers of one time are one look."""
    if held is None:
        return HeldText(at, at)
    if at <= held.last_seen_at:
        return held
    return replace(held, last_seen_at=at, looks=held.looks + 1)


def held_key(*words: str) -> str:
    """Return the key under which a text is held: equal for texts with the same words in all parts."""
    return key_sha256("\n".join(words))


HELD: Final = "held back"
"""Label of the reason of an event that a check delayed."""


def explain(event: Event, held: HeldText, label: str = HELD) -> Event:
    """Return an event with the looks over which its text was held as its first reason."""
    looks = f"{held.looks} checks since {held.first_seen_at:%Y-%m-%d %H:%M} UTC"
    return replace(event, reasons=(Reason(label, looks), *event.reasons))


def is_delayed(event: Event) -> bool:
    """Return True for an event of a text that was held."""
    return any(reason.label == HELD or reason.label in ABSENCES.values() for reason in event.reasons)
