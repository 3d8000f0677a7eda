"""Discovery of the endpoints that one page of a site names, and the entry under `sources:` for them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from scraper import urls
from scraper.errors import ParseError
from scraper.model import EndpointKind, Role
from scraper.parsers import feed, read_as
from scraper.parsers.document import Document
from scraper.parsers.elements import attr, first, one_line
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from scraper.model import Capture, Reading

_FEED_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
}
_API = "https://api.w.org/"
_MAX_FEEDS = 10
_MAX_SITEMAPS = 5
_COMMENTS = re.compile(r"/comments/feed/?\Z|\bcomments?\b", re.IGNORECASE)
_HEADER_LINK = re.compile(r"<([^<>\s]{1,500})>\s{0,5};\s{0,5}rel=\"?https://api\.w\.org/\"?")
_ROUTE = re.compile(r"wp/v2/([a-z0-9_-]{2,40})/(\d{1,12})/?\Z")
# Routes that hold other things than the articles of a site.
_NO_ARTICLES = frozenset({"pages", "media", "users", "tags", "categories"})
_ROBOTS_SITEMAP = re.compile(r"^[ \t]{0,8}sitemap[ \t]{0,8}:[ \t]{0,8}(\S{1,500})", re.IGNORECASE | re.MULTILINE)
_YOAST = "yoast seo plugin"
_NAME = re.compile(r"[a-z0-9]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_HOST = re.compile(r"[a-z0-9.-]{1,253}")
# An IP address, or one label only.
_NO_DOMAIN = re.compile(r"\.\d+\Z|\A(?:www\.)?[^.]*\Z")
# A URL with a colon at its end would be a key in YAML.
_PLAIN = re.compile(r"[A-Za-z0-9:/.?=&%~+,;@_-]+(?<!:)")
_MAX_LABEL_CHARS = 100
_MAX_URL_CHARS = 2_000


class Trial(NamedTuple):
    """Result of one request to an endpoint: number of items, number of whole texts, date of the newest item.

    `error` is the reason if nothing could be read.
    """

    items: int = 0
    whole: int = 0
    newest: datetime | None = None
    error: str = ""


class FoundEndpoint(NamedTuple):
    """Endpoint of a site: `label` describes it, `doubt` is the reason why it may be the wrong one."""

    kind: EndpointKind
    url: str
    label: str = ""
    doubt: str = ""
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """Endpoints of a site that one of its pages names, best first.

    An endpoint that the page does not name, and that is only usual on such sites, has a `doubt`.
    """

    url: str
    title: str = ""
    language: str | None = None
    endpoints: tuple[FoundEndpoint, ...] = ()


def discover(capture: Capture, robots: str = "") -> Discovery:
    """Find the endpoints that a page of a site (front page, section or article) names; a feed is its own endpoint.

    `robots` is the text of the site's robots.txt if the caller has it; it names sitemaps. Sends no request.
    Raises `HostileMarkupError` for a page past the limits.
    """
    document = Document(capture)
    if _is_feed(document):
        return named(document.url, EndpointKind.FEED)
    title = document.open_graph("site_name") or one_line(first(document.tree, "title"))
    language = (attr(document.tree, "lang") or "").replace("_", "-")
    endpoints = [*_wordpress(document), *_feeds(document)]
    endpoints += _listing(document, has_better=bool(endpoints))
    endpoints += _sitemaps(document, robots, has_better=bool(endpoints))
    unique = {found.url: found for found in reversed(endpoints) if _is_accepted(found.url)}
    return Discovery(
        document.url,
        normalize.clean(title)[:_MAX_LABEL_CHARS],
        language if _LANGUAGE.fullmatch(language) else None,
        tuple(found for found in endpoints if unique.get(found.url) is found),
    )


def named(url: str, kind: EndpointKind) -> Discovery:
    """Return the discovery of a URL that is itself an endpoint."""
    return Discovery(url, endpoints=(FoundEndpoint(kind, url, f"the given {kind}"),))


def trial_of(reading: Reading) -> Trial:
    """Summarize a reading as the trial of its endpoint."""
    dates = [item.published_at or item.modified_at for item in reading.items]
    return Trial(
        len(reading.items),
        sum(item.paragraphs is not None for item in reading.items),
        max(filter(None, dates), default=None),
    )


def rank(discovery: Discovery) -> Discovery:
    """Return the discovery sorted by its trials: whole texts before cut ones; failed endpoints become doubtful.

    If all endpoints are doubtful, those that could be read lose their doubt.
    """
    judged = []
    for found in discovery.endpoints:
        error = found.trial.error if found.trial else ""
        judged.append(found._replace(doubt=f"tried without success: {error}") if error else found)
    if all(found.doubt for found in judged):
        judged = [found._replace(doubt="") if found.trial and not found.trial.error else found for found in judged]
    return replace(discovery, endpoints=tuple(sorted(judged, key=_rank)))


def _rank(found: FoundEndpoint) -> tuple[bool, int]:
    trial = found.trial
    if trial is None or trial.error:
        return bool(found.doubt), 3
    return bool(found.doubt), 0 if trial.whole == trial.items else 1 if trial.whole else 2


def name_of(url: str) -> str:
    """Return a name for a source from its URL: "harbour-gazette" for `https://www.harbour-gazette.example/x`."""
    labels = urls.host(url).removeprefix("www.").split(".")
    # An IP address has no top-level domain to leave out.
    own = labels if labels[-1].isdecimal() else labels[:-1] or labels
    return "-".join(_NAME.findall("-".join(own))) or "source"


def yaml_for(discovery: Discovery, name: str, role: Role = Role.MIRROR, *, enabled: bool = False) -> str:
    """Return the lines of an entry under `sources:`, with the doubtful endpoints commented out.

    If the site names no endpoint, the page itself is the only one.
    """
    sure = [found for found in discovery.endpoints if not found.doubt]
    doubtful = [found for found in discovery.endpoints if found.doubt]
    if not sure:
        sure = [FoundEndpoint(EndpointKind.PAGE, discovery.url, "nothing else was found: only this page is polled")]
    lines = [
        f"# {_comment(discovery.title or urls.host(discovery.url))}",
        f"- name: {name}",
        f"  role: {role}",
    ]
    if not enabled:
        lines += [f"  # Try it with `statewire fetch {name}`, then enable it.", "  enabled: false"]
    lines.append("  every: 1h")
    if discovery.language:
        # Quoted, because the tag of Norwegian (`no`) is false in YAML.
        lines.append(f'  language: "{discovery.language}"')
    if hosts := www_variants(found.url for found in sure):
        lines.append(f"  hosts: [{', '.join(hosts)}]")
    lines.append("  endpoints:")
    for found in sure + doubtful:
        off = "# " if found.doubt else ""
        lines += [f"    # {remark}" for remark in _remarks(found)]
        lines += [f"    {off}- kind: {found.kind}", f"    {off}  url: {_scalar(found.url)}"]
    return "".join(f"  {line}\n" for line in lines)


def www_variants(page_urls: Iterable[str]) -> list[str]:
    """Return the hosts of the URLs with `www.` added or removed: sites often redirect between the two."""
    hosts = dict.fromkeys(urls.host(url) for url in page_urls)
    others = (host.removeprefix("www.") if host.startswith("www.") else f"www.{host}" for host in hosts)
    return [twin for twin in others if twin not in hosts and _HOST.fullmatch(twin) and not _NO_DOMAIN.search(twin)]


def _is_feed(document: Document) -> bool:
    if not document.text.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<rss", "<feed", "{")):
        return False
    try:
        return bool(feed.read(document).items)
    except ParseError:
        return False


def _wordpress(document: Document) -> Iterator[FoundEndpoint]:
    """Yield the REST collection that the page belongs to, else that of the posts."""
    root = next((attr(link, "href") for link in document.links(_API)), None)
    if root is None:
        sent = _HEADER_LINK.search(document.capture.header("link") or "")
        root = sent.group(1) if sent else None
    root = urls.absolute(document.base, root) if root else None
    if root is None:
        return
    formats = (link for link in document.links("alternate") if attr(link, "type") == "application/json")
    this = attr(next(formats, None), "href") or ""
    route = _ROUTE.search(dict(parse_qsl(urlsplit(this).query)).get("rest_route", "") or this)
    kind, number = route.groups() if route else ("posts", "")
    posts = FoundEndpoint(EndpointKind.WORDPRESS, f"{root}wp/v2/posts")
    if kind in {"categories", "tags"}:
        section = f"{posts.url}{'&' if '?' in root else '?'}{kind}={number}"
        yield posts._replace(url=section, label="the posts of this section")
        yield posts._replace(doubt="all posts of the site")
    elif kind in _NO_ARTICLES or kind == "posts":
        yield posts._replace(label="the site's REST API: exact, with whole texts")
    else:
        yield posts._replace(url=f"{root}wp/v2/{kind}", label="the collection that this page belongs to")


def _feeds(document: Document) -> Iterator[FoundEndpoint]:
    """Yield the feeds that the page names: the first is the site's or the section's, the others are doubtful."""
    doubt = ""
    typed = (link for link in document.links("alternate") if attr(link, "type") is not None)
    for link in islice(typed, _MAX_FEEDS * 5):
        form = _FEED_TYPES.get((attr(link, "type") or "").partition(";")[0].strip().lower())
        url = urls.absolute(document.base, attr(link, "href") or "")
        if form is None or url is None:
            continue
        label = normalize.clean(attr(link, "title") or form)
        if _COMMENTS.search(urls.path(url)) or _COMMENTS.search(label):
            continue
        yield FoundEndpoint(EndpointKind.FEED, url, label, doubt and f"{doubt}: {label}")
        doubt = "another feed"


def _listing(document: Document, *, has_better: bool) -> Iterator[FoundEndpoint]:
    """Yield the page itself if it lists articles; if there are better endpoints, as a doubtful fallback."""
    try:
        reading = read_as(EndpointKind.LISTING, document)
    except ParseError:
        return
    label = "the list on this page"
    doubt = f"{label}, if the others fail" if has_better else ""
    yield FoundEndpoint(EndpointKind.LISTING, document.url, label, doubt, trial_of(reading))


def _sitemaps(document: Document, robots: str, *, has_better: bool) -> Iterator[FoundEndpoint]:
    """Yield the sitemaps that the site names, else a guess; all are doubtful if there are better endpoints."""
    hrefs = [attr(link, "href") or "" for link in document.links("sitemap")[:_MAX_SITEMAPS]]
    hrefs += _ROBOTS_SITEMAP.findall(robots)[:_MAX_SITEMAPS]
    label = "all pages of the site; each is fetched for its text"
    for href in filter(None, hrefs):
        if url := urls.absolute(document.base, href):
            yield FoundEndpoint(EndpointKind.SITEMAP, url, label, label if has_better else "")
    if not hrefs and (url := urls.absolute(document.url, f"/{_usual_sitemap(document)}")):
        yield FoundEndpoint(EndpointKind.SITEMAP, url, label, "a guess: the usual place of a sitemap")


def _usual_sitemap(document: Document) -> str:
    if _YOAST in document.text.lower():
        return "sitemap_index.xml"
    on_wordpress = bool(document.links(_API))
    return "wp-sitemap.xml" if on_wordpress else "sitemap.xml"


def _is_accepted(url: str) -> bool:
    """Return True if the configuration accepts this URL: not too long, no blanks, no user, a valid port."""
    if len(url) > _MAX_URL_CHARS:
        return False
    parts = urlsplit(url)
    try:
        return parts.username is None and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        return False


def _remarks(found: FoundEndpoint) -> Iterator[str]:
    """Yield the comments above an endpoint; of a trial: "20 items, all with whole texts, newest 2026-03-09"."""
    if words := found.doubt or found.label:
        yield _comment(words)
    trial = found.trial
    if trial and not trial.error:
        some = f"{trial.whole} with whole texts, the pages of the others are fetched"
        texts = some if trial.whole else "no whole texts: each page is fetched"
        texts = "all with whole texts" if trial.whole == trial.items else texts
        newest = f"newest {trial.newest:%Y-%m-%d}" if trial.newest else "no dates"
        yield _comment(f"{normalize.count(trial.items, 'item')}, {texts}, {newest}")


def _comment(text: str) -> str:
    return normalize.clean(text)[:_MAX_LABEL_CHARS]


def _scalar(url: str) -> str:
    """Return a URL as a YAML scalar, without `$`, which begins the name of an environment variable."""
    url = url.replace("$", "%24")
    return url if _PLAIN.fullmatch(url) else json.dumps(url, ensure_ascii=False)
