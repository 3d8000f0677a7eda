"""Quotations on pages of mirrors: stored ones of a page, of a statement, or by conditions of a user."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scraper.pages import QuotedPassage
from scraper.store.codec import Table, from_row, insert, load, matching, rows, scalar, to_row
from scraper.store.filters import at_site


@dataclass(frozen=True, slots=True)
class QuotationFilter:
    """Conditions on quotations; None or False is no condition. Those that are gone need `with_gone`.

    `since` (inclusive) and `until` (exclusive) are for the time of first sight, `source` and `site` for the page.
    """

    statement_id: int | None = None
    source: str | None = None
    site: str | None = None
    altered: bool = False
    since: datetime | None = None
    until: datetime | None = None
    with_gone: bool = False
    limit: int | None = None


class Quotations(Table):
    """Table of quotations, by page, statement and words."""

    def on_page(self, page_id: int) -> list[QuotedPassage]:
        """Return the quotations that a page has or had."""
        sql = "SELECT * FROM quotations WHERE page_id = ? ORDER BY statement_id, json_extract(place, '$[0]')"
        return load(QuotedPassage, self._db, sql, [page_id])

    def find(self, wanted: QuotationFilter) -> Iterator[QuotedPassage]:
        """Yield matching quotations, those that were first seen last first."""
        where, values = matching(
            {
                "q.statement_id = ?": wanted.statement_id,
                "p.source = ?": wanted.source,
                "q.is_altered = ?": wanted.altered or None,
                "q.first_seen_at >= ?": wanted.since,
                "q.first_seen_at < ?": wanted.until,
                "(q.gone_at IS NULL OR ?)": wanted.with_gone,
            }
        )
        if wanted.site is not None:
            on_site, site_values = at_site("p.source", "p.url", wanted.site)
            where, values = f"{where} AND {on_site}", [*values, *site_values]
        sql = (
            f"SELECT q.* FROM quotations q JOIN pages p ON p.id = q.page_id WHERE {where}"  # noqa: S608
            " ORDER BY q.first_seen_at DESC, q.page_id DESC, json_extract(q.place, '$[0]') LIMIT ?"
        )
        for row in rows(self._db, sql, [*values, -1 if wanted.limit is None else wanted.limit]):
            yield from_row(QuotedPassage, row)

    def save(self, quotations: Iterable[QuotedPassage]) -> None:
        """Insert or replace quotations."""
        for quotation in quotations:
            insert(self._db, "quotations", to_row(quotation), replace=True)

    def count(self, statement_id: int) -> int:
        """Return the number of quotations of a statement that are not gone."""
        sql = "SELECT count(*) FROM quotations WHERE statement_id = ? AND gone_at IS NULL"
        return int(scalar(self._db, sql, [statement_id]))
