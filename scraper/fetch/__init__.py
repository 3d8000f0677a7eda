"""The only package that knows httpx: asks for documents politely and within bounds, and says how that ended.

httpx costs a fifth of a second to import, so names that need it (or protego) are loaded at first use.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from scraper.fetch.classify import classify
from scraper.model import HostState

if TYPE_CHECKING:
    from scraper.fetch.cassette import ReplayTransport
    from scraper.fetch.client import Fetcher
    from scraper.fetch.poster import Poster
    from scraper.fetch.throttle import HostMemory, MemoryHosts

__all__ = ["Fetcher", "HostMemory", "HostState", "MemoryHosts", "Poster", "ReplayTransport", "classify"]

# httpx brings a command line of its own, and with it rich and pygments: memory and time that nobody here needs.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

_LATE = {
    "Fetcher": "scraper.fetch.client",
    "HostMemory": "scraper.fetch.throttle",
    "MemoryHosts": "scraper.fetch.throttle",
    "Poster": "scraper.fetch.poster",
    "ReplayTransport": "scraper.fetch.cassette",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
