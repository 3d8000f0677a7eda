"""Where it is kept what politeness must remember of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from scraper.model import HostState

if TYPE_CHECKING:
    from collections.abc import Callable


class HostMemory(Protocol):
    """Keeps host states. Calls come from any thread, but never two at once."""

    def load(self, host: str) -> HostState:
        """The state of a host; an empty one for a host never met."""
        ...

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """Replace the state of a host for good before returning; nobody's change gets lost in between."""
        ...


class MemoryHosts:
    """Host states that live as long as the process: for the demo and for tests."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    def load(self, host: str) -> HostState:
        """See `HostMemory.load`."""
        return self._states.get(host, HostState(host))

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """See `HostMemory.change`."""
        self.save(change(self.load(host)))

    def save(self, state: HostState) -> None:
        """Keep a state as it is."""
        self._states[state.host] = state
