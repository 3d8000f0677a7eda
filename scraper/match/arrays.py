"""The index as sorted arrays in files, mapped into memory: built once from all revisions, for bulk work."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from scraper.match import fingerprints
from scraper.match import thresholds as t
from scraper.match.cache import WordsCache
from scraper.match.model import Key, Text
from scraper.model import Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_TEXTS = "texts.jsonl"
_FIELDS = ("title", "digest", "guid", "url", "type", "byline", "is_current")


def build(folder: Path, revisions: Iterable[tuple[Key, Text]]) -> None:
    """Write the files of an `ArrayIndex` into a folder, from every revision there is, in any order."""
    folder.mkdir(parents=True, exist_ok=True)
    keys, digests, offsets = list[Key](), list[str](), [0]
    hashes: list[NDArray[np.int64]] = []
    rows: list[NDArray[np.int32]] = []
    seen: set[str] = set()
    with (folder / _TEXTS).open("wb") as out:
        for row, (key, text) in enumerate(revisions):
            offsets.append(offsets[-1] + out.write(_packed(text)))
            keys.append(key)
            digests.append(text.digest)
            if text.digest not in seen:
                seen.add(text.digest)
                hashes.append(np.array(fingerprints.of_revision(text.title, text.words), np.int64))
                rows.append(np.full(len(hashes[-1]), row, np.int32))
    flat = np.concatenate(hashes) if hashes else np.empty(0, np.int64)
    owner = np.concatenate(rows) if rows else np.empty(0, np.int32)
    order = np.argsort(flat, kind="stable")
    # The digests are sorted apart, so that both questions are a binary search.
    by_digest = sorted(range(len(keys)), key=lambda row: (digests[row], keys[row]))
    for name, array in (
        ("hashes", flat[order]),
        ("owners", owner[order]),
        ("keys", np.array(keys, np.int64).reshape(-1, 2)),
        ("offsets", np.array(offsets, np.int64)),
        ("digests", np.array([digests[row].encode() for row in by_digest], "S64")),
        ("digest_rows", np.array(by_digest, np.int32)),
    ):
        np.save(folder / f"{name}.npy", array)


class ArrayIndex:
    """The revisions in a folder that `build` wrote. Read only; any number of processes share one copy in memory."""

    def __init__(self, folder: Path) -> None:
        self._hashes, self._owners, self._keys, self._offsets, self._digests, self._digest_rows = (
            np.load(folder / f"{name}.npy", mmap_mode="r")
            for name in ("hashes", "owners", "keys", "offsets", "digests", "digest_rows")
        )
        self._texts = (folder / _TEXTS).open("rb")
        self._rows = {key: row for row, key in enumerate(self._all_keys())}
        self._words = WordsCache(t.CACHED_WORDS)

    def close(self) -> None:
        """Let go of the file of texts."""
        self._texts.close()

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[Key]]:
        """See `index.Index`."""
        wanted = np.array(hashes, np.int64)
        first = np.searchsorted(self._hashes, wanted, "left")
        last = np.searchsorted(self._hashes, wanted, "right")
        found: dict[int, list[Key]] = {}
        for value, start, stop in zip(hashes, first.tolist(), last.tolist(), strict=True):
            if start < stop and self._clusters(start, stop) <= t.COMMON_CLUSTERS:
                found[value] = sorted(self._key(row) for row in self._owners[start:stop])
        return found

    def same_words(self, digest: str) -> Sequence[Key]:
        """See `index.Index`."""
        wanted = np.array(digest.encode(), "S64")
        first, last = np.searchsorted(self._digests, wanted, "left"), np.searchsorted(self._digests, wanted, "right")
        return [self._key(row) for row in self._digest_rows[first:last]]

    def text(self, key: Key) -> Text:
        """See `index.Index`."""
        row = self._rows[key]
        start, end = self._offsets[row : row + 2].tolist()
        self._texts.seek(start)
        held = json.loads(self._texts.read(end - start))
        published, precision = held.pop("published_at"), held.pop("precision")
        return Text(
            words=self._words.get(held.pop("body")),
            published_at=datetime.fromisoformat(published) if published else None,
            precision=Precision(precision) if precision else None,
            **held,
        )

    def _clusters(self, start: int, stop: int) -> int:
        return len(np.unique(self._keys[self._owners[start:stop], 0]))

    def _key(self, row: int) -> Key:
        statement, revision = self._keys[row]
        return Key(int(statement), int(revision))

    def _all_keys(self) -> Iterator[Key]:
        return (Key(statement, revision) for statement, revision in self._keys.tolist())


def _packed(text: Text) -> bytes:
    held = {name: getattr(text, name) for name in _FIELDS} | {
        "body": text.words.text,
        "published_at": text.published_at and text.published_at.isoformat(),
        "precision": text.precision,
    }
    return json.dumps(held, ensure_ascii=True).encode() + b"\n"
