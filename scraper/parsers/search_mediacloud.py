"""Adapter of the search of Media Cloud, which needs a key.

NOT TRIED LIVE: no machine on which this was written could reach the service, and there was no key. It follows the
official client `mediacloud` 4.4.0 (https://pypi.org/project/mediacloud/4.4.0/, read in December 2026): GET
`https://search.mediacloud.org/api/search/story-list` with `q`, `start` and `end` (days), `platform`
(`onlinenews-mediacloud`), `page_size` and the header `Authorization: Token KEY`; the answer has `stories` (title, url,
publish_date, media_name, language) and `pagination_token`, null on the last page. Only the first page is asked for.
`statewire doctor --online` tests it where it runs.
"""

from datetime import UTC
from urllib.parse import urlencode

from scraper.parsers.document import Document
from scraper.parsers.search_answers import SearchAnswer, SearchRequest, at_path, of_rows, read_json

_PLATFORM = "onlinenews-mediacloud"
_FIELDS = ("title", "publish_date", "media_name")


def url_of(endpoint: str, request: SearchRequest) -> str:
    """Return the URL that asks for the stories with a phrase."""
    fields = {
        "q": f'"{request.phrase}"',
        "start": f"{request.since.astimezone(UTC):%Y-%m-%d}",
        "end": f"{request.now.astimezone(UTC):%Y-%m-%d}",
        "platform": _PLATFORM,
        "page_size": request.limit,
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"


def read(document: Document) -> SearchAnswer:
    """Return the stories of an answer. Raise `DriftError` for any other one."""
    return of_rows(at_path(read_json(document), "stories"), "url", _FIELDS, document)
