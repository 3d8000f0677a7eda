"""Rules that identify the statement of an item: by two fields at least, never by its guid or its URL alone (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING

from scraper import urls
from scraper.rules import state_hosts
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from scraper.model import Item, Statement

# Eastern and UTC days differ, and a corrected date stays close.
_SAME_OCCASION = timedelta(days=2)
# Two texts are wordings of one if half of the shorter one's runs of five words occur in the other: texts on different
# matters share a few stock phrases at most.
_RUN_WORDS, _SAME_TEXT = 5, 0.5
# The first URL in a guid, such as `https://www.state.gov/?p=7` or `7 at http://www.state.gov`.
_URL_IN_GUID = re.compile(r"\bhttps?://(?:www\.)?([^\s/?#]{1,255})([^\s?#]{0,2000})", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r":(?:80|443)?\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """Items of one answer, without the guids that several of them share, and the URLs (canonical) that several share.

    A site that gives all items one guid, or one link, identifies none of them by it.
    """

    items: tuple[Item, ...]
    shared_urls: frozenset[str]

    def is_shared(self, url: str) -> bool:
        """Return True if several items with different titles have this URL."""
        return _url_key(url) in self.shared_urls


def without_shared(items: Sequence[Item]) -> Answer:
    """Remove the guids that different items of one answer share, and find the URLs that they share.

    An item that a list has twice is one. Items of one URL are two if their titles differ and each has a text; an item
    of the same title on another day is another one, and so is one with another text at another URL.
    """
    by_guid, by_url = defaultdict[str, list["Item"]](list), defaultdict[str, list["Item"]](list)
    for item in items:
        if item.guid:
            by_guid[guid_key(item.guid)].append(item)
        if item.paragraphs is not None:
            by_url[_url_key(item.url)].append(item)
    shared = {key for key, those in by_guid.items() if any(_are_different(those[0], other) for other in those[1:])}
    urls_shared = frozenset(key for key, those in by_url.items() if _are_several_titles(item.title for item in those))
    own = (
        replace(item, guid=None, guid_derived=False) if item.guid and guid_key(item.guid) in shared else item
        for item in items
    )
    return Answer(tuple(own), urls_shared)


def identify(
    item: Item,
    candidates: Sequence[Statement],
    text_of: Callable[[Statement], str] = lambda _: "",
    *,
    is_url_shared: bool = False,
) -> Statement | None:
    """Return the statement of an item, out of those that share a guid, a number or a URL with it, or None.

    An authority identifies its own items only. An equal guid of it needs one more field that agrees: title or URL (of
    the same days), or the text, which `text_of` gives. A different number in the guid proves two statements. Without a
    guid the title, or the day and the URL, must agree: URLs and slugs are reused, for next year's statement or within
    the hour. Only a standing page is identified by its URL alone. A URL counts for nothing if the answer
    (`is_url_shared`) or what is known of those days has several titles at it.
    """

    def is_same_url(statement: Statement) -> bool:
        is_same = urls.is_same(item.url, statement.url)
        return is_same and not is_url_shared and not _has_several_titles(item, candidates)

    candidates = [statement for statement in candidates if statement.authority == item.authority]
    if standing := next((s for s in candidates if s.standing and is_same_url(s)), None):
        return standing  # whatever title, date and number it has now
    guid = item.guid
    if guid and (same := [s for s in candidates if is_same_guid(s.guid, guid)]):
        for statement in same:
            is_alike = _is_same_title(item, statement) or is_same_url(statement)
            if (is_alike and _is_near(item, statement) is not False) or _is_same_text(item, text_of(statement)):
                return statement
        guid = None  # of another statement: the site has reused it, or mixed guids up
    for statement in candidates:
        if guid and _are_two(item, guid, statement):
            continue
        same_title = _is_same_title(item, statement)
        is_near = _is_near(item, statement)
        if is_near and (same_title or is_same_url(statement)):
            return statement
        if is_near is None and same_title:
            return statement
    return None


def without_taken_guid(item: Item, statement: Statement | None, candidates: Iterable[Statement]) -> Item:
    """Remove the guid of an item if a statement other than its own has it."""
    own = None if statement is None else statement.id
    if item.guid and any(s.id != own and is_same_guid(s.guid, item.guid) for s in candidates):
        return replace(item, guid=None, guid_derived=False)
    return item


def guid_for(item: Item, taken: Sequence[Statement]) -> str:
    """Return the guid of a new statement: the item's own, else its URL, with the date if that URL is taken."""
    if item.guid:
        return item.guid
    url = urls.canonical(item.url)
    dated = [f"{url}#{item.published_at:%Y-%m-%d}"] if item.published_at else []
    candidates = chain([url, *dated], (f"{[url, *dated][-1]}#{number}" for number in count(2)))
    guids = {statement.guid for statement in taken}
    return next(candidate for candidate in candidates if candidate not in guids)


