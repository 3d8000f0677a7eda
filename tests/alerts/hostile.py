"""Hostile text that a page may carry to break a mail, and messages that have it in every field."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts_support import REVISIONS, STATEMENT, an_event, details, of_copy, revised, unsourced

from scraper.model import EventKind, Grade, Part, Reason, Relation, Wording
from scraper.rules.events import remarks

if TYPE_CHECKING:
    from scraper.alerts.model import EventDetails

ENCODED_WORD = "=?utf-8?q?hi=0ABcc:_e?="
HOSTILE = {
    "encoded word": ENCODED_WORD,
    "encoded word in pieces": "=\u200b?utf-8?q?hi=0ABcc:_e?=",
    "line break": "Title\r\nBcc: eve@example.com",
    "line separator": "Title\u2028Bcc: eve@example.com\u2029\x85\x0b\x0c\x1c\x1e",
    "nul": "a\x00b",
    "lone surrogate": "a\ud800b \udfff",
    "long word": "x" * 5_000,
    "long word, then a letter beyond ASCII": "x" * 150 + " é",
    "wide letters": "声明 " * 300,
    "overrides": "\u202egpj.exe\u202c \u2066turned\u2069 \u200fmarks",
    "script": "<script>parent.ran=1</script>",
    "attribute": "\" onmouseover='parent.ran=1' x=\"",
    "entity": "&lt;b&gt; &amp; <b>bold</b>",
    "jinja": "{{7*7}} {% for x in y %} {# note #}",
    "format": "{0.__class__} %s %(x)d",
    "private": "\ue000\U000f0000\uffff",
    "only blanks": " \t\n ",
    "nothing": "",
    "many accents": "a" + "\u0301" * 3_000,
    "commas": "eve@example.com, mallory@example.com",
}
ADDRESSES = {
    "script": "javascript:parent.ran=1",
    "data": "data:text/html,<script>parent.ran=1</script>",
    "quote": 'https://www.state.gov/"onclick="parent.ran=1',
    "blank": "https://www.state.gov/a b\r\nBcc: e",
    "other letters": "https://www.ѕtate.gov/",
    "surrogate": "https://www.state.gov/\ud800",
    "unclosed": "https://[::1",
    "long": "https://www.state.gov/" + "x" * 3_000,
}


def hostile_details(words: str, url: str = "javascript:parent.ran=1") -> tuple[EventDetails, ...]:
    """Events of one statement that carry the words, and the URL, in every field that takes text of a page."""
    statement = replace(STATEMENT, title=words, url=url, type=words, byline=words)
    texts = (f"{words} one two three 4.5 four", f"{words} one two three 8.5 four {words}")
    revisions = tuple(replace(r, wording=Wording(words, text)) for r, text in zip(REVISIONS, texts, strict=True))
    changes = (Reason("amount", words, words, Grade.MATERIAL), Reason("sentence added", "", words, Grade.MATERIAL))
    reasons = (*changes, *remarks(words))
    everywhere = {
        "title": words,
        "url": url,
        "before": words,
        "after": url,
        "reasons": reasons,
        "grade": Grade.MATERIAL,
    }
    page = {"page_url": url, "page_title": words}
    copied = of_copy(EventKind.COPY_FOUND, Relation.ALTERED, **everywhere, **page)
    kinds = [kind for kind in EventKind if kind.subject == "statement"]
    return (
        *(
            details(an_event(kind, part=Part.BODY, **everywhere), statement=statement, revisions=revisions)
            for kind in kinds
        ),
        replace(copied, statement=statement, revisions=revisions, page_text=words * 3),
        replace(revised(), statement=statement),
        unsourced(reasons=reasons, after=url, **page),
    )
