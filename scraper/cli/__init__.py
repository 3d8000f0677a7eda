"""Command line: one module per group of verbs. Only this package prints: data on stdout, messages on stderr."""

from __future__ import annotations

from scraper.cli.app import main

__all__ = ["main"]
