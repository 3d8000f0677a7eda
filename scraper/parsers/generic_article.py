"""A page of a site that nobody wrote a parser for: its text without what stands around it, its title, its date."""

from __future__ import annotations

import gc
import logging
import re
import sys
from datetime import UTC, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

from scraper import urls
from scraper.errors import DriftError
from scraper.model import EndpointKind, Reading
from scraper.parsers import dates, jsonld, vocabulary
from scraper.parsers.build_item import ItemFields, build
from scraper.parsers.document import NOWHERE, attr, label, one_line
from scraper.parsers.html_text import Markup, read_html, read_tags
from scraper.parsers.registry import parser
from scraper.rules import attribution
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bs4 import BeautifulSoup, Tag

    from scraper.parsers.document import Document

# What these say of odd pages, and of their own caches, tells no operator anything.
for _library in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_library).propagate = False
    logging.getLogger(_library).addHandler(logging.NullHandler())

NAME = "mirror-page"
# To look for the main text costs 50 µs a tag, twice where the first look finds none. Of 600 real news pages the
# largest has 19,629 tags, and the longest of State's briefings some 110,000 characters.
MAX_MAIN_TAGS = 25_000
MAX_MAIN_CHARS = 400_000
_MAX_LINKS = 1_000
_MAX_HEADINGS, _MAX_DEPTH = 40, 40
_MAX_LEAD = 6
_MAX_DOUBLED, _MIN_DOUBLED_WORDS = 500, 20
_MAX_NEIGHBOUR_CHARS = 400

_END_OF_SENTENCE = re.compile("[.!?…。！？؟।]")
_NEIGHBOUR = re.compile(r"\b(?:Previous|Next|PREVIOUS|NEXT) (?:[Pp]ost|[Aa]rticle|[Ss]tory|POST|ARTICLE|STORY)\b")
_SHARING = re.compile(
    r"(?:click to )?(?:share|tweet|print|email|e-mail|pin)(?: (?:this|on|via|to|it|us|with)\b.{0,80})?:?"
    r"|like this:?|loading(?:\.\.\.|…)?|advertisement|advertisements|sponsored|report this ad|post navigation",
    re.IGNORECASE,
)
_BELOW_THE_TEXT = re.compile(
    r"(?:more|latest|related|recommended) (?:news|articles|posts|stories)|related|most (?:popular|read)|trending"
    r"|(?:you )?(?:may|might) also like|leave a (?:reply|comment)|read next|discover more from .{1,80}",
    re.IGNORECASE,
)
# Markup that a careless copy leaves in the text: `class="article-meta doctype-meta">Readout`.
_LEAKED = re.compile(r"<?(?:\w{1,10} )?(?:class|id|style)=[\"“”][^\"“”<>]{0,200}[\"“”]>\s*")
# What the Department's mailing, and who forwards it, set before a title.
_TITLE_LABEL = re.compile(r"\A(?:press|news|collected) releases?: ", re.IGNORECASE)
_AROUND = frozenset({"nav", "aside", "footer"})
_NO_TITLE = frozenset({"previouspost", "nextpost", "postnavigation", "relatedposts", "relatedarticles", "leaveareply"})
# A title cut by its site still tells which heading is meant.
_CUT = re.compile(r"\s?(?:…|\.\.\.)\Z")
_MIN_CUT_KEY = 15


class DateSource(StrEnum):
    """What a page's date was taken from, the surest first.

    `BOTH`: its structured data, and what htmldate finds agrees. `STRUCTURED`: only that says something.
    `FOUND`: what htmldate found; where structured data disagrees, it was seen to be right more often.
    """

    BOTH = "structured data, confirmed"
    STRUCTURED = "structured data"
    FOUND = "found on the page"


class PageDate(NamedTuple):
    """When a page says that it was published, and how that is known."""

    dated: dates.DatedTime
    source: DateSource


@parser(NAME, kind=EndpointKind.PAGE, priority=10, claims=lambda document: not urls.is_state(document.host))
def read(document: Document) -> Reading:
    """One item, its paragraphs without the page's title, neighbours, share bars and a second copy of the body.

    Raises `DriftError` for a page without title or text, `HostileMarkupError` past the bounds.
    """
    soup = document.soup
    title = title_of(soup)
    problems = []
    markup = read_tags([soup])
    if document.text.count("<") > MAX_MAIN_TAGS or sum(map(len, markup.paragraphs)) > MAX_MAIN_CHARS:
        problems.append(f"{document.url}: too large to look for its main text, all of the page is taken for it")
    else:
        markup = _main_text(document)
    body, kind = _wording(markup.paragraphs, title)
    if not title or not body:
        raise DriftError(f"{document.url}: a page without {'text' if title else 'title'}")
    dated = published(document)
    said = jsonld.read(soup, UTC)
    given = ItemFields(
        url=urls.canonical(document.url),
        title=title,
        type=kind,
        dated=dated.dated if dated else None,
        modified_at=said.modified.at if said.modified else None,
        language=attr(soup.html, "lang"),
    )
    item, doubts = build(given, Markup(body, markup.hrefs), document.capture.captured_at)
    return Reading(NAME, (item,), clock=item.modified_at, problems=(*problems, *doubts))


