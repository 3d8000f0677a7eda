"""Tests of links to our pages in mails, chats and feeds: the pages instead of commands, and nothing else changes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from alerts_support import SETTINGS, STATEMENT, every_kind, many, message, of_copy, published
from hostile import HOSTILE, hostile_details

from scraper import page_paths
from scraper.alerts import page_links
from scraper.alerts.chat import render_chat
from scraper.alerts.content import Gap
from scraper.alerts.render import MAX_BYTES, render_entry, render_message
from scraper.config.choices import WebhookFormat
from scraper.model import EventKind, MessageKind, Relation

BASE = "https://desk.example/state/"
KINDS = every_kind()
NUMBER = STATEMENT.id
# Commands that a page stands for; others (mute, why, events, trace, doctor) have none.
WITH_PAGE = re.compile(r"statewire (?:show|diff|copies|status)\b")


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("statewire show 4", "statements/4/"),
        ("statewire show 4 --revision 2", "statements/4/revisions/2/"),
        ("statewire diff 4 1 2", "statements/4/compare/1/2/"),
        ("statewire diff 4", "statements/4/"),
        ("statewire copies 4", "statements/4/copies/"),
        ("statewire status", "sources/"),
        ("statewire alerts mute 4", None),
        ("statewire show 4; rm 5", None),
        ("statewire show ٤", None),
        ("", None),
    ],
)
def test_a_command_has_one_page_or_none(command: str, path: str | None) -> None:
    assert page_paths.of_command(command) == path


@pytest.mark.parametrize("base", [BASE, BASE.rstrip("/")])
def test_the_url_of_a_page_has_the_path_of_all_pages_before_it(base: str) -> None:
    assert page_paths.public_url(base, page_paths.statement(4)) == "https://desk.example/state/statements/4/"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_links_to_pages_in_both_parts_and_keeps_the_other_commands(kind: str) -> None:
    plain = render_message(KINDS[kind], SETTINGS, "key")
    linked = render_message(replace(KINDS[kind], base_url=BASE), SETTINGS, "key")
    assert len(linked.raw) <= MAX_BYTES
    assert not WITH_PAGE.search(linked.text + linked.html)
    assert BASE not in plain.text + plain.html
    others = re.findall(r"statewire (?:alerts|events|doctor|fetch|trace)[^\n<]*", plain.text)
    assert others == re.findall(r"statewire (?:alerts|events|doctor|fetch|trace)[^\n<]*", linked.text)
    for url in re.findall(rf"{BASE}\S*", linked.text):
        assert f'href="{url}"' in linked.html
    if WITH_PAGE.search(plain.text):
        assert BASE in linked.text


def test_a_mail_about_a_copy_links_to_its_page_first() -> None:
    text = render_message(message(of_copy(EventKind.COPY_FOUND, Relation.ALTERED), base_url=BASE), SETTINGS, "key").text
    copy, copies = f"See the copy: {BASE}copies/", f"All copies: {BASE}statements/{NUMBER}/copies/\n"
    assert re.search(rf"^{re.escape(copy)}\d+/{NUMBER}/\n{re.escape(copies)}", text, re.MULTILINE)


def test_a_gap_in_a_long_text_links_to_all_of_it() -> None:
    mail = render_message(message(published("One line. " * 9_000), base_url=BASE), SETTINGS, "key")
    assert re.search(rf"left out here;\s+all\s+of\s+it:\s+{re.escape(BASE)}statements/{NUMBER}/\]", mail.text)


def test_each_statement_of_a_digest_has_its_link() -> None:
    digest = message(*many(5), kind=MessageKind.DIGEST, base_url=BASE)
    text = render_message(digest, SETTINGS, "key").text
    numbers = {details.event.statement_id for details in digest.events}
    assert {int(number) for number in re.findall(rf"{re.escape(BASE)}statements/(\d+)/", text)} == numbers


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_make_no_other_link(words: str) -> None:
    for details in hostile_details(words):
        mail = render_message(message(details, base_url=BASE), SETTINGS, "key")
        assert len(mail.raw) <= MAX_BYTES
        for url in re.findall(rf'href="({re.escape(BASE)}[^"]*)"', mail.html):
            assert re.fullmatch(r"(statements|copies)/[0-9/]+(compare/\d+/\d+/|copies/)?", url.removeprefix(BASE))


def test_a_chat_links_to_the_page_before_the_statement_at_state() -> None:
    of = message(published(), base_url=BASE)
    slack = json.loads(render_chat(of, WebhookFormat.SLACK, "hook-1").raw)
    links = [
        each["url"]
        for block in slack["blocks"]
        for section in block["elements"]
        for each in section["elements"]
        if each["type"] == "link"
    ]
    assert links == [f"{BASE}statements/{NUMBER}/", STATEMENT.url]
    teams = json.loads(render_chat(of, WebhookFormat.TEAMS, "hook-1").raw)
    actions = teams["attachments"][0]["content"]["actions"]
    assert [action["url"] for action in actions] == links


def test_an_entry_of_a_feed_links_to_the_page() -> None:
    _, html, url = render_entry(message(published(), base_url=BASE))
    assert url == f"{BASE}statements/{NUMBER}/"
    assert f'Read it here: <a href="{url}">{url}</a>' in html
    assert render_entry(message(published()))[2] == ""


def test_an_entry_for_any_reader_names_no_watch_and_no_command() -> None:
    _, whole, _ = render_entry(KINDS["published"])
    _, shared, _ = render_entry(KINDS["published"], is_personal=False)
    assert "statewire alerts mute" in whole
    assert "statewire alerts mute" not in shared
    assert "You receive this" not in shared


def test_what_is_left_out_of_a_misquotation_is_behind_its_command() -> None:
    """No page has the quotations of one kind only."""
    command = f"statewire quotes {NUMBER} --altered"
    gap = Gap(f"3 passages with changes left out here; all of them: {command}", command)
    assert page_links._gap(gap, BASE) == gap
