"""Page of a copy: the words that differ, and no more of another site's text than is needed to see them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.web.page import Response

    Pages = Callable[..., Response]
    Edited = Callable[..., Path]


def test_an_altered_copy_shows_its_words_against_those_of_state(page: Pages) -> None:
    body = page("copies/6/4/").body
    assert "to provide <del>" in body
    assert '$80</del><ins><span class="hidden"> added: </span>$800</ins> million' in body
    assert 'The Department will <ins><span class="hidden"> added: </span>not</ins> publish' in body
    assert "<li>amount: $80 million → $800 million</li>" in body
    assert "97% of that is word for word" in body


def test_an_outdated_copy_shows_what_state_has_changed_since(page: Pages) -> None:
    body = page("copies/5/4/").body
    since = body.partition("What State has changed since")[2]
    assert '$80</del><ins><span class="hidden"> added: </span>$58</ins>' in since
    assert 'href="../../../statements/4/compare/1/2/"' in since
    assert "What State has changed since" not in page("copies/8/4/").body


def test_a_faithful_copy_shows_the_beginning_of_each_passage_only(page: Pages, demo_db: Path) -> None:
    body = page("copies/1/2/").body
    with Store(demo_db) as store:
        shown = store.pages.stored(1).shown
    assert "word for word State’s" in body
    assert shown.split()[-1] not in body.partition("The words of")[2].partition("<aside")[0]


def test_what_surrounds_the_statement_on_its_page_is_not_shown(page: Pages, edited: Edited) -> None:
    foreign = "A commentary of the publisher that is not State’s."
    db = edited(("UPDATE page_wordings SET shown = shown || ?, text = text || ?", [f"\n\n{foreign}"] * 2))
    for path in ("copies/1/2/", "copies/5/4/", "copies/6/4/", "copies/8/4/"):
        assert "commentary" not in page(path, db=db).body


def test_claims_and_dates_of_the_page(page: Pages) -> None:
    body = page("copies/8/4/").body
    assert "<dt>by way of</dt><dd>merrow.example</dd>" in body
    assert "<dt>says</dt><dd>“Official news published at https://www.state.gov/" in body
    assert 'rel="noreferrer nofollow">www.state.gov/releases/' in body
    assert "(by its own date, 44\N{NO-BREAK SPACE}min after State)" in body


def test_history_of_a_copy_has_nothing_of_other_copies(page: Pages) -> None:
    labels = re.findall("<b>([^<]*)</b>", page("copies/8/4/").body.partition("How it changed")[2])
    assert labels == ["Copied", "First wording seen"]


def test_a_copy_that_is_gone_shows_no_passage(page: Pages, edited: Edited) -> None:
    db = edited(
        "UPDATE copies SET gone_at = '2026-05-15T00:00:00Z', misses = 3, missing_since_at = '2026-05-14T00:00:00Z'"
        " WHERE page_id = 6"
    )
    body = page("copies/6/4/", db=db).body
    assert "absent at 3 checks since <time" in body
    assert "Gone since <time" in body
    assert "are struck out" not in body


def test_history_has_earlier_wordings_and_relations(page: Pages, edited: Edited) -> None:
    db = edited(
        "INSERT INTO page_wordings (page_id, number, title, text, shown, words_sha256, first_seen_at, last_seen_at)"
        " SELECT page_id, value, 'Another title', text, shown, 'x', '2026-05-14T01:02:03Z', last_seen_at"
        " FROM page_wordings, json_each('[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]')"
        " WHERE page_id = 5"
    )
    body = page("copies/5/4/", db=db).body
    assert re.findall("Wording ([0-9]+) of the page", body) == [str(number) for number in range(21, 1, -1)]
    assert "First wording seen" not in body
    assert "titled Another title" in body
    # State has changed, and the copy has not.
    assert "<b>Outdated copy</b>" in body
    assert "verbatim of revision 1" not in body


@pytest.mark.parametrize("is_live", [True, False])
def test_long_lists_are_bounded(page: Pages, edited: Edited, is_live: bool) -> None:
    state = "\n\n".join(f"Paragraph {number} gives $1 million to harbour {number}." for number in range(300))
    own = state.replace("$1 million", "$2 million")
    spans = json.dumps([[[0, len(state)], [0, len(own)]]])
    db = edited(
        ("UPDATE revisions SET text = ? WHERE statement_id = 4 AND number = 1", [state]),
        ("UPDATE page_wordings SET shown = ? WHERE page_id = 6", [own]),
        ("UPDATE copies SET spans = ?, differences = ? WHERE page_id = 6", [spans, json.dumps(["amount"] * 40)]),
    )
    body = page("copies/6/4/", db=db, is_live=is_live).body
    assert "270 more places with differences" in body
    assert "<li>and 28 more</li>" in body
    assert len(body) < 50_000


@pytest.mark.parametrize("path", ["copies/6/4/", "statements/4/", "statements/4/copies/"])
def test_a_host_in_other_letters_is_shown_in_ascii(page: Pages, edited: Edited, path: str) -> None:
    host = "\N{CYRILLIC SMALL LETTER DZE}tate.gov"
    body = page(path, db=edited(("UPDATE pages SET url = 'https://www.' || ? || '/' || id", [host]))).body
    assert "xn--tate-f9d.gov" in body
    assert f">{host}" not in body
