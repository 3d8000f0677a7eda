"""Replay of recorded HTTP exchanges (cassettes) in place of the network: for the demo and for tests."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml

from scraper.errors import InputError

# The loader of libyaml, if installed, reads the same safe subset ten times as fast.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Status, headers and decoded body.
_Recorded = tuple[int, httpx.Headers, bytes]
# These headers describe the body on the wire, not the decoded body in the cassette.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class ReplayTransport(httpx.BaseTransport):
    """Transport that replays cassettes in the YAML form of vcrpy, in the order given.

    `interactions: [{request: {method, uri}, response: {status: {code, message}, headers: {Name: [v]},
    body: {string: text}}}]`; in place of `string`, `file: path` names a file next to the cassette. Each
    URL returns its responses in the order recorded, then repeats the last one. A request with the
    validator of the recorded response gets a 304. A robots.txt that was not recorded is a 404; any
    other URL raises an `httpx.ConnectError` that names it. Raise `InputError` for a cassette that
    cannot be used.
    """

    def __init__(self, cassette: Path | Sequence[Path]) -> None:
        self._responses: dict[tuple[str, httpx.URL], list[_Recorded]] = {}
        self._lock = threading.Lock()
        for path in [cassette] if isinstance(cassette, Path) else cassette:
            self._load(path)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the next recorded response."""
        with self._lock:
            responses = self._responses.get((request.method, request.url), [])
            response = responses.pop(0) if len(responses) > 1 else next(iter(responses), None)
        if response is None:
            if request.url.path != "/robots.txt":
                raise httpx.ConnectError(f"no recorded response for {request.method} {request.url}")
            response = 404, httpx.Headers(), b""
        status, headers, content = response
        if _is_unchanged(request.headers, headers):
            status, content = 304, b""
        # As from the network: a stream whose length is announced.
        sent = [*headers.multi_items(), ("content-length", str(len(content)))]
        return httpx.Response(status, headers=sent, stream=httpx.ByteStream(content))

    def _load(self, path: Path) -> None:
        try:
            recorded = yaml.load(path.read_bytes(), _LOADER)  # noqa: S506  # a safe loader
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error}") from error
        except yaml.YAMLError as error:
            raise InputError(f"{path} is not YAML: {error}") from error
        interactions = recorded.get("interactions") if isinstance(recorded, dict) else None
        if not isinstance(interactions, list):
            raise InputError(f"{path} is not a cassette", hint="it needs a list named interactions")
        for number, interaction in enumerate(interactions):
            try:
                request = interaction["request"]
                key = (str(request["method"]).upper(), httpx.URL(request["uri"]))
                response = _read_response(interaction["response"], path.parent)
            except (KeyError, TypeError, ValueError, AttributeError, OSError, httpx.InvalidURL) as error:
                raise InputError(
                    f"{path}: interactions[{number}] is not a recorded exchange ({type(error).__name__}: {error})",
                    hint="each needs request.method, request.uri, response.status.code and response.body",
                ) from error
            self._responses.setdefault(key, []).append(response)


def _read_response(response: dict[str, Any], folder: Path) -> _Recorded:
    headers = [
        (name, value)
        for name, values in (response.get("headers") or {}).items()
        for value in ([values] if isinstance(values, str) else values)
        if name.lower() not in _WIRE_HEADERS
    ]
    body = response.get("body") or {}
    content = (folder / body["file"]).read_bytes() if "file" in body else body.get("string") or ""
    content = content.encode() if isinstance(content, str) else content
    return int(response["status"]["code"]), httpx.Headers(headers), content


def _is_unchanged(sent: httpx.Headers, recorded: httpx.Headers) -> bool:
    pairs = (("if-none-match", "etag"), ("if-modified-since", "last-modified"))
    return any(name in sent and sent[name] == recorded.get(validator) for name, validator in pairs)
