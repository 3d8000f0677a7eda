"""Tests of `scraper.tls`: every connection verifies, and the keys of sessions are written nowhere."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from scraper import tls
from scraper.fetch import transport

if TYPE_CHECKING:
    from pathlib import Path


def test_the_keys_of_sessions_are_not_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    assert ssl.create_default_context().keylog_filename == str(log)
    log.unlink()
    transport._public_tls_context.cache_clear()
    for context in (tls.client_context(), transport._public_tls_context()):
        assert context.keylog_filename is None
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert context.cert_store_stats()["x509_ca"] > 50
    assert not log.exists()


def test_only_one_place_makes_contexts(pytestconfig: pytest.Config) -> None:
    package = pytestconfig.rootpath / "scraper"
    makers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "create_default_context(" in path.read_text("utf-8") or "SSLContext(" in path.read_text("utf-8")
    }
    assert makers == {"tls.py"}


@pytest.mark.parametrize(
    ("code", "message", "reason", "words"),
    [
        (23, "certificate revoked", "CERTIFICATE_VERIFY_FAILED", "is not valid (certificate revoked); the host has to"),
        (20, "unable to get local issuer certificate", "CERTIFICATE_VERIFY_FAILED", "not trusted here; ask around"),
        (10, "certificate has expired", "CERTIFICATE_VERIFY_FAILED", "has expired; check the clock"),
        (None, None, "WRONG_VERSION_NUMBER", "it does not speak TLS on this port; check the scheme and the port"),
        (None, None, "TLSV1_ALERT_PROTOCOL_VERSION", "TLSV1_ALERT_PROTOCOL_VERSION"),
        (None, None, None, "closed"),
    ],
)
def test_a_problem_is_said_with_what_to_do(
    code: int | None, message: str | None, reason: str | None, words: str
) -> None:
    error = ssl.SSLCertVerificationError("closed") if code else ssl.SSLError("closed")
    for name, value in (("verify_code", code), ("verify_message", message), ("reason", reason)):
        if value is not None:
            setattr(error, name, value)
    assert words in tls.describe(error, "ask around")
