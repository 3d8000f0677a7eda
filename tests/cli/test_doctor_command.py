"""Tests of `statewire doctor` on the command line: findings, exit codes, repairs."""

from __future__ import annotations

import socket
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from command import CONFIG

from scraper.text import scripts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

    Run = Callable[..., Said]


def findings(said: Said) -> dict[str, dict[str, Any]]:
    return {row["topic"]: row for row in said.json}


def harm(tmp_path: Path, sql: str) -> None:
    connection = sqlite3.connect(tmp_path / "statewire.db")
    connection.create_function("search_text", 1, scripts.index_text)  # of the triggers of search
    with connection:
        connection.execute(sql)
    connection.close()


def test_before_the_first_run_nothing_is_made_and_warnings_are_no_trouble(run: Run, tmp_path: Path) -> None:
    said = run("doctor", "--json")
    assert said.code == 0
    assert findings(said)["database"]["level"] == "warning"
    assert list(tmp_path.glob("*.db")) == []


def test_trouble_ends_with_3_and_each_finding_has_a_remedy(story: Run) -> None:
    said = story("doctor")
    assert said.code == 0  # imported, never asked: a warning
    lines = said.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("warning  source state: not polled yet"))
    assert lines[at + 1] == "         → `statewire fetch state` polls it now"
    assert any(line.startswith("ok       search: consistent") for line in lines)


def test_an_index_out_of_step_is_reported_and_repaired_by_tidy(story: Run, tmp_path: Path) -> None:
    harm(tmp_path, "DROP TRIGGER revisions_au")
    harm(tmp_path, "DELETE FROM fingerprints")
    said = story("doctor", "--json")
    rows = said.json
    assert said.code == 3
    assert {row["topic"] for row in rows if row["level"] == "trouble"} == {"database", "fingerprints"}
    said = story("doctor", "--tidy", "--json")
    assert said.code == 0
    assert said.err.splitlines()[:2] == ["full-text search was rebuilt", "fingerprints were rebuilt"]
    assert said.err.splitlines()[2].startswith("deleted ")
    assert story("doctor").code == 0


def test_a_broken_configuration_is_a_finding(story: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace("canonical", "king"), encoding="utf-8")
    said = story("doctor", "--json")
    assert said.code == 3
    rows = findings(said)
    assert "sources[0].role" in rows["configuration"]["what"]
    assert rows["search"]["level"] == "ok"
    said = story("doctor", db=None)
    assert (said.code, said.out.count("\n")) == (3, 2)


@pytest.mark.parametrize("content", [b"hello " * 999])
def test_a_file_that_is_no_database_is_a_finding(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "statewire.db").write_bytes(content)
    said = run("doctor", "--tidy", "--json")
    assert (said.code, said.err) == (3, "")
    assert "free" in findings(said)["disk"]["what"]
    row = findings(said)["database"]
    assert (row["level"], "not an SQLite database" in row["what"], row["advice"]) == (
        "trouble",
        True,
        "give another file with --db, or restore a backup",
    )
    assert (tmp_path / "statewire.db").read_bytes() == content


def test_online_asks_the_sources_that_are_enabled(story: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from scraper.pipeline import doctor
    from scraper.pipeline.findings import Finding, Level

    asked = []

    def reach(source: Any, _: object) -> Finding:
        asked.append(source.name)
        return Finding(f"reach {source.name}", Level.TROUBLE, "blocked", "wait")

    monkeypatch.setattr(doctor, "reach", reach)
    said = story("doctor", "--online")
    assert (said.code, asked, said.err) == (3, ["state"], "requesting state\n")
    assert said.out.splitlines()[-2:] == ["trouble  reach state: blocked", "         → wait"]
    assert "source state" not in said.out  # it fails now, and is named once
    assert "source state" in story("doctor").out


def test_online_knocks_at_the_mail_server(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mail = f"alerts: {{deliver: smtp, smtp: {{host: 127.0.0.1, port: {port}, security: none}}}}\n"
    text = (CONFIG + mail).replace("role: canonical", "role: canonical\n    enabled: false")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    said = run("doctor", "--online", "--json")
    assert (said.code, said.err) == (3, "connecting to 127.0.0.1\n")
    assert (findings(said)["mail server"]["level"], findings(said)["mail"]["level"]) == ("trouble", "ok")
    assert "mail server" not in findings(run("doctor", "--json"))


def test_a_damaged_database_is_not_tidied(story: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.store.integrity.damage", lambda _: ("row 3 missing",))
    said = story("doctor", "--tidy")
    assert (said.code, said.err) == (3, "the database is damaged: nothing was deleted\n")


def lose(tmp_path: Path) -> None:
    """As if an older parser had lost all but the first words of statement 1's first wording."""
    harm(tmp_path, "UPDATE revisions SET text = substr(text, 1, 60) WHERE statement_id = 1 AND number = 1")


def test_reparse_shows_what_would_differ_and_apply_changes_it(story: Run, tmp_path: Path) -> None:
    assert story("doctor", "--reparse").out.endswith("responses parsed again; wordings that differ: 0\n")
    text, events = story("show", "1", "--text").out, story("events", "--json").json
    lose(tmp_path)
    said = story("doctor", "--reparse")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[1] == "nothing was changed; --apply corrects them"
    assert "statement 1, wording 1, by feed" in said.out
    assert "{+" in said.out
    (row,) = story("doctor", "--reparse", "--json").json
    assert (row["statement"], row["number"], len(row["before"]["text"])) == (1, 1, 60)
    assert story("doctor", "--reparse", "--apply").out.splitlines()[1] == "they were corrected"
    assert story("doctor", "--reparse", "--json").json == []
    assert story("show", "1", "--text").out == text
    assert story("events", "--json").json == events


@pytest.mark.parametrize("arguments", [("--apply",), ("--reparse", "--tidy"), ("--reparse", "--online")])
def test_conflicting_options_are_refused(story: Run, arguments: tuple[str, ...]) -> None:
    assert story("doctor", *arguments).code == 2
