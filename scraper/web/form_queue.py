"""Queue of forms whose answer takes long: one at a time, few waiting, and few from one client in a minute."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final, TypeVar

from scraper.web.gate import RefusedError

T = TypeVar("T")
MAX_WAITING: Final = 4
"""Forms that wait while another is answered; further ones are refused."""
TIME_BUDGET_S: Final = 45.0
"""Seconds after which a reader gets an answer, whatever the matching does."""
_IPV6_PREFIX = 64  # an owner of IPv6 addresses has at least that many


@dataclass
class RateLimit:
    """Limit of requests in any `period_s` seconds: for each client, and for all of them together."""

    period_s: float
    of_client: int
    of_all: int
    _admitted: deque[tuple[float, str]] = field(default_factory=deque)

    def wait_s(self, client: str, now_s: float) -> float:
        """Return 0 and count the request if it is within the limit, else the seconds until it would be."""
        while self._admitted and self._admitted[0][0] <= now_s - self.period_s:
            self._admitted.popleft()
        mine = [at for at, who in self._admitted if who == client]
        if len(mine) >= self.of_client:
            return mine[0] + self.period_s - now_s
        if len(self._admitted) >= self.of_all:
            return self._admitted[0][0] + self.period_s - now_s
        self._admitted.append((now_s, client))
        return 0.0


def client_key(host: str) -> str:
    """Return the name under which a client is counted: its IP address, of IPv6 the network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((int(address), _IPV6_PREFIX), strict=False).network_address)
    return str(address)


class FormQueue:
    """Queue with one thread. The thread ends with the process, so that a long answer does not delay its end."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._open = 0
        self._forms = RateLimit(60.0, 10, 30)
        # A request to another site is a load of its operator, and counts against the budget of its host.
        self._fetches = RateLimit(86_400.0, 20, 100)
        self._thread: threading.Thread | None = None

    async def answer(self, work: Callable[[], T], client: str, *, is_fetch: bool) -> T:
        """Run `work` and return its result. Raise `RefusedError` beyond the limits of rate, queue and time."""
        limits = (self._forms, self._fetches) if is_fetch else (self._forms,)
        for limit in limits:
            if wait_s := limit.wait_s(client_key(client), self._clock_s()):
                raise _too_many(wait_s)
        if self._open > MAX_WAITING:
            raise RefusedError(
                503, "Busy", "Other texts are being checked. Try again in a minute.", (("retry-after", "60"),)
            )
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="forms", daemon=True)
            self._thread.start()
        done: Future[T] = Future()
        self._open += 1
        answer = asyncio.wrap_future(done)
        answer.add_done_callback(self._close)
        self._work.put((work, done))
        try:
            return await asyncio.wait_for(asyncio.shield(answer), TIME_BUDGET_S)
        except TimeoutError as error:
            done.cancel()  # if it has not begun
            raise RefusedError(
                503,
                "Too long",
                f"No answer was found within {TIME_BUDGET_S:.0f} seconds. Try again later, or with a shorter text.",
            ) from error

    def _close(self, answer: "asyncio.Future[Any]") -> None:
        self._open -= 1
        if not answer.cancelled():
            answer.exception()  # it was raised for the reader, or he has gone

    def _run(self) -> None:
        while True:
            work, done = self._work.get()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(work())
            except BaseException as error:
                done.set_exception(error)


def _too_many(wait_s: float) -> RefusedError:
    wait = max(1, round(wait_s))
    when = f"in {wait} seconds" if wait < 120 else f"in {wait // 60} minutes"
    return RefusedError(
        429,
        "Too many requests",
        f"Each reader, and all of them together, can check a limited number of pages here. Try again {when}.",
        (("retry-after", str(wait)),),
    )
