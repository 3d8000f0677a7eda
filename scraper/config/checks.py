"""Checks across the entries of a configuration: duplicate names, unknown sources, two keys for one webhook (pure).

They read the parsed document, so that they also run if other mistakes prevent building the settings.
"""

from __future__ import annotations

from os.path import normpath
from typing import TYPE_CHECKING, Any

from scraper.config import yaml
from scraper.config.fields import needs_smtputf8
from scraper.config.groups import GROUPS
from scraper.config.names import name_key
from scraper.text.nearest import question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.errors import Problem


def problems(document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield every mistake between entries, with its path and line."""
    yield from _namesakes("sources", document)
    yield from _namesakes("watches", document)
    yield from _unknown_sources(document)
    yield from _two_keys(document)
    yield from _two_formats(document)
    yield from _one_feed_twice(document)
    yield from _unfit_for_sendmail(document)


def _entries(document: yaml.YamlDocument, section: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a list that are sections, with their positions."""
    listed = document.data.get(section) if isinstance(document.data, dict) else None
    for i, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield i, entry


def _namesakes(section: str, document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield sources or watches with a name that an earlier one has."""
    first: dict[str, int] = {}
    for i, entry in _entries(document, section):
        name = entry.get("name")
        if isinstance(name, str) and first.setdefault(name_key(name), i) != i:
            message = f"{yaml.quoted(name)} is the name of {section}[{first[name_key(name)]}] already"
            yield document.problem((section, i, "name"), message)


def _two_keys(document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield watches that sign the webhook of an earlier watch with another key."""
    first: dict[str, tuple[int, object]] = {}
    for i, watch in _entries(document, "watches"):
        address, key = watch.get("webhook"), watch.get("webhook_secret_env")
        if isinstance(address, str) and first.setdefault(address.strip(), (i, key))[1] != key:
            other = document.entry("watches", first[address.strip()][0])
            message = f"is signed with another key by {other}; use the same one in both"
            yield document.problem(("watches", i, "webhook_secret_env" if key is not None else "webhook"), message)


def _two_formats(document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield watches that send to the webhook of an earlier watch in another format."""
    first: dict[str, tuple[int, object]] = {}
    for i, watch in _entries(document, "watches"):
        address, form = watch.get("webhook"), watch.get("format", "json")
        if isinstance(address, str) and first.setdefault(address.strip(), (i, form))[1] != form:
            other = document.entry("watches", first[address.strip()][0])
            message = f"is another format than that of {other} for the same webhook"
            yield document.problem(("watches", i, "format" if "format" in watch else "webhook"), message)


def _one_feed_twice(document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield watches that write the feed of an earlier watch."""
    first: dict[str, int] = {}
    for i, watch in _entries(document, "watches"):
        file = watch.get("feed")
        if isinstance(file, str) and (known := first.setdefault(normpath(file), i)) != i:
            message = f"is the feed of {document.entry('watches', known)} already: each needs a file of its own"
            yield document.problem(("watches", i, "feed"), message)


def _unfit_for_sendmail(document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield recipients that a `sendmail` command may not take: it does not say if its server has SMTPUTF8."""
    alerts = document.data.get("alerts") if isinstance(document.data, dict) else None
    if not isinstance(alerts, dict) or alerts.get("deliver") != "sendmail":
        return
    lists = [(("watches", i, "to"), watch.get("to")) for i, watch in _entries(document, "watches")]
    for path, addresses in (*lists, (("alerts", "operator"), alerts.get("operator"))):
        for j, address in enumerate(addresses if isinstance(addresses, list) else ()):
            if isinstance(address, str) and needs_smtputf8(address.rpartition("@")[0]):
                message = "has letters beyond ASCII before the @; give an ASCII address, or use `deliver: smtp`"
                yield document.problem((*path, j), message)


def _unknown_sources(document: yaml.YamlDocument) -> Iterator[Problem]:
    """Yield names of sources in the conditions of watches that no source has."""
    known = [name for _, entry in _entries(document, "sources") if isinstance(name := entry.get("name"), str)]
    keys = set(map(name_key, known))
    for i, watch in _entries(document, "watches"):
        for loc, name in _names_of_sources(watch.get("about"), ("watches", i, "about")):
            if name_key(name) not in keys:
                suggestion = question(name, known) or f"; known sources: {', '.join(known) or 'none'}"
                yield document.problem(loc, f"{yaml.quoted(name)} is not a source{suggestion}")


def _names_of_sources(part: object, loc: yaml.Loc) -> Iterator[tuple[yaml.Loc, str]]:
    """Yield the names under `sources` in conditions and in the groups inside them (the reader bounds their depth)."""
    if isinstance(part, list):
        for i, each in enumerate(part):
            yield from _names_of_sources(each, (*loc, i))
    elif isinstance(part, dict):
        names = part.get("sources")
        for j, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                yield (*loc, "sources", j), name
        for key in GROUPS:
            yield from _names_of_sources(part.get(key), (*loc, key))
