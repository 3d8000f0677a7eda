"""Tests of Atom feeds: the file of a watch, ids that stand for one event for ever, and webhooks of chats."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from command import CONFIG
from fakes.wire import Server
from samples import NOON, Piece, record, rss, warc

from scraper.delivery.transports.feed import MAX_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "watches:\n  - name: Lamps & nets\n    feed: feeds/lamps.atom\n    when: [published, revised]\n"
HOSTILE = Piece(3, title="1 &lt; 2 \uffff & “nets”", body=("A <b>lamp</b> & more.", "Its end."))


def polls(tmp_path: Path, name: str, *pieces: Piece, hour: int = 1) -> str:
    at = NOON + timedelta(hours=hour)
    return str(warc(tmp_path / name, record(at, rss(*pieces, built=at))))


@pytest.fixture
def fed(run: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """A watch that writes a feed: a first fill, two statements, and the revision of one."""
    (tmp_path / "config.yaml").write_text(CONFIG + FEED, encoding="utf-8")
    second = Piece(2)
    revised = second.but(body=(second.body[0].replace("gives 2", "gives 9"), second.body[1]))
    for number, pieces in enumerate([(Piece(1),), (second, HOSTILE, Piece(1)), (revised, HOSTILE, Piece(1))]):
        said = run("import", "--alerts", polls(tmp_path, f"{number}.warc.gz", *pieces, hour=number))
        assert said.code == 0
    return run


def entries(text: str) -> dict[str, ElementTree.Element]:
    """The entries of a valid feed by their id, the newest first."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{ATOM}feed"
    assert [child.tag for child in root if child.tag != f"{ATOM}entry"] == [
        f"{ATOM}{name}" for name in ("id", "title", "updated", "author")
    ]
    found = {}
    for entry in root.findall(f"{ATOM}entry"):
        assert len(entry.findall(f"{ATOM}id")) == len(entry.findall(f"{ATOM}title")) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.findtext(f"{ATOM}updated") or "")
        found[entry.findtext(f"{ATOM}id") or ""] = entry
    assert len(found) == len(root.findall(f"{ATOM}entry"))
    times = [entry.findtext(f"{ATOM}updated") or "" for entry in found.values()]
    assert times == sorted(times, reverse=True)
    assert not times or root.findtext(f"{ATOM}updated") == times[0]
    return found


