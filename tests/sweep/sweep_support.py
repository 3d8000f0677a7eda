"""Invented statements in a database and its index file, and pages that carry, quote and alter them."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.cli import main
from scraper.store import Store
from scraper.sweep import index_build
from scraper.sweep.index_file import IndexFile

NOUNS = "harbour lantern river bridge orchard signal valley market compass ferry garden mill tower island road".split()
VERBS = "repair measure protect rebuild widen survey replace deepen connect restore light paint clear raise".split()
PLACES = "Tarvenia Corvantia Lunmouth Isling Selland Morn Quarrel Vesper Ondal Brask Hollin Tamber Yssel".split()


@dataclass(frozen=True)
class Known:
    """A database with its index file."""

    store: Store
    index: IndexFile
    database: Path
    file: Path


def sentence(number: int) -> str:
    """Return a sentence that shares no long run of words with that of another number."""
    noun, verb = NOUNS[number % len(NOUNS)], VERBS[number * 7 % len(VERBS)]
    place, other = PLACES[number * 5 % len(PLACES)], PLACES[(number * 3 + 1) % len(PLACES)]
    return (
        f"Engineers number {number} from {place} will {verb} the old {noun} near {other} before winter {number + 3},"
        f" and {number * 2 + 11} families may then return to it."
    )


def paragraphs(statement: int) -> list[str]:
    return [" ".join(sentence(statement * 40 + at * 3 + each) for each in range(3)) for at in range(4)]


def url_of(statement: int) -> str:
    return f"https://www.state.gov/releases/works-of-{statement}/"


def line(statement: int, captured_at: str = "2026-03-02T12:00:00Z", text: str = "") -> str:
    return json.dumps(
        {
            "guid": f"https://www.state.gov/?post_type=state_press_release&p={700 + statement}",
            "url": url_of(statement),
            "title": f"Works in {PLACES[statement % len(PLACES)]}, Part {statement}",
            "published_at": f"2026-03-{1 + statement % 28:02}T10:00:00Z",
            "text": text or "\n\n".join(paragraphs(statement)),
            "captured_at": captured_at,
        }
    )


def database(folder: Path, count: int = 12) -> Path:
    """Import statements, of which the first has two wordings, and the last has the words of the one before it."""
    file, path = folder / "statements.jsonl", folder / "sweep.db"
    lines = [line(each) for each in range(count)]
    lines.append(line(0, "2026-03-03T12:00:00Z", "\n\n".join(paragraphs(0)).replace("winter", "summer")))
    lines.append(line(count, text="\n\n".join(paragraphs(count - 1))))
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(SystemExit) as done:
        main(["--db", str(path), "-q", "import", str(file)])
    assert done.value.code == 0
    return path


def known(folder: Path) -> Known:
    path, file = database(folder), folder / "sweep.index"
    store = Store(path)
    index_build.build(store, file)
    return Known(store, IndexFile(file), path, file)
