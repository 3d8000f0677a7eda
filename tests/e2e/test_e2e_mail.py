"""Tests of a mail server that is down, hangs up or lacks encryption: the state of a mail in `alerts list`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from command import CONFIG, Said, rows
from fakes.mail_server import Handler, serve
from samples import NOON, Piece, record, rss, warc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALERTS = """
alerts: {{deliver: smtp, smtp: {{host: 127.0.0.1, port: {port}, security: {security}}}}}
watches: [{{name: Desk, to: [desk@example.org], when: [published]}}]
"""


@pytest.mark.parametrize(
    ("is_up", "security", "state", "taken"),
    [
        pytest.param(False, "none", "retrying", 0, id="row 69: no server"),
        pytest.param(True, "none", "sent", 1, id="row 73: gone at QUIT"),
        pytest.param(True, "starttls", "retrying", 0, id="row 81: no STARTTLS"),
    ],
)
def test_rows_69_73_and_81_a_mail_waits_or_is_sent_once(
    run: Callable[..., Said], tmp_path: Path, is_up: bool, security: str, state: str, taken: int
) -> None:
    handler = Handler(drop_at="QUIT")
    server = serve(handler)
    if not is_up:
        server.stop()
    (tmp_path / "config.yaml").write_text(CONFIG + ALERTS.format(port=server.port, security=security), "utf-8")
    later = NOON + timedelta(hours=1)
    records = [record(NOON, rss(Piece(1))), record(later, rss(Piece(2), Piece(1), built=later))]
    try:
        run("import", "--alerts", str(warc(tmp_path / "x.warc.gz", *records)))
        (mail,) = rows(run("alerts", "list", "--json"))
    finally:
        if is_up:
            server.stop()
    assert (mail["state"], len(handler.taken)) == (state, taken)
