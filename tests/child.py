"""A child process of a test: another user, or a limit of the file size, without a new interpreter."""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import resource
import signal
import sys
import traceback
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import Said

import scraper

if TYPE_CHECKING:
    from collections.abc import Callable

NOBODY = 65_534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def in_child(
    work: Callable[[], int], *, user: int | None = None, group: int | None = None, file_bytes: int = -1
) -> Said:
    """Run `work` in a forked process, as another user if one is given; return what it printed and its exit code."""
    if user is not None:
        _load_all()
    pipes = [os.pipe() for _ in range(2)]  # not files, which the limit would cut
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of the test runner do not matter to the child
        process = os.fork()
    if process == 0:
        _work(work, [writing for _, writing in pipes], user, group, file_bytes)
    printed = []
    for reading, writing in pipes:
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            printed.append(stream.read().decode())
    _, status = os.waitpid(process, 0)
    return Said(*printed, os.waitstatus_to_exitcode(status))


def _work(work: Callable[[], int], streams: list[int], user: int | None, group: int | None, file_bytes: int) -> None:
    code = 99
    try:
        signal.alarm(60)
        for number, stream in enumerate(streams, start=1):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), "utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), "utf-8", write_through=True)
        if user is not None:
            os.setgroups([] if group is None else [group])
            os.setgid(user)
            os.setuid(user)
        if file_bytes >= 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))
        code = work()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


@cache
def _load_all() -> None:
    """Import what another user may not be able to: Python itself may be in the home folder of root."""
    for module in pkgutil.walk_packages(scraper.__path__, "scraper."):
        importlib.import_module(module.name)
    for name in ("email.parser", "encodings.idna", "webbrowser", "smtplib", "difflib"):
        importlib.import_module(name)


def is_readable_by_all(path: Path = Path(scraper.__file__)) -> bool:
    """Return True if another user can load the package, which a checkout in the home folder of root prevents."""
    return all(each.stat().st_mode & 0o001 for each in path.resolve().parents)
