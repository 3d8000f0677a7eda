"""Helpers for tests of the command line: a small configuration, and the output and exit code of a call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  retries: 0
sources:
  - name: state
    role: canonical
    endpoints: [{kind: feed, url: https://www.state.gov/rss-feed/press-releases/feed/}]
  - name: old
    role: archive
    enabled: false
    endpoints: [{kind: feed, url: https://2021-2025.state.gov/feed/}]
"""


@dataclass(frozen=True)
class Said:
    """Output of a command: stdout, stderr, exit code."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def rows(said: Said) -> list[dict[str, Any]]:
    """Return the rows of a successful call without output on stderr."""
    assert (said.code, said.err) == (0, "")
    assert isinstance(said.json, list)
    return list(said.json)
