"""Transport to a mail server by SMTP: one recipient per transaction, encrypted as the settings demand or not sent."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from scraper.config.fields import needs_smtputf8
from scraper.delivery.retry import DeliveryResult, smtp_result
from scraper.delivery.transports.base import SENT, DeliveryAttempt, Transport, down
from scraper.delivery.transports.smtp_session import (
    SMTP_ERRORS,
    TIMEOUTS_PER_TRANSACTION,
    NotGivenError,
    Session,
    connect,
    describe,
    detail,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from scraper.config.alerts import Smtp

AFTER_DOT_S: Final = 60.0
"""Seconds to wait for the reply to a message, which a server may scan first.

To give up earlier causes duplicates (RFC 5321, 4.5.3.2.6).
"""

NO_SMTPUTF8: Final = (
    "does not offer SMTPUTF8, which a recipient with letters beyond ASCII before the @ needs; give an ASCII address"
)
_QUIT_S = 5.0
# A new connection: five timeouts from its greeting to the login, and one for each IP address that is tried before.
_CONNECT_TIMEOUTS = 10
# Replies to MAIL that concern the message and not its sender.
_TOO_LARGE = frozenset({552})
# The server closes the connection (RFC 5321, 3.8).
_CLOSING = 421


def longest_attempt_s(settings: Smtp) -> float:
    """Return the seconds that one attempt may take: on the kept connection, then on a new one, and for its reply."""
    return 2 * TIMEOUTS_PER_TRANSACTION * settings.timeout_s + _CONNECT_TIMEOUTS * settings.timeout_s + AFTER_DOT_S


class SmtpTransport(Transport):
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
        self._session: Session | None = None

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Send one message, see `Transport.deliver`."""
        if self._session is not None:
            # A connection that ended between two messages does not mean that the server is down.
            with suppress(NotGivenError):
                return self._transact(self._session, raw, sender, recipient)
        try:
            return self._transact(self._open(), raw, sender, recipient)
        except NotGivenError as error:
            return down(f"{self._settings.host}:{self._settings.port}: {error}")

    def reach(self, recipients: Iterable[str] = ()) -> str:
        """Connect, encrypt and log in as for a delivery, without mail. Return the problem, or an empty string."""
        try:
            session = self._session or self._open()
            code, reply = session.noop()
            problem = "" if code == 250 else detail(code, reply)
            if not problem and not session.has_extn("smtputf8"):
                unfit = ", ".join(filter(needs_smtputf8, recipients))
                problem = f"{NO_SMTPUTF8}: {unfit}" if unfit else ""
        except NotGivenError as error:
            problem = str(error)
        except SMTP_ERRORS as error:
            problem = describe(error)
        return problem and f"{self._settings.host}:{self._settings.port}: {problem}"

    def close(self) -> None:
        """Quit and close the connection. Errors are ignored: accepted messages stay accepted."""
        if self._session is not None:
            self._session.limit(min(_QUIT_S, self._settings.timeout_s))
            with suppress(*SMTP_ERRORS):
                self._session.quit()
            self._drop()

    def _open(self) -> Session:
        self._session = connect(self._settings, self._context, self._environ)
        return self._session

    def _transact(self, session: Session, raw: bytes, sender: str, recipient: str) -> DeliveryAttempt:
        """Send one message; raise `NotGivenError` if the server went away before it had the message."""
        session.limit()
        is_given = is_sender_accepted = False
        if needs_smtputf8(recipient) and not session.has_extn("smtputf8"):
            return DeliveryAttempt(DeliveryResult.REFUSED, f"{self._settings.host} {NO_SMTPUTF8}: {recipient}")
        try:
            code, reply = session.mail(sender, _options(session, raw, recipient))
            is_sender_accepted = code == 250 or code in _TOO_LARGE
            if code == 250:
                code, reply = session.rcpt(recipient)
            if code in {250, 251}:
                code, reply = session.docmd("DATA")
            if code == 354:
                is_given = True
                session.send(_as_data(raw))
                # The server gets this long for the message, however long the commands before it took.
                session.limit(self._after_dot_s, reply_s=self._after_dot_s)
                code, reply = session.getreply()
            problem = detail(code, reply)
        except SMTP_ERRORS as error:
            problem = describe(error) + (
                " (the server had received the message and may have accepted it)" if is_given else ""
            )
            code = _CLOSING
        if code == _CLOSING:
            self._drop()
            if not is_given:
                raise NotGivenError(problem)
            return down(problem)
        if is_given and smtp_result(code) is DeliveryResult.SENT:
            return SENT
        self._reset(session)
        if code >= 500 and not is_sender_accepted:
            # The server rejects our sender, for any recipient: no message may be lost because of that.
            return down(problem)
        # A reply such as 252 or 354 in the wrong place is a protocol error.
        return DeliveryAttempt(smtp_result(code) if code >= 400 else DeliveryResult.RETRY, problem)

    def _reset(self, session: Session) -> None:
        try:
            session.rset()
        except SMTP_ERRORS:
            self._drop()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None


def _options(session: Session, raw: bytes, recipient: str) -> list[str]:
    found = ["body=8bitmime"] if not raw.isascii() and session.has_extn("8bitmime") else []
    return [*found, "smtputf8"] if needs_smtputf8(recipient) else found


def _as_data(raw: bytes) -> bytes:
    """Return a message as sent after DATA, with its end: a dot at the start of a line is doubled (RFC 5321, 4.5.2)."""
    data = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", data) + b".\r\n"
