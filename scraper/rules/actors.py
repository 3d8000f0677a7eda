"""Actors whose actions events report. Quotas of alerts count each actor apart, and State's alerts come first."""

from __future__ import annotations

from enum import StrEnum


class Actor(StrEnum):
    """The one who did what an event reports: State, another site, or the monitor itself."""

    STATE = "state"
    THIRD_PARTY = "third party"
    MONITOR = "monitor"
