"""The first minute: `statewire init --yes` in a process of its own, a daemon, and a watch that is added to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from fakes.state_site import PATH, StateSite
from running import Running, ask
from samples import ROOT, Piece, rss

if TYPE_CHECKING:
    from pathlib import Path


def statewire(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from scraper.cli import main; main()", *arguments]


def test_from_nothing_to_a_test_mail_statements_and_a_running_daemon(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            statewire(*arguments),
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    with StateSite() as site:
        site.says(PATH, rss(Piece(1), Piece(2)))
        (tmp_path / "site.yaml").write_text(site.config, encoding="utf-8")
        began = time.monotonic()
        done = run("init", "--yes", "--from", "site.yaml", "--contact", "me@example.org", "--word", "Lamps")
        assert done.returncode == 0, done
        assert time.monotonic() - began < 60
        (mail,) = (tmp_path / ".local/share/statewire/mail/new").iterdir()
        assert b"To: me@example.org" in mail.read_bytes()

        folders = {"XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}  # empty is the same as not set
        with Running(tmp_path, db=None, HOME=str(tmp_path), **folders) as daemon:
            daemon.wait_for_line("monitoring 1 source")
            added = run("watch", "add", "Tides", "--word", "tide")
            asked = f"The daemon (process {daemon.process.pid}) was asked to read its configuration again"
            assert asked in added.stderr
            daemon.wait_for_line("the configuration was read again")
            assert daemon.end() == 0
        assert len(ask(tmp_path, "SELECT id FROM statements", ".local/share/statewire/statewire.db")) == 2
