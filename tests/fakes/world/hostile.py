"""Behaviours of hostile mirrors, which drip, flood, lie, redirect, claim and forge, and of one that copies honestly.

Each class says what its mirror does and which rule of the monitor it attacks: 1, news of State's is never delayed by
third parties; 2, progress is judged and not duration; 3, identity belongs to named hosts; 4, what only a third party
names is no news; 5, budgets belong to their owner; 9, cost grows with the work; 10, every field is cleaned.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
from fakes.world import texts
from fakes.world.faults import NoAnswer
from fakes.world.mirror import AN_HOUR, ROBOTS, Claimant, Mirror, falsified, number_at
from fakes.world.state_day import FAMOUS, OTHER_URLS, SECOND, THIRD, statement_url
from fakes.world.truth import BYLINES, HOUR, Carrier, Text, Version, guid
from fakes.world.web import STATE, Document, Release, at, carrier_page, mirror_list
from samples import NOT_FOUND, article

from scraper.model import EndpointKind

EVIL_SUBDOMAIN = "foo.state.gov"
LOOKALIKES = (f"https://{STATE}.evil.example", f"https://{STATE}@evil.example", f"https://{EVIL_SUBDOMAIN}")
INNOCENT = "innocent.example"
"""A site that does nothing, of which a mirror's feed has forged texts. It is not monitored."""
_YEAR_S = 31_536_000


class Drips(Claimant):
    """Mirror that sends its pages byte by byte. Attacks rule 2: a page costs the whole deadline at each try."""

    def page(self, number: int, t_s: float) -> Document:
        return replace(super().page(number, t_s), drip_s=1.0)


class DripsAtTheDoor(Claimant):
    """Mirror that sends its list and its robots.txt byte by byte. Attacks rule 2, before the first page."""

    def robots(self) -> Document:
        return replace(ROBOTS, drip_s=2.0)

    def list(self, url: str, t_s: float) -> Document:
        return replace(super().list(url, t_s), drip_s=1.0)


class HangsInTheHandshake(Claimant):
    """Mirror that accepts no connection for a page. Attacks rule 2: each page costs the time to connect four times."""

    def page(self, _number: int, _t_s: float) -> Document:
        raise NoAnswer(httpx.ConnectTimeout("simulated"), 5.0)


class HangsInTheHeaders(Claimant):
    """Mirror that accepts a request for a page and sends nothing. Attacks rule 2."""

    def page(self, _number: int, _t_s: float) -> Document:
        raise NoAnswer(httpx.ReadTimeout("simulated"), 15.0)


class RedirectsWithoutEnd(Claimant):
    """Mirror whose pages redirect to new addresses, again and again. Attacks rule 2: each page costs six requests."""

    def page(self, number: int, _t_s: float) -> Document:
        return _moved(f"/away-{number}-0/")

    def other(self, path: str) -> Document:
        match = re.fullmatch(r"/away-(\d+)-(\d+)/", path)
        return _moved(f"/away-{match[1]}-{int(match[2]) + 1}/") if match else super().other(path)


class RedirectsToState(Claimant):
    """Mirror whose pages redirect to statements, to State's number 9120, and to look-alikes of State's.

    Attacks rules 3 and 5: the mirror's pages may neither cost State requests nor give a statement an address.
    """

    def page(self, number: int, _t_s: float) -> Document:
        targets = (statement_url(FAMOUS), f"https://{STATE}/?p={FAMOUS}", *(f"{each}/lamps/" for each in LOOKALIKES))
        return _moved(targets[number % len(targets)])


class Floods(Mirror):
    """Mirror with thousands of new items in each poll, all with their texts. Attacks rules 2 and 9."""

    an_hour = 2000
    listed = 2000


