"""Answers from recorded exchanges in place of the network: for the demo and for tests."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from scraper.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

# libyaml's loader where there is one: the same safe subset, ten times as fast.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# True of the recorded wire, not of the readable body that was stored.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class _Recorded:
    status: int
    headers: httpx.Headers
    content: bytes

    def played(self) -> httpx.Response:
        """The answer as from the wire: a stream of announced length."""
        headers = [*self.headers.multi_items(), ("content-length", str(len(self.content)))]
        return httpx.Response(self.status, headers=headers, stream=httpx.ByteStream(self.content))


class ReplayTransport(httpx.BaseTransport):
    """Plays cassettes in the YAML form of vcrpy, later ones after earlier ones.

    `interactions: [{request: {method, uri}, response: {status: {code, message}, headers: {Name: [v]},
    body: {string: text}}}]`; in place of `string`, `file: path` names a file beside the cassette. One
    address answers in the order recorded, its last answer for ever. A request with the validator that
    the answer carries gets a 304. A robots.txt that was not recorded is a 404; any other address is
    an `httpx.ConnectError` that names it. Raises `InputError` for a cassette that cannot be used.
    """

    def __init__(self, cassette: Path | Sequence[Path]) -> None:
        self._answers: dict[tuple[str, httpx.URL], list[_Recorded]] = {}
        self._turn = threading.Lock()
        for path in [cassette] if isinstance(cassette, Path) else cassette:
            self._load(path)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The next recorded answer."""
        with self._turn:
            answers = self._answers.get((request.method, request.url), [])
            answer = answers.pop(0) if len(answers) > 1 else next(iter(answers), None)
        if answer is None:
            if request.url.path == "/robots.txt":
                return _Recorded(404, httpx.Headers(), b"").played()
            raise httpx.ConnectError(f"no recorded answer for {request.method} {request.url}")
        if _is_unchanged(request.headers, answer.headers):
            return _Recorded(304, answer.headers, b"").played()
        return answer.played()

    def _load(self, path: Path) -> None:
        try:
            recorded = yaml.load(path.read_bytes(), _LOADER)  # noqa: S506  # a safe loader
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error}") from error
        except yaml.YAMLError as error:
            raise InputError(f"{path} is no YAML: {error}") from error
        interactions = recorded.get("interactions") if isinstance(recorded, dict) else None
        if not isinstance(interactions, list):
            raise InputError(f"{path} is no cassette", hint="It needs a list named interactions")
        for number, interaction in enumerate(interactions):
            try:
                request = interaction["request"]
                key = (str(request["method"]).upper(), httpx.URL(request["uri"]))
                answer = _recorded(interaction["response"], path.parent)
            except (KeyError, TypeError, ValueError, AttributeError, OSError, httpx.InvalidURL) as error:
                raise InputError(
                    f"{path}: interactions[{number}] is no recorded exchange ({type(error).__name__}: {error})",
                    hint="Each needs request.method, request.uri, response.status.code and response.body",
                ) from error
            self._answers.setdefault(key, []).append(answer)


def _recorded(response: dict[str, Any], folder: Path) -> _Recorded:
    headers = [
        (name, value)
        for name, values in (response.get("headers") or {}).items()
        for value in ([values] if isinstance(values, str) else values)
        if name.lower() not in _WIRE_HEADERS
    ]
    body = response.get("body") or {}
    content = (folder / body["file"]).read_bytes() if "file" in body else body.get("string") or ""
    return _Recorded(
        int(response["status"]["code"]),
        httpx.Headers(headers),
        content.encode() if isinstance(content, str) else content,
    )


def _is_unchanged(asked: httpx.Headers, recorded: httpx.Headers) -> bool:
    pairs = (("if-none-match", "etag"), ("if-modified-since", "last-modified"))
    return any(name in asked and asked[name] == recorded.get(validator) for name, validator in pairs)
