"""A message -> a mail: subject, text and HTML from one letter, as bytes that were read back and found to be right.

Nothing that came from a page is ever a template, a header that is not cleaned, or a link that is not http. What cannot
be built is told in a plain mail instead of being lost.
"""

from __future__ import annotations

import re
from datetime import UTC
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

from scraper.alerts import headers
from scraper.alerts.compose import PREFIX, Limits, compose_message
from scraper.alerts.content import Gap, MessageContent
from scraper.alerts.format import NBSP, count, one_line
from scraper.errors import StatewireError
from scraper.model import RenderedMessage
from scraper.text.inline_diff import Mark

if TYPE_CHECKING:
    from scraper.alerts.model import Message
    from scraper.config.alerts import AlertSettings
    from scraper.text.inline_diff import Passage, Stretch

MAX_HTML_BYTES = 80_000
_WIDTH = 72
_BLANK_LINES = re.compile(r"\n{3,}")
# Mail clients cut off long HTML (Gmail at 102 KB): each step shows less, the last one fits whatever the letter says.
_STEPS = tuple(
    Limits(entries, tellings, chars)
    for entries, tellings, chars in (
        (50, 12, 45_000),
        (50, 8, 20_000),
        (40, 4, 8_000),
        (20, 4, 4_000),
        (12, 2, 2_000),
        (5, 2, 1_000),
        (2, 1, 500),
    )
)


class UnfitMessageError(StatewireError):
    """A mail that reads back as something else than what was meant."""


