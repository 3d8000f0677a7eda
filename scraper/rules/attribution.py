"""Rules that find the author and the publishers that a page names for its text, in wording, links and title (pure).

An attribution is a claim to check, never proof: a real site published last year's text with this year's URL.
The phrases are those that republishers of State's statements were seen to use.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from scraper import urls
from scraper.rules import attribution_patterns as forms
from scraper.rules import state_hosts
from scraper.text import normalize as wording

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

# A hostile page repeats a phrase a million times; an honest one has it once or, in a roundup, a few times.
_MAX_HITS = 50
_MAX_LINKS = 1_000
_MAX_LINE_CHARS = 400
_MAX_NAME_CHARS = 80

_URL_TAIL = ".,;:!?'’*_"
_CUT = ("…", "...")
_LISTS = frozenset({"", "press-releases", "briefings", "public-schedule", "rss-feeds", "feed"})


class Strength(IntEnum):
    """Weight of a piece of evidence: from `FAIR` on, the page claims the Department as its author.

    `NEUTRAL` names another publisher, or none; `WEAK` is a mention (a link in running text); `FAIR` a form
    that is rarely used for anything else; `STRONG` an explicit statement in words or in metadata.
    """

    NEUTRAL = 0
    WEAK = 1
    FAIR = 2
    STRONG = 3


class EvidenceKind(StrEnum):
    """Form of a piece of evidence. Of two that are equally strong, the one named first gives the better URL."""

    PUBLISHED_AT = "published-at"
    ORIGINALLY = "originally-published"
    SOURCE = "source"
    FULL_VIEW = "full-view"
    CANONICAL = "canonical"
    PUBLISHED_BY = "published-by"
    RELEASED = "released"
    MAILING = "mailing"
    DISTRIBUTOR = "distributor"
    SPOKESPERSON = "spokesperson"
    TITLE = "title"
    BYLINE = "byline"
    OFFICE = "office"
    LINK = "link"


_NAMING = ((EvidenceKind.PUBLISHED_AT, forms.PUBLISHED_AT), (EvidenceKind.SOURCE, forms.SOURCE))
_RANK = {kind: rank for rank, kind in enumerate(EvidenceKind)}


class PageLink(NamedTuple):
    """A link on a page: its absolute URL and its text as one line."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence for the origin of a page's text.

    `quote` is its wording as one line; `span` its place in the text (character offsets, end excluded), None outside
    of the text. `url` is the state.gov URL that it names, `via` the other publisher.
    """

    kind: EvidenceKind
    strength: Strength
    quote: str
    span: tuple[int, int] | None = None
    url: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """All statements of a page about its origin, the strongest evidence first.

    `claimed_urls` are the state.gov URLs that it gives for its text, best first; `via` the publishers that it names as
    sources, each by its site if the page gives a URL of it, else by name.
    """

    evidence: tuple[Evidence, ...] = ()
    claimed_urls: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    claims_department: bool = False


def find_attribution(
    text: str,
    links: Sequence[PageLink] = (),
    *,
    canonical: str | None = None,
    title: str | None = None,
    byline: str | None = None,
    host: str = "",
) -> Attribution:
    """Collect the evidence of a page's origin. `text` is all of its text, one line or more for each paragraph.

    `host` is the page's own, which is never named as a publisher in `via`. The time is linear in the length of the
    text; only the first 50 matches of each form are used.
    """
    links = links[:_MAX_LINKS]
    low = text.lower()
    found = [*_naming(text, low, links, host), *_full_views(text, low, links)]
    found += [*_authored(text, low), *_sent(text, low), *_signed(text, low)]
    found += _beside(links, canonical, title, byline, host)
    named = {one.url for one in found if one.url}
    found += [one for one in _mentions(text, low, links) if one.url not in named]
    found.sort(key=lambda one: (-one.strength, _RANK[one.kind], one.span or (0, 0)))
    claimed = any(one.strength >= Strength.FAIR for one in found)
    return Attribution(
        evidence=tuple(found),
        claimed_urls=_named_urls(found) if claimed else (),
        via=_publishers(found, host),
        claims_department=claimed,
    )


def bare_title(title: str) -> str:
    """Strip the name of the Department's site ("… – United States Department of State") from a title."""
    return forms.TITLE_SUFFIX.sub("", title.rstrip()).rstrip()


