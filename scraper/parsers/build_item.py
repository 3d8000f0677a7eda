"""Puts an item together from what an answer gives and what the page chrome in its body says (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from scraper import urls
from scraper.model import Item
from scraper.parsers import dates, page_furniture, vocabulary
from scraper.parsers.html_text import Markup, absolute_links
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# The most items of one reading, and the most problems that are told of it.
MAX_ITEMS = 2_000
MAX_PROBLEMS = 100
# In twelve weeks the longest title of State's feed had 441 characters. One of megabytes would stand in every list.
MAX_TITLE_CHARS = 1_000
_T = TypeVar("_T")
# /releases/<bureau>/2026/06/<slug>/ since 2026, /<bureau>/releases/2025/01/<slug>/ in the archive.
_BUREAU_IN_PATH = re.compile(
    r"/releases/([a-z][a-z-]{2,80})/\d{4}/\d\d/"
    r"|//[^/]+/([a-z][a-z-]{2,80})/releases/\d{4}/\d\d/"
)
_LANGUAGE_IN_PATH = re.compile(r"/translations/([a-z-]{2,20})/")
_LANGUAGES = {
    "arabic": "ar", "bengali": "bn", "burmese": "my", "chinese": "zh", "dari": "prs", "farsi": "fa", "french": "fr",
    "german": "de", "haitian-creole": "ht", "hausa": "ha", "hebrew": "he", "hindi": "hi", "indonesian": "id",
    "italian": "it", "japanese": "ja", "korean": "ko", "kurdish": "ku", "pashto": "ps", "persian": "fa", "polish": "pl",
    "portuguese": "pt", "russian": "ru", "somali": "so", "spanish": "es", "swahili": "sw", "thai": "th",
    "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi",
}  # fmt: skip
# The address of a country's own page, to which its tag leads.
_COUNTRY_LINK = "/countries-areas/"


@dataclass(frozen=True, slots=True)
class ItemFields:
    """What an answer's own fields say of one statement, before its body is looked at."""

    url: str
    title: str
    guid: str | None = None
    guid_derived: bool = False
    byline: str | None = None
    type: str | None = None
    place: str | None = None
    dated: dates.DatedTime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    countries: tuple[str, ...] = ()


def build(given: ItemFields, body: Markup | None, captured_at: datetime) -> tuple[Item, tuple[str, ...]]:
    """The item, and what was doubtful in it. `body` is None where the answer does not carry the whole text.

    On State's own hosts the chrome in the body is taken out and fills what no field gave.
    """
    problems: list[str] = []
    title = normalize.truncate(given.title, MAX_TITLE_CHARS)
    if title != given.title:
        problems.append(
            f"{given.url}: of a title of {len(given.title)} characters the first {MAX_TITLE_CHARS} are kept"
        )
    meta = body.meta if body else page_furniture.NOTHING
    paragraphs = body.paragraphs if body else ()
    byline = given.byline
    speaker = bureau = None
    if urls.is_state(urls.host(given.url)):
        byline = byline or meta.byline
        stripped = page_furniture.strip_lines(paragraphs, given.title, byline)
        paragraphs, meta = stripped.paragraphs, _first(meta, stripped.meta)
        if stripped.problem:
            problems.append(f"{given.url}: {stripped.problem}")
        byline = byline or meta.byline
        if byline is None and paragraphs and vocabulary.is_plain_byline(paragraphs[0]):
            byline = paragraphs[0]
        speaker, bureau = vocabulary.attribution(byline)
        bureau = bureau or _bureau_in(given.url)
    stamp = given.dated or dates.parse_day(meta.date or "")
    published_at, modified_at = (
        _plausible(at, captured_at, given.url, problems) for at in (stamp.at if stamp else None, given.modified_at)
    )
    tagged = tuple(label for label, href in meta.tags if _is_country(label, href))
    item = Item(
        url=given.url,
        title=title,
        guid=given.guid,
        guid_derived=given.guid_derived,
        paragraphs=paragraphs or None,
        byline=byline,
        type=given.type or (vocabulary.document_type(meta.type or "") or meta.type),
        speaker=speaker,
        bureau=bureau,
        place=given.place or meta.place,
        published_at=published_at,
        precision=stamp.precision if stamp and published_at else None,
        modified_at=modified_at,
        language=language_in(given.url) or (given.language or "").partition("-")[0].lower() or None,
        countries=tuple(dict.fromkeys(given.countries + tagged)),
        subjects=tuple(label for label, href in meta.tags if not _is_country(label, href)),
        links=absolute_links(body.hrefs, given.url) if body else (),
    )
    return item, tuple(problems)


def first_items(found: Sequence[_T], problems: list[str], where: str) -> Sequence[_T]:
    """The items of an answer that are read, `MAX_ITEMS` at most; the rest is one problem."""
    if len(found) > MAX_ITEMS:
        problems.append(f"{where}: {len(found)} items, the first {MAX_ITEMS} are read")
    return found[:MAX_ITEMS]


def with_problems(problems: Sequence[str]) -> tuple[str, ...]:
    """The problems that a reading tells, `MAX_PROBLEMS` at most, and how many more there are."""
    more = len(problems) - MAX_PROBLEMS
    return (*problems[:MAX_PROBLEMS], f"and {more} problems more") if more > 0 else tuple(problems)


def language_in(url: str) -> str | None:
    """The language that the address of a translation names: `/translations/spanish/…` is "es"."""
    match = _LANGUAGE_IN_PATH.search(url)
    return _LANGUAGES.get(match.group(1)) if match else None


def derived_guid(route: str | None, number: str, host: str) -> str:
    """The guid that WordPress gives a post of this REST route, as far as route and number tell.

    An archive's copy has the guid that the statement had on www.state.gov.
    """
    host = "www.state.gov" if urls.is_state(host) else host
    if route in {"pages", "page"}:
        return f"https://{host}/?page_id={number}"
    if route in {None, "posts", "post"}:
        return f"https://{host}/?p={number}"
    return f"https://{host}/?post_type={route}&p={number}"


def _first(one: page_furniture.PageMeta, other: page_furniture.PageMeta) -> page_furniture.PageMeta:
    return page_furniture.PageMeta(
        type=one.type or other.type,
        byline=one.byline or other.byline,
        date=one.date or other.date,
        place=one.place or other.place,
        tags=one.tags or other.tags,
    )


def _bureau_in(url: str) -> str | None:
    match = _BUREAU_IN_PATH.search(url)
    return vocabulary.title_of_slug(match.group(1) or match.group(2)) if match else None


def _is_country(label: str, href: str) -> bool:
    return _COUNTRY_LINK in href or vocabulary.is_country(label)


def _plausible(at: datetime | None, captured_at: datetime, url: str, problems: list[str]) -> datetime | None:
    if at is None or dates.plausible(at, captured_at):
        return at
    problems.append(f"{url}: the date {at:%Y-%m-%d} cannot be right")
    return None


def clean_or_none(written: str | None) -> str | None:
    """A field as one clean line, None where nothing is left of it."""
    return normalize.clean(written or "") or None
