"""Readers of WARC and JSON Lines files for imports, and the writer of Atom feeds (`atom`)."""

from __future__ import annotations

from scraper.formats.jsonl import Line, is_jsonl, lines
from scraper.formats.warc import Record, Recordings

__all__ = ["Line", "Record", "Recordings", "is_jsonl", "lines"]
