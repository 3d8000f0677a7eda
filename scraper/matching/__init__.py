"""Who republishes a statement, how much of it, and how faithfully: matching over an index of revisions."""

from scraper.matching.matcher import Matcher
from scraper.matching.model import Claim, Key, Match, Page, Text

__all__ = ["Claim", "Key", "Match", "Matcher", "Page", "Text"]
