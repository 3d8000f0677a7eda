"""Types of a trace: the page to match, and the statements that were found in it."""

from dataclasses import dataclass
from datetime import datetime

from scraper.matching.model import Match
from scraper.matching.quotations import Quotation
from scraper.model import Relation, Statement
from scraper.rules.attribution import Attribution


@dataclass(frozen=True, slots=True)
class MatchTarget:
    """A page to match: all of its visible text, one paragraph or more in a line, and its attribution.

    `problem` says which part of the page could not be read.
    """

    name: str
    text: str
    attribution: Attribution
    url: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PageTrace:
    """Result of matching a page. `relation` is that of the best copy, else `unsourced`, `quoted`, `sibling` or `none`.

    `claimed` are the known statements with the URLs that the page claims, `statements` those of the matches and of the
    quotations, by id.
    """

    target: MatchTarget
    relation: Relation
    matches: tuple[Match, ...]
    claimed: tuple[Statement, ...]
    statements: dict[int, Statement]
    quotations: tuple[Quotation, ...] = ()

    @property
    def outdated(self) -> bool:
        """True if the best copy is that of a revision which State has replaced."""
        return bool(self.copies) and self.copies[0].outdated

    @property
    def copies(self) -> tuple[Match, ...]:
        """The matches that are copies, the best first."""
        return tuple(match for match in self.matches if match.relation.is_copy)
