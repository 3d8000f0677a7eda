"""Connection to a mail server: encrypted as the settings demand, logged in, and limited in time and bytes."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, Final

from scraper import tls
from scraper.config.choices import Security
from scraper.config.secrets import NoSecretError, read_secret
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.config.alerts import Smtp

SMTP_ERRORS: Final = (OSError, smtplib.SMTPException)
"""Errors of a connection; TLS errors and timeouts are OSErrors."""

TIMEOUTS_PER_TRANSACTION: Final = 5
"""Time limit of one transaction as a multiple of `timeout_s`, without the reply to the message itself."""
_MAX_REPLY_BYTES = 65_536
_TLS_RECORD_BYTES = 16_384
_MAX_DETAIL_CHARS = 500
_ABOUT_AUTHORITIES = "add the authority of the server to those that this machine trusts"


class NotGivenError(Exception):
    """Error before a message was given to the server: no connection, a broken one, or one that must not be used."""


class Session(smtplib.SMTP):
    """Open connection with limits of time and bytes for a whole transaction; smtplib only limits each read."""

    def __init__(self, settings: Smtp, tls: ssl.SSLContext) -> None:
        name = socket.gethostname()  # not getfqdn(), which may wait for a name server
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]")
        self._host = settings.host  # the name that the certificate must have after STARTTLS
        self._timeout_s = settings.timeout_s
        self.limit()
        self.sock = socket.create_connection((settings.host, settings.port), settings.timeout_s)
        if settings.security is Security.TLS:
            self.limit_next()
            self.sock = tls.wrap_socket(self.sock, server_hostname=settings.host)

    def limit(self, seconds: float | None = None, *, reply_s: float | None = None) -> None:
        """Limit the following operations: `seconds` in all, `reply_s` for each; by default as the settings say."""
        self._until_s = time.monotonic() + (seconds or self._timeout_s * TIMEOUTS_PER_TRANSACTION)
        self._operation_s = reply_s or self._timeout_s
        self.bytes_left = _MAX_REPLY_BYTES

    def limit_next(self) -> None:
        """Limit the next operation of the socket to the time that is left. Raise `TimeoutError` if none is."""
        left_s = min(self._operation_s, self._until_s - time.monotonic())
        if left_s <= 0:
            raise TimeoutError("the transaction took too long")
        if self.sock is not None:
            self.sock.settimeout(left_s)

    def send(self, s: Any) -> None:
        """Send text or bytes within the limits, see `smtplib.SMTP.send`."""
        # An encrypted socket applies its timeout to each record and not to the whole.
        for start in range(0, len(s), _TLS_RECORD_BYTES):
            self.limit_next()
            super().send(s[start : start + _TLS_RECORD_BYTES])

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply within the limits, see `smtplib.SMTP.getreply`."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self, self.sock))
        return super().getreply()

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """Send a command, see `smtplib.SMTP.docmd`; limit what follows, which is a TLS handshake after STARTTLS."""
        reply = super().docmd(cmd, args)
        self.limit_next()
        return reply


class _Replies(io.RawIOBase):
    def __init__(self, session: Session, sock: socket.socket) -> None:
        self._session = session
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        session = self._session
        session.limit_next()
        size = self._sock.recv_into(buffer)
        session.bytes_left -= size
        if session.bytes_left < 0:
            raise OSError(f"more than {_MAX_REPLY_BYTES} bytes of answers")
        return size


def connect(settings: Smtp, context: ssl.SSLContext | None, environ: Mapping[str, str]) -> Session:
    """Open a session, see `SmtpTransport`. Raise `NotGivenError` with the reason if that fails."""
    session = None
    try:
        context = context or tls.client_context()
        session = Session(settings, context)
        code, reply = session.getreply()
        if code != 220:
            raise smtplib.SMTPResponseException(code, reply)
        session.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            # Raises if the server does not offer it, so that nothing is sent unencrypted against the settings.
            session.starttls(context=context)
            session.ehlo_or_helo_if_needed()
        if settings.user is not None:
            _log_in(session, settings, settings.user, environ)
    except BaseException as error:
        if session is not None:
            session.close()
        if isinstance(error, SMTP_ERRORS):
            raise NotGivenError(describe(error)) from error
        raise
    return session


def _log_in(session: Session, settings: Smtp, user: str, environ: Mapping[str, str]) -> None:
    if settings.security is Security.NONE and not settings.is_local:
        raise NotGivenError("a password is not sent over an unencrypted connection: set `security` to starttls or tls")
    password = _password(settings, environ)
    try:
        session.login(user, password)
    except UnicodeError:
        raise NotGivenError("user and password may hold ASCII characters only") from None
    except smtplib.SMTPException as error:
        raise NotGivenError(describe(error).replace(password, "***")) from None


def _password(settings: Smtp, environ: Mapping[str, str]) -> str:
    try:
        return read_secret("password", settings.password_env, settings.password_file, environ)
    except NoSecretError as error:
        raise NotGivenError(error.what) from None


def detail(code: int, reply: bytes | str) -> str:
    """Return a reply as text for the log and for `alerts list`."""
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return f"{code} {clean(text)}"[:_MAX_DETAIL_CHARS].strip()


def describe(error: Exception) -> str:
    """Return the reason of one of `SMTP_ERRORS`."""
    if isinstance(error, smtplib.SMTPResponseException):
        return detail(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError) and "STARTTLS" in str(error):
        return (
            "it offers no STARTTLS: set `alerts.smtp.security` (`init`: --smtp-security) to tls, or none if it is local"
        )
    if isinstance(error, ssl.SSLError):
        return clean(tls.describe(error, _ABOUT_AUTHORITIES))
    if isinstance(error, TimeoutError):
        return "no answer in time"
    # Without the number of the error, which says nothing to a person.
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return clean(said)[:_MAX_DETAIL_CHARS] or type(error).__name__
