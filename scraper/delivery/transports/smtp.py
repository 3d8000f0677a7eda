"""Delivery to a mail server: one recipient for each transaction, protected as the settings ask or not at all."""

from __future__ import annotations

import io
import os
import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from scraper.config.alerts import Security
from scraper.delivery.retry import Result, smtp_verdict
from scraper.delivery.transports.base import SENT, DeliveryAttempt, down
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.config.alerts import Smtp

AFTER_DOT_S: Final = 60.0
"""A server may scan a message before it answers; to hang up earlier makes duplicates (RFC 5321, 4.5.3.2.6)."""

# How many of the longest answers one transaction may take in all, without that to the message itself.
_LONGEST_ANSWERS = 5
_LEAVE_S = 5.0
# To MAIL already, where it is about the message and not about its sender.
_TOO_LARGE = frozenset({552})
_MAX_REPLY_BYTES = 65_536
_MAX_WORDS = 500
_TROUBLE = (OSError, smtplib.SMTPException)  # TLS errors and timeouts are OSErrors


class SmtpTransport:
    """Keeps its connection from one message to the next; one that has ended meanwhile is opened anew.

    `context` is what certificates are verified by, by default the authorities of this machine. The password is read
    when it is needed, from where the settings say, and stands in no answer.
    """

    def __init__(
        self,
        settings: Smtp,
        *,
        context: ssl.SSLContext | None = None,
        environ: Mapping[str, str] = os.environ,
        after_dot_s: float = AFTER_DOT_S,
    ) -> None:
        self._settings = settings
        self._context = context
        self._environ = environ
        self._after_dot_s = max(after_dot_s, settings.timeout_s)
        self._whole_s = settings.timeout_s * _LONGEST_ANSWERS
        self._session: _Session | None = None

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """See `Delivery.deliver`."""
        if self._session is not None:
            # That a connection ended between two messages says nothing about the server.
            with suppress(_GoneError):
                return self._transact(self._session, raw, sender, recipient)
        try:
            return self._transact(self._open(), raw, sender, recipient)
        except _GoneError as gone:
            return down(f"{self._settings.host}:{self._settings.port}: {gone}")

    def reach(self) -> str:
        """Connect, protect and log in as for a delivery; what is in the way, empty where nothing is. Sends no mail."""
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            session = self._session or self._open()
            code, said = session.noop()
        except _GoneError as gone:
            return f"{where}: {gone}"
        except _TROUBLE as error:
            self._drop()
            return f"{where}: {_words(error)}"
        return "" if code == 250 else f"{where}: {_reply(code, said)}"

    def close(self) -> None:
        """Take leave. Whether the server hears it changes nothing: what it took, it took."""
        session, self._session = self._session, None
        if session is not None:
            session.limit(min(_LEAVE_S, self._settings.timeout_s))
            with suppress(*_TROUBLE):
                session.quit()
            session.close()

    def _open(self) -> _Session:
        settings = self._settings
        context = self._context or ssl.create_default_context()
        session = _Session(settings.host, settings.timeout_s, context if settings.security is Security.TLS else None)
        session.limit(self._whole_s)
        try:
            code, said = session.connect(settings.host, settings.port)
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            session.ehlo_or_helo_if_needed()
            if settings.security is Security.STARTTLS:
                # Raises where it is not offered: nothing goes out in the open that was not to.
                session.starttls(context=context)
                session.ehlo_or_helo_if_needed()
            if settings.user is not None:
                self._log_in(session, settings.user)
        except _TROUBLE as error:
            session.close()
            raise _GoneError(_words(error)) from error
        except BaseException:
            session.close()
            raise
        self._session = session
        return session

    def _log_in(self, session: _Session, user: str) -> None:
        settings = self._settings
        if settings.security is Security.NONE and not settings.is_local:
            raise _GoneError("a password is not sent over an open connection: set `security` to starttls or tls")
        password = self._password()
        try:
            session.login(user, password)
        except UnicodeError:
            raise _GoneError("user and password may hold ASCII characters only") from None
        except smtplib.SMTPException as error:
            raise _GoneError(_words(error).replace(password, "***")) from None

    def _password(self) -> str:
        settings = self._settings
        if settings.password_env is not None:
            password = self._environ.get(settings.password_env, "")
            where = f"the environment variable {settings.password_env}"
        elif settings.password_file is not None:
            where = f"the file {settings.password_file}"
            try:
                password = settings.password_file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
            except (OSError, UnicodeError) as error:
                raise _GoneError(f"the password cannot be read from {where}: {type(error).__name__}") from None
        else:
            raise _GoneError("a user without a password: set `password_env` or `password_file`")
        if not password:
            raise _GoneError(f"no password in {where}")
        return password

    def _transact(self, session: _Session, raw: bytes, sender: str, recipient: str) -> DeliveryAttempt:
        """Give one message; `_GoneError` where the server went away before it had it."""
        session.limit(self._whole_s)
        is_given = False
        try:
            options = ["body=8bitmime"] if not raw.isascii() and session.has_extn("8bitmime") else []
            code, said = session.mail(sender, options)
            is_sender_taken = code == 250 or code in _TOO_LARGE
            if code == 250:
                code, said = session.rcpt(recipient)
            if code in {250, 251}:
                code, said = session.docmd("DATA")
            if code == 354:
                is_given = True
                session.send(_as_data(raw))
                # Whatever time the rest took, the server has this long for the message.
                session.limit(self._after_dot_s, answer_s=self._after_dot_s)
                code, said = session.getreply()
        except _TROUBLE as error:
            self._drop()
            if not is_given:
                raise _GoneError(_words(error)) from error
            return down(f"{_words(error)} (the server had the message, and may have kept it)")
        if code == 421:
            self._drop()
            if not is_given:
                raise _GoneError(_reply(code, said))
            return down(_reply(code, said))
        if is_given and smtp_verdict(code) is Result.SENT:
            return SENT
        try:
            session.rset()
        except _TROUBLE:
            self._drop()
        if code >= 500 and not is_sender_taken:
            # It is our sender that it does not take, whoever the recipient: no message is to be lost by that.
            return down(_reply(code, said))
        # An answer such as 252 or 354 in the wrong place is nothing that was agreed on.
        verdict = smtp_verdict(code) if code >= 400 else Result.RETRY
        return DeliveryAttempt(verdict, _reply(code, said))

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


