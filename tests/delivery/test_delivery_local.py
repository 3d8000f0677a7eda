"""Tests of delivery on this machine: a Maildir, and a `sendmail` command."""

from __future__ import annotations

import mailbox
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.mail_server import RAW

from scraper.delivery.retry import DeliveryResult
from scraper.delivery.transports.base import SENT, DeliveryAttempt
from scraper.delivery.transports.maildir import MaildirTransport
from scraper.delivery.transports.sendmail import SendmailTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.delivery.transports.base import Transport

FROM, TO = "statewire@example.org", "desk@example.org"


def send(
    delivery: Transport, message_id: str = "<1@statewire.example>", raw: bytes = RAW, to: str = TO
) -> DeliveryAttempt:
    return delivery.deliver(raw, sender=FROM, recipient=to, message_id=message_id)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# Maildir


def test_a_mail_client_finds_what_was_delivered(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "mail"
    assert send(MaildirTransport(folder)) == SENT
    (message,) = mailbox.Maildir(folder, create=False)
    assert (message["Subject"], message.get_payload()) == ("Lamps", "Lamps.\n.\n..a dot\n")
    (path,) = files(folder)
    assert path.parent.name == "new"
    assert path.read_bytes() == RAW.replace(b"\r\n", b"\n")


def test_row_82_mail_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    send(MaildirTransport(folder))
    made = [folder, *folder.iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}
    assert {path.name for path in made} == {"mail", "tmp", "new", "cur"}
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(folder)] == [0o600]


def test_a_message_sent_again_is_there_once_wherever_its_reader_has_put_it(tmp_path: Path) -> None:
    delivery = MaildirTransport(tmp_path)
    assert [send(delivery), send(delivery), send(delivery, "<2@statewire.example>")] == [SENT] * 3
    assert len(files(tmp_path)) == 2
    for path in files(tmp_path / "new"):
        path.rename(tmp_path / "cur" / f"{path.name}:2,S")
    assert send(delivery) == SENT
    assert [path.parent.name for path in files(tmp_path)] == ["cur", "cur"]


def test_a_file_half_written_by_a_killed_sender_is_overwritten(tmp_path: Path) -> None:
    delivery = MaildirTransport(tmp_path)
    send(delivery)
    (path,) = files(tmp_path)
    path.rename(tmp_path / "tmp" / path.name)
    (tmp_path / "tmp" / path.name).write_bytes(b"x" * 10_000)
    assert send(delivery) == SENT
    assert [found.read_bytes() for found in files(tmp_path)] == [RAW.replace(b"\r\n", b"\n")]


def test_row_86_a_hostile_message_id_leads_nowhere(tmp_path: Path) -> None:
    assert send(MaildirTransport(tmp_path / "mail"), "../../../etc/passwd\0") == SENT
    assert [path.parent for path in files(tmp_path)] == [tmp_path / "mail" / "new"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    attempt = send(MaildirTransport(tmp_path / "file" / "mail"))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert str(tmp_path / "file" / "mail") in attempt.detail


# sendmail


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., SendmailTransport]:
    """A `sendmail` that runs a given script; $D is its folder."""

    def make(script: str, *, timeout_s: float = 10.0) -> SendmailTransport:
        path = tmp_path / "send mail"
        path.write_text(f"#!/bin/sh\nD='{tmp_path}'\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return SendmailTransport(path, timeout_s=timeout_s)

    return make


def test_the_command_gets_addresses_as_arguments_and_the_message_as_input(
    command: Callable[..., SendmailTransport], tmp_path: Path
) -> None:
    delivery = command('printf "%s\\n" "$@" > "$D/arguments"; cat > "$D/input"')
    assert send(delivery, to="-oQ/tmp@example.org") == SENT
    assert (tmp_path / "arguments").read_text().splitlines() == ["-i", "-f", FROM, "--", "-oQ/tmp@example.org"]
    assert (tmp_path / "input").read_bytes() == RAW.replace(b"\r\n", b"\n")
    delivery.close()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 75", DeliveryAttempt(DeliveryResult.RETRY, "exit code 75: no output")),
        ("echo no such user >&2; exit 67", DeliveryAttempt(DeliveryResult.REFUSED, "exit code 67: no such user")),
        ("echo bad config >&2; exit 78", DeliveryAttempt(DeliveryResult.RETRY, "exit code 78: bad config")),
        ("kill -9 $$", DeliveryAttempt(DeliveryResult.RETRY, "exit code -9: no output")),
        (
            "yes | head -c 10000 >&2; exit 1",
            DeliveryAttempt(DeliveryResult.RETRY, "exit code 1: " + " ".join("y" * 250)),
        ),
        ("exit 0", SENT),  # without having read anything
    ],
)
def test_exit_codes(command: Callable[..., SendmailTransport], script: str, expected: DeliveryAttempt) -> None:
    assert send(command(script), raw=RAW * 20_000) == expected


def test_a_command_that_does_not_end_is_ended_with_all_that_it_started(
    command: Callable[..., SendmailTransport], tmp_path: Path
) -> None:
    attempt = send(command('sleep 600 & echo $! > "$D/child"; wait', timeout_s=0.5))
    assert attempt == DeliveryAttempt(
        DeliveryResult.RETRY, f"{tmp_path / 'send mail'} did not finish within 0.5 s", is_down=True
    )
    assert is_ended(int((tmp_path / "child").read_text()))


def is_ended(pid: int) -> bool:
    """Return True if a process has ended, or is a zombie."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_no_such_command(tmp_path: Path) -> None:
    attempt = send(SendmailTransport(tmp_path / "nothing"))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert attempt.detail == f"{tmp_path / 'nothing'} cannot be run: No such file or directory"
