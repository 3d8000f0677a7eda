"""What is to be told of a source's health: the promise, told from what the wire truly answered, run by run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.ten_days.faults import Nature
from scraper.model import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

_RUNS_BEFORE_BROKEN = 3
_TOLD_AT_ONCE = {Nature.STRANGE: EventKind.DRIFTED, Nature.BLOCK: EventKind.BLOCKED}


@dataclass
class Health:
    """One source. One incident at a time; one notice when it begins or becomes another, one when it is over.

    A block and a strange shape are told at once, other failures after three runs; to be asked to come later is none.
    A second choice that serves is an incident of its own.
    """

    incident: EventKind | None = None
    failures: int = 0
    told: Counter[EventKind] = field(default_factory=Counter)

    def run(self, natures: Sequence[Nature]) -> None:
        """A run in which the endpoints, the best first, answered so, up to the first that served."""
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
        for nature, kind in _TOLD_AT_ONCE.items():
            if nature in natures:
                self._turn(kind)
                return
        if self.failures >= _RUNS_BEFORE_BROKEN:
            self._turn(EventKind.BROKEN)

    def _turn(self, incident: EventKind | None) -> None:
        if incident is not self.incident:
            self.told[incident or EventKind.RECOVERED] += 1
        self.incident = incident
