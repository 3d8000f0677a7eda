"""Files on servers of this machine: https with its certificates, and S3 as moto serves it, both with faults."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import os
import pickle
import socket
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from fakes.archive_servers import CONTENT, File, TlsServer, cut, https_server, put, s3_server, status
from fakes.wire import Exchange, Server

from scraper.errors import InputError
from scraper.sweep import remote_https, remote_stream
from scraper.sweep.inputs import Input, expand, open_input
from scraper.sweep.remote_stream import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BLOCK = 10_000
QUICK = Patience(attempts=3, first_wait_s=0, max_wait_s=5, stall_s=20, block_s=60)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_stream, "BLOCK_BYTES", BLOCK)


def content_of(url: str) -> bytes:
    with open_input(Input(url), QUICK) as file:
        return file.read()


def problem_of(url: str) -> InputError:
    with pytest.raises(InputError) as error:
        content_of(url)
    assert error.value.what.startswith(f"{url} ")
    assert error.value.hint
    return error.value


# https


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsServer]:
    with https_server(tmp_path / "ca.pem") as made:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        yield made


def test_a_file_comes_as_its_bytes_by_one_request(server: TlsServer) -> None:
    file = server.routes["/a.warc.gz"] = File()

    # Content-Encoding says how the file is packed; it stays packed.
    assert content_of(server.url("/a.warc.gz")) == CONTENT
    assert file.asked == [""]
    assert server.seen[0].headers["accept-encoding"] == "identity"
    assert server.seen[0].headers["user-agent"].startswith("statewire/")


@pytest.mark.parametrize("with_length", [True, False])
def test_a_cut_connection_is_resumed_where_it_was_cut(server: TlsServer, with_length: bool) -> None:
    file = server.routes["/a.warc.gz"] = File(faults=[cut(12_345, with_length=with_length)])

    assert content_of(server.url("/a.warc.gz")) == CONTENT
    first, again = file.asked
    # The client may drop what came last before the cut.
    assert (first, BLOCK <= int(again.removeprefix("bytes=").removesuffix("-")) <= 12_345) == ("", True)


@pytest.mark.parametrize("number", [408, 425, 429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(server: TlsServer, number: int) -> None:
    busy = status(number, Retry_After="0")
    file = server.routes["/a.warc.gz"] = File(faults=[busy, busy])
    assert content_of(server.url("/a.warc.gz")) == CONTENT
    assert file.asked == ["", "", ""]

    file.faults = [busy] * 3
    assert f"the server answers with status {number} (3 attempts)" in problem_of(server.url("/a.warc.gz")).what


def test_a_server_may_ask_to_wait(server: TlsServer) -> None:
    file = server.routes["/a.warc.gz"] = File(faults=[status(429, Retry_After="7200")])

    assert "and the server asks to wait 7200 s" in problem_of(server.url("/a.warc.gz")).what
    assert file.asked == [""]


@pytest.mark.parametrize(
    ("number", "problem", "hint"),
    [
        (404, "status 404", "check the URL"),
        (410, "status 410", "check the URL"),
        (204, "status 204", "check the URL"),
        (401, "refuses it with status 401", "your right to read it"),
        (403, "refuses it with status 403", "your right to read it"),
    ],
)
def test_a_server_that_has_no_file_is_asked_once(server: TlsServer, number: int, problem: str, hint: str) -> None:
    server.otherwise = lambda exchange: exchange.reply(b"", status=number)

    error = problem_of(server.url("/a.warc.gz"))

    assert problem in error.what
    assert hint in error.hint
    assert len(server.seen) == 1


def test_a_file_that_changed_meanwhile_is_an_error(server: TlsServer) -> None:
    def change(file: File, exchange: Exchange) -> bool:
        file.tag = '"two"'
        return False

    file = server.routes["/a.warc.gz"] = File(faults=[cut(500), change])
    assert "it changed on its server after 500 bytes were read" in problem_of(server.url("/a.warc.gz")).what

    file.tag, file.faults = '"one"', [cut(500), status(416)]
    assert "it changed on its server after 500 bytes were read" in problem_of(server.url("/a.warc.gz")).what


def test_a_server_without_ranges_cannot_resume(server: TlsServer) -> None:
    file = server.routes["/a.warc.gz"] = File(has_ranges=False)
    assert content_of(server.url("/a.warc.gz")) == CONTENT

    file.faults = [cut(500)]
    assert "broke at byte 500, and the server sends no part" in problem_of(server.url("/a.warc.gz")).what


def test_a_range_that_was_not_requested_is_refused(server: TlsServer) -> None:
    def shifted(file: File, exchange: Exchange) -> bool:
        exchange.reply(CONTENT[600:], status=206, headers={"ETag": file.tag, "Content-Range": "bytes 600-699/700"})
        return True

    server.routes["/a.warc.gz"] = File(faults=[cut(500), shifted])
    assert "status 206" in problem_of(server.url("/a.warc.gz")).what


def test_redirects_are_followed_within_https(server: TlsServer) -> None:
    server.routes["/a.warc.gz"] = File()
    server.routes["/there"] = lambda exchange: exchange.redirect("/a.warc.gz")
    assert content_of(server.url("/there")) == CONTENT

    server.routes["/around"] = lambda exchange: exchange.redirect("/around")
    assert "it redirects more than 5 times" in problem_of(server.url("/around")).what

    server.routes["/out"] = lambda exchange: exchange.redirect("http://news.example/a.warc.gz")
    assert "redirects to a URL that is not https" in problem_of(server.url("/out")).what


def resolved(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """Let each name have these IP addresses."""

    async def resolve(*_: object) -> list[dict[str, object]]:
        return [{"host": address} for address in found]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "127.0.0.2", "[::1]"])
def test_a_redirect_leads_to_no_other_private_host(server: TlsServer, host: str) -> None:
    server.routes["/a.warc.gz"] = File()
    server.routes["/out"] = lambda exchange: exchange.redirect(f"https://{host}:{server.port}/a.warc.gz")

    assert "a list or a redirect leads to a host in a private network" in problem_of(server.url("/out")).what
    assert [each.target for each in server.seen] == ["/out"]


def test_a_name_is_private_if_one_of_its_addresses_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Input("https://news.example/a.warc.gz", is_public_only=True)
    resolved(monkeypatch, "93.184.215.14", "10.0.0.1")

    with pytest.raises(InputError, match="leads to a host in a private network"):
        open_input(given, QUICK)

    resolved(monkeypatch, "93.184.215.14")
    found = asyncio.run(_resolved_public())
    assert found == [{"host": "93.184.215.14"}]


async def _resolved_public() -> Any:
    return await remote_https.PublicResolver().resolve("news.example")


def test_a_remote_list_leads_to_no_other_private_host(server: TlsServer, tmp_path: Path) -> None:
    server.routes["/a.warc.gz"] = File()
    other = f"https://localhost:{server.port}/a.warc.gz"
    lines = f"{other}\n{server.url('/a.warc.gz')}\n"
    server.routes["/warc.paths"] = File(lines.encode())
    (tmp_path / "warc.paths").write_text(lines)

    strange, same = expand([server.url("/warc.paths")], patience=QUICK)

    assert (strange.is_public_only, same.is_public_only) == (True, False)
    assert pickle.loads(pickle.dumps(strange)) == strange
    with pytest.raises(InputError, match="leads to a host in a private network") as error:
        open_input(strange, QUICK)
    assert error.value.hint == "name the URL as an argument"
    with open_input(same, QUICK) as file:
        assert file.read() == CONTENT
    # A list on the disk of its reader may name any host.
    assert [each.is_public_only for each in expand([str(tmp_path / "warc.paths")])] == [False, False]


def test_a_secret_of_the_url_is_sent_but_never_shown(server: TlsServer) -> None:
    server.otherwise = lambda exchange: exchange.reply(b"", status=404)
    url = server.url("/a%2Fb.warc.gz?X-Amz-Signature=s%2Fecret")

    with pytest.raises(InputError) as error:
        open_input(expand([url])[0], QUICK)

    assert server.seen[0].target == "/a%2Fb.warc.gz?X-Amz-Signature=s%2Fecret"
    assert "ecret" not in str(error.value)
    assert error.value.what.startswith(server.url("/a%2Fb.warc.gz?X-Amz-Signature=*** cannot be read"))


def test_a_certificate_that_is_not_trusted_is_an_error(server: TlsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    other = server.url("/a.warc.gz").replace("127.0.0.1", "localhost")
    assert "its certificate is for another host" in problem_of(other).what

    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    error = problem_of(server.url("/a.warc.gz"))
    assert "is from an authority that is not trusted here" in error.what
    assert error.hint == "name its authority in the variable SSL_CERT_FILE if you trust it"
    assert server.seen == []


def test_http_is_read_from_this_machine(tmp_path: Path) -> None:
    with Server() as plain:
        plain.routes["/a.warc.gz"] = File()
        assert content_of(expand([plain.url("/a.warc.gz")])[0].name) == CONTENT

        plain.routes["/closed"] = Exchange.reset
        assert "(3 attempts)" in problem_of(plain.url("/closed")).what
        assert plain.hits("/closed") in {3, 6}  # aiohttp repeats a request whose connection ends without an answer

    with socket.socket() as bound:  # to a port where no server listens
        bound.bind(("127.0.0.1", 0))
        assert "cannot be read: Connect" in problem_of(f"http://127.0.0.1:{bound.getsockname()[1]}/a.warc.gz").what


def test_a_remote_list_names_files_below_the_root_of_its_host(server: TlsServer) -> None:
    lines = b"crawl-data/a.warc.gz\ncrawl-data/b.warc.gz\n"
    server.routes["/crawl-data/2024/warc.paths.gz"] = File(gzip.compress(lines))

    found = expand([server.url("/crawl-data/2024/warc.paths.gz")], patience=QUICK)

    assert [each.name for each in found] == [server.url("/crawl-data/a.warc.gz"), server.url("/crawl-data/b.warc.gz")]

    server.routes["/crawl-data/2024/warc.paths.gz"] = File(gzip.compress(lines), faults=[status(404)])
    with pytest.raises(InputError, match=r"warc.paths.gz cannot be read: the server answers with status 404"):
        expand([server.url("/crawl-data/2024/warc.paths.gz")], patience=QUICK)


# S3


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Endpoint of an S3 on this machine with the bucket `archive`."""
    names = (
        "a.warc.gz",
        "2024/b.warc.gz",
        "2024/01/c.warc.gz",
        "2024/01/d.warc.wet.gz",
        "2024/01/notes.bin",
        "odd name?.bin",
    )
    with s3_server() as place:
        put(place, "/archive", b"")
        for name in names:
            put(place, f"/archive/{name.replace(' ', '%20').replace('?', '%3F')}", CONTENT)
        put(place, "/archive/2024/warc.paths.gz", gzip.compress(b"2024/b.warc.gz\n2024/01/c.warc.gz\n"))
        yield place


