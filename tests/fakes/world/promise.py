"""Expected `source.*` events, derived run by run from the true responses of the simulated network."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.world.faults import Nature

from scraper.model import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

_RUNS_BEFORE_BROKEN = 3
_REPORTED_AT_ONCE = {Nature.STRANGE: EventKind.DRIFTED, Nature.BLOCK: EventKind.BLOCKED}


@dataclass
class Health:
    """Health of one source: one incident at a time, one notice when it begins or changes its kind, one when it ends.

    A block and a strange shape are reported at once, other failures after three runs; a Retry-After is no failure. A
    fallback that serves is an incident of its own.
    """

    incident: EventKind | None = None
    failures: int = 0
    expected: Counter[EventKind] = field(default_factory=Counter)

    def run(self, natures: Sequence[Nature]) -> None:
        """Take in a run: the natures of the endpoints' responses, best endpoint first, up to the first that served."""
        if Nature.SOUND not in natures:
            if Nature.LATER not in natures:
                self._fail(natures)
            return
        self.failures = 0
        first = natures[0]
        if first is Nature.SOUND or (first is Nature.LATER and self.incident is not EventKind.FALLBACK):
            self._turn(None)
        elif first is not Nature.LATER:
            self._turn(EventKind.FALLBACK)

    def _fail(self, natures: Sequence[Nature]) -> None:
        self.failures += 1
        for nature, kind in _REPORTED_AT_ONCE.items():
            if nature in natures:
                self._turn(kind)
                return
        if self.failures >= _RUNS_BEFORE_BROKEN:
            self._turn(EventKind.BROKEN)

    def _turn(self, incident: EventKind | None) -> None:
        if incident is not self.incident:
            self.expected[incident or EventKind.RECOVERED] += 1
        self.incident = incident
