"""Tests of messages for Slack and Teams: their documented limits, and no markup, link or mention of a page's text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from alerts_support import OPERATOR, TITLE, URL, every_kind, message, published, revised
from hostile import hostile_details
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.alerts.chat import SLACK_BLOCKS, SLACK_SECTION_CHARS, TEAMS_BYTES, render_chat
from scraper.config.alerts import WebhookFormat
from scraper.model import MessageKind

if TYPE_CHECKING:
    from scraper.alerts.model import Message

KINDS = every_kind()
INJECTED = "<!channel> <@U1> <https://evil.example/|State> [State](https://evil.example/) &amp; @here"


def slack(of: Message) -> dict[str, Any]:
    """The request to Slack, within its limits."""
    body: dict[str, Any] = json.loads(render_chat(of, WebhookFormat.SLACK, "hook-1").raw)
    texts = [block["text"] for block in body["blocks"]]
    assert 0 < len(texts) <= SLACK_BLOCKS
    assert all(text["type"] == "mrkdwn" and text["verbatim"] for text in texts)
    assert all(0 < len(text["text"]) <= SLACK_SECTION_CHARS for text in texts)
    assert sum(len(text["text"]) for text in texts) < 13_000
    return body


def teams(of: Message) -> dict[str, Any]:
    """The card for Teams, within its limits: text in runs only, which are never read as Markdown."""
    raw = render_chat(of, WebhookFormat.TEAMS, "hook-1").raw
    assert len(raw) <= TEAMS_BYTES
    body = json.loads(raw)
    (attachment,) = body["attachments"]
    assert (body["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card: dict[str, Any] = attachment["content"]
    assert all(block["type"] == "RichTextBlock" for block in card["body"])
    assert all(run["type"] == "TextRun" and run["text"] for block in card["body"] for run in block["inlines"])
    return card


def words(card: dict[str, Any]) -> str:
    return "\n".join(run["text"] for block in card["body"] for run in block["inlines"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits(kind: str) -> None:
    assert slack(KINDS[kind])["text"]
    assert words(teams(KINDS[kind]))


def test_a_revision_is_reported_with_its_difference_and_a_link_to_state() -> None:
    body, card = slack(message(revised())), teams(message(revised()))
    text = "\n".join(block["text"]["text"] for block in body["blocks"])
    assert text.startswith(f"*Revised: {TITLE}*\n<{URL}|Statement: www.state.gov/")
    assert body["text"] == f"Revised: {TITLE}"
    for said in (text, words(card)):
        assert "• amount $80 million → $58 million" in said
        assert "providing [-$80-] million" in said
        assert "providing {+$58+} million in assistance {+to Mekong sub-region countries+}" in said
        assert "Reproduce: statewire diff 265079 1 2" in said
    (action,) = card["actions"]
    assert (action["type"], action["url"]) == ("Action.OpenUrl", URL)


def test_what_a_page_says_is_no_link_and_mentions_nobody() -> None:
    for details in hostile_details(INJECTED, "https://www.state.gov/?a=1&b=2"):
        body = slack(message(details, watches=((INJECTED, INJECTED),)))
        texts = [body["text"], *(block["text"]["text"] for block in body["blocks"])]
        assert "&lt;!channel&gt;" in "".join(texts)
        for line in "\n".join(texts).splitlines():
            if not line.startswith("<https://www.state.gov/?a=1&amp;b=2|"):
                assert "<" not in line
                assert ">" not in line
        card = teams(message(details))
        assert "<!channel> <@U1>" in words(card)
        assert {action["url"] for action in card["actions"]} <= {"https://www.state.gov/?a=1&b=2"}


LONG = ("声明。", "\U0001f600\U0001f600", "<&>", '"\\\n', "a b. ")


@pytest.mark.parametrize("text", [part * 9_000 for part in LONG])
def test_long_texts_say_how_much_is_left_out(text: str) -> None:
    of = message(published(text))
    said = "\n".join(block["text"]["text"] for block in slack(of)["blocks"])
    assert "left out here; all of it: statewire " in said
    assert "left out here; all of it: statewire " in words(teams(of))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200), st.sampled_from(["", "&x" * 900]))
def test_any_text_fits(text: str, query: str) -> None:
    for details in hostile_details(text, f"https://www.state.gov/?{query}"):
        slack(message(details))
        teams(message(details))


def test_a_title_with_an_asterisk_is_not_bold() -> None:
    (details, *_) = hostile_details("a * b")
    assert slack(message(details))["blocks"][0]["text"]["text"].startswith("Published: a * b")


def test_a_test_has_no_event() -> None:
    test = message(kind=MessageKind.TEST, **OPERATOR)
    assert "This is a test" in words(teams(test))
