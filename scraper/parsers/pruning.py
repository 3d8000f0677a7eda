"""Filter of a tree for the finders of main text: removes what no reader sees, by the rules of `visibility`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from scraper.parsers.folded_text import is_folded
from scraper.parsers.visibility import Unseen, email_of, footnote_mark, is_obfuscated, is_raised, unseen


def prune(root: Any, shown: Collection[Unseen] = ()) -> None:
    """Remove what is unseen from a tree of `lxml.html`, but show the kinds in `shown`."""
    for element in list(root.iter("*")):
        parent = element.getparent()
        if parent is None:
            continue
        reason = unseen(element)
        if reason is Unseen.HIDDEN and is_folded(element):
            for name in ("hidden", "style", "popover", "aria-hidden", "class"):
                element.attrib.pop(name, None)
            reason = None
        if reason is None:
            _rewrite(element, parent)
        elif reason not in shown:
            element.drop_tree()
        elif reason is Unseen.STRUCK:
            element.tag = "span"
        if reason in shown:
            for name in ("hidden", "style", "popover"):
                element.attrib.pop(name, None)


def _rewrite(element: Any, parent: Any) -> None:
    """Write an e-mail address or a footnote mark as text."""
    text = None
    if is_raised(element):
        previous = element.getprevious()
        before = (parent.text if previous is None else previous.tail) or ""
        text = footnote_mark(element, before, "".join(element.itertext()))
    elif is_obfuscated(element):
        text = email_of(element, "".join(element.itertext()) if len(element) < 3 else "")
    if text is not None:
        del element[:]
        element.text = text
