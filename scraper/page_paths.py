"""Paths of pages below their root, the one place that forms them (pure): for pages, their links, mails and feeds.

Routes of `scraper.web` parse the same forms.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_NO_SLUG: Final = re.compile(r"[\W_]+")
_MAX_SLUG_CHARS = 80
# A slug is the name of a file of the static site, which has at most 255 bytes.
_MAX_SLUG_BYTES = 200


def slug(label: str) -> str:
    """Return a label as a part of a path: its letters and digits in lower case, joined by hyphens; "-" for none.

    Two labels can have the same slug, which then stands for both.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", label.casefold()) if not unicodedata.combining(c))
    short = _NO_SLUG.sub("-", plain)[:_MAX_SLUG_CHARS].encode("utf-8", "ignore")[:_MAX_SLUG_BYTES]
    return short.decode("utf-8", "ignore").strip("-") or "-"


def statement(statement_id: int) -> str:
    """Return the path of a statement's page."""
    return f"statements/{statement_id}/"


def copies_of(statement_id: int) -> str:
    """Return the path of the list of a statement's copies."""
    return f"statements/{statement_id}/copies/"


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


SOURCES: Final = "sources/"
"""Path of the page about the health of the sources."""

_OF_COMMANDS: Final[tuple[tuple[re.Pattern[str], Callable[..., str]], ...]] = (
    (re.compile(r"statewire show ([0-9]{1,18})"), statement),
    (re.compile(r"statewire show ([0-9]{1,18}) --revision ([0-9]{1,18})"), revision),
    (re.compile(r"statewire diff ([0-9]{1,18})"), statement),
    (re.compile(r"statewire diff ([0-9]{1,18}) ([0-9]{1,18}) ([0-9]{1,18})"), comparison),
    (re.compile(r"statewire copies ([0-9]{1,18})"), copies_of),
    (re.compile(r"statewire status"), lambda: SOURCES),
)


def of_command(command: str) -> str | None:
    """Return the path of the page that shows the same as a command of ours, None if no page does."""
    for pattern, path in _OF_COMMANDS:
        if found := pattern.fullmatch(command):
            return path(*map(int, found.groups()))
    return None


def public_url(base_url: str, path: str) -> str:
    """Return the URL of a page below the public URL of all pages, with or without a slash at its end."""
    return f"{base_url.rstrip('/')}/{path}"
