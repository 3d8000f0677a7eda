"""Conditions on statements and sites that several queries share, as SQL with bound values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scraper import urls
from scraper.model import PublicationState

LISTED_AT: Final = "coalesce(s.published_at, s.first_seen_at)"
"""Time of a statement `s` by which lists are in order, which an index has."""
_CARRIED = """
EXISTS (
    SELECT 1 FROM copies c JOIN pages p ON p.id = c.page_id WHERE c.statement_id = s.id AND c.gone_at IS NULL AND {}
)
"""
CHANGED = "EXISTS (SELECT 1 FROM revisions WHERE statement_id = s.id AND number > 1)"
"""Condition on `statements s`: it has had more than one wording."""
_SCHEMES = ("https", "http")


@dataclass(frozen=True, slots=True)
class StatementFilter:
    """Conditions on statements; None or False is no condition.

    `since` (inclusive) and `until` (exclusive) are for the time of publication, or of first sight if that is unknown.
    `types` and `bylines` are the exact labels of which a statement has one, `ids` are its ids.
    `site` and `outdated` are for one copy that is not gone: its site, and that State has replaced its wording.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    state: PublicationState | None = None
    types: tuple[str, ...] | None = None
    bylines: tuple[str, ...] | None = None
    ids: tuple[int, ...] | None = None
    changed: bool = False
    site: str | None = None
    outdated: bool = False

    def where(self) -> tuple[str, list[Any]]:
        """Return the condition on `statements s`, and its values."""
        found = list(self._conditions())
        return " AND ".join(sql for sql, _ in found) or "1", [value for _, values in found for value in values]

    def _conditions(self) -> Iterator[tuple[str, Sequence[Any]]]:
        if self.since is not None:
            yield f"{LISTED_AT} >= ?", [self.since]
        if self.until is not None:
            yield f"{LISTED_AT} < ?", [self.until]
        if self.source is not None:
            yield "s.source = ?", [self.source]
        if self.state is not None:
            yield "s.state = ?", [self.state]
        if self.types is not None:
            yield "s.type IN (SELECT value FROM json_each(?))", [self.types]
        if self.bylines is not None:
            yield "s.byline IN (SELECT value FROM json_each(?))", [self.bylines]
        if self.ids is not None:
            yield "s.id IN (SELECT value FROM json_each(?))", [self.ids]
        if self.changed:
            yield CHANGED, []
        if self.site is not None or self.outdated:
            on_site, values = at_site("p.source", "p.url", self.site) if self.site is not None else ("1", [])
            yield _CARRIED.format(on_site + (" AND c.outdated" if self.outdated else "")), values


def at_site(source: str, url: str, site: str) -> tuple[str, list[Any]]:
    """Return the condition that a page belongs to a site, and its values.

    `source` and `url` are the columns of the page; `site` is the name of a source, a host, or any URL of the site.
    A host without a port, as `outlets` and the pages print it, stands for all its ports.
    """
    starts = tuple(f"{scheme}://{www}{name}" for name in _names(site) for scheme in _SCHEMES for www in ("", "www."))
    begins = f"EXISTS (SELECT 1 FROM json_each(?) WHERE substr({url}, 1, length(value)) = value)"  # noqa: S608
    return f"({source} = ? OR {begins})", [site, starts]


def _names(site: str) -> tuple[str, ...]:
    """Return the beginnings of a site's URLs behind the scheme and `www.`, each to the end of its host or port."""
    is_url = urls.is_http(site)
    is_ipv6 = site.count(":") > 1 and not site.startswith("[")
    host = urls.site(site if is_url else f"https://[{site}]" if is_ipv6 else f"https://{site}")
    if not host:
        return ()
    has_port = host.rpartition("]")[2].count(":") == 1
    name = f"[{host}]" if ":" in host and not has_port else host
    return (f"{name}/",) if is_url or has_port else (f"{name}/", f"{name}:")


EVERY_STATEMENT: Final = StatementFilter()
