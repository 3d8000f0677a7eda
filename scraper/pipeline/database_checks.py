"""Checks of `statewire doctor` on the database: its file, its indexes, its disk, and the clock of its machine."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from scraper.clock import format_duration
from scraper.pipeline.findings import Finding, Level, check, ok, trouble, warning
from scraper.store import Store, integrity

_SKEW, _BAD_SKEW = timedelta(minutes=2), timedelta(minutes=10)
_BAD_FREE_BYTES, _LOW_FREE_BYTES = 100_000_000, 1_000_000_000
_LONG_LOG_BYTES = 64 * 1024 * 1024
# A file of this size is checked whole in some two seconds, one of 200,000 statements in more than a minute.
_WHOLE_BYTES = 64 * 1024 * 1024
_REBUILD_SEARCH = "`statewire doctor --tidy` rebuilds it"


def check_database(
    store: Store, now: datetime, *, full: bool = False, say: Callable[[str], None] = lambda _: None
) -> Iterator[Finding]:
    """Check the database file, its indexes, its disk, and the clock of the machine that writes it.

    Of a file of more than 64 MB only the newest rows are checked, unless `full`; the findings say so. `say` gets a line
    before each long step.
    """
    size = store.path.stat().st_size
    is_large = size > _WHOLE_BYTES
    if is_large and not full:
        yield from _check_newest(store, size)
    else:
        say = say if is_large else lambda _: None
        say("reading the whole database")
        if found := integrity.damage(store):
            what = f"{store.path} is damaged: {'; '.join(found)}"
            yield trouble("database", what, "stop the daemon and replace the file with a backup; keep the damaged one")
            return
        yield ok("database", f"{store.path} is intact")
        yield from _check_whole(store, say)
    yield from check_disk(store.path)
    yield from _clock(store, now)


def _check_newest(store: Store, size: int) -> Iterator[Finding]:
    what = f"{store.path} can be read; damage in its {_size(size)} and references are checked by --full only"
    yield ok("database", what)
    yield from _triggers(store)
    newest = f"the newest {integrity.NEWEST} wordings; the others are checked by --full only"
    fault = integrity.newest_search_fault(store)
    yield check("search", not fault, f"has {newest}", f"not consistent with the wordings: {fault}", _REBUILD_SEARCH)
    yield _fingerprints(integrity.check_newest_of_index(store), f"consistent with {newest}")


def _check_whole(store: Store, say: Callable[[str], None]) -> Iterator[Finding]:
    say("following all references")
    if broken := integrity.broken_references(store):
        yield trouble("database", "; ".join(broken), "replace it with a backup, or report a bug")
    yield from _triggers(store)
    say("comparing search with all wordings")
    yield _search(store)
    say("comparing fingerprints with all wordings")
    yield _fingerprints(integrity.check_index(store), "consistent with the wordings")


def _triggers(store: Store) -> Iterator[Finding]:
    if missing := integrity.missing_triggers(store):
        advice = "`statewire doctor --tidy` rebuilds those of the search; the others need a backup"
        yield trouble("database", f"triggers are missing: {', '.join(missing)}", advice)


def _fingerprints(index: integrity.IndexState, well: str) -> Finding:
    what = (
        f"{index.unindexed} wordings without any, {index.outdated} with those of other words, {index.stray} of no"
        " wording: copies may be missed"
    )
    return check("fingerprints", index.matches_wordings, well, what, "`statewire doctor --tidy` rebuilds them")


def _search(store: Store) -> Finding:
    if store.is_read_only:
        return warning("search", "not checked, because this user may only read the database", "let its owner check it")
    well, fault = "consistent with the wordings", integrity.search_fault(store)
    return check("search", not fault, well, f"not {well}: {fault}", _REBUILD_SEARCH)


def check_disk(path: Path) -> Iterator[Finding]:
    """Check the free disk space for a database; the database need not be readable."""
    if not path.parent.is_dir():
        return
    free = shutil.disk_usage(path.parent).free
    level = Level.TROUBLE if free < _BAD_FREE_BYTES else Level.WARNING if free < _LOW_FREE_BYTES else Level.OK
    advice = "" if level is Level.OK else "free some space, or keep bodies for less time (`keep:` in the configuration)"
    size = path.stat().st_size if path.exists() else 0
    yield Finding("disk", level, f"{_size(free)} free; the database has {_size(size)}", advice)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > _LONG_LOG_BYTES:
        advice = "close programs that keep the database open (Datasette, sqlite3)"
        yield warning("disk", f"{log} has grown to {_size(log.stat().st_size)}", advice)


def _clock(store: Store, now: datetime) -> Iterator[Finding]:
    newest = integrity.newest_time(store)
    if newest is not None and newest > now + _SKEW:
        what = f"the database has a time of {newest:%Y-%m-%d %H:%M} UTC, {format_duration(newest - now)} in the future"
        yield trouble("clock", what, "set the clock of this machine; captures before that time count as old")
        return
    lead = integrity.clock_lead(store, now)
    if lead is None:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; no response of the last week to compare it with")
        return
    if abs(lead) < _SKEW:
        yield ok("clock", "agrees with the requested servers")
        return
    level = Level.WARNING if abs(lead) < _BAD_SKEW else Level.TROUBLE
    what = f"{format_duration(abs(lead))} {'ahead of' if lead > timedelta(0) else 'behind'} the requested servers"
    yield Finding("clock", level, what, "synchronise the clock (NTP)")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
