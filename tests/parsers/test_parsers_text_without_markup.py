"""Tests of text without its markup: visible text only, in linear time."""

from __future__ import annotations

import pytest
from bounded import bounded

from scraper.parsers.html_text import text_without_markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Lamps &amp; nets</p><p>for  Tern</p>", "Lamps & nets\nfor Tern"),
        ("<script>var x = '<p>no</p>';</script>seen<STYLE>p {}</STYLE> too", "seen\ntoo"),
        ("seen<script>never closed", "seen"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("no markup", "no markup"),
        ("", ""),
        ("İ<script>x</script>y", "İ\ny"),
    ],
)
def test_visible_text_is_extracted(markup: str, text: str) -> None:
    assert text_without_markup(markup) == text


@pytest.mark.parametrize("piece", ["<", ">", "<a", "<script>", "<script></script>", "&", "<p>x", "</script>"])
def test_any_markup_is_read_in_linear_time(piece: str) -> None:
    with bounded():
        text_without_markup(piece * 400_000)
