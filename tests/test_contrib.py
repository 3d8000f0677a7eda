"""Files in contrib: the systemd unit and the container, as far as they can be checked without starting them."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from samples import ROOT

from scraper.cli.app import cli
from scraper.config.settings import DaemonSettings

if TYPE_CHECKING:
    from pathlib import Path

CONTAINER = ROOT / "contrib/container"
UNIT = ROOT / "contrib/systemd/statewire.service"
GRACE_S = DaemonSettings().grace_s


def verb_of(words: list[str]) -> str:
    """Return the verb of a command line of the form `statewire --config FILE VERB`, after a check of it."""
    command, option, file, verb = words
    assert (command.rpartition("/")[2], option) == ("statewire", "--config")
    assert file == "/etc/statewire/config.yaml"
    assert cli.get_command(click.Context(cli), verb) is not None
    return verb


def seconds(duration: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([sm])", duration).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    (found,) = compose()["services"].values()
    return dict(found)


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((CONTAINER / "compose.yaml").read_text("utf-8")))


def instructions() -> dict[str, str]:
    """Return the last of each instruction of the Containerfile."""
    lines = (CONTAINER / "Containerfile").read_text("utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if re.match(r"[A-Z]+ ", line))


def test_compose_builds_this_checkout_and_keeps_its_state(service: dict[str, Any]) -> None:
    context = (CONTAINER / service["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / service["build"]["dockerfile"]).is_file()
    mounted = dict(volume.split(":") for volume in service["volumes"])
    assert mounted == {"./statewire": "/etc/statewire", "data": "/var/lib/statewire"}
    assert compose()["volumes"].keys() == {"data"}
    assert instructions()["VOLUME"] == "/var/lib/statewire"
    assert "STATE_DIRECTORY=/var/lib/statewire" in instructions()["ENV"]
    assert seconds(service["stop_grace_period"]) > GRACE_S


def test_commands_of_the_container_exist(service: dict[str, Any]) -> None:
    entry, default = json.loads(instructions()["ENTRYPOINT"]), json.loads(instructions()["CMD"])
    assert verb_of([*entry, *default]) == "run"
    kind, *check = service["healthcheck"]["test"]
    assert kind == "CMD"
    assert verb_of(check) == "status"
    folder = entry[entry.index("--config") + 1].rpartition("/")[0]
    assert folder in dict(volume.split(":") for volume in service["volumes"]).values()
    comment = "".join(re.findall(r"^#(.*\n)", (CONTAINER / "compose.yaml").read_text("utf-8"), re.MULTILINE))
    for words in re.findall(r"run --rm statewire (.*)", comment):
        assert verb_of([*entry, *words.split()]) == "init"
    (words,) = re.findall(r"exec statewire (statewire .*)", comment)
    assert verb_of(words.split()) == "status"


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT, encoding="utf-8")
    return parser


def test_the_unit_runs_a_command_that_exists() -> None:
    service = unit()["Service"]
    assert verb_of(service["ExecStart"].split()) == "run"
    assert int(service["TimeoutStopSec"]) > GRACE_S
    assert int(service["WatchdogSec"]) > DaemonSettings().tick_s * 3
    assert service["ExecReload"].split()[1:] == ["-HUP", "$MAINPID"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    # systemd wants the command to exist.
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text("utf-8")), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
