"""Tests of the harder gaps, and the guards of a verdict."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import match_support as s
import pytest
from match_support import wrapped

from scraper.matching import Matcher, PageToMatch, thresholds
from scraper.model import Grade, Relation

SEED = Path(__file__).parents[2] / ".." / "shared" / "data" / "seed" / "jisip.txt"
FIRST, SECOND, THIRD, FOURTH = s.HARBOUR.split("\n\n")


def traced(matcher: Matcher, body: str, title: str = s.HARBOUR_TITLE):
    (match,) = matcher.trace(PageToMatch(wrapped(title, body), title))
    assert match.key == s.HARBOUR_KEY
    return match


def test_a_first_sentence_that_begins_otherwise_is_altered(matcher: Matcher) -> None:
    match = traced(
        matcher, f"{SECOND}\n\n{THIRD}\n\n{FOURTH}".replace("The United States and the Republic", "Both lands")
    )
    assert match.relation is Relation.ALTERED
    match = traced(matcher, SECOND.replace("The United States and the Republic", "The U.K. and the Republic"))
    assert "name" in {difference.label.split()[0] for difference in match.differences}
    match = traced(matcher, SECOND.replace("The United States and the Republic", "The U.S. and the Republic"))
    assert [str(difference) for difference in match.differences] == [
        "same name, written otherwise: United States → U.S"
    ]


def test_an_ellipsis_before_a_passage_marks_a_cut(matcher: Matcher) -> None:
    match = traced(matcher, f"[…] {' '.join(SECOND.split(' ')[5:])}\n\n{THIRD}\n\n{FOURTH}")
    assert (match.relation, match.fidelity) == (Relation.EXCERPT, 1.0)


def test_the_ends_of_a_text_may_differ_on_paper_only(tmp_path) -> None:
    body = f"St. Université says: {s.REEF} Signed by the USA Co"
    index = s.indexed(tmp_path, (s.Stored("Meeting of Experts on Reefs", (body,), s.FIRST_DAY),))
    page = body.replace("St. Université", "St. Universit\ufffd").replace("USA Co", "U.S.A. Co.")
    (match,) = Matcher(index).trace(PageToMatch(page))
    s.close(index)
    assert (match.relation, match.grade, match.coverage) == (Relation.VERBATIM, Grade.COSMETIC, 1.0)


def test_a_last_sentence_that_ends_otherwise_is_altered(matcher: Matcher) -> None:
    match = traced(matcher, s.HARBOUR.replace("both parliaments have approved it", "the winter is over"))
    assert (match.relation, match.coverage > 0.9) == (Relation.ALTERED, True)


def test_a_long_stretch_of_other_words_is_cut_and_its_edges_are_changes(matcher: Matcher) -> None:
    other = " ".join(f"pebble{n}" for n in range(90))
    body = s.HARBOUR.replace("both sides will invest $80 million over six years, and the first of four", other)
    match = traced(matcher, body)
    assert match.relation in {Relation.ALTERED, Relation.SIBLING}
    assert 0.7 < match.coverage < 1
    assert match.differences


def test_a_sentence_in_the_place_of_another_counts_for_a_sibling(matcher: Matcher) -> None:
    replaced = s.HARBOUR.replace(
        THIRD, "Nobody in Port Isling was asked about any of this before it was signed, they say."
    )
    match = traced(matcher, replaced)
    assert match.coverage < 0.7
    assert any("rewritten phrases or replaced sentences" in line for line in match.evidence)


def test_a_passage_amid_other_prose_is_no_copy_of_a_long_statement(matcher: Matcher) -> None:
    sentence = "The agreement enters into force once both parliaments have approved it."
    page = f"He said many things that night. We heard him say that {sentence} Then he left the room without a word."
    assert not any(match.relation.is_copy for match in matcher.trace(PageToMatch(page)))


def test_a_quotation_in_the_news_is_an_excerpt(matcher: Matcher) -> None:
    page = f"Ships waited off the coast on Friday.\n“{SECOND}”\nFishermen were not impressed by it."
    (match,) = matcher.trace(PageToMatch(page, "Ships wait off Port Isling"))
    assert (match.key, match.relation, match.fidelity) == (s.HARBOUR_KEY, Relation.EXCERPT, 1.0)


def test_a_paraphrased_statement_is_no_copy(matcher: Matcher) -> None:
    words = s.HARBOUR.split(" ")
    paraphrase = " ".join(word if at % 9 < 5 else f"other{at}" for at, word in enumerate(words))
    matches = matcher.trace(PageToMatch(wrapped("Ships wait off Port Isling", paraphrase)))
    assert not any(match.relation in {Relation.VERBATIM, Relation.EXCERPT} for match in matches)


def test_many_differences_are_listed_up_to_a_bound(tmp_path) -> None:
    body = "\n\n".join(
        f"Paragraph number {n} tells of the boat {n} that left the harbour of Port Isling with {n} nets on board. " * 2
        for n in range(200)
    )
    index = s.indexed(tmp_path, (s.Stored("A List of Two Hundred Boats", (body,), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(
        PageToMatch(body.replace("nets on board", "fish on deck"), "A List of Two Hundred Boats")
    )
    s.close(index)
    assert match.relation is Relation.ALTERED
    assert 0 < len(match.differences) <= 100


@pytest.mark.skipif(not SEED.exists(), reason="the optional data directory is not there")
def test_the_seed_page_is_verbatim(tmp_path) -> None:
    page = SEED.read_text(encoding="utf-8")
    title, _, *paragraphs = page.split("\n\n")
    body = "\n\n".join(paragraphs[:6])
    index = s.indexed(tmp_path, (*s.STATEMENTS, s.Stored(title, (body,), s.FIRST_DAY)))
    (match,) = Matcher(index).trace(PageToMatch(page))
    s.close(index)
    assert (match.key.statement_id, match.relation, match.coverage) == (9, Relation.VERBATIM, 1.0)
    ((start, end),) = [span.page for span in match.spans]
    assert "Previous post" not in page[start:end]
    assert page[start:end] == body.rstrip(".")


# What other generators of pages showed


def test_dots_in_the_middle_of_a_sentence_are_a_cut(matcher: Matcher) -> None:
    match = traced(matcher, s.HARBOUR.replace("signed an agreement on the harbour of Port Isling. Under it, ", "[…]\n"))
    assert (match.relation, match.fidelity, match.differences) == (Relation.EXCERPT, 1.0, ())


@pytest.mark.parametrize("title", [s.HARBOUR_TITLE, "Signing of the Port Isling Harbour Agreement 2031"])
def test_a_title_glued_to_the_first_word_is_typography(matcher: Matcher, title: str) -> None:
    (match,) = matcher.trace(PageToMatch(f"Home\n{title}{s.HARBOUR}\nMore", title))
    assert (match.key, match.relation, match.coverage) == (s.HARBOUR_KEY, Relation.VERBATIM, 1.0)


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("Meeting of Experts on Reefs 2031", "2:15 p.m."),
        ("Meeting of Experts on Reefs, June 9, 2031", "2:15 p.m."),
        ("A Week of Reef Experts in Port", ""),
        ("Meeting of Experts on the Reefs of Lunmouth", "Lunmouth\n\n"),
    ],
)
def test_a_title_glued_to_what_looks_like_more_of_it_is_typography(tmp_path, title: str, first: str) -> None:
    body = f"{first} {s.REEF}".strip()
    index = s.indexed(tmp_path, (s.Stored(title, (body,), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(PageToMatch(f"Home\n{title}{body}\nMore"))
    s.close(index)
    assert (match.relation, match.coverage, match.grade) == (Relation.VERBATIM, 1.0, Grade.COSMETIC)


def test_a_replaced_sentence_is_reported_whatever_its_subject(matcher: Matcher) -> None:
    own = "“Our fishermen have waited long enough,” the Secretary said. "
    news = "The Republic published a statement and told the press to expect no permission of any kind. "
    match = traced(matcher, s.HARBOUR.replace(own, news))
    assert match.relation is not Relation.EXCERPT
    assert match.grade is Grade.MATERIAL
    assert any(reason.label == "sentence replaced" for reason in match.differences)


def test_a_sentence_is_one_in_a_script_without_capitals_too(tmp_path) -> None:
    lines = [
        "تعلن الولايات المتحدة اليوم عن اتفاق جديد بشأن ميناء المدينة القديمة مع شركائها.",
        "سيستثمر الجانبان ثمانين مليونا على مدى ست سنوات في بناء الأرصفة الأربعة الجديدة.",
        "شكر الوزير نظيره على عمله الدؤوب خلال السنوات الماضية وعلى صداقته الطويلة لبلادنا.",
        "يدخل الاتفاق حيز التنفيذ عندما يوافق عليه البرلمانان في نهاية السنة القادمة كما هو مقرر.",
    ]
    other = "رفضت الحكومة كل ما عرض عليها ولم تشكر أحدا على الإطلاق خلال هذا الاجتماع القصير."
    index = s.indexed(tmp_path, (s.Stored("ميناء", (" ".join(lines),), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(PageToMatch(" ".join([*lines[:2], other, lines[3]])))
    s.close(index)
    assert match.grade is Grade.MATERIAL
    assert match.relation is not Relation.EXCERPT


@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
def test_wrongly_decoded_utf_8_is_damage(matcher: Matcher, charset: str) -> None:
    shown = s.HARBOUR.replace("signed an", "signed – an").encode()
    # Bytes that Windows-1252 does not know are read as control characters.
    garbled = "".join(bytes([b]).decode(charset, "ignore") or chr(b) for b in shown)
    match = traced(matcher, garbled)
    assert (match.relation, match.grade, match.coverage) == (Relation.VERBATIM, Grade.COSMETIC, 1.0)
    assert "â" in garbled


@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("$80 million", "$58 million"),
        ("for her steady work. “Our fishermen", "for his idle work. “Our sailors"),
        ("long enough,” the Secretary", "short enough,” the Minister"),
    ],
)
def test_wrongly_decoded_utf_8_adds_nothing_to_the_alterations(
    matcher: Matcher, ours: str, theirs: str, charset: str
) -> None:
    altered = s.HARBOUR.replace(ours, theirs)
    garbled = "".join(bytes([b]).decode(charset, "ignore") or chr(b) for b in altered.encode())
    clean, damaged = traced(matcher, altered), traced(matcher, garbled)
    assert clean.relation is Relation.ALTERED
    assert (damaged.relation, damaged.grade) == (clean.relation, clean.grade)
    assert [(d.label, d.before, d.after) for d in damaged.differences] == [
        (d.label, d.before, d.after) for d in clean.differences
    ]


def test_a_lone_letter_lost_is_damage(tmp_path) -> None:
    body = s.REEF.replace("They found", "Walks à la carte were had. They found")
    index = s.indexed(tmp_path, (s.Stored("Reefs", (body,), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(PageToMatch(body.replace("à", "\ufffd")))
    s.close(index)
    assert (match.relation, match.grade) == (Relation.VERBATIM, Grade.COSMETIC)


def test_a_report_between_two_quoted_paragraphs_is_the_reporters(matcher: Matcher) -> None:
    report = "Nobody on the quay had heard of any of this before the boats came in on Friday night."
    page = f"{report}\n{SECOND}\n{report} {report}\n{FOURTH}\n{report}"
    (match,) = matcher.trace(PageToMatch(page, "Ships wait off the coast of the south"))
    assert (match.key, match.relation, match.fidelity) == (s.HARBOUR_KEY, Relation.EXCERPT, 1.0)
    # The same under the statement's title says that State's own paragraph was replaced.
    assert traced(matcher, f"{SECOND}\n{report} {report}\n{FOURTH}").relation is not Relation.EXCERPT


def test_a_title_that_the_first_sentence_repeats_is_no_lead(tmp_path) -> None:
    title = "The Department Welcomes the Return of Captain Ilves and Her Crew to Port Isling"
    body = f"{title}. {s.REEF}"
    index = s.indexed(tmp_path, (s.Stored(title, (body,), s.FIRST_DAY),))
    page = f"Local news of the day\nRain is expected.\nMost popular\n{title}\nA Grant Competition\n"
    assert not any(match.relation.is_copy for match in Matcher(index).trace(PageToMatch(page)))
    s.close(index)


def test_a_short_paragraph_after_lost_ones_is_found(matcher: Matcher) -> None:
    match = traced(matcher, f"{FIRST}\n\n{SECOND}\n\nThe agreement enters into force once both parliaments have.")
    assert match.key == s.HARBOUR_KEY
    assert match.relation.is_copy


# Where a statement's own beginning or end is missing

OTHER = "This year our coast guards have saved forty lives."
GREETING, FRIENDSHIP, WISH = s.YEAR_31.split("\n\n")
PIECES = {
    "another beginning": [OTHER, FRIENDSHIP, WISH],
    "another end": [GREETING, FRIENDSHIP, OTHER],
    "another end in the same line": [GREETING, f"{FRIENDSHIP} {OTHER}"],
    "both": [OTHER, FRIENDSHIP, OTHER],
}


def day(matcher: Matcher, body: str, date=None):
    (match,) = matcher.trace(PageToMatch(wrapped(s.DAY_TITLE, body), s.DAY_TITLE, date))
    assert match.key == s.DAY_KEY
    return match


@pytest.mark.parametrize("paragraphs", PIECES.values(), ids=PIECES)
def test_other_sentences_in_the_place_of_beginning_or_end_make_another_message(
    matcher: Matcher, paragraphs: list[str]
) -> None:
    # Neither a date nor a year decides: they were in the missing words.
    assert day(matcher, "\n\n".join(paragraphs)).relation is Relation.SIBLING


def test_the_statements_own_days_speak_for_a_copy_that_begins_otherwise(matcher: Matcher) -> None:
    body = "\n\n".join(PIECES["another beginning"])
    assert day(matcher, body, s.FIRST_DAY + timedelta(hours=3)).relation is Relation.EXCERPT


@pytest.mark.parametrize(
    "before",
    [
        "",
        "By Ann Roe, staff writer.",
        "Share this: Facebook Tweet",
        "Washington, DC – Secretary of State Ann Roe:",
        "The following press release was published by the U.S. Department of State. It is reproduced in full below.",
        "This article was first published by the Lunmouth Gazette and is shown here with its permission.",
        "Speeches And Letters Of The Week From All Over The World And The Sea.",
    ],
)
def test_text_of_a_site_about_itself_before_a_passage_is_no_other_beginning(matcher: Matcher, before: str) -> None:
    assert day(matcher, f"{before}\n{FRIENDSHIP}\n\n{WISH}").relation is Relation.EXCERPT


@pytest.mark.parametrize(
    "after",
    [
        "",
        "\nOfficial news published at https://www.state.gov/statement-2/",
        "\nWe do not accept any responsibility for the accuracy of the information contained in this article.",
        "\nThe Gazette has been the newspaper of the town for more than ninety years.",
        " Read more.",
        "\nRelated\nIn a year of storms the ferry has been late on every second day of the week.",
    ],
)
def test_text_of_a_site_about_itself_after_a_passage_is_no_other_end(matcher: Matcher, after: str) -> None:
    assert day(matcher, f"{GREETING}\n\n{FRIENDSHIP}{after}").relation is Relation.EXCERPT


@pytest.mark.parametrize("cut", [" …", "", " [...]"])
def test_a_lead_that_breaks_off_has_no_other_end(matcher: Matcher, cut: str) -> None:
    lead = " ".join(s.YEAR_31.split(" ")[:40])
    assert day(matcher, f"{lead}{cut}\n{OTHER}").relation is Relation.EXCERPT


@pytest.mark.parametrize(
    ("before", "after"),
    [("will", "read the reports of the keepers"), ("and", "continue to work"), ("we", "read more than others")],
)
@pytest.mark.parametrize("call", ["… Read More »", "… Continue reading", " Read More", "… Read the full story"])
def test_a_call_to_read_on_that_begins_like_the_next_words_is_no_part_of_them(
    tmp_path, before: str, after: str, call: str
) -> None:
    index = s.indexed(tmp_path, (s.Stored("Harbours", (f"{s.HARBOUR} It is late, {before} {after}.",), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(PageToMatch(f"{OTHER}\n{s.HARBOUR} It is late, {before}{call}\n{OTHER}"))
    s.close(index)
    assert match.relation is Relation.EXCERPT


def test_a_call_to_read_on_in_a_statement_is_its_own(tmp_path) -> None:
    body = f"{s.HARBOUR} The sign at the gate says Read More"
    index = s.indexed(tmp_path, (s.Stored("Harbours", (body,), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(PageToMatch(body))
    s.close(index)
    assert match.relation is Relation.VERBATIM


@pytest.mark.parametrize("call", ["… Read More »", "… Continue reading", " […] Read More"])
def test_a_call_to_read_on_is_no_part_of_a_passage(tmp_path, call: str) -> None:
    """The statement's next words are those of the call, some words later."""
    body = f"{s.HARBOUR} It took the harbour more than a year, continue reading the reports of the keepers, to reopen."
    index = s.indexed(tmp_path, (s.Stored("Harbours", (body,), s.FIRST_DAY),))
    cut = body.partition(" more than")[0]
    (match,) = Matcher(index).trace(PageToMatch(f"{OTHER}\n{cut}{call}\n{OTHER}"))
    s.close(index)
    assert match.relation is Relation.EXCERPT


