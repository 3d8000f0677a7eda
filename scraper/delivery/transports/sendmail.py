"""Transport by the `sendmail` command of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING

from scraper.delivery.retry import DeliveryResult, exit_result
from scraper.delivery.transports.base import SENT, DeliveryAttempt, Transport, down, line_ends
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from pathlib import Path

_MAX_REPLY_BYTES = 500
TIMEOUT_S = 60.0
"""Seconds that the command may take."""


class SendmailTransport(Transport):
    """Transport that runs a command for each message, without a shell, for at most `timeout_s` seconds."""

    def __init__(self, command: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self._command = command
        self._timeout_s = timeout_s

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Send one message, see `Transport.deliver`."""
        # -i: a line with a single dot does not end the message. --: no e-mail address is taken for an option.
        arguments = [str(self._command), "-i", "-f", sender, "--", recipient]
        # Files instead of pipes: a command that reads nothing or leaves a child behind cannot block us.
        with tempfile.TemporaryFile() as message, tempfile.TemporaryFile() as output:
            try:
                message.write(line_ends(raw))
                message.seek(0)
                code = self._run(arguments, message.fileno(), output.fileno())
            except OSError as error:
                return down(f"{self._command} cannot be run: {error.strerror or error}")
            output.seek(0)
            reply = clean(output.read(_MAX_REPLY_BYTES).decode(errors="replace"))
        if code is None:
            return down(f"{self._command} did not finish within {self._timeout_s:g} s")
        result = exit_result(code)
        return (
            SENT
            if result is DeliveryResult.SENT
            else DeliveryAttempt(result, f"exit code {code}: {reply or 'no output'}")
        )

    def _run(self, arguments: list[str], message: int, output: int) -> int | None:
        """Run the command. Return its exit code, or None if it was killed."""
        # A session of its own, so that all its child processes are killed with it.
        with subprocess.Popen(  # noqa: S603 - the operator's own command
            arguments, stdin=message, stdout=subprocess.DEVNULL, stderr=output, start_new_session=True
        ) as process:
            try:
                return process.wait(self._timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return None
