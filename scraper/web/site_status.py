"""Condition of the static site that the daemon keeps, for `status` and `doctor`: since when its pages are behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from scraper.clock import format_duration
from scraper.config.settings import Settings
from scraper.store import EventFilter, Store
from scraper.web import site_folder

ADVICE: Final = "the log of `statewire run` has the reason; `statewire site DIR` writes the pages now"
# A run of the daemon may still be at work.
_GRACE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """Condition of a folder: the time at which its pages were last complete, and its problem, "" for none."""

    folder: Path
    completed_at: datetime | None
    problem: str


def read(settings: Settings, store: Store, now: datetime) -> SiteStatus | None:
    """Return the condition of `web.site_dir`, None if it is not set."""
    folder = settings.web.site_dir
    if folder is None:
        return None
    try:
        completed_at = site_folder.completed_at(folder)
        has_others = folder.is_dir() and any(folder.iterdir()) and not (folder / site_folder.MANIFEST).exists()
    except OSError as error:
        return SiteStatus(folder, None, f"{folder} cannot be read: {error.strerror or error}")
    if has_others:
        return SiteStatus(folder, None, f"{folder} has other files and is no site of statewire")
    if completed_at is None:
        return SiteStatus(folder, None, f"{folder} has no complete pages yet")
    # Events have whole seconds; those of the second in which the pages were read may be in them.
    missing = next(store.events.find(EventFilter(since=completed_at + timedelta(seconds=1))), None)
    behind = f"{folder} lacks events since {format_duration(now - completed_at)} ago"
    is_behind = missing is not None and missing.at < now - _GRACE
    return SiteStatus(folder, completed_at, behind if is_behind else "")
