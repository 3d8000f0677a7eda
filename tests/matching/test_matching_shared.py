"""Tests of words that prove nothing: standing paragraphs, text of several statements, quotations in both texts."""

from __future__ import annotations

from contextlib import contextmanager

import match_support as s
import pytest
from bounded import bounded

from scraper.matching import Matcher, PageToMatch, evidence
from scraper.model import Relation
from scraper.text.tokens import Words

VOLCANO = (
    "The Department today lifted its advice against travel to the northern islands of Tarvenia after the volcano fell "
    "silent."
)
CONSULATE = "The Department today opened a consulate in the old customs house of Port Isling, its first on that coast."
FLOOD = "The Department today closed its office in Sel because of the flood and moved its staff to Lunmouth."
TRAVEL = (
    "U.S. citizens in Tarvenia are encouraged to enroll in the program for travelers, to follow the Embassy on its "
    "channels, and to keep a passport that is valid for six months beyond the day of return. The consular section in "
    "Port Isling answers calls at all hours."
)
LEGAL = (
    "Pursuant to Executive Order 13818, all assets of the persons named in this notice that come within the "
    "jurisdiction of the United States are frozen, and no person may deal in them without a license of the Office. "
    "Anyone who knowingly supports such persons may be subject to penalties under civil and criminal law."
)
BUREAU = (
    "The Bureau of Ocean Affairs leads the work of the Department on fisheries, reefs and the law of the sea. It "
    "represents the United States in eleven commissions, and funds research at forty universities on both coasts."
)
OWN = (
    "The city council of Lunmouth discussed bus fares for five hours on Monday and could not agree on a price.",
    "Two members left the room before the vote and were seen at the bakery.",
)
ARTICLE = (
    "No Party shall close the strait to ships of the others in time of peace, nor levy dues upon their passage, nor "
    "board them against the will of their captains, save in pursuit of pirates"
)
PROMISE = (
    "The United States has kept that promise in storms and in calm, and asks every state on the coast to renew it this "
    "summer."
)
TREATY = f"Forty years ago the Treaty of Lunmouth was signed.\n\nIts third article reads: “{ARTICLE}.”\n\n{PROMISE}"


@contextmanager
def known(tmp_path, *bodies: str):
    titles = ("Volcano", "Consulate", "Flood")
    index = s.indexed(
        tmp_path,
        tuple(s.Stored(f"Statement on the {t}", (b,), s.FIRST_DAY) for t, b in zip(titles, bodies, strict=False)),
    )
    yield Matcher(index)
    s.close(index)


def copies(matcher: Matcher, body: str, title: str = "Bus fares in Lunmouth"):
    page = PageToMatch(s.wrapped(title, body), title)
    return [match for match in matcher.trace(page) if match.relation.is_copy]


@pytest.mark.parametrize("note", [TRAVEL, LEGAL, BUREAU])
def test_an_own_text_that_ends_with_a_standing_paragraph_is_no_copy(tmp_path, note: str) -> None:
    with known(tmp_path, f"{VOLCANO}\n\n{note}") as matcher:
        assert not copies(matcher, "\n".join([*OWN, note]))
        assert not copies(matcher, "\n".join([OWN[0], OWN[1], note, "Share this"]))


@pytest.mark.parametrize("note", [TRAVEL, LEGAL, BUREAU])
def test_a_paragraph_of_several_statements_proves_nothing_anywhere(tmp_path, note: str) -> None:
    with known(tmp_path, *(f"{lead}\n\n{note}" for lead in (VOLCANO, CONSULATE, FLOOD))) as matcher:
        assert not copies(matcher, "\n".join([OWN[0], note, OWN[1]]))
        assert not copies(matcher, note)


@pytest.mark.parametrize("note", [TRAVEL, LEGAL, BUREAU])
@pytest.mark.parametrize("title", ["Statement on the Volcano", "Travel resumes"])
def test_true_copies_of_statements_with_standing_paragraphs_are_found(tmp_path, note: str, title: str) -> None:
    with known(tmp_path, *(f"{lead}\n\n{note}" for lead in (VOLCANO, CONSULATE, FLOOD))) as matcher:
        for body, relation in (
            (f"{VOLCANO}\n{note}", Relation.VERBATIM),
            (VOLCANO, Relation.EXCERPT),
            (f"{VOLCANO}\n{note}".replace("northern", "southern"), Relation.ALTERED),
        ):
            (match,) = copies(matcher, body, title)
            assert (match.key, match.relation) == ((1, 1), relation)


