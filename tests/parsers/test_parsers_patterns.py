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
# Quadratic time over so many characters is seconds, linear time milliseconds.
N = 10_000
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
        with bounded():
            pattern.search(worst)
            pattern.fullmatch(worst)
