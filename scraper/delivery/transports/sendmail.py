"""Delivery by the `sendmail` command of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING

from scraper.delivery.retry import Result, exit_verdict
from scraper.delivery.transports.base import SENT, DeliveryAttempt, down, line_ends
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from pathlib import Path

_MAX_WORDS = 500


class SendmailTransport:
    """Hands each message to a command, without a shell, and gives it `timeout_s` seconds."""

    def __init__(self, command: Path, *, timeout_s: float = 60.0) -> None:
        self._command = command
        self._timeout_s = timeout_s

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """See `Delivery.deliver`."""
        # -i: a line with a single dot is no end. --: no address is taken for an option.
        arguments = [str(self._command), "-i", "-f", sender, "--", recipient]
        # Files and no pipes: a command that reads nothing or leaves a child behind cannot hold us up.
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            try:
                given.write(line_ends(raw))
                given.seek(0)
                code = self._run(arguments, given.fileno(), said.fileno())
            except OSError as error:
                return down(f"{self._command} cannot be run: {error.strerror or error}")
            said.seek(0)
            words = clean(said.read(_MAX_WORDS).decode(errors="replace"))
        if code is None:
            return down(f"{self._command} did not end within {self._timeout_s:g} s")
        result = exit_verdict(code)
        return (
            SENT
            if result is Result.SENT
            else DeliveryAttempt(result, f"exit code {code}: {words or 'it said nothing'}")
        )

    def close(self) -> None:
        """See `Delivery.close`."""

    def _run(self, arguments: list[str], given: int, said: int) -> int | None:
        """The exit code, None where the command had to be ended."""
        # A session of its own, so that it is ended with all that it has started.
        with subprocess.Popen(  # noqa: S603 - the operator's own command
            arguments, stdin=given, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        ) as process:
            try:
                return process.wait(self._timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return None
