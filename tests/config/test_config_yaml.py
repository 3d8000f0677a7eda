"""Tests of the YAML reader: types, refused input, and no exception for any text."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scraper.config.yaml import MAX_DEPTH, UNREADABLE, is_variable, parse, path_text, quoted, variable_mistake
from scraper.errors import Problem


def problems(text: str, **variables: str) -> list[tuple[str, str, int | None]]:
    return [(p.path, p.message, p.line) for p in parse(text, variables).problems]


def only_problem(text: str, **variables: str) -> tuple[str, str, int | None]:
    [problem] = problems(text, **variables)
    return problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # What YAML 1.1 would take for bools, numbers in base 60 or 8, dates and infinities.
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("22:30", "22:30"),
        ("1:30:00", "1:30:00"),
        ("012", "012"),
        ("00", "00"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2026-01-02", "2026-01-02"),
        ("2026-01-02 03:04:05Z", "2026-01-02 03:04:05Z"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e5", "1e5"),
        ("1.5e+3", "1.5e+3"),
        (".5", ".5"),
        ("=", "="),
        ("1" * 19, "1" * 19),
        # What is meant as it looks.
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("9" * 18, 10**18 - 1),
        ("30.0", 30.0),
        ("-0.5", -0.5),
        ("15m", "15m"),
        ("'true'", "true"),
        ('"12"', "12"),
        ("''", ""),
        ("|-\n  two\n  lines", "two\nlines"),
    ],
)
def test_a_scalar_has_its_plain_type(written: str, meant: object) -> None:
    document = parse(f"key: {written}\n", {})
    assert document.problems == ()
    assert document.data == {"key": meant}
    assert isinstance(document.data, dict)
    assert type(document.data["key"]) is type(meant)


def test_keys_are_always_text() -> None:
    assert parse("1: a\nno: b\n2026-01-02: c\n", {}).data == {"1": "a", "no": "b", "2026-01-02": "c"}


def test_nested_blocks_and_flows_are_read() -> None:
    text = "a:\n  - b: [1, {c: d}]\n    e:\n  - []\nf: {}\n"
    assert parse(text, {}).data == {"a": [{"b": [1, {"c": "d"}], "e": None}, []], "f": {}}


def test_every_value_knows_its_line() -> None:
    document = parse("a: 1\n\nb:\n  - c: 2\n  -\n    d:\n      3\n", {})
    assert document.line(("a",)) == 1
    assert document.line(("b",)) == 3
    assert document.line(("b", 0, "c")) == 4
    assert document.line(("b", 1, "d")) == 6
    assert document.line(("b", 0, "missing")) == 4
    assert document.line(("nowhere",)) == 1
    assert parse("", {}).line(("nowhere",)) is None


@pytest.mark.parametrize("text", ["", "# only a remark\n", "---\n", "null\n", "---\n...\n"])
def test_a_file_without_content_is_none(text: str) -> None:
    document = parse(text, {})
    assert document.data is None
    assert document.problems == ()


def test_duplicate_keys_are_refused_each_with_its_line() -> None:
    document = parse("a: 1\nb:\n  c: 2\n  c: 3\na:\n  x: 4\n", {})
    assert [(p.path, p.message, p.line) for p in document.problems] == [
        ("b.c", "occurs twice; the first one is on line 3", 4),
        ("a", "occurs twice; the first one is on line 1", 5),
    ]
    assert document.data == {"a": 1, "b": {"c": 2}}


def test_a_duplicate_section_is_one_mistake() -> None:
    assert only_problem("a:\n  x: 1\na:\n  x: 2\n")[0] == "a"


def test_the_same_key_in_two_entries_is_no_duplicate() -> None:
    assert problems("- a: 1\n- a: 2\n") == []


def test_an_alias_is_refused_and_leaves_a_hole() -> None:
    document = parse("a: &x [1]\nb: *x\n", {})
    assert [(p.path, p.line) for p in document.problems] == [("b", 2)]
    assert "aliases are not used here" in document.problems[0].message
    assert document.data == {"a": [1], "b": UNREADABLE}


@pytest.mark.parametrize(
    ("text", "path", "tag"),
    [
        ("a: 1\n!!int foo: 1\n", "foo", "tag:yaml.org,2002:int"),
        ("a: 1\n!custom foo: 1\n", "foo", "!custom"),
        ("a: 1\n! foo: 1\n", "foo", "!"),
        ("a: 1\n!<tag:yaml.org,2002:str> foo: 1\n", "foo", "tag:yaml.org,2002:str"),
        ("a: 1\n? !custom foo\n: 1\n", "foo", "!custom"),
        ("a:\n  !!python/name:os.system foo: 1\n", "a.foo", "tag:yaml.org,2002:python/name:os.system"),
    ],
)
def test_a_tag_on_a_key_is_refused_as_one_on_a_value_is(text: str, path: str, tag: str) -> None:
    document = parse(text, {})
    message = f"is a key with a YAML tag ({tag}), and tags are not used here; leave it out"
    assert document.problems == (Problem(path, message, 2),)


def test_a_duplicate_key_with_a_tag_is_two_mistakes() -> None:
    first, second = parse("!t k: 1\nk: 2\n", {}).problems
    assert (first.line, second.message) == (1, "occurs twice; the first one is on line 1")


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert parse("<<: {a: 1}\n", {}).data == {"<<": {"a": 1}}


def test_an_anchor_without_an_alias_is_harmless_even_twice() -> None:
    document = parse("a: &x 1\nb: &x 2\n", {})
    assert (document.data, document.problems) == ({"a": 1, "b": 2}, ())


def test_an_alias_to_what_encloses_it_is_refused() -> None:
    document = parse("a: &x\n  - *x\n  - b: *x\n", {})
    assert [(p.path, p.line) for p in document.problems] == [("a[0]", 2), ("a[1].b", 3)]
    assert document.data == {"a": [UNREADABLE, {"b": UNREADABLE}]}


def test_a_merge_key_merges_nothing() -> None:
    assert parse("a: &x {k: 1}\nb:\n  <<: *x\n", {}).data == {"a": {"k": 1}, "b": {"<<": UNREADABLE}}


def test_an_alias_bomb_does_not_grow() -> None:
    rows = ["a0: &a0 [" + "lol, " * 9 + "lol]"]
    rows += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 20)]
    document = parse("\n".join(rows), {})
    assert len(document.problems) == 190
    assert isinstance(document.data, dict)
    assert document.data["a19"] == [UNREADABLE] * 10


@pytest.mark.parametrize("tagged", ["!!str 5", "!!python/name:os.system x", "! 5", "!!binary aGk="])
def test_a_tagged_scalar_is_refused(tagged: str) -> None:
    document = parse(f"a: {tagged}\n", {})
    assert [(p.path, p.line) for p in document.problems] == [("a", 1)]
    assert "tags are not used here" in document.problems[0].message
    assert document.data == {"a": UNREADABLE}


def test_a_tagged_section_is_refused_and_still_read() -> None:
    document = parse("a: !!python/object:os.X {b: 1}\nc: !!set [1]\n", {})
    assert [p.path for p in document.problems] == ["a", "c"]
    assert document.data == {"a": {"b": 1}, "c": [1]}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\n---\nb: 2\n", "a second document begins here", 2),
        ("a: 1\n? [b]\n: 2\n", "a key must be plain text", 2),
        ("{{a: 1}: 2}\n", "a key must be plain text", 1),
        ("a: &x 1\n*x : 2\n", "a key must be plain text", 2),
        ("a: b: c\n", "is not YAML: mapping values are not allowed here", 1),
        ("a:\n\tb: 1\n", "spaces, never tabs", 2),
        ("a: [1\n", "is not YAML", 2),
        ("a: 'open\n", "is not YAML", 2),
        ("a: @x\n", "is not YAML", 1),
        ("a: 1\nb: \x07\n", "holds a control character (U+0007)", 2),
        ('a: "\\UFFFFFFFF"\n', "holds an escape", None),
    ],
)
def test_unreadable_documents(text: str, message: str, line: int | None) -> None:
    assert parse(text, {}).data is UNREADABLE
    path, said, at = only_problem(text)
    assert path == ""
    assert message in said
    assert at == line


def test_mistakes_before_a_fatal_one_are_kept() -> None:
    assert [line for _, _, line in problems("a: 1\na: 2\nb: c: d\n")] == [2, 3]


def test_nesting_is_bounded() -> None:
    assert problems("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert only_problem("[" * (MAX_DEPTH + 1)) == ("", f"is nested deeper than {MAX_DEPTH} levels", 1)
    assert len(problems("{a: " * 100_000)) == 1


def test_a_variable_stands_for_a_whole_value() -> None:
    document = parse("a: ${X}\nb: ['${Y}', \"${X}\"]\n", {"X": "7", "Y": "no: way # here"})
    assert document.problems == ()
    # Read as if it stood there: a number where it is written plainly, text where it is quoted.
    assert document.data == {"a": 7, "b": ["no: way # here", "7"]}


def test_the_value_of_a_variable_is_not_expanded_again() -> None:
    assert parse("a: ${X}\n", {"X": "${Y}", "Y": "1"}).data == {"a": "${Y}"}


def test_a_variable_that_is_not_set_is_named() -> None:
    document = parse("a:\n  - ${NOT_THERE}\n", {})
    assert [(p.path, p.message, p.line) for p in document.problems] == [
        ("a[0]", "the environment variable NOT_THERE is not set", 2)
    ]
    assert document.data == {"a": [UNREADABLE]}


@pytest.mark.parametrize("value", ["https://${HOST}/", "${A}${B}", '"${}"', "${1A}", '"${A-b}"', "${A", "'${A} '"])
def test_a_variable_is_never_part_of_a_value(value: str) -> None:
    path, message, _ = only_problem(f"a: {value}\n", HOST="x", A="a", B="b")
    assert path == "a"
    assert "whole value" in message


def test_what_stands_for_a_variable() -> None:
    assert [is_variable(value) for value in ("${HOME}", "a${HOME}", "$HOME")] == [True, False, False]
    assert [bool(variable_mistake(value)) for value in ("${HOME}", "a${HOME", "$HOME")] == [True, True, False]


def test_places_are_written_as_people_read_them() -> None:
    assert path_text(()) == ""
    assert path_text(("sources", 2, "endpoints", 0, "url")) == "sources[2].endpoints[0].url"
    assert path_text((0, "a-b")) == "[0].a-b"
    assert path_text(("a", "b.c d\n\x1b[31m")) == r"a.“b.c d\n\x1b[31m”"


def test_values_are_quoted_on_one_line_and_not_endlessly() -> None:
    assert quoted("a\nb\u202e") == r"“a\nb\u202e”"
    assert quoted("é") == "“é”"
    assert quoted(5) == "5"
    assert len(quoted("x" * 1000)) == 60


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18) + 1, 10**18 - 1),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff$")),
)
_data = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text("abz-_"), inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), _data, max_size=5))
def test_output_of_a_yaml_writer_is_read_back(data: dict[str, Any]) -> None:
    document = parse(yaml.safe_dump(data, allow_unicode=True), {})
    assert document.problems == ()
    assert document.data == data


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_decimal_fractions_are_read_back(number: float) -> None:
    written = f"{number:.3f}"
    assert parse(written, {}).data == pytest.approx(float(written))
    assert math.isfinite(number)


@given(st.text(st.sampled_from("ab:-?,[]{}#&*!|>'\"%@`$~ \n\t\\x0uU1.\x85\u2028"), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    document = parse(text, {})
    assert (document.data is UNREADABLE) <= bool(document.problems)
    for problem in document.problems:
        assert problem.message
        assert "\n" not in problem.path
        assert problem.line is None or 1 <= problem.line <= len(text) + 1


def test_of_equal_keys_the_first_counts_and_the_order_stays() -> None:
    found = parse("b: 1\na: {x: 1, x: 2}\nb: 3\nc: {x: 4}\n", {})
    assert list(found.data) == ["b", "a", "c"]
    assert found.data["b"] == 1
    assert [problem.message for problem in found.problems] == [
        "occurs twice; the first one is on line 2",
        "occurs twice; the first one is on line 1",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sources: [{name: gov-feed, url: &a x}, {role: *a}]", "sources[1].role"),
        ("sources: [{role: *a, name: gov feed}]", "the source “gov feed” (sources[0].role)"),
        ('watches: [{name: "a\\nb", to: *a}]', r"the watch “a\nb” (watches[0].to)"),
        ("watches: [{name: *a}]", "watches[0].name"),
        ("watches: [{name: ' ', to: *a}]", "watches[0].to"),
        ("watches: {name: a, to: *a}", "watches.to"),
        ("watches: [*a]", "watches[0]"),
        ("daemon: [{name: a, to: *a}]", "daemon[0].to"),
    ],
)
def test_a_mistake_in_an_entry_with_a_name_says_the_name(text: str, place: str) -> None:
    (problem,) = parse(text, {}).problems
    assert problem.place == place
    assert problem.path in place
