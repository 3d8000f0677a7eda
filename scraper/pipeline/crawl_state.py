"""The crawl of a source of State's: which pages are fetched and in which order, and the rechecks of its statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper import urls
from scraper.pipeline import recheck
from scraper.pipeline.crawl import Crawl
from scraper.pipeline.reading import RunProblem
from scraper.rules import identity, state_hosts
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.model import Event, Item
    from scraper.pipeline.batch import CapturedReading
    from scraper.store import Store
    from scraper.store.rechecks import DueRecheck

# Rechecks of statements in one run: at five seconds each, they take less than a minute.
STATEMENT_RECHECKS_PER_RUN = 10


@dataclass
class StateCrawl(Crawl, recheck.RecheckRules):
    """The crawl of a source of State's. `rechecked` are the decisions of rechecks that are not stored yet."""

    rechecked: list[recheck.RecheckResult] = field(default_factory=list)

    def rechecks(self, at: datetime, clock: Clock) -> list[Iterator[CapturedReading]]:
        """Return the crawl of each statement that is due for a recheck at `at`. The decisions go to `rechecked`."""
        due = self.store.rechecks.due(self.source.name, at, STATEMENT_RECHECKS_PER_RUN)
        return [self._recheck(each, clock) for each in due]

    def _recheck(self, due: DueRecheck, clock: Clock) -> Iterator[CapturedReading]:
        if self.has_time(self.served_by or ""):
            self.rechecked.append((yield from recheck.recheck_statement(self, self, due, clock.now())))

    def write_rechecks(self) -> tuple[Event, ...]:
        """Store the decisions of rechecks, and return the events. The caller holds a transaction (`Store.unit`)."""
        return tuple(event for each in self.rechecked for event in recheck.write(self.store, each))

    def _is_wanted(self, item: Item) -> bool:
        return item.paragraphs is None and not is_known(self.store, item)

    def _named_items(self, captured: CapturedReading) -> Sequence[Item]:
        """Return the items of a list, without pages on hosts that are not the source's: their texts are not State's."""
        items = super()._named_items(captured)
        hosts = self.source.allowed_hosts | {urls.host_key(endpoint.url) for endpoint in self.source.endpoints}
        own = [item for item in items if state_hosts.is_within(item.url, hosts)]
        if others := sum(item.paragraphs is None for item in items) - sum(item.paragraphs is None for item in own):
            problem = f"{count(others, 'page')} of other hosts in the list, which are not fetched (`hosts` allows them)"
            self.problems.append(RunProblem(problem, captured.capture.url))
        return own

    def _has_news(self, items: Sequence[Item], seen_before: Sequence[str]) -> bool:
        return not all(is_known(self.store, item) for item in items)

    def _in_order(self, chosen: list[str], wanted: Mapping[str, Item], at: datetime) -> list[str]:
        """Order pages by publication, as far as the list shows it (it begins with the newest); failed ones last.

        Of two statements with the same words, the later one is the repost. A page that failed before delays no other.
        """
        dates = {url: wanted[url].published_at or wanted[url].modified_at for url in chosen}
        ordered = list(reversed(chosen))
        ordered.sort(key=lambda url: dates[url] or at)
        ordered.sort(key=self._has_failed)
        return ordered


def is_known(store: Store, item: Item) -> bool:
    """Decide if an item of a list is a known statement, so that its page need not be fetched.

    An item without a title (in a sitemap) is known by its URL, unless the list says that the page was modified after
    the statement was last seen, or only another site's link has led to the statement.
    """
    candidates = store.statements.candidates(item)
    if item.title:
        return identity.identify(item, candidates, store.statements.text) is not None
    return any(
        not known.claimed and (item.modified_at is None or item.modified_at <= known.last_seen_at)
        for known in candidates
    )