@dataclass
class Proxy:
    """Passes requests on to moto, but for the faults that stand before it; `asked` lists methods, targets, ranges."""

    place: str
    faults: list[Callable[[Exchange, bytes], bool]] = field(default_factory=list)

    def __call__(self, exchange: Exchange) -> None:
        with closing(http.client.HTTPConnection(self.place)) as connection:
            connection.request(exchange.method, exchange.target, headers=exchange.headers)
            answer = connection.getresponse()
            body = answer.read()
        if self.faults and self.faults.pop(0)(exchange, body):
            return
        headers = {
            name.title(): each for name, each in answer.getheaders() if name.lower() not in {"connection", "date"}
        }
        exchange.reply(body, status=answer.status, headers=headers)


@pytest.fixture
def s3(moto: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with Server() as made:
        made.otherwise = Proxy(moto)
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.url("").rstrip("/"))
        yield made


def names(argument: str) -> list[str]:
    return [each.name for each in expand([argument], patience=QUICK)]


def failing(number: int, code: str) -> Callable[[Exchange, bytes], bool]:
    def fault(exchange: Exchange, body: bytes) -> bool:
        said = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No</Message></Error>".encode()
        exchange.reply(said, status=number, headers={"Content-Type": "application/xml"})
        return True

    return fault


