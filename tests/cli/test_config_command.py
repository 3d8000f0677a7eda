"""Tests of `statewire config`: data on stdout, messages on stderr, exit code 2 for an invalid configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from scraper.cli.app import Invocation
from scraper.cli.config import config
from scraper.config.loader import load

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
ONE = """\
fetch:
  contact: https://monitor.invalid/about
sources:
  - name: state
    role: canonical
    endpoints: [{kind: feed, url: https://www.state.gov/feed/}]
"""


def run(*arguments: str, path: Path | None = None) -> Result:
    return CliRunner().invoke(config, arguments, obj=Invocation(path, Path("none.db")))


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/statewire")
    return Path("config.yaml")


def test_check_counts_what_is_watched(at: Path) -> None:
    at.write_text(ONE, encoding="utf-8")
    result = run("check")
    assert (result.stdout, result.stderr, result.exit_code) == ("config.yaml: ok, 1 source (1 enabled)\n", "", 0)


def test_check_warns_on_stderr() -> None:
    example = ROOT / "config.yaml"
    result = run("check", path=example)
    assert result.stdout == (
        f"{example}: ok, 19 sources (4 enabled)\n"
        "watches: no database none.db to compare them with; `statewire fetch` creates it\n"
    )
    assert result.stderr.startswith(f"{example}: warning: fetch.contact is still the example")
    assert result.exit_code == 0


def test_check_prints_every_mistake_on_a_line_of_its_own(at: Path) -> None:
    at.write_text(ONE + "    enabled: maybe\nfetsh: {}\n", encoding="utf-8")
    result = run("check", path=at)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "config.yaml:7: the source “state” (sources[0].enabled): should be true or false",
        "config.yaml:8: fetsh: is not a known key; did you mean fetch?",
    ]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "/etc/passwd"])
def test_a_local_file_is_no_source(at: Path, address: str) -> None:
    at.write_text(ONE.replace("https://www.state.gov/feed/", address), encoding="utf-8")
    result = run("check")
    assert result.exit_code == 2
    assert (
        "config.yaml:6: the source “state” (sources[0].endpoints[0].url): a source is fetched over http or https"
        in result.stderr
    )


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_file_that_is_missing_ends_with_2(at: Path, command: str) -> None:
    result = run(command, path=at)
    assert (result.stdout, result.exit_code) == ("", 2)
    assert result.stderr == "config.yaml: does not exist; give another one with --config FILE\n"


def test_no_output_repeats_a_possible_secret(at: Path) -> None:
    text = ONE.replace("https://www", "https://me:hunter2@www") + "password: hunter2\nfetch:\n  token: hunter2\n"
    at.write_text(text, encoding="utf-8")
    for command in (["check"], ["show"], ["show", "--json"]):
        result = run(*command)
        assert result.exit_code == 2
        assert "hunter2" not in result.output


def test_show_prints_a_configuration_with_every_default(at: Path) -> None:
    at.write_text(ONE, encoding="utf-8")
    result = run("show")
    assert result.exit_code == 0
    assert "  deadline_s: 30.0\n" in result.stdout
    assert "database: /var/lib/statewire/statewire.db\n" in result.stdout
    assert "  every: 15m\n" in result.stdout
    before = load(at)
    at.write_text(result.stdout, encoding="utf-8")
    after = load(at)
    assert after.sources == before.sources
    assert after.fetch == before.fetch
    assert run("show").stdout == result.stdout


def test_show_names_the_host_only_of_an_address_that_is_a_secret(at: Path) -> None:
    secrets = (
        "watches: [{name: all, webhook: 'https://hooks.example.org/5ecre7'}, {name: mail, to: [a@example.org]}]\n"
        "daemon: {heartbeat_url: 'https://hc-ping.com/5ecre7?5ecre7'}\n"
    )
    at.write_text(ONE + secrets, encoding="utf-8")
    for arguments in (["show"], ["show", "--json"]):
        assert "5ecre7" not in run(*arguments).stdout
    shown = json.loads(run("show", "--json").stdout)
    assert [watch["webhook"] for watch in shown["watches"]] == ["https://hooks.example.org/ (hidden)", None]
    assert shown["daemon"]["heartbeat_url"] == "https://hc-ping.com/ (hidden)"


def test_show_as_json_prints_the_same(at: Path) -> None:
    at.write_text(ONE, encoding="utf-8")
    shown = json.loads(run("show", "--json").stdout)
    keys = "fetch database database_group sources keep alerts watches daemon web evidence save_page_now"
    assert list(shown) == keys.split()
    assert shown["alerts"]["maildir"] == "/var/lib/statewire/mail"
    assert shown["fetch"]["retry_after_cap_s"] == 86_400
    assert shown["sources"][0]["every"] == "15m"


def test_schema_is_the_file_that_editors_read() -> None:
    assert run("schema").stdout == (ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8")


def test_every_command_has_help() -> None:
    for name, command in config.commands.items():
        result = run(name, "--help")
        assert result.exit_code == 0
        assert command.help
        assert command.help.splitlines()[0] in " ".join(result.stdout.split())
