"""Tables of claims: URLs of State's that wait for a request, and the requests of a day, for each mirror."""

from datetime import date, datetime

from scraper.store.codec import Table, insert, overwrite, scalar


class Claims(Table):
    """Tables of the claims of mirrors."""

    def requested_on(self, source: str, day: date) -> int:
        """Return the number of claims of a mirror that were requested on a day (UTC).

        It is 0 for a day before the last one on which a claim was requested: older counts are not kept.
        """
        sql = "SELECT max(requests) FROM claim_counts WHERE source = ? AND counted_on = ?"
        return int(scalar(self._db, sql, [source, day]) or 0)

    def count_request(self, source: str, day: date, requests: int = 1) -> None:
        """Count a claim of a mirror as requested on a day (UTC); -1 takes one back that was not sent."""
        row = {"source": source, "counted_on": day, "requests": max(0, self.requested_on(source, day) + requests)}
        insert(self._db, "claim_counts", row, conflict=overwrite("counted_on", "requests"))

    def waiting(self, source: str, limit: int = -1) -> list[str]:
        """Return the URLs that wait for a request, the longest waiting first."""
        sql = "SELECT url FROM claims WHERE source = ? ORDER BY claimed_at, url LIMIT ?"
        return [url for (url,) in self._db.execute(sql, [source, limit])]

    def is_waiting(self, source: str, url: str) -> bool:
        """Return True if a URL that a page of a mirror claims waits for a request."""
        return bool(scalar(self._db, "SELECT count(*) FROM claims WHERE source = ? AND url = ?", [source, url]))

    def wait(self, source: str, url: str, at: datetime, most: int) -> None:
        """Let a URL wait for a request, unless `most` URLs of the mirror do."""
        if len(self.waiting(source, most)) < most:
            row = {"source": source, "url": url, "claimed_at": at}
            insert(self._db, "claims", row, conflict="ON CONFLICT DO NOTHING")

    def settle(self, source: str, url: str) -> None:
        """Let a URL wait no longer."""
        self._db.execute("DELETE FROM claims WHERE source = ? AND url = ?", [source, url])
