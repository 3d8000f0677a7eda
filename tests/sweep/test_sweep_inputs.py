"""Arguments of `statewire sweep` that are paths: which files they mean, and errors that name them."""

from __future__ import annotations

import errno
import gzip
import os
import pickle
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import InputError, how_to_install
from scraper.sweep import addresses, inputs
from scraper.sweep.inputs import Input, expand, open_input


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def names(*arguments: str | Path, prefix: str = "") -> list[str]:
    return [each.name for each in expand([str(argument) for argument in arguments], prefix)]


def test_a_file_is_itself_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, "crawl")

    assert expand([str(tmp_path / "crawl")]) == [Input(str(tmp_path / "crawl"), 5)]


def test_a_folder_gives_its_archives_at_any_depth_by_name(tmp_path: Path) -> None:
    ours = ["a/b/c.warc.gz", "a/z.warc", "b.WET", "c.warc.wet.gz", "d.wet.gz"]
    write(tmp_path, *ours, "a/warc.paths.gz", "a/notes.txt", "a/x.warc.gz.part", "a/x.cdx")

    assert names(tmp_path) == [str(tmp_path / name) for name in sorted(ours)]


def test_a_pattern_gives_what_it_matches_folders_and_lists_included(tmp_path: Path) -> None:
    write(tmp_path, "1/a.warc", "1/b.warc", "2.warc", "3.bin")
    (tmp_path / "4.paths").write_text("1/c.warc\n")

    assert names(tmp_path / "[1234]*") == [
        str(tmp_path / each) for each in ("1/a.warc", "1/b.warc", "2.warc", "3.bin", "1/c.warc")
    ]
    assert names(tmp_path / "**/*.warc") == [str(tmp_path / each) for each in ("1/a.warc", "1/b.warc", "2.warc")]


def test_a_name_with_brackets_that_exists_is_no_pattern(tmp_path: Path) -> None:
    write(tmp_path, "crawl[1].warc", "crawl1.warc")

    assert names(tmp_path / "crawl[1].warc") == [str(tmp_path / "crawl[1].warc")]


