"""What several tests of pages share."""

from __future__ import annotations

from datetime import UTC, datetime

STORY_ENDS = datetime(2026, 5, 15, 12, tzinfo=UTC)
"""Just after the last poll of the demo, so that "today" has something."""
