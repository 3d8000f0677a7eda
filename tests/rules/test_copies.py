"""Tests of the rules of copies: found, changed, missed, gone, back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper.model import EventKind, Grade, Precision, PublicationState, Reason, Relation, Statement
from scraper.pages import Copy, MirrorPage
from scraper.rules import copies
from scraper.rules.copies import CopyFinding, PageObservation, TimeBasis
from scraper.text.reasons import MAX_REASONS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def statement(key: int = 1, **changes: Any) -> Statement:
    given: dict[str, Any] = {
        "id": key,
        "guid": f"g{key}",
        "url": f"https://www.state.gov/{key}/",
        "title": f"Title {key}",
        "state": PublicationState.CURRENT,
        "revision": 1,
        "revisions": 1,
        "words": 100,
        "first_seen_at": NOON,
        "last_seen_at": NOON,
        "published_at": NOON - HOUR,
        "precision": Precision.SECOND,
    }
    return Statement(**(given | changes))


def finding(key: int = 1, **changes: Any) -> CopyFinding:
    given: dict[str, Any] = {
        "statement": statement(key),
        "revision": 1,
        "relation": Relation.VERBATIM,
        "coverage": 1.0,
        "fidelity": 1.0,
    }
    return CopyFinding(**(given | changes))


def observation(at: datetime = NOON, **changes: Any) -> PageObservation:
    given: dict[str, Any] = {
        "at": at,
        "first_seen_at": at,
        "last_seen_at": at,
        "source": "gazette",
        "page_id": 5,
        "page_url": "https://gazette.example/x/",
        "page_title": "X",
    }
    return PageObservation(**(given | changes))


def copy(**changes: Any) -> Copy:
    (found,) = copies.derive([], {}, [finding()], observation(NOON - DAY)).copies
    return replace(found, **changes)


def page(**changes: Any) -> MirrorPage:
    given: dict[str, Any] = {
        "id": 5,
        "url": "https://gazette.example/x/",
        "source": "gazette",
        "title": "X",
        "relation": Relation.UNSOURCED,
        "first_seen_at": NOON,
        "last_seen_at": NOON,
    }
    return MirrorPage(**(given | changes))


KNOWN = {1: statement(), 2: statement(2)}


def test_a_first_find_is_reported_with_all_facts() -> None:
    decision = copies.derive([], {}, [finding()], observation())
    (event,) = decision.events
    assert (event.kind, event.relation, event.revision, event.coverage, event.fidelity) == (
        EventKind.COPY_FOUND,
        Relation.VERBATIM,
        1,
        1.0,
        1.0,
    )
    assert (event.statement_id, event.guid, event.url, event.title) == (1, "g1", "https://www.state.gov/1/", "Title 1")
    assert (event.page_url, event.page_title, event.source) == ("https://gazette.example/x/", "X", "gazette")
    assert (event.grade, event.reason_texts, event.backfill) == (None, (), False)
    assert decision.copies[0].first_seen_at == NOON


def test_copies_from_before_monitoring_began_are_history_but_not_their_later_changes() -> None:
    began = copies.derive([], {}, [finding()], observation(backfill=True))
    assert began.events[0].backfill
    changed = copies.derive(began.copies, KNOWN, [finding(coverage=0.5)], observation(NOON + DAY, backfill=True))
    assert [(e.kind, e.backfill) for e in changed.events] == [(EventKind.COPY_CHANGED, False)]


@pytest.mark.parametrize(
    ("changes", "is_reported"),
    [
        ({}, False),
        ({"coverage": 0.96}, False),
        ({"coverage": 0.94}, True),
        ({"relation": Relation.EXCERPT}, True),
        ({"differences": (Reason("number", "4", "5", Grade.MATERIAL),)}, True),
        ({"revision": 2}, False),
        ({"evidence": ("the title is the statement’s",)}, False),
        ({"outdated": True}, True),
    ],
)
def test_changes_of_a_copy_that_are_reported(changes: dict[str, Any], is_reported: bool) -> None:
    decision = copies.derive([copy()], KNOWN, [finding(**changes)], observation())
    assert [event.kind for event in decision.events] == [EventKind.COPY_CHANGED] * is_reported
    (kept,) = decision.copies
    assert (kept.first_seen_at, kept.last_seen_at) == (NOON - DAY, NOON)
    assert kept.coverage == changes.get("coverage", 1.0)


def test_a_change_says_what_the_copy_was_and_is() -> None:
    new = finding(relation=Relation.EXCERPT, outdated=True, coverage=0.38)
    (event,) = copies.derive([copy()], KNOWN, [new], observation()).events
    assert (event.before, event.after) == (
        "verbatim of revision 1, 100%",
        "excerpt of revision 1, 38%, outdated",
    )
    translated = finding(relation=Relation.TRANSLATED, coverage=0.0)
    assert copies.copy_summary(translated) == "translated of revision 1"


def test_a_copy_that_only_state_has_changed_has_only_what_state_changed() -> None:
    altered = {"relation": Relation.ALTERED, "grade": Grade.MINOR, "differences": (D,)}
    since = {"outdated": True, "changed_since": (AMOUNT,), "changed_grade": Grade.MATERIAL}
    old = copy(relation=Relation.ALTERED, differences=("d",))
    (event,) = copies.derive([old], KNOWN, [finding(**altered, **since)], observation()).events
    assert (event.before, event.after, event.outdated, event.relation) == (None, None, True, Relation.ALTERED)
    assert event.reason_texts == ("State has changed since: amount: 1 → 2",)
    other = copy(relation=Relation.ALTERED, differences=("e",))
    shorter = replace(old, coverage=0.8)
    for each in (other, shorter):
        (event,) = copies.derive([each], KNOWN, [finding(**altered, **since)], observation()).events
        assert event.reason_texts == ("d", "State has changed since: amount: 1 → 2")
        assert event.before is not None
    # Of a page that was not fetched, the share changes because State's text is longer or shorter.
    rematch = observation(is_rematch=True)
    (event,) = copies.derive([shorter], KNOWN, [finding(**altered, **since)], rematch).events
    assert event.before is None


def test_outdated_by_another_revision_than_before_is_reported() -> None:
    old = copy(outdated=True, revision=1)
    new = finding(outdated=True, revision=2)
    assert len(copies.derive([old], KNOWN, [new], observation()).events) == 1


def test_another_parser_replaces_the_known_copies_without_an_event() -> None:
    decision = copies.derive([copy()], KNOWN, [finding(coverage=0.2)], observation(same_parser=False))
    assert decision.events == ()
    assert decision.copies[0].coverage == 0.2


def test_an_alteration_that_only_another_parser_reads_is_reported() -> None:
    altered = finding(relation=Relation.ALTERED)
    (event,) = copies.derive([copy()], KNOWN, [altered], observation(same_parser=False)).events
    assert (event.kind, event.relation) == (EventKind.COPY_CHANGED, Relation.ALTERED)


D = Reason("", "d", "", Grade.MINOR)
AMOUNT = Reason("amount", "1", "2", Grade.MATERIAL)


def test_how_much_it_matters() -> None:
    altered = {"relation": Relation.ALTERED, "grade": Grade.MINOR, "differences": (D,)}
    since = {"changed_since": (AMOUNT,), "changed_grade": Grade.MATERIAL}
    for changes, grade, reasons in (
        ({"grade": Grade.COSMETIC}, None, ()),
        (altered, Grade.MINOR, ("d",)),
        ({**since, "outdated": True}, Grade.MATERIAL, ("State has changed since: amount: 1 → 2",)),
        (
            {**altered, **since, "outdated": True},
            Grade.MATERIAL,
            ("d", "State has changed since: amount: 1 → 2"),
        ),
        ({"statement": statement(state=PublicationState.WITHDRAWN)}, None, ("State has withdrawn the statement",)),
    ):
        (event,) = copies.derive([], {}, [finding(**changes)], observation()).events
        assert (event.grade, event.reason_texts) == (grade, reasons)
        is_since = "changed_since" in changes
        assert (replace(AMOUNT, by_state=True) in event.reasons, D in event.reasons) == (is_since, "d" in reasons)


def test_an_event_names_some_differences_and_counts_the_others() -> None:
    many = tuple(Reason("number", str(n), "x", Grade.MATERIAL) for n in range(MAX_REASONS + 3))
    (event,) = copies.derive([], {}, [finding(relation=Relation.ALTERED, differences=many)], observation()).events
    assert event.reason_texts == (*map(str, many[:MAX_REASONS]), "and 3 more")
    assert event.reasons[:-1] == many[:MAX_REASONS]


def test_gone_takes_three_checks_over_a_day() -> None:
    kept: tuple[Copy, ...] = (copy(),)
    reported = []
    for hours in (0, 12, 23, 24):
        decision = copies.derive(kept, KNOWN, [], observation(NOON + hours * HOUR))
        kept = decision.copies
        reported.append([event.kind for event in decision.events])
    assert reported == [[], [], [], [EventKind.COPY_GONE]]
    assert kept[0].gone_at == NOON
    (event,) = decision.events
    assert event.reason_texts == ("the page no longer carries it: 4 checks since 2026-03-02 12:00 UTC",)
    assert event.before == "verbatim of revision 1, 100%"
    later = copies.derive(kept, KNOWN, [], observation(NOON + 30 * DAY))
    assert (later.copies, later.events) == ((), ())


def test_a_page_that_is_not_found_is_named_as_the_reason() -> None:
    missed = copy(misses=2, missing_since=NOON - DAY)
    (event,) = copies.derive([missed], KNOWN, [], observation(missing="its page was not found")).events
    assert event.reason_texts[0].startswith("its page was not found: 3 checks")
    assert event.reasons[0].label == "its page was not found"


def test_a_copy_that_is_seen_again_in_time_was_never_gone() -> None:
    missed = copies.derive([copy()], KNOWN, [], observation()).copies
    seen = copies.derive(missed, KNOWN, [finding()], observation(NOON + 20 * HOUR))
    assert seen.events == ()
    assert (seen.copies[0].misses, seen.copies[0].missing_since) == (0, None)


def test_a_copy_that_comes_back_is_found_again() -> None:
    gone = copy(misses=3, missing_since=NOON - DAY, gone_at=NOON - DAY)
    decision = copies.derive([gone], KNOWN, [finding()], observation())
    (event,) = decision.events
    assert (event.kind, event.reason_texts) == (EventKind.COPY_FOUND, ("it had been gone since 2026-03-01 12:00 UTC",))
    assert (decision.copies[0].gone_at, decision.copies[0].first_seen_at) == (None, NOON - DAY)


def test_to_compare_once_more_is_no_look() -> None:
    once_more = observation(NOON, first_seen_at=NOON - 2 * DAY, last_seen_at=NOON - HOUR, is_rematch=True)
    missed = copy(misses=1, missing_since=NOON - HOUR)
    decision = copies.derive([missed, replace(missed, statement_id=2)], KNOWN, [finding(), finding(3)], once_more)
    known, new = decision.copies
    assert (known.misses, known.missing_since, known.last_seen_at) == (1, NOON - HOUR, NOON - HOUR)
    assert (new.first_seen_at, new.last_seen_at) == (NOON - 2 * DAY, NOON - HOUR)
    assert [(event.kind, event.at) for event in decision.events] == [(EventKind.COPY_FOUND, NOON)]


@given(st.lists(st.sampled_from(["seen", "missed", "altered"]), max_size=30), st.integers(1, 40))
def test_no_history_of_checks_reports_a_loss_twice_or_a_return_without_a_loss(history: list[str], hours: int) -> None:
    kept: dict[int, Copy] = {}
    is_there = False
    for step, what in enumerate(history):
        found = {"seen": [finding()], "missed": [], "altered": [finding(coverage=0.5)]}[what]
        decision = copies.derive(list(kept.values()), KNOWN, found, observation(NOON + step * hours * HOUR))
        kept |= {each.statement_id: each for each in decision.copies}
        for event in decision.events:
            assert (event.kind is EventKind.COPY_FOUND) is not is_there
            is_there = event.kind is not EventKind.COPY_GONE
        assert is_there == any(each.gone_at is None for each in kept.values())


def test_an_unsourced_claim_says_who_claims_what_and_why_it_is_none() -> None:
    claims = page(claimed_urls=("https://www.state.gov/x/",), quotes=("Official news published at …",), backfill=True)
    event = copies.unsourced(claims, NOON, "gazette", "resembles “Y”: the year", "nothing stands there")
    assert (event.kind, event.statement_id, event.after) == (EventKind.UNSOURCED, None, "https://www.state.gov/x/")
    assert event.reason_texts == (
        "says “Official news published at …”",
        "nothing stands there",
        "resembles “Y”: the year",
    )
    assert event.backfill
    assert copies.unsourced(page(), NOON, "gazette", "", "").reason_texts == ()
    assert copies.unsourced(page(), NOON, "gazette", "", "").after is None


@pytest.mark.parametrize(
    ("published_at", "precision", "expected"),
    [
        (NOON - 30 * 60 * timedelta(seconds=1), Precision.MINUTE, (NOON - timedelta(minutes=30), TimeBasis.DATED)),
        (NOON - 30 * 60 * timedelta(seconds=1), Precision.DAY, (NOON, TimeBasis.SEEN)),
        (NOON - 2 * HOUR, Precision.SECOND, (NOON, TimeBasis.SEEN)),
        (NOON + HOUR, Precision.SECOND, (NOON, TimeBasis.SEEN)),
        (None, None, (NOON, TimeBasis.SEEN)),
    ],
)
def test_since_when_a_page_carries_a_statement(
    published_at: datetime | None, precision: Precision | None, expected: tuple[datetime, TimeBasis]
) -> None:
    def since(**facts: Any) -> tuple[datetime, TimeBasis]:
        shown = page(published_at=published_at, precision=precision)
        found = copies.known_since(copy(first_seen_at=NOON), replace(shown, **facts), statement())
        return found.at, found.basis

    is_dated = expected[1] is TimeBasis.DATED
    assert since() == expected
    assert since(backfill=True)[1] is (TimeBasis.DATED if is_dated else TimeBasis.BACKFILL)
    assert since(is_date_listed=True)[1] is (TimeBasis.LISTED if is_dated else TimeBasis.SEEN)
    shown = page(published_at=published_at, precision=precision)
    seen = copies.known_since(copy(first_seen_at=NOON), shown, statement(published_at=None))
    assert (seen.at, seen.basis) == (NOON, TimeBasis.SEEN)


def test_the_delay_in_seconds_is_that_of_what_was_not_there_before() -> None:
    published = statement(published_at=NOON - HOUR)
    shown = page(published_at=None, precision=None)
    assert copies.known_since(copy(first_seen_at=NOON), shown, published).after_s == 3_600
    assert copies.known_since(copy(first_seen_at=NOON), replace(shown, backfill=True), published).after_s is None


def test_the_basis_of_a_time_has_a_word_for_programs() -> None:
    assert [(basis.code, basis.is_dated) for basis in TimeBasis] == [
        ("date", True),
        ("list", True),
        ("seen", False),
        ("start", False),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, HOUR),
        ({"published_at": NOON}, timedelta(0)),
        ({"published_at": NOON + HOUR}, None),
        ({"published_at": None}, None),
        ({"precision": Precision.DAY}, None),
        ({"precision": None}, HOUR),
    ],
)
def test_a_delay_needs_an_exact_time_of_state_before_it(changes: dict[str, Any], expected: timedelta | None) -> None:
    assert copies.delay_after_state(NOON, statement(**changes)) == expected


@pytest.mark.parametrize(
    ("dated", "precision", "published_at", "is_before"),
    [
        (NOON - timedelta(seconds=1), Precision.SECOND, NOON, True),
        (NOON, Precision.SECOND, NOON, False),
        (NOON - 100 * DAY, None, NOON, True),
        (NOON - 2 * DAY, Precision.DAY, NOON, False),  # it covers its whole day, in Washington too
        (NOON - 2 * DAY - HOUR, Precision.DAY, NOON, True),
        (NOON - 32 * DAY, Precision.MONTH, NOON, False),
        (NOON - 32 * DAY - HOUR, Precision.MONTH, NOON, True),
        (None, None, NOON, False),
        (NOON, Precision.SECOND, None, False),
    ],
)
def test_a_page_dated_before_its_statement_is_reported_as_such(
    dated: datetime | None, precision: Precision | None, published_at: datetime | None, *, is_before: bool
) -> None:
    carried = finding(statement=statement(published_at=published_at))
    seen = observation(published_at=dated, precision=precision)
    assert copies.is_dated_before(seen, carried.statement) is is_before
    (event,) = copies.derive([], {}, [carried], seen).events
    assert event.reason_texts == (("carries it, but is dated before State's",) if is_before else ())
