"""Gate in front of the application (ASGI): the hosts, methods and sizes of requests that it passes on, and errors.

A reader gets a sentence for what is refused and for what failed, never a traceback. The log has one line for a failure.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from scraper.web.page import Response
from scraper.web.rendering import HEADERS, render_error

log = logging.getLogger("statewire")

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Callable[[], Awaitable[Message]], Send], Awaitable[None]]

MAX_BODY_BYTES: Final = 2_500_000
"""Bound of a form: 200,000 characters of four bytes, each byte written as three."""
_MAX_URL_CHARS = 8_000
_BODY_TIMEOUT_S = 30.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_EVERY_ADDRESS = frozenset({"0.0.0.0", "[::]"})  # noqa: S104  # compared with, not listened on
# Copies of State's statements should not compete with State in search engines, and the links of tables have no end.
_ROBOTS = ("x-robots-tag", "noindex, nofollow")


class RefusedError(Exception):
    """A request that is not answered: the status and a sentence for the reader, further headers of the response."""

    def __init__(self, status: int, title: str, problem: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(problem)
        self.status = status
        self.title = title
        self.problem = problem
        self.headers = headers


class HostCheck:
    """Check of the Host header against DNS rebinding.

    A page of a stranger can let its own host name resolve to 127.0.0.1, and read in the browser of a reader what this
    server answers to that name. So only names are accepted that such a page cannot have: those of loopback, the one
    that is listened on, and that of the public URL. A server that listens on all IP addresses accepts each of them
    written as a number, because a number does not resolve.
    """

    def __init__(self, listens_on: str, base_url: str | None) -> None:
        listens_on = f"[{listens_on}]" if ":" in listens_on else listens_on.casefold()
        public = urlsplit(base_url).hostname if base_url else None
        self._names = {*_LOOPBACK, listens_on, *({f"[{public}]" if ":" in public else public} if public else ())}
        self._is_every_number = listens_on in _EVERY_ADDRESS

    def accepts(self, header: str) -> bool:
        """Decide if a request with this Host header is answered; the port in it does not matter."""
        host, _, port = header.strip().casefold().rpartition(":")
        if not port.isdecimal() or not host:
            host = header.strip().casefold()
        return host in self._names or (self._is_every_number and _is_number(host))


def _is_number(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


class Gate:
    """Application behind the checks. `prefix` is the path of the pages on their host, "/" or such as "/statewire/".

    A proxy may pass the path with the prefix or without it; the application always gets it with the prefix.
    `takes_form` decides if a path below the prefix takes POST.
    """

    def __init__(
        self, application: Application, hosts: HostCheck, prefix: str, takes_form: Callable[[str], bool]
    ) -> None:
        self._application = application
        self._hosts = hosts
        self._prefix = prefix
        self._takes_form = takes_form

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            return
        path = ""
        response = _Sender(send, scope)
        try:
            raw = (scope.get("raw_path") or scope["path"].encode("latin-1", "replace")).partition(b"?")[0]
            path = self._below_prefix(raw.decode("latin-1"))
            self._check(scope, path)
            full = f"{self._prefix}{path}"
            passed = dict(scope, method="POST" if scope["method"] == "POST" else "GET", path=unquote(full))
            # Datasette removes the prefix from the path, and adds it to links that it makes of the raw path.
            passed["raw_path"] = f"/{path}".encode("latin-1")
            await self._application(passed, _limited(receive), response)
        except RefusedError as error:
            await _answer(response, _refusal(path, error))
        except Exception as error:  # the outermost level: a fault must not end the server
            log.error("a page failed: %s: %s", unquote(path)[:200], error, exc_info=error)
            await _answer(response, failure(path))

    def _below_prefix(self, path: str) -> str:
        if self._prefix != "/" and path == self._prefix.rstrip("/"):
            raise RefusedError(308, "Moved", f"The pages begin at {self._prefix}.", (("location", self._prefix),))
        if self._prefix != "/" and path.startswith(self._prefix):
            return path[len(self._prefix) :]
        return path[1:]

    def _check(self, scope: Mapping[str, Any], path: str) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._hosts.accepts(headers.get("host", "")):
            raise RefusedError(
                400,
                "Wrong host",
                "This server does not answer to the host name of this request. Its operator can name it with --host or"
                " --base-url.",
            )
        if len(path) + len(scope["query_string"]) > _MAX_URL_CHARS:
            raise RefusedError(414, "URL too long", f"A URL here has at most {_MAX_URL_CHARS:,} characters.")
        allowed = ("GET", "HEAD", "POST") if self._takes_form(unquote(path)) else ("GET", "HEAD")
        if scope["method"] not in allowed:
            raise RefusedError(405, "Not possible", "This page can only be read.", (("allow", ", ".join(allowed)),))
        if scope["method"] != "POST":
            return
        # No token is needed because a form changes nothing. But pages of others must not spend this server's time.
        if headers.get("sec-fetch-site") == "cross-site":
            raise RefusedError(403, "Refused", "A form of another site was sent to this page. Use the form here.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            raise _too_large()


def _too_large() -> RefusedError:
    return RefusedError(413, "Too large", f"A form here has at most {MAX_BODY_BYTES:,} bytes.")


def _limited(receive: Callable[[], Awaitable[Message]]) -> Callable[[], Awaitable[Message]]:
    """Return `receive` with a bound of the body's bytes, and of the time for each part of it."""
    got = 0
    is_complete = False

    async def limited() -> Message:
        nonlocal got, is_complete
        if is_complete:  # only the end of the connection can follow, and may take its time
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), _BODY_TIMEOUT_S)
        except TimeoutError as error:
            raise RefusedError(408, "Too slow", "The form did not arrive in time.") from error
        got += len(message.get("body", b""))
        is_complete = not message.get("more_body", False)
        if got > MAX_BODY_BYTES:
            raise _too_large()
        return message

    return limited


class _Sender:
    """Sender of one response, with the headers of all responses; without its body for HEAD."""

    def __init__(self, send: Send, scope: Mapping[str, Any]) -> None:
        self._send = send
        self._is_head = scope["method"] == "HEAD"
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            names = {name.lower() for name, _ in message["headers"]}
            added = [(n.encode(), value.encode()) for n, value in (*HEADERS, _ROBOTS) if n.encode() not in names]
            message = {**message, "headers": [*message["headers"], *added]}
        elif self._is_head:
            message = {**message, "body": b""}
        await self._send(message)


async def _answer(send: _Sender, response: Response) -> None:
    if send.has_begun:  # the rest of the response is missing, and the connection is closed
        return
    body = response.body.encode() if isinstance(response.body, str) else response.body
    headers = [("content-type", response.content_type), ("content-length", str(len(body))), *response.headers]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _refusal(path: str, error: RefusedError) -> Response:
    if error.status == 400:  # a browser that has the wrong name gets no style sheet either
        return Response(f"{error.problem}\n", "text/plain; charset=utf-8", error.status, error.headers)
    return refusal(path, error.status, error.title, error.problem, error.headers)


def refusal(path: str, status: int, title: str, problem: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a page that says why a request is not answered."""
    page = render_error(path, status=status, title=title, problem=problem)
    return Response(page.body, page.content_type, page.status, headers)


def failure(path: str) -> Response:
    """Return the page for an error of ours."""
    return refusal(
        path, 500, "This page failed", "The page cannot be shown because of an error. The log of the server has it."
    )
