"""Server of `statewire web` in a thread, at a time of the test's choice."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from scraper.web import datasette_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import Settings

_LIMIT_S = 20.0


@contextmanager
def serving(db: Path, settings: Settings, clock: Clock) -> Iterator[str]:
    """Serve the pages of a database on loopback, and give the URL of the first one."""
    application = datasette_app.create(db, settings, clock, with_sql=False).app()
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="on"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="statewire web")
        thread.start()
        try:
            until = time.monotonic() + _LIMIT_S
            while not server.started:
                assert thread.is_alive(), "the server ended before it served"
                assert time.monotonic() < until, "the server never began to serve"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.should_exit = True
            thread.join(_LIMIT_S)
    assert not thread.is_alive(), "the server did not end"
