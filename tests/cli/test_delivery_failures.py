"""Tests of deliveries that fail: every command that a person asks says so, and `alerts retry` tries again."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import time
from contextlib import ExitStack, closing
from datetime import timedelta
from email import message_from_bytes
from email import policy as email_policy
from typing import TYPE_CHECKING

import pytest
from command import CONFIG
from fakes.wire import Server
from samples import NOON, Piece, record, rss, warc

from scraper.cli import main
from scraper.store.locks import SENDING, SENDING_WEBHOOKS, WRITING_FEEDS, lock_file, only_daemon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

WATCHES = """
watches:
  - name: Lamps desk
    to: [a@example.org, b@example.org, c@example.org, d@example.org]
    when: [published, revised]
"""


@pytest.fixture(scope="module")
def port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def write_config(tmp_path: Path, alerts: str) -> None:
    (tmp_path / "config.yaml").write_text(f"{CONFIG}{WATCHES}alerts:\n  {alerts}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def failing_folder(new_database: bytes, port: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A statement was published, and the mail server cannot be reached for its four mails."""
    folder = tmp_path_factory.mktemp("failing")
    (folder / "statewire.db").write_bytes(new_database)
    write_config(folder, f"{{deliver: smtp, smtp: {{host: 127.0.0.1, port: {port}, security: none}}}}")
    at = NOON + timedelta(hours=1)
    polls = [record(NOON, rss(Piece(1))), record(at, rss(Piece(2), Piece(1), built=at))]
    captures = warc(folder / "x.warc.gz", *polls)
    before = ["--config", str(folder / "config.yaml"), "--db", str(folder / "statewire.db")]
    with pytest.raises(SystemExit) as ended:
        main([*before, "import", "--alerts", str(captures)])
    assert ended.value.code == 3
    return folder


@pytest.fixture
def failing(run: Callable[..., Said], tmp_path: Path, failing_folder: Path) -> Callable[..., Said]:
    """The whole command over a copy of what is in `failing_folder`."""
    shutil.copytree(failing_folder, tmp_path, dirs_exist_ok=True)
    return run


def test_status_and_doctor_say_what_fails_since_when_and_what_follows(failing: Callable[..., Said], port: int) -> None:
    said = failing("status").out
    # The fourth was not tried, because three in a row reached no server.
    assert "    mail fails since 20" in said
    recipients = "to a@example.org, b@example.org, c@example.org and 1 more"
    error = f"127.0.0.1:{port}: Connection refused"
    following = "next attempt: `statewire fetch` or `run` from 20"
    assert f" UTC: 4 messages waiting\n      {recipients}\n      {error}\n      {following}" in said
    assert max(map(len, said[said.index("mail fails") :].splitlines()[:5])) <= 72
    rows = failing("status", "--json").json["delivery_failures"]
    assert [row["recipient"] for row in rows] == [f"{name}@example.org" for name in "abcd"]
    assert {(row["channel"], row["waiting"], row["refused"]) for row in rows} == {("mail", 1, 0)}
    assert all("Connection refused" in row["error"] and row["next_attempt_at"] for row in rows)
    assert rows[0]["since"]
    doctor = failing("doctor")
    assert "warning  outbox: mail fails since 20" in doctor.out
    assert f"\n         {recipients}\n         {error}\n" in doctor.out
    assert "→ check host and port under `alerts.smtp`; next attempt: " in doctor.out
    assert "now: `statewire alerts retry`" in doctor.out
    assert "ok       outbox" not in doctor.out


@pytest.mark.parametrize(
    ("word", "number"),
    [
        *(("pending", 4), ("waiting", 4), ("queued", 1)),
        *((word, 3) for word in ("failed", "failing", "undelivered", "retrying")),
        *((word, 0) for word in ("sent", "delivered", "refused", "given-up")),
    ],
)
def test_the_list_finds_them_by_the_words_of_people(failing: Callable[..., Said], word: str, number: int) -> None:
    assert len(json.loads(failing("alerts", "list", "--state", word, "--json").out)) == number
    said = failing("alerts", "list", "--state", word).out
    assert said.count("Connection refused") == number
    if word == "pending":
        assert "1 attempt since 20" in said
        assert " UTC; next 20" in said
        assert "waits, because others fail: 127.0.0.1" in said


