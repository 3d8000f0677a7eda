"""Health reports of the daemon: a metrics file for Prometheus, and a heartbeat to an external monitoring service."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from scraper import files, source_status, urls
from scraper.errors import InputError
from scraper.fetch import Poster
from scraper.model import Outcome
from scraper.store import Store

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings, Settings

log = logging.getLogger("statewire")

# Deadline of a heartbeat.
_HEARTBEAT_S = 10.0
_HEADERS = {"Content-Type": "text/plain; charset=utf-8"}


class HeartbeatReporter:
    """Reporter to the destinations in the settings. It logs a problem when it begins and when it ends."""

    def __init__(self, database: Path, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._began_at = clock.now()
        self._problems: dict[str, str] = {}

    def begin_again(self) -> None:
        """Ignore runs before now in the search for problems, since the wall clock was set."""
        self._began_at = self._clock.now()

    def report(self, settings: Settings, looked_at: datetime, stalled: str = "") -> None:
        """Read the database, write the metrics file, send the heartbeat; `stalled` is a problem that the daemon knows.

        A daemon is alive if it looks up due sources, its database answers, and at least one of its sources gives
        items. Failures on the way are logged, not raised.
        """
        trouble = stalled
        try:
            with Store(self._database) as store:
                status = source_status.read(settings, store, self._clock.now(), since=self._began_at)
            database_bytes = self._database.stat().st_size
        except Exception as error:  # the heartbeat has to report it, whatever it is
            trouble = trouble or "the database does not respond"
            self._log_change("database", f"it does not respond: {error}")
        else:
            trouble = trouble or source_status.describe_trouble(status.no_answers, status.at)
            self._log_change("database", "")
            if settings.daemon.metrics_file is not None:
                from scraper.daemon import metrics

                content = metrics.render_metrics(
                    status, last_good_tick_at=looked_at, is_failing=bool(trouble), database_bytes=database_bytes
                )
                self._log_change("metrics", _write(settings.daemon.metrics_file, content))
        if settings.daemon.heartbeat_url is not None:
            self._log_change("heartbeat", self._send_heartbeat(settings.daemon.heartbeat_url, settings.fetch, trouble))

    def _send_heartbeat(self, url: str, settings: FetchSettings, trouble: str) -> str:
        """Send a heartbeat and return the problem without the URL, or ""."""
        bounded = settings.model_copy(update={"deadline_s": min(_HEARTBEAT_S, settings.deadline_s)})
        try:
            with Poster(bounded, clock=self._clock) as poster:
                posted = poster.post(failure_url(url) if trouble else url, (trouble or "alive").encode(), _HEADERS)
        except Exception as error:  # its words may contain the URL, which no log may
            return urls.redact(f"cannot be sent: {error}", url)
        if posted.status is not None:
            # The status only: the location of a redirect may contain the URL.
            return "" if posted.status < 300 else f"the heartbeat monitor responds with status {posted.status}"
        hint = ""
        if posted.outcome is Outcome.BLOCKED_ADDRESS:
            hint = "; a host of your own network must be listed in fetch.allow_private"
        return urls.redact(f"the heartbeat monitor was not reached: {posted.detail}{hint}", url)

    def _log_change(self, topic: str, trouble: str) -> None:
        previous = self._problems.pop(topic, "")
        if trouble:
            self._problems[topic] = trouble
            if not previous:
                log.warning("%s: %s (logged once, until it works again)", topic, trouble)
        elif previous:
            log.info("%s: works again", topic)


def failure_url(url: str) -> str:
    """Return the URL that reports a failure: `/fail` after the path."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def _is_own(head: bytes) -> bool:
    return head.startswith(b"# HELP statewire_")


def _write(path: Path, content: bytes) -> str:
    """Replace a file atomically, readable for all users, and return the problem or ""."""
    try:
        files.write_public(path, content, _is_own)
    except InputError as error:
        return str(error)
    except OSError as error:
        return f"{path} cannot be written ({error.strerror}): its folder must exist and be writable for this user"
    return ""
