"""`statewire phrase`: since when and how often State uses a phrase, who does, and what dropped it."""

from collections.abc import Sequence
from typing import Any

import click

from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.format import day_or_time, json_object, terminal_safe
from scraper.cli.layout import echo_line, echo_row, echo_text
from scraper.cli.param_types import quoted
from scraper.errors import InputError
from scraper.model import PublicationState
from scraper.rules.phrase_uses import PhraseTurn, PhraseUse, count_labels, count_months
from scraper.serialize import optional_utc, row_of
from scraper.store.phrases import MAX_CHARS, PhraseDetails
from scraper.text.contexts import Context
from scraper.text.names import american
from scraper.text.normalize import clean, count
from scraper.text.scripts import has_word

_BAR_WIDTH = 40
_SHOWN_LABELS = 5
_SHOWN_MONTHS = 24


@click.command("phrase")
@click.argument("phrase", nargs=-1, required=True)
@options.limit(20)
@options.as_json_object
@click.pass_obj
def phrase(invocation: Invocation, /, phrase: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show when and how often State used a phrase.

    Its whole words are found in a row, in the titles and texts of all revisions. Letter case, accents and signs make no
    difference. Each statement counts once, a repost with its original. --limit is for the statements that are listed;
    all are counted.
    """
    wanted = clean(" ".join(phrase))
    if len(wanted) > MAX_CHARS:
        raise InputError(f"the phrase has {len(wanted):,} characters", hint=f"give at most {MAX_CHARS}")
    if not has_word(wanted):
        raise InputError("the phrase has no letter or digit", hint="give whole words")
    uses = invocation.store.phrases.find(wanted)
    details = invocation.store.phrases.details(wanted, uses[:limit])
    if as_json:
        json_object(_row(wanted, uses, details, limit))
    elif uses:
        _print(uses, details, limit)
    else:
        written = american(wanted)
        if written != wanted and (others := invocation.store.phrases.find(written)):
            remedy = f"State writes {quoted(written)}: {count(len(others), 'statement')}."
        elif len(wanted.split()) > 1:
            remedy = "`statewire search` may find them in any order."
        else:
            remedy = "Only whole words are found, in the form that is given."
        what = f"the words {quoted(wanted)} in a row" if len(wanted.split()) > 1 else f"the word {quoted(wanted)}"
        invocation.say(f"No wording has {what}. {remedy}")


def _row(wanted: str, uses: Sequence[PhraseUse], details: dict[int, PhraseDetails], limit: int) -> dict[str, Any]:
    return {
        "phrase": wanted,
        "statements": len(uses),
        "current": sum(use.is_current for use in uses),
        "first_used_at": optional_utc(uses[-1].at) if uses else None,
        "last_used_at": optional_utc(uses[0].at) if uses else None,
        "months": {f"{year:04}-{month:02}": number for (year, month), number in count_months(uses).items()},
        "speakers": [{"speaker": label, "statements": number} for label, number in _labels(uses, "speaker")],
        "types": [{"type": label, "statements": number} for label, number in _labels(uses, "type")],
        "uses": [_use_row(use, *details[use.statement_id]) for use in uses[:limit]],
    }


def _use_row(use: PhraseUse, context: Context, turns: Sequence[PhraseTurn]) -> dict[str, Any]:
    return {
        "statement": use.statement_id,
        **row_of(use, "title speaker type published_at precision first_seen_at state"),
        "is_current": use.is_current,
        "revisions": use.revisions,
        "context": {"before": context.before, "words": context.words, "after": context.after},
        "turns": [
            {"revision": turn.revision, "at": optional_utc(turn.at), "change": "added" if turn.is_there else "dropped"}
            for turn in turns
        ],
        "reposts": use.reposts,
    }


def _labels(uses: Sequence[PhraseUse], field: str) -> list[tuple[str | None, int]]:
    return count_labels(getattr(use, field) for use in uses)


def _print(uses: Sequence[PhraseUse], details: dict[int, PhraseDetails], limit: int) -> None:
    first, last = (day_or_time(use.at, use.precision) for use in (uses[-1], uses[0]))
    echo_line(click.style(f"{count(len(uses), 'statement')}: first {first}, last {last}", bold=True))
    months = count_months(uses)
    most = max(months.values())
    if len(months) > _SHOWN_MONTHS:
        click.echo(f"  the last {_SHOWN_MONTHS} months with the phrase; all: --json")
    for (year, month), number in list(months.items())[-_SHOWN_MONTHS:]:
        echo_line(f"  {year:04}-{month:02}  {'█' * max(1, round(_BAR_WIDTH * number / most))} {number}")
    for name, field in (("By speaker", "speaker"), ("By type", "type")):
        found = _labels(uses, field)
        shown = [f"{terminal_safe(label or 'not given')} {number}" for label, number in found[:_SHOWN_LABELS]]
        more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
        echo_line(f"{name}: {'; '.join(shown)}{more}")
    for use in uses[:limit]:
        state = " WITHDRAWN" if use.state is PublicationState.WITHDRAWN else ""
        echo_row(f"{use.statement_id:>6}  {day_or_time(use.at, use.precision):<20}  {terminal_safe(use.title)}", state)
        context, turns = details[use.statement_id]
        echo_text(f"{context.before}{click.style(f'**{context.words}**', bold=True)}{context.after}", "        ")
        for turn in turns:
            change = "added" if turn.is_there else "dropped"
            echo_line(f"        {change} in revision {turn.revision}, {day_or_time(turn.at)}")
        if use.reposts:
            echo_line(f"        published again as {', '.join(map(str, use.reposts))}")
    if len(uses) > limit:
        click.echo(f"and {count(len(uses) - limit, 'more statement')}: --limit {len(uses)}")
