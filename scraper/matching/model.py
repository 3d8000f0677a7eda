"""Input and output of the matcher: pages, claims, indexed revisions, the index that it queries, and matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from scraper.model import Grade, Reason, Relation, Span, Statement
    from scraper.text.tokens import Words


class RevisionKey(NamedTuple):
    """Key of a revision: the id of the statement and the number of the revision, from 1."""

    statement_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A revision in the index. `digest` is equal for bodies with the same words, `words` are the body's."""

    title: str
    words: Words
    digest: str
    guid: str = ""
    url: str = ""
    published_at: datetime | None = None
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class ClaimedSource:
    """Source that a page claims for its text; evidence and never proof."""

    url: str | None = None
    title: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageToMatch:
    """A document of another site: its whole visible text, with line breaks between blocks, title, date and claim."""

    text: str
    title: str | None = None
    date: datetime | None = None
    claim: ClaimedSource | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that a page carries or resembles.

    `relation` is that to the revision that was found; `outdated` is True for a copy of a revision that is not the
    current one. `coverage` is the share of the statement's words that stand in the page, `fidelity` the share of the
    aligned passages that is word for word, both from 0 to 1. `chain` counts the words of the aligned passages that are
    equal and in order. `grade` is None if not even the typography differs. `runner_up` is the next best statement for
    the same passages.
    """

    key: RevisionKey
    relation: Relation
    coverage: float
    fidelity: float
    grade: Grade | None
    differences: tuple[Reason, ...]
    spans: tuple[Span, ...]
    chain: int
    runner_up: RevisionKey | None
    evidence: tuple[str, ...]
    outdated: bool = False


class WordChange(NamedTuple):
    """Words [source, source_end) of the statement for which words [page, page_end) stand in the page."""

    source: int
    source_end: int
    page: int
    page_end: int

    @property
    def size(self) -> int:
        """The number of words concerned, on the side with more."""
        return max(self.source_end - self.source, self.page_end - self.page)


class Index(Protocol):
    """Index of all revisions of all statements, by fingerprint, by digest and by key.

    Revisions with exactly the same words, of any statements, are one cluster: only the first of them is in
    the postings, `same_words` returns them all. So a repost does not make its words look common.
    """

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """Return the revisions that have each of these fingerprints; those that no revision has are left out.

        One that more than `thresholds.COMMON_STATEMENTS` have gets none: it is no evidence, and the cost of a query
        stays bounded however large the index grows.
        """
        ...

    def sources(self, statement_ids: Collection[int]) -> Mapping[int, tuple[datetime | None, int]]:
        """Return the time at which each of these statements was published, and the number of its current revision."""
        ...

    def same_words(self, digest: str) -> Sequence[RevisionKey]:
        """Return the revisions of whose body this is the hash (`key_sha256` of `wording_key`), ordered by key."""
        ...

    def text(self, key: RevisionKey) -> IndexedText:
        """Return one revision. The last used ones stay cut into words, within bounds."""
        ...


class StatementLookup(Protocol):
    """Look-up of the statements of an index."""

    def by_id(self, statement_id: int) -> Statement | None:
        """Return the statement with an id, or None."""
        ...

    def by_url(self, url: str) -> Sequence[Statement]:
        """Return every statement that was seen at a URL, the latest first."""
        ...


class KnownTexts(Protocol):
    """All wordings and their statements, as a trace needs them: those of a database, or of an index file."""

    @property
    def fingerprints(self) -> Index:
        """The index of all wordings."""
        ...

    @property
    def statements(self) -> StatementLookup:
        """The statements."""
        ...
