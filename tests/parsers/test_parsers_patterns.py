"""Tests of all regular expressions over fetched text: linear time."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
from bounded import bounded

from scraper import parsers

PATTERNS = [
    (f"{module.name}.{name}", value)
    for module in pkgutil.iter_modules(parsers.__path__, "scraper.parsers.")
    for name, value in sorted(vars(importlib.import_module(module.name)).items())
    if isinstance(value, re.Pattern)
]
# Over so many characters, slow quadratic time is more than the limit, linear time milliseconds.
N, LIMIT_S = 5_000, 5.0
WORST = [
    start + fill * N
    for start in (
        "",
        "<!ENTITY",
        "Home",
        "xmlns",
        "read more",
        "https://x/releases/",
        "i@x (",
        "June",
        "type-",
        "A, ",
        "2026",
    )
    for fill in (" ", "a", "/", "<", "1", "a ", "a.", "<!--", "hide")
]


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 20


@pytest.mark.parametrize(("name", "pattern"), PATTERNS, ids=[name for name, _ in PATTERNS])
def test_pattern(name: str, pattern: re.Pattern[str]) -> None:
    for worst in WORST:
        with bounded(LIMIT_S):
            pattern.search(worst)
            pattern.fullmatch(worst)
