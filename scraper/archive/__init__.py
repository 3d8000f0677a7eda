"""Captures and statements that were collected elsewhere: WARC files and JSON Lines in."""

from __future__ import annotations

from scraper.archive.jsonl import Line, is_jsonl, lines
from scraper.archive.warc import Record, Recordings

__all__ = ["Line", "Record", "Recordings", "is_jsonl", "lines"]