def _naming(text: str, low: str, links: Sequence[PageLink], host: str) -> Iterator[Evidence]:
    """Find phrases that are followed by a URL or a name."""
    named = [(kind, hit) for kind, form in _NAMING for hit in _hits(form, text, low)]
    originally = list(_hits(forms.ORIGINALLY, text, low))
    if named or originally:
        # A page's links to its own pages do not say where another publisher is.
        own = state_hosts.site_of(f"https://{host}/")
        links = [link for link in links if _on_state(link.url) or state_hosts.site_of(link.url) != own]
    for kind, hit in named:
        yield _pointing(kind, text, hit.start(), hit.end(), links)
    for hit in originally:
        start = text.rfind("\n", max(0, hit.start() - _MAX_NAME_CHARS), hit.start()) + 1
        label = start or hit.start() <= _MAX_NAME_CHARS
        before = text[start : hit.start()] if label else ""
        start = start if label and not forms.NAME_END.search(before) else hit.start()
        yield _pointing(EvidenceKind.ORIGINALLY, text, start, hit.end(), links, before.strip())


def _full_views(text: str, low: str, links: Sequence[PageLink]) -> Iterator[Evidence]:
    """Find the links of mails to their full text; the URL is written out or that of a link called "here"."""
    for hit in _hits(forms.FULL_VIEW, text, low):
        line_start, line_end = _line(text, hit.start())
        whole = text.startswith(forms.PUBLIC_RELEASE, line_start)
        here = (link.url for link in links if forms.HERE.fullmatch(link.text) and _on_state(link.url))
        written = forms.URL.search(text, hit.end(), line_end)
        url = _statement(_whole(written)) if written else next(here, None)
        span = (line_start, line_end) if whole else (hit.start(), _end(written) if written else hit.end())
        yield _evidence(EvidenceKind.FULL_VIEW, Strength.STRONG if url else Strength.NEUTRAL, text, span, url=url)


def _authored(text: str, low: str) -> Iterator[Evidence]:
    """Find phrases that name the Department as the publisher."""
    for hit in _hits(forms.PUBLISHED_BY, text, low):
        author = forms.AUTHOR.match(text, hit.end())
        # "… was released by the Department of State and the Ministry" is how a joint statement itself begins.
        if author and not forms.AND.match(text, author.end()):
            rest = forms.REPRODUCED.match(text, author.end())
            span = (hit.start(), rest.end() if rest else author.end())
            yield _evidence(EvidenceKind.PUBLISHED_BY, Strength.STRONG, text, span)
    for hit in _hits(forms.RELEASED, text, low):
        start = _line(text, hit.start())[0]
        dateline = forms.DATELINE.fullmatch(text, start, hit.start())
        span = (start if dateline else hit.start(), hit.end())
        yield _evidence(EvidenceKind.RELEASED, Strength.STRONG, text, span, via=dateline[1] if dateline else None)


def _sent(text: str, low: str) -> Iterator[Evidence]:
    """Find phrases of mailings and of services that distribute the texts of others."""
    for hit in _hits(forms.MAILING, text, low):
        rest = forms.MAILING_REST.match(text, hit.end())
        end = rest.end() if rest else hit.end()
        yield _evidence(EvidenceKind.MAILING, Strength.STRONG, text, (hit.start(), end))
        if at := forms.MAIL_TIME.search(text, end, end + _MAX_LINE_CHARS):
            yield _evidence(EvidenceKind.MAILING, Strength.NEUTRAL, text, at.span())
    for hit in _hits(forms.DISTRIBUTED, text, low):
        author = forms.AUTHOR.match(text, hit.end())
        span = (hit.start(), author.end() if author else _line(text, hit.end())[1])
        strength = Strength.STRONG if author else Strength.NEUTRAL
        yield _evidence(EvidenceKind.DISTRIBUTOR, strength, text, span, via=hit["by"])
    for hit in _hits(forms.APO_DISCLAIMER, text, low):
        span = (hit.start(), _line(text, hit.start())[1])
        yield _evidence(EvidenceKind.DISTRIBUTOR, Strength.NEUTRAL, text, span, via="APO Group")


