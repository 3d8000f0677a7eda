"""Tests of `statewire demo`: exactly these events, readable output, all cassettes used and free of private data."""

from __future__ import annotations

import contextlib
import json
import socket
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email import policy as email_policy
from mailbox import Maildir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from click.testing import CliRunner

import scraper.fetch
from scraper import parsers
from scraper.cli import demo
from scraper.cli.app import cli, main
from scraper.errors import InputError
from scraper.fetch import ReplayTransport
from scraper.model import Capture, EndpointKind, Outcome
from scraper.rules.wordings import build_wording
from scraper.store import Store

if TYPE_CHECKING:
    import httpx
    from click.testing import Result

    from scraper.model import Item

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "cassettes" / "demo"
CASSETTES = sorted(FOLDER.glob("*.yaml"))

CALL = "Secretary Quill’s Call with Valdovian Foreign Minister Brandt"
RIVERS = "Lower Valley Rivers Initiative"
REST = "https://www.state.gov/wp-json/wp/v2/state_press_release"
FEED = "https://www.state.gov/rss-feed/press-releases/feed/"
LISTING = "https://www.state.gov/press-releases/"
BLOCK_PAGE = "the block page of state.gov, titled 'Technical Difficulties'"
MERROW = "https://merrow.example/politics/rivers/"
PMDNEWS = "https://pmdnews.example/rivers/"
HERALD = "https://herald.example/?p=90412"
MADE_UP = "https://pmdnews.example/assistance-ends/"
REMOVED = "sentence removed: “The Department will publish the terms of every contract within 30 days of its signature”"

REVISED = (REMOVED, "amount: $80 million → $58 million")
ALTERED = ("amount: $80 million → $800 million", "negation added: not", "words removed: Today")
OUTDATED = tuple(f"State has changed since: {what}" for what in REVISED)


def expected_event(at: str, kind: str, title: str | None = None, *reasons: str, **more: Any) -> dict[str, Any]:
    row = {"part": None, "grade": None, "backfill": False, "source": "state-press-releases"}
    revision = {"statement.published": 1, "statement.revised": 2}.get(kind)
    row |= {"page_url": None, "relation": None, "outdated": False, "revision": revision}
    return row | {"at": f"2026-05-{at}Z", "kind": kind, "title": title, "reasons": list(reasons)} | more


EVENTS = [
    expected_event("12T14:45:05", "statement.published", "Public Schedule – May 12, 2026", backfill=True),
    expected_event("12T14:45:05", "statement.published", "Valdovia National Day", backfill=True),
    expected_event(
        "12T14:45:05",
        "statement.published",
        CALL,
        backfill=True,
    ),
    expected_event(
        "12T14:45:09",
        "copy.found",
        "Valdovia National Day",
        source="merrow",
        page_url="https://merrow.example/politics/national-day/",
        relation="verbatim",
        revision=1,
        backfill=True,
    ),
    expected_event("12T15:00:00", "statement.published", RIVERS),
    expected_event(
        "12T15:40:07", "copy.found", RIVERS, source="merrow", page_url=MERROW, relation="verbatim", revision=1
    ),
    expected_event(
        "12T15:40:09",
        "copy.found",
        RIVERS,
        *ALTERED,
        source="pmdnews",
        page_url=PMDNEWS,
        relation="altered",
        revision=1,
        grade="material",
    ),
    expected_event(
        "12T15:40:11",
        "claim.unsourced",
        None,
        "says “View in full here”",
        "says “Washington, DC (PMD.News) The US Department of State released the following statement:”",
        "nothing is at the URL that it names",
        source="pmdnews",
        page_url=MADE_UP,
        relation="unsourced",
    ),
    expected_event(
        "12T15:40:13", "copy.found", RIVERS, source="herald", page_url=HERALD, relation="excerpt", revision=1
    ),
    expected_event(
        "12T18:00:00",
        "statement.revised",
        RIVERS,
        *REVISED,
        part="body",
        grade="material",
    ),
    expected_event(
        "12T18:00:00",
        "copy.changed",
        RIVERS,
        *OUTDATED,
        source="merrow",
        page_url=MERROW,
        relation="verbatim",
        outdated=True,
        revision=1,
        grade="material",
    ),
    expected_event(
        "12T18:00:00",
        "copy.changed",
        RIVERS,
        *OUTDATED,
        source="pmdnews",
        page_url=PMDNEWS,
        relation="altered",
        outdated=True,
        revision=1,
        grade="material",
    ),
    expected_event(
        "13T09:00:00",
        "source.blocked",
        None,
        f"{REST}: blocked ({BLOCK_PAGE} (status 403)); {FEED}: blocked ({BLOCK_PAGE} (status 200)); "
        f"{LISTING}: blocked ({BLOCK_PAGE} (status 200))",
    ),
    expected_event(
        "13T10:30:00",
        "source.fallback",
        None,
        f"{REST}: blocked ({BLOCK_PAGE} (status 403)); {LISTING} serves instead",
    ),
    expected_event("13T12:00:00", "source.recovered", None, "after 1 h 30 min"),
    expected_event(
        "15T09:30:10",
        "statement.withdrawn",
        RIVERS,
        "3 checks since 2026-05-14 09:00 UTC did not find it",
        "the REST API no longer lists it",
    ),
]


