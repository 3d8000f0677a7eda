"""Configuration of a daemon: read at the start and at each reload, with warnings that are logged only once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scraper.config import loader
from scraper.errors import StatewireError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.config.settings import Settings
    from scraper.daemon.daemon import Daemon

log = logging.getLogger("statewire")


class Configuration:
    """The configuration file at `path`. `named` is the database from the command line, if any."""

    def __init__(self, path: Path, named: Path | None) -> None:
        self._path = path
        self._named = named
        self._warned: tuple[str, ...] = ()

    def read(self) -> Settings:
        """Load the settings. Errors of `loader.load` are raised."""
        return loader.load(self._path)

    def database(self, settings: Settings) -> Path:
        """Return the path of the database for a daemon that starts with these settings."""
        return loader.database_path(settings, self._named)

    def warn(self, settings: Settings) -> None:
        """Log warnings about the settings, except those of the last call."""
        warnings = loader.warnings(settings)
        for warning in warnings:
            if warning not in self._warned:
                log.warning("%s", warning)
        self._warned = warnings

    def read_again(self, daemon: Daemon) -> None:
        """Load the settings again for a daemon. If they are invalid, log the errors and keep the current ones."""
        try:
            wanted = loader.load(self._path, if_missing="put it back, then send SIGHUP again")
        except StatewireError as error:
            log.error("the new configuration cannot be used, the current one stays in force")
            for line in str(error).splitlines():
                log.error("%s", line)
            return
        self.warn(wanted)
        for difference in self._changes_at_next_start(wanted, daemon):
            log.warning("%s", difference)
        log.info("the configuration was read again")
        daemon.pending_settings = wanted

    def _changes_at_next_start(self, wanted: Settings, daemon: Daemon) -> Iterator[str]:
        """Yield the settings that only take effect at the next start, compared with those of the running daemon."""
        database, tick_s = self.database(wanted), wanted.daemon.tick_s
        if database != daemon.database:
            yield f"database: {database} takes hold at the next start; until then it is {daemon.database}"
        if tick_s != daemon.tick_s:
            yield f"daemon.tick_s: {tick_s:g} takes hold at the next start; until then it is {daemon.tick_s:g}"
