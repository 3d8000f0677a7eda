"""Tests of time stamps, against an authority of OpenSSL on loopback: made, checked here and by OpenSSL, refused."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import CONFIG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Said
    from fakes.time_stamps import Authority

pytest.importorskip("rfc3161_client", reason="the extra `evidence` is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    from fakes.time_stamps import Authority

    made = Authority(tmp_path_factory.mktemp("authority"))
    yield made
    made.server.close()


@pytest.fixture
def stamped(demo: Callable[..., Said], authority: Authority) -> Callable[..., Said]:
    """The command, with that authority configured."""
    configure(authority)
    return demo


def configure(authority: Authority, url: str = "", certificates: Path | None = None) -> None:
    place = authority.server.place
    Path("config.yaml").write_text(
        CONFIG.replace("  retries: 0\n", f"  retries: 0\n  allow_private: ['{place}']\n")
        + f"evidence:\n  timestamp_url: {url or authority.url}\n"
        f"  timestamp_certificates: {certificates or authority.certificates}\n",
        encoding="utf-8",
    )


def extract(path: str, *, digest: str = "datapackage-digest.json") -> Any:
    with zipfile.ZipFile(path) as archive:
        Path("datapackage.json").write_bytes(archive.read("datapackage.json"))
        Path("digest.json").write_bytes(archive.read(digest))
        return json.loads(archive.read(digest))


def test_a_bundle_is_stamped_and_openssl_agrees(stamped: Callable[..., Said], authority: Authority) -> None:
    before = len(authority.server.seen)
    said = stamped("export", "evidence", "4", "-o", "x.wacz", "--json")
    assert (said.code, said.json["is_stamped"]) == (0, True)
    (row,) = stamped("verify", "x.wacz", "--json").json
    assert row["fits"]
    assert row["authority"] == "CN=Root of the Lamps"
    assert row["stamped_at"].endswith("Z")
    fingerprint = subprocess.run(
        ["openssl", "x509", "-in", authority.certificates, "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True,
    ).stdout.partition("=")[2].strip().replace(":", "").lower()  # fmt: skip
    assert row["root_sha256"] == fingerprint
    # The authority got a request with a hash, and nothing of the content.
    (asked,) = authority.server.seen[before:]
    assert asked.headers["content-type"] == "application/timestamp-query"
    assert len(asked.body) < 200
    assert bytes.fromhex(row["sha256"]) in asked.body


def test_the_commands_of_the_page_check_it(stamped: Callable[..., Said]) -> None:
    assert stamped("export", "evidence", "4", "-o", "x.wacz").code == 0
    with zipfile.ZipFile("x.wacz") as archive:
        page = archive.read("evidence/index.html").decode()
    commands = page.partition("<pre>")[2].partition("</pre>")[0].replace("&gt;", ">").replace("&#39;", "'")
    commands = commands.replace("FILE", "x.wacz")
    if shutil.which("unzip") is None:
        extract("x.wacz")
        commands = "\n".join(line for line in commands.splitlines() if not line.startswith("unzip"))
    done = subprocess.run(["sh", "-e"], input=commands, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout + done.stderr
    assert "Status: Granted" in done.stdout
    Path("datapackage.json").write_bytes(Path("datapackage.json").read_bytes() + b" ")
    again = "openssl ts -verify -data datapackage.json -in token.tsr -CAfile certificates.pem"
    assert subprocess.run(again.split(), capture_output=True).returncode != 0


def test_without_a_stamp_on_request(stamped: Callable[..., Said], authority: Authority) -> None:
    before = len(authority.server.seen)
    said = stamped("export", "evidence", "4", "-o", "x.wacz", "--no-timestamp")
    assert (said.code, "without a time stamp" in said.out) == (0, True)
    assert len(authority.server.seen) == before
    assert "no time stamp: nothing outside this file" in stamped("verify", "x.wacz").out


def with_digest(path: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the digest of a bundle, and make its container anew."""
    from scraper.formats.stored_zip import StoredZipWriter
    from scraper.formats.wacz import DIGEST, as_json

    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    digest = json.loads(members[DIGEST])
    change(digest)
    members[DIGEST] = as_json(digest)
    with Path(path).open("wb") as file:
        writer = StoredZipWriter(file)
        for name, content in members.items():
            with writer.member(name) as sink:
                sink.write(content)
        writer.finish()


