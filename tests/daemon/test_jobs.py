"""Tests of jobs: a job is judged by its progress, and asked to end when its time is used up."""

from __future__ import annotations

import threading

import pytest
from samples import NOON

from scraper.clock import SimulatedClock
from scraper.daemon.jobs import Job, JobRunner


def test_a_job_that_makes_progress_is_neither_late_nor_stalled() -> None:
    clock = SimulatedClock(NOON)
    job = Job("a", clock, budget_s=100, step_s=30)
    for _ in range(50):
        clock.sleep(99)
        assert not job.is_stalled()
        job.record_progress()
    assert job.time_left_s() == 100 - 50 * 99
    clock.sleep(230)
    assert not job.is_stalled()
    clock.sleep(1)
    assert job.is_stalled()


def test_a_job_is_late_once_after_its_budget_without_progress() -> None:
    clock = SimulatedClock(NOON)
    runner, release = JobRunner(clock), threading.Event()
    assert runner.start("a", lambda _job: release.wait(20) and None, budget_s=100)
    assert not runner.start("a", lambda _job: None, budget_s=100)
    clock.sleep(100)
    assert runner.newly_late() == []
    clock.sleep(1)
    assert [job.name for job in runner.newly_late()] == ["a"]
    assert runner.newly_late() == []
    runner.ignore_suspension(101)
    assert runner.running()[0].time_left_s() == 100
    release.set()
    assert runner.wait(20)


def test_a_thread_that_cannot_start_leaves_no_job_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    runner = JobRunner(SimulatedClock(NOON))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="new thread"):
        runner.start("a", lambda _job: None, budget_s=1)
    assert runner.names() == []
