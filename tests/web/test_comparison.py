"""Comparison of two revisions: every change once for the eye and once for the ear, the unchanged text on demand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from statement_support import addresses, revisions

from scraper.web.rendering import assets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.web.page import Response

    Pages = Callable[..., Response]
    Edited = Callable[..., Path]

_PAIR = re.compile(r'<div class="pair"><p>(.*?)</p><p class="twin">(.*?)</p></div>', re.S)


def marked(html: str) -> str:
    """Return a paragraph with [-removed-] and {+added+} words."""
    html = html.replace('<del><span class="hidden"> removed: </span>', "[-").replace("</del>", "-]")
    html = html.replace('<ins><span class="hidden"> added: </span>', "{+").replace("</ins>", "+}")
    assert "<" not in html
    return html


def test_changed_paragraphs_are_there_before_and_after(page: Pages) -> None:
    pairs = _PAIR.findall(page("statements/4/compare/1/2/").body)
    assert [marked(first) for first, _ in pairs] == [
        "The United States intends to provide [-$80-]{+$58+} million over three years. The funds will rebuild eleven"
        " locks, deepen the harbor of Port Merrow, and train river pilots.",
        "Farmers, boatmen, and schools along the river will help to choose the first works."
        " [-The Department will publish the terms of every contract within 30 days of its signature.-]",
    ]
    # The style sheet hides one side of each.
    assert all(first == twin for first, twin in pairs)
    style = assets()["style.css"].decode()
    assert ".pair > p:first-child ins, .pair > .twin del { display: none; }" in style
    assert ".pair > .twin, .pair.names, .left-out { display: none; }" in style


def test_unchanged_paragraphs_are_left_out_by_a_switch_without_a_script(page: Pages) -> None:
    body = page("statements/4/compare/1/2/").body
    assert re.findall(r'<p class="left-out">(.*?)</p>', body) == ["1 paragraph without a change"] * 2
    assert '<input type="checkbox" id="only-changes" class="switch"><label for="only-changes">Only the changes' in body
    assert ".switch:checked ~ .texts .same { display: none; }" in assets()["style.css"].decode()
    assert "<script" not in body
    # The switch acts on what follows it.
    assert body.index('id="only-changes"') < body.index('class="same"')


def test_reasons_have_the_values_before_and_after(page: Pages) -> None:
    body = page("statements/4/compare/1/2/").body
    assert '<span class="tag alarm">material</span>' in body
    assert "<dt>sentence removed</dt>" in body
    assert '$80 million</del> → <ins><span class="hidden">added: </span>$58 million</ins>' in body


def test_the_order_of_a_comparison_is_that_of_its_path(page: Pages) -> None:
    first, *_ = _PAIR.findall(page("statements/4/compare/2/1/").body)[0]
    assert "[-$58-]{+$80+} million" in marked(first)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text || ' And one more sentence.'", "sentence added"),
        ("replace(text, 'Port', 'PORT')", "The words are the same. Letter case, punctuation or typography differ."),
        ("text", "The two texts do not differ in a visible sign."),
    ],
)
def test_a_small_difference_is_described(page: Pages, edited: Edited, text: str, said: str) -> None:
    new = (
        "INSERT INTO revisions (statement_id, number, title, text, words, words_sha256, first_seen_at, last_seen_at)"
        f" SELECT statement_id, 3, title, {text}, words, 'x', last_seen_at, last_seen_at FROM revisions"
        " WHERE statement_id = 4 AND number = 2"
    )
    assert said in page("statements/4/compare/2/3/", db=edited(new)).body


def test_another_title_is_compared_too(page: Pages, edited: Edited) -> None:
    db = edited("UPDATE revisions SET title = 'Upper Valley Rivers Initiative' WHERE statement_id = 4 AND number = 1")
    first, _ = _PAIR.findall(page("statements/4/compare/1/2/", db=db).body)[0]
    assert marked(first) == "[-Upper-]{+Lower+} Valley Rivers Initiative"


def test_any_two_revisions_are_compared_live(page: Pages, edited: Edited) -> None:
    db = edited(*revisions(4, 20, "One paragraph."))
    assert "statements/4/compare/5/9/" not in addresses(db)
    body = page("statements/4/compare/5/9/", db=db).body
    assert marked(_PAIR.findall(body)[0][0]) == "The sum of revision [-5 is $5-]{+9 is $9+} million."
    assert 'href="../../../../../statements/4/compare/9/5/"' in body
    assert "compare/9/5/" not in page("statements/4/compare/8/9/", db=db, is_live=False).body


def test_the_strip_names_the_first_and_the_newest_revisions(page: Pages, edited: Edited) -> None:
    body = page("statements/4/compare/1/60/", db=edited(*revisions(4, 60, "One paragraph."))).body
    strip = re.findall(r"<b>Revision (\d+)", body.partition('class="strip"')[2].partition("</ol>")[0])
    assert strip == ["1", *map(str, range(50, 61))]
    assert ">48 more</a>" in body
