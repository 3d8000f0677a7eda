"""Tests of the static site: every page as a file, only what changed, and a folder that is whole at every moment."""

from __future__ import annotations

import fcntl
import html
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

import pytest
from child import NOBODY, as_root, in_child, is_readable_by_all
from samples import NOON, ROOT, Piece, record, rss, warc

from scraper.clock import SimulatedClock
from scraper.config.settings import WebSettings
from scraper.errors import InputError, LockedError, StoreError
from scraper.store import Audience, Store
from scraper.web import routes, site
from scraper.web.page import Response
from scraper.web.routes import ROUTES, Route
from scraper.web.site import write_site
from scraper.web.site_folder import MANIFEST, SiteFolder, file_of, open_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Said

    from scraper.config.settings import Settings
    from scraper.web.site import SiteReport

OWN = {MANIFEST, ".statewire-site.lock", ".statewire-site.complete"}


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a site as a web server sees them."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in OWN)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def write(demo_db: Path, settings: Settings, tmp_path: Path) -> Callable[..., SiteReport]:
    """The site of the demo in the folder `site`."""

    def write(folder: Path = tmp_path / "site", **changes: object) -> SiteReport:
        given = {"database": demo_db, "settings": settings, "clock": SimulatedClock(NOON)} | changes
        return write_site(folder=folder, **given)  # type: ignore[arg-type]

    return write


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str]]:
    """Pages by path, each with its version and content, in the place of ours."""
    given: dict[str, tuple[str, str]] = {}

    def respond(request: object, path: str) -> Response:
        content = given[path][1]
        if content == "error":
            raise RuntimeError("a template is broken")
        return Response(content, status=int(content) if content.isdigit() else 200)

    def addresses(_store: Store) -> Iterator[tuple[str, str]]:
        yield from ((path, version) for path, (version, _) in given.items())

    fake = (Route(r"(?s:((?!404).*))", respond, addresses),)
    monkeypatch.setattr(routes, "ROUTES", fake)
    monkeypatch.setattr(site, "ROUTES", fake)
    return given


def test_each_page_is_a_file_and_its_links_lead_to_files(
    write: Callable[..., SiteReport], page: Callable[..., Response], demo_db: Path, tmp_path: Path
) -> None:
    report = write()
    files = tree(tmp_path / "site")
    assert (report.written, report.unchanged, report.removed, report.is_complete) == (len(files), 0, 0, True)
    assert (report.left_out, report.failed) == ((), ())
    with Store(demo_db, audience=Audience.PAGES) as store:
        wanted = {path: route for route in ROUTES if route.addresses for path, _ in route.addresses(store)}
    assert {"", "statements/1/", "statements/4/", "search/"} <= set(wanted)
    for path in wanted:
        content = page(path, is_live=False).body
        assert files[file_of(path) or ""] == (content.encode() if isinstance(content, str) else content)
    linked = 0
    for path in (path for path in wanted if path == "" or path.endswith("/")):
        for href in re.findall(r'(?:href|src)="([^"#?:]+)', files[file_of(path) or ""].decode()):
            target = urljoin(f"http://x/{path}", unquote(html.unescape(href))).removeprefix("http://x/")
            if any(route.addresses and re.fullmatch(route.pattern, target) for route in ROUTES):
                assert file_of(target) in files, (path, target)
                linked += 1
    assert linked > 8


