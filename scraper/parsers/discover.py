"""What can be watched on a site, as one of its pages says, and the configuration for it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from scraper import urls
from scraper.errors import ParseError
from scraper.model import EndpointKind, Role
from scraper.parsers import feed
from scraper.parsers.document import Document, attr, one_line
from scraper.parsers.registry import PARSERS
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
_MAX_FEEDS = 10
_MAX_SITEMAPS = 5
_COMMENTS = re.compile(r"/comments/feed/?\Z|\bcomments?\b", re.IGNORECASE)
_HEADER_LINK = re.compile(r"<([^<>\s]{1,500})>\s{0,5};\s{0,5}rel=\"?https://api\.w\.org/\"?")
_ROUTE = re.compile(r"wp/v2/([a-z0-9_-]{2,40})/(\d{1,12})/?\Z")
# Routes that a site uses for other things than its articles.
_NO_ARTICLES = frozenset({"pages", "media", "users", "tags", "categories"})
_ROBOTS_SITEMAP = re.compile(r"^[ \t]{0,8}sitemap[ \t]{0,8}:[ \t]{0,8}(\S{1,500})", re.IGNORECASE | re.MULTILINE)
_YOAST = "yoast seo plugin"
_NAME = re.compile(r"[a-z0-9]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_HOST = re.compile(r"[a-z0-9.-]{1,253}")
# An address in numbers, or one label only.
_NO_DOMAIN = re.compile(r"\.\d+\Z|\A(?:www\.)?[^.]*\Z")
# A colon at the end would make a key of the address.
_PLAIN = re.compile(r"[A-Za-z0-9:/.?=&%~+,;@_-]+(?<!:)")
_MAX_LABEL_CHARS = 100
_MAX_URL_CHARS = 2_000


class Trial(NamedTuple):
    """What asking an endpoint once brought: how many items, of how many the whole text, and when the newest is of.

    `error` says why nothing could be read.
    """

    items: int = 0
    whole: int = 0
    newest: datetime | None = None
    error: str = ""


class FoundEndpoint(NamedTuple):
    """One way to ask a site: `label` is what the site calls it, `doubt` why it may be the wrong one."""

    kind: EndpointKind
    url: str
    label: str = ""
    doubt: str = ""
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What one page of a site says can be watched there, best first.

    `endpoints` holds what the page itself names; what is only usual on such sites has a `doubt`.
    """

    url: str
    title: str = ""
    language: str | None = None
    endpoints: tuple[FoundEndpoint, ...] = ()


def discover(capture: Capture, robots: str = "") -> Discovery:
    """Look at a page of a site (its front page, a section or an article), or at a feed of it.

    `robots` is the site's robots.txt where it was asked for; it names sitemaps. Nothing is fetched. Raises
    `HostileMarkupError` past the bounds.
    """
    document = Document(capture)
    if _is_feed(document):
        return named(document.url, EndpointKind.FEED)
    soup = document.soup
    title = attr(soup.find("meta", property="og:site_name"), "content") or one_line(soup.title)
    language = (attr(soup.html, "lang") or "").replace("_", "-")
    endpoints = [*_wordpress(document), *_feeds(document)]
    endpoints += _listing(document, beside=bool(endpoints))
    endpoints += _sitemaps(document, robots, beside=bool(endpoints))
    unique = {found.url: found for found in reversed(endpoints) if _is_fit(found.url)}
    return Discovery(
        document.url,
        normalize.clean(title)[:_MAX_LABEL_CHARS],
        language if _LANGUAGE.fullmatch(language) else None,
        tuple(found for found in endpoints if unique.get(found.url) is found),
    )


def named(url: str, kind: EndpointKind) -> Discovery:
    """What is to be watched where the address itself is that of an endpoint."""
    return Discovery(url, endpoints=(FoundEndpoint(kind, url, f"the {kind} that was named"),))


def trial_of(reading: Reading) -> Trial:
    """What an answer that could be read says of its endpoint."""
    dates = [item.published_at or item.modified_at for item in reading.items]
    return Trial(
        len(reading.items),
        sum(item.paragraphs is not None for item in reading.items),
        max(filter(None, dates), default=None),
    )


