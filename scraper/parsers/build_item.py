"""Builder of an `Item` from the fields of a response and from the page furniture in its body (pure)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from scraper import urls
from scraper.errors import DriftError, HostileMarkupError
from scraper.model import Item, Reading
from scraper.parsers import dates, page_furniture, vocabulary
from scraper.parsers.elements import MAX_TAGS
from scraper.parsers.html_text import Markup, absolute_links, read_html
from scraper.rules import state_hosts
from scraper.rules.placeholders import Absence, is_label
from scraper.rules.untrusted import MAX_TITLE_CHARS
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.parsers.document import Document

# Limits of one reading: its items, and the problems that it reports.
MAX_ITEMS = 2_000
MAX_PROBLEMS = 100
# All of the bodies in a response together may cost as much as a few pages.
MAX_BODY_TAGS = 4 * MAX_TAGS
_MAX_LABEL_CHARS = 20_000
_FRAME = re.compile(r"<(/?)(?:a|iframe|object|embed)\b[^<>]*>", re.IGNORECASE)
_FILE = re.compile(
    r"<(?:iframe|object|embed)\b|\bhref\s*=\s*[\"'][^\"'<>]{1,500}\.(?:pdf|docx?|odt|rtf|pptx?|xlsx?)[\"'?#]",
    re.IGNORECASE,
)
_T = TypeVar("_T")
# /releases/<bureau>/2026/06/<slug>/ since 2026, /<bureau>/releases/2025/01/<slug>/ in the archive.
_BUREAU_IN_PATH = re.compile(
    r"/releases/([a-z][a-z-]{2,80})/\d{4}/\d\d/"
    r"|//[^/]+/([a-z][a-z-]{2,80})/releases/\d{4}/\d\d/"
)
_LANGUAGE_IN_PATH = re.compile(r"/translations/([a-z-]{2,20})/")
_LANGUAGES = {
    "amharic": "am", "arabic": "ar", "armenian": "hy", "azerbaijani": "az", "bahasa-indonesia": "id", "bangla": "bn",
    "bengali": "bn", "burmese": "my", "chinese": "zh", "chinese-simplified": "zh", "chinese-traditional": "zh",
    "creole": "ht", "dari": "prs", "farsi": "fa", "french": "fr", "georgian": "ka", "german": "de",
    "haitian-creole": "ht", "hausa": "ha", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id",
    "italian": "it", "japanese": "ja", "kazakh": "kk", "khmer": "km", "korean": "ko", "kurdish": "ku", "kyrgyz": "ky",
    "malay": "ms", "pashto": "ps", "persian": "fa", "polish": "pl", "portuguese": "pt", "romanian": "ro",
    "russian": "ru", "serbian": "sr", "simplified-chinese": "zh", "somali": "so", "spanish": "es", "swahili": "sw",
    "tajik": "tg", "thai": "th", "traditional-chinese": "zh", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "uzbek": "uz", "vietnamese": "vi",
}  # fmt: skip
# Part of the URL of a country's own page, to which its tag links.
_COUNTRY_LINK = "/countries-areas/"


def item_url(base: str, href: str, problems: list[str], site: str = "") -> str | None:
    """Resolve the link of an item (see `urls.absolute`) without user and password, which a problem names."""
    url = urls.absolute(base, href, site)
    if url is None or not urls.has_credentials(url):
        return url
    url = urls.without_credentials(url)
    problems.append(f"{url}: its link has a user name or password, which are left out")
    return url


def build(
    given: Item, dated: dates.DatedTime | None, body: Markup | None, document: Document, problems: list[str]
) -> Item:
    """Return the whole item of a document: see `assemble` and `without_implausible_dates`."""
    item = assemble(given, dated, body, problems, is_state=document.is_state)
    return without_implausible_dates(item, document.capture.captured_at, problems)


def without_implausible_dates(item: Item, captured_at: datetime, problems: list[str]) -> Item:
    """Remove the dates of an item that are not plausible for a response of `captured_at`; append a problem for each."""
    what = f"{item.url}: the date"
    published_at = plausible_or_none(item.published_at, captured_at, what, problems)
    modified_at = plausible_or_none(item.modified_at, captured_at, what, problems)
    if (published_at, modified_at) == (item.published_at, item.modified_at):
        return item
    precision = item.precision if published_at else None
    return replace(item, published_at=published_at, precision=precision, modified_at=modified_at)


def assemble(
    given: Item, dated: dates.DatedTime | None, body: Markup | None, problems: list[str], *, is_state: bool
) -> Item:
    """Return the whole item, whatever its dates; append its problems.

    `given` are the fields that the response gives apart from the body, `dated` its date. `body` is None if the
    response does not carry the whole text. In a document of State's (`is_state`) the page furniture is removed from the
    body and fills the fields that are missing.
    """
    where = f"{given.url}: "
    title = given.title
    if len(title) > MAX_TITLE_CHARS:
        problems.append(f"{where}of a title of {len(title)} characters the first {MAX_TITLE_CHARS} are kept")
        title = normalize.truncate(title, MAX_TITLE_CHARS)
    content = body or Markup()
    paragraphs, meta, speaker, bureau = content.paragraphs, content.meta._replace(byline=given.byline), None, None
    if is_state:
        paragraphs, meta = _without_furniture(given, content, problems)
        speaker, bureau = vocabulary.attribution(meta.byline)
        speaker, bureau = given.speaker or speaker, given.bureau or bureau or _bureau_in(given.url)
    shown = set(paragraphs)
    dated = dated or dates.parse_day(meta.date or "")
    countries, subjects = _countries_and_subjects(meta)
    return replace(
        given,
        title=title,
        paragraphs=paragraphs or None,
        byline=meta.byline,
        type=given.type or vocabulary.document_type(meta.type) or meta.type,
        speaker=speaker,
        bureau=bureau,
        place=given.place or meta.place,
        published_at=dated.at if dated else None,
        precision=dated.precision if dated else None,
        language=_language(given),
        countries=tuple(dict.fromkeys([*given.countries, *countries])),
        subjects=tuple(subjects),
        links=absolute_links(content.hrefs, given.url),
        headings=tuple(heading for heading in content.headings if heading in shown),
    )


def _language(given: Item) -> str | None:
    return language_in(given.url) or (given.language or "").partition("-")[0].lower() or None


def _countries_and_subjects(meta: page_furniture.PageMeta) -> tuple[list[str], list[str]]:
    countries, subjects = list[str](), list[str]()
    for label, href in meta.tags:
        (countries if _COUNTRY_LINK in href or vocabulary.is_country(label) else subjects).append(label)
    return countries, subjects


def _without_furniture(
    given: Item, body: Markup, problems: list[str]
) -> tuple[tuple[str, ...], page_furniture.PageMeta]:
    """Return the paragraphs without State's page furniture, and its fields; append a problem if that is not certain."""
    byline = given.byline or body.meta.byline
    stripped = page_furniture.strip_lines(body.paragraphs, given.title, byline)
    if stripped.problem:
        problems.append(f"{given.url}: {stripped.problem}")
    meta = page_furniture.PageMeta._make(one or other for one, other in zip(body.meta, stripped.meta, strict=True))
    byline = byline or meta.byline
    if byline is None and stripped.paragraphs and vocabulary.is_plain_byline(stripped.paragraphs[0]):
        byline = stripped.paragraphs[0]
    return stripped.paragraphs, meta._replace(byline=byline)


