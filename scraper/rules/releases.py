"""Rule that decides if a statement that only a page of another site names is a new release (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

NEW_FOR: Final = timedelta(days=7)
"""Time for which a release is new. A mirror can link any page of State's at any time."""


def is_new_release(
    published_at: datetime | None, watched_since: datetime | None, at: datetime, *, is_release_type: bool
) -> bool:
    """Return True if State's own date and type of document prove at `at` that a page is a new release.

    The date has to be after the start of monitoring and within a week; pages without a release's type, such as
    biographies and "About" pages, are edited for years.
    """
    if not is_release_type or published_at is None or watched_since is None:
        return False
    return published_at >= max(watched_since, at - NEW_FOR)
