"""Captures and statements that were collected elsewhere: WARC files and JSON Lines in."""

from __future__ import annotations

from scraper.formats.jsonl import Line, is_jsonl, lines
from scraper.formats.warc import Record, Recordings

__all__ = ["Line", "Record", "Recordings", "is_jsonl", "lines"]
