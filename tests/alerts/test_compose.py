"""Tests of the content of messages: for every kind of event the label, lead, reasons, facts and commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alerts_support import (
    COPIES,
    NEW_YORK,
    OPERATOR,
    PUBLISHED_AT,
    REVISED_AT,
    REVISIONS,
    SOURCES,
    STATEMENT,
    TITLE,
    URL,
    a_copy,
    a_page,
    an_event,
    details,
    every_kind,
    many,
    message,
    of_copy,
    of_source,
    published,
    revised,
    unsourced,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.alerts import excerpts
from scraper.alerts import format as mail_format
from scraper.alerts.components import SectionContext, link
from scraper.alerts.compose import Limits, compose_message, event_section, title_of
from scraper.alerts.content import Change, Entry, EventSection, Gap, Link, MessageContent, Row
from scraper.alerts.event_specs import label_of, listed_label, listed_sides, listed_words, topics
from scraper.alerts.labels import Tone
from scraper.alerts.model import CopyOnPage, SourceHealth, SourceLine
from scraper.alerts.statement_events import beginning, revision_pair
from scraper.config.alerts import Topic
from scraper.model import Alias, EventKind, Grade, MessageKind, Precision, Reason, Relation, Span, Wording
from scraper.rules.editions import Edition
from scraper.rules.events import remarks
from scraper.rules.placeholders import Absence
from scraper.text.inline_diff import Mark, Passage

FRAME = SectionContext(NEW_YORK, 10_000)
BRIEF = replace(FRAME, is_brief=True)
KINDS = every_kind()


def plain(text: str) -> str:
    return text.replace(mail_format.NBSP, " ")


def facts_of(of: MessageContent) -> dict[str, str]:
    """The facts of a letter by their names, those of its first entry last."""
    entry = of.entries[0]
    rows = [row for each in entry.sections for row in each.rows] + list(entry.rows)
    return {row.label: plain(row.value.text) for row in rows}


def lead_of(name: str) -> str:
    return plain(compose_message(KINDS[name]).entries[0].sections[0].lead)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("published", f"Published: {TITLE}"),
        ("revised", f"Revised: {TITLE}"),
        ("retitled", f"Retitled: {TITLE}"),
        ("touched", f"Touched up: {TITLE}"),
        ("reattributed", f"New byline: {TITLE}"),
        ("moved", f"Moved: {TITLE}"),
        ("reposted", f"Reposted: {TITLE}"),
        ("withdrawn", f"Withdrawn: {TITLE}"),
        ("restored", f"Restored: {TITLE}"),
        ("copied", f"Copied: jisipnews.com, {TITLE}"),
        ("altered", f"Altered copy: jisipnews.com, {TITLE}"),
        ("copy-changed", f"Altered copy: jisipnews.com, {TITLE}"),
        ("outdated", f"Outdated copy: jisipnews.com, {TITLE}"),
        ("translated", f"Translation: jisipnews.com, {TITLE}"),
        ("copy-gone", f"Copy gone: jisipnews.com, {TITLE}"),
        ("unsourced", "Unsourced: report.example.com, State Department confirms talks on the river"),
        ("several", f"Revised: {TITLE}"),
        ("daily", "Daily digest: 2 revised, 3 published, 2 altered copies, 3 outdated copies"),
        ("weekly", "Weekly digest: 20 revised, 20 published, 20 altered copies, 20 outdated copies"),
        ("source-blocked", "Source blocked: state-press-releases"),
        ("source-broken", "Source broken: state-press-releases"),
        ("source-drifted", "Source changed shape: state-press-releases"),
        ("source-silent", "Source silent: state-press-releases"),
        ("source-fallback", "Source on fallback: state-press-releases"),
        ("source-recovered", "Recovered: state-press-releases after 3 h 10 min"),
        ("still-watching", "Still watching: 1 of 4 sources failing"),
        ("test", "Test: mail from statewire arrives"),
    ],
)
def test_a_subject_begins_with_what_happened(name: str, subject: str) -> None:
    assert compose_message(KINDS[name]).subject == f"[statewire] {subject}"


@pytest.mark.parametrize(
    ("name", "lead"),
    [
        ("published", "Media Note, Office of the Spokesperson, 2 Aug 2021, 22:14 EDT."),
        ("revised", "State changed this statement 3 h 10 min after it was published."),
        ("retitled", "State gave this statement another title 3 h 10 min after it was published."),
        (
            "touched",
            "State changed the appearance of the text: letter case, punctuation or typography. The words are the same.",
        ),
        ("reattributed", "State changed the byline of this statement. The text is the same."),
        ("moved", "State moved this statement to another URL."),
        ("reposted", "State published a text again that it had published before, under a new identifier."),
        ("withdrawn", "This statement is no longer at its URL, and no list of State’s contains it."),
        ("restored", "This statement, which State had withdrawn, is back at its URL after 4 days."),
        ("copied", "jisipnews.com carries this statement word for word."),
        ("excerpt", "jisipnews.com carries 96% of this statement, word for word."),
        ("altered", "jisipnews.com carries this statement with changed wording."),
        ("outdated", "jisipnews.com carries revision 1 of this statement; State has since replaced that revision."),
        ("copy-gone", "jisipnews.com no longer carries this statement."),
        ("source-blocked", "state-press-releases blocks our requests, since 3 Aug 2021, 01:24 EDT."),
        ("source-recovered", "state-press-releases works again after 3 h 10 min."),
    ],
)
def test_the_lead_answers_first(name: str, lead: str) -> None:
    assert lead_of(name) == lead


def test_a_revision_is_reported_with_reasons_passage_and_facts() -> None:
    composed = compose_message(KINDS["revised"])
    (entry,) = composed.entries
    (each,) = entry.sections
    assert (each.tone, each.grade) == (Tone.ALARM, "material")
    assert [(c.label, c.before, c.after) for c in each.changes] == [
        ("amount", "$80 million", "$58 million"),
        ("name added", "", "to Mekong sub-region countries"),
        ("amount", "4.5 million", "8.5 million"),
    ]
    (excerpt,) = each.excerpts
    assert [
        s.text for p in excerpt.passages if isinstance(p, Passage) for s in p.stretches if s.mark is Mark.ADDED
    ] == [
        "$58",
        " to Mekong sub-region countries",
        "8.5",
    ]
    assert facts_of(composed) == {
        "Published": "2 Aug 2021, 22:14 EDT",
        "Type": "Media Note",
        "By": "Office of the Spokesperson",
        "Seen": "revision 1: 2 Aug 2021, 22:31 EDT; revision 2: 3 Aug 2021, 01:24 EDT",
        "Number": "265079",
        "Copies": "3 known; 2 still carry revision 1 (jisipnews.com, stl.news)",
    }
    assert composed.preview == (
        "Material: amount $80 million → $58 million; name added to Mekong sub-region countries; "
        "amount 4.5 million → 8.5 million"
    )
    assert composed.commands == (
        ("Reproduce", "statewire diff 265079 1 2"),
        ("Why you get it", "statewire alerts why 7"),
        ("Mute this statement", "statewire alerts mute 265079"),
    )
    assert composed.why == (
        "You receive this because watch “Mekong and ASEAN desk” selects revised, at least minor; matched the word "
        '"Mekong".'
    )


def test_several_events_are_one_letter_under_the_weightiest() -> None:
    composed = compose_message(KINDS["several"])
    (entry,) = composed.entries
    assert [each.label for each in entry.sections] == ["Revised", "Retitled", "Outdated copy"]
    assert "and watch “Everything” selects revised." in composed.why
    assert composed.note.startswith("This statement changed often today")
    # What State changed stands there once, though the copy is outdated by the same change.
    assert [len(each.excerpts) for each in entry.sections] == [1, 1, 0]
    assert composed.event == "statement.revised; grade=material"


def test_a_mail_that_no_watch_asked_for_says_why_it_is_shown() -> None:
    shown = message(revised(), watches=(), why="This is a preview: no watch was named.")
    assert compose_message(shown).why == "This is a preview: no watch was named."


def test_more_events_than_fit_are_counted() -> None:
    composed = compose_message(message(*[revised()] * 5), Limits(sections=3))
    assert len(composed.entries[0].sections) == 3
    assert facts_of(composed)[""] == "2 more events of it not shown here: statewire events --since 2021-08-03"


def test_a_digest_begins_with_counts_and_lists_the_most_important_event_first() -> None:
    composed = compose_message(KINDS["daily"])
    assert plain(composed.opening) == (
        "2 revised, 3 published, 2 altered copies, 3 outdated copies: 10 events about 7 statements, "
        "2 Aug 2021, 01:24 EDT to 3 Aug 2021, 01:24 EDT."
    )
    weights = [entry.sections[0].weight for entry in composed.entries]
    assert weights == sorted(weights, reverse=True)
    assert len(composed.entries) == 7
    assert [each.label for each in composed.entries[2].sections] == ["Published", "Outdated copy"]
    first = composed.entries[2].sections[0]
    assert [paragraph for body in first.bodies for paragraph in body.paragraphs] == [
        mail_format.one_line(REVISIONS[0].wording.text.split("\n\n")[0])
    ]
    assert not any(each.excerpts for entry in composed.entries for each in entry.sections)
    assert composed.commands == (("All events", "statewire events --since 2021-08-02"),)


def test_a_digest_without_bounds_and_with_more_than_it_shows() -> None:
    composed = compose_message(message(*many(60), kind=MessageKind.DIGEST))
    assert len(composed.entries) == 50
    assert composed.rest == "10 more statements not shown here: statewire events --since 2021-08-03"
    assert composed.opening.endswith("80 events about 60 statements.")
    assert compose_message(message(*many(1), kind=MessageKind.DIGEST)).subject.endswith("1 published, 1 outdated copy")


def test_a_digest_of_what_was_too_much_at_once_is_of_no_day() -> None:
    composed = compose_message(message(*many(3), kind=MessageKind.DIGEST, note="50 mails wait for you already."))
    assert composed.subject.startswith("[statewire] Digest: ")
    assert composed.note == "50 mails wait for you already."


def test_a_source_incident_is_reported_with_a_remedy() -> None:
    facts = facts_of(compose_message(KINDS["source-blocked"]))
    assert facts["Last success"] == "3 Aug 2021, 01:04 EDT"
    assert facts["Reason"].endswith("blocked (403, Access Denied by the edge)")
    assert facts["Failures"] == "4 in a row"
    assert facts["URL"] == "www.state.gov/wp-json/wp/v2/state_press_release"
    assert "retries later" in facts["What to do"]
    commands = dict(compose_message(KINDS["source-blocked"]).commands)
    assert commands["Try now"] == "statewire fetch state-press-releases"
    never = of_source(EventKind.BROKEN, after="https://www.state.gov/feed/")
    health = SourceHealth(serving="https://www.state.gov/feed/", last_items=0)
    facts = facts_of(compose_message(message(replace(never, since=None, health=health), **OPERATOR)))
    assert facts["Last success"] == "never"
    assert (facts["Last response"], facts["Items in it"]) == ("https://www.state.gov/feed/", "0")
    assert "Failures" not in facts
    assert facts["Serves now"] == "www.state.gov/feed"


def test_undeliverable_mail_is_named_in_the_operators_subject() -> None:
    composed = compose_message(KINDS["refused"])
    assert composed.subject == "[statewire] Mail to desk@example.org is refused: 550 5.1.1 no such user here"
    assert composed.opening.endswith("no such user here. It is kept, but not sent again automatically.")
    assert [row.value.text for row in composed.entries[0].rows][1] == "11: test to a webhook"
    assert composed.event == "mail.refused"
    commands = [command for _, command in composed.commands]
    assert commands == ["statewire alerts list --state refused", "statewire alerts retry"]
    assert composed.why == "You receive this because you are configured as an operator of this monitor."


def test_the_weekly_mail_to_the_operator() -> None:
    composed = compose_message(KINDS["still-watching"])
    assert [entry.title for entry in composed.entries] == ["In trouble", "Working", "Found", "Mail"]
    assert {row.label: plain(row.value.text) for entry in composed.entries[:2] for row in entry.rows} == {
        "state-remarks": "Blocked since 31 Jul: 403. Last success 31 Jul 2021, 01:24 EDT, brought nothing (canonical).",
        "state-press-releases": "Last success 3 Aug 2021, 01:24 EDT, brought 41 items (canonical).",
        "jisip": "Last success 3 Aug 2021, 01:24 EDT, brought 12 items (mirror).",
        "a-new-one": "No success yet (mirror).",
    }
    assert composed.preview == "53 statements published; 2 revised; 1 altered copy"
    well = compose_message(message(kind=MessageKind.STILL_WATCHING, lines=SOURCES[:1], **OPERATOR))
    assert well.subject == "[statewire] Still watching: 1 source well"
    assert well.preview == "1 source well"
    many_ = compose_message(message(kind=MessageKind.STILL_WATCHING, lines=SOURCES[:1] * 130, **OPERATOR))
    assert many_.entries[0].rows[-1].value.text == "and 30 more sources: statewire status"
    assert len(many_.entries[0].rows) == 101


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (SOURCES[:1], "The monitor is running, 1 source well."),
        (SOURCES, "The monitor is running, 1 of 4 sources failing: state-remarks."),
        ((), None),
    ],
)
def test_a_digest_gives_the_status_of_the_monitor(sources: tuple[SourceLine, ...], said: str | None) -> None:
    digest = compose_message(message(revised(), kind=MessageKind.DIGEST, lines=sources))
    assert digest.opening.endswith(said or "about 1 statement.")
    assert "watch" not in compose_message(message(revised(), lines=sources)).opening


def test_a_time_is_no_more_exact_than_it_is_known() -> None:
    day = datetime(2021, 8, 2, tzinfo=UTC)
    statement = replace(STATEMENT, published_at=day, precision=Precision.DAY)
    of = compose_message(message(replace(revised(), statement=statement)))
    assert facts_of(of)["Published"] == "2 Aug 2021"
    assert of.entries[0].sections[0].lead == "State changed this statement."
    copied = replace(of_copy(EventKind.COPY_FOUND, Relation.VERBATIM), statement=statement)
    assert "after State" not in facts_of(compose_message(message(copied)))["Since"]
    undated = replace(published(), statement=replace(STATEMENT, published_at=None, type=None, byline=None, revision=1))
    assert compose_message(message(undated)).entries[0].sections[0].lead == "Statement, without a date."
    assert facts_of(compose_message(message(undated)))["Published"] == "without a date"


def test_a_backdated_statement_is_not_said_to_have_changed_before_it_was_published() -> None:
    statement = replace(STATEMENT, published_at=REVISED_AT + timedelta(hours=1))
    assert "after" not in compose_message(message(replace(revised(), statement=statement))).entries[0].sections[0].lead


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "3 Aug 2021, 05:24 UTC"),
        ("Europe/Berlin", "3 Aug 2021, 07:24 CEST"),
        ("America/Sao_Paulo", "3 Aug 2021, 02:24 UTC-03"),
    ],
)
def test_times_name_their_zone(zone: str, shown: str) -> None:
    assert plain(mail_format.local_time(REVISED_AT, ZoneInfo(zone))) == shown


def test_a_day_and_a_month_have_no_clock_and_no_zone() -> None:
    first, zone = datetime(2007, 8, 1, tzinfo=UTC), ZoneInfo("America/Sao_Paulo")
    assert plain(mail_format.local_time(first, zone, Precision.DAY)) == "1 Aug 2007"
    assert plain(mail_format.local_time(first, zone, Precision.MONTH)) == "Aug 2007"
    statement = replace(STATEMENT, published_at=first, precision=Precision.MONTH)
    assert "after" not in compose_message(message(replace(revised(), statement=statement))).entries[0].sections[0].lead


def test_many_revisions_and_copies_and_addresses_are_counted() -> None:
    revisions = tuple(replace(REVISIONS[0], number=n) for n in range(1, 8))
    copies = (
        *COPIES,
        *(CopyOnPage(a_copy(n, Relation.ALTERED), a_page(n, f"m{n}.example.net")) for n in range(10, 17)),
        CopyOnPage(a_copy(20, gone_at=REVISED_AT), a_page(20, "gone.example.net")),
        CopyOnPage(a_copy(21, Relation.ALTERED, revision=2, outdated=True), a_page(21, "late.example.net")),
    )
    aliases = tuple(Alias(url, REVISED_AT, REVISED_AT) for url in (URL, "https://www.state.gov/old/"))
    of = details(an_event(EventKind.RESTORED), revisions=revisions, copies=copies, aliases=aliases)
    facts = facts_of(compose_message(message(of)))
    assert facts["Seen"].startswith("revision 1: 2 Aug 2021, 22:31 EDT; 4 more; revision 6: ")
    assert facts["Copies"] == (
        "11 known; 2 still carry revision 1 (jisipnews.com, stl.news); 1 still carries revision 2 (late.example.net); "
        "8 altered (m10.example.net, m11.example.net, m12.example.net, m13.example.net, m14.example.net and 3 more)"
    )
    assert facts["Also at"] == "www.state.gov/old"


def test_an_event_is_reported_without_its_statement() -> None:
    bare = {"statement": None, "revisions": (), "copies": (), "aliases": ()}
    for kind in (kind for kind in EventKind if kind.value.startswith(("statement.", "copy."))):
        event = an_event(kind, before="old words", after="new words", page_url="https://a.example/", coverage=0.5)
        of = compose_message(message(details(event, **bare)))
        assert of.entries[0].title == TITLE
        assert of.entries[0].rows == ()
    changed = event_section(details(an_event(EventKind.REVISED, before="old words", after="new"), **bare), FRAME)
    assert [s.text for p in changed.excerpts[0].passages if isinstance(p, Passage) for s in p.stretches] == [
        "old words",
        "new",
    ]
    assert event_section(details(an_event(EventKind.REVISED), **bare), FRAME).excerpts == ()
    nameless = details(an_event(EventKind.REVISED, title=None), **bare)
    assert title_of(nameless) == URL
    assert event_section(details(an_event(EventKind.COPY_FOUND, relation=Relation.SIBLING), **bare), FRAME).lead == (
        "a page carries this statement."
    )


def test_a_statement_reported_as_withdrawn_that_moved() -> None:
    moved = an_event(EventKind.MOVED, before=URL, after=f"{URL}2/", reasons=remarks("it was reported as withdrawn"))
    lead = "This statement, which was reported as withdrawn, is at another URL."
    assert event_section(details(moved), FRAME).lead == lead


def test_a_withdrawal_says_since_when_and_gives_the_last_text() -> None:
    gone = details(an_event(EventKind.WITHDRAWN, reasons=remarks("3 checks did not find it")), since=REVISED_AT)
    each = event_section(gone, FRAME)
    assert plain(each.lead).startswith("This statement is no longer at its URL since 3 Aug 2021, 01:24 EDT, and")
    assert {row.label: plain(row.value.text) for row in each.rows} == {
        "Checked": "3 checks did not find it",
        "Last seen": "3 Aug 2021, 01:24 EDT",
    }
    (body,) = each.bodies
    assert "\n\n".join(str(paragraph) for paragraph in body.paragraphs) == REVISIONS[1].wording.text
    assert event_section(replace(gone, since=None, event=an_event(EventKind.RESTORED)), FRAME).lead == (
        "This statement, which State had withdrawn, is back at its URL."
    )


def test_a_hidden_text_is_distinguished_from_a_page_that_is_gone() -> None:
    blank = details(an_event(EventKind.WITHDRAWN, after=Absence.BLANK, reasons=remarks("the text is blank")))
    assert event_section(blank, FRAME).lead == "State still lists this statement, but no longer shows its text."


def test_an_altered_copy_shows_what_differs_in_the_passages_that_it_shares() -> None:
    each = event_section(of_copy(EventKind.COPY_FOUND, Relation.ALTERED), FRAME)
    (excerpt,) = each.excerpts
    assert excerpt.label == "State’s words removed, those of jisipnews.com added"
    marks = [(s.mark, s.text) for p in excerpt.passages if isinstance(p, Passage) for s in p.stretches]
    assert (Mark.REMOVED, "8.5") in marks
    assert (Mark.ADDED, "3.5") in marks
    facts = {row.label: plain(row.value.text) for row in each.rows}
    assert facts["Carries"] == "96% of revision 2; 98% of that is word for word"
    assert facts["Since"] == "2 Aug 2021, 23:14 EDT (first seen, 1 h after State)"
    assert ("All copies", "statewire copies 265079") in each.commands


def test_a_copy_by_its_own_date_before_state_and_one_whose_revision_is_not_at_hand() -> None:
    of = of_copy(EventKind.COPY_FOUND, Relation.VERBATIM)
    page = a_page(4, "www.jisipnews.com", published_at=PUBLISHED_AT, precision=Precision.MINUTE)
    facts = {row.label: plain(row.value.text) for row in event_section(replace(of, page=page), FRAME).rows}
    assert facts["Since"] == "2 Aug 2021, 22:14 EDT (by its own date)"
    assert event_section(replace(of, revisions=()), FRAME).excerpts == ()
    same = of_copy(EventKind.COPY_FOUND, Relation.ALTERED)
    assert same.copy
    none = replace(same, copy=replace(same.copy, spans=(Span((0, 0), (0, 0)),)))
    assert event_section(none, FRAME).excerpts == ()
    unnumbered = of_copy(EventKind.COPY_FOUND, Relation.VERBATIM, outdated=True, revision=None)
    assert (
        "carries a wording of this statement; State has since replaced that wording."
        in event_section(unnumbered, FRAME).lead
    )
    whole = replace(of, event=replace(of.event, revision=None))
    assert {row.label: row.value.text for row in event_section(whole, FRAME).rows}["Carries"] == "96% of it"
    outdated = of_copy(EventKind.COPY_FOUND, Relation.VERBATIM, outdated=True)
    assert event_section(outdated, FRAME).excerpts[0].label == "What State has changed since"
    assert event_section(replace(outdated, statement=None), FRAME).excerpts == ()


def test_an_altered_copy_stays_altered_when_it_is_outdated_and_both_are_shown() -> None:
    both = of_copy(EventKind.COPY_FOUND, Relation.ALTERED, outdated=True)
    section = event_section(both, FRAME)
    assert label_of(both.event).label == "Altered copy"
    assert section.lead == (
        "jisipnews.com carries revision 1 of this statement with changed words; State has since replaced that revision."
    )
    labels = [excerpt.label for excerpt in section.excerpts]
    assert labels == ["State’s words removed, those of jisipnews.com added", "What State has changed since"]
    assert label_of(replace(both.event, relation=Relation.EXCERPT)).label == "Outdated copy"


def test_a_copy_that_only_state_has_changed_is_outdated_and_its_old_alteration_is_no_news() -> None:
    both = of_copy(EventKind.COPY_CHANGED, Relation.ALTERED, outdated=True)
    changed = replace(both, event=replace(both.event, before="altered of revision 1, 90%"))
    outdated = replace(both, event=replace(both.event, before=None, after=None))
    assert [label_of(each.event).label for each in (changed, outdated)] == ["Altered copy", "Outdated copy"]
    assert listed_label(changed.event) == "Copy changed"
    assert listed_label(outdated.event) == "Copy outdated"
    assert "outdated" in listed_words(changed.event)
    assert "outdated" not in listed_words(outdated.event)
    assert (listed_sides(changed.event) is None, listed_sides(outdated.event)) == (False, None)
    assert topics(outdated.event) == (Topic.OUTDATED,)
    assert "with changed words; State" in event_section(outdated, FRAME).lead


def test_the_label_of_a_quotation_is_not_repeated() -> None:
    event = an_event(EventKind.QUOTE_ALTERED, relation=Relation.QUOTED, grade=Grade.MATERIAL)
    assert (listed_label(event), listed_words(event)) == ("Misquoted", ("material",))
    assert listed_words(replace(event, kind=EventKind.COPY_FOUND, relation=Relation.ALTERED)) == ("altered", "material")


def test_changes_by_state_are_distinguished_from_changes_by_a_copy() -> None:
    reasons = (
        Reason("amount", "$1", "$2", Grade.MATERIAL),
        Reason("amount", "$80 million", "$58 million", Grade.MATERIAL, by_state=True),
        Reason("", "and 3 more", "", Grade.COSMETIC, by_state=True),
        *remarks("State has withdrawn the statement", "amount: odd → words"),
    )
    copied = of_copy(EventKind.COPY_FOUND, Relation.VERBATIM, outdated=True, reasons=reasons)
    each = event_section(copied, FRAME)
    assert each.changes == (
        Change("amount", "$1", "$2"),
        Change("State: amount", "$80 million", "$58 million"),
        Change("State", "and 3 more"),
        Change("", "State has withdrawn the statement"),
        Change("", "amount: odd → words"),  # not read back
    )
    brief = event_section(copied, BRIEF)
    assert brief.changes[3:] == (Change("", "and 2 more"),)


def test_the_wordings_before_and_after_an_event() -> None:
    hour = timedelta(hours=1)
    first = replace(REVISIONS[0], first_seen_at=PUBLISHED_AT, last_seen_at=PUBLISHED_AT + 5 * hour)
    second = replace(REVISIONS[1], first_seen_at=PUBLISHED_AT + 2 * hour, last_seen_at=PUBLISHED_AT + 3 * hour)
    third = replace(second, number=3, first_seen_at=PUBLISHED_AT + 6 * hour, last_seen_at=PUBLISHED_AT + 7 * hour)

    def pair(at: datetime) -> tuple[int, ...]:
        found = revision_pair(details(an_event(EventKind.REVISED, at=at), revisions=(first, second, third)))
        return tuple(revision.number for revision in found or ())

    assert pair(PUBLISHED_AT + 2 * hour) == (1, 2)
    assert pair(PUBLISHED_AT + 4 * hour) == (2, 1)  # the return to the first wording
    assert pair(PUBLISHED_AT + 6 * hour) == (1, 3)
    assert pair(PUBLISHED_AT) == ()
    assert pair(PUBLISHED_AT + 9 * hour) == ()


def test_an_unsourced_claim_gives_what_it_names_and_a_command_that_a_shell_takes_as_meant() -> None:
    each = event_section(unsourced(page_url="https://a.example/?q=$(reboot)&b='"), FRAME)
    assert dict(each.commands) == {"Look again": "statewire trace 'https://a.example/?q=$(reboot)&b='\"'\"''"}
    assert (
        Row("It names", Link("www.state.gov/talks-on-the-river", "https://www.state.gov/talks-on-the-river/"))
        in each.rows
    )
    assert Row("", Link("Resembles “Talks on the Delta” of 2019-05-04: another date, other names.")) in each.rows


def test_weights_put_what_matters_first() -> None:
    def weight(kind: EventKind, **fields: object) -> int:
        return label_of(an_event(kind, **fields)).weight

    order = [
        weight(EventKind.WITHDRAWN),
        weight(EventKind.REVISED, grade=Grade.MATERIAL),
        weight(EventKind.PUBLISHED),
        weight(EventKind.REVISED, grade=Grade.MINOR),
        weight(EventKind.COPY_FOUND, relation=Relation.ALTERED, grade=Grade.MINOR),
        weight(EventKind.COPY_FOUND, relation=Relation.VERBATIM, outdated=True),
        weight(EventKind.COPY_FOUND, relation=Relation.VERBATIM),
        weight(EventKind.COPY_GONE, relation=Relation.ALTERED),
        weight(EventKind.TOUCHED, grade=Grade.COSMETIC),
    ]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.state.gov/a/b/", Link("www.state.gov/a/b", "https://www.state.gov/a/b/")),
        ("http://a.example", Link("a.example", "http://a.example")),
        ("javascript:alert(1)", Link("javascript:alert(1)")),
        ("https://a.example/x y", Link("https://a.example/x y")),
        ("https://user@evil.example/www.state.gov", Link("evil.example/www.state.gov", "https://user@evil.example/www.state.gov")),
        ("https://ѕtate.gov/", Link("xn--tate-mif.gov", "https://ѕtate.gov/")),
        ("", Link("")),
        (None, Link("")),
    ],
)  # fmt: skip
def test_a_link_shows_its_host_and_leads_only_to_the_web(url: str | None, shown: Link) -> None:
    found = link(url)
    assert found.url == shown.url
    assert found.text == shown.text or found.text.startswith("xn--tate-")


def test_the_preview_text_gives_the_content() -> None:
    assert compose_message(KINDS["published"]).preview.startswith("The Secretary took part in the second ministerial")
    assert compose_message(KINDS["withdrawn"]).preview.startswith("This statement is no longer at its URL")
    assert compose_message(KINDS["daily"]).preview.startswith("Revised: Joint Statement on the 2th Round")


def test_how_a_text_begins() -> None:
    assert beginning("Attributable to the Spokesperson:\n\nThe Secretary spoke.") == (
        "Attributable to the Spokesperson: The Secretary spoke."
    )
    assert beginning("x" * 100 + "\n\nmore") == "x" * 100
    assert beginning("") == ""


def test_small_words() -> None:
    assert mail_format.counted(2, "New byline") == "2 new bylines"
    assert mail_format.counted(1, "Copy gone") == "1 copy gone"
    assert mail_format.join_names(["a", "b", "c"], 2) == "a, b and 1 more"
    assert mail_format.sentence("is it?") == "Is it?"
    assert mail_format.sentence("https://a.example/ is it") == "https://a.example/ is it."
    assert plain(mail_format.duration(timedelta(days=2, hours=1))) == "2 d 1 h"
    assert plain(mail_format.duration(timedelta(days=5, hours=1))) == "5 days"
    assert mail_format.host(None) == "a page"
    assert mail_format.safe_block("a\u202eb\n\n\x00\n\nc\nd") == "ab\n\nc\nd"
    assert str(Change("", "and 2 more")) == "and 2 more"


def test_a_text_is_cut_in_the_middle_at_blanks() -> None:
    (body,) = excerpts.body("Text", "one two three four five six seven", 16, "statewire show 1")
    assert body.paragraphs == (
        "one two",
        Gap("4 words left out here; all of it: statewire show 1", "statewire show 1"),
        "seven",
    )
    (unbroken,) = excerpts.body("Text", "x" * 50, 10, "c")
    assert unbroken.paragraphs == ("xxxxx", Gap("40 characters left out here; all of it: c", "c"), "xxxxx")
    assert excerpts.body("Text", " \n\n ", 10, "c") == ()


def test_passages_are_cut_in_the_middle_and_a_long_one_in_parts() -> None:
    before, after = "One old end. " * 200, "One new end. " * 200
    (excerpt,) = excerpts.changed("x", [(before, after)], 2_000, "c")
    gaps = [passage for passage in excerpt.passages if isinstance(passage, Gap)]
    assert len(gaps) == 1
    assert gaps[0].note.endswith("passages with changes left out here; all of them: c")
    parts = [passage for passage in excerpt.passages if isinstance(passage, Passage)]
    assert [part.is_cut_before for part in parts] == [False] + [True] * (len(parts) - 1)
    assert [part.is_cut_after for part in parts] == [True] * (len(parts) - 1) + [False]
    (whole,) = excerpts.changed("x", [("x" * 3_000, "y" * 3_000)], 100_000, "c")
    assert len(whole.passages) == 1
    assert excerpts.changed("x", [("same", "same")], 100, "c") == ()
    (touched,) = excerpts.changed("x", [("At once", "at once")], 1_000, "c")
    assert len(touched.passages) == 1


def test_an_event_is_reported_as_it_was_when_state_has_revised_since() -> None:
    """The mail of a publication is rendered minutes later, and `alerts preview` at any time."""
    titles = [replace(r, wording=Wording(f"{TITLE} {r.number}", r.wording.text)) for r in REVISIONS]
    for revision in (1, None):  # an event of an earlier statewire does not say which
        event = an_event(EventKind.PUBLISHED, at=PUBLISHED_AT + timedelta(minutes=17), revision=revision)
        composed = compose_message(message(details(event, revisions=tuple(titles))))
        assert composed.subject == f"[statewire] Published: {TITLE} 1"
        (entry,) = composed.entries
        (body,) = entry.sections[0].bodies
        assert "$80 million" in str(body.paragraphs)
        assert "$58 million" not in str(body.paragraphs)
        assert ("Read it here", f"statewire show {STATEMENT.id} --revision 1") in composed.commands
    returned = an_event(EventKind.REVISED, at=REVISED_AT + timedelta(hours=1), revision=1)
    assert [r.number for r in revision_pair(details(returned, revisions=tuple(titles))) or ()] == [2, 1]


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["$58 million", "One old end.", "May 12, 2026,", "x" * 90, "国务院说，"]), min_size=30))
def test_a_long_passage_is_cut_in_parts_that_are_the_whole(words: list[str]) -> None:
    before = " ".join(["One old end.", *words])
    after = before.replace("old", "new").replace("58", "59")

    def texts(chars: int) -> dict[Mark, str]:
        (excerpt,) = excerpts.changed("x", [(before, after)], chars, "c")
        found = dict.fromkeys(Mark, "")
        for passage in excerpt.passages:
            assert isinstance(passage, Passage)
            for stretch in passage.stretches:
                found[stretch.mark] += stretch.text
        return found

    # So many that none is left out, and few enough that the passage is cut into parts.
    whole = texts(1_000_000)
    assert texts(sum(map(len, whole.values())) + 60 * 8 * len(words)) == whole


def test_a_revision_with_equal_wordings_is_described_from_its_event() -> None:
    same = tuple(replace(revision, wording=Wording(TITLE, "Same words.")) for revision in REVISIONS)
    each = event_section(details(an_event(EventKind.REVISED, before="was", after="is"), revisions=same), FRAME)
    assert each.excerpts[0].label == "What changed"


def test_a_letter_of_plain_values_is_equal_to_another() -> None:
    assert compose_message(KINDS["revised"]) == compose_message(KINDS["revised"])
    assert Entry("a", sections=(EventSection("b"),)) == Entry("a", sections=(EventSection("b"),))


def test_a_revision_that_state_has_changed_again_is_not_what_it_says_now() -> None:
    later_at = REVISIONS[1].first_seen_at + timedelta(hours=1)
    third = replace(REVISIONS[1], number=3, wording=Wording(TITLE, "Something else."), first_seen_at=later_at)
    third = replace(third, last_seen_at=later_at)
    since = "State has changed it since: revision 3."
    for each, text_of in ((revised(), "revision 2"), (published(), "revision 1")):
        section = event_section(each, FRAME)
        assert "State has changed it since" not in section.lead
        assert [excerpt.label for excerpt in section.excerpts] in ([], ["The changed passages, before and now"])
        later = replace(each, revisions=(*each.revisions, third), statement=replace(STATEMENT, revision=3, revisions=3))
        section = event_section(later, FRAME)
        assert section.lead.endswith(since)
        assert [excerpt.label for excerpt in section.excerpts] in (
            [],
            [f"The changed passages, before and in {text_of}"],
        )
        assert event_section(later, BRIEF).lead.endswith(since)


@pytest.mark.parametrize("name", [kind.value.split(".")[1] for kind in EventKind if kind.subject == "statement"])
def test_each_kind_of_statement_event_names_a_later_revision(name: str) -> None:
    (each,) = KINDS[name].events
    assert each.event.kind.value == f"statement.{name}"
    later_at = REVISIONS[1].first_seen_at + timedelta(hours=1)
    third = replace(REVISIONS[1], number=3, first_seen_at=later_at, last_seen_at=later_at)
    later = replace(each, revisions=(*each.revisions, third), statement=replace(STATEMENT, revision=3, revisions=3))
    for context in (FRAME, BRIEF):
        assert "has changed it since" not in event_section(each, context).lead
        assert event_section(later, context).lead.endswith("State has changed it since: revision 3.")


def test_a_new_edition_says_what_is_new_and_what_was_dropped_since_the_last_one() -> None:
    earlier = "We met in May. The river was low. We thank our hosts. We will meet again in June."
    now = "We met in May. The river is high. Boats sail once more. We will meet again in June."
    edition = Edition(7, "Rivers 2020", PUBLISHED_AT - timedelta(days=365), None, earlier)
    section = event_section(replace(published(now), edition=edition), FRAME)
    assert [(plain(change.label), plain(change.before), change.after) for change in section.changes] == [
        ("", "Since the edition before, of 3 Aug 2020: 2 sentences dropped, 2 sentences new.", ""),
        ("dropped", "The river was low", ""),
        ("dropped", "We thank our hosts", ""),
        ("new", "", "The river is high"),
        ("new", "", "Boats sail once more"),
    ]
    assert len(event_section(replace(published(now), edition=edition), BRIEF).changes) == 1
    assert event_section(published(now), FRAME).changes == ()


def test_of_many_new_sentences_the_rest_is_behind_a_command() -> None:
    same = "We met in May. We will meet again in June. The river is wide. The boats are old."
    now = " ".join([same, *(f"Lock {number} was rebuilt." for number in range(20))])
    edition = Edition(7, "Rivers 2020", PUBLISHED_AT, None, same)
    section = event_section(replace(published(now), edition=edition), FRAME)
    assert section.changes[-1].before == f"and 8 more: statewire diff {STATEMENT.id} --previous-edition"


def test_a_fitted_quotation_is_shown_beside_the_words_of_state() -> None:
    details = KINDS["quoted"].events[0]
    (exact,) = details.quotations
    section = event_section(details, FRAME)
    assert section.lead.endswith("quotes 1 sentence of this statement, word for word.")
    assert section.excerpts == ()
    change = Reason("words changed", "the", "a", Grade.MINOR)
    fitted = replace(exact, quote=exact.wording.replace(" the ", " a ", 1), changes=(change,))
    section = event_section(replace(details, quotations=(fitted,)), FRAME)
    assert section.lead.endswith("quotes 1 sentence of this statement, as in reported speech.")
    assert [stretch.text.strip() for stretch in section.excerpts[0].passages[0].stretches if stretch.mark != "same"]
    both = event_section(replace(details, quotations=(exact, fitted)), FRAME)
    assert both.lead.endswith("quotes 2 sentences of this statement, 1 of them as in reported speech.")
    assert event_section(replace(details, quotations=(fitted,)), BRIEF).excerpts == ()


def test_a_quotation_in_a_digest_is_brief() -> None:
    details = KINDS["misquoted"].events[0]
    section = event_section(details, BRIEF)
    assert (section.excerpts, "difference" in section.lead) == ((), False)
    assert event_section(replace(details, quotations=()), FRAME).excerpts  # from what the event holds


@pytest.mark.parametrize(
    ("kind", "subject", "lead"),
    [
        (EventKind.PUBLISHED, "New page", "A new page, which no list named before."),
        (EventKind.REVISED, "Page changed", "State changed this page."),
        (EventKind.RETITLED, "Page retitled", "State gave this page another title."),
        (EventKind.TOUCHED, "Page touched up", "State changed the appearance of the text"),
        (EventKind.REATTRIBUTED, "New byline", "State changed the byline of this page."),
        (EventKind.MOVED, "Page moved", "State moved this page to another URL."),
        (EventKind.WITHDRAWN, "Page gone", "This page is no longer at its URL."),
        (EventKind.RESTORED, "Page back", "This page, which State had withdrawn, is back at its URL."),
    ],
)
def test_a_standing_page_is_called_a_page(kind: EventKind, subject: str, lead: str) -> None:
    event = an_event(kind, revision=2, standing=True)
    found = details(event, statement=replace(STATEMENT, standing=True))
    content = compose_message(message(found))
    assert content.entries[0].sections[0].lead.startswith(lead)
    assert f"{subject}: " in content.subject
    assert (label_of(event).label, listed_label(event)) == (subject, subject)
    assert "tatement" not in content.entries[0].sections[0].lead
