"""Quotations in news: which sentence of which wording, and what was altered; nothing without ground."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import match_support as support
import pytest
from match_support import FIRST_DAY, HARBOUR_KEY, REEF_NEW, REEF_OLD, VISA_AGAIN, VISA_KEY, Stored
from quotation_support import ADDED, AFTER, BEFORE, BERTHS, SHARED, THANKS, TWO, VOTERS, Counting, asked, found, quoted

from scraper.matching import Matcher, PageToMatch
from scraper.matching import thresholds as t
from scraper.matching.quotation_units import units
from scraper.matching.quotations import QuotationFinder
from scraper.model import Grade, Relation
from scraper.pages import QuotationVerdict
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.matching.model import Index


@pytest.mark.parametrize(
    "line",
    [
        f"“{VOTERS}”",
        f'"{VOTERS}" a spokesman said.',
        f"«{VOTERS}»",
        f"„{VOTERS}“",
        VOTERS,
        f"The Department said: {VOTERS}",
        f"The Department said that {VOTERS.replace('We stand', 'it stands').replace('with the voters', 'with voters')}",
        "“We stand with the observers who stayed at their tables through three nights,” the Secretary said on Friday, "
        "“and with the voters who came back.”",
        "“We stand with the observers … and with the voters who came back.”",
        "“[The United States] stand[s] with the observers who stayed at their tables through three nights”",
        "“He said ‘We stand with the observers who stayed at their tables through three nights’ to us.”",
    ],
)
def test_a_sentence_is_found_however_it_is_quoted(index: Index, line: str) -> None:
    quotations = found(index, line)
    assert [(each.key.statement_id, each.is_altered) for each in quotations] in ([(5, False)], [(8, False)])


def test_spans_are_the_words_of_both_texts(index: Index) -> None:
    (quotation,) = found(index, f"Officials were blunt. “{VOTERS}”")
    assert quoted(index, f"Officials were blunt. “{VOTERS}”") == [VOTERS.rstrip(".")]
    assert support.VISA[slice(*quotation.statement)] == VOTERS.rstrip(".")
    assert quotation.words == 20


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        (BERTHS.replace("$80", "$18"), "$80 million", "$18 million"),
        (BERTHS.replace("six years", "nine years"), "six", "nine"),
        (VOTERS.replace("We stand", "We do not stand"), "", "not"),
        ("They found that the losses of the last decade were twice as small as reported.", "large", "small"),
        ("Late proposals are often read, as everybody in these towns knows very well by now.", None, None),
    ],
)
def test_a_changed_word_is_an_alteration(index: Index, line: str, before: str | None, after: str | None) -> None:
    quotations = found(index, f"“{line}” he said.")
    if before is None:
        assert quotations == []
        return
    (quotation,) = quotations
    assert quotation.is_altered
    assert quotation.grade is Grade.MATERIAL
    assert any(before in reason.before and str(after) in reason.after for reason in quotation.reasons)


def test_the_wording_that_was_replaced_is_named(index: Index) -> None:
    old = "They found that the losses of the last decade were twice as large as reported."
    (was,) = found(index, f"“{old}”")
    (now,) = found(index, f"“{old.replace('twice', 'half')}”")
    assert (was.key, was.outdated, was.is_altered) == (REEF_OLD, True, False)
    assert (now.key, now.outdated, now.is_altered) == (REEF_NEW, False, False)


def test_of_two_statements_that_are_wholly_the_same_the_first_is_quoted(index: Index) -> None:
    # Their words are one cluster, of which the first is indexed.
    (early,) = found(index, f"“{VOTERS}”", FIRST_DAY + timedelta(days=10))
    assert (early.key, early.others) == (VISA_KEY, ())
    assert VISA_AGAIN.statement_id not in early.others


@pytest.mark.parametrize(("days", "statement"), [(None, 1), (-30, 1), (10, 1), (50, 1), (70, 2)])
def test_of_two_texts_with_one_sentence_the_last_before_the_page_is_quoted(
    tmp_path: Path, days: int | None, statement: int
) -> None:
    (tmp_path / "two").mkdir()
    index = support.indexed(tmp_path / "two", TWO)
    try:
        date = None if days is None else FIRST_DAY + timedelta(days=days)
        (one,) = found(index, f"“{SHARED}”", date)
    finally:
        support.close(index)
    # The third statement has half of the sentence only.
    assert (one.key.statement_id, one.others) == (statement, (3 - statement,))


def test_a_sentence_is_found_in_a_long_text_that_has_its_runs_elsewhere(tmp_path: Path) -> None:
    """A run of four words is no place: the sentence is where most of its words are."""
    said = "Our pilots will share their charts with the coast guard in the coming winter."
    others = "Our pilots will share their meals. Nobody spoke with the coast guard in the coming winter of that year."
    (tmp_path / "one").mkdir()
    body = f"{others}\n\n{support.HARBOUR}\n\n{said}\n\n{support.VISA}\n\n{others}"
    index = support.indexed(tmp_path / "one", (Stored("Briefing", (body,), FIRST_DAY),))
    try:
        (altered,) = found(index, f"“{said.replace('charts', 'quarrels')}”")
        assert [(reason.before, reason.after) for reason in altered.reasons][:1] == [("charts", "quarrels")]
        assert body[slice(*altered.statement)] == said.rstrip(".")
    finally:
        support.close(index)


def test_of_sentences_that_differ_in_their_last_word_the_right_one_is_quoted(tmp_path: Path) -> None:
    towns = "Sel Morn Isling Lunmouth Corvantia Grelandia Tarn Wexley Orrin Balmere Dunwick Essel".split()
    sentences = [f"The United States will always stand with the brave people of {town}." for town in towns]
    (tmp_path / "many").mkdir()
    stored = (Stored(f"Day {at}", (each,), FIRST_DAY + timedelta(days=at)) for at, each in enumerate(sentences))
    index = support.indexed(tmp_path / "many", tuple(stored))
    try:
        for at, sentence in enumerate(sentences):
            for date in (None, FIRST_DAY, FIRST_DAY + timedelta(days=40)):
                (one,) = found(index, f"“{sentence}”", date)
                assert (one.key.statement_id, one.is_altered, one.others) == (at + 1, False, ())
    finally:
        support.close(index)


@pytest.mark.parametrize(
    "line",
    [
        "It was long ago that the observers who stayed at their tables were few.",  # six words in a row, no marks
        "A guest of the house said the observers who stayed at their tables were few.",
        "We stand with the observers who stayed at their tables through three nights, as several other countries do.",
    ],
)
def test_a_part_of_a_bare_sentence_is_a_quotation_only_if_it_is_long_and_rare(index: Index, line: str) -> None:
    quotations = found(index, line)
    assert all(each.words >= t.PART_WORDS and not each.is_altered for each in quotations)
    assert len(quotations) == ("through three nights" in line)


def test_other_statements_of_a_joined_quotation_have_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    index = support.indexed(tmp_path / "two", TWO)
    try:
        (joined,) = found(index, f"“{SHARED} Nothing more was agreed between the envoys.”")
        assert (joined.key.statement_id, joined.others) == (1, ())
    finally:
        support.close(index)


def test_an_added_word_is_an_alteration_only_beside_a_quotation_word_for_word(index: Index) -> None:
    assert found(index, ADDED) == []
    both = found(index, f"{ADDED} a guest read aloud from the paper that lay on all tables.\n{THANKS}")
    assert [each.is_altered for each in both] == [True, False]


def test_parts_in_another_order_are_not_one_quotation(index: Index) -> None:
    line = "“and with the voters who came back … We stand with the observers who stayed at their tables”"
    assert all(each.statement[0] < each.statement[1] for each in found(index, line))


def test_quotations_far_apart_in_either_text_stay_two(index: Index) -> None:
    one, other = (f"“{each}.”" for each in support.VISA.split("\n\n")[1].rstrip(".").split(". "))
    filler = "Boats lay idle along the whole pier and nobody cared to say why they did not leave. " * 3
    assert len(found(index, f"{one} said one.\n{filler}\n{other}")) == 2
    first, last = support.VISA.split(". ")[0], support.VISA.rstrip(".").split(". ")[-1]
    assert len(found(index, f"“{first}.” “{last}.”")) == 2


def test_an_altered_sentence_is_not_joined_to_its_neighbour(index: Index) -> None:
    one, other = support.VISA.split("\n\n")[1].rstrip(".").split(". ")
    said = found(index, f"“{one}. {other.replace('We stand', 'We do not stand')}.”")
    assert [each.is_altered for each in said] == [False, True]


@pytest.mark.parametrize(
    "line", [f"The Department said: {VOTERS}", f"The Department said that {VOTERS}", f"“{VOTERS}”, a guest said."]
)
def test_an_attribution_is_no_part_of_the_quotation(index: Index, line: str) -> None:
    assert quoted(index, line) == [VOTERS.rstrip(".")]


def test_a_word_of_the_sentence_before_is_none_of_the_quotation(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    sentence = "Secretary Marlow spoke today with Tarvenian Foreign Minister Oska Brandeis"
    body = f"Nobody slept in the port. {sentence}. They discussed the harbour."
    index = support.indexed(tmp_path / "one", (Stored("Call", (body,), FIRST_DAY),))
    try:
        assert quoted(index, f"A witness near that port {sentence}.") == [sentence]
    finally:
        support.close(index)


START = "We stand with the observers who stayed at their tables"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{START} through…", f"{START} through"),
        (f"{START} thro...", START),  # the last word is cut, too
        (f"{START} through […]", f"{START} through"),
        (f"{START} thr… Read More »", START),
        (f"{START} Continue reading", START),
        (f"{START} Read more", START),
        (f"{START} Read the full story.", START),
    ],
)
def test_a_sentence_that_a_site_cuts_short_is_a_quotation(index: Index, line: str, expected: str) -> None:
    assert quoted(index, line) == [expected]
    assert not any(each.is_altered for each in found(index, line))


def test_a_sentence_that_is_cut_short_is_found_once_when_a_person_asks(index: Index) -> None:
    words = Words(f"{START} thro...")
    (one,) = QuotationFinder(index).find(words, b"\1" * len(words), None, is_asked=True)
    assert (one.verdict, one.words) == (QuotationVerdict.VERBATIM, 10)


LONG = (
    "We thank the pilots, the crews of both tugs and the families on the island, who kept their doors open and their "
    "lamps lit in every night of a winter that no one there will forget."
)


@pytest.mark.parametrize(("words", "is_found"), [(t.UNENDED_WORDS - 1, False), (t.UNENDED_WORDS, True), (33, True)])
def test_a_line_without_an_end_is_a_headline_unless_it_is_long(tmp_path, words: int, is_found: bool) -> None:
    index = support.indexed(tmp_path, (Stored("Winter", (LONG,), FIRST_DAY),))
    line = " ".join(LONG.split(" ")[:words])
    assert quoted(index, f"Ferry news\n{line}\nTickets and times") == [line] * is_found
    support.close(index)


@pytest.mark.parametrize(
    "line",
    [
        f"Both sides will invest $80 million over six years, and the first of nine berths opens in March 20{end}"
        for end in ("…", "...", " […]", " Read More", " Continue reading")
    ],
)
def test_a_teaser_is_never_accused(index: Index, line: str) -> None:
    assert not any(each.is_altered for each in found(index, line))


@pytest.mark.parametrize("word", ["Facebook", "Source", "Media", "Next"])
def test_a_sentence_may_end_in_the_name_of_a_network(tmp_path: Path, word: str) -> None:
    (tmp_path / "one").mkdir()
    body = f"Nothing else is known. He spoke for an hour to all citizens in a live broadcast on {word}. All went home."
    index = support.indexed(tmp_path / "one", (Stored("Broadcast", (body,), FIRST_DAY),))
    try:
        said = body.split(". ")[1] + "."
        assert quoted(index, said) == [said.rstrip(".")]
        (altered,) = found(index, said.replace(word, "Telegram"))
        assert altered.is_altered
    finally:
        support.close(index)


@pytest.mark.parametrize(
    ("statement", "line", "is_altered"),
    [
        # The words stand in capitals, and again in small letters where the rest of the sentence is another.
        (
            "DO NOT TRAVEL TO TARVENIA DUE TO CRIME, TERRORISM, AND ARMED CONFLICT."
            + " Lamps burn all night at the piers." * 12
            + " Crime, terrorism and armed conflict are common. Tarvenia restricts travel.",
            "“Do not travel to Tarvenia due to crime, terrorism, and civil conflict.”",
            True,
        ),
        (
            "All of Na\u00adto and all of its friends may go in." + " Lamps burn all night." * 12 + " A senator spoke.",
            "“All of Nato and all of its friends can go in.”",
            True,
        ),
        (
            "We will act to keep all here sa\u00adfe. The rest is silence.",
            "“We will act to keep all here safe.”",
            False,
        ),
    ],
)
def test_a_sentence_is_found_however_the_statement_writes_it(
    tmp_path: Path, statement: str, line: str, is_altered: bool
) -> None:
    (tmp_path / "one").mkdir()
    index = support.indexed(tmp_path / "one", (Stored("Advice", (statement,), FIRST_DAY),))
    try:
        assert [each.is_altered for each in found(index, line)] == [is_altered]
    finally:
        support.close(index)


@pytest.mark.parametrize(
    "following", ["The Secretary and the guest discussed the harbour.", "They discussed the harbour."]
)
@pytest.mark.parametrize(
    "said", ["the Department said", "the spokesperson said", "the Department of State said", "the Department states"]
)
def test_an_attribution_that_begins_as_the_next_sentence_is_none_of_its_words(
    tmp_path: Path, following: str, said: str
) -> None:
    (tmp_path / "one").mkdir()
    sentence = "Secretary Marlow spoke today with Tarvenian Foreign Minister Oska Brandeis"
    index = support.indexed(tmp_path / "one", (Stored("Call", (f"{sentence}. {following}",), FIRST_DAY),))
    try:
        assert quoted(index, f"{sentence}, {said}.") == [sentence]
        assert not any(each.is_altered for each in found(index, f"{sentence}, {said}."))
    finally:
        support.close(index)


@pytest.mark.parametrize("end", ["", " more", " Marlow"])
def test_a_line_without_an_end_is_a_headline(index: Index, end: str) -> None:
    assert quoted(index, f"{START} through{end}") == []


def test_an_attribution_behind_it_is_no_part_of_the_quotation(index: Index) -> None:
    assert quoted(index, f"{VOTERS.rstrip('.')}, the Department said.") == [VOTERS.rstrip(".")]


def test_a_mark_of_a_cut_excuses_what_was_cut_there_only(index: Index) -> None:
    (cut,) = found(index, f"“{VOTERS.replace(' through three nights', ' …')}”")
    assert not cut.is_altered
    elsewhere = VOTERS.replace("through three nights", "…").replace("who came", "who never came")
    (altered,) = found(index, f"“{elsewhere}”")
    assert altered.is_altered


def test_a_sentence_with_many_other_words_is_another_one(index: Index) -> None:
    other = VOTERS.replace("observers", "gardeners").replace("tables", "orchards").replace("voters", "bakers")
    said = found(index, f"{THANKS}\n“{other.replace('three', 'nine')}”")
    assert [each.is_altered for each in said] == [False]


def test_sentences_that_follow_each_other_are_one_quotation(index: Index) -> None:
    line = support.VISA.split("\n\n")[1]
    (quotation,) = found(index, f"“{line}”")
    assert quotation.words == 30
    assert support.VISA[slice(*quotation.statement)] == line.rstrip(".")


@pytest.mark.parametrize(
    "line",
    [
        # Other sentences of the same kind.
        "“On behalf of the Government of the Kingdom of Sel, I congratulate the people of Corvantia today.”",
        "“Secretary Marlow spoke today with Grelandian Foreign Minister Ottoline Fairweather about the weather.”",
        "“The agreement enters into force once the assembly of the islands has approved every page of it.”",
        "The two also discussed the release of prisoners, the price of fish, and a long list of older quarrels.",
        "“Our fishermen”",
        "a b c d e f g h i j k l m n o p",
    ],
)
def test_nothing_is_said_of_a_sentence_that_no_statement_has(index: Index, line: str) -> None:
    assert found(index, line) == []


def test_a_denial_is_no_quotation(index: Index) -> None:
    assert found(index, f"It is not true that {BERTHS}.") == []


def test_words_that_a_copy_explains_are_not_searched(index: Index) -> None:
    words = Words(f"{BEFORE}“{VOTERS}”{AFTER}")
    assert QuotationFinder(index).find(words, bytearray(len(words)), None) == ()


def test_a_long_page_of_marks_takes_time_in_proportion(index: Index) -> None:
    for mark in ("“”", "“", "”", '"', "[", "…", "‘’", "a: B"):
        words = Words(f"{mark} word " * 20_000)
        assert len(list(units(words, bytearray(b"\1" * len(words))))) <= len(words)
    assert quoted(index, "“" * 1000 + VOTERS + "”" * 1000) == [VOTERS.rstrip(".")]


def test_a_page_of_resembling_sentences_reads_a_limited_number_of_texts(index: Index) -> None:
    counting = Counting(index)
    sentences = (
        f"“The boats of pier {number} will leave the harbour of Port Isling in March.”" for number in range(3_000)
    )
    words = Words(f"“{VOTERS}”\n" + "\n".join(sentences))
    quotations = QuotationFinder(counting).find(words, bytearray(b"\1" * len(words)), None)  # type: ignore[arg-type]
    assert [each.key for each in quotations] == [VISA_KEY]
    assert counting.texts <= t.MAX_QUOTE_TEXTS + t.QUOTED_CANDIDATES + t.EXACT_CANDIDATES


def test_the_statement_is_found_again_after_its_index_is_rebuilt(index: Index) -> None:
    assert [each.key for each in found(index, f"The Department was clear. “Under it, {BERTHS}.”")] == [HARBOUR_KEY]


def test_a_text_that_shares_scattered_words_with_a_statement_may_quote_it(index: Index) -> None:
    words = support.HARBOUR.split()
    other = [f"zork{at}" if at % 17 > 7 else word for at, word in enumerate(words)]
    matches, quotations = Matcher(index).trace_all(PageToMatch(f"{' '.join(other)}.\nHe added: “{BERTHS}.”"))
    assert [match.relation for match in matches] == [Relation.SIBLING]
    assert [(each.key, each.is_altered) for each in quotations] == [(HARBOUR_KEY, False)]


@pytest.mark.parametrize(
    ("before", "after", "verdict", "reasons"),
    [
        ("We stand", "They stand", "fitted", ["words changed: We → They"]),
        ("We stand", "We stood", "fitted", ["words changed: stand → stood"]),
        ("the observers", "observers", "fitted", ["words removed: the"]),
        (" who stayed at their tables", "", "fitted", ["words removed: who stayed at their tables"]),
        ("three", "3", "fitted", ["same number, written otherwise: three → 3"]),
        ("nights, and", "nights — and", "verbatim", []),
        (" through three nights", " …", "verbatim", []),
        ("three", "nine", "altered", ["number: three → nine"]),
    ],
)
def test_every_difference_of_words_is_named(
    index: Index, before: str, after: str, verdict: str, reasons: list[str]
) -> None:
    (quotation,) = found(index, f"The Department said: {VOTERS.replace(before, after, 1)}")
    assert (quotation.verdict, list(map(str, quotation.reasons))) == (verdict, reasons)
    assert quotation.is_spelling is (after == "3")
    assert quotation.grade is (None if verdict == "verbatim" else quotation.reasons[0].grade)


def test_a_changed_modal_verb_is_an_alteration_unless_it_is_reported_speech(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    said = "The funds will rebuild eleven locks, deepen the harbor, and train river pilots of the valley."
    index = support.indexed(tmp_path / "one", (Stored("River", (f"All met. {said} All left.",), FIRST_DAY),))
    try:
        for modal, verdict in (("would", "fitted"), ("shall", "altered"), ("may", "altered"), ("must", "altered")):
            (quotation,) = found(index, f"The Department said: {said.replace('will', modal)}")
            assert (quotation.verdict, list(map(str, quotation.reasons))) == (verdict, [f"modal: will → {modal}"])
    finally:
        support.close(index)


def test_a_joined_quotation_has_the_differences_of_its_parts(index: Index) -> None:
    one, other = support.VISA.split("\n\n")[1].rstrip(".").split(". ")
    (fitted,) = found(index, f"“{one}. {other.replace('the observers', 'observers')}.”")
    assert (fitted.verdict, fitted.is_spelling, len(fitted.reasons)) == ("fitted", False, 1)
    (spelled,) = found(index, f"“{one}. {other.replace('three', '3')}.”")
    assert (spelled.verdict, spelled.is_spelling) == ("fitted", True)
    assert support.VISA[slice(*spelled.statement)] == f"{one}. {other}"


@pytest.mark.parametrize(
    ("sentence", "verdict", "reasons"),
    [
        (VOTERS.replace("the observers", "the brave observers"), "similar", ["words added: brave"]),
        (VOTERS.replace(", and", " and also"), "similar", ["words added: also"]),
        (VOTERS.replace("voters", ""), "similar", ["words removed: voters"]),
        (VOTERS.replace("stayed", "slept").replace("came", "ran"), "similar", ["words changed: stayed → slept"]),
        (VOTERS.replace("three", "nine"), "altered", ["number: three → nine"]),
        (VOTERS, "verbatim", []),
        ("Supper was served late on the old pier of the smallest town.", None, []),
        ("The lamps of the town were lit by the observers who stayed away.", None, []),
    ],
)
def test_a_person_who_asks_learns_of_the_nearest_sentence(
    index: Index, sentence: str, verdict: str | None, reasons: list[str]
) -> None:
    answers = asked(index, sentence)
    assert [each.verdict for each in answers] == ([verdict] if verdict else [])
    assert [str(reason) for each in answers for reason in each.reasons][: len(reasons)] == reasons
    assert not any(each.is_altered for each in found(index, f"“{sentence}”")) or verdict == "altered"
