"""Tests of the events that a message shows: State's first, and nothing of others in their place."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts_support import (
    DAY,
    REVISED_AT,
    SETTINGS,
    STATEMENT,
    TITLE,
    WITHHELD,
    an_event,
    details,
    every_kind,
    message,
    of_copy,
    of_source,
    published,
    revised,
    unsourced,
)
from hypothesis import given
from hypothesis import strategies as st

from scraper.alerts import sections
from scraper.alerts.compose import compose_message
from scraper.alerts.model import EventDetails
from scraper.alerts.render import MAX_BYTES, render_message
from scraper.alerts.selection import Limits, importance, is_of_state, select
from scraper.model import Event, EventKind, Grade, MessageKind, Relation

if TYPE_CHECKING:
    import pytest


def claims(number: int, words: str = "") -> tuple[EventDetails, ...]:
    return tuple(
        unsourced(page_url=f"https://report.example.com/{n}/", page_title=f"{n} {words}") for n in range(number)
    )


def statements(number: int, words: str = "") -> tuple[EventDetails, ...]:
    made = []
    for n in range(number):
        each = published()
        statement = replace(STATEMENT, id=n + 1, revision=1, title=f"Talks {n} {words}".strip())
        event = replace(each.event, statement_id=n + 1, title=statement.title)
        (first,) = each.revisions
        revisions = (replace(first, wording=replace(first.wording, title=statement.title)),)
        made.append(replace(each, event=event, statement=statement, revisions=revisions))
    return tuple(made)


def test_row_119_a_digest_begins_with_state_and_cuts_others_first() -> None:
    """Sixty claims weigh more than a statement each: three statements are in the subject, and shown first."""
    composed = compose_message(message(*claims(60), *statements(3), kind=MessageKind.DIGEST, statement_id=None, **DAY))
    assert composed.subject == "[statewire] Daily digest: 3 published, 60 unsourced"
    assert [entry.title for entry in composed.entries[:3]] == ["Talks 0", "Talks 1", "Talks 2"]
    assert len(composed.entries) == 50
    assert composed.preview.startswith("Published: Talks 0")
    assert (composed.rest.split(" not")[0], composed.hidden) == ("13 more statements", 13)


def test_row_119_a_bundle_begins_with_state_and_is_called_after_it() -> None:
    """A touch-up weighs less than an altered copy, and is State's."""
    touched = details(an_event(EventKind.TOUCHED, grade=Grade.COSMETIC, before="a “b”", after="a ‘b’"))
    copies = [of_copy(EventKind.COPY_FOUND, Relation.ALTERED) for _ in range(20)]
    composed = compose_message(message(*copies, touched))
    (entry,) = composed.entries
    assert [section.label for section in entry.sections] == ["Touched up", *["Altered copy"] * 11]
    assert composed.subject == f"[statewire] Touched up: {TITLE}"
    assert composed.event == "statement.touched; grade=cosmetic"
    assert composed.hidden == 9


def test_row_119_bulky_texts_of_others_cut_nothing_of_state() -> None:
    """The HTML is bounded: what others fill it with makes room for State's, all of which fits without them."""
    digest = {"kind": MessageKind.DIGEST, "statement_id": None, **DAY}
    own = statements(36, "about the river " * 16)
    for number, hidden in {0: 0, 2: 0, 40: 38}.items():
        of_others = claims(number, "<&>" * 400)
        rendered = render_message(message(*of_others, *own, **digest), SETTINGS, "key")
        assert len(rendered.raw) <= MAX_BYTES
        assert [n for n in range(36) if f"Talks {n} " not in rendered.html] == []
        assert rendered.hidden == hidden


def test_row_119_a_text_of_others_that_cannot_be_rendered_costs_no_mail_about_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("poison")

    monkeypatch.setitem(sections.WRITERS, EventKind.COPY_FOUND, broken)
    poisoned = of_copy(EventKind.COPY_FOUND, Relation.ALTERED)
    rendered = render_message(message(poisoned, revised(), note="Held."), SETTINGS, "key")
    assert rendered.subject == f"[statewire] Revised: {TITLE}"
    words = " ".join(rendered.text.split())
    assert "Held. 1 event of other sites could not be rendered beside State’s: statewire events" in words
    assert "State changed this statement" in words
    assert "could not be rendered" in render_message(message(poisoned), SETTINGS, "key").subject


KINDS = tuple(kind for kind in EventKind if not kind.is_of_source)


@given(
    kinds=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 9)), max_size=60),
    limits=st.tuples(st.integers(1, 8), st.integers(1, 4)),
    others=st.none() | st.tuples(st.integers(1, 8), st.integers(1, 4)),
)
def test_what_is_shown_is_bounded_ordered_and_no_event_of_state_gives_way(
    kinds: list[tuple[EventKind, int]], limits: tuple[int, int], others: tuple[int, int] | None
) -> None:
    events = [EventDetails(Event(kind, REVISED_AT, "x", id=n, statement_id=s)) for n, (kind, s) in enumerate(kinds)]
    bounds = (Limits(*limits), Limits(*others) if others else None)
    found = select(events, *bounds)
    shown = [details.event for group in found.groups for details in group.shown]
    assert found.hidden == len(events) - len(shown)
    assert found.total == len({s for _, s in kinds})
    assert len(found.groups) <= limits[0]
    assert all(1 <= len(group.shown) <= limits[1] for group in found.groups)
    assert all(
        group.more == Counter(s for _, s in kinds)[group.shown[0].event.statement_id] - len(group.shown)
        for group in found.groups
    )
    for group in found.groups:
        ranks = [importance(each.event) for each in group.shown]
        assert ranks == sorted(ranks)
    # State's events are those that are shown without any others.
    own = select([each for each in events if is_of_state(each.event)], *bounds)
    assert [event for event in shown if is_of_state(event)] == [
        details.event for group in own.groups for details in group.shown
    ]


def test_events_of_a_source_are_grouped_by_it() -> None:
    found = select([of_source(EventKind.BLOCKED), of_source(EventKind.BROKEN)], Limits())
    assert [len(group.shown) for group in found.groups] == [2]


def test_the_mail_about_withheld_things_names_guard_subject_number_time_and_remedy() -> None:
    composed = compose_message(every_kind()["withheld"])
    assert composed.subject == "[statewire] Withheld: alerts.max_per_day, alerts: mail length"
    first, second = composed.entries
    assert [row.value.text for row in first.rows][:2] == [
        "desk@example.org, statement 265079: 12 events held, to be sent together in one mail a day after the first,"
        " from 2 Aug 2021, 22:14 EDT to 3 Aug 2021, 01:24 EDT",
        "asia@example.org, statement 265079: 1 event held, to be sent together in one mail a day after the first,"
        " at 3 Aug 2021, 01:24 EDT",
    ]
    assert first.rows[-1].label == "What to do"
    assert "alerts.max_per_day" in first.rows[-1].value.text
    assert re.search("3 events left out", second.rows[0].value.text)


def test_the_mail_about_withheld_things_counts_the_subjects_beyond_twenty() -> None:
    counts = tuple(replace(WITHHELD[0], subject=f"{n}@example.org") for n in range(45))
    (entry,) = compose_message(replace(every_kind()["withheld"], withheld=counts)).entries
    assert [row.value.text.split(":")[0] for row in entry.rows[:20]] == [f"{n}@example.org" for n in range(20)]
    assert entry.rows[20].value.text == "and 25 more subjects: statewire status --json"
