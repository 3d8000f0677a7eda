"""Ten days of a daemon over an invented web of ten hosts that fail in every way we know; see `__main__`."""
