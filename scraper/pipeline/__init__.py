"""Joins the edges: one run of a source, one import, one address. Fetch, store, read, judge, write, in that order.

What imports need is loaded when one is begun: the daemon never does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from scraper.pipeline.runs import RunReport, run_source, set_back

if TYPE_CHECKING:
    from scraper.pipeline.imports import ImportReport, import_files
    from scraper.pipeline.single import Glance, fetch_address

__all__ = ["Glance", "ImportReport", "RunReport", "fetch_address", "import_files", "run_source", "set_back"]

_LATE = {
    "Glance": "scraper.pipeline.single",
    "ImportReport": "scraper.pipeline.imports",
    "fetch_address": "scraper.pipeline.single",
    "import_files": "scraper.pipeline.imports",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
