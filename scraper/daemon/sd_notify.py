"""Notifications to systemd about the state of the daemon (sd_notify); none if systemd did not start it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Notifier:
    """Socket of systemd (None: no systemd), and its watchdog timeout in seconds (None: no watchdog)."""

    socket_path: str | None = None
    watchdog_s: float | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Build a notifier from the environment that systemd sets."""
        usec = environment.get("WATCHDOG_USEC", "")
        # This process may have inherited variables that are meant for its parent.
        is_for_this_process = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return cls(
            environment.get("NOTIFY_SOCKET") or None,
            int(usec) / 1e6 if usec.isascii() and usec.isdigit() and int(usec) and is_for_this_process else None,
        )

    def send(self, *lines: str) -> None:
        """Send assignments such as `READY=1`, `STATUS=text` or, as a sign of life, `WATCHDOG=1` (sd_notify(3))."""
        if self.socket_path is None:
            return
        # A name that begins with @ is in the abstract namespace, not a file.
        address = "\0" + self.socket_path[1:] if self.socket_path.startswith("@") else self.socket_path
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(1.0)
                sock.connect(address)
                sock.sendall("\n".join(line.replace("\n", " ") for line in lines).encode())
        except OSError:
            return  # without a listener the message is not needed; the daemon must not fail because of it
