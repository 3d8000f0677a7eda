"""Fixtures of several folders: a database, a clock, and the command line run in the same process."""

from __future__ import annotations

import gc
import logging
import shutil
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis
import pytest
from command import CONFIG, Said
from samples import NOON, Piece, poll_records, record, rss, warc

from scraper.cli import main
from scraper.clock import SimulatedClock
from scraper.store import Store, database

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

# To compile all tests anew, with their assertions rewritten, takes a worker six seconds more.
sys.dont_write_bytecode = False
# How long an example takes hangs on what else the machine does.
hypothesis.settings.register_profile("statewire", deadline=None)
hypothesis.settings.load_profile("statewire")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what collection leaves, hundreds of thousands of objects, out of each later garbage collection."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        # The trees of pages are garbage in circles: by default, some are searched for it again and again as they grow.
        gc.set_threshold(10_000, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose files take longest, so that no worker is left alone with one at the end."""
    longest = ("e2e", "simulation", "pipeline", "faults", "parsers")
    ranks = {name: rank for rank, name in enumerate(longest)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


@pytest.fixture(scope="session", autouse=True)
def without_sync() -> Iterator[None]:
    """Let no commit in this process wait for the disk, which only matters where the power may fail."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SYNCHRONOUS", "OFF")
        yield


@pytest.fixture(scope="session", autouse=True)
def without_own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the configuration, the database and the terminal of the person who runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        for name in ("COLUMNS", "NO_COLOR"):  # xdist sets one too
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Undo what a test sets that runs the daemon's command in this process: handlers and levels of the log."""
    root, ours = logging.getLogger(), logging.getLogger("statewire")
    handlers, before = root.handlers[:], (root.level, ours.level, logging.raiseExceptions)
    yield
    if root.handlers != handlers:
        root.handlers[:] = handlers
    root.setLevel(before[0])
    ours.setLevel(before[1])
    logging.raiseExceptions = before[2]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Where the database of a test is, or will be."""
    return tmp_path / "statewire.db"


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database without content. To make one takes longer than most tests."""
    path = tmp_path_factory.mktemp("new") / "statewire.db"
    Store(path).close()
    return path.read_bytes()


@pytest.fixture
def store(db: Path, new_database: bytes) -> Iterator[Store]:
    if not db.exists():
        db.write_bytes(new_database)
    with Store(db) as opened:
        yield opened


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """The whole command, in this process, in a folder with a configuration and a database of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")

    def run(*arguments: str, db: str | None = "statewire.db") -> Said:
        before = ["--db", db] if db else []
        with pytest.raises(SystemExit) as ended:
            main([*before, *arguments])
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(captured.out, captured.err, ended.value.code)

    return run


@pytest.fixture(scope="session")
def demo_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database with the story of the demo: a statement with revisions, copies of it, a withdrawal. Only read it."""
    path = tmp_path_factory.mktemp("demo") / "statewire.db"
    with pytest.raises(SystemExit) as ended:
        main(["-q", "--db", str(path), "demo"])
    assert ended.value.code == 0
    return path


@pytest.fixture
def demo(run: Callable[..., Said], demo_db: Path, tmp_path: Path) -> Callable[..., Said]:
    """The whole command over a copy of the demo's database, `statewire.db`, in a folder of its own."""
    shutil.copy(demo_db, tmp_path / "statewire.db")
    return run


@pytest.fixture(scope="session")
def story_folder(new_database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The life of the feed in `samples.polls`, and one address used twice."""
    folder = tmp_path_factory.mktemp("story")
    db, config = folder / "statewire.db", folder / "config.yaml"
    db.write_bytes(new_database)
    config.write_text(CONFIG, encoding="utf-8")
    early = Piece(70, "National Day", slug="national-day", published_at=NOON - timedelta(days=365))
    late = Piece(71, "National Day", slug="national-day")
    records = [
        *poll_records(),
        record(NOON - timedelta(days=365), rss(early, built=NOON - timedelta(days=365))),
        record(NOON + timedelta(hours=8), rss(late, built=NOON + timedelta(hours=8))),
    ]
    captures = warc(folder / "x.warc.gz", *records)
    with pytest.raises(SystemExit) as ended:
        main(["-q", "--config", str(config), "--db", str(db), "import", str(captures)])
    assert ended.value.code == 0
    return folder


@pytest.fixture
def story(run: Callable[..., Said], tmp_path: Path, story_folder: Path) -> Callable[..., Said]:
    """The whole command over a copy of what is in `story_folder`."""
    shutil.copytree(story_folder, tmp_path, dirs_exist_ok=True)
    return run
