"""A whole sweep: which files are still to do, who does them, what came of it, and what the rest will take."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from scraper.errors import InputError
from scraper.sweep.inputs import Input
from scraper.sweep.results import Folder, Report
from scraper.sweep.work import facts_of

Sweep = Callable[[Sequence[Input], Callable[[str, int], None]], Iterator[Report]]
"""Function that sweeps files by its workers and yields the report of each; it gives the pages of each so far."""


@dataclass(slots=True)
class Tally:
    """Progress of a sweep. `reports` are those of all files, `known` the number that was done before."""

    files: int
    bytes: int
    known: int = 0
    reports: list[Report] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=dict)
    done_now: int = 0
    pages_now: int = 0
    bytes_now: int = 0

    def add(self, report: Report, *, is_known: bool) -> None:
        """Count a file that is done, or has failed."""
        self.reports.append(report)
        self.under_way.pop(report.name, None)
        if is_known:
            self.known += 1
            return
        self.done_now += 1
        self.pages_now += report.pages
        self.bytes_now += report.size or 0

    @property
    def pages(self) -> int:
        """Pages of this call, those of files under way included."""
        return self.pages_now + sum(self.under_way.values())

    @property
    def failed(self) -> list[Report]:
        """Files of which nothing is known."""
        return [report for report in self.reports if report.failure]

    @property
    def damaged(self) -> list[Report]:
        """Files that have problems, and results."""
        return [report for report in self.reports if report.problems and not report.failure]

    @property
    def done(self) -> list[Report]:
        """Files that have results."""
        return [report for report in self.reports if not report.failure]


def sweep(
    inputs: Sequence[Input],
    folder: Folder,
    index: str,
    by: Sweep,
    progress: Callable[[Tally], None] = lambda _tally: None,
) -> Tally:
    """Sweep the files that the ledger of a folder does not have for an index, and return the tally of all.

    The caller holds the folder. `progress` is called as files are done, and as their pages are.
    """
    known = folder.reports(index)
    tally = Tally(len(inputs), sum(each.size or 0 for each in inputs))
    waiting = list[Input]()
    for each in inputs:
        report = known.get(_key(each))
        if report is None:
            waiting.append(each)
        else:
            tally.add(report, is_known=True)

    def pages(name: str, count: int) -> None:
        tally.under_way[name] = count
        progress(tally)

    for report in by(waiting, pages) if waiting else ():
        if not report.failure:
            folder.record(report)
        tally.add(report, is_known=False)
        progress(tally)
    return tally


def _key(given: Input) -> tuple[str, int | None, int | None]:
    try:
        return (given.name, *facts_of(given))
    except InputError:
        return given.name, None, -1  # no report has it: it is found missing when it is opened


def sample(inputs: Sequence[Input], count: int) -> list[Input]:
    """Return some of the files, evenly spaced over all: the same ones in every call."""
    step = len(inputs) / min(count, len(inputs)) if inputs else 1.0
    return [inputs[int(at * step)] for at in range(min(count, len(inputs)))]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Estimate for the files that are left, by those of a sample: pages, hits, and seconds of one worker."""

    files: int
    pages: int
    hits: int
    worker_seconds: float


def estimate(done: Iterable[Report], rest: Sequence[Input]) -> Estimate | None:
    """Estimate the rest by size if all sizes are known, else by the number of files; None if nothing is done."""
    reports = list(done)
    sizes = [report.size for report in reports] + [each.size for each in rest]
    has_sizes = all(sizes) and bool(sizes)
    share = sum(each.size or 0 for each in rest) if has_sizes else len(rest)
    base = sum(report.size or 0 for report in reports) if has_sizes else len(reports)
    if not base:
        return None
    times = share / base
    return Estimate(
        len(rest),
        ceil(times * sum(report.pages for report in reports)),
        ceil(times * sum(report.hits for report in reports)),
        times * sum(report.seconds for report in reports),
    )
