"""Request for one document: URL, kind, validators and limits."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.model import EndpointKind


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
