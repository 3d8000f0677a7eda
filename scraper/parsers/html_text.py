"""Converter of HTML to the paragraphs that a reader sees, and to the URLs that it links to."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString

from scraper import urls
from scraper.parsers import page_furniture, related_posts, visibility
from scraper.parsers.document import attr, attr_words, check, label, one_line, soup_of
from scraper.parsers.visibility import Unseen
from scraper.text import footnotes, normalize

# A tag has no `<` or `>` inside, so that a page of "<" takes linear time.
_TAG = re.compile(r"<[A-Za-z/!?][^<>]{0,4000}>")
_UNSEEN = ("script", "style")

MAX_LINKS = 200
_CACHED_BODIES = 256
_CACHED_CHARS = 100_000
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol p pre section summary table "
    "tbody td tfoot th thead tr ul".split()
)
# Not `head`: without an end tag or a `<body>`, libxml2 keeps `<article>`, `<main>` and the like in it.
_DROPPED = frozenset(
    "audio button canvas embed iframe input noscript object rp script select style svg template textarea title "
    "video".split()
)
_FIGURES_OF_TEXT = frozenset({"wp-block-table", "wp-block-pullquote"})
_TEXT_IN_FIGURES = frozenset({"table", "blockquote"})
# Figures may nest: only their first nodes are searched.
_MAX_FIGURE_NODES = 50
# The pieces of text before a superscript that say what it is.
_MARK_PIECES = 4
# Siblings on either side of a hidden text, white space counted.
_MAX_BESIDE = 4
_SPACES = str.maketrans("\t\n\f\r", "    ")
_MARKUP = re.compile(r"</?[A-Za-z]")
_TITLE_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})(?:\s[^<>]{0,400})?/?>")
_VOID_IN_TITLES = frozenset({"br", "hr", "img", "wbr"})


class Markup(NamedTuple):
    """Content of some HTML: paragraphs, `href`s as written (unique, in order), fields in its page furniture."""

    paragraphs: tuple[str, ...] = ()
    hrefs: tuple[str, ...] = ()
    meta: page_furniture.PageMeta = page_furniture.NOTHING


class _End(Enum):
    BLOCK = auto()
    CELL = auto()
    ROW = auto()
    PRE = auto()
    LINK = auto()


def read_tags(roots: Iterable[Tag], *, in_body: bool = False) -> Markup:
    """Read the paragraphs and links under some tags, in order, without State's page furniture and what no reader sees.

    A block element ends a paragraph; `<br>` is a line break inside one; a table row whose cells hold
    one paragraph each is one paragraph, with a tab between cells; inline tags add nothing.
    `in_body`: the tags are the text itself and not all of its page, so that menus and widgets are left out too.
    """
    return _read(list(roots), in_body=in_body)[0]


def read_page(root: Tag) -> tuple[Markup, frozenset[Unseen]]:
    """Read a whole page as `read_tags` does, and return the kinds of unseen text that are shown nevertheless."""
    return _read([root], in_body=False)


def _read(roots: Sequence[Tag], *, in_body: bool) -> tuple[Markup, frozenset[Unseen]]:
    walk = _walk(roots, frozenset(), in_body=in_body)
    # A page that hides most of its text waits for a script to show it: no site publishes a page to hide it. A text
    # that is struck out as a whole is shown so, too. Links do not count, because menus wait hidden for a click.
    shown = frozenset(kind for kind, chars in walk.unseen.items() if chars > walk.shown and kind is not Unseen.SPOKEN)
    if shown:
        walk = _walk(roots, shown, in_body=in_body)
    return Markup(tuple(walk.paragraphs), tuple(walk.hrefs)), shown


def _walk(roots: Sequence[Tag], shown: frozenset[Unseen], *, in_body: bool) -> _Walk:
    walk = _Walk(shown, in_body=in_body)
    stack: list[object] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if isinstance(node, _End):
            walk.leave(node)
        elif isinstance(node, Tag):
            if not walk.is_left_out(node):
                walk.enter(node, stack)
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            walk.add_text(node)
    walk.flush()
    return walk


def read_html(html: str) -> Markup:
    """Read HTML from a feed or a REST response as `read_tags` does; cached, so an unchanged body costs nothing.

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


def outermost(root: Tag, matches: Callable[[Tag], bool]) -> list[Tag]:
    """Return the tags that match and are inside no other matching tag, in order."""
    found: list[Tag] = []
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if not isinstance(node, Tag):
            continue
        if matches(node):
            found.append(node)
        else:
            stack.extend(reversed(node.contents))
    return found


def has_class(tag: Tag, name: str) -> bool:
    """Return True if a tag has the class, alone or among others."""
    return name in attr_words(tag, "class")


def _read_html(html: str) -> Markup:
    if not html.strip():
        return Markup()
    if "<" not in html:
        # bs4 warns about text that looks like a URL or a file name, and such a text has no tree.
        plain = normalize.clean_block(entities.unescape(html).translate(_SPACES))
        return Markup((plain,) if plain else ())
    check(html, "a body")
    soup = soup_of(html, "a body")
    return read_tags([soup], in_body=True)._replace(meta=page_furniture.read_meta(soup))


