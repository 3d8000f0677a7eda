"""Tests of evidence bundles of the demo's statement, copies and events: contents, import, kills, retention."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sqlite3
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from child import in_child
from samples import NOON, Piece, record, rss, warc

from scraper.config.settings import KeepSettings
from scraper.evidence import bundle, subject
from scraper.evidence.facts import facts_of
from scraper.evidence.page import Contents, explain
from scraper.files import replacing
from scraper.model import Revision, Wording
from scraper.store import Store, retention

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said

RIVERS = "https://www.state.gov/releases/office-of-the-spokesperson/2026/05/lower-valley-rivers-initiative/"
ALTERED = "https://pmdnews.example/rivers/"
KINDS = {
    "statement": ("4",),
    "copy": ("4", "--page", ALTERED),
    "revised": ("--event", "10"),
    "altered": ("--event", "7"),
    "unsourced": ("--event", "8"),
    "withdrawn": ("--event", "16"),
}


def hashes(path: str) -> dict[str, str]:
    return {row["path"]: row["hash"] for row in json.loads(read(path, "datapackage.json"))["resources"]}


def read(path: str, member: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(member).decode()


def facts(path: str) -> Any:
    return json.loads(read(path, "evidence/evidence.json"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_of_each_kind_is_intact(demo: Callable[..., Said], kind: str) -> None:
    said = demo("export", "evidence", *KINDS[kind], "-o", "x.wacz", "--json")
    assert (said.code, said.err) == (0, "")
    assert hashlib.sha256(read("x.wacz", "datapackage.json").encode()).hexdigest() == said.json["sha256"]
    assert (said.json["missing"], said.json["is_stamped"]) == (0, False)
    assert said.json["bytes"] == Path("x.wacz").stat().st_size
    checked = demo("verify", "x.wacz", "--json")
    assert checked.code == 0
    (row,) = checked.json
    assert (row["fits"], row["sha256"], row["responses"]) == (True, said.json["sha256"], said.json["responses"])
    assert (row["stamped_at"], row["not_checked"]) == (None, [])
    assert list(Path().glob(".*.part")) == []


def test_the_responses_of_a_statement(demo: Callable[..., Said]) -> None:
    assert demo("export", "evidence", RIVERS).code == 0
    rows = facts("statement-4.wacz")["responses"]
    # The lists in which both wordings appeared, the page with the second one, and its three absences.
    assert [row["revisions"] for row in rows] == [[1], [2], [], [], [], [], []]
    assert [row["url"] for row in rows[2:]] == [RIVERS] * 5
    assert all(row["of"] == ["statement"] and row["is_included"] for row in rows)
    assert [row["captured_at"] for row in rows] == sorted(row["captured_at"] for row in rows)


def test_what_an_event_is_about(demo: Callable[..., Said]) -> None:
    for number in (7, 8, 10):
        assert demo("export", "evidence", "--event", str(number)).code == 0
    altered, unsourced, revised = (facts(f"event-{number}.wacz") for number in (7, 8, 10))
    assert {altered["kind"], unsourced["kind"], revised["kind"]} == {"event"}
    assert altered["copy"]["page_url"] == ALTERED
    assert altered["event"]["relation"] == "altered"
    assert {name for row in altered["responses"] for name in row["of"]} == {"statement", "page"}
    assert unsourced["statement"] is None
    # The page, and what State answered at the URL that it names as its source.
    assert {row["url"] for row in unsourced["responses"]} == {
        "https://pmdnews.example/assistance-ends/",
        "https://www.state.gov/releases/2026/05/end-of-aid/",
    }
    assert unsourced["subjects"] == {"page": {"url": "https://pmdnews.example/assistance-ends/"}}
    assert [row["grade"] for row in revised["revisions"]] == [None, "material"]


def test_the_page_names_the_heading_above_a_change() -> None:
    texts = ("Trade\n\nBoats of both enter 40 ports.", "Trade\n\nBoats of both enter 14 ports.")
    revisions = [
        Revision(number, Wording("Tern", text), 7, NOON, NOON, headings=("Trade",))
        for number, text in enumerate(texts, 1)
    ]
    contents = Contents(subject.Subject("statement", None), tuple(revisions), {}, (), (), (), NOON)
    assert "in “Trade”" in explain(contents, is_stamped=False)


def test_the_page_has_both_wordings_and_says_what_is_not_proven(demo: Callable[..., Said]) -> None:
    assert demo("export", "evidence", *KINDS["copy"], "-o", "x.wacz").code == 0
    page = read("x.wacz", "evidence/index.html")
    plain = re.sub(r"<[^>]+>", "", page)
    assert "removed: $80" in plain
    assert "added: $800" in plain
    assert "State’s revisions 1 and 2" in plain
    assert "Only an outside time stamp binds the one who captured." in plain
    assert "No server has signed them" in plain
    assert "Their bodies are decoded" in plain
    assert "statewire verify FILE" in plain
    for text in ("revision-1.txt", "revision-2.txt", "page-1.txt"):
        assert read("x.wacz", f"evidence/{text}").count("\n\n") > 2
    # Nothing is loaded from elsewhere, and nothing runs.
    assert not re.search(r"<(script|img|link|iframe|form)\b|\bon[a-z]+=|url\(|@import", page)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert policy
    assert style
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "prefers-color-scheme: dark" in style[1]


def test_hostile_words_are_words(run: Callable[..., Said], tmp_path: Path) -> None:
    evil = Piece(1, title="<script>alert(1)</script>", body=("</style><img src=x onerror=alert(2)>", "\u202elamps"))
    later = evil.but(body=("</article><script>alert(3)</script>", "lamps"))
    feed = [record(NOON, rss(evil)), record(NOON + timedelta(hours=1), rss(later, built=NOON + timedelta(hours=1)))]
    assert run("import", str(warc(tmp_path / "x.warc.gz", *feed))).code == 0
    assert run("export", "evidence", "1", "-o", "x.wacz").code == 0
    page = read("x.wacz", "evidence/index.html")
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert run("verify", "x.wacz").code == 0


# Import


def export_again(demo: Callable[..., Said], kind: str) -> None:
    """Export the subject of x.wacz from new.db into y.wacz, an event by its kind and time."""
    about = facts("x.wacz")
    if about["event"]:
        with closing(sqlite3.connect("new.db")) as connection:
            found = "SELECT id FROM events WHERE kind = ? AND detected_at = ?"
            (event,) = connection.execute(found, [about["event"]["kind"], about["event"]["at"]]).fetchone()
        again = demo("export", "evidence", "--event", str(event), "-o", "y.wacz", db="new.db")
    else:
        guid, page = about["subjects"]["statement"]["guid"], about["subjects"].get("page", {}).get("url")
        again = demo("export", "evidence", guid, *(["--page", page] if page else []), "-o", "y.wacz", db="new.db")
    assert again.code == 0, again.err


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"withdrawn", "unsourced"}])
def test_an_imported_bundle_is_exported_again_byte_for_byte(demo: Callable[..., Said], kind: str) -> None:
    assert demo("export", "evidence", *KINDS[kind], "-o", "x.wacz").code == 0
    assert demo("import", "x.wacz", db="new.db").code == 0
    export_again(demo, kind)
    assert hashes("y.wacz") == hashes("x.wacz")
    assert Path("y.wacz").read_bytes() == Path("x.wacz").read_bytes()
    # So it is the third time, and after another import.
    assert "0 new" in demo("import", "x.wacz", db="new.db").out
    assert demo("import", "y.wacz", db="third.db").code == 0
    Path("new.db").unlink()
    Path("third.db").rename("new.db")
    Path("y.wacz").unlink()
    export_again(demo, kind)
    assert Path("y.wacz").read_bytes() == Path("x.wacz").read_bytes()


def test_the_event_of_a_claim_has_another_time_after_an_import(demo: Callable[..., Said]) -> None:
    """What was looked up before it, and when, is in no response of the bundle. All that the responses show is equal."""
    assert demo("export", "evidence", *KINDS["unsourced"], "-o", "x.wacz").code == 0
    assert demo("import", "x.wacz", db="new.db").code == 0
    with closing(sqlite3.connect("new.db")) as connection:
        (event,) = connection.execute("SELECT id FROM events WHERE kind = 'claim.unsourced'").fetchone()
    assert demo("export", "evidence", "--event", str(event), "-o", "y.wacz", db="new.db").code == 0
    before, after = hashes("x.wacz"), hashes("y.wacz")
    differing = {name for name in before if before[name] != after.get(name)}
    assert before.keys() == after.keys()
    assert differing == {"evidence/evidence.json", "evidence/index.html"}


def test_an_event_that_only_checks_show_is_in_the_bundle_of_its_statement(demo: Callable[..., Said]) -> None:
    """An import makes no withdrawal of three absences, so that its event has no number there."""
    assert demo("export", "evidence", *KINDS["withdrawn"], "-o", "x.wacz").code == 0
    assert demo("export", "evidence", *KINDS["statement"], "-o", "z.wacz").code == 0
    assert demo("import", "x.wacz", "z.wacz", db="new.db").code == 0
    assert demo("export", "evidence", facts("z.wacz")["subjects"]["statement"]["guid"], "-o", "y.wacz", db="new.db")
    assert Path("y.wacz").read_bytes() == Path("z.wacz").read_bytes()
    assert [row["kind"] for row in facts("y.wacz")["events"]][-1] == "statement.withdrawn"


def test_a_bundle_has_nothing_that_belongs_to_one_database(demo: Callable[..., Said]) -> None:
    for kind, arguments in KINDS.items():
        assert demo("export", "evidence", *arguments, "-o", f"{kind}.wacz").code == 0
        found = facts(f"{kind}.wacz")
        rows = [found[name] for name in ("statement", "page", "copy", "event") if found[name]]
        keys = {key for row in (*rows, *found["events"], *found["quotations"]) for key in row}
        assert keys.isdisjoint({"id", "statement", "page", "source", "backfill", "runner_up", "also"})


def test_a_record_does_not_count_where_more_is_known(demo: Callable[..., Said]) -> None:
    """Neither for what a source of this monitor has fetched, nor after a later response."""
    assert demo("export", "evidence", "4", "-o", "x.wacz").code == 0
    assert demo("import", "x.wacz", db="new.db").code == 0
    with closing(sqlite3.connect("new.db")) as connection, connection:
        connection.execute("UPDATE sources SET next_due_at = '2026-05-16T00:00:00Z'")
    export_again(demo, "statement")
    assert [row["kind"] for row in facts("y.wacz")["events"]] == ["statement.published", "statement.revised"]
    assert facts("y.wacz")["statement"]["state"] == "current"
    with closing(sqlite3.connect("new.db")) as connection, connection:
        connection.execute("UPDATE sources SET next_due_at = NULL")
        connection.execute("UPDATE revisions SET last_seen_at = '2026-05-16T00:00:00Z' WHERE number = 2")
    Path("y.wacz").unlink()
    export_again(demo, "statement")
    assert facts("y.wacz")["statement"]["state"] == "current"


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop("exported_at"),
        lambda found: found.update(events=5),
        lambda found: found.update(events=[{"kind": "statement.revised"}]),
        lambda found: found["events"][-1].update(kind="statement.splendid"),
        lambda found: found["events"][-1].update(at="2999-01-01T00:00:00Z"),
        lambda found: found["revisions"][0].update(last_seen_at="2999-01-01T00:00:00Z"),
        lambda found: found["statement"].update(state="lost"),
        lambda found: found.update(software="\ud800"),
    ],
)
def test_a_record_of_another_form_is_not_kept(
    demo: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], object]
) -> None:
    def forged(contents: Any) -> dict[str, Any]:
        found = facts_of(contents)
        change(found)
        return found

    monkeypatch.setattr(bundle, "facts_of", forged)
    assert demo("export", "evidence", "4", "-o", "x.wacz").code == 0
    assert demo("import", "x.wacz", db="new.db").code == 0
    with closing(sqlite3.connect("new.db")) as connection:
        assert connection.execute("SELECT count(*) FROM imported_records").fetchone() == (0,)


def test_responses_that_are_not_read_again_stay_in_the_next_bundle(demo: Callable[..., Said]) -> None:
    """The absences of a page reach no parser, and their URL is known only from other responses."""
    assert demo("export", "evidence", "4", "-o", "x.wacz").code == 0
    assert demo("import", "x.wacz", db="new.db").code == 0
    with closing(sqlite3.connect("new.db")) as connection:
        assert connection.execute("SELECT count(*) FROM exported_captures").fetchone() == (7,)


def test_a_bundle_cannot_keep_responses_of_others(demo: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    def forged(contents: Any) -> dict[str, Any]:
        found = facts_of(contents)
        with closing(sqlite3.connect("statewire.db")) as connection:
            for url, at, sha256 in connection.execute("SELECT url, captured_at, sha256 FROM captures"):
                row = {"url": url, "captured_at": at, "sha256": sha256, "of": ["statement"], "is_included": True}
                found["responses"].append(row)
        return found

    monkeypatch.setattr(bundle, "facts_of", forged)
    assert demo("export", "evidence", "4", "-o", "x.wacz").code == 0
    with closing(sqlite3.connect("statewire.db")) as connection, connection:
        connection.execute("DELETE FROM exported_captures")
    assert demo("import", "x.wacz").code == 0
    kept = "SELECT count(DISTINCT url || captured_at) FROM captures JOIN exported_captures ON capture_id = id"
    with closing(sqlite3.connect("statewire.db")) as connection:
        assert connection.execute(kept).fetchone() == (7,)


# Files


def test_an_existing_file_is_replaced_on_request_only(demo: Callable[..., Said]) -> None:
    assert demo("export", "evidence", "4").code == 0
    before = Path("statement-4.wacz").read_bytes()
    said = demo("export", "evidence", "4")
    assert (said.code, said.err) == (
        2,
        "statewire: statement-4.wacz exists. Give another file, or replace it with --force\n",
    )
    assert Path("statement-4.wacz").read_bytes() == before
    assert demo("export", "evidence", "4", "--force").code == 0
    assert list(Path().glob(".*.part")) == []


def test_a_killed_export_leaves_no_file_of_that_name_and_the_next_one_no_other(demo: Callable[..., Said]) -> None:
    del demo  # its folder and database are used

    def killed(responses: int) -> int:
        original = bundle._read

        def read(store: Store, stored: list[Any]) -> Any:
            for number, each in enumerate(original(store, stored)):
                if number == responses:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield each

        bundle._read = read
        with Store(Path("statewire.db")) as store:
            statement = store.statements.by_id(4)
            assert statement is not None
            bundle.export(store, subject.of_statement(statement), Path("x.wacz"), NOON, None, replace=True)
        return 0

    for responses in (0, 3, 6):
        assert in_child(lambda: killed(responses)).code == -signal.SIGKILL  # noqa: B023
        assert not Path("x.wacz").exists()
        assert Path(".x.wacz.part").exists()
    assert in_child(lambda: killed(99)).code == 0
    assert Path("x.wacz").exists()
    assert list(Path().glob(".*.part")) == []


def test_two_exports_of_one_file_do_not_mix(demo: Callable[..., Said]) -> None:
    with replacing(Path("statement-4.wacz"), is_replaced=False) as file:
        file.write(b"first")
        said = demo("export", "evidence", "4")
        assert said.code == 2
        assert "another process is writing statement-4.wacz" in said.err
    assert Path("statement-4.wacz").read_bytes() == b"first"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    with pytest.raises(ValueError, match="stop"), replacing(path, is_replaced=False) as file:  # noqa: PT012
        file.write(b"half")
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Exception, match="exists"), replacing(path, is_replaced=False):
        path.write_bytes(b"other")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("x.wacz", b"other")]


def test_a_folder_that_is_missing_is_named(demo: Callable[..., Said]) -> None:
    said = demo("export", "evidence", "4", "-o", "none/x.wacz")
    assert said.code == 5
    assert "the bundle none/x.wacz cannot be written: No such file or directory" in said.err


# What cannot be exported


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "give a statement, with --page PAGE"),
        (("4", "--event", "7"), "give a statement, with --page PAGE"),
        (("--event", "7", "--page", "6"), "give a statement, with --page PAGE"),
        (("99",), "there is no statement “99”"),
        (("4", "--page", "99"), "there is no page 99"),
        (("4", "--page", "https://nowhere.example/"), "there is no page https://nowhere.example/"),
        (("1", "--page", "6"), f"{ALTERED} is not known to carry or quote statement 1"),
        (("--event", "99"), "there is no event 99"),
        (("--event", "13"), "event 13 is about a source"),
    ],
)
def test_what_is_no_evidence(demo: Callable[..., Said], arguments: tuple[str, ...], problem: str) -> None:
    said = demo("export", "evidence", *arguments)
    assert said.code == 2
    assert problem in said.err
    assert list(Path().glob("*.wacz")) == []


def test_a_statement_without_responses_says_so(run: Callable[..., Said], tmp_path: Path) -> None:
    line = {"guid": Piece(1).guid, "url": Piece(1).url, "title": "Lamps", "text": "Lamps and nets."}
    line["published_at"] = "2026-03-02T11:30:00Z"
    (tmp_path / "x.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert run("import", "x.jsonl").code == 0
    said = run("export", "evidence", "1", "-o", "x.wacz")
    assert (said.code, said.out.splitlines()[0].split(",")[0]) == (0, "x.wacz: 0 responses")
    assert "No response is stored in which revision 1 first appeared." in read("x.wacz", "evidence/index.html")
    assert run("verify", "x.wacz").code == 0
    assert "contains no recorded HTTP response" in run("import", "x.wacz").err


# Check


def test_a_changed_bundle_is_named_with_its_member(demo: Callable[..., Said]) -> None:
    assert demo("export", "evidence", "4", "-o", "x.wacz").code == 0
    content = bytearray(Path("x.wacz").read_bytes())
    content[content.index(b"<!doctype html>") + 3] ^= 1
    Path("y.wacz").write_bytes(content)
    Path("z.wacz").write_bytes(content[:-1])
    said = demo("verify", "x.wacz", "y.wacz", "z.wacz")
    assert said.code == 3
    lines = said.out.splitlines()
    assert lines[0].startswith("x.wacz: intact; 9 members, 7 responses")
    assert lines[3].startswith("y.wacz: evidence/index.html does not fit: its content was changed")
    assert any(line.startswith("z.wacz: the container does not fit: ") for line in lines)
    assert demo("verify", "none.wacz").code == 2
    assert "was changed: evidence/index.html" in demo("import", "y.wacz", db="new.db").err


def test_a_check_needs_neither_configuration_nor_database(demo: Callable[..., Said]) -> None:
    assert demo("export", "evidence", "4", "-o", "x.wacz").code == 0
    Path("config.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    assert demo("verify", "x.wacz", db="none.db").code == 0
    assert not Path("none.db").exists()


# Retention


def bodies(store: Store) -> int:
    return int(store.database.execute("SELECT count(*) FROM bodies WHERE length(packed) > 0").fetchone()[0])


def test_what_was_exported_is_kept(demo: Callable[..., Said]) -> None:
    """A bundle of an unchanged statement keeps its page, which nothing else would."""
    assert demo("export", "evidence", "3", "-o", "x.wacz").code == 0
    with Store(Path("statewire.db")) as store:
        before = bodies(store)
        retention.run(store, KeepSettings(max_bytes=1), NOON + timedelta(days=9_000))
        assert 0 < bodies(store) < before
    assert demo("export", "evidence", "3", "-o", "y.wacz").code == 0
    assert hashes("x.wacz")["archive/data.warc.gz"] == hashes("y.wacz")["archive/data.warc.gz"]


def test_what_was_not_kept_is_named(demo: Callable[..., Said]) -> None:
    with Store(Path("statewire.db")) as store:
        retention.run(store, KeepSettings(), NOON + timedelta(days=200))
    said = demo("export", "evidence", "3", "-o", "x.wacz")
    assert said.code == 0
    assert "not included, for retention has deleted the bodies" in said.err
    assert "because statewire has deleted old bodies" in read("x.wacz", "evidence/index.html")
    assert demo("verify", "x.wacz").code == 0


def test_revisions_withdrawals_and_alterations_are_kept(demo: Callable[..., Said]) -> None:
    del demo
    with Store(Path("statewire.db")) as store:
        retention.run(store, KeepSettings(max_bytes=1), NOON + timedelta(days=9_000))
        kept = store.database.execute(
            "SELECT url, outcome FROM captures JOIN bodies USING (sha256) WHERE length(packed) > 0"
        ).fetchall()
        assert (ALTERED, "ok") in kept
        assert kept.count((RIVERS, "gone")) == 3
        times = {row[0] for row in store.database.execute("SELECT captured_at FROM captures")}
        events = "SELECT detected_at FROM events WHERE kind = 'statement.revised' OR relation = 'altered'"
        assert {row[0] for row in store.database.execute(events)} <= times
