"""Tests of delivery to real mail servers on loopback, most of which misbehave."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from fakes.mail_server import RAW, Handler, scripted, serve

from scraper.config.alerts import Smtp
from scraper.config.choices import Security
from scraper.delivery.retry import DeliveryResult
from scraper.delivery.transports import smtp_session
from scraper.delivery.transports.base import SENT, DeliveryAttempt, down
from scraper.delivery.transports.smtp import SmtpTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiosmtpd.controller import Controller

FROM, TO = "statewire@example.org", "desk@example.org"
PASSWORD = "correct horse"


def send(delivery: SmtpTransport, recipient: str = TO, raw: bytes = RAW) -> DeliveryAttempt:
    return delivery.deliver(raw, sender=FROM, recipient=recipient, message_id="<1@statewire.example>")


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


def server_context(ca: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def start(handler: Handler) -> Iterator[Callable[..., int]]:
    """Starts servers that end with the test; gives their port."""
    servers: list[Controller] = []

    def begin(**options: Any) -> int:
        servers.append(serve(handler, **options))
        return servers[-1].port

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., SmtpTransport]]:
    """Deliveries that are closed with the test: in the open, and quick to give up."""
    with contextlib.ExitStack() as stack:

        def make(
            port: int, *, after_dot_s: float = 0.5, context: Any = None, environ: Any = None, **changes: Any
        ) -> Any:
            given = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "timeout_s": 0.5} | changes
            delivery = SmtpTransport(Smtp(**given), context=context, environ=environ or {}, after_dot_s=after_dot_s)
            stack.callback(delivery.close)
            return delivery

        yield make


# As it should be


def test_a_message_arrives_as_it_is_to_one_recipient(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    assert send(connect(start())) == SENT
    assert handler.taken == [(FROM, TO, RAW)]


def test_a_message_that_does_not_end_its_last_line_and_bytes_beyond_ascii(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    raw = RAW + "Größe".encode()
    assert send(connect(start()), raw=raw) == SENT
    assert handler.taken[0][2] == raw + b"\r\n"


def test_row_71_messages_of_one_run_share_a_connection_and_a_refusal_ends_only_its_own(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    delivery = connect(start())
    answers = [send(delivery, who) for who in (TO, handler.bad, TO)]
    assert answers == [SENT, DeliveryAttempt(DeliveryResult.REFUSED, "550 5.1.1 no such user here"), SENT]
    assert len(handler.taken) == 2
    assert len(handler.sessions) == 1


def test_a_connection_that_went_to_sleep_is_opened_anew(connect: Callable[..., SmtpTransport]) -> None:
    connections = []

    def one_message_each(sock: socket.socket) -> None:
        connections.append(sock)
        talk(sock)

    delivery = connect(scripted(one_message_each))
    assert [send(delivery), send(delivery)] == [SENT, SENT]
    assert len(connections) == 2


def talk(sock: socket.socket, *, answers: dict[str, bytes | None] | None = None) -> None:
    """Receive one message. `answers` replace the replies of the server; None closes the connection."""
    said: dict[str, bytes | None] = {
        "banner": b"220 hi", "EHLO": b"250 hi", "MAIL": b"250 ok", "RCPT": b"250 ok", "DATA": b"354 go",
        ".": b"250 taken", "RSET": b"250 ok", **(answers or {}),
    }  # fmt: skip
    lines = sock.makefile("rb")
    step = "banner"
    while True:
        answer = said.get(step)
        if answer is None:
            return
        sock.sendall(answer + b"\r\n")
        if step == ".":
            return
        line = lines.readline()
        if step == "DATA" and answer.startswith(b"354"):
            while line not in {b".\r\n", b""}:
                line = lines.readline()
            step = "."
        else:
            step = line[:4].decode().strip().upper() or "QUIT"


# What servers answer


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("MAIL", b"552 5.3.4 too big", DeliveryAttempt(DeliveryResult.REFUSED, "552 5.3.4 too big")),
        ("MAIL", b"553 5.7.1 not your address", down("553 5.7.1 not your address")),
        ("MAIL", b"530 authenticate first", down("530 authenticate first")),
        ("RCPT", b"450 4.2.1 greylisted", DeliveryAttempt(DeliveryResult.RETRY, "450 4.2.1 greylisted")),
        ("RCPT", b"252 perhaps", DeliveryAttempt(DeliveryResult.RETRY, "252 perhaps")),
        ("DATA", b"451 not now", DeliveryAttempt(DeliveryResult.RETRY, "451 not now")),
        ("DATA", b"554 no valid recipients", DeliveryAttempt(DeliveryResult.REFUSED, "554 no valid recipients")),
        (".", b"554 5.7.1 spam\x1b[31m", DeliveryAttempt(DeliveryResult.REFUSED, "554 5.7.1 spam [31m")),
        (".", b"452 disk full", DeliveryAttempt(DeliveryResult.RETRY, "452 disk full")),
    ],
)
def test_rows_70_and_71_answers(
    connect: Callable[..., SmtpTransport], step: str, answer: bytes, expected: DeliveryAttempt
) -> None:
    port = scripted(lambda sock: talk(sock, answers={step: answer}))
    assert send(connect(port)) == expected


def test_row_70_a_server_that_answers_451_and_then_250(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    handler.answers = ["451 4.3.0 try again"]
    delivery = connect(start())
    assert send(delivery) == DeliveryAttempt(DeliveryResult.RETRY, "451 4.3.0 try again")
    assert handler.taken == []
    assert send(delivery) == SENT


def test_a_server_that_hangs_up_after_a_refusal_has_refused(connect: Callable[..., SmtpTransport]) -> None:
    answers: dict[str, bytes | None] = {"RCPT": b"550 no such user", "RSET": None}
    delivery = connect(scripted(lambda sock: talk(sock, answers=answers)))
    assert [send(delivery), send(delivery)] == [DeliveryAttempt(DeliveryResult.REFUSED, "550 no such user")] * 2


# What servers do


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"banner": None}, "Connection unexpectedly closed"),
        ({"banner": b"421 too busy"}, "421 too busy"),
        ({"banner": b"554 not you"}, "554 not you"),
        ({"banner": b"220 " + b"x" * 20_000}, "500 Line too long."),
        ({"banner": b"220-hi\r\n" * 20_000 + b"220 hi"}, "more than 65536 bytes of answers"),
        ({"banner": b"good morning"}, "-1"),
        ({"MAIL": None}, "Connection unexpectedly closed"),
        ({"MAIL": b"421 bye"}, "421 bye"),
        ({"RCPT": None}, "Connection unexpectedly closed"),
        ({"DATA": None}, "Connection unexpectedly closed"),
        ({".": None}, "(the server had received the message and may have accepted it)"),
        ({".": b"421 bye"}, "421 bye"),
    ],
)
def test_rows_70_and_72_an_attempt_that_reaches_no_server_is_retried(
    connect: Callable[..., SmtpTransport], answers: dict[str, bytes | None], words: str
) -> None:
    attempt = send(connect(scripted(lambda sock: talk(sock, answers=answers))))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert words in attempt.detail


def test_row_72_a_connection_dropped_after_the_dot_may_have_left_the_message(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    handler.drop_at = "dot"
    delivery = connect(start())
    assert send(delivery).result is DeliveryResult.RETRY
    handler.drop_at = ""
    assert send(delivery) == SENT
    assert handler.taken == [(FROM, TO, RAW)] * 2


def test_row_69_no_server_at_all(connect: Callable[..., SmtpTransport]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    attempt = send(connect(port))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert attempt.detail.startswith(f"127.0.0.1:{port}: ")
    assert "refused" in attempt.detail


@pytest.mark.parametrize("answers", [{".": b"250 taken"}, {".": b"250 taken\r\n221 by the way"}])
def test_row_73_a_server_that_is_gone_when_we_take_leave_has_the_message(
    connect: Callable[..., SmtpTransport], answers: dict[str, bytes | None]
) -> None:
    delivery = connect(scripted(lambda sock: talk(sock, answers=answers)))
    assert send(delivery) == SENT
    delivery.close()
    delivery.close()


# Time


def test_a_server_may_think_about_a_message_for_longer_than_about_anything_else(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    handler.stall_s = 0.4
    assert send(connect(start(), timeout_s=0.2, after_dot_s=2.0)) == SENT


def test_row_72_a_minute_is_the_least_after_the_dot(connect: Callable[..., SmtpTransport]) -> None:
    assert SmtpTransport(Smtp(host="mail.example.org", timeout_s=5.0))._after_dot_s == 60.0
    assert SmtpTransport(Smtp(host="mail.example.org", timeout_s=90.0))._after_dot_s == 90.0


def test_row_72_a_server_that_stalls(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    handler.stall_s = 5.0
    attempt = send(connect(start(), timeout_s=0.2, after_dot_s=0.3))
    assert attempt.result is DeliveryResult.RETRY
    assert "timed out" in attempt.detail


def test_a_server_that_drips_is_bounded_as_a_whole(connect: Callable[..., SmtpTransport]) -> None:
    def drip(sock: socket.socket) -> None:
        while True:
            sock.sendall(b"2")
            time.sleep(0.05)

    began = time.monotonic()
    attempt = send(connect(scripted(drip), timeout_s=0.1))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert time.monotonic() - began > 0.4


def test_row_72_each_operation_gets_no_more_than_the_time_left_for_all() -> None:
    def greet(sock: socket.socket) -> None:
        sock.sendall(b"220 mail.example.org\r\n")
        while sock.recv(100_000):
            sock.sendall(b"250 OK\r\n")

    settings = Smtp(host="127.0.0.1", port=scripted(greet), security=Security.NONE, timeout_s=5.0)
    session = smtp_session.connect(settings, None, {})
    session.limit(60.0)
    session.send("NOOP\r\n")
    assert session.sock.gettimeout() == 5.0
    assert session.getreply() == (250, b"OK")
    session.limit(0.5)
    session.send(b"x" * 100)
    assert 0.0 < session.sock.gettimeout() <= 0.5
    session.limit(0.5)
    time.sleep(0.1)
    session.docmd("STARTTLS")  # the reply came; the handshake is what follows
    assert 0.0 < session.sock.gettimeout() <= 0.4
    session.limit(0.05)
    time.sleep(0.1)
    with pytest.raises(TimeoutError):
        session.send(b"x")
    session.close()


# Protection


def test_starttls_and_login(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler, ca: trustme.CA, trusting: Any
) -> None:
    port = start(
        tls_context=server_context(ca), require_starttls=True, auth_required=True, authenticator=handler.authenticate
    )
    secure: dict[str, Any] = {"security": Security.STARTTLS, "context": trusting, "user": "me", "password_env": "PW"}
    assert send(connect(port, environ={"PW": PASSWORD}, **secure)) == SENT
    wrong = send(connect(port, environ={"PW": "a wrong one"}, **secure))
    assert (wrong.result, wrong.is_down) == (DeliveryResult.RETRY, True)
    assert "535" in wrong.detail
    assert handler.logins[0] == (b"me", PASSWORD.encode())
    assert len(handler.taken) == 1


def test_tls_from_the_start(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler, ca: trustme.CA, trusting: Any
) -> None:
    delivery = connect(start(ssl_context=server_context(ca)), security=Security.TLS, context=trusting)
    assert [send(delivery), send(delivery)] == [SENT, SENT]
    assert len(handler.sessions) == 1


def test_row_81_nothing_goes_out_in_the_open_that_was_not_to(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler, trusting: Any
) -> None:
    secure: dict[str, Any] = {"security": Security.STARTTLS, "context": trusting, "user": "me", "password_env": "PW"}
    attempt = send(
        connect(start(authenticator=handler.authenticate, auth_require_tls=False), environ={"PW": PASSWORD}, **secure)
    )
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert "STARTTLS" in attempt.detail
    assert (handler.taken, handler.logins) == ([], [])


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("is_of_another_host", [True, False])
def test_row_81_a_wrong_certificate(
    start: Callable[..., int],
    connect: Callable[..., SmtpTransport],
    handler: Handler,
    ca: trustme.CA,
    trusting: Any,
    security: Security,
    is_of_another_host: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    context = server_context(ca, "other.example.org") if is_of_another_host else server_context(trustme.CA())
    port = start(**({"ssl_context": context} if security is Security.TLS else {"tls_context": context}))
    attempt = send(connect(port, security=security, context=trusting))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    problem = "is for another host" if is_of_another_host else "is from an authority that is not trusted here"
    assert f"its certificate {problem}" in attempt.detail
    remedy = "check the name of the host," if is_of_another_host else "add the authority of the server to those"
    assert f"; {remedy}" in attempt.detail
    assert handler.taken == []


def test_row_81_certificates_are_verified_by_the_authorities_of_this_machine_by_default(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], ca: trustme.CA
) -> None:
    attempt = send(connect(start(ssl_context=server_context(ca)), security=Security.TLS))
    assert "its certificate is from an authority that is not trusted here" in attempt.detail


# Passwords


def login(words: bytes = b"535 no") -> int:
    """A server in the open that selects a login and refuses it."""

    def script(sock: socket.socket) -> None:
        lines = sock.makefile("rb")
        sock.sendall(b"220 hi\r\n")
        for answer in (b"250-hi\r\n250 AUTH PLAIN", words, b"250 ok"):
            lines.readline()
            sock.sendall(answer + b"\r\n")

    return scripted(script)


def test_row_82_a_password_from_a_file_is_in_no_result(connect: Callable[..., SmtpTransport], tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\r\nmore\n", encoding="utf-8")
    attempt = send(connect(login(f"535 '{PASSWORD}' is wrong".encode()), user="me", password_file=path))
    assert "535 '***' is wrong" in attempt.detail


def test_a_password_is_read_anew_for_each_connection(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler, tmp_path: Path
) -> None:
    path = tmp_path / "password"
    path.write_text("an old one", encoding="utf-8")
    port = start(authenticator=handler.authenticate, auth_require_tls=False)
    delivery = connect(port, user="me", password_file=path)
    assert send(delivery).result is DeliveryResult.RETRY
    path.write_text(PASSWORD, encoding="utf-8")
    assert send(delivery) == SENT


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password_env": "PW"}, "no password in the environment variable PW"),
        ({"password_file": "/nowhere/at/all"}, "cannot be read from the file /nowhere/at/all: FileNotFoundError"),
        ({"password_env": "PW", "environ": {"PW": "Größe"}}, "ASCII characters only"),
    ],
)
def test_no_password(connect: Callable[..., SmtpTransport], changes: dict[str, Any], words: str) -> None:
    attempt = send(connect(login(), user="me", **changes))
    assert (attempt.result, attempt.is_down) == (DeliveryResult.RETRY, True)
    assert words in attempt.detail
    assert "Größe" not in attempt.detail


def test_a_password_is_not_sent_to_another_machine_in_the_open(
    connect: Callable[..., SmtpTransport], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = login()
    dial = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda place, *rest: dial(("127.0.0.1", place[1]), *rest))
    attempt = send(connect(port, host="mail.example.org", user="me", password_env="PW", environ={"PW": PASSWORD}))
    assert "not sent over an unencrypted connection" in attempt.detail


# Addresses in other scripts

UTF8_TO = "jörg@xn--exmple-cua.org"


def test_an_address_in_another_script_is_sent_where_the_server_has_smtputf8(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    raw = f"To: {UTF8_TO}\r\n".encode() + RAW
    delivery = connect(start(enable_SMTPUTF8=True))
    assert delivery.reach([UTF8_TO]) == ""
    assert [send(delivery, UTF8_TO, raw=raw), send(delivery)] == [SENT, SENT]
    assert [taken[1:] for taken in handler.taken] == [(UTF8_TO, raw), (TO, RAW)]


def test_elsewhere_it_is_refused_with_the_reason(
    start: Callable[..., int], connect: Callable[..., SmtpTransport], handler: Handler
) -> None:
    delivery = connect(start(enable_SMTPUTF8=False))
    attempt = send(delivery, UTF8_TO)
    assert attempt.result is DeliveryResult.REFUSED
    assert "127.0.0.1 does not offer SMTPUTF8" in attempt.detail
    assert attempt.detail.endswith(f"give an ASCII address: {UTF8_TO}")
    assert delivery.reach([TO, UTF8_TO]).endswith(f"give an ASCII address: {UTF8_TO}")
    assert delivery.reach([TO]) == ""
    assert send(delivery) == SENT
    assert len(handler.taken) == 1
