"""Tests of five simulated days, the short form of `benchmarks/ten_days.py`, and of the judge, which sees each fault."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.world.clock import Conductor, Turn
from fakes.world.faults import Nature
from fakes.world.judge import judge
from fakes.world.promise import Health
from fakes.world.watch import Course
from fakes.world.web import FEW, START

from scraper.daemon import memory
from scraper.daemon.jobs import Stopped
from scraper.model import EventKind, Grade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fakes.world.truth import ExpectedEvent


def test_whatever_fails_every_change_is_reported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "release", lambda: None)  # a fifth of the CPU
    course = Course(tmp_path, seed=3, days=5, scale=FEW)
    course.go()
    verdict = judge(course)
    assert verdict.faults == ()
    assert len(course.wire.struck) > 3
    assert verdict.reported["statement.revised"] > 0
    _judge_sees_what_does_not_hold(course)


def _judge_sees_what_does_not_hold(course: Course) -> None:
    true = course.truth.expected
    revised = next(event for event in true if event.kind is EventKind.REVISED)
    course.truth.expected = [event for event in true if event is not revised]
    assert judge(course).faults == (f"reported, but not true: {_words(revised)}",)
    course.truth.expected = [*true, revised]
    assert judge(course).faults == (f"not reported: {_words(revised)}",)
    other = next(grade for grade in (Grade.MINOR, Grade.MATERIAL) if grade is not revised.grade)
    course.truth.expected = [replace(event, grade=other) if event is revised else event for event in true]
    assert len(judge(course).faults) == 2
    course.truth.expected = true
    course.health["press"].expected[EventKind.BLOCKED] += 1
    course.wire.bad_manners.append("too soon")
    health, manners = judge(course).faults
    assert health.startswith("press: source.blocked reported")
    assert manners == "too soon"


def _words(event: ExpectedEvent) -> str:
    return f"{event.kind} {event.about} {event.grade}"


S, L, B, X, F = Nature.SOUND, Nature.LATER, Nature.BLOCK, Nature.STRANGE, Nature.FAILURE
K = EventKind


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (["S", "F", "F", "S"], []),
        (["F", "F", "F", "F", "S"], [K.BROKEN, K.RECOVERED]),
        (["B", "B", "S", "X", "S"], [K.BLOCKED, K.RECOVERED, K.DRIFTED, K.RECOVERED]),
        (["L", "L", "L", "L", "S"], []),
        (["B", "L", "B", "S"], [K.BLOCKED, K.RECOVERED]),
        (["F", "L", "F", "F"], [K.BROKEN]),
        (["BS", "BS", "LS", "S"], [K.FALLBACK, K.RECOVERED]),
        (["B", "X", "S"], [K.BLOCKED, K.DRIFTED, K.RECOVERED]),
    ],
)
def test_expected_health_events_of_a_source(runs: Sequence[str], expected: list[EventKind]) -> None:
    natures = {"S": S, "L": L, "B": B, "X": X, "F": F}
    health = Health()
    for run in runs:
        health.run([natures[letter] for letter in run])
    assert sorted(health.expected.elements()) == sorted(expected)


def test_threads_go_one_at_a_time_in_the_order_of_their_time() -> None:
    clock, went = Conductor(START), []
    lock = Turn(clock)

    def live(name: str, first_s: float) -> None:
        clock.sleep(first_s)
        assert lock.acquire(float("inf"))
        went.append((name, clock.monotonic()))
        clock.sleep(10)
        lock.release()
        went.append((name, clock.monotonic()))

    threads = [threading.Thread(target=live, args=each, name=each[0]) for each in (("b", 2.0), ("a", 1.0))]
    for thread in threads:
        thread.start()
    clock.go_to(60.0, lambda: [thread.name for thread in threads if thread.is_alive()])
    assert went == [("a", 1.0), ("a", 11.0), ("b", 11.0), ("b", 21.0)]
    assert clock.monotonic() == 60


def test_a_stopped_thread_wakes_at_once() -> None:
    clock, ended = Conductor(START), []

    def live() -> None:
        try:
            clock.sleep(3600)
        except Stopped:
            ended.append(clock.monotonic())

    thread = threading.Thread(target=live, name="a")
    thread.start()
    clock.go_to(5.0, lambda: ["a"] * thread.is_alive())
    clock.stop.set()
    clock.finish(lambda: ["a"] * thread.is_alive())
    assert ended == [5.0]
