"""Tells systemd how the daemon is doing (sd_notify); tells nobody where systemd did not start it."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Notifier:
    """Where systemd listens (None: nowhere), and within how many seconds it wants to hear that we live."""

    address: str | None = None
    watchdog_s: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """As the environment says."""
        usec = environment.get("WATCHDOG_USEC", "")
        # A process of ours may have inherited what was meant for its parent.
        is_meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return cls(
            environment.get("NOTIFY_SOCKET") or None,
            int(usec) / 1e6 if usec.isascii() and usec.isdigit() and int(usec) and is_meant else None,
        )

    def ready(self, status: str = "") -> None:
        """What there was to start, or to read again, is done."""
        self._send("READY=1", f"STATUS={status}")

    def status(self, words: str) -> None:
        """What it is doing: the line that `systemctl status` shows."""
        self._send(f"STATUS={words}")

    def alive(self) -> None:
        """It lives: only said by who has made sure of it."""
        self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is read again."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """It was told to stop."""
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if self.address is None:
            return
        # A name that begins with @ is no file.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(1.0)
                sock.connect(address)
                sock.sendall("\n".join(line.replace("\n", " ") for line in lines).encode())
        except OSError:
            return  # who does not listen need not hear; a watch must not end over it
