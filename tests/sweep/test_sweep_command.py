"""Tests of `statewire sweep`: what it finds is what a trace says, whoever does the work and however often."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from command import Said, rows
from samples import NOON, warc
from sweep_support import Known, archive, html, page_record, pages, paragraphs, rows_of, text_record, url_of

from scraper.cli import sweep as command
from scraper.store import Store
from scraper.sweep.results import Report
from scraper.sweep.run import Tally

FOUND = {
    "https://one.example/copy": "verbatim",
    "https://one.example/cut": "excerpt",
    "https://two.example/quote": "quoted",
    "https://two.example/bare": "quoted",
    "https://two.example/changed": "quoted",
    "https://three.example/fr": "translated",
}


@pytest.fixture
def swept(run: Callable[..., Said], made: Known, tmp_path: Path) -> Callable[..., Said]:
    """The command with a copy of the database, its index, and one worker."""
    shutil.copy(made.database, tmp_path / "statewire.db")

    def sweep(*arguments: str) -> Said:
        return run("-q", "sweep", "--workers", "1", "--index", str(made.file), *arguments)

    return sweep


def test_rows_are_those_of_a_trace(swept: Callable[..., Said], run: Callable[..., Said], tmp_path: Path) -> None:
    file = archive(tmp_path / "a.warc.gz")
    said = swept(str(file), "--out", "copies.jsonl")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "1 file swept: 9 pages, 6 with statements\npassed over: 1 of the Department itself\n6 rows written\n"
    )
    found = rows_of(tmp_path / "copies.jsonl")
    assert {row["url"]: row["relation"] for row in found} == FOUND
    lines = [{"id": url, "url": url, "html": body.decode()} for url, body in pages().items()]
    (tmp_path / "pages.jsonl").write_text("\n".join(map(json.dumps, lines)))
    traced = {row["url"]: row for row in map(json.loads, run("trace", "--jsonl", "pages.jsonl").out.splitlines())}
    for row in found:
        captures = row.pop("captures")
        assert captures == [{"captured_at": "2026-03-02T12:00:00Z", "file": str(file), "relation": row["relation"]}]
        assert row.pop("captured_at") == "2026-03-02T12:00:00Z"
        assert row == traced[row["url"]]
    missed = {url for url, row in traced.items() if row["matches"] or row["quotations"]} - FOUND.keys()
    assert missed == {"https://www.state.gov/own/"}


def test_texts_are_traced_as_texts(swept: Callable[..., Said], run: Callable[..., Said], tmp_path: Path) -> None:
    text = "\n".join(["Gazette", *paragraphs(2)])
    file = warc(
        tmp_path / "a.warc.wet.gz",
        text_record("https://one.example/copy", text),
        text_record("https://one.example/news", "The council met on Monday."),
        text_record("https://one.example/long", "x" * 8_000_001),
    )
    assert swept(str(file), "--out", "copies.jsonl").code == 0
    (row,) = rows_of(tmp_path / "copies.jsonl")
    (tmp_path / "page.jsonl").write_text(json.dumps({"id": row["url"], "url": row["url"], "text": text}))
    traced = json.loads(run("trace", "--jsonl", "page.jsonl").out)
    assert {name: row[name] for name in traced} == traced


def test_a_second_sweep_reads_nothing_again(swept: Callable[..., Said], tmp_path: Path) -> None:
    file = archive(tmp_path / "a.warc")
    swept(str(file), "--out", "copies.jsonl")
    first = (tmp_path / "copies.jsonl").read_bytes()
    (result,) = (tmp_path / "copies.jsonl.sweep").glob("*-*.jsonl")
    before = result.stat().st_mtime_ns
    said = swept(str(file), "--out", "copies.jsonl", "--json")
    assert {name: said.json[name] for name in ("files", "known", "rows")} == {"files": 1, "known": 1, "rows": 6}
    assert result.stat().st_mtime_ns == before
    assert (tmp_path / "copies.jsonl").read_bytes() == first
    # A result that is lost, or a file that has changed, is made again.
    result.unlink()
    assert swept(str(file), "--out", "copies.jsonl", "--json").json["known"] == 0
    archive(file, {"https://one.example/copy": html(*paragraphs(3))})
    assert swept(str(file), "--out", "copies.jsonl", "--json").json["rows"] == 1


def test_one_url_is_one_row_and_one_file_counts_once(swept: Callable[..., Said], tmp_path: Path) -> None:
    url = "https://one.example/copy"
    archive(tmp_path / "a.warc.gz", {url: html(*paragraphs(3))})
    shutil.copy(tmp_path / "a.warc.gz", tmp_path / "b.warc.gz")
    archive(tmp_path / "c.warc.gz", {url: html(*paragraphs(3)[:2])}, NOON + timedelta(days=2))
    archive(tmp_path / "d.warc.gz", {url: html(*paragraphs(3)[:2])}, NOON + timedelta(days=2))
    assert swept(str(tmp_path), "--out", str(tmp_path / "copies.jsonl")).code == 0
    (row,) = rows_of(tmp_path / "copies.jsonl")
    assert row["relation"] == "excerpt"
    assert [(Path(each["file"]).name, each["relation"]) for each in row["captures"]] == [
        ("a.warc.gz", "verbatim"),
        ("c.warc.gz", "excerpt"),
    ]


def test_what_cannot_be_read_costs_only_itself(swept: Callable[..., Said], tmp_path: Path) -> None:
    whole = archive(tmp_path / "a.warc.gz").read_bytes()
    (tmp_path / "b-cut.warc.gz").write_bytes(whole[: len(whole) - 500])
    (tmp_path / "c-none.warc.gz").write_bytes(b"no archive at all" * 100)
    (tmp_path / "d-empty.warc.gz").write_bytes(b"")
    (tmp_path / "files.txt").write_text("a.warc.gz\nb-cut.warc.gz\nc-none.warc.gz\nd-empty.warc.gz\nmissing.warc.gz\n")
    said = swept(str(tmp_path / "files.txt"), "--out", "copies.jsonl", "--json")
    assert said.code == 3
    assert {name: said.json[name] for name in ("files", "failed", "damaged")} == {
        "files": 5,
        "failed": 1,
        "damaged": 3,
    }
    assert [Path(each.partition(":")[0]).name for each in said.json["problems"]] == [
        "b-cut.warc.gz",
        "c-none.warc.gz",
        "d-empty.warc.gz",
        "missing.warc.gz",
    ]
    assert {row["url"] for row in rows_of(tmp_path / "copies.jsonl")} == FOUND.keys()
    # The next time, only the missing one is opened again.
    again = swept(str(tmp_path / "files.txt"), "--out", "copies.jsonl", "--json")
    assert again.code == 3
    assert again.json == said.json | {"known": 4}
    assert swept(str(tmp_path / "files.txt"), "--out", "copies.jsonl").err == ""  # with -q
    (tmp_path / "files.txt").write_text("missing.warc.gz\n")
    assert swept(str(tmp_path / "files.txt"), "--out", "copies.jsonl").code == 4


def test_a_sample_estimates_the_others(swept: Callable[..., Said], tmp_path: Path) -> None:
    for at in range(4):
        archive(tmp_path / f"{at}.warc.gz", {f"https://one.example/{at}": html(*paragraphs(at))})
    said = swept(str(tmp_path), "--out", "copies.jsonl", "--sample", "2", "--json")
    assert {name: said.json[name] for name in ("files", "pages", "rows")} == {"files": 2, "pages": 2, "rows": 2}
    assert said.json["estimate"]["files"] == 2
    assert said.json["estimate"]["pages"] in {2, 3}
    told = swept(str(tmp_path), "--out", "copies.jsonl", "--sample", "1")
    assert "the other 3 files: about " in told.out
    whole = swept(str(tmp_path), "--out", "copies.jsonl", "--json")
    assert {name: whole.json[name] for name in ("known", "rows", "estimate")} == {
        "known": 2,
        "rows": 4,
        "estimate": None,
    }


def test_results_stand_in_the_database_as_history(run: Callable[..., Said], made: Known, tmp_path: Path) -> None:
    db = tmp_path / "statewire.db"
    shutil.copy(made.database, db)
    archive(tmp_path / "a.warc.gz")
    warc(tmp_path / "b.warc.wet.gz", text_record("https://four.example/text", "\n".join(paragraphs(6))))
    # A page without a heading or a main text is kept by its mere text.
    warc(
        tmp_path / "c.warc.gz",
        page_record("https://four.example/bare", f"<html><body>{'<br>'.join(paragraphs(7))}</body></html>".encode()),
    )

    def sweep() -> Said:
        return run("-q", "sweep", "--workers", "1", str(tmp_path), "--into", str(db), "--name", "CC", "--json", db=None)

    said = sweep()
    assert said.code == 0
    assert {name: said.json[name] for name in ("new", "known", "without_page")} == {
        "new": 8,
        "known": 0,
        "without_page": 0,
    }
    copies = rows(run("copies", "--json"))
    assert {(row["page_url"], row["relation"], row["source"]) for row in copies} == {
        ("https://one.example/copy", "verbatim", "sweep:cc"),
        ("https://one.example/cut", "excerpt", "sweep:cc"),
        ("https://three.example/fr", "translated", "sweep:cc"),
        ("https://four.example/text", "verbatim", "sweep:cc"),
        ("https://four.example/bare", "verbatim", "sweep:cc"),
    }
    quoted = rows(run("quotes", "--json"))
    assert {row["page_url"] for row in quoted} == {url for url, relation in FOUND.items() if relation == "quoted"}
    assert "one.example" in {row["outlet"] for row in run("outlets", "--json").json}
    with Store(db) as store:
        assert (
            all(page.backfill for page in store.pages.of_source("sweep:cc"))
            if hasattr(store.pages, "of_source")
            else True
        )
        assert store.database.execute("SELECT count(*) FROM messages").fetchone()[0] == 0
        assert store.database.execute("SELECT DISTINCT backfill FROM events WHERE page_url IS NOT NULL").fetchall() == [
            (1,)
        ]
    before = rows(run("events", "--json"))
    again = sweep()
    assert {name: again.json[name] for name in ("new", "known")} == {"new": 0, "known": 8}
    assert rows(run("events", "--json")) == before
    assert rows(run("copies", "--json")) == copies


def test_an_index_is_made_of_the_database_and_made_again_after_a_change(
    run: Callable[..., Said], made: Known, tmp_path: Path
) -> None:
    shutil.copy(made.database, tmp_path / "statewire.db")
    archive(tmp_path / "a.warc.gz")
    arguments = ("-q", "sweep", "--workers", "1", "a.warc.gz", "--out", "copies.jsonl", "--json")
    assert run(*arguments).json["rows"] == 6
    index = tmp_path / "copies.jsonl.sweep" / "index"
    before = index.stat().st_mtime_ns
    assert run(*arguments).json["known"] == 1
    assert index.stat().st_mtime_ns == before
    with Store(tmp_path / "statewire.db") as store, store.unit():
        store.database.execute("UPDATE statements SET title = 'Other' WHERE id = 1")
    assert run(*arguments).json["known"] == 0
    assert index.stat().st_mtime_ns != before
    said = run("index", "build", "mine.index", "--json")
    assert (said.json["statements"], said.json["revisions"]) == (13, 14)
    assert "14 revisions of 13 statements" in run("index", "build", "mine.index").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a.warc.gz",), "give either --out FILE or --into DB"),
        (("a.warc.gz", "--out", "x", "--into", "y"), "give either --out FILE or --into DB"),
        (("a.warc.gz", "--out", "x", "--workers", "2", "--scheduler", "tcp://x:1"), "--scheduler has workers"),
        (("a.warc.gz", "--into", "other.db"), "must not name another one"),
        (("absent.warc.gz", "--out", "x"), "absent.warc.gz does not exist"),
    ],
)
def test_arguments_that_contradict_each_other(
    run: Callable[..., Said], made: Known, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    shutil.copy(made.database, tmp_path / "statewire.db")
    said = run("sweep", *arguments)
    assert said.code == 2
    assert words in said.err


def test_without_the_extra_the_command_says_what_to_install(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_NEEDED", ("numpy_that_is_missing", "resiliparse"))
    for arguments in (("sweep", "a.warc.gz", "--out", "x"), ("index", "build", "x")):
        said = run(*arguments)
        assert said.code == 2
        assert "needs numpy_that_is_missing, which is not installed" in said.err
        assert "pip install '.[sweep]'" in said.err


def test_a_folder_in_use_is_left_alone(swept: Callable[..., Said], tmp_path: Path) -> None:
    archive(tmp_path / "a.warc.gz")
    from scraper.sweep.results import Folder

    with Folder(tmp_path / "copies.jsonl.sweep").locked():
        said = swept("a.warc.gz", "--out", "copies.jsonl")
    assert said.code == 2
    assert "another sweep is at work" in said.err


def test_the_line_of_progress() -> None:
    tally = Tally(4, 4_000)
    tally.under_way["a"] = 400
    assert command.progress_line(tally, 2.0) == "0 of 4 files, 400 pages, 200 pages/s"
    tally.add(Report("a", pages=1_000), is_known=False)
    tally.add(Report("b", pages=7), is_known=True)
    tally.under_way["c"] = 200
    assert command.progress_line(tally, 60.0) == "2 of 4 files, 1,200 pages, 20 pages/s, about 2 min left"
    tally.add(Report("c"), is_known=False)
    tally.add(Report("d"), is_known=False)
    assert command.progress_line(tally, 60.0) == "4 of 4 files, 1,000 pages, 17 pages/s"


def test_chunked_and_packed_pages_are_read(swept: Callable[..., Said], tmp_path: Path) -> None:
    from samples import record

    body = html(*paragraphs(3))
    packed = gzip.compress(body)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    file = warc(
        tmp_path / "a.warc.gz",
        record(NOON, packed, "https://one.example/packed", headers=headers),
        record(NOON, chunked, "https://one.example/chunked", headers=(*headers, ("Transfer-Encoding", "chunked"))),
        record(NOON, packed[:-9], "https://one.example/cut", headers=headers),
        record(NOON, body, "https://one.example/gone", headers=headers[:1], status=404),
        record(NOON, body, "https://one.example/pdf", headers=(("Content-Type", "application/pdf"),)),
        record(NOON, body, "ftp://one.example/ftp", headers=headers[:1]),
    )
    assert swept(str(file), "--out", "copies.jsonl").code == 0
    assert [row["url"] for row in rows_of(tmp_path / "copies.jsonl")] == [
        "https://one.example/chunked",
        "https://one.example/packed",
    ]
    (line,) = rows_of(tmp_path / "copies.jsonl.sweep" / "ledger.jsonl")
    assert line["passed_over"] == {
        "no answer with a page": 1,
        "not HTML": 1,
        "truncated": 1,
        "without a URL or a time": 1,
    }
    assert url_of(3)  # the copies are of this statement


def test_no_other_command_loads_the_libraries_of_the_extra() -> None:
    code = "import sys, scraper.cli.app, scraper.store, scraper.pipeline.trace_rows, scraper.cli.sweep\n"
    code += "print({'numpy', 'pandas', 'resiliparse', 'distributed', 'fsspec', 'aiohttp'} & sys.modules.keys())\n"
    code += "import numpy; print(numpy.ones(2).sum())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n2.0\n"
