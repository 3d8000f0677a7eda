"""Tests of identity: only named hosts speak of State's statements, whatever numbers and links other hosts carry."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import DAY, GAZETTE, HOUR, LAMPS, MIRROR, STATE, carried
from samples import (
    FEED_HEADERS,
    FEED_URL,
    HTML_HEADERS,
    NOON,
    Piece,
    article,
    listing,
    record,
    rest,
    rss,
    settings,
    source,
    warc,
)

from scraper.config.alerts import Watch as AlertWatch
from scraper.config.choices import Topic
from scraper.config.settings import Endpoint
from scraper.errors import InputError
from scraper.model import AUTHORITY, EndpointKind, EventKind
from scraper.parsers.wordpress import FIELDS
from scraper.pipeline.import_files import import_files
from scraper.rules.state_hosts import namespace
from scraper.store import EventFilter, OutboxFilter

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.mirror import Gazette
    from pipeline.conftest import Watch

    from scraper.model import Statement

LIES = LAMPS.but(body=tuple(p.replace("40 lamps", "4 lamps") for p in LAMPS.body))
WWW, FOO = "https://www.state.gov", "https://foo.state.gov"
OTHERS = [
    "https://foo.state.gov",
    "https://travel.state.gov",
    "https://news.www.state.gov",
    "https://1234-5678.state.gov",
    "https://x2017-2021.state.gov",
    "https://www.state.gov:8443",
    "http://2017-2021.state.gov:8080",
]


def on(base: str, piece: Piece = LIES) -> bytes:
    """A page in State's theme that names State's own number and URL as its own."""
    shortlink = f'<link rel="shortlink" href="{WWW}/?p={piece.number}"></head>'
    return article(piece).replace(b"</head>", shortlink.encode()).replace(WWW.encode(), base.encode())


def claiming(piece: Piece = LIES) -> bytes:
    """The same with canonical, REST and short links to www.state.gov."""
    return on(WWW, piece)


def known(watch: Watch) -> Statement:
    """The statement, which has one wording, one URL and nothing that reports another."""
    (statement,) = (s for s in watch.store.statements.find() if s.authority == AUTHORITY and s.title == LAMPS.title)
    assert (statement.revisions, statement.url) == (1, LAMPS.url)
    assert [alias.url for alias in watch.store.statements.aliases(statement.id)] == [LAMPS.url]
    assert watch.store.statements.text(statement) == "\n\n".join(LAMPS.body)
    return statement


def mails(watch: Watch) -> int:
    return len(watch.store.outbox.find(OutboxFilter()))


@pytest.fixture
def lamps(watch: Watch) -> Watch:
    """A watch with a mail for every event, and one statement that it has reported."""
    everything = AlertWatch.model_validate({"name": "All", "to": ("desk@example.org",), "when": tuple(Topic)})
    watch.settings = settings(STATE, MIRROR).model_copy(update={"watches": (everything,)})
    watch.source = STATE
    watch.site.says(FEED_URL, rss(Piece(1)))
    watch.run()
    watch.site.says(FEED_URL, rss(LAMPS, Piece(1), built=NOON + HOUR))
    watch.after(HOUR)
    assert (known(watch).guid, mails(watch)) == (LAMPS.guid, 1)
    return watch


# Pages


@pytest.mark.parametrize("base", [base for base in OTHERS if ":80" not in base and ":84" not in base])
@pytest.mark.parametrize("claims", [False, True], ids=["own-links", "states-links"])
def test_a_page_on_another_host_with_states_number_changes_nothing(lamps: Watch, base: str, claims: bool) -> None:
    url = LAMPS.url.replace(WWW, base)
    lamps.site.says(url, claiming() if claims else on(base))
    lamps.clock.sleep(3600)
    result = lamps.fetch_url(url)
    known(lamps)
    assert {event.kind for event in result.events} <= {EventKind.PUBLISHED}
    assert all(event.backfill for event in result.events)
    assert mails(lamps) == 1
    assert {s.authority for s in lamps.store.statements.find() if s.title == LAMPS.title} == {
        AUTHORITY,
        namespace(url),
    }


@pytest.mark.parametrize("claimed", [f"{FOO}/lamps/", f"{WWW}:8443/lamps/", f"{WWW}@gazette.example/lamps/"])
def test_a_claim_of_another_host_is_not_followed(gazette: Gazette, claimed: str) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *LIES.body, f"Official news published at {claimed}", f"ftp://www.state.gov/?p={LAMPS.number}")
    gazette.watch.site.says(claimed, claiming())
    gazette.poll()
    assert all(url.startswith(GAZETTE) for url in gazette.watch.asked)
    known(gazette.watch)


@pytest.mark.parametrize("target", [f"{FOO}/lamps/", f"{WWW}:8443/lamps/"])
def test_a_redirect_from_state_to_another_host_gives_no_other_address(lamps: Watch, target: str) -> None:
    """Neither at a recheck, nor by hand, nor where an operator lets redirects lead there."""
    lamps.source = STATE.model_copy(update={"hosts": ("foo.state.gov",)})
    lamps.site.says(LAMPS.url, b"", 301, location=target)
    lamps.site.says(target, claiming())
    for _ in range(6):
        assert lamps.after(DAY).events == ()
    if "8443" not in target:  # no other port is fetched
        assert target in lamps.site.asked
        lamps.fetch_url(LAMPS.url)
    known(lamps)
    assert mails(lamps) == 1


def test_a_page_of_states_takes_no_number_from_links_to_another_host(lamps: Watch) -> None:
    """A page of www.state.gov whose REST id and short link are those of another system has no number."""
    other = Piece(8, "Nets for Tern", Piece(107).body)
    page = article(other).replace(f"{WWW}/wp-json".encode(), f"{FOO}/wp-json".encode())
    page = page.replace(f"state_press_release/{other.number}".encode(), b"state_press_release/7")
    lamps.site.says(other.url, page)
    lamps.clock.sleep(3600)
    lamps.fetch_url(other.url)
    known(lamps)
    (found,) = (s for s in lamps.store.statements.find() if s.title == other.title)
    assert found.guid == other.url


# Lists


def test_states_feed_that_links_to_another_host_moves_nothing(lamps: Watch) -> None:
    for hour, base in enumerate((FOO, f"{WWW}:8443", "https://www.state.gov@evil.example", "https://evil.example"), 2):
        body = rss(LAMPS, Piece(1), built=NOON + hour * HOUR).replace(LAMPS.url.encode(), f"{base}/lamps/".encode())
        lamps.site.says(FEED_URL, body)
        assert lamps.after(HOUR).events == ()
        known(lamps)


@pytest.mark.parametrize("base", [FOO, "https://www.state.gov@evil.example", "https://www.state.gov.evil.example"])
def test_states_list_that_names_a_page_elsewhere_fetches_nothing(watch: Watch, base: str) -> None:
    url = f"{WWW}/press-releases/"
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.LISTING, url=url),))
    watch.settings = settings(watch.source)
    watch.site.says(url, listing(LAMPS))
    watch.site.says(LAMPS.url, article(LAMPS))
    watch.run()
    elsewhere = LIES.url.replace(WWW, base)
    watch.site.says(url, listing(LIES).replace(LIES.url.encode(), elsewhere.encode()).replace(b"Tern", b"Terns"))
    watch.site.says(elsewhere, claiming(LIES))
    watch.site.says(elsewhere.replace("www.state.gov@", ""), claiming(LIES))
    report = watch.after(DAY)
    assert (report.events, watch.asked) == ((), [url, LAMPS.url])  # the recheck of what is known
    assert "1 page of other hosts" in str(report.problems[0])
    known(watch)


@pytest.mark.parametrize("kind", [EndpointKind.FEED, EndpointKind.WORDPRESS])
def test_a_source_on_another_host_has_statements_of_its_own(lamps: Watch, kind: EndpointKind) -> None:
    """Its items that give State's URL are left out; those of its own have numbers and times of their own."""
    own = Endpoint(kind=kind, url=f"{FOO}/feed/")
    lamps.source = source(name="foo", endpoints=(own,))
    lamps.settings = settings(STATE, lamps.source)
    lies = rest(LIES, Piece(9)) if kind is EndpointKind.WORDPRESS else rss(LIES, Piece(9))
    foo_9 = lies.replace(Piece(9).url.encode(), Piece(9).url.replace(WWW, FOO).encode())
    query = f"?per_page=20&orderby=date&order=desc&_fields={FIELDS}"
    for url in (own.url, own.url + query, own.url + query.replace("=date&", "=modified&")):
        lamps.site.says(url, foo_9)
    lamps.run()
    report = lamps.after(DAY)
    assert any("1 item of other hosts left out" in str(problem) for problem in report.problems)
    known(lamps)
    (other,) = (s for s in lamps.store.statements.find() if s.authority != AUTHORITY)
    assert (other.authority, other.title) == ("foo.state.gov", Piece(9).title)
    assert mails(lamps) == 1


