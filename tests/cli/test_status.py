"""Tests of `statewire status` as used by a monitoring system: the exit code reports if the monitor works."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import FEED_URL

from scraper.model import Capture, HostState, Outcome, Role
from scraper.rules.guards import Guard
from scraper.store import SourceState, Store
from scraper.store.locks import only_daemon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

MINUTE = timedelta(minutes=1)


def save(db: Path, *, asked: int, gave: int, due: int) -> None:
    """A source that was asked, gave something and is due so many minutes ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    times = (now - ago * MINUTE for ago in (asked, gave, due))
    named = dict(zip(("last_attempt_at", "last_success_at", "next_due_at"), times, strict=True))
    with Store(db) as store, store.unit():
        store.sources.save(SourceState("state", Role.CANONICAL, **named))


def test_a_working_monitor_gives_the_time_since_when(run: Callable[..., Said], db: Path) -> None:
    save(db, asked=4, gave=5, due=-10)
    said = run("status")
    assert said.code == 0
    assert said.out.splitlines()[1] == "  last poll 4 min ago, last success 5 min ago; no daemon runs"
    said = run("status", "--json")
    assert said.code == 0
    watch = said.json["watch"]
    assert watch["trouble"] is watch["advice"] is None
    assert watch["last_success_at"] < watch["last_attempt_at"]


def test_which_process_the_daemon_is(run: Callable[..., Said], db: Path) -> None:
    save(db, asked=4, gave=5, due=-10)
    assert run("status", "--json").json["watch"]["daemon"] is None
    with only_daemon(db):
        assert run("status").out.splitlines()[1].endswith(f"; the daemon is process {os.getpid()}")
        assert run("status", "--json").json["watch"]["daemon"] == os.getpid()
    assert run("status", "--json").json["watch"]["daemon"] is None  # it left its number, and the lock


@pytest.mark.parametrize(
    ("minutes", "words", "advice"),
    [
        ({"asked": 76, "gave": 76, "due": 62}, "no source has been polled for 1 h 16 min, and state has been", "run"),
        ({"asked": 4, "gave": 110, "due": -10}, "no source has had a success for 1 h 50 min", "doctor --online"),
    ],
)
def test_a_stopped_monitor_ends_with_1_and_a_remedy(
    run: Callable[..., Said], db: Path, minutes: dict[str, Any], words: str, advice: str
) -> None:
    save(db, **minutes)
    said = run("status")
    assert said.code == 1
    line = said.out.splitlines()[1]
    assert line.startswith(f"  {words}")
    assert f"`statewire {advice}`" in line
    said = run("status", "--json")
    assert said.code == 1
    assert said.json["watch"]["trouble"].startswith(words)
    assert f"`statewire {advice}`" in said.json["watch"]["advice"]


def test_the_host_that_makes_a_source_wait_and_the_cause_of_a_failure(run: Callable[..., Said], db: Path) -> None:
    save(db, asked=4, gave=60, due=-10)
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + 30 * MINUTE
    with Store(db) as store:
        store.hosts.save(HostState("www.state.gov", not_before=until))
    said = run("status")
    assert said.out.splitlines()[2].split()[2:4] == ["kept", "waiting;"]
    words = f"www.state.gov allows no requests before {until:%Y-%m-%d %H:%M} UTC"
    assert said.out.splitlines()[3].strip() == words
    assert run("status", "--json").json["sources"][0]["waiting"] == words

    failed = Capture(FEED_URL, now - 4 * MINUTE, Outcome.DNS, None, FEED_URL, (), b"", "no such host")
    with Store(db) as store, store.unit():
        store.captures.add("state", failed)
        (state,) = store.sources.all()
        store.sources.save(replace(state, failures=1))
    lines = run("status").out.splitlines()
    assert "no success in 1 run;" in lines[2]
    assert lines[3].strip() == f"{FEED_URL}: dns (no such host)"
    assert run("status", "--json").json["sources"][0]["failures"] == 1


