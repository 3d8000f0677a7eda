"""Tests of the measure of `benchmarks/extract.py`, and of the shape of the pages that it comes with."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fakes import extraction
from fakes.extraction import Found, KnownPage, Score, UnusableFolderError

PAGES = Path(__file__).parents[1] / "benchmarks" / "extract_pages"
SIX = "one two three four five six"


def put(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("_", ".")).write_bytes(data)


def test_equal_words_are_a_full_score_whatever_stands_between_them() -> None:
    assert extraction.score("One, two;\n\nthree — four (five) six.", "One two three four five six") == Score(1.0, 1.0)


@pytest.mark.parametrize(
    ("found", "precision", "recall"),
    [
        ("one two three four", 1.0, 1 / 3),
        (f"{SIX} seven eight nine", 3 / 6, 1.0),
        (f"{SIX} {SIX}", 3 / 9, 1.0),  # what is said once is not right twice
        ("six five four three two one", 0.0, 0.0),
        ("One Two Three Four Five Six", 0.0, 0.0),
    ],
)
def test_precision_and_recall_count_runs_of_four_words(found: str, precision: float, recall: float) -> None:
    assert extraction.score(found, SIX) == Score(pytest.approx(precision), pytest.approx(recall))


def test_a_text_said_twice_is_half_found_by_one_of_it() -> None:
    assert extraction.score("a b c d", "a b c d a b c d").recall == pytest.approx(1 / 5)


@pytest.mark.parametrize(("found", "recall"), [("Two words", 1.0), ("words", 0.0), ("Two words more", 0.0)])
def test_a_text_of_less_than_four_words_is_one_run(found: str, recall: float) -> None:
    assert extraction.score(found, "Two words.").recall == recall


@pytest.mark.parametrize("nothing", ["", " \n", "— … !"])
def test_no_words_have_no_precision(nothing: str) -> None:
    found = extraction.score(nothing, SIX)
    assert found == Score(None, 0.0)
    assert found.f1 == 0.0


def test_words_are_those_of_any_script() -> None:
    assert extraction.words("Берег — 3 lampes, l’été; 海岸。أهالي") == [
        "Берег",
        "3",
        "lampes",
        "l",
        "été",
        "海岸",
        "أهالي",
    ]


def test_f1_is_that_of_the_means_and_an_empty_result_has_no_part_in_precision() -> None:
    pages = [KnownPage(name, b"", SIX) for name in "abc"]
    total = extraction.summarize(pages, [Found(SIX), Found("one two three four"), Found()])
    assert total.precision == 1.0
    assert total.recall == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert total.f1 == pytest.approx(2 * total.recall / (1 + total.recall))
    assert total.under_half == 2


def test_a_reader_that_finds_nothing_at_all_has_no_score() -> None:
    total = extraction.summarize([KnownPage("a", b"", SIX)], [Found(problem="drift")])
    assert (total.precision, total.recall, total.f1) == (0.0, 0.0, 0.0)


def test_titles_and_dates_count_where_they_are_known() -> None:
    day = date(2026, 5, 4)
    pages = [
        KnownPage("a", b"", SIX, title="Lamps — for the Quay", date=day),
        KnownPage("b", b"", SIX, title="Lamps", date=day),
        KnownPage("c", b"", SIX),
    ]
    results = [
        Found(SIX, "lamps for the quay", day),
        Found(SIX, "Lamps | The Gazette", date(2026, 5, 5)),
        Found(SIX, "Any", day),
    ]
    total = extraction.summarize(pages, results)
    assert total.titles == (1, 2)
    assert total.dates == (1, 2)


def test_pages_under_half_of_the_peer_are_those_with_less_than_half_its_recall() -> None:
    mine = [Score(1.0, 0.5), Score(1.0, 0.49), Score(None, 0.0), Score(None, 0.0)]
    peers = [Score(1.0, 1.0), Score(1.0, 1.0), Score(1.0, 0.1), Score(None, 0.0)]
    assert extraction.under_half_of_peer(mine, peers) == 2


def test_a_folder_is_read_with_what_its_json_files_give(tmp_path: Path) -> None:
    put(tmp_path, a_html="<p>One", a_txt="One", b_html="<p>été".encode("latin-1"), b_txt="été")
    put(
        tmp_path,
        b_json='{"url": "https://x.example/", "title": "T", "date": "2026-05-04", "captured_at": "2026-05-05"}',
    )
    bare, known = extraction.load(tmp_path)
    assert bare == KnownPage("a", b"<p>One", "One")
    assert (known.url, known.title, known.date) == ("https://x.example/", "T", date(2026, 5, 4))
    assert known.captured_at == datetime(2026, 5, 5, tzinfo=UTC)
    assert (bare.charset, known.charset) == ("utf-8", None)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "has no .html file"),
        ({"a_txt": "One"}, "has no .html file"),
        ({"a_html": "<p>One"}, "has no .txt beside a.html"),
        ({"a_html": "<p>One", "a_txt": "One", "b_txt": "Two"}, "has no .html beside b.txt"),
        ({"a_html": "<p>One", "a_txt": " … "}, "a.txt has no words"),
        ({"a_html": "<p>One", "a_txt": b"\xe9t\xe9"}, "a.txt is not UTF-8"),
        ({"a_html": "<p>One", "a_txt": "One", "a_json": "{"}, "a.json cannot be used"),
        ({"a_html": "<p>One", "a_txt": "One", "a_json": "[1]"}, "a.json cannot be used"),
        ({"a_html": "<p>One", "a_txt": "One", "a_json": '{"date": "4 May"}'}, "a.json cannot be used"),
        ({"a_html": "<p>One", "a_txt": "One", "a_json": '{"date": 4}'}, "a.json cannot be used"),
    ],
)
def test_a_folder_that_cannot_be_scored_is_refused(tmp_path: Path, files: dict[str, str | bytes], said: str) -> None:
    put(tmp_path, **files)
    with pytest.raises(UnusableFolderError, match=said):
        extraction.load(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFolderError, match="is no folder"):
        extraction.load(tmp_path / "nowhere")


def test_the_pages_are_halved_by_a_hash_of_their_names() -> None:
    halves = [extraction.load(PAGES / half) for half in ("tuning", "held_back")]
    names = [page.name for half in halves for page in half]
    order = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    assert {page.name for page in halves[0]} == set(order[: len(order) // 2])
    assert len(names) == len(set(names)) >= 60
    assert all(page.title and page.date and page.url and page.captured_at for half in halves for page in half)
    texts = [page.text for half in halves for page in half]
    assert len(set(texts)) == len(texts)
