"""Parser of WordPress REST responses (lists of posts, single posts, whole texts), and the URLs that request them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scraper import urls
from scraper.errors import DriftError, ParseError
from scraper.model import Item, Reading
from scraper.parsers import dates, vocabulary
from scraper.parsers.build_item import (
    MAX_BODY_TAGS,
    absence_of,
    build,
    derived_guid,
    item_url,
    limit_items,
    limit_problems,
    read_body,
)
from scraper.parsers.document import Document, number, unicode_only
from scraper.parsers.elements import check
from scraper.parsers.html_text import line
from scraper.rules import state_hosts
from scraper.text.normalize import count

NAME = "wordpress"
# The fields of a post that are read; a hundred whole posts take most of a megabyte.
FIELDS = "id,type,status,link,guid,title,content,date_gmt,modified_gmt,class_list"
_MAX_ANSWER_TAGS = 600_000
_TYPES = {"state_briefing": "Department Press Briefing", "state_report": "Report", "state_biography": "Biography"}
_TYPE_CLASS, _COUNTRY_CLASS = "state_document_type-", "state_countries_and_areas-"


def read(document: Document) -> Reading:
    """Read all posts of a response; skip posts that are not public.

    Raises `ParseError` for a body that is not JSON and for WordPress's own errors (with code and message),
    `DriftError` for an empty list that should not be empty and for posts without the fields of posts.
    """
    posts = _posts(document)
    problems: list[str] = []
    items = []
    budget = MAX_BODY_TAGS
    for place, post in enumerate(limit_items(posts, problems, document.url), start=1):
        if _text(post, "status") not in {"", "publish"}:
            continue
        url = item_url(document.url, _text(post, "link"), problems)
        title = line(_text(post, "title", "rendered"))
        if not title or not url or not _text(post, "link"):
            problems.append(f"post {place} ({_id(post) or 'no id'}) has no {'URL' if title else 'title'}")
            continue
        html = _text(post, "content", "rendered")
        budget -= html.count("<")
        given = _item_fields(post, urls.canonical(url), title)
        dated = dates.parse_iso_date(_text(post, "date_gmt"))
        body = read_body(html, url, problems, in_budget=budget >= 0)
        given = replace(given, absence=absence_of(html, body) if "content" in post else None)
        items.append(build(given, dated, body, document, problems))
    if posts and not items and problems:
        raise DriftError(document.url, f"{count(len(posts), 'post')}, none with title and URL ({problems[0]})")
    if not posts and not _may_be_empty(document.url):
        raise DriftError(document.url, "an empty list where posts are expected")
    return Reading(
        NAME,
        tuple(items),
        clock=max((item.modified_at for item in items if item.modified_at), default=None),
        next_url=_next_url(document),
        problems=limit_problems(problems),
    )


def first_url(url: str, since_iso: str | None, per_page: int, *, by: str = "date") -> str:
    """Return the URL of the first page of a collection, newest first; with `since_iso` only posts modified after it.

    `by` is the time that orders the posts: `date` of publication, or `modified`.
    """
    parameters = {"per_page": str(per_page), "orderby": by, "order": "desc", "_fields": FIELDS}
    if since_iso:
        parameters |= {"orderby": "modified", "modified_after": since_iso}
    return _with_query(url, parameters)


def post_url(collection: str, guid: str) -> str | None:
    """Return the URL of one post of a collection by the number in its guid; None for a guid of another site or type.

    A guid reads `https://HOST/?post_type=TYPE&p=NUMBER`, of plain posts `?p=NUMBER`, of pages `?page_id=NUMBER`.
    """
    named = _query(guid)
    value = named.get("p") or named.get("page_id") or ""
    kind = named.get("post_type") or ("posts" if "p" in named else "pages")
    path = urlsplit(collection).path.rstrip("/")
    if number(value) is None or state_hosts.site_of(guid) != state_hosts.site_of(collection):
        return None
    if path.rpartition("/")[2] != kind:
        return None
    single = urlsplit(collection)._replace(path=f"{path}/{number(value)}", query="", fragment="")
    return _with_query(urlunsplit(single), {"_fields": FIELDS})


def _posts(document: Document) -> list[dict[str, Any]]:
    check(document.text, document.url, _MAX_ANSWER_TAGS)
    if document.text.lstrip().startswith("<"):
        raise ParseError(document.url, "markup instead of JSON")
    try:
        answer = json.loads(document.text)
    except (ValueError, RecursionError) as broken:
        raise ParseError(document.url, f"not JSON ({broken})") from broken
    if isinstance(answer, dict) and "id" not in answer:
        code, message = answer.get("code", "no code"), answer.get("message", "no message")
        raise ParseError(document.url, f"WordPress answers {code}: {message}")
    posts = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(post, dict) for post in posts):
        raise ParseError(document.url, "JSON, but without posts")
    return posts


def _item_fields(post: dict[str, Any], url: str, title: str) -> Item:
    guid = urls.canonical_guid(_text(post, "guid", "rendered"))
    post_id = _id(post)
    derived = derived_guid(_text(post, "type") or None, post_id, url) if post_id else None
    classes = post.get("class_list")
    # PHP encodes a list with gaps as an object.
    classes = list(classes.values()) if isinstance(classes, dict) else classes if isinstance(classes, list) else []
    labels = [label for label in classes if isinstance(label, str)]
    kinds = [vocabulary.TYPE_BY_SLUG.get(c.removeprefix(_TYPE_CLASS)) for c in labels if c.startswith(_TYPE_CLASS)]
    countries = [
        vocabulary.COUNTRY_BY_SLUG.get(c.removeprefix(_COUNTRY_CLASS)) for c in labels if c.startswith(_COUNTRY_CLASS)
    ]
    modified = dates.parse_iso_date(_text(post, "modified_gmt"))
    return Item(
        url=url,
        title=title,
        guid=guid or derived,
        guid_derived=not guid and derived is not None,
        type=next(filter(None, kinds), None) or _TYPES.get(_text(post, "type")),
        modified_at=modified.at if modified else None,
        countries=tuple(filter(None, countries)),
    )


def _next_url(document: Document) -> str | None:
    pages = number(document.capture.header("x-wp-totalpages") or "")
    page = number(_query(document.url).get("page", "")) or 1
    if pages is None or page >= pages:
        return None
    return _with_query(document.url, {"page": str(page + 1)})


def _may_be_empty(url: str) -> bool:
    query = _query(url)
    return query.get("page", "1") != "1" or not query.keys().isdisjoint(
        {"after", "modified_after", "before", "modified_before", "search", "slug", "offset"}
    )


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _with_query(url: str, parameters: dict[str, str]) -> str:
    parts = urlsplit(url)
    remaining = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*remaining, *parameters.items()], safe=",:/")))


def _text(post: dict[str, Any], *path: str) -> str:
    value: Any = post
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return unicode_only(value) if isinstance(value, str) else ""


def _id(post: dict[str, Any]) -> str:
    """Return the post's number as digits; empty if it is not a number."""
    value = post.get("id")
    found = number(str(value)) if isinstance(value, int | str) else None
    return "" if found is None else str(found)