_cached = lru_cache(maxsize=_CACHED_BODIES)(_read_html)

clear_cache = _cached.cache_clear
"""Clear the cache of `read_html`."""


def _is_dropped(tag: Tag) -> bool:
    if tag.name in _DROPPED:
        return True
    if tag.name == "figure":
        # A picture's caption is not part of the text, but the editor wraps tables and quotations in figures too.
        kinds = attr_words(tag, "class")
        return _FIGURES_OF_TEXT.isdisjoint(kinds) and not any(
            isinstance(node, Tag) and node.name in _TEXT_IN_FIGURES
            for node in islice(tag.descendants, _MAX_FIGURE_NODES)
        )
    return page_furniture.is_furniture(tag)


def _prose_chars(root: Tag) -> int:
    """Return the number of characters under a tag that are in no link."""
    chars = 0
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Tag):
            if node.name not in _DROPPED and node.name != "a":
                stack.extend(node.contents)
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            chars += len(node.strip())
    return chars


def _is_folded(tag: Tag) -> bool:
    """Return True for a hidden text beside a control that shows it."""
    beside = [*islice(tag.next_siblings, _MAX_BESIDE), *islice(tag.previous_siblings, _MAX_BESIDE)]
    controls = (
        each if each.name in visibility.CONTROLS else each.find(visibility.CONTROLS)
        for each in beside
        if isinstance(each, Tag)
    )
    return any(visibility.unfolds(label(control)) for control in controls if isinstance(control, Tag))


class _Walk:
    """State of one walk over a tree: finished paragraphs, the current paragraph, the open table rows.

    `shown` are the kinds of unseen text that are text all the same. The walk counts the characters outside links:
    those that it has read and, for each kind, those that it has left out.
    """

    def __init__(self, shown: frozenset[Unseen], *, in_body: bool) -> None:
        self.paragraphs: list[str] = []
        self.hrefs: dict[str, None] = {}
        self.shown = 0
        self.unseen = dict.fromkeys(Unseen, 0)
        self._in_body = in_body
        self._kinds_shown = shown
        self._others: set[int] = set()
        self._links = 0
        self._pieces: list[str] = []
        self._pre = 0
        # For each open row, the number of paragraphs before each border of its cells.
        self._rows: list[list[int]] = []

    def is_left_out(self, tag: Tag) -> bool:
        """Return True for a tag without text: of no such kind, unseen, page furniture or a list of other posts."""
        if _is_dropped(tag) or id(tag) in self._others:
            return True
        kind = visibility.unseen(tag.name, tag.attrs)
        if kind is not None and kind not in self._kinds_shown:
            chars = _prose_chars(tag)
            if kind is Unseen.HIDDEN and chars >= visibility.MIN_FOLDED_CHARS and _is_folded(tag):
                return False
            self.unseen[kind] += chars
            return True
        if related_posts.is_block(tag, in_body=self._in_body):
            return True
        others = related_posts.below_heading(tag)
        self._others.update(map(id, others))
        return bool(others)

    def enter(self, tag: Tag, stack: list[object]) -> None:
        name = tag.name
        if name == "br":
            self._pieces.append("\n")
            return
        if (text := self._rewritten(tag)) is not None:
            self.add_text(text)
            return
        if name == "a" and (href := attr(tag, "href")):
            self.hrefs.setdefault(href.strip())
            self._links += 1
            stack.append(_End.LINK)
        if name in _BLOCKS:
            self.flush()
            stack.append(_End.BLOCK)
            if name == "pre":
                self._pre += 1
                stack.append(_End.PRE)
            elif name == "tr":
                self._rows.append([len(self.paragraphs)])
                stack.append(_End.ROW)
            elif name in {"td", "th"} and self._rows:
                self._rows[-1].append(len(self.paragraphs))
                stack.append(_End.CELL)
        stack.extend(reversed(tag.contents))

    def _rewritten(self, tag: Tag) -> str | None:
        """Return the text in the place of a tag: an e-mail address that is obfuscated, or a footnote mark."""
        if visibility.is_raised(tag.name, tag.attrs):
            around = [each for each in (tag, tag.parent) if each is not None and each.name == "a"]
            link = around[0] if around else tag.find("a")
            before = "".join(self._pieces[-_MARK_PIECES:])
            written = one_line(tag) if tag.name == "sup" else label(tag)
            mark = visibility.footnote_mark(tag.name, before, written, tag.attrs, link.attrs if link else {})
            if mark is not None or tag.name == "sup":
                return mark
        if "data-cfemail" in tag.attrs or (tag.name == "a" and visibility.EMAIL_LINK in (attr(tag, "href") or "")):
            return visibility.email_of(tag.attrs, one_line(tag))
        return None

    def add_text(self, text: str) -> None:
        if not self._links:
            self.shown += len(text.strip())
        self._pieces.append(text if self._pre else text.translate(_SPACES))

    def leave(self, end: _End) -> None:
        if end is _End.LINK:
            self._links -= 1
            return
        self.flush()
        if end is _End.PRE:
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
