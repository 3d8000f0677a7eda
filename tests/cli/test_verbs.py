"""Tests of the commands as a person or a script calls them: output, stream and exit code."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import pytest
from command import Said, rows
from samples import FEED_URL, HTML_HEADERS, NOON, Piece, article, poll_records, record, rss, warc

from scraper import __version__
from scraper.cli.app import cli
from scraper.cli.format import day_or_time
from scraper.model import EventKind, Precision, Role
from scraper.store import SourceState, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR = timedelta(hours=1)
STATEMENT_KEYS = set(
    "id guid url title published_at type byline state revisions words first_seen_at last_seen_at".split()
)
REVISION_KEYS = set("number title text first_seen_at last_seen_at grade".split())
EVENT_KEYS = set(
    "id kind at statement guid url title grade reasons part before after page_url page_title relation outdated revision"
    " coverage fidelity source backfill standing sections".split()
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
VERBS = cli.list_commands(click.Context(cli))


# Help


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_help_and_changes_nothing(run: Callable[..., Said], tmp_path: Path, verb: str) -> None:
    said = run(verb, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: statewire {verb}")
    assert len(said.out.splitlines()[2].strip()) > 20
    assert "--help" in said.out
    assert not (tmp_path / "statewire.db").exists()


def test_the_root_lists_all_verbs_and_exit_codes(run: Callable[..., Said]) -> None:
    said = run("--help")
    assert [line.split()[0] for line in said.out.partition("Commands:")[2].splitlines() if line.strip()] == VERBS
    assert set(VERBS) >= set("fetch demo import list show diff search events status config".split())
    assert "5 database" in " ".join(said.out.split())
    assert run("-h").out == said.out
    assert run("--version").out == f"statewire, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("list", "--frobnicate"),
        ("list", "--since", "sometime"),
        ("list", "--since", "24x"),
        ("list", "-n", "0"),
        ("events", "--kind", "statement.eaten"),
        ("events", "--at-least", "huge"),
        ("show",),
        ("show", "1", "--revision", "0"),
        ("diff", "1", "x"),
        ("import",),
        ("search",),
        ("fetch", "state", "https://www.state.gov/x/"),
        ("fetch", "https://www.state.gov/x/", "--since", "7d"),
        ("fetch", "--dry-run"),
        ("fetch", "state", "--text"),
    ],
)
def test_wrong_usage_ends_with_2(run: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert "Usage:" in said.err
    assert "Traceback" not in said.err


# JSON, as scripts rely on it


def test_list_json(story: Callable[..., Said]) -> None:
    found = rows(story("list", "--json"))
    assert len(found) == 15
    assert all(row.keys() >= STATEMENT_KEYS for row in found)
    first = next(row for row in found if row["title"] == "Lamps for Harbour 5")
    assert {key: first[key] for key in ("guid", "url", "type", "byline", "state", "revisions")} == {
        "guid": Piece(5).guid,
        "url": Piece(5).url,
        "type": None,
        "byline": Piece(5).byline,
        "state": "current",
        "revisions": 2,
    }
    assert (first["published_at"], first["first_seen_at"]) == ("2026-03-02T11:30:00Z", "2026-03-02T12:00:00Z")
    assert all(MOMENT.match(row["last_seen_at"]) for row in found)
    assert all(isinstance(row["id"], int) and isinstance(row["words"], int) for row in found)
    times = [row["published_at"] for row in found]
    assert times == sorted(times, reverse=True)


def test_show_json(story: Callable[..., Said]) -> None:
    said = story("show", Piece(5).guid, "--json")
    assert (said.code, said.err) == (0, "")
    shown = said.json
    assert STATEMENT_KEYS | {"text", "urls", "revisions"} <= shown.keys()
    assert shown["urls"] == [Piece(5).url]
    assert [revision["number"] for revision in shown["revisions"]] == [1, 2]
    assert all(revision.keys() >= REVISION_KEYS for revision in shown["revisions"])
    assert [revision["grade"] for revision in shown["revisions"]] == [None, "material"]
    assert shown["text"] == shown["revisions"][1]["text"]
    assert "does not give" in shown["text"]
    assert story("show", Piece(5).guid, "--json", "--revision", "1").json["text"] == shown["revisions"][0]["text"]


def test_events_json(story: Callable[..., Said]) -> None:
    found = rows(story("events", "--json"))
    assert all(row.keys() == EVENT_KEYS for row in found)
    assert {row["kind"] for row in found} <= {kind.value for kind in EventKind}
    revised = next(row for row in found if row["kind"] == "statement.revised")
    assert (revised["at"], revised["guid"], revised["grade"], revised["part"], revised["backfill"]) == (
        "2026-03-02T12:50:00Z",
        Piece(5).guid,
        "material",
        "body",
        False,
    )
    assert isinstance(revised["reasons"], list)
    touched = next(row for row in found if row["kind"] == "statement.touched")
    assert (touched["part"], touched["before"], touched["after"]) == (
        "title",
        "Lamps for Harbour 4",
        "LAMPS FOR HARBOUR 4",
    )
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)


def test_search_diff_status_and_import_json(story: Callable[..., Said], tmp_path: Path) -> None:
    (found,) = rows(story("search", "does not give", "--json"))
    assert found.keys() >= STATEMENT_KEYS
    assert (found["revision"], found["guid"]) == (2, Piece(5).guid)
    assert "**does not give**" in found["snippet"]
    difference = story("diff", Piece(5).guid, "--json").json
    assert (difference["before"]["number"], difference["after"]["number"]) == (1, 2)
    assert difference["body"]["grade"] == "material"
    assert difference["title"] == {"grade": None, "reasons": [], "sections": [], "hunks": []}
    status = story("status", "--json").json
    assert (status["statements"], status["captures"], status["database"]) == (15, 26, "statewire.db")
    assert [source["name"] for source in status["sources"]] == ["state", "old"]
    assert status["sources"][1]["enabled"] is False
    summary = story("import", str(tmp_path / "x.warc.gz"), "--json").json
    assert (summary["captures"], summary["known"], summary["stale"], summary["statements"]) == (26, 26, 3, 15)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("verb", [("list",), ("events",), ("search", "lamps")])
def test_no_rows_are_an_empty_array_and_one_line_of_talk(run: Callable[..., Said], verb: tuple[str, ...]) -> None:
    assert rows(run(*verb, "--json")) == []
    said = run(*verb)
    assert (said.out, said.code) == ("", 0)
    assert said.err.count("\n") == 1
    assert run("-q", *verb) == Said("", "", 0)


# What people read


def test_list_for_people(story: Callable[..., Said]) -> None:
    lines = story("list").out.splitlines()
    assert len(lines) == 15
    assert any(re.fullmatch(r" +\d+  2026-03-02 11:30 UTC +Lamps for Harbour 5 \[2 wordings\]", line) for line in lines)
    assert len(story("list", "-n", "2").out.splitlines()) == 2
    assert len(story("list", "--until", "2026-01-01").out.splitlines()) == 1
    assert len(story("list", "--since", "2026-03-02T12:00").out.splitlines()) == 8
    assert story("list", "--state", "withdrawn").out == ""
    assert story("list", "--source", "state").out.count("\n") == 15


def test_show_for_people(story: Callable[..., Said]) -> None:
    said = story("show", Piece(5).url)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Lamps for Harbour 5\n")
    for expected in (
        "2026-03-02 11:30 UTC",
        Piece(5).byline,
        Piece(5).guid,
        Piece(5).url,
        "material change",
        "does not",
    ):
        assert expected in said.out
    assert story("show", Piece(5).guid, "--text").out.startswith(
        "Lamps for Harbour 5\n\nThe United States does not give"
    )
    assert "gives 5 lamps" in story("show", Piece(5).guid, "--text", "--revision", "1").out


def test_a_statement_is_named_by_number_guid_or_address(story: Callable[..., Said]) -> None:
    number = str(story("show", Piece(5).guid, "--json").json["id"])
    for name in (number, Piece(5).guid, Piece(5).url, Piece(5).url.rstrip("/"), Piece(5).url + "?utm_source=x#top"):
        assert story("show", name, "--json").json["guid"] == Piece(5).guid
    for name in ("999", "99999999999999999999999", "no-guid", "https://www.state.gov/nowhere/"):
        said = story("show", name)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("statewire: there is no statement")
        assert said.err.count("\n") == 1


def test_an_address_that_carried_two_statements_names_both(story: Callable[..., Said]) -> None:
    said = story("show", Piece(70, slug="national-day").url)
    assert (said.code, said.out) == (2, "")
    numbers = re.findall(r"(\d+) \(", said.err)
    assert {story("show", number, "--json").json["guid"] for number in numbers} == {Piece(70).guid, Piece(71).guid}


def test_diff_for_people(story: Callable[..., Said]) -> None:
    said = story("diff", Piece(5).guid)
    assert (said.code, said.err) == (0, "")
    assert "[-gives-]" in said.out
    assert "{+does not give+}" in said.out
    assert "material" in said.out
    assert story("diff", Piece(5).guid, "1", "2").out == said.out
    assert "{+gives+}" in story("diff", Piece(5).guid, "2", "1").out
    assert story("diff", Piece(1).guid).code == 2
    assert "only one revision" in story("diff", Piece(1).guid).err
    assert story("diff", Piece(5).guid, "1", "3").code == 2


def test_show_marks_events_of_the_time_before_monitoring_like_events(story: Callable[..., Said]) -> None:
    first = next(row for row in story("events", "--json").json if row["backfill"])
    words = "  (already there when monitoring began)\n"
    assert words in story("show", str(first["statement"])).out


def test_search_for_people(story: Callable[..., Said]) -> None:
    assert "Harbour 5" in story("search", "does", "not", "give").out
    assert story("search", "does not give").out == story("search", '"does not give"').out
    assert story("search", "give not does").out == ""
    changed = story("list", "--changed", "--json").json[0]
    rows = story("search", changed["title"], "--json").json
    assert [row["revision"] for row in rows if row["id"] == changed["id"]] == [changed["revisions"]]  # once, the newest
    assert len(re.findall(r"^ +\d+  2026", story("search", "-n", "3", "lamps").out, re.MULTILINE)) == 3
    for query in ("foo-bar", 'a"b', "AND", "NEAR", "'); DROP TABLE statements; --", "title:x"):
        said = story("search", "--", query)
        assert said.code == 0
        assert "Traceback" not in said.err


def test_events_for_people_and_their_filters(story: Callable[..., Said]) -> None:
    lines = story("events").out.splitlines()
    assert any(line[7:].startswith("2026-03-02 12:50 UTC  Revised (material): Lamps for Harbour 5") for line in lines)

    def count(*arguments: str) -> int:
        return len(rows(story("events", "--json", *arguments)))

    assert count() == 15 + 3
    assert count("--kind", "statement.published") == 15
    assert count("--kind", "statement.revised", "--kind", "statement.touched") == 2
    assert count("--kind", "source") == 0
    assert count("--at-least", "material") == 18 - 1
    assert count("--statement", Piece(5).guid) == 2
    assert count("--since", "2026-03-02T12:50") == count() - count("--until", "2026-03-02T12:50")
    assert count("--no-backfill") == 18 - 1
    assert count("--source", "old") == 0
    assert [row["kind"] for row in rows(story("events", "--json", "-n", "1"))] == ["statement.published"]
    assert story("events", "--statement", "999").code == 2


def test_status_for_people(run: Callable[..., Said], story: Callable[..., Said]) -> None:
    said = story("status")
    assert (said.code, said.err) == (0, "")
    first, watch, state, old = said.out.splitlines()
    assert watch == "  no source has been polled yet; no daemon runs"
    assert first == "statewire.db: 15 statements, 18 events, 26 captures; 0 copies on 0 pages of other sites"
    assert state.split()[:2] == ["state", "canonical"]
    assert "switched off" in old
    assert "last success 2026-03-02 20:00 UTC" in state


def test_import_for_people(run: Callable[..., Said], tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc", *poll_records(3), record(NOON + HOUR, b"oops", status=500))
    said = run("import", str(path))
    assert said.out == (
        "4 captures read: 3 new, 0 known before, 1 skipped (1 not readable)\n"
        "6 new statements, 6 events; the database has 6 statements\n"
    )
    assert "error page (status 500" in said.err
    assert run("-q", "import", str(path)) == Said(
        "4 captures read: 0 new, 4 known before, 0 skipped\n"
        "0 new statements, 0 events; the database has 6 statements\n",
        "",
        0,
    )


def test_many_problems_are_counted_and_all_listed_with_v(run: Callable[..., Said], tmp_path: Path) -> None:
    bad = [record(NOON + minute * HOUR, b"oops", status=500) for minute in range(9)]
    path = str(warc(tmp_path / "x.warc", *bad))
    said = run("import", path)
    assert said.err.count("error page") == 5
    assert "and 4 more problems" in said.err
    assert run("-v", "import", path).err.count("error page") == 9


def test_a_page_from_a_file_is_the_same_statement_as_from_the_feed(run: Callable[..., Said], tmp_path: Path) -> None:
    page = record(NOON + HOUR, article(Piece(1)), Piece(1).url, headers=HTML_HEADERS)
    run("import", str(warc(tmp_path / "x.warc", record(NOON, rss(Piece(1)), FEED_URL), page)))
    (row,) = rows(run("list", "--json"))
    assert (row["last_seen_at"], row["revisions"], row["type"]) == ("2026-03-02T13:00:00Z", 1, "Press Statement")
    assert (row["published_at"], row["precision"]) == ("2026-03-02T11:30:00Z", "second")


@pytest.fixture
def in_trouble(run: Callable[..., Said], db: Path) -> Callable[..., Said]:
    """A source that is blocked since noon, and one that two runs could not reach."""
    ok = NOON - HOUR
    with Store(db) as store, store.unit():
        why = "https://www.state.gov/feed/: blocked (a page titled 'Access\x1b[2J Denied')"
        store.sources.save(
            SourceState(
                "state", Role.CANONICAL, ok, NOON, ok, 10, 3, FEED_URL, "source.blocked", NOON, why, NOON + HOUR
            )
        )
        store.sources.save(SourceState("old", Role.ARCHIVE, last_attempt_at=NOON, failures=2))
        store.sources.save(SourceState("import", Role.CANONICAL, ok, None, ok, 1))
    return run


def test_status_of_sources_in_trouble(in_trouble: Callable[..., Said]) -> None:
    said = in_trouble("status")
    assert said.code == 1
    _, watch, *lines = said.out.splitlines()
    assert watch.startswith("  no source has been polled for ")
    assert watch.endswith(": check that `statewire run`, or your timer for `statewire fetch`, is running")
    assert lines[0].split(None, 2)[2] == (
        "blocked since 2026-03-02 12:00 UTC; no success in 3 runs; last success 2026-03-02 11:00 UTC; due "
        "now, every 15 min"
    )
    assert lines[1].strip().startswith("https://www.state.gov/feed/: blocked")
    assert "\x1b" not in said.out
    assert lines[2].endswith("  switched off; last success never")
    assert lines[3].split(None, 2) == [
        "import",
        "canonical",
        "not in the configuration; last success 2026-03-02 11:00 UTC",
    ]
    state = in_trouble("status", "--json").json["sources"][0]
    assert (state["incident"], state["incident_since_at"], state["enabled"]) == (
        "source.blocked",
        "2026-03-02T12:00:00Z",
        True,
    )


@pytest.mark.usefixtures("store")
def test_a_source_never_asked(run: Callable[..., Said]) -> None:
    assert run("status").out.splitlines()[2].split(None, 2)[2] == "not polled yet"


def test_times_may_be_counted_back_from_now(story: Callable[..., Said]) -> None:
    for ago in ("1m", "24h", "1d", "1w"):
        assert story("list", "--since", ago).out == ""
        assert len(rows(story("list", "--until", ago, "--json"))) == 15


def test_plain_lines_of_progress_without_a_terminal(run: Callable[..., Said], tmp_path: Path) -> None:
    records = [record(NOON + timedelta(seconds=n), b"oops", status=500) for n in range(1, 1101)]
    said = run("import", str(warc(tmp_path / "x.warc", *records)))
    lines = [line for line in said.err.splitlines() if line.startswith("captures: ")]
    assert lines[0] == "captures: 128 of 1100"
    assert 7 <= len(lines) <= 10


def test_a_date_is_shown_as_precisely_as_it_is_known() -> None:
    at = datetime(2007, 8, 1, 12, 30, tzinfo=UTC)
    shown = {precision: day_or_time(at, precision) for precision in (None, *Precision)}
    assert shown == {
        None: "2007-08-01 12:30 UTC",
        Precision.SECOND: "2007-08-01 12:30 UTC",
        Precision.MINUTE: "2007-08-01 12:30 UTC",
        Precision.DAY: "2007-08-01",
        Precision.MONTH: "2007-08",
    }


def test_a_query_cannot_move_the_cursor_and_is_not_repeated_at_length(story: Callable[..., Said]) -> None:
    said = story("search", f"\x1b[31mxyzzy{'x' * 5_000}")
    assert said.code == 0
    assert "\x1b" not in said.err
    assert len(said.err) < 300


# Messages that say what to do next


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("diff", "{5}", "2"), "revision 2 of statement {5} is the current one. Give two: statewire diff {5} A B;"),
        (("diff", "{5}", "1", "1"), "revision 1 of statement {5} is compared with itself. Give two: "),
        (("diff", "{5}", "a", "b"), "Invalid value for revision A: “a” is no whole number"),
        (("diff", "{1}"), "statement {1} has only one revision. `statewire show {1}` prints it"),
        (("search", ""), "the search has no letter or digit. Give the words to find"),
        (("search", "*"), "the search has no letter or digit"),
        (("search", "…"), "the search has no letter or digit"),
        (("list", "--since", "2026-11-31"), "there is no day or time “2026-11-31”; check the day and the month"),
        (("list", "--since", "2026-13"), "there is no day or time “2026-13”"),
        (("list", "--since", "11/31"), "“11/31” is not a time: write 2026-05-12"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(story: Callable[..., Said], arguments: tuple[str, ...], words: str) -> None:
    ids = {str(number): str(story("show", Piece(number).guid, "--json").json["id"]) for number in (1, 5)}

    def filled(text: str) -> str:
        return re.sub(r"\{(\d)\}", lambda found: ids[found[1]], text)

    said = story(*map(filled, arguments))
    assert (said.code, said.out) == (2, "")
    assert filled(words) in " ".join(said.err.split())


def test_a_search_without_a_match_names_the_next_step(story: Callable[..., Said]) -> None:
    said = story("search", "xyzzy")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("No stored wording has the word “xyzzy”. Fewer or other words may find more;")
    assert "No stored wording has all of “xyzzy” and “lamps”." in story("search", "xyzzy", "lamps").err
    phrase = " ".join(story("search", "keepers lamps of", "--country", "Laos").err.split())
    assert "that fits the filters has the words “keepers lamps of” in a row. Without quotation" in phrase
    assert "`statewire trace --text` finds a sentence" in phrase
    # Quotation marks as the messages and the pages have them.
    for given in ('"keepers lamps" harbour', "“keepers lamps” harbour"):
        assert "has all of “keepers lamps” (in a row) and “harbour”." in story("search", given).err
    assert "in any order" not in story("phrase", "xyzzy").err


def test_a_time_in_the_future_is_noted(story: Callable[..., Said]) -> None:
    said = story("list", "--since", "2999-01-01")
    assert said.err.startswith("note: --since 2999-01-01T00:00:00Z is in the future\n")
    assert "future" not in story("list", "--until", "2999-01-01").err