def test_an_unchanged_page_is_neither_rendered_nor_written(
    write: Callable[..., SiteReport], demo_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(demo_db, audience=Audience.PAGES) as store:
        versions = dict(each for route in ROUTES if route.addresses for each in route.addresses(store))
    always = {path for path, version in versions.items() if version == ""}
    assert 0 < len(always) < len(versions)
    write()
    assert (write().written, write().removed) == (0, 0)
    before = {path: path.stat() for path in (tmp_path / "site").rglob("*") if path.is_file() and path.name not in OWN}
    rendered = []
    respond = site.respond
    monkeypatch.setattr(site, "respond", lambda request: rendered.append(request.path) or respond(request))
    report = write(clock=SimulatedClock(NOON + timedelta(days=3)))
    assert set(rendered) == always
    changed = {
        path.relative_to(tmp_path / "site").as_posix()
        for path, old in before.items()
        if (path.stat().st_ino, path.stat().st_mtime_ns) != (old.st_ino, old.st_mtime_ns)
    }
    assert (report.written, report.removed) == (len(changed), 0)
    assert changed <= {file_of(path) for path in always}  # such as the time since the last poll


def test_a_new_wording_writes_its_page_and_those_that_list_it(
    story: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The page of sources says at which minute it was written.
    monkeypatch.setattr("scraper.cli.site.Clock", lambda: SimulatedClock(NOON + timedelta(days=3)))
    said = story("site", "site")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"\d+ files written, 0 unchanged, 0 removed; the first page is site/index\.html\n", said.out)
    before = tree(tmp_path / "site")
    at = NOON + timedelta(days=2)
    new = Piece(99, title="A lamp for <all> & “more”")
    assert story("import", str(warc(tmp_path / "n.warc.gz", record(at, rss(new, built=at))))).code == 0
    counts = json.loads(story("site", "site", "--json").out)
    after = tree(tmp_path / "site")
    changed = {name for name in after if after[name] != before.get(name)}
    assert counts["written"] == len(changed)
    assert counts["unchanged"] > counts["written"]
    (number,) = {name for name in changed if re.fullmatch(r"statements/\d+/index.html", name)}
    assert number not in before
    assert b"A lamp for &lt;all&gt; &amp; " in after[number]
    assert "index.html" in changed
    assert before.keys() <= after.keys()  # a browser may yet load parts of the old index
    assert json.loads(story("site", "site", "--json").out)["removed"] == len(
        after.keys() - tree(tmp_path / "site").keys()
    )
    assert story("site", "fresh").code == 0
    assert tree(tmp_path / "site") == tree(tmp_path / "fresh")


def test_versions_decide_and_bytes_decide_where_there_is_no_version(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]]
) -> None:
    pages |= {"": ("", "today"), "a/": ("1", "one"), "a/b/": ("1", "two"), "feed.atom": ("1", "three")}
    assert write().written > 4
    pages |= {"": ("", "today"), "a/": ("1", "not rendered"), "a/b/": ("2", "new"), "feed.atom": ("2", "three")}
    assert write().written == 1
    files = tree(tmp_path / "site")
    assert (files["a/index.html"], files["a/b/index.html"]) == (b"one", b"new")
    pages[""] = ("", "tomorrow")
    assert write().written == 1
    assert tree(tmp_path / "site")["index.html"] == b"tomorrow"


def test_what_has_vanished_is_removed_with_its_folders(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]]
) -> None:
    pages |= {"": ("1", "t"), "a/b/c/": ("1", "x"), "a/d/": ("1", "y"), "assets/old.css": ("1", "z")}
    write()
    (tmp_path / "site" / "a" / "own.txt").write_text("of the operator", encoding="utf-8")
    for path in ("a/b/c/", "a/d/", "assets/old.css"):
        del pages[path]
    assert write().removed == 2
    assert (tmp_path / "site" / "assets" / "old.css").exists()  # pages that a browser shows may load it
    assert not (tmp_path / "site" / "a" / "b").exists()
    assert (tmp_path / "site" / "a" / "own.txt").exists()
    assert write().removed == 1
    assert not (tmp_path / "site" / "assets").exists()
    assert (tmp_path / "site" / "a" / "own.txt").read_text(encoding="utf-8") == "of the operator"


