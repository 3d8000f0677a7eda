"""Tests of gaps between runs that are set by hand, for cases that whole pages seldom have."""

from __future__ import annotations

import pytest

from scraper.matching import IndexedText, classify, gaps, page_words
from scraper.matching.align import Alignment, Run
from scraper.matching.gaps import GapReading, WordChange
from scraper.matching.thresholds import MAX_DIFFERENCES
from scraper.model import Grade, Reason
from scraper.text.tokens import Words


def test_an_ellipsis_in_a_long_differing_part_marks_all_of_it_as_cut() -> None:
    source = Words(f"Lamp one {' '.join(f'word{n}' for n in range(70))} lamp two.")
    page = Words("Lamp one … and then lamp two.")
    reading = gaps.read(source, page, Alignment((Run(0, 0, 2), Run(72, 4, 2))))
    assert (reading.cut, reading.changes) == (70, [])
    assert reading.passages == [WordChange(0, 2, 0, 2), WordChange(72, 74, 4, 6)]


def test_a_last_word_that_lost_a_letter_is_typography() -> None:
    reading = gaps.read(Words("The lamps of Café"), Words("The lamps of Caf\ufffd"), Alignment((Run(0, 0, 3),)))
    assert (reading.same, reading.cut, reading.changes) == (1, 0, [])
    assert reading.passages == [WordChange(0, 4, 0, 4)]


def test_a_loss_that_can_be_moved_nowhere_stays_where_it_is() -> None:
    source, page = Words("lamp and lamp off"), Words("lamp off")
    reading = gaps.read(source, page, Alignment((Run(0, 0, 1), Run(3, 1, 1))))
    assert reading.changes == [WordChange(1, 3, 1, 1)]


def test_words_out_of_order_count_as_moved_unless_the_page_has_the_body_twice() -> None:
    source, page = Words("One lamp is lit. Two lamps are out."), Words("Two lamps are out. One lamp is lit.")
    chain, moved = (Run(0, 4, 4),), (Run(4, 0, 4),)
    place = WordChange(4, 8, 0, 4)
    once = gaps.read(source, page, Alignment(chain, moved))
    twice = gaps.read(source, page, Alignment(chain, moved, repeated=(Run(0, 4, 4),)))
    assert (once.moved, twice.moved) == ([place], [])
    assert place in once.passages
    assert place in twice.passages


def test_differences_are_bounded_and_those_far_apart_have_contexts_of_their_own() -> None:
    count, apart = 110, 60
    words = [f"word{n}" for n in range(count * apart)]
    other = [f"other{n}" if n % apart == 30 else word for n, word in enumerate(words)]
    changes = [WordChange(n, n + 1, n, n + 1) for n in range(30, len(words), apart)]
    reading = GapReading(changes, [WordChange(0, len(words), 0, len(words))])
    grade, reasons = gaps.differences(Words(" ".join(words)), Words(" ".join(other)), reading)
    assert grade is not None
    assert len(reasons) == MAX_DIFFERENCES


def test_a_change_that_no_reason_names_is_minor() -> None:
    reading = GapReading([WordChange(1, 2, 1, 2)], [WordChange(0, 3, 0, 3)])
    assert gaps.differences(Words("one lamp lit"), Words("one lamp lit"), reading) == (Grade.MINOR, ())


def test_a_passage_without_words_of_the_page_is_compared_with_nothing() -> None:
    reading = GapReading([WordChange(0, 2, 0, 0)], [WordChange(0, 2, 0, 0)])
    grade, reasons = gaps.differences(Words("never lit"), Words(""), reading)
    assert grade is Grade.MATERIAL
    assert reasons


def test_the_name_of_a_title_is_looked_for_among_all_changes() -> None:
    statement = IndexedText("Call with Minister Brandeis", Words("One call."), "")
    changes = [Reason("number", "1", "2"), Reason("name", "Isling", "Lunmouth"), Reason("name", "Brandeis", "Nuvolari")]
    title = "Call with Minister Nuvolari"
    assert classify._renamed(statement, title, changes) == "Brandeis → Nuvolari"
    assert classify._renamed(statement, title, changes[:2]) is None


def test_a_beginning_that_is_written_otherwise_is_the_same() -> None:
    source, page = Words("The U.S. lamps are lit"), Words("The US lamps are lit")
    reading = gaps.read(source, page, Alignment((Run(3, 2, 3),)))
    assert (reading.same, reading.cut, reading.changes) == (3, 0, [])
    assert reading.passages == [WordChange(0, 6, 0, 5)]


def test_a_sentence_after_a_label_is_found() -> None:
    page = Words("Read more. The keepers wait for lamps since the storm of last week. Home")
    assert page_words.has_sentence(page, 0, len(page))
    assert not page_words.has_sentence(page, 0, 8)


@pytest.mark.parametrize(
    ("label", "before", "after", "is_replaced"),
    [
        ("name", "Brandeis", "Nuvolari", True),
        ("date", "12 May", "13 May", True),
        ("name", "Foreign Minister", "Foreign not Minister", False),
        ("number", "one not month", "one month", False),
        ("name", "", "Nuvolari", False),
        ("words changed", "lamps", "boats", False),
    ],
)
def test_words_put_into_a_name_or_a_number_replace_none(label: str, before: str, after: str, is_replaced: bool) -> None:
    assert classify._replaces_name([Reason(label, before, after, Grade.MATERIAL)]) is is_replaced
