"""Mistakes that show only between the entries of a configuration: names that are taken, names that nobody has (pure).

They are told from the document as it stands, also where other mistakes keep its entries from being built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scraper.config import yaml
from scraper.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def problems(document: yaml.Document) -> Iterator[Problem]:
    """Every such mistake, each with its place and line."""
    yield from _namesakes("sources", document)
    yield from _namesakes("watches", document)
    yield from _unknown_sources(document)
    yield from _two_keys(document)


def alike(name: str) -> str:
    """A name as it counts: two that differ in letter case only are one."""
    return name.strip().casefold()


def _entries(document: yaml.Document, section: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of a list as they stand in the file."""
    listed = document.data.get(section) if isinstance(document.data, dict) else None
    for i, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield i, entry


def _namesakes(section: str, document: yaml.Document) -> Iterator[Problem]:
    """Sources or watches with a name that is taken."""
    first: dict[str, int] = {}
    for i, entry in _entries(document, section):
        name = entry.get("name")
        if isinstance(name, str) and first.setdefault(alike(name), i) != i:
            loc = (section, i, "name")
            message = f"{yaml.quoted(name)} is the name of {section}[{first[alike(name)]}] already"
            yield Problem(yaml.path_text(loc), message, document.line(loc))


def _two_keys(document: yaml.Document) -> Iterator[Problem]:
    """A webhook that several watches share is signed with one key."""
    first: dict[str, tuple[int, object]] = {}
    for i, watch in _entries(document, "watches"):
        address, key = watch.get("webhook"), watch.get("webhook_secret_env")
        if isinstance(address, str) and first.setdefault(address.strip(), (i, key))[1] != key:
            loc = ("watches", i, "webhook_secret_env" if key is not None else "webhook")
            message = f"is signed with another key by watches[{first[address.strip()][0]}]; name the same in both"
            yield Problem(yaml.path_text(loc), message, document.line(loc))


def _unknown_sources(document: yaml.Document) -> Iterator[Problem]:
    """What a watch is about, and is no source."""
    known = [name for _, entry in _entries(document, "sources") if isinstance(name := entry.get("name"), str)]
    for i, watch in _entries(document, "watches"):
        about = watch.get("about")
        names = about.get("sources") if isinstance(about, dict) else None
        for j, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name.strip() not in known:
                loc = ("watches", i, "about", "sources", j)
                message = f"{yaml.quoted(name)} is no source; these are: {', '.join(known) or 'none'}"
                yield Problem(yaml.path_text(loc), message, document.line(loc))
