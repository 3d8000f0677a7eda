"""Settings of a search source: its service, its key, its limits, and the paths in answers of any other one."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from scraper.config.choices import SearchService
from scraper.config.fields import File, PositiveCount, Seconds, Variable
from scraper.config.sections import SettingsModel, misfit

PHRASE: Final = "{phrase}"
"""Part of the URL of an endpoint for which the phrase is put in."""
_PATH = re.compile(r"[^.\s]{1,100}(?:\.[^.\s]{1,100}){0,9}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
_TEMPLATES = frozenset({SearchService.JSON, SearchService.FEED})


def _path(value: str) -> str:
    if not _PATH.fullmatch(value):
        raise ValueError("should be names of keys with dots between them, such as data.items")
    return value


def _header(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise ValueError("should be the name of a header such as X-Api-Key")
    return value


class SearchSettings(SettingsModel):
    """A search service, its key, and the limits that are kept."""

    service: SearchService
    """The service: gdelt, mediacloud, or for any other one the format of its answers, json or feed (RSS, Atom)."""
    key_env: Variable | None = None
    """The environment variable that holds the key of the service."""
    key_file: File | None = None
    """The file that holds the key, on its first line."""
    key_header: Annotated[str, AfterValidator(_header)] = "Authorization"
    """For json and feed: the header whose value is the key, with its scheme (Bearer) if the service wants one."""
    items: Annotated[str, AfterValidator(_path)] | None = None
    """For json: the path of the list of results in an answer, such as data.items. Left out: the answer is that list."""
    link: Annotated[str, AfterValidator(_path)] = "url"
    """For json: the path of the URL in a result."""
    queries_per_day: PositiveCount = 200
    """Requests to the service in a day (UTC); the queries of older statements wait for the next day."""
    results_per_query: Annotated[PositiveCount, Field(le=250)] = 25
    """Results of one answer whose pages are fetched; further ones are counted and left out."""
    gap_s: Seconds = 5.0
    """Seconds between two requests to the service, if `fetch.gap_s` does not ask for more."""

    @property
    def has_key(self) -> bool:
        """True if requests carry a key."""
        return self.key_env is not None or self.key_file is not None

    @model_validator(mode="after")
    def _fits_its_service(self) -> Self:
        if self.key_env and self.key_file:
            raise misfit("key_file", "the key comes from key_env already; leave out one of them")
        if self.service is SearchService.MEDIACLOUD and not self.has_key:
            raise misfit("service", "mediacloud needs a key: name where it is in key_env or key_file")
        if self.service is not SearchService.JSON and (self.items or self.link != "url"):
            raise misfit("items" if self.items else "link", "is for the service json only")
        return self


def endpoint_problem(settings: SearchSettings, url: str) -> tuple[str, str] | None:
    """Return the key and the problem of an endpoint's URL that does not fit its service, or None."""
    if (settings.service in _TEMPLATES) != (PHRASE in url):
        needs = "needs" if settings.service in _TEMPLATES else "builds its URLs itself, without"
        return "endpoints", f"the service {settings.service} {needs} {PHRASE} in the URL of the endpoint"
    if settings.has_key and not url.startswith("https:"):
        return "endpoints", "a key is sent over https only: the URL of the endpoint should begin with https://"
    return None