def ranked(discovery: Discovery) -> Discovery:
    """The same with the best first, as the trials say: whole texts before cut ones, what failed in doubt.

    Where nothing sure is left, what was in doubt but did answer is what there is.
    """
    judged = [_judged(found) for found in discovery.endpoints]
    if not any(not found.doubt for found in judged):
        judged = [found._replace(doubt="") if _answers(found) else found for found in judged]
    return Discovery(discovery.url, discovery.title, discovery.language, tuple(sorted(judged, key=_rank)))


def _judged(found: FoundEndpoint) -> FoundEndpoint:
    if found.trial is None or not found.trial.error:
        return found
    return found._replace(doubt=f"tried, and it failed: {found.trial.error}")


def _answers(found: FoundEndpoint) -> bool:
    return found.trial is not None and not found.trial.error


def _rank(found: FoundEndpoint) -> tuple[bool, int]:
    trial = found.trial
    if trial is None or trial.error:
        return bool(found.doubt), 3
    return bool(found.doubt), 0 if trial.whole == trial.items else 1 if trial.whole else 2


def name_of(url: str) -> str:
    """A name for a source: `https://www.harbour-gazette.example/x` is "harbour-gazette"."""
    labels = urls.host(url).removeprefix("www.").split(".")
    # An address in numbers has no domain at its end.
    own = labels if labels[-1].isdecimal() else labels[:-1] or labels
    return "-".join(_NAME.findall("-".join(own))) or "source"


def yaml_for(discovery: Discovery, name: str, role: Role = Role.MIRROR) -> str:
    """The lines of an entry under `sources:`, switched off, the doubtful ways commented out.

    Where the site names nothing, the page itself is what is left to watch.
    """
    sure = [found for found in discovery.endpoints if not found.doubt]
    doubtful = [found for found in discovery.endpoints if found.doubt]
    if not sure:
        sure = [FoundEndpoint(EndpointKind.PAGE, discovery.url, "nothing else was found: this one page, and no other")]
    lines = [
        f"# {_comment(discovery.title or urls.host(discovery.url))}",
        f"- name: {name}",
        f"  role: {role}",
        f"  # Try it with `statewire fetch {name}`, then switch it on.",
        "  enabled: false",
        "  every: 1h",
    ]
    if discovery.language:
        # Quoted: Norwegian's tag is YAML for false.
        lines.append(f'  language: "{discovery.language}"')
    if hosts := twins(found.url for found in sure):
        lines.append(f"  hosts: [{', '.join(hosts)}]")
    lines.append("  endpoints:")
    for found in sure:
        lines += [f"    # {remark}" for remark in _remarks(found.label, found.trial)]
        lines += [f"    - kind: {found.kind}", f"      url: {_scalar(found.url)}"]
    for found in doubtful:
        lines += [f"    # {remark}" for remark in _remarks(found.doubt, found.trial)]
        lines += [f"    # - kind: {found.kind}", f"    #   url: {_scalar(found.url)}"]
    return "".join(f"  {line}\n" for line in lines)


def twins(addresses: Iterable[str]) -> list[str]:
    """The same hosts with or without `www.`, to which sites like to redirect."""
    hosts = dict.fromkeys(urls.host(url) for url in addresses)
    others = (host.removeprefix("www.") if host.startswith("www.") else f"www.{host}" for host in hosts)
    return [twin for twin in others if twin not in hosts and _HOST.fullmatch(twin) and not _NO_DOMAIN.search(twin)]


def trial_words(trial: Trial) -> str:
    """A trial that went well in a few words: "20 items, all with whole texts, newest 2026-03-09"."""
    if trial.whole == trial.items:
        texts = "all with whole texts"
    else:
        texts = f"{trial.whole} with whole texts" if trial.whole else "no texts: each page is to be fetched"
    newest = f"newest {trial.newest:%Y-%m-%d}" if trial.newest else "no dates"
    return f"{trial.items} item{'' if trial.items == 1 else 's'}, {texts}, {newest}"


