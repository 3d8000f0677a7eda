"""Keeps a daemon small that rests most of the time: what was kept for speed is let go of and given back.

Measured in `benchmarks.idle_daemon`: without it, a hundred first looks leave 150 MB behind.
"""

from __future__ import annotations

import ctypes
import gc

from scraper import parsers
from scraper.rules import wordings
from scraper.text import tokens

# One of mallopt(3)'s parameters: how many heaps threads may have. By default each gets one, and each stays as it was at
# its fullest. Threads of ours wait for servers, or for each other by Python's lock, so that one heap slows nobody.
_M_ARENA_MAX = -8


def settle() -> None:
    """Once, when all is loaded and nothing has begun: what is there now stays, and is never looked through again."""
    _libc("mallopt", _M_ARENA_MAX, 1)
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Let go of what helps only with more answers of the same kind, and return the memory. From any thread."""
    wordings.clear_cache()
    tokens.forget()
    parsers.forget()  # collects garbage as well
    _libc("malloc_trim", 0)


def _libc(name: str, *arguments: int) -> None:
    """Call what only glibc has; elsewhere memory is managed otherwise."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)
