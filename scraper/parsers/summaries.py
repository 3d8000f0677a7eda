"""Rule that decides if the body of an item in a feed is only a summary of its page (pure)."""

import re
from collections.abc import Sequence

_CUT = ("[…]", "[...]")
_CUT_SUMMARY = (*_CUT, "…", "...")
_MORE = re.compile(r"(?:read|continue|view) (?:more|reading|full)\b.{0,200}", re.IGNORECASE)
# Plugins of WordPress add it to whole texts too.
_CREDIT = re.compile(r"the post .{1,400} appeared first on .*", re.IGNORECASE)
# Teasers without a sign of their cut are no longer, unless a site has changed its settings: by default, WordPress cuts
# after 55 words, Blogger after 400 characters and Drupal after 600.
_TEASER_CHARS = 600
# With "Read more" at its end, only a long body is an article that ends with a link to another one.
_MORE_CHARS = 2_000


def is_summary(paragraphs: Sequence[str], *, is_content: bool, is_state: bool) -> bool:
    """Return True if a body may be only a summary. Then its page is fetched, and decides.

    `is_content` is True if the format defines the body as the whole text: `content:encoded`, Atom's `content`, JSON
    Feed's `content_html` and `content_text`. RSS defines `description` as a synopsis, in which some sites send whole
    texts all the same. A summary taken for the text hides what the page says; the opposite costs one request.

    `is_state` is True for an item of State's own. Its short announcements are whole texts without any other element,
    and an import has no page that could decide, so there only the sign of a cut counts.
    """
    rest = list(paragraphs)
    if rest and _CREDIT.fullmatch(rest[-1]):
        rest.pop()
    has_more = bool(rest) and _MORE.fullmatch(rest[-1]) is not None
    if has_more:
        rest.pop()
    if not rest or rest[-1].endswith(_CUT if is_content else _CUT_SUMMARY):
        return True
    chars = sum(map(len, rest))
    return chars < _MORE_CHARS if has_more else chars <= _TEASER_CHARS and not (is_content or is_state)
