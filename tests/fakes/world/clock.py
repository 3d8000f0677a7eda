"""Simulated time for a daemon with real threads: they wake one after the other, in the order of their times."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scraper.daemon.jobs import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# Interval of the check for threads that have ended; a thread that falls asleep notifies the condition.
_CHECK_S = 0.001
_HUNG_S = 120.0
_NEVER_S = float("inf")


@dataclass
class Conductor:
    """Clock that runs one thread at a time, so that a seed determines the whole simulation.

    A thread of the daemon runs from the end of its sleep until it sleeps again or ends; meanwhile all others, and time,
    stand still. `elapsed_s` is the true time, which only grows; `now` is the machine's clock, which `offset` sets.
    """

    start: datetime
    elapsed_s: float = 0.0
    offset: timedelta = timedelta(0)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._main = threading.get_ident()
        self._changed = threading.Condition()
        self._asleep: dict[str, float] = {}
        self._going: int | None = None

    def now(self) -> datetime:
        """Return the machine's time (see `Clock.now`). A new thread waits here for its turn."""
        if threading.get_ident() not in {self._main, self._going}:
            self.wait_until(self.elapsed_s)
        return self.start + timedelta(seconds=self.elapsed_s) + self.offset

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self.elapsed_s

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`. Raise `Stopped` if the daemon is stopped meanwhile."""
        self.wait_until(self.elapsed_s + seconds)
        if self.stop.is_set():
            raise Stopped

    def go_to(self, until_s: float, names: Callable[[], Collection[str]]) -> None:
        """Run all threads that are due until then; `names` returns the current threads."""
        while (sleeper := self._next(names)) and sleeper[1] <= until_s:
            self._wake(*sleeper)
        self.elapsed_s = max(self.elapsed_s, until_s)

    def finish(self, names: Callable[[], Collection[str]]) -> None:
        """Wake all threads now, until none is left."""
        while sleeper := self._next(names):
            self._wake(sleeper[0], self.elapsed_s)

    def hurry(self, name: str) -> None:
        """Make a sleeping thread due now."""
        with self._changed:
            self._asleep[name] = self.elapsed_s

    def _next(self, names: Callable[[], Collection[str]]) -> tuple[str, float] | None:
        """Wait until no thread runs; return the next thread to wake and its time, or None."""
        with self._changed:
            settled = False
            for _ in range(int(_HUNG_S / _CHECK_S)):
                settled = set(names()) <= self._asleep.keys()
                if settled:
                    break
                self._changed.wait(_CHECK_S)
            if not settled:
                raise RuntimeError(f"a thread hangs in true time: {set(names()) - self._asleep.keys()}")
            self._going = None
            return min(self._asleep.items(), key=lambda each: (each[1], each[0]), default=None)

    def _wake(self, name: str, at_s: float) -> None:
        with self._changed:
            self.elapsed_s = max(self.elapsed_s, at_s)
            del self._asleep[name]
            self._changed.notify_all()

    def wait_until(self, at_s: float) -> None:
        """Block the thread until a true time."""
        name = threading.current_thread().name
        with self._changed:
            self._asleep[name] = at_s
            self._changed.notify_all()
            while name in self._asleep:
                self._changed.wait()
            self._going = threading.get_ident()


@dataclass
class Turn:
    """Lock in simulated time: a thread that waits for it sleeps until it is released, while time goes on."""

    clock: Conductor
    is_held: bool = False
    waiting: list[str] = field(default_factory=list)

    def acquire(self, timeout: float) -> bool:
        until_s = min(self.clock.elapsed_s + timeout, _NEVER_S)
        while self.is_held:
            if self.clock.elapsed_s >= until_s:
                return False
            name = threading.current_thread().name
            self.waiting.append(name)
            self.clock.wait_until(until_s)
            if name in self.waiting:  # it was not released, the time is up
                self.waiting.remove(name)
        self.is_held = True
        return True

    def release(self) -> None:
        self.is_held = False
        for name in self.waiting:
            self.clock.hurry(name)
        self.waiting.clear()


class Turns(dict[str, Turn]):
    """Locks by name, created on demand, in place of a dictionary of real locks."""

    def __init__(self, clock: Conductor) -> None:
        super().__init__()
        self._clock = clock

    def setdefault(self, name: str, _: object = None) -> Turn:
        """Return the lock of that name."""
        return super().setdefault(name, Turn(self._clock))
