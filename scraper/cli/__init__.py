"""The command line: one module per group of verbs; all printing lives here. Data on stdout, talk on stderr."""

from __future__ import annotations

from scraper.cli.app import main

__all__ = ["main"]
