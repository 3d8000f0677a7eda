"""Rules that decide if the URL that a page calls canonical is one of that page (pure).

Sites name their front page, a list, another article or another site there. So the URL has to show that it is of this
page: by its last segment, by its own parameters, or by the words of the title.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from scraper import urls
from scraper.rules import state_hosts
from scraper.text import normalize

_MAX_CHARS = 2_000
# Parts of a URL that choose a rendering of a page (mobile, for the printer).
_RENDERINGS = frozenset({"amp", "m", "mobile", "print", "printable", "printer-friendly", "print-version"})
_SUFFIX = re.compile(r"(?:\.(?:amp|print))?(?:\.(?:s?html?|php|aspx?|jsp|amp|print))?\Z", re.IGNORECASE)
# Parameters that change the rendering or count visits, but not the document.
_PARAMETERS = _RENDERINGS | {"sid", "sessionid", "session_id", "session", "output", "outputtype", "format", "view"}
_PATH_PARAMETER = re.compile(r";[^/]*")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_MIN_WORDS, _MIN_DIGITS = 3, 4


@dataclass(frozen=True, slots=True)
class _Parts:
    """Site of a URL without `www.` and `amp.`, its segments without what chooses a rendering, and its parameters."""

    site: str
    segments: tuple[str, ...]
    parameters: frozenset[str]
    is_rendering: bool

    @property
    def last(self) -> str:
        return self.segments[-1] if self.segments else ""


def names_page(page_url: str, named: str, title: str) -> bool:
    """Return True if `named`, the canonical URL in the page at `page_url`, is a URL of this page on the same site.

    Return False for a front page, a list, a URL that is not http or https, and one without the parameter by which the
    site distinguishes pages at the same path. `title` is that of the page.
    """
    if not urls.is_http(page_url) or not urls.is_http(named):
        return False
    page, own = _parts(page_url), _parts(named)
    if page.site != own.site or not (own.segments or own.parameters):
        return False
    words = frozenset(normalize.words(title))
    is_distinct = _is_distinct(own.last, words)
    if page.segments == own.segments:
        dropped = {each.partition("=")[0].lower() for each in page.parameters - own.parameters}
        return own.parameters <= page.parameters and (is_distinct or dropped <= _PARAMETERS)
    if is_distinct and page.last == own.last:
        return True
    common = own.parameters & page.parameters
    if common and common == own.parameters and any(map(str.isdigit, "".join(common))):
        return True
    # A list above the page may be named after an office that the title names too.
    return _has_title(own.last, words) and own.segments != page.segments[: len(own.segments)]


def is_rendering(url: str) -> bool:
    """Return True for the URL of another rendering of a page, which may show less of it: AMP, for the printer."""
    return urls.is_http(url) and _parts(url).is_rendering


def _parts(url: str) -> _Parts:
    own = urls.canonical(url[:_MAX_CHARS])
    labels = state_hosts.site_of(own).split(".")
    site = ".".join(labels[1:] if len(labels) > 2 and labels[0] in _RENDERINGS else labels)
    split = urlsplit(own)
    written = [unquote(_PATH_PARAMETER.sub("", each)).lower() for each in split.path.split("/")]
    segments = [each for each in written if each and each not in _RENDERINGS]
    if segments:
        segments[-1] = _SUFFIX.sub("", segments[-1], count=1)
    parameters = frozenset(filter(None, split.query.split("&")))
    names = {each.partition("=")[0].lower() for each in parameters}
    suffix = written[-1].endswith((".amp", ".amp.html", ".print", ".print.html"))
    is_other = bool(suffix or _RENDERINGS & names or _RENDERINGS & set(written) or labels[0] in _RENDERINGS)
    return _Parts(site, tuple(filter(None, segments)), parameters, is_other)


def _is_distinct(segment: str, title: Collection[str]) -> bool:
    """Return True if a segment of a path can identify a document: a slug, a number or words of the title."""
    words = normalize.words(segment)
    is_number = any(each.isdigit() and len(each) >= _MIN_DIGITS and not _YEAR.match(each) for each in words)
    return len(words) >= _MIN_WORDS or is_number or (bool(words) and all(each in title for each in words))


def _has_title(segment: str, title: Collection[str]) -> bool:
    """Return True if a slug was made of a title: at least three words, or all of a shorter title, and half its own."""
    words = set(normalize.words(segment))
    common = len(words & set(title))
    return 0 < common >= min(_MIN_WORDS, len(title)) and 2 * common >= len(words)
