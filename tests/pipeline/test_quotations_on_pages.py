"""Quotations on pages of mirrors: found with their events, altered ones reported at the second look, gone quietly."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fakes.mirror import DAY, HOUR, LAMPS, carried, page
from samples import Piece

from scraper.model import EventKind, Grade, Relation
from scraper.store import EventFilter, QuotationFilter

if TYPE_CHECKING:
    from fakes.mirror import Gazette

    from scraper.pages import QuotedPassage

NEWS = (
    "Boats lay idle in the harbour on Monday as the wind turned, and the guild met behind closed doors.",
    "“{}” the Department said in a note. Nobody at the pier had read it by the evening, a keeper told us.",
    "The next ferry is expected on Thursday, weather permitting, according to the company.",
)
# Of 20 words and more the page would be an excerpt.
SENTENCE = "We will not forget those who were lost, and we look forward to many years of friendship."
ALTERED = SENTENCE.replace("will not forget", "will forget")


def news(sentence: str) -> tuple[str, ...]:
    return tuple(paragraph.format(sentence) for paragraph in NEWS)


def quotations(gazette: Gazette, **conditions: object) -> list[QuotedPassage]:
    return list(gazette.watch.store.quotations.find(QuotationFilter(with_gone=True, **conditions)))  # type: ignore[arg-type]


def begun(gazette: Gazette) -> Gazette:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    return gazette


def test_a_quotation_is_found_and_reported_once(gazette: Gazette) -> None:
    begun(gazette)
    carried(gazette, *news(SENTENCE), slug="harbour", title="Boats lie idle")
    (found,) = gazette.poll(HOUR)
    assert (found.kind, found.relation, found.revision, found.grade) == (
        EventKind.QUOTE_FOUND,
        Relation.QUOTED,
        1,
        None,
    )
    assert (found.title, found.page_title, found.source) == (LAMPS.title, "Boats lie idle", "gazette")
    assert found.reason_texts == (f"“{SENTENCE.rstrip('.')}”",)
    (stored,) = quotations(gazette)
    assert (stored.quote, stored.wording) == (SENTENCE.rstrip("."),) * 2
    shown = gazette.watch.store.pages.stored(stored.page_id)
    assert shown.page.relation is Relation.QUOTED
    assert shown.shown[slice(*stored.place)] == stored.quote
    assert gazette.poll(HOUR) == []
    assert gazette.poll(2 * DAY) == []


def test_an_alteration_is_reported_when_two_looks_agree(gazette: Gazette) -> None:
    begun(gazette)
    carried(gazette, *news(ALTERED), slug="harbour", title="Boats lie idle")
    assert gazette.poll(HOUR) == []
    (stored,) = quotations(gazette, altered=True)
    assert (stored.looks, stored.reported) == (1, False)
    (reported,) = gazette.poll(2 * HOUR)
    assert (reported.kind, reported.grade) == (EventKind.QUOTE_ALTERED, Grade.MATERIAL)
    assert (reported.before, reported.after) == (SENTENCE.rstrip("."), ALTERED.rstrip("."))
    assert any("negation" in reason for reason in reported.reason_texts)
    assert gazette.poll(2 * HOUR) == []
    (stored,) = quotations(gazette, altered=True)
    assert (stored.looks > 1, stored.reported) == (True, True)


def test_an_alteration_that_the_site_corrects_at_once_accuses_no_site(gazette: Gazette) -> None:
    begun(gazette)
    carried(gazette, *news(ALTERED), slug="harbour", title="Boats lie idle")
    assert gazette.poll(HOUR) == []
    gazette.shows("harbour", page("Boats lie idle", news(SENTENCE)))
    (found,) = gazette.poll(2 * HOUR)
    assert found.kind is EventKind.QUOTE_FOUND
    gone = [each for each in quotations(gazette) if each.gone_at]
    assert [(each.is_altered, each.reported) for each in gone] == [(True, False)]


def test_a_quotation_that_is_gone_is_no_event(gazette: Gazette) -> None:
    begun(gazette)
    carried(gazette, *news(SENTENCE), slug="harbour", title="Boats lie idle")
    gazette.poll(HOUR)
    gazette.shows("harbour", page("Boats lie idle", (NEWS[0], NEWS[2])))
    assert gazette.poll(2 * DAY) == []
    (stored,) = quotations(gazette)
    assert stored.gone_at is not None
    assert list(gazette.watch.store.quotations.find(QuotationFilter())) == []


def test_quotations_of_pages_from_before_monitoring_began_are_history(gazette: Gazette) -> None:
    gazette.state_says(LAMPS)
    carried(gazette, *news(ALTERED), slug="harbour", title="Boats lie idle")
    assert gazette.poll() == []
    (event,) = (
        each
        for each in gazette.watch.store.events.find(EventFilter(kinds=("quote",)))
        if each.kind is EventKind.QUOTE_ALTERED
    )
    assert event.backfill


def test_stored_pages_are_searched_after_an_upgrade_as_history(gazette: Gazette) -> None:
    begun(gazette)
    carried(gazette, *news(SENTENCE), slug="harbour", title="Boats lie idle")
    gazette.poll(HOUR)
    store = gazette.watch.store
    with store.unit():
        store.database.execute("DELETE FROM quotations")
        store.database.execute("UPDATE pages SET is_searched = 0, relation = 'none'")
    assert gazette.poll(timedelta(minutes=30)) == []
    (stored,) = quotations(gazette)
    assert not stored.is_altered
    assert store.pages.by_id(stored.page_id).relation is Relation.QUOTED  # type: ignore[union-attr]


def test_a_page_that_claims_to_be_a_statement_quotes_nothing(gazette: Gazette) -> None:
    begun(gazette)
    claim = "Official news published at https://www.state.gov/no-such-thing/"
    carried(gazette, *news(SENTENCE), claim, slug="forged", title="A forged note")
    kinds = {event.kind for event in (*gazette.poll(HOUR), *gazette.poll(2 * DAY))}
    assert EventKind.QUOTE_FOUND not in kinds


def test_a_statement_known_later_is_found_in_a_page_known_before(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *news(SENTENCE), slug="harbour", title="Boats lie idle")
    assert gazette.poll(HOUR) == []
    gazette.state_says(LAMPS, Piece(1))
    kinds = [event.kind for event in gazette.poll(HOUR)]
    assert kinds == [EventKind.PUBLISHED, EventKind.QUOTE_FOUND]
