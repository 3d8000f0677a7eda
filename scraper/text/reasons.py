"""Choice of the reasons of a change that are shown (pure)."""

from collections.abc import Iterable
from typing import Final

from scraper.model import Grade, Reason

MAX_REASONS: Final = 12


def weightiest(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return at most `MAX_REASONS` reasons, the highest grade first, then one (no label) that counts the others."""
    ordered = sorted(reasons, key=lambda reason: -reason.grade.rank)
    if (more := len(ordered) - MAX_REASONS) > 0:
        ordered[MAX_REASONS:] = [Reason("", f"and {more} more", "", Grade.COSMETIC)]
    return tuple(ordered)
