"""Line on top of every page: how many sources are well, and when one was last polled."""

from dataclasses import dataclass
from datetime import timedelta

from scraper import source_status
from scraper.alerts.format import duration
from scraper.web.page import PageRequest


@dataclass(frozen=True, slots=True)
class HealthLine:
    """Words of the line, and if all sources are well or one is in trouble; neither if some were not polled yet."""

    words: str
    is_well: bool = False
    is_trouble: bool = False


def line(request: PageRequest) -> HealthLine:
    """Return the line for a page. That of a file has no state, because each poll would change all files."""
    if not request.is_live:
        return HealthLine("Sources and their health")
    stored = {state.name: state for state in request.store.sources.all()}
    return describe(source_status.assess(request.settings.sources, stored, request.now))


def describe(status: source_status.MonitorStatus) -> HealthLine:
    """Return the line for a status (pure)."""
    if status.last_attempt_at is None:
        return HealthLine("No source has been polled yet")
    if status.no_polling:
        return HealthLine(f"No source polled for {duration(status.at - status.no_polling.since)}", is_trouble=True)
    number = len(status.enabled)
    ill = sum(each.incident is not None or each.late_since is not None for each in status.enabled)
    well = sum(each.state == source_status.WELL and each.late_since is None for each in status.enabled)
    noun = "source" if number == 1 else "sources"
    share = f"{ill} of {number} {noun} in trouble" if ill else f"{well} of {number} {noun} well"
    ago = status.at - status.last_attempt_at
    asked = f"{duration(ago)} ago" if ago >= timedelta(minutes=1) else "just now"
    return HealthLine(f"{share}, asked {asked}", is_well=well == number, is_trouble=bool(ill))