def test_what_waits_is_said_with_its_reason_its_time_and_the_command(
    failing: Callable[..., Said], tmp_path: Path, port: int
) -> None:
    said = failing("alerts", "send")
    assert said.out == ""
    waits = f"4 messages to a@example.org, b@example.org, c@example.org and 1 more wait: 127.0.0.1:{port}: Connection"
    by_whom = "next attempt: `statewire fetch` or `run`"
    assert f"warning: {waits} refused; {by_whom} from 20" in said.err
    assert said.err.endswith(" UTC; now: `statewire alerts retry`\n")
    with only_daemon(tmp_path / "statewire.db"):
        assert " refused; next attempt 20" in failing("alerts", "send").err
        assert "      next attempt 20" in failing("status").out
    ask = "UPDATE messages SET next_attempt_at = '2020-01-01T00:00:00Z', state = 'retrying'"
    with closing(sqlite3.connect(tmp_path / "statewire.db")) as db, db:
        db.execute(f"{ask} WHERE state = 'retrying'")
    assert f"      {by_whom}\n      now: `statewire alerts retry`\n" in failing("status").out
    assert f"{by_whom}; now:" in failing("doctor").out
    with only_daemon(tmp_path / "statewire.db"):
        assert "next attempt is due now; now: `statewire alerts retry`" in failing("doctor").out
    # What has been printed as the reason of one message is not printed again.
    tried = failing("alerts", "send").err.splitlines()
    assert [" ".join(line.split()[:3]) for line in tried] == [
        *(f"warning: message {number}" for number in (1, 2, 3)),
        "warning: 3 messages",
        "1 message waits:",
    ]
    assert "refused" not in tried[-2]
    assert "(after a failed delivery)" in tried[-1]


def test_why_names_the_message_that_waits_and_its_error(failing: Callable[..., Said], port: int) -> None:
    (event,) = json.loads(failing("events", "--no-backfill", "--json").out)
    lines = failing("alerts", "why", str(event["id"])).out.splitlines()
    assert lines[1] == "yes  Lamps desk: selects published"
    first, *_, last = lines[2:]
    assert first.startswith("     message 1 to a@example.org: retrying; 1 attempt since 20")
    assert first.endswith(f"; 127.0.0.1:{port}: Connection refused: statewire alerts list")
    assert last.startswith("     message 4 to d@example.org: queued; waits, because others fail: 127.0.0.1")


def test_retry_tries_all_that_failed_and_what_waited_for_it(
    failing: Callable[..., Said], tmp_path: Path, port: int
) -> None:
    first = failing("status", "--json").json["delivery_failures"][0]["since"]
    said = failing("alerts", "retry")
    assert (said.code, said.out) == (4, "4 messages to retry\n")
    assert "Connection refused" in said.err
    assert failing("status", "--json").json["delivery_failures"][0]["since"] == first
    write_config(tmp_path, "deliver: maildir")
    said = failing("alerts", "retry")
    assert (said.code, said.out) == (0, "4 messages to retry\n")
    assert "4 messages sent into the Maildir" in said.err
    assert failing("status", "--json").json["delivery_failures"] == []
    assert "fails" not in failing("status").out
    assert "ok       outbox" in failing("doctor").out
    assert failing("alerts", "retry").out == "0 messages to retry\n"


# The mail of an event