def test_the_same_words_on_another_host_are_no_repost(lamps: Watch) -> None:
    url = LAMPS.url.replace(WWW, FOO)
    lamps.site.says(url, on(FOO, LAMPS))
    assert EventKind.REPOSTED not in [event.kind for event in lamps.fetch_url(url).events]


# Files


@pytest.mark.parametrize(
    "url",
    [
        "ftp://www.state.gov/lamps/",
        "//www.state.gov/lamps/",
        "www.state.gov/lamps/",
        "https://www.state.gov@evil.example/lamps/",
        "https://www.state.gov.evil.example/lamps/",
        "https://www.\u0455tate.gov/lamps/",
        "https://www\u3002state\u3002gov/lamps/",
        "https://www.state.gov:8443/lamps/",
        *(f"{base}/lamps/" for base in OTHERS),
    ],
)
def test_no_record_of_another_host_is_states(lamps: Watch, tmp_path: Path, url: str) -> None:
    """Neither a page nor a feed, in an import with alerts, however often."""
    path = warc(
        tmp_path / "x.warc",
        *(record(NOON + n * DAY, claiming(), url, headers=HTML_HEADERS) for n in range(2, 5)),
        record(NOON + 5 * DAY, rss(LIES, built=NOON + 5 * DAY), f"{url}feed/", headers=FEED_HEADERS),
    )
    lamps.clock.sleep(9 * 86_400)
    # A file that has only records of other schemes has nothing to read.
    is_web = url.startswith("http")
    with contextlib.nullcontext() if is_web else pytest.raises(InputError):
        import_files([path], store=lamps.store, settings=lamps.settings, clock=lamps.clock, alerts=True)
    known(lamps)
    told = lamps.store.events.find(EventFilter(with_backfill=False))
    assert [event.kind for event in told if event.kind.value.startswith("statement.")] == [EventKind.PUBLISHED]


