"""Transport to a mail server by SMTP: one recipient per transaction, encrypted as the settings demand or not sent."""

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
from scraper.delivery.retry import DeliveryResult, smtp_result
from scraper.delivery.transports.base import SENT, DeliveryAttempt, down
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.config.alerts import Smtp

AFTER_DOT_S: Final = 60.0
"""Seconds to wait for the reply to a message, which a server may scan first.

To give up earlier causes duplicates (RFC 5321, 4.5.3.2.6).
"""

# Time limit of one transaction as a multiple of `timeout_s`, without the reply to the message itself.
_TIMEOUTS_PER_TRANSACTION = 5
_QUIT_S = 5.0
# Replies to MAIL that concern the message and not its sender.
_TOO_LARGE = frozenset({552})
_MAX_REPLY_BYTES = 65_536
_MAX_DETAIL_CHARS = 500
_SMTP_ERRORS = (OSError, smtplib.SMTPException)  # TLS errors and timeouts are OSErrors


class SmtpTransport:
    """Transport that keeps its connection between messages and reopens it if it ended meanwhile.

    `context` verifies certificates, by default with the authorities of this machine. The password is read when needed
    from the place that the settings name, and never appears in a result.
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
        self._transaction_s = settings.timeout_s * _TIMEOUTS_PER_TRANSACTION
        self._session: _Session | None = None

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Send one message, see `Transport.deliver`."""
        if self._session is not None:
            # A connection that ended between two messages does not mean that the server is down.
            with suppress(_NotGivenError):
                return self._transact(self._session, raw, sender, recipient)
        try:
            return self._transact(self._open(), raw, sender, recipient)
        except _NotGivenError as error:
            return down(f"{self._settings.host}:{self._settings.port}: {error}")

    def reach(self) -> str:
        """Connect, encrypt and log in as for a delivery, without mail. Return the problem, or an empty string."""
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            session = self._session or self._open()
            code, reply = session.noop()
        except _NotGivenError as error:
            return f"{where}: {error}"
        except _SMTP_ERRORS as error:
            self._drop()
            return f"{where}: {_describe(error)}"
        return "" if code == 250 else f"{where}: {_detail(code, reply)}"

    def close(self) -> None:
        """Quit and close the connection. Errors are ignored: accepted messages stay accepted."""
        session, self._session = self._session, None
        if session is not None:
            session.limit(min(_QUIT_S, self._settings.timeout_s))
            with suppress(*_SMTP_ERRORS):
                session.quit()
            session.close()

    def _open(self) -> _Session:
        settings = self._settings
        context = self._context or ssl.create_default_context()
        session = _Session(settings.host, settings.timeout_s, context if settings.security is Security.TLS else None)
        session.limit(self._transaction_s)
        try:
            code, reply = session.connect(settings.host, settings.port)
            if code != 220:
                raise smtplib.SMTPResponseException(code, reply)
            session.ehlo_or_helo_if_needed()
            if settings.security is Security.STARTTLS:
                # Raises if the server does not offer it, so that nothing is sent unencrypted against the settings.
                session.starttls(context=context)
                session.ehlo_or_helo_if_needed()
            if settings.user is not None:
                self._log_in(session, settings.user)
        except _SMTP_ERRORS as error:
            session.close()
            raise _NotGivenError(_describe(error)) from error
        except BaseException:
            session.close()
            raise
        self._session = session
        return session

    def _log_in(self, session: _Session, user: str) -> None:
        settings = self._settings
        if settings.security is Security.NONE and not settings.is_local:
            raise _NotGivenError("a password is not sent over an open connection: set `security` to starttls or tls")
        password = self._password()
        try:
            session.login(user, password)
        except UnicodeError:
            raise _NotGivenError("user and password may hold ASCII characters only") from None
        except smtplib.SMTPException as error:
            raise _NotGivenError(_describe(error).replace(password, "***")) from None

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
                raise _NotGivenError(f"the password cannot be read from {where}: {type(error).__name__}") from None
        else:
            raise _NotGivenError("a user without a password: set `password_env` or `password_file`")
        if not password:
            raise _NotGivenError(f"no password in {where}")
        return password

    def _transact(self, session: _Session, raw: bytes, sender: str, recipient: str) -> DeliveryAttempt:
        """Send one message; raise `_NotGivenError` if the server went away before it had the message."""
        session.limit(self._transaction_s)
        is_given = False
        try:
            options = ["body=8bitmime"] if not raw.isascii() and session.has_extn("8bitmime") else []
            code, reply = session.mail(sender, options)
            is_sender_accepted = code == 250 or code in _TOO_LARGE
            if code == 250:
                code, reply = session.rcpt(recipient)
            if code in {250, 251}:
                code, reply = session.docmd("DATA")
            if code == 354:
                is_given = True
                session.send(_as_data(raw))
                # The server gets this long for the message, however long the commands before it took.
                session.limit(self._after_dot_s, answer_s=self._after_dot_s)
                code, reply = session.getreply()
        except _SMTP_ERRORS as error:
            self._drop()
            if not is_given:
                raise _NotGivenError(_describe(error)) from error
            return down(f"{_describe(error)} (the server had the message, and may have kept it)")
        if code == 421:
            self._drop()
            if not is_given:
                raise _NotGivenError(_detail(code, reply))
            return down(_detail(code, reply))
        if is_given and smtp_result(code) is DeliveryResult.SENT:
            return SENT
        try:
            session.rset()
        except _SMTP_ERRORS:
            self._drop()
        if code >= 500 and not is_sender_accepted:
            # The server rejects our sender, for any recipient: no message may be lost because of that.
            return down(_detail(code, reply))
        # A reply such as 252 or 354 in the wrong place is a protocol error.
        verdict = smtp_result(code) if code >= 400 else DeliveryResult.RETRY
        return DeliveryAttempt(verdict, _detail(code, reply))

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


