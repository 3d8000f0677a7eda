"""Tests of a reloaded configuration: applied settings, settings for the next start, and the log of both."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from scraper.clock import Clock
from scraper.config.loader import database_path, find, load
from scraper.daemon.daemon import Daemon
from scraper.daemon.main import Configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = """\
fetch: {contact: "https://monitor.invalid/about"}
daemon: {tick_s: 10}
sources:
  - {name: a, role: canonical, endpoints: [{kind: feed, url: "https://a.example/feed/"}]}
"""
READ = ("INFO", "the configuration was read again")
HASTY = "the source “a” is polled every 1m; less than 5m causes load and brings no news: state.gov updates its feeds"


class Bench:
    """A running daemon, its configuration file, and the log of a reload."""

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture, named: Path | None = None) -> None:
        self.path = folder / "config.yaml"
        self.path.write_text(TEXT, encoding="utf-8")
        self.configuration = Configuration(find(self.path), named)
        self.caplog = caplog
        caplog.set_level(logging.INFO, logger="statewire")
        settings = load(self.path)
        self.database = database_path(settings, named)
        self.configuration.warn(settings)
        self.daemon = Daemon(self.database, settings, Clock())

    def reload_with(self, text: str) -> list[tuple[str, str]]:
        """Write the file and return the log of a reload."""
        self.path.write_text(text, encoding="utf-8")
        return self.reload()

    def reload(self) -> list[tuple[str, str]]:
        """Return the log of a reload of the present file."""
        self.caplog.clear()
        self.configuration.read_again(self.daemon)
        if self.daemon.pending_settings is not None:  # as a tick does it
            self.daemon.settings, self.daemon.pending_settings = self.daemon.pending_settings, None
        return [(record.levelname, record.getMessage()) for record in self.caplog.records]


@pytest.fixture
def bench(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    bench = Bench(tmp_path, caplog)
    yield bench
    bench.daemon.close()


def test_settings_that_a_running_daemon_applies_cause_no_warning(bench: Bench) -> None:
    assert bench.reload_with(TEXT.replace("name: a", "name: b").replace("tick_s: 10", "workers: 2")) == [READ]
    assert [source.name for source in bench.daemon.settings.sources] == ["b"]


def test_settings_for_the_next_start_are_named_while_they_differ_from_those_in_use(
    bench: Bench, tmp_path: Path
) -> None:
    slower = ("WARNING", "daemon.tick_s: 20 takes effect at the next start; until then it is 10")
    runs = tmp_path / "state" / "statewire.db"
    moved = ("WARNING", f"database: {tmp_path}/x.db takes effect at the next start; until then it is {runs}")
    assert bench.reload_with(TEXT.replace("tick_s: 10", "tick_s: 20")) == [slower, READ]
    assert bench.reload() == [slower, READ]
    assert bench.reload_with(TEXT.replace("tick_s: 10", "tick_s: 20") + "database: x.db\n") == [moved, slower, READ]
    assert bench.reload_with(TEXT) == [READ]
    assert bench.daemon.tick_s == 10


def test_a_database_that_is_named_on_the_command_line_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(tmp_path, caplog, tmp_path / "named.db")
    assert bench.daemon.database == tmp_path / "named.db"
    assert bench.reload_with(TEXT + "database: x.db\n") == [READ]
    bench.daemon.close()


def test_a_configuration_with_mistakes_changes_nothing(bench: Bench) -> None:
    kept = bench.daemon.settings
    assert bench.reload_with(TEXT + "xyz: 1\n") == [
        ("ERROR", "the new configuration cannot be used, the current one stays active"),
        (
            "ERROR",
            f"{bench.path}:5: xyz: is not a known key; known here: fetch, database, database_group, sources, keep, "
            "alerts, watches, daemon, web, evidence, save_page_now",
        ),
    ]
    assert bench.daemon.settings is kept


def test_a_file_that_is_gone_is_to_be_put_back_for_a_daemon_takes_no_other(bench: Bench) -> None:
    bench.path.unlink()
    assert bench.reload() == [
        ("ERROR", "the new configuration cannot be used, the current one stays active"),
        ("ERROR", f"{bench.path}: does not exist; restore it, then send SIGHUP again"),
    ]


def test_a_warning_is_said_when_it_is_new(bench: Bench) -> None:
    hasty = TEXT.replace("name: a,", "name: a, every: 1m,")
    [(level, words), *more] = bench.reload_with(hasty)
    assert (level, words[: len(HASTY)], more) == ("WARNING", HASTY, [READ])
    assert bench.reload() == [READ]
    assert bench.reload_with(TEXT) == [READ]
    assert len(bench.reload_with(hasty)) == 2


def test_warnings_of_the_start_are_not_repeated(bench: Bench) -> None:
    bench.path.write_text(TEXT.replace("name: a,", "name: a, every: 1m,"), encoding="utf-8")
    bench.configuration.warn(load(bench.path))
    assert bench.reload() == [READ]


def test_a_name_in_a_watch_that_state_does_not_use_is_a_warning_when_it_is_new(bench: Bench) -> None:
    watch = "watches: [{name: Desk, to: [desk@example.org], about: {none: {countries: [Loas, Laos]}}}]\n"
    name = "the watch “Desk” (about.none.countries): State’s site has no country “Loas”; did you mean “Laos”?"
    assert bench.reload_with(TEXT + watch) == [("WARNING", name), READ]
    assert bench.reload() == [READ]