@pytest.mark.parametrize(
    "note",
    [
        "For more information, please contact the Office of the Spokesperson, which answers questions about the "
        "islands of Tarvenia on all days but Sunday and sends photographs of the crater to newspapers.",
        f"About the Bureau\n\n{BUREAU}",
        "Journalists who want to see the crater should write to desk@islands.example three days before they sail, and "
        "bring boots, water and a letter of the newspaper that sends them.",
    ],
)
def test_contacts_and_notes_with_a_heading_prove_nothing_in_any_place(tmp_path, note: str) -> None:
    with known(tmp_path, f"{VOLCANO}\n\n{note}\n\n{CONSULATE}") as matcher:
        assert not copies(matcher, "\n".join([OWN[0], note, OWN[1]]))
        (match,) = copies(matcher, "\n".join([VOLCANO, note]))
        assert match.relation is Relation.EXCERPT


def test_a_last_paragraph_in_the_middle_of_a_report_is_an_excerpt(tmp_path) -> None:
    with known(tmp_path, f"{VOLCANO}\n\n{BUREAU}") as matcher:
        (match,) = copies(matcher, "\n".join([OWN[0], f"“{BUREAU}”"]))
        assert match.relation is Relation.EXCERPT
        (match,) = copies(matcher, "\n".join([OWN[0], BUREAU, OWN[1]]))
        assert match.relation is Relation.EXCERPT
        (match,) = copies(matcher, BUREAU)
        assert match.relation is Relation.EXCERPT


@pytest.mark.parametrize("marks", ["“{}.”", "‘{}.’", '"{}."', "«{}.»", "„{}.“"])
def test_a_sentence_that_both_texts_quote_proves_nothing(tmp_path, marks: str) -> None:
    quoted = f"Lawyers point to one sentence of the treaty. {marks.format(ARTICLE)}"
    with known(tmp_path, TREATY) as matcher:
        assert not copies(matcher, "\n".join([OWN[0], quoted, OWN[1]]), "What the treaty says")


@pytest.mark.parametrize("title", ["Statement on the Volcano", "A treaty turns forty"])
def test_true_copies_of_a_statement_that_quotes_are_found(tmp_path, title: str) -> None:
    with known(tmp_path, TREATY) as matcher:
        for body, relation in (
            (TREATY, Relation.VERBATIM),
            (TREATY.replace("summer", "winter"), Relation.ALTERED),
            ("\n".join([OWN[0], f"“{PROMISE}”", OWN[1]]), Relation.EXCERPT),
        ):
            (match,) = copies(matcher, body, title)
            assert match.relation is relation


def test_a_page_that_names_the_statement_may_quote_its_quotation(tmp_path) -> None:
    with known(tmp_path, TREATY) as matcher:
        (match,) = copies(matcher, f"Its third article reads: “{ARTICLE}.”", "Statement on the Volcano")
        assert match.relation is Relation.EXCERPT


def test_a_statement_all_in_quotation_marks_quotes_nobody_else(tmp_path) -> None:
    with known(tmp_path, f"“{VOLCANO} {CONSULATE} {FLOOD}”") as matcher:
        (match,) = copies(matcher, "\n".join([OWN[0], f"“{VOLCANO} {CONSULATE}”", OWN[1]]))
        assert match.relation is Relation.EXCERPT


def test_quoted_words_are_those_between_quotation_marks() -> None:
    words = Words('Say “one two\nthree” four ‘five six.’ seven’s "eight" nine')
    marked = [key for key, is_quoted in zip(words.keys, evidence.quoted(words), strict=True) if is_quoted]
    assert marked == ["one", "two", "three", "five", "six", "eight"]


@pytest.mark.parametrize("mark", ["‘", "“", '"', "„", "«", "‘a "])
def test_a_line_of_opening_marks_costs_no_more_than_seconds(mark: str) -> None:
    words = Words(f"{mark * 80_000} five")
    with bounded(5):
        evidence.quoted(words)


@pytest.mark.parametrize("sentence", ["They sailed to the northern islands of Tarvenia and came back.", "{}"])
def test_a_title_with_a_few_words_of_the_text_is_nothing(tmp_path, sentence: str) -> None:
    notice = "The notice said: “Boats may land at the white pier again.”"
    with known(tmp_path, f"{VOLCANO}\n\n{notice} {BUREAU}") as matcher:
        page = ["Statement on the Volcano", *OWN * 4, sentence.format(notice.replace("The", "A"))]
        assert matcher.trace(PageToMatch("\n".join(page))) == ()
