"""Tests of the package `fetch`: the cost of its import, and its public names."""

import subprocess
import sys

import pytest

import scraper.fetch


def test_httpx_is_imported_late() -> None:
    code = (
        "import sys, scraper.fetch; from scraper.fetch.classify import classify; "
        "assert not {'httpx', 'httpcore', 'yaml', 'protego'} & set(sys.modules); "
        "scraper.fetch.Fetcher; assert 'httpx' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_is_there() -> None:
    assert all(getattr(scraper.fetch, name) for name in scraper.fetch.__all__)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = scraper.fetch.nothing_of_the_kind  # type: ignore[attr-defined]
