"""Workers of a Dask cluster: each file is one task, and the index is sent to each machine that does not have it."""

import importlib
import io
import os
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from platformdirs import user_cache_path

from scraper.errors import InputError
from scraper.sweep.index_file import IndexFile
from scraper.sweep.inputs import Input
from scraper.sweep.processes import MAX_TRIES, Pages
from scraper.sweep.results import Folder, Report
from scraper.sweep.scan import Scanner
from scraper.sweep.sections import open_sections
from scraper.sweep.work import sweep_file

TASKS_PER_THREAD: Final = 2
"""Files that a cluster has at a time: one that is swept, and the next one."""
CONNECT_S: Final = 30
_PIECE_BYTES = 16_000_000
_scanners = threading.local()


class IndexMissing(Exception):
    """A worker does not have the index: it joined after the index was sent."""


def sweep(
    inputs: Sequence[Input], index: Path, folder: Folder, address: str, pages: Pages = lambda _name, _pages: None
) -> Iterator[Report]:
    """Yield the report of each file as it is done, in any order; its result is in the folder then.

    Dask gives the file of a worker that died to another one, four times in all; then it is given anew, up to
    `MAX_TRIES` times. The files are opened by the workers. Raise `InputError` if the scheduler does not answer.
    """
    distributed = importlib.import_module("distributed")
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"the scheduler {address} does not answer: {error}", hint="check its address") from error
    with client:
        yield from _swept(distributed, client, deque(inputs), index, folder)


def _swept(distributed: Any, client: Any, waiting: deque[Input], index: Path, folder: Folder) -> Iterator[Report]:
    sha256 = open_sections(index).sha256
    _send_index(client, index, sha256)
    running = distributed.as_completed(loop=client.loop)
    given: dict[Any, Input] = {}
    tries = Counter[Input]()

    def submit() -> None:
        threads = sum(client.nthreads().values()) or 1
        while waiting and len(given) < TASKS_PER_THREAD * threads:
            each = waiting.popleft()
            tries[each] += 1
            future = client.submit(_task, each, str(index), sha256, pure=False)
            given[future] = each
            running.add(future)

    submit()
    for future in running:
        each = given.pop(future)
        error = future.exception()
        if isinstance(error, IndexMissing):
            _send_index(client, index, sha256)
            waiting.appendleft(each)
        elif isinstance(error, distributed.KilledWorker) and tries[each] < MAX_TRIES:
            waiting.append(each)  # workers died, perhaps not of this file
        elif error is not None:
            yield Report(each.name, failure=f"its worker failed ({type(error).__name__}: {error})")
        else:
            report, content = future.result()
            if not report.failure:
                folder.keep(report.result, io.BytesIO(content))
            yield report
        future.release()
        submit()


def _task(given: Input, index: str, sha256: str) -> tuple[Report, bytes]:
    """Sweep a file in a worker. Raise `IndexMissing`."""
    path = next((path for path in (Path(index), _cached(sha256)) if _has(path, sha256)), None)
    if path is None:
        raise IndexMissing(sha256)
    held: Scanner | None = getattr(_scanners, "held", None)
    if held is None or held.index.sha256 != sha256:
        held = _scanners.held = Scanner(IndexFile(path))
    report, result = sweep_file(given, held)
    with result:
        return report, result.read()


# The index


def _send_index(client: Any, index: Path, sha256: str) -> None:
    """Send the index to one worker of each machine that does not have it, in pieces."""
    missing = [worker for worker, has in client.run(_find, str(index), sha256).items() if not has]
    by_machine = {worker.rpartition(":")[0]: worker for worker in missing}
    for worker in by_machine.values():
        part = client.run(_begin, sha256, workers=[worker])[worker]
        with index.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                client.run(_append, part, piece, workers=[worker])
        client.run(_finish, part, sha256, workers=[worker])


def _cached(sha256: str) -> Path:
    return user_cache_path("statewire") / "indexes" / f"{sha256}.index"


def _has(path: Path, sha256: str) -> bool:
    try:
        return open_sections(path).sha256 == sha256
    except InputError:
        return False


def _find(index: str, sha256: str) -> bool:
    return _has(Path(index), sha256) or _has(_cached(sha256), sha256)


def _begin(sha256: str) -> str:
    folder = _cached(sha256).parent
    folder.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=folder, suffix=".part")
    os.close(number)
    return name


def _append(part: str, piece: bytes) -> None:
    with Path(part).open("ab") as file:
        file.write(piece)


def _finish(part: str, sha256: str) -> None:
    path = Path(part)
    try:
        open_sections(path).check()
        path.replace(_cached(sha256))
    finally:
        path.unlink(missing_ok=True)