class PaginatesWithoutEnd(Claimant):
    """Mirror whose list always has a next page, with stories of its own. Attacks rule 2."""

    an_hour = 5

    def list(self, url: str, t_s: float) -> Document:
        match = re.search(r"page/(\d+)/", url)
        place = int(match[1]) if match else 0
        first = number_at(t_s - HOUR, 20 * place)
        carriers = [self.story(number) for number in range(first + 20, first, -1)]
        document = mirror_list(self.kind, carriers, t_s)
        following = f'<a class="next" rel="next" href="{self.url}page/{place + 1}/">Older posts</a></main>'
        return replace(document, body=document.body.replace(b"</main>", following.encode()), headers=())


class ClaimsWhatIs(Claimant):
    """Mirror that names pages of State's as sources that exist: "About the Department", a biography, statements.

    Attacks rules 4 and 5: a page that only a mirror names is no news of State's.
    """

    def story(self, number: int) -> Carrier:
        existing = (*OTHER_URLS, *map(statement_url, self.statements))
        return self.invent(number, existing[number % len(existing)])


class ClaimsWhatIsNot(Claimant):
    """Mirror that names hundreds of statements that do not exist. Attacks rule 5: each costs State a request."""

    an_hour = 200
    listed = 200

    def story(self, number: int) -> Carrier:
        claimed = f"https://{STATE}/releases/2025/01/missing-{number}/"
        return self.invent(number, claimed)


class ClaimsOldTimes(Claimant):
    """Mirror that names missing statements without a year, each of which may be on three hosts. Attacks rule 5."""

    def story(self, number: int) -> Carrier:
        claimed = f"https://preview.state.gov/long-gone-{number}/"
        return self.invent(number, claimed)


class ForgesAnotherHost(Claimant):
    """Mirror that names pages on foo.state.gov, which has a text of its own under State's number 9120.

    Attacks rule 3: only the named hosts of State's have statements.
    """

    def story(self, number: int) -> Carrier:
        claimed = f"https://{EVIL_SUBDOMAIN}/lamps-{number}/"
        return self.invent(number, claimed)


class ForgesTheCanonical(Claimant):
    """Mirror whose pages name a statement, or a look-alike of State's, as their canonical page and short link.

    Attacks rule 3 with falsified texts of the statement.
    """

    an_hour = 10

    def story(self, number: int) -> Carrier:
        return self.altered(THIRD, number)

    def page(self, number: int, t_s: float) -> Document:
        sites = (f"https://{STATE}", *LOOKALIKES)
        site = sites[number % len(sites)]
        head = (
            f'<link rel="canonical" href="{statement_url(THIRD).replace(f"https://{STATE}", site)}">'
            f'<link rel="shortlink" href="{site}/?p={THIRD}"></head>'
        )
        document = super().page(number, t_s)
        return replace(document, body=document.body.replace(b"</head>", head.encode()))


class ForgesTheGuid(Mirror):
    """Mirror whose feed has falsified texts under State's guids and addresses, and under those of other sites.

    Attacks rules 3 and 4: text from a mirror's feed proves nothing about a page of another site.
    """

    def list(self, _url: str, t_s: float) -> Document:
        of_state = (FAMOUS, SECOND, THIRD)
        honest = CopiesHonestly(self.statements)
        forged = {number: (statement_url(number), guid(number)) for number in of_state}
        for number in set(honest.copied(t_s)) - forged.keys():
            url = honest.story(number).url if number % 4 else f"https://{INNOCENT}/lamps-{number}/"
            forged[number] = (url, url)
        carriers = {number: self.altered(number, number_at(t_s - HOUR, number)) for number in forged}
        body = mirror_list(self.kind, list(carriers.values()), t_s, self.listed).body.decode()
        for number, (url, name) in forged.items():
            own = carriers[number].url
            body = body.replace(f"<link>{own}</link>", f"<link>{url}</link>")
            body = body.replace(f"<guid>{own}</guid>", f"<guid>{html.escape(name)}</guid>")
        return Document(body.encode(), "application/rss+xml; charset=UTF-8")


