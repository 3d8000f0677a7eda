"""Request for one document, its raw response, and the exception for one that ends without a document."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from scraper.model import Capture, EndpointKind, Outcome

# A shorter part of a header, such as the name of its scheme, may be a word of the text.
_SECRET_CHARS, _HIDDEN = 8, "***"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Request:
    """Request for one document; `etag` and `last_modified` of the last response make it conditional.

    `hosts` are the hosts that redirects may lead to; None allows any public host.
    `max_bytes` replaces the general limits of wire and decoded size (sitemaps are larger than pages).
    `own_hosts` are the hosts whose whole daily budget the request may use, None for all; of the others it gets only the
    open share. Without `retry`, a transient failure is final. `headers` are secret, and no redirect gets them. Two
    requests to the host are at least `gap_s` seconds apart.
    """

    url: str
    kind: EndpointKind = EndpointKind.PAGE
    hosts: frozenset[str] | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_bytes: int | None = None
    own_hosts: frozenset[str] | None = None
    retry: bool = True
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RawResponse:
    """Result of one request of `url`. `failure` is None for a complete response.

    `headers` are those in `exchange._STORED_HEADERS`, names in lower case. `body` also holds the bytes received
    before a failure. `until_close`: only the end of the connection marked the end of the body, so it
    may be cut. `problem` names a wrong label of the body, which was read nevertheless.
    """

    url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    until_close: bool = False
    failure: RequestFailed | None = None
    problem: str = ""

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whose name is given in lower case, or None."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def location(self) -> str | None:
        """Target of a redirect; None for other responses."""
        return self.header("location") if self.status in _REDIRECTS else None


class RequestFailed(Exception):
    """Failure of one request. It never leaves `scraper.fetch`: `Fetcher.get` converts it into a `Capture`."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail


def without_secrets(capture: Capture, request: Request) -> Capture:
    """Return a capture without the secrets of its request, which a server may repeat in an error."""
    for secret in {part for _, value in request.headers for part in value.split() if len(part) >= _SECRET_CHARS}:
        capture = replace(
            capture,
            final_url=capture.final_url.replace(secret, _HIDDEN),
            headers=tuple((name, value.replace(secret, _HIDDEN)) for name, value in capture.headers),
            body=capture.body.replace(secret.encode(), _HIDDEN.encode()),
            detail=capture.detail.replace(secret, _HIDDEN),
        )
    return capture
