"""Content of one message, in order, as pure values; the templates decide only about its appearance.

MessageContent    one message
  Entry           one statement, page or source in it
    EventSection  one event of it
      Change      a reason: the value before, the value after
      Excerpt     the changed passages, in their context
      Body        a text in full
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from scraper.alerts.labels import Tone
from scraper.text.cuts import shorten

if TYPE_CHECKING:
    from scraper.text.inline_diff import Passage


@dataclass(frozen=True, slots=True)
class Gap:
    """Omission in the middle of a text. `note` says how much is left out, and ends in the command that shows it."""

    note: str
    command: str


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
    """One reason: its label ("amount") and the values before and after, of which one may be empty.

    `section` is the heading above the change in the text.
    """

    label: str
    before: str
    after: str = ""
    section: str = ""

    def __str__(self) -> str:
        sides = " → ".join(filter(None, [self.before, self.after]))
        return f"{self.label} {sides}{self.place}" if self.label else f"{sides}{self.place}"

    @property
    def place(self) -> str:
        """The section in words, with a space before."""
        return f" (in “{self.section}”)" if self.section else ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The changed passages of a text. `label` says what is shown: `Title`, `The changed passages, before and now`."""

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
    `page_path` is the path of our page about what it reports, if no command shows the same.
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
    page_path: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement, page or source with all its event sections, that of the greatest weight first.

    `page_path` is the path of our page of a statement.
    """

    title: str
    url: str = ""
    address: str = ""
    sections: tuple[EventSection, ...] = ()
    rows: tuple[Row, ...] = ()
    is_statement: bool = False
    page_path: str = ""


@dataclass(frozen=True, slots=True)
class MessageContent:
    """Content of one message. `preview` is shown beside the subject in an inbox, `rest` counts what did not fit.

    `hidden` is the number of its events that it does not show. `saved` are rows about pages of earlier events that the
    Internet Archive has saved, those with the ids `saves`. `commands` are label and command, or the URL of our page
    that shows the same.
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
    saved: tuple[Row, ...] = ()
    saves: tuple[int, ...] = ()


SHORTENED: Final = "Long titles, links and reasons are shortened in this mail."
# Fields that are bounded already, or that are of no use in part.
_WHOLE = frozenset(("subject", "event", "label"))
_MAX_COMMAND_CHARS, _MAX_URL_CHARS, _MAX_ROWS = 200, 300, 30


def shorten_all(content: MessageContent, chars: int) -> MessageContent:
    """Shorten every text of a message to about `chars` characters, for one that is too long at any other limit.

    Long links become plain text, and long commands are left out. The note of the message says so.
    """
    note = f"{shorten(content.note, chars)} {SHORTENED}".strip()
    # What the Internet Archive has saved is then in the next mail.
    shortened: MessageContent = _shortened(replace(content, saved=(), saves=()), chars)
    return replace(shortened, note=note)


def _shortened(value: Any, chars: int, name: str = "") -> Any:
    if name == "commands":
        return tuple(pair for pair in value if len(pair[1]) <= _MAX_COMMAND_CHARS)
    if isinstance(value, Gap):
        return value  # it is short, and a part of its command is of no use
    if name == "url":
        return value if len(value) <= _MAX_URL_CHARS else ""
    if isinstance(value, tuple):
        shown = tuple(_shortened(each, chars) for each in value[:_MAX_ROWS])
        more = len(value) - len(shown)
        return (*shown, Row("", Link(f"and {more:,} more"))) if more and isinstance(value[0], Row) else shown
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _shortened(getattr(value, field.name), chars, field.name) for field in fields(value)}
        )
    # An enumeration is no text.
    if type(value) is not str or name in _WHOLE:
        return value
    # Of our own commands in a text, none is cut.
    return shorten(value, max(chars, 100) if "statewire " in value else chars)
