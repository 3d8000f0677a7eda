"""Tests of evidence bundles as files: any changed byte is found and its member named, and hostile ones are bounded."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON

from scraper.errors import InputError
from scraper.formats import stored_zip, wacz, warc_check, warc_writer
from scraper.formats.stored_zip import StoredZipWriter, read_members
from scraper.formats.wacz import DIGEST, FACTS, INDEX, PACKAGE, PAGES, READ_ME, WARC, BundleWriter, TimeStamp, as_json
from scraper.formats.wacz_check import (
    CONTAINER,
    Bundle,
    MemberError,
    check,
    facts_of,
    indexed_keys,
    opened,
    stamp_of,
)
from scraper.formats.warc import Recordings
from scraper.formats.warc_check import RecordError, index_of
from scraper.formats.warc_writer import Response, surt

if TYPE_CHECKING:
    from pathlib import Path

HTML = (("content-type", "text/html; charset=UTF-8"), ("content-length", "3"), ("server", "café €"))
URL = "https://www.state.gov/lamps/?b=2&a=1"


def response(minutes: int = 0, **changes: Any) -> Response:
    given = {
        "url": URL,
        "final_url": URL,
        "captured_at": NOON + timedelta(minutes=minutes),
        "status": 200,
        "headers": HTML,
        "body": b"<p>lamps</p>" * 50,
    }
    return Response(**given | changes)


RESPONSES = [
    response(),
    response(1, final_url="https://www.state.gov/nets/", body=b""),
    response(2, status=404, headers=()),
    response(3, url="http://xn--bcher-kva.example:8080/A/B", headers=(("content-type", "Text/Plain"),)),
]


def facts(**changes: Any) -> dict[str, Any]:
    row = {"url": URL, "captured_at": "2026-03-02T12:00:00Z", "sha256": None, "of": ["page"], "is_included": True}
    return {"subjects": {"page": {"url": URL}}, "responses": [row]} | changes


def written(responses: list[Response] = RESPONSES, stamp: Callable[[bytes], TimeStamp] | None = None) -> bytes:
    file = io.BytesIO()
    writer = BundleWriter(file)
    writer.write_responses(responses, NOON, "Lamps")
    writer.add("evidence/revision-1.txt", b"lamps\n")
    writer.add(FACTS, as_json(facts()))
    writer.add(READ_ME, b"<!doctype html>")
    writer.finish({"title": "Lamps"}, stamp)
    return file.getvalue()


def rebuilt(content: bytes, changes: dict[str, bytes | None]) -> bytes:
    """The same bundle with other members, and no hash changed; None removes one."""
    members = {name: member_of(content, name) for name in names(content)} | changes
    file = io.BytesIO()
    writer = StoredZipWriter(file)
    for name, body in members.items():
        if body is not None:
            with writer.member(name) as sink:
                sink.write(body)
    writer.finish()
    return file.getvalue()


def rehashed(content: bytes, changes: dict[str, bytes]) -> bytes:
    """The same bundle with other members, and all hashes made anew."""
    package = json.loads(member_of(content, PACKAGE))
    for row in package["resources"]:
        if row["path"] in changes:
            body = changes[row["path"]]
            row |= {"hash": f"sha256:{hashlib.sha256(body).hexdigest()}", "bytes": len(body)}
    described = as_json(package)
    digest = {"path": PACKAGE, "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"}
    return rebuilt(content, {**changes, PACKAGE: described, DIGEST: as_json(digest)})


def names(content: bytes) -> list[str]:
    return [member.name for member in read_members(io.BytesIO(content))]


def member_of(content: bytes, name: str) -> bytes:
    (member,) = (each for each in read_members(io.BytesIO(content)) if each.name == name)
    return content[member.offset : member.end]


def wrong_member(content: bytes) -> str:
    with pytest.raises(MemberError) as raised:
        check(Bundle(io.BytesIO(content)))
    return raised.value.member


def test_a_bundle_is_intact() -> None:
    content = written()
    found = check(Bundle(io.BytesIO(content)))
    assert (found.members, found.responses, found.stamped, found.unchecked) == (8, 4, None, ())
    assert found.sha256 == hashlib.sha256(member_of(content, PACKAGE)).hexdigest()
    assert names(content) == [WARC, INDEX, PAGES, "evidence/revision-1.txt", FACTS, READ_ME, PACKAGE, DIGEST]
    assert written() == content


def test_every_changed_byte_is_found_and_its_member_named() -> None:
    content = written()
    members = read_members(io.BytesIO(content))
    owner = {at: member.name for member in members for at in range(member.offset, member.end)}
    ends = {at for member in members for at in (member.offset, member.end - 1, member.end)}
    outside = [at for at in range(len(content)) if at not in owner]
    chosen = random.Random(7).sample(range(len(content)), 400)
    for at in sorted({*ends, *outside, *chosen, len(content) - 1}):
        changed = bytearray(content)
        changed[at] ^= 1 << (at % 8)
        assert wrong_member(bytes(changed)) == owner.get(at, CONTAINER), at


def test_every_cut_is_found() -> None:
    content = written()
    for size in random.Random(8).sample(range(len(content)), 100):
        assert wrong_member(content[:size]) == CONTAINER


@pytest.mark.parametrize("name", [WARC, INDEX, PAGES, "evidence/revision-1.txt", FACTS, READ_ME])
def test_a_replaced_member_is_named_though_its_checksum_fits(name: str) -> None:
    assert wrong_member(rebuilt(written(), {name: b"other"})) == name


def test_a_replaced_description_is_named() -> None:
    package = json.loads(member_of(written(), PACKAGE))
    assert wrong_member(rebuilt(written(), {PACKAGE: as_json(package | {"title": "Nets"})})) == PACKAGE
    for resources in ({}, [], [1], package["resources"][::-1], [*package["resources"], package["resources"][0]]):
        described = as_json(package | {"resources": resources})
        digest = as_json({"path": PACKAGE, "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"})
        found = wrong_member(rebuilt(written(), {PACKAGE: described, DIGEST: digest}))
        assert found == (WARC if resources == [] else PACKAGE)


def test_a_digest_of_another_member_and_a_wrong_size() -> None:
    content = written()
    digest = json.loads(member_of(content, DIGEST))
    assert wrong_member(rebuilt(content, {DIGEST: as_json(digest | {"path": FACTS})})) == PACKAGE
    package = json.loads(member_of(content, PACKAGE))
    package["resources"][3]["bytes"] += 1
    described = as_json(package)
    digest |= {"hash": f"sha256:{hashlib.sha256(described).hexdigest()}"}
    changed = rebuilt(content, {PACKAGE: described, DIGEST: as_json(digest)})
    assert wrong_member(changed) == package["resources"][3]["path"] == "evidence/revision-1.txt"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"path": 1}'])
def test_a_digest_or_facts_of_another_form(body: bytes) -> None:
    assert wrong_member(rebuilt(written(), {DIGEST: body})) in {DIGEST, PACKAGE}
    assert wrong_member(rehashed(written(), {FACTS: body})) == FACTS


@pytest.mark.parametrize("name", [WARC, INDEX, FACTS, READ_ME, PACKAGE, DIGEST])
def test_a_member_that_is_missing(name: str) -> None:
    assert wrong_member(rebuilt(written(), {name: None})) == CONTAINER


def test_a_member_that_was_added() -> None:
    content = written()
    assert wrong_member(rebuilt(content, {"evidence/more.txt": b"x"})) == CONTAINER  # the last two are others now
    order = [*names(content)[:-2], "evidence/more.txt", PACKAGE, DIGEST]
    bodies = {name: member_of(content, name) if name in names(content) else b"x" for name in order}
    file = io.BytesIO()
    writer = StoredZipWriter(file)
    for name, body in bodies.items():
        with writer.member(name) as sink:
            sink.write(body)
    writer.finish()
    assert wrong_member(file.getvalue()) == "evidence/more.txt"


# The WARC file and its index, with hashes that fit


def test_an_index_that_is_not_that_of_the_records() -> None:
    content = written()
    lines = member_of(content, INDEX).splitlines(keepends=True)
    for wrong in (b"", b"".join(lines[::-1]), b"".join(lines).replace(b'"offset": "', b'"offset": "1')):
        assert wrong_member(rehashed(content, {INDEX: wrong})) == INDEX


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<p>lamps", b"<p>lambs"),
        (b"WARC-Date: 2026-03-02T12:02", b"WARC-Date: 2026-03-02 12h02"),
        (b"Content-Length: 7", b"Content-Length: 6"),
        (b"WARC-Type: response", b"WARC-Type: revisits"),
        (b"WARC-Payload-Digest: sha256:", b"WARC-Payload-Digest: sha256:A"),
        (b"WARC/1.1\r\nWARC-Record-ID", b"WARC/1.2\r\nWARC-Record-ID"),
        (b"\r\n\r\n", b"\r\n"),
    ],
)
def test_a_record_that_does_not_fit(before: bytes, after: bytes) -> None:
    content = written()
    records = gzip.decompress(member_of(content, WARC)).split(b"\r\n\r\nWARC/1.1\r\n")
    whole = [(b"WARC/1.1\r\n" if number else b"") + record + b"\r\n\r\n" for number, record in enumerate(records)]
    whole[-1] = whole[-1].removesuffix(b"\r\n\r\n")
    packed = [gzip.compress(record.replace(before, after), mtime=0) for record in whole]
    assert wrong_member(rehashed(content, {WARC: b"".join(packed)})) == WARC


def test_a_response_in_place_of_the_first_record_is_not_left_out_of_the_index() -> None:
    content = written()
    first = min(int(json.loads(line.split(b" ", 2)[2])["offset"]) for line in member_of(content, INDEX).splitlines())
    assert wrong_member(rehashed(content, {WARC: member_of(content, WARC)[first:]})) == WARC


@pytest.mark.parametrize(
    ("limit", "value", "problem"),
    [
        ("_MAX_TOTAL_BYTES", 1_000, "more records"),
        ("MAX_INDEX_BYTES", -70_000, "more records"),
        ("MAX_RECORD_BYTES", 500, "longer"),
    ],
)
def test_records_are_bounded(monkeypatch: pytest.MonkeyPatch, limit: str, value: int, problem: str) -> None:
    content = written()
    monkeypatch.setattr(warc_check, limit, value)
    with pytest.raises(MemberError, match=problem):
        check(Bundle(io.BytesIO(content)))


@pytest.mark.parametrize("extra", [None, b"", b"WARC/1.1\r\n\r\n", b"x" * 99])
def test_a_warc_file_with_more_than_records(extra: bytes | None) -> None:
    content = written()
    tail = b"x" if extra is None else gzip.compress(extra, mtime=0)
    assert wrong_member(rehashed(content, {WARC: member_of(content, WARC) + tail})) == WARC
    assert wrong_member(rehashed(content, {WARC: member_of(content, WARC)[:-5]})) == WARC


def head(length: int) -> bytes:
    return b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: %d\r\n\r\n" % length


BOMBS: dict[str, Callable[[], bytes]] = {
    "long": lambda: head(190_000_000) + b"\0" * 190_000_000,
    "longer than it says": lambda: head(10) + b"\0" * 190_000_000,
    "says too much": lambda: head(400_000_000),
    "no end of the head": lambda: b"WARC/1.1\r\n" + b"x" * 100_000_000,
    "nested": lambda: head(200_000) + gzip.compress(gzip.compress(b"\0" * 100_000_000)).ljust(200_000, b"\0"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_no_memory(bomb: str) -> None:
    content = rehashed(written(), {WARC: gzip.compress(BOMBS[bomb](), 1)})
    tracemalloc.start()
    try:
        assert wrong_member(content) == WARC
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_text_is_not_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    content = written()
    monkeypatch.setattr("scraper.formats.wacz_check.MAX_TEXT_BYTES", 500)
    with pytest.raises(MemberError, match=r"datapackage\.json: it has 1,\d\d\d bytes; a bundle has at most 500"):
        check(Bundle(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("module", "limit", "value"),
    [
        (stored_zip, "MAX_FILE_BYTES", 2_000),
        (stored_zip, "MAX_MEMBERS", 7),
        (warc_writer, "MAX_RECORD_BYTES", 500),
        (warc_writer, "MAX_INDEX_BYTES", 10),
        (wacz, "MAX_TEXT_BYTES", 100),
    ],
)
def test_a_bundle_that_would_be_too_large_is_not_written(
    monkeypatch: pytest.MonkeyPatch, module: Any, limit: str, value: int
) -> None:
    monkeypatch.setattr(module, limit, value)
    with pytest.raises(InputError, match="the bundle would be too large"):
        written()


# What is read back


def test_the_responses_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(written())
    with Recordings([path], 1_000_000) as recordings:
        found = list(recordings)
        assert recordings.problems == []
    assert [(each.url, each.captured_at, each.status, each.body) for each in found] == [
        (each.url, each.captured_at, each.status, each.body) for each in RESPONSES
    ]
    assert found[1].final_url == "https://www.state.gov/nets/"
    assert found[0].final_url == URL
    # The length is that of the body that is here; a character that no header has is escaped.
    assert found[0].headers == (HTML[0], ("content-length", "600"), ("server", "café %E2%82%AC"))
    again = [
        response(n, **{k: getattr(f, k) for k in ("url", "final_url", "status", "headers", "body")})
        for n, f in enumerate(found)
    ]
    assert member_of(written(again), WARC) == member_of(path.read_bytes(), WARC)


def test_a_bundle_that_was_changed_is_not_imported(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(rebuilt(written(), {READ_ME: b"other"}))
    with pytest.raises(InputError, match=r"was changed: evidence/index\.html"):
        Recordings([path], 1_000_000)
    with pytest.raises(InputError, match="does not exist"), opened(tmp_path / "none.wacz"):
        pass
    with pytest.raises(InputError, match="is a folder"), opened(tmp_path):
        pass


def test_what_a_bundle_is_about() -> None:
    bundle = Bundle(io.BytesIO(written()))
    found = facts_of(bundle)
    assert (found.statement, found.page) == (None, URL)
    assert found.responses == (((URL, NOON, ""), ("page",)),)
    keys = indexed_keys(bundle)
    assert len(keys) == 4
    assert (URL, NOON, hashlib.sha256(RESPONSES[0].body).hexdigest()) in keys
    assert (URL, NOON + timedelta(minutes=1), "") in keys


def test_a_time_stamp_of_another_form() -> None:
    for row in (1, None, {}, {"token": "?", "certificates": ""}, {"token": "", "certificates": 1}):
        with pytest.raises(MemberError, match="another form"):
            stamp_of({"timeStamp": row})
    assert wrong_member(written(stamp=lambda _: TimeStamp(b"none", "none"))) == DIGEST


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (URL, "gov,state)/lamps?a=1&b=2"),
        ("http://www2.State.gov", "gov,state)/"),
        ("https://state.gov:443/A/", "gov,state)/a"),
        ("http://xn--bcher-kva.example:8080/A/B", "example,xn--bcher-kva:8080)/a/b"),
        ("https://bücher.example/a b", "example,xn--bcher-kva)/a%20b"),
    ],
)
def test_keys_of_the_index(url: str, key: str) -> None:
    assert surt(url) == key


def test_the_pages_are_those_that_a_reader_sees() -> None:
    first, *rest = map(json.loads, member_of(written(), PAGES).splitlines())
    assert first["format"] == "json-pages-1.0"
    assert [(row["url"], row["ts"], row["title"]) for row in rest] == [
        (URL, "2026-03-02T12:00:00Z", "Lamps"),
        (URL, "2026-03-02T12:01:00Z", "Lamps"),
    ]
    assert datetime.fromisoformat(rest[0]["ts"]).tzinfo == UTC


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://www.state.gov/a\u2028b\x85c"},
        {"url": "https://www.state.gov/a b\x0cc"},
        {"captured_at": datetime(812, 1, 1, tzinfo=UTC)},
        {"captured_at": datetime(1, 1, 1, tzinfo=UTC)},
        {"captured_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)},
    ],
)
def test_the_keys_of_any_index_that_fits_can_be_read(changes: dict[str, Any]) -> None:
    one = response(**changes)
    bundle = Bundle(io.BytesIO(written([one])))
    check(bundle)
    assert indexed_keys(bundle) == {(one.url, one.captured_at, hashlib.sha256(one.body).hexdigest())}


@pytest.mark.parametrize("at", ["2026-03-02T12:00:00", "2026-03-02T12:00:00+01:00", "20260302T120000Z", "noon"])
def test_a_time_is_written_in_one_form(at: str) -> None:
    with pytest.raises(RecordError, match="has no time"):
        index_of(io.BufferedReader(io.BytesIO(recorded(f"WARC-Target-URI: {URL}\r\nWARC-Date: {at}\r\n"))))


def recorded(fields: str) -> bytes:
    """A WARC file of an empty response with these fields, behind the record of the file."""
    warcinfo, block = io.BytesIO(), b"HTTP/1.1 200 \r\n\r\n"
    warc_writer.WarcWriter(warcinfo, "data.warc.gz", NOON)
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\n{fields}Content-Length: {len(block)}\r\n"
        f"WARC-Payload-Digest: {warc_writer.digest(hashlib.sha256().digest())}\r\n"
        f"WARC-Block-Digest: {warc_writer.digest(hashlib.sha256(block).digest())}\r\n\r\n"
    )
    return warcinfo.getvalue() + gzip.compress(head.encode() + block + b"\r\n\r\n")


@pytest.mark.parametrize("cut", ["\ud800", "a\udfff"])
def test_half_a_character_is_no_fact(cut: str) -> None:
    row = facts()["responses"][0]
    for changed in (
        facts(subjects={"page": {"url": cut}}),
        facts(subjects={"statement": {"authority": "state", "guid": cut}}),
        facts(responses=[row | {"url": cut}]),
    ):
        assert wrong_member(rehashed(written(), {FACTS: json.dumps(changed).encode()})) == FACTS


def test_headers_of_many_responses_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    headers = tuple((f"x-{number:04}", "a" * 8) for number in range(1_000))
    path.write_bytes(written([response(minutes, headers=headers, body=b"") for minutes in range(100)]))
    tracemalloc.start()
    with Recordings([path], 1_000) as recordings:
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
        assert [record.headers for record in recordings] == [headers] * 100
    tracemalloc.stop()


def test_a_key_that_an_object_has_twice_fits_nowhere() -> None:
    content = written()

    def twice(name: str, key: str) -> bytes:
        return b'{"%s": [],' % key.encode() + member_of(content, name)[1:]

    assert wrong_member(rebuilt(content, {DIGEST: twice(DIGEST, "hash")})) == DIGEST
    assert wrong_member(rehashed(content, {FACTS: twice(FACTS, "responses")})) == FACTS
    described = twice(PACKAGE, "resources")
    digest = as_json({"path": PACKAGE, "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"})
    assert wrong_member(rebuilt(content, {PACKAGE: described, DIGEST: digest})) == PACKAGE


@pytest.mark.parametrize(
    "more",
    [
        "WARC-Target-URI: https://other.example/\r\n",
        "warc-target-uri: https://other.example/\r\n",
        "WARC-Target-URI:https://other.example/\r\n",
        "WARC-Note: a\nWARC-Target-URI: https://other.example/\r\n",
        "WARC-Note: a\r\n b\r\n",
        "Content-Length: 1\r\n",
    ],
)
def test_a_head_of_which_readers_may_take_different_fields_does_not_fit(more: str) -> None:
    fields = f"WARC-Target-URI: {URL}\r\nWARC-Date: 2026-03-02T12:00:00Z\r\n"
    assert len(index_of(io.BufferedReader(io.BytesIO(recorded(fields))))) == 1
    for each in (fields + more, more + fields):
        with pytest.raises(RecordError, match="a field twice, or one in another form"):
            index_of(io.BufferedReader(io.BytesIO(recorded(each))))


def test_a_bomb_fills_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = io.BytesIO()
    monkeypatch.setattr("scraper.formats.warc.tempfile.TemporaryFile", lambda **_: spool)
    monkeypatch.setattr("scraper.formats.warc._MAX_PLAIN_BYTES", 3_000_000)
    path, body = tmp_path / "x.wacz", bytes(1_000_000)
    path.write_bytes(written([response(minutes, body=body) for minutes in range(20)]))
    with Recordings([path], 2_000_000) as recordings:
        # The first two are plain, the others packed.
        assert spool.tell() < 3_000_000
        assert [record.body for record in recordings] == [body] * 20
