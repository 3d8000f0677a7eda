"""Tests of `statewire alerts`: listing, dry run, preview, sending and muting."""

from __future__ import annotations

import json
import mailbox
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email import policy as email_policy
from typing import TYPE_CHECKING

import pytest
from command import CONFIG
from fakes.wire import Server
from samples import NOON, Piece, record, rss, warc

from scraper.store import Store
from scraper.store.locks import SENDING, lock_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

WATCHES = """
watches:
  - name: Lamps desk
    to: [desk@example.org]
    when: [published, revised]
    timezone: America/New_York
  - name: Nets desk
    to: [nets@example.org]
    about: {words: [nets]}
    when: [published]
"""


@pytest.fixture
def alerted(run: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """Three polls: the first fill, one statement, and its revision; with mail into the Maildir beside the database."""
    (tmp_path / "config.yaml").write_text(CONFIG + WATCHES, encoding="utf-8")
    first, second = Piece(1), Piece(2)
    revised = second.but(body=(second.body[0].replace("gives 2", "gives 9"), second.body[1]))
    later = [NOON + timedelta(hours=n) for n in (1, 2)]
    records = [
        record(NOON, rss(first)),
        record(later[0], rss(second, first, built=later[0])),
        record(later[1], rss(revised, first, built=later[1])),
    ]
    assert run("import", "--alerts", str(warc(tmp_path / "x.warc.gz", *records))).code == 0
    return run


def subjects(tmp_path: Path) -> list[str]:
    box = mailbox.Maildir(tmp_path / "mail", create=False)
    mails = [message_from_bytes(box.get_bytes(key), policy=email_policy.default) for key in box.iterkeys()]
    return sorted(str(mail["subject"]) for mail in mails)


def test_sent_mail_is_in_the_mailbox_and_in_the_list(alerted: Callable[..., Said], tmp_path: Path) -> None:
    wanted = ["[statewire] Published: Lamps for Harbour 2", "[statewire] Revised: Lamps for Harbour 2"]
    assert subjects(tmp_path) == wanted
    rows = json.loads(alerted("alerts", "list", "--json").out)
    assert [(row["subject"], row["state"], row["recipient"], row["watches"]) for row in rows] == [
        (subject, "sent", "desk@example.org", ["Lamps desk"]) for subject in wanted
    ]
    said = alerted("alerts", "list", "--state", "sent", "--to", "desk@example.org", "-n", "1")
    assert said.code == 0
    assert wanted[1] in said.out
    assert wanted[0] not in said.out
    assert alerted("alerts", "list", "--state", "refused").err == (
        "No matching messages. The watches in the configuration decide who gets which alerts.\n"
    )


def test_nothing_is_sent_twice_and_an_import_notifies_only_on_request(
    run: Callable[..., Said], alerted: Callable[..., Said], tmp_path: Path
) -> None:
    before = subjects(tmp_path)
    assert alerted("alerts", "send").code == 0
    at = NOON + timedelta(hours=3)
    assert run("import", str(warc(tmp_path / "y.warc.gz", record(at, rss(Piece(3), built=at))))).code == 0
    assert alerted("alerts", "send").code == 0
    assert subjects(tmp_path) == before


def test_why_and_replay_explain_without_sending(alerted: Callable[..., Said], tmp_path: Path) -> None:
    events = json.loads(alerted("events", "--no-backfill", "--json").out)
    said = alerted("alerts", "why", str(events[0]["id"]))
    assert "yes  Lamps desk: selects published" in said.out
    assert "no   Nets desk: none of its subjects occurs\n" in said.out  # it has no countries
    assert "\n     message 1 to desk@example.org: sent 20" in said.out
    said = alerted("alerts", "replay", "--watch", "Lamps desk")
    assert said.code == 0
    assert "2026-03-02 08:05 EST" in said.out
    assert said.out.endswith("2026-W10: 2 mails\n2 mails in total\n")
    rows = json.loads(alerted("alerts", "replay", "--watch", "Lamps desk", "--json").out)
    assert [[event["kind"] for event in row["events"]] for row in rows] == [
        ["statement.published"],
        ["statement.revised"],
    ]
    assert json.loads(alerted("alerts", "replay", "--watch", "Nets desk", "--json").out) == []
    assert len(subjects(tmp_path)) == 2


def test_a_preview_is_a_mail_and_a_page(alerted: Callable[..., Said], tmp_path: Path) -> None:
    said = alerted(
        "alerts", "preview", "--kind", "statement.revised", "--watch", "Lamps desk", "--folder", str(tmp_path)
    )
    eml, page = said.out.splitlines()
    with open(eml, "rb") as file:  # noqa: PTH123
        mail = message_from_bytes(file.read(), policy=email_policy.default)
    assert (mail["subject"], mail["to"]) == ("[statewire] Revised: Lamps for Harbour 2", "desk@example.org")
    with open(page, encoding="utf-8") as file:  # noqa: PTH123
        assert "Lamps for Harbour 2" in file.read()
    text = mail.get_body(("plain",)).get_content()
    assert "selects revised, at least minor" in " ".join(text.split())
    other = alerted("alerts", "preview", "--watch", "Nets desk", "--folder", str(tmp_path))
    assert "note: this watch would not send it: does not select revised" in other.err
    assert alerted("alerts", "preview", "--folder", str(tmp_path)).code == 0
    missing = alerted("alerts", "preview", "--folder", str(tmp_path / "nowhere"))
    assert missing.code == 2
    assert "--folder" in missing.err


def test_a_preview_prefers_news_to_a_later_beginning(alerted: Callable[..., Said], tmp_path: Path) -> None:
    at = NOON + timedelta(hours=5)
    beginning = record(at, rss(Piece(7), built=at), "https://2021-2025.state.gov/feed/")
    assert alerted("import", str(warc(tmp_path / "y.warc.gz", beginning))).code == 0
    assert alerted("events", "--json", "-n", "1").json[0]["backfill"]
    eml, _ = alerted("alerts", "preview", "--folder", str(tmp_path)).out.splitlines()
    with open(eml, "rb") as file:  # noqa: PTH123
        mail = message_from_bytes(file.read(), policy=email_policy.default)
    assert mail["subject"] == "[statewire] Revised: Lamps for Harbour 2"


def test_a_test_mail_arrives(alerted: Callable[..., Said], tmp_path: Path) -> None:
    said = alerted("alerts", "test")
    assert said.code == 0
    assert "2 messages sent into the Maildir" in said.err
    assert alerted("alerts", "test", "--to", "me@example.org").code == 0
    assert sum("est" in subject for subject in subjects(tmp_path)) >= 3


def test_a_muted_statement_is_not_reported(alerted: Callable[..., Said], tmp_path: Path) -> None:
    assert alerted("alerts", "mute", "2").out == "muted statement 2: Lamps for Harbour 2\n"
    assert "muted: statement 2 until unmuted" in alerted("alerts", "list").out
    at = NOON + timedelta(hours=3)
    again = warc(tmp_path / "y.warc.gz", record(at, rss(Piece(2).but(title="Nets for Harbour 2"), built=at)))
    assert alerted("import", "--alerts", str(again)).code == 0
    assert len(subjects(tmp_path)) == 2
    said = alerted("alerts", "unmute", "2")
    assert said.out == "unmuted statement 2: Nets for Harbour 2\n"
    assert "1 message about it stays muted; to send it: statewire alerts retry 3" in said.err
    assert alerted("alerts", "retry", "3").code == 0
    assert len(subjects(tmp_path)) == 3
    said = alerted("alerts", "unmute", "2")
    assert (said.code, said.out) == (2, "")
    assert "is not muted" in said.err
    assert alerted("alerts", "mute", "--source", "state", "--until", "2027-01-01").code == 0
    assert alerted("alerts", "mute").code == 2


def test_a_message_that_a_mute_stopped_says_why_and_how_to_send_it(alerted: Callable[..., Said], db: Path) -> None:
    with closing(sqlite3.connect(db)) as opened, opened:
        opened.execute("UPDATE messages SET sent_at = NULL, state = 'sending' WHERE id = 2")
    with Store(db) as store, store.unit():
        store.outbox.mark_retrying(2, NOON + timedelta(days=999), "Connection refused", NOON)
        stopped = store.outbox.get(2)
        assert stopped
        created_at, event_id = stopped.created_at, store.outbox.alerts(2)[0].event_id
    alerted("alerts", "mute", "2")
    listed = alerted("alerts", "list", "--state", "muted").out
    assert f"muted     of {created_at:%Y-%m-%d %H:%M} UTC" in listed
    assert "all of its events were muted" in listed
    assert "to try it again: statewire alerts retry 2" in listed
    assert "Connection refused" not in listed
    assert alerted("alerts", "unmute", "2").err.endswith("stays muted; to send it: statewire alerts retry 2\n")
    explained = " ".join(alerted("alerts", "why", str(event_id)).out.split())
    assert "; all of its events were muted; to try it again: statewire alerts retry 2 no Nets desk" in explained
    assert alerted("alerts", "retry", "2").code == 0
    listed = alerted("alerts", "list").out
    assert "    2  sent " in listed
    assert "muted" not in listed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("why", "99"), "no event has the number 99"),
        (("replay", "--watch", "Boats"), "Known: Lamps desk, Nets desk"),
        (("preview", "--kind", "copy.gone"), "there is no event of the kind copy.gone yet"),
        (("mute", "99"), "99"),
        (("mute", "--source", "nonesuch"), "there is no source named “nonesuch”. Known: state, old"),
        (("mute", "2", "--until", "2020-01-01"), "2020-01-02 00:00 UTC is over"),
    ],
)
def test_mistakes_are_named(alerted: Callable[..., Said], arguments: tuple[str, ...], words: str) -> None:
    said = alerted("alerts", *arguments)
    assert said.code == 2
    assert words in said.err


