"""`statewire phrase`: when a phrase was used, by whom, and what dropped it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from outlets_support import add_statements
from samples import NOON, Piece

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said

    from scraper.store import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def library(store: Store) -> Store:
    """Thirty statements about lamps over thirty months; one of them drops the word."""
    pieces = [Piece(n, byline=f"Speaker {n % 7}", published_at=NOON - timedelta(days=31 * n)) for n in range(30)]
    add_statements(store, *pieces)
    add_statements(store, pieces[0].but(title="Lights", body=("Nothing stays lit.",)), at=NOON + HOUR)
    return store


def test_uses_are_counted_and_the_newest_listed(run: Callable[..., Said], library: Store) -> None:
    said = run("phrase", "lamps", "to", "the", "keepers")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("30 statements: first 2023-09-15 12:00 UTC, last 2026-03-02 12:00 UTC\n")
    assert "  2026-03  ████████████████████████████████████████ 1\n" in said.out
    assert "the last 24 months with the phrase; all: --json" in said.out
    assert "By speaker: Speaker 0 5; Speaker 1 5; Speaker 2 4; Speaker 3 4; Speaker 4 4 and 2 more" in said.out
    assert "By type: not given 30" in said.out
    assert "**lamps to the keepers** of Harbour 0" in said.out
    assert "        dropped in revision 2, 2026-03-02 13:00 UTC\n" in said.out
    assert said.out.endswith("and 10 more statements: --limit 30\n")


def test_json_has_all_counts_and_the_asked_uses(run: Callable[..., Said], library: Store) -> None:
    found = run("phrase", "lamps to the keepers", "--json", "-n", "1").json
    assert (found["statements"], found["current"], len(found["months"]), len(found["uses"])) == (30, 29, 30, 1)
    assert found["first_used_at"] == "2023-09-15T12:00:00Z"
    assert found["types"] == [{"type": None, "statements": 30}]
    use = found["uses"][0]
    assert use["turns"] == [{"revision": 2, "at": "2026-03-02T13:00:00Z", "change": "dropped"}]
    assert (use["is_current"], use["revisions"], use["reposts"]) == (False, [1], [])
    assert use["context"]["words"] == "lamps to the keepers"


@pytest.mark.parametrize(
    ("given", "by"),
    [
        (("Edda Lorne", "Edda Lorne, Keeper", "Harbours"), "Edda Lorne 1"),
        ((None, "Keeper of the Lamps", "Harbours"), "Keeper of the Lamps 1"),
        ((None, None, "Harbours"), "Harbours 1"),
        ((None, None, None), "not given 1"),
    ],
)
def test_a_statement_is_by_its_speaker_else_its_byline_else_its_office(
    run: Callable[..., Said], store: Store, given: tuple[str | None, ...], by: str
) -> None:
    add_statements(store, Piece(1))
    with store.unit():
        store.database.execute("UPDATE statements SET speaker = ?, byline = ?, bureau = ?", given)
    assert f"By speaker: {by}\n" in run("phrase", "lamps", "to", "the", "keepers").out
    known = store.entries.speakers()
    assert known == ([] if by.startswith("not") else [(by.removesuffix(" 1"), 1)])


def test_reposts_are_named(run: Callable[..., Said], library: Store) -> None:
    first = Piece(3)
    add_statements(library, Piece(90, title=first.title, body=first.body, slug="again"), at=NOON + HOUR)
    assert "published again as 31" in run("phrase", "Keeper 3 said").out


def test_a_phrase_that_is_not_used(run: Callable[..., Said], library: Store) -> None:
    said = run("phrase", "lamp and OR")
    assert (said.code, said.out) == (0, "")
    assert "`statewire search` may find them in any order" in said.err
    found = run("phrase", "zebra", "--json").json
    assert (found["statements"], found["first_used_at"], found["uses"]) == (0, None, [])


@pytest.mark.parametrize("phrase", ["", "…“”?!", "*", "\x1b[2J\u202e"[:1]])
def test_a_phrase_without_words_is_refused(run: Callable[..., Said], library: Store, phrase: str) -> None:
    said = run("phrase", phrase)
    assert (said.code, said.out) == (2, "")
    assert "no letter or digit" in said.err


def test_long_phrases_are_refused(run: Callable[..., Said], library: Store) -> None:
    said = run("phrase", "a" * 10_000)
    assert said.code == 2
    assert "10,000 characters" in said.err
    assert "at most 300" in said.err


def test_hostile_texts_are_safe_on_a_terminal(run: Callable[..., Said], library: Store) -> None:
    add_statements(library, Piece(99, title="\x1b[2J\u202eTitle", body=("\x1b[2J \u202ezebra \u202d here",)))
    out = run("phrase", "zebra").out
    assert "zebra" in out
    assert not {"\x1b", "\u202e", "\u202d"} & set(out)


def test_the_spelling_of_state_is_named(run: Callable[..., Said], store: Store) -> None:
    add_statements(store, Piece(1, body=("The labor law.",)), Piece(2, body=("A labor day and the labor law.",)))
    said = run("phrase", "the labour law").err
    assert said == "No wording has the words “the labour law” in a row. State writes “the labor law”: 2 statements.\n"
    assert "No wording has the word “Labour”. State writes “Labor”: 2 statements." in run("phrase", "Labour").err
    assert "State writes" not in run("phrase", "honour").err
    assert "“labour”. State writes “labor”: 2 statements." in run("search", "labour").err
    assert "all of “labour” and “day”. State writes “labor day”: 1 statement." in run("search", "labour", "day").err
    assert "“labour”. State writes “labor”: at least 1 statement." in run("search", "labour", "-n", "1").err
    assert "State writes" not in run("search", "honour").err
