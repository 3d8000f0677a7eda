"""Tests of results and ledger: merged in one order however many there are, and whole after a process has died."""

import io
from pathlib import Path
from typing import Any

import pytest
from samples import HTML_HEADERS, NOON, record, warc
from sweep_support import Known, archive, html, page_record, paragraphs

from scraper.formats.warc import WarcRecord
from scraper.sweep import archive_pages, results, run
from scraper.sweep.archive_pages import ArchivedPage, ArchiveFile, HashedStream
from scraper.sweep.inputs import Input
from scraper.sweep.results import LEDGER, Folder, Report, ResultWriter, rows_of_pages
from scraper.sweep.scan import Hit, Scanner
from scraper.sweep.work import sweep_file


def kept(folder: Folder, number: int, urls: list[str]) -> Report:
    """Keep a result with a row for each URL."""
    writer, out = ResultWriter(), io.BytesIO()
    for url in urls:
        response = WarcRecord(url, NOON, 200, HTML_HEADERS, b"<p>page</p>", final_url=url)
        page = ArchivedPage(url, NOON, response.body, None, response)
        writer.add(Hit(page, {"url": url, "relation": "verbatim"}))
    writer.write_to(out)
    report = Report(f"{number}.warc", sha256=f"{number:02}" * 32, index="i" * 64, hits=writer.count)
    folder.keep(report.result, io.BytesIO(out.getvalue()))
    folder.record(report)
    return report


def test_many_results_are_merged_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    reports = [kept(folder, at, [f"https://x.example/{(at * 7 + each) % 40}" for each in range(5)]) for at in range(30)]
    whole = list(rows_of_pages(folder.merged(reports)))
    monkeypatch.setattr(results, "_MERGED_AT_ONCE", 3)
    assert list(rows_of_pages(folder.merged(reversed(reports)))) == whole
    assert [row["url"] for row in whole] == sorted({f"https://x.example/{at}" for at in range(40)})
    # The same second of one URL is one capture, and that of the first file by name.
    assert all(len(row["captures"]) == 1 for row in whole)
    found, _ = next(iter(folder.merged(reports)))
    assert found.response is not None
    assert (found.response.body, found.response.headers) == (b"<p>page</p>", HTML_HEADERS)


@pytest.mark.parametrize(
    "line", [b'{"name": "2.war', b'{"name": "2.warc"}\n', b'{"problems": [], "later": 1}\n', b"[2]\n"]
)
def test_a_line_of_the_ledger_that_was_cut_or_is_of_another_version_costs_its_file_only(
    tmp_path: Path, line: bytes
) -> None:
    folder = Folder(tmp_path)
    kept(folder, 1, ["https://x.example/1"])
    ledger = tmp_path / LEDGER
    with ledger.open("ab") as file:
        file.write(line)
    kept(folder, 3, ["https://x.example/3"])
    assert sorted(report.name for report in folder.reports("i" * 64).values()) == ["1.warc", "3.warc"]
    assert folder.reports("another index") == {}


def test_a_result_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Folder(tmp_path).keep("x.jsonl", Broken())
    assert list(tmp_path.iterdir()) == []


def test_a_sample_is_spread_over_all_files() -> None:
    inputs = [Input(str(at), 10) for at in range(10)]
    assert [each.name for each in run.sample(inputs, 3)] == ["0", "3", "6"]
    assert run.sample(inputs, 99) == inputs
    assert run.sample([], 2) == []


def test_the_rest_is_estimated_by_size_where_it_is_known() -> None:
    done = [Report("a", size=100, pages=10, hits=1, seconds=2.0)]
    assert run.estimate(done, [Input("b", 250)]) == run.Estimate(1, 25, 3, 5.0)
    assert run.estimate(done, [Input("b", 250), Input("c", None)]) == run.Estimate(2, 20, 2, 4.0)
    assert run.estimate([], [Input("b", 1)]) is None


def test_a_file_that_cannot_be_read_to_its_end_has_no_result(made: Known, tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 500:
                raise OSError(5, "Input/output error")
            return super().read(min(size or 0, 300) if size and size > 0 else 300)

    content = archive(tmp_path / "a.warc").read_bytes()
    with pytest.raises(archive_pages.InputError, match="cannot be read: Input/output error"):
        list(ArchiveFile(HashedStream("a.warc", Failing(content))))
    report, result = sweep_file(Input(str(tmp_path / "absent.warc")), Scanner(made.index))
    result.close()
    assert "cannot be read" in report.failure


def test_a_panic_of_the_reader_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def iterate(*_: Any, **__: Any) -> Any:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(archive_pages, "ArchiveIterator", iterate)
    file = ArchiveFile(HashedStream("a.warc", io.BytesIO(b"WARC/1.0")))
    assert list(file) == []
    assert file.problems == ["damaged after 0 records: index out of bounds; the rest is lost"]

    def stop(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(archive_pages, "ArchiveIterator", stop)
    with pytest.raises(KeyboardInterrupt):
        list(file)


def test_a_page_that_cannot_be_compared_is_named(made: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("scraper.sweep.scan.text_of", fail)
    path = warc(
        tmp_path / "a.warc", *(page_record(f"https://x.example/{at}", html(*paragraphs(3))) for at in range(30))
    )
    report, result = sweep_file(Input(str(path)), Scanner(made.index))
    result.close()
    assert (report.pages, report.hits, len(report.problems)) == (30, 0, 20)
    assert report.problems[0] == ("https://x.example/0: comparing it failed, which is a bug (RuntimeError: a bug)")


def test_redirects_and_revisits(made: Known, tmp_path: Path) -> None:
    path = warc(
        tmp_path / "a.warc",
        record(NOON, b"", "https://x.example/a", status=302, headers=(("Location", "https://x.example/b"),)),
        record(NOON, b"", "https://x.example/b", headers=HTML_HEADERS, kind="revisit"),
    )
    report, result = sweep_file(Input(str(path)), Scanner(made.index))
    result.close()
    assert report.passed_over == {"no answer with a page": 1, "revisits": 1}
