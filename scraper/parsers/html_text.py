"""Converter of HTML to the paragraphs that a reader sees, and to the URLs that it links to."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from scraper import urls
from scraper.parsers import page_furniture, related_posts, visibility
from scraper.parsers.elements import NO_TEXT, attr, attr_words, contents, label, one_line, tree_of
from scraper.parsers.folded_text import is_folded, prose_chars
from scraper.parsers.visibility import Unseen
from scraper.text import footnotes, normalize

# A tag has no `<` or `>` inside, so that a page of "<" takes linear time.
_TAG = re.compile(r"<[A-Za-z/!?][^<>]{0,4000}>")
_UNSEEN = ("script", "style")

MAX_LINKS = 200
_CACHED_BODIES = 256
_CACHED_CHARS = 100_000
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 summary".split())
_BOLD = frozenset({"b", "strong"})
# Longer lines in bold are emphasised text.
_MAX_BOLD_HEADING_CHARS = 120
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol p pre section summary table "
    "tbody td tfoot th thead tr ul".split()
)
_FIGURES_OF_TEXT = frozenset({"wp-block-table", "wp-block-pullquote"})
_TEXT_IN_FIGURES = frozenset({"table", "blockquote"})
# Figures may nest: only their first nodes are searched.
_MAX_FIGURE_NODES = 50
# The pieces of text before a superscript that say what it is.
_MARK_PIECES = 4
_SPACES = str.maketrans("\t\n\f\r", "    ")
_MARKUP = re.compile(r"</?[A-Za-z]")
_TITLE_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})(?:\s[^<>]{0,400})?/?>")
_VOID_IN_TITLES = frozenset({"br", "hr", "img", "wbr"})


class Markup(NamedTuple):
    """Content of some HTML: paragraphs, `href`s as written (unique, in order), fields in its page furniture.

    `headings` are those of the paragraphs that are headings, in order.
    """

    paragraphs: tuple[str, ...] = ()
    hrefs: tuple[str, ...] = ()
    meta: page_furniture.PageMeta = page_furniture.NOTHING
    headings: tuple[str, ...] = ()


class _End(Enum):
    BLOCK = auto()
    CELL = auto()
    ROW = auto()
    PRE = auto()
    LINK = auto()
    HEADING = auto()


def read_elements(roots: Iterable[Any], *, in_body: bool = False) -> Markup:
    """Read the paragraphs and links under elements, in order, without State's page furniture and what no reader sees.

    A block element ends a paragraph; `<br>` is a line break inside one; a table row whose cells hold
    one paragraph each is one paragraph, with a tab between cells; inline elements add nothing.
    `in_body`: they are the text itself and not all of its page, so that menus and widgets are left out too.
    """
    return _read(list(roots), in_body=in_body)[0]


def read_page(root: Any) -> tuple[Markup, frozenset[Unseen]]:
    """Read a whole page as `read_elements` does, and return the kinds of unseen text that are shown nevertheless."""
    return _read([root], in_body=False)


def _read(roots: Sequence[Any], *, in_body: bool) -> tuple[Markup, frozenset[Unseen]]:
    walk = _walk(roots, frozenset(), in_body=in_body)
    # A page that hides most of its text waits for a script to show it: no site publishes a page to hide it. A text
    # that is struck out as a whole is shown so, too. Links do not count, because menus wait hidden for a click.
    shown = frozenset(kind for kind, chars in walk.unseen.items() if chars > walk.shown and kind is not Unseen.SPOKEN)
    if shown:
        walk = _walk(roots, shown, in_body=in_body)
    return Markup(tuple(walk.paragraphs), tuple(walk.hrefs), headings=tuple(walk.headings)), shown


def _walk(roots: Sequence[Any], shown: frozenset[Unseen], *, in_body: bool) -> _Walk:
    walk = _Walk(shown, in_body=in_body)
    stack = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            walk.add_text(node)
        elif isinstance(node, _End):
            walk.leave(node)
        elif not walk.is_left_out(node):
            walk.enter(node, stack)
    walk.flush()
    return walk


def read_html(html: str) -> Markup:
    """Read HTML from a feed or a REST response as `read_elements` does; cached, so an unchanged body costs nothing.

    Raises `HostileMarkupError` for HTML past the limits.
    """
    return _cached(html) if len(html) <= _CACHED_CHARS else _read_html(html)


def line(html: str) -> str:
    """Return a title or a name as one clean line: entities decoded once more than the format did, tags removed."""
    if _MARKUP.search(html):
        return normalize.clean(" ".join(read_html(_without_false_tags(html)).paragraphs))
    return normalize.clean(entities.unescape(html) if "&" in html else html)


def _without_false_tags(line: str) -> str:
    """Escape each `<` of a title that begins no tag: a name without an end tag is a word ("x<y", "<a> as <area>")."""
    names = {(found[1] == "/", found[2].lower()) for found in _TITLE_TAG.finditer(line)}

    def checked(found: re.Match[str]) -> str:
        name = found[2].lower()
        is_tag = name in _VOID_IN_TITLES or {(True, name), (False, name)} <= names
        return found[0] if is_tag else f"&lt;{found[0][1:]}"

    pieces, at = list[str](), 0
    for found in _TITLE_TAG.finditer(line):
        pieces += (line[at : found.start()].replace("<", "&lt;"), checked(found))
        at = found.end()
    return "".join([*pieces, line[at:].replace("<", "&lt;")])


def absolute_links(hrefs: Iterable[str], base: str) -> tuple[str, ...]:
    """Return the http URLs among the `href`s of the page `base`, unique, in order, at most `MAX_LINKS`."""
    found: dict[str, None] = {}
    for href in hrefs:
        if len(found) == MAX_LINKS:
            break
        if url := urls.absolute(base, href):
            found.setdefault(url)
    return tuple(found)


def _read_html(html: str) -> Markup:
    if not html.strip():
        return Markup()
    if "<" not in html:
        plain = normalize.clean_block(entities.unescape(html).translate(_SPACES))
        return Markup((plain,) if plain else ())
    root = tree_of(html, "a body")
    return read_elements([root], in_body=True)._replace(meta=page_furniture.read_meta(root))


_cached = lru_cache(maxsize=_CACHED_BODIES)(_read_html)

clear_cache = _cached.cache_clear
"""Clear the cache of `read_html`."""


def _is_bold_line(element: Any) -> bool:
    """Return True for a paragraph that is nothing but a short line in bold: many editors write headings so."""
    if element.tag != "p" or len(element) != 1 or element[0].tag not in _BOLD:
        return False
    if (element.text or "").strip() or (element[0].tail or "").strip():
        return False
    line = one_line(element)
    return 0 < len(line) <= _MAX_BOLD_HEADING_CHARS and not line.endswith((".", "!", "?", ";", ","))


def _is_dropped(element: Any) -> bool:
    if element.tag in NO_TEXT:
        return True
    if element.tag == "figure":
        # A picture's caption is not part of the text, but the editor wraps tables and quotations in figures too.
        kinds = attr_words(element, "class")
        return _FIGURES_OF_TEXT.isdisjoint(kinds) and not any(
            each.tag in _TEXT_IN_FIGURES for each in islice(element.iterdescendants(), _MAX_FIGURE_NODES)
        )
    return page_furniture.is_furniture(element)


class _Walk:
    """State of one walk over a tree: finished paragraphs, the current paragraph, the open table rows.

    `shown` are the kinds of unseen text that are text all the same. The walk counts the characters outside links:
    those that it has read and, for each kind, those that it has left out.
    """

    def __init__(self, shown: frozenset[Unseen], *, in_body: bool) -> None:
        self.paragraphs: list[str] = []
        self.hrefs: dict[str, None] = {}
        self.headings: dict[str, None] = {}
        self.shown = 0
        self.unseen = dict.fromkeys(Unseen, 0)
        self._in_body = in_body
        self._kinds_shown = shown
        self._others = set[Any]()
        self._links = 0
        self._pieces: list[str] = []
        self._pre = 0
        self._is_heading = False
        # For each open row, the number of paragraphs before each border of its cells.
        self._rows: list[list[int]] = []

    def is_left_out(self, element: Any) -> bool:
        """Return True for an element without text: of no such kind, unseen, page furniture or a list of other posts."""
        if _is_dropped(element) or element in self._others:
            return True
        kind = visibility.unseen(element)
        if kind is not None and kind not in self._kinds_shown:
            if kind is Unseen.HIDDEN and is_folded(element):
                return False
            self.unseen[kind] += prose_chars(element)
            return True
        if related_posts.is_block(element, in_body=self._in_body):
            return True
        others = related_posts.below_heading(element)
        self._others.update(others)
        return bool(others)

    def enter(self, element: Any, stack: list[Any]) -> None:
        name = element.tag
        if name == "br":
            self._pieces.append("\n")
            return
        if (text := self._rewritten(element)) is not None:
            self.add_text(text)
            return
        if name == "a" and (href := attr(element, "href")):
            self.hrefs.setdefault(href.strip())
            self._links += 1
            stack.append(_End.LINK)
        if name in _BLOCKS:
            self.flush()
            stack.append(_End.BLOCK)
            if name in _HEADINGS or _is_bold_line(element):
                self._is_heading = True
                stack.append(_End.HEADING)
            elif name == "pre":
                self._pre += 1
                stack.append(_End.PRE)
            elif name == "tr":
                self._rows.append([len(self.paragraphs)])
                stack.append(_End.ROW)
            elif name in {"td", "th"} and self._rows:
                self._rows[-1].append(len(self.paragraphs))
                stack.append(_End.CELL)
        stack.extend(reversed(contents(element)))

    def _rewritten(self, element: Any) -> str | None:
        """Return the text in the place of an element: an e-mail address that is obfuscated, or a footnote mark."""
        if visibility.is_raised(element):
            written = one_line(element) if element.tag == "sup" else label(element)
            mark = visibility.footnote_mark(element, "".join(self._pieces[-_MARK_PIECES:]), written)
            if mark is not None or element.tag == "sup":
                return mark
        return visibility.email_of(element, label(element)) if visibility.is_obfuscated(element) else None

    def add_text(self, text: str) -> None:
        if not self._links:
            self.shown += len(text.strip())
        self._pieces.append(text if self._pre else text.translate(_SPACES))

    def leave(self, end: _End) -> None:
        if end is _End.LINK:
            self._links -= 1
            return
        self.flush()
        if end is _End.HEADING:
            self._is_heading = False
        elif end is _End.PRE:
            self._pre -= 1
        elif end is _End.CELL:
            self._rows[-1].append(len(self.paragraphs))
        elif end is _End.ROW:
            self._end_row(self._rows.pop())

    def flush(self) -> None:
        if self._pieces:
            paragraph = footnotes.set_apart(normalize.clean_block("".join(self._pieces)))
            self._pieces.clear()
            if paragraph:
                self.paragraphs.append(paragraph)
                if self._is_heading:
                    self.headings.setdefault(paragraph)

    def _end_row(self, borders: list[int]) -> None:
        start, end = borders[0], len(self.paragraphs)
        cells = [b - a for a, b in zip(borders, [*borders[1:], end], strict=True)]
        # A cell with several paragraphs is layout (old pages are tables as a whole), not data.
        if end - start > 1 and max(cells) == 1:
            self.paragraphs[start:] = ["\t".join(self.paragraphs[start:])]


def text_without_markup(markup: str) -> str:
    """Return the text of a page that a reader may see, one line per stretch between tags. Takes linear time."""
    for name in _UNSEEN:
        markup = "".join(_without(markup, name))
    lines = (" ".join(line.split()) for line in entities.unescape(_TAG.sub("\n", markup)).splitlines())
    return "\n".join(line for line in lines if line)


def _without(markup: str, name: str) -> Iterator[str]:
    """Yield the markup outside the elements of a name; an element that never ends hides the rest of the page."""
    low = markup.lower()
    if len(low) != len(markup):  # some letters are longer in lower case
        low = markup
    at = 0
    while (start := low.find(f"<{name}", at)) >= 0:
        yield markup[at:start]
        end = low.find(f"</{name}", start)
        if end < 0:
            return
        at = end
    yield markup[at:]
