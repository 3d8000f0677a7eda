"""Save Page Now on this machine, after its documentation: saves, results of jobs, sessions of an account."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from fakes.wire import Exchange, Server

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = "access123:secret45678"
JSON = {"Content-Type": "application/json"}


class SavePageNow(Server):
    """Service that has saved each page when its job is looked at for the `looks`-th time.

    `now` is its clock. `asked` are the fields of the requests for saves, `polled` the jobs whose result was asked for.
    `replies` are answered first, in turn, to requests for saves, and `results` to those for results: a status, a body,
    and headers. `lies` changes the result of a job.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.now = now
        self.asked: list[dict[str, str]] = []
        self.polled: list[str] = []
        self.replies: deque[tuple[int, bytes, dict[str, str]]] = deque()
        self.results: deque[tuple[int, bytes, dict[str, str]]] = deque()
        self.lies: dict[str, Any] = {}
        self.jobs: dict[str, tuple[str, datetime]] = {}
        self.looks = 2
        self.sessions: tuple[int, bytes] = (200, b'{"available":12,"processing":3}')
        self.otherwise = self._answer_any

    @property
    def service(self) -> str:
        return self.url("/save")

    def refuses(self, status: int = 200, body: dict[str, Any] | bytes = b"", **headers: str) -> None:
        """Let the next request for a save get this answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.replies.append((status, raw, {name.replace("_", "-"): value for name, value in headers.items()}))

    def ends(self, body: dict[str, Any] | bytes, status: int = 200) -> None:
        """Let the next request for a result get this answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.results.append((status, raw, {}))

    def _answer_any(self, exchange: Exchange) -> None:
        path = exchange.target.partition("?")[0]
        if exchange.headers.get("authorization") != f"LOW {KEYS}":
            exchange.reply(b'{"message":"You need to be logged in to use Save Page Now."}', status=401, headers=JSON)
        elif path == "/save":
            self._begin(exchange)
        elif path == "/save/status/user":
            status, body = self.sessions
            exchange.reply(body, status=status, headers=JSON)
        else:
            self._result(exchange, path.rpartition("/")[2])

    def _begin(self, exchange: Exchange) -> None:
        fields = {name: values[0] for name, values in parse_qs(exchange.body.decode()).items()}
        self.asked.append(fields)
        if self.replies:
            status, body, headers = self.replies.popleft()
            exchange.reply(body, status=status, headers=JSON | headers)
            return
        job = f"spn2-{len(self.asked):040x}"
        self.jobs[job] = fields["url"], self.now()
        exchange.reply(json.dumps({"url": fields["url"], "job_id": job}).encode(), headers=JSON)

    def _result(self, exchange: Exchange, job: str) -> None:
        self.polled.append(job)
        if self.results:
            status, body, headers = self.results.popleft()
            exchange.reply(body, status=status, headers=JSON | headers)
            return
        if job not in self.jobs:
            exchange.reply(b"not here", status=404)
            return
        url, at = self.jobs[job]
        if self.polled.count(job) < self.looks:
            exchange.reply(json.dumps({"status": "pending", "job_id": job, "resources": []}).encode(), headers=JSON)
            return
        found = {"status": "success", "job_id": job, "original_url": url, "timestamp": f"{at:%Y%m%d%H%M%S}"}
        body = json.dumps(found | {"resources": [url], "duration_sec": 6.2} | self.lies).encode()
        exchange.reply(body, headers=JSON)
