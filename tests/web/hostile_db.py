"""Database whose every public text was written by somebody who wants to break the pages: the demo's, changed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from scraper.model import Wording
from scraper.store.statements import wording_columns
from scraper.text import scripts

if TYPE_CHECKING:
    from pathlib import Path

LONG_WORD = "x" * 10_000
SCRIPT = "<script>window.ran=1</script><img src=x onerror=window.ran=2><svg/onload=window.ran=3>"
ATTRIBUTE = "\" onmouseover=window.ran=4 autofocus onfocus='window.ran=5' x=\""
BIDI = "\u202egpj.exe\u202c \u2066turned\u2069 \u200fmarks"
TEMPLATE = "{{7*7}} {% for x in y %} {# note #} &lt;b&gt; </title></script>"
TEXT = f"{SCRIPT} {ATTRIBUTE} {BIDI} {TEMPLATE} {'a' + chr(0x301) * 40} 声明{'声明' * 200} {LONG_WORD}"
BAD_URL = "javascript:window.ran=6"
LONG_URL = f'https://evil.example/{"u" * 3_000}/?q="onclick="window.ran=7&<b>'

# Texts that pages show and that came from outside. Kinds, states, relations, times and hashes are our own.
_TEXTS = {
    "statements": ("title", "type", "byline", "speaker", "bureau", "place"),
    "pages": ("title",),
    "events": ("title", "page_title", "before", "after"),
    "sources": ("incident_detail",),
    "captures": ("detail",),
}
_LISTS = {
    "statements": ("countries", "subjects"),
    "pages": ("via", "quotes"),
    "copies": ("differences", "evidence"),
    "events": ("reasons",),
}


def write(demo: Path, path: Path) -> None:
    """Write the database of the demo to a new path, with hostile texts beside its own ones."""
    with closing(sqlite3.connect(demo)) as source, closing(sqlite3.connect(path)) as db:
        source.backup(db)
        db.create_function("search_text", 1, scripts.index_text, deterministic=True)
        db.execute("DROP TRIGGER events_immutable")
        for table, columns in _TEXTS.items():
            for column in columns:
                db.execute(f"UPDATE {table} SET {column} = ifnull({column}, '') || ' ' || ?", [TEXT])
        for table, columns in _LISTS.items():
            for column in columns:
                db.execute(f"UPDATE {table} SET {column} = json_insert({column}, '$[#]', ?)", [TEXT])
        db.execute("UPDATE events SET changes = ?", [json.dumps([[SCRIPT, TEXT, ATTRIBUTE, "material", False]])])
        for row_id, title, text in db.execute("SELECT id, title, text FROM revisions").fetchall():
            # At the end, so that the places of passages and differences still hold.
            row = wording_columns(Wording(f"{title} {TEXT}", f"{text}\n\n{TEXT}\n\n{SCRIPT * 20}"))
            assigned = ", ".join(f"{column} = ?" for column in row)
            db.execute(f"UPDATE revisions SET {assigned} WHERE id = ?", [*row.values(), row_id])
        db.execute(
            "UPDATE page_wordings SET title = title || ' ' || ?, text = text || ? , shown = shown || ?", [TEXT] * 3
        )
        db.execute("UPDATE pages SET url = ? || id WHERE id % 2", [BAD_URL])
        db.execute("UPDATE pages SET url = ? || id WHERE NOT id % 2", [LONG_URL])
        db.execute("UPDATE pages SET claimed_urls = ?", [json.dumps([BAD_URL, LONG_URL])])
        db.execute("UPDATE events SET url = ? WHERE id % 2", [BAD_URL])
        db.execute("UPDATE events SET page_url = ? WHERE page_url IS NOT NULL", [LONG_URL])
        db.execute("UPDATE statements SET links = ?", [json.dumps([BAD_URL, LONG_URL])])
        db.execute("UPDATE statements SET url = ? WHERE id % 2", [BAD_URL])
        db.execute("UPDATE statement_urls SET url = ? || statement_id WHERE statement_id % 2", [LONG_URL])
        db.execute("UPDATE sources SET serving = ?", [LONG_URL])
        db.commit()
