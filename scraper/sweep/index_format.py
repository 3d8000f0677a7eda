"""Values that the builder and the reader of an index file share."""

from typing import Final

FORMAT: Final = 1
REVISION_BITS: Final = 20
"""Bits of the number of a revision in its code; those above are the id of its statement."""
COMMON: Final = 0xFFFFFFFF
"""Row of a hash that too many statements have."""
NO_TIME: Final = -(1 << 62)
"""Seconds of a statement without a date."""
