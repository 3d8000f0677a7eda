"""Paths of pages below their root, the one place that forms them (pure): for pages, their links, mails and feeds.

Routes of `scraper.web` parse the same forms.
"""

import re
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from typing import Final

_NO_SLUG: Final = re.compile(r"[\W_]+")
_MAX_SLUG_CHARS = 80
_HOST: Final = re.compile(r"(?!page\Z)[\w:][\w.:-]*")
_SOURCE: Final = re.compile(r"[A-Za-z0-9_][\w.-]{0,99}", re.ASCII)
_MAX_NAME_BYTES = 200

TRACE: Final = "trace/"
"""Path of the page "Is this State's?"; only a server has it."""
DATA: Final = "data"
"""Path of Datasette's pages with the public views; only a server has them."""


def slug(label: str) -> str:
    """Return a label as a part of a path: its letters and digits in lower case, joined by hyphens; "-" for none.

    Two labels can have the same slug, which then stands for both.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", label.casefold()) if not unicodedata.combining(c))
    short = _NO_SLUG.sub("-", plain)[:_MAX_SLUG_CHARS].encode("utf-8", "ignore")[:_MAX_NAME_BYTES]
    return short.decode("utf-8", "ignore").strip("-") or "-"


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


def outlets(number: int = 1) -> str:
    """Return the path of a page of the list of outlets."""
    return _numbered("outlets/", number)


def outlet(host: str, number: int = 1) -> str:
    """Return the path of a page of an outlet, by its host without `www.`.

    A host that is no name of a folder, or too long for one, has its digest there.
    """
    is_name = _HOST.fullmatch(host) is not None and len(host.encode()) <= _MAX_NAME_BYTES
    return _numbered(f"outlets/{host if is_name else sha256(host.encode()).hexdigest()[:32]}/", number)


def source(name: str) -> str:
    """Return the path of the page of a source; "" if no path can have its name, which another program stored."""
    return f"sources/{name}/" if _SOURCE.fullmatch(name) else ""


def _numbered(path: str, number: int) -> str:
    """Return the path of a page of a list, which is that of the list for the first one."""
    return path if number == 1 else f"{path}page/{number}/"


def subject(group: str, name: str) -> str:
    """Return the path of a view by subject: a group such as `countries`, and the slug of one of its labels."""
    return f"{group}/{name}/"


def source_statements(name: str) -> str:
    """Return the path of the statements and events that a source brought; "" as for `source`."""
    page = source(name)
    return f"{page}statements/" if page else ""


def month(name: str) -> str:
    """Return the path of a month such as 2026-05."""
    return f"months/{name}/"


def year(view: str, name: str) -> str:
    """Return the path of a year of a view."""
    return f"{view}{name}/"


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
