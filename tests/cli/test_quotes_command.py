"""`statewire quotes`, `trace --text` and `diff --previous-edition`, as a user runs them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from samples import NOON

from scraper.model import EventKind, Grade, Reason, Relation, Wording
from scraper.pages import MirrorPage, QuotedPassage
from scraper.store import Store
from scraper.store.quotations import QuotationFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said

OLD = "We will publish the terms of every contract within thirty days of its signature by both sides."
NEW = "We will publish the terms of most contracts within ninety days of their signature by both sides."


REST = "\n\n".join(
    f"In the {word} valley the keepers repaired the locks before the rain, and the guild trained its pilots."
    for word in "upper lower northern southern eastern western inner outer".split()
)


def statements(folder: Path, *texts: tuple[str, str, str]) -> None:
    lines = [
        json.dumps(
            {
                "guid": f"https://www.state.gov/?p={at}",
                "url": f"https://www.state.gov/{at}/",
                "title": title,
                "published_at": day,
                "text": text,
            }
        )
        for at, (title, day, text) in enumerate(texts, start=1)
    ]
    (folder / "s.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def quoted(run: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """Two editions of a message; a page quotes the later one word for word and with another number."""
    statements(
        tmp_path,
        ("River Message 2024", "2024-05-12", f"Friends of the river met again.\n\n{OLD}\n\n{REST}"),
        ("River Message 2025", "2025-05-12", f"Friends of the river met again.\n\n{NEW}\n\n{REST}"),
    )
    assert run("import", "s.jsonl").code == 0
    with Store(tmp_path / "statewire.db") as store, store.unit():
        page = MirrorPage(0, "https://news.example/1", "herald", "Boats", Relation.QUOTED, NOON, NOON)
        page_id = store.pages.save(page, parser="x", version=1, is_document=True, listed_sha256=None)
        store.pages.save_wording(page_id, Wording("Boats", NEW), NEW, NOON, replaces=False)
        given = {"page_id": page_id, "statement_id": 2, "revision": 1, "place": (0, 9), "last_seen_at": NOON}
        altered = NEW.replace("ninety", "nine")
        store.quotations.save(
            [
                QuotedPassage(quote=NEW, wording=NEW, is_altered=False, first_seen_at=NOON, others=(1,), **given),
                QuotedPassage(
                    quote=altered,
                    wording=NEW,
                    is_altered=True,
                    grade=Grade.MATERIAL,
                    changes=(Reason("number", "ninety", "nine", Grade.MATERIAL),),
                    first_seen_at=NOON + timedelta(days=1),
                    **given,
                ),
                QuotedPassage(
                    quote="Gone words", wording=OLD, is_altered=False, first_seen_at=NOON, gone_at=NOON, **given
                ),
            ]
        )
    return run


def test_quotations_are_listed_the_newest_first(quoted: Callable[..., Said]) -> None:
    said = quoted("quotes")
    lines = said.out.splitlines()
    assert lines[0] == "altered   https://news.example/1"
    assert f"  “{NEW.replace('ninety', 'nine')}”"[:60] in lines[1]
    assert "number: ninety → nine" in said.out
    assert "verbatim  https://news.example/1" in lines
    assert "Gone words" not in said.out
    assert "also in 1 other statement, first on 2024-05-12, last on 2024-05-12" in said.out


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (("--altered",), 1),
        (("--gone",), 3),
        (("2",), 2),
        (("1",), 0),
        (("--source", "HERALD"), 2),
        (("--site", "news.example"), 2),
        (("--source", "courier"), 0),
        (("--since", "2026-03-03"), 1),
        (("--until", "2026-03-02"), 1),
        (("-n", "1"), 1),
    ],
)
def test_filters_of_quotations(quoted: Callable[..., Said], arguments: tuple[str, ...], number: int) -> None:
    with Store(Path("statewire.db")) as store, store.unit():
        for name in ("herald", "courier"):
            store.database.execute("INSERT INTO sources (name, role, failures) VALUES (?, 'mirror', 0)", [name])
    rows = json.loads(quoted("quotes", *arguments, "--json").out)
    assert len(rows) == number
    for row in rows:
        assert row["verdict"] == ("altered" if row["differences"] else "verbatim")


def test_bounds_of_time_of_quotations(quoted: Callable[..., Said]) -> None:
    assert quoted("quotes").code == 0
    with Store(Path("statewire.db")) as store:
        assert len(list(store.quotations.find(QuotationFilter(since=NOON, with_gone=True)))) == 3
        assert list(store.quotations.find(QuotationFilter(until=NOON, with_gone=True))) == []
        assert store.quotations.count(2) == 2


def test_what_state_has_replaced_is_outdated(quoted: Callable[..., Said], tmp_path: Path) -> None:
    assert [row["outdated"] for row in json.loads(quoted("quotes", "--json").out)] == [False, False]
    with Store(tmp_path / "statewire.db") as store, store.unit():
        store.database.execute("UPDATE revisions SET text = 'Something else.' WHERE statement_id = 2")
    assert [row["outdated"] for row in json.loads(quoted("quotes", "--json").out)] == [True, True]
    assert "State has since replaced these words: statewire diff 2" in quoted("quotes").out


def test_no_quotation_says_what_to_do(run: Callable[..., Said], tmp_path: Path) -> None:
    statements(tmp_path, ("A", "2024-05-12", OLD))
    run("import", "s.jsonl")
    said = run("quotes")
    assert (said.code, said.out) == (0, "")
    assert "No quotations. `statewire source add URL` adds" in said.err
    assert run("quotes", "--source", "nobody").code == 2


def test_a_statement_names_its_quotations(quoted: Callable[..., Said]) -> None:
    assert "2 quotations on other sites, 1 of them with other words: statewire quotes 2" in quoted("show", "2").out
    assert [row["verdict"] for row in json.loads(quoted("show", "2", "--json").out)["quotations"]] == [
        "altered",
        "verbatim",
    ]


@pytest.mark.parametrize("sentence", [NEW, f"“{NEW}”", f'"{NEW.rstrip(".")}"', NEW.split(" of their")[0]])
def test_a_sentence_is_traced_to_its_statement(quoted: Callable[..., Said], sentence: str) -> None:
    (row,) = json.loads(quoted("trace", "--text", sentence, "--json").out)
    assert row["relation"] == "quoted"
    (found,) = row["quotations"]
    assert (found["statement"], found["verdict"], found["outdated"]) == (2, "verbatim", False)
    assert "quoted word for word" in quoted("trace", "--text", sentence).out


def test_a_sentence_with_another_number_is_altered(quoted: Callable[..., Said]) -> None:
    said = quoted("trace", "--text", NEW.replace("ninety", "nine")).out
    assert "quoted with other words" in said
    assert "→ nine days" in said


def test_a_sentence_of_no_statement_is_none(quoted: Callable[..., Said]) -> None:
    (row,) = json.loads(quoted("trace", "--text", "Nobody has ever said such a thing in this house.", "--json").out)
    assert (row["relation"], row["quotations"]) == ("none", [])


def test_text_and_page_are_not_given_together(run: Callable[..., Said]) -> None:
    said = run("trace", "--text", "“Five words of a sentence.”")
    assert (said.code, said.out) == (2, "")
    assert "the text is too short: it has 5 words. Give a sentence, or at least 6 words of it" in said.err
    said = run("trace", "--text", "A sentence", "page.html")
    assert said.code == 2
    assert "--text" in said.err


def test_the_edition_before_is_compared_in_order(quoted: Callable[..., Said]) -> None:
    said = quoted("diff", "2", "--previous-edition")
    assert said.code == 0
    assert said.out.splitlines()[:2] == ["River Message 2025", "since 1  River Message 2024, 2024-05-12"]
    assert said.out.index("[-We will publish the terms of every") < said.out.index(
        "{+We will publish the terms of most"
    )
    assert "valley" not in said.out
    row = json.loads(quoted("diff", "2", "--previous-edition", "--json").out)
    assert (row["previous"], [each["change"] for each in row["sentences"]]) == (1, ["dropped", "new"])


def test_a_statement_without_an_edition_before_says_so(quoted: Callable[..., Said]) -> None:
    said = quoted("diff", "1", "--previous-edition")
    assert said.code == 2
    assert "no edition before statement 1" in said.err
    assert quoted("diff", "2", "1", "--previous-edition").code == 2


def test_quotes_are_kinds_of_events(quoted: Callable[..., Said]) -> None:
    for word in ("quoted", "misquoted", "quote", EventKind.QUOTE_ALTERED.value):
        assert quoted("events", "--kind", word).code == 0
    assert quoted("events", "--kind", "altered").code == 0


def test_quotations_on_a_site_that_nothing_has_are_a_mistake(quoted: Callable[..., Said]) -> None:
    assert quoted("quotes", "--site", "herald").code == 0
    for json_option in ((), ("--json",)):
        said = quoted("quotes", "--site", "heralt", *json_option)
        assert said.code == 2
        assert "there is no source, and no page of a site, named “heralt”" in said.err
    assert quoted("quotes", "--site", "news.example", "--until", "2020-01-01").code == 0