def _signed(text: str, low: str) -> Iterator[Evidence]:
    """Find the Department's people and offices as speaker, byline or letterhead."""
    spoken = list(_hits(forms.SPOKESPERSON, text, low))
    meant = bool(spoken) and forms.MENTION.search(text) is not None
    for hit in spoken:
        sure = hit["office"] or meant
        yield _evidence(EvidenceKind.SPOKESPERSON, Strength.FAIR if sure else Strength.WEAK, text, hit.span())
    for hit in _hits(forms.SPEAKER_AT, text, low):
        yield _evidence(EvidenceKind.BYLINE, Strength.FAIR, text, hit.span())
    released = f"\n{forms.PUBLIC_RELEASE}" in f"\n{text}"
    letterheads = set()
    for hit in _hits(forms.LINE_OF_ITS_OWN, text, low):
        letterheads.add(hit.end())
        sure = hit["place"] or hit["letterhead"] or released
        yield _evidence(EvidenceKind.BYLINE, Strength.FAIR if sure else Strength.WEAK, text, hit.span())
    for hit in _hits(forms.OFFICE, text, low):
        if hit.end("name") not in letterheads:
            yield _evidence(EvidenceKind.OFFICE, Strength.WEAK, text, hit.span())


def _beside(
    links: Sequence[PageLink], canonical: str | None, title: str | None, byline: str | None, host: str
) -> Iterator[Evidence]:
    """Find evidence outside of the text: in links, head, title and author."""
    for link in _links_called(forms.CALLED_SOURCE, links):
        if _on_state(link.url):
            yield Evidence(EvidenceKind.SOURCE, Strength.STRONG, f"{link.text}: {link.url}", url=_statement(link.url))
    for link in _links_called(forms.AUTHOR_ALONE, links):
        # A footer links the Department's front page; a link with this name to a statement names its author.
        if url := _statement(link.url):
            yield Evidence(EvidenceKind.BYLINE, Strength.FAIR, link.text, url=url)
    if canonical and _on_state(canonical):
        yield Evidence(EvidenceKind.CANONICAL, Strength.STRONG, canonical, url=_statement(canonical))
    elif canonical and host and state_hosts.site_of(canonical) not in {"", state_hosts.site_of(f"https://{host}/")}:
        yield Evidence(EvidenceKind.CANONICAL, Strength.NEUTRAL, canonical, via=_site(canonical))
    if title and forms.TITLE_SUFFIX.search(title.rstrip()):
        yield Evidence(EvidenceKind.TITLE, Strength.FAIR, wording.clean(title))
    if byline and forms.AUTHOR_ALONE.fullmatch(wording.clean(byline)):
        yield Evidence(EvidenceKind.BYLINE, Strength.FAIR, wording.clean(byline))


def _links_called(pattern: re.Pattern[str], links: Sequence[PageLink]) -> Iterable[PageLink]:
    return islice((link for link in links if pattern.fullmatch(link.text)), _MAX_HITS)


def _mentions(text: str, low: str, links: Sequence[PageLink]) -> Iterator[Evidence]:
    for hit in _hits(forms.STATE_URL, text, low):
        if url := _statement(_whole(hit)):
            yield _evidence(EvidenceKind.LINK, Strength.WEAK, text, (hit.start(), _end(hit)), url=url)
    for link in islice((link for link in links if _on_state(link.url)), _MAX_HITS):
        if url := _statement(link.url):
            yield Evidence(EvidenceKind.LINK, Strength.WEAK, link.text or link.url, url=url)


