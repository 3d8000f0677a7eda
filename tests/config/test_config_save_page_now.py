"""Tests of the settings of Save Page Now, and of the watches that have pages saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command import CONFIG

from scraper.config.loader import load
from scraper.errors import ConfigError
from scraper.rules.page_saves import SavedPart

if TYPE_CHECKING:
    from pathlib import Path

WATCH = "watches:\n  - {name: Desk, to: [desk@example.org], save_pages: [state, copy]}\n"
KEYS = "save_page_now: {key_env: ARCHIVE_KEYS}\n"


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(
    "service",
    [
        KEYS,
        "save_page_now: {key_file: keys.txt, saves_per_day: 10}\n",
        "save_page_now: {key_env: KEYS, url: 'http://127.0.0.1:8080/save'}\n",
        "save_page_now: {key_env: KEYS, url: 'http://localhost/save'}\n",
    ],
)
def test_a_watch_that_has_pages_saved(at: Path, service: str) -> None:
    at.write_text(CONFIG + WATCH + service)
    settings = load(at)
    assert settings.saves_pages
    assert settings.watches[0].save_pages == (SavedPart.STATE, SavedPart.COPY)


def test_without_such_a_watch_nothing_is_needed_or_asked(at: Path) -> None:
    at.write_text(CONFIG + WATCH.replace("copy]", "copy], enabled: false"))
    settings = load(at)
    assert not settings.saves_pages
    assert not settings.save_page_now.has_key


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (WATCH, "save_page_now", "needs the keys of an account"),
        (
            "watches:\n  - {name: Desk, feed: x.xml, save_pages: [state]}\n" + KEYS,
            "watches[0].save_pages",
            "is for mails",
        ),
        ("watches:\n  - {name: Desk, to: [a@example.org], save_pages: [all]}\n" + KEYS, "watches[0].save_pages[0]", ""),
        ("save_page_now: {key_env: A, key_file: b}\n", "save_page_now.key_file", "leave out one of them"),
        ("save_page_now: {key_env: A, url: 'http://web.archive.org/save'}\n", "save_page_now.url", "over https only"),
        ("save_page_now: {key_env: A, url: 'http://192.0.2.1/save'}\n", "save_page_now.url", "over https only"),
        ("save_page_now: {saves_per_day: 0}\n", "save_page_now.saves_per_day", ""),
    ],
)
def test_what_does_not_fit_is_named(at: Path, text: str, path: str, words: str) -> None:
    at.write_text(CONFIG + text)
    with pytest.raises(ConfigError) as caught:
        load(at)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert words in problem.message
