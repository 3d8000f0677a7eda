"""Memory management of the daemon, which is idle most of the time: clears caches and returns memory to the system.

Measured in `benchmarks.idle_daemon`: without it, the first runs of a hundred sources leave 150 MB in use.
"""

from __future__ import annotations

import ctypes
import gc

from scraper import parsers, urls
from scraper.rules import identity, placeholders, state_hosts, untrusted, wordings
from scraper.text import damage

# Parameter of mallopt(3): the number of heaps for threads. By default each thread gets one, and each heap keeps its
# maximum size. The daemon's threads wait for servers, or for each other on Python's lock, so one heap costs no speed.
_M_ARENA_MAX = -8


def settle() -> None:
    """Limit the heaps and exclude current objects from garbage collection. Call once, after imports, before any job."""
    _libc("mallopt", _M_ARENA_MAX, 1)
    gc.collect()
    gc.freeze()


def release() -> None:
    """Clear caches that only speed up similar answers, and return the memory to the system. Thread-safe."""
    identity.guid_key.cache_clear()
    damage.clear_cache()
    placeholders.clear_cache()
    state_hosts.namespace.cache_clear()
    untrusted.clear_cache()
    wordings.clear_cache()
    urls.clear_caches()
    parsers.clear_caches()  # collects garbage as well
    _libc("malloc_trim", 0)


def _libc(name: str, *arguments: int) -> None:
    """Call a function of glibc; do nothing with another C library, which manages memory differently."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)
