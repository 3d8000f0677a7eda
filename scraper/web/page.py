"""Types of all pages: the request with what a page may read, and the response."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from scraper import page_paths
from scraper.config.settings import Settings
from scraper.model import Capture
from scraper.store import Store

HTML: Final = "text/html; charset=utf-8"
ATOM: Final = "application/atom+xml; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """Page of another site that a form asked for; without a capture the problem in one sentence."""

    capture: Capture | None
    problem: str = ""


def root_of(path: str) -> str:
    """Return the relative URL of the first page, for a page with this path."""
    return "../" * path.count("/") or "./"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Request for one page at one time.

    `path` is that of the page below the root of the pages, without a slash before it ("" for the first page, otherwise
    with a slash at the end, or the name of a file). `query` has the values of each parameter, and those of a form that
    was sent; `fetched` is the page of another site that the form names. With `is_live`, a server answers; otherwise the
    page becomes a file, and forms and queries cannot work. `prefix` begins all links of a page that is served at any
    path; other pages link relative to their own.
    """

    store: Store
    settings: Settings
    now: datetime
    path: str = ""
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_live: bool = True
    is_post: bool = False
    fetched: FetchedPage | None = None
    prefix: str = ""

    @property
    def root(self) -> str:
        """URL of the first page, relative if the page has a path of its own, so that pages work below any prefix."""
        return self.prefix or root_of(self.path)

    def parameter(self, name: str) -> str:
        """Return the first value of a parameter of the query, without blanks around it, "" if it is missing."""
        return next(iter(self.query.get(name, ())), "").strip()

    def public_url(self, path: str) -> str | None:
        """Return the absolute URL of a page, for feeds; None if `web.base_url` is not set."""
        base = self.settings.web.base_url
        return page_paths.public_url(base, path) if base else None

    def feed_links(self, path: str) -> dict[str, str]:
        """Return the links of a feed by relation: itself, and the page at a path that shows the same."""
        known = {"alternate": self.public_url(path), "self": self.public_url(self.path)}
        return {relation: url for relation, url in known.items() if url}


@dataclass(frozen=True, slots=True)
class Response:
    """Response to a request: a text or bytes with their media type, a status, and further headers."""

    body: str | bytes
    content_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class NotFoundError(LookupError):
    """Error for a page that does not exist; its text says what is missing, and where else to look."""
