"""Tests of memory release: every cache is cleared."""

from __future__ import annotations

from trafilatura.utils import trim

from scraper.daemon import memory
from scraper.model import Item, Reading
from scraper.parsers import html_text
from scraper.rules import state_hosts, untrusted, wordings


def test_nothing_is_kept_of_what_was_read() -> None:
    wordings.wording_keys(wordings.build_wording("Lamps", ("They are lit.",), None))
    html_text.read_html("<p>They are lit.</p>")
    untrusted.clean_reading(Reading("feed", (Item("https://www.state.gov/1/", "Lamps"),)))
    state_hosts.namespace("https://www.state.gov/1/")
    trim("They are lit.")
    kept = (
        wordings.wording_keys,
        wordings.build_wording,
        html_text._cached,
        untrusted._cached_item,
        state_hosts.namespace,
        trim,
    )
    assert all(each.cache_info().currsize for each in kept)
    memory.release()
    assert not any(each.cache_info().currsize for each in kept)


def test_a_libc_that_has_no_such_function_is_left_alone() -> None:
    memory._libc("no_such_function", 1)