def test_a_call_to_read_on_goes_on_behind_the_word_that_it_shares(tmp_path) -> None:
    body = f"{s.HARBOUR} It took the harbour a winter, and the keepers read it."
    index = s.indexed(tmp_path, (s.Stored("Harbours", (body,), s.FIRST_DAY),))
    cut = body.partition(", and the")[0]
    (match,) = Matcher(index).trace(PageToMatch(f"{OTHER}\n{cut}… Read the full article\n{OTHER}"))
    s.close(index)
    assert match.relation is Relation.EXCERPT


def test_text_before_and_after_a_quotation_is_the_reporters(matcher: Matcher) -> None:
    assert day(matcher, f"{OTHER}\n“{FRIENDSHIP}”\n{OTHER}").relation is Relation.EXCERPT


def test_a_remark_after_a_teaser_and_a_note_left_out_are_no_other_end(matcher: Matcher, tmp_path) -> None:
    remark = "The ferries of the bay are on time again."
    match = traced(matcher, f"{FIRST}\n\n{SECOND}\n{remark}")
    assert (match.relation, match.coverage < 0.6) == (Relation.EXCERPT, True)
    noted = s.Stored("Meeting of Experts on Reefs", (f"{s.REEF}\n\nFor safety, wear boots.",), s.FIRST_DAY)
    index = s.indexed(tmp_path, (noted,))
    page = f"{noted.title}\n{s.REEF}\nThe town has been proud of its reefs for as long as anybody remembers.\nMore"
    (match,) = Matcher(index).trace(PageToMatch(page, noted.title))
    s.close(index)
    assert match.relation is Relation.EXCERPT