def test_the_feed_of_a_watch_has_its_events_with_the_difference(fed: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "feeds" / "lamps.atom"
    text = file.read_text(encoding="utf-8")
    found = list(entries(text).values())
    assert "<title>statewire: Lamps &amp; nets</title>" in text
    assert [entry.findtext(f"{ATOM}title") for entry in found] == [
        "Revised: Lamps for Harbour 2",
        "Published: 1 < 2 & “nets”",
        "Published: Lamps for Harbour 2",
    ]
    content = found[0].find(f"{ATOM}content")
    assert content is not None
    assert content.attrib == {"type": "html"}
    assert "<del>2</del><ins>9</ins>" in (content.text or "")
    assert "&lt;b&gt;lamp" in (found[1].findtext(f"{ATOM}content") or "")
    assert found[0].find(f"{ATOM}link").attrib == {"href": Piece(2).url}  # type: ignore[union-attr]
    # Readable for programs of other users that may enter the folder, which is private.
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o644, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["lamps.atom"]


def test_an_entry_is_never_changed_and_a_lost_file_is_written_anew(fed: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "feeds" / "lamps.atom"
    before = file.read_text(encoding="utf-8")
    said = fed("alerts", "test")
    assert (said.code, said.err) == (0, "1 message sent\n")  # into no Maildir
    assert file.read_text(encoding="utf-8") == before
    file.unlink()
    assert fed("import", "--alerts", polls(tmp_path, "more.warc.gz", Piece(4), hour=5)).code == 0
    after = file.read_text(encoding="utf-8")
    assert after.endswith(before[before.index("<entry>") :])
    assert len(entries(after)) == 4


def test_a_feed_has_a_bounded_number_of_entries(fed: Callable[..., Said], tmp_path: Path) -> None:
    many = [Piece(number) for number in range(10, 10 + MAX_ENTRIES + 5)]
    assert fed("import", "--alerts", polls(tmp_path, "more.warc.gz", *many, hour=5)).code == 0
    found = entries((tmp_path / "feeds" / "lamps.atom").read_text(encoding="utf-8"))
    assert len(found) == MAX_ENTRIES


def test_a_feed_that_cannot_be_written_is_a_failure_like_any_other(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("a file where the folder should be")
    (tmp_path / "config.yaml").write_text(CONFIG + FEED, encoding="utf-8")
    assert run("import", polls(tmp_path, "0.warc.gz", Piece(1), hour=0)).code == 0
    said = run("import", "--alerts", polls(tmp_path, "1.warc.gz", Piece(2), Piece(1)))
    assert "lamps.atom cannot be written" in said.err
    assert "    feed fails since 20" in run("status").out
    (tmp_path / "feeds").unlink()
    assert run("alerts", "retry").out == "1 message to retry\n"
    assert len(entries((tmp_path / "feeds" / "lamps.atom").read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ("statewire.db", "is the database"),
        ("link.atom", "is the database"),
        ("statewire.db-wal", "is a file that belongs to the database"),
        ("./config.yaml", "is the configuration"),
        ("pw", "is the password file"),
        ("mail/new/x.atom", "is in the Maildir"),
        ("x.prom", "is the metrics file"),
    ],
)
def test_a_feed_is_no_other_file_of_statewire(run: Callable[..., Said], tmp_path: Path, feed: str, words: str) -> None:
    (tmp_path / "link.atom").symlink_to("statewire.db")
    smtp = "{host: mail.example.org, user: me, password_file: pw}"
    text = f"{CONFIG}database: statewire.db\nalerts: {{smtp: {smtp}}}\ndaemon: {{metrics_file: x.prom}}\n"
    (tmp_path / "config.yaml").write_text(f"{text}watches: [{{name: A, feed: {feed}}}]\n", encoding="utf-8")
    said = run("config", "check", db=None)
    assert said.code == 2
    place = "the watch “A” (watches[0].feed)"
    assert f"{place}: {words}, which it would overwrite: name another file" in said.err


def test_a_feed_overwrites_no_file_of_a_person(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    notes = tmp_path / "feeds" / "lamps.atom"
    notes.write_text("notes", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG + FEED, encoding="utf-8")
    run("import", polls(tmp_path, "0.warc.gz", Piece(1), hour=0))
    said = run("import", "--alerts", polls(tmp_path, "1.warc.gz", Piece(2), Piece(1)))
    assert "lamps.atom has other content and is not overwritten. Move it away" in said.err
    assert notes.read_text("utf-8") == "notes"
    notes.unlink()
    notes.symlink_to("real.atom")
    said = run("alerts", "retry")
    assert "1 message sent\n" in said.err
    assert notes.is_symlink()
    assert len(entries((tmp_path / "feeds" / "real.atom").read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize("watches", ["watches: []\n", FEED.replace("lamps.atom", "other.atom")])
def test_messages_to_a_feed_that_nobody_writes_any_more_are_closed(
    run: Callable[..., Said], tmp_path: Path, watches: str
) -> None:
    (tmp_path / "feeds").write_text("a file where the folder should be")
    (tmp_path / "config.yaml").write_text(CONFIG + FEED, encoding="utf-8")
    run("import", polls(tmp_path, "0.warc.gz", Piece(1), hour=0))
    run("import", "--alerts", polls(tmp_path, "1.warc.gz", Piece(2), Piece(1)))
    (tmp_path / "config.yaml").write_text(CONFIG + watches, encoding="utf-8")
    said = run("alerts", "retry")
    assert "is not sent: the configuration does not name this recipient any more\n" in said.err
    assert run("status", "--json").json["mail"] == {"muted": 1}
    assert "messages: 1 muted" in run("status").out


def test_an_id_stands_for_one_event_after_a_restore_and_in_two_databases(
    run: Callable[..., Said], tmp_path: Path
) -> None:
    """As in trial a1: a backup goes on, and gives numbers that were given to other events."""
    first = [polls(tmp_path, "0.warc.gz", Piece(1), hour=0), polls(tmp_path, "1.warc.gz", Piece(2), Piece(1))]
    for file in first:
        run("import", file)
    assert run("backup", str(tmp_path / "copy.db")).code == 0
    run("import", polls(tmp_path, "2.warc.gz", Piece(3), Piece(2), hour=24))
    revised = Piece(2).but(body=("Another text.", "And more of it."))
    run("import", polls(tmp_path, "3.warc.gz", Piece(4), Piece(3), revised, hour=26), db="copy.db")
    for file in first:
        run("import", file, db="other.db")
    feeds = {name: run("export", "events", "--format", "atom", db=name).out for name in ("statewire.db", "copy.db")}
    feeds["other.db"] = run("export", "events", "--format", "atom", db="other.db").out
    told: dict[str, set[tuple[str | None, str | None]]] = {}
    for text in feeds.values():
        for key, entry in entries(text).items():
            told.setdefault(key, set()).add((entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}updated")))
    assert all(len(events) == 1 for events in told.values())
    # The event of before the backup has one id everywhere, and so has the feed of a database and its backup.
    shared = set.intersection(*(set(entries(text)) for text in feeds.values()))
    assert len(shared) == 1
    assert len({ElementTree.fromstring(text).findtext(f"{ATOM}id") for text in feeds.values()}) == 1


@pytest.mark.parametrize(("form", "key"), [("slack", "blocks"), ("teams", "attachments"), ("json", "events")])
def test_a_webhook_gets_its_format(run: Callable[..., Said], tmp_path: Path, form: str, key: str) -> None:
    asked: list[bytes] = []
    server = Server()
    server.routes["/hook"] = lambda exchange: (asked.append(exchange.body), exchange.reply(b"ok"))[1]
    config = CONFIG.replace("retries: 0", f"retries: 0\n  allow_private: ['{server.place}']") + (
        f"watches: [{{name: Chat, webhook: '{server.url('/hook')}', format: {form}}}]\n"
    )
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    try:
        run("import", polls(tmp_path, "0.warc.gz", Piece(1), hour=0))
        assert run("import", "--alerts", polls(tmp_path, "1.warc.gz", Piece(2), Piece(1))).code == 0
        assert run("alerts", "test").code == 0
    finally:
        server.close()
    bodies = [json.loads(body) for body in asked]
    assert len(bodies) == 2
    assert all(key in body for body in bodies)
    assert "Lamps for Harbour 2" in json.dumps(bodies[0], ensure_ascii=False)


def test_entries_link_to_the_pages_if_they_have_a_public_url(run: Callable[..., Said], tmp_path: Path) -> None:
    pages = "web: {base_url: https://desk.example/state}\n"
    (tmp_path / "config.yaml").write_text(CONFIG + pages + FEED, encoding="utf-8")
    for number, pieces in enumerate([(Piece(1),), (Piece(2), Piece(1))]):
        assert run("import", "--alerts", polls(tmp_path, f"{number}.warc.gz", *pieces, hour=number)).code == 0
    (entry,) = entries((tmp_path / "feeds" / "lamps.atom").read_text(encoding="utf-8")).values()
    links = [link.attrib for link in entry.findall(f"{ATOM}link")]
    assert links == [{"href": "https://desk.example/state/statements/2/"}, {"rel": "via", "href": Piece(2).url}]
