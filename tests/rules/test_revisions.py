"""Tests of the rules of revisions: every rule by example, and properties of any sequence of polls."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Event, EventKind, Grade, Item, Part, PublicationState, Revision, Role, Statement, Wording
from scraper.rules import wordings
from scraper.rules.holding import HeldText
from scraper.rules.placeholders import Absence
from scraper.rules.revisions import (
    FLAP_WINDOW,
    ItemObservation,
    RevisionDecision,
    RevisionTurn,
    StatementHistory,
    derive,
)
from scraper.rules.wordings import build_wording, wording_keys

if TYPE_CHECKING:
    from scraper.store import Store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://www.state.gov/lamps-for-harbour/"
GUID = "https://www.state.gov/?page_id=7"
QUILL, MARSH = "Ana Quill, Secretary of State", "Bea Marsh, Spokesperson"
TITLE = "Lamps for Harbour"
FIRST = "The United States gives ten lamps to the keepers of Harbour, who have waited since the storm."
SECOND = "Keeper Dali said that they will be lit on the pier before winter comes."
TEXT = (FIRST, SECOND)
OTHER = (FIRST.replace("ten", "twelve"), SECOND)
THIRD = (FIRST.replace("ten", "some"), SECOND)
TOUCHED = (FIRST.replace("Harbour,", "Harbour"), SECOND)


def item(paragraphs: tuple[str, ...] = TEXT, **given: Any) -> Item:
    return Item(**{"url": URL, "title": TITLE, "guid": GUID, "byline": QUILL, "paragraphs": paragraphs} | given)


@dataclass
class Watch:
    """One statement, kept in memory in the way of the store."""

    statement: Statement | None = None
    turns: list[RevisionTurn] = field(default_factory=list)
    looks: list[tuple[int, Wording]] = field(default_factory=list)
    readings: dict[str, tuple[int | None, Wording | None]] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)

    def see(
        self, seen: Item, hours: float = 0, *, parser: str = "feed", role: Role = Role.CANONICAL, **how: Any
    ) -> RevisionDecision:
        poll = ItemObservation("press", role, parser, NOON + hours * HOUR, **how)
        decision = derive(seen, self.known(parser), poll)
        if decision.read is not None:
            self._apply(decision, seen, poll)
        return decision

    def known(self, parser: str) -> StatementHistory | None:
        if self.statement is None:
            return None
        number, own = self.readings.get(parser, (None, None))
        last_read = self.turns[number - 1].revision.wording if number else own
        looks = frozenset(wording for revision, wording in self.looks if revision == self.statement.revision)
        return StatementHistory(self.statement, tuple(self.turns), looks, last_read, frozenset(self.aliases))

    def _apply(self, decision: RevisionDecision, seen: Item, poll: ItemObservation) -> None:
        known, wording, at = self.known(poll.parser), decision.wording, poll.at
        turned_at = at if decision.turned else None
        count = wording_keys(wording).word_count
        if decision.new_revision:
            assert decision.revision == len(self.turns) + 1
            revision = Revision(decision.revision, wording, count, at, at, decision.grade)
            self.turns.append(RevisionTurn(revision, turned_at))
        elif decision.new_rendering:
            old = self.turns[decision.revision - 1]
            if old.revision.wording != wording:
                self.looks.append((decision.revision, old.revision.wording))
            revision = replace(old.revision, wording=wording, words=count)
            self.turns[decision.revision - 1] = RevisionTurn(revision, turned_at or old.turned_at)
        if self.statement is None:
            self.statement = Statement(1, seen.guid or "", URL, "", PublicationState.CURRENT, 1, 1, 0, at, at)
        changes = {"byline": seen.byline, "modified_at": seen.modified_at, "clock": poll.clock}
        self.statement = replace(
            self.statement,
            url=decision.url,
            title=wording.title,
            state=PublicationState.CURRENT,
            revision=decision.revision,
            revisions=len(self.turns),
            last_seen_at=at,
            **{name: value for name, value in changes.items() if value},
        )
        if decision.seen_revision is not None:
            turn = self.turns[decision.seen_revision - 1]
            self.turns[decision.seen_revision - 1] = replace(turn, revision=replace(turn.revision, last_seen_at=at))
        self.aliases.add(decision.url)
        if decision.read != (known.last_read if known else None):
            own = decision.read if decision.seen_revision is None else None
            self.readings[poll.parser] = (decision.seen_revision, own)

    @property
    def stands(self) -> Wording:
        assert self.statement is not None
        return self.turns[self.statement.revision - 1].revision.wording

    def was(self, **changes: Any) -> Watch:
        """The same, with something else known of the statement."""
        assert self.statement is not None
        self.statement = replace(self.statement, **changes)
        return self


@pytest.fixture
def watch() -> Watch:
    """A statement that the feed carried at noon."""
    watch = Watch()
    watch.see(item())
    return watch


def kinds(decision: RevisionDecision) -> list[str]:
    return [event.kind.removeprefix("statement.") for event in decision.events]


def only(decision: RevisionDecision) -> Event:
    (event,) = decision.events
    return event


# Published


@pytest.mark.parametrize(
    ("first_fill", "role", "backfill"),
    [(False, Role.CANONICAL, False), (True, Role.CANONICAL, True), (False, Role.ARCHIVE, True)],
)
def test_statements_from_before_monitoring_began_are_backfill(first_fill: bool, role: Role, backfill: bool) -> None:
    decision = Watch().see(item(url="http://state.gov/lamps/?utm_source=rss"), role=role, first_fill=first_fill)
    assert only(decision) == Event(
        EventKind.PUBLISHED,
        NOON,
        "press",
        guid=GUID,
        url="https://www.state.gov/lamps/",
        title=TITLE,
        revision=1,
        backfill=backfill,
    )
    assert (decision.revision, decision.seen_revision, decision.new_revision, decision.turned) == (1, 1, True, False)
    assert decision.wording == decision.read == Wording(TITLE, f"{FIRST}\n\n{SECOND}")


def test_a_stale_answer_may_bring_a_statement_never_seen() -> None:
    assert kinds(Watch().see(item(), stale=True)) == ["published"]


def test_the_byline_in_the_body_is_no_wording() -> None:
    assert Watch().see(item((QUILL, *TEXT))).wording == Watch().see(item()).wording


def test_the_same_text_under_another_guid_is_a_repost(watch: Watch) -> None:
    again = item(guid="https://www.state.gov/?page_id=8", url=f"{URL.rstrip('/')}-2/")
    published, reposted = derive(
        again, None, ItemObservation("press", Role.CANONICAL, "feed", NOON), watch.statement
    ).events
    assert published.kind is EventKind.PUBLISHED
    assert (reposted.kind, reposted.before, reposted.after) == (EventKind.REPOSTED, GUID, again.guid)
    assert reposted.url == published.url


def test_a_statement_without_a_body_is_published_with_what_there_is() -> None:
    assert Watch().see(item((QUILL,))).wording == Wording(TITLE, "")


# What counts for nothing


@pytest.mark.parametrize(
    ("seen", "hours", "how"),
    [
        pytest.param({}, 1, {"stale": True}, id="stale answer"),
        pytest.param({}, -0.1, {}, id="older capture"),
        pytest.param({}, 1, {"clock": NOON - HOUR}, id="answer with an older clock"),
        pytest.param({"modified_at": NOON - 2 * HOUR}, 1, {"progressed": True}, id="older modified"),
    ],
)
def test_an_older_capture_revises_nothing(
    watch: Watch, seen: dict[str, Any], hours: float, how: dict[str, Any]
) -> None:
    watch.was(clock=NOON, modified_at=NOON - HOUR)
    before = watch.known("feed")
    decision = watch.see(item(OTHER, title="Other", url=f"{URL}x/", byline=MARSH, **seen), hours, **how)
    assert (decision.events, decision.read, decision.problem) == ((), None, None)
    assert (decision.wording, decision.revision, decision.url) == (watch.stands, 1, URL)
    assert watch.known("feed") == before


HELD = HeldText(NOON, NOON + 24 * HOUR, 3)


def test_a_new_wording_with_an_old_clock_is_held_and_released(watch: Watch) -> None:
    watch.was(clock=NOON)
    held = watch.see(item(OTHER), 1, clock=NOON - HOUR)
    assert (held.events, held.read, held.held_key is None) == ((), None, False)
    assert watch.see(item(OTHER), 2, stale=True).held_key == held.held_key
    assert kinds(watch.see(item(OTHER), 24, clock=NOON - HOUR, held=HELD)) == ["revised"]
    assert watch.statement is not None
    assert watch.statement.clock == NOON - HOUR  # from now on it is measured by that


def test_an_earlier_wording_with_an_old_clock_is_not_even_held(watch: Watch) -> None:
    watch.see(item(OTHER, title="Other"), 1)
    # Of a title and a body from two wordings, a cache between two changes makes a third.
    for seen in (item(), item(title="Other"), item(OTHER)):
        assert watch.see(seen, 2, stale=True).held_key is None


def test_times_in_the_future_were_never_true(watch: Watch) -> None:
    watch.was(clock=NOON + 9 * HOUR, modified_at=NOON + 9 * HOUR)
    assert kinds(watch.see(item(OTHER, modified_at=NOON), 1, clock=NOON)) == ["revised"]


@pytest.mark.parametrize("absence", [None, *Absence])
def test_a_text_that_is_gone_is_held_and_then_a_withdrawal_once(watch: Watch, absence: Absence | None) -> None:
    gone = item((), absence=absence)
    held = watch.see(gone, 1)
    assert (held.events, held.held_key is None) == ((), False)
    event = only(watch.see(gone, 25, held=HELD))
    assert (event.kind, event.after) == (EventKind.WITHDRAWN, absence or Absence.BLANK)
    assert event.reason_texts[0].endswith(": 3 checks since 2026-03-02 12:00 UTC")
    assert watch.was(state=PublicationState.WITHDRAWN).see(gone, 26, held=HELD).events == ()
    assert kinds(watch.see(item(), 27)) == ["restored"]


def test_a_title_in_place_of_none_is_no_retitling() -> None:
    watch = Watch()
    watch.see(item(title="(no title)"))
    assert kinds(watch.see(item(), 1)) == []
    assert watch.stands.title == TITLE


@pytest.mark.parametrize("clock", [None, NOON, NOON + HOUR])
def test_an_answer_with_an_equal_a_later_or_no_clock_counts(watch: Watch, clock: datetime | None) -> None:
    assert kinds(watch.was(clock=NOON).see(item(OTHER), 1, clock=clock)) == ["revised"]


def test_modified_alone_is_never_an_event(watch: Watch) -> None:
    watch.was(modified_at=NOON)
    decision = watch.see(item(modified_at=NOON + HOUR), 1)
    assert (decision.events, decision.read) == ((), watch.stands)
    assert watch.see(item(OTHER, modified_at=NOON + HOUR), 2).read is not None


def test_an_equal_item_only_updates_the_time_of_the_last_sighting(watch: Watch) -> None:
    decision = watch.see(item(), 1)
    assert (decision.events, decision.seen_revision, decision.new_revision, decision.new_rendering) == (
        (),
        1,
        False,
        False,
    )
    assert watch.turns[0].revision.last_seen_at == NOON + HOUR


@pytest.mark.parametrize("paragraphs", [(), (QUILL,), ("***", "—")])
def test_an_emptied_body_is_a_broken_page_and_nothing_else(watch: Watch, paragraphs: tuple[str, ...]) -> None:
    decision = watch.was(state=PublicationState.WITHDRAWN).see(
        item(paragraphs, title="Other", url=f"{URL}x/", byline=None), 1
    )
    assert decision.problem == f"{URL}x/: the page has no text any more"
    assert (decision.events, decision.read) == ((), None)


def test_a_body_that_comes_after_all_is_a_revision() -> None:
    watch = Watch()
    watch.see(item(()))
    assert watch.see(item(()), 0.5).problem is None
    decision = watch.see(item(), 1)
    assert kinds(decision) == ["revised"]
    assert only(decision).grade is Grade.MATERIAL


# Revised, retitled, touched


def test_other_words_in_the_body_are_a_graded_revision(watch: Watch) -> None:
    decision = watch.see(item(OTHER), 1)
    event = only(decision)
    assert (event.kind, event.part, event.grade) == (EventKind.REVISED, Part.BODY, Grade.MATERIAL)
    assert event.reason_texts == ("number: ten → twelve",)
    assert (event.before, event.after) == ("ten", "twelve")
    assert (event.statement_id, event.guid, event.url, event.title, event.at) == (1, GUID, URL, TITLE, NOON + HOUR)
    assert (decision.revision, decision.grade, decision.turned) == (2, Grade.MATERIAL, True)
    assert (decision.new_revision, decision.new_rendering, decision.seen_revision) == (True, False, 2)
    assert watch.see(item(OTHER), 2).events == ()


def test_a_word_of_no_weight_is_a_minor_revision(watch: Watch) -> None:
    decision = watch.see(item((FIRST.replace("gives", "sends"), SECOND)), 1)
    assert (only(decision).grade, decision.grade) == (Grade.MINOR, Grade.MINOR)


def test_differing_passages_are_listed_in_order_and_bounded(watch: Watch) -> None:
    event = only(watch.see(item((FIRST.replace("ten", "twelve"), SECOND.replace("will", "may"))), 1))
    assert (event.before, event.after) == ("ten … will", "twelve … may")
    event = only(watch.see(item((*TEXT, "More lamps follow them. " * 99)), 2))
    assert event.before == "twelve … may"
    assert event.after
    assert len(event.after) <= 400


def test_a_new_title_is_reported_whole(watch: Watch) -> None:
    event = only(watch.see(item(title="Boats for Harbour"), 1))
    assert (event.kind, event.part, event.grade) == (EventKind.RETITLED, Part.TITLE, Grade.MINOR)
    assert (event.before, event.after, event.title) == (TITLE, "Boats for Harbour", "Boats for Harbour")


def test_title_and_body_at_once_are_two_events_and_one_revision(watch: Watch) -> None:
    decision = watch.see(item(OTHER, title="Boats for Harbour"), 1)
    assert kinds(decision) == ["revised", "retitled"]
    assert (decision.revision, decision.grade) == (2, Grade.MATERIAL)
    assert {event.title for event in decision.events} == {"Boats for Harbour"}


@pytest.mark.parametrize(
    ("seen", "reported"),
    [
        (item(TOUCHED), [(Part.BODY, FIRST, TOUCHED[0])]),
        (item(title="Lamps For Harbour"), [(Part.TITLE, TITLE, "Lamps For Harbour")]),
        (
            item(TOUCHED, title="Lamps For Harbour"),
            [(Part.BODY, FIRST, TOUCHED[0]), (Part.TITLE, TITLE, "Lamps For Harbour")],
        ),
    ],
)
def test_another_rendering_of_the_same_words_is_a_touch(
    watch: Watch, seen: Item, reported: list[tuple[Part, str, str]]
) -> None:
    decision = watch.see(seen, 1)
    assert {(event.kind, event.grade) for event in decision.events} == {(EventKind.TOUCHED, Grade.COSMETIC)}
    assert [(event.part, event.before, event.after) for event in decision.events] == reported
    assert (decision.revision, decision.new_revision, decision.new_rendering) == (1, False, True)
    assert watch.see(seen, 2).events == ()


@pytest.mark.parametrize(
    "paragraphs", [(f"{FIRST} {SECOND}",), (FIRST.replace("The ", "The\u00a0"), SECOND), (f"{FIRST}\n{SECOND}",)]
)
def test_white_space_and_paragraphs_are_nothing(watch: Watch, paragraphs: tuple[str, ...]) -> None:
    assert watch.see(item(paragraphs), 1).events == ()


def test_a_revised_body_and_a_touched_title_are_one_event(watch: Watch) -> None:
    seen = item(OTHER, title="Lamps For Harbour")
    decision = watch.see(seen, 1)
    assert kinds(decision) == ["revised", "touched"]
    assert decision.wording.title == "Lamps For Harbour"
    assert watch.see(seen, 2, progressed=True).events == ()


def test_a_flapping_rendering_is_reported_once_and_again_if_its_clock_progressed(watch: Watch) -> None:
    assert kinds(watch.see(item(TOUCHED), 1)) == ["touched"]
    for hours in (2, 3):
        assert watch.see(item(), hours).events == ()
    assert watch.stands.text.startswith(TOUCHED[0])
    assert kinds(watch.see(item(), 4, progressed=True)) == ["touched"]
    assert watch.stands.text.startswith(FIRST)


# Going back


def test_a_cache_that_flaps_raises_nothing_twice(watch: Watch) -> None:
    assert kinds(watch.see(item(OTHER), 1)) == ["revised"]
    for hours in range(2, 80):
        decision = watch.see(item(TEXT if hours % 2 else OTHER), hours)
        assert decision.events == ()
        assert decision.revision == 2
    assert len(watch.turns) == 2


def test_one_stale_cache_days_after_a_change_is_no_return(watch: Watch) -> None:
    watch.see(item(OTHER), 1)
    for hours in range(2, 100):
        assert watch.see(item(OTHER), hours).events == ()
    assert watch.see(item(), 100).events == ()
    assert watch.see(item(OTHER), 101).events == ()
    assert watch.stands.text.startswith(OTHER[0])


def test_a_return_counts_at_once_when_the_clock_progressed(watch: Watch) -> None:
    watch.see(item(OTHER), 1)
    decision = watch.see(item(), 2, progressed=True)
    assert only(decision).reason_texts == ("returns to the wording of revision 1", "number: twelve → ten")
    assert (decision.revision, decision.new_revision, decision.new_rendering, decision.turned) == (1, False, True, True)
    assert watch.see(item(), 3).events == ()


def test_a_newer_modified_counts_as_progress(watch: Watch) -> None:
    watch.see(item(OTHER, modified_at=NOON), 1)
    assert kinds(watch.see(item(modified_at=NOON + HOUR), 2)) == ["revised"]


@pytest.mark.parametrize("flapped_first", [True, False])
def test_a_return_that_lasts_a_day_counts(watch: Watch, flapped_first: bool) -> None:
    watch.see(item(OTHER), 1)
    reported = [(hours, *kinds(watch.see(item(), hours))) for hours in range(2 if flapped_first else 20, 40)]
    assert [entry for entry in reported if len(entry) > 1] == [(25, "revised")]


def test_a_return_first_seen_with_an_old_clock_counts_when_the_clock_moves(watch: Watch) -> None:
    watch.see(item(OTHER), 1)
    assert watch.see(item(), 2).events == ()
    assert kinds(watch.see(item(), 3, progressed=True)) == ["revised"]


def test_within_a_day_no_turn_is_reported_twice_and_the_wording_is_right(watch: Watch) -> None:
    assert kinds(watch.see(item(OTHER), 1, progressed=True)) == ["revised"]
    assert kinds(watch.see(item(), 2, progressed=True)) == ["revised"]
    for hours in range(3, 21):
        seen = OTHER if hours % 2 else TEXT
        assert watch.see(item(seen), hours, progressed=True).events == ()
        assert watch.stands.text.startswith(seen[0])
    assert kinds(watch.see(item(OTHER), 26, progressed=True)) == ["revised"]


def test_an_unreported_turn_is_reported_after_a_day(watch: Watch) -> None:
    watch.see(item(OTHER), 1)
    watch.see(item(), 2, progressed=True)
    reported = [(hours, *kinds(watch.see(item(OTHER), hours, progressed=True))) for hours in range(3, 60)]
    assert [entry for entry in reported if len(entry) > 1] == [(25, "revised")]
    watch.see(item(), 61, progressed=True)
    assert [watch.see(item(), hours).events for hours in range(62, 90)] == [()] * 28


def test_the_last_reported_wording_is_not_reported_again_after_an_unreported_turn(watch: Watch) -> None:
    assert kinds(watch.see(item(OTHER), 1)) == ["revised"]
    assert kinds(watch.see(item(THIRD), 2)) == ["revised"]
    assert watch.see(item(OTHER), 3, progressed=True).revision == 2
    decision = watch.see(item(THIRD), 30, progressed=True)
    assert (decision.events, decision.revision) == ((), 3)


def test_a_third_wording_between_is_reported(watch: Watch) -> None:
    watch.see(item(OTHER), 1)
    watch.see(item(), 2, progressed=True)
    assert watch.see(item(THIRD), 3).revision == 3


# Two parsers

PAGE = {"parser": "page"}
CHROME = (*TEXT, "Tags: lamps")


@pytest.mark.parametrize(
    "rendering",
    [
        item(CHROME),
        item(title=f"{TITLE} - Department"),
        item(TOUCHED),
        item(title="LAMPS FOR HARBOUR"),
        item((SECOND,)),
    ],
)
def test_the_first_reading_of_another_parser_is_its_baseline(watch: Watch, rendering: Item) -> None:
    for hours in range(1, 60, 3):
        for seen, parser in ((rendering, "page"), (item(), "feed")):
            assert watch.see(seen, hours, parser=parser, progressed=parser == "feed").events == ()
    assert watch.stands == build_wording(TITLE, TEXT, QUILL)
    assert len(watch.turns) == 1


def test_a_change_is_compared_with_the_last_reading_of_the_same_parser(watch: Watch) -> None:
    watch.see(item(CHROME), 1, **PAGE)
    decision = watch.see(item((*OTHER, "Tags: lamps")), 2, **PAGE)
    assert only(decision).reason_texts == ("number: ten → twelve",)
    assert decision.seen_revision == 2
    assert watch.see(item((*OTHER, "Tags: lamps")), 3, **PAGE).events == ()


def test_a_part_that_did_not_change_for_a_parser_stays(watch: Watch) -> None:
    titled = f"{TITLE} - Department"
    watch.see(item(title=titled), 1, **PAGE)
    decision = watch.see(item(OTHER, title=titled), 2, **PAGE)
    assert kinds(decision) == ["revised"]
    assert decision.wording == build_wording(TITLE, OTHER, QUILL)
    assert watch.see(item(OTHER, title=titled), 3, **PAGE).events == ()
    assert watch.see(item(OTHER), 4).events == ()
    assert len(watch.turns) == 2


def test_a_rendering_that_did_not_change_for_a_parser_stays(watch: Watch) -> None:
    watch.see(item(TOUCHED, title=TITLE.upper()), 1, **PAGE)
    renamed = watch.see(item(TOUCHED, title="Boats for Harbour"), 2, **PAGE)
    assert renamed.wording == Wording("Boats for Harbour", f"{FIRST}\n\n{SECOND}")
    assert watch.see(item(title="Boats for Harbour"), 3).events == ()
    watch.see(item(title="BOATS FOR HARBOUR"), 4, parser="other")
    revised = watch.see(item(OTHER, title="BOATS FOR HARBOUR"), 5, parser="other")
    assert (kinds(revised), revised.wording.title) == (["revised"], "Boats for Harbour")


def test_a_touch_is_compared_with_the_last_reading_of_the_same_parser(watch: Watch) -> None:
    rendered = f"{TITLE} - Department"
    watch.see(item((FIRST, f"“{SECOND}”")), 1, **PAGE)
    event = only(watch.see(item((FIRST, f"“{SECOND}")), 2, **PAGE))
    assert (event.kind, event.before, event.after) == (EventKind.TOUCHED, f"“{SECOND}”", f"“{SECOND}")
    watch.see(item(title=rendered), 3, parser="other")
    assert watch.see(item(title=rendered.upper()), 4, parser="other").events == ()


@pytest.mark.parametrize("rendered", [{}, {"title": f"{TITLE} - Department"}, {"title": TITLE.upper()}])
@pytest.mark.parametrize("first", ["feed", "page"])
def test_one_change_that_two_parsers_read_is_reported_once(watch: Watch, rendered: dict[str, Any], first: str) -> None:
    watch.see(item(**rendered), 1, **PAGE)
    reported = []
    for hours in range(2, 50):
        for parser in ("feed", "page") if first == "feed" else ("page", "feed"):
            extra = rendered if parser == "page" else {}
            reported += kinds(watch.see(item(OTHER, **extra), hours, parser=parser, progressed=parser == "feed"))
    assert reported == ["revised"]
    assert len(watch.turns) == 2


def test_a_parser_that_lags_behind_is_no_return(watch: Watch) -> None:
    watch.see(item(), 1, **PAGE)
    watch.see(item(OTHER), 2, progressed=True)
    for hours in range(3, 60):
        assert watch.see(item(), hours, **PAGE).events == ()
        assert watch.see(item(OTHER), hours + 0.5, progressed=True).events == ()
    assert watch.see(item(OTHER), 61, **PAGE).events == ()


def test_a_parser_that_reads_another_rendering_of_other_words_only_records_it(watch: Watch) -> None:
    watch.see(item(CHROME), 1, **PAGE)
    decision = watch.see(item((*TEXT, "TAGS: LAMPS")), 2, **PAGE)
    assert (decision.events, decision.seen_revision, decision.new_rendering) == ((), None, False)


# The byline


def test_another_byline_is_reattributed_and_no_revision(watch: Watch) -> None:
    event = only(watch.see(item((MARSH, *TEXT), byline=MARSH), 1))
    assert (event.kind, event.before, event.after) == (EventKind.REATTRIBUTED, QUILL, MARSH)
    assert event.grade is None
    assert watch.see(item((MARSH, *TEXT), byline=MARSH), 2).events == ()


@pytest.mark.parametrize("byline", [None, "", "ANA QUILL — Secretary of State"])
def test_a_missing_byline_or_another_spelling_is_nothing(watch: Watch, byline: str | None) -> None:
    assert watch.see(item(byline=byline), 1).events == ()


def test_a_byline_that_comes_after_all_is_nothing() -> None:
    watch = Watch()
    watch.see(item(byline=None))
    assert watch.see(item((QUILL, *TEXT)), 1).events == ()


def test_a_byline_that_an_endpoint_leaves_in_the_body_is_no_revision(watch: Watch) -> None:
    for hours in (1, 2):
        assert watch.see(item((QUILL, *TEXT), byline=None), hours).events == ()
        assert watch.see(item((QUILL, *TEXT), byline=None), hours, **PAGE).events == ()


def test_a_byline_that_slips_into_the_body_is_no_revision_for_another_parser(watch: Watch) -> None:
    watch.see(item(CHROME), 1, **PAGE)
    assert watch.see(item((QUILL, *CHROME), byline=None), 2, **PAGE).events == ()


def test_a_byline_that_the_known_text_carries_is_taken_off_without_an_event() -> None:
    watch = Watch()
    watch.see(item((QUILL, *TEXT), byline=None))
    decision = watch.see(item(), 1)
    assert (decision.events, decision.new_rendering, decision.revision) == ((), True, 1)
    assert watch.stands == build_wording(TITLE, TEXT, QUILL)


@pytest.mark.parametrize("polls", [1, 2, 5])
def test_the_body_may_follow_the_field_of_the_byline_later(watch: Watch, polls: int) -> None:
    watch.see(item((QUILL, *TEXT)), 0.5)
    reported = [kinds(watch.see(item((QUILL, *TEXT), byline=MARSH), 1 + n)) for n in range(polls)]
    assert reported == [["reattributed"], *[[]] * (polls - 1)]
    assert watch.see(item((MARSH, *TEXT), byline=MARSH), 20).events == ()
    assert watch.stands == build_wording(TITLE, TEXT, QUILL)
    assert len(watch.turns) == 1


def test_byline_and_wording_at_once_are_two_events(watch: Watch) -> None:
    assert kinds(watch.see(item((MARSH, *OTHER), byline=MARSH), 1)) == ["revised", "reattributed"]


# The address


def test_another_address_is_a_move(watch: Watch) -> None:
    moved = "https://www.state.gov/releases/2026/03/lamps-for-harbour/"
    decision = watch.see(item(url=moved), 1)
    assert (only(decision).kind, only(decision).before, only(decision).after) == (EventKind.MOVED, URL, moved)
    assert decision.url == only(decision).url == moved
    assert watch.see(item(url=moved), 2).events == ()


@pytest.mark.parametrize(
    "url",
    [URL.rstrip("/"), URL.replace("https", "http"), f"{URL}?utm_source=rss", f"{URL}#top", URL.replace("www.", "")],
)
def test_slash_scheme_and_tracking_are_no_move(watch: Watch, url: str) -> None:
    for hours, progressed in ((1, False), (2, True)):
        decision = watch.see(item(url=url), hours, progressed=progressed)
        assert (decision.events, decision.url) == ((), URL)


@pytest.mark.parametrize("old", [URL, URL.rstrip("/")])
def test_a_flapping_url_is_reported_once_and_again_if_its_clock_progressed(watch: Watch, old: str) -> None:
    assert kinds(watch.see(item(url=f"{URL}x/"), 1)) == ["moved"]
    for hours in (2, 3):
        assert watch.see(item(url=old), hours).events == ()
    assert kinds(watch.see(item(url=old), 4, progressed=True)) == ["moved"]


def test_an_archive_adds_no_move_and_its_events_are_history(watch: Watch) -> None:
    archived = URL.replace("www", "2021-2025")
    decision = watch.see(item(url=archived), 1, role=Role.ARCHIVE)
    assert (decision.events, decision.url) == ((), URL)
    assert only(watch.see(item(OTHER, url=archived), 2, role=Role.ARCHIVE)).backfill


# Restored


def test_a_withdrawn_statement_that_is_seen_again_is_restored_first(watch: Watch) -> None:
    assert kinds(watch.was(state=PublicationState.WITHDRAWN).see(item(OTHER), 1)) == ["restored", "revised"]
    assert watch.see(item(OTHER), 2).events == ()


# What holds for any run of polls

WORDINGS = [TEXT, OTHER, THIRD, TOUCHED, (*TEXT, "It rained on the pier all night.")]
TITLES = [TITLE, "Lamps For Harbour", "Boats for Harbour"]
POLLS = st.lists(
    st.tuples(st.sampled_from(WORDINGS), st.sampled_from(TITLES), st.booleans(), st.integers(1, 30)), max_size=14
)


def play(
    watch: Watch, polls: list[tuple[tuple[str, ...], str, bool, int]]
) -> list[tuple[float, Item, bool, RevisionDecision]]:
    hours, seen = 0.0, []
    for paragraphs, title, progressed, wait in polls:
        hours += wait
        what = item(paragraphs, title=title)
        seen.append((hours, what, progressed, watch.see(what, hours, progressed=progressed)))
    return seen


@given(POLLS)
def test_revisions_are_the_distinct_wordings_that_stood(polls: list[Any]) -> None:
    watch = Watch()
    stood = {wording_keys(decision.wording).words for _, _, _, decision in play(watch, polls)}
    held = [wording_keys(turn.revision.wording).words for turn in watch.turns]
    assert len(set(held)) == len(held)
    assert set(held) == stood
    assert [turn.revision.number for turn in watch.turns] == list(range(1, len(held) + 1))


@given(POLLS)
def test_every_event_reports_a_difference_and_no_turn_is_reported_twice_in_a_day(polls: list[Any]) -> None:
    reported_at = dict[int, float]()
    stood = reported = wording_keys(Wording("", ""))
    for hours, _, _, decision in play(Watch(), polls):
        stands = wording_keys(decision.wording)
        changes = [event for event in decision.events if event.kind is not EventKind.PUBLISHED]
        for event in changes:
            assert event.grade is not None
            assert (event.grade is Grade.COSMETIC) == (event.kind is EventKind.TOUCHED)
            assert event.reason_texts or event.kind is EventKind.TOUCHED
            assert event.before != event.after
        if decision.turned:
            assert stands.words != reported.words
            assert hours - reported_at.get(decision.revision, -99) >= FLAP_WINDOW / HOUR
            reported_at[decision.revision] = hours
        elif changes:
            assert stands.words == stood.words
            assert stands.visible != stood.visible
        stood, reported = stands, stands if decision.turned or reported.words == ("", "") else reported


@given(POLLS)
def test_if_the_clock_progressed_the_seen_wording_is_current(polls: list[Any]) -> None:
    for _, seen, progressed, decision in play(Watch(), polls):
        if progressed:
            carried = build_wording(seen.title, seen.paragraphs or (), seen.byline)
            assert wording_keys(decision.wording).visible == wording_keys(carried).visible


@given(POLLS, st.sampled_from(WORDINGS))
def test_a_wording_that_lasts_for_a_day_becomes_current(polls: list[Any], last: tuple[str, ...]) -> None:
    watch = Watch()
    hours = sum(wait for *_, wait in polls)
    play(watch, polls)
    for more in range(27):
        decision = watch.see(item(last), hours + more)
    assert wording_keys(decision.wording).words == wording_keys(build_wording(TITLE, last, QUILL)).words


@given(POLLS)
def test_a_parser_that_reads_no_change_changes_and_reports_nothing(polls: list[Any]) -> None:
    watch, hours = Watch(), 0.0
    rendered = item(title=f"{TITLE} - Department")
    watch.see(item())
    watch.see(rendered, **PAGE)
    for paragraphs, title, progressed, wait in polls:
        hours += wait
        watch.see(item(paragraphs, title=title), hours, progressed=progressed)
        before = watch.stands
        assert watch.see(rendered, hours, **PAGE).events == ()
        assert watch.stands == before


@pytest.mark.parametrize(
    "polls",
    [
        [(TEXT, 0, "feed", False), (OTHER, 1, "feed", True), (TEXT, 2, "feed", False), (TEXT, 26, "feed", False)],
        [(TEXT, 0, "feed", False), (TOUCHED, 1, "page", False), (OTHER, 2, "page", False), (OTHER, 3, "feed", True)],
        [(TEXT, 0, "feed", False), (CHROME, 1, "page", False), (TOUCHED, 2, "feed", False), (TEXT, 3, "feed", True)],
        [(TEXT, 0, "feed", False), (OTHER, 1, "feed", True), (TEXT, 2, "feed", True), (OTHER, 3, "feed", True)],
    ],
)
def test_the_store_keeps_statements_as_these_tests_do(store: Store, polls: list[Any]) -> None:
    watch = Watch()
    for paragraphs, hours, parser, progressed in polls:
        seen = item(paragraphs)
        poll = ItemObservation("press", Role.CANONICAL, parser, NOON + hours * HOUR, progressed=progressed)
        with store.unit():
            candidates = store.statements.candidates(seen)
            known = store.statements.known(candidates[0], parser, seen.url) if candidates else None
            decision = derive(seen, known, poll)
            if known is None:
                store.statements.add(seen, decision, poll)
            else:
                store.statements.apply(known, seen, decision, poll)
        assert decision == watch.see(seen, hours, parser=parser, progressed=progressed)
    (statement,) = store.statements.find()
    assert store.statements.revisions(statement.id) == [turn.revision for turn in watch.turns]


def test_the_cache_of_wordings_can_be_cleared() -> None:
    wording = build_wording("Lamps", ("A lamp.",), None)
    before = wording_keys(wording)
    wordings.clear_cache()
    assert build_wording.cache_info().currsize == wording_keys.cache_info().currsize == 0
    assert wording_keys(wording) == before


def test_keys_are_equal_for_wordings_without_a_visible_difference() -> None:
    one, same, other = (
        wording_keys(Wording("Lamps", text)) for text in ("Forty lamps.", "Forty  lamps.", "Ten lamps.")
    )
    assert len({one, same, other}) == 2
    assert one == same != other
