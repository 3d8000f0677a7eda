"""Parser of State's listings (`/press-releases/` and the like): titles, URLs, types and days, page by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers import dates, vocabulary
from scraper.parsers.build_item import build, item_url, limit_items, limit_problems
from scraper.parsers.document import number
from scraper.parsers.soup import attr, one_line, outermost
from scraper.text.normalize import count

if TYPE_CHECKING:
    from bs4 import Tag

    from scraper.parsers.document import Document

NAME = "state-listing"
MARK = 'id="col_json_result"'
"""Part of each such list."""
_PAGE = re.compile(r"/page/(\d{1,6})/?\Z")
_RESULTS_A_PAGE = 10


def read(document: Document) -> Reading:
    """Read all results of one page; raise `DriftError` if there are none."""
    column = document.soup.select_one("#col_json_result")
    results = outermost(column, "collection-result") if column is not None else []
    if not results:
        raise DriftError(document.url, "a listing without results")
    problems: list[str] = []
    items = []
    for place, result in enumerate(limit_items(results, problems, document.url), start=1):
        link = result.select_one("a.collection-result__link")
        url, title = item_url(document.base, attr(link, "href") or "", problems), one_line(link)
        if not url or not attr(link, "href") or not title:
            problems.append(f"result {place}: no title or no URL")
            continue
        given, dated = _item(result, urls.canonical(url), title)
        if dated is None:
            problems.append(f"result {place}: no date ({url})")
        items.append(build(given, dated, None, document, problems))
    if not items:
        raise DriftError(document.url, f"{count(len(results), 'result')}, none with title and URL")
    return Reading(NAME, tuple(items), next_url=_next_url(document, len(results)), problems=limit_problems(problems))


def _item(result: Tag, url: str, title: str) -> tuple[Item, dates.DatedTime | None]:
    kind = one_line(result.select_one(".collection-result__date"))
    lines = [text for span in result.select(".collection-result-meta span[dir]") if (text := one_line(span))]
    dated = dates.parse_day(lines[-1]) if lines else None
    byline = ", ".join(lines[:-1] if dated else lines) or None
    return Item(url, title, byline=byline, type=vocabulary.document_type(kind) or kind or None), dated


def _next_url(document: Document, results: int) -> str | None:
    """Return the URL of the next page. `?page=N` silently shows page 1, so only the path counts."""
    parts = urlsplit(document.url)
    match = _PAGE.search(parts.path)
    page = (number(match.group(1)) if match else None) or 1
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "page"]
    path = f"{parts.path[: match.start()] if match else parts.path.rstrip('/')}/page/{page + 1}/"
    wanted = number(dict(query).get("results", ""))
    a_page = max(results, _RESULTS_A_PAGE if wanted is None else wanted)
    total = number(one_line(document.soup.select_one(".collection-info__total .collection-info__number")))
    more = total is not None and page * a_page < total
    if not more and not any(
        urlsplit(attr(a, "href") or "").path == path for a in document.soup.select("a[href*='/page/']")
    ):
        return None
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query), ""))
