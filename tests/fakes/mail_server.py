"""Mail server on loopback that keeps its messages and can be set to misbehave in one way or another."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from fakes.wire import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RAW = b"Subject: Lamps\r\nMessage-ID: <1@statewire.example>\r\n\r\nLamps.\r\n.\r\n..a dot\r\n"


@dataclass
class Handler:
    """Handler that accepts every message, or gives `answers` to messages in turn, then 250."""

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

    async def handle_QUIT(self, server: SMTP, _: Session, __: Envelope) -> str:
        if self.drop_at == "QUIT":
            server.transport.abort()
        return "221 Bye"

    def authenticate(self, _: SMTP, __: Session, ___: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"correct horse", handled=False)


@dataclass
class Unreliable(Handler):
    """Handler that fails with a share of the messages: 451, or a broken connection before or after it accepted one.

    A line of `log` is the recipient and the bytes of a message, written before the server confirms it.
    """

    log: Path | None = None
    share: float = 0.15

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert self.log is not None
        assert isinstance(envelope.content, bytes)
        fault = random.choice(("451", "before", "after")) if random.random() < self.share else ""
        if fault == "451":
            return "451 not now"
        if fault != "before":
            with self.log.open("a", encoding="utf-8") as taken:
                taken.write(json.dumps([" ".join(envelope.rcpt_tos), envelope.content.decode()]) + "\n")
        if fault:
            server.transport.abort()
        return "250 taken"


def serve(handler: Handler, **options: Any) -> Controller:
    """A server that is listening; `options` are those of aiosmtpd."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]  # aiosmtpd cannot choose one by itself
    controller = Controller(handler, "127.0.0.1", port, **options)
    controller.start()
    return controller


@dataclass
class _Scripted(Server):
    script: Callable[[socket.socket], None] | None = None

    def _answer(self, sock: socket.socket) -> None:
        assert self.script is not None
        self.script(sock)


def scripted(script: Callable[[socket.socket], None]) -> int:
    """A server that runs a script on each connection; its port."""
    return _Scripted(script=script).port
