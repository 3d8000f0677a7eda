"""Invented statements in a database and its index file, and pages that carry, quote and alter them."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from samples import HTML_HEADERS, NOON, record, warc

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


# Pages


def html(*parts: str, title: str = "Gazette", head: str = "") -> bytes:
    body = "".join(f"<p>{part}</p>" for part in parts)
    menu = "<ul>" + "".join(f"<li><a href='/{at}'>Section {at}</a></li>" for at in range(9)) + "</ul>"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{menu}<article><h1>{title}</h1>{body}</article><footer>All rights are reserved.</footer></body></html>"
    ).encode()


NEWS = (
    "The council met on Monday and talked about the price of bread for three hours.",
    "A member of the opposition asked why the bakery on the market had been closed since May.",
    "Nobody gave her an answer, and the session ended before the evening bell of the church.",
)
FRENCH = (
    "Le conseil municipal s’est réuni lundi et a parlé pendant trois heures du prix du pain dans la ville.",
    "Un membre de l’opposition a demandé pourquoi la boulangerie du marché était fermée depuis le mois de mai.",
)


def pages() -> dict[str, bytes]:
    """Return pages by URL: what a trace says of each is in `FOUND`."""
    changed = sentence(131).replace("families", "households")
    return {
        "https://one.example/copy": html(*paragraphs(3), title="Works in Isling"),
        "https://one.example/cut": html(NEWS[0], *paragraphs(4)[:2], NEWS[1]),
        "https://one.example/news": html(*NEWS),
        "https://two.example/quote": html(NEWS[0], f"“{sentence(201)}” said the minister.", NEWS[1]),
        "https://two.example/bare": html(NEWS[0], sentence(243), NEWS[2]),
        "https://two.example/short": html(NEWS[0], "“will survey the old tower near” were her words."),
        "https://two.example/changed": html(NEWS[0], f"“{changed}”", NEWS[2]),
        "https://three.example/fr": html(*FRENCH, f"Source : <a href='{url_of(5)}'>{url_of(5)}</a>"),
        "https://three.example/en": html(*NEWS, f"See also <a href='{url_of(5)}'>this</a>."),
        "https://www.state.gov/own/": html(*paragraphs(3)),
    }


def page_record(url: str, body: bytes, at: datetime = NOON, **more: Any) -> bytes:
    return record(at, body, url, headers=HTML_HEADERS, **more)


def archive(path: Path, found: dict[str, bytes] | None = None, at: datetime = NOON) -> Path:
    """Write a WARC file of pages."""
    return warc(path, *(page_record(url, body, at) for url, body in (pages() if found is None else found).items()))


def text_record(url: str, text: str, at: datetime = NOON) -> bytes:
    """Return a record of a WET file."""
    content = text.encode()
    head = (
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
