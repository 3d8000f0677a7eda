"""The first minute: `statewire init --yes` in a process of its own, a daemon, and a watch that is added to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from fakes.state_site import PATH, StateSite
from running import LIMIT_S
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
        assert run("list").stdout.count("Lamps for Harbour") == 2

        daemon = subprocess.Popen(statewire("run"), cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        try:
            assert daemon.stderr is not None
            for line in daemon.stderr:
                if "monitoring 1 source" in line:
                    break
            added = run("watch", "add", "Tides", "--word", "tide")
            assert f"The daemon (process {daemon.pid}) was asked to read its configuration again" in added.stderr
            assert any("the configuration was read again" in line for line in daemon.stderr)
        finally:
            daemon.terminate()
            daemon.communicate(timeout=LIMIT_S)
        assert daemon.returncode == 0
