"""Tests of full-text search: every wording is found, replaced ones too, and no query has operators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from samples import NOON, Piece

from scraper.alerts.conditions import Condition, checker
from scraper.alerts.model import FilterFields
from scraper.model import Capture, Item, Outcome, Reading, Role
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import StatementFilter
from scraper.store.search import Query
from scraper.store.upgrade import rebuild_search

if TYPE_CHECKING:
    from scraper.store import Store


@pytest.fixture
def library(store: Store) -> Store:
    """Three statements; the first is revised twice."""
    gift = Piece(1, title="Gift of Lamps", body=("Eighty million lamps were promised to Valdovia in the spring.",))
    visit = Piece(2, title="Visit to Port Merrow", body=("The naïve ambassador re-entered the harbour – at dawn.",))
    arabic = Piece(3, title="رسالة", body=("نص الرسالة إلى فالدوفيا",))
    rounds = [
        (gift, visit, arabic),
        (gift.but(body=("Fifty-eight million lamps were promised to Valdovia in the spring.",)),),
        (gift.but(body=("Nothing was promised.",)),),
    ]
    for step, pieces in enumerate(rounds):
        items = tuple(Item(p.url, p.title, p.guid, paragraphs=p.body) for p in pieces)
        at = NOON + timedelta(hours=step)
        capture = Capture("https://www.state.gov/feed", at, Outcome.OK, 200, body=repr(items).encode())
        with store.unit():
            ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", items, clock=at), capture.url)
    return store


def found(store: Store, query: str) -> list[tuple[str, int]]:
    return [(statement.title, number) for statement, number, _ in store.statements.search(query, 20)]


def test_every_wording_is_found_replaced_ones_too_and_a_statement_once(library: Store) -> None:
    assert found(library, "eighty") == [("Gift of Lamps", 1)]
    assert found(library, "fifty eight") == [("Gift of Lamps", 2)]
    assert found(library, "nothing promised") == [("Gift of Lamps", 3)]
    assert found(library, "promised") == [("Gift of Lamps", 3)]


def test_every_word_has_to_occur_and_a_phrase_together(library: Store) -> None:
    assert found(library, "lamps dawn") == []
    assert found(library, "million valdovia") != []
    assert found(library, '"million valdovia"') == []
    assert found(library, '"promised to valdovia" spring') == [("Gift of Lamps", 2)]


@pytest.mark.parametrize("query", ["naive", "NAÏVE", "re-entered", "Re-Entered", "harbour –", "فالدوفيا"])
def test_search_ignores_letter_case_accents_dashes_and_scripts(library: Store, query: str) -> None:
    assert len(found(library, query)) == 1


def test_a_snippet_marks_what_was_found(library: Store) -> None:
    ((_, _, snippet),) = library.statements.search("eighty", 20)
    assert "**Eighty**" in snippet


def test_the_title_counts_more_than_the_text_and_the_limit_holds(library: Store) -> None:
    assert found(library, "merrow") == [("Visit to Port Merrow", 1)]
    assert len(found(library, "the")) == 2
    assert len(library.statements.search("the", 1)) == 1


@pytest.mark.parametrize(
    "query",
    [
        "", " ", '"', '""', '"""', "*", "foo-bar", 'a"b', "AND", "OR", "NOT", "NEAR", "NEAR(lamps dawn)", "lamps AND",
        "lamps*", "title:lamps", "{title text}: lamps", "^lamps", "lamps + dawn", "-lamps", "(", "'", "';", "\\",
        "'); DROP TABLE revisions; --", "lamps\x00dawn", "\x00", "\ud800", "\x1b[31m", "%", "_", "lamps " * 500,
    ],
)  # fmt: skip
def test_row_87_no_query_raises_and_nothing_in_it_is_an_operator(library: Store, query: str) -> None:
    found(library, query)
    assert library.statements.count() == 3


def test_operators_are_words(library: Store) -> None:
    assert found(library, "lamps OR dawn") == []
    assert found(library, "lam*") == []
    assert found(library, "lamps NOT valdovia") == []


