"""Detector of blocks inside a text that list other posts: by name or heading, if they look like lists of links."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import Any, NamedTuple

from scraper.parsers.elements import attr, contents, label

_PAGE_TAGS = frozenset({"html", "body", "main", "article", "a"})
_BESIDE_TAGS = frozenset({"aside", "nav"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6", "p", "div"})
_WHICH = r"(?:related|latest|recent|popular|trending|recommended|similar|more|other|top)"
_NAMED = re.compile(
    rf"(?:\A|[-_]){_WHICH}[-_]?(?:posts?|articles?|stories|news|entries|reading|comments|headlines)(?:\Z|[-_])"
    r"|\A(?:yarpp|crp[-_]related|rp4wp|wpp-list|lcp_catlist|rpwe-|display-posts-listing|nrelate|wp_rp|taboola|outbrain"
    r"|wp-block-(?:archives|categories|tag-cloud|calendar|rss|page-list|query)\Z)"
)
# Without IGNORECASE, which takes seven times as long.
_MAY_BE_NAMED = re.compile(
    r"post|article|stories|news|entries|reading|comment|headline|yarpp|crp|rp4wp|wpp|lcp|rpwe|nrelate|wp_rp|taboola"
    r"|outbrain|wp-block|widget|sidebar"
)
_WIDGET = re.compile(r"widget(?:_[\w-]{1,60})?|(?:[\w-]{1,60}-)?sidebar")
_HEADING = re.compile(
    rf"(?:our |the )?{_WHICH} (?:news|articles?|posts?|stories|entries|headlines|coverage|(?:press )?releases)"
    r"|related|most (?:popular|read|viewed|recent)|trending(?: now)?|recommended(?: for you)?|more from .{1,80}"
    r"|(?:you )?(?:may|might) also (?:like|be interested in)|read (?:next|also)|also read|what to read next"
    r"|(?:noticias|artículos|entradas) (?:relacionad[oa]s|recientes)|últimas (?:noticias|entradas)"
    r"|(?:notícias|artigos|posts) (?:relacionad[oa]s|recentes)|últimas notícias|leia também|lea también"
    r"|articles (?:similaires|connexes|récents|liés)|(?:à )?lire aussi|dernières (?:nouvelles|actualités)"
    r"|ähnliche (?:beiträge|artikel)|(?:neueste|letzte|aktuelle) (?:beiträge|artikel|nachrichten)"
    r"|articoli (?:correlati|recenti)|leggi anche|ultime notizie"
    r"|(?:похожие|последние|свежие) (?:записи|статьи|новости|материалы)|читайте также|по теме|читайте також"
    r"|اقرأ أيضا|اقرأ أيضاً|مواضيع ذات صلة|أخبار ذات صلة",
    re.IGNORECASE,
)
_MAX_HEADING_CHARS, _MAX_IN_DIV, _MAX_CLASSES = 100, 3, 40
# A block with more nodes is no list beside a text.
_MAX_NODES = 1_000
# An entry of a named block may have an excerpt (WordPress cuts at 55 words); of others, a date and an author.
_WORDS_IN_ENTRY, _WORDS_BESIDE_LINK, _WORDS_IN_LINE, _WORDS_ALONE = 80, 12, 3, 12
_MIN_LINKS = 2
_MAX_SIBLINGS = 40


class _Size(NamedTuple):
    """Number of links in a block, and of words outside them."""

    links: int = 0
    words: int = 0

    def is_links(self, words_beside: int) -> bool:
        """Return True if there are links, and at most so many words beside each."""
        return self.links > 0 and self.words <= words_beside * self.links


def is_block(element: Any, *, in_body: bool) -> bool:
    """Return True for a block that lists other posts. `in_body`: it is inside the text and not just in its page.

    A name alone decides nothing: page builders and Blogger name the article itself a widget, and a block that is not
    closed holds the rest of the article.
    """
    name = element.tag
    classes, own_id = element.get("class", "").lower(), element.get("id", "").lower()
    if name in _PAGE_TAGS or (name not in _BESIDE_TAGS and not _MAY_BE_NAMED.search(f"{classes} {own_id}")):
        return False  # most elements end here
    names = [*classes.split()[:_MAX_CLASSES], own_id]
    if any(map(_NAMED.search, names)):
        size = _measure(element)
        return size is not None and size.words <= _WORDS_ALONE + _WORDS_IN_ENTRY * size.links
    if in_body and (name in _BESIDE_TAGS or any(map(_WIDGET.fullmatch, names))):
        size = _measure(element)
        return size is not None and size.links >= _MIN_LINKS and size.is_links(_WORDS_BESIDE_LINK)
    return False


def below_heading(element: Any) -> list[Any]:
    """Return the links to other posts below a heading that names them so ("Latest posts"); empty for others."""
    if element.tag not in _HEADINGS or len(element.text or "") > _MAX_HEADING_CHARS:
        return []
    if element.tag == "div" and len(contents(element, _MAX_IN_DIV + 1)) > _MAX_IN_DIV:
        return []
    following = islice(element.itersiblings(), _MAX_SIBLINGS)
    nearest = next(following, None)
    if nearest is None or next(nearest.iter("a"), None) is None:
        return []  # most headings and paragraphs end here, before their text is joined
    line = label(element)
    if len(line) > _MAX_HEADING_CHARS or _HEADING.fullmatch(line.strip(" :»›").strip()) is None:
        return []
    found, links = list[Any](), 0
    for sibling in chain([nearest], following):
        size = _measure(sibling)
        beside = _WORDS_IN_LINE if sibling.tag == "p" else _WORDS_BESIDE_LINK
        if size is None or not size.is_links(beside):
            break
        found.append(sibling)
        links += size.links
    return found if links >= _MIN_LINKS else []


def _measure(element: Any) -> _Size | None:
    """Count the links of a block and its words outside them; None if it is too large for a list beside a text."""
    links = words = 0
    stack = [element]
    for _ in range(_MAX_NODES):
        if not stack:
            return _Size(links, words)
        node = stack.pop()
        if isinstance(node, str):
            words += len(node.split())
        elif node.tag == "a" and attr(node, "href"):
            links += 1
        elif node.tag not in {"script", "style"}:
            stack.extend(contents(node, _MAX_NODES))
    return None
