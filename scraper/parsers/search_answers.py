"""Answers of search services: the URLs that one names, and the fields that its results lack."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scraper.errors import DriftError
from scraper.parsers.document import Document, unicode_only

MAX_RESULTS: Final = 10_000
"""Most results of an answer that are counted."""
# GDELT passes titles on with backslashes that JSON does not know.
_STRAY_BACKSLASH = re.compile(r'\\(?!["\\/bfnrtu])')


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Phrase to search for, the time from which on pages may carry it, the present, and the most results wanted."""

    phrase: str
    since: datetime
    now: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """URLs of the results in order, "" for one without, and the names of the fields that no result has."""

    urls: tuple[str, ...]
    missing: tuple[str, ...] = ()


def read_json(document: Document) -> Any:
    """Return the JSON of an answer. Raise `DriftError` if it is none, or cut off."""
    try:
        return json.loads(_STRAY_BACKSLASH.sub("", document.text.lstrip("\ufeff")), strict=False)
    except (ValueError, RecursionError) as error:
        raise DriftError(document.url, f"an answer that is no JSON, or is cut off ({error})") from None


def of_rows(rows: object, link: str, fields: Collection[str], document: Document) -> SearchAnswer:
    """Return the answer of a list of results. Raise `DriftError` if it is none, or if no result has a URL.

    `link` is the path of a result's URL, `fields` are the further paths that results should have.
    """
    if not isinstance(rows, list):
        raise DriftError(document.url, "no list of results in the answer")
    found = [at_path(row, link) for row in rows[:MAX_RESULTS]]
    urls = tuple(unicode_only(url) if isinstance(url, str) else "" for url in found)
    if urls and not any(urls):
        raise DriftError(document.url, f"{len(urls)} results, none with {link}")
    return SearchAnswer(urls, missing_fields(rows, fields))


def missing_fields(rows: Sequence[object], fields: Collection[str]) -> tuple[str, ...]:
    """Return those paths at which no row has a value; none if there are no rows."""
    return tuple(name for name in fields if rows and not any(at_path(row, name) for row in rows[:MAX_RESULTS]))


def at_path(value: object, path: str) -> object:
    """Return the value at a path of keys with dots between them; None if there is none."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
