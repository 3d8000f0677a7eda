"""Page of a phrase: since when and how often State uses it, who does, and every statement with the words around it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from scraper.alerts.format import MONTHS
from scraper.rules.phrase_uses import PhraseUse, count_labels, count_months
from scraper.store import Store
from scraper.store.phrases import MAX_CHARS
from scraper.text import names, scripts
from scraper.text.normalize import clean, count, strip_bidi_controls
from scraper.web.page import PageRequest, Response
from scraper.web.page_version import version
from scraper.web.pager import part
from scraper.web.rendering import render

_USES: Final = 50
_LABELS: Final = 12
_YEARS: Final = 30
_CHART_HEIGHT: Final = 40


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of the uses in each month: `width` months, the `path` of the bars, and the numbers of each year."""

    width: int
    path: str
    years: tuple[tuple[int, tuple[int, ...]], ...]
    earlier: int


def phrase(request: PageRequest) -> Response:
    """Return the page of the phrase of the query, or the form for one; a file explains how to look one up."""
    wanted = clean(strip_bidi_controls(request.parameter("q"))) if request.is_live else ""
    problem = _problem(wanted)
    if not wanted or problem:
        return render(request, "phrase.html.j2", title="Phrases", phrase="", problem=problem, max_chars=MAX_CHARS)
    uses, written = request.store.phrases.find(wanted), names.american(wanted)
    if uses or written == wanted or not request.store.phrases.find(written):
        written = ""
    here = part(request.parameter("page"), len(uses), _USES)
    shown = uses[here.entries]
    return render(
        request,
        "phrase.html.j2",
        title=f"“{wanted}”",
        phrase=wanted,
        written=written,
        problem="",
        max_chars=MAX_CHARS,
        uses=shown,
        newest=uses[0] if uses else None,
        oldest=uses[-1] if uses else None,
        details=request.store.phrases.details(wanted, shown),
        dropped=sum(not use.is_current for use in uses),
        chart=_chart(uses),
        months=MONTHS,
        tables=[_table("By speaker", uses, "speaker"), _table("By type", uses, "type")],
        part=here,
        link=lambda number: f"?{urlencode({'q': wanted, 'page': number})}",
    )


def addresses(_: Store) -> Iterator[tuple[str, str]]:
    """Yield the path and version of the page of a file, which shows nothing of the database."""
    yield "phrase/", version("phrase")


def _problem(wanted: str) -> str:
    if len(wanted) > MAX_CHARS:
        return f"A phrase has at most {MAX_CHARS} characters; this one has {len(wanted):,}."
    if wanted and not scripts.has_word(wanted):
        return "A phrase needs a letter or a digit."
    return ""


def _table(title: str, uses: Sequence[PhraseUse], field: str) -> tuple[str, list[tuple[str, int]], str]:
    """Return a title, the most frequent labels with their numbers, and words for the rest."""
    found = count_labels(getattr(use, field) for use in uses)
    rest = found[_LABELS:]
    words = f"{count(sum(number for _, number in rest), 'statement')} of {len(rest)} others" if rest else ""
    return title, [(label or "not given", number) for label, number in found[:_LABELS]], words


def _chart(uses: Sequence[PhraseUse]) -> Chart | None:
    months = count_months(uses)
    if not months:
        return None
    by_year: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 12)
    for (year, month), number in months.items():
        by_year[year][month - 1] = number
    last = max(by_year)
    first = max(min(by_year), last - _YEARS + 1)
    bars = [number for year in range(first, last + 1) for number in by_year.get(year, [0] * 12)]
    most = max(bars)
    path = "".join(
        f"M{index}.1 {_CHART_HEIGHT}v-{max(1, round(_CHART_HEIGHT * number / most))}h.8V{_CHART_HEIGHT}z"
        for index, number in enumerate(bars)
        if number
    )
    years = tuple((year, tuple(by_year[year])) for year in sorted(by_year) if year >= first)
    earlier = sum(sum(numbers) for year, numbers in by_year.items() if year < first)
    return Chart(len(bars), path, years, earlier)
