"""Rules that compare the quotations known on a page with those found now and derive quote events (pure).

- An alteration is an accusation: it is reported once two captures of the page agree, word for word.
- The same words of a statement are one quotation, however often and with whichever signs a page has them.
- A quotation that is no longer on the page is gone; nothing is reported of that, because articles are shortened.
- A quotation is outdated if State's current wording no longer has its words; that is decided whenever it is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from scraper.model import Event, EventKind, Reason, Relation, Statement
from scraper.pages import QuotedPassage
from scraper.rules.copies import PageObservation
from scraper.rules.events import about
from scraper.text import normalize
from scraper.text.reasons import weightiest

_QUOTES_IN_EVENT = 5
_QUOTE_CHARS = 400


@dataclass(frozen=True, slots=True)
class QuotationDecision:
    """Quotations of a page after a check, the events to report, and True if an alteration waits for another look."""

    quotations: tuple[QuotedPassage, ...]
    events: tuple[Event, ...]
    is_waiting: bool


def derive(
    known: Sequence[QuotedPassage],
    statements: Mapping[int, Statement],
    found: Sequence[QuotedPassage],
    observation: PageObservation,
    *,
    is_silent: bool = False,
) -> QuotationDecision:
    """Derive the quotations of a page and their events from a check.

    `statements` are those of the quotations found, by id. `is_silent`: the page claims to be a statement, or resembles
    one, so that State's sentences in it are not quoted.
    """
    before = {_key(quotation): quotation for quotation in known}
    first_of = {_key(quotation): quotation for quotation in reversed(found)}
    now = [_seen(first_of[key], before.pop(key, None), observation) for key in dict.fromkeys(map(_key, found))]
    gone = [replace(old, gone_at=observation.at) for old in before.values() if old.gone_at is None]
    due = [] if is_silent else [each for each in now if _is_due(each, observation)]
    events = [
        _event(statements[statement_id], tuple(group), observation)
        for (statement_id, _), group in groupby(sorted(due, key=_subject), key=_subject)
        if statement_id in statements
    ]
    due_keys = {_key(quotation) for quotation in due}
    saved = [replace(each, reported=each.reported or _key(each) in due_keys) for each in now]
    waits = not is_silent and any(each.is_altered and not each.reported for each in saved)
    return QuotationDecision((*saved, *gone), tuple(events), waits)


def is_outdated(quotation: QuotedPassage, current_text: str) -> bool:
    """Return True if the words that were quoted no longer stand in State's current text."""
    return _words(quotation.wording) not in _words(current_text)


def _words(text: str) -> str:
    return f" {' '.join(normalize.words(text))} "


def _key(quotation: QuotedPassage) -> tuple[int, str]:
    return quotation.statement_id, _words(quotation.quote)


def _subject(quotation: QuotedPassage) -> tuple[int, bool]:
    return quotation.statement_id, quotation.is_altered


def _seen(found: QuotedPassage, old: QuotedPassage | None, observation: PageObservation) -> QuotedPassage:
    if old is None:
        return found
    is_new_look = not observation.is_rematch and observation.at > old.last_seen_at
    return replace(
        found,
        quote=old.quote,  # the row of the database is known by it
        first_seen_at=old.first_seen_at,
        last_seen_at=max(old.last_seen_at, found.last_seen_at),
        looks=old.looks + is_new_look,
        reported=old.reported and old.is_altered == found.is_altered,
    )


def _is_due(quotation: QuotedPassage, observation: PageObservation) -> bool:
    if quotation.reported:
        return False
    return not quotation.is_altered or quotation.looks > 1 or observation.backfill


def _event(statement: Statement, quotations: Sequence[QuotedPassage], observation: PageObservation) -> Event:
    """Build the event of one or more quotations of a statement on a page, all altered or none."""
    first = quotations[0]
    grades = [each.grade for each in quotations if each.grade and each.is_altered]
    if first.is_altered:
        reasons = weightiest(change for quotation in quotations for change in quotation.changes)
    else:
        reasons = _quoted(quotations)
    return about(
        statement,
        EventKind.QUOTE_ALTERED if first.is_altered else EventKind.QUOTE_FOUND,
        observation.at,
        observation.source,
        page_url=observation.page_url,
        page_title=observation.page_title,
        relation=Relation.QUOTED,
        revision=first.revision,
        grade=max(grades, key=lambda grade: grade.rank, default=None),
        before=normalize.truncate(first.wording, _QUOTE_CHARS),
        after=normalize.truncate(first.quote, _QUOTE_CHARS),
        reasons=reasons,
        backfill=observation.backfill,
    )


def _quoted(quotations: Iterable[QuotedPassage]) -> tuple[Reason, ...]:
    texts = [f"“{normalize.truncate(' '.join(each.quote.split()), _QUOTE_CHARS)}”" for each in quotations]
    more = len(texts) - _QUOTES_IN_EVENT
    shown = [*texts[:_QUOTES_IN_EVENT], *([f"and {more} more"] if more > 0 else [])]
    return tuple(Reason("", text) for text in shown)
