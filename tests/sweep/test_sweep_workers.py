"""Tests of the workers: as many as there are, killed or stalled, they give the same results, each once."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import warc
from sweep_support import Known, archive, html, page_record, paragraphs, sentence

from scraper.sweep import cluster, processes, run
from scraper.sweep.index_file import IndexFile
from scraper.sweep.inputs import Input, expand
from scraper.sweep.results import Folder, Report, rows_of_pages

FILES = 6
PAGES = 40


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[Input]:
    """Some files, each with pages of which one in four carries or quotes a statement."""
    folder = tmp_path_factory.mktemp("archives")
    for each in range(FILES):
        found = {
            f"https://site{each}.example/{at}": html(*paragraphs(at % 12))
            if at % 4 == 0
            else html(f"“{sentence(at + 9_000)}”", "The weather was fine on that day.")
            for at in range(PAGES)
        }
        archive(folder / f"{each}.warc.gz", found)
    return expand([str(folder)])


def merged(folder: Folder, tally: run.Tally) -> list[dict[str, Any]]:
    return list(rows_of_pages(folder.merged(tally.done)))


def by_processes(made: Known, folder: Folder, count: int) -> run.Sweep:
    return lambda inputs, pages: processes.sweep(inputs, made.file, folder, count, pages)


@pytest.fixture(scope="module")
def wanted(made: Known, archives: list[Input], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The rows that one worker finds."""
    folder = Folder(tmp_path_factory.mktemp("one"))
    tally = run.sweep(archives, folder, made.index.sha256, by_processes(made, folder, 1))
    found = merged(folder, tally)
    assert len(found) == FILES * PAGES // 4
    return found


