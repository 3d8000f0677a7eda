"""Tests of both indexes: equal results, and the one in the database follows all changes."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import match_support as s
import pytest

from scraper.matching import IndexedText, Matcher, PageToMatch, RevisionKey, fingerprints
from scraper.matching import thresholds as t
from scraper.matching.matcher import _Tracing
from scraper.model import Relation
from scraper.store.database import unit
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@pytest.fixture
def stored(tmp_path):
    db, index = s.in_database(tmp_path)
    yield db, index
    db.conn.close()


@contextmanager
def changing(db, index):
    """Run the block as a transaction of `Store.unit`."""
    with unit(db):
        yield
        index.write()


def rows(db) -> set[tuple[int, int, int]]:
    return set(db.execute("SELECT hash, statement_id, revision FROM fingerprints").fetchall())


def hashes_of(title: str, body: str) -> list[int]:
    return fingerprints.revision_hashes(title, Words(body))


def test_postings_name_every_revision_that_has_a_hash(index) -> None:
    wanted = defaultdict(set)
    for key, text in s.revisions():
        if key != s.VISA_AGAIN:
            for value in fingerprints.revision_hashes(text.title, text.words):
                wanted[value].add(key)
    found = index.postings([*wanted, 12345])
    assert {value: set(keys) for value, keys in found.items()} == wanted


def test_texts_and_twins_are_found(index) -> None:
    texts = dict(s.revisions())
    for key, text in texts.items():
        found = index.text(key)
        assert (found.title, found.words.text, found.guid, found.url) == (
            text.title,
            text.words.text,
            text.guid,
            text.url,
        )
        assert (found.published_at, found.digest, found.is_current) == (text.published_at, text.digest, text.is_current)
    assert list(index.same_words(texts[s.VISA_KEY].digest)) == [s.VISA_KEY, s.VISA_AGAIN]
    assert list(index.same_words("0" * 64)) == []


def test_a_hash_of_too_many_statements_is_left_out_but_revisions_count_once(tmp_path) -> None:
    def many(count: int) -> tuple[s.Stored, ...]:
        first = s.Stored("Zero", tuple(f"{s.GRANT} Note {n}." for n in range(40)), s.FIRST_DAY)
        return (first, *(s.Stored(f"Number {n}", (f"{s.GRANT} Case {n}.",), s.FIRST_DAY) for n in range(1, count)))

    def found(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        index = s.indexed(folder, many(count))
        held = index.postings(hashes)
        s.close(index)
        return sum(map(bool, held.values()))

    hashes = hashes_of("", s.GRANT)
    assert found(t.COMMON_STATEMENTS) == len(hashes)
    assert found(t.COMMON_STATEMENTS + 1) == 0


def test_removing_undoes_adding(stored) -> None:
    db, index = stored
    before = rows(db)
    with changing(db, index):
        index.remove(s.HARBOUR_KEY)
    assert rows(db) == {row for row in before if row[1] != s.HARBOUR_KEY.statement_id}
    assert Matcher(index).trace(PageToMatch(s.HARBOUR[60:])) == ()
    with changing(db, index):
        index.add(s.HARBOUR_KEY)
    assert rows(db) == before


def test_a_twin_takes_the_place_of_what_is_removed(stored) -> None:
    db, index = stored
    assert not any(row[1] == s.VISA_AGAIN.statement_id for row in rows(db))
    with changing(db, index):
        index.remove(s.VISA_KEY)
    assert any(row[1] == s.VISA_AGAIN.statement_id for row in rows(db))
    with changing(db, index):
        index.remove(s.VISA_AGAIN)
    assert {row[1] for row in rows(db)} & {s.VISA_AGAIN.statement_id} == set()


def test_removing_a_twin_that_has_no_rows_changes_nothing(stored) -> None:
    db, index = stored
    before = rows(db)
    with changing(db, index):
        index.remove(s.VISA_AGAIN)
    assert rows(db) == before


def test_what_waits_to_be_written_is_found(stored) -> None:
    db, index = stored
    before = rows(db)
    (value, *_) = hashes_of(s.STATEMENTS[0].title, s.HARBOUR)
    with unit(db):
        index.remove(s.HARBOUR_KEY)
        index.add(s.HARBOUR_KEY)
        assert rows(db) != before  # it is not written yet
        assert index.postings([value]) == {value: [s.HARBOUR_KEY]}
        assert rows(db) == before


def test_rows_are_written_together_in_the_order_of_the_index(stored, monkeypatch) -> None:
    db, index = stored
    db.execute("CREATE TEMP TABLE written (hash, statement_id)")
    db.execute(
        "CREATE TEMP TRIGGER note AFTER INSERT ON main.fingerprints"
        " BEGIN INSERT INTO written VALUES (new.hash, new.statement_id); END"
    )
    with changing(db, index):
        index.remove(s.HARBOUR_KEY)
        index.remove(s.GRANT_KEY)
        index.add(s.HARBOUR_KEY)
        index.add(s.GRANT_KEY)
    written = db.execute("SELECT hash, statement_id FROM written ORDER BY rowid").fetchall()
    assert written == sorted(written)
    assert {statement_id for _, statement_id in written} == {s.HARBOUR_KEY.statement_id, s.GRANT_KEY.statement_id}
    db.execute("DELETE FROM written")
    monkeypatch.setattr("scraper.store.fingerprints._MAX_WAITING", 5)
    with unit(db):
        index.remove(s.HARBOUR_KEY)
        index.add(s.HARBOUR_KEY)
        assert db.execute("SELECT count(*) FROM written").fetchone()[0] > 5  # so many do not wait


def test_nothing_stays_of_a_unit_that_failed(stored) -> None:
    db, index = stored
    before = rows(db)

    def fail() -> None:
        with changing(db, index):
            index.remove(s.HARBOUR_KEY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert rows(db) == before


def test_rebuilding_comes_to_the_same(stored) -> None:
    db, index = stored
    before = rows(db)
    with changing(db, index):
        db.execute("DELETE FROM fingerprints WHERE statement_id % 2 = 0")
        index.rebuild()
    assert rows(db) == before


def test_a_new_revision_makes_copies_of_the_old_one_outdated(stored) -> None:
    db, index = stored
    matcher, page = Matcher(index), PageToMatch(s.wrapped(s.HARBOUR_TITLE, s.HARBOUR))
    assert matcher.trace(page)[0].relation is Relation.VERBATIM
    revised = s.with_body(dict(s.revisions())[s.HARBOUR_KEY], s.HARBOUR.replace("$80 million", "$58 million"))
    with changing(db, index):
        s.store(db, RevisionKey(1, 2), revised)
        index.add(RevisionKey(1, 2))
    (match,) = matcher.trace(page)
    assert (match.key, match.relation, match.outdated) == (s.HARBOUR_KEY, Relation.VERBATIM, True)


def test_a_corrected_rendering_is_found_by_its_new_words(stored) -> None:
    db, index = stored
    with changing(db, index):
        index.remove(s.GRANT_KEY)
        db.execute("UPDATE revisions SET text = ? WHERE statement_id = 6", [s.GRANT.replace("5 p.m.", "5 pm")])
        index.add(s.GRANT_KEY)
    assert rows(db) >= {
        (value, *s.GRANT_KEY) for value in hashes_of(s.STATEMENTS[5].title, s.GRANT.replace("p.m", "pm"))
    }


def test_a_page_dated_like_its_statement_is_the_same_in_both(index) -> None:
    text = index.text(s.DAY_KEY)
    assert text.published_at == s.FIRST_DAY
    assert text.published_at + timedelta(0) == s.FIRST_DAY


class Misleading:
    """An index whose fingerprints lead to a statement that has none of the words."""

    def postings(self, hashes: Sequence[int]) -> dict[int, list[RevisionKey]]:
        return {each: [RevisionKey(1, 1)] for each in hashes}

    def sources(self, statement_ids: Collection[int]) -> dict[int, tuple[None, int]]:
        return dict.fromkeys(statement_ids, (None, 1))

    def same_words(self, digest: str) -> tuple[RevisionKey, ...]:
        return ()

    def text(self, key: RevisionKey) -> IndexedText:
        return next(text for other, text in s.revisions() if s.HARBOUR[:40] not in text.words.text)


def test_fingerprints_that_collide_are_no_match() -> None:
    assert Matcher(Misleading()).trace_all(PageToMatch(s.HARBOUR)) == ((), ())


class Common:
    """An index in which too many statements have every fingerprint."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def postings(self, hashes: Sequence[int]) -> dict[int, list[RevisionKey]]:
        self.asked.extend(hashes)
        return {each: [] for each in hashes}

    def same_words(self, digest: str) -> tuple[RevisionKey, ...]:
        return ()


@pytest.mark.parametrize("length", [8, 15, 200])
def test_of_a_short_passage_all_fingerprints_are_weighed_and_of_a_long_one_the_sample(length: int) -> None:
    """By chance none of a short one is in the sample, and no weight would look like proof."""
    index, text = Common(), " ".join(f"word{n}" for n in range(length))
    kept = fingerprints.winnow(fingerprints.all_hashes(Words(text).packed))
    weights = _Tracing(index, PageToMatch(text))._weights(kept)
    assert set(weights.values()) == {0.0}
    assert weights.keys() == (kept if length < 200 else kept & set(index.asked))
    assert len(index.asked) == len(set(index.asked))


def test_the_index_is_asked_once_for_each_run_of_a_page_whole_pages_and_quotations_together() -> None:
    index, page = Common(), Words(s.HARBOUR)
    assert Matcher(index).trace_all(PageToMatch(s.HARBOUR)) == ((), ())
    assert len(index.asked) == len(set(index.asked))
    assert set(index.asked) >= set(s.seeds(page)[: t.WINDOW_SHINGLES])