class ForgesTheInterface(Mirror):
    """Mirror whose WordPress interface has posts of State's own type, with addresses on www.state.gov, old and new.

    Attacks rules 3 and 4: an interface speaks for its own host only.
    """

    kind = EndpointKind.WORDPRESS

    def list(self, _url: str, t_s: float) -> Document:
        story = self.altered(FAMOUS, number_at(t_s - HOUR, 1))
        body = mirror_list(self.kind, [story, self.story(number_at(t_s - HOUR, 2))], t_s).body.decode()
        body = body.replace(story.url, statement_url(FAMOUS)).replace(self.site, STATE)
        body = body.replace('"type": "post"', '"type": "state_press_release"')
        return Document(body.replace(f"/?p={story.page.number}", guid(FAMOUS)[21:]).encode(), "application/json")


class AltersAgainAndAgain(Mirror):
    """Mirror with ten new falsified copies of two statements each hour. Attacks rule 1: they delay State's revision."""

    an_hour = 10

    def story(self, number: int) -> Carrier:
        return self.altered((FAMOUS, SECOND)[number % 2], number)


class AltersInPlace(Mirror):
    """Mirror that falsifies its copies of two statements anew each hour, on pages that stay. Attacks rule 1."""

    def list(self, _url: str, t_s: float) -> Document:
        return mirror_list(self.kind, [self._now(number, t_s) for number in (SECOND, FAMOUS)], t_s)

    def page(self, number: int, t_s: float) -> Document:
        return carrier_page(self._now(number % AN_HOUR, t_s))(t_s)

    def _now(self, of: int, t_s: float) -> Carrier:
        version = self.version(of, t_s)
        body = falsified(version.body, int(t_s // HOUR) + 1)
        return self.tell(number_at(-HOUR, of), version.title, body, statement_url(of))


class ForgesTimes(Claimant):
    """Mirror with dates of 1970 and 2099, a new ETag in each response, and 429 with a Retry-After of a year.

    Attacks rules 2 and 4: what a mirror says about time concerns its own host only.
    """

    an_hour = 5

    def list(self, url: str, t_s: float) -> Document:
        forged = (
            ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("last-modified", "Fri, 31 Dec 2099 23:59:59 GMT"),
            ("etag", f'"{t_s}"'),
        )
        document = super().list(url, t_s)
        return replace(document, body=document.body.replace(b"2025-01", b"2099-01"), headers=forged)

    def page(self, number: int, t_s: float) -> Document:
        if number % 5 == 0:
            return Document(b"", status=429, headers=(("retry-after", str(_YEAR_S)),))
        document = carrier_page(self.altered(SECOND, number))(t_s)
        return replace(document, body=document.body.replace(b"2025-01", b"1970-01"))


class SpoilsTheText(Claimant):
    """Mirror whose copies are garbled, or drowned in hostile markup. Attacks rule 10."""

    an_hour = 6

    def story(self, number: int) -> Carrier:
        return self.altered((FAMOUS, THIRD)[number % 2], number)

    def page(self, number: int, t_s: float) -> Document:
        document = super().page(number, t_s)
        text = document.body.decode()
        spoilt = (
            text.encode("utf-8").decode("cp1252", "replace").encode(),
            text.replace("<p>", "<p>\x00\x1b[2J\u202e").encode(),
            text.replace("<article>", "<div>" * 3000 + "<article>").encode(),
            text.replace("<h1>", f'<h1 title="{"x" * 500_000}"><script>{"</script" * 999}</script>').encode(),
            text.replace("</p>", "<p><table><td></p>").encode("utf-16"),
            text.replace("<article>", "]]><!--<article>").encode(),
        )
        return replace(document, body=spoilt[number % len(spoilt)], shown=())


class ForgesWithdrawals(Claimant):
    """Mirror that writes that State withdrew a statement, copies State's page for missing ones, then is gone with 410.

    Attacks rule 3 and the rules of withdrawal: only State's own hosts can withdraw.
    """

    an_hour = 5

    def story(self, number: int) -> Carrier:
        of = (FAMOUS, SECOND, THIRD)[number % 3]
        title = self.version(of, self.born_s(number)).title
        body = (f"The Department of State has withdrawn its statement “{title}”.", *texts.paragraphs(of))
        return self.tell(number, f"WITHDRAWN: {title}", body, statement_url(of))

    def page(self, number: int, t_s: float) -> Document:
        if t_s > self.born_s(number) + 2 * HOUR:
            return Document(NOT_FOUND, status=410, headers=(("link", f'<{statement_url(FAMOUS)}>; rel="canonical"'),))
        return super().page(number, t_s)


class CopiesHonestly(Mirror):
    """Mirror that copies each statement word by word within minutes and names its source. It has to be reported."""

    def list(self, _url: str, t_s: float) -> Document:
        return mirror_list(self.kind, [self.story(number) for number in self.copied(t_s)], t_s, self.listed)

    def copied(self, t_s: float) -> list[int]:
        """Return the numbers of State's statements that it has copied, newest first."""
        there = [text for text in self.statements.values() if text.born_s + HOUR / 6 <= t_s]
        return [text.number for text in sorted(there, key=lambda text: -text.born_s)]

    def story(self, number: int) -> Carrier:
        first = self.statements[number].versions[0]
        page = Version(first.since_s + HOUR / 6, first.title, first.body, "", f"news-{number}")
        return Carrier(Text(number, (), (page,)), self.site, None, statement_url(number))


def on_subdomain(url: str, t_s: float, famous: Text) -> Document:
    """Return a page on foo.state.gov: statement 9120 with a falsified number, in State's markup."""
    if urlsplit(url).path == "/robots.txt":
        return ROBOTS
    version = famous.at(t_s)
    assert version is not None
    release = Release(FAMOUS, version.title, falsified(version.body, 7), BYLINES[0], published_at=at(t_s))
    short = f'<link rel="shortlink" href="https://{EVIL_SUBDOMAIN}/?p={FAMOUS}"></head>'
    body = article(release).replace(b"</head>", short.encode()).replace(release.url.encode(), url.encode())
    return Document(body.replace(STATE.encode(), EVIL_SUBDOMAIN.encode()))


def on_innocent_site(url: str) -> Document:
    """Return a page of the site that does nothing: one that has no answer for now, or one about other things."""
    path = urlsplit(url).path
    if path == "/robots.txt":
        return ROBOTS
    if path.endswith("8/"):
        return Document(b"", status=503)
    return Document(b"<html><head><title>Cakes</title></head><body><h1>Cakes</h1><p>We bake them.</p></body></html>")


def _moved(to: str) -> Document:
    return Document(b"", status=302, headers=(("location", to),))


MIRRORS: tuple[type[Mirror], ...] = (
    Drips,
    DripsAtTheDoor,
    HangsInTheHandshake,
    HangsInTheHeaders,
    RedirectsWithoutEnd,
    RedirectsToState,
    Floods,
    PaginatesWithoutEnd,
    ClaimsWhatIs,
    ClaimsWhatIsNot,
    ClaimsOldTimes,
    ForgesAnotherHost,
    ForgesTheCanonical,
    ForgesTheGuid,
    ForgesTheInterface,
    AltersAgainAndAgain,
    AltersInPlace,
    ForgesTimes,
    SpoilsTheText,
    ForgesWithdrawals,
    CopiesHonestly,
)
FEW: tuple[type[Mirror], ...] = (
    Drips,
    ClaimsWhatIs,
    ClaimsWhatIsNot,
    ForgesAnotherHost,
    AltersAgainAndAgain,
    CopiesHonestly,
)
"""One for each of the first five rules, and the honest one, for a run of seconds."""
