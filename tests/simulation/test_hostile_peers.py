"""Tests of a few simulated hours beside hostile mirrors, the short form of `benchmarks/hostile_peers.py`.

The judge sees each fault in a day beside the honest mirror alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.world import hostile, state_day
from fakes.world.hostile_day import CLAIMS_PER_DAY, SCALE, HostileDay, judge
from fakes.world.truth import HOUR
from fakes.world.web import START, STATE

from scraper.daemon import memory
from scraper.model import EventKind, Grade

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.world.mirror import Mirror

HOURS = 2


def live(folder: Path, monkeypatch: pytest.MonkeyPatch, kinds: tuple[type[Mirror], ...]) -> HostileDay:
    monkeypatch.setattr(memory, "release", lambda: None)  # a fifth of the CPU
    day = HostileDay(folder, seed=2, days=HOURS / 24, scale=replace(SCALE, tick_s=60.0), kinds=kinds)
    day.go()
    return day


def test_hostile_mirrors_neither_delay_nor_invent_news_of_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = judge(live(tmp_path, monkeypatch, hostile.FEW))
    assert verdict.faults == ()
    assert len(verdict.delays_s) == 5
    assert verdict.reported[EventKind.COPY_FOUND] > 1
    assert verdict.reported[EventKind.UNSOURCED] > 1


def test_the_judge_sees_what_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = live(tmp_path, monkeypatch, (hostile.CopiesHonestly,))
    assert judge(day).faults == ()
    _judge_sees_late_missing_and_invented_news(day)
    _judge_sees_false_statements(day)
    day.ends.append("it stalled")
    day.wire.documents["copies-honestly", STATE, START.date()] += CLAIMS_PER_DAY
    day.wire.bad_manners.append("1.000 h: https://www.state.gov/: more than the day's requests")
    day.errors.append("a run failed\nTraceback")
    assert len(judge(day).faults) == 4
    monkeypatch.setattr(hostile, "INNOCENT", "copies-honestly.example")
    assert any("nothing to do with State" in fault for fault in judge(day).faults)


def _judge_sees_late_missing_and_invented_news(day: HostileDay) -> None:
    due = dict(day.due)
    revised = next(change for change in due if change.kind is EventKind.REVISED)
    others = {change: at_s for change, at_s in due.items() if change != revised}
    day.due = others | {revised: due[revised] - 3 * HOUR}
    (late,) = judge(day).faults
    assert late.startswith("mailed after ")
    day.due = others | {replace(revised, grade=Grade.MINOR): due[revised]}
    missing, invented = judge(day).faults
    assert missing.startswith("not reported: statement.revised")
    assert invented.startswith("reported, but State did nothing: statement.revised")
    day.due = others
    assert judge(day).faults == ("5 mails with events of State's, expected 4", invented)
    day.due = due


def _judge_sees_false_statements(day: HostileDay) -> None:
    true = day.truth.statements
    first, second, third, *rest = true
    other = replace(first.versions[0], body=("Another text.",)), replace(second.versions[0], slug="elsewhere")
    false = [replace(first, versions=other[:1]), replace(second, versions=other[1:]), replace(third, number=1)]
    day.truth.statements = [*false, *rest]
    faults = judge(day).faults
    for words in ("a wording of", "a statement that State has not", "addresses of"):
        assert len([fault for fault in faults if words in fault]) == 1, words
    assert len(faults) == 3
    day.truth.statements = true


@pytest.mark.parametrize("kind", hostile.MIRRORS)
def test_each_mirror_says_what_it_attacks(kind: type[Mirror]) -> None:
    assert kind.__doc__ is not None
    assert "Attacks rule" in kind.__doc__ or kind is hostile.CopiesHonestly
    truth, _ = state_day.draw(seed=1, days=1.0)
    mirror = kind({text.number: text for text in truth.statements})
    assert mirror.answer(mirror.url, 2 * HOUR).status == 200
