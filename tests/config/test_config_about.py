"""Tests of the subjects of a watch: lines, groups under all, any and none, and mistakes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scraper.config.about import MAX_ENTRIES, About
from scraper.config.groups import Group, Line
from scraper.config.loader import load
from scraper.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
fetch: {contact: "https://monitor.invalid/about"}
sources:
  - {name: state, role: canonical, endpoints: [{kind: feed, url: "https://www.state.gov/feed/"}]}
watches:
  - name: Desk
    to: [desk@example.org]
    about:
"""
LAOS, CHINA = Line("countries", ("Laos",)), Line("countries", ("China",))
WORDS, READOUT, QUILL = Line("words", ("a", "b")), Line("types", ("Readout",)), Line("speakers", ("Quill",))


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def about(at: Path, text: str) -> About:
    at.write_text(HEAD + "".join(f"      {line}\n" for line in text.strip("\n").split("\n")), encoding="utf-8")
    return load(at).watches[0].about


def mistakes(at: Path, text: str) -> list[tuple[int | None, str, str]]:
    """The mistakes, with lines that count from the one below `about`."""
    with pytest.raises(ConfigError) as caught:
        about(at, text)
    return [((p.line or 0) - HEAD.count("\n"), p.path, p.message) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "group"),
    [
        ("{}", Group()),
        ("{words: [a, b], countries: [Laos]}", Group(any=(WORDS, LAOS))),
        ("{all: {countries: [Laos], types: [Readout]}}", Group(all=(LAOS, READOUT))),
        ("{all: [{countries: [Laos]}, {countries: [China]}]}", Group(all=(Group(any=(LAOS,)), Group(any=(CHINA,))))),
        ("{all: [{countries: [Laos], types: [Readout]}]}", Group(all=(Group(any=(LAOS, READOUT)),))),
        ("{words: [a, b], none: {types: [Readout]}}", Group(any=(WORDS,), none=(READOUT,))),
        ("{words: [a, b], any: {countries: [Laos]}}", Group(any=(WORDS, LAOS))),
        (
            "{any: {words: [a, b], all: {countries: [China], types: [Readout]}}}",
            Group(any=(WORDS, Group(all=(CHINA, READOUT)))),
        ),
        (
            "{all: {countries: [Laos], any: {types: [Readout], speakers: [Quill]}}, none: [{all: {words: [a, b]}}]}",
            Group(all=(LAOS, Group(any=(READOUT, QUILL))), none=(Group(all=(WORDS,)),)),
        ),
        ("{words: [], all: [], any: [], none: []}", Group()),
    ],
)
def test_lines_are_alternatives_and_groups_are_read(at: Path, written: str, group: Group) -> None:
    read = about(at, written)
    assert read.tree == group
    # `config show` prints settings that can be read again.
    assert about(at, yaml.safe_dump(read.model_dump(mode="json"), default_flow_style=True, width=9999)).tree == group


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ("all:\n  countries: Laos", (2, "watches[0].about.all.countries", "should be a list")),
        (
            "any:\n  - types: [Readout]\n  - words: ['']",
            (3, "watches[0].about.any[1].words[0]", "should be text"),
        ),
        ("none:\n  typs: [Readout]", (2, "watches[0].about.none.typs", "did you mean types?")),
        ("al: {types: [Readout]}", (1, "watches[0].about.al", "did you mean all?")),
        ("and: {types: [Readout]}", (1, "watches[0].about.and", "did you mean all?")),
        ("or: {types: [Readout]}", (1, "watches[0].about.or", "did you mean any?")),
        ("all:\n  NOT: {types: [Readout]}", (2, "watches[0].about.all.NOT", "did you mean none?")),
        ("all:", (1, "watches[0].about.all", "should be a section")),
        ("none: Readout", (1, "watches[0].about.none", "should be a section")),
        ("all: {}", (1, "watches[0].about.all", "has no condition; list entries under words, countries")),
        ("all:\n  - words: [a]\n  - {}", (3, "watches[0].about.all[1]", "has no condition")),
        ("all:\n  any:\n    words: []", (2, "watches[0].about.all.any", "has no condition")),
        (
            "all:\n  any:\n    none:\n      words: [a]",
            (3, "watches[0].about.all.any.none", "is nested too deeply: all, any and none may stand inside each other"),
        ),
        (
            "all:\n  - any: [{sources: [stat, state]}]",
            (2, "watches[0].about.all[0].any[0].sources[0]", "is not a source"),
        ),
        ("none:\n  sources: [3]", (2, "watches[0].about.none.sources[0]", "should be text")),
        (
            "none:\n  sources: [stat]",
            (2, "watches[0].about.none.sources[0]", "“stat” is not a source"),
        ),
    ],
)
def test_mistakes_in_groups_are_named_with_their_lines(at: Path, written: str, mistake: tuple[int, str, str]) -> None:
    [(line, place, message)] = mistakes(at, written)
    assert (line, place) == mistake[:2]
    assert mistake[2] in message


def test_all_entries_in_the_groups_of_a_watch_are_bounded(at: Path) -> None:
    def entries(count: int) -> list[str]:
        return [f"word {number}" for number in range(count)]

    given: dict[str, Any] = {"all": {"words": entries(MAX_ENTRIES - 1)}, "none": [{"types": entries(1)}]}
    assert len(list(about(at, str(given)).places())) == 2
    given["none"] = {"types": entries(2)}
    assert mistakes(at, str(given)) == [
        (0, "watches[0].about", "has 1,001 entries in groups; at most 1,000 are allowed, so split the watch")
    ]


def test_a_watch_without_groups_may_have_any_number_of_entries_as_before(at: Path) -> None:
    words = [f"word {number}" for number in range(MAX_ENTRIES + 1)]
    assert about(at, str({"words": words, "none": {"types": ["Readout"]}})).words == tuple(words)


def test_the_places_of_lines_are_those_of_the_file(at: Path) -> None:
    read = about(at, "{words: [a, b], all: {countries: [Laos], none: [{types: [Readout]}]}}")
    assert list(read.places(("about",))) == [
        (("about", "words"), WORDS),
        (("about", "all", "countries"), LAOS),
        (("about", "all", "none", 0, "types"), READOUT),
    ]
    assert list(read.tree.entries("types")) == ["Readout"]
    assert list(read.tree.entries("words")) == ["a", "b"]
