"""Files in contrib: the systemd unit and the container, as far as they can be checked without starting them."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import pytest
import yaml
from samples import ROOT

from scraper.cli.app import cli
from scraper.config.settings import DaemonSettings
from scraper.store import paths
from scraper.web.gate import MAX_BODY_BYTES, HostCheck

if TYPE_CHECKING:
    from pathlib import Path

CONTAINER = ROOT / "contrib/container"
UNIT = ROOT / "contrib/systemd/statewire.service"
WEB_UNIT = ROOT / "contrib/systemd/statewire-web.service"
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
    return dict(compose()["services"]["statewire"])


@pytest.fixture(scope="module")
def web_service() -> dict[str, Any]:
    return dict(compose()["services"]["web"])


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


def test_the_container_of_the_pages_only_reads(service: dict[str, Any], web_service: dict[str, Any]) -> None:
    assert web_service["image"] == service["image"]
    assert web_service["volumes"] == [f"{volume}:ro" for volume in service["volumes"]]
    entry = json.loads(instructions()["ENTRYPOINT"])
    verb, *options = web_service["command"]
    assert verb_of([*entry, verb]) == "web"
    host, port = web_options(options)
    assert (host, web_service["ports"]) == ("0.0.0.0", [f"127.0.0.1:{port}:{port}"])
    assert f"http://localhost:{port}/" in web_service["healthcheck"]["test"][-1]
    compile(web_service["healthcheck"]["test"][-1], "healthcheck", "exec")
    assert "'/src[web]'" in (CONTAINER / "Containerfile").read_text("utf-8")
    for key in ("read_only", "tmpfs", "cap_drop", "security_opt"):
        assert web_service[key] == service[key]


def web_options(options: list[str]) -> tuple[str, int]:
    """Return the host and the port of `statewire web` with these options."""
    command = cli.get_command(click.Context(cli), "web")
    assert command is not None
    values = command.make_context("web", list(options)).params
    return values["host"], values["port"]


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_proxies_lead_to_the_pages_and_ask_for_a_login(name: str) -> None:
    text = (ROOT / "contrib/proxy" / name).read_text("utf-8")
    host, port = web_options([])
    assert set(re.findall(r"127\.0\.0\.1:\d+", text)) == {f"{host}:{port}"}
    assert re.search(r"^\s*(basic_auth \{|auth_basic )", text, re.MULTILINE)
    (size,) = re.findall(r"(?:max_size|client_max_body_size) (\d+)m", text, re.IGNORECASE)
    assert int(size) * 1_000_000 >= MAX_BODY_BYTES
    for url in re.findall(r"https://[a-z./]+", text):
        assert HostCheck("127.0.0.1", url).accepts(urlsplit(url).netloc)
    # A path after the port would replace the path of the request.
    assert not re.search(r"127\.0\.0\.1:\d+/", text)


def unit(path: Path = UNIT) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def test_the_unit_of_the_pages_only_reads_the_database_of_the_daemon() -> None:
    service, daemon = unit(WEB_UNIT)["Service"], unit()["Service"]
    words = service["ExecStart"].split()
    database = words.pop(words.index("--db") + 1)
    words.remove("--db")
    assert verb_of(words) == "web"
    state, seen = service["BindReadOnlyPaths"].split(":")
    assert state == f"/var/lib/private/{daemon['StateDirectory']}"
    assert daemon["DynamicUser"] == service["DynamicUser"] == "yes"
    assert database == f"{seen}/{paths.NAME}"
    assert "StateDirectory" not in service
    assert f"Group={service['SupplementaryGroups']}" in WEB_UNIT.read_text("utf-8")
    hardened = {
        key for key, value in daemon.items() if key.startswith(("Protect", "Private", "Restrict", "Lock", "No"))
    }
    assert {key: service.get(key) for key in hardened - {"NotifyAccess", "RestartPreventExitStatus"}} == {
        key: daemon[key] for key in hardened - {"NotifyAccess", "RestartPreventExitStatus"}
    }


def test_the_unit_runs_a_command_that_exists() -> None:
    service = unit()["Service"]
    assert verb_of(service["ExecStart"].split()) == "run"
    assert int(service["TimeoutStopSec"]) > GRACE_S
    assert int(service["WatchdogSec"]) > DaemonSettings().tick_s * 3
    assert service["ExecReload"].split()[1:] == ["-HUP", "$MAINPID"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("path", [UNIT, WEB_UNIT], ids=lambda path: path.name)
def test_systemd_accepts_the_unit(tmp_path: Path, path: Path) -> None:
    copy = tmp_path / path.name
    # systemd wants the command to exist.
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", path.read_text("utf-8")), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
