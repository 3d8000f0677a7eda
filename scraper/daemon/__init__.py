"""Watches without end: asks sources as they fall due, sends mail, keeps an eye on itself, and heeds signals."""

from __future__ import annotations

from scraper.daemon.serving import serve

__all__ = ["serve"]