def page_text(document: Document) -> str:
    """All that a reader sees on a page, a paragraph to a line: copies are looked for in this, not in the main text."""
    return normalize.join(read_tags([document.soup]).paragraphs)


def evidence(document: Document) -> attribution.Attribution:
    """Whom the page names as the author; spans count in its `page_text`."""
    soup = document.soup
    title, named = title_of(soup), _named(soup)
    canonical = urls.absolute(document.url, attr(soup.select_one("link[rel~=canonical]"), "href") or document.url)
    host = document.host
    if document.url == NOWHERE and canonical and not urls.is_state(urls.host(canonical)):
        host = urls.host(canonical)  # a file from who knows where says itself where it belongs
    return attribution.claims(
        page_text(document),
        links(document),
        canonical=canonical,
        # In the head the site's own name may stand behind the Department's.
        title=title if attribution.bare_title(title) != title else named or title,
        byline=jsonld.author(soup),
        host=host,
    )


def links(document: Document) -> tuple[attribution.PageLink, ...]:
    """The page's links with their texts, in order, the first 1,000."""
    tags = document.soup.find_all("a", href=True, limit=_MAX_LINKS)
    found = ((urls.absolute(document.url, attr(tag, "href") or ""), tag) for tag in tags)
    return tuple(attribution.PageLink(url, label(tag)) for url, tag in found if url)


def title_of(soup: BeautifulSoup) -> str:
    """The page's own heading: the one that its head names, else its first that is not the site's; as it stands."""
    named = _named(soup)
    site = normalize.word_key(attr(soup.find("meta", property="og:site_name"), "content") or "")
    headings = [
        (tag, line)
        for tag in soup.find_all(["h1", "h2"], limit=_MAX_HEADINGS)
        if (line := one_line(tag)) and not _is_around(tag) and normalize.word_key(line) not in {"", site, *_NO_TITLE}
    ]
    key = normalize.word_key(_CUT.sub("", named))
    cut = len(key) >= _MIN_CUT_KEY and _CUT.search(named) is not None
    told = [
        line
        for _, line in headings
        if normalize.word_key(line) in key or (cut and normalize.word_key(line).startswith(key))
    ]
    first = (line for tag, line in headings if tag.name == "h1" and not _is_logo(tag))
    return max(told, key=len, default="") or next(first, "") or named


def published(document: Document) -> PageDate | None:
    """When the page was published: htmldate tells the day, structured data of that day the time.

    Takes nothing from what stands after the day of the capture.
    """
    soup = document.soup
    shown = dates.parse_iso_date(attr(soup.select_one("time[datetime]"), "datetime") or "")
    said = jsonld.read(soup, UTC).published or shown
    found = _found_date(document)
    if found is None or said is None:
        stamp = said or found
        return PageDate(stamp, DateSource.STRUCTURED if said else DateSource.FOUND) if stamp else None
    # The day that a page shows is that of its own time zone.
    if abs(said.at.date() - found.at.date()) <= timedelta(days=1):
        return PageDate(said, DateSource.BOTH)
    return PageDate(found, DateSource.FOUND)


def _found_date(document: Document) -> dates.DatedTime | None:
    from htmldate import find_date

    last = (document.capture.captured_at + timedelta(days=1)).strftime("%Y-%m-%d")
    # Only ever a tree: a text that looks like an address would be fetched. The page's own address is not named,
    # for a number in it would count for more than what the page says.
    found = find_date(_tree(document), original_date=True, extensive_search=False, max_date=last)
    return dates.parse_iso_date(found) if found else None


def forget() -> None:
    """Let go of what trafilatura keeps of pages that it read, and of trees that nobody needs any more."""
    if "trafilatura" not in sys.modules:
        gc.collect()
        return
    from trafilatura.meta import reset_caches

    reset_caches()  # which collects garbage itself