def _is_feed(document: Document) -> bool:
    if not document.text.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<rss", "<feed", "{")):
        return False
    try:
        return bool(feed.read(document).items)
    except ParseError:
        return False


def _wordpress(document: Document) -> Iterator[FoundEndpoint]:
    """The data interface: the collection that the page belongs to, else the posts."""
    soup = document.soup
    root = attr(soup.select_one("link[rel='https://api.w.org/']"), "href")
    if root is None:
        sent = _HEADER_LINK.search(document.capture.header("link") or "")
        root = sent.group(1) if sent else None
    root = urls.absolute(document.url, root) if root else None
    if root is None:
        return
    this = attr(soup.select_one("link[rel~=alternate][type='application/json']"), "href") or ""
    route = _ROUTE.search(dict(parse_qsl(urlsplit(this).query)).get("rest_route", "") or this)
    kind, number = route.groups() if route else ("posts", "")
    if kind in {"categories", "tags"}:
        together = "&" if "?" in root else "?"
        yield FoundEndpoint(
            EndpointKind.WORDPRESS, f"{root}wp/v2/posts{together}{kind}={number}", "the posts of this section"
        )
        yield FoundEndpoint(EndpointKind.WORDPRESS, f"{root}wp/v2/posts", doubt="all posts of the site")
    elif kind in _NO_ARTICLES or kind == "posts":
        yield FoundEndpoint(
            EndpointKind.WORDPRESS, f"{root}wp/v2/posts", "the site's data interface: exact, with whole texts"
        )
    else:
        yield FoundEndpoint(EndpointKind.WORDPRESS, f"{root}wp/v2/{kind}", "the collection that this page belongs to")


def _feeds(document: Document) -> Iterator[FoundEndpoint]:
    """The feeds that the page names: the first is the site's or the section's, the others are doubtful."""
    first = True
    for link in document.soup.select("link[rel~=alternate][type]", limit=_MAX_FEEDS * 5):
        form = _FEED_TYPES.get((attr(link, "type") or "").partition(";")[0].strip().lower())
        url = urls.absolute(document.url, attr(link, "href") or "")
        if form is None or url is None:
            continue
        label = normalize.clean(attr(link, "title") or form)
        if _COMMENTS.search(urls.path(url)) or _COMMENTS.search(label):
            continue
        yield (
            FoundEndpoint(EndpointKind.FEED, url, label)
            if first
            else FoundEndpoint(EndpointKind.FEED, url, label, f"another feed: {label}")
        )
        first = False


def _listing(document: Document, *, beside: bool) -> Iterator[FoundEndpoint]:
    """The page itself where it lists articles; `beside` better ways it is there in case they fail."""
    try:
        reading = PARSERS.choose(EndpointKind.LISTING, document).read(document)
    except ParseError:
        return
    label = "the list on this page"
    yield FoundEndpoint(
        EndpointKind.LISTING,
        document.url,
        label,
        f"{label}, should the others fail" if beside else "",
        trial_of(reading),
    )


def _sitemaps(document: Document, robots: str, *, beside: bool) -> Iterator[FoundEndpoint]:
    """The sitemaps that the site names, else the usual one; `beside` better ways they are a doubtful one."""
    hrefs = [attr(link, "href") or "" for link in document.soup.select("link[rel~=sitemap]", limit=_MAX_SITEMAPS)]
    hrefs += _ROBOTS_SITEMAP.findall(robots)[:_MAX_SITEMAPS]
    label = "every page of the site, each to be fetched for its text"
    for href in filter(None, hrefs):
        if url := urls.absolute(document.url, href):
            yield FoundEndpoint(EndpointKind.SITEMAP, url, label, label if beside else "")
    if not hrefs and (url := urls.absolute(document.url, f"/{_usual_sitemap(document)}")):
        yield FoundEndpoint(EndpointKind.SITEMAP, url, label, "a guess: sitemaps usually stand there")


def _usual_sitemap(document: Document) -> str:
    if _YOAST in document.text.lower():
        return "sitemap_index.xml"
    on_wordpress = document.soup.select_one("link[rel='https://api.w.org/']") is not None
    return "wp-sitemap.xml" if on_wordpress else "sitemap.xml"


def _is_fit(url: str) -> bool:
    """Whether the configuration takes this address: no blanks, no user, a port that is one, no endless one."""
    if len(url) > _MAX_URL_CHARS:
        return False
    parts = urlsplit(url)
    try:
        return parts.username is None and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        return False


def _remarks(words: str, trial: Trial | None) -> list[str]:
    said = [words, trial_words(trial) if trial and not trial.error else ""]
    return [_comment(remark) for remark in said if remark]


def _comment(written: str) -> str:
    return normalize.clean(written)[:_MAX_LABEL_CHARS]


def _scalar(url: str) -> str:
    """An address in YAML; `$` would begin the name of an environment variable."""
    url = url.replace("$", "%24")
    return url if _PLAIN.fullmatch(url) else json.dumps(url, ensure_ascii=False)