class _Policy(policy.EmailPolicy):
    """SMTP's rules with header lines of our own; bodies in 7 bits, which every server takes."""

    def fold(self, name: str, value: Any) -> str:
        return headers.folded(name, str(value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def render_message(message: Message, settings: AlertSettings, key: str) -> RenderedMessage:
    """A message as the mail that is sent; the same bytes whenever it is called with the same values.

    `key` is the alert's own: with the recipient it makes the Message-ID. Where the mail cannot be built, or is not
    read back as it was meant, a plain one says so; raises `UnfitMessageError` only where that fails as well, because
    the recipient is no single address.
    """
    try:
        return _written(compose_message(message), _html(message), message, settings, key)
    # Whatever a page can do to a template or to the mail library has to leave the alert in words, not in a traceback.
    except Exception as error:
        return _written(_fallback(message, error), None, message, settings, key)


def _html(message: Message) -> str:
    """As much of the letter as fits under the size at which clients cut."""
    html = ""
    for limits in _STEPS:
        html = _template("mail.html.j2").render(message=compose_message(message, limits))
        if len(html.encode()) < MAX_HTML_BYTES:
            return html
    raise UnfitMessageError(f"the HTML has {len(html.encode()):,} bytes at its shortest")


def _written(
    told: MessageContent, html: str | None, message: Message, settings: AlertSettings, key: str
) -> RenderedMessage:
    text = _BLANK_LINES.sub("\n\n", _template("mail.txt.j2").render(message=told)).strip().replace(NBSP, " ") + "\n"
    if html is None:
        html = _template("mail.html.j2").render(message=told)
    host = headers.domain(settings.sender)
    message_id = headers.message_id(key, message.recipient, host)
    values = _headers(told, message, settings, host, message_id)
    mail = EmailMessage(policy=_POLICY)
    for name, value in values:
        mail[name] = value
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    # The library would draw a boundary by lot; nobody can know this one before the mail is written.
    mail.set_boundary("=_" + sha256(f"{message_id}{text}{html}".encode()).hexdigest()[:40])
    raw = mail.as_bytes()
    _prove(raw, values, message.recipient, text, html)
    return RenderedMessage(told.subject, text, html, message_id, raw)


def _headers(
    told: MessageContent, message: Message, settings: AlertSettings, host: str, message_id: str
) -> list[tuple[str, str]]:
    """The headers of a mail in their order, each on one line."""
    name = message.watches[0][0] if message.watches else f"statewire {message.kind.value}"
    listed = headers.slug(name)
    thread = [headers.root_id(message.statement_id, host)] if message.statement_id else []
    return [
        ("From", f"statewire <{settings.sender}>"),
        ("To", message.recipient),
        ("Subject", told.subject),
        ("Date", format_datetime(message.made_at.astimezone(UTC))),
        ("Message-ID", message_id),
        *(("In-Reply-To", root) for root in thread),
        *(("References", root) for root in thread),
        ("List-Id", f"{headers.phrase(name)} <{listed}.statewire.{host}>"),
        ("List-Unsubscribe", f"<mailto:{settings.sender}?subject={quote(f'unsubscribe {listed}')}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Statewire-Event", told.event),
    ]


def _prove(raw: bytes, values: list[tuple[str, str]], recipient: str, text: str, html: str) -> None:
    """Read the mail as a client does; raises `UnfitMessageError` where it is not what was meant."""
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    meant = [name for name, _ in values] + ["MIME-Version", "Content-Type"]
    if sorted(mail.keys()) != sorted(meant):
        raise UnfitMessageError(f"its headers are {', '.join(mail.keys())}")
    if str(mail["Subject"]) != dict(values)["Subject"]:
        raise UnfitMessageError("its subject is read as another")
    addresses = [address.addr_spec for address in mail["To"].addresses]
    if addresses != [recipient]:
        raise UnfitMessageError(f"it has {count(len(addresses), 'recipient')}")
    bodies = [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]
    if bodies != [text, html] or mail.defects:
        raise UnfitMessageError("its text is read as another")


def _fallback(message: Message, error: Exception) -> MessageContent:
    """What can be said of a message that cannot be written: nothing in it comes from a page."""
    kinds = list(dict.fromkeys(told.event.kind.value for told in message.events))
    numbers = dict.fromkeys(told.event.statement_id for told in message.events if told.event.statement_id)
    what = ", ".join(kinds) or message.kind.value
    commands = [("See it", f"statewire show {number}") for number in list(numbers)[:20]]
    return MessageContent(
        subject=f"{PREFIX} {what}: this alert could not be written",
        preview="Its facts are kept; the commands below show them.",
        opening=f"Something happened ({what}), and the mail that tells of it could not be written: "
        f"{type(error).__name__}: {one_line(headers.clean(str(error)))}",
        commands=(*commands, ("All alerts", "statewire alerts list")),
        why="You get this because the alert is addressed to you. Please tell whoever runs this statewire.",
        event=f"{kinds[0] if kinds else message.kind.value}; unwritten",
    )


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scraper.alerts"),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"wrapped": _wrapped, "row": _row, "diff_lines": _diff_lines, "edges": _edges}
    environment.tests["gap"] = lambda value: isinstance(value, Gap)
    return environment


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def _wrapped(words: str, indent: str = "", hanging: str | None = None) -> str:
    """Words in lines of at most `_WIDTH` columns; an address is never broken. Line breaks in them stay."""
    later = indent if hanging is None else hanging
    lines: list[str] = []
    for given in words.splitlines():
        first = later if lines else indent
        lines += wrap(
            given,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _row(value: str, label: str, width: int) -> str:
    """A fact with its name before it in a column so wide."""
    return _wrapped(value, f"  {label:<{width}}  ", " " * (width + 4)) if label else _wrapped(value, "  ", "    ")


def _diff_lines(passage: Passage) -> str:
    """A changed passage in two lines: what stood there, and what stands there."""
    sides = (("- ", passage.before, "[-{}-]"), ("+ ", passage.after, "{{+{}+}}"))
    lines = []
    for sign, side, mark in sides:
        if not side:
            continue
        words = "".join(_marked(stretch, mark) for stretch in side)
        words = f"{'… ' if passage.is_cut_before else ''}{words.strip()}{' …' if passage.is_cut_after else ''}"
        lines.append(_wrapped(words, f"  {sign}", "    "))
    return "\n".join(lines)


def _marked(stretch: Stretch, mark: str) -> str:
    before, words, after = _edges(stretch.text)
    return before + (words if stretch.mark is Mark.SAME else mark.format(words)) + after


def _edges(text: str) -> tuple[str, str, str]:
    """A text without the white space around it, and that before and after it."""
    words, at = text.strip(), len(text) - len(text.lstrip())
    return text[:at], words, text[at + len(words) :]
