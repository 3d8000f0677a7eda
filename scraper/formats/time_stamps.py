"""Time stamps of RFC 3161, by rfc3161-client of the extra `evidence`, imported only when one is made or checked.

Functions raise `ImportError` without the extra.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

MAX_TOKEN_BYTES = 100_000


class StampError(Exception):
    """The time stamp is none, or does not fit; the text says why."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """Valid time stamp: its time, the subject of the authority's root certificate, and that certificate's SHA-256."""

    at: datetime
    authority: str
    root_sha256: str


def request(content: bytes) -> bytes:
    """Return the request for a time stamp over the SHA-256 of a content, with the authority's certificate."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    built = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True)
    return built.build().as_bytes()


def check(token: bytes, certificates: str, content: bytes) -> Stamped:
    """Check the response of an authority against its certificates (PEM: root and all between) and the content.

    The result names the root to which the signature leads: an exporter can add those of others. Raise
    `StampError`.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from rfc3161_client import VerificationError, decode_timestamp_response

    if len(token) > MAX_TOKEN_BYTES or len(certificates) > MAX_TOKEN_BYTES:
        raise StampError("it is too long")
    try:
        response = decode_timestamp_response(token)
        chain = x509.load_pem_x509_certificates(certificates.encode())
        roots = [each for each in chain if each.issuer == each.subject]
        between = [each for each in chain if each.issuer != each.subject]
        if not roots:
            raise StampError("the certificates have no root, which signs itself")
        failures = [_failure(response, root, between, content) for root in roots]
        if None not in failures:
            raise StampError("; ".join(dict.fromkeys(filter(None, failures))))
        root = roots[failures.index(None)]
        at = response.tst_info.gen_time
        return Stamped(at, root.subject.rfc4514_string(), root.fingerprint(SHA256()).hex())
    except (ValueError, VerificationError) as error:
        raise StampError(str(error) or type(error).__name__) from error


def _failure(
    response: TimeStampResponse, root: Certificate, between: Sequence[Certificate], content: bytes
) -> str | None:
    """Return the reason for which a signature does not lead to a root; None if it does."""
    from rfc3161_client import VerificationError, VerifierBuilder

    builder = VerifierBuilder().add_root_certificate(root)
    for each in between:
        builder = builder.add_intermediate_certificate(each)
    try:
        builder.build().verify_message(response, content)
    except VerificationError as error:
        return str(error) or type(error).__name__
    return None
