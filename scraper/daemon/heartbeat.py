"""Tells the outside how the daemon is doing: a file for Prometheus, a heartbeat whose absence a monitor hears."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from scraper import __version__
from scraper.daemon import metrics
from scraper.fetch import Poster
from scraper.model import Outcome
from scraper.pipeline import source_status
from scraper.store import Store

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings, Settings

log = logging.getLogger("statewire")

# A heartbeat that takes longer is none.
_HEARTBEAT_S = 10.0
_HEADERS = {"Content-Type": "text/plain; charset=utf-8"}


class HeartbeatReporter:
    """Tells whom the settings name. What keeps it from doing so is told to the log when it begins, and when it ends."""

    def __init__(self, database: Path, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._began_at = clock.now()
        self._troubles: dict[str, str] = {}

    def report(self, settings: Settings, looked_at: datetime, stalled: str = "") -> None:
        """Look at the database, write the file, send the heartbeat; `stalled` says what the daemon itself knows.

        Alive is a daemon that looks what is due, whose database answers, and of whose sources at least one gives
        something. Raises nothing for what fails on the way.
        """
        trouble = stalled
        try:
            look = self._look(settings, looked_at, stalled)
        except Exception as error:
            trouble = trouble or "the database does not answer"
            self._note("database", f"it does not answer: {error}")
        else:
            trouble = look.trouble
            self._note("database", "")
            if settings.daemon.metrics_file is not None:
                self._note("metrics", _write(settings.daemon.metrics_file, metrics.render_metrics(look)))
        if settings.daemon.heartbeat_url is not None:
            self._note("heartbeat", self._beat(settings.daemon.heartbeat_url, settings.fetch, trouble))

    def _look(self, settings: Settings, looked_at: datetime, stalled: str) -> metrics.Snapshot:
        """How all is at this moment. Raises what the database raises."""
        now = self._clock.now()
        with Store(self._database) as store:
            states = {state.name: state for state in store.sources.all()}
            waiting_since = store.outbox.oldest_pending()
            return metrics.Snapshot(
                version=__version__,
                looked_at=looked_at,
                trouble=stalled or source_status.no_answers(settings.sources, states, now, since=self._began_at),
                sources=[(source, states.get(source.name)) for source in settings.sources if source.enabled],
                last_news=store.arrivals.last_news(),
                hosts=store.hosts.asked_on(now.date()),
                requests_per_day=settings.fetch.requests_per_day,
                statements=store.statements.count(),
                copies=store.copies.count(),
                events=store.events.last_id(),
                messages=store.outbox.counts(),
                oldest_waiting_s=max(0.0, (now - waiting_since).total_seconds()) if waiting_since else 0.0,
                database_bytes=self._database.stat().st_size,
            )

    def _beat(self, url: str, settings: FetchSettings, trouble: str) -> str:
        """Send one; what went wrong, in words without the address."""
        bounded = settings.model_copy(update={"deadline_s": min(_HEARTBEAT_S, settings.deadline_s)})
        try:
            with Poster(bounded, clock=self._clock) as poster:
                posted = poster.post(failing(url) if trouble else url, (trouble or "alive").encode(), _HEADERS)
        except Exception as error:
            return without_address(f"cannot be sent: {error}", url)
        if posted.status is not None:
            # Not what it says: where it would lead us has the address in it.
            return "" if posted.status < 300 else f"the monitor answers with status {posted.status}"
        hint = ""
        if posted.outcome is Outcome.BLOCKED_ADDRESS:
            hint = "; an address of your own network has to stand under fetch.allow_private"
        return without_address(f"the monitor was not reached: {posted.detail}{hint}", url)

    def _note(self, topic: str, trouble: str) -> None:
        had = self._troubles.pop(topic, "")
        if trouble:
            self._troubles[topic] = trouble
            if not had:
                log.warning("%s: %s (said once, until it works again)", topic, trouble)
        elif had:
            log.info("%s: works again", topic)


def failing(url: str) -> str:
    """The address that hears of failure: `/fail` after the path."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def without_address(words: str, url: str) -> str:
    """Words in which neither an address stands nor what of it is secret."""
    parts = urlsplit(url)
    for secret in (url, f"{parts.path}?{parts.query}", parts.path, parts.query):
        if len(secret) > 1:
            words = words.replace(secret, "***")
    return words


def _write(path: Path, content: str) -> str:
    """Put a file in the place of another at once, for everybody to read; what went wrong, in words."""
    # Beside it, for a name changes hands within one file system only; node_exporter reads *.prom.
    fresh = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
        # Not synced to the disk, which may sleep: after a power cut it is written again within a minute.
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        return f"{path} cannot be written ({error.strerror}): its folder has to be there, and open to this user"
    return ""
