"""Hosts that do not answer: after two requests in a row without an answer, a run sends them no more (pure)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from scraper import urls
from scraper.model import Outcome

MAX_UNANSWERED: Final = 2
"""Requests without an answer, each with its retries, after which a host is left alone until the next run."""

REFUSALS: Final = frozenset({Outcome.BLOCKED, Outcome.BUSY, Outcome.DEFERRED})
"""After one of these no request is sent to the host until the next run."""

# A refused connection costs no time, and one that breaks late ends as a timeout.
_UNANSWERED = frozenset({Outcome.TIMEOUT, Outcome.DNS})
# Outcomes of requests that were not sent.
_NOT_SENT = frozenset({Outcome.DEFERRED, Outcome.DISALLOWED, Outcome.BAD_SCHEME, Outcome.BLOCKED_ADDRESS})


@dataclass(slots=True)
class UnresponsiveHosts:
    """Hosts of one run, by the number of their last requests in a row that had no answer."""

    _in_a_row: Counter[str] = field(default_factory=Counter)

    def record(self, url: str, final_url: str, outcome: Outcome) -> None:
        """Record the outcome of a request for a URL that redirects led to another one, whose host it is then."""
        if outcome in _NOT_SENT:
            return
        first, last = urls.host_key(url), urls.host_key(final_url or url)
        if outcome in _UNANSWERED:
            self._in_a_row[last] += 1
        else:
            del self._in_a_row[last]
        if first != last:
            del self._in_a_row[first]  # it answered with the redirect

    def includes(self, url: str) -> bool:
        """Return True if the host of a URL has not answered too often."""
        return self._in_a_row[urls.host_key(url)] >= MAX_UNANSWERED

    def names(self) -> list[str]:
        """Return the keys of all unresponsive hosts."""
        return sorted(host for host, number in self._in_a_row.items() if number >= MAX_UNANSWERED)


def describe(host: str) -> str:
    """Return why no more requests are sent to the host of a key."""
    return f"{host} did not answer {MAX_UNANSWERED} requests in a row"


def unresponsive_hosts(requests: Iterable[tuple[str, str, Outcome]]) -> list[str]:
    """Return the keys of the hosts that are unresponsive after requests: (URL, final URL, outcome) in their order."""
    found = UnresponsiveHosts()
    for url, final_url, outcome in requests:
        found.record(url, final_url, outcome)
    return found.names()
