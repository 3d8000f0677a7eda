"""Matching index as sorted arrays in files, mapped into memory: built once from all revisions, for benchmarks only."""

from __future__ import annotations

import json
import mmap
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from scraper.matching import thresholds as t
from scraper.matching.model import IndexedText, RevisionKey
from scraper.store.fingerprints import hashes_of
from scraper.text.tokens import WordsCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_TEXTS = "texts.jsonl"
_FIELDS = ("title", "digest", "guid", "url", "is_current")
# Fingerprints are sorted in parts; a part has those with the same highest bits.
_HIGH_BITS = 38
_DIGEST_CHARS = 64


def build(folder: Path, revisions: Iterable[tuple[RevisionKey, IndexedText]]) -> None:
    """Write the files of an `ArrayIndex` into a folder, from all revisions in any order."""
    folder.mkdir(parents=True, exist_ok=True)
    keys, offsets, digests = list[RevisionKey](), array("q", [0]), list[str]()
    # By highest bits: hashes, and the row to which each belongs.
    parts: defaultdict[int, tuple[array[int], array[int]]] = defaultdict(lambda: (array("q"), array("q")))
    seen: set[str] = set()
    with (folder / _TEXTS).open("wb") as out:
        for row, (key, text) in enumerate(revisions):
            offsets.append(offsets[-1] + out.write(_packed(text)))
            keys.append(key)
            digests.append(text.digest)
            if text.digest not in seen:
                seen.add(text.digest)
                for value in hashes_of(text):
                    hashes, rows = parts[value >> _HIGH_BITS]
                    hashes.append(value)
                    rows.append(row)
    with (folder / "hashes").open("wb") as of_hashes, (folder / "owners").open("wb") as of_owners:
        for _, (hashes, rows) in sorted(parts.items()):
            order = sorted(range(len(hashes)), key=hashes.__getitem__)
            array("q", [hashes[at] for at in order]).tofile(of_hashes)
            array("q", [rows[at] for at in order]).tofile(of_owners)
    # The digests are sorted separately, so that both look-ups are a binary search.
    by_digest = sorted(range(len(keys)), key=lambda row: (digests[row], keys[row]))
    (folder / "keys").write_bytes(array("q", [part for key in keys for part in key]))
    (folder / "offsets").write_bytes(offsets)
    (folder / "digests").write_bytes("".join(digests[row] for row in by_digest).encode())
    (folder / "digest_rows").write_bytes(array("q", by_digest))


class ArrayIndex:
    """Read-only index of the revisions in a folder that `build` wrote. All processes share one copy in memory."""

    def __init__(self, folder: Path) -> None:
        self._keys, self._offsets, self._digest_rows = (
            _mapped(folder / name).cast("q") for name in ("keys", "offsets", "digest_rows")
        )
        self._hashes, self._owners = (_mapped(folder / name).cast("q") for name in ("hashes", "owners"))
        self._digests = _mapped(folder / "digests")
        self._texts = (folder / _TEXTS).open("rb")
        self._rows = {self._key(row): row for row in range(len(self._digest_rows))}
        self._words = WordsCache(t.CACHED_CHARS)

    def close(self) -> None:
        """Close the file of texts."""
        self._texts.close()

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """See `matching.model.Index`."""
        found: dict[int, list[RevisionKey]] = {}
        for value in hashes:
            start = bisect_left(self._hashes, value)
            stop = bisect_right(self._hashes, value, start)
            if keys := sorted(map(self._key, self._owners[start:stop])):
                found[value] = keys if len({key.statement_id for key in keys}) <= t.COMMON_STATEMENTS else []
        return found

    def sources(self, keys: Sequence[RevisionKey]) -> Mapping[RevisionKey, tuple[datetime | None, bool]]:
        """See `matching.model.Index`."""
        texts = {key: self.text(key) for key in keys}
        return {key: (text.published_at, text.is_current) for key, text in texts.items()}

    def same_words(self, digest: str) -> Sequence[RevisionKey]:
        """See `matching.model.Index`."""
        places = range(len(self._digest_rows))
        first = bisect_left(places, digest, key=self._digest)
        stop = bisect_right(places, digest, first, key=self._digest)
        return [self._key(row) for row in self._digest_rows[first:stop]]

    def text(self, key: RevisionKey) -> IndexedText:
        """See `matching.model.Index`."""
        row = self._rows[key]
        start, end = self._offsets[row : row + 2]
        self._texts.seek(start)
        held = json.loads(self._texts.read(end - start))
        published = held.pop("published_at")
        return IndexedText(
            words=self._words.get(held.pop("body")),
            published_at=datetime.fromisoformat(published) if published else None,
            **held,
        )

    def _key(self, row: int) -> RevisionKey:
        return RevisionKey(*self._keys[2 * row : 2 * row + 2])

    def _digest(self, place: int) -> str:
        return str(self._digests[place * _DIGEST_CHARS : (place + 1) * _DIGEST_CHARS], "ascii")


def _mapped(path: Path) -> memoryview:
    """Map a file's bytes into memory; an empty file cannot be mapped."""
    with path.open("rb") as file:
        is_empty = not file.seek(0, 2)
        return memoryview(b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _packed(text: IndexedText) -> bytes:
    held = {name: getattr(text, name) for name in _FIELDS} | {
        "body": text.words.text,
        "published_at": text.published_at and text.published_at.isoformat(),
    }
    return json.dumps(held, ensure_ascii=True).encode() + b"\n"
