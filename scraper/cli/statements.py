"""`statewire list`, `show`, `diff` and `search`: stored statements and their wordings."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import copies, filters, options
from scraper.cli.format import (
    backfill_note,
    day_or_time,
    json_array,
    json_object,
    print_event,
    print_facts,
    print_paragraphs,
    terminal_safe,
)
from scraper.cli.layout import echo_line, echo_row, echo_text
from scraper.cli.param_types import quoted
from scraper.errors import InputError
from scraper.model import PublicationState
from scraper.serialize import optional_utc, revision_row, sections_of, statement_row
from scraper.statement_rows import copies_of, whole_row
from scraper.store import EventFilter, QuotationFilter, StatementFilter
from scraper.text import search_terms
from scraper.text.names import american
from scraper.text.normalize import count, paragraphs, truncate

if TYPE_CHECKING:
    from scraper.cli.app import Invocation
    from scraper.model import Revision, Statement
    from scraper.store import Store
    from scraper.text.diff import Difference

_SHOWN_EVENTS = 10
_SHOWN_CHARS = 100


_STATEMENT_FILTERS = filters.shared(
    "Only statements with more than one wording.",
    "Only statements that this site carries: a source, or a host such as stl.news.",
    "Only statements of which a copy has a wording that State has since replaced.",
)


@click.command("list")
@options.since
@options.until
@click.option("--source", metavar="NAME", help="Only statements that this source was the first to list.")
@_STATEMENT_FILTERS
@click.option(
    "--state", type=click.Choice([s.value for s in PublicationState]), help="Only current or withdrawn statements."
)
@options.limit(None)
@options.as_json
@click.pass_obj
def list_(invocation: Invocation, /, limit: int | None, as_json: bool, **conditions: Any) -> None:
    """List statements, newest first.

    Times are those of publication. Options of one name are alternatives (--country Laos --country Thailand), different
    ones must all hold. The words are those of watches.
    """
    chosen = filters.Filters.take(invocation, conditions)
    found = chosen.first_or_fail(chosen.statements(StatementFilter(**conditions), limit))
    if as_json:
        json_array(statement_row(statement) for statement in found)
        return
    statement = None
    for statement in found:
        _line(statement)
    if statement is None:
        options.say_none(invocation, "statements", options.POLL)


@click.command("show")
@click.argument("which", metavar="ID")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="Show revision N instead of the current one.")
@click.option("--text", "only_text", is_flag=True, help="Print the title and the text only.")
@options.as_json_object
@click.pass_obj
def show(invocation: Invocation, which: str, revision: int | None, only_text: bool, as_json: bool) -> None:
    """Show a statement with all its revisions. ID is its number, guid or URL."""
    store = invocation.store
    statement = options.find_one(store, which)
    revisions = store.statements.revisions(statement.id)
    wanted = _numbered(statement, revisions, revision or statement.revision)
    if as_json:
        json_object(whole_row(store, statement, revisions, wanted))
    elif only_text:
        click.echo(f"{wanted.wording.title}\n\n{wanted.wording.text}")
    else:
        _print(store, statement, revisions, wanted)


class _Revision(click.Argument):
    """Number of a revision, whose metavar has half of the brackets of an optional pair."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return its name in a message (see `click.Argument`)."""
        return f"revision {(self.metavar or '').strip('[]')}"