def _main_text(document: Document) -> Markup:
    """The main text as trafilatura tells it from the rest.

    `fast` leaves out the comparison with two other extractors: that takes time quadratic in the number of
    paragraphs, and its choice between them flips with a page's advertisements.
    """
    # Loading takes longer than reading a hundred pages, and who watches only State needs none of it.
    import trafilatura

    # A page with a few sentences only is left empty by precision. Without any there is no text, only what stands
    # around one: the page broke, and did not drop what it carried.
    for precise in (True, False):
        html = trafilatura.extract(
            _tree(document),
            output_format="html",
            fast=True,
            favor_precision=precise,
            favor_recall=not precise,
            include_comments=False,
            include_links=True,
            prune_xpath=["//a[@rel='prev' or @rel='next']"],
        )
        markup = read_html(html) if html else Markup()
        if markup.paragraphs and (precise or any(map(_END_OF_SENTENCE.search, markup.paragraphs))):
            return markup
    return Markup()


def _tree(document: Document) -> Any:
    """The page as lxml's tree, which those libraries change as they read."""
    html = document.text.replace("\0", " ").encode("utf-8", "replace")
    lxml_parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        # lxml refuses a page that is nothing but comments.
        return lxml_html.document_fromstring(html + b"<p></p>", parser=lxml_parser)
    except etree.ParserError as empty:
        raise DriftError(f"{document.url}: a page without content ({empty})") from empty


def _wording(paragraphs: Sequence[str], title: str) -> tuple[tuple[str, ...], str | None]:
    """The paragraphs that are the text, and the kind of release that leaked markup names."""
    kind = None
    body: list[str] = []
    for paragraph in paragraphs[_lead(paragraphs, title) :]:
        line, leaks = _LEAKED.subn("", paragraph, count=1) if _LEAKED.match(paragraph) else (paragraph, 0)
        if leaks and (named := vocabulary.document_type(line)):
            kind = kind or named
        elif body and _BELOW_THE_TEXT.fullmatch(line):
            break
        elif line and not _SHARING.fullmatch(line):
            body.append(line)
    return _undoubled(_without_neighbours(body)), kind


def _lead(paragraphs: Sequence[str], title: str) -> int:
    """How many paragraphs stand before the text: the title, however often, and what is above it."""
    keys = [normalize.word_key(_TITLE_LABEL.sub("", paragraph, count=1)) for paragraph in paragraphs[:_MAX_LEAD]]
    title = _TITLE_LABEL.sub("", title, count=1)
    own = normalize.word_key(attribution.bare_title(title))
    named = [at for at, key in enumerate(keys) if key and key in {own, normalize.word_key(title)}]
    return named[-1] + 1 if named else 0


def _without_neighbours(paragraphs: Sequence[str]) -> list[str]:
    """Leaves out "TITLE Previous post TITLE", and a title behind a "Previous post" of its own."""
    kept = []
    marked = False
    for paragraph in paragraphs:
        marker = _NEIGHBOUR.search(paragraph) if len(paragraph) <= _MAX_NEIGHBOUR_CHARS else None
        if marker is None and not (marked and _is_headline(paragraph)):
            kept.append(paragraph)
        marked = marker is not None and marker.group() == paragraph.strip(" :«»←→")
    return kept


def _undoubled(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """A run of paragraphs that stands twice, one copy right behind the other, once."""
    keys = [normalize.word_key(paragraph) for paragraph in paragraphs]
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, key in enumerate(keys):
        for start in {first.setdefault(key, at), last.get(key, at)}:
            length = at - start
            if (
                0 < length <= _MAX_DOUBLED
                and keys[start:at] == keys[at : at + length]
                and sum(len(normalize.words(paragraph)) for paragraph in paragraphs[start:at]) >= _MIN_DOUBLED_WORDS
            ):
                return (*paragraphs[:at], *paragraphs[at + length :])
        last[key] = at
    return tuple(paragraphs)


def _is_headline(line: str) -> bool:
    return len(line) <= _MAX_NEIGHBOUR_CHARS // 2 and not line.endswith((".", "!", "?", ":", "”"))


def _named(soup: BeautifulSoup) -> str:
    """The page's title as its head gives it, the site's name often behind it."""
    return normalize.clean(attr(soup.find("meta", property="og:title"), "content") or "") or one_line(soup.title)


def _is_around(tag: Tag) -> bool:
    return any(parent.name in _AROUND for parent in islice(tag.parents, _MAX_DEPTH))


def _is_logo(heading: Tag) -> bool:
    """Whether a heading is the site's name: a link to the front page and nothing else."""
    link = heading.find("a", href=True)
    target = urls.path(attr(link, "href") or "x")
    return link is not None and target in {"", "/"} and one_line(link) == one_line(heading)