@dataclass
class Played:
    """One run of the demo: what it printed, where its database is, what was asked of which cassette."""

    output: str
    db: Path
    asked: dict[str, Counter[str]] = field(default_factory=dict)


def run(*arguments: str, color: bool = False) -> Result:
    return CliRunner().invoke(cli, arguments, color=color)


def refuse(*_: object) -> None:
    raise AssertionError("the demo touched the network")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo")
    asked: dict[str, Counter[str]] = {}

    class Listening(ReplayTransport):
        def __init__(self, cassette: Path) -> None:
            super().__init__(cassette)
            self.asked = asked.setdefault(cassette.name, Counter())

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.asked[f"{request.method} {request.url}"] += 1
            return super().handle_request(request)

    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.setattr(scraper.fetch, "ReplayTransport", Listening)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket.socket, "connect", refuse)
        result = run("--db", "demo.db", "demo")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return Played(result.stdout, folder / "demo.db", asked)


def rows(*arguments: str) -> list[dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_exactly_these_events_and_no_others(played: Played) -> None:
    found = rows("--db", str(played.db), "events")
    assert [{name: row[name] for name in EVENTS[0]} for row in found] == EVENTS


def test_the_change_is_shown_before_and_after(played: Played) -> None:
    (revised,) = rows("--db", str(played.db), "events", "--kind", "statement.revised")
    assert "80" in revised["before"]
    assert "58" in revised["after"]
    assert "within 30 days" in revised["before"]
    assert "within 30 days" not in revised["after"]


def test_copies_show_the_first_page_and_outdated_ones(played: Played) -> None:
    found = rows("--db", str(played.db), "copies", "4")
    columns = ("page_url", "relation", "outdated", "revision", "carried_since_is_dated", "after_s", "via", "gone_at")
    assert [tuple(row[name] for name in columns) for row in found] == [
        (MERROW, "verbatim", True, 1, True, 18 * 60 + 50, [], None),
        (PMDNEWS, "altered", True, 1, True, 33 * 60 + 50, [], None),
        (HERALD, "excerpt", False, 2, True, 43 * 60 + 50, ["merrow.example"], None),
    ]


def test_outdated_and_altered_are_two_filters_and_a_copy_may_pass_both(played: Played) -> None:
    def pages(*options: str) -> list[str]:
        return [row["page_url"] for row in rows("--db", str(played.db), "copies", *options)]

    assert pages("--outdated") == [MERROW, PMDNEWS]
    assert pages("--relation", "altered") == [PMDNEWS]
    assert pages("--outdated", "--relation", "verbatim") == [MERROW]


def test_text_around_a_copy_is_stored_and_affects_no_match(played: Played) -> None:
    store = Store(played.db)
    for url, around, left_out in (
        (MERROW, ("Previous post Valdovia National Day", "Facebook"), ("Most Popular", CALL)),
        (PMDNEWS, ("Facebook", "Ed Harrow founded PMD.News"), ("Related Posts", CALL)),
        (HERALD, ("Previous article Valdovia National Day", "Leave a comment"), ()),
    ):
        page = store.pages.by_url(url)
        assert page is not None
        kept = store.pages.stored(page.id)
        assert [words for words in around if words not in kept.shown] == []
        assert [words for words in left_out if words in kept.shown] == []  # lists of other posts are no text
        assert [words for words in around if words in kept.wording.text] == []
        (copy,) = store.copies.on_page(page.id)  # and none of the statements whose titles stand there
        assert copy.statement_id == 4
    store.close()


def test_copies_become_outdated_without_requests_to_their_mirror(played: Played) -> None:
    asked = {key.removeprefix("GET ") for key in played.asked["3-revised.yaml"]}
    mirrors = demo.configuration().sources[1:]
    assert {url for url in asked if "state.gov" not in url} == {mirror.endpoints[0].url for mirror in mirrors}


def test_json_prints_the_events_that_the_database_holds(played: Played, tmp_path: Path) -> None:
    result = run("--db", str(tmp_path / "other.db"), "demo", "--json")
    assert json.loads(result.stdout) == rows("--db", str(played.db), "events")
    assert str(tmp_path / "other.db") in result.stderr


def test_the_database_stays_for_inspection(played: Played) -> None:
    listed = rows("--db", str(played.db), "list")
    assert [(row["id"], row["state"], row["revisions"]) for row in listed] == [
        (4, "withdrawn", 2),
        (3, "current", 1),
        (2, "current", 1),
        (1, "current", 1),
    ]
    commands = [line.split() for line in played.output.splitlines() if line.startswith("  statewire --db ")]
    assert [command[3:] for command in commands] == [
        ["list"],
        ["show", "4"],
        ["diff", "4"],
        ["copies", "4"],
        ["events"],
        ["alerts", "preview"],
    ]
    with contextlib.chdir(played.db.parent):
        for command in commands:
            assert run(*command[1:]).exit_code == 0


SUBJECTS = [
    f"Published: {RIVERS}",
    f"Altered copy: pmdnews.example, {RIVERS}",
    "Unsourced: pmdnews.example, United States Ends Assistance to Valdovia",
    f"Revised: {RIVERS}",
    "Source blocked: state-press-releases",
    "Source on fallback: state-press-releases",
    "Recovered: state-press-releases after 1 h 30 min",
    f"Withdrawn: {RIVERS}",
]


def test_its_mails_lie_in_a_mailbox_and_show_what_changed(played: Played) -> None:
    mailbox = Maildir(played.db.parent / "mail", create=False)
    mails = [message_from_bytes(mailbox.get_bytes(key), policy=email_policy.default) for key in mailbox.iterkeys()]
    by_subject = {str(mail["subject"]).removeprefix("[statewire] "): mail for mail in mails}
    assert sorted(by_subject) == sorted(SUBJECTS)
    assert {str(mail["to"]) for mail in mails} == {"reader@example.org"}
    revised, altered = (by_subject[SUBJECTS[at]].get_body(("plain",)).get_content() for at in (3, 1))
    assert "[-$80-]" in revised
    assert "{+$58+}" in revised
    assert "{+$800+}" in altered
    assert "{+not+}" in altered
    threads = {str(by_subject[SUBJECTS[at]]["references"]) for at in (0, 1, 3, 7)}
    assert len(threads) == 1


def test_the_events_of_the_demo_are_in_this_order(played: Played) -> None:
    at = -1
    for words in (
        "1. Published",
        f"2026-05-12 15:00 UTC  Published: {RIVERS}\n",
        "2. Carried",
        f"2026-05-12 15:40 UTC  Copy (verbatim): {RIVERS}\n",
        f"at {MERROW}, 100% of it\n",
        f"2026-05-12 15:40 UTC  Copy (altered, material): {RIVERS}\n",
        f"at {PMDNEWS}, 98% of it\n",
        "amount: $80 million → $800 million",
        "$[-80-]{+800+} million",
        "will {+not+} publish",
        "2026-05-12 15:40 UTC  Unsourced: United States Ends Assistance to Valdovia\n",
        "its source is",
        f"2026-05-12 15:40 UTC  Copy (excerpt): {RIVERS}\n",
        f"at {HERALD}, 23% of it\n",
        "3. Revised",
        f"2026-05-12 18:00 UTC  Revised (material): {RIVERS}\n",
        "amount: $80 million → $58 million",
        "$[-80-]{+58+} million",
        "2026-05-12 18:00 UTC  Copy outdated (verbatim, material): ",
        f"at {MERROW}, 100% of it\n",
        "Copy outdated (altered, material): ",
        f"at {PMDNEWS}, 98% of it\n",
        "4. Blocked",
        "2026-05-13 09:00 UTC  Source blocked: state-press-releases\n",
        "2026-05-13 09:30 UTC  state-press-releases: still blocked",
        "2026-05-13 10:30 UTC  Source on fallback: state-press-releases\n",
        "2026-05-13 12:00 UTC  Source recovered: state-press-releases\n",
        "No event about statements, only about the source.",
        "5. Withdrawn",
        "2026-05-14 09:00 UTC  Checked its own page",
        "2026-05-14 21:15 UTC  Checked its own page",
        "2026-05-15 09:30 UTC  Checked its own page",
        f"Withdrawn: {RIVERS}\n",
        f"received {len(SUBJECTS)}",
        "\n  mail\n",
        "2026-05-12 15:00 UTC  [statewire] Published: ",
        "2026-05-12 18:00 UTC  [statewire] Revised: ",
        "The database stays: demo.db",
        "statewire fetch",
    ):
        found = played.output.find(words, at + 1)
        assert found > at, f"{words!r} is not printed in this order"
        at = found


def test_the_blocked_round_raises_no_event_of_statements(played: Played) -> None:
    blocked = played.output.partition("4. Blocked")[2].partition("5. Withdrawn")[0]
    assert not any(name in blocked for name in ("Published", "Revised", "Touched", "Withdrawn", "Retitled", "Copy"))


def test_no_line_is_too_wide_or_ends_in_blanks(played: Played) -> None:
    lines = played.output.splitlines()
    assert [line for line in lines if len(line) > 80 or line != line.rstrip()] == []


def test_colours_change_no_line(played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    coloured = run("--db", "demo.db", "demo", color=True).stdout
    assert coloured != played.output
    assert click.unstyle(coloured) == played.output


def test_a_second_run_into_the_same_file_is_refused_and_loses_nothing(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rows("--db", str(played.db), "events")
    with pytest.raises(SystemExit) as leaving:
        main(["--db", str(played.db), "demo"])
    out, err = capsys.readouterr()
    assert (leaving.value.code, out) == (2, "")
    assert f"{played.db} is in use already" in err
    assert "Give a new file with --db" in err
    assert rows("--db", str(played.db), "events") == before


def test_an_empty_database_is_taken(tmp_path: Path) -> None:
    Store(tmp_path / "empty.db").close()
    assert len(rows("--db", str(tmp_path / "empty.db"), "demo")) == len(EVENTS)


def test_without_cassettes_the_demo_gives_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "scraper" / "cli" / "demo.py"))
    with pytest.raises(InputError, match="Install statewire again"):
        demo.cassettes()


# The cassettes


def recorded(cassette: Path) -> list[dict[str, Any]]:
    interactions: list[dict[str, Any]] = yaml.safe_load(cassette.read_text(encoding="utf-8"))["interactions"]
    return interactions


def test_every_round_has_its_cassette_and_every_cassette_its_round() -> None:
    assert [part.cassette for part in demo.rounds()] == [path.name for path in CASSETTES]
    for path in CASSETTES:
        ReplayTransport(path)


def test_every_body_is_used_and_small() -> None:
    named = {exchange["response"]["body"]["file"] for path in CASSETTES for exchange in recorded(path)}
    assert named == {str(path.relative_to(FOLDER)) for path in (FOLDER / "bodies").iterdir()}
    assert max(path.stat().st_size for path in (FOLDER / "bodies").iterdir()) < 16_000


def test_nothing_private_was_recorded() -> None:
    for path in CASSETTES:
        for exchange in recorded(path):
            headers = {**exchange["request"].get("headers", {}), **exchange["response"]["headers"]}
            assert not {"set-cookie", "cookie", "authorization"} & {name.lower() for name in headers}


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
def test_every_recorded_answer_is_asked_for_and_nothing_else(played: Played, cassette: Path) -> None:
    answers = Counter(f"{e['request']['method']} {e['request']['uri']}" for e in recorded(cassette))
    asked = played.asked[cassette.name]
    assert {key: count for key, count in answers.items() if asked[key] < count} == {}
    # A mirror without a robots.txt answers 404, which is what the transport does for one that was not recorded.
    robots = {f"GET https://{mirror.name}.example/robots.txt" for mirror in demo.configuration().sources[1:]}
    assert set(asked) - set(answers) <= robots


def items_of(name: str, url: str, kind: EndpointKind) -> dict[str | None, Item]:
    body = (FOLDER / "bodies" / name).read_bytes()
    capture = Capture(url, datetime(2026, 5, 14, tzinfo=UTC), Outcome.OK, 200, url, (), body)
    reading = parsers.read(capture, kind)
    assert reading.problems == ()
    return {item.guid: item for item in reading.items}


def test_all_endpoints_of_a_statement_give_one_text() -> None:
    """Otherwise the first fetch of a page would be reported as a revision."""
    rest = items_of("state-rest-3-revised.json", REST, EndpointKind.WORDPRESS)
    feed = items_of("state-feed.xml", FEED, EndpointKind.FEED)
    assert feed.keys() == rest.keys()
    pages: dict[str | None, Item] = {}
    for path in (FOLDER / "bodies").glob("page-*.html"):
        pages |= items_of(path.name, "https://www.state.gov/a-page/", EndpointKind.PAGE)
    assert pages.keys() == rest.keys()
    listed = items_of("state-listing.html", LISTING, EndpointKind.LISTING)
    assert listed.keys() == {None}
    for guid, item in rest.items():
        for other in (feed[guid], pages[guid]):
            assert build_wording(other.title, other.paragraphs or (), other.byline) == build_wording(
                item.title, item.paragraphs or (), item.byline
            )
            assert (other.url, other.byline, other.published_at) == (item.url, item.byline, item.published_at)
