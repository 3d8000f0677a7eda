"""Index of all wordings for the search of the static site: files that a browser loads when it needs them.

A wording is a revision of a statement. `index.json` lists segments. The words of a segment are spread over its shards
by their hash, so that a browser loads one shard for a word; its wordings are listed in blocks. All of these files are
named by their content, so that an index that was loaded stays whole while the site is written.

The first segment has most wordings. New ones are in a second segment, which is made anew at each change and is short.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from scraper.alerts.format import one_line
from scraper.store import Store
from scraper.store.index_texts import IndexedWording
from scraper.text import scripts

INDEX: Final = "search/index.json"
"""Path of the list of all files of the index."""
MAX_WORD_CHARS: Final = 64
"""Characters of a word that the index has, in a text and in a query."""
_FORM: Final = 1
_BLOCK = 256
_SHARD_POSTINGS = 40_000
_MAX_SHARDS = 256
# A second segment has so many wordings, or this part of those of the first; then both are made one.
_MAX_NEW, _MAX_NEW_PART = 1_000, 20
_MAX_TITLE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Segment:
    """Wordings up to a revision's id: a digest of what is indexed of them, their number, and the paths of their files.

    `shards` are as many as a power of two. A file of `blocks` lists `_BLOCK` wordings, the oldest first.
    """

    upto: int
    digest: str
    size: int
    shards: tuple[str, ...]
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """All segments; `content` has those of their files that were made now, by path."""

    segments: tuple[Segment, ...]
    content: Mapping[str, bytes]
    current: Mapping[int, int]

    @property
    def paths(self) -> Iterator[str]:
        """Paths of all files of the segments."""
        for segment in self.segments:
            yield from segment.shards
            yield from segment.blocks

    def listing(self) -> bytes:
        """Return the content of the file `INDEX`."""
        segments = [asdict(segment) for segment in self.segments]
        content = {"form": _FORM, "block": _BLOCK, "segments": segments, "current": self.current}
        return json.dumps(content, separators=(",", ":")).encode()


def make(store: Store, before: Sequence[Segment], has: Callable[[str], bool], progress: Callable[[], None]) -> Index:
    """Return the index of all wordings.

    Segments of the last index, `before`, are kept where nothing has changed, and `has` all of their files.
    """
    wordings = store.index_texts.wordings()
    known = {segment.digest: segment for segment in before if all(map(has, (*segment.shards, *segment.blocks)))}
    first = before[0].upto if before and before[0].size > _MAX_NEW else 0
    old = [wording for wording in wordings if wording.revision_id <= first]
    new = [wording for wording in wordings if wording.revision_id > first]
    is_kept = digest(old) in known and len(new) <= max(_MAX_NEW, len(old) // _MAX_NEW_PART)
    content: dict[str, bytes] = {}
    segments: list[Segment] = []
    for part in filter(None, (old, new) if is_kept else (wordings,)):
        segment = known.get(digest(part))
        if segment is None:
            segment, files = _segment(store, part, progress)
            content |= files
        segments.append(segment)
    return Index(tuple(segments), content, dict(store.index_texts.current_numbers()))


def read(listing: bytes) -> tuple[Segment, ...]:
    """Return the segments of a file `INDEX`, () if it is damaged or of another form."""
    try:
        content = json.loads(listing)
        if content["form"] != _FORM or content["block"] != _BLOCK:
            return ()
        return tuple(_read_segment(row) for row in content["segments"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _read_segment(row: Mapping[str, Any]) -> Segment:
    shards, blocks = (tuple(map(str, row[name])) for name in ("shards", "blocks"))
    return Segment(int(row["upto"]), str(row["digest"]), int(row["size"]), shards, blocks)


def digest(wordings: Iterable[IndexedWording]) -> str:
    """Return a digest of what is indexed of wordings."""
    made = sha256(f"{_FORM} {MAX_WORD_CHARS}".encode())
    for wording in wordings:
        made.update(repr(tuple(wording)).encode("utf-8", "replace"))
    return made.hexdigest()[:32]


def keys(text: str) -> set[str]:
    """Return the words of a text as the index has them, folded as those of the full-text index.

    Scripts without blanks have pairs of characters, and each character alone.
    """
    if scripts.is_plain(text):
        return {_key(word) for word in scripts.words(text)}
    found: set[str] = set()
    for word in scripts.index_text(text).split():
        found.add(_key(word))
        if not word.isascii() and len(clusters := scripts.words(word)) == 2:
            found.add(_key(clusters[0]))
    return found


def _key(word: str) -> str:
    return word[:MAX_WORD_CHARS] if word.isascii() else _bare(word)


@lru_cache(maxsize=20_000)
def _bare(word: str) -> str:
    return scripts.bare(word)[:MAX_WORD_CHARS]


def _segment(
    store: Store, wordings: Sequence[IndexedWording], progress: Callable[[], None]
) -> tuple[Segment, dict[str, bytes]]:
    ordered = sorted(wordings, key=lambda wording: (wording.day, wording.statement_id, wording.number))
    postings: dict[str, bytearray] = {}
    last: dict[str, int] = {}
    total = 0
    for number, wording in enumerate(ordered):
        if number % _BLOCK == 0:
            progress()
        found = keys(f"{wording.title}\n{store.index_texts.text(wording.revision_id)}")
        total += len(found)
        for key in found:
            if (entry := postings.get(key)) is None:
                entry = postings[key] = bytearray()
            gap = number - last.get(key, -1)
            last[key] = number
            while gap > 127:
                entry.append(gap & 127 | 128)
                gap >>= 7
            entry.append(gap)
    files: dict[str, bytes] = {}
    shards = tuple(_add(files, shard) for shard in _shards(postings, total))
    blocks = tuple(_add(files, _block(ordered[start : start + _BLOCK])) for start in range(0, len(ordered), _BLOCK))
    upto = max((wording.revision_id for wording in wordings), default=0)
    return Segment(upto, digest(wordings), len(ordered), shards, blocks), files


def _shards(postings: dict[str, bytearray], total: int) -> Iterator[bytes]:
    count = 1
    while count < _MAX_SHARDS and count * _SHARD_POSTINGS < total:
        count *= 2
    words: list[list[str]] = [[] for _ in range(count)]
    for word in sorted(postings):
        words[word_hash(word) % count].append(word)
    for of_shard in words:
        head = json.dumps([" ".join(of_shard), [len(postings[word]) for word in of_shard]], separators=(",", ":"))
        # With the length of the head first, since its end cannot be seen.
        raw = head.encode()
        yield b"".join([len(raw).to_bytes(4, "big"), raw, *(postings[word] for word in of_shard)])


def word_hash(word: str) -> int:
    """Return the hash of a word (FNV-1a, 32 bits), which a browser computes as well."""
    value = 0x811C9DC5
    for byte in word.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def _block(wordings: Sequence[IndexedWording]) -> bytes:
    rows = [(each.statement_id, each.number, each.day, one_line(each.title, _MAX_TITLE_CHARS)) for each in wordings]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _add(files: dict[str, bytes], content: bytes) -> str:
    packed = zlib.compress(content, 9)
    path = f"search/{sha256(packed).hexdigest()[:16]}.bin"
    files[path] = packed
    return path
