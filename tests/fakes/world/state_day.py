"""Day of State beside hostile mirrors: older statements, five changes, and pages of State's that are no statements."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from fakes.world import texts
from fakes.world.truth import BYLINES, DAY, ExpectedEvent, Fate, Text, Truth, Version, guid
from fakes.world.web import STATE, Document, Release, Web, address, at
from samples import article

from scraper.model import EventKind, Grade

if TYPE_CHECKING:
    from collections.abc import Callable

FAMOUS, SECOND, THIRD = 9120, 9116, 9112
"""Numbers of statements that the mirrors copy, alter and forge; State changes each once."""
NEW = (9130, 9132)
"""Numbers of the statements that State publishes on this day."""
_OLD = tuple(range(9100, 9122, 2))
_TOPIC = "press"
# Shares of the day at which State acts: late ones find what the mirrors have used up by then.
_SHARES = (0.1, 0.3, 0.45, 0.6, 0.75)
_SPREAD = 0.02
# State's pages that are no statements, as one of its themes marks them, by path; the second has the date of today.
_OTHERS = {"about/": "About the Department", "biographies/rosalind-p-quill/": "Rosalind P. Quill"}


def draw(seed: int, days: float) -> tuple[Truth, dict[ExpectedEvent, float]]:
    """Draw State's statements and its five changes with their times in seconds."""
    some = random.Random(f"state's day {seed}")
    end_s = days * DAY
    first_s, revised_s, retitled_s, last_s, again_s = (
        end_s * (share + some.uniform(-_SPREAD, _SPREAD)) for share in _SHARES
    )
    old = {number: _statement(number, -DAY * some.uniform(0.5, 2) - 3600 * place) for place, number in enumerate(_OLD)}
    truth = Truth([_statement(NEW[0], first_s), _statement(NEW[1], last_s)])
    due = {
        ExpectedEvent(EventKind.PUBLISHED, guid(NEW[0])): first_s,
        ExpectedEvent(EventKind.PUBLISHED, guid(NEW[1])): last_s,
    }
    changes: tuple[tuple[int, float, ExpectedEvent, Callable[[Version], Version]], ...] = (
        (
            FAMOUS,
            revised_s,
            ExpectedEvent(EventKind.REVISED, guid(FAMOUS), Grade.MATERIAL),
            lambda v: replace(v, body=texts.material(v.body)),
        ),
        (
            THIRD,
            retitled_s,
            ExpectedEvent(EventKind.RETITLED, guid(THIRD)),
            lambda v: replace(v, title=f"{v.title} and {texts.title(THIRD + 1).split()[-1]}"),
        ),
        (
            SECOND,
            again_s,
            ExpectedEvent(EventKind.REVISED, guid(SECOND), Grade.MATERIAL),
            lambda v: replace(v, body=texts.material(v.body)),
        ),
    )
    for number, at_s, expected, change in changes:
        before = old[number].versions[0]
        after = replace(change(before), since_s=at_s, expected=(expected,))
        old[number] = replace(old[number], versions=(before, after), fate=Fate.REWORDED)
        due[expected] = at_s
    truth.statements += old.values()
    truth.expected = list(due)
    return truth, due


def _statement(number: int, born_s: float) -> Text:
    slug = f"lamps-for-harbour-{number}"
    return Text(number, (_TOPIC,), (Version(born_s, texts.title(number), texts.paragraphs(number), BYLINES[0], slug),))


def add_other_pages(web: Web, at_s: float) -> None:
    """Add State's pages that are no statements; they carry the date of `at_s`."""
    for path, title in _OTHERS.items():
        url = other_url(path)
        page = Release(1, title, texts.paragraphs(len(path)), "", published_at=at(at_s), slug=path.strip("/"))
        body = article(page).replace(page.url.encode(), url.encode())
        kind = "Biography" if path.startswith("bio") else ""
        body = body.replace(b"type-state_press_release", b"type-state_biography" if kind else b"type-page")
        body = body.replace(b'doctype-meta">Press Statement', f'doctype-meta">{kind}'.encode())
        body = body.replace(b"/wp/v2/state_press_release/1", b"/wp/v2/pages/1")
        web.pages[url] = lambda _, body=body: Document(body)


def other_url(path: str) -> str:
    """Return the URL of one of State's pages that are no statements."""
    return f"https://{STATE}/{path}"


OTHER_URLS = tuple(map(other_url, _OTHERS))


def statement_url(number: int) -> str:
    """Return the URL of one of State's statements."""
    return address(f"lamps-for-harbour-{number}")
