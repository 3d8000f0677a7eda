"""The text of markup that costs too much to parse: tags cut out, in one pass, nothing understood."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Neither end of a tag inside of it, so that a page of "<" is read once.
_TAG = re.compile(r"<[A-Za-z/!?][^<>]{0,4000}>")
_UNSEEN = ("script", "style")


def salvaged(markup: str) -> str:
    """What a reader may see of a page, one stretch between tags a line. Takes time linear in its length."""
    for name in _UNSEEN:
        markup = "".join(_without(markup, name))
    lines = (" ".join(line.split()) for line in html.unescape(_TAG.sub("\n", markup)).splitlines())
    return "\n".join(line for line in lines if line)


def _without(markup: str, name: str) -> Iterator[str]:
    """What stands outside of the elements of a name; one that never ends hides the rest of the page."""
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
