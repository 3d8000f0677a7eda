"""Values of pages in words: spans of time, tags."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from samples import NOON

from scraper.model import Grade
from scraper.web import rendering

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scraper.web.page import Response

NEW_YORK = timezone(timedelta(hours=-4))


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        (NOON + timedelta(hours=3, minutes=40), "2 March 2026, 12:00 – 15:40 UTC"),
        (NOON + timedelta(hours=12), "2 March 2026, 12:00 UTC – 3 March 2026, 00:00 UTC"),
        ((NOON + timedelta(hours=13)).astimezone(NEW_YORK), "2 March 2026, 12:00 UTC – 3 March 2026, 01:00 UTC"),
    ],
)
def test_span_has_its_day_once_if_it_ends_on_it(until: datetime, shown: str) -> None:
    span = rendering.span_tag(NOON, until)
    assert re.sub("<[^>]*>", "", span) == shown
    assert span.count('<time datetime="2026-03-0') == 2


def test_times_are_in_utc() -> None:
    assert rendering.time_tag(NOON.astimezone(NEW_YORK)) == rendering.time_tag(NOON)
    assert "2 March 2026, 12:00 UTC" in rendering.time_tag(NOON)


def test_span_within_a_minute_is_one_time() -> None:
    assert rendering.span_tag(NOON, NOON + timedelta(seconds=59)) == rendering.time_tag(NOON)


def test_tag_has_its_colour_and_escapes_its_word() -> None:
    assert rendering.tag(Grade.MATERIAL) == '<span class="tag alarm">material</span>'
    assert rendering.tag("<b>") == '<span class="tag plain">&lt;b&gt;</span>'


def test_absent_is_explained_where_it_is_said(page: Callable[..., Response]) -> None:
    explained = "it never means deleted"
    for path in ("", "outlets/", "sources/", "statements/4/"):
        body = page(path).body
        assert isinstance(body, str)
        assert (explained in body) == ("absent" in body.partition("<footer>")[0].lower()), path
    assert explained in page("withdrawn/").body
    assert explained not in page("outlets/").body


def test_changes_read_as_text_have_blanks_and_name_a_removal_once(page: Callable[..., Response]) -> None:
    for path in ("copies/6/4/", "statements/4/compare/1/2/", ""):
        body = page(path).body
        assert isinstance(body, str)
        text = re.sub("<[^>]*>", "", re.sub("</?(dd|dt|li|p|div)>", " ", body))
        assert re.search(r"\S(added|removed): ", text) is None, path
        assert "emoved: removed: " not in text
