"""Version of a page: a digest of what it shows, by which the static site knows that a page is unchanged."""

from hashlib import sha256
from typing import Any


def version(*shown: Any) -> str:
    """Return a digest of what a page shows: values of a fixed `repr`, such as texts, times and dataclasses of them."""
    return sha256(repr(shown).encode(errors="replace")).hexdigest()[:16]
