"""Tests of the index file: it answers as the database does, is read-only, and names damage."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweep_support import Known, database, paragraphs, sentence, url_of

from scraper.errors import InputError
from scraper.matching import fingerprints
from scraper.matching.model import RevisionKey
from scraper.pipeline import page_matching
from scraper.pipeline.trace_rows import trace_row
from scraper.store import Store
from scraper.sweep import index_build, sections
from scraper.sweep.index_file import IndexFile
from scraper.text.tokens import Words


def keys(made: Known) -> list[RevisionKey]:
    return [RevisionKey(each, number) for each, number, *_ in made.store.index_rows.revisions()]


def test_texts_and_statements_are_those_of_the_database(made: Known) -> None:
    assert len(keys(made)) == 14
    for key in keys(made):
        ours, theirs = made.index.fingerprints.text(key), made.store.fingerprints.text(key)
        assert ours.words.text == theirs.words.text
        for name in ("title", "digest", "guid", "url", "published_at", "is_current"):
            assert getattr(ours, name) == getattr(theirs, name)
        same = made.store.fingerprints.same_words(theirs.digest)
        assert list(made.index.fingerprints.same_words(theirs.digest)) == same
        statement, stored = made.index.statements.by_id(key.statement_id), made.store.statements.by_id(key.statement_id)
        assert statement is not None
        assert stored is not None
        assert statement.title == stored.title
        assert (statement.first_seen_at, statement.last_seen_at) == (stored.first_seen_at, stored.first_seen_at)
    assert made.index.fingerprints.same_words("00" * 32) == []
    assert made.index.statements.by_id(99) is None
    with pytest.raises(KeyError):
        made.index.fingerprints.text(RevisionKey(1, 9))


def test_postings_and_sources_are_those_of_the_database(made: Known) -> None:
    hashes = {
        value for key in keys(made) for value in fingerprints.all_hashes(made.store.fingerprints.text(key).words.packed)
    }
    asked = [*hashes, 12345, -(1 << 47), (1 << 47) - 1]
    ours, theirs = made.index.fingerprints.postings(asked), made.store.fingerprints.postings(asked)
    assert list(ours.items()) == list(theirs.items())
    assert len(ours) > 800
    ids = [key.statement_id for key in keys(made)]
    assert made.index.fingerprints.sources([*ids, 99]) == made.store.fingerprints.sources([*ids, 99])


@given(st.lists(st.integers(-(1 << 47), (1 << 47) - 1), max_size=30))
def test_no_other_hash_is_found(made: Known, hashes: list[int]) -> None:
    assert made.index.fingerprints.postings(hashes) == made.store.fingerprints.postings(hashes)


@pytest.mark.parametrize(
    "url",
    [
        url_of(3),
        url_of(3).rstrip("/"),
        url_of(3).replace("https://www.", "http://"),
        "https://www.state.gov/?post_type=state_press_release&p=703",
        "https://www.state.gov/?p=703",
        "https://www.state.gov/?p=9999",
        "https://www.state.gov/",
        "https://www.state.gov/nothing/",
        "https://example.org/?p=703",
    ],
)
def test_a_url_finds_the_statements_that_the_database_finds(made: Known, url: str) -> None:
    found = [each.id for each in made.index.statements.by_url(url)]
    assert found == [each.id for each in made.store.statements.by_url(url)]
    assert bool(found) == ("www.state.gov/?" in url and "703" in url) or "works-of-3" in url


PAGES = st.lists(
    st.one_of(
        st.integers(0, 500).map(sentence),
        st.integers(0, 12).map(lambda each: "\n".join(paragraphs(each))),
        st.integers(0, 500).map(lambda each: f"“{sentence(each).replace('families', 'households')}”"),
        st.sampled_from([f"Source: {url_of(4)}", "Rain is expected until Friday.", "U.S. Department of State"]),
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(PAGES)
def test_a_trace_is_that_of_the_database(made: Known, parts: list[str]) -> None:
    target = page_matching.from_text("page", "\n".join(parts), url="https://gazette.example/page")
    rows = [trace_row(known, page_matching.trace(known, target)) for known in (made.index, made.store)]
    assert rows[0] == rows[1]


def test_a_hash_of_too_many_statements_has_no_list(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_build, "_ROWS_AT_A_TIME", 7)  # lists end within the entries of a hash
    monkeypatch.setattr(index_build.t, "COMMON_STATEMENTS", 1)
    store = Store(database(tmp_path))
    index_build.build(store, tmp_path / "few.index")
    index = IndexFile(tmp_path / "few.index")
    hashes = {*fingerprints.all_hashes(Words(" ".join(chain(*map(paragraphs, range(12))))).packed)}
    ours, theirs = index.fingerprints.postings([*hashes]), store.fingerprints.postings([*hashes])
    assert list(ours.items()) == list(theirs.items())
    assert [] in ours.values()
    store.close()


def test_one_database_gives_one_hash_and_a_poll_does_not_change_it(tmp_path) -> None:
    store = Store(database(tmp_path))
    first = index_build.build(store, tmp_path / "one.index")
    with store.unit():
        store.database.execute("UPDATE statements SET last_seen_at = '2027-01-01T00:00:00Z'")
    assert index_build.build(store, tmp_path / "two.index") == first
    with store.unit():
        store.database.execute("UPDATE statements SET title = 'Other works' WHERE id = 1")
    assert index_build.build(store, tmp_path / "two.index") != first
    store.close()


def test_an_empty_database_has_an_index(tmp_path) -> None:
    store = Store(tmp_path / "empty.db")
    index_build.build(store, tmp_path / "empty.index")
    index = IndexFile(tmp_path / "empty.index")
    assert index.fingerprints.postings([1, 2]) == {}
    assert index.statements.by_url(url_of(1)) == []
    assert page_matching.trace(index, page_matching.from_text("page", sentence(3))).matches == ()
    store.close()


def test_what_is_no_index_file_is_refused(made: Known, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made.file.read_bytes()
    made.index.sections.check()
    file = tmp_path / "damaged.index"
    for content in (b"", b"no index", whole[:40], whole[:-5], sections.MAGIC + b"\xff" * 20):
        file.write_bytes(content)
        with pytest.raises(InputError, match="no index file"):
            IndexFile(file)
    with pytest.raises(InputError, match="cannot be read"):
        IndexFile(tmp_path / "absent.index")
    file.write_bytes(whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:])
    with pytest.raises(InputError, match="damaged"):
        IndexFile(file).sections.check()
    monkeypatch.setattr("scraper.sweep.index_file.FORMAT", 2)
    with pytest.raises(InputError, match="of this version"):
        IndexFile(made.file)
