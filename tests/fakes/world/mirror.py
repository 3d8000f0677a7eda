"""Base of the mirrors of the hostile day: a list and stories, which subclasses forge.

A story's number holds the hour in which it appeared (see `number_at`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from fakes.world import texts
from fakes.world.state_day import statement_url
from fakes.world.truth import HOUR, Carrier, Text, Version
from fakes.world.web import Document, carrier_page, mirror_list
from samples import NOT_FOUND

from scraper.model import EndpointKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROBOTS = Document(b"User-agent: *\nDisallow:\n", "text/plain")
AN_HOUR = 100_000
"""Numbers of stories in an hour."""
_FIRST_HOUR = -24
_FIRST_BODY, _BODIES = 1_000_000, 500
_STORY = re.compile(r"/news-(\d+)/\Z")
_LIST_PATHS = {
    EndpointKind.FEED: "feed/",
    EndpointKind.WORDPRESS: "wp-json/wp/v2/posts/",
    EndpointKind.LISTING: "all/",
}


@dataclass(frozen=True)
class Mirror:
    """Mirror that publishes some stories of its own each hour. `statements` are State's, by number.

    Subclasses change what they need. `an_hour` is the number of new stories in an hour, `listed` of those in the list.
    """

    statements: Mapping[int, Text]
    kind: ClassVar[EndpointKind] = EndpointKind.FEED
    an_hour: ClassVar[int] = 4
    listed: ClassVar[int] = 40

    @property
    def name(self) -> str:
        """Name of the mirror's source, and of its host before `.example`."""
        return re.sub("(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def site(self) -> str:
        """Host of the mirror."""
        return f"{self.name}.example"

    @property
    def url(self) -> str:
        """URL of the mirror's list."""
        return f"https://{self.site}/{_LIST_PATHS[self.kind]}"

    def answer(self, url: str, t_s: float) -> Document:
        """Return the response of a URL on the mirror's host at a true time."""
        path = urlsplit(url).path
        if path == "/robots.txt":
            return self.robots()
        if url.startswith(self.url):
            return self.list(url, t_s)
        match = _STORY.search(path)
        return self.page(int(match[1]), t_s) if match else self.other(path)

    def robots(self) -> Document:
        """Return robots.txt."""
        return ROBOTS

    def list(self, _url: str, t_s: float) -> Document:
        """Return the mirror's list."""
        numbers = islice(self.numbers(t_s), self.listed + self.an_hour)  # some are not there yet
        return mirror_list(self.kind, list(map(self.story, numbers)), t_s, self.listed)

    def page(self, number: int, t_s: float) -> Document:
        """Return the page of a story."""
        return carrier_page(self.story(number))(t_s)

    def other(self, _path: str) -> Document:
        """Return the page of any other path."""
        return Document(NOT_FOUND, status=404)

    def story(self, number: int) -> Carrier:
        """Return a story."""
        return self.invent(number)

    def invent(self, number: int, names: str = "") -> Carrier:
        """Return a story that has nothing to do with State; it claims the URL `names` as its source."""
        # The bodies repeat: each that was ever made is kept in memory.
        return self.tell(number, texts.title(number), texts.paragraphs(_FIRST_BODY + number % _BODIES), names)

    def tell(self, number: int, title: str, body: tuple[str, ...], names: str = "") -> Carrier:
        """Return a story with that text; it claims the URL `names` as its source."""
        version = Version(self.born_s(number), title, body, "", f"news-{number}")
        return Carrier(Text(number, (), (version,)), self.site, None, names)

    def numbers(self, t_s: float) -> Iterator[int]:
        """Yield the numbers of all stories up to the current hour, newest first."""
        for hour in range(int(t_s // HOUR), -2, -1):
            yield from range(number_at(hour * HOUR, self.an_hour), number_at(hour * HOUR), -1)

    def born_s(self, number: int) -> float:
        """Return the time of a story: those of an hour come one after the other."""
        hour, place = divmod(number - 1, AN_HOUR)
        return (hour + _FIRST_HOUR + place % self.an_hour / self.an_hour) * HOUR

    def version(self, number: int, t_s: float) -> Version:
        """Return the version of one of State's statements; before it was published, the first."""
        text = self.statements[number]
        return text.at(t_s) or text.versions[0]

    def altered(self, number: int, story: int, names: str = "") -> Carrier:
        """Return a story that is one of State's statements, as it was at the story's time, with a falsified number."""
        version = self.version(number, self.born_s(story))
        return self.tell(story, version.title, falsified(version.body, story), names or statement_url(number))


def number_at(t_s: float, place: int = 0) -> int:
    """Return the number of a story: the one at that place, from 1, in the hour of a time."""
    return (int(t_s // HOUR) - _FIRST_HOUR) * AN_HOUR + place


def falsified(body: tuple[str, ...], by: int) -> tuple[str, ...]:
    """Raise the last number of a text."""
    words = body[-1].split(" ")
    place = next(place for place, word in enumerate(words) if word.isdigit())
    words[place] = str(int(words[place]) + by)
    return (*body[:-1], " ".join(words))


class Claimant(Mirror):
    """Base of mirrors whose list names pages without their texts, so that each page has to be fetched."""

    kind = EndpointKind.LISTING
    an_hour = 20
    listed = 20
