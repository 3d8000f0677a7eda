"""Routes of pages: each path has a page, or one that says what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.web.page import Response


def test_page_links_relative_to_its_root(page: Callable[..., Response]) -> None:
    assert 'href="./assets/' in page("").body
    assert 'href="../../assets/' in page("statements/4/").body


@pytest.mark.parametrize(
    "path", ["statements/99/", "statements/0/", "nothing/", "assets/style.000000000000.css", "%00"]
)
def test_unknown_path_is_not_found(page: Callable[..., Response], path: str) -> None:
    response = page(path)
    assert response.status == 404
    assert "Not found" in response.body


def test_style_sheet_may_be_kept_for_ever(page: Callable[..., Response]) -> None:
    path = page("").body.partition('rel="stylesheet" href="./')[2].partition('"')[0]
    response = page(path)
    assert response.content_type == "text/css; charset=utf-8"
    assert dict(response.headers)["cache-control"] == "public, max-age=31536000, immutable"