def page_reading(
    name: str, document: Document, given: Item, dated: dates.DatedTime | None, markup: Markup, what: str = "a page"
) -> Reading:
    """Return the reading of a page that is one item; raise `DriftError` if it has no title or no text."""
    if not given.title or not markup.paragraphs:
        raise DriftError(document.url, f"{what} without {'text' if given.title else 'title'}")
    problems: list[str] = []
    if document.base != document.url:
        markup = markup._replace(hrefs=absolute_links(markup.hrefs, document.base))
    item = build(given, dated, markup, document, problems)
    return Reading(name, (item,), clock=item.modified_at, problems=tuple(problems))


def read_body(html: str, url: str, problems: list[str], *, in_budget: bool) -> Markup | None:
    """Read the body of an item, or append a problem and return None.

    `in_budget` is False if the bodies of the response up to this one have more than `MAX_BODY_TAGS` tags.
    """
    if not in_budget:
        problems.append(f"{url}: its text is not read, the answer has more than {MAX_BODY_TAGS} tags")
        return None
    try:
        return read_html(html)
    except HostileMarkupError as hostile:
        problems.append(f"{url}: {hostile.what}")
        return None


def absence_of(html: str, markup: Markup | None) -> Absence | None:
    """Return what stands in place of a text: nothing, or a file with no words but those of links to it."""
    if markup is None or len(html) > _MAX_LABEL_CHARS or not is_label(markup.paragraphs):
        return None
    if _FILE.search(html):
        return None if any(map(normalize.words, read_html(_outside_frames(html)).paragraphs)) else Absence.FILE
    return None if any(map(normalize.words, markup.paragraphs)) else Absence.BLANK


