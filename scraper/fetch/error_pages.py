"""Detection of HTML error and block pages by phrases in title and headlines (pure); other marks: `classify`.

Only whole segments of the title and, on pages without an article, whole headlines are compared. A
statement may mention blocked access or technical difficulties, but its title does not consist of
these words.
"""

from __future__ import annotations

import html
import re
from enum import StrEnum

from scraper.text.normalize import words

_SEGMENT = re.compile(r"\s+[-–—|·•»«:]+\s+|\s*[|»«]\s*")
# Start of a part that browsers do not show: comments, code and templates.
_HIDDEN = re.compile(r"<(?:!--|(?P<name>script|style|template|noscript)(?=[\s/>]))")
_TAG = re.compile(r"<[^<>]{0,500}>")
_META = re.compile(r"<meta\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s{0,20}=\s{0,20}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s\"'<>]{1,2000}))")
_REFRESH = re.compile(
    # As the HTML standard reads it: the delay may be empty before a fraction, a blank may separate.
    r"\s*(?:(?P<delay>\d{1,4})(?:\.[\d.]*)?|\.[\d.]*)(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?(?P<url>[^\s;,].*)",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>[^<]{0,500}</title>", re.IGNORECASE)
_MAX_STUB_CHARACTERS, _MAX_STUB_WORDS = 20_000, 60
# Longer delays let a person read the page first.
_MAX_DELAY_S = 30
_MAX_TITLE_CHARACTERS = 500
_MAX_HEADLINE_CHARACTERS = 2000
_MAX_HEADLINES = 3
_MAX_PARAGRAPHS = 300
_MAX_PARAGRAPH_CHARACTERS = 5000
_ARTICLE_PROSE_CHARACTERS = 400
_ARTICLE_MARKS = ("<article", "entry-content", "article-meta", "articlebody", 'property="article:')


class ErrorPage(StrEnum):
    """Kinds of error pages."""

    STATE_BLOCK = "state block"
    BLOCK = "block"
    NOT_FOUND = "not found"
    DOWN = "down"


# Words that occur in such titles and do not change their meaning.
_NOISE = frozenset(
    {"http", "https", "error", "oops", "whoops", "sorry", "status", "code", "the", "this", "that", "1020"}
)
_CODES = {
    **dict.fromkeys(("404", "410"), ErrorPage.NOT_FOUND),
    **dict.fromkeys(("401", "403", "407", "451"), ErrorPage.BLOCK),
    **dict.fromkeys(("500", "502", "503", "504"), ErrorPage.DOWN),
}
# By the words of a whole title or headline.
_PHRASES = {
    " ".join(phrase.split()): kind
    for kind, phrases in {
        ErrorPage.STATE_BLOCK: "technical difficulties",
        ErrorPage.NOT_FOUND: """
            not found; page not found; file not found; content not found; article not found; post not found; document
            not found; resource not found; no page found; page was not found; page could not be found; page cannot be
            found; page can not be found; page can t be found; we can t find page; we couldn t find page; page you
            requested could not be found; page you requested was not found; requested page could not be found;
            requested page was not found; page you are looking for could not be found; page you are looking for can t
            be found; page you are looking for cannot be found; page you are looking for doesn t exist; page you were
            looking for doesn t exist; page you are looking for does not exist; page does not exist; page doesn t
            exist; page no longer exists; page is no longer available; page no longer available; page not available;
            página no encontrada; page introuvable; page non trouvée; seite nicht gefunden
        """,
        ErrorPage.BLOCK: """
            access denied; access forbidden; forbidden; unauthorized; request blocked; request rejected; request
            unsuccessful; you have been blocked; you are blocked; just a moment; attention required; one more step;
            verify you are human; please verify you are a human; human verification; bot verification; robot check; are
            you a robot; are you human; security check; security verification; security challenge; client challenge;
            pardon our interruption; checking your browser; checking your browser before accessing; ddos protection by
            cloudflare; access to page has been denied; sucuri website firewall; request could not be satisfied;
            captcha; proxy authentication required
        """,
        ErrorPage.DOWN: """
            maintenance; site maintenance; website maintenance; under maintenance; site under maintenance; website
            under maintenance; site is under maintenance; scheduled maintenance; down for maintenance; site down for
            maintenance; maintenance mode; undergoing maintenance; temporarily unavailable; site temporarily
            unavailable; service unavailable; service temporarily unavailable; site unavailable; we ll be back soon; we
            will be back soon; internal server; internal server occurred; server; bad gateway; gateway timeout; gateway
            time out; database; establishing a database connection; temporarily down for maintenance; critical on
            website
        """,
    }.items()
    for phrase in phrases.split(";")
}
# Noise is removed before the look-up, so "server error" is found as "server". Without "error" such a word
# means nothing.
_ONLY_WITH_ERROR = frozenset({"server", "internal server", "database", "internal server occurred"})


def error_page_of(text: str) -> tuple[ErrorPage, str] | None:
    """Return the kind of an error page and the title segment or headline that shows it; None for a document."""
    headlines = _elements(text, "h1", count=_MAX_HEADLINES, characters=_MAX_HEADLINE_CHARACTERS)
    segments = _SEGMENT.split(title_of(text))
    for position, segment in enumerate(segments):
        found = _meaning(segment, first=position == 0)
        if found and not _is_part_of_headline(segments, position, headlines):
            return found, segment.strip()
    if has_article(text):
        return None  # its headlines may belong to a part of the page, perhaps a hidden one
    for headline in headlines:
        if found := _meaning(headline, first=True):
            return found, headline
    return None


def refresh_target(text: str) -> str | None:
    """Return the URL to which a page without a text of its own sends browsers (`<meta http-equiv=refresh>`), or None.

    It is relative to the page's URL. A page with a text reloads itself, or goes on to another after it was read.
    """
    head = _visible(text[:_MAX_STUB_CHARACTERS])
    if len(text) > _MAX_STUB_CHARACTERS or "refresh" not in head.lower():
        return None
    for tag in _META.finditer(head):
        named = {
            name.lower(): html.unescape(value)
            for name, *values in _ATTRIBUTE.findall(tag[0])
            if (value := "".join(values))
        }
        wanted = _REFRESH.match(named.get("content", "")) if named.get("http-equiv", "").lower() == "refresh" else None
        if wanted and int(wanted["delay"] or 0) <= _MAX_DELAY_S:
            shown = words(_TAG.sub(" ", _TITLE.sub(" ", head)))
            return wanted["url"].strip(" \"'") if len(shown) <= _MAX_STUB_WORDS else None
    return None


def title_of(text: str) -> str:
    """Return the text of the first `<title>`, at most 500 characters."""
    return next(iter(_elements(text, "title", count=1, characters=_MAX_TITLE_CHARACTERS)), "")


def has_article(text: str) -> bool:
    """Return True for a page with the markup of an article and at least 400 characters of prose."""
    low = text.lower()
    return any(mark in low for mark in _ARTICLE_MARKS) and prose_characters(text) >= _ARTICLE_PROSE_CHARACTERS


def prose_characters(text: str) -> int:
    """Count the characters in the first 300 `<p>` elements, at most 5000 of each."""
    paragraphs = _elements(text, "p", count=_MAX_PARAGRAPHS, characters=_MAX_PARAGRAPH_CHARACTERS)
    return sum(len(paragraph) for paragraph in paragraphs)


def _is_part_of_headline(segments: list[str], position: int, headlines: list[str]) -> bool:
    """Return True if a headline contains a title segment and its neighbour ("Access Denied - How Moscow ...")."""
    own = words(segments[position])
    pairs = [words(before) + own for before in segments[max(0, position - 1) : position]]
    pairs += [own + words(after) for after in segments[position + 1 : position + 2]]
    keys = [f" {' '.join(words(headline))} " for headline in headlines]
    return any(f" {' '.join(pair)} " in key for pair in pairs if len(pair) > len(own) for key in keys)


def _meaning(segment: str, *, first: bool) -> ErrorPage | None:
    segment_words = words(segment)
    codes = [word for word in segment_words if word in _CODES]
    rest = " ".join(word for word in segment_words if word not in _NOISE and word not in _CODES)
    with_error = bool(codes) or "error" in segment_words
    if rest:
        return None if rest in _ONLY_WITH_ERROR and not with_error else _PHRASES.get(rest)
    # A bare number means an error only where a title begins with it.
    return _CODES[codes[0]] if codes and (first or "error" in segment_words) else None


def _elements(text: str, name: str, *, count: int, characters: int) -> list[str]:
    """Return the text of the first visible elements of a name, without their tags, in time linear in the text."""
    text = _visible(text)
    low = _ascii_lower(text)
    found: list[str] = []
    at = 0
    while len(found) < count:
        start = low.find(f"<{name}", at)
        if start < 0:
            break
        at = start + len(name) + 1
        if low[at : at + 1] not in {">", " ", "\t", "\n", "\r", "/"}:
            continue
        opened = low.find(">", at)
        closed = low.find(f"</{name}", opened)
        if opened < 0 or closed < 0:
            break
        inner = text[opened + 1 : min(closed, opened + 1 + characters)]
        found.append(" ".join(html.unescape(_TAG.sub(" ", inner)).split()))
        at = closed
    return found


def _visible(text: str) -> str:
    """Remove comments, scripts, styles and templates; one without an end tag reaches to the end of the page."""
    low = _ascii_lower(text)
    parts: list[str] = []
    at = 0
    while hidden := _HIDDEN.search(low, at):
        parts.append(text[at : hidden.start()])
        name = hidden["name"]
        # The search begins at its own dashes, because "<!-->" is a complete comment.
        closed = low.find(f"</{name}", hidden.end()) if name else low.find("-->", hidden.end() - 2)
        end = low.find(">", closed)
        if closed < 0 or end < 0:
            return "".join(parts)
        at = end + 1
    parts.append(text[at:])
    return "".join(parts)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Convert ASCII letters to lower case; other letters may get longer in lower case, which moves positions."""
    return text.translate(_LOWER) if not text.isascii() else text.lower()
