"""Tests of repeated errors: logged at the beginning, at a change, once an hour, and at the end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scraper.daemon.run_log import AGAIN_S, ErrorThrottle

if TYPE_CHECKING:
    import pytest

    from scraper.clock import SimulatedClock


def test_an_error_is_said_again_when_it_changes_or_stays_for_an_hour(
    clock: SimulatedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="statewire")
    complaints = ErrorThrottle(clock)

    def said() -> list[str]:
        words = [f"{record.levelname} {record.getMessage()}" for record in caplog.records]
        caplog.clear()
        return words

    complaints.record_success("mail", "mail: works again")
    assert said() == []
    complaints.record_failure("mail", OSError("the disk is full"))
    complaints.record_failure("look", OSError("the disk is full"))
    assert said() == ["ERROR mail: the disk is full", "ERROR look: the disk is full"]
    clock.sleep(AGAIN_S - 1)
    complaints.record_failure("mail", OSError("the disk is full"))
    assert said() == []
    clock.sleep(1)
    complaints.record_failure("mail", OSError("the disk is full"))
    assert said() == ["ERROR mail: the disk is full"]
    complaints.record_failure("mail", ValueError("the disk is full"))
    complaints.record_failure("mail", ValueError("something else"))
    assert said() == ["ERROR mail: the disk is full", "ERROR mail: something else"]
    complaints.record_success("mail", "mail: works again")
    complaints.record_success("mail", "mail: works again")
    assert said() == ["INFO mail: works again"]
    complaints.record_failure("mail", ValueError("something else"))
    assert said() == ["ERROR mail: something else"]