def test_pages_come_before_those_that_list_them_and_what_they_load_before_all(
    write: Callable[..., SiteReport], pages: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages |= {path: ("1", path or "t") for path in ("", "a/", "a/1/", "a/1/x/", "assets/s.css", "feed.atom")}
    written: list[str] = []
    write_one = SiteFolder.write
    monkeypatch.setattr(
        SiteFolder, "write", lambda self, path, *rest: written.append(path) or write_one(self, path, *rest)
    )
    write()
    first = [path for path in written if path.endswith((".css", ".bin"))]
    assert written[: len(first)] == first
    assert [path for path in written if path in pages][1:] == ["a/1/x/", "a/1/", "a/", "", "feed.atom"] or [
        path for path in written if path in pages
    ][1:] == ["a/1/x/", "a/1/", "a/", "feed.atom", ""]
    assert written.index("search/index.json") > max(map(written.index, first))


@pytest.mark.parametrize("after", [0, 1, 3, 6, 7])
def test_a_killed_run_leaves_whole_files_and_the_next_one_completes_them(
    demo_db: Path, settings: Settings, tmp_path: Path, pages: dict[str, tuple[str, str]], after: int
) -> None:
    folder = tmp_path / "site"
    clock = SimulatedClock(NOON)
    old = {"": ("1", "old"), **{f"a/{n}/": ("1", f"old {n}") for n in range(4)}, "gone/": ("1", "old")}
    new = {"": ("2", "new"), **{f"a/{n}/": ("2", f"new {n}") for n in range(2, 7)}}
    pages |= old
    write_site(demo_db, folder, settings, clock)
    before = tree(folder)
    pages.clear()
    pages |= new

    def killed() -> int:
        replace_file, count = SiteFolder._replace, [0]

        def counted(self: SiteFolder, target: Path, content: bytes, **rest: bool) -> None:
            if count[0] == after:
                (self.folder / ".statewire-site.part").write_bytes(content[: len(content) // 2])
                os._exit(9)
            count[0] += 1
            replace_file(self, target, content, **rest)

        SiteFolder._replace = counted  # type: ignore[method-assign]
        write_site(demo_db, folder, settings, clock)
        return 0

    assert in_child(killed).code == 9
    halfway = tree(folder)
    halfway.pop(".statewire-site.part")
    fresh = tmp_path / "fresh"
    write_site(demo_db, fresh, settings, clock)
    wanted = tree(fresh)
    assert before.keys() <= halfway.keys() or halfway == wanted
    assert all(content in {before.get(name), wanted.get(name)} for name, content in halfway.items())
    if halfway["index.html"] == b"new":  # the page that links to the others is the last
        assert wanted.keys() <= halfway.keys()
    assert write_site(demo_db, folder, settings, clock).is_complete
    assert tree(folder) == wanted


def test_a_run_that_is_asked_to_end_is_continued(write: Callable[..., SiteReport], tmp_path: Path) -> None:
    left = iter(range(9))
    report = write(should_continue=lambda: next(left, None) is not None)
    assert not report.is_complete
    assert "index.html" not in tree(tmp_path / "site")
    second = write()
    assert second.is_complete
    assert report.written + second.written == len(tree(tmp_path / "site"))
    write(folder=tmp_path / "fresh")
    assert tree(tmp_path / "site") == tree(tmp_path / "fresh")


def test_a_long_run_reads_the_database_anew_from_time_to_time(
    write: Callable[..., SiteReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hurried(SimulatedClock):
        def monotonic(self) -> float:
            self.sleep(20)
            return super().monotonic()

    passes = []
    plan = site._Run._plan
    monkeypatch.setattr(site._Run, "_plan", lambda self, store: passes.append(1) or plan(self, store))
    report = write(clock=Hurried(NOON))
    assert report.is_complete
    assert len(passes) > 3
    write(folder=tmp_path / "fresh", clock=SimulatedClock(NOON))
    assert tree(tmp_path / "site").keys() == tree(tmp_path / "fresh").keys()


def test_other_files_are_never_touched(write: Callable[..., SiteReport], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="has other files and is no site of statewire; nothing was written"):
        write(folder=other)
    assert tree(other) == {"index.html": b"mine"}


def test_a_file_in_the_way_of_a_new_page_stops_the_run_before_it_writes(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]]
) -> None:
    pages[""] = ("1", "old")
    write()
    (tmp_path / "site" / "robots.txt").write_text("mine", encoding="utf-8")
    pages |= {"": ("2", "new"), "robots.txt": ("1", "ours")}
    with pytest.raises(InputError, match=r"robots\.txt is no file of this site and is not replaced"):
        write()
    files = tree(tmp_path / "site")
    assert (files["index.html"], files["robots.txt"]) == (b"old", b"mine")
    (tmp_path / "site" / "robots.txt").unlink()
    write()
    assert tree(tmp_path / "site")["robots.txt"] == b"ours"


@pytest.mark.parametrize("is_known", [False, True])
def test_nothing_is_written_or_removed_behind_a_link(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]], is_known: bool
) -> None:
    pages |= {"": ("1", "t")} | ({"a/b/": ("1", "x")} if is_known else {})
    write()
    outside = tmp_path / "outside"
    outside.mkdir()
    if is_known:
        (tmp_path / "site" / "a").rename(outside / "a")
        del pages["a/b/"]
    else:
        pages["a/b/"] = ("1", "x")
        (outside / "a").mkdir()
    (tmp_path / "site" / "a").symlink_to(outside / "a")
    before = tree(outside)
    with pytest.raises(InputError, match="a is no folder of this site; nothing is written or removed there"):
        write()
    assert tree(outside) == before


@pytest.mark.parametrize(
    "files", [{"../x": ["1", "d", 1]}, {"/etc/passwd": ["1", "d", 1]}, {"a/../../x": ["1", "d", 1]}, [], {"a": 5}]
)
def test_a_manifest_that_names_other_files_is_damaged(
    write: Callable[..., SiteReport], tmp_path: Path, files: object
) -> None:
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    (tmp_path / "site").mkdir()
    content = {"statewire-site": 1, "build": "", "files": files, "leaving": []}
    (tmp_path / "site" / MANIFEST).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        write()
    assert (tmp_path / "x").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("text", ["", "{", '{"statewire-site":2,"build":"","files":{},"leaving":[]}', "[1]"])
def test_a_damaged_manifest_is_refused(write: Callable[..., SiteReport], tmp_path: Path, text: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        write()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", "index.html"),
        ("statements/4/", "statements/4/index.html"),
        ("feed.atom", "feed.atom"),
        ("outlets/news.example:8080/", "outlets/news.example:8080/index.html"),
        ("outlets/xn--e1aybc.example/", "outlets/xn--e1aybc.example/index.html"),
        ("outlets/[::1]/", "outlets/[::1]/index.html"),
        ("outlets/../", None),
        ("outlets/./", None),
        ("outlets//", None),
        ("/etc/", None),
        ("outlets/.htaccess/", None),
        (MANIFEST, None),
        ("outlets/index.html/", None),
        ("outlets/a\\b/", None),
        ("outlets/a\x00b/", None),
        ("outlets/a\nb/", None),
        ("outlets/%2e%2e/", None),
        ("outlets/a?b/", None),
        ("outlets/\ud800/", None),
        (f"outlets/{'é' * 128}/", None),
        (f"outlets/{'x' * 255}/", f"outlets/{'x' * 255}/index.html"),
    ],
)
def test_a_path_is_a_file_of_the_folder_or_none(path: str, name: str | None) -> None:
    assert file_of(path) == name


