"""TLS contexts of all connections: certificates are verified, and nothing in the environment weakens them.

What is wrong with a certificate, and what to do about it, is said here too.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


_CLOCK = "check the clock of this machine; if it is right, the host has to renew its certificate"
_NAME = "check the name of the host, and whether a login page or a proxy of this network answers in its place"
# By X509_V_ERR_… of OpenSSL; None is what to do about an authority that is not trusted, which the caller knows.
_UNTRUSTED = "its certificate is from an authority that is not trusted here"
_BY_CODE: Final = {
    9: ("its certificate is not valid yet", _CLOCK),
    10: ("its certificate has expired", _CLOCK),
    18: ("its certificate is self-signed", None),
    **dict.fromkeys((2, 19, 20, 21), (_UNTRUSTED, None)),
    **dict.fromkeys((62, 64), ("its certificate is for another host", _NAME)),
}
_NO_TLS = ("it does not speak TLS on this port", "check the scheme and the port")


def describe(error: ssl.SSLError, about_authorities: str) -> str:
    """Return what is wrong with a TLS connection and what to do; `about_authorities` is for one that is not trusted."""
    reason: str = getattr(error, "reason", None) or ""
    if reason == "WRONG_VERSION_NUMBER":
        return "; ".join(_NO_TLS)
    # An error that Python makes itself, as for a closed connection, has neither reason nor code.
    said = getattr(error, "verify_message", None) or reason or str(error)
    code = getattr(error, "verify_code", None)
    if code not in _BY_CODE:
        return f"its certificate is not valid ({said}); the host has to replace it" if code else said
    problem, remedy = _BY_CODE[code]
    return f"{problem}; {remedy or about_authorities}"


def client_context(authorities: Path | None = None) -> ssl.SSLContext:
    """Return a context that verifies the server's certificate by the authorities in a file, or those of this machine.

    Not by `ssl.create_default_context`, which writes the keys of all sessions to the file in SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        context.load_verify_locations(authorities)
    return context
