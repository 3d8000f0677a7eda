"""Monitor of official statements that records every wording of a statement and every copy of it on other sites."""

__version__ = "0.1.0"