@pytest.fixture
def story(run: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """A statement was published and revised, with mail for each; the first event is backfill."""
    (tmp_path / "config.yaml").write_text(CONFIG + WATCHES, encoding="utf-8")
    first, second = Piece(1), Piece(2)
    revised = second.but(title="Lamps, Revised", body=(second.body[0].replace("gives 2", "gives 9"), second.body[1]))
    later = [NOON + timedelta(hours=n) for n in (1, 2)]
    polls = [
        record(NOON, rss(first)),
        record(later[0], rss(second, first, built=later[0])),
        record(later[1], rss(revised, first, built=later[1])),
    ]
    assert run("import", "--alerts", str(warc(tmp_path / "x.warc.gz", *polls))).code == 0
    return run


def numbers(run: Callable[..., Said]) -> dict[str, str]:
    """The numbers of the events, as `statewire events` prints them, by their first word."""
    lines = [line.split() for line in run("events", "--no-backfill").out.splitlines() if line[:5].strip()]
    return {line[4].strip(":"): line[0] for line in lines}


def test_a_preview_is_the_mail_that_was_sent_byte_for_byte(story: Callable[..., Said], tmp_path: Path) -> None:
    event = numbers(story)["Published"]
    said = story("alerts", "preview", event, "--folder", str(tmp_path))
    assert "message 1 to a@example.org, sent 20" in said.err
    mails = {path.read_bytes() for path in (tmp_path / "mail" / "new").iterdir()}
    raw = (tmp_path / f"event-{event}.eml").read_bytes()
    assert raw.replace(b"\r\n", b"\n") in mails
    html = message_from_bytes(raw, policy=email_policy.default).get_body(("html",))
    assert html is not None
    assert (tmp_path / f"event-{event}.html").read_text(encoding="utf-8") == html.get_content().replace("\r\n", "\n")


def test_a_preview_of_an_event_without_mail_is_of_its_own_revision(story: Callable[..., Said], tmp_path: Path) -> None:
    other = WATCHES.replace("Lamps desk", "Another").replace("a@", "x@")
    (tmp_path / "config.yaml").write_text(CONFIG + other, encoding="utf-8")
    event = numbers(story)["Published"]
    assert story("alerts", "preview", event, "--watch", "Another", "--folder", str(tmp_path)).code == 0
    mail = message_from_bytes((tmp_path / f"event-{event}.eml").read_bytes(), policy=email_policy.default)
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert mail["subject"] == "[statewire] Published: Lamps for Harbour 2"
    assert "gives 2" in text
    assert "gives 9" not in text
    assert "statewire show 2 --revision 1" in text
    assert f"Why you get it: statewire alerts why {event}" in text


def test_a_preview_of_a_mail_that_waits_is_that_mail(story: Callable[..., Said], tmp_path: Path) -> None:
    daily = WATCHES.replace("when:", "deliver: daily 07:00\n    when:")
    (tmp_path / "config.yaml").write_text(CONFIG + daily, encoding="utf-8")
    at = NOON + timedelta(hours=3)
    more = warc(tmp_path / "y.warc.gz", record(at, rss(Piece(4), Piece(3), built=at)))
    with lock_file(tmp_path / "statewire.db", SENDING) as (_, is_alone):
        assert is_alone
        assert story("import", "--alerts", str(more)).code == 0
    event = story("events", "--json", "-n", "1").json[0]["id"]
    said = story("alerts", "preview", str(event), "--folder", str(tmp_path))
    assert "to a@example.org, to be sent 2026-03-03 07:00 UTC, with 1 other event" in said.err
    mail = message_from_bytes((tmp_path / f"event-{event}.eml").read_bytes(), policy=email_policy.default)
    assert mail["subject"] == "[statewire] Daily digest: 2 published"
    assert story("alerts", "send").code == 0
    story("alerts", "preview", str(event), "--folder", str(tmp_path))
    sent = message_from_bytes((tmp_path / f"event-{event}.eml").read_bytes(), policy=email_policy.default)
    assert (sent["message-id"], sent["subject"]) == (mail["message-id"], mail["subject"])


def test_every_list_of_events_gives_the_numbers_that_the_commands_take(story: Callable[..., Said]) -> None:
    found = numbers(story)
    assert set(found) == {"Published", "Revised", "Retitled"}
    shown = story("show", "2").out
    for number in found.values():
        assert f"\n{number:>5}  2026-" in shown
        assert story("alerts", "why", number).out.startswith(f"{number:>5}  ")
    assert f"\n{found['Published']:>5}  Published: " in story("alerts", "replay", "--watch", "Lamps desk").out


def test_fetch_prints_the_numbers_of_its_events(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the pause that state.gov asks for
    said = [run("fetch").out for _ in range(3)]  # the third failure in a row is an event
    assert "\n    1  Source broken: state\n" in said[-1]
    assert run("alerts", "why", "1").out.startswith("    1  Source broken: state\n")


@pytest.mark.parametrize("channel", ["mail", "webhook", "feed"])
def test_no_channel_sends_to_a_recipient_that_the_configuration_does_not_name(
    run: Callable[..., Said], tmp_path: Path, channel: str
) -> None:
    """The other watch keeps the channel open, and gets its own message."""
    server = Server()
    asked: list[str] = []
    for path in ("/left", "/stays"):
        server.routes[path] = lambda exchange: (asked.append(exchange.target), exchange.reply(b"ok"))[1]
    key = {"mail": "to", "webhook": "webhook", "feed": "feed"}[channel]
    left, stays = (
        {"mail": f"{name}@example.org", "webhook": server.url(f"/{name}"), "feed": f"{name}.atom"}[channel]
        for name in ("left", "stays")
    )
    watches = [{"name": name, key: [value] if key == "to" else value} for name, value in (("A", left), ("B", stays))]
    config = CONFIG.replace("retries: 0", f"retries: 0\n  allow_private: ['{server.place}']")

    def configure(*chosen: dict[str, object]) -> None:
        (tmp_path / "config.yaml").write_text(f"{config}watches: {json.dumps(chosen)}\n", encoding="utf-8")

    at = NOON + timedelta(hours=1)
    polls = [record(NOON, rss(Piece(1))), record(at, rss(Piece(2), Piece(1), built=at))]
    try:
        configure(*watches)
        with ExitStack() as senders:
            for lock in (SENDING, SENDING_WEBHOOKS, WRITING_FEEDS):
                senders.enter_context(lock_file(tmp_path / "statewire.db", lock))
            run("import", "--alerts", str(warc(tmp_path / "x.warc.gz", *polls)))
        # Also if the watch is kept for later.
        configure(watches[0] | {"enabled": False}, watches[1])
        said = run("alerts", "send")
        assert "1 message sent" in said.err
        assert "is not sent: the configuration does not name this recipient any more" in said.err
        found = run("alerts", "list", "--json").json
        assert [(message["watches"], message["state"]) for message in found] == [(["A"], "muted"), (["B"], "sent")]
        assert "1 message to retry" in run("alerts", "retry", str(found[0]["id"])).out
        assert run("alerts", "list", "--state", "muted", "--json").json[0]["id"] == found[0]["id"]
        assert asked == (["/stays"] if channel == "webhook" else [])
        # The configuration was the wrong one: the message is sent after all.
        configure(*watches)
        assert "1 message sent" in run("alerts", "retry", str(found[0]["id"])).err
        assert asked == (["/stays", "/left"] if channel == "webhook" else [])
    finally:
        server.close()
