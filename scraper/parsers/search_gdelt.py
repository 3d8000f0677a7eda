"""Adapter of the GDELT DOC 2.0 API, a search over online news.

NOT TRIED LIVE: no machine on which this was written could reach the service. It follows the documentation at
https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ (as of December 2026: `query` with a phrase in quotation marks,
`mode=artlist`, `format=json`, `maxrecords` up to 250, `startdatetime` and `enddatetime` as YYYYMMDDHHMMSS; stored
versions of the page name a window of three months, and later ones all news since January 2017) and the
fields that its Python client `gdeltdoc` 1.12.0 names (url, url_mobile, title, seendate, socialimage, domain, language,
sourcecountry; `{}` without results). `statewire doctor --online` tests it where it runs.

Limits of the service: one request in 5 s, and 429 beyond (its own words, quoted in
https://github.com/koala73/worldmonitor/issues/5843, July 2026); errors such as a phrase that is too short come as text
with status 200, which is no JSON and so counts as no answer. It searches English, into which it translates the rest.
"""

from datetime import UTC
from typing import Final
from urllib.parse import urlencode

from scraper.errors import DriftError
from scraper.parsers.document import Document
from scraper.parsers.search_answers import SearchAnswer, SearchRequest, of_rows, read_json

_MAX_RECORDS: Final = 250
_FIELDS = ("title", "seendate", "domain")


def url_of(endpoint: str, request: SearchRequest) -> str:
    """Return the URL that asks for the pages with a phrase, the newest first."""
    fields = {
        "query": f'"{request.phrase}"',
        "mode": "artlist",
        "format": "json",
        "sort": "datedesc",
        "maxrecords": min(request.limit, _MAX_RECORDS),
        "startdatetime": f"{request.since.astimezone(UTC):%Y%m%d%H%M%S}",
        "enddatetime": f"{request.now.astimezone(UTC):%Y%m%d%H%M%S}",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"


def read(document: Document) -> SearchAnswer:
    """Return the articles of an answer. Raise `DriftError` for any other one."""
    found = read_json(document)
    if not isinstance(found, dict):
        raise DriftError(document.url, "no object with articles in the answer")
    return of_rows(found.get("articles", []), "url", _FIELDS, document)