def test_alerts_test_without_a_recipient_asks_for_one(run: Callable[..., Said]) -> None:
    said = run("alerts", "test")
    assert said.code == 2
    assert "Give one: --to ADDRESS" in said.err


def test_retry_says_how_many(alerted: Callable[..., Said]) -> None:
    assert alerted("alerts", "retry").out == "0 messages to retry\n"
    assert "only a message that failed or is muted can be retried" in alerted("alerts", "retry", "1").err
    said = alerted("alerts", "retry", "1", "99")
    assert (said.out, said.code) == ("", 2)
    assert "there is no message 99. `statewire alerts list`" in said.err


def test_a_mute_for_a_week_ends_in_a_week(alerted: Callable[..., Said]) -> None:
    week = datetime.now(UTC) + timedelta(days=7)
    assert f"until {week:%Y-%m-%d}" in alerted("alerts", "mute", "2", "--until", "7d").out


def test_status_counts_the_mail(alerted: Callable[..., Said]) -> None:
    assert "  messages: 2 sent\n" in alerted("status").out
    assert alerted("status", "--json").json["mail"] == {"sent": 2}


def test_a_test_tries_the_webhooks_too(run: Callable[..., Said], tmp_path: Path) -> None:
    hook = "watches: [{name: Bot, webhook: 'https://127.0.0.1/T0/secret'}]\n"
    (tmp_path / "config.yaml").write_text(CONFIG + hook, encoding="utf-8")
    said = run("alerts", "test")
    assert said.code == 4
    assert "127.0.0.1 failed" in said.err
    assert "secret" not in said.err
    (row,) = json.loads(run("alerts", "list", "--json").out)
    assert (row["channel"], row["kind"], row["state"]) == ("webhook", "test", "refused")
    assert row["recipient"] == "https://127.0.0.1/…"
    for said in (run("alerts", "list"), run("alerts", "list", "--to", "https://127.0.0.1/T0/secret")):
        assert "https://127.0.0.1/…" in said.out
        assert "secret" not in said.out + said.err
    assert run("alerts", "list", "--to", "https://127.0.0.1/T0/other").out == ""


