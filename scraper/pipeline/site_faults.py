"""Faults of a site with standing pages: many pages that show one notice, lead to one page, or are missing at once.

A page that shows nothing of its own text is compared with others of its site before anything follows from that. A text
in its place delays the event only (`rules.holding`): what three looks over 24 hours show is what stands there. Pages of
which none is there any more are gone after a week.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from scraper import urls
from scraper.model import Item, Outcome, PublicationState, Statement
from scraper.pipeline.batch import CapturedReading
from scraper.pipeline.reading import RunProblem
from scraper.rules import holding, standing, walls
from scraper.rules.holding import HeldSubject
from scraper.rules.standing import MANY, OWN, Shown
from scraper.rules.wordings import build_wording, wording_keys
from scraper.store import Store
from scraper.text import normalize

_PROBES: Final = MANY - 1
_TITLE_CHARS: Final = 100
_MISSING: Final = Shown("is missing")
_ABSENT: Final = frozenset({Outcome.GONE, Outcome.SOFT_404})


@dataclass
class SiteFaults:
    """Check of the pages of one run. `fetch` fetches another page; `problem` is the fault that was found, "" for none.

    `probes` are the pages that were fetched for this, which are stored without being compared.
    """

    store: Store
    source: str
    at: datetime
    fetch: Callable[[str], CapturedReading]
    problem: str = ""
    probes: list[CapturedReading] = field(default_factory=list)
    _is_own_shown: bool = False
    _looks: set[tuple[int, str]] = field(default_factory=set)
    _cleared: set[int] = field(default_factory=set)
    _verdicts: dict[Shown, bool] = field(default_factory=dict)
    _replaced: dict[Shown, set[int | str]] = field(default_factory=dict)

    def checked(self, url: str, found: CapturedReading, *, is_new: bool) -> CapturedReading:
        """Return a page as it was fetched, or as an error page if its site shows something in place of its pages.

        `is_new`: if it is read for the first time, it has appeared.
        """
        statement_id = self.store.standing_pages.statements_at([url]).get(url)
        statement = self.store.statements.by_id(statement_id) if statement_id is not None else None
        shown = self._shown(url, found, statement)
        if shown == OWN:
            self._is_own_shown = True
            self._cleared.add(_held_id(self.source, url))
            return found
        if shown is None or not _may_mislead(found, statement, is_new=is_new):
            return found
        if found.reading is not None and self._is_placeholder(found.reading.items[0], shown, statement):
            if self._is_held(shown, url):
                return as_fault(found, standing.describe_fault(shown, MANY))
            return found
        if shown not in self._verdicts:
            self._verdicts[shown] = self._is_fault(shown, statement)
        return as_fault(found, self.problem) if self._verdicts[shown] else found

    def check_first(self, pages: list[CapturedReading]) -> list[CapturedReading]:
        """Return pages that are read for the first time, as error pages if they are many and all show one text.

        While pages that were read before show their own text, the site works.
        """
        found = {shown_text(page.reading.items[0]) for page in pages if page.reading}
        if len(pages) < MANY or len(found) > 1:
            return pages
        shown = found.pop()
        is_first = not self.store.standing_pages.current(self.source)
        if not (self._is_held(shown) if is_first else self._is_fault(shown, None)):
            return pages
        self.problem = standing.describe_fault(shown, len(pages))
        return [as_fault(page, self.problem) for page in pages]

    def save(self) -> None:
        """Store the looks at texts that are held. The caller holds a transaction."""
        table = self.store.held
        if self._is_own_shown:
            self._cleared.add(_held_id(self.source))
        for held_id in self._cleared:
            table.clear(HeldSubject.STANDING, held_id)
        for held_id, key in self._looks:
            table.look(HeldSubject.STANDING, held_id, key, self.at)

    def take_probes(self) -> list[CapturedReading]:
        """Return the probes that were not taken yet."""
        taken, self.probes = self.probes, []
        return taken

    def _is_fault(self, shown: Shown, statement: Statement | None) -> bool:
        others = self.store.standing_pages.current(self.source)
        if statement is not None:
            others.pop(statement.id, None)
        if self._is_own_shown or not others:
            return False
        # Another choice each time: those that are missing for good must not be asked for ever.
        order = sorted(others, key=lambda id_: hashlib.sha256(f"{id_} {self.at}".encode()).digest())
        answers = list[Shown | None]()
        for statement_id in order[:_PROBES]:
            probe = self.fetch(others[statement_id])
            self.probes.append(replace(probe, origin=None, reading=None, last_reading=None, clock_url="", key=""))
            answers.append(self._shown(others[statement_id], probe, self.store.statements.by_id(statement_id)))
            if answers[-1] == OWN:
                self._is_own_shown = True
                break
        is_fault = standing.is_fault_of_site(shown, answers, 1 + len(others)) and self._is_held(shown)
        if is_fault:
            self.problem = standing.describe_fault(shown, 1 + answers.count(shown))
        return is_fault

    def _is_held(self, shown: Shown, url: str = "") -> bool:
        """Count a look at what a page shows, or without a URL the site, and return True until it has stood for long."""
        look = (_held_id(self.source, url), shown.key)
        self._looks.add(look)
        held = holding.look_again(self.store.held.get(HeldSubject.STANDING, *look), self.at)
        return not standing.has_stood(shown, held)

    def _is_placeholder(self, item: Item, shown: Shown, statement: Statement | None) -> bool:
        """Decide if so many other pages have a text by now, or in this run, that it is none of this page."""
        own = statement.id if statement else item.url
        words = normalize.key_sha256(normalize.wording_key(_text(item)))
        in_run = self._replaced.setdefault(shown, set())
        others = (self.store.standing_pages.with_words(self.source, words) | in_run) - {own}
        in_run.add(own)
        return len(others) >= MANY - 1

    def _shown(self, url: str, found: CapturedReading, statement: Statement | None) -> Shown | None:
        """Return what a page shows, None for no usable answer."""
        capture = found.capture
        if capture.outcome is Outcome.NOT_MODIFIED or found.last_reading is not None:
            return OWN
        item = found.reading.items[0] if found.reading is not None and found.reading.items else None
        if item is not None and statement is not None:
            text = self.store.statements.text(statement)
            if walls.is_same_page(item.title, _text(item), statement.title, text):
                return OWN
        if item is None:
            # Wherever it leads: a site may redirect each missing page to a URL that names that page.
            return _MISSING if capture.outcome in _ABSENT else None
        if capture.final_url and urls.variants(capture.final_url)[0] != urls.variants(url)[0]:
            return Shown(f"leads to {urls.canonical(capture.final_url)}")
        return shown_text(item)


def _held_id(source: str, url: str = "") -> int:
    """Return the id under which texts of a page, or of a whole site, are held."""
    return int(hashlib.sha256(f"{source} {url}".encode()).hexdigest()[:15], 16)


def _may_mislead(found: CapturedReading, statement: Statement | None, *, is_new: bool) -> bool:
    """Return True if an event can follow from a page that does not show its own text.

    None follows from a text of the baseline, nor from the absence of a page that never was there, or is withdrawn.
    """
    if found.reading is not None:
        return statement is not None or is_new
    return statement is not None and statement.state is PublicationState.CURRENT


def as_fault(page: CapturedReading, problem: str) -> CapturedReading:
    """Return a page of a site that is at fault: it is stored, and neither compared nor missed."""
    capture = replace(page.capture, outcome=Outcome.ERROR_PAGE, detail=problem)
    error = RunProblem(problem, page.capture.url)
    return replace(page, capture=capture, reading=None, last_reading=None, error=error, key="")


def shown_text(item: Item) -> Shown:
    """Return a text as what a page shows."""
    words = wording_keys(build_wording(item.title, item.paragraphs or (), item.byline)).words
    title = normalize.truncate(item.title, _TITLE_CHARS)
    return Shown(f"has the title “{title}”", hashlib.sha256(repr(words).encode()).hexdigest())


def _text(item: Item) -> str:
    return normalize.join(item.paragraphs or ())
