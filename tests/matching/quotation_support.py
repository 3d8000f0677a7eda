"""Statements and pages for the tests of quotations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from match_support import FIRST_DAY, HARBOUR_KEY, REEF_NEW, VISA_KEY, Stored

from scraper.matching.quotations import Quotation, QuotationFinder
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.matching.model import Index, IndexedText, RevisionKey

BEFORE = "Fishermen blocked the old bridge on Monday, and the mayor asked for calm in a short address.\n"
AFTER = "\nNobody in the port could say when the ferries would run again, local radio reported."
VOTERS = (
    "We stand with the observers who stayed at their tables through three nights, and with the voters who came back."
)
BERTHS = "both sides will invest $80 million over six years, and the first of four berths opens in March 2031"

ADDED = "“They found that the coastal losses of the last decade were twice as large as reported.”"
THANKS = "“Delegates thanked the University of Lunmouth for its hospitality and its patience.”"
SHARED = "We expect the pilots of both coasts to share one chart of the northern shoals before winter."
TWO = (
    Stored(
        "Talks in Sel",
        (f"The envoys met for the first time. {SHARED} Nothing more was agreed between the envoys.",),
        FIRST_DAY,
    ),
    Stored(
        "Talks in Morn",
        (f"The envoys met again after the summer. {SHARED} Supper was served late.",),
        FIRST_DAY + timedelta(days=60),
    ),
    Stored(
        "Charts",
        ("We expect the pilots of both coasts to retire early. The rest is as it was.",),
        FIRST_DAY + timedelta(days=5),
    ),
)


def found(index: Index, line: str, date: datetime | None = None) -> list[Quotation]:
    words = Words(f"{BEFORE}{line}{AFTER}")
    return list(QuotationFinder(index).find(words, bytearray(b"\1" * len(words)), date))


def asked(index: Index, sentence: str) -> list[Quotation]:
    """The answer to a person who asks about a sentence."""
    words = Words(f"“{sentence}”")
    return list(QuotationFinder(index).find(words, bytearray(b"\1" * len(words)), None, is_asked=True))


def quoted(index: Index, line: str) -> list[str]:
    text = f"{BEFORE}{line}{AFTER}"
    return [text[slice(*each.page)] for each in found(index, line)]


class Counting:
    """Index that counts the texts that are read, in which every run of words leads to every statement."""

    def __init__(self, index: Index) -> None:
        self._index, self.texts = index, 0

    def postings(self, hashes: Sequence[int]) -> dict[int, list[RevisionKey]]:
        return {value: [HARBOUR_KEY, REEF_NEW, VISA_KEY] for value in hashes}

    def text(self, key: RevisionKey) -> IndexedText:
        self.texts += 1
        return self._index.text(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)
