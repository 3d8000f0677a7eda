"""Tests of mail faults from the wire to the sent bytes: any page text gives a complete and harmless mail."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from faults.places import JSON, KNOWN, NEWS, OTHER, QUARTER, REST, Watch, WordPress
from samples import Piece, rest

from scraper.delivery import context
from scraper.model import EventKind, MessageKind
from scraper.parsers.build_item import MAX_TITLE_CHARS
from scraper.store import OutboxFilter

if TYPE_CHECKING:
    from email.message import EmailMessage

    from scraper.clock import SimulatedClock
    from scraper.model import RenderedMessage
    from scraper.store import Store

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe",
    "Auto-Submitted", "X-Auto-Response-Suppress", "X-Statewire-Event", "MIME-Version", "Content-Type",
}  # fmt: skip
WORDS = {
    "row 45: nul": "Lamps\x00 for Tern",
    "row 45: lone surrogate": "Lamps \ud800 for Tern",
    "row 45: overrides": "Lamps \u202efdp.exe\u202c for Tern",
    "row 45: 5 MB": "Lamps " * 800_000,
    "row 76: line break": "Lamps\r\nBcc: eve@example.com",
    "row 76: encoded word": "Lamps =?utf-8?q?hi=0ABcc:_e?=",
    "row 76: line separator": "Lamps\u2028Bcc: eve@example.com\x85\x0b\x0c\x1c\x1e",
    "row 77: script": "Lamps <script>parent.ran=1</script><img src=x onerror=ran>",
    "row 78: templates": "Lamps {{7*7}} {% for x in y %} {0.__class__} %s %(x)d",
    "row 87: sql": "Lamps'); DROP TABLE statements; --",
}


@pytest.fixture
def alerted(store: Store, clock: SimulatedClock) -> Watch:
    """A monitor of State's REST API, whose JSON can carry any character."""
    watch = Watch(store, clock)
    WordPress().begins(watch)
    return watch


def mail_about(watch: Watch, piece: Piece) -> tuple[RenderedMessage, EmailMessage]:
    """The one mail that is written when the REST API has a new statement."""
    watch.says(REST, rest(piece, KNOWN, OTHER), JSON)
    (event,) = watch.after(QUARTER, WordPress.source).events
    assert (event.kind, event.guid) == (EventKind.PUBLISHED, piece.guid)
    (message,) = watch.store.outbox.find(OutboxFilter())
    written = context.message_renderer(watch.settings(WordPress.source), watch.clock.now)(watch.store, message)
    assert written is not None
    assert "could not be rendered" not in written.subject
    return written, message_from_bytes(written.raw, policy=policy.default)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_rows_45_76_to_78_and_87_hostile_words_are_words_from_the_wire_to_the_mail(alerted: Watch, words: str) -> None:
    piece = NEWS.but(title=words, body=(words[:5_000], *NEWS.body))
    written, mail = mail_about(alerted, piece)
    assert set(mail.keys()) == HEADERS
    assert mail["Subject"] == written.subject
    assert mail["Subject"].removeprefix("[statewire] ").startswith("Published: Lamps")
    assert len(mail["Subject"]) <= 250
    statement = alerted.store.statements.by_guid(piece.guid)
    assert statement is not None
    assert len(statement.title) <= MAX_TITLE_CHARS
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert not re.search(r"<(?:script|img)|href=.javascript:", written.html)
    # Templates, placeholders and SQL are shown unchanged.
    if words.isascii() and words.isprintable() and len(words) < 100 and "=?" not in words:
        assert words in written.subject
        assert words in statement.title
    assert alerted.store.statements.count() == 3


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example/", "https://evil.example/"]
)
def test_row_77_an_address_elsewhere_is_no_link(alerted: Watch, address: str) -> None:
    piece = NEWS.but(body=(f'Lamps, see "><a href="{address}">here</a>.', *NEWS.body))
    body = rest(piece, KNOWN, OTHER).decode()
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '\\"')):
        body = body.replace(entity, letter)
    alerted.says(REST, body.encode(), JSON)
    alerted.after(QUARTER, WordPress.source)
    (message,) = alerted.store.outbox.find(OutboxFilter())
    written = context.message_renderer(alerted.settings(WordPress.source), alerted.clock.now)(alerted.store, message)
    assert written is not None
    links = re.findall(r'href="([^"]*)"', written.html)
    assert links
    assert all(link.startswith("https://www.state.gov/") for link in links)


def test_row_79_a_flood_is_fifty_mails_and_one_digest_that_shows_fifty(alerted: Watch) -> None:
    pieces = [Piece(number) for number in range(100, 220)]
    alerted.says(REST, rest(*pieces), JSON)
    assert len(alerted.after(QUARTER, WordPress.source).events) == len(pieces)
    messages = alerted.store.outbox.find(OutboxFilter())
    (digest,) = [message for message in messages if message.kind is MessageKind.DIGEST]
    assert len(messages) == 51
    written = context.message_renderer(alerted.settings(WordPress.source), alerted.clock.now)(alerted.store, digest)
    assert written is not None
    assert sum(piece.url in written.html for piece in pieces) == 50


def test_row_80_no_line_is_longer_than_mail_allows(alerted: Watch) -> None:
    line = "x" * 5_000
    written, mail = mail_about(alerted, NEWS.but(body=(line, "a\x00b", "Lamps " * 3_000)))
    assert max(map(len, written.raw.split(b"\r\n"))) <= 998
    assert b"\0" not in written.raw
    assert written.raw.isascii()
    text = mail.get_body(("plain",))
    assert text is not None
    assert line in text.get_content()
