"""Request for one document, with validators and limits, and the exception for one that ends without it."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.model import EndpointKind, Outcome


@dataclass(frozen=True, slots=True)
class Request:
    """Request for one document; `etag` and `last_modified` of the last response make it conditional.

    `hosts` are the hosts that redirects may lead to; None allows any public host.
    `max_bytes` replaces the general limits of wire and decoded size (sitemaps are larger than pages).
    """

    url: str
    kind: EndpointKind = EndpointKind.PAGE
    hosts: frozenset[str] | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_bytes: int | None = None


class RequestFailed(Exception):
    """Failure of one request. It never leaves `scraper.fetch`: `Fetcher.get` converts it into a `Capture`."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail
