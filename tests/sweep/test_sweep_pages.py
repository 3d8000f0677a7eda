"""Archives that `python -m benchmarks.sweep_pages` writes: the same bytes again, and an answer for each planting."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

ROOT = Path(__file__).resolve().parents[2]
PAGES = WarcRecordType.response | WarcRecordType.conversion


def run(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", *map(str, arguments)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sweep")
    run("benchmarks.big_database", folder / "big.db", "--statements", 200)
    for name in ("one", "two"):
        run("benchmarks.sweep_pages", folder / "big.db", folder / name, "--pages", 24, "--share", 1, "--files", 2)
    return folder / "one", folder / "two"


def test_the_same_arguments_give_the_same_bytes(folders: tuple[Path, Path]) -> None:
    one, two = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)

    assert one == two
    assert {"news-00001.warc.gz", "news-00002.warc.gz", "truth.jsonl"} < one.keys()


def test_each_planted_page_is_in_the_file_that_its_answer_names(folders: tuple[Path, Path]) -> None:
    answers = [json.loads(line) for line in (folders[0] / "truth.jsonl").read_text().splitlines()]
    bodies: dict[tuple[str, str], list[str]] = {}
    for path in folders[0].glob("*.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=PAGES, parse_http=True):
                charset = record.http_charset if record.is_http else "utf-8"
                body = record.reader.read().decode(charset)
                bodies.setdefault((path.name, record.headers["WARC-Target-URI"]), []).append(body)

    assert {(each["file"], each["page"]) for each in answers} == bodies.keys()
    assert len(answers) == len(bodies) == 25, "24 pages, one of them captured twice"
    assert len({each["kind"] for each in answers}) == 20
    for each in answers:
        (body,) = bodies[each["file"], each["page"]]
        assert each["file"].endswith(".wet.gz") == each["kind"].startswith("WET")
        if each["kind"] == "translation":
            assert each["url"] in body
        if each["kind"] in {"quotation of 15 and more", "WET quotation", "lead"}:
            assert each["quoted"] in html.unescape(body)