class _NotGivenError(Exception):
    """Error before a message was given to the server: no connection, a broken one, or one that must not be used."""


class _Session(smtplib.SMTP):
    """SMTP connection with limits of time and bytes for a whole transaction; smtplib only limits each read."""

    def __init__(self, host: str, answer_s: float, tls: ssl.SSLContext | None) -> None:
        name = socket.gethostname()  # not getfqdn(), which may wait for a name server
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]", timeout=answer_s)
        self._host = host  # the name that the certificate must have after STARTTLS
        self._tls = tls
        self._answer_s = self._usual_answer_s = answer_s
        self._until_s = 0.0
        self._bytes_left = 0

    def limit(self, seconds: float, *, answer_s: float | None = None) -> None:
        """Limit the following operations: `seconds` in all, and `answer_s` (by default the usual) for each reply."""
        self._until_s = time.monotonic() + seconds
        self._answer_s = answer_s or self._usual_answer_s
        self._bytes_left = _MAX_REPLY_BYTES

    def left_s(self) -> float:
        """Return the seconds that the next operation may take."""
        left_s = min(self._answer_s, self._until_s - time.monotonic())
        if left_s <= 0:
            raise TimeoutError("the whole took too long")
        return left_s

    def read_into(self, sock: socket.socket, buffer: Any) -> int:
        """Read once within the limits."""
        sock.settimeout(self.left_s())
        size = sock.recv_into(buffer)
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise OSError(f"more than {_MAX_REPLY_BYTES} bytes of answers")
        return size

    def send(self, s: Any) -> None:
        """Send within the limits, see `smtplib.SMTP.send`."""
        if self.sock is not None:
            self.sock.settimeout(self.left_s())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply within the limits, see `smtplib.SMTP.getreply`."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self.sock, self))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), self.left_s())
        return sock if self._tls is None else self._tls.wrap_socket(sock, server_hostname=host)


class _Replies(io.RawIOBase):
    """Stream of the replies of a session's server."""

    def __init__(self, sock: socket.socket, session: _Session) -> None:
        self._sock = sock
        self._session = session

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._session.read_into(self._sock, buffer)


def _as_data(raw: bytes) -> bytes:
    """Return a message as sent after DATA, with its end: a dot at the start of a line is doubled (RFC 5321, 4.5.2)."""
    data = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", data) + b".\r\n"


def _detail(code: int, reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return f"{code} {clean(text)}"[:_MAX_DETAIL_CHARS].strip()


def _describe(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _detail(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return clean(str(error))[:_MAX_DETAIL_CHARS] or type(error).__name__
