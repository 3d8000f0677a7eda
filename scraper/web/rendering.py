"""Rendering of pages: the templates, their filters, and the files that they use (style sheet and scripts).

All text is escaped by the templates. Nothing is loaded from another host: the policy in the head of each page forbids
it, in files as well.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, Final

import jinja2
from markupsafe import Markup

from scraper import page_paths, urls
from scraper.alerts.format import NBSP, duration, host, linkable, one_line, safe_block, sentence, url_label
from scraper.clock import format_interval
from scraper.model import Grade, Precision
from scraper.serialize import format_utc
from scraper.text.normalize import count, paragraphs
from scraper.web import health
from scraper.web.page import NotFoundError, PageRequest, Response, root_of

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'"
)
"""Content Security Policy of every page: nothing from other hosts, no inline script, no inline style."""
HEADERS: Final = (
    ("content-security-policy", f"{POLICY}; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
)
"""Headers of every response."""

DATA_STYLE: Final = "data.css"
"""The style sheet of Datasette's pages, which the static site does not have."""

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_ASSET = re.compile(r"assets/([a-z-]+)\.([0-9a-f]{12})\.([a-z]+)")
NAVIGATION = (
    ("", "Today"),
    ("changed/", "Changed"),
    ("copied/", "Copies"),
    ("outlets/", "Outlets"),
    ("phrase/", "Phrases"),
    (page_paths.TRACE, "Is this State’s?"),
    (page_paths.SOURCES, "Sources"),
)
_LIVE_ONLY = frozenset({page_paths.TRACE})


def render(request: PageRequest, template: str, /, *, title: str, status: int = 200, **values: Any) -> Response:
    """Return a page from a template, which extends `base.html.j2`; `title` is that of its tab."""
    navigation = [item for item in NAVIGATION if request.is_live or item[0] not in _LIVE_ONLY]
    html = (
        _environment()
        .get_template(template)
        .render(
            request=request,
            root=request.root,
            title=title,
            navigation=navigation,
            policy=POLICY,
            health=health.line(request),
            **values,
        )
    )
    return Response(html, status=status)


@dataclass(frozen=True, slots=True)
class _Place:
    """All that the frame of a page needs of a request, where no database can be read."""

    path: str
    is_live: bool = True


def render_error(path: str, *, status: int, title: str, problem: str) -> Response:
    """Return a page that says in one sentence what failed or is refused, without the database."""
    values = {"root": root_of(path), "title": title, "navigation": NAVIGATION, "policy": POLICY, "problem": problem}
    html = _environment().get_template("error.html.j2").render(request=_Place(path), **values)
    return Response(html, status=status)


def render_standalone(template: str, /, **values: Any) -> str:
    """Return a document that needs no other file: the style sheet is in it, and no script and no other host."""
    style = assets()["style.css"].decode()
    policy = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
    return _environment().get_template(template).render(style=Markup(style), policy=policy, **values)  # noqa: S704


def asset(request: PageRequest) -> Response:
    """Return a style sheet or script; its path has a hash of its content, so that browsers may keep it for ever."""
    found = _ASSET.fullmatch(request.path)
    if found is None or (name := f"{found[1]}.{found[3]}") not in assets() or asset_path(name) != request.path:
        raise NotFoundError("There is no such file.")
    keep = (("cache-control", "public, max-age=31536000, immutable"),)
    return Response(assets()[name], _TYPES[found[3]], headers=keep)


@cache
def assets() -> dict[str, bytes]:
    """Return the content of each style sheet and script, by name."""
    folder = resources.files("scraper.web") / "assets"
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rpartition(".")[2] in _TYPES}


@cache
def asset_path(name: str) -> str:
    """Return the path of a style sheet or script."""
    stem, _, ending = name.rpartition(".")
    return f"assets/{stem}.{sha256(assets()[name]).hexdigest()[:12]}.{ending}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scraper.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "counted": count,
        "duration": duration,
        "host": host,
        "capital": lambda text: text[:1].upper() + text[1:],
        "coded": coded,
        "interval": lambda length: format_interval(length).replace(" ", NBSP),
        "line": one_line,
        "linkable": linkable,
        "paragraphs": lambda text: paragraphs(safe_block(text)),
        "percent": percent,
        "sentence": sentence,
        "site": lambda host: urls.ascii_host(one_line(host)),
        "time": time_tag,
        "until": span_tag,
        "url_label": url_label,
        "utc": format_utc,
    }
    environment.globals |= {"asset": asset_path, "paths": page_paths, "tag": tag}
    return environment


def percent(share: float | None) -> str:
    """Return a share as whole per cent; never 100% for less than all, nor 0% for more than nothing."""
    if share is None:
        return "–"
    rounded = round(share * 100)
    if rounded == 100 and share < 1:
        return "99%"
    return "< 1%" if rounded == 0 and share > 0 else f"{rounded}%"


def coded(advice: str) -> Markup:
    """Return a text of ours with its passages between backticks as code."""
    parts = enumerate(advice.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if index % 2 else part for index, part in parts)


def time_tag(moment: datetime | None, precision: Precision | None = None, form: str = "long") -> Markup:
    """Return a time in UTC as an element, as exactly as it is known: `12 May 2026, 14:52 UTC`; "no date" for None.

    `form` is long, day (without the time of day) or clock (the time of day alone).
    """
    if moment is None:
        return Markup("no date")
    at = moment.astimezone(UTC)
    if precision is Precision.MONTH:
        return Markup('<time datetime="{:%Y-%m}">{} {}</time>').format(at, f"{at:%B}", at.year)
    day = f"{at.day} {at:%B} {at.year}"
    if precision is Precision.DAY or form == "day":
        return Markup('<time datetime="{:%Y-%m-%d}">{}</time>').format(at, day)
    shown = f"{at:%H:%M}" if form == "clock" else f"{day}, {at:%H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(format_utc(at), shown)


def span_tag(since: datetime, until: datetime) -> Markup:
    """Return a span of time as two elements: `12 May 2026, 15:00 – 15:40 UTC`; the day twice if it ends on another.

    A span that ends in the minute in which it begins is one time.
    """
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    if f"{start:%F %H:%M}" == f"{end:%F %H:%M}":
        return time_tag(start)
    if start.date() != end.date():
        return Markup("{} – {}").format(time_tag(start), time_tag(end))
    clock = Markup('<time datetime="{}">{}</time>')
    first = clock.format(format_utc(start), f"{start.day} {start:%B} {start.year}, {start:%H:%M}")
    return Markup("{} – {}").format(first, clock.format(format_utc(end), f"{end:%H:%M} UTC"))


_COLOURS: Final = {
    Grade.MATERIAL: "alarm",
    Grade.MINOR: "caution",
    Grade.COSMETIC: "plain",
    "altered": "alarm",
    "withdrawn": "alarm",
    "unsourced": "alarm",
    "outdated": "caution",
    "verbatim": "good",
    "excerpt": "good",
    "restored": "good",
    "well": "good",
    "blocked": "alarm",
    "broken": "alarm",
    "drifted": "alarm",
    "fallback": "caution",
    "silent": "caution",
    "late": "caution",
}


def tag(word: str, colour: str = "") -> Markup:
    """Return a word such as a grade or a relation as a tag, in its own colour if none is given."""
    return Markup('<span class="tag {}">{}</span>').format(colour or _COLOURS.get(word, "plain"), word)
