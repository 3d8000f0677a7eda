"""Suggestions for a name that is not known: "did you mean …?" (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.text import scripts

_MOST = 3
_LEAST_ALIKE = 0.6
_MAX_CHARS = 100


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return at most three known names that a name may stand for, best first; () if none is similar.

    Names with all its words come first ("Korea": "North Korea", "South Korea"), without those that only add words to
    one of them. Otherwise it is the one with the fewest wrong, missing and exchanged letters; letter case, accents,
    signs and the order of the words do not count. The name itself is never returned: it was refused.
    """
    words = scripts.name_line(name[:_MAX_CHARS]).split()
    others = {other: scripts.name_line(other[:_MAX_CHARS]).split() for other in known if other.strip() != name.strip()}
    containing: list[str] = []
    for other in sorted((o for o, found in others.items() if words and set(words) <= set(found)), key=len):
        if len(containing) < _MOST and not any(set(others[one]) <= set(others[other]) for one in containing):
            containing.append(other)
    if containing:
        return tuple(containing)
    score, best = max(((_likeness(words, found), other) for other, found in others.items()), default=(0.0, ""))
    return (best,) if score >= _LEAST_ALIKE else ()


def question(name: str, known: Iterable[str], *, before: str = "; ") -> str:
    """Return the words "did you mean “Laos”?" after `before`; "" if no known name is similar."""
    return did_you_mean(nearest(name, known), before=before)


def did_you_mean(names: Iterable[str], *, before: str = "; ") -> str:
    """Return the words "did you mean “Laos”?" after `before`; "" without names."""
    found = [f"“{name}”" for name in names]
    return f"{before}did you mean {' or '.join(filter(None, (', '.join(found[:-1]), found[-1])))}?" if found else ""


def _likeness(one: list[str], other: list[str]) -> float:
    """Return a number from 0 to 1: the part of the letters that agree, in the order of the words or sorted."""
    from rapidfuzz.distance import OSA  # few names are mistaken

    orders = ((one, other), (sorted(one), sorted(other)))
    return max(OSA.normalized_similarity(" ".join(a), " ".join(b)) for a, b in orders)
