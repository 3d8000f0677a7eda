"""Outlets: sites that carry statements, each with its figures, which one SQL query defines.

An outlet is a host without `www.` and without a port. Copies that are gone do not count. Texts in another language are
copies too, but their words are not compared. `statewire outlets --sql` prints the query, so that anyone can check the
figures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scraper.model import Relation
from scraper.serialize import format_utc
from scraper.store.codec import Table, from_row, load, rows

RANKED_FROM: Final = 20
"""Copies with compared words that an outlet must have for a rank: the shares of fewer are chance."""

DELAY_S_SQL: Final = """\
CASE WHEN ifnull(p.precision, '') NOT IN ('day', 'month') AND ifnull(s.precision, '') NOT IN ('day', 'month')
            AND p.published_at BETWEEN s.published_at AND c.first_seen_at
        THEN CAST(strftime('%s', p.published_at) AS INTEGER) - CAST(strftime('%s', s.published_at) AS INTEGER) END"""
"""Seconds between State's publication and a page's own time, of a copy `c` on a page `p` of a statement `s`.

NULL if the page's time cannot be that of the copy: see `rules.copies.known_since` and `delay_after_state`.
"""
_COPIES = "copies c JOIN pages p ON p.id = c.page_id JOIN statements s ON s.id = c.statement_id"
_CLAIMS = "pages p WHERE p.relation = 'unsourced' AND p.unsourced_at IS NOT NULL"
_AFTER_SCHEME = "instr(p.url, '://') + 3"
_SITE = f"substr(p.url, {_AFTER_SCHEME}, instr(substr(p.url, {_AFTER_SCHEME}) || '/', '/') - 1) || ':' AS site"
_PLACED = """\
placed AS (     -- each with its host, without www. and without a port
    SELECT *, CASE WHEN site LIKE '[%' THEN substr(site, 2, instr(site, ']') - 2)
        WHEN site LIKE 'www.%' THEN substr(site, 5, instr(site, ':') - 5)
        ELSE substr(site, 1, instr(site, ':') - 1) END AS outlet
    FROM carried
)"""
_FIGURES = f"""\
WITH carried AS MATERIALIZED (  -- copies, and pages that name the Department while no statement has their text
    SELECT {_SITE},
        c.relation, c.outdated, c.first_seen_at,
        {DELAY_S_SQL} AS delay_s
    FROM {_COPIES}
    WHERE c.gone_at IS NULL{{copies}}
    UNION ALL
    SELECT {_SITE},
        p.relation, 0, p.first_seen_at, NULL
    FROM {_CLAIMS}{{pages}}
),
{_PLACED},
counted AS (
    SELECT outlet, sum(relation <> 'unsourced') AS copies,
        sum(relation IN ('verbatim', 'excerpt', 'altered')) AS compared,
        sum(relation = 'verbatim') AS verbatim, sum(relation = 'excerpt') AS excerpt,
        sum(relation = 'altered') AS altered, sum(relation = 'translated') AS translated,
        sum(outdated) AS outdated, count(delay_s) AS delays, sum(relation = 'unsourced') AS unsourced,
        max(iif(relation = 'unsourced', NULL, first_seen_at)) AS latest_at
    FROM placed GROUP BY outlet
),
ordered AS (    -- the delays after State, where page and statement both give the time of day
    SELECT outlet, delay_s, row_number() OVER (PARTITION BY outlet ORDER BY delay_s) AS place
    FROM placed WHERE delay_s IS NOT NULL
),
medians AS (
    SELECT outlet, CAST(avg(delay_s) AS INTEGER) AS median_delay_s
    FROM ordered JOIN counted USING (outlet) WHERE place IN ((delays + 1) / 2, (delays + 2) / 2) GROUP BY outlet
)
SELECT CASE WHEN compared >= {RANKED_FROM}
        THEN rank() OVER (PARTITION BY compared >= {RANKED_FROM} ORDER BY 1.0 * verbatim / compared DESC)
    END AS rank,
    outlet, copies, compared, verbatim, excerpt, altered, translated, outdated,
    1.0 * verbatim / compared AS share_verbatim, median_delay_s, delays, unsourced, latest_at