def _pointing(
    kind: EvidenceKind, text: str, start: int, end: int, links: Sequence[PageLink], before: str = ""
) -> Evidence:
    """Build evidence from the URL, else the name, that follows `end`; `before` is a name in front of the phrase."""
    line_end = _line(text, end)[1]
    written = forms.URL.search(text, end, line_end)
    if written and written.start() - end <= _MAX_NAME_CHARS:
        # A URL cut off at the bound of the line would be a different one.
        match = forms.URL.match(text, written.start()) or written
        url, span = _whole(match), (start, _end(match))
        if _on_state(url):
            return _evidence(kind, Strength.STRONG, text, span, url=_statement(url))
        return _evidence(kind, Strength.NEUTRAL, text, span, via=_site(url))
    at = end + len(text[end:line_end]) - len(text[end:line_end].lstrip())
    if author := forms.AUTHOR.match(text, at):
        return _evidence(kind, Strength.STRONG, text, (start, author.end()))
    ends = forms.NAME_END.search(text, at, line_end)
    stop = ends.start() if ends else line_end
    if before and text.startswith(before, at):
        stop = at + len(before)
    name = wording.clean(text[at:stop])
    if len(name) > _MAX_NAME_CHARS or forms.NO_NAME.search(name):
        return _evidence(kind, Strength.NEUTRAL, text, (start, end))
    linked = next((link.url for link in links if link.text == name), "")
    if _on_state(linked):
        return _evidence(kind, Strength.STRONG, text, (start, stop), url=_statement(linked))
    if site := _site(linked):
        return _evidence(kind, Strength.NEUTRAL, text, (start, stop), via=site)
    name = forms.SITE_PARTS.split(name)[-1]
    return _evidence(kind, Strength.NEUTRAL, text, (start, stop), via=None if forms.GOVERNMENT.search(name) else name)


def _evidence(
    kind: EvidenceKind,
    strength: Strength,
    text: str,
    span: tuple[int, int],
    *,
    url: str | None = None,
    via: str | None = None,
) -> Evidence:
    return Evidence(kind, strength, wording.clean(text[slice(*span)]), span, url, wording.clean(via or "") or None)


def _hits(pattern: re.Pattern[str], text: str, low: str) -> Iterable[re.Match[str]]:
    """Find the first 50 matches of a form; `low` is the text in lower case."""
    return islice(pattern.finditer(text), _MAX_HITS) if any(cue in low for cue in forms.CUES[pattern]) else ()


def _line(text: str, at: int) -> tuple[int, int]:
    """Return start and end of the line around a place, cut at `_MAX_LINE_CHARS` on either side."""
    first = max(0, at - _MAX_LINE_CHARS)
    end = text.find("\n", at, at + _MAX_LINE_CHARS)
    return max(first, text.rfind("\n", first, at) + 1), end if end >= 0 else min(len(text), at + _MAX_LINE_CHARS)


def _whole(hit: re.Match[str]) -> str:
    """Return the URL of a match, with https if the text omits the scheme."""
    url = hit.string[hit.start() : _end(hit)]
    return url if "://" in url else f"https://{url}"


def _end(hit: re.Match[str]) -> int:
    """Return the end of a URL in a sentence, without the punctuation behind it."""
    url = hit.group()
    return hit.end() if url.endswith(_CUT) else hit.start() + len(url.rstrip(_URL_TAIL))


def _on_state(url: str) -> bool:
    return state_hosts.is_statement_url(url)


def _site(url: str) -> str | None:
    return state_hosts.site_of(url) or None


def _statement(url: str) -> str | None:
    """Return the canonical URL if it may be a statement's: on state.gov, not cut off, no front page, no list."""
    if url.endswith(_CUT) or not _on_state(url):
        return None
    own = urls.canonical(url)
    return None if urls.path(own).strip("/") in _LISTS and not urls.post_number(own) else own


def _named_urls(found: Iterable[Evidence]) -> tuple[str, ...]:
    """Return the URLs of evidence from `FAIR` on; if that gives none, those of links in running text."""
    found = [one for one in found if one.url]
    sure = [one for one in found if one.strength >= Strength.FAIR]
    return tuple(dict.fromkeys(one.url for one in sure or found if one.url))


def _publishers(found: Iterable[Evidence], host: str) -> tuple[str, ...]:
    """Return each publisher once, even if a page names it as both "JISIP NEWS" and "jisipnews.com"."""
    known = [wording.word_key(host.removeprefix("www."))] if host else []
    names = []
    for name in (one.via for one in found if one.via):
        key = wording.word_key(name)
        if key and not any(other.startswith(key) or key.startswith(other) for other in known):
            known.append(key)
            names.append(name)
    return tuple(names)
