"""Paths of pages below their root, the one place that forms them (pure); routes parse the same forms."""

import re
import unicodedata
from typing import Final

_NO_SLUG: Final = re.compile(r"[\W_]+")
_MAX_SLUG_CHARS = 80

TRACE: Final = "trace/"
"""Path of the page "Is this State's?"; only a server has it."""
DATA: Final = "data"
"""Path of Datasette's pages with the public views; only a server has them."""


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