@pytest.mark.parametrize(("status", "code"), [(404, 3), (503, 3), (302, 3), (200, 0)])
def test_a_test_that_a_webhook_refuses_is_no_success_though_the_mail_arrives(
    run: Callable[..., Said], tmp_path: Path, status: int, code: int
) -> None:
    server = Server()
    server.routes["/T0/secret"] = lambda exchange: exchange.reply(b"no such hook", status=status)
    config = CONFIG.replace("retries: 0", f"retries: 0\n  allow_private: ['{server.place}']") + (
        f"watches: [{{name: Bot, to: [desk@example.org], webhook: '{server.url('/T0/secret')}'}}]\n"
    )
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    try:
        said = run("alerts", "test")
    finally:
        server.close()
    assert said.code == code
    assert "1 message sent" in said.err if code else "2 messages sent" in said.err
    assert "secret" not in said.out + said.err


def test_a_recipient_is_found_in_the_form_in_which_it_was_given(run: Callable[..., Said]) -> None:
    assert run("alerts", "test", "--to", "desk@exämple.org").code == 0
    (row,) = json.loads(run("alerts", "list", "--to", "desk@exämple.org", "--json").out)
    assert row["recipient"] == "desk@xn--exmple-cua.org"
    said = run("alerts", "test", "--to", "Desk <desk@example.org>")
    assert said.code == 2
    assert "should be one e-mail address" in said.err


