"""Search for a quoted sentence: which statements are read and cut into words, and at which places they are compared."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import match_support as support
import pytest
from match_support import FIRST_DAY, VISA_KEY, Stored
from quotation_support import SHARED, TWO, VOTERS, Counting, found, quoted

from scraper.matching import fingerprints
from scraper.matching import thresholds as t
from scraper.matching.model import RevisionKey
from scraper.matching.quotation_alignment import shared_blocks
from scraper.matching.quotation_units import units
from scraper.matching.quotations import _starts
from scraper.store.fingerprints import Fingerprints
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scraper.matching.model import Index

START = "We stand with the observers who stayed at their tables"


def hashes_of(text: str) -> list[int]:
    return fingerprints.all_hashes(fingerprints.pack(Words(text).ids))


class Limited(Counting):
    """Index that counts the texts that are read; too many statements have the runs in `common`."""

    def __init__(self, index: Index, common: Sequence[int] = ()) -> None:
        super().__init__(index)
        self.common = set(common)
        self.more: dict[int, list[RevisionKey]] = {}

    def postings(self, hashes: Sequence[int]) -> dict[int, list[RevisionKey]]:
        known = self._index.postings(hashes)
        return {value: [] if value in self.common else list(keys) for value, keys in known.items()} | self.more


def test_a_sentence_with_a_cut_is_quoted_from_the_last_statement_before_the_page(tmp_path: Path) -> None:
    index = support.indexed(tmp_path, TWO)
    try:
        (one,) = found(index, f"“{SHARED.replace('one chart', '…')}”", FIRST_DAY + timedelta(days=70))
        assert one.key.statement_id == 2
    finally:
        support.close(index)


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_runs_that_too_many_statements_have_decide_nothing(tmp_path: Path, kept: int) -> None:
    index = support.indexed(tmp_path, TWO)
    try:
        sure = sorted(fingerprints.guaranteed(hashes_of(SHARED)))
        other = next(value for value in hashes_of(SHARED) if value not in sure)
        limited = Limited(index, sure[kept:])
        limited.more = {other: [RevisionKey(1, 1), RevisionKey(2, 1)]}
        (one,) = found(limited, f"“{SHARED}”", FIRST_DAY + timedelta(days=70))  # type: ignore[arg-type]
        assert (one.key.statement_id, limited.texts) == (2, 2)  # and the other one that has the sentence
    finally:
        support.close(index)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        (f"“{SHARED}”", 2),  # the third statement, nearest before the page, has half of the sentence only
        # Each is aligned once, and none looked through before; then both that have State's words are read.
        (f"“{SHARED.replace('northern', 'southern')}”", 5),
    ],
)
def test_a_text_that_lacks_a_run_of_a_sentence_is_not_read(tmp_path: Path, line: str, texts: int) -> None:
    index = support.indexed(tmp_path, TWO)
    try:
        limited = Limited(index)
        assert len(found(limited, line, FIRST_DAY + timedelta(days=10))) == 1  # type: ignore[arg-type]
        assert limited.texts == texts
    finally:
        support.close(index)


def test_an_altered_sentence_of_stock_phrases_is_found_by_its_other_words(index: Index) -> None:
    known = [value for value in hashes_of(VOTERS) if value in index.postings(hashes_of(VOTERS))]
    limited = Limited(index, known[1:-1])
    (altered,) = found(limited, f"“{VOTERS.replace('three', 'nine')}”")  # type: ignore[arg-type]
    assert altered.is_altered


def test_a_statement_is_cut_into_words_only_if_it_may_have_the_sentence(index: Index) -> None:
    fresh = Fingerprints(index._db)  # type: ignore[attr-defined]
    limited = Limited(fresh)
    known, hashes = fresh.postings(hashes_of(VOTERS)), hashes_of(VOTERS)
    at = next(at for at, value in enumerate(hashes) if value in known)
    run = " ".join(Words(VOTERS).keys[at : at + t.SHINGLE_WORDS])
    assert found(limited, f"“Ladders leaned near {run} whose lamps burned late.”") == []  # type: ignore[arg-type]
    assert limited.texts >= 1
    assert "keys" not in vars(fresh.text(VISA_KEY).words)


def test_only_the_statement_with_all_words_is_cut_into_words(tmp_path: Path) -> None:
    names = "Sel Morn Isling Lunmouth Corvantia Grelandia Tarn Wexley Orrin Balmere Dunwick Ravik".split()
    sentences = [f"The United States will always stand with the brave people of {name}." for name in names]
    index = support.indexed(tmp_path, tuple(Stored(each, (each,), FIRST_DAY) for each in sentences))
    try:
        for sentence in sentences:
            fresh = Fingerprints(index._db)
            found(fresh, f"“{sentence}”")
            cut = [at for at in range(12) if "keys" in vars(fresh.text(RevisionKey(at + 1, 1)).words)]
            assert cut == [sentences.index(sentence)]
    finally:
        support.close(index)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("", "Share their quarrels with.", "quarrels"),  # the changed word makes a run that stands elsewhere
        # Elsewhere are most of its runs, but not most of its words.
        ("They drew charts never with the coast guard in the coming winter.", "", "charts never"),
    ],
)
def test_a_sentence_is_where_most_of_its_words_are(tmp_path: Path, before: str, after: str, changed: str) -> None:
    said = "Our pilots will share their charts with the coast guard in the coming winter."
    body = "\n\n".join(filter(None, (before, support.HARBOUR, said, support.VISA, after)))
    index = support.indexed(tmp_path, (Stored("Briefing", (body,), FIRST_DAY),))
    try:
        (altered,) = found(index, f"“{said.replace('charts', changed)}”")
        assert body[slice(*altered.statement)] == said.rstrip(".")
    finally:
        support.close(index)


def test_starts_of_a_unit_are_apart_from_each_other() -> None:
    packed = fingerprints.pack([1] * 12 + [9] * 20 + [1] * 4)
    assert _starts(packed, [(0, fingerprints.pack([1] * 4))], 6) == [0, 7, 32]
    # Of a run that stands everywhere, the first places are examined.
    assert _starts(fingerprints.pack([1] * 60), [(0, fingerprints.pack([1] * 4))], 6) == [0, 7, 14]
    assert t.QUOTE_REPEATS == 16


def test_words_after_a_long_cut_are_examined(index: Index) -> None:
    line = VOTERS.replace(", and with the voters", " …").replace("three", "nine")
    (altered,) = found(index, f"“{line}”")
    assert support.VISA[slice(*altered.statement)] == VOTERS.rstrip(".")


def test_shared_words_stand_together_where_they_can() -> None:
    source = Words("stand with the observers and with the voters")
    assert shared_blocks(Words("stand with the voters").ids, source, 0, 8) == [(5, 1, 3)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("The Department said that nothing more was agreed between the envoys.", []),
        ("“Nothing more was agreed between our envoys.”", [7]),
        ("The Department said that supper was served late on the old pier.", [8]),
    ],
)
def test_a_bare_part_needs_eight_words(tmp_path: Path, line: str, words: list[int]) -> None:
    texts = "Nothing more was agreed between the envoys. Supper was served late on the old pier."
    index = support.indexed(tmp_path, (Stored("Talks", (texts,), FIRST_DAY),))
    try:
        assert [each.words for each in found(index, line)] == words
    finally:
        support.close(index)


@pytest.mark.parametrize(
    ("after", "is_found"),
    [
        (", the Department said.", True),
        (" the Department said.", False),
        (", as several other countries do.", False),
        (", the old porter of the smallest inn in the town said today.", True),  # twelve words
        (", the old porter of the smallest inn in the town said on Monday.", False),
        (" through, the old porter of the smallest inn in the town said on Monday.", False),
    ],
)
def test_an_attribution_in_the_middle_of_a_sentence_is_set_off_and_short(
    index: Index, after: str, is_found: bool
) -> None:
    assert quoted(index, f"{START}{after}") == [START] * is_found


def test_the_last_word_of_a_sentence_is_no_call() -> None:
    page = Words("The Secretary posted the names of the nine persons on Twitter.")
    assert [len(unit.words) for unit in units(page, b"\1" * len(page))] == [len(page)]


def test_all_other_statements_with_the_sentence_are_named(tmp_path: Path) -> None:
    words = [a + b for a in ("ba", "ke", "li", "mo", "nu") for b in ("dor", "fen", "gal", "hum")]
    bodies = [
        f"{' '.join(words[at:] + words[:at]).capitalize()}. {SHARED} {' '.join(words[::-1][at:]).capitalize()}."
        for at in range(8)
    ]
    index = support.indexed(tmp_path, tuple(Stored(f"Day {at}", (each,), FIRST_DAY) for at, each in enumerate(bodies)))
    try:
        (one,) = found(index, f"“{SHARED}”")
        assert sorted((one.key.statement_id, *one.others)) == list(range(1, 9))
    finally:
        support.close(index)


def test_the_number_of_other_statements_that_are_read_is_limited(tmp_path: Path) -> None:
    """Sentences of dozens of statements must not cost a page dozens of texts each."""
    bodies = [f"{SHARED} Lamp {at} burned low. All went home by boat {at}." for at in range(60)]
    index = support.indexed(tmp_path, tuple(Stored(f"Day {at}", (each,), FIRST_DAY) for at, each in enumerate(bodies)))
    try:
        limited = Limited(index)
        assert len(found(limited, "\n".join([f"“{SHARED}” one said."] * 20))[0].others) == 59  # type: ignore[arg-type]
        assert limited.texts <= t.MAX_OTHER_TEXTS + 20 * t.EXACT_CANDIDATES
    finally:
        support.close(index)


def test_a_sentence_that_a_copy_explains_in_part_is_a_unit() -> None:
    page = Words(VOTERS)
    assert [unit.is_explained for unit in units(page, b"\0" * 5 + b"\1" * (len(page) - 5))] == [True]
