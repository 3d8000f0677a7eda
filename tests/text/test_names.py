"""British and American spellings."""

import pytest

from scraper.text import names


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("harbour", "harbor"),
        ("the Harbour of LABOUR, organised", "the Harbor of LABOR, organized"),
        ("harbor", "harbor"),
        ("café harbours2", "café harbors2"),
        ("", ""),
    ],
)
def test_words_as_america_spells_them(text: str, spelled: str) -> None:
    assert names.american(text) == spelled
