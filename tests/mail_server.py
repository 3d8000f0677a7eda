"""Mail server on loopback that keeps its messages and can be set to misbehave in one way or another."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

if TYPE_CHECKING:
    from collections.abc import Callable

RAW = b"Subject: Lamps\r\nMessage-ID: <1@statewire.example>\r\n\r\nLamps.\r\n.\r\n..a dot\r\n"


@dataclass
class Handler:
    """Takes every message unless it is told otherwise: `answers` to messages in turn, then 250 for ever."""

    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    bad: str = "bad@example.org"
    sessions: set[int] = field(default_factory=set)
    drop_at: str = ""
    stall_s: float = 0.0
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:
        if address == self.bad:
            return "550 5.1.1 no such user here"
        if self.drop_at == "RCPT":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.sessions.add(id(session))
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            assert envelope.mail_from
            self.taken.append((envelope.mail_from, " ".join(envelope.rcpt_tos), envelope.content))
        if self.stall_s:
            await asyncio.sleep(self.stall_s)
        if self.drop_at == "dot":
            server.transport.abort()
        return answer

    def authenticate(self, _: SMTP, __: Session, ___: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"correct horse", handled=False)


def serve(handler: Handler, **options: Any) -> Controller:
    """A server that is listening; `options` are those of aiosmtpd."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]  # aiosmtpd cannot choose one by itself
    controller = Controller(handler, "127.0.0.1", port, **options)
    controller.start()
    return controller


def scripted(script: Callable[[socket.socket], None]) -> int:
    """A server that runs a script on each connection; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(sock,), daemon=True).start()

    def talk(sock: socket.socket) -> None:
        try:
            with sock:
                sock.settimeout(5)
                script(sock)
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])
