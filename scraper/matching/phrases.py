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
READ_ON: dict[str, list[tuple[str, ...]]] = {}
"""Calls to read on, by their last word: one look-up for each unit instead of 40 comparisons."""
for _call in map(str.split, _GROUPS["read on"]):
    READ_ON.setdefault(_call[-1], []).append(tuple(_call))
LONGEST_CALL = max(len(call) for calls in READ_ON.values() for call in calls)
"""Words of the longest call to read on."""
STANDING = _GROUPS["standing"]
