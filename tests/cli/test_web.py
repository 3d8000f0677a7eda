"""`statewire web` as a process: its start, its end, its errors, and a user who may only read the database."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from child import NOBODY, as_root, in_child, is_readable_by_all
from command import Said
from samples import ROOT

from scraper.files import Access
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("datasette") is None, reason="Datasette is not installed: pip install '.[test]'"
)
LIMIT_S = 30


@contextmanager
def web(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command on a free port; yield its process and the root of its pages."""
    code = "from scraper.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--db", str(folder / "statewire.db"), "web", "--port", "0", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.match(r"serving (http://\S+/)", line)
        assert found is not None, line
        yield process, found[1]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()  # type: ignore[union-attr]


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=LIMIT_S) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def folder(story_folder: Path, tmp_path: Path) -> Path:
    for name in ("statewire.db", "config.yaml"):
        shutil.copy(story_folder / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGTERM, 0, ""), (signal.SIGINT, 130, "\nstatewire: stopped\n")]
)
def test_a_signal_ends_it_at_once(folder: Path, number: int, code: int, said: str) -> None:
    with (
        web(folder) as (process, root),
        socket.create_connection(("127.0.0.1", int(root.rstrip("/").rpartition(":")[2]))),
    ):
        assert get(root)[0] == 200
        began_s = time.monotonic()
        process.send_signal(number)
        assert process.wait(LIMIT_S) == code
        assert time.monotonic() - began_s < 5
        assert process.stderr.read() == said  # type: ignore[union-attr]


def test_it_serves_the_prefix_of_its_public_url_and_refuses_other_hosts(folder: Path) -> None:
    with web(folder, "--base-url", "https://pages.example/statewire") as (_, root):
        assert get(f"{root}statewire/")[0] == 200
        assert get(f"{root}statewire/data", Host="pages.example")[0] == 200
        status, text = get(root, Host="evil.example")
        assert (status, text.startswith("This server does not answer")) == (400, True)
        assert get(f"{root}?{'a' * 20_000}")[0] in {400, 414}


def test_beyond_this_machine_it_notes_that_there_is_no_login(folder: Path) -> None:
    with web(folder, "--host", "0.0.0.0") as (process, root):
        assert "no login" in process.stderr.readline()  # type: ignore[union-attr]
        port = root.rstrip("/").rpartition(":")[2]
        assert get(f"http://127.0.0.1:{port}/")[0] == 200
        assert get(f"http://127.0.0.1:{port}/", Host="192.0.2.7")[0] == 200
        assert get(f"http://127.0.0.1:{port}/", Host="desk.example")[0] == 400


def test_it_reads_beside_a_writer_and_after_it(folder: Path) -> None:
    with web(folder) as (_, root):
        for number in range(3):
            with closing(sqlite3.connect(folder / "statewire.db")) as writer:
                writer.execute("UPDATE statements SET title = ? WHERE id = 1", [f"Title {number}"])
                writer.commit()
                assert f"Title {number}" in get(f"{root}statements/1/")[1]
            assert f"Title {number}" in get(f"{root}statements/1/")[1]


