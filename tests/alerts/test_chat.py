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
from scraper.config.choices import WebhookFormat
from scraper.model import MessageKind

if TYPE_CHECKING:
    from scraper.alerts.model import Message

KINDS = every_kind()
INJECTED = "<!channel> <@U1> <https://evil.example/|State> [State](https://evil.example/) &amp; @here"


def slack(of: Message) -> dict[str, Any]:
    """The request to Slack, within its limits."""
    body: dict[str, Any] = json.loads(render_chat(of, WebhookFormat.SLACK, "hook-1").raw)
    assert 0 < len(body["blocks"]) <= SLACK_BLOCKS
    assert all(block["type"] == "rich_text" for block in body["blocks"])
    assert all(element["type"] in {"text", "link"} for element in elements(body))
    assert all(0 < len(element["text"]) <= SLACK_SECTION_CHARS for element in elements(body))
    assert sum(len(element["text"]) for element in elements(body)) < 13_000
    return body


def elements(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The texts and links of a request to Slack."""
    return [one for block in body["blocks"] for section in block["elements"] for one in section["elements"]]


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
    title, link, *_ = elements(body)
    assert title == {"type": "text", "text": f"Revised: {TITLE}", "style": {"bold": True}}
    assert (link["type"], link["url"]) == ("link", URL)
    assert link["text"].startswith("Statement: www.state.gov/")
    text = "\n".join(one["text"] for one in elements(body))
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
        assert "<" not in body["text"]
        assert "<!channel> <@U1>" in "".join(one["text"] for one in elements(body))
        links = {one["url"] for one in elements(body) if one["type"] == "link"}
        assert links <= {"https://www.state.gov/?a=1&b=2"}
        card = teams(message(details))
        assert "<!channel> <@U1>" in words(card)
        assert {action["url"] for action in card["actions"]} <= {"https://www.state.gov/?a=1&b=2"}


LONG = ("声明。", "\U0001f600\U0001f600", "<&>", '"\\\n', "a b. ")


@pytest.mark.parametrize("text", [part * 9_000 for part in LONG])
def test_long_texts_say_how_much_is_left_out(text: str) -> None:
    of = message(published(text))
    said = "\n".join(one["text"] for one in elements(slack(of)))
    assert "left out here; all of it: statewire " in said
    assert "left out here; all of it: statewire " in words(teams(of))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200), st.sampled_from(["", "&x" * 900]))
def test_any_text_fits(text: str, query: str) -> None:
    for details in hostile_details(text, f"https://www.state.gov/?{query}"):
        slack(message(details))
        teams(message(details))


def test_the_marks_of_a_page_are_no_markup_in_slack() -> None:
    marks = "~deadline~ *May 12* _x_ `code` :tada:"
    for details in hostile_details(marks):
        body = slack(message(details))
        assert marks in "".join(one["text"] for one in elements(body))
        assert "mrkdwn" not in json.dumps(body["blocks"])


def test_a_test_has_no_event() -> None:
    test = message(kind=MessageKind.TEST, **OPERATOR)
    assert "This is a test" in words(teams(test))
