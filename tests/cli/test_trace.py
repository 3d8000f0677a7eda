"""Tests of `statewire trace`: the result of a page as text and as JSON."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from command import Said, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADDRESS = "https://www.state.gov/lower-valley-rivers/"
TITLE = "Launch of the Lower Valley Rivers Initiative"
FIRST = (
    "The Department announced the Lower Valley Rivers Initiative with seven partners along the great river.",
    "The United States will provide $80 million over three years to rebuild locks and to deepen the old harbor.",
    "Farmers, boatmen and schools in the districts downstream will choose the first works themselves.",
    "The partners meet again in October to review what was built and what is still missing.",
)
SECOND = tuple(paragraph.replace("$80 million", "$58 million") for paragraph in FIRST)


def line(paragraphs: tuple[str, ...], captured_at: str) -> str:
    return json.dumps(
        {
            "guid": "https://www.state.gov/?page_id=4",
            "url": ADDRESS,
            "title": TITLE,
            "published_at": "2026-05-12T15:00:00Z",
            "text": "\n\n".join(paragraphs),
            "captured_at": captured_at,
        }
    )


@pytest.fixture
def known(run: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """A command line that knows one statement in two wordings."""
    file = tmp_path / "statements.jsonl"
    file.write_text(f"{line(FIRST, '2026-05-12T15:00:00Z')}\n{line(SECOND, '2026-05-12T18:00:00Z')}\n", "utf-8")
    assert run("import", str(file)).code == 0
    return run


def page(tmp_path: Path, *paragraphs: str, head: str = TITLE) -> str:
    file = tmp_path / "page.txt"
    file.write_text("\n\n".join(("The Gazette", head, *paragraphs, "Subscribe to our letter")), "utf-8")
    return str(file)


def test_a_whole_copy_is_verbatim_and_names_what_it_claims(known: Callable[..., Said], tmp_path: Path) -> None:
    (row,) = rows(known("trace", "--json", page(tmp_path, *SECOND, f"Official news published at {ADDRESS}")))
    (match,) = row["matches"]
    assert (row["relation"], row["claim"]) == ("verbatim", ADDRESS)
    assert (match["revision"], match["coverage"], match["fidelity"]) == (2, 1.0, 1.0)
    assert match["guid"] == "https://www.state.gov/?page_id=4"


@pytest.mark.parametrize("claim", ["http://www.state.gov/?page_id=4", "https://state.gov/?page_id=4"])
def test_a_claim_by_the_number_of_a_document_is_that_statement(
    known: Callable[..., Said], tmp_path: Path, claim: str
) -> None:
    source = page(tmp_path, *SECOND, f"Official news published at {claim}")
    said = known("trace", source)
    assert "  names     https://www.state.gov/?page_id=4\n" in said.out
    assert "no statement is known there" not in said.out
    assert (
        "no statement is known there"
        in known("trace", page(tmp_path, *SECOND, f"Official news published at {claim}4")).out
    )


def test_a_replaced_wording_is_reported_with_the_changes(known: Callable[..., Said], tmp_path: Path) -> None:
    said = known("trace", page(tmp_path, *FIRST))
    assert said.out.splitlines()[0].endswith(": verbatim, outdated")
    assert "State has since replaced that wording." in said.out.splitlines()[1]
    assert "[-80-]{+58+} million" in said.out


def test_an_altered_copy_shows_the_alteration(known: Callable[..., Said], tmp_path: Path) -> None:
    altered = [paragraph.replace("will provide $58", "may provide $99") for paragraph in SECOND]
    said = known("trace", page(tmp_path, *altered))
    assert "altered" in said.out.splitlines()[0]
    assert "amount: $58 million → $99 million" in said.out


def test_part_of_it_is_an_excerpt(known: Callable[..., Said], tmp_path: Path) -> None:
    (row,) = rows(known("trace", "--json", page(tmp_path, *SECOND[:2])))
    assert row["relation"] == "excerpt"
    assert 0.4 < row["matches"][0]["coverage"] < 0.7


def test_a_claim_without_a_statement_is_unsourced(known: Callable[..., Said], tmp_path: Path) -> None:
    address = "https://www.state.gov/another/"
    text = "Quite another thing happened far away from all rivers.", f"Official news published at {address}"
    said = known("trace", page(tmp_path, *text, head="Another thing"))
    assert "unsourced" in said.out.splitlines()[0]
    assert f"{address} (no statement is known there)" in said.out


def test_a_page_without_text_of_state_is_no_copy(known: Callable[..., Said], tmp_path: Path) -> None:
    (row,) = rows(known("trace", "--json", page(tmp_path, "A recipe for soup with leeks.", head="Soup")))
    assert (row["relation"], row["matches"], row["claim"]) == ("none", [], None)


def test_a_page_of_html_is_read_as_its_readers_see_it(known: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in SECOND)
    file.write_text(f"<html><body><nav>Home</nav><h1>{TITLE}</h1>{body}<script>var x</script></body></html>", "utf-8")
    (row,) = rows(known("trace", "--json", str(file)))
    assert row["relation"] == "verbatim"


def test_many_lines_in_one_line_out_each(known: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "pages.jsonl"
    pages = [
        {
            "id": "a",
            "url": "https://gazette.example/a",
            "title": TITLE,
            "published_at": None,
            "text": "\n".join(SECOND),
        },
        {"id": "b", "url": None, "title": "Soup", "published_at": "2026-05-13", "html": "<h1>Soup</h1><p>Leeks</p>"},
    ]
    file.write_text("\n".join(map(json.dumps, pages)), "utf-8")
    said = known("trace", "--jsonl", str(file))
    found = [json.loads(one) for one in said.out.splitlines()]
    assert [(one["id"], one["relation"]) for one in found] == [("a", "verbatim"), ("b", "none")]


@pytest.mark.parametrize(
    ("content", "what"),
    [("{", "is not JSON"), ("[]", "is not a JSON object"), ('{"id": 1}', "needs html or text"),
     ('{"text": "x", "published_at": "soon"}', "published_at")],
)  # fmt: skip
def test_a_mistake_in_a_line_is_named(known: Callable[..., Said], tmp_path: Path, content: str, what: str) -> None:
    file = tmp_path / "pages.jsonl"
    file.write_text(content, "utf-8")
    said = known("trace", "--jsonl", str(file))
    assert (said.code, said.out) == (2, "")
    assert f"{file}:1: " in said.err
    assert what in said.err


def test_a_line_past_the_bound_is_named(
    known: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.formats.jsonl.MAX_LINE_BYTES", 20)
    file = tmp_path / "pages.jsonl"
    file.write_text('\n{"text": "longer than 20 bytes"}\n', "utf-8")
    assert f"{file}:2: is longer than 20 bytes" in known("trace", "--jsonl", str(file)).err


def test_nothing_named_or_no_such_file_is_a_mistake(known: Callable[..., Said], tmp_path: Path) -> None:
    assert known("trace").code == 2
    assert known("trace", str(tmp_path / "nowhere.html")).code == 2


def test_markup_past_the_bounds_is_read_as_text_and_said_to_be_so(known: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in SECOND)
    file.write_text("<div>" * 100_000 + f"<h1>{TITLE}</h1><script>for (;;) {{}}</script>{body}", "utf-8")
    (row,) = rows(known("trace", "--json", str(file)))
    assert row["relation"] == "verbatim"
    assert "tags" in row["problem"]
    said = known("trace", str(file))
    assert (said.code, said.err) == (0, "")
    assert "its text was taken without its markup" in said.out


CHANGED = FIRST[1].replace("$80 million", "$800 billion").replace("three", "five")
PART = f"{CHANGED}\n\n{FIRST[2]}"


@pytest.mark.parametrize("way", ["file", "input"])
def test_a_changed_part_of_a_statement_is_told_as_a_quotation_with_other_words(
    known: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    (tmp_path / "part.txt").write_text(PART, "utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PART.encode())))
    target = "part.txt" if way == "file" else "-"
    said = known("trace", target).out
    assert "This quotes State, in part with other words than State's." in said
    assert "quoted with other words: “The United States will provide $800 billion" in said
    assert "sibling" not in said
    # The same as by itself, at its place in the file.
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PART.encode())))
    (row,), (alone,) = rows(known("trace", target, "--json")), rows(known("trace", "--text", PART, "--json"))
    assert row["relation"] == alone["relation"] == "quoted"
    assert [each["quote"] for each in row["quotations"]] == [each["quote"] for each in alone["quotations"]]
    for each in row["quotations"]:
        assert PART[slice(*each["span"])] == each["quote"]


def test_a_sentence_has_its_own_verdict_and_no_name(known: Callable[..., Said]) -> None:
    for words, verdict in (
        (FIRST[2], "State said this, word for word."),
        (PART, "This quotes State, in part with other words than State's."),
        ("This was never said by a person in this old house.", "No known statement has these words."),
    ):
        assert known("trace", "--text", words).out.splitlines()[0] == verdict


def test_a_sentence_that_is_given_as_a_file_is_answered_with_the_option(known: Callable[..., Said]) -> None:
    said = known("trace", FIRST[1])
    assert (said.code, said.out) == (2, "")
    assert said.err.endswith('. To trace a sentence: statewire trace --text "…"\n')
    assert known("trace", "nowhere.txt").err.endswith(". Check the path\n")


def test_words_for_people_name_no_internal_relation(known: Callable[..., Said], tmp_path: Path) -> None:
    said = known("trace", page(tmp_path, "Nothing of it is known here, and it is no statement at all.", head="Boats"))
    assert said.out.splitlines()[0].endswith("page.txt: no statement")


LOCKS = "The funds will rebuild eleven locks, deepen the harbor of Port Merrow, and train river pilots."


@pytest.fixture
def revised(run: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """A command line that knows a statement with a sentence that both of its wordings have."""
    lines = (line((*FIRST, LOCKS), "2026-05-12T15:00:00Z"), line((*SECOND, LOCKS), "2026-05-12T18:00:00Z"))
    (tmp_path / "statements.jsonl").write_text("\n".join(lines), "utf-8")
    assert run("import", "statements.jsonl").code == 0
    return run


@pytest.mark.parametrize(
    ("sentence", "verdict", "heading", "difference"),
    [
        (LOCKS, "State said this, word for word.", "quoted word for word", None),
        (
            LOCKS.replace("harbor", "harbour"),
            "State said this, with the same words in another spelling.",
            "quoted in another spelling",
            "same word, written otherwise: harbor → harbour",
        ),
        (
            LOCKS.replace("will", "would"),
            "State said this, but not word for word: words are changed or left out as in reported speech.",
            "quoted as in reported speech",
            "modal: will → would",
        ),
        (
            LOCKS.replace("will", "shall"),
            "This quotes a statement of State's with other words.",
            "quoted with other words",
            "modal: will → shall",
        ),
        (
            LOCKS.replace("will", "will fully"),
            "No known statement has these words. This is the nearest sentence, and what differs.",
            "similar",
            "words added: fully",
        ),
        (f"{LOCKS} Nobody has ever said that here.", "State said a part of this, word for word.", "quoted", None),
        (
            f"{LOCKS.replace('will', 'shall')} Nobody has ever said that here.",
            "This quotes State, in part with other words than State's.",
            "quoted with other words",
            "modal: will → shall",
        ),
    ],
)
def test_a_sentence_is_answered_with_what_differs_from_the_current_wording(
    revised: Callable[..., Said], sentence: str, verdict: str, heading: str, difference: str | None
) -> None:
    said = " ".join(revised("trace", "--text", sentence).out.split())
    assert said.startswith(f"{verdict} {heading}")
    assert "statement 1, revision 2 of 2" in said
    assert "has since replaced" not in said
    assert (f"State: “{LOCKS.rstrip('.')}”" in said) is (difference is not None)
    assert difference is None or difference in said


@pytest.mark.parametrize(
    ("sentence", "relation", "verdict"),
    [
        (LOCKS, "quoted", "verbatim"),
        (LOCKS.replace("harbor", "harbour"), "quoted", "fitted"),
        (LOCKS.replace("eleven", "twelve"), "quoted", "altered"),
        (LOCKS.replace("river ", ""), "sibling", "similar"),
    ],
)
def test_the_verdict_of_a_sentence_as_json(
    revised: Callable[..., Said], sentence: str, relation: str, verdict: str
) -> None:
    (row,) = rows(revised("trace", "--text", sentence, "--json"))
    (found,) = row["quotations"]
    assert (row["relation"], found["verdict"], found["revision"], found["outdated"]) == (relation, verdict, 2, False)
    assert (found["quote"], found["wording"]) == (sentence.rstrip("."), LOCKS.rstrip("."))
    assert bool(found["differences"]) is (verdict != "verbatim")


def test_a_sentence_that_is_not_found_names_the_next_step(revised: Callable[..., Said]) -> None:
    said = revised("trace", "--text", "Nobody ever said such a thing in this old house.").out.splitlines()
    assert said[0] == "No known statement has these words."
    assert said[1].startswith("`statewire phrase` finds a part of them in a row")
