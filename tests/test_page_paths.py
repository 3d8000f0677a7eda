"""Tests of the paths of pages: each is one that a URL and a file can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import page_paths
from scraper.web.site_folder import file_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("Press Statement", "press-statement"),
        ("Côte d’Ivoire", "cote-d-ivoire"),
        ("湄公河", "湄公河"),
        ("…", "-"),
        ("", "-"),
    ],
)
def test_a_slug_has_the_letters_of_its_label(label: str, slug: str) -> None:
    assert page_paths.slug(label) == slug


@given(st.text())
def test_every_slug_is_a_name_of_a_file(label: str) -> None:
    assert file_of(f"phrase/{page_paths.slug(label)}/") is not None


@pytest.mark.parametrize("letter", ["é", "湄", "𠀀", "\U0001d7d8"])
def test_a_long_slug_is_cut_between_letters(letter: str) -> None:
    slug = page_paths.slug(letter * 300)
    assert 0 < len(slug) <= 80
    assert len(slug.encode()) <= 200
    assert file_of(f"{slug}/") is not None


@pytest.mark.parametrize("path_of", [page_paths.source, page_paths.source_statements])
def test_each_source_has_paths_of_its_own(path_of: Callable[[str], str]) -> None:
    names = ["a-b", "a--b", "a-b-", f"{'a' * 90}-b", f"{'a' * 90}-c"]
    assert len({path_of(name) for name in names}) == len(names)
    assert all(file_of(path_of(name)) for name in names)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".", "é", "a" * 101, "a\n"])
def test_a_name_that_no_path_can_have_has_none(name: str) -> None:
    assert page_paths.source(name) == page_paths.source_statements(name) == ""
