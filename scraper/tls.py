"""TLS contexts of all connections: certificates are verified, and nothing in the environment weakens them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
