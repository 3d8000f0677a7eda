"""Comparison of two revisions of a statement, word by word: side by side on a wide screen, inline on a phone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from scraper import page_paths as paths
from scraper.alerts.format import one_line, safe_block
from scraper.model import Grade, Reason, Revision, Statement
from scraper.text import diff, inline_diff
from scraper.text.diff import Difference
from scraper.text.inline_diff import Marked
from scraper.text.reasons import weightiest
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render
from scraper.web.statement_parts import find, find_revision, frame, has_comparison, short_title

_TITLE_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Block:
    """Paragraphs that follow each other and are all changed, or all the same."""

    is_changed: bool
    paragraphs: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Difference of two texts: its grade, its reasons, and the whole text in blocks."""

    grade: Grade | None
    reasons: tuple[Reason, ...]
    blocks: tuple[Block, ...]


def comparison(request: PageRequest, statement_id: str, before: str, after: str) -> Response:
    """Return the page that compares two revisions of a statement."""
    found = find(request, statement_id)
    old, new = (find_revision(request, found, int(number)) for number in (before, after))
    if old.number == new.number:
        raise NotFoundError(f"Revision {old.number} is not compared with itself.")
    title, body = compare_revisions(old, new)
    return render(
        request,
        "comparison.html.j2",
        title=f"Revisions {old.number} and {new.number}: {short_title(found)}",
        old=old,
        new=new,
        compared_title=title,
        compared_body=body,
        grades=[grade for grade in (title.grade, body.grade) if grade],
        others=list(_others(request, found, old.number, new.number)),
        **frame(request, found),
    )


def compare_revisions(old: Revision, new: Revision) -> tuple[Compared, Compared]:
    """Return the differences of the titles and of the texts of two revisions."""
    title = compare(one_line(old.wording.title, _TITLE_CHARS), one_line(new.wording.title, _TITLE_CHARS))
    headings = tuple(map(safe_block, (*old.headings, *new.headings)))
    return title, compare(safe_block(old.wording.text), safe_block(new.wording.text), headings)


def compare(before: str, after: str, headings: Collection[str] = ()) -> Compared:
    """Compare two texts whose invisible characters are removed; `headings` are those of either."""
    difference = diff.compare(before, after, headings=headings)
    marked = inline_diff.whole(before, after, difference)
    return Compared(difference.grade, weightiest(difference.reasons), tuple(_blocks(marked, difference)))


def _blocks(marked: tuple[Marked, ...], difference: Difference) -> Iterator[Block]:
    if difference.grade is None:
        yield Block(False, marked)
        return
    for is_changed, group in groupby(marked, key=lambda paragraph: paragraph.is_changed):
        yield Block(is_changed, tuple(group))


def _others(request: PageRequest, found: Statement, before: int, after: int) -> Iterator[tuple[str, str]]:
    """Yield label and path of the comparisons that a reader may want next."""
    last = found.revisions
    wanted = ((before - 1, before), (after, after + 1), (1, last), (before, found.revision), (after, before))
    for one, other in dict.fromkeys(wanted):
        is_pair = 1 <= one <= last and 1 <= other <= last and (one, other) != (before, after)
        if is_pair and has_comparison(request, found, one, other):
            yield f"{one} with {other}", paths.comparison(found.id, one, other)
