"""Renderer of mails: subject, text and HTML of one message, as bytes that are parsed again and verified.

Text from a page is never used as a template, as an uncleaned header, or as a link that is not http. A message that
cannot be rendered is replaced by a plain mail that reports the failure, so that no alert is lost.
"""

from __future__ import annotations

import re
from dataclasses import replace
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
from scraper.alerts.compose import PREFIX, compose_message
from scraper.alerts.content import Gap, MessageContent
from scraper.alerts.format import NBSP, one_line
from scraper.alerts.selection import Limits, is_of_state
from scraper.errors import StatewireError
from scraper.model import RenderedMessage
from scraper.text.inline_diff import Mark
from scraper.text.normalize import count

if TYPE_CHECKING:
    from scraper.alerts.model import Message
    from scraper.config.alerts import AlertSettings
    from scraper.text.inline_diff import Passage, Stretch

MAX_HTML_BYTES = 80_000
_WIDTH = 72
_BLANK_LINES = re.compile(r"\n{3,}")
# Mail clients cut off long HTML (Gmail at 102 KB): each step shows less, and the last one always fits.
_STEPS = (
    Limits(50, 12, 45_000),
    Limits(50, 8, 20_000),
    Limits(40, 4, 8_000),
    Limits(20, 4, 4_000),
    Limits(12, 2, 2_000),
    Limits(5, 2, 1_000),
    Limits(2, 1, 500),
)


class UnfitMessageError(StatewireError):
    """Error for a mail that parses as something else than intended."""


class _Policy(policy.EmailPolicy):
    """SMTP policy with our own header lines; bodies are 7-bit, which every server takes."""

    def fold(self, name: str, value: Any) -> str:
        return headers.fold(name, str(value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def render_message(message: Message, settings: AlertSettings, key: str) -> RenderedMessage:
    """Return a message as the mail that is sent; the same values always give the same bytes.

    `key` is the alert's own: with the recipient it makes the Message-ID. If the mail cannot be built, or does not parse
    as intended, a plain mail reports that. Raises `UnfitMessageError` only if that fails as well, because the recipient
    is no single e-mail address.
    """
    try:
        html, hidden = _html(message)
        return _render(compose_message(message), html, message, settings, key, hidden)
    # Even if text from a page breaks a template or the mail library, the reader must get an alert, not a traceback.
    except Exception as error:
        own = tuple(details for details in message.events if is_of_state(details.event))
        if not own or len(own) == len(message.events):
            return _render(_fallback(message, error), None, message, settings, key)
        # What is wrong with the text of another site must not cost the reader what State did.
        left_out = count(len(message.events) - len(own), "event")
        note = f"{left_out} of other sites could not be rendered beside State’s: statewire events"
        note = " ".join(filter(None, [message.note, note]))
        return render_message(replace(message, events=own, note=note), settings, key)


def _html(message: Message) -> tuple[str, int]:
    """Return as much of the message as fits under the size at which clients cut, and the number of hidden events."""
    html = ""
    for limits, others in _limits(message):
        content = compose_message(message, limits, others)
        html = _template("mail.html.j2").render(message=content)
        if len(html.encode()) < MAX_HTML_BYTES:
            return html, content.hidden
    raise UnfitMessageError(f"the HTML has {len(html.encode()):,} bytes at its shortest")


def _limits(message: Message) -> list[tuple[Limits, Limits]]:
    """Return pairs of limits, of State's events and of others: each shows less, and less of State's only at the end."""
    if len({is_of_state(details.event) for details in message.events}) < 2:
        return [(limits, limits) for limits in _STEPS]
    return [*((_STEPS[0], others) for others in _STEPS), *((limits, _STEPS[-1]) for limits in _STEPS[1:])]


def _render(
    content: MessageContent, html: str | None, message: Message, settings: AlertSettings, key: str, hidden: int = 0
) -> RenderedMessage:
    text = _BLANK_LINES.sub("\n\n", _template("mail.txt.j2").render(message=content)).strip().replace(NBSP, " ") + "\n"
    if html is None:
        html = _template("mail.html.j2").render(message=content)
    host = headers.domain(settings.sender)
    message_id = headers.message_id(key, message.recipient, host)
    values = _headers(content, message, settings, host, message_id)
    mail = EmailMessage(policy=_POLICY)
    for name, value in values:
        mail[name] = value
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    # The library would pick a random boundary; this one is reproducible and cannot be guessed before the mail exists.
    mail.set_boundary("=_" + sha256(f"{message_id}{text}{html}".encode()).hexdigest()[:40])
    raw = mail.as_bytes()
    _verify(raw, values, message.recipient, text, html)
    return RenderedMessage(content.subject, text, html, message_id, raw, hidden)


def _headers(
    content: MessageContent, message: Message, settings: AlertSettings, host: str, message_id: str
) -> list[tuple[str, str]]:
    name = message.watches[0][0] if message.watches else f"statewire {message.kind.value}"
    listed = headers.slug(name)
    thread = [headers.root_id(message.statement_id, host)] if message.statement_id else []
    return [
        ("From", f"statewire <{settings.sender}>"),
        ("To", message.recipient),
        ("Subject", content.subject),
        ("Date", format_datetime(message.made_at.astimezone(UTC))),
        ("Message-ID", message_id),
        *(("In-Reply-To", root) for root in thread),
        *(("References", root) for root in thread),
        ("List-Id", f"{headers.phrase(name)} <{listed}.statewire.{host}>"),
        ("List-Unsubscribe", f"<mailto:{settings.sender}?subject={quote(f'unsubscribe {listed}')}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Statewire-Event", content.event),
    ]


def _verify(raw: bytes, values: list[tuple[str, str]], recipient: str, text: str, html: str) -> None:
    """Parse the mail as a client does. Raise `UnfitMessageError` if it differs from the intended one."""
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    expected = [name for name, _ in values] + ["MIME-Version", "Content-Type"]
    if sorted(mail.keys()) != sorted(expected):
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
    """Return a plain content for a message that cannot be rendered: nothing in it comes from a page."""
    kinds = list(dict.fromkeys(details.event.kind.value for details in message.events))
    numbers = dict.fromkeys(details.event.statement_id for details in message.events if details.event.statement_id)
    what = ", ".join(kinds) or message.kind.value
    commands = [("See it", f"statewire show {number}") for number in list(numbers)[:20]]
    return MessageContent(
        subject=f"{PREFIX} {what}: this alert could not be rendered",
        preview="Its data is kept; the commands below show it.",
        opening=f"An event occurred ({what}), and the mail about it could not be rendered: "
        f"{type(error).__name__}: {one_line(headers.header_value(str(error)))}",
        commands=(*commands, ("All alerts", "statewire alerts list")),
        why="You receive this because the alert is addressed to you. Please inform the operator of this monitor.",
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
    """Wrap text into lines of at most `_WIDTH` columns; URLs are never broken, line breaks stay."""
    later = indent if hanging is None else hanging
    lines: list[str] = []
    for line in words.splitlines():
        first = later if lines else indent
        lines += wrap(
            line,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _row(value: str, label: str, width: int) -> str:
    return _wrapped(value, f"  {label:<{width}}  ", " " * (width + 4)) if label else _wrapped(value, "  ", "    ")


def _diff_lines(passage: Passage) -> str:
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
    """Split a text into its leading white space, its words and its trailing white space."""
    words, at = text.strip(), len(text) - len(text.lstrip())
    return text[:at], words, text[at + len(words) :]