@pytest.mark.parametrize("url", ["HTTPS://WWW.STATE.GOV./lamps/", "http://state.gov:80/lamps/", f"{WWW}:443/lamps/"])
def test_other_spellings_of_states_own_hosts_are_states(lamps: Watch, tmp_path: Path, url: str) -> None:
    path = warc(tmp_path / "x.warc", record(NOON + 2 * DAY, article(LIES), url, headers=HTML_HEADERS))
    lamps.clock.sleep(9 * 86_400)
    import_files([path], store=lamps.store, settings=lamps.settings, clock=lamps.clock)
    assert {s.authority for s in lamps.store.statements.find()} == {AUTHORITY}
    assert {s.id for s in lamps.store.statements.by_url(LAMPS.url)} == {lamps.store.statements.by_guid(LAMPS.guid).id}  # type: ignore[union-attr]


def test_a_line_of_a_file_has_the_authority_of_its_url(lamps: Watch, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = [
        {
            "guid": LAMPS.guid,
            "url": url,
            "title": LAMPS.title,
            "published_at": "2026-03-02",
            "text": "\n\n".join(LIES.body),
        }
        for url in (f"{FOO}/lamps/", f"{WWW}:8443/lamps/")
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    lamps.clock.sleep(9 * 86_400)
    import_files([path], store=lamps.store, settings=lamps.settings, clock=lamps.clock)
    known(lamps)
    found = [s.authority for s in lamps.store.statements.find() if s.title == LAMPS.title]
    assert sorted(found) == ["foo.state.gov", AUTHORITY, "www.state.gov:8443"]


def test_an_archive_is_still_state(lamps: Watch, tmp_path: Path) -> None:
    """The copy in an archive, with that archive's links, is the statement: no other one, and no move."""
    archived = LAMPS.url.replace(WWW, "https://2021-2025.state.gov")
    page = article(LAMPS).replace(WWW.encode(), b"https://2021-2025.state.gov")
    path = warc(tmp_path / "x.warc", record(NOON + 2 * DAY, page, archived, headers=HTML_HEADERS))
    lamps.clock.sleep(9 * 86_400)
    import_files([path], store=lamps.store, settings=lamps.settings, clock=lamps.clock)
    assert known(lamps).title == LAMPS.title
    assert len(list(lamps.store.statements.find())) == 2


def test_a_page_named_as_source_on_another_host_is_another_publisher(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body, f"Official news published at {FOO}/lamps/")
    assert gazette.poll() == []
    assert gazette.poll(2 * DAY) == []
