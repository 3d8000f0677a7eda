"""Readers of WARC and JSON Lines files for imports, and the writer of Atom feeds (`atom`)."""

from __future__ import annotations

from scraper.formats.jsonl import JsonlStatement, is_jsonl, lines
from scraper.formats.warc import Recordings, WarcRecord

__all__ = ["JsonlStatement", "Recordings", "WarcRecord", "is_jsonl", "lines"]