SCRIPTS = {
    "联合声明": ("美国宣布新关税措施，并与湄公河委员会举行G7峰会。",),
    "แถลงการณ์ร่วม": ("ประเทศในลุ่มแม่น้ำโขงตอนล่าง",),
    "رسالة": ("السيد مُحَمَّد بن ســلمان",),
    "İstanbul Statement": ("ＡＳＥＡＮ and the café of Straße.",),
    "Report": ("हिन्दी में नाम. 미국은 오늘. שָׁלוֹם",),
}


@pytest.fixture
def polyglot(store: Store) -> Store:
    """One statement for each of `SCRIPTS`."""
    items = tuple(
        Item(f"https://www.state.gov/s{number}/", title, f"g{number}", paragraphs=body)
        for number, (title, body) in enumerate(SCRIPTS.items())
    )
    capture = Capture("https://www.state.gov/feed", NOON, Outcome.OK, 200, body=b"x")
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", items, clock=NOON), capture.url)
    return store


@pytest.mark.parametrize(
    ("query", "snippet"),
    [
        ("关税", "美国宣布新**关税**措施，并与湄"),
        ("湄公河", "**湄公河**委员会"),
        ('"湄公河委员会举行"', "**湄公河委员会举行**G7"),
        ("河", "湄公**河**委员会"),
        ("G7峰会", "**G7峰会**"),
        ("关税 声明", "联合**声明**"),
        ("แม่น้ำ", "ลุ่ม**แม่น้ำ**โขง"),
        ("محمد", "السيد **مُحَمَّد** بن"),
        ("سلمان", "**ســلمان**"),
        ("istanbul", "**İstanbul** Statement"),
        ("asean cafe", "**ＡＳＥＡＮ** and the **café**"),
        ("strasse", "of **Straße**."),
        ("हिन्दी", "**हिन्दी** में"),
        ("미국", "**미국은** 오늘"),
        ("שלום", "**שָׁלוֹם**"),
    ],
)
def test_every_script_is_found_and_shown_as_it_was_published(polyglot: Store, query: str, snippet: str) -> None:
    ((_, _, shown),) = polyglot.statements.search(query, 20)
    assert snippet in shown


@pytest.mark.parametrize(
    "query", ["税措施并", "国宣", "河关", "湄河", "ข่าว", "หนังสือ", "دم", "दिन", "미국인", "\uff02", "tanbul", "iran"]
)
def test_absent_words_are_not_found(polyglot: Store, query: str) -> None:
    assert (found(polyglot, query) == []) is (query != "国宣")


def test_a_snippet_is_a_part_of_a_long_text(polyglot: Store) -> None:
    text = "很" * 100 + "关税措施" + "好" * 100 + "关税"
    with polyglot.unit():
        polyglot._db.execute("UPDATE revisions SET text = ? WHERE id = 1", [text])
    ((_, _, shown),) = polyglot.statements.search("关税", 20)
    assert shown == "…" + "很" * 8 + "**关税**措施" + "好" * 12 + "…"
    # "1" finds a word of the index that the text as written has not.
    with polyglot.unit():
        polyglot._db.execute("UPDATE revisions SET text = '湄' || ? WHERE id = 1", ["x" + "\u0301y" * 40])
    assert polyglot.statements.search("湄", 20)[0][2].startswith("**湄**")


def test_the_index_follows_changes_and_is_whole(polyglot: Store) -> None:
    db = polyglot._db
    with polyglot.unit():
        db.execute("UPDATE revisions SET text = 'Plain words.' WHERE id = 1")
        db.execute("UPDATE revisions SET text = '東京' WHERE id = 2")
        db.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
    assert (found(polyglot, "关税"), len(found(polyglot, "東京")), len(found(polyglot, "plain"))) == ([], 1, 1)
    assert db.execute("SELECT count(*) FROM folded_texts WHERE revision_id = 1").fetchone() == (1,)  # its title
    db.execute("PRAGMA foreign_keys = OFF")
    with polyglot.unit():
        db.execute("DELETE FROM revisions WHERE id = 2")
        db.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
        assert db.execute("SELECT count(*) FROM folded_texts WHERE revision_id = 2").fetchone() == (0,)
        rebuild_search(db)
    assert found(polyglot, "東京") == []
    assert len(found(polyglot, "הסכם שלום")) == 0 < len(found(polyglot, "שלום"))


