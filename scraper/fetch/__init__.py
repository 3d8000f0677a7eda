"""HTTP requests that are polite, bounded and safe: the only package that imports httpx.

Importing httpx takes 0.2 s, so names that need it (or protego) are loaded at first use.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.fetch.cassette import ReplayTransport
    from scraper.fetch.client import Fetcher
    from scraper.fetch.poster import Poster
    from scraper.fetch.throttle import HostMemory, MemoryHosts

__all__ = ["Fetcher", "HostMemory", "MemoryHosts", "Poster", "ReplayTransport"]

# httpx imports its command line, and with it rich and pygments, which only cost memory and time here.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

_LAZY = {
    "Fetcher": "scraper.fetch.client",
    "HostMemory": "scraper.fetch.throttle",
    "MemoryHosts": "scraper.fetch.throttle",
    "Poster": "scraper.fetch.poster",
    "ReplayTransport": "scraper.fetch.cassette",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
