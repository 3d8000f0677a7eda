"""Tests of names in watches that nothing fits: the warnings of config check, doctor and run, and the counts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from command import CONFIG, Said
from samples import NOON, Piece

from scraper.config.loader import load
from scraper.daemon.main import Configuration
from scraper.model import Capture, Item, Outcome, Reading, Role
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Said]

WATCHES = """\
watches:
  - name: Desk
    to: [desk@example.org]
    about:
      words: [lamps]
      countries: [Laos, Loas, Atlantis]
      all:
        types: [Press Statment, Cable]
        none: {speakers: [Secretray of State, Quil, Zyx]}
  - name: Off
    to: [desk@example.org]
    enabled: false
    about: {countries: [Myanmar]}
"""
BY_MENUS = (
    "the watch “Desk” (about.countries): State’s site has no country “Loas”; did you mean “Laos”?",
    "the watch “Desk” (about.countries): State’s site has no country “Atlantis”",
    "the watch “Desk” (about.all.types): State’s site has no type “Press Statment”; did you mean “Press Statement”?",
    "the watch “Desk” (about.all.types): State’s site has no type “Cable”",
    "the watch “Desk” (about.all.none.speakers): no known byline has “Secretray of State”;"
    " did you mean “Secretary of State”?",
)


@pytest.fixture
def watched(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "config.yaml").write_text(CONFIG + WATCHES, encoding="utf-8")
    return run


@pytest.fixture
def filled(watched: Run, store: Store) -> Run:
    """The same with two statements; one has a type and, in its title, a country that State’s menus lack."""
    quill, text = Piece(1).byline, ("Lamps.",)
    one = Item(Piece(1).url, "Lamps of Atlantis", Piece(1).guid, paragraphs=text, byline=quill, type="Cable")
    two = Item(Piece(2).url, "Harbours", Piece(2).guid, paragraphs=("The lamps.",), countries=("Laos",))
    capture = Capture("https://www.state.gov/feed/", NOON, Outcome.OK, 200, body=b"x")
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", (one, two)), "")
    return watched


def warnings(said: Said) -> list[str]:
    assert said.code == 0
    return [line.removeprefix("config.yaml: warning: ") for line in said.err.splitlines()]


def test_check_warns_by_the_menus_without_a_database(watched: Run) -> None:
    said = watched("config", "check")
    off = "the watch “Off” (about.countries): State’s site has no country “Myanmar”; did you mean “Burma”?"
    # Of a person nothing can be said before a byline is stored.
    assert warnings(said) == [*BY_MENUS, off]
    assert said.out.splitlines() == [
        "config.yaml: ok, 2 sources (1 enabled)",
        "watches: no database statewire.db to compare them with; `statewire fetch` creates it",
    ]


def test_check_warns_by_what_is_stored_and_counts_what_each_condition_fits(filled: Run) -> None:
    said = filled("config", "check")
    assert warnings(said) == [
        "the watch “Desk” (about.countries): State’s site has no country “Loas”, nor has a stored statement;"
        " did you mean “Laos”?",
        "the watch “Desk” (about.all.types): State’s site has no type “Press Statment”, nor has a stored statement;"
        " did you mean “Press Statement”?",
        "the watch “Desk” (about.all.none.speakers): no known byline has “Secretray of State”;"
        " did you mean “Secretary of State”?",
        "the watch “Desk” (about.all.none.speakers): no known byline has “Quil”; did you mean “Quill”?",
        "the watch “Desk” (about.all.none.speakers): no known byline has “Zyx”",
        "the watch “Off” (about.countries): State’s site has no country “Myanmar”, nor has a stored statement;"
        " did you mean “Burma”?",
    ]
    assert said.out.splitlines() == [
        "config.yaml: ok, 2 sources (1 enabled)",
        "watch Desk: fits 1 of 2 stored statements",
        "        2  about.words: lamps",
        "        1  about.countries: Laos",
        "        0  about.countries: Loas",
        "        1  about.countries: Atlantis",
        "        0  about.all.types: Press Statment",
        "        1  about.all.types: Cable",
        "        0  about.all.none.speakers: Secretray of State",
        "        0  about.all.none.speakers: Quil",
        "        0  about.all.none.speakers: Zyx",
        "watch Off (disabled): fits 0 of 2 stored statements",
        "        0  about.countries: Myanmar",
    ]


def test_check_says_that_a_database_cannot_be_read(watched: Run, db: Path) -> None:
    db.write_text("no database")
    said = watched("config", "check")
    assert said.code == 0
    assert "warning: watches cannot be compared with the database: " in said.err
    assert "did you mean “Laos”?" in said.err


def test_doctor_warns_of_enabled_watches(filled: Run) -> None:
    said = filled("doctor")
    lines = [line for line in said.out.splitlines() if line.startswith("warning  watches: ")]
    assert len(lines) == 5
    assert lines[0].endswith("no country “Loas”, nor has a stored statement; did you mean “Laos”?")
    assert not any("Myanmar" in line for line in lines)
    assert "→ correct it; `statewire config check` counts what each condition fits" in said.out


def test_doctor_warns_before_there_is_a_database(watched: Run) -> None:
    assert "watches: the watch “Desk” (about.countries): State’s site has no country “Loas”;" in watched("doctor").out


def test_run_logs_each_name_once(filled: Run, db: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="statewire")
    configuration = Configuration(db.parent / "config.yaml", db)
    settings = load(db.parent / "config.yaml")
    with Store(db) as store:
        for _ in range(2):
            configuration.warn(settings, store)
    logged = [record.getMessage() for record in caplog.records if "the watch" in record.getMessage()]
    assert len(logged) == len(set(logged)) == 5
    assert logged[0].endswith("did you mean “Laos”?")


@pytest.fixture
def spelled(run: Run, tmp_path: Path, store: Store) -> Run:
    """Three watches, and statements with “labor” twice, “Labour” once, and “Tyre” without “tire”."""
    watches = """\
watches:
  - {name: Work, to: [desk@example.org], about: {words: [labour, lamps], none: {words: [honour guard]}}}
  - {name: Both, to: [desk@example.org], about: {words: [labour, Labor, Tyre]}}
"""
    (tmp_path / "config.yaml").write_text(CONFIG + watches, encoding="utf-8")
    texts = "The labor law.", "A labor day with an honor guard.", "The Labour Office sailed to Tyre."
    items = (
        Item(Piece(at).url, f"Piece {at}", Piece(at).guid, paragraphs=(text,)) for at, text in enumerate(texts, start=1)
    )
    capture = Capture("https://www.state.gov/feed/", NOON, Outcome.OK, 200, body=b"x")
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", tuple(items)), "")
    return run


def test_a_word_that_state_spells_otherwise_is_a_warning_unless_both_are_named(spelled: Run) -> None:
    ends = "and a watch finds a word only as it is written; name both"
    assert warnings(spelled("config", "check")) == [
        f"the watch “Work” (about.words): State writes “labor” (2 stored statements; “labour” is in 1), {ends}",
        "the watch “Work” (about.none.words): State writes “honor guard” (1 stored statement; none has “honour guard”),"
        f" {ends}",
    ]
    said = spelled("watch", "add", "Guards", "--word", "honour", "--to", "desk@example.org")
    assert "State writes “honor” (1 stored statement; none has “honour”)" in " ".join(said.err.split())
