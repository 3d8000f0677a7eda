"""Servers, clocks and fetchers for the tests of `scraper.fetch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.wire import Server
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.fetch import Fetcher, MemoryHosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scraper.config.settings import FetchSettings


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Starts servers that end with the test."""
    servers: list[Server] = []

    def begin(kind: type[Server] = Server, **options: Any) -> Server:
        servers.append(kind(**options))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def hosts() -> MemoryHosts:
    return MemoryHosts()


@pytest.fixture
def settings(server: Server) -> FetchSettings:
    return make_settings(server.place)


@pytest.fixture
def fetcher(settings: FetchSettings, clock: SimulatedClock, hosts: MemoryHosts) -> Iterator[Fetcher]:
    with Fetcher(settings, clock=clock, hosts=hosts) as fetcher:
        yield fetcher
