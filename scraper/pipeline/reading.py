"""Parsing of a capture: its reading, or the problem that prevented it."""

from typing import NamedTuple, Self

from scraper.errors import ParseError
from scraper.model import Capture, EndpointKind, Outcome, Reading, Role
from scraper.rules import state_hosts
from scraper.rules.source_health import outcome_phrase


class RunProblem(NamedTuple):
    """Problem of a run or of one capture; `url` is that of the page or list that it concerns, or ""."""

    problem: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.url}: {self.problem}" if self.url else self.problem

    def at(self, url: str) -> Self:
        """Return the problem with a URL if it has none of its own."""
        return self if self.url else self._replace(url=url)


def try_read(
    capture: Capture, kind: EndpointKind | None = None, role: Role | None = None
) -> tuple[Reading | None, RunProblem | None]:
    """Parse a capture. Return the reading and None, or None and the reason; both are None for "not modified".

    `role` is that of its source (see `parsers.read`). One page never stops a source, nor one record an import: an
    unexpected error of a parser is reported as a bug.
    """
    if capture.outcome is Outcome.NOT_MODIFIED:
        return None, None
    if capture.outcome is not Outcome.OK:
        name = outcome_phrase(capture.outcome)
        return None, RunProblem(f"{name} ({capture.detail})" if capture.detail else name)
    final_url = capture.final_url or capture.url
    if state_hosts.namespace(final_url) != state_hosts.namespace(capture.url):
        return None, RunProblem(f"leads to {final_url}, a document of another site", capture.url)
    from scraper import parsers  # which no list needs that has not changed

    try:
        return parsers.read(capture, kind, role), None
    except ParseError as error:
        return None, RunProblem(error.problem, error.url)
    except Exception as error:
        bug = f"parsing it failed, which is a bug ({type(error).__name__}: {error})"
        return None, RunProblem(bug, capture.url)
