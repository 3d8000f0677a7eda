"""Parser of a page whose links name standing pages: the pages of the same site that it links to."""

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers.build_item import limit_items, limit_problems
from scraper.parsers.document import Document
from scraper.parsers.elements import attr

NAME = "page-links"


def read(document: Document) -> Reading:
    """Return an item without title and text for each page that is linked; raise `DriftError` for a page without links.

    The text of a link is no title: it may be "Read more".
    """
    site = urls.site(document.url)
    found: dict[str, None] = {}
    for link in document.tree.iter("a"):
        url = urls.absolute(document.base, attr(link, "href") or "")
        if url and urls.site(url) == site and not urls.is_same(url, document.url):
            found.setdefault(urls.canonical(url))
    if not found:
        raise DriftError(document.url, "a page without links to pages of its site")
    problems: list[str] = []
    items = tuple(Item(url, "") for url in limit_items(list(found), problems, document.url))
    return Reading(NAME, items, problems=limit_problems(problems))
