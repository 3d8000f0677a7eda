"""Digests of what is stored about each statement and each copy, of which the versions of their pages are made."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from scraper.store.codec import Table

# What moves with each poll of a statement that stands is in none of them: the times at which it was last seen.
_WORDINGS = (
    """SELECT id, guid, url, title, type, byline, speaker, bureau, place, language, published_at, precision, state,
       countries, subjects, links, revision, first_seen_at, iif(state = 'withdrawn', last_seen_at, NULL)
       FROM statements""",
    """SELECT r.statement_id, r.number, r.title, r.text, r.grade, r.first_seen_at,
       iif(r.number = s.revision, NULL, r.last_seen_at)
       FROM revisions r JOIN statements s ON s.id = r.statement_id ORDER BY r.statement_id, r.number""",
)
_NEWS = ("SELECT statement_id, count(*), max(id) FROM events WHERE statement_id IS NOT NULL GROUP BY statement_id",)
_PLACES = (
    "SELECT statement_id, url, first_seen_at, claimed FROM statement_urls ORDER BY statement_id, first_seen_at, url",
    """SELECT r.statement_id, r.misses, r.missing_since_at FROM rechecks r
       JOIN statements s ON s.id = r.statement_id WHERE s.state = 'withdrawn'""",
)
_COPY = """c.revision, c.relation, c.outdated, c.coverage, c.fidelity, c.grade, c.differences, c.evidence, c.spans,
    c.runner_up_id, c.first_seen_at, c.gone_at"""
_PAGE = """p.url, p.title, p.published_at, p.precision, p.is_date_listed, p.claims_department, p.claimed_urls, p.via,
    p.quotes, p.backfill, p.source"""
_CARRIERS = (
    f"""SELECT c.statement_id, c.page_id, {_COPY}, {_PAGE} FROM copies c JOIN pages p ON p.id = c.page_id
        ORDER BY c.statement_id, c.page_id""",  # noqa: S608
    """SELECT q.statement_id, q.quote, q.wording, q.is_altered, q.changes, q.first_seen_at, p.url, p.title
       FROM quotations q JOIN pages p ON p.id = q.page_id WHERE q.gone_at IS NULL
       ORDER BY q.statement_id, q.first_seen_at DESC, q.page_id, q.quote""",
)
_PAGES = (
    f"SELECT id, {_PAGE} FROM pages p",  # noqa: S608
    "SELECT page_id, number, title, shown, first_seen_at FROM page_wordings ORDER BY page_id, number",
    """SELECT p.id, count(*), max(e.id) FROM events e JOIN pages p ON p.url = e.page_url
       WHERE e.page_url IS NOT NULL GROUP BY p.id""",
)
_COPIES = f"SELECT c.page_id, c.statement_id, {_COPY} FROM copies c ORDER BY c.page_id, c.statement_id"  # noqa: S608


class Versions(Table):
    """Digests by id. Each method reads its tables once, for all pages together."""

    def of_wordings(self) -> dict[int, str]:
        """Return a digest of each statement's own data and its wordings, by its id."""
        return self._digests(_WORDINGS)

    def of_news(self) -> dict[int, str]:
        """Return a digest of the events of each statement that has any."""
        return self._digests(_NEWS)

    def of_places(self) -> dict[int, str]:
        """Return a digest of the URLs of each statement, and of its absence."""
        return self._digests(_PLACES)

    def of_carriers(self) -> dict[int, str]:
        """Return a digest of the copies and quotations of each statement that has any."""
        return self._digests(_CARRIERS)

    def of_pages(self) -> dict[int, str]:
        """Return a digest of each page of another site: its data, wordings and events."""
        return self._digests(_PAGES)

    def of_copies(self) -> list[tuple[int, int, str]]:
        """Return (page id, statement id, digest) of each copy."""
        found = self._db.execute(_COPIES)
        return [(page_id, statement_id, _combine(map(str, facts))) for page_id, statement_id, *facts in found]

    def numbers(self) -> dict[int, tuple[int, int]]:
        """Return (number of revisions, number of the current one) of each statement, by its id."""
        sql = """SELECT s.id, count(*), s.revision FROM revisions r JOIN statements s ON s.id = r.statement_id
            GROUP BY s.id ORDER BY s.id"""
        return {statement_id: (count, current) for statement_id, count, current in self._db.execute(sql)}

    def copy_counts(self) -> dict[int, int]:
        """Return the number of copies of each statement that has any, by its id."""
        return dict(self._db.execute("SELECT statement_id, count(*) FROM copies GROUP BY statement_id").fetchall())

    def _digests(self, queries: Sequence[str]) -> dict[int, str]:
        hashes: dict[int, blake2b] = {}
        for sql in queries:
            for key, *facts in self._db.execute(sql):
                if (current := hashes.get(key)) is None:
                    current = hashes[key] = blake2b(digest_size=8)
                for fact in facts:
                    _add(current, str(fact))
        return {key: found.hexdigest() for key, found in hashes.items()}


def _combine(parts: Iterable[str]) -> str:
    """Return one digest of several texts, in order."""
    found = blake2b(digest_size=8)
    for part in parts:
        _add(found, part)
    return found.hexdigest()


def _add(digest: blake2b, fact: str) -> None:
    raw = fact.encode("utf-8", "surrogatepass")
    # With its length, so that no two lists of texts are the same.
    digest.update(b"%d:" % len(raw))
    digest.update(raw)
