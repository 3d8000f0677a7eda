"""Index file of all wordings, mapped into memory: answers what a trace asks a database, without one."""

import json
import zlib
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from scraper import urls
from scraper.matching import thresholds as t
from scraper.matching.model import IndexedText, RevisionKey
from scraper.model import Statement
from scraper.rules.identity import spelling_key
from scraper.store.codec import from_row
from scraper.sweep.byte_filter import ByteFilter
from scraper.sweep.hash_table import HashTable, Numbers, rows_of, text_key
from scraper.sweep.index_format import COMMON, FORMAT, NO_TIME, REVISION_BITS
from scraper.sweep.sections import Sections, damaged, open_sections
from scraper.text.tokens import WordsCache

_DIGEST_BYTES = 32
_REVISION = (1 << REVISION_BITS) - 1
_CACHED_STATEMENTS = 512


class IndexFile:
    """Read-only index of all wordings, as `matching.model.KnownTexts`: for a page it gives what the database gives.

    Raise `InputError` if the file is none of this version.
    """

    def __init__(self, path: Path) -> None:
        self.sections = open_sections(path)
        if self.sections.header.get("format") != FORMAT:
            raise damaged(path)
        self.statements = IndexedStatements(self.sections)
        self.fingerprints = IndexedWordings(self.sections, self.statements)
        self.byte_filter = ByteFilter(
            _numbers(self.sections, "windows", "u1"), int(self.sections.header["window_bits"])
        )
        # The names of hosts that end alike are found by their end: www.state.gov and 2017-2021.state.gov.
        self.hosts = sorted({".".join(host.split(".")[-2:]).encode() for host in self.sections.header["hosts"]})

    @property
    def sha256(self) -> str:
        """Hash of all content."""
        return self.sections.sha256


class IndexedStatements:
    """Statements of an index file."""

    def __init__(self, sections: Sections) -> None:
        self._blobs, self._offsets = sections["statements"], _numbers(sections, "statement_offsets", "<u8")
        self.ids = _numbers(sections, "statement_ids", "<i8")
        self.published, self.current = (_numbers(sections, name, "<i8") for name in ("published", "current"))
        self._by = {
            name: (_numbers(sections, f"{name}_keys", "<u8"), _numbers(sections, f"{name}_rows", "<u4"))
            for name in ("urls", "guids", "numbers")
        }
        self._at = lru_cache(maxsize=_CACHED_STATEMENTS)(self._read)

    def row(self, statement_id: int) -> int | None:
        """Return the place of a statement, or None."""
        at = int(np.searchsorted(self.ids, statement_id))
        return at if at < len(self.ids) and self.ids[at] == statement_id else None

    def by_id(self, statement_id: int) -> Statement | None:
        """See `matching.model.StatementLookup`."""
        at = self.row(statement_id)
        return None if at is None else self._at(at)

    def by_url(self, url: str) -> list[Statement]:
        """See `scraper.store.statements.Statements.by_url`."""
        canonical = urls.canonical(url).rstrip("/")
        found = self._all("urls", canonical)
        if found or urls.path(canonical).strip("/"):
            return found
        if own := self._all("guids", canonical):
            return own[:1]
        number, wanted = urls.post_number(canonical), spelling_key(canonical)
        numbered = self._all("numbers", number) if number else []
        return [each for each in numbered if spelling_key(each.guid) == wanted][:1]

    def _all(self, name: str, text: str) -> list[Statement]:
        return [self._at(at) for at in rows_of(*self._by[name], text_key(text))]

    def _read(self, at: int) -> Statement:
        first, stop = self._offsets[at : at + 2].tolist()
        return from_row(Statement, json.loads(zlib.decompress(self._blobs[first:stop])))


class IndexedWordings:
    """Wordings of an index file; implements `matching.model.Index`."""

    def __init__(self, sections: Sections, statements: IndexedStatements) -> None:
        self._statements = statements
        self.table = HashTable.of(
            _numbers(sections, "starts", "<u4"), _numbers(sections, "lows", "<u4"), _numbers(sections, "owners", "<u4")
        )
        self._codes = _numbers(sections, "codes", "<i8")
        self._texts, self._offsets = sections["texts"], _numbers(sections, "text_offsets", "<u8")
        self._dictionary = bytes(sections["dictionary"])
        self._digests, self._by_digest = sections["digests"], _numbers(sections, "digest_order", "<u4")
        self.runs, self.run_bits = _numbers(sections, "runs", "u1"), int(sections.header["run_bits"])
        self._words = WordsCache(t.CACHED_CHARS)

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """See `matching.model.Index`. The order of what is found is that of the database."""
        wanted = sorted(set(hashes))
        queries, entries = self.table.matches(np.array(wanted, dtype=np.int64))
        rows = self.table.rows[entries]
        codes = self._codes[np.where(rows == COMMON, 0, rows)] if len(rows) else rows
        rare, common = dict[int, list[RevisionKey]](), dict[int, list[RevisionKey]]()
        for at, row, code in zip(queries.tolist(), rows.tolist(), codes.tolist(), strict=True):
            if row == COMMON:
                common[wanted[at]] = []
            else:
                rare.setdefault(wanted[at], []).append(_key(code))
        return rare | common

    def sources(self, statement_ids: Collection[int]) -> Mapping[int, tuple[datetime | None, int]]:
        """See `matching.model.Index`."""
        found = ((statement_id, self._statements.row(statement_id)) for statement_id in statement_ids)
        return {statement_id: self._source(at) for statement_id, at in found if at is not None}

    def same_words(self, digest: str) -> Sequence[RevisionKey]:
        """See `matching.model.Index`."""
        wanted, found = bytes.fromhex(digest), list[RevisionKey]()
        at = bisect_left(self._by_digest, wanted, key=self._digest)
        while at < len(self._by_digest) and self._digest(self._by_digest[at]) == wanted:
            found.append(_key(int(self._codes[self._by_digest[at]])))
            at += 1
        return found

    def text(self, key: RevisionKey) -> IndexedText:
        """See `matching.model.Index`."""
        code = key.statement_id << REVISION_BITS | key.revision
        row = int(np.searchsorted(self._codes, code))
        statement = self._statements.by_id(key.statement_id) if self._codes[row] == code else None
        if statement is None:
            raise KeyError(key)
        title, body = self.wording(row)
        return IndexedText(
            title=title,
            words=self._words.get(body),
            digest=self._digest(row).hex(),
            guid=statement.guid,
            url=statement.url,
            published_at=statement.published_at,
            is_current=statement.revision == key.revision,
        )

    def wording(self, row: int) -> tuple[str, str]:
        """Return title and text of a row."""
        first, stop = self._offsets[row : row + 2].tolist()
        unpacker = zlib.decompressobj(zdict=self._dictionary)
        content = unpacker.decompress(self._texts[first:stop]).decode("utf-8", "surrogatepass")
        title, _, body = content.partition("\0")
        return title, body

    def _digest(self, row: Any) -> bytes:
        return bytes(self._digests[int(row) * _DIGEST_BYTES : (int(row) + 1) * _DIGEST_BYTES])

    def _source(self, at: int) -> tuple[datetime | None, int]:
        seconds = int(self._statements.published[at])
        return None if seconds == NO_TIME else datetime.fromtimestamp(seconds, UTC), int(self._statements.current[at])


def _key(code: int) -> RevisionKey:
    return RevisionKey(code >> REVISION_BITS, code & _REVISION)


def _numbers(sections: Sections, name: str, kind: str) -> Numbers:
    return np.frombuffer(sections[name], dtype=kind)
