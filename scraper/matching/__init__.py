"""Who republishes a statement, how much of it, and how faithfully: matching over an index of revisions."""

from scraper.matching.matcher import Matcher
from scraper.matching.model import ClaimedSource, IndexedText, Match, PageToMatch, RevisionKey

__all__ = ["ClaimedSource", "IndexedText", "Match", "Matcher", "PageToMatch", "RevisionKey"]