def test_arguments_keep_their_order_and_each_file_counts_once(tmp_path: Path) -> None:
    write(tmp_path, "a.warc", "b.warc")
    (tmp_path / "link.warc").symlink_to("a.warc")

    assert names(tmp_path / "b.warc", tmp_path, tmp_path / "link.warc", f"{tmp_path}/./a.warc") == [
        str(tmp_path / "b.warc"),
        str(tmp_path / "a.warc"),
    ]


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        ("missing.warc", "does not exist"),
        ("*.warc", "matches no file"),
        ("empty", "has no WARC or WET file"),
        ("pipe", "is not a file"),
        ("empty.txt", "is an empty list"),
        ("cut.paths.gz", "is not a list of paths"),
        ("latin.paths", "is not a list of paths"),
        ("zeros.paths", "is not a list of paths: it is too long"),
    ],
)
def test_an_argument_that_means_nothing_is_named(tmp_path: Path, argument: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.txt").write_text("# no files\n\n")
    (tmp_path / "cut.paths.gz").write_bytes(gzip.compress(b"a.warc\n" * 1000)[:-9])
    (tmp_path / "latin.paths").write_bytes("große.warc\n".encode("latin-1"))
    (tmp_path / "zeros.paths").write_bytes(bytes(9000))

    with pytest.raises(InputError) as error:
        expand([str(tmp_path / argument)])

    assert error.value.what.startswith(f"{tmp_path / argument} {problem}")
    assert error.value.hint


def test_a_packed_list_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bomb.paths.gz").write_bytes(gzip.compress(b"a.warc\n" * 20_000))
    monkeypatch.setattr(inputs, "MAX_LIST_BYTES", 100_000)

    with pytest.raises(InputError, match=r"bomb.paths.gz is not a list of paths: it is too long"):
        expand([str(tmp_path / "bomb.paths.gz")])


def test_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a/b.warc")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("/a"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)  # root may enter every folder

    with pytest.raises(InputError, match=f"{tmp_path}/a cannot be read: Permission denied"):
        expand([str(tmp_path)])


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_list_names_one_file_a_line(tmp_path: Path, is_packed: bool) -> None:
    text = b"# CC-NEWS\r\n\r\n2024/a.warc.gz\r\n /other/b.warc \ns3://bucket/c.warc.gz\nhttps://news.example/d?id=1\n2024/a.warc.gz"
    # The bytes say whether it is packed: some programs unpack a file and keep its name.
    path = tmp_path / "warc.paths.gz"
    path.write_bytes(gzip.compress(text) if is_packed else text)

    found = [str(tmp_path / "2024/a.warc.gz"), "/other/b.warc", "s3://bucket/c.warc.gz", "https://news.example/d?id=1"]
    assert names(path) == found


@pytest.mark.parametrize("prefix", ["https://data.example/", "https://data.example", "s3://bucket/", "folder"])
def test_the_prefix_goes_before_relative_lines(tmp_path: Path, prefix: str) -> None:
    (tmp_path / "warc.paths").write_text("crawl-data/a.warc.gz\nhttps://news.example/b.warc\n")

    assert names(tmp_path / "warc.paths", prefix=prefix) == [
        f"{prefix.rstrip('/')}/crawl-data/a.warc.gz",
        "https://news.example/b.warc",
    ]


def test_a_missing_file_of_a_list_costs_only_itself(tmp_path: Path) -> None:
    write(tmp_path, "b.warc")
    (tmp_path / "warc.paths").write_text("a.warc\nb.warc\n")

    missing, there = expand([str(tmp_path / "warc.paths")])

    with pytest.raises(InputError, match=r"a.warc cannot be read: No such file") as error:
        open_input(missing)
    assert "check the path" in error.value.hint
    with open_input(there) as file:
        assert file.read() == b"b.warc"


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        open_input(Input(str(tmp_path)))
    with pytest.raises(InputError, match="/dev/null is not a file"):
        open_input(Input("/dev/null"))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("ftp://news.example/a.warc", "has an unknown scheme"),
        ("file:///a.warc", "has an unknown scheme"),
        ("s3:///a.warc", "names no bucket"),
        ("https://", "is not a valid URL"),
        ("https://news.example:x/a.warc", "is not a valid URL"),
        ("http://news.example/a.warc", "is not encrypted"),
        ("http://127.0.0.1.example/a.warc", "is not encrypted"),
        ("http://10.0.0.1/a.warc", "is not encrypted"),
    ],
)
def test_an_address_that_is_not_requested_is_named(tmp_path: Path, address: str, problem: str) -> None:
    (tmp_path / "list.txt").write_text(f"{address}\n")
    for argument in (address, str(tmp_path / "list.txt")):
        with pytest.raises(InputError) as error:
            expand([argument])
        assert error.value.what == f"{address} {problem}"


def test_a_name_has_no_secrets_and_the_address_has_them() -> None:
    url = "https://me:secret-1@archive.example/a.warc.gz?X-Amz-Signature=secret-2&part=1"

    (found,) = expand([url])

    assert found.name == "https://archive.example/a.warc.gz?X-Amz-Signature=***&part=1"
    assert found.place == pickle.loads(pickle.dumps(found)).place == url
    assert "secret" not in repr(found)


def test_a_path_that_is_no_text_has_a_name_that_is(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.warc")
    Path(path).write_bytes(b"x")

    (found,) = expand([str(tmp_path)])

    assert found.name == f"{tmp_path}/caf\ufffd.warc"
    with open_input(found) as file:
        assert file.read() == b"x"


@given(st.text(st.sampled_from("aé/?*[].:#&="), max_size=30))
def test_a_name_is_one_of_file_or_folder_whatever_its_characters(name: str) -> None:
    assert addresses.is_file(f"{name}.warc.gz")
    assert addresses.is_list(f"{name.replace('?', '')}.paths.gz")
    assert not addresses.is_file(f"{name}.warc.gz/")


@pytest.mark.parametrize("address", ["https://news.example/a.warc", "s3://bucket/a.warc", "s3://bucket/folder/"])
def test_without_the_extra_the_error_names_it(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scraper.sweep.remote_https", "scraper.sweep.remote_s3"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for module in ("aiohttp", "fsspec", "s3fs"):
        monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(InputError) as error:
        open_input(expand([address])[0])

    assert error.value.what == f"{address} cannot be read, because the extra for remote files is missing ({'aiohttp'})"
    assert error.value.hint == f"{how_to_install('sweep')}; or download the file"
