"""What the configuration says about the daemon: how it works, and whom it tells that it lives."""

from typing import Annotated

from pydantic import Field

from scraper.config.alerts import Model
from scraper.config.fields import File, PositiveCount, Seconds, Url


class DaemonSettings(Model):
    """How `statewire run` works: how much at once, how often it looks what is due, how long it waits, whom it tells."""

    workers: Annotated[PositiveCount, Field(le=32)] = 4
    """Sources asked at the same time, each on hosts of its own."""
    tick_s: Annotated[Seconds, Field(le=60)] = 10.0
    """Seconds from one look at what is due to the next."""
    deadline_s: Seconds = 900.0
    """Seconds after which a source that is still being asked counts as failed; after twice as many the process ends,
    for its supervisor to start it anew."""
    grace_s: Seconds = 10.0
    """Seconds that what runs has to finish when the daemon is told to stop."""
    heartbeat_url: Url | None = None
    """An address that hears every minute that the watch lives (by POST, as healthchecks.io wants it), and at the same
    address with `/fail` that it does not work. Who knows it can feign that, so no more than its host is shown."""
    metrics_file: File | None = None
    """A file, such as /run/statewire/statewire.prom, that is written every minute for Prometheus's node_exporter."""
