"""Databases and readers that the tests of statements' pages share."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING

from scraper.store import Audience, Store
from scraper.web.routes import ROUTES

if TYPE_CHECKING:
    from pathlib import Path

Change = tuple[str, list[object]]
_HREF = re.compile(r'href="([^"]*)"')


def addresses(db: Path) -> dict[str, str]:
    """Return the version of each page of a statement or copy, by its path."""
    with Store(db, audience=Audience.PAGES) as store, store.snapshot():
        found = [each for route in ROUTES if route.addresses for each in route.addresses(store)]
    own = [(path, version) for path, version in found if path.startswith(("statements/", "copies/"))]
    assert len(dict(own)) == len(own)
    return dict(own)


def links(path: str, body: str) -> set[str]:
    """Return the paths of statements and copies to which a page links."""
    folder = path if path.endswith("/") else path.rpartition("/")[0]
    found = set()
    for href in _HREF.findall(body):
        if "://" not in href and not href.startswith(("#", "data:")):
            target = normpath(f"/{folder}/{href}").lstrip("/") + ("/" if href.endswith("/") else "")
            if target.startswith(("statements/", "copies/")):
                found.add(target)
    return found


def revisions(statement_id: int, count: int, text: str) -> list[Change]:
    """Return the changes that give a statement so many revisions, each with a paragraph of its own."""
    first = "UPDATE revisions SET text = ? WHERE statement_id = ? AND number = 1"
    more = (
        "INSERT OR REPLACE INTO revisions (statement_id, number, title, text, words, words_sha256, grade,"
        " first_seen_at, last_seen_at) VALUES (?, ?, 'Lower Valley Rivers Initiative', ?, 9, ?, 'material', ?, ?)"
    )
    event = (
        "INSERT INTO events (kind, detected_at, statement_id, guid, title, grade, reasons, changes, source, backfill,"
        " revision) VALUES ('statement.revised', ?, ?, 'g', 't', 'material', '[\"amount: $1 → $2\"]',"
        ' \'[["amount", "$1", "$2", "material", false]]\', \'state-press-releases\', 0, ?)'
    )
    found: list[Change] = [(first, [text, statement_id])]
    for number in range(2, count + 1):
        at = f"2026-05-{13 + number // 24:02}T{number % 24:02}:00:00Z"
        wording = f"{text}\n\nThe sum of revision {number} is ${number} million."
        found.append((more, [statement_id, number, wording, f"{number:064}", at, at]))
        found.append((event, [at, statement_id, number]))
    found.append(("UPDATE statements SET revision = ? WHERE id = ?", [count, statement_id]))
    return found


def copies(statement_id: int, count: int) -> list[Change]:
    """Return the changes that give a statement so many more copies, altered and faithful ones, gone and standing."""
    page = (
        "INSERT INTO pages (id, url, source, title, relation, claims_department, claimed_urls, via, quotes, parser,"
        " traced_revision_id, first_seen_at, last_seen_at, backfill)"
        " VALUES (?, ?, 'merrow', 'A title', 'altered', 1, '[]', '[]', '[]', 'x', 0, ?, ?, 0)"
    )
    wording = (
        "INSERT INTO page_wordings (page_id, number, title, text, shown, words_sha256, first_seen_at, last_seen_at)"
        " VALUES (?, 1, 'A title', 'x', 'x', 'x', ?, ?)"
    )
    copy = (
        "INSERT INTO copies (page_id, statement_id, revision, relation, coverage, fidelity, grade, differences,"
        " evidence, spans, first_seen_at, last_seen_at, gone_at, outdated)"
        " VALUES (?, ?, 1, ?, 0.5, 0.9, 'material', ?, '[]', '[]', ?, ?, ?, ?)"
    )
    relations = ("altered", "excerpt", "verbatim", "translated")
    difference = '["' + "amount: $80 million → $800 million over a long time of many years " * 2 + '"' + "]"
    found: list[Change] = []
    for number in range(count):
        at, page_id = f"2026-05-{13 + number // 60:02}T{number % 24:02}:{number % 60:02}:00Z", 1000 + number
        url = f"https://site-{number}.example/a/path/of/an/article/that/is/rather/long/{number}"
        found += [(page, [page_id, url, at, at]), (wording, [page_id, at, at])]
        gone = at if number % 5 == 0 else None
        facts = [page_id, statement_id, relations[number % 4], difference, at, at, gone, number % 2]
        found.append((copy, facts))
    return found
