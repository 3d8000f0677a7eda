"""Tests of the rule on new releases: State's date and type of document prove one."""

from datetime import UTC, datetime, timedelta

import pytest

from scraper.rules.releases import NEW_FOR, is_new_release

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("published_at", "watched_since", "is_release_type", "is_new"),
    [
        (NOON, NOON - DAY, True, True),
        (NOON, NOON, True, True),
        (NOON - SECOND, NOON, True, False),
        (NOON + DAY - NEW_FOR, NOON - 99 * DAY, True, True),
        (NOON + DAY - NEW_FOR - SECOND, NOON - 99 * DAY, True, False),
        (NOON, NOON - DAY, False, False),
        (None, NOON - DAY, True, False),
        (NOON, None, True, False),
    ],
)
def test_date_and_type_prove_a_new_release(
    published_at: datetime | None, watched_since: datetime | None, is_release_type: bool, is_new: bool
) -> None:
    found = is_new_release(published_at, watched_since, NOON + DAY, is_release_type=is_release_type)
    assert found is is_new