def test_a_long_stretch_without_a_full_stop_is_no_sentence(matcher: Matcher) -> None:
    listed = "; ".join(f"boat number {n} of the harbour" for n in range(40))
    assert day(matcher, f"{GREETING}\n\n{FRIENDSHIP}\n{listed}.").relation is Relation.EXCERPT


def test_footnote_marks_that_a_site_adds_or_numbers_anew_alter_nothing(matcher: Matcher) -> None:
    match = traced(matcher, s.HARBOUR.replace("$80 million", "$80 million ¹"))
    assert (match.relation, match.grade, match.differences) == (Relation.VERBATIM, Grade.COSMETIC, ())
    match = traced(matcher, s.HARBOUR.replace("$80 million", "$80 million 1"))
    assert match.relation is Relation.ALTERED


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("$80 million", "€80 million", "amount: $80 million → €80 million"),
        ("$80 million", "80 million euros", "amount: $80 million → 80 million euros"),
        ("not be held", "be held", "negation removed: not"),
        ("have waited", "has waited", "quotation: have → has"),
        ("release of", "arrest of", "opposite: release → arrest"),
    ],
)
def test_another_value_is_altered_and_material(matcher: Matcher, old: str, new: str, reason: str) -> None:
    match = traced(matcher, s.HARBOUR.replace(old, new))
    assert (match.relation, match.grade, [str(it) for it in match.differences]) == (
        Relation.ALTERED,
        Grade.MATERIAL,
        [reason],
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("$80 million", "US$80m"),
        ("six years", "6 years"),
        ("today signed", "today [2] signed"),
        ("may not be", "may not [sic] be"),
        ("United States", "U.S."),
        ("harbour", "harbor"),
    ],
)
def test_the_same_value_in_another_spelling_is_altered_and_minor(matcher: Matcher, old: str, new: str) -> None:
    match = traced(matcher, s.HARBOUR.replace(old, new))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MINOR)