def ending(size: int) -> Callable[[Exchange, bytes], bool]:
    def fault(exchange: Exchange, body: bytes) -> bool:
        head = f"HTTP/1.1 200 OK\r\nETag: {_tag(CONTENT)}\r\nContent-Length: {len(body)}\r\n\r\n"
        exchange.send(head.encode() + body[:size])
        return True

    return fault


def _tag(content: bytes) -> str:
    from hashlib import md5

    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


def test_an_object_comes_as_its_bytes_without_a_listing(s3: Server) -> None:
    (found,) = expand(["s3://archive/a.warc.gz"])

    assert found == Input("s3://archive/a.warc.gz")
    assert content_of(found.name) == CONTENT
    assert [each.target for each in s3.seen] == ["/archive/a.warc.gz"]


def test_folders_and_patterns_are_listed_with_sizes(s3: Server) -> None:
    assert expand(["s3://archive/2024/01/"]) == [
        Input("s3://archive/2024/01/c.warc.gz", len(CONTENT)),
        Input("s3://archive/2024/01/d.warc.wet.gz", len(CONTENT)),
    ]
    everything = ["2024/01/c.warc.gz", "2024/01/d.warc.wet.gz", "2024/b.warc.gz", "a.warc.gz"]
    assert names("s3://archive") == [f"s3://archive/{each}" for each in everything]
    assert names("s3://archive/2024/*.warc.gz") == ["s3://archive/2024/b.warc.gz"]
    assert names("s3://archive/2024/**/*.gz") == names("s3://archive/2024")


