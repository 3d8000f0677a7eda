"""Joins the edges: one run of a source, one import, one address. Fetch, store, read, judge, write, in that order."""

from __future__ import annotations

from scraper.pipeline.imports import ImportReport, import_files
from scraper.pipeline.runs import RunReport, run_source, set_back
from scraper.pipeline.single import Glance, fetch_address

__all__ = ["Glance", "ImportReport", "RunReport", "fetch_address", "import_files", "run_source", "set_back"]
