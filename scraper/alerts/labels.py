"""Labels of events with their colours and weights (pure). Commands that write no mail read them too."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Tone(StrEnum):
    """Colour of an event section; its label says the same in words."""

    NEWS = "news"
    CHANGE = "change"
    ALARM = "alarm"
    GOOD = "good"
    QUIET = "quiet"


class EventLabel(NamedTuple):
    """The verb of a subject, its colour, and its weight among other events of the same statement."""

    label: str
    tone: Tone
    weight: int
