"""Tests of `scraper.tls`: every connection verifies, and the keys of sessions are written nowhere."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from scraper import tls
from scraper.fetch import transport

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