def test_a_mail_that_waits_has_the_time_and_the_reason(
    run: Callable[..., Said], tmp_path: Path, alerted: Callable[..., Said]
) -> None:
    daily = WATCHES.replace("about: {words: [nets]}", "deliver: daily 07:00")
    (tmp_path / "config.yaml").write_text(CONFIG + daily, encoding="utf-8")
    at = NOON + timedelta(hours=3)
    with lock_file(tmp_path / "statewire.db", SENDING):
        captures = warc(tmp_path / "y.warc.gz", record(at, rss(Piece(3), built=at)))
        assert run("import", "--alerts", str(captures)).code == 0
    said = run("alerts", "list", "--state", "queued").out
    assert said.count("is due: `statewire run`, `fetch` and `alerts send` send it") == 2
    with closing(sqlite3.connect(tmp_path / "statewire.db")) as db, db:
        db.execute("UPDATE messages SET due_at = '2999-01-02T03:04:05Z' WHERE state = 'queued'")
    lines = [line.strip() for line in run("alerts", "list", "--state", "queued").out.splitlines()]
    assert lines[0].split(None, 1)[1] == "queued    due 2999-01-02 03:04 UTC    desk@example.org"
    assert lines[1].startswith("event 4, Published: ")
    assert lines[2] == "waits until then for further events of the same statement (alerts.group_minutes)"
    assert lines[4].startswith("digest: event 4, Published: ")
    assert lines[5] == "collects events until then"
    (why,) = [line for line in run("alerts", "why", "4").out.splitlines() if "to desk@" in line]
    assert "queued, due 2999-01-02 03:04 UTC; waits until then for further events" in why


def test_a_preview_without_a_watch_names_none(alerted: Callable[..., Said], tmp_path: Path) -> None:
    said = alerted("alerts", "preview", "1")
    assert "The .html opens in a browser" in said.err
    mail = message_from_bytes((tmp_path / "event-1.eml").read_bytes(), policy=email_policy.default)
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "This is a preview: no watch was named, and nothing is sent." in text
    assert "You receive this because" not in text


def test_a_replay_without_mails_says_what_was_there_already(alerted: Callable[..., Said], tmp_path: Path) -> None:
    watches = WATCHES.replace("words: [nets]", "words: [Harbour 1]")
    (tmp_path / "config.yaml").write_text(CONFIG + watches, encoding="utf-8")
    said = alerted("alerts", "replay", "--watch", "Nets desk")
    assert said.out == "0 mails in total\n"
    assert said.err == ("1 fitting event was there already when monitoring began; no mail is sent about that.\n")
    assert "already when" not in alerted("alerts", "replay", "--watch", "Lamps desk").err