@given(query=st.text(max_size=40))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_at_all_raises(store: Store, query: str) -> None:
    assert store.statements.search(query, 5) == []


def test_a_sight_does_not_rewrite_the_index_and_the_index_stays_whole(library: Store) -> None:
    before = library._db.execute("SELECT max(id) FROM revisions_fts_data").fetchone()
    with library.unit():
        library._db.execute("UPDATE revisions SET last_seen_at = '2026-03-09T12:00:00Z'")
    assert library._db.execute("SELECT max(id) FROM revisions_fts_data").fetchone() == before
    with library.unit():
        library._db.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")


def test_search_is_right_again_after_a_transform(library: Store) -> None:
    library._db.execute("PRAGMA foreign_keys = OFF")
    with library.unit():
        library._db.table("revisions").transform(types={})
        rebuild_search(library._db)
        library._db.execute("UPDATE revisions SET text = 'Rope instead.' WHERE number = 3")
    assert found(library, "rope") == [("Gift of Lamps", 3)]
    assert found(library, "nothing") == []
    assert found(library, "eighty") == [("Gift of Lamps", 1)]


# Words of watches


def is_missed(store: Store, entry: str, said: str) -> bool:
    """Whether a watch finds an entry in a text and the index says that no statement has it."""
    with store.unit():
        store.database.execute("UPDATE revisions SET text = ? WHERE id = 1", [said])
    (statement_id,) = store.database.execute("SELECT statement_id FROM revisions WHERE id = 1").fetchone()
    is_found = checker(FilterFields(text=said))(Condition("words", entry))
    return is_found and statement_id not in store.statements.may_have([entry])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("ASEAN", "A.S.E.A.N. members"),
        ("A.S.E.A.N.", "the Asean members"),
        ("U.S.", "the US and"),
        ("US", "the U.S.-Mekong"),
        ("US Army", "the U.S. Army"),
        ("J.D. Vance", "JD Vance"),
        ("2.5", "some 2.5 million"),
        ("S.S\u03011", "the S.S\u03011 pipeline"),
        ("Kyiv Post", "KYIV\n\nPOST"),
        ("Türkiye", "in Tu\u0308rkiye"),
        ("STRASSE", "die Straße"),
        ("ｍｅｋｏｎｇ", "Mekong"),
        ("Mekong", "the Me\u00adkong"),
        ("东盟", "与东盟国家"),
        ("湄", "湄公河"),
        ("США", "посол С.Ш.А."),
        ("미국", "미국에서는"),
        ("Say “no”", "to say no"),
        ("ก..ก", "ก ก"),
        ("Laos", "\uf0b7Laos\ue000 and"),
        ("Laos", "\U00100000Laos"),
        ("Laos", "\U0001fae8Laos"),
        ("Laos", "#\ufe0f\u20e3Laos"),
        ("Lao people", "Lao\uf0b7people"),
    ],
)
def test_the_index_knows_every_statement_in_which_a_watch_finds_a_word(library: Store, entry: str, said: str) -> None:
    assert checker(FilterFields(text=said))(Condition("words", entry))
    assert not is_missed(library, entry, said)
    assert is_missed(library, entry, "nothing of it") is False
    assert library.statements.may_have([entry]) == frozenset()


@given(
    st.text("aä.-’U1S \u0301\u0e01東盟ｍ국", min_size=1, max_size=6),
    st.text("aä.-’U1S \n\u0301\u20e3\uf0b7\U0010ffff\u0e01東盟ｍ국에", max_size=12),
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
def test_the_index_misses_no_word_of_a_watch(library: Store, entry: str, said: str) -> None:
    if any(map(str.isalnum, entry)):
        assert not is_missed(library, entry, f"{said} {entry} {said}")
        assert not is_missed(library, entry, said)


def test_of_many_matches_the_newest_are_ranked(library: Store) -> None:
    sought = Query(library.database, "the")
    assert [number for _, _, number, _ in sought.newest_matches(1)] == [2]  # of the gift; the visit came before
    assert {statement_id for _, statement_id, _, _ in sought.newest_matches(-1)} == {1, 2}
    assert list(sought.newest_matches(-1, StatementFilter(source="nobody"))) == []
    assert len(list(sought.newest_matches(-1, StatementFilter(source="state")))) == 3
