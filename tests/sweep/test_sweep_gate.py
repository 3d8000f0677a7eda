"""Tests of the gate: it admits all texts in which a trace finds something, and few others."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON
from sweep_support import FRENCH, NEWS, Known, html, pages, paragraphs, sentence, url_of

from scraper.matching import fingerprints
from scraper.matching import thresholds as t
from scraper.pipeline import page_matching
from scraper.sweep import shingles
from scraper.sweep.archive_pages import ArchivedPage
from scraper.sweep.gate import Gate, _packed
from scraper.sweep.hash_table import HASH_BITS, HashTable, bucket_bits, rows_of, sorted_pairs, text_key, unsigned
from scraper.sweep.index_format import COMMON
from scraper.sweep.scan import Scanner, text_of
from scraper.text.tokens import Words

KNOWN = [sentence(each * 40 + at * 3 + part) for each in range(12) for at in range(4) for part in range(3)]
WORDS = "bread council price evening church bakery Monday market rain ferry said that of the a to in it".split()


@pytest.fixture(scope="module")
def gate(made: Known) -> Gate:
    return Scanner(made.index).gate


def admits(gate: Gate, text: str) -> bool:
    return bool(gate.suspect(Words(text)))


def finds(made: Known, text: str) -> bool:
    done = page_matching.trace(made.index, page_matching.from_text("page", text))
    return bool(done.copies or done.quotations)


@given(st.sampled_from(KNOWN), st.lists(st.sampled_from(WORDS), max_size=60), st.lists(st.sampled_from(WORDS)))
def test_a_whole_sentence_is_never_lost(
    made: Known, gate: Gate, whole: str, before: list[str], after: list[str]
) -> None:
    text = f"{' '.join(before)}.\n{whole} {' '.join(after)}"
    assert finds(made, text)
    assert admits(gate, text)


@given(st.sampled_from(KNOWN), st.integers(0, 12), st.integers(t.QUOTED_WORDS, 12), st.booleans())
def test_a_quotation_in_quotation_marks_is_never_lost(
    made: Known, gate: Gate, whole: str, first: int, length: int, is_straight: bool
) -> None:
    words = whole.split()[first : first + length]
    mark = '""' if is_straight else "“”"
    text = f"Nobody on the council said {mark[0]}{' '.join(words)}{mark[1]} before the evening."
    if len(words) >= t.QUOTED_WORDS:
        assert admits(gate, text) or not finds(made, text)


@given(st.sampled_from(KNOWN), st.integers(0, 40), st.sampled_from(["bread", "not", "777", ""]))
def test_a_sentence_with_another_word_is_not_lost(made: Known, gate: Gate, whole: str, at: int, word: str) -> None:
    words = whole.split()
    words[at % len(words)] = word
    text = f"The council met.\n“{' '.join(filter(None, words))}”\nIt went home."
    assert admits(gate, text) or not finds(made, text)


def test_all_kinds_of_pages_and_no_other(made: Known, gate: Gate) -> None:
    for url, body in pages().items():
        page = ArchivedPage(url, NOON, body, "text/html")
        text = str(text_of(ArchivedPage(url, NOON, body, "text/html", response=object())))  # type: ignore[arg-type]
        # A translation shares no words: it is found by the URL that it names.
        assert admits(gate, text) == (finds(made, text) and not url.endswith("/fr")), url
        assert page.is_text
    for text in ("", "three words only", "\n".join(NEWS), "\n".join(FRENCH), html(*NEWS).decode()):
        assert not admits(gate, text)


@pytest.mark.parametrize(
    ("text", "is_admitted"),
    [
        # Eight words in a row are a sentence's, or follow its attribution, or stand in quotation marks.
        ("then farmers number 9 from Ondal will clear the old mill near Hollin, he thought at length of it", False),
        ("The minister said that {} yesterday in the evening.", True),
        ("According to the council: {}", True),
        ("As “{}” shows, the old council of the town has never met in the rain of that year.", True),
        ("{} That was all.", True),
    ],
)
def test_where_a_sentence_begins(gate: Gate, text: str, is_admitted: bool) -> None:
    part = " ".join(sentence(201).split()[:12])
    assert admits(gate, text.format(part)) is is_admitted


@given(st.text())
def test_words_are_packed_as_those_of_the_index(text: str) -> None:
    assert _packed(Words(text).quick_keys) == Words(text).packed


def test_runs_of_too_many_statements_are_of_any(made: Known) -> None:
    index = made.index.fingerprints
    rows = np.full_like(index.table.rows, COMMON)
    gate = Gate(index.runs, index.run_bits, HashTable(index.table.bits, index.table.starts, index.table.lows, rows))
    # A whole sentence of them is compared, a part of one is not, and neither is a copy.
    assert not gate.suspect(Words(KNOWN[0])).may_copy
    assert admits(gate, KNOWN[0])
    part = " ".join(KNOWN[0].split()[3:14])
    assert not admits(gate, f"The council met and {part} went home before the evening bell of the old church.")
    # Beside a run of few, they may be of the same statement.
    kept = fingerprints.guaranteed(fingerprints.all_hashes(Words(KNOWN[0]).packed))
    _, entries = index.table.matches(np.array(sorted(kept)[:1]))
    rows[entries] = index.table.rows[entries]
    assert admits(gate, f"“{part}”")


def test_a_set_of_runs_has_all_that_was_added() -> None:
    rng = random.Random(1)
    packed = fingerprints.pack([rng.getrandbits(62) for _ in range(5_000)])
    bits = shingles.bits_for(5_000)
    field = np.zeros(1 << (bits - 3), dtype=np.uint8)
    hashes = shingles.run_hashes(packed, bits)
    assert len(hashes) == 5_000 - t.SHINGLE_WORDS + 1
    shingles.add(field, hashes)
    assert shingles.contains(field, hashes).all()
    others = shingles.run_hashes(fingerprints.pack([rng.getrandbits(62) for _ in range(5_000)]), bits)
    assert shingles.contains(field, others).mean() < 0.15
    assert len(shingles.run_hashes(packed[:24], bits)) == 0
    assert (shingles.bits_for(1), shingles.bits_for(1 << 60)) == (shingles.MIN_BITS, shingles.MAX_BITS)


@given(st.lists(st.integers(-(1 << 47), (1 << 47) - 1), max_size=300), st.lists(st.integers(-(1 << 47), (1 << 47) - 1)))
def test_a_hash_table_finds_each_entry_and_no_other(hashes: list[int], others: list[int]) -> None:
    entries = sorted(hashes + hashes[::3])
    numbers, bits = np.array(entries, dtype=np.int64), bucket_bits(len(entries))
    low_bits = HASH_BITS - bits
    buckets = [value >> low_bits for value in unsigned(numbers).tolist()]
    starts = np.searchsorted(buckets, np.arange((1 << bits) + 1)).astype("<u4")
    lows = np.array([value & ((1 << low_bits) - 1) for value in unsigned(numbers).tolist()], dtype="<u4")
    table = HashTable.of(starts, lows, np.arange(len(entries)))
    asked = np.array([*hashes, *others], dtype=np.int64)
    queries, found = table.matches(asked)
    wanted = [
        (at, entry)
        for at, value in enumerate(asked.tolist())
        for entry in range(len(entries))
        if entries[entry] == value
    ]
    assert list(zip(queries.tolist(), found.tolist(), strict=True)) == wanted


def test_rows_of_a_text_keep_their_order() -> None:
    keys, rows = sorted_pairs([(text_key("b"), 3), (text_key("a"), 1), (text_key("b"), 2)])
    assert all(one <= other for one, other in pairwise(keys.tolist()))
    assert rows_of(keys, rows, text_key("b")) == [3, 2]
    assert rows_of(keys, rows, text_key("c")) == []
    assert url_of(1) != url_of(2)
    assert paragraphs(1) != paragraphs(2)
