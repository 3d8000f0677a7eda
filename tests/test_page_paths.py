"""Tests of the paths of pages: each is one that a URL and a file can have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import page_paths
from scraper.web.site_folder import file_of


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
