"""Tests of the search for the configuration file: the order, and files of other programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.config import search
from scraper.config.loader import find
from scraper.errors import ConfigError

ROOT = Path(__file__).parents[2]
OURS = "fetch: {contact: a@b.org}\nsources: []\n"
HERE = Path("config.yaml")


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's configuration file, which is missing, and enter an empty folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    (tmp_path / "here").mkdir()
    (tmp_path / "settings/statewire").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "settings/statewire/config.yaml"


def test_the_order_of_the_places(users: Path) -> None:
    assert search.users_file() == users
    found = search.locate(None)
    assert (found.path, found.ignored) == (ROOT / "config.yaml", "")
    assert "`statewire init` writes one of yours" in found.origin
    HERE.write_bytes((ROOT / "config.yaml").read_bytes())
    assert search.locate(None) == search.Location(HERE, "the example, unchanged, in the current folder")
    assert search.target(None) == users
    users.write_text(OURS, encoding="utf-8")
    assert search.locate(None) == search.Location(users, "found in the configuration folder")
    HERE.write_text(OURS, encoding="utf-8")
    assert search.locate(None) == search.Location(HERE, "found in the current folder")
    assert search.target(None) == HERE
    named = Path("named.yaml")
    assert search.locate(named) == search.Location(named, "given with --config")
    assert search.target(named) == named


@pytest.mark.parametrize(
    "text",
    [
        "log: debug\nserver: {port: 80}\n",
        "sources: {in: {type: file}}\nsinks: {}\n",
        "sources: [{name: raw, tables: []}]\n",
        "fetch: {retries: 3}\n",
        "- a list\n",
        "",
        "{{ template }}\n",
        "\x00\x01",
    ],
)
def test_a_file_of_another_program_is_not_taken(users: Path, text: str) -> None:
    HERE.write_text(text, encoding="utf-8")
    found = search.locate(None)
    assert found.path == ROOT / "config.yaml"
    assert found.ignored.startswith("./config.yaml is not taken: ")
    assert search.target(None) == users
    users.write_text(OURS, encoding="utf-8")
    assert search.locate(None).path == users
    assert search.locate(None).ignored == found.ignored


@pytest.mark.parametrize(
    "text",
    [
        "fetch: [\nsources:\n",
        "fetsh: {}\nsources: [{role: mirror}]\n",
        "fetch: {contact: a}\nsorces: []\n",
        "watches: [{to: [a@b.org]}]\n",
        "\ufeff{fetch: {contact: ''}, x: 1}\n",
        "fetch:\nsources:\n# \udce9\n",
    ],
)
def test_a_file_of_ours_with_mistakes_is_taken_and_reported(users: Path, text: str) -> None:
    HERE.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    assert find(None) == HERE


def test_a_loop_of_links_is_no_path_of_a_configuration(tmp_path: Path) -> None:
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match=r"loop\.yaml: cannot be used: .*; give another path with --config FILE"):
        search.locate(loop)


def test_a_file_that_cannot_be_read_is_reported(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    HERE.write_text(OURS, encoding="utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read: Permission denied"):
        search.locate(None)


def test_a_home_folder_that_may_not_be_entered_has_no_configuration(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.write_text(OURS, encoding="utf-8")
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if path == users:
            raise PermissionError(13, "Permission denied")
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    assert search.locate(None).path == ROOT / "config.yaml"


def test_a_folder_of_that_name_is_no_file(users: Path) -> None:
    HERE.mkdir()
    assert search.locate(None).path == ROOT / "config.yaml"


def test_an_installed_statewire_brings_the_example(
    users: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "scraper"
    package.mkdir(parents=True)
    monkeypatch.setattr(search, "__file__", str(package / "config" / "search.py"))
    with pytest.raises(ConfigError, match="`statewire init` writes one, or give another one with --config FILE"):
        search.locate(None)
    with pytest.raises(ConfigError, match="is missing; install statewire again"):
        search.example()
    assert not search.is_example(users)
    (package / "config.default.yaml").touch()
    assert search.locate(None).path == search.example() == package / "config.default.yaml"
    assert search.is_example(package / "config.default.yaml")
