"""What a message says, in words and in order, for templates that decide nothing but how it looks (pure values).

Letter          one message
  Entry         one statement, page or source in it
    Telling     one thing that happened to it
      Change    why it matters: what stood before, what stands after
      Excerpt   where it changed, in its place
    Body        a text in full
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.text.inline_diff import Passage


class Tone(StrEnum):
    """How a telling is coloured; its label says the same in words."""

    NEWS = "news"
    CHANGE = "change"
    ALARM = "alarm"
    GOOD = "good"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something left out in the middle: how much, and what shows it."""

    note: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that may lead somewhere. `url` is http or https, or empty; `text` names its host."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact with its name. Without a name it is a line of its own."""

    label: str
    value: Link


@dataclass(frozen=True, slots=True)
class Change:
    """One reason: its label ("amount") and what stood before and stands after, of which one may be empty."""

    label: str
    before: str
    after: str = ""

    def __str__(self) -> str:
        sides = " → ".join(filter(None, [self.before, self.after]))
        return f"{self.label} {sides}" if self.label else sides


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where something changed. `label` says what is shown: `Title`, `What it says now, where it changed`."""

    label: str
    passages: tuple[Passage | Gap, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A text in full, or with a gap in its middle."""

    label: str
    paragraphs: tuple[str | Gap, ...]


@dataclass(frozen=True, slots=True)
class EventSection:
    """One thing that happened. `label` is the verb (`Revised`), `grade` how much it matters, `when` the time.

    `subject` is what a mail is headed with when this is the weightiest in it, `event` what filters go by.
    """

    lead: str
    label: str = ""
    tone: Tone = Tone.NEWS
    weight: int = 0
    grade: str = ""
    when: str = ""
    subject: str = ""
    event: str = ""
    changes: tuple[Change, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    rows: tuple[Row, ...] = ()
    bodies: tuple[Body, ...] = ()
    commands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement, page or source with all that is told of it, the weightiest first."""

    title: str
    url: str = ""
    address: str = ""
    sections: tuple[EventSection, ...] = ()
    rows: tuple[Row, ...] = ()
    is_statement: bool = False


@dataclass(frozen=True, slots=True)
class MessageContent:
    """One message. `preview` is what an inbox shows beside the subject, `rest` tells what did not fit."""

    subject: str
    preview: str
    opening: str = ""
    note: str = ""
    is_digest: bool = False
    entries: tuple[Entry, ...] = ()
    rest: str = ""
    why: str = ""
    commands: tuple[tuple[str, str], ...] = ()
    event: str = ""
