"""Tests of the words of guards."""

from __future__ import annotations

import pytest
from samples import NOON

from scraper.rules import guards
from scraper.rules.guards import Guard, Withheld, describe


@pytest.mark.parametrize("guard", list(Guard))
def test_each_guard_says_what_happened_and_what_to_do(guard: Guard) -> None:
    assert guards.GUARDS[guard].advice.endswith(".")


def test_a_guard_in_words() -> None:
    found = describe(Withheld(Guard.MAIL_LENGTH, "desk@example.org", 2, NOON, NOON))
    assert found == "desk@example.org: 2 events left out of a mail that was full, which counts them"


def test_a_guard_without_words_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(guards.GUARDS, Guard.MAX_PER_DAY)
    with pytest.raises(LookupError, match=r"no row for alerts\.max_per_day"):
        guards.check()