def test_a_stamp_over_something_else_does_not_fit(
    stamped: Callable[..., Said], authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from fakes.time_stamps import Authority

    from scraper.formats import time_stamps

    assert stamped("export", "evidence", "4", "-o", "x.wacz").code == 0
    other = base64.b64encode(authority.stamp(time_stamps.request(b"other"))).decode()
    stranger = Authority(tmp_path_factory.mktemp("stranger"), "Stranger")
    stranger.server.close()
    certificates = stranger.certificates.read_text(encoding="ascii")
    for change in ({"token": other}, {"certificates": certificates}, {"token": "AAAA"}, {"certificates": ""}):
        shutil.copy("x.wacz", "y.wacz")
        with_digest("y.wacz", lambda digest: digest["timeStamp"].update(change))  # noqa: B023
        said = stamped("verify", "y.wacz")
        assert said.code == 3
        assert "y.wacz: datapackage-digest.json does not fit: its time stamp does not fit" in said.out
    shutil.copy("x.wacz", "y.wacz")
    with_digest("y.wacz", lambda digest: digest.pop("timeStamp"))  # is not noticed: a bundle without is valid
    assert "no time stamp" in stamped("verify", "y.wacz").out


@pytest.mark.parametrize("order", [1, -1])
def test_the_root_that_is_named_is_the_one_that_signed(
    stamped: Callable[..., Said], authority: Authority, tmp_path_factory: pytest.TempPathFactory, order: int
) -> None:
    from fakes.time_stamps import Authority

    stranger = Authority(tmp_path_factory.mktemp("trusted"), "Authority that people trust")
    stranger.server.close()
    assert stamped("export", "evidence", "4", "-o", "x.wacz").code == 0
    (before,) = stamped("verify", "x.wacz", "--json").json
    roots = [each.certificates.read_text(encoding="ascii") for each in (stranger, authority)]
    with_digest("x.wacz", lambda digest: digest["timeStamp"].update(certificates="".join(roots[::order])))
    (row,) = stamped("verify", "x.wacz", "--json").json
    assert row == before
    assert row["authority"] == "CN=Root of the Lamps"


def test_each_byte_of_the_token_counts(stamped: Callable[..., Said]) -> None:
    assert stamped("export", "evidence", "4", "-o", "x.wacz").code == 0
    token = bytearray(base64.b64decode(extract("x.wacz")["timeStamp"]["token"]))
    content = Path("x.wacz").read_bytes()
    start = content.index(base64.b64encode(token))
    for at in range(start, start + len(base64.b64encode(token)), 97):
        changed = bytearray(content)
        changed[at] ^= 1
        Path("y.wacz").write_bytes(changed)
        said = stamped("verify", "y.wacz")
        assert (said.code, said.out.startswith("y.wacz: datapackage-digest.json does not fit")) == (3, True)


# The service fails


def test_a_service_that_does_not_stamp_leaves_no_file(demo: Callable[..., Said], authority: Authority) -> None:
    server = authority.server
    server.routes["/busy"] = lambda exchange: exchange.reply(b"busy", status=503)
    server.routes["/html"] = lambda exchange: exchange.reply(b"<p>welcome</p>")
    server.routes["/old"] = lambda exchange: exchange.reply(authority.stamp(_query()))
    for path, problem in (
        ("/busy", "did not stamp: status 503"),
        ("/html", "does not fit evidence.timestamp_certificates"),
        ("/old", "does not fit evidence.timestamp_certificates"),
    ):
        configure(authority, url=server.url(path))
        said = demo("export", "evidence", "4", "-o", "x.wacz")
        assert said.code == 4
        assert problem in said.err
        assert list(Path().glob("*x.wacz*")) == []
    configure(authority, url="http://127.0.0.1:1/tsr")
    assert "did not stamp: " in demo("export", "evidence", "4", "-o", "x.wacz").err


def _query() -> bytes:
    from scraper.formats import time_stamps

    return time_stamps.request(b"other")


def test_certificates_that_cannot_be_used(demo: Callable[..., Said], authority: Authority) -> None:
    Path("binary.pem").write_bytes(b"\xff\xfe")
    Path("empty.pem").write_bytes(b"")
    for name, code, problem in (
        ("binary.pem", 2, "is no PEM file"),
        ("empty.pem", 4, "does not fit evidence.timestamp_certificates"),
        ("none.pem", 5, "none.pem cannot be used: No such file"),
    ):
        configure(authority, certificates=Path(name))
        said = demo("export", "evidence", "4", "-o", "x.wacz")
        assert (said.code, problem in said.err) == (code, True), said.err
    Path("config.yaml").write_text(f"{CONFIG}evidence: {{timestamp_url: 'https://time.example/'}}\n", encoding="utf-8")
    said = demo("export", "evidence", "4")
    assert said.code == 2
    assert "evidence.timestamp_certificates: is missing" in said.err


def test_without_the_extra_all_but_the_stamp_is_checked(
    stamped: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stamped("export", "evidence", "4", "-o", "x.wacz").code == 0
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    said = stamped("verify", "x.wacz")
    assert said.code == 0
    assert "not checked: the time stamp, for which the extra `evidence` of statewire is missing" in said.out
    assert "compare" not in said.out
    said = stamped("export", "evidence", "4", "-o", "y.wacz")
    assert said.code == 2
    assert "the extra for it is not installed" in said.err
    assert stamped("export", "evidence", "4", "-o", "y.wacz", "--no-timestamp").code == 0