def test_usual_arrivals_of_a_source_by_hour_and_weekday(run: Callable[..., Said], db: Path) -> None:
    save(db, asked=4, gave=5, due=-10)
    assert run("status", "--json").json["sources"][0]["usual_week"] is None
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
    with Store(db) as store, store.unit():
        store.arrivals.note("state", FEED_URL, hour, 2, None)
    row = run("status", "--json").json["sources"][0]
    assert row["last_news_at"] == f"{hour:%Y-%m-%dT%H:%M:%SZ}"
    assert [len(day) for day in row["usual_week"]] == [24] * 7
    assert row["usual_week"][hour.weekday()][hour.hour] == 1.0
    assert row["every_s"] == 900


def test_row_120_what_guards_withheld_is_shown_with_its_number_and_advice(run: Callable[..., Said], db: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    save(db, asked=4, gave=5, due=-10)
    assert run("status", "--json").json["withheld"] == []
    with Store(db) as store, store.unit():
        store.withheld.record(Guard.MAIL_LENGTH, "desk\x1b[2J@example.org", now - MINUTE, 3)
        store.withheld.record(Guard.MAX_PER_DAY, "long ago", now - timedelta(days=2))
        for number in range(12):
            store.withheld.record(Guard.MAX_PER_DAY, f"statement {number}", now, 20 - number)
    *_, last = found = run("status", "--json").json["withheld"]
    assert [each["subject"] for each in found if each["guard"] == "alerts.max_per_day"] == [
        f"statement {number}" for number in range(12)
    ]
    (of_length,) = (each for each in found if each["guard"] == "alerts: mail length")
    assert of_length["count"] == 3
    assert last.keys() == {"guard", "subject", "count", "since", "last_at", "advice"}
    lines = run("status").out.splitlines()
    (begin,) = (number for number, line in enumerate(lines) if line.startswith("  withheld by alerts.max_per_day: "))
    assert lines[begin + 1].startswith("    statement 0: 20 events held, to be sent")
    assert lines[begin + 11] == "    and 2 more subjects: statewire status --json"
    assert "\x1b[2J" not in "".join(lines)


def test_what_the_limits_of_the_day_withhold(run: Callable[..., Said], db: Path, tmp_path: Path) -> None:
    save(db, asked=4, gave=5, due=-10)
    mirror = "  - name: gazette\n    role: mirror\n    endpoints: [{kind: feed, url: https://gazette.example/feed/}]\n"
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as file:
        file.write(mirror)
    now = datetime.now(UTC)
    with Store(db) as store:
        for host, requests in (("quiet.example", 2099), ("www.state.gov", 2100), ("loud.example", 3000)):
            store.hosts.save(HostState(host, counted_on=now.date(), requests=requests))
        with store.unit():
            for number in range(3):
                store.claims.wait("gazette", f"https://www.state.gov/{number}/", now, 99)
            for _ in range(20):
                store.claims.count_request("gazette", now.date())
    lines = run("status").out.splitlines()
    assert lines[-3:] == [
        "    3000  loud.example; none is left: every request waits until midnight UTC",
        "    2100  www.state.gov; the rest is for news of its own sources: rechecks and claims wait until midnight UTC",
        "    2099  quiet.example",
    ]
    assert [line.strip() for line in lines if "claimed" in line] == [
        "3 claimed URLs of State's to request; 20 of at most 20 requested today"
    ]
    said = run("status", "--json").json
    (row,) = (row for row in said["sources"] if row["name"] == "gazette")
    assert row["claims"] == {"requested": 20, "per_day": 20, "waiting": 3}
    assert [sorted(row) for row in said["requests_today"]] == [
        ["host", "per_day", "requests", "waits"],
        ["host", "per_day", "requests", "waits"],
        ["host", "per_day", "requests"],
    ]
