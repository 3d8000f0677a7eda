"""Names of watches and sources: when two of them are the same."""


def name_key(name: str) -> str:
    """Return the name as it is compared: letter case and outer white space do not count."""
    return name.strip().casefold()
