"""Builder of an index file from a database: all wordings as arrays, in memory that does not grow with their texts."""

import json
import tempfile
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from scraper import urls
from scraper.files import replacing
from scraper.matching import thresholds as t
from scraper.serialize import parse_utc
from scraper.store import Store
from scraper.sweep import shingles
from scraper.sweep.byte_filter import BITS_PER_WORD, FilterBuilder
from scraper.sweep.hash_table import HASH_BITS, Numbers, bucket_bits, sorted_pairs, text_key, unsigned
from scraper.sweep.index_format import COMMON, FORMAT, NO_TIME, REVISION_BITS
from scraper.sweep.sections import SectionWriter
from scraper.text.tokens import Words

Progress = Callable[[int, int | None], None]
_ZLIB_LEVEL = 6
_ROWS_AT_A_TIME = 200_000
_COPIED = 1 << 20
# Distances of zlib reach so far back: a dictionary that is longer is of no use.
_DICTIONARY_BYTES = 32_000
_DICTIONARY_TEXTS = 50
_BEGUN_CHARS = 640


def build(store: Store, path: Path, progress: Progress = lambda _done, _total: None) -> str:
    """Write the index file of a database, whole or not at all, and return its content hash.

    `progress` receives the number of revisions that are done.
    """
    with replacing(path, is_replaced=True) as file, store.snapshot():
        writer = SectionWriter(file)
        of_statement = _write_statements(store, writer)
        codes, bits = _write_texts(store, writer, progress)
        _write_fingerprints(store.index_rows.fingerprints(_ROWS_AT_A_TIME), codes, writer)
        _write_keys(writer, "urls", _url_keys(store, of_statement))
        guids = [*store.index_rows.guids()]
        _write_keys(writer, "guids", ((text_key(guid), of_statement[each]) for guid, _, each in guids))
        _write_keys(writer, "numbers", ((text_key(number), of_statement[each]) for _, number, each in guids if number))
        return writer.finish(
            {
                "format": FORMAT,
                "database": store.index_rows.key(),
                "statements": len(of_statement),
                "revisions": len(codes),
                **bits,
                "hosts": sorted({urls.host(url) for url, _ in store.index_rows.urls()} - {""}),
            }
        )


@dataclass(slots=True)
class _Blobs:
    """Texts that are packed one by one, with the offset of each."""

    out: IO[bytes]
    dictionary: bytes = b""
    offsets: "array[int]" = field(default_factory=lambda: array("Q", [0]))

    def add(self, content: bytes) -> None:
        packer = (
            zlib.compressobj(_ZLIB_LEVEL, zdict=self.dictionary) if self.dictionary else zlib.compressobj(_ZLIB_LEVEL)
        )
        packed = packer.compress(content) + packer.flush()
        self.out.write(packed)
        self.offsets.append(self.offsets[-1] + len(packed))


def _write_statements(store: Store, writer: SectionWriter) -> dict[int, int]:
    """Write all statements, and return the row of each id."""
    ids, published, current = array("q"), array("q"), array("q")
    start = writer.begin()
    blobs = _Blobs(writer.file)
    for row in store.index_rows.statements():
        blobs.add(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        ids.append(row["id"])
        at = row["published_at"]
        published.append(int(parse_utc(at).timestamp()) if at else NO_TIME)
        current.append(row["revision"])
    writer.end("statements", start)
    for name, numbers in (
        ("statement_offsets", blobs.offsets),
        ("statement_ids", ids),
        ("published", published),
        ("current", current),
    ):
        writer.add(name, numbers)
    return {statement_id: at for at, statement_id in enumerate(ids)}


def _write_texts(store: Store, writer: SectionWriter, progress: Progress) -> tuple[Numbers, dict[str, int]]:
    """Write all wordings, and the sets of their runs and windows; return their codes and the bits of the sets."""
    dictionary = _dictionary(store)
    writer.add("dictionary", dictionary)
    bits = shingles.bits_for(store.index_rows.word_count())
    runs = np.zeros(1 << (bits - 3), dtype=np.uint8)
    windows = FilterBuilder(shingles.bits_for(store.index_rows.word_count(), BITS_PER_WORD))
    for _, _, _, text, _ in store.index_rows.revisions():
        windows.count(text)
    codes, digests, seen = array("q"), list[bytes](), set[bytes]()
    start = writer.begin()
    blobs = _Blobs(writer.file, dictionary)
    for statement_id, number, title, text, digest in store.index_rows.revisions():
        blobs.add(f"{title}\0{text}".encode("utf-8", "surrogatepass"))
        codes.append(statement_id << REVISION_BITS | number)
        digests.append(bytes.fromhex(digest))
        if digests[-1] not in seen:
            seen.add(digests[-1])
            shingles.add(runs, shingles.run_hashes(Words(text).packed, bits))
            windows.add(text)
        if len(codes) % 1_000 == 0:
            progress(len(codes), None)
    writer.end("texts", start)
    writer.add("text_offsets", blobs.offsets)
    writer.add("codes", codes)
    writer.add("runs", runs.data)
    writer.add("windows", windows.field.data)
    writer.add("digests", b"".join(digests))
    writer.add("digest_order", np.array(sorted(range(len(digests)), key=digests.__getitem__), dtype="<u4").data)
    return np.array(codes, dtype=np.int64), {"run_bits": bits, "window_bits": windows.bits}


def _dictionary(store: Store) -> bytes:
    """Return what many texts have in common, by which each is packed smaller: the beginnings of texts of all years."""
    step = max(1, store.statements.count() // _DICTIONARY_TEXTS)
    some = (text for at, (_, _, _, text, _) in enumerate(store.index_rows.revisions()) if at % step == 0)
    begun = "\n".join(text[:_BEGUN_CHARS] for text in some)
    return begun.encode("utf-8", "replace")[:_DICTIONARY_BYTES]


def _write_fingerprints(batches: Iterable[list[tuple[int, int, int]]], codes: Numbers, writer: SectionWriter) -> None:
    """Write the fingerprints, which come sorted, as a `HashTable`: the rows beside it, in a file of their own."""
    with tempfile.TemporaryFile(prefix="statewire-") as hashes, tempfile.TemporaryFile(prefix="statewire-") as rows:
        count = 0
        for some_hashes, some_rows in _entries(batches, codes):
            hashes.write(some_hashes.data)
            rows.write(some_rows.data)
            count += len(some_rows)
        bits = bucket_bits(count)
        low_bits = HASH_BITS - bits
        counts = np.zeros((1 << bits) + 1, dtype=np.int64)
        hashes.seek(0)
        start = writer.begin()
        while chunk := hashes.read(8 * _ROWS_AT_A_TIME):
            some = np.frombuffer(chunk, dtype="<u8")
            counts[1:] += np.bincount((some >> np.uint64(low_bits)).astype(np.int64), minlength=1 << bits)
            writer.file.write((some & np.uint64((1 << low_bits) - 1)).astype("<u4").data)
        writer.end("lows", start)
        writer.add("starts", np.cumsum(counts).astype("<u4").data)
        rows.seek(0)
        start = writer.begin()
        while chunk := rows.read(_COPIED):
            writer.file.write(chunk)
        writer.end("owners", start)


def _entries(batches: Iterable[list[tuple[int, int, int]]], codes: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield hashes and their rows, sorted; a hash of too many statements has one entry, `COMMON`."""
    waiting = np.empty((0, 3), dtype=np.int64)
    for batch in batches:
        found = np.concatenate([waiting, np.array(batch, dtype=np.int64)])
        # The last hash may go on in the next batch.
        is_last = found[:, 0] == found[-1, 0]
        waiting = found[is_last]
        if not is_last.all():
            yield _without_common(found[~is_last], codes)
    if len(waiting):
        yield _without_common(waiting, codes)


def _without_common(found: Numbers, codes: Numbers) -> tuple[Numbers, Numbers]:
    hashes, statements = found[:, 0], found[:, 1]
    is_new = np.ones(len(found), dtype=bool)
    is_new[1:] = hashes[1:] != hashes[:-1]
    is_counted = is_new.copy()
    is_counted[1:] |= statements[1:] != statements[:-1]
    group = np.cumsum(is_new) - 1
    is_common = (np.bincount(group, weights=is_counted) > t.COMMON_STATEMENTS)[group]
    rows = np.searchsorted(codes, statements << REVISION_BITS | found[:, 2]).astype("<u4")
    rows[is_common] = COMMON
    kept = ~is_common | is_new
    return unsigned(hashes[kept]), rows[kept]


def _url_keys(store: Store, of_statement: dict[int, int]) -> Iterator[tuple[int, int]]:
    for url, statement_id in store.index_rows.urls():
        bare = url.removesuffix("/")
        if not bare.endswith("/"):  # no canonical URL, so that nothing finds it
            yield text_key(bare), of_statement[statement_id]


def _write_keys(writer: SectionWriter, name: str, pairs: Iterable[tuple[int, int]]) -> None:
    keys, rows = sorted_pairs(pairs)
    writer.add(f"{name}_keys", keys.data)
    writer.add(f"{name}_rows", rows.data)
