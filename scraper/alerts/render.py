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
from email.parser import BytesParser, Parser
from email.utils import format_datetime
from functools import lru_cache, partial
from hashlib import sha256
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import jinja2

from scraper.alerts import headers
from scraper.alerts.compose import PREFIX, compose_message
from scraper.alerts.content import Gap, MessageContent, shorten_all
from scraper.alerts.format import NBSP, one_line
from scraper.alerts.page_links import is_url, link_pages
from scraper.alerts.selection import Limits, is_of_state
from scraper.errors import StatewireError
from scraper.model import RenderedMessage
from scraper.text.inline_diff import Mark
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.alerts.model import Message
    from scraper.config.alerts import AlertSettings
    from scraper.text.inline_diff import Passage, Stretch

MAX_BYTES: Final = 100_000
"""Limit of a whole mail as it is sent: mail programs cut longer ones (Gmail at 102 KB)."""
_WIDTH = 72
# Longest line that needs no encoding (RFC 5322, 2.1.1).
_LINE_BYTES = 78
# Bytes that quoted-printable writes as three.
_ESCAPED_BYTES = bytes({*range(32), 61, *range(127, 256)} - {10})
_BLANK_LINES = re.compile(r"\n{3,}")
# Each step shows less.
_STEPS = (
    *(Limits(50, 12, chars) for chars in (48_000, 34_000, 24_000, 17_000)),
    *(Limits(50, 8, chars) for chars in (12_000, 8_000)),
    *(Limits(entries, 4, 4_000) for entries in (50, 44, 38, 33, 28, 24, 20)),
    *(Limits(entries, 2, 2_000) for entries in (16, 12, 8)),
    Limits(5, 2, 1_000),
    Limits(2, 1, 500),
)
_SHORT_CHARS = (200, 60, 25)
_ENTRY_LIMITS = Limits(1, 1, 16_000)


class UnfitMessageError(StatewireError):
    """Error for a mail that parses as something else than intended."""


class _Policy(policy.EmailPolicy):
    """SMTP policy with our own header lines; bodies are 7-bit, which every server takes."""

    def fold(self, name: str, value: Any) -> str:
        return headers.fold(name, str(value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode()


_BYTES_PARSER, _TEXT_PARSER = BytesParser(policy=policy.default), Parser(policy=policy.default)
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def render_message(message: Message, settings: AlertSettings, key: str) -> RenderedMessage:
    """Return a message as the mail that is sent; the same values always give the same bytes.

    `key` is the alert's own: with the recipient it makes the Message-ID. If the mail cannot be built, or does not parse
    as intended, a plain mail reports that. Raises `UnfitMessageError` only if that fails as well, because the recipient
    is no single e-mail address.
    """
    try:
        return _fitting(message, settings, key)
    # Even if text from a page breaks a template or the mail library, the reader must get an alert, not a traceback.
    except Exception as error:
        own = tuple(details for details in message.events if is_of_state(details.event))
        if not own or len(own) == len(message.events):
            content = link_pages(_fallback(message, error), message.base_url)
            return _render(content, message, settings, key)
        # What is wrong with the text of another site must not cost the reader what State did.
        left_out = count(len(message.events) - len(own), "event")
        note = f"{left_out} of other sites could not be rendered beside State’s: statewire events"
        note = " ".join(filter(None, [message.note, note]))
        return render_message(replace(message, events=own, note=note), settings, key)


def render_entry(message: Message, *, is_personal: bool = True) -> tuple[str, str, str]:
    """Return title, HTML and URL of an entry of a feed about the events of a message: our page, "" if there is none.

    An entry that is not for one recipient says neither why it was sent nor which commands show more.
    """
    content = compose_message(message, _ENTRY_LIMITS)
    url = next((shown for _, shown in content.commands if is_url(shown)), "")
    if not is_personal:
        content = replace(content, why="", commands=())
    html = _template("entry.html.j2").render(message=content).strip()
    return content.subject.removeprefix(f"{PREFIX} "), html, url


def _fitting(message: Message, settings: AlertSettings, key: str) -> RenderedMessage:
    """Return the mail with as much of the message as fits. Both parts are of one content, so they are cut alike."""
    contents, fitting = _contents(message), None
    first, last, middle = 0, len(contents), 0
    # Most mails fit as a whole; of the others, a long one is not rendered at each step.
    while first < last:
        rendered = _render(contents[middle](), message, settings, key)
        if len(rendered.raw) <= MAX_BYTES:
            fitting, last = rendered, middle
        else:
            first = middle + 1
        middle = (first + last) // 2
    if fitting is None:
        raise UnfitMessageError(f"it has {len(rendered.raw):,} bytes at its shortest")
    return fitting


def _contents(message: Message) -> list[Callable[[], MessageContent]]:
    """Return functions that compose a message, each with less of it, and at last with short texts only."""

    def shortest(chars: int) -> MessageContent:
        return shorten_all(compose_message(message, *limits[-1]), chars)

    limits = _limits(message)
    return [
        *(partial(compose_message, message, *each) for each in limits),
        *(partial(shortest, chars) for chars in _SHORT_CHARS),
    ]


def _limits(message: Message) -> list[tuple[Limits, Limits]]:
    """Return pairs of limits, of State's events and of others: each shows less, and less of State's only at the end."""
    if len({is_of_state(details.event) for details in message.events}) < 2:
        return [(limits, limits) for limits in _STEPS]
    return [*((_STEPS[0], others) for others in _STEPS), *((limits, _STEPS[-1]) for limits in _STEPS[1:])]


def _render(content: MessageContent, message: Message, settings: AlertSettings, key: str) -> RenderedMessage:
    text = _BLANK_LINES.sub("\n\n", _template("mail.txt.j2").render(message=content)).strip().replace(NBSP, " ") + "\n"
    html = _template("mail.html.j2").render(message=content)
    host = headers.domain(settings.sender)
    message_id = headers.message_id(key, message.recipient, host)
    values = _headers(content, message, settings, host, message_id)
    mail = EmailMessage(policy=_POLICY)
    for name, value in values:
        mail[name] = value
    mail.set_content(text, cte=_encoding(text))
    mail.add_alternative(html, subtype="html", cte=_encoding(html))
    # The library would pick a random boundary; this one is reproducible and cannot be guessed before the mail exists.
    mail.set_boundary("=_" + sha256(f"{message_id}{text}{html}".encode()).hexdigest()[:40])
    raw = mail.as_bytes()
    _verify(raw, values, message.recipient, text, html)
    return RenderedMessage(content.subject, text, html, message_id, raw, content.hidden, content.saves)


def _encoding(text: str) -> str | None:
    """Return the shorter encoding of a part, None for 7 bit. The library would judge by the first lines alone."""
    if text.isascii() and max(map(len, text.splitlines()), default=0) <= _LINE_BYTES:
        return None
    data = text.encode()
    escaped = len(data) - len(data.translate(None, _ESCAPED_BYTES))
    return "base64" if 2 * escaped > 0.37 * len(data) else "quoted-printable"


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
    # The library reads an address beyond ASCII from a string only.
    mail = _BYTES_PARSER.parsebytes(raw) if raw.isascii() else _TEXT_PARSER.parsestr(raw.decode())
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
    environment.tests |= {"gap": lambda value: isinstance(value, Gap), "url": is_url}
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
