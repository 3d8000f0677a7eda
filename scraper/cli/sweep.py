"""`statewire sweep` and `statewire index`: copies and quotations in whole web archives."""

import importlib.util
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.exit_codes import ALL_FAILED, SOME_FAILED
from scraper.cli.format import bar, json_object, terminal_safe
from scraper.cli.layout import echo_line
from scraper.config.names import name_key
from scraper.errors import InputError, how_to_install
from scraper.text.normalize import count

if TYPE_CHECKING:
    from scraper.sweep.inputs import Input
    from scraper.sweep.processes import Pages
    from scraper.sweep.results import Folder, Report
    from scraper.sweep.run import Tally

_SHOWN_PROBLEMS = 20
_LINE_EVERY_S = 30.0
_NEEDED = ("numpy", "resiliparse")
_INDEX = "index"
_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


@click.group("index")
def index() -> None:
    """Make the index file that `sweep` reads."""


@index.command("build")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@options.as_json_object
@click.pass_obj
def build(invocation: Invocation, file: Path, as_json: bool) -> None:
    """Write all wordings to FILE, for `sweep`.

    The file serves on any machine, without the database. An existing one is replaced.
    """
    _check_extra("index build", _NEEDED)
    from scraper.sweep.sections import open_sections

    _build(invocation, file)
    header = open_sections(file).header
    if as_json:
        json_object({name: header[name] for name in ("sha256", "statements", "revisions")})
        return
    invocation.confirm(
        f"{terminal_safe(str(file))}: {count(header['revisions'], 'revision')} of"
        f" {count(header['statements'], 'statement')}, {file.stat().st_size / 1e6:,.0f} MB, {header['sha256'][:16]}"
    )


@click.command("sweep")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write one row for each page found.")
@click.option(
    "--into", type=click.Path(path_type=Path), metavar="DB", help="Store what is found in this database, as backfill."
)
@click.option("--name", default="archive", metavar="NAME", help="Store it as source sweep:NAME. Default: archive.")
@click.option(
    "--index", "index_file", type=click.Path(path_type=Path), metavar="FILE", help="Index file. Default: made anew."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), metavar="FOLDER", help="Folder of results. Default: beside FILE or DB."
)
@click.option("--prefix", default="", metavar="URL", help="Folder or URL before relative paths of lists.")
@click.option(
    "--workers", type=click.IntRange(1, 1_000), metavar="N", help="Processes of this machine. Default: its processors."
)
@click.option("--scheduler", metavar="ADDRESS", help="Address of a Dask scheduler, whose workers do the work.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Sweep N files, and estimate the others.")
@options.as_json_object
@click.pass_obj
def sweep(invocation: Invocation, /, paths: tuple[str, ...], as_json: bool, **chosen: Any) -> int:
    """Find copies and quotations in web archives.

    PATH is a WARC or WET file, a folder, a pattern, or a list of these (.paths, .txt), also at https:// or s3://. No
    page is fetched. Files that are done are not read again, so an interrupted sweep is simply started again. Exit code
    3 if files are damaged or cannot be read.
    """
    if (chosen["out"] is None) == (chosen["into"] is None):
        raise click.UsageError("give either --out FILE or --into DB")
    if chosen["workers"] and chosen["scheduler"]:
        raise click.UsageError("--workers are processes of this machine, and --scheduler has workers of its own")
    _check_extra("sweep", (*_NEEDED, *(["distributed"] if chosen["scheduler"] else [])))
    if chosen["into"] is not None:
        if invocation.db is not None and invocation.db != chosen["into"]:
            raise click.UsageError("--into names the database, so that --db must not name another one")
        invocation.db = chosen["into"]
        _ = invocation.writable_store
    from scraper.sweep import run
    from scraper.sweep.inputs import expand
    from scraper.sweep.results import Folder

    inputs = expand(paths, chosen["prefix"])
    target: Path = chosen["out"] or chosen["into"]
    folder = Folder(chosen["folder"] or target.with_name(f"{target.name}.sweep"))
    some = run.sample(inputs, chosen["sample"]) if chosen["sample"] else inputs
    with folder.locked():
        path, sha256 = _index_of(invocation, chosen["index_file"], folder)
        by = partial(_by, path=path, folder=folder, workers=chosen["workers"], scheduler=chosen["scheduler"])
        with _Progress(invocation, some) as progress:
            tally = run.sweep(some, folder, sha256, by, progress)
        rows = _merge(invocation, folder, tally, chosen)
    return _report(invocation, tally, inputs, rows, as_json=as_json)


def _check_extra(command: str, modules: Sequence[str]) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"`statewire {command}` needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not"
            " installed",
            hint=how_to_install("sweep"),
        )


def _build(invocation: Invocation, file: Path) -> str:
    from scraper.sweep import index_build

    with bar("revisions", invocation.say, is_quiet=invocation.quiet) as progress:
        return index_build.build(invocation.store, file, progress)


def _index_of(invocation: Invocation, given: Path | None, folder: "Folder") -> tuple[Path, str]:
    """Return an index file and its hash: the one that was given, else that of the database as it is now."""
    from scraper.sweep.index_file import IndexFile

    path = given or folder.path / _INDEX
    if given is None:
        key = invocation.store.index_rows.key()
        is_current = path.exists() and IndexFile(path).sections.header["database"] == key
        if not is_current:
            _build(invocation, path)
    found = IndexFile(path)
    found.sections.check()
    return path.resolve(), found.sha256