def test_lists_in_a_bucket_name_objects_of_the_bucket(s3: Server) -> None:
    listed = ["s3://archive/2024/b.warc.gz", "s3://archive/2024/01/c.warc.gz"]
    assert names("s3://archive/2024/warc.paths.gz") == listed
    assert names("s3://archive/*/*.paths.gz") == listed


def test_an_object_of_any_name_is_read(s3: Server) -> None:
    (found,) = expand(["s3://archive/2024/01/notes.bin"])
    assert found == Input("s3://archive/2024/01/notes.bin", len(CONTENT))
    assert content_of(found.name) == CONTENT
    assert content_of("s3://archive/odd name?.bin") == CONTENT


@pytest.mark.parametrize("address", ["s3://archive/2025/", "s3://archive/*.zip", "s3://nothing-here/2024/"])
def test_an_address_that_means_nothing_is_named(s3: Server, address: str) -> None:
    with pytest.raises(InputError, match="no WARC or WET file") as error:
        expand([address], patience=QUICK)
    assert error.value.what.startswith(address)
    assert "check bucket and key" in error.value.hint


@pytest.mark.parametrize("fault", [failing(503, "SlowDown"), failing(500, "InternalError"), failing(429, "TooMany")])
def test_a_bucket_that_is_busy_is_asked_again(s3: Server, fault: Callable[[Exchange, bytes], bool]) -> None:
    s3.otherwise.faults += [fault, fault]  # type: ignore[attr-defined]
    assert content_of("s3://archive/a.warc.gz") == CONTENT
    assert len(s3.seen) == 3

    s3.otherwise.faults += [fault, fault]  # type: ignore[attr-defined]
    assert names("s3://archive/2024/01/c*") == ["s3://archive/2024/01/c.warc.gz"]

    s3.otherwise.faults += [fault] * 3  # type: ignore[attr-defined]
    assert "(3 attempts)" in problem_of("s3://archive/a.warc.gz").what


