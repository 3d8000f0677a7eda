"""Filter of pages by their bytes alone, before anything is decoded or parsed, learned from the wordings of an index.

A window is 24 bytes, about four words, from the beginning of a word. The filter has those of all wordings, apart from
those of too many statements. A page without a few windows near each other has no sentence of a statement in a row.
Letter case and kinds of blanks do not count; what stands in place of a letter or between words in the markup, as
entities and tags do, spoils the windows that it is in, and not those beside it. `benchmarks.sweep` measures the loss.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scraper.matching import thresholds as t

Numbers = NDArray[Any]
WINDOW_BYTES: Final = 24
BITS_PER_WORD: Final = 12
_BITS_OF_WINDOW = 4
# So many windows within so many bytes: a sentence with a tag in the middle has them, and chance has not.
_NEAR_WINDOWS = 3
_NEAR_BYTES = 160
# Of a quotation of six words, from its mark on, fewer windows are whole.
_MARKED_BYTES = 32
_COUNTER_BITS = 26
_FOLDED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\t\n\r\f\v", b"abcdefghijklmnopqrstuvwxyz     ")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789 ,.-")
# A word begins behind one of these: blanks, ends of tags and entities, quotation marks as ASCII and as UTF-8.
_BLANKS = b" \t\n\r\f\v"
_MARKS = b'>;"(\x9c\x98\xab'
_IS_SIGN = bytes(each in _BLANKS + _MARKS for each in range(256))
_IS_MARK = np.array([each in _MARKS for each in range(256)])
_IS_LETTER = np.array([chr(each).isascii() and chr(each).isalnum() for each in range(256)])
_IS_PLAIN = np.array([each in _PLAIN for each in range(256)])
_FACTORS = tuple(np.uint64(value) for value in (0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x9B05688C2B3E6C1F))
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = tuple(np.uint64(value) for value in (1, *(int(each) for each in _FACTORS)))


@dataclass(frozen=True, slots=True)
class ByteFilter:
    """Set of windows as a field of bits, whose places have `bits` bits."""

    field: Numbers
    bits: int

    def admits(self, body: bytes) -> bool:
        """Return True if a body may have a sentence of a statement."""
        if b"\0" in body:  # UTF-16: every other byte is another one
            return True
        starts = _starts(body)
        hashes = _hashes(body.translate(_FOLDED), starts)
        found = np.arange(len(hashes))
        for at in range(_BITS_OF_WINDOW):
            found = found[_has_bit(self.field, _places(hashes[found], at, self.bits))]
        hits = starts[found]
        if len(hits) < 2:
            return False
        if bool((hits[_NEAR_WINDOWS - 1 :] - hits[: 1 - _NEAR_WINDOWS] <= _NEAR_BYTES).any()):
            return True
        is_marked = _IS_MARK[np.frombuffer(body, dtype=np.uint8)[hits[:-1] - 1]]
        return bool((is_marked & (np.diff(hits) <= _MARKED_BYTES)).any())


class FilterBuilder:
    """Builder of a filter, which sees all wordings twice: first `count`, then `add`."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.field = np.zeros(1 << (bits - 3), dtype=np.uint8)
        # Windows with one counter are counted together, so that a window can be left out by chance, and none is kept.
        self._counts = np.zeros(1 << _COUNTER_BITS, dtype=np.uint8)

    def count(self, text: str) -> None:
        """Count the windows of a wording."""
        places = np.unique(_counters(windows_of(text)))
        self._counts[places] += self._counts[places] < np.uint8(255)

    def add(self, text: str) -> None:
        """Add the windows of a wording that not too many others have."""
        hashes = windows_of(text)
        hashes = hashes[self._counts[_counters(hashes)] <= t.COMMON_STATEMENTS]
        for at in range(_BITS_OF_WINDOW):
            places = _places(hashes, at, self.bits)
            np.bitwise_or.at(self.field, places >> 3, _bit(places))


def windows_of(text: str) -> Numbers:
    """Return the hashes of the windows of a wording."""
    body = b" " + text.encode("utf-8", "replace") + b" "
    folded = body.translate(_FOLDED)
    starts = _starts(body)
    plain = np.concatenate([[0], np.cumsum(~_IS_PLAIN[np.frombuffer(folded, dtype=np.uint8)])])
    starts = starts[plain[starts + WINDOW_BYTES] == plain[starts]]
    return _hashes(folded, starts)


def _starts(body: bytes) -> Numbers:
    """Return the first bytes of the words that have a whole window."""
    is_sign = np.frombuffer(body.translate(_IS_SIGN), dtype=np.bool_)[: max(0, len(body) - WINDOW_BYTES)]
    starts = np.flatnonzero(is_sign) + 1
    found: Numbers = starts[_IS_LETTER[np.frombuffer(body, dtype=np.uint8)[starts]]]
    return found


def _hashes(folded: bytes, starts: Numbers) -> Numbers:
    if not len(starts):
        return np.empty(0, dtype=np.uint64)
    # A number of eight bytes from every byte on.
    numbers = np.ndarray((len(folded) - 7,), dtype="<u8", buffer=folded, strides=(1,))
    total = numbers[starts] * _FACTORS[0]
    for at in (1, 2):
        total += numbers[starts + 8 * at] * _FACTORS[at]
    total ^= total >> np.uint64(29)
    total *= _MIX
    return total


def _places(hashes: Numbers, at: int, bits: int) -> Numbers:
    """Return the place of a bit of each window, the first one or a further one."""
    mixed = hashes * _SPREAD[at]
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def _counters(hashes: Numbers) -> Numbers:
    return (hashes & np.uint64((1 << _COUNTER_BITS) - 1)).astype(np.int64)


def _has_bit(field: Numbers, places: Numbers) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (field[places >> 3] & _bit(places)) != 0
    return found


def _bit(places: Numbers) -> NDArray[np.uint8]:
    return np.left_shift(np.uint8(1), (places & 7).astype(np.uint8))