def _by(
    inputs: "Sequence[Input]",
    pages: "Pages",
    *,
    path: Path,
    folder: "Folder",
    workers: int | None,
    scheduler: str | None,
) -> "Iterator[Report]":
    if scheduler:
        from scraper.sweep import cluster

        return cluster.sweep(inputs, path, folder, scheduler)
    from scraper.sweep import processes

    return processes.sweep(inputs, path, folder, workers or len(os.sched_getaffinity(0)), pages)


def _merge(invocation: Invocation, folder: "Folder", tally: "Tally", chosen: dict[str, Any]) -> dict[str, int]:
    """Write what was found, and return the numbers of rows."""
    found = folder.merged(tally.done)
    if chosen["into"] is not None:
        from scraper.sweep.into_store import store_results

        with bar("captures", invocation.say, is_quiet=invocation.quiet) as progress:
            return asdict(store_results(invocation.writable_store, name_key(chosen["name"]), found, progress))
    from scraper.files import replacing
    from scraper.sweep.results import rows_of_pages

    rows = 0
    with replacing(chosen["out"], is_replaced=True) as file:
        for row in rows_of_pages(found):
            file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            rows += 1
    return {"rows": rows}


class _Progress:
    """Line of progress on stderr: on a terminal one that changes, elsewhere another one from time to time."""

    def __init__(self, invocation: Invocation, inputs: "Sequence[Input]") -> None:
        self._say, self._is_quiet = invocation.say, invocation.quiet
        self._is_terminal = sys.stderr.isatty()
        self._begun = self._shown = time.monotonic()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_terminal and not self._is_quiet:
            click.echo("\r\033[K", err=True, nl=False)

    def __call__(self, tally: "Tally") -> None:
        now = time.monotonic()
        if self._is_quiet or now - self._shown < (1.0 if self._is_terminal else _LINE_EVERY_S):
            return
        self._shown = now
        line = progress_line(tally, now - self._begun)
        if self._is_terminal:
            click.echo(f"\r\033[K{line}", err=True, nl=False)
        else:
            self._say(line)


def progress_line(tally: "Tally", seconds: float) -> str:
    """Return what has been done in so many seconds, at which rate, and how long the rest will take."""
    files = f"{tally.known + tally.done_now:,} of {count(tally.files, 'file')}"
    line = f"{files}, {count(tally.pages, 'page')}, {tally.pages / max(seconds, 1e-3):,.0f} pages/s"
    left = tally.files - tally.known - tally.done_now
    if not tally.done_now or not left:
        return line
    return f"{line}, {_span(seconds * left / tally.done_now)} left"


def _span(seconds: float) -> str:
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return f"about {seconds / size:.0f} {unit}"


def _report(
    invocation: Invocation, tally: "Tally", inputs: "Sequence[Input]", rows: dict[str, int], *, as_json: bool
) -> int:
    from scraper.sweep import run

    done = {report.name for report in tally.reports}
    rest = [each for each in inputs if each.name not in done]
    left = run.estimate(tally.done, rest) if rest else None
    problems = [f"{report.name}: {report.failure}" for report in tally.failed]
    problems += [f"{report.name}: {problem}" for report in tally.damaged for problem in report.problems]
    for problem in sorted(problems)[: None if invocation.verbose else _SHOWN_PROBLEMS]:
        invocation.note(terminal_safe(problem))
    if len(problems) > _SHOWN_PROBLEMS and not invocation.verbose:
        invocation.say(f"and {count(len(problems) - _SHOWN_PROBLEMS, 'more problem')}; -v shows all")
    pages = sum(report.pages for report in tally.done)
    hits = sum(report.hits for report in tally.done)
    passed_over = dict(sorted(sum((Counter(report.passed_over) for report in tally.done), Counter[str]()).items()))
    if as_json:
        json_object(
            {
                "files": tally.files,
                "known": tally.known,
                "failed": len(tally.failed),
                "damaged": len(tally.damaged),
                "pages": pages,
                "hits": hits,
                "passed_over": passed_over,
                **rows,
                "problems": sorted(problems),
                "estimate": asdict(left) if left else None,
            }
        )
    else:
        before = f", {tally.known:,} of them before" if tally.known else ""
        echo_line(f"{count(len(tally.done), 'file')} swept{before}: {count(pages, 'page')}, {hits:,} with statements")
        if passed_over:
            echo_line(f"passed over: {', '.join(f'{number:,} {reason}' for reason, number in passed_over.items())}")
        if "rows" in rows:
            echo_line(f"{count(rows['rows'], 'row')} written")
        else:
            left_out = f"; {rows['without_page']:,} gave no page" if rows["without_page"] else ""
            echo_line(f"{count(rows['new'], 'capture')} stored, {rows['known']:,} known before{left_out}")
        if left:
            echo_line(
                f"the other {count(left.files, 'file')}: about {count(left.pages, 'page')}, {left.hits:,} with"
                f" statements, {_span(left.worker_seconds)} of one worker"
            )
    if tally.failed and not tally.done:
        return ALL_FAILED
    return SOME_FAILED if problems else 0
