"""Lookup of the statement that a command-line argument names by number, guid or URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.cli.format import day_or_time
from scraper.errors import InputError
from scraper.text.normalize import clean
from scraper.urls import is_http

if TYPE_CHECKING:
    from scraper.model import Statement
    from scraper.store import Store


def find_one(store: Store, which: str) -> Statement:
    """Return the statement with a number, guid or URL. Raise `InputError` if it names none, or several."""
    which = clean(which)
    if which.isascii() and which.isdigit():
        statement = store.statements.by_id(int(which[:18]))
        if statement is not None:
            return statement
    elif (statement := store.statements.by_guid(which)) is not None:
        return statement
    elif is_http(which):
        found = store.statements.by_url(which)
        if len(found) > 1:
            names = ", ".join(f"{s.id} ({day_or_time(s.published_at, s.precision)})" for s in found)
            raise InputError(f"{which} has carried several statements: {names}", hint="name one by its number")
        if found:
            return found[0]
    raise InputError(f"no statement {which!r} is known", hint="`statewire list` and `statewire search` give numbers")
