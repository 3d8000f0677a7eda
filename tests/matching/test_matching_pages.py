"""Tests of the matcher with pages of other sites, over both indexes."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import match_support as s
import pytest
from match_support import wrapped

from scraper.matching import ClaimedSource, Match, Matcher, PageToMatch
from scraper.model import Grade, Relation


def only(matches: tuple[Match, ...]) -> Match:
    assert len(matches) == 1, [(m.key, m.relation) for m in matches]
    return matches[0]


def traced(matcher: Matcher, body: str, title: str = s.HARBOUR_TITLE) -> Match:
    return only(matcher.trace(PageToMatch(wrapped(title, body), title)))


def test_a_whole_copy_is_verbatim_with_its_spans(matcher: Matcher) -> None:
    page = wrapped(s.HARBOUR_TITLE, s.HARBOUR)
    match = only(matcher.trace(PageToMatch(page)))
    assert (match.key, match.relation, match.outdated) == (s.HARBOUR_KEY, Relation.VERBATIM, False)
    assert (match.coverage, match.fidelity, match.grade, match.differences) == (1.0, 1.0, None, ())
    (span,) = match.spans
    assert page[slice(*span.page)] == s.HARBOUR.rstrip(".")
    assert s.HARBOUR[slice(*span.statement)] == s.HARBOUR.rstrip(".")


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace("“", '"').replace("”", '"'),
        lambda body: re.sub(r"(?m)^(?=\S)", "“", body),
        lambda body: body.upper(),
        lambda body: body.replace("“", "\ufffd").replace("”", "\ufffd"),
        lambda body: body.replace("$80 million", "$80\u00a0million"),
        lambda body: body.replace("harbour", "har\u00adbour").replace("agreement", "agree\u200bment"),
    ],
    ids=["straight quotes", "quote marks", "capitals", "lost quotes", "no-break space", "soft hyphens"],
)
def test_typography_makes_no_alteration(matcher: Matcher, change) -> None:
    match = traced(matcher, change(s.HARBOUR))
    assert (match.key, match.relation, match.coverage) == (s.HARBOUR_KEY, Relation.VERBATIM, 1.0)
    assert match.grade in {None, Grade.COSMETIC}
    assert match.differences == ()


def test_lost_letters_are_damage_and_joined_words_the_same_words(tmp_path) -> None:
    body = s.REEF.replace("University", "Université").replace("eleven", "U.S. and eleven")
    index = s.indexed(tmp_path, (s.Stored("Reefs", (body,), s.FIRST_DAY),))
    damaged = body.replace("Université", "Universit\ufffd").replace("U.S.", "US")
    match = only(Matcher(index).trace(PageToMatch(damaged)))
    s.close(index)
    assert (match.relation, match.grade, match.coverage) == (Relation.VERBATIM, Grade.COSMETIC, 1.0)


def test_a_doubled_body_is_one_copy(matcher: Matcher) -> None:
    match = traced(matcher, f"{s.HARBOUR}\n\n{s.HARBOUR_TITLE}\n\n{s.HARBOUR}")
    assert (match.key, match.relation, match.coverage, match.fidelity) == (s.HARBOUR_KEY, Relation.VERBATIM, 1.0, 1.0)


def test_a_doubled_body_with_other_paragraphs_lost_in_each_half_is_whole(matcher: Matcher) -> None:
    first, *rest = s.REEF_REVISED.split("\n\n")
    match = traced(
        matcher, "\n\n".join([first, rest[0], "More", rest[0], rest[1]]), "Meeting of Experts on Cold Water Reefs"
    )
    assert (match.key, match.coverage) == (s.REEF_NEW, 1.0)
    assert match.relation in {Relation.VERBATIM, Relation.EXCERPT}


def test_furniture_between_paragraphs_is_no_alteration(matcher: Matcher) -> None:
    match = traced(matcher, s.HARBOUR.replace("\n\n", "\nAdvertisement\nRead more: Ten ways to cook rice\n"))
    assert (match.relation, match.coverage, match.fidelity) == (Relation.VERBATIM, 1.0, 1.0)


@pytest.mark.parametrize("tail", ["", "…", " [...]", " Read more", "\nRead more"])
def test_a_lead_is_an_excerpt(matcher: Matcher, tail: str) -> None:
    lead = " ".join(s.HARBOUR.split(" ")[:28])
    match = traced(matcher, lead + tail)
    assert (match.key, match.relation, match.fidelity) == (s.HARBOUR_KEY, Relation.EXCERPT, 1.0)
    assert 0.2 <= match.coverage <= 0.35


def test_lost_sentences_and_paragraphs_make_an_excerpt(matcher: Matcher) -> None:
    without = re.sub(r" The two also .*?hearing\.", "", s.HARBOUR, flags=re.DOTALL)
    assert traced(matcher, without).relation is Relation.EXCERPT
    paragraphs = s.HARBOUR.split("\n\n")
    match = traced(matcher, "\n\n".join([*paragraphs[:2], "[…]", paragraphs[3]]))
    assert (match.relation, match.fidelity) == (Relation.EXCERPT, 1.0)


def test_one_word_taken_out_is_an_alteration_and_minor(matcher: Matcher) -> None:
    match = traced(matcher, s.HARBOUR.replace("Tarvenia today signed", "Tarvenia signed"))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MINOR)
    assert [str(reason) for reason in match.differences] == ["words removed: today"]
    assert match.coverage > 0.98


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("$80 million", "$58 million", "amount: $80 million → $58 million"),
        ("may not be held", "may be held", "negation removed: not"),
        ("both sides will invest", "both sides may invest", "modal: will → may"),
        ("Captain Ilves", "Captain Odran", "name: Ilves → Odran"),
    ],
)
def test_material_alterations_are_reported(matcher: Matcher, before: str, after: str, reason: str) -> None:
    match = traced(matcher, s.HARBOUR.replace(before, after))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MATERIAL)
    assert reason in [str(difference) for difference in match.differences]


def test_a_sentence_put_in_is_an_alteration_and_a_whole_paragraph_moved_is_not(matcher: Matcher) -> None:
    added = s.HARBOUR.replace("her steady work. ", "her steady work. Critics call the whole deal a gift to smugglers. ")
    assert traced(matcher, added).relation is Relation.ALTERED
    paragraphs = s.HARBOUR.split("\n\n")
    match = traced(matcher, "\n\n".join([paragraphs[0], paragraphs[2], paragraphs[1], paragraphs[3]]))
    assert (match.relation, match.grade, match.coverage, match.differences) == (Relation.EXCERPT, None, 1.0, ())
    first, second = paragraphs[2].split("” ")[0].split(". ", 1)
    match = traced(matcher, s.HARBOUR.replace(f"{first}. {second}", f"{second} {first}."))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MATERIAL)


@pytest.mark.parametrize("seed", range(8))
def test_ten_percent_of_other_words_is_altered(matcher: Matcher, seed: int) -> None:
    rng = random.Random(seed)
    words = s.HARBOUR.split(" ")
    for at in rng.sample(range(len(words)), len(words) // 10):
        words[at] = rng.choice(["heron", "", f"{words[at]} slowly"])
    match = traced(matcher, " ".join(words))
    assert (match.key, match.relation) == (s.HARBOUR_KEY, Relation.ALTERED)
    assert 0.75 <= match.fidelity < 1


def test_three_on_a_page_are_each_found(matcher: Matcher) -> None:
    body = f"{s.HARBOUR}\n\nNational Day\n{s.YEAR_31}\n\nGrants\n{s.GRANT}"
    matches = matcher.trace(PageToMatch(wrapped("Releases of the week", body), "Releases of the week"))
    assert {(m.key, m.relation) for m in matches} == {
        (s.HARBOUR_KEY, Relation.VERBATIM),
        (s.DAY_KEY, Relation.VERBATIM),
        (s.GRANT_KEY, Relation.VERBATIM),
    }


def test_a_page_with_the_replaced_wording_is_outdated(matcher: Matcher) -> None:
    match = traced(matcher, s.REEF, "Meeting of Experts on Cold Water Reefs")
    assert (match.key, match.relation, match.outdated) == (s.REEF_OLD, Relation.VERBATIM, True)
    assert any("revision 1" in line for line in match.evidence)
    assert traced(matcher, s.REEF_REVISED).key == s.REEF_NEW


def test_a_part_that_both_wordings_have_is_of_the_one_that_stands(matcher: Matcher) -> None:
    match = traced(matcher, s.REEF.split("\n\n")[1], "Meeting of Experts on Cold Water Reefs")
    assert (match.key, match.relation) == (s.REEF_NEW, Relation.EXCERPT)


# Editions


@pytest.mark.parametrize("date", [None, s.FIRST_DAY + timedelta(days=366)])
@pytest.mark.parametrize("title", [None, s.DAY_TITLE])
def test_next_years_message_is_a_sibling(matcher: Matcher, title: str | None, date) -> None:
    match = only(matcher.trace(PageToMatch(wrapped(s.DAY_TITLE, s.YEAR_32), title, date)))
    assert (match.key, match.relation) == (s.DAY_KEY, Relation.SIBLING)


def test_last_years_text_under_this_years_address_is_last_years_statement(tmp_path) -> None:
    both = (
        s.Stored(DAY := s.DAY_TITLE, (s.YEAR_31,), s.FIRST_DAY),
        s.Stored(DAY, (s.YEAR_32,), s.FIRST_DAY + timedelta(days=366)),
    )
    index = s.indexed(tmp_path, both)
    claim = ClaimedSource("https://www.state.gov/statement-2/", DAY, s.FIRST_DAY + timedelta(days=366))
    match = only(
        Matcher(index).trace(PageToMatch(wrapped(DAY, s.YEAR_31), DAY, s.FIRST_DAY + timedelta(days=366), claim))
    )
    s.close(index)
    assert (match.key, match.relation, match.runner_up) == (s.RevisionKey(1, 1), Relation.VERBATIM, s.RevisionKey(2, 1))


def test_another_call_is_no_copy(matcher: Matcher) -> None:
    title = "Secretary Marlow’s Call with Corvantian Prime Minister Nuvolari"
    matches = matcher.trace(PageToMatch(wrapped(title, s.CALL_NUVOLARI), title))
    assert not any(match.relation.is_copy for match in matches)


def test_the_date_distinguishes_an_altered_copy_from_another_edition(matcher: Matcher) -> None:
    body = s.YEAR_31.replace("41st", "42nd")
    copy = only(matcher.trace(PageToMatch(wrapped(s.DAY_TITLE, body), None, s.FIRST_DAY + timedelta(hours=5))))
    other = only(matcher.trace(PageToMatch(wrapped(s.DAY_TITLE, body), None, s.FIRST_DAY - timedelta(days=365))))
    assert (copy.relation, other.relation) == (Relation.ALTERED, Relation.SIBLING)


def test_of_equal_statements_the_named_one_is_chosen_and_the_other_reported(matcher: Matcher) -> None:
    named = "Visa Restrictions for Undermining Elections in Sel – Corrected"
    match = only(matcher.trace(PageToMatch(wrapped(named, s.VISA), named, s.FIRST_DAY + timedelta(days=91))))
    assert (match.key, match.relation, match.runner_up) == (s.VISA_AGAIN, Relation.VERBATIM, s.VISA_KEY)
    first = only(matcher.trace(PageToMatch(s.VISA, None, s.FIRST_DAY + timedelta(days=5))))
    assert (first.key, first.runner_up) == (s.VISA_KEY, s.VISA_AGAIN)


def test_a_claim_names_a_twin(matcher: Matcher) -> None:
    for url, key in (
        ("https://2021-2025.state.gov/statement-8", s.VISA_AGAIN),
        ("https://www.state.gov/?p=5", s.VISA_KEY),
    ):
        assert only(matcher.trace(PageToMatch(s.VISA, claim=ClaimedSource(url)))).key == key


# Nothing


@pytest.mark.parametrize(
    "text", ["", " \n ", "…", "one", CHROME := s.CHROME_TOP + s.CHROME_BOTTOM, "the harbour " * 50]
)
def test_a_page_without_a_statement_matches_nothing(matcher: Matcher, text: str) -> None:
    assert matcher.trace(PageToMatch(text)) == ()


def test_titles_alone_carry_nothing(matcher: Matcher) -> None:
    listed = "\n".join(stored.title for stored in s.STATEMENTS)
    assert not any(match.relation.is_copy for match in matcher.trace(PageToMatch(listed, s.HARBOUR_TITLE)))


def test_a_short_statement_needs_its_title(matcher: Matcher) -> None:
    assert matcher.trace(PageToMatch(f"Yesterday in town\n{s.SHORT}\nMore news")) == ()
    named = only(matcher.trace(PageToMatch(wrapped("Arrival of Ambassador Quillon", s.SHORT))))
    assert (named.key, named.relation) == (s.SHORT_KEY, Relation.VERBATIM)


@pytest.mark.parametrize("is_given", [True, False])
def test_a_template_with_another_country_in_title_and_text_is_a_sibling(matcher: Matcher, is_given: bool) -> None:
    title, body = s.DAY_TITLE.replace("Tarvenia", "Corvantia"), s.YEAR_31.replace("Tarvenia", "Corvantia")
    page = PageToMatch(wrapped(title, body), title if is_given else None, s.FIRST_DAY + timedelta(days=2))
    match = only(matcher.trace(page))
    assert (match.key, match.relation) == (s.DAY_KEY, Relation.SIBLING)
