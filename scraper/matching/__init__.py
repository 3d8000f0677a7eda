"""Matching of pages against an index of revisions: the statements in a page, how much of each, and how faithfully."""

from scraper.matching.matcher import Matcher
from scraper.matching.model import ClaimedSource, IndexedText, Match, PageToMatch, RevisionKey

__all__ = ["ClaimedSource", "IndexedText", "Match", "Matcher", "PageToMatch", "RevisionKey"]
