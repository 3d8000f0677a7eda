"""Content of one message, in order, as pure values; the templates decide only about its appearance.

MessageContent    one message
  Entry           one statement, page or source in it
    EventSection  one event of it
      Change      a reason: the value before, the value after
      Excerpt     the changed passages, in their context
      Body        a text in full
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scraper.text.inline_diff import Passage


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


@dataclass(frozen=True, slots=True)
class Gap:
    """Omission in the middle of a text: how much is left out, and the command that shows it."""

    note: str


@dataclass(frozen=True, slots=True)
class Link:
    """Text with an optional link. `url` is http or https, or empty; `text` names its host."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled fact. Without a label it is a line of its own."""

    label: str
    value: Link


@dataclass(frozen=True, slots=True)
class Change:
    """One reason: its label ("amount") and the values before and after, of which one may be empty."""

    label: str
    before: str
    after: str = ""

    def __str__(self) -> str:
        sides = " → ".join(filter(None, [self.before, self.after]))
        return f"{self.label} {sides}" if self.label else sides


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The changed passages of a text. `label` says what is shown: `Title`, `The changed passages, as they are now`."""

    label: str
    passages: tuple[Passage | Gap, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A text in full, or with a gap in its middle."""

    label: str
    paragraphs: tuple[str | Gap, ...]


@dataclass(frozen=True, slots=True)
class EventSection:
    """Report of one event. `label` is the verb (`Revised`), `grade` the grade of the change, `when` the time.

    `subject` becomes the subject of the mail if this section has the greatest weight in it; mail filters match `event`.
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
    """One statement, page or source with all its event sections, that of the greatest weight first."""

    title: str
    url: str = ""
    address: str = ""
    sections: tuple[EventSection, ...] = ()
    rows: tuple[Row, ...] = ()
    is_statement: bool = False


@dataclass(frozen=True, slots=True)
class MessageContent:
    """Content of one message. `preview` is shown beside the subject in an inbox, `rest` counts what did not fit.

    `hidden` is the number of its events that it does not show.
    """

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
    hidden: int = 0
