"""Interface (protocol) of the index of revisions that the matcher queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scraper.matching.model import IndexedText, RevisionKey


class Index(Protocol):
    """All revisions of all statements, by fingerprint, by digest and by key.

    Revisions with exactly the same words, of any statements, are one cluster: only the first of them is in
    the postings, `same_words` returns them all. So a repost does not make its words look common.
    """

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """Return the revisions that have each of these fingerprints.

        A fingerprint that more than `thresholds.COMMON_CLUSTERS` statements have is left out: it is no
        evidence, and the cost of a query stays bounded however large the index grows.
        """
        ...

    def same_words(self, digest: str) -> Sequence[RevisionKey]:
        """Return the revisions whose body words have this hash (`normalize.key_sha256`), ordered by key."""
        ...

    def text(self, key: RevisionKey) -> IndexedText:
        """Return one revision. The last used ones stay cut into words, within bounds."""
        ...
