"""False copies among the statements of another ministry that share no template with State's.

    python -m benchmarks.other_house DATABASE [--count N] [--seed N] [--wrong]

DATABASE comes from `statewire import` of the real feed captures. The other ministry writes calls, days of nations,
daily schedules, sanctions and grants in phrases of its own, with standing notes of its own, and quotes sentences that
State's statements quote as well: words of third parties. A third of the pages have no title, a third no date.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import other_sites as sites
from benchmarks import pages
from scraper.matching import Matcher, PageToMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTED = re.compile(r"“([^”“\n]{80,600})”")
_FIRST_DAY = datetime(2021, 5, 23, tzinfo=UTC)
_NAMES = "Lind Okafor Marek Strand Vane Quill Ferro Iversen Tamm Roos Duarte Hale Bekele Novak Sato Ilves".split()
_NOTES = (
    "About the Ministry: the Ministry of External Affairs of the Commonwealth of Sel runs forty missions, looks after "
    "its citizens abroad and speaks for its harbours in the councils of the sea.",
    "Journalists with questions should write to desk@mea.example or ring the duty officer, who answers until midnight.",
    "Those who leave for the places named above should carry two copies of their passport, tell a friend the way they "
    "take, and read the notices of the consulate each morning.",
    "Whoever pays, hires or shelters a listed person breaks the Freezing Act and may be tried for it; banks must close "
    "the accounts of such persons within three working days and write to the Registrar.",
)


class Other(NamedTuple):
    """A statement of the other ministry: its kind, title and paragraphs."""

    kind: str
    title: str
    paragraphs: Sequence[str]


class House:
    """Generator of the statements of another ministry, with one seed."""

    def __init__(self, rng: random.Random, quotations: Sequence[str]) -> None:
        self._rng = rng
        self._news = sites.News(rng)
        self._quotations = quotations

    def statement(self) -> Other:
        """Return a statement of a random kind."""
        return self._rng.choice((self._call, self._day, self._schedule, self._listing, self._grant, self._quoting))()

    def _with_notes(self, *paragraphs: str) -> list[str]:
        return [*paragraphs, *self._rng.sample(_NOTES, self._rng.randrange(3))]

    def _land(self) -> str:
        return self._rng.choice(sites.COUNTRIES)

    def _call(self) -> Other:
        who, land = self._rng.choice(_NAMES), self._land()
        first = f"This morning the Minister rang {who}, who heads the diplomacy of {land}. {self._news.say()}"
        return Other("call", f"Minister Rings {who} of {land}", self._with_notes(first, *self._news.paragraphs(2)))

    def _day(self) -> Other:
        land, age = self._land(), self._rng.randrange(20, 240)
        first = f"{land} is {age} years old today, and the Commonwealth of Sel raises its glass to all who live there."
        last = f"May the year ahead bring {land} rain in season and quiet borders."
        return Other("day", f"{land} at {age}", self._with_notes(first, *self._news.paragraphs(2), last))

    def _schedule(self) -> Other:
        day = _FIRST_DAY + timedelta(days=self._rng.randrange(80))
        rows = [
            f"{self._rng.randrange(8, 12)}:{self._rng.choice(('00', '15', '30'))} a.m. The Minister receives "
            f"{self._rng.choice(_NAMES)} of {self._land()}. (Photographers only)"
            for _ in range(self._rng.randrange(2, 7))
        ]
        return Other("schedule", f"The Minister’s Day – {day:%B} {day.day}, {day.year}", self._with_notes(*rows))

    def _listing(self) -> Other:
        who, land = self._rng.choice(_NAMES), self._land()
        first = f"The Registrar has entered {who} of {land} in the list of the Freezing Act. {self._news.say()}"
        return Other("listing", f"{who} Listed under the Freezing Act", [first, self._news.say(), _NOTES[3]])

    def _grant(self) -> Other:
        land, sum_of = self._land(), self._rng.randrange(2, 90)
        first = f"Sel sends {sum_of} million crowns to {land} for wells, roofs and seed. {self._news.say()}"
        return Other("grant", f"{sum_of} Million Crowns for {land}", self._with_notes(first, *self._news.paragraphs(2)))

    def _quoting(self) -> Other:
        quoted = f"{self._news.say()} One sentence says it all: “{self._rng.choice(self._quotations)}”"
        return Other("quoting", self._news.headline(), self._with_notes(self._news.say(), quoted, self._news.say()))


def main() -> None:
    """Trace the statements of another ministry and print the number of false copies for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="name every false copy")
    options = parser.parse_args()
    corpus = pages.load(options.database)
    texts = (corpus.revisions[key].words.text for key in corpus.current.values())
    rng = random.Random(f"house {options.seed}")
    house = House(rng, sorted({found for text in texts for found in _QUOTED.findall(text)}))
    asked, false = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        matcher = Matcher(pages.index_without(options.database, Path(folder)))
        for _ in range(options.count):
            other = house.statement()
            at = _FIRST_DAY + timedelta(hours=rng.randrange(80 * 24))
            page = PageToMatch(
                "\n".join((other.title, *other.paragraphs)),
                other.title if rng.random() < 2 / 3 else None,
                at if rng.random() < 2 / 3 else None,
            )
            copies = [match for match in matcher.trace(page) if match.relation.is_copy]
            asked[other.kind] += 1
            false[other.kind] += bool(copies)
            if options.wrong and copies:
                title = corpus.revisions[copies[0].key].title
                print(f"{other.title!r}: {copies[0].relation} of {title!r}, {copies[0].evidence}", file=sys.stderr)
    print(f"{'statements':16}{'n':>7}{'false copies':>14}")
    for kind in sorted(asked):
        print(f"{kind:16}{asked[kind]:7}{false[kind]:14}")
    print(f"{'all':16}{asked.total():7}{false.total():14}")


if __name__ == "__main__":
    main()
