"""`statewire export evidence` and `verify`: evidence bundles out, and their check."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.exit_codes import SOME_FAILED
from scraper.cli.format import bar, json_array, json_object, terminal_safe
from scraper.cli.layout import echo_line
from scraper.clock import Clock
from scraper.serialize import optional_utc, row_of
from scraper.text.normalize import count


@click.command("evidence")
@click.argument("which", required=False, metavar="[STATEMENT]")
@click.option("--page", metavar="PAGE", help="Only its copy, or quotations of it, on this page (its number or URL).")
@click.option("--event", "event_id", type=click.IntRange(1), metavar="NUMBER", help="An event instead of a statement.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Default: such as statement-4.wacz"
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--no-timestamp", is_flag=True, help="Export without a time stamp, although a service is configured.")
@options.as_json_object
@click.pass_obj
def export_evidence(
    invocation: Invocation,
    /,
    which: str | None,
    page: str | None,
    event_id: int | None,
    output: Path | None,
    force: bool,
    no_timestamp: bool,
    as_json: bool,
) -> None:
    """Write an evidence bundle into a file.

    It has the stored responses, all wordings and their differences, hashes, and a page that says how to check them.
    STATEMENT is a number, guid or URL. `statewire verify` checks the file, which is a WACZ that programs for web
    archives open, and retention keeps what is in it.
    """
    from scraper.evidence import bundle, subject
    from scraper.evidence.stamping import stamper

    if (which is None) == (event_id is None) or (event_id is not None and page is not None):
        raise click.UsageError("give a statement, with --page PAGE for a copy or quotations of it, or --event NUMBER")
    store = invocation.store
    if event_id is not None:
        chosen, name = subject.of_event(store, event_id), f"event-{event_id}"
    else:
        statement = options.find_one(store, which or "")
        chosen = subject.of_page(store, statement, page) if page is not None else subject.of_statement(statement)
        name = "-".join(map(str, (chosen.kind, *(number for _, number in chosen.keys))))
    path = output or Path(f"{name}.wacz")
    clock = Clock()
    stamp = None if no_timestamp else stamper(invocation.settings, clock)
    done = bundle.export(store, chosen, path, clock.now(), stamp, replace=force)
    if done.missing:
        invocation.say(f"note: {count(done.missing, 'response')} not included, for retention has deleted the bodies")
    if store.is_read_only:
        invocation.say("note: this user may only read the database, so retention may delete what was exported")
    if as_json:
        json_object(
            {"file": str(path), "kind": chosen.kind, "is_stamped": stamp is not None}
            | row_of(done, "sha256 responses missing bytes")
        )
        return
    stamped = "with a time stamp" if stamp else "without a time stamp"
    invocation.confirm(f"{path}: {count(done.responses, 'response')}, {count(done.bytes, 'byte')}, {stamped}")
    invocation.confirm(f"SHA-256 of its datapackage.json: {done.sha256}")


@click.command("verify")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@options.as_json
@click.pass_obj
def verify(invocation: Invocation, files: tuple[Path, ...], as_json: bool) -> int:
    """Check evidence bundles, without a database or network.

    Names the member that does not fit, or the container (the zip itself). Exit code 3 if one does not fit.
    """
    with bar("members", invocation.say, is_quiet=invocation.quiet) as progress:
        rows = [_checked(path, progress) for path in files]
    if as_json:
        json_array(rows)
    else:
        for line in _lines(rows):
            echo_line(line)
    return 0 if all(row["fits"] for row in rows) else SOME_FAILED


def _checked(path: Path, progress: Any) -> dict[str, Any]:
    from scraper.formats.wacz_check import MemberError, check, opened

    row: dict[str, Any] = {"file": str(path), "fits": False, "member": None, "problem": None}
    try:
        with opened(path) as bundle:
            found = check(bundle, progress)
    except MemberError as error:
        return row | {"member": error.member, "problem": error.problem}
    stamped = found.stamped
    return row | {
        "fits": True,
        "sha256": found.sha256,
        "members": found.members,
        "responses": found.responses,
        "stamped_at": optional_utc(stamped.at) if stamped else None,
        "authority": stamped.authority if stamped else None,
        "root_sha256": stamped.root_sha256 if stamped else None,
        "not_checked": list(found.unchecked),
    }


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        file = terminal_safe(row["file"])
        if not row["fits"]:
            yield f"{file}: {terminal_safe(row['member'])} does not fit: {terminal_safe(row['problem'])}"
            continue
        yield f"{file}: intact; {count(row['members'], 'member')}, {count(row['responses'], 'response')}"
        yield f"  SHA-256 of its datapackage.json: {row['sha256']}"
        if row["stamped_at"]:
            yield f"  time stamp of {row['stamped_at']}, by {terminal_safe(row['authority'])}"
            yield f"  compare that root certificate with the authority's own; its SHA-256: {row['root_sha256']}"
        elif not row["not_checked"]:
            yield "  no time stamp: nothing outside this file says when it was made"
        for each in row["not_checked"]:
            yield f"  not checked: {each}"