@click.command("diff")
@click.argument("which", metavar="ID")
@click.argument("first", metavar="[A", required=False, type=click.IntRange(1), cls=_Revision)
@click.argument("second", metavar="B]", required=False, type=click.IntRange(1), cls=_Revision)
@click.option("--previous-edition", is_flag=True, help="Show what is new and dropped since the edition before.")
@options.as_json_object
@click.pass_obj
def diff(
    invocation: Invocation, which: str, first: int | None, second: int | None, previous_edition: bool, as_json: bool
) -> None:
    """Show the differences between two revisions. Default: the last two.

    With A alone: between revision A and the current one.
    With --previous-edition, between a yearly message, a call or a report and the one of its series before it.
    """
    statement = options.find_one(invocation.store, which)
    if previous_edition:
        if first is not None:
            raise click.UsageError("give revisions or --previous-edition, not both")
        _print_edition(invocation, statement, as_json=as_json)
        return
    revisions = invocation.store.statements.revisions(statement.id)
    if first is None and len(revisions) == 1:
        hint = f"`statewire show {statement.id}` prints it"
        raise InputError(f"statement {statement.id} has only one revision", hint=hint)
    old = _numbered(statement, revisions, first or len(revisions) - 1)
    new = _numbered(statement, revisions, second or len(revisions))
    if old.number == new.number:
        current = "the current one" if old.number == len(revisions) else "compared with itself"
        hint = f"give two: statewire diff {statement.id} A B; it has the revisions 1 to {len(revisions)}"
        raise InputError(f"revision {old.number} of statement {statement.id} is {current}", hint=hint)
    from scraper.text import diff as differences  # lists need no comparison

    headings = (*old.headings, *new.headings)
    changes = [
        (before, after, differences.compare(before, after, headings=known))
        for before, after, known in (
            (old.wording.title, new.wording.title, ()),
            (old.wording.text, new.wording.text, headings),
        )
    ]
    if as_json:
        json_object(_diff_row(statement, old, new, changes))
        return
    echo_line(click.style(terminal_safe(statement.title), bold=True))
    former, latter = (f"revision {each.number} ({day_or_time(each.first_seen_at)})" for each in (old, new))
    echo_line(f"{former} → {latter}")
    for name, (before, after, difference) in zip(("title", "text"), changes, strict=True):
        if difference.grade is not None:
            click.echo(f"\n{name}: {difference.grade}")
            for reason in difference.reason_lines():
                echo_line(f"  {terminal_safe(reason)}")
            click.echo()
            echo_text(marked(before, after, difference))


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@options.since
@options.until
@click.option("--source", metavar="NAME", help="Only statements that this source was the first to list.")
@_STATEMENT_FILTERS
@options.limit(20)
@options.as_json
@click.pass_obj
def search(invocation: Invocation, /, query: tuple[str, ...], limit: int, as_json: bool, **conditions: Any) -> None:
    """Search all revisions. Every word must occur; "words in quotes" occur together.

    Of each statement the newest revision that has the words is listed, the best match first; of many matches, the
    newest 2,000 are ranked. The filters are those of `statewire list`.
    """
    # The shell has removed the quotes: an argument with a blank was a quoted phrase.
    phrases = " ".join(map(search_terms.quote, query))
    terms = search_terms.parse(phrases)
    if not terms:
        raise InputError("the search has no letter or digit", hint="give the words to find")
    is_filtered = any(conditions.values())
    chosen = filters.Filters.take(invocation, conditions)
    found = list(chosen.first_or_fail(chosen.search(phrases, StatementFilter(**conditions), limit)))
    if as_json:
        json_array(
            statement_row(statement) | {"revision": number, "snippet": snippet} for statement, number, snippet in found
        )
        return
    for statement, number, snippet in found:
        _line(statement)
        note = f"revision {number}: " if number != statement.revisions else ""
        echo_text(note + terminal_safe(snippet), "        ")
    if not found:
        where = " that fits the filters" if is_filtered else ""
        what = terminal_safe(search_terms.describe(terms))
        written = american(phrases)
        others = list(chosen.search(written, StatementFilter(**conditions), limit)) if written != phrases else []
        remedy = _of_state(written, len(others), limit) if others else _other_search(terms)
        invocation.say(f"No stored wording{where} has {what}. {remedy}")


def _of_state(written: str, found: int, limit: int) -> str:
    least = "at least " if found == limit else ""
    return f"State writes {quoted(truncate(written, _SHOWN_CHARS))}: {least}{count(found, 'statement')}."


def _other_search(terms: Sequence[str]) -> str:
    remedy = "Fewer or other words may find more"
    if search_terms.has_phrase(terms):
        remedy = "Without quotation marks, words are found in any order"
    return f"{remedy}; `statewire trace --text` finds a sentence, also with other words."


def _print_edition(invocation: Invocation, statement: Statement, *, as_json: bool) -> None:
    """Print the sentences that were dropped and that are new since the edition before, in order."""
    from scraper.rules import editions

    store = invocation.store
    before, text = store.editions.around(statement)[0], store.statements.text(statement)
    if before is None or not editions.is_of_series(before.text, text):
        raise InputError(
            f"no edition before statement {statement.id} is known: no earlier one has its title and its sentences",
            hint=f"statewire search '{terminal_safe(statement.title)}' lists statements with these words",
        )
    found = list(editions.compare_sentences(before.text, text))
    if as_json:
        json_object(
            {
                "statement": statement.id,
                "previous": before.id,
                "previous_title": before.title,
                "previous_published_at": optional_utc(before.published_at),
                "sentences": [{"change": "new" if each.is_new else "dropped", "text": each.text} for each in found],
            }
        )
        return
    echo_line(click.style(terminal_safe(statement.title), bold=True))
    echo_line(f"since {before.id}  {terminal_safe(before.title)}, {day_or_time(before.published_at, before.precision)}")
    click.echo()
    for each in found:
        words = terminal_safe(each.text)
        shown = f"{{+{words}+}}" if each.is_new else f"[-{words}-]"
        echo_text(click.style(shown, fg="green" if each.is_new else "red"), "  ")
    if not found:
        echo_line("  the same sentences")


def _numbered(statement: Statement, revisions: list[Revision], number: int) -> Revision:
    if number > len(revisions):
        raise InputError(f"statement {statement.id} has {len(revisions)} revisions, but no number {number}")
    return revisions[number - 1]


def _line(statement: Statement) -> None:
    state = " WITHDRAWN" if statement.state is PublicationState.WITHDRAWN else ""
    wordings = f" [{statement.revisions} wordings]" if statement.revisions > 1 else ""
    when = day_or_time(statement.published_at, statement.precision)
    echo_row(f"{statement.id:>6}  {when:<20}  ", terminal_safe(statement.title), f"{wordings}{state}")


