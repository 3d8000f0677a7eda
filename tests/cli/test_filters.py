"""Tests of the filters that `list`, `search`, `events`, `copies` and `export` share; a watch is one of them."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import CONFIG, Said, rows

from scraper.cli.filters import KINDS
from scraper.config.choices import Topic
from scraper.config.groups import Group, Line
from scraper.delivery.subjects import SubjectReader
from scraper.model import Capture, Event, EventKind, Grade, Item, Outcome, Precision, Reading, Relation, Role, Wording
from scraper.pages import Copy, MirrorPage
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Said]

NOW = datetime(2026, 3, 15, 10, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MIRRORS = """\
  - name: stl-news
    role: mirror
    endpoints: [{kind: feed, url: https://stl.news/feed/}]
  - name: gazette
    role: mirror
    endpoints: [{kind: feed, url: https://gazette.example/feed/}]
"""
WATCHES = """\
watches:
  - name: Mekong Desk
    to: [desk@example.org]
    about:
      words: [Mekong]
      countries: [Laos]
      none: {types: [Media Note]}
    when: [revised, altered, outdated]
  - name: Secretary on China
    to: [desk@example.org]
    about:
      all:
        countries: [China]
        speakers: [Secretary of State]
"""
SECRETARY = "Rosalind P. Quill, Secretary of State"
STATEMENTS = (
    # number, day in May, title, type, byline, countries, text
    (1, 10, "Meeting in Vientiane", "Readout", SECRETARY, ("Laos",), "The river was the subject."),
    (2, 11, "Relations with China", "Press Statement", SECRETARY, ("China",), "We spoke about trade."),
    (3, 12, "On Lower Rivers", "Media Note", "Office of the Spokesperson", (), "The Mekong is long."),
    (4, 13, "Talks in Beijing", "Readout", "Jane Roe, Deputy Secretary of State", ("China",), "Trade again."),
    (5, 13, "On Water", None, None, (), "Nothing but the Mekong, and the U.S. at its side."),
)


def item(number: int, day: int, *rest: Any, more: str = "") -> Item:
    title, type_, byline, countries, text = rest
    return Item(
        f"https://www.state.gov/s{number}/",
        title,
        f"https://www.state.gov/?p={number}",
        published_at=datetime(2026, 5, day, 15, tzinfo=UTC),
        precision=Precision.SECOND,
        type=type_,
        byline=byline,
        countries=countries,
        paragraphs=(text + more,),
    )


COPIES = (
    # statement, source, host, relation, outdated
    (1, "stl-news", "stl.news", Relation.VERBATIM, True),
    (2, "gazette", "www.gazette.example", Relation.ALTERED, False),
)


def add_copies(store: Store) -> None:
    for day, (number, source, host, relation, outdated) in enumerate(COPIES, 20):
        statement, at = (
            store.statements.by_guid(f"https://www.state.gov/?p={number}"),
            datetime(2026, 5, day, tzinfo=UTC),
        )
        assert statement is not None
        at, url = datetime(2026, 5, day, tzinfo=UTC), f"https://{host}/{number}/"
        page = MirrorPage(0, url, source, "Copy", relation, at, at)
        with store.unit():
            page_id = store.pages.save(page, parser="mirror-article", version=1, is_document=True, listed_sha256=None)
            store.pages.save_wording(page_id, Wording("Copy", "A copy."), "A copy.", at, replaces=False)
            seen = {"first_seen_at": at, "last_seen_at": at, "coverage": 1.0, "fidelity": 1.0}
            given = {"page_id": page_id, "statement_id": statement.id, "revision": 1, "outdated": outdated}
            store.copies.save([Copy(relation=relation, **given, **seen)])
            event = Event(
                EventKind.COPY_FOUND, at, source, statement_id=statement.id, title=statement.title, page_url=url
            )
            store.events.add([replace(event, relation=relation, outdated=outdated, grade=Grade.MATERIAL)])


PLACE = "(countries are looked for in State’s tags and the title only)"


@pytest.fixture(scope="module")
def database(new_database: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Five statements of May 2026, the first revised on the 15th; one copy on each of two mirrors."""
    path = tmp_path_factory.mktemp("filters") / "x.db"
    path.write_bytes(new_database)
    with Store(path) as store:
        for day, more in ((14, ""), (15, " It was 40 m deep, and not 80 m.")):
            at = datetime(2026, 5, day, tzinfo=UTC)
            items = tuple(item(*given, more=more if given[0] == 1 else "") for given in STATEMENTS)
            capture = Capture("https://www.state.gov/feed/", at, Outcome.OK, 200, body=str(day).encode())
            with store.unit():
                ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", items), "")
        add_copies(store)
    return path.read_bytes()


@pytest.fixture
def library(run: Run, tmp_path: Path, database: bytes) -> Run:
    (tmp_path / "statewire.db").write_bytes(database)
    (tmp_path / "config.yaml").write_text(CONFIG + MIRRORS + WATCHES, encoding="utf-8")
    return run


def numbers(said: Said) -> list[int]:
    """Numbers of the statements in the output with --json or in JSON Lines, in its order."""
    assert (said.code, said.err) == (0, "")
    rows = json.loads(said.out) if said.out.startswith("[") else [json.loads(line) for line in said.out.splitlines()]
    return [int(row["guid"].rpartition("=")[2]) for row in rows if row["guid"]]


LIST = [
    ("--country Laos", [1]),
    ("--country laos --country China", [4, 2, 1]),
    ("--country China --type Readout", [4]),
    ("--type readout --type press-statement", [4, 2, 1]),
    ("--speaker 'Secretary of State'", [2, 1]),
    ("--speaker Roe", [4]),
    ("--changed", [1]),
    ("--copied-by stl.news", [1]),
    ("--copied-by stl-news", [1]),
    ("--copied-by https://www.gazette.example/feed/", [2]),
    ("--copied-by gazette.example --outdated", []),
    ("--outdated", [1]),
    ("--source state --country China -n 1", [4]),
    ("--since 2026-05-12 --until 2026-05-12", [3]),
    ("--since 2026-05-12", [5, 4, 3]),
    ("--until 2026-05-11", [2, 1]),
    ("--since 2026-05 --until 2026-05", [5, 4, 3, 2, 1]),
    ("--until 2026-04", []),
    ("--since 2026-W20 --until 2026-W20", [5, 4, 3, 2]),
    ("--since 2026-05-11T15:00 --until '2026-05-12 15:00 UTC'", [2]),
    ("--since 2026-05-11T16:00+01:00 --until 2026-05-12T15:00:01Z", [3, 2]),
    ("--watch 'Mekong Desk'", [5, 1]),
    ("--watch 'mekong desk' --type Readout", [1]),
    ("--watch 'Secretary on China'", [2]),
]


@pytest.mark.parametrize(("options", "expected"), LIST, ids=[options for options, _ in LIST])
def test_list_and_export_select_the_same_statements(library: Run, options: str, expected: list[int]) -> None:
    arguments = shlex.split(options)
    assert numbers(library("list", "--json", *arguments)) == expected
    assert numbers(library("export", "statements", *arguments)) == expected


SEARCH = [
    ("--country China", [2, 4]),
    ("--watch 'Secretary on China'", [2]),
    ("--type Readout", [4]),
    ("--since 2026-05-13", [4]),
    ("--copied-by gazette -n 1", [2]),
    ("--changed", []),
]


@pytest.mark.parametrize(("options", "expected"), SEARCH, ids=[options for options, _ in SEARCH])
def test_search_has_the_filters_of_list(library: Run, options: str, expected: list[int]) -> None:
    assert sorted(numbers(library("search", "trade", "--json", *shlex.split(options)))) == expected


EVENTS = [
    ("--kind revised", [1]),
    ("--kind Revised --kind altered", [1, 2]),
    ("--kind statement.revised", [1]),
    ("--kind outdated", [1]),
    ("--kind copied", []),
    ("--kind copy", [1, 2]),
    ("--kind found --country China", [2]),
    ("--changed", [1]),
    ("--changed --kind published", []),
    ("--outdated", [1]),
    ("--copied-by gazette.example", [2]),
    ("--type 'Media Note'", [3]),
    ("--speaker 'Secretary of State' --kind published", [1, 2]),
    ("--watch 'Mekong Desk'", [1, 1]),
    ("--watch 'Mekong Desk' --since 2026-05-20 --until 2026-05-20", [1]),
    ("--watch 'Mekong Desk' --changed", [1]),
    ("--watch 'Secretary on China' --until 2026-05-14", [2]),
    ("--watch 'Secretary on China' -n 1", [2]),
]


@pytest.mark.parametrize(("options", "expected"), EVENTS, ids=[options for options, _ in EVENTS])
def test_events_and_their_export_select_the_same(library: Run, options: str, expected: list[int]) -> None:
    arguments = shlex.split(options)
    found = json.loads(library("events", "--json", *arguments).out)
    with Store(Path("statewire.db")) as store:
        guids = {s.id: int(s.guid.rpartition("=")[2]) for s in store.statements.find()}
    assert sorted(guids[row["statement"]] for row in found) == expected
    exported = [json.loads(line) for line in library("export", "events", *arguments).out.splitlines()]
    assert [row["id"] for row in exported] == [row["id"] for row in found]


COPY_LIST = [
    ("--country China", [2]),
    ("--watch 'Mekong Desk'", [1]),
    ("--changed", [1]),
    ("--outdated", [1]),
    ("--copied-by www.stl.news", [1]),
    ("--speaker Quill --until 2026-05-20", [1]),
    ("--since 2026-05-21 --until 2026-05-21", [2]),
    ("--type Readout --type 'Press Statement' -n 1", [2]),
]


@pytest.mark.parametrize(("options", "expected"), COPY_LIST, ids=[options for options, _ in COPY_LIST])
def test_copies_and_their_export_select_the_same(library: Run, options: str, expected: list[int]) -> None:
    arguments = shlex.split(options)
    assert numbers(library("copies", "--json", *arguments)) == expected
    assert numbers(library("export", "copies", *arguments)) == expected
    assert [title for title in ("Vientiane", "China") if title in library("copies", *arguments).out] == [
        {1: "Vientiane", 2: "China"}[number] for number in expected
    ]


def test_a_feed_is_of_a_watch(library: Run) -> None:
    feed = library("export", "events", "--format", "atom", "--watch", "Mekong Desk").out
    assert feed.count("<entry>") == 2
    assert "China" not in feed


@pytest.mark.parametrize(
    ("number", "kind", "answers"),
    [
        (
            1,
            "statement.revised",
            [
                "yes  Mekong Desk: selects revised, at least minor; matched the country “Laos”",
                f"no   Secretary on China: lacks the country “China” {PLACE}",
            ],
        ),
        (
            2,
            "copy.found",
            [
                f"no   Mekong Desk: none of its subjects occurs {PLACE}",
                "yes  Secretary on China: selects altered, at least minor; matched the country “China”, the speaker"
                " “Secretary of State”",
            ],
        ),
        (
            3,
            "statement.published",
            [
                "no   Mekong Desk: excluded by the type “Media Note”",
                f"no   Secretary on China: lacks the country “China” {PLACE}; lacks the speaker “Secretary of State”",
            ],
        ),
    ],
)
def test_why_and_the_mail_name_the_conditions_that_matched(
    library: Run, tmp_path: Path, number: int, kind: str, answers: list[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("when: [revised,", "when: [published, revised,"), "utf-8")
    with Store(Path("statewire.db")) as store:
        statement = store.statements.by_guid(f"https://www.state.gov/?p={number}")
        assert statement is not None
        # Without the mark of backfill, which no watch fires for.
        store.database.execute("DROP TRIGGER events_immutable")
        store.database.execute("UPDATE events SET backfill = 0")
        (event,) = store.events.find(EventFilter(kinds=(kind,), statement_id=statement.id))
    assert library("alerts", "why", str(event.id)).out.splitlines()[-2:] == answers
    for answer in answers:
        if answer.startswith("yes"):
            name, _, reason = answer.removeprefix("yes  ").partition(": ")
            library("alerts", "preview", str(event.id), "--watch", name)
            mail = message_from_bytes((tmp_path / f"event-{event.id}.eml").read_bytes(), policy=policy.default)
            text = " ".join(mail.get_body(("plain",)).get_content().split())
            assert f"watch “{name}” {reason}" in text


def test_a_text_is_read_only_where_the_index_finds_a_word_of_the_filter(library: Run) -> None:
    with Store(Path("statewire.db")) as store:
        reader = SubjectReader(store, [Group(any=(Line("words", ("Mekong",)), Line("countries", ("Laos",))))])
        texts = {s.guid[-1]: reader.of_statement(s).text for s in store.statements.find()}
    assert {number for number, text in texts.items() if text} == {"3", "5"}


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("127.0.0.1:18932", "127.0.0.1"),
        ("127.0.0.1:18932", "127.0.0.1:18932"),
        ("www.herald.example:8080", "herald.example"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:8080", "2001:db8::7"),
        ("[2001:db8::7]:8080", "[2001:db8::7]:8080"),
    ],
)
def test_a_site_is_named_as_outlets_print_it(library: Run, host: str, site: str) -> None:
    at = datetime(2026, 5, 22, tzinfo=UTC)
    with Store(Path("statewire.db")) as store, store.unit():
        store.database.execute("UPDATE pages SET url = ? WHERE source = 'gazette'", [f"http://{host}/2/"])
        url = f"http://{host.replace('7', '77').replace('herald', 'heraldry')}/2/"
        other = MirrorPage(0, url, "other", "Other", Relation.NONE, at, at)
        store.pages.save(other, parser="mirror-article", version=1, is_document=True, listed_sha256=None)
    assert numbers(library("list", "--json", "--copied-by", site)) == [2]
    assert numbers(library("copies", "--json", "--copied-by", site)) == [2]


@pytest.mark.parametrize("site", ["127.0.0.1:80", "http://127.0.0.1/", "127.0.0.11", "127.0.0"])
def test_another_port_or_host_is_another_site(library: Run, site: str) -> None:
    with Store(Path("statewire.db")) as store, store.unit():
        store.database.execute("UPDATE pages SET url = ? WHERE source = 'gazette'", ["http://127.0.0.1:18932/2/"])
    said = library("list", "--copied-by", site)
    assert (said.code, said.out) == (2, "")
    assert f"did you mean “{site}”" not in said.err


# Wrong names


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("list --country Loas", "no country “Loas”, nor has a stored statement; did you mean “Laos”?"),
        ("list --country Myanmar", "did you mean “Burma”?"),
        ("list --country Turky", "did you mean “Turkey”?"),
        ("copies --country Korea", "did you mean “North Korea” or “South Korea”?"),
        ("search river --type Readuot", "no type “Readuot”, nor has a stored statement; did you mean “Readout”?"),
        ("events --type 'Press Statment' --json", "did you mean “Press Statement”?"),
        ("list --speaker 'Secretray of State'", "did you mean “Secretary of State”?"),
        ("export statements --speaker Quil", "did you mean “Quill”?"),
        ("list --source stat", "no source named “stat”; did you mean “state”?"),
        ("events --source gazete", "did you mean “gazette”?"),
        ("copies --copied-by stl.nws", "did you mean “stl.news”?"),
        ("list --watch 'Mekon Desk'", "no watch named “Mekon Desk”; did you mean “Mekong Desk”?"),
        ("export events --watch Desk", "did you mean “Mekong Desk”?"),
        ("alerts replay --watch 'China'", "did you mean “Secretary on China”?"),
        ("events --kind revisd", "“revisd” is unknown; did you mean “revised”?"),
        ("copies --relation verbatm", "“verbatm” is unknown; did you mean “verbatim”?"),
        ("export events --kind statement.revise", "did you mean “statement.revised”?"),
    ],
)
def test_a_wrong_name_is_named_with_the_nearest_right_one(library: Run, arguments: str, named: str) -> None:
    said = library(*shlex.split(arguments))
    assert (said.code, said.out) == (2, "")
    assert named in " ".join(said.err.split())


@pytest.mark.parametrize("options", ["--country Peru", "--type Travel", "--speaker Counselor", "--source gazette"])
def test_a_name_that_exists_may_have_nothing(library: Run, options: str) -> None:
    said = library("list", *options.split())
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("No matching statements.")
    assert library("list", "--json", *options.split()) == Said("[]\n", "", 0)


@pytest.mark.parametrize(
    "arguments",
    [
        "list --since 2026-05-12 --until 2026-05-11",
        "events --until 2026-05-11T12:00 --since 2026-05-11T12:00",
        "copies --since today --until 2026-01",
        "export statements --kind revised",
        "list --country --",
        "list --speaker ...",
    ],
)
def test_filters_that_nothing_can_fit_are_refused(library: Run, arguments: str) -> None:
    said = library(*arguments.split())
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err


def test_every_word_of_a_watch_and_every_kind_is_a_kind_of_events() -> None:
    assert {*Topic, *EventKind, *(kind.subject for kind in EventKind)} <= KINDS.keys()


# Times


@pytest.mark.parametrize(
    "text",
    "24x 1mo 99999y 99999999d tomorrow 2026-05-12T10:00:00:00 ２０２６ 12.5.2026 2026/05/12 - T10".split(),
)
def test_any_other_text_is_refused(library: Run, text: str) -> None:
    said = library("list", f"--since={text}")
    assert (said.code, said.out) == (2, "")
    assert "is not a time: write" in said.err


@pytest.mark.parametrize(
    "text",
    "2026-13 2026-02-30 0000 0000-01 2026-00 2026-W54 2026-05-12T25:00 0001-01-01T00:00+14:00".split(),
)
def test_a_day_or_time_that_does_not_exist_is_refused_as_such(library: Run, text: str) -> None:
    said = library("list", f"--since={text}")
    assert (said.code, said.out) == (2, "")
    assert f"there is no day or time “{text}”; check the day and the month" in said.err


@pytest.mark.parametrize(("verb", "what"), [("copies", "copies"), ("quotes", "quotations"), ("events", "events")])
def test_an_empty_list_without_filters_says_what_to_do(run: Run, store: Store, verb: str, what: str) -> None:
    words = "fetch` polls" if verb == "events" else "source add URL` adds a site"
    assert f"No {what}. `statewire {words}" in run(verb, "-n", "3").err
    filtered = run(verb, "--since", "2026-01-01").err
    assert filtered == f"No matching {what}. `statewire {verb}` without filters lists all.\n"


def test_a_country_that_is_only_a_word_of_titles_is_named_with_the_known_one(library: Run) -> None:
    with Store(Path("statewire.db")) as store, store.unit():
        store.database.execute("UPDATE statements SET title = 'Meeting of Kenyan Ministers' WHERE id = 1")
        store.database.execute("UPDATE revisions SET title = 'Meeting of Kenyan Ministers' WHERE statement_id = 1")
    said = library("list", "--country", "Kenyan", "--json")
    assert [row["id"] for row in said.json] == [1]
    words = "State’s site has no country “Kenyan”, and only titles with this word fit; did you mean “Kenya”?"
    assert said.err == f"note: {words}\n"
    added = library("watch", "add", "X", "--country", "Kenyan", "--to", "a@b.org").err
    assert f"warning: the watch “X” (about.countries): {words}" in added


@pytest.mark.parametrize("written", ["Turkiye", "TÜRKIYE", "türkiye", "Cote d'Ivoire", "cote d’ivoire"])
def test_a_country_is_selected_without_its_accents(run: Run, db: Path, written: str) -> None:
    items = (
        Item("https://www.state.gov/1/", "Harbour Day", "1", countries=("Turkey (Türkiye)", "Côte d’Ivoire")),
        Item("https://www.state.gov/2/", "Harbour Day of Türkiye and Côte d’Ivoire", "2"),
        Item("https://www.state.gov/3/", "Harbour Day of Laos", "3", countries=("Laos",)),
    )
    given = tuple(replace(each, paragraphs=(f"It has {each.guid} lamps.",)) for each in items)
    capture = Capture("https://www.state.gov/feed/", datetime(2026, 3, 2, tzinfo=UTC), Outcome.OK, 200, body=b"x")
    with Store(db) as store, store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", given), "")
    for command in (("list",), ("search", "harbour")):
        assert {row["id"] for row in rows(run(*command, "--country", written, "--json"))} == {1, 2}
