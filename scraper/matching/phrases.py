"""Lists of words from `phrases.txt`: attribution, doubt, calls to the reader, standing paragraphs (pure)."""

from __future__ import annotations

from importlib.resources import files


def _read() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in files("scraper.matching").joinpath("phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            groups[name] = ()
        elif line and not line.startswith("#"):
            groups[name] += (line,)
    return groups


_GROUPS = _read()


def _words(group: str) -> frozenset[str]:
    return frozenset(" ".join(_GROUPS[group]).split())


SAYING = _words("saying")
DOUBT = _words("doubt")
CALLS = _words("calls")
COUNTRIES = _words("countries")
"""Words before "states" that make it a noun: the United States."""
READ_ON = {
    last: tuple(call for call in map(tuple, map(str.split, _GROUPS["read on"])) if call[-1] == last)
    for last in {line.split()[-1] for line in _GROUPS["read on"]}
}
"""Calls to read on, by their last word."""
STANDING = _GROUPS["standing"]