# Keys of a row that `show` prints in another form, or not at all.
_FACTS_WITH_LABELS = frozenset(
    "id guid url title published_at precision byline speaker bureau state revisions words first_seen_at last_seen_at"
    " authority".split()
)


def _facts(store: Store, statement: Statement) -> list[tuple[str, str | None]]:
    row = statement_row(statement)
    return [
        ("Published", day_or_time(statement.published_at, statement.precision)),
        ("By", statement.byline),
        ("Speaker", statement.speaker if statement.speaker != statement.byline else None),
        ("Bureau", statement.bureau if statement.bureau != statement.byline else None),
        *((key.capitalize(), _in_words(value)) for key, value in row.items() if key not in _FACTS_WITH_LABELS),
        ("State", "WITHDRAWN from its URL" if statement.state is PublicationState.WITHDRAWN else None),
        ("Seen", f"{day_or_time(statement.first_seen_at)} to {day_or_time(statement.last_seen_at)}"),
        ("Number", f"{statement.id}, guid {statement.guid}"),
        *(("URL", alias.url) for alias in store.statements.aliases(statement.id)),
    ]


def _in_words(value: str | tuple[str, ...] | None) -> str | None:
    return ", ".join(value) if isinstance(value, tuple) else value


def _print(store: Store, statement: Statement, revisions: list[Revision], wanted: Revision) -> None:
    echo_line(click.style(terminal_safe(wanted.wording.title), bold=True))
    print_facts(_facts(store, statement))
    if len(revisions) > 1:
        click.echo()
        for revision in revisions:
            mark = "→" if revision.number == wanted.number else " "
            grade = f"{revision.grade} change" if revision.grade else "first wording"
            seen = f"{day_or_time(revision.first_seen_at)} to {day_or_time(revision.last_seen_at)}"
            echo_line(
                f"  {mark} revision {revision.number}  {seen}  {count(revision.words, 'word')}  {grade}",
                14 - 2 * (mark == " "),
            )
        click.echo(f"    statewire diff {statement.id}")
    if events := list(store.events.find(EventFilter(statement_id=statement.id, limit=_SHOWN_EVENTS))):
        click.echo()
        echo_line(f"  Newest events (`statewire alerts why NUMBER`, `statewire events --statement {statement.id}`):")
        for event in events:
            print_event(event, with_time=True, note=backfill_note(event), is_short=True)
    if carried := copies_of(store, statement):
        click.echo(f"\n  Carried by {len(carried)}:")
        for each in carried:
            for line in copies.copy_lines(*each):
                echo_line(f"    {line}")
    _print_quoted(store, statement)
    print_paragraphs(paragraphs(wanted.wording.text))


def _print_quoted(store: Store, statement: Statement) -> None:
    """Print the number of quotations on other sites, and of those with other words."""
    found = list(store.quotations.find(QuotationFilter(statement.id)))
    if found:
        altered = sum(each.is_altered for each in found)
        others = f", {altered} of them with other words" if altered else ""
        click.echo()
        echo_line(f"  {count(len(found), 'quotation')} on other sites{others}: statewire quotes {statement.id}")


def marked(before: str, after: str, difference: Difference | None = None) -> str:
    """Return a change in its context: [-removed-] and {+added+}, also coloured. Long equal stretches are shortened.

    `difference` is that of the two texts if it is known already.
    """
    from scraper.text.diff import compare
    from scraper.text.inline_diff import Mark, stretches

    difference = difference or compare(before, after)
    if not difference.hunks:
        return f"  - {terminal_safe(before)[:400]}\n  + {terminal_safe(after)[:400]}"
    parts = []
    for stretch in stretches(before, after, difference):
        lines = "\n".join(terminal_safe(line) for line in stretch.text.split("\n"))
        edges = [" " if stretch.text[:1].isspace() else "", " " if stretch.text[-1:].isspace() else ""]
        if stretch.mark is Mark.SAME:
            parts.append(edges[0] + lines + edges[1])
        elif stretch.mark is Mark.REMOVED:
            parts.append(edges[0] + click.style(f"[-{lines}-]", fg="red", strikethrough=True))
        elif stretch.mark is Mark.ADDED:
            parts.append(click.style(f"{{+{lines}+}}", fg="green", underline=True))
        else:
            parts.append(f" (… {stretch.text} words …) ")
    return textwrap.indent("".join(parts).strip(), "  ")


def _diff_row(
    statement: Statement, old: Revision, new: Revision, changes: list[tuple[str, str, Difference]]
) -> dict[str, Any]:
    return {
        "statement": statement.id,
        "guid": statement.guid,
        "before": revision_row(old),
        "after": revision_row(new),
    } | {
        name: {
            "grade": difference.grade,
            "reasons": difference.reason_lines(),
            "sections": sections_of(difference.reasons),
            "hunks": [
                {"before": before[slice(*hunk.before)], "after": after[slice(*hunk.after)]} for hunk in difference.hunks
            ],
        }
        for name, (before, after, difference) in zip(("title", "body"), changes, strict=True)
    }
