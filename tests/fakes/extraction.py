"""Pages whose main text is known, and scores of the text that a reader takes for it.

The measure is that of public benchmarks of article extraction: bags of runs of four words. Punctuation and paragraphs
do not count, each word does.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import mean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WORD = re.compile(r"\w+")
_RUN = 4


class UnusableFolderError(Exception):
    """A folder of pages cannot be scored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class KnownPage:
    """Page with its main text. Empty or None is what its JSON file does not give."""

    name: str
    body: bytes
    text: str
    url: str = ""
    title: str = ""
    date: date | None = None
    captured_at: datetime | None = None

    @property
    def charset(self) -> str | None:
        """`utf-8` if the body is that, whatever it declares: files are often saved so. None if it is not."""
        try:
            self.body.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return "utf-8"


@dataclass(frozen=True, slots=True)
class Found:
    """Result of a reader for one page. `problem` says why there is no text."""

    text: str = ""
    title: str = ""
    date: date | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Agreement of one text with the truth. `precision` is None if there is no text."""

    precision: float | None
    recall: float

    @property
    def f1(self) -> float:
        return _f1(self.precision or 0.0, self.recall)


@dataclass(frozen=True, slots=True)
class Summary:
    """Scores of a reader over all pages. Titles and dates are pairs: right ones, known ones."""

    precision: float
    recall: float
    f1: float
    under_half: int
    titles: tuple[int, int]
    dates: tuple[int, int]


def load(folder: Path) -> list[KnownPage]:
    """Return the pages of a folder: `NAME.html`, `NAME.txt` with its main text and, optional, `NAME.json`."""
    if not folder.is_dir():
        raise UnusableFolderError(f"{folder} is no folder. Name one with pairs NAME.html and NAME.txt")
    pages = sorted(folder.glob("*.html"))
    if not pages:
        raise UnusableFolderError(f"{folder} has no .html file. Name a folder with pairs NAME.html and NAME.txt")
    for kind, other in ((".html", ".txt"), (".txt", ".html")):
        if alone := [path.name for path in sorted(folder.glob(f"*{kind}")) if not path.with_suffix(other).exists()]:
            raise UnusableFolderError(
                f"{folder} has no {other} beside {', '.join(alone[:5])}{' ...' if alone[5:] else ''}."
                " Add the missing files, or remove these"
            )
    return [_load(path) for path in pages]


def _load(path: Path) -> KnownPage:
    try:
        text = path.with_suffix(".txt").read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnusableFolderError(f"{path.with_suffix('.txt')} is not UTF-8. Save it as UTF-8") from error
    if not words(text):
        raise UnusableFolderError(f"{path.with_suffix('.txt')} has no words. Write the main text of the page into it")
    about = path.with_suffix(".json")
    try:
        given = json.loads(about.read_text(encoding="utf-8")) if about.exists() else {}
        day, at = given.get("date"), given.get("captured_at")
        return KnownPage(
            path.stem,
            path.read_bytes(),
            text,
            given.get("url") or "",
            given.get("title") or "",
            date.fromisoformat(day) if day else None,
            _with_zone(datetime.fromisoformat(at)) if at else None,
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise UnusableFolderError(
            f"{about} cannot be used ({error})."
            " It has to be an object; url, title, date (2026-01-31) and captured_at (ISO 8601) are optional"
        ) from error


def _with_zone(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def words(text: str) -> list[str]:
    """Return the runs of word characters in a text."""
    return _WORD.findall(text)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the bag of all runs of four words; a shorter text is one run, one without words none."""
    found = words(text)
    if not found:
        return Counter()
    return Counter(tuple(found[at : at + _RUN]) for at in range(max(1, len(found) - _RUN + 1)))


def score(found: str, true: str) -> Score:
    """Compare a text with the main text of its page."""
    mine, theirs = shingles(found), shingles(true)
    common = (mine & theirs).total()
    return Score(common / mine.total() if mine else None, common / theirs.total() if theirs else 0.0)


def summarize(pages: Sequence[KnownPage], results: Sequence[Found]) -> Summary:
    """Sum up what a reader found in each page.

    F1 is that of the mean precision and the mean recall. A page without any text counts in the recall only.
    """
    scores = [score(found.text, page.text) for page, found in zip(pages, results, strict=True)]
    precisions = [each.precision for each in scores if each.precision is not None]
    precision = mean(precisions) if precisions else 0.0
    recall = mean(each.recall for each in scores)
    both = list(zip(pages, results, strict=True))
    titles = [_key(page.title) == _key(found.title) for page, found in both if page.title]
    dates = [page.date == found.date for page, found in both if page.date]
    return Summary(
        precision,
        recall,
        _f1(precision, recall),
        sum(each.recall < 0.5 for each in scores),
        (sum(titles), len(titles)),
        (sum(dates), len(dates)),
    )


def under_half_of_peer(mine: Sequence[Score], peers: Sequence[Score]) -> int:
    """Count the pages on which a reader has less than half of the peer's recall."""
    return sum(own.recall < peer.recall / 2 for own, peer in zip(mine, peers, strict=True))


def _key(title: str) -> list[str]:
    return words(title.casefold())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