class _GoneError(Exception):
    """No message was given: there is no connection, it broke, or it is not fit to be used."""


class _Session(smtplib.SMTP):
    """An SMTP connection that is bounded as a whole, in time and in what it reads; smtplib only times each read."""

    def __init__(self, host: str, answer_s: float, tls: ssl.SSLContext | None) -> None:
        name = socket.gethostname()  # not getfqdn(), which may wait for a name server
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]", timeout=answer_s)
        self._host = host  # whose certificate STARTTLS asks for
        self._tls = tls
        self._answer_s = self._usual_answer_s = answer_s
        self._until_s = 0.0
        self._bytes_left = 0

    def limit(self, seconds: float, *, answer_s: float | None = None) -> None:
        """Bound what follows: so long in all, and (by default as from the start) for each answer."""
        self._until_s = time.monotonic() + seconds
        self._answer_s = answer_s or self._usual_answer_s
        self._bytes_left = _MAX_REPLY_BYTES

    def left_s(self) -> float:
        """How long the next operation may last."""
        left_s = min(self._answer_s, self._until_s - time.monotonic())
        if left_s <= 0:
            raise TimeoutError("the whole took too long")
        return left_s

    def read_into(self, sock: socket.socket, buffer: Any) -> int:
        """One read within the bounds."""
        sock.settimeout(self.left_s())
        size = sock.recv_into(buffer)
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise OSError(f"more than {_MAX_REPLY_BYTES} bytes of answers")
        return size

    def send(self, s: Any) -> None:
        """See `smtplib.SMTP.send`."""
        if self.sock is not None:
            self.sock.settimeout(self.left_s())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """See `smtplib.SMTP.getreply`."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self.sock, self))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), self.left_s())
        return sock if self._tls is None else self._tls.wrap_socket(sock, server_hostname=host)


class _Replies(io.RawIOBase):
    """What a session's server says."""

    def __init__(self, sock: socket.socket, session: _Session) -> None:
        self._sock = sock
        self._session = session

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._session.read_into(self._sock, buffer)


def _as_data(raw: bytes) -> bytes:
    """A message as it stands between DATA and its end: a dot that begins a line is doubled (RFC 5321, 4.5.2)."""
    ended = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {clean(text)}"[:_MAX_WORDS].strip()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return clean(str(error))[:_MAX_WORDS] or type(error).__name__
