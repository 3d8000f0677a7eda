"""Tests of the lines of a main text that are about its page: left out, and sentences that resemble them kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bounded import assert_linear

from scraper.parsers import article_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TITLE = "Lamps for Valdovia"
TEXT = (
    "The ferry between Karsk and Oren sails again from Monday, with a boat each hour until the autumn.",
    "The two ministers agreed that eighty lamps will be lit along the coast by the end of next winter.",
    "Keepers of the harbour will be trained in Port Ember, and each of them will have a lamp of his own.",
)


def clean(*lines: str, title: str = TITLE, is_below_title: bool = True) -> tuple[str, ...]:
    return article_lines.clean(lines, title, is_below_title=is_below_title)[0]


@pytest.mark.parametrize(
    "line",
    [
        "Share", "Click to share on X (Opens in new window)", "Tweet", "Advertisement", "Like this:", "Loading…",
        "12:30", "14.30 Uhr", "March 9, 2026", "9. März 2026, 14:30 Uhr", "2026年3月9日", "09/03/2026",
        "Monday, March 9, 2026",
        "READ MORE: Floods close road", "[See also: Five things to know]", "Lesen Sie auch: Brand in Norland",
        "À lire aussi : Le feu de Norland", "Lea también: Fuego en Norland", "Читайте также: Пожар", "› Read next",
        "Article printed from Herald: https://herald.example", "Source: Port Ember News", "Quelle: Herold",
        "来源：先驱报",
        "© 2026 Herald", "Copyright 2026 Herald of Karsk", "Herald 2026. All rights reserved.", "Все права защищены",
        "版权所有 先驱报", "Subscribe to our paper", "Sign up for the morning letter", "You have 3 free articles left",
        "Get the lamps in your inbox", "Abonnez-vous", "Suscríbase", "Подпишитесь на канал", "Our newsletter",
    ],
)  # fmt: skip
def test_lines_about_the_page_are_left_out_wherever_they_stand(line: str) -> None:
    assert clean(TEXT[0], line, *TEXT[1:]) == TEXT
    assert clean(line, *TEXT) == TEXT
    assert clean(*TEXT, line) == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "By Ada Keeper", "Von Ada Keeper", "Par Ada Keeper", "Автор: Ада", "Published March 9, 2026 in Karsk",
        "Ada Keeper | 9 March 2026", "Updated 12:30 pm", "3 min read", "Stand: 9.3.2026", "опубликовано вчера",
    ],
)  # fmt: skip
def test_bylines_and_dates_at_the_beginning_are_left_out(line: str) -> None:
    assert clean(line, *TEXT) == TEXT
    assert line in clean(*TEXT, line, TEXT[0] + "!")


@pytest.mark.parametrize(
    "line",
    [
        "The treaty of 1922",
        "What comes after 2026",
        "On March 9, 2026 the two ministers met on the quay.",
        "By Monday all lamps will burn.",
        "Share in the joy of a friend, as we say on this coast.",
        "Sources close to the keeper spoke of oil.",
        "The ministry asked the people of Karsk to subscribe to the fund for lamps, to sign up for the watch on the "
        "quay, and to send word of each light that has gone out along the coast of the Ember Strait.",
        "He wrote the copyright act of Valdovia and was proud of it.",
        "Watch the sea, said the keeper, and do not sleep.",
        "Related to this is the question of oil.",
    ],
)
def test_sentences_and_headings_of_the_text_stay(line: str) -> None:
    assert line in clean(line, *TEXT)
    assert line in clean(*TEXT, line, *TEXT[:1])


def test_a_long_paragraph_is_never_a_line_about_the_page() -> None:
    long = f"By Ada Keeper on March 9, 2026: {'all lamps were lit, ' * 12}subscribe now and share this"
    assert clean(long, *TEXT) == (long, *TEXT)


@pytest.mark.parametrize(
    "title", [TITLE, "Lamps for Valdovia - United States Department of State", "Press Release: Lamps for Valdovia"]
)
def test_the_title_is_left_out_wherever_it_repeats(title: str) -> None:
    assert clean(TITLE, *TEXT, TITLE.upper(), title=title) == TEXT
    assert clean(TEXT[0], f"News Release: {TITLE}", *TEXT[1:], title=title) == TEXT


def test_what_stands_above_the_title_is_left_out_unless_the_text_was_taken_from_below_it() -> None:
    menu = "There were 1,204 lamps in the shop."
    assert clean(menu, TITLE, *TEXT, is_below_title=False) == TEXT
    assert clean(menu, TITLE, *TEXT) == (menu, *TEXT)
    far = tuple(f"Line {n} of the text." for n in range(9))
    assert clean(*far, TITLE, is_below_title=False) == far
    assert clean(*TEXT, is_below_title=False) == TEXT
    assert clean(*TEXT, title="", is_below_title=False) == TEXT


@pytest.mark.parametrize("heading", ["Related Articles", "Most popular", "You may also like", "Leave a comment"])
def test_a_heading_of_other_things_ends_the_text(heading: str) -> None:
    assert clean(*TEXT, heading, "Bakery in Norland burns down") == TEXT
    assert clean(heading, *TEXT)[-len(TEXT) :] == TEXT


@pytest.mark.parametrize(
    "contact",
    ["Media Contact:", "Press contacts", "Contact:", "Pressekontakt", "Ansprechpartnerin:", "Notes to editors:"],
)
def test_the_contact_ends_a_release(contact: str) -> None:
    assert clean(*TEXT, contact, "Ada Keeper", "ada@herald.example") == TEXT
    assert contact in clean(TEXT[0], contact, *TEXT[1:])


def test_a_last_note_about_the_publisher_is_left_out() -> None:
    note = "The Lamp Works have made lamps for eleven winters."
    assert clean(*TEXT, "About the Lamp Works", note) == TEXT
    assert "About the lamps" in clean(*TEXT, "About the lamps", *(f"{n}: {note}" for n in range(6)))
    more = ("Press contact: Ada Keeper", "+1 555 0134", "lamps@works.example", "SOURCE Lamp Works")
    assert clean(*TEXT, "About the Lamp Works", note, *more) == TEXT
    assert clean(*TEXT, "SOURCE Lamp Works", "[责任编辑: 陆一舟]") == TEXT
    assert clean(*TEXT, "Source of light") == (*TEXT, "Source of light")
    sentence = "About eighty lamps burn."
    assert clean(*TEXT, sentence, note) == (*TEXT, sentence, note)


def test_links_to_neighbours_are_left_out() -> None:
    assert clean(*TEXT, "Norland’s Day Previous post Norland’s Day") == TEXT
    assert clean(*TEXT, "« Previous post", "Norland’s Day", "Next post »", "Envoy Hale’s Travel") == TEXT
    assert clean(*TEXT, "Previous post", "The sea was calm.") == (*TEXT, "The sea was calm.")


def test_a_second_copy_of_the_text_is_left_out() -> None:
    assert clean(*TEXT, *TEXT) == TEXT
    assert clean(*TEXT, "So it was said.", *TEXT) == (*TEXT, "So it was said.", *TEXT)
    assert clean(*TEXT, "Thanks.", "Thanks.") == (*TEXT, "Thanks.", "Thanks.")


def test_leaked_markup_is_left_out_and_names_the_type() -> None:
    assert article_lines.clean(('class="meta">Readout', *TEXT), TITLE, is_below_title=True) == (TEXT, "Readout")
    kept = article_lines.clean((f'<p class="entry">{TEXT[0]}', *TEXT[1:]), TITLE, is_below_title=True)
    assert kept == (TEXT, None)
    twice = ('class="a">Readout', 'class="b">Remarks', *TEXT)
    assert article_lines.clean(twice, TITLE, is_below_title=True) == (TEXT, "Readout")


@pytest.mark.parametrize(
    ("size", "lines_of"),
    [
        (375, lambda n: TEXT * n),
        (2_500, lambda n: [f"{each % n} lamps" for each in range(2 * n)]),
        (2_500, lambda n: ["Lamps"] * n),
        (2_500, lambda n: ["lamp " * 5 * n, "class=“" * 2 * n, "© " * 5 * n]),
    ],
)
def test_hostile_lines_take_time_that_grows_with_their_number(
    size: int, lines_of: Callable[[int], Sequence[str]]
) -> None:
    assert_linear(lambda n: clean(*lines_of(n), title="lamp " * n), size)


@pytest.mark.parametrize(
    "heading", ["Von der Leyen in Washington", "By the end of the decade", "Par la force du droit", "Di nuovo a casa"]
)
def test_a_heading_that_begins_as_a_byline_stays(heading: str) -> None:
    assert clean(heading, *TEXT) == (heading, *TEXT)


@pytest.mark.parametrize(
    "byline", ["By Jane Roe", "BY OSKAR PLENTY", "Von Hauke Brandt", "Par Zoé Martin, à Port-Ember"]
)
def test_a_byline_goes(byline: str) -> None:
    assert clean(byline, *TEXT) == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "This material does not constitute investment, legal or tax advice.",
        "The views expressed in this article are the author’s own.",
        "They do not necessarily reflect the editorial policy of the Herald.",
        "This work is licensed under a Creative Commons Attribution 4.0 licence.",
        "This story has not been edited and is published from a syndicated feed.",
        "(With inputs from agencies)",
        "This article was first published on the Herald.",
    ],
)
def test_declarations_of_the_publisher_are_no_text(line: str) -> None:
    assert clean(*TEXT, line) == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "His remarks do not reflect the policy of the United States.",
        "The views expressed by the delegation were frank.",
        "The report was first published in 1990 and revised twice since.",
    ],
)
def test_sentences_that_sound_like_declarations_stay(line: str) -> None:
    assert clean(*TEXT, line) == (*TEXT, line)
