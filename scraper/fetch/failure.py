"""Why a request ended without its document, on its way from where that is noticed to where it becomes an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.model import Outcome


class RequestFailed(Exception):
    """Never leaves `scraper.fetch`: `Fetcher.get` turns it into a `Capture`."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail
