"""Parser of articles of sites without their own parser: main text, title, date (htmldate), attribution, links."""

from __future__ import annotations

import gc
import logging
import re
import sys
from dataclasses import dataclass, field, fields, replace
from datetime import UTC
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers import article_date, jsonld, visibility, vocabulary
from scraper.parsers.build_item import page_reading
from scraper.parsers.document import UNKNOWN_URL, attr, for_libxml2, head_title, label, one_line, open_graph
from scraper.parsers.html_text import Markup, read_html, read_page, read_tags
from scraper.rules import attribution, walls
from scraper.rules.page_urls import names_page
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bs4 import BeautifulSoup, Tag

    from scraper.parsers.dates import DatedTime
    from scraper.parsers.document import Document
    from scraper.parsers.visibility import Unseen

# Their log lines about odd pages and about their own caches are of no use to an operator.
for _library in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_library).propagate = False
    logging.getLogger(_library).addHandler(logging.NullHandler())

NAME = "mirror-page"
# Extracting the main text costs 50 µs a tag, twice that if the first pass finds none. The largest of 600 real news
# pages has 19,629 tags, and the longest of State's briefings some 110,000 characters.
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
# Labels that the Department's mailing, and sites that forward it, set before a title.
_TITLE_LABEL = re.compile(r"\A(?:press|news|collected) releases?: ", re.IGNORECASE)
_FRAME_TAGS = frozenset({"nav", "aside", "footer"})
_NO_TITLE = frozenset({"previouspost", "nextpost", "postnavigation", "relatedposts", "relatedarticles", "leaveareply"})
# A title that its site has cut still identifies the heading.
_CUT = re.compile(r"\s?(?:…|\.\.\.)\Z")
_MIN_CUT_KEY = 15


@dataclass(frozen=True, slots=True)
class PageReading(Reading):
    """Reading of a page of another site, with its content as the matching of copies needs it.

    `text` is all visible text of the page, one paragraph a line: copies are searched in it, not in the main text, which
    is that of the only item. `attribution` is the author that the page names; its spans are offsets into `text`.
    `canonical_url` is the one that the page names for itself, None if it names none or that of something else.
    """

    text: str = ""
    attribution: attribution.Attribution = field(default_factory=attribution.Attribution)
    canonical_url: str | None = None


def read(document: Document) -> PageReading:
    """Read one item, without title, links to neighbouring posts, share bars and a second copy of the body.

    Raises `DriftError` for a page without title or text, or one that stands in place of an article,
    `HostileMarkupError` for a page past the limits.
    """
    soup = document.soup
    title = title_of(soup)
    problems: list[str] = []
    page, shown = read_page(soup)
    markup = page
    if document.text.count("<") > MAX_MAIN_TAGS or sum(map(len, markup.paragraphs)) > MAX_MAIN_CHARS:
        problems.append(f"{document.url}: too large to find its main text, so all text of the page is used")
    else:
        markup = _main_text(document, shown)
    body, kind = _clean_body(markup.paragraphs, title)
    if wall := walls.wall_of(title, body):
        raise DriftError(document.url, f"{wall} in place of the article")
    structured = jsonld.read(soup, UTC)
    given = Item(
        url=urls.canonical(document.url),
        title=title,
        type=kind,
        modified_at=structured.modified.at if structured.modified else None,
        language=attr(soup.html, "lang"),
    )
    reading = page_reading(NAME, document, given, publication_date(document), Markup(body, markup.hrefs))
    reading = replace(reading, problems=(*problems, *reading.problems))
    return with_page(reading, document, normalize.join(page.paragraphs))


def with_page(reading: Reading, document: Document, text: str | None = None) -> PageReading:
    """Add the content of a page to what a parser read in it. `text` is its `page_text`, if that is known already."""
    text = page_text(document) if text is None else text
    given = {each.name: getattr(reading, each.name) for each in fields(reading)}
    named = _canonical(document)
    is_own = named is not None and any(names_page(document.url, named, item.title) for item in reading.items)
    canonical_url = urls.canonical(named) if named and is_own else None
    return PageReading(**given, text=text, attribution=attribution_of(document, text), canonical_url=canonical_url)


def page_text(document: Document) -> str:
    """Return all visible text of a page, one paragraph a line."""
    return normalize.join(read_tags([document.soup]).paragraphs)


def attribution_of(document: Document, text: str) -> attribution.Attribution:
    """Return the author that the page names; spans are offsets into `text`, its `page_text`."""
    soup = document.soup
    title, named = title_of(soup), head_title(soup)
    canonical = _canonical(document)
    host = document.host
    if document.url == UNKNOWN_URL and canonical and not urls.is_state(urls.host(canonical)):
        host = urls.host(canonical)  # a file of unknown origin names its own site
    return attribution.find_attribution(
        text,
        links(document),
        canonical=canonical,
        # In the head the site's own name may follow that of the Department.
        title=title if attribution.bare_title(title) != title else named or title,
        byline=jsonld.author(soup),
        host=host,
    )


def _canonical(document: Document) -> str | None:
    return urls.absolute(document.base, document.canonical_href or document.url)


def links(document: Document) -> tuple[attribution.PageLink, ...]:
    """Return the first 1,000 links of the page with their texts, in order."""
    tags = document.soup.find_all("a", href=True, limit=_MAX_LINKS)
    found = ((urls.absolute(document.base, attr(tag, "href") or ""), tag) for tag in tags)
    return tuple(attribution.PageLink(url, label(tag)) for url, tag in found if url)


def title_of(soup: BeautifulSoup) -> str:
    """Return the page's own heading, unchanged: the one that its head names, else its first that is not the site's."""
    named = head_title(soup)
    site = normalize.word_key(open_graph(soup, "site_name"))
    headings = [
        (tag, line)
        for tag in soup.find_all(["h1", "h2"], limit=_MAX_HEADINGS)
        if (line := one_line(tag)) and not _is_in_frame(tag) and normalize.word_key(line) not in {"", site, *_NO_TITLE}
    ]
    key = normalize.word_key(_CUT.sub("", named))
    cut = len(key) >= _MIN_CUT_KEY and _CUT.search(named) is not None
    named_headings = [
        line
        for _, line in headings
        if normalize.word_key(line) in key or (cut and normalize.word_key(line).startswith(key))
    ]
    first = (line for tag, line in headings if tag.name == "h1" and not _is_logo(tag))
    return max(named_headings, key=len, default="") or next(first, "") or named


def publication_date(document: Document) -> DatedTime | None:
    """Return the date of the article, see `article_date.find`."""
    return article_date.find(document.soup, _tree(document), document.capture.captured_at)


def clear_caches() -> None:
    """Clear the caches that trafilatura keeps of pages, and collect trees that are no longer used."""
    if "trafilatura" not in sys.modules:
        gc.collect()
        return
    from trafilatura.meta import reset_caches

    reset_caches()  # also collects garbage


def _main_text(document: Document, shown: frozenset[Unseen]) -> Markup:
    """Extract the main text with trafilatura. `shown` are the kinds of unseen text that the page shows later.

    `fast` leaves out the comparison with two other extractors: it takes time quadratic in the number of
    paragraphs, and its choice between them changes with a page's advertisements.
    """
    # Importing takes longer than reading a hundred pages, and a monitor of State alone does not need it.
    import trafilatura

    # `favor_precision` finds no text on a page with few sentences. A result without any sentence is no text but page
    # furniture: the page broke, and did not drop its text.
    for precise in (True, False):
        tree = _tree(document)
        visibility.prune(tree, shown)
        html = trafilatura.extract(
            tree,
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
    """Parse the page into an lxml tree of its own: trafilatura and htmldate change the tree that they read."""
    html = for_libxml2(document.text).encode("utf-8", "replace")
    lxml_parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        # Without the `<p>`, lxml refuses a page that has only comments.
        return lxml_html.document_fromstring(html + b"<p></p>", parser=lxml_parser)
    except etree.ParserError as empty:
        raise DriftError(document.url, f"a page without content ({empty})") from empty


def _clean_body(paragraphs: Sequence[str], title: str) -> tuple[tuple[str, ...], str | None]:
    """Return the paragraphs of the text, and the type of document that leaked markup names."""
    kind = None
    body: list[str] = []
    for paragraph in paragraphs[_lead_length(paragraphs, title) :]:
        line, leaks = _LEAKED.subn("", paragraph, count=1) if _LEAKED.match(paragraph) else (paragraph, 0)
        if leaks and (named := vocabulary.document_type(line)):
            kind = kind or named
        elif body and _BELOW_THE_TEXT.fullmatch(line):
            break
        elif line and not _SHARING.fullmatch(line):
            body.append(line)
    return _without_doubled_run(_without_neighbours(body)), kind


def _lead_length(paragraphs: Sequence[str], title: str) -> int:
    """Return the number of paragraphs before the text: the title, once or repeated, and everything above it."""
    keys = [normalize.word_key(_TITLE_LABEL.sub("", paragraph, count=1)) for paragraph in paragraphs[:_MAX_LEAD]]
    title = _TITLE_LABEL.sub("", title, count=1)
    own = normalize.word_key(attribution.bare_title(title))
    named = [at for at, key in enumerate(keys) if key and key in {own, normalize.word_key(title)}]
    return named[-1] + 1 if named else 0


def _without_neighbours(paragraphs: Sequence[str]) -> list[str]:
    """Leave out "TITLE Previous post TITLE", and a title after a paragraph that is only "Previous post"."""
    remaining = []
    marked = False
    for paragraph in paragraphs:
        marker = _NEIGHBOUR.search(paragraph) if len(paragraph) <= _MAX_NEIGHBOUR_CHARS else None
        if marker is None and not (marked and _is_headline(paragraph)):
            remaining.append(paragraph)
        marked = marker is not None and marker.group() == paragraph.strip(" :«»←→")
    return remaining


def _without_doubled_run(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Leave out the second copy of a run of paragraphs that directly follows the first."""
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


def _is_in_frame(tag: Tag) -> bool:
    return any(parent.name in _FRAME_TAGS for parent in islice(tag.parents, _MAX_DEPTH))


def _is_logo(heading: Tag) -> bool:
    """Return True if a heading is the site's name: a link to the front page and nothing else."""
    link = heading.find("a", href=True)
    target = urls.path(attr(link, "href") or "x")
    return link is not None and target in {"", "/"} and one_line(link) == one_line(heading)
