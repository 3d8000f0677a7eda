"""What the matcher needs of an index of revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scraper.matching.model import IndexedText, RevisionKey


class Index(Protocol):
    """All revisions of all statements, by fingerprint, by digest and by key.

    Revisions with the very same words, of whatever statement, are one cluster: only the first of them
    is in the postings, `same_words` names them all. So a repost does not make its words look common.
    """

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """Which revisions have which of these fingerprints.

        A fingerprint that more than `thresholds.COMMON_CLUSTERS` statements have is left out: it tells
        nothing, and what a query costs stays bounded however large the index grows.
        """
        ...

    def same_words(self, digest: str) -> Sequence[RevisionKey]:
        """The revisions whose bodies have this digest (`fingerprints.digest`), in the order of their keys."""
        ...

    def text(self, key: RevisionKey) -> IndexedText:
        """One revision; the latest asked for are kept cut into words, within bounds."""
        ...
