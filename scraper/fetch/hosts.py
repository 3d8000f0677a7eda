"""Where it is kept what politeness must remember of a host."""

from __future__ import annotations

from typing import Protocol

from scraper.model import HostState


class HostMemory(Protocol):
    """Keeps host states. Calls come from any thread, but never two at once."""

    def load(self, host: str) -> HostState:
        """The state of a host; an empty one for a host never met."""
        ...

    def save(self, state: HostState) -> None:
        """Keep a state for good before returning."""
        ...


class MemoryHosts:
    """Host states that live as long as the process: for the demo and for tests."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    def load(self, host: str) -> HostState:
        """See `HostMemory.load`."""
        return self._states.get(host, HostState(host))

    def save(self, state: HostState) -> None:
        """See `HostMemory.save`."""
        self._states[state.host] = state