def test_an_object_is_resumed_where_it_was_cut(s3: Server) -> None:
    s3.otherwise.faults += [ending(12_345)]  # type: ignore[attr-defined]

    assert content_of("s3://archive/a.warc.gz") == CONTENT
    first, again = (each.headers.get("range", "") for each in s3.seen)
    assert (first, BLOCK <= int(again.removeprefix("bytes=").removesuffix("-")) <= 12_345) == ("", True)


def test_an_object_that_changed_meanwhile_is_an_error(s3: Server, moto: str) -> None:
    put(moto, "/changing", b"")
    put(moto, "/changing/a.warc.gz", CONTENT)

    def change(exchange: Exchange, body: bytes) -> bool:
        put(moto, "/changing/a.warc.gz", CONTENT[:-1] + b"x")
        return ending(500)(exchange, body)

    s3.otherwise.faults += [change]  # type: ignore[attr-defined]
    assert "it changed on its server after 500 bytes were read" in problem_of("s3://changing/a.warc.gz").what

    def shorten(exchange: Exchange, body: bytes) -> bool:
        put(moto, "/changing/a.warc.gz", b"short")
        return ending(500)(exchange, CONTENT)

    s3.otherwise.faults += [shorten]  # type: ignore[attr-defined]
    assert "it changed on its server after 500 bytes were read" in problem_of("s3://changing/a.warc.gz").what


@pytest.mark.parametrize(
    ("address", "problem", "hint"),
    [
        ("s3://archive/b.warc.gz", "S3 answers with status 404 (NoSuchKey)", "check the address"),
        ("s3://nothing-here/b.warc.gz", "S3 answers with status 404 (NoSuchBucket)", "check the address"),
        ("s3://Not A Bucket/b.warc.gz", "this is no valid bucket or key", "give s3://BUCKET/KEY"),
    ],
)
def test_what_is_not_there_is_asked_for_once(s3: Server, address: str, problem: str, hint: str) -> None:
    error = problem_of(address)

    assert problem in error.what
    assert error.hint == hint
    assert len(s3.seen) <= 1


def test_without_credentials_requests_are_anonymous(
    s3: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content_of("s3://archive/a.warc.gz")
    assert "authorization" not in s3.seen[-1].headers

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-variables")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    content_of("s3://archive/a.warc.gz")
    assert "Credential=of-variables/" in s3.seen[-1].headers["authorization"]

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "none").write_text("[default]\naws_access_key_id = of-file\naws_secret_access_key = secret\n")
    content_of("s3://archive/2024/b.warc.gz")
    assert "authorization" in s3.seen[-1].headers


def test_a_key_that_is_refused_is_an_error_with_what_to_do(s3: Server) -> None:
    s3.otherwise.faults += [failing(403, "AccessDenied")]  # type: ignore[attr-defined]

    error = problem_of("s3://archive/a.warc.gz")

    assert "S3 answers with status 403 (AccessDenied)" in error.what
    assert "AWS_PROFILE" in error.hint


def test_a_profile_without_a_key_is_an_error(s3: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nothing")

    error = problem_of("s3://archive/a.warc.gz")

    assert "(nothing) could not be found" in error.what
    assert "AWS_PROFILE" in error.hint
    assert s3.seen == []


def test_an_answer_that_is_not_of_s3_is_a_failure_that_may_pass(s3: Server) -> None:
    def page(exchange: Exchange, body: bytes) -> bool:
        exchange.reply(b"<html>Bad gateway", status=502)
        return True

    s3.otherwise.faults += [page]  # type: ignore[attr-defined]
    assert content_of("s3://archive/a.warc.gz") == CONTENT
    s3.otherwise.faults += [page]  # type: ignore[attr-defined]
    assert len(names("s3://archive/2024/")) == 3
