"""Runs of words as numbers, many at once, and the set of all runs of an index as a field of bits (pure).

The hashes are not those of `matching.fingerprints`, which numpy cannot compute: the set only says which runs are worth
looking up there. It has all runs of `SHINGLE_WORDS` words, where the fingerprints are a sample.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scraper.matching import thresholds as t

Numbers = NDArray[Any]
MIN_BITS: Final = 16
MAX_BITS: Final = 36
# Of so many bits for each run at least, one in nine is set, so that one in nine of other runs seems to be in the set.
_BITS_PER_RUN = 8
# Odd numbers without pattern, from the digits of the square roots of 2, 3, 5 and 7.
_FACTORS = tuple(
    np.uint64(value) for value in (0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x9B05688C2B3E6C1F, 0xA54FF53A5F1D36F1)
)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def bits_for(count: int, each: int = _BITS_PER_RUN) -> int:
    """Return the logarithm of the number of bits for a set, of `each` bits at least for one element."""
    return min(max(MIN_BITS, (count * each - 1).bit_length()), MAX_BITS)


def run_hashes(packed: bytes, bits: int) -> Numbers:
    """Return the hash of each run of words of a packed text (see `Words.packed`), in order: numbers of `bits` bits."""
    ids = np.frombuffer(packed, dtype="<u8")
    count = len(ids) - t.SHINGLE_WORDS + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    total = ids[:count] * _FACTORS[0]
    for at in range(1, t.SHINGLE_WORDS):
        total += ids[at : at + count] * _FACTORS[at]
    total ^= total >> np.uint64(29)
    total *= _MIX
    return total >> np.uint64(64 - bits)


def add(field: Numbers, hashes: Numbers) -> None:
    """Add hashes to a set."""
    np.bitwise_or.at(field, (hashes >> np.uint64(3)).astype(np.int64), _bit(hashes))


def contains(field: Numbers, hashes: Numbers) -> NDArray[np.bool_]:
    """Return for each hash if a set has it, or one that has the same bit."""
    found: NDArray[np.bool_] = (field[(hashes >> np.uint64(3)).astype(np.int64)] & _bit(hashes)) != 0
    return found


def _bit(hashes: Numbers) -> NDArray[np.uint8]:
    return np.left_shift(np.uint8(1), (hashes & np.uint64(7)).astype(np.uint8))