def is_same_guid(a: str, b: str) -> bool:
    """Return True if two guids differ at most in the spelling of the site: see `guid_key`."""
    return a == b or guid_key(a) == guid_key(b)


def spelling_key(guid: str) -> str:
    """Return the `guid_key` of a guid as a person writes it: without a scheme, its parameters in any order."""
    named = guid_key(guid if "://" in guid else f"https://{guid}")
    start, _, query = named.rstrip("/").partition("?")
    return "?".join([start, *sorted(query.split("&"))])


@lru_cache(maxsize=4096)
def guid_key(guid: str) -> str:
    """Return a guid without what a move of its site changes: scheme, `www.`, default port, final slash of the path.

    State's current hosts and its archives are one site, which kept the numbers of its documents. WordPress counts
    documents of all types together, so `?p=7` and `?post_type=TYPE&p=7` are one.
    """
    match = _URL_IN_GUID.search(guid)
    if match is None:
        return guid
    site, path = _site(match[1]), match[2].rstrip("/")
    if site == urls.STATE and match.start() == 0 and not path and (number := urls.post_number(guid)):
        return f"//{site}?p={number}"
    return f"{guid[: match.start()]}//{site}{path}{guid[match.end() :]}"


def guid_spellings(guid: str) -> tuple[str, ...]:
    """Return the guids with the same `guid_key`, as sites write them, the given one first."""
    match = _URL_IN_GUID.search(guid)
    if match is None:
        return (guid,)
    site, path = _site(match[1]), match[2].rstrip("/")
    hosts = (*sorted(urls.STATE_SITE), *state_hosts.ARCHIVE_HOSTS) if site == urls.STATE else (site, f"www.{site}")
    spelled = (
        f"{guid[: match.start()]}{scheme}://{host}{path}{slash}{guid[match.end() :]}"
        for scheme in ("https", "http")
        for host in hosts
        for slash in ("/", "")
    )
    return tuple(dict.fromkeys([guid, *spelled]))


def _site(name: str) -> str:
    name = _DEFAULT_PORT.sub("", name.lower())
    return urls.STATE if state_hosts.is_named(name) else name


def _are_two(item: Item, guid: str, statement: Statement) -> bool:
    """Return True if two different guids belong to two statements, regardless of what else these share.

    They do if each has a number and the numbers differ, or if the authority gave both. But if title, URL and day agree,
    it has given the statement a guid of another form.
    """
    numbers = [urls.post_number(guid), urls.post_number(statement.guid)]
    if None not in numbers:
        return numbers[0] != numbers[1]
    is_renamed = _is_near(item, statement) and _is_same_title(item, statement) and urls.is_same(item.url, statement.url)
    return not (item.guid_derived or statement.guid_derived or is_renamed)


def _are_different(one: Item, other: Item) -> bool:
    if _title_key(one) != _title_key(other):
        return True
    if one.published_at and other.published_at and abs(one.published_at - other.published_at) > _SAME_OCCASION:
        return True
    return (
        not urls.is_same(one.url, other.url)
        and None not in {one.paragraphs, other.paragraphs}
        and (one.paragraphs != other.paragraphs)
    )


def _has_several_titles(item: Item, candidates: Iterable[Statement]) -> bool:
    """Return True if statements with different titles, of the days of an item, are at its URL."""
    found = (s for s in candidates if urls.is_same(item.url, s.url) and _is_near(item, s))
    return _are_several_titles(statement.title for statement in found)


def _are_several_titles(titles: Iterable[str]) -> bool:
    found = set(titles)
    return len(found) > 1 and len(set(map(normalize.word_key, found))) > 1


def _is_near(item: Item, statement: Statement) -> bool | None:
    """Return True if the dates of both are of the same occasion, None if one has no date."""
    if item.published_at is None or statement.published_at is None:
        return None
    return abs(item.published_at - statement.published_at) <= _SAME_OCCASION


def _is_same_title(item: Item, statement: Statement) -> bool:
    return item.title == statement.title or _title_key(item) == normalize.word_key(statement.title)


def _is_same_text(item: Item, text: str) -> bool:
    own, known = _runs(normalize.join(item.paragraphs or ())), _runs(text)
    fewest = min(len(own), len(known))
    return fewest > 0 and len(own & known) >= _SAME_TEXT * fewest


def _runs(text: str) -> set[tuple[str, ...]]:
    words = normalize.words(text)
    return set(zip(*(words[start:] for start in range(_RUN_WORDS)), strict=False))


def _title_key(item: Item) -> str:
    return normalize.word_key(item.title)


def _url_key(url: str) -> str:
    return urls.canonical(url).rstrip("/")
