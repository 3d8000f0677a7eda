"""A request for one document, and the bounds that belong to it."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.model import EndpointKind


@dataclass(frozen=True, slots=True)
class Request:
    """One document that is wanted, with what is needed to ask for it politely.

    `hosts` are the hosts that redirects may lead to; None allows any public host.
    `max_bytes` replaces the general bound on wire and decoded size (sitemaps are larger than pages).
    """

    url: str
    kind: EndpointKind = EndpointKind.PAGE
    hosts: frozenset[str] | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_bytes: int | None = None
