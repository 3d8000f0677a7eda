"""Tests of edits of config.yaml as text: what an edit does not concern stays, byte for byte."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from scraper.config import edit, yaml
from scraper.errors import InputError

EXAMPLE = (Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8")
BLOCK = """\
# All of it.
fetch: {contact: a}  # me

watches:  # who
  # The desk.
  - name: desk
    to: [a@b.org]   # one
    # cc: x

  # The other one.
  # It is new.
  - name: other

# What is watched.
sources:
- name: state
  text: |
    a
    b

-   # odd
  name: mirror
# the end
"""
FLOW = "{fetch: {contact: a}, sources: [{name: state}, # one, two\n  {name: mirror},], watches: , more: {}}\n"
ENTRY = edit.entry_lines({"name": "Desk: 1", "to": ["a@b.org"], "about": {"words": ["no", "22:30", "Türkiye", "a, b"]}})


def data(text: str) -> dict[str, list[dict[str, object]]]:
    document = yaml.parse(text, {})
    assert not document.problems
    assert isinstance(document.data, dict)
    return document.data


def changes(before: str, after: str) -> list[str]:
    """Return the lines that went, with `-`, and those that came, with `+`."""
    compared = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in compared if line[0] in "-+"]


def names(text: str, section: str) -> list[object]:
    return [entry["name"] for entry in data(text)[section]]


def test_an_entry_is_written_as_it_is_read() -> None:
    assert ENTRY == [
        "- name: 'Desk: 1'",
        "  to: [a@b.org]",
        "  about:",
        "    words: ['no', '22:30', Türkiye, 'a, b']",
    ]
    [entry] = data("\n".join(["sources:", *ENTRY]))["sources"]
    assert entry["about"] == {"words": ["no", "22:30", "Türkiye", "a, b"]}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("section", ["watches", "sources"])
def test_an_entry_comes_last_and_all_else_stays(section: str, end: str) -> None:
    before = BLOCK.replace("\n", end)
    after = edit.append(before, section, ENTRY)
    assert not [line for line in changes(before, after) if line.startswith("-")]
    assert names(after, section) == [*names(before, section), "Desk: 1"]
    assert after.count(end) == len(after.splitlines()) == after.count("\n" if "\n" in end else "\r")


def test_an_entry_stands_below_the_comments_of_the_one_before_it() -> None:
    after = edit.append(EXAMPLE, "watches", ENTRY)
    above = after[: after.index("- name: 'Desk: 1'")].splitlines()
    assert above[-3].startswith("    # feed: ")
    assert above[-2:] == ["", "  "]
    assert not [line for line in changes(EXAMPLE, after) if line.startswith("-")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", "a: 1\n\nwatches:\n  - name: x\n"),
        ("a: 1", "a: 1\n\nwatches:\n  - name: x\n"),
        ("---\na: 1\n  # deeper\n# end\n...\n", "---\na: 1\n  # deeper\n\nwatches:\n  - name: x\n# end\n...\n"),
        ("watches:\nb: 2\n", "watches:\n  - name: x\nb: 2\n"),
        ("watches: []   # none yet\nb: 2\n", "watches:   # none yet\n  - name: x\nb: 2\n"),
        ("watches: null", "watches:\n  - name: x\n"),
        ("watches: [\n  # none\n  ]\nb: 2\n", "watches:\n  - name: x\nb: 2\n"),
        ("watches: [{name: a},]\n", "watches: [{name: a}, {name: x},]\n"),
        ("{b: 2}\n", "{b: 2, watches: [{name: x}]}\n"),
        ("{watches: , b: 2}\n", "{watches: [{name: x}] , b: 2}\n"),
        ("{watches: null, b: 2}\n", "{watches: [{name: x}], b: 2}\n"),
        ("{watches: [], b: 2}\n", "{watches: [{name: x}], b: 2}\n"),
        ("watches:\n    - name: a\n", "watches:\n    - name: a\n    - name: x\n"),
        ("watches:\n- name: a\n  b: 1", "watches:\n- name: a\n  b: 1\n\n- name: x\n"),
    ],
)
def test_an_entry_in_each_style_of_list(before: str, after: str) -> None:
    assert edit.append(before, "watches", ["- name: x"]) == after


def test_comments_of_an_entry_are_added_and_variables_keep_their_names() -> None:
    assert edit.append("watches: []\n", "watches", ["# New.", "- name: x"]) == "watches:\n  # New.\n  - name: x\n"
    assert edit.append("{watches: []}\n", "watches", ["- hook: ${HOOK}"]) == "{watches: [{hook: '${HOOK}'}]}\n"


def test_an_entry_goes_with_its_comments_and_all_else_stays() -> None:
    desk = edit.remove(BLOCK, "watches", 0)
    assert changes(BLOCK, desk) == [
        f"- {line}\n" for line in ("  # The desk.", "  - name: desk", "    to: [a@b.org]   # one", "    # cc: x", "")
    ]
    assert [line[2:].strip() for line in changes(BLOCK, edit.remove(BLOCK, "watches", 1))] == [
        "",
        "# The other one.",
        "# It is new.",
        "- name: other",
    ]
    assert (
        edit.remove(desk, "watches", 0)
        == BLOCK[: BLOCK.index("  # The desk")].replace("watches:", "watches: []")
        + BLOCK[BLOCK.index("\n# What is watched") :]
    )
    assert edit.remove(BLOCK, "sources", 0).endswith("sources:\n-   # odd\n  name: mirror\n# the end\n")
    assert edit.remove(BLOCK, "sources", 1).endswith("    a\n    b\n\n# the end\n")


@pytest.mark.parametrize("section", ["watches", "sources"])
def test_what_was_added_can_be_removed(section: str) -> None:
    for before in (EXAMPLE, BLOCK, "sources: []\nwatches: []\n"):
        added = edit.append(before, section, ENTRY)
        assert edit.remove(added, section, len(data(before)[section])).split() == before.split()


@pytest.mark.parametrize(
    ("before", "position", "after"),
    [
        ("w: [{a: 1}, {b: 2}, {c: 3}]\n", 1, "w: [{a: 1}, {c: 3}]\n"),
        ("w: [{a: 1}, {b: 2},]\n", 1, "w: [{a: 1},]\n"),
        ("w: [{a: 1} # x, y\r\n, {b: 2}]\r\n", 1, "w: [{a: 1} # x, y\r\n]\r\n"),
        ("w: [{a: 1},]\n", 0, "w: []\n"),
        ("w:\n\n  - a: 1\n\n  - b: 2\n", 0, "w:\n\n  - b: 2\n"),
        ("w:\n  - a: 1\n  - b: 2\n\n  - c: 3\n", 1, "w:\n  - a: 1\n\n  - c: 3\n"),
        ("w:\n  - a: 1\n  - b: 2\nx: 3\n", 0, "w:\n  - b: 2\nx: 3\n"),
        ("w:\n  - a: 1\n\n  - b: 2\nx: 3\n", 1, "w:\n  - a: 1\n\nx: 3\n"),
    ],
)
def test_an_entry_is_removed_in_each_style_of_list(before: str, position: int, after: str) -> None:
    assert edit.remove(before, "w", position) == after


def test_values_of_the_example_are_set_in_their_places() -> None:
    text = edit.assign(EXAMPLE, ("fetch", "contact"), "a@b.org")
    text = edit.assign(text, ("alerts", "maildir"), "/x y/#z")
    text = edit.assign(text, ("alerts", "smtp"), {"host": "mail.b.org", "port": 25})
    text = edit.assign(text, ("sources", 3, "enabled"), True)
    text = edit.assign(text, ("sources", 0, "enabled"), False)
    assert changes(EXAMPLE, text) == [
        "-   contact: https://example.org/statewire-operator\n",
        "+   contact: a@b.org\n",
        "+   maildir: /x y/#z\n",
        "+   smtp:\n",
        "+     host: mail.b.org\n",
        "+     port: 25\n",
        "+     enabled: false\n",
        "-     enabled: false\n",
        "+     enabled: true\n",
    ]
    assert "  # maildir: ~/statewire/mail\n  maildir: /x y/#z\n" in text
    assert "  #   timeout_s: 60.0\n  smtp:\n    host: mail.b.org\n" in text


@pytest.mark.parametrize(
    ("before", "loc", "value", "after"),
    [
        ("a: 1  # x\nb: 2\n", ("a",), "y", "a: y  # x\nb: 2\n"),
        ("a:\nb: 2\n", ("a",), [], "a: []\nb: 2\n"),
        ("a:\n  - b\n  - c\nd: 2\n", ("a",), ["e"], "a: [e]\nd: 2\n"),
        ("b: 2\n", ("a", "c"), 1, "b: 2\na:\n  c: 1\n"),
        ("a: {}\n", ("a", "c"), "x", "a: {c: x}\n"),
        ("a: null\n", ("a", "c", "d"), "x", "a: {c: {d: x}}\n"),
        ("a: {b: 1}\n", ("a", "c"), {"d": {}}, "a: {b: 1, c: {d: {}}}\n"),
        ("a: [{b: 1,}]\n", ("a", 0, "c"), True, "a: [{b: 1, c: true,}]\n"),
        ("{a: {b: 1}}\n", ("c",), 1, "{a: {b: 1}, c: 1}\n"),
    ],
)
def test_values_are_set_in_each_style(before: str, loc: yaml.Loc, value: object, after: str) -> None:
    assert edit.assign(before, loc, value) == after


def test_a_change_of_anything_else_is_refused() -> None:
    with pytest.raises(InputError, match="Edit it by hand"):
        edit.append("watches: [{a: 1}]\n", "watches", ["- name: x", "- name: y"])


def test_a_value_in_place_of_a_section_gives_way_to_it() -> None:
    assert edit.assign("a: [b]\n", ("a", "c"), 1) == "a: {c: 1}\n"
