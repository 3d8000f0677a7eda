"""Generator of invented statements: sentences of the vocabulary of this repository's fixtures, titles and labels."""

from __future__ import annotations

import json
import random
import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.text.normalize import paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
_SENTENCE_END = re.compile(r"(?<=[.!?”])\s+(?=[A-Z“])")
_COMMON_SHARE = 0.1
_MAX_SENTENCE_WORDS = 38
_BRANCH_SHARE = 0.2

COUNTRIES = (
    "Albania Algeria Argentina Armenia Australia Bangladesh Belgium Botswana Brazil Cambodia Cameroon Canada Chad"
    " Chile Colombia Cuba Cyprus Denmark Ecuador Egypt Estonia Ethiopia Finland France Gabon Georgia Germany Ghana"
    " Greece Haiti Honduras Iceland India Indonesia Iraq Ireland Israel Italy Jamaica Japan Jordan Kazakhstan Kenya"
    " Kuwait Latvia Lebanon Libya Malta Mexico Moldova Mongolia Nepal Nigeria Norway Panama Peru Poland Portugal Qatar"
    " Romania Senegal Serbia Somalia Spain Sudan Sweden Tunisia Turkey Uganda Ukraine Uruguay Vietnam Zambia"
).split()
# Each minister of the years from 2017, from the year in which they took office: all invented.
SECRETARIES = ((2017, "Harlan B. Voss"), (2021, "Miriam Adler Castine"), (2025, "Rosalind P. Quill"))
_NAMES = "Brandt Arel Okonjo Lindqvist Haddad Moreau Petrescu Tanaka Silva Novak Demir Rahman Kovacs Mbeki".split()
_THEMES = (
    "Trade Dialogue",
    "Security Consultations",
    "Joint Statement on Energy",
    "Humanitarian Assistance",
    "Elections",
    "Health Partnership",
    "Sanctions on Port Authorities",
    "Release of Detained Journalists",
    "Water Initiative",
    "Commission on the Northern Border",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Invented statement without identity: its labels, title and paragraphs."""

    title: str
    type: str
    byline: str
    speaker: str | None
    country: str
    body: tuple[str, ...]


class Vocabulary:
    """Words that follow each other in the English fixtures, and sentences that many statements share."""

    def __init__(self) -> None:
        sentences = [sentence.split() for text in _texts() for sentence in _SENTENCE_END.split(text)]
        sentences = [words for words in sentences if 8 <= len(words) <= _MAX_SENTENCE_WORDS]
        self._after: dict[str, list[str]] = defaultdict(list)
        for words in sentences:
            for one, other in pairwise([*words, ""]):
                self._after[one].append(other)
        self._starts = [words[0] for words in sentences]
        self._common = [" ".join(words) for words in sentences]
        self._all = [word for words in sentences for word in words[1:-1]]

    def sentence(self, rng: random.Random) -> str:
        """Return a sentence: a whole one of the fixtures now and then, otherwise a walk from word to word."""
        return rng.choice(self._common) if rng.random() < _COMMON_SHARE else self.walk(rng)

    def walk(self, rng: random.Random) -> str:
        """Return a sentence that no fixture has: a walk from word to word."""
        words = [rng.choice(self._starts)]
        while len(words) < _MAX_SENTENCE_WORDS:
            if len(words) > 3 and rng.random() < _BRANCH_SHARE and words[-1].islower():
                words.append(rng.choice(self._all))
                continue
            following = rng.choice(self._after.get(words[-1]) or [""])
            if not following:
                break
            words.append(str(rng.randrange(2, 900)) if following.isdigit() else following)
        return " ".join(words).rstrip(".,;:") + "."

    def body(self, rng: random.Random) -> tuple[str, ...]:
        """Return paragraphs of 300 to 700 words in total."""
        wanted, found, count = rng.randrange(300, 700), list[str](), 0
        while count < wanted:
            found.append(" ".join(self.sentence(rng) for _ in range(rng.randrange(1, 5))))
            count += found[-1].count(" ") + 1
        return tuple(found)


def draft(vocabulary: Vocabulary, number: int, year: int, day: str) -> Draft:
    """Return the statement of a number, the same in every run."""
    rng = random.Random(f"statement {number}")
    speaker = SECRETARIES[bisect_right([since for since, _ in SECRETARIES], year) - 1][1]
    country, surname = rng.choice(COUNTRIES), speaker.split()[-1]
    of_spokesperson, of_secretary = ("Office of the Spokesperson", None), (f"{speaker}, Secretary of State", speaker)
    title, kind, (byline, who) = rng.choice(
        (
            (
                f"Secretary {surname}’s Call with Foreign Minister {rng.choice(_NAMES)} of {country}",
                "Readout",
                of_spokesperson,
            ),
            (
                f"Secretary {surname}’s Meeting with Foreign Minister {rng.choice(_NAMES)} of {country}",
                "Readout",
                of_spokesperson,
            ),
            (f"{country} National Day", "Press Statement", of_secretary),
            (f"{country}: {rng.choice(_THEMES)}", "Press Statement", of_secretary),
            (f"{rng.choice(_THEMES)} with {country}", "Media Note", of_spokesperson),
            (f"Secretary of State {speaker} at a Press Availability in {country}", "Remarks", of_secretary),
            (f"Department Press Briefing – {day}", "Department Press Briefing", of_spokesperson),
            (f"Public Schedule – {day}", "Public Schedule", of_spokesperson),
            (f"U.S. Relations with {country}: {rng.choice(_THEMES)}", "Fact Sheet", of_spokesperson),
        )
    )
    return Draft(title, kind, byline, who, country, vocabulary.body(rng))


def slug(title: str) -> str:
    """Return a title as a part of a URL."""
    return "-".join(re.findall(r"[a-z0-9]+", title.casefold()))[:60].strip("-")


def _texts() -> Iterator[str]:
    """Yield the English paragraphs of the fixtures."""
    files = [ROOT / "benchmarks/extract_pages" / name for name in ("tuning", "tuning_2")]
    for path in sorted(path for folder in files for path in folder.glob("*.txt")):
        yield from (line for line in path.read_text().splitlines() if _is_english(line))
    for path in sorted((ROOT / "tests/parsers/fixtures/mirror-page").glob("*.expected.json")):
        text = json.loads(path.read_text()).get("text", "")
        yield from (line for line in paragraphs(text) if _is_english(line))


def _is_english(line: str) -> bool:
    return (
        len(line) > 80
        and line.count(" the ") * 40 > len(line.split())
        and sum(c > "\u024f" for c in line) < len(line) / 20
    )