def test_a_port_in_use_is_one_line(run: Callable[..., Said], folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = run("web", "--port", str(port))
    assert said == Said(
        "",
        f"statewire: port {port} of 127.0.0.1 is in use."
        " Choose another one with --port, or stop the process that has it\n",
        2,
    )


@pytest.mark.parametrize(
    ("arguments", "problem", "code"),
    [
        (("--host", "192.0.2.1"), "port 8001 of 192.0.2.1 cannot be used: this machine does not have that", 2),
        (("--host", "no.such.host.invalid"), "the host no.such.host.invalid is unknown", 2),
        (("--base-url", "pages.example"), "--base-url pages.example is not a URL", 2),
        (("--base-url", "javascript:x"), "--base-url javascript:x is not a URL", 2),
        (("--port", "99999"), "99999", 2),
    ],
)
def test_wrong_options_are_one_line(
    run: Callable[..., Said], folder: Path, arguments: tuple[str, ...], problem: str, code: int
) -> None:
    said = run("web", *arguments)
    assert (said.out, said.code) == ("", code)
    assert problem in said.err
    assert "Traceback" not in said.err


def test_what_is_no_database_is_one_line(run: Callable[..., Said], folder: Path) -> None:
    path = folder / "other.db"
    said = run("web", db="other.db")
    assert (said.code, said.err.count("\n")) == (5, 1)
    assert "there is no database" in said.err
    path.write_bytes(b"some text of another kind\n" * 200)
    assert run("web", db="other.db").code == 5
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE x (y)")
        other.commit()
    assert "is a database of another program" in run("web", db="other.db").err
    for version, words in ((9999, "was written by a later statewire"), (12, "Let its owner open it once")):
        with closing(sqlite3.connect(folder / "statewire.db")) as changed:
            changed.execute(f"PRAGMA user_version = {version}")
        said = run("web")
        assert (said.code, said.err.count("\n")) == (5, 1)
        assert words in said.err


def test_without_datasette_the_extra_is_named(
    run: Callable[..., Said], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "datasette" else real(name, *rest)
    )
    said = run("web")
    assert said == Said(
        "",
        "statewire: `statewire web` needs Datasette, which is not installed. Install statewire again"
        " with it, in its checkout: `pip install '.[web]'`; with pipx `pipx install --force '.[web]'`, with uv"
        " `uv tool install --force '.[web]'`\n",
        2,
    )


def test_other_commands_do_not_load_datasette() -> None:
    code = "import sys; from scraper.cli.app import cli; import click\n"
    code += "context = click.Context(cli); [cli.get_command(context, name) for name in cli.list_commands(context)]\n"
    code += "cli.get_help(context); assert not {'datasette', 'uvicorn'} & set(sys.modules), 'loaded'"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
    assert (done.returncode, done.stderr) == (0, "")


@as_root
@pytest.mark.skipif(not is_readable_by_all(), reason="another user cannot read this checkout")
@pytest.mark.parametrize("has_writer", [False, True])
def test_a_user_who_may_only_read_serves_it(story_folder: Path, has_writer: bool) -> None:
    from scraper.clock import Clock
    from scraper.config import loader, search
    from scraper.web import datasette_app, serve  # noqa: F401  # loaded before the child becomes another user

    settings = loader.load(search.example())
    folder = Path(tempfile.mkdtemp(prefix="statewire-test-"))
    db = folder / "statewire.db"
    try:
        shutil.copy(story_folder / "statewire.db", db)
        folder.chmod(0o750)
        os.chown(folder, -1, NOBODY)
        writer = Store(db, Access(NOBODY))
        if not has_writer:
            writer.close()

        def work() -> int:
            application = datasette_app.application(db, settings, Clock(), listens_on="127.0.0.1")

            async def ask() -> None:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
                    for path in ("", "statements/1/", "data", "data/statement_list.json", "data/event_list.csv"):
                        print((await client.get(f"http://localhost/{path}")).status_code)

            asyncio.run(ask())
            return 0

        _warm_up(db)
        assert in_child(work, user=NOBODY, group=NOBODY) == Said("200\n" * 5, "", 0)
        if has_writer:
            writer.close()
    finally:
        shutil.rmtree(folder)


def _warm_up(db: Path) -> None:
    """Import what the pages load at their first use, which another user may not be able to."""
    from scraper.clock import Clock
    from scraper.config import loader, search
    from scraper.web import datasette_app

    application = datasette_app.application(db, loader.load(search.example()), Clock(), listens_on="127.0.0.1")

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
            for path in ("", "statements/1/", "data", "data/statement_list.json", "data/event_list.csv"):
                await client.get(f"http://localhost/{path}")

    asyncio.run(ask())
