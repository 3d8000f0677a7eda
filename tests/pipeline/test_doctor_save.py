"""Tests of the request of `doctor --online` to Save Page Now, on loopback, in simulated time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.save_page_now import KEYS, SavePageNow
from samples import make_settings, settings

from scraper.config.save_page_now import SavePageNowSettings
from scraper.fetch.service import ServiceClient
from scraper.pipeline.doctor_save import reach_save_page_now
from scraper.pipeline.findings import Level

if TYPE_CHECKING:
    from scraper.clock import SimulatedClock
    from scraper.store import Store


@pytest.mark.parametrize(
    ("answer", "keys", "level", "what"),
    [
        ((200, b'{"available": 12, "processing": 3}'), KEYS, Level.OK, "knows the keys: 12 sessions free, 3 in use"),
        ((200, b"{}"), KEYS, Level.TROUBLE, "its answer has another form than documented"),
        ((429, b"later"), KEYS, Level.WARNING, "later"),
        ((502, b""), KEYS, Level.TROUBLE, "it answers with status 502"),
        ((200, b"{}"), "wrong123:wrong45678", Level.TROUBLE, "it refuses the keys (status 401)"),
    ],
)
def test_each_answer_has_its_finding(
    store: Store, clock: SimulatedClock, answer: tuple[int, bytes], keys: str, level: Level, what: str
) -> None:
    with SavePageNow(clock.now) as service:
        service.sessions = answer
        save_page_now = SavePageNowSettings(key_env="ARCHIVE_KEYS", url=service.service)
        asked = settings().model_copy(update={"save_page_now": save_page_now})
        with ServiceClient(make_settings(service.place), clock=clock, hosts=store.hosts) as client:
            found = reach_save_page_now(asked, client, clock, {"ARCHIVE_KEYS": keys})
    assert (found.level, found.what.partition(";")[0]) == (level, what)
    assert "not tried live" in found.what
