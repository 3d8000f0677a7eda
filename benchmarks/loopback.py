"""Site on this machine and a database of its own, polled by `statewire fetch` in this process, for benchmarks."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.wire import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes.wire import Exchange

_CONFIG = """\
fetch:
  contact: "https://example.org/statewire-operator"
  allow_private: ["127.0.0.1:{port}"]
  gap_s: 1
  state_gap_s: 2
sources:
  - {{name: site, role: {role}, endpoints: [{{kind: feed, url: "http://127.0.0.1:{port}/feed/"}}]}}
watches:
  - {{name: Everything, to: [desk@example.org], timezone: UTC, at_least: minor}}
"""


@contextmanager
def polled_site(
    checkout: Path, role: str, answer: Callable[[str, int], tuple[str, bytes] | None]
) -> Iterator[Callable[[], str]]:
    """Serve a site with a feed at `/feed/`, and yield a function that polls it once and returns the printed JSON.

    `answer(path, port)` returns the media type and body of a path, or None for 404. The code of `checkout` is used.
    """

    def reply(exchange: Exchange) -> None:
        found = answer(exchange.target, server.port)
        kind, body = found or ("text/plain", b"no such page")
        exchange.reply(body, status=200 if found else 404, headers={"Content-Type": kind})

    sys.path.insert(0, str(checkout))
    from scraper.cli import main as statewire

    with Server(otherwise=reply) as server, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(_CONFIG.format(port=server.port, role=role), encoding="utf-8")
        arguments = ["--config", str(config), "--db", f"{folder}/statewire.db", "fetch", "--json", "site"]

        def poll() -> str:
            printed = io.StringIO()
            with (
                contextlib.suppress(SystemExit),
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                statewire(arguments)
            return printed.getvalue()

        yield poll
