"""Renderer of messages for chats: Slack (Block Kit) and Microsoft Teams (Adaptive Cards), within their limits (pure).

Text of a page is never markup there, never a link, and no mention: it stands in elements that hold plain text, not in
`mrkdwn` or Markdown. Both were built after their documentation and never tried against the services.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from scraper.alerts.compose import PREFIX, compose_message
from scraper.alerts.content import EventSection, Gap, MessageContent
from scraper.alerts.model import Message
from scraper.alerts.page_links import is_url
from scraper.alerts.selection import Limits
from scraper.config.choices import WebhookFormat
from scraper.model import RenderedMessage
from scraper.text import cuts
from scraper.text.inline_diff import Mark, Passage, Stretch
from scraper.text.normalize import count

SLACK_SECTION_CHARS: Final = 3_000
"""Limit of the text of a section (https://docs.slack.dev/reference/block-kit), kept for a block of rich text too."""
SLACK_BLOCKS: Final = 50
"""Limit of the blocks of a message. `SLACK_CHARS` keeps it: two sections in a row have more than 3,000 characters."""
SLACK_CHARS: Final = 10_000
"""Our limit of all sections together: people report that Slack refuses about 13,200, which it does not document."""
TEAMS_BYTES: Final = 28_000
"""Limit of a message of Teams (28 KB)."""
_CARD_BYTES = 20_000
# JSON around a line of a card.
_RUN_BYTES = 90
_LINE_CHARS = 1_500
_MAX_LINKS, _MAX_URL_CHARS = 3, 600
_LIMITS = Limits(1, 1, 6_000)


def render_chat(message: Message, form: WebhookFormat, message_id: str) -> RenderedMessage:
    """Return the request to a webhook of Slack or Teams that reports a message; longer ones say what is left out."""
    content = compose_message(message, _LIMITS)
    subject = content.subject.removeprefix(f"{PREFIX} ")
    command = f"statewire alerts preview {message.events[0].event.id}" if message.events else "statewire alerts list"
    lines, links = list(_lines(content)), _links(content)
    card = (
        _slack(subject, lines, links, command)
        if form is WebhookFormat.SLACK
        else _teams(subject, lines, links, command)
    )
    raw = json.dumps(card, ensure_ascii=False).encode()
    return RenderedMessage(content.subject, "\n".join(lines), "", message_id, raw)


def _slack(subject: str, lines: Sequence[str], links: Sequence[tuple[str, str]], command: str) -> dict[str, Any]:
    blocks = [_rich_text({"type": "text", "text": subject[:SLACK_SECTION_CHARS], "style": {"bold": True}})]
    if links:
        blocks.append(_rich_text(*({"type": "link", "url": url, "text": label} for label, url in links)))
    texts = [""]
    for line in _fitting(lines, SLACK_CHARS, lambda line: len(line) + 1, command):
        if len(texts[-1]) + 1 + len(line) <= SLACK_SECTION_CHARS:
            texts[-1] = f"{texts[-1]}\n{line}".lstrip("\n")
        else:
            texts.append(line)
    blocks += [_rich_text({"type": "text", "text": text}) for text in texts if text]
    # `text` is for notifications, the one place where Slack looks for links and mentions in it.
    return {"text": _escaped(subject), "mrkdwn": False, "blocks": blocks}


def _rich_text(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a block with a line for each element. Unlike `mrkdwn`, it has no characters with a meaning."""
    sections = [{"type": "rich_text_section", "elements": [element]} for element in elements]
    return {"type": "rich_text", "elements": sections}


def _teams(subject: str, lines: Sequence[str], links: Sequence[tuple[str, str]], command: str) -> dict[str, Any]:
    kept = _fitting(lines, _CARD_BYTES, _run_bytes, command)
    # A TextRun is plain text, where a TextBlock would read Markdown, with links.
    runs = [{"type": "TextRun", "text": subject, "weight": "Bolder", "size": "Medium"}]
    runs += [{"type": "TextRun", "text": line} for line in kept]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "RichTextBlock", "inlines": [run]} for run in runs],
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": url} for label, url in links],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run_bytes(line: str) -> int:
    return len(json.dumps(line, ensure_ascii=False).encode()) + _RUN_BYTES


def _escaped(text: str) -> str:
    """Escape the three characters with which links, mentions and dates begin in Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fitting(lines: Sequence[str], most: int, size: Callable[[str], int], command: str) -> Iterator[str]:
    """Yield the lines that fit, in pieces of at most `_LINE_CHARS`, and a last one that counts the others."""
    left = most
    for number, line in enumerate(lines):
        pieces = list(_pieces(line, size))
        left -= sum(map(size, pieces))
        if left < 0:
            yield f"[{count(len(lines) - number, 'line')} left out here; all of it: {command}]"
            return
        yield from pieces


def _pieces(line: str, size: Callable[[str], int]) -> Iterator[str]:
    """Yield a line in pieces, each of which fits into a section of Slack's."""
    while line:
        at = cuts.last_place(line, _LINE_CHARS)
        while size(line[:at]) >= SLACK_SECTION_CHARS:
            at = cuts.last_place(line, at // 2)
        yield line[:at].strip()
        line = line[at:]


def _links(content: MessageContent) -> list[tuple[str, str]]:
    """Return the label and the URL of each link: our page about it, then those of the statements, then others."""
    ours = {shown: label for label, shown in content.commands[:1] if is_url(shown)}
    found = dict(ours)
    for entry in content.entries:
        if entry.url:
            found.setdefault(entry.url, f"{'Statement' if entry.is_statement else 'Page'}: {entry.address}")
        for row in (row for section in entry.sections for row in section.rows):
            if row.value.url:
                found.setdefault(row.value.url, f"{row.label}: {row.value.text}")
    return [(label, url) for url, label in found.items() if len(url) <= _MAX_URL_CHARS][: _MAX_LINKS + len(ours)]


def _lines(content: MessageContent) -> Iterator[str]:
    """Yield the content as lines of plain text, with the marks of the text part of a mail."""
    yield from filter(None, (content.opening, content.note))
    for entry in content.entries:
        for section in entry.sections:
            yield from _section(section)
        yield from (f"{row.label}: {row.value.text}".removeprefix(": ") for row in entry.rows)
    yield from filter(None, (content.rest, content.why))
    yield from (f"{label}: {command}" for label, command in content.commands)


def _section(section: EventSection) -> Iterator[str]:
    heading = ", ".join(filter(None, (section.label, section.grade)))
    yield f"{heading}. {section.lead}".rstrip()
    yield from (f"• {change}" for change in section.changes)
    for excerpt in section.excerpts:
        yield f"{excerpt.label}:"
        for passage in excerpt.passages:
            yield from [f"[{passage.note}]"] if isinstance(passage, Gap) else _sides(passage)
    yield from (f"{row.label}: {row.value.text}".removeprefix(": ") for row in section.rows)
    for body in section.bodies:
        for paragraph in body.paragraphs:
            yield from [f"[{paragraph.note}]"] if isinstance(paragraph, Gap) else paragraph.splitlines()


def _sides(passage: Passage) -> Iterator[str]:
    for sign, side, mark in (("-", passage.before, "[-{}-]"), ("+", passage.after, "{{+{}+}}")):
        if side:
            words = "".join(_marked(stretch, mark) for stretch in side).strip()
            yield f"{sign} {'… ' if passage.is_cut_before else ''}{words}{' …' if passage.is_cut_after else ''}"


def _marked(stretch: Stretch, mark: str) -> str:
    words = stretch.text.strip()
    if stretch.mark is Mark.SAME or not words:
        return stretch.text
    return stretch.text.replace(words, mark.format(words), 1)
