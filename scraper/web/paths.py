"""Paths of pages below their root, the one place that forms them (pure); routes parse the same forms."""

import re
import unicodedata
from typing import Final

_NO_SLUG: Final = re.compile(r"[\W_]+")
_MAX_SLUG_CHARS = 80


def slug(label: str) -> str:
    """Return a label as a part of a path: its letters and digits in lower case, joined by hyphens; "-" for none.

    Two labels can have the same slug, which then stands for both.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", label.casefold()) if not unicodedata.combining(c))
    return _NO_SLUG.sub("-", plain)[:_MAX_SLUG_CHARS].strip("-") or "-"


def statement(statement_id: int) -> str:
    """Return the path of a statement's page."""
    return f"statements/{statement_id}/"


def revision(statement_id: int, number: int) -> str:
    """Return the path of a page with one revision as it was."""
    return f"statements/{statement_id}/revisions/{number}/"


def comparison(statement_id: int, before: int, after: int) -> str:
    """Return the path of the comparison of two revisions."""
    return f"statements/{statement_id}/compare/{before}/{after}/"


def copy(page_id: int, statement_id: int) -> str:
    """Return the path of the page of a copy."""
    return f"copies/{page_id}/{statement_id}/"


def outlet(host: str) -> str:
    """Return the path of the page of an outlet, by its host without `www.`."""
    return f"outlets/{host}/"


def history(statement_id: int) -> str:
    """Return the path of the page with all revisions, events and URLs of a statement."""
    return f"statements/{statement_id}/history/"


def copies_of(statement_id: int, part: int = 1) -> str:
    """Return the path of a part of the list of a statement's copies, numbered from 1."""
    return f"statements/{statement_id}/copies/" + (f"{part}/" if part > 1 else "")


def evidence(statement_id: int, number: int) -> str:
    """Return the path of the stored response in which a revision first appeared."""
    return f"statements/{statement_id}/evidence/{number}"


def statement_json(statement_id: int) -> str:
    """Return the path of a statement for programs."""
    return f"statements/{statement_id}/statement.json"


def statement_feed(statement_id: int) -> str:
    """Return the path of the feed of a statement."""
    return f"statements/{statement_id}/feed.atom"