def _outside_frames(html: str) -> str:
    """Return some HTML without links and embedded files, and what is inside of them."""
    pieces: list[str] = []
    at = depth = 0
    for tag in _FRAME.finditer(html):
        if depth == 0:
            pieces.append(html[at : tag.start()])
        is_single = tag.group().lower().startswith("<embed") or tag.group().endswith("/>")
        depth = max(0, depth - 1) if tag.group(1) else depth + (not is_single)
        at = tag.end()
    return " ".join([*pieces, html[at:] if depth == 0 else ""])


def limit_items(found: Sequence[_T], problems: list[str], where: str) -> Sequence[_T]:
    """Return the first `MAX_ITEMS` items of a response; append one problem if there are more."""
    if len(found) > MAX_ITEMS:
        problems.append(f"{where}: {len(found)} items, the first {MAX_ITEMS} are read")
    return found[:MAX_ITEMS]


def limit_problems(problems: Sequence[str]) -> tuple[str, ...]:
    """Return the first `MAX_PROBLEMS` problems of a reading, then a line with the number of the others."""
    more = len(problems) - MAX_PROBLEMS
    return (*problems[:MAX_PROBLEMS], f"and {normalize.count(more, 'more problem')}") if more > 0 else tuple(problems)


def language_in(url: str) -> str | None:
    """Return the language that the URL of a translation names: "es" for `/translations/spanish/…`."""
    match = _LANGUAGE_IN_PATH.search(url)
    return _LANGUAGES.get(match.group(1)) if match else None


def derived_guid(route: str | None, number: str, url: str) -> str:
    """Return the guid of a WordPress post on the site of a URL, from its REST route (None if unknown) and number.

    A copy in an archive has the guid that the statement had on www.state.gov.
    """
    host = urls.STATE_WWW if state_hosts.is_statement_url(url) else urls.host_key(url)
    if route in {"pages", "page"}:
        return f"https://{host}/?page_id={number}"
    if route in {None, "posts", "post"}:
        return f"https://{host}/?p={number}"
    return f"https://{host}/?post_type={route}&p={number}"


def _bureau_in(url: str) -> str | None:
    match = _BUREAU_IN_PATH.search(url)
    return vocabulary.title_of_slug(match.group(1) or match.group(2)) if match else None


def plausible_or_none(at: datetime | None, captured_at: datetime, what: str, problems: list[str]) -> datetime | None:
    """Return a time, or None if it is not plausible; then append a problem that begins with `what`."""
    if at is None or dates.is_plausible(at, captured_at):
        return at
    problems.append(f"{what} {at:%Y-%m-%d} is not plausible")
    return None


def clean_or_none(text: str | None) -> str | None:
    """Return a field as one clean line, or None if nothing is left."""
    return normalize.clean(text or "") or None