def test_a_sign_at_the_beginning_or_the_end_of_a_text_counts(tmp_path: Path) -> None:
    body = f"$58 million go to the reefs. {s.REEF} The share of the islands is 12%"
    index = s.indexed(tmp_path, (s.Stored("Meeting of Experts on Reefs", (body,), s.FIRST_DAY),))
    matcher = Matcher(index)
    found = {
        page: [(it.relation, it.grade) for it in matcher.trace(PageToMatch(page))]
        for page in (body, body.replace("$", "€"), body.replace("12%", "12‰"), body.replace("12%", "12 %"))
    }
    s.close(index)
    assert list(found.values()) == [
        [(Relation.VERBATIM, None)],
        [(Relation.ALTERED, Grade.MATERIAL)],
        [(Relation.ALTERED, Grade.MATERIAL)],
        [(Relation.VERBATIM, None)],
    ]


def test_many_values_in_another_spelling_do_not_hide_a_changed_one(tmp_path: Path) -> None:
    lines = [f"The a{n} of b{n} and the c{n} of d{n} were e{n} by f{n} for ${n} in g{n} or h{n}." for n in range(150)]
    index = s.indexed(tmp_path, (s.Stored("Piers", ("\n\n".join(lines),), s.FIRST_DAY),))
    page = "\n\n".join(line.replace("for $", "for USD ") for line in lines[:-1])
    (match,) = Matcher(index).trace(PageToMatch(f"{page}\n\n{lines[-1].replace('were', 'were never')}"))
    s.close(index)
    assert (match.grade, len(match.differences)) == (Grade.MATERIAL, thresholds.MAX_DIFFERENCES)
