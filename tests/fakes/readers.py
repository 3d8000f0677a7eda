"""Threads that read while others write: readers that follow links from page to page, and work that is repeated."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

import httpx
from lxml import html

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_TIMEOUT_S = 30.0
_LIMIT_S = 20.0


@dataclass
class Readers:
    """Threads that read from the first page on until the block ends; one that ends early has left its error.

    `failures` are the responses other than 200 with the beginning of their text, `seconds` the times of all responses,
    `paths` the kinds of pages that were read.
    """

    root: str
    count: int
    seed: int = 1
    failures: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(n,), name=f"reader {n}") for n in range(self.count)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(_LIMIT_S)
        if any(thread.is_alive() for thread in self._threads):
            self.failures.append("a reader did not end")

    def _read(self, number: int) -> None:
        rng, url = random.Random(f"reader {self.seed} {number}"), self.root
        with httpx.Client(timeout=_TIMEOUT_S) as client:
            while not self._stop.is_set():
                began_s = time.perf_counter()
                try:
                    response = client.get(url, follow_redirects=True)
                except httpx.HTTPError as error:
                    self.failures.append(f"{url}: {error!r}")
                    return
                self.seconds.append(time.perf_counter() - began_s)
                self.kinds.add(url.removeprefix(self.root).partition("/")[0])
                if response.status_code != 200:
                    self.failures.append(f"{url}: {response.status_code}: {response.text[:300]}")
                onward = self._links(response, url)
                url = rng.choice(onward) if onward and rng.random() < 0.9 else self.root

    def _links(self, response: httpx.Response, url: str) -> list[str]:
        """Return the links to our other pages; Datasette's own pages are not ours to follow."""
        if not response.headers.get("content-type", "").startswith("text/html"):
            return []
        found = (urldefrag(urljoin(url, link)).url for link in html.fromstring(response.text).xpath("//main//a/@href"))
        return [link for link in found if link.startswith(self.root) and not link.startswith(f"{self.root}data/")]


@dataclass
class Repeated:
    """Thread that does some work again and again until the block ends, `count` times in all.

    `work` returns what went wrong, an empty text for nothing; an exception ends the thread, as a failure.
    """

    work: Callable[[], str]
    count: int = 0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="repeated work")

    def __enter__(self) -> Repeated:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2 * _LIMIT_S)
        if self._thread.is_alive():
            self.failures.append("the work did not end")

    def _repeat(self) -> None:
        while not self._stop.is_set():
            try:
                problem = self.work()
            except Exception as error:
                self.failures.append(repr(error))
                return
            self.count += 1
            if problem:
                self.failures.append(problem)
