"""The configuration of a daemon: read at its start, read again while it runs, each thing said of it once."""

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
    """The file at `path`. `named` is the database that the command line names, None where it names none."""

    def __init__(self, path: Path, named: Path | None) -> None:
        self._path = path
        self._named = named
        self._warned: tuple[str, ...] = ()

    def read(self) -> Settings:
        """What stands in it. Raises what `config.load` raises."""
        return loader.load(self._path)

    def database(self, settings: Settings) -> Path:
        """Where the database of a daemon is that starts with these settings."""
        return loader.database_path(settings, self._named)

    def warn(self, settings: Settings) -> None:
        """Say what is hardly meant in it, but for what was said of it as it was before."""
        found = loader.warnings(settings)
        for warning in found:
            if warning not in self._warned:
                log.warning("%s", warning)
        self._warned = found

    def read_again(self, daemon: Daemon) -> None:
        """Hand a daemon what stands in it now; with a mistake in it, say so and leave everything as it is."""
        try:
            wanted = loader.load(self._path, if_missing="put it back, then send SIGHUP again")
        except StatewireError as error:
            log.error("the configuration stays as it was, for the new one cannot be used")
            for line in str(error).splitlines():
                log.error("%s", line)
            return
        self.warn(wanted)
        for difference in self._for_the_next_start(wanted, daemon):
            log.warning("%s", difference)
        log.info("the configuration was read again")
        daemon.wanted = wanted

    def _for_the_next_start(self, wanted: Settings, daemon: Daemon) -> Iterator[str]:
        """What a daemon that runs cannot take over: where it differs from what runs, whatever was wanted between."""
        database, tick_s = self.database(wanted), wanted.daemon.tick_s
        if database != daemon.database:
            yield f"database: {database} takes hold at the next start; until then it is {daemon.database}"
        if tick_s != daemon.tick_s:
            yield f"daemon.tick_s: {tick_s:g} takes hold at the next start; until then it is {daemon.tick_s:g}"
