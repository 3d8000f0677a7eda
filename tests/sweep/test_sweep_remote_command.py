"""Tests of `statewire sweep` on remote archives: https and S3 on loopback give the rows of local files."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import Said
from fakes.archive_servers import File, TlsServer, https_server, put, s3_server
from sweep_support import Known, archive, rows_of


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsServer]:
    with https_server(tmp_path / "ca.pem") as made:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        yield made


def found(run: Callable[..., Said], made: Known, *paths: str) -> tuple[list[object], Said]:
    """Return what a sweep finds, without the names of files, and what the command says."""
    said = run("-q", "sweep", "--workers", "1", "--index", str(made.file), "--out", "copies.jsonl", *paths)
    rows = rows_of(Path("copies.jsonl"))
    return [row | {"captures": [each | {"file": ""} for each in row["captures"]]} for row in rows], said


def test_archives_at_https_and_those_of_a_list(
    run: Callable[..., Said], made: Known, server: TlsServer, tmp_path: Path
) -> None:
    local = archive(tmp_path / "a.warc.gz")
    wanted, _ = found(run, made, str(local))
    assert len(wanted) == 6
    server.routes["/crawl/a.warc.gz"] = File(local.read_bytes())
    server.routes["/crawl/warc.paths"] = File(b"crawl/a.warc.gz\ncrawl/missing.warc.gz\n")
    shutil.rmtree("copies.jsonl.sweep")
    rows, said = found(run, made, server.url("/crawl/a.warc.gz"))
    assert (rows, said.code) == (wanted, 0)
    rows, said = found(run, made, server.url("/crawl/warc.paths"))
    assert (rows, said.code) == (wanted, 3)
    assert said.out.startswith("1 file swept, 1 of them before: ")


def test_archives_in_a_bucket(
    run: Callable[..., Said], made: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = archive(tmp_path / "a.warc.gz")
    wanted, _ = found(run, made, str(local))
    shutil.rmtree("copies.jsonl.sweep")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3_server() as place:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{place}")
        put(place, "/crawl", b"")
        put(place, "/crawl/2024/a.warc.gz", local.read_bytes())
        rows, said = found(run, made, "s3://crawl/2024/")
    assert (rows, said.code) == (wanted, 0)
