"""Processes that are forked from one that has loaded statewire, at a tenth of the CPU time of a new interpreter."""

from __future__ import annotations

import atexit
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
_MOST_BYTES = 200_000


class Process:
    """A forked process, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, code: str, arguments: list[str], *, cwd: Path, env: dict[str, str], out: int, err: int) -> None:
        """Run `code` as `python -c` would, with `arguments`, in a folder; `out` and `err` are file descriptors."""
        reading, writing = os.pipe()
        self._status = os.fdopen(reading, "rb", buffering=0)
        self.returncode: int | None = None
        task = {"code": code, "arguments": arguments, "cwd": str(cwd), "env": env}
        socket.send_fds(_server(), [json.dumps(task).encode()], [out, err, writing])
        os.close(writing)
        self.pid = int(self._status.readline())

    def poll(self, timeout_s: float = 0) -> int | None:
        """Return the exit code, negative for a signal as with `Popen`; None if the process still runs."""
        if self.returncode is None and select.select([self._status], [], [], timeout_s)[0]:
            self.returncode = int(self._status.readline())
            self._status.close()
        return self.returncode

    def wait(self, timeout: float) -> int:
        found = self.poll(timeout)
        if found is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
        return found

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process, if it still runs, and wait for its end."""
        self.send_signal(signal.SIGKILL)
        self.wait(20)


@cache
def _server() -> socket.socket:
    """Start the process that forks; it ends with its last socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(control: socket.socket) -> dict[str, Any]:
    """Fork a process for each task that arrives; return the task in the process that is to do it."""
    while True:
        message, (*descriptors,), _, _ = socket.recv_fds(control, _MOST_BYTES, 3)
        if not message:
            _reap(0)
            sys.exit()
        if os.fork() == 0:
            control.close()
            return _in_child(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _reap(os.WNOHANG)


def _reap(options: int) -> None:
    """Wait for forked processes, whose ends they have reported themselves."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _in_child(task: dict[str, Any], out: int, err: int, status: int) -> dict[str, Any]:
    """Fork once more and report the end of that process, in which this returns the task."""
    child = os.fork()
    if child:
        _report(child, out, err, status)
    os.close(status)
    for number, descriptor in enumerate((out, err), start=1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(task["cwd"])
    os.environ.clear()
    os.environ.update(task["env"])
    time.tzset()
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", "backslashreplace", write_through=True)
    sys.argv = ["-c", *task["arguments"]]
    return task


def _report(child: int, out: int, err: int, status: int) -> NoReturn:
    os.close(out)
    os.close(err)
    with os.fdopen(status, "wb", buffering=0) as pipe:
        pipe.write(f"{child}\n".encode())
        _, ended = os.waitpid(child, 0)
        pipe.write(f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    # What each daemon and command loads at its start.
    import scraper.cli.fetch
    import scraper.cli.run
    import scraper.cli.status
    import scraper.daemon.main  # noqa: F401

    # Not within `_serve`, so that the process ends as any other: with its exit code, after what `atexit` knows.
    _task = _serve(socket.socket(fileno=int(sys.argv[1])))
    exec(compile(_task["code"], "<string>", "exec"), {"__name__": "__main__"})
