"""Readers of WARC and JSON Lines files for imports, and the writer of Atom feeds."""