FROM counted LEFT JOIN medians USING (outlet)
ORDER BY rank IS NULL, rank, copies DESC, outlet
"""  # noqa: S608 - all of it is ours
_LATEST = f"""\
WITH carried AS MATERIALIZED (
    SELECT {_SITE}, p.url, p.title AS page_title, c.page_id, c.statement_id, s.title, c.relation, c.outdated,
        c.coverage, c.first_seen_at, {DELAY_S_SQL} AS delay_s
    FROM {_COPIES}
    WHERE c.gone_at IS NULL{{pages}}
),
{_PLACED}
SELECT * FROM placed {{where}} ORDER BY first_seen_at DESC, page_id DESC, statement_id DESC LIMIT ? OFFSET ?
"""  # noqa: S608
_CLAIMS_OF = f"""\
WITH carried AS MATERIALIZED (SELECT {_SITE}, p.url, p.title, p.first_seen_at, p.id FROM {_CLAIMS}{{pages}}),
{_PLACED}
SELECT * FROM placed {{where}} ORDER BY first_seen_at DESC, id DESC LIMIT ?
"""  # noqa: S608
_ATTRIBUTED = f"""\
WITH carried AS MATERIALIZED (
    SELECT {_SITE}, p.url, c.page_id, c.statement_id, c.relation, c.first_seen_at
    FROM {_COPIES}
    WHERE c.gone_at IS NULL AND p.claims_department AND p.source NOT IN (SELECT value FROM json_each(?))
),
{_PLACED}
SELECT outlet, count(DISTINCT statement_id) AS statements, sum(relation = 'verbatim') AS verbatim,
    sum(relation = 'excerpt') AS excerpt, sum(relation = 'altered') AS altered,
    sum(relation = 'translated') AS translated, max(first_seen_at) AS latest_at, url AS latest_url
FROM placed GROUP BY outlet HAVING count(DISTINCT statement_id) >= ? ORDER BY statements DESC, outlet
"""  # noqa: S608
_OF_OUTLET = "WHERE outlet = ?"
# The index on URLs finds the pages of an outlet, and some of hosts whose names begin like it.
_PAGES = " AND p.id IN (SELECT pages.id FROM pages, json_each(?) WHERE url >= value AND url < value || ';')"


@dataclass(frozen=True, slots=True)
class Outlet:
    """Figures of an outlet. `compared` copies have their words compared; the other ones are translations.

    `rank` is by the share of verbatim copies, None with fewer than `RANKED_FROM` compared copies. The median delay
    after State is over `delays` copies: those of which page and statement both give the time of day.
    """

    rank: int | None
    outlet: str
    copies: int
    compared: int
    verbatim: int
    excerpt: int
    altered: int
    translated: int
    outdated: int
    share_verbatim: float | None
    median_delay_s: int | None
    delays: int
    unsourced: int
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutletCopy:
    """Copy of a statement on a page of an outlet. `delay_s` is None without exact times on both sides."""

    outlet: str
    url: str
    page_title: str
    page_id: int
    statement_id: int
    title: str
    relation: Relation
    outdated: bool
    coverage: float
    first_seen_at: datetime
    delay_s: int | None


@dataclass(frozen=True, slots=True)
class OutletClaim:
    """Page of an outlet that names the Department as its author, while no statement has its text."""

    outlet: str
    url: str
    title: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class AttributedOutlet:
    """Outlet of no known source, whose pages carry statements and name the Department; its newest copy is the last."""

    outlet: str
    statements: int
    verbatim: int
    excerpt: int
    altered: int
    translated: int
    latest_at: datetime
    latest_url: str


def figures_sql(since: datetime | None = None, until: datetime | None = None) -> str:
    """Return the query of the figures of all outlets, of what was first seen from `since` and before `until`."""
    bounds = ((">=", since), ("<", until))

    def period(table: str) -> str:
        return "".join(f" AND {table}.first_seen_at {sign} '{format_utc(at)}'" for sign, at in bounds if at)

    return _FIGURES.format(copies=period("c"), pages=period("p"))


class Outlets(Table):
    """Queries of outlets."""

    def all(self, since: datetime | None = None, until: datetime | None = None) -> list[Outlet]:
        """Return all outlets, the ranked ones first, then by the number of copies; see `figures_sql`."""
        return load(Outlet, self._db, figures_sql(since, until))

    def copies(self, outlet: str | None = None, limit: int = -1, offset: int = 0) -> Iterator[OutletCopy]:
        """Yield the copies of an outlet, or of all, that are not gone, the latest first."""
        sql, values = _chosen(_LATEST, outlet)
        return (from_row(OutletCopy, row) for row in rows(self._db, sql, [*values, limit, offset]))

    def attributed(self, sources: Iterable[str], least: int) -> list[AttributedOutlet]:
        """Return the outlets that carry `least` statements and name the Department, those with most statements first.

        Copies that are gone do not count, nor do pages of `sources`.
        """
        return load(AttributedOutlet, self._db, _ATTRIBUTED, [tuple(sources), least])

    def claims(self, outlet: str | None = None, limit: int = -1) -> Iterator[OutletClaim]:
        """Yield the unsourced claims of an outlet, or of all, the latest first."""
        sql, values = _chosen(_CLAIMS_OF, outlet)
        return (from_row(OutletClaim, row) for row in rows(self._db, sql, [*values, limit]))


def _chosen(sql: str, outlet: str | None) -> tuple[str, list[Any]]:
    if outlet is None:
        return sql.format(pages="", where=""), []
    host = f"[{outlet}]" if ":" in outlet else outlet
    starts = tuple(f"{scheme}://{www}{host}" for scheme in ("https", "http") for www in ("", "www."))
    return sql.format(pages=_PAGES, where=_OF_OUTLET), [starts, outlet]