def test_pages_that_cannot_be_files_are_left_out_and_reported(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]]
) -> None:
    pages |= {"": ("1", "t"), "outlets/../": ("1", "x"), "o/A/": ("1", "first"), "o/a/": ("1", "second")}
    report = write()
    assert report.left_out == ("outlets/../", "o/a/")
    assert report.is_complete
    assert tree(tmp_path / "site")["o/A/index.html"] == b"first"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "config.yaml") == ["site"]


def test_a_page_that_fails_does_not_stop_the_others(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]]
) -> None:
    pages |= {"": ("1", "t"), "a/": ("1", "old"), "b/": ("1", "404"), "c/": ("1", "good")}
    report = write()
    assert report.failed == ("b/: LookupError: the page responds with status 404",)
    assert (report.is_complete, report.unchanged) == (False, 0)
    assert not (tmp_path / "site" / ".statewire-site.complete").exists()
    pages |= {"a/": ("2", "error"), "b/": ("1", "back"), "c/": ("2", "better")}
    assert write().failed == ("a/: RuntimeError: a template is broken",)
    files = tree(tmp_path / "site")
    assert (files["a/index.html"], files["b/index.html"], files["c/index.html"]) == (b"old", b"back", b"better")
    pages["a/"] = ("2", "repaired")
    report = write()
    assert (report.failed, report.is_complete) == ((), True)
    assert tree(tmp_path / "site")["a/index.html"] == b"repaired"


