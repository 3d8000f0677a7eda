"""Exception for a request that ends without its document; it carries the outcome and its description."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.model import Outcome


class RequestFailed(Exception):
    """Failure of one request. It never leaves `scraper.fetch`: `Fetcher.get` converts it into a `Capture`."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail
