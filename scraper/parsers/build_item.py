"""Builder of an `Item` from the fields of a response and from the page furniture in its body (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers import dates, page_furniture, vocabulary
from scraper.parsers.html_text import Markup, absolute_links
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.parsers.document import Document

# Limits of one reading: its items, and the problems that it reports.
MAX_ITEMS = 2_000
MAX_PROBLEMS = 100
# The longest title of State's feed in twelve weeks had 441 characters. Every list would show a title of megabytes.
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
# Part of the URL of a country's own page, to which its tag links.
_COUNTRY_LINK = "/countries-areas/"


@dataclass(frozen=True, slots=True)
class ItemFields:
    """Fields of one statement that a response gives apart from the body."""

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


def build(fields: ItemFields, body: Markup | None, captured_at: datetime, problems: list[str]) -> Item:
    """Return the item; append its problems. `body` is None if the response does not carry the whole text.

    On State's own hosts the page furniture is removed from the body and fills the fields that are missing.
    """
    title = normalize.truncate(fields.title, MAX_TITLE_CHARS)
    if title != fields.title:
        problems.append(
            f"{fields.url}: of a title of {len(fields.title)} characters the first {MAX_TITLE_CHARS} are kept"
        )
    content = Markup() if body is None else body
    found = _body_fields(fields, content, problems)
    meta = found.meta
    dated = fields.dated or dates.parse_day(meta.date or "")
    published_at = dated and plausible_or_none(dated.at, captured_at, f"{fields.url}: the date", problems)
    countries, subjects = list(fields.countries), list[str]()
    for label, href in meta.tags:
        (countries if _COUNTRY_LINK in href or vocabulary.is_country(label) else subjects).append(label)
    return Item(
        url=fields.url,
        title=title,
        guid=fields.guid,
        guid_derived=fields.guid_derived,
        paragraphs=found.paragraphs or None,
        byline=found.byline,
        type=fields.type or vocabulary.document_type(meta.type) or meta.type,
        speaker=found.speaker,
        bureau=found.bureau,
        place=fields.place or meta.place,
        published_at=published_at,
        precision=dated.precision if dated and published_at else None,
        modified_at=plausible_or_none(fields.modified_at, captured_at, f"{fields.url}: the date", problems),
        language=_language(fields),
        countries=tuple(dict.fromkeys(countries)),
        subjects=tuple(subjects),
        links=absolute_links(content.hrefs, fields.url),
    )


def page_reading(
    name: str,
    document: Document,
    fields: ItemFields,
    markup: Markup,
    problems: Sequence[str] = (),
    what: str = "a page",
) -> Reading:
    """Return the reading of a page that is one item; raise `DriftError` if it has no title or no text."""
    if not fields.title or not markup.paragraphs:
        raise DriftError(document.url, f"{what} without {'text' if fields.title else 'title'}")
    found = list(problems)
    item = build(fields, markup, document.capture.captured_at, found)
    return Reading(name, (item,), clock=item.modified_at, problems=tuple(found))


def _language(fields: ItemFields) -> str | None:
    return language_in(fields.url) or (fields.language or "").partition("-")[0].lower() or None


class _BodyFields(NamedTuple):
    """Paragraphs of a body, on State's hosts without page furniture, and the fields that it gives."""

    paragraphs: tuple[str, ...]
    meta: page_furniture.PageMeta
    byline: str | None
    speaker: str | None = None
    bureau: str | None = None


def _body_fields(fields: ItemFields, body: Markup, problems: list[str]) -> _BodyFields:
    """Remove State's page furniture from a body and read its fields; append a problem if that is not certain."""
    if not urls.is_state(urls.host(fields.url)):
        return _BodyFields(body.paragraphs, body.meta, fields.byline)
    byline = fields.byline or body.meta.byline
    stripped = page_furniture.strip_lines(body.paragraphs, fields.title, byline)
    if stripped.problem:
        problems.append(f"{fields.url}: {stripped.problem}")
    meta = page_furniture.PageMeta._make(one or other for one, other in zip(body.meta, stripped.meta, strict=True))
    byline = byline or meta.byline
    if byline is None and stripped.paragraphs and vocabulary.is_plain_byline(stripped.paragraphs[0]):
        byline = stripped.paragraphs[0]
    speaker, bureau = vocabulary.attribution(byline)
    return _BodyFields(stripped.paragraphs, meta, byline, speaker, bureau or _bureau_in(fields.url))


def limit_items(found: Sequence[_T], problems: list[str], where: str) -> Sequence[_T]:
    """Return the first `MAX_ITEMS` items of a response; append one problem if there are more."""
    if len(found) > MAX_ITEMS:
        problems.append(f"{where}: {len(found)} items, the first {MAX_ITEMS} are read")
    return found[:MAX_ITEMS]


def limit_problems(problems: Sequence[str]) -> tuple[str, ...]:
    """Return the first `MAX_PROBLEMS` problems of a reading, then a line with the number of the others."""
    more = len(problems) - MAX_PROBLEMS
    return (*problems[:MAX_PROBLEMS], f"and {more} problems more") if more > 0 else tuple(problems)


def language_in(url: str) -> str | None:
    """Return the language that the URL of a translation names: "es" for `/translations/spanish/…`."""
    match = _LANGUAGE_IN_PATH.search(url)
    return _LANGUAGES.get(match.group(1)) if match else None


def derived_guid(route: str | None, number: str, host: str) -> str:
    """Return the guid of a WordPress post, derived from its REST route (None if unknown) and number.

    A copy in an archive has the guid that the statement had on www.state.gov.
    """
    host = urls.STATE_WWW if urls.is_state(host) else host
    if route in {"pages", "page"}:
        return f"https://{host}/?page_id={number}"
    if route in {None, "posts", "post"}:
        return f"https://{host}/?p={number}"
    return f"https://{host}/?post_type={route}&p={number}"


def _bureau_in(url: str) -> str | None:
    match = _BUREAU_IN_PATH.search(url)
    return vocabulary.title_of_slug(match.group(1) or match.group(2)) if match else None


def plausible_or_none(at: datetime | None, captured_at: datetime, what: str, problems: list[str]) -> datetime | None:
    """Return a time, or None if it cannot be right; then append a problem that begins with `what`."""
    if at is None or dates.is_plausible(at, captured_at):
        return at
    problems.append(f"{what} {at:%Y-%m-%d} cannot be right")
    return None


def clean_or_none(text: str | None) -> str | None:
    """Return a field as one clean line, or None if nothing is left."""
    return normalize.clean(text or "") or None