def test_an_error_of_all_pages_ends_the_run(
    write: Callable[..., SiteReport], pages: dict[str, tuple[str, str]]
) -> None:
    pages |= {f"{number}/": ("1", "error") for number in range(60)}
    with pytest.raises(RuntimeError, match="a template is broken"):
        write()


def test_settings_that_pages_show_render_all_of_them_again(
    write: Callable[..., SiteReport], tmp_path: Path, settings: Settings, pages: dict[str, tuple[str, str]]
) -> None:
    pages |= {"a/": ("1", "old"), "b/": ("1", "same")}
    write()
    pages["a/"] = ("1", "new")
    assert write().written == 0
    moved = settings.model_copy(update={"web": WebSettings(base_url="https://desk.example/x/")})
    report = write(settings=moved)
    assert report.written == 2  # that page, and the one for what is missing, whose links begin with the base
    assert tree(tmp_path / "site")["a/index.html"] == b"new"
    assert write(settings=moved).written == 0


@pytest.mark.parametrize(
    ("base_url", "root"), [(None, "/"), ("https://desk.example", "/"), ("https://d.example/a/b/", "/a/b/")]
)
def test_the_page_for_what_is_missing_works_at_any_path(
    write: Callable[..., SiteReport], tmp_path: Path, settings: Settings, base_url: str | None, root: str
) -> None:
    write(settings=settings.model_copy(update={"web": WebSettings(base_url=base_url)}))
    text = tree(tmp_path / "site")["404.html"].decode()
    assert "Not found" in text
    assert f'href="{root}assets/style.' in text
    assert 'href="./' not in text


def test_a_lost_or_cut_file_is_written_again(write: Callable[..., SiteReport], tmp_path: Path) -> None:
    write()
    before = tree(tmp_path / "site")
    shard = next(name for name in before if name.endswith(".bin"))
    (tmp_path / "site" / "statements/4/index.html").unlink()
    (tmp_path / "site" / "statements/2/index.html").write_bytes(b"")
    (tmp_path / "site" / shard).unlink()
    assert write().written == 3
    assert tree(tmp_path / "site") == before


def test_one_run_at_a_time(write: Callable[..., SiteReport], story: Callable[..., Said], tmp_path: Path) -> None:
    write()
    with (tmp_path / "site" / ".statewire-site.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="another process is writing the site"):
            write()
        assert story("site", "site").code == 75
    assert write().is_complete


def modes(folder: Path) -> tuple[set[int], set[int]]:
    """The permissions of the files and of the folders below a folder."""
    found = [path for path in folder.rglob("*") if path.name != ".statewire-site.lock"]
    files, folders = [p for p in found if p.is_file()], [p for p in found if p.is_dir()]
    return {stat.S_IMODE(p.stat().st_mode) for p in files}, {stat.S_IMODE(p.stat().st_mode) for p in folders}


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_web_server_can_read_the_pages_whatever_the_umask(
    write: Callable[..., SiteReport], tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        write()
    finally:
        os.umask(before)
    assert modes(tmp_path / "site") == ({0o644}, {0o755})
    assert stat.S_IMODE((tmp_path / "site").stat().st_mode) == 0o755


def test_the_folder_itself_keeps_its_permissions(write: Callable[..., SiteReport], tmp_path: Path) -> None:
    (tmp_path / "site").mkdir(mode=0o750)
    write()
    assert stat.S_IMODE((tmp_path / "site").stat().st_mode) == 0o750
    assert modes(tmp_path / "site") == ({0o644}, {0o755})


def test_a_full_disk_leaves_the_old_site(write: Callable[..., SiteReport], tmp_path: Path, settings: Settings) -> None:
    write()
    before = tree(tmp_path / "site")
    moved = settings.model_copy(update={"web": WebSettings(base_url="https://desk.example/x/")})

    def full() -> int:
        with pytest.raises(StoreError, match="cannot be written: File too large"):
            write(settings=moved)
        return 0

    # The manifest is longer than that, and each of the pages that change is shorter.
    assert in_child(full, file_bytes=1_000).code == 0
    after = tree(tmp_path / "site")
    assert after.keys() == before.keys()
    assert write(settings=moved).is_complete


@as_root
@pytest.mark.skipif(not is_readable_by_all(), reason="another user cannot load the package here")
def test_a_folder_that_may_not_be_written_is_reported() -> None:
    def work() -> int:
        with (
            pytest.raises(StoreError, match=r"\.statewire-site\.lock cannot be written: Permission denied"),
            open_site(folder / "site"),
        ):
            pass
        with pytest.raises(StoreError, match="cannot be used: Permission denied"), open_site(folder / "new"):
            pass
        return 0

    # Another user may not enter the folders of pytest.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "site").mkdir()
        (folder / "site").chmod(0o755)
        assert in_child(work, user=NOBODY).code == 0


def test_a_file_in_the_place_of_the_folder_is_an_error(story: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert story("site", "file").code == 2
    said = story("site", "file/below")
    assert (said.code, "the folder file/below cannot be used" in said.err) == (5, True)


def test_without_a_database_nothing_is_written(run: Callable[..., Said], tmp_path: Path) -> None:
    assert run("site", "site").code == 5
    assert not (tmp_path / "site").exists()


def test_the_command_needs_nothing_of_the_extra(demo_db: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules |= dict.fromkeys(['datasette', 'uvicorn']); from scraper.cli import main;"
        f" main(['--db', {str(demo_db)!r}, 'site', 'site'])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "files written" in ran.stdout


def test_what_was_read_from_a_changing_file_is_read_again(
    write: Callable[..., SiteReport], tmp_path: Path, pages: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages["a/"] = ("1", "torn")
    answers = iter([False])

    def is_current(_store: Store) -> bool:
        if not next(answers, True):
            pages["a/"] = ("1", "whole")
            return False
        return True

    monkeypatch.setattr(Store, "is_current", is_current)
    write()
    assert tree(tmp_path / "site")["a/index.html"] == b"whole"


def test_the_report_counts_what_is_there(write: Callable[..., SiteReport], tmp_path: Path) -> None:
    first = write()
    assert replace(write(), unchanged=0) == replace(first, written=0)


def test_a_folder_that_was_removed_is_made_again(tmp_path: Path) -> None:
    with open_site(tmp_path / "site") as folder:
        for _ in range(2):
            folder.claim(["a/b/"])
            assert folder.write("a/b/", "1", b"x")
            folder.remove("a/b/")
            assert not (tmp_path / "site" / "a").exists()
