"""Exit codes of commands that go on after a failure; those of errors that end a command are in `scraper.errors`."""

from typing import Final

SOME_FAILED: Final = 3
ALL_FAILED: Final = 4
