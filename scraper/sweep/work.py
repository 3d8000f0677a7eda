"""Work of one worker: sweeps one archive file with an index, and returns its report and its result."""

import os
import time
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from scraper.errors import InputError
from scraper.sweep.archive_pages import ArchiveFile, HashedStream
from scraper.sweep.inputs import Input, open_input
from scraper.sweep.results import Report, ResultWriter
from scraper.sweep.scan import Scanner

_IN_MEMORY_BYTES = 16_000_000


def sweep_file(
    given: Input, scanner: Scanner, progress: Callable[[int], None] = lambda _pages: None
) -> tuple[Report, IO[bytes]]:
    """Return the report of a file, and its result, which the caller closes.

    A file that cannot be opened, or not be read to its end, has a `failure` and no result. `progress` gets the number
    of pages now and then.
    """
    begun = time.perf_counter()
    spooled = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES, prefix="statewire-")  # noqa: SIM115 - the caller's
    result = cast("IO[bytes]", spooled)
    before = scanner.admitted, scanner.traced
    try:
        size, modified_ns = facts_of(given)
        with open_input(given) as opened:
            stream = HashedStream(given.name, opened)
            file, writer = ArchiveFile(stream), ResultWriter()
            for hit in scanner.scan(file, progress):
                writer.add(hit)
            sha256 = stream.finish()
    except InputError as error:
        return Report(given.name, given.size, failure=error.what), result
    writer.write_to(result)
    result.seek(0)
    after = scanner.admitted, scanner.traced
    admitted, traced = (one - other for one, other in zip(after, before, strict=True))
    return Report(
        given.name,
        size,
        modified_ns,
        sha256=sha256,
        index=scanner.index.sha256,
        records=file.records,
        pages=file.pages,
        admitted=admitted,
        traced=traced,
        hits=writer.count,
        seconds=round(time.perf_counter() - begun, 3),
        passed_over=dict(sorted(file.passed_over.items())),
        problems=tuple(file.problems),
    ), result


def facts_of(given: Input) -> tuple[int | None, int | None]:
    """Return size and time of modification of a file: by these, and its name, a later sweep knows it. Both may be None.

    Raise `InputError` if it is a path that cannot be read.
    """
    if "://" in given.place:
        return given.size, None
    try:
        found = os.stat(given.place)  # noqa: PTH116 - as it was given
    except OSError as error:
        raise InputError(f"{given.name} cannot be read: {error.strerror or error}", hint="check the path") from error
    return found.st_size, found.st_mtime_ns