def test_workers_that_are_killed_lose_nothing(
    made: Known, archives: list[Input], wanted: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MAX_TRIES", 50)
    folder, rng = Folder(tmp_path), random.Random(7)
    started: list[int] = []
    real = processes._started

    def start(*arguments: Any) -> Any:
        worker = real(*arguments)
        started.append(worker.process.pid)
        if len(started) <= 6:
            threading.Timer(rng.uniform(0.2, 3.0), lambda: os.kill(worker.process.pid, signal.SIGKILL)).start()
        return worker

    monkeypatch.setattr(processes, "_started", start)
    tally = run.sweep(archives, folder, made.index.sha256, by_processes(made, folder, 2))
    assert len(started) > 2
    assert not tally.failed
    assert merged(folder, tally) == wanted
    assert len(tally.reports) == FILES
    # What the workers have left is cleared, and a second sweep has nothing to do.
    with folder.locked():
        assert not list(tmp_path.glob("*.part"))

    def none(inputs: Any, _pages: Any) -> Iterator[Report]:
        raise AssertionError(inputs)

    again = run.sweep(archives, folder, made.index.sha256, none)
    assert again.known == FILES
    assert merged(folder, again) == wanted


def test_a_file_that_kills_its_workers_fails_alone(made: Known, archives: list[Input], tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    pipe = tmp_path / "killer"
    os.mkfifo(pipe)  # a worker that opens it waits
    given = [Input(str(pipe)), archives[0]]
    stalled = {report.name: report for report in processes.sweep(given, made.file, folder, 2, lambda *_: None, 5.0)}
    assert stalled[archives[0].name].hits == PAGES // 4
    assert "gave no page for 5 s" in stalled[str(pipe)].failure


def test_an_interrupt_of_a_worker_that_starts_does_not_end_it(
    made: Known, archives: list[Input], tmp_path: Path
) -> None:
    """Ctrl-C reaches all processes of a terminal, also one that has not run a line of ours yet."""
    worker = processes._started(made.file, tmp_path)
    assert worker.process.pid is not None
    os.kill(worker.process.pid, signal.SIGINT)
    worker.give(processes._Task(archives[0]))
    assert worker.connection.poll(60)
    assert isinstance(worker.connection.recv(), (int, Report))
    worker.stop()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_worker_that_dies_each_time_is_not_started_for_ever(
    made: Known, archives: list[Input], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = processes._started

    def start(*arguments: Any) -> Any:
        worker = real(*arguments)
        worker.process.kill()
        return worker

    monkeypatch.setattr(processes, "_started", start)
    (report,) = processes.sweep(archives[:1], made.file, Folder(tmp_path), 2, lambda *_: None)
    assert report.failure == "3 workers died of it"


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as found:
        yield found


@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_finds_the_same_and_gets_the_index_once(
    dask: Any, made: Known, archives: list[Input], wanted: list[dict[str, Any]], tmp_path: Path
) -> None:
    # A path that the workers do not have: they are other machines.
    mine = tmp_path / "mine.index"
    shutil.copy(made.file, mine)
    folder = Folder(tmp_path / "results")
    folder.path.mkdir()
    tally = run.sweep(
        archives,
        folder,
        made.index.sha256,
        lambda inputs, _: cluster.sweep(inputs, mine, folder, dask.scheduler_address),
    )
    assert merged(folder, tally) == wanted


@pytest.mark.filterwarnings("default")
def test_a_worker_of_a_cluster_that_is_killed_loses_nothing(
    dask: Any, made: Known, archives: list[Input], wanted: list[dict[str, Any]], tmp_path: Path
) -> None:
    folder = Folder(tmp_path)

    def sweep(inputs: Any, _pages: Any) -> Iterator[Report]:
        for number, report in enumerate(cluster.sweep(inputs, made.file, folder, dask.scheduler_address)):
            if number == 0:
                os.kill(dask.workers[0].pid, signal.SIGKILL)  # its nanny starts another one
            yield report

    tally = run.sweep(archives, folder, made.index.sha256, sweep)
    assert not tally.failed
    assert merged(folder, tally) == wanted


def test_the_index_is_kept_by_its_hash(made: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sha256 = made.index.sha256
    assert cluster._find(str(made.file), sha256)
    assert not cluster._find(str(tmp_path / "absent"), sha256)
    with pytest.raises(cluster.IndexMissing):
        cluster._task(Input("x.warc"), str(tmp_path / "absent"), sha256)
    for content, is_whole in ((made.file.read_bytes()[:-1], False), (made.file.read_bytes(), True)):
        part = cluster._begin(sha256)
        cluster._append(part, content[:1_000])
        cluster._append(part, content[1_000:])
        if is_whole:
            cluster._finish(part, sha256)
        else:
            with pytest.raises(Exception, match="damaged"):
                cluster._finish(part, sha256)
        assert cluster._find(str(tmp_path / "absent"), sha256) is is_whole
        assert not Path(part).exists()
    file = warc(tmp_path / "x.warc", page_record("https://one.example/", html(*paragraphs(3))))
    report, content = cluster._task(Input(str(file)), str(tmp_path / "absent"), sha256)
    assert (report.hits, IndexFile(cluster._cached(sha256)).sha256) == (1, sha256)
    assert content.count(b"\n") == 1


@pytest.mark.filterwarnings("default")
def test_a_scheduler_that_is_not_there_is_named(made: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with pytest.raises(Exception, match="does not answer"):
        list(cluster.sweep([Input("x")], made.file, Folder(tmp_path), "tcp://127.0.0.1:9"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_stopped_goes_on_where_it_was(
    made: Known, archives: list[Input], wanted: list[dict[str, Any]], tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "copies.jsonl"
    command = [sys.executable, "-c", "from scraper.cli import main; main()", "-q", "sweep", "--workers", "2"]
    command += ["--index", str(made.file), "--out", str(out), *(each.name for each in archives)]
    ledger = tmp_path / "copies.jsonl.sweep" / "ledger.jsonl"
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True) as first:
        while not (ledger.exists() and ledger.stat().st_size) and first.poll() is None:
            time.sleep(0.005)
        # As Ctrl-C does it: all processes of the terminal get the signal.
        os.killpg(first.pid, number) if number is signal.SIGINT else first.kill()
        assert first.stderr is not None
        said = first.stderr.read()
    assert first.returncode == (130 if number is signal.SIGINT else -number)
    assert (said.strip() == b"statewire: stopped") is (number is signal.SIGINT)
    assert not out.exists()
    done = len(ledger.read_text().splitlines())
    assert 0 < done < FILES
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert len(ledger.read_text().splitlines()) == FILES
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == wanted
