"""Wheel and source distribution: built, compared with the checkout, installed without network, and run."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from samples import ROOT

from scraper.model import EventKind
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None,
    reason="hatchling is not installed, and pip would need the network to build: pip install '.[test]'",
)


def build(source: Path, folder: Path, *targets: str) -> None:
    options = [word for target in targets for word in ("-t", target)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder), *options],
        cwd=source,
        capture_output=True,
        check=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def source(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution."""
    (found,) = built.glob("*.tar.gz")
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(found) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def test_the_wheel_has_the_package_its_data_and_its_licence(wheel: Path) -> None:
    packed = content(wheel)
    (info,) = {name.split("/")[0] for name in packed if ".dist-info/" in name}
    expected = {f"scraper/{name}": data for name, data in files_of(ROOT / "scraper").items()}
    expected |= {f"scraper/cassettes/{name}": data for name, data in files_of(ROOT / "cassettes").items()}
    expected["scraper/config.default.yaml"] = (ROOT / "config.yaml").read_bytes()
    for name in ("LICENSE", "NOTICE"):
        expected[f"{info}/licenses/{name}"] = (ROOT / name).read_bytes()
    meta = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt")}
    assert packed.keys() ^ expected.keys() == meta
    assert all(packed[name] == data for name, data in expected.items())
    assert "scraper/py.typed" in packed
    assert b"License-Expression: MIT" in packed[f"{info}/METADATA"]


def test_without_the_extra_nothing_more_is_installed(wheel: Path) -> None:
    packed = content(wheel)
    (metadata,) = (data.decode() for name, data in packed.items() if name.endswith("/METADATA"))
    required = re.findall(r"^Requires-Dist: ([A-Za-z0-9_-]+)(.*)$", metadata, re.MULTILINE)
    always = {name.lower() for name, rest in required if "extra ==" not in rest}
    of_web = {name.lower() for name, rest in required if "extra == 'web'" in rest}
    assert of_web == {"datasette"}
    assert not always & {"datasette", "uvicorn", "starlette", "asgiref", "markupsafe"}
    assert len(always) == 25  # as many as before there were pages


def test_the_source_distribution_builds_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    assert {"LICENSE", "NOTICE", "README.md", "config.yaml", "contrib", "docs", "tests"} <= {
        path.name for path in source.iterdir()
    }
    build(source, tmp_path, "wheel")
    (again,) = tmp_path.glob("*.whl")
    assert content(again) == content(wheel)


RUN = """\
from importlib.metadata import distribution
(command,) = distribution("statewire").entry_points.select(group="console_scripts", name="statewire")
command.load()()
"""


def test_an_installed_wheel_runs_alone(wheel: Path, tmp_path: Path) -> None:
    """The dependencies come from this environment; nothing else does."""
    installed, elsewhere, temporary = (tmp_path / name for name in ("installed", "elsewhere", "temporary"))
    elsewhere.mkdir()
    temporary.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(elsewhere),
        "PYTHONPATH": str(installed),
        "TMPDIR": str(temporary),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", RUN, *arguments]
        return subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=True, timeout=60
        )

    assert f"# {installed}/scraper/config.default.yaml is in force: " in run("config", "show").stdout
    done = run("demo")  # with the cassettes of the wheel, into a temporary folder
    assert done.stderr == ""
    (db,) = temporary.glob("statewire-demo-*/statewire.db")
    assert f"The database stays: {db}\n" in done.stdout
    with Store(db) as store:
        kinds = {event.kind for event in store.events.find(EventFilter())}
    assert kinds >= {EventKind.PUBLISHED, EventKind.REVISED, EventKind.WITHDRAWN}
