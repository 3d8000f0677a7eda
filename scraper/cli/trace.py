"""`statewire trace`: the statement and wording that a page, file or text carries, and what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import options, quotations, streams
from scraper.cli.fetch import open_fetcher
from scraper.cli.format import day_or_time, json_array, terminal_safe
from scraper.cli.layout import echo_line, echo_text
from scraper.cli.statements import marked
from scraper.errors import InputError
from scraper.formats.jsonl import objects
from scraper.matching.thresholds import QUOTED_WORDS
from scraper.serialize import parse_iso
from scraper.text.normalize import count, truncate
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.cli.app import Invocation
    from scraper.pipeline.page_trace import MatchTarget, PageTrace
    from scraper.pipeline.trace_report import MatchReport
    from scraper.store import Store

MAX_FILE_BYTES = 8_000_000
_MAX_NAME_CHARS = 200
_FIND_A_PART = "`statewire phrase` finds a part of them in a row, and `statewire search` in any order."
_BESIDE_QUOTE = ' \n\t“”"'


@click.command("trace")
@click.argument("targets", nargs=-1, metavar="[URL|FILE|-]...")
@click.option("--text", "sentence", metavar="TEXT", help="A sentence: who said it, when, and does it still stand?")
@click.option(
    "--jsonl", type=click.Path(path_type=Path), metavar="FILE", help="JSON Lines file with one page per line."
)
@options.as_json
@click.pass_obj
def trace(
    invocation: Invocation, targets: tuple[str, ...], sentence: str | None, jsonl: Path | None, as_json: bool
) -> None:
    """Trace a page, or a sentence, to its statement.

    A target is a URL, an HTML or text file, or - for text on standard input; a sentence is given with
    --text. With --jsonl each line has id, url, title, published_at, and html or text; one line comes out for each.
    """
    from scraper.pipeline import page_matching
    from scraper.pipeline.trace_rows import trace_row

    if [bool(targets), sentence is not None, jsonl is not None].count(True) != 1:
        raise click.UsageError(
            "give a page (a URL, a file, or - for standard input), a sentence with --text, or a file with --jsonl"
        )
    for name in targets:
        if "://" in name:
            options.check_url(name)
    if sentence is not None:
        sentence = sentence.strip(_BESIDE_QUOTE)
        if (length := len(Words(sentence))) < QUOTED_WORDS:
            hint = f"give a sentence, or at least {QUOTED_WORDS} words of it in a row; `statewire phrase` finds fewer"
            raise InputError(f"the text is too short: it has {count(length, 'word')}", hint=hint)
    store = invocation.store
    if jsonl is not None:
        for target in _lines(jsonl):
            click.echo(json.dumps(trace_row(store, page_matching.trace(store, target)), ensure_ascii=False))
        return
    if sentence is not None:
        traces = iter([page_matching.trace_sentence(store, sentence)])
    else:
        traces = (_trace(invocation, name) for name in targets)
    if as_json:
        json_array(trace_row(store, done) for done in traces)
        return
    for done in traces:
        _print(store, done, is_sentence=sentence is not None)


def _trace(invocation: Invocation, name: str) -> PageTrace:
    from scraper.pipeline import page_matching, text_trace

    target, is_text = _target(invocation, name)
    return (text_trace.trace_text if is_text else page_matching.trace)(invocation.store, target)


def _target(invocation: Invocation, name: str) -> tuple[MatchTarget, bool]:
    """Return what an argument names, and True if it is a text without markup."""
    from scraper.pipeline import page_matching
    from scraper.pipeline.fetch_url import fetch_claimed, fetch_page

    if name == "-":
        return page_matching.from_text("standard input", streams.read_input(MAX_FILE_BYTES)), True
    if "://" in name:
        with open_fetcher(invocation) as fetcher:
            store, settings = invocation.store, invocation.settings
            capture = fetch_page(name, store=store, fetcher=fetcher, settings=settings)
            target = page_matching.from_html(
                name,
                capture.body,
                content_type=capture.header("content-type"),
                url=capture.final_url,
                captured_at=capture.captured_at,
            )
            # The source that the page names decides the relation, so State is asked first.
            problems = fetch_claimed(target.attribution, store=store, fetcher=fetcher, settings=settings)
        for problem in problems:
            invocation.say(f"note: {terminal_safe(problem)}")
        return target, False
    body = _read(Path(name))
    if body.lstrip()[:1] == b"<":
        return page_matching.from_html(name, body, content_type=None), False
    return page_matching.from_text(name, body.decode("utf-8", "replace")), True


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        # No file has such a name: a sentence was meant.
        is_sentence = len(str(path).split()) >= QUOTED_WORDS
        hint = "check the path" if not is_sentence else 'to trace a sentence: statewire trace --text "…"'
        name = truncate(str(path), _MAX_NAME_CHARS)
        raise InputError(f"{name} cannot be read: {error.strerror or error}", hint=hint) from error
    if len(body) > MAX_FILE_BYTES:
        raise InputError(f"{path} is longer than {MAX_FILE_BYTES:,} bytes", hint="reduce it to the page in question")
    return body


def _lines(path: Path) -> Iterator[MatchTarget]:
    from scraper.pipeline import page_matching

    for number, _, record in objects(path):
        when, name = record.get("published_at"), str(record.get("id", number))
        try:
            published_at = parse_iso(when) if when else None
        except (TypeError, ValueError) as error:
            raise InputError(f"{path}:{number}: published_at should be a time such as 2026-11-23") from error
        named: dict[str, Any] = {"url": record.get("url"), "title": record.get("title"), "published_at": published_at}
        if isinstance(record.get("html"), str):
            yield page_matching.from_html(name, record["html"].encode("utf-8", "replace"), **named)
        elif isinstance(record.get("text"), str):
            yield page_matching.from_text(name, record["text"], **named)
        else:
            raise InputError(f"{path}:{number}: needs html or text")


def _print(store: Store, done: PageTrace, *, is_sentence: bool) -> None:
    from scraper.pipeline.trace_report import relation_words, report, sentence_verdict

    shown = report(store, done)
    if is_sentence:
        echo_line(click.style(sentence_verdict(done), bold=True))
        if not done.quotations:
            echo_line(_FIND_A_PART)
    else:
        outdated = ", outdated" if done.outdated else ""
        name = terminal_safe(done.target.name)
        echo_line(click.style(f"{name}: {relation_words(done.relation)}{outdated}", bold=True))
        echo_line(shown.verdict)
    for found in shown.matches:
        _print_match(found)
    for quotation in shown.quotations:
        click.echo()
        for line in quotations.trace_lines(store, quotation):
            echo_line(f"  {line}", 4)
    for url, is_known in shown.claims:
        echo_line(f"  names     {terminal_safe(url)}{'' if is_known else ' (no statement is known there)'}")
    if shown.via:
        echo_line(f"  by way of {', '.join(map(terminal_safe, shown.via))}")
    if done.target.problem:
        echo_line(f"  note      {terminal_safe(done.target.problem)}")
    for quote in shown.quotes:
        echo_line(f"  says      {terminal_safe(quote)}")


def _print_match(found: MatchReport) -> None:
    from scraper.pipeline.trace_report import relation_words

    match, statement = found.match, found.statement
    click.echo()
    what = f"{relation_words(match.relation)}{', outdated' if match.outdated else ''}"
    echo_line(f"  {what}: {terminal_safe(statement.title)}")
    when = day_or_time(statement.published_at, statement.precision)
    echo_line(f"    statement {statement.id}, revision {match.key.revision} of {statement.revisions}, {when}")
    echo_line(f"    {terminal_safe(statement.url)}")
    if match.relation != "translated":
        echo_line(f"    {match.coverage:.0%} of the statement is here, {match.fidelity:.0%} of that is word for word")
    for line in (*map(str, match.differences), *match.evidence):
        echo_line(f"    {terminal_safe(line)}")
    if found.by_state:
        echo_line("    changed by State since:")
        echo_text(marked(found.by_state.before, found.by_state.after, found.by_state.difference))
    if match.relation == "altered" and match.spans:
        echo_line("    changed by the page:")
        for change in found.by_page:
            echo_text(marked(change.before, change.after, change.difference))
