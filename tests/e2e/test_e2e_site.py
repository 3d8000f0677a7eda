"""Tests of the daemon as a process that keeps a static site: fresh, after a reload too, and never in its way."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING

import pytest
from fakes.wire import Server
from running import LIMIT_S, Running, command
from samples import Piece, rss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.wire import Exchange

XML = {"Content-Type": "application/rss+xml; charset=UTF-8"}
CONFIG = """\
fetch: {{contact: https://monitor.invalid/about, retries: 0, gap_s: 0.001, allow_private: ["{place}"]}}
daemon: {{tick_s: 0.2}}
sources:
  - {{name: state, role: canonical, every: 1s, endpoints: [{{kind: feed, url: "http://{place}/feed/"}}]}}
{more}
"""
SITE = "web: {site_dir: site}"
# Pauses that would make the test long.
HURRIED = "import scraper.daemon.site_writer as s; s._PAUSE_S, s._AFTER_FAILURE_S, s._PAUSE_FACTOR = 0.1, 0.5, 0"


class Site:
    """A feed that grows, the configuration of its monitor, and the pages."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.pieces = [Piece(1)]
        server.routes["/feed/"] = self.answer

    def answer(self, exchange: Exchange) -> None:
        exchange.reply(rss(*self.pieces), headers=XML)

    def configure(self, more: str = SITE) -> None:
        text = CONFIG.format(place=self.server.place, more=more)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    def wait_for(self, words: str, page: str = "index.html") -> None:
        until = time.monotonic() + LIMIT_S
        path = self.folder / "site" / page
        while time.monotonic() < until:
            if path.exists() and words in path.read_text(encoding="utf-8"):
                return
            time.sleep(0.05)
        raise AssertionError(f"{page} never had {words!r}")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    server = Server()
    yield Site(tmp_path, server)
    server.close()


def status(folder: Path) -> dict[str, object]:
    reported: dict[str, object] = json.loads(command(folder, "status", "--json").stdout)["site"]
    return reported


def test_the_pages_follow_what_is_stored(site: Site, tmp_path: Path) -> None:
    site.configure()
    with Running(tmp_path, before=HURRIED) as daemon:
        daemon.wait_for_line("files written")
        site.wait_for("Lamps for Harbour 1")
        site.pieces.append(Piece(2))
        site.wait_for("Lamps for Harbour 2")
        site.wait_for(Piece(2).body[0], "statements/2/index.html")
        assert status(tmp_path)["problem"] is None
        assert f"pages: {tmp_path / 'site'} complete " in command(tmp_path, "status").stdout
        assert daemon.end() == 0
    again = json.loads(command(tmp_path, "site", "site", "--json").stdout)
    assert again["is_complete"]
    assert again["written"] < 5 < again["unchanged"]  # such as the health of the sources


def test_a_reload_begins_a_site(site: Site, tmp_path: Path) -> None:
    site.configure("")
    with Running(tmp_path, before=HURRIED) as daemon:
        daemon.wait_for_line("state: 1 items")
        assert not (tmp_path / "site").exists()
        site.configure()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_line("the new configuration is active")
        site.wait_for("Lamps for Harbour 1")
        assert daemon.end() == 0


def test_a_folder_that_cannot_be_used_stops_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.html").write_text("mine", encoding="utf-8")
    site.configure()
    with Running(tmp_path, before=HURRIED) as daemon:
        line = daemon.wait_for_line("has other files and is no site of statewire")
        assert "site: " in line
        site.pieces.append(Piece(2))
        daemon.wait_for_line("state: 2 items")
        problem = f"{tmp_path / 'site'} has other files and is no site of statewire"
        assert status(tmp_path) == {"folder": str(tmp_path / "site"), "completed_at": None, "problem": problem}
        assert f"pages: {problem}: the log of" in " ".join(command(tmp_path, "status").stdout.split())
        doctor = command(tmp_path, "doctor", "--json")
        assert doctor.returncode == 3
        (finding,) = [row for row in json.loads(doctor.stdout) if row["topic"] == "pages"]
        assert (finding["level"], finding["what"]) == ("trouble", problem)
        for _ in range(3):
            daemon.wait_for_line("state: 2 items")
        assert sum("has other files" in said for said in daemon.said) == 1
        (tmp_path / "site" / "mine.html").unlink()
        daemon.wait_for_line("site: works again")
        site.wait_for("Lamps for Harbour 2")
        assert daemon.end() == 0
