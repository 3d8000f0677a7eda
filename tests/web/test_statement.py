"""Pages of a statement: text, revisions, history, copies and files; for readers, without a script, and as files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from samples import NOON
from statement_support import addresses, copies, links, revisions

from scraper.store import Audience, Store
from scraper.web.page import PageRequest
from scraper.web.routes import respond
from scraper.web.statement_parts import compared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

    from scraper.config.settings import Settings
    from scraper.web.page import Response

    Pages = Callable[..., Response]
    Edited = Callable[..., Path]

HOSTILE = "<script>alert(1)</script>\"'&\u202e\x07" + "x" * 10_000
ATOM = "{http://www.w3.org/2005/Atom}"


def text_of(body: str) -> str:
    """Return what a reader sees of a page, on one line."""
    main = body.partition("<main")[2].partition("</main>")[0]
    without_inline = re.sub(
        r"</?(?:time|span|a|b|code|del|ins)\b[^>]*>", "", main.partition(">")[2].replace('<span class="q">', " ")
    )
    return " ".join(re.sub(r"<[^>]+>", " ", without_inline).split()).replace("\N{NO-BREAK SPACE}", " ")


def test_a_statement_reads_as_a_document(page: Pages) -> None:
    body = page("statements/4/").body
    assert "<h1>Lower Valley Rivers Initiative</h1>" in body
    shown = text_of(body)
    assert "Media Note Office of the Spokesperson published 12 May 2026, 14:52 UTC state.gov" in shown
    assert "<p>The United States intends to provide $58 million over three years." in body
    assert shown.count("The partners will meet again") == 1


def test_a_withdrawn_statement_says_so_at_the_top(page: Pages) -> None:
    before_text = page("statements/4/").body.partition("<article>")[0]
    said = "withdrawn Present until 13 May 2026, 12:00 UTC; absent at 3 checks since 14 May 2026, 09:00 UTC."
    assert said in text_of(before_text + "</main>")
    assert "deleted" not in page("statements/4/").body.partition("<footer")[0]
    assert "Present until" not in page("statements/2/").body


def test_the_last_change_has_its_grade_and_values(page: Pages) -> None:
    body = page("statements/4/").body
    assert "material changed 3 h 8 min after it was published, 12 May 2026, 18:00 UTC" in text_of(body)
    assert "<dt>amount</dt>" in body
    assert '$80 million</del> → <ins><span class="hidden">added: </span>$58 million</ins>' in body
    assert 'href="../../statements/4/compare/1/2/"' in body


def test_a_return_to_an_earlier_wording_is_compared_with_the_one_before_it(page: Pages, edited: Edited) -> None:
    turn = (
        "INSERT INTO events (kind, detected_at, statement_id, title, grade, reasons, source, backfill, revision)"
        " VALUES ('statement.revised', '2026-05-13T10:00:00Z', 4, 't', 'material', '[]', 's', 0, 1)"
    )
    db = edited(turn, "UPDATE statements SET revision = 1 WHERE id = 4")
    assert 'class="actions"><a href="../../statements/4/compare/2/1/"' in page("statements/4/", db=db).body


def test_copies_stand_on_a_time_line_with_those_of_state(page: Pages) -> None:
    points = re.findall(
        r'<li class="(\w+)"><span class="when">(.*?)</span>\n(.*?)</li>', page("statements/4/").body, re.S
    )
    found = [
        (shape, text_of(f"<main>{when} {rest}</main>").replace("\N{NO-BREAK SPACE}", " "))
        for shape, when, rest in points
    ]
    assert [shape for shape, _ in found] == ["state", "outdated", "altered", "faithful", "state", "state"]
    assert (
        "+ 19 min after State merrow.example outdated all of revision 1, word for word; by its own date." in found[1][1]
    )
    assert "altered outdated 98% of revision 1, with other words; amount: $80 million → $800 million" in found[2][1]
    assert "27% of revision 2, word for word; via merrow.example; by its own date." in found[3][1]
    assert "via" not in found[1][1] + found[2][1]
    assert "State revises: revision 2" in found[4][1]


@pytest.mark.parametrize("path", ["statements/4/", "statements/4/copies/"])
def test_a_claim_against_the_times_is_marked(page: Pages, edited: Edited, path: str) -> None:
    assert "via merrow.example" in text_of(page(path).body)
    late = "UPDATE pages SET published_at = '2026-05-12T15:38:00Z' WHERE id = 5"
    shown = text_of(page(path, db=edited(late)).body)
    assert "27% of revision 2, word for word; names merrow.example, whose copy is dated later" in shown
    assert "via merrow.example" not in shown


def test_a_claim_is_shown_of_the_copies_that_are_shown_whatever_else_is_known(
    page: Pages, edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.web.statement._SHOWN_COPIES", 1)
    first = (
        "UPDATE copies SET relation = 'altered' WHERE page_id = 8",
        "UPDATE copies SET relation = 'verbatim', outdated = 0 WHERE page_id = 6",
    )
    body = page("statements/4/", db=edited(*first)).body
    assert "via merrow.example" in body
    assert ">merrow.example</a>" not in body


def test_a_day_is_no_midnight_on_the_time_line(page: Pages, edited: Edited) -> None:
    day = "UPDATE statements SET published_at = '2026-05-13T00:00:00Z', precision = 'day' WHERE id = 4"
    points = page("statements/4/", db=edited(day)).body.partition('<ol class="line">')[2].partition("</ol>")[0]
    assert '<time datetime="2026-05-13">13 May 2026</time>' in points
    assert "after State" not in points


def test_a_page_without_copies_says_what_brings_them(page: Pages) -> None:
    assert "role: mirror" in text_of(page("statements/1/").body)
    assert "statewire trace URL" in text_of(page("statements/1/copies/").body)


def test_history_names_each_event_with_its_values(page: Pages, edited: Edited) -> None:
    event = (
        "INSERT INTO events (kind, detected_at, statement_id, before, after, reasons, source, backfill)"
        " VALUES (?, '2026-05-14T10:00:00Z', 4, ?, ?, '[]', 's', 0)"
    )
    db = edited(
        (event, ["statement.moved", "https://www.state.gov/a/", "https://2021-2025.state.gov/a/"]),
        (event, ["statement.reattributed", "Office of A", "Office of B"]),
        (event, ["statement.touched", "D.C.", "DC"]),
    )
    for path in ("statements/4/", "statements/4/history/"):
        shown = text_of(page(path, db=db).body)
        assert "Moved before: www.state.gov/a → after: 2021-2025.state.gov/a" in shown
        assert "New byline before: Office of A → after: Office of B" in shown
        assert "Touched up: text before: D.C. → after: DC" in shown


def test_editions_before_and_after_are_linked(story: Callable[..., Said], tmp_path: Path, page: Pages) -> None:
    db = tmp_path / "statewire.db"
    found = json.loads(story("list", "--json").out)
    early, late = sorted((row["published_at"], row["id"]) for row in found if row["title"] == "National Day")
    body = page(f"statements/{late[1]}/", db=db).body
    assert f'<dt>Before</dt><dd><a href="../../statements/{early[1]}/">National Day</a>, ' in body
    assert "<dt>After</dt>" not in body
    assert f'<dt>After</dt><dd><a href="../../statements/{late[1]}/"' in page(f"statements/{early[1]}/", db=db).body


@pytest.mark.parametrize("rare", [1, 300])
def test_of_several_editions_the_nearest_are_linked(
    page: Pages, edited: Edited, monkeypatch: pytest.MonkeyPatch, rare: int
) -> None:
    monkeypatch.setattr("scraper.store.editions._RARE", rare)
    db = edited(
        "UPDATE revisions SET title = 'Public Schedule – May ' || statement_id || ', 2026'",
        "UPDATE statements SET title = 'Public Schedule – May ' || id || ', 2026',"
        " published_at = '2026-05-0' || id || 'T12:00:00Z'",
    )
    near = {
        number: re.findall(r'<dd><a href="../../statements/(\d)/">', page(f"statements/{number}/", db=db).body)
        for number in range(1, 5)
    }
    assert near == {1: ["2"], 2: ["1", "3"], 3: ["2", "4"], 4: ["3"]}


def test_the_citation_has_the_hash_of_the_text(page: Pages, demo_db: Path, run: Callable[..., Said]) -> None:
    import hashlib

    text = json.loads(run("show", "4", "--json", db=str(demo_db)).out)["text"]
    cited = text_of(page("statements/4/").body)
    assert f"SHA-256 of the text in UTF-8 {hashlib.sha256(text.encode()).hexdigest()}" in cited
    assert "revision 2, captured 12 May 2026, 18:00 UTC" in cited


def test_json_is_that_of_the_command(page: Pages, demo_db: Path, run: Callable[..., Said]) -> None:
    response = page("statements/4/statement.json")
    assert response.content_type == "application/json; charset=utf-8"
    assert json.loads(response.body) == json.loads(run("show", "4", "--json", db=str(demo_db)).out)


def test_the_feed_has_each_event_once(demo_db: Path, settings: Settings) -> None:
    web = settings.web.model_copy(update={"base_url": "https://news.example/wire"})
    own = settings.model_copy(update={"web": web})
    with Store(demo_db, audience=Audience.PAGES) as store:
        response = respond(PageRequest(store, own, NOON, path="statements/4/feed.atom"))
    feed = ElementTree.fromstring(response.body)
    entries = feed.findall(f"{ATOM}entry")
    titles = [each.findtext(f"{ATOM}title") for each in entries]
    assert titles[0] == "Withdrawn: Lower Valley Rivers Initiative"
    assert "Altered copy (material): Lower Valley Rivers Initiative" in titles
    assert len({each.findtext(f"{ATOM}id") for each in entries}) == len(entries) == 8
    assert {each.find(f"{ATOM}link").get("href") for each in entries} == {"https://news.example/wire/statements/4/"}
    assert {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        "alternate": "https://news.example/wire/statements/4/",
        "self": "https://news.example/wire/statements/4/feed.atom",
    }
    copy = next(each for each in entries if (each.findtext(f"{ATOM}title") or "").startswith("Altered copy"))
    links = {link.get("rel"): link.get("href") or "" for link in copy.findall(f"{ATOM}link")}
    assert links["via"].startswith("https://www.state.gov/")
    assert links["related"].startswith("https://pmdnews.example/")


def test_evidence_is_a_file_to_save(page: Pages, demo_db: Path) -> None:
    response = page("statements/4/evidence/2")
    headers = dict(response.headers)
    assert response.content_type == "application/octet-stream"
    assert re.fullmatch(
        r'attachment; filename="statement-4-revision-2-[0-9a-f]{12}\.bin"', headers["content-disposition"]
    )
    assert b"Lower Valley Rivers Initiative" in response.body
    assert "x-wp-total" not in headers


def test_evidence_that_retention_has_removed_is_not_offered(page: Pages, edited: Edited, demo_db: Path) -> None:
    assert "statements/4/evidence/2" in page("statements/4/").body
    db = edited("UPDATE bodies SET packed = x''")
    assert "evidence" not in page("statements/4/", db=db).body
    assert page("statements/4/evidence/2", db=db).status == 404
    assert not [path for path in addresses(db) if "evidence" in path]
    assert {"statements/4/", "statements/4/revisions/1/"} <= versions_without(db, addresses(demo_db))


@pytest.mark.parametrize(
    "path",
    [
        "statements/9/history/",
        "statements/4/revisions/3/",
        "statements/4/compare/1/1/",
        "statements/4/compare/1/3/",
        "statements/4/copies/2/",
        "statements/4/evidence/3",
        "statements/9/statement.json",
        "statements/9/feed.atom",
        "copies/5/2/",
        "copies/99/4/",
        "statements/99999999999999999/revisions/999999999/",
    ],
)
def test_what_is_not_there_is_not_found(page: Pages, path: str) -> None:
    assert page(path).status == 404


def test_links_of_files_lead_to_files(page: Pages, edited: Edited) -> None:
    db = edited(*revisions(4, 14, "One paragraph."), *copies(4, 130))
    written = addresses(db)
    assert "statements/4/copies/2/" in written
    for path in written:
        response = page(path, db=db, is_live=False)
        assert response.status == 200, path
        if path.endswith("/"):
            assert links(path, response.body) <= written.keys(), path
            assert "?" not in "".join(re.findall(r'href="(?!http)([^"]*)"', response.body))


def test_links_of_live_pages_lead_to_pages(page: Pages, demo_db: Path) -> None:
    for path in addresses(demo_db):
        if path.endswith("/"):
            assert all(page(target).status == 200 for target in links(path, page(path).body)), path


def test_a_statement_that_never_changed_is_three_files(demo_db: Path) -> None:
    found = {path for path in addresses(demo_db) if path.startswith("statements/1/")}
    assert found == {"statements/1/", "statements/1/statement.json", "statements/1/feed.atom"}


@pytest.mark.parametrize(("count", "current", "most"), [(1, 1, 0), (2, 2, 1), (3, 1, 5), (60, 60, 117), (60, 7, 118)])
def test_comparisons_that_are_files_are_few(count: int, current: int, most: int) -> None:
    found = compared(count, current)
    assert len(found) == most
    assert all(before != after and {before, after} <= set(range(1, count + 1)) for before, after in found)


@pytest.mark.parametrize("path", ["statements/4/", "statements/4/history/", "statements/4/copies/"])
def test_a_page_is_small_whatever_it_lists(page: Pages, edited: Edited, path: str) -> None:
    text = "\n\n".join(f"Paragraph {number} of a long text." for number in range(50))
    db = edited(*revisions(4, 60, text), *copies(4, 500))
    body = page(path, db=db).body
    assert len(body.encode()) - len(text) < 50_000
    if path == "statements/4/":
        assert "463 of them are not shown here" in text_of(body)


def test_an_altered_copy_is_on_the_time_line_however_late_it_is(page: Pages, edited: Edited) -> None:
    db = edited(*copies(4, 300), "UPDATE copies SET relation = 'verbatim', outdated = 0, gone_at = NULL")
    late = "UPDATE copies SET relation = 'altered' WHERE page_id = 1299"
    assert "site-299.example" not in page("statements/4/", db=db).body
    assert "site-299.example" in page("statements/4/", db=edited(late)).body


def test_copies_are_listed_once_each_in_the_order_of_their_first_sight(page: Pages, edited: Edited) -> None:
    db = edited(*copies(4, 130), "UPDATE copies SET first_seen_at = '2026-05-12T15:39:00Z' WHERE page_id = 1129")
    listed = [
        re.findall(r'<tr><th scope="row"><a href="[^"]*copies/(\d+)/4/"', page(path, db=db).body)
        for path in ("statements/4/copies/", "statements/4/copies/2/")
    ]
    assert [len(part) for part in listed] == [100, 33]
    with Store(db) as store:
        sql = "SELECT page_id FROM copies WHERE statement_id = 4 ORDER BY first_seen_at, page_id"
        rows = store.database.execute(sql)
        assert [*listed[0], *listed[1]] == [str(page_id) for (page_id,) in rows]
    assert listed[0][0] == "1129"


def test_a_time_line_without_room_prefers_outdated_copies_and_those_that_stand(page: Pages, edited: Edited) -> None:
    db = edited(*copies(4, 60), "UPDATE copies SET relation = 'verbatim', outdated = page_id = 1047, gone_at = NULL")
    assert "site-47.example" in page("statements/4/", db=db).body  # the last one to be seen
    db = edited("UPDATE copies SET outdated = 0, gone_at = iif(page_id >= 1010, NULL, first_seen_at)")
    body = page("statements/4/", db=db).body
    assert "site-49.example" in body
    assert "site-9.example" not in body


def test_hostile_texts_are_text_on_every_page(page: Pages, edited: Edited) -> None:
    db = edited(
        (
            "UPDATE statements SET title = ?, type = ?, byline = ?, speaker = ?, url = ?",
            [HOSTILE] * 4 + ["javascript:x"],
        ),
        # One sentence of it is in the first revision only, and one in the second.
        (
            "UPDATE revisions SET title = ?, text = iif(number = 1, 'Once ' || ? || '. ', '') || ? || char(10, 10)"
            " || text || ' ' || number || iif(number = 2, '. Now and then ' || ?, '')",
            [HOSTILE] * 4,
        ),
        ("UPDATE pages SET title = ?, claimed_urls = '[\"javascript:alert(1)\"]', via = json_array(?)", [HOSTILE] * 2),
        ("UPDATE pages SET url = 'javascript:alert(' || id || ')'", []),
        ("UPDATE pages SET quotes = json_array(?)", [HOSTILE]),
        ("UPDATE page_wordings SET title = ?, shown = shown || ?", [HOSTILE, HOSTILE]),
        ("UPDATE copies SET differences = json_array(?), evidence = json_array(?)", [HOSTILE] * 2),
        (
            "INSERT INTO events (kind, detected_at, statement_id, before, after, reasons, changes, source, backfill,"
            " page_url) SELECT kind, detected_at, statement_id, ?, 'javascript:x', json_array(?),"
            " json_array(json_array(?, ?, ?, 'material', 0)), ?, 0, p.url FROM events CROSS JOIN pages p",
            [HOSTILE] * 6,
        ),
    )
    for path in addresses(db):
        body = page(path, db=db).body
        if path.endswith("/"):
            assert "<script" not in body.casefold(), path
            assert 'href="javascript' not in body.casefold(), path
            assert not set("\u202e\x07") & set(body), path
            assert "\"'&" not in body, path
            assert not re.search(r"\son\w+=|\sstyle=", re.sub(r">[^<]*<", "><", body)), path
        elif path.endswith(".atom"):
            assert ElementTree.fromstring(body).tag == f"{ATOM}feed"


def versions_without(db: Path, before: dict[str, str]) -> set[str]:
    """Return the paths whose version is another one than before."""
    after = addresses(db)
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


PAGES = {"statements/4/", "statements/4/copies/", "statements/4/statement.json"}
WORDED = PAGES | {
    "statements/4/history/",
    "statements/4/feed.atom",
    "statements/4/revisions/1/",
    "statements/4/revisions/2/",
    "statements/4/compare/1/2/",
    "copies/5/4/",
    "copies/6/4/",
    "copies/8/4/",
}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE revisions SET text = text || '!' WHERE statement_id = 4 AND number = 1", WORDED),
        ("UPDATE statements SET title = 'x' WHERE id = 4", WORDED),
        ("UPDATE statements SET state = 'current' WHERE id = 4", WORDED),
        ("UPDATE copies SET outdated = 1 WHERE page_id = 8", PAGES | {"copies/8/4/"}),
        ("UPDATE copies SET gone_at = '2026-05-15T00:00:00Z' WHERE page_id = 8", PAGES | {"copies/8/4/"}),
        ("UPDATE pages SET title = 'x' WHERE id = 8", PAGES | {"copies/8/4/"}),
        (
            "DELETE FROM copies WHERE statement_id = 4",
            PAGES | {"statements/4/history/", "copies/5/4/", "copies/6/4/", "copies/8/4/"},
        ),
        ("UPDATE page_wordings SET shown = 'x' WHERE page_id = 8", {"copies/8/4/"}),
        (
            "INSERT INTO events (kind, detected_at, statement_id, reasons, source, backfill)"
            " VALUES ('statement.restored', '2026-06-01T00:00:00Z', 4, '[]', 's', 0)",
            {"statements/4/", "statements/4/history/", "statements/4/feed.atom"},
        ),
        (
            "UPDATE rechecks SET misses = 4 WHERE statement_id = 4",
            WORDED - {"copies/5/4/", "copies/6/4/", "copies/8/4/"},
        ),
        (
            "UPDATE statements SET title = 'Public Schedule – May 11, 2026' WHERE id = 2",
            {"statements/1/", "statements/2/", "statements/2/statement.json", "statements/2/feed.atom"}
            | {"statements/2/copies/", "copies/1/2/"},
        ),
    ],
)
def test_a_page_has_another_version_if_what_it_shows_changes(
    demo_db: Path, edited: Edited, page: Pages, sql: str, expected: set[str]
) -> None:
    changed = versions_without(edited(sql), addresses(demo_db))
    assert changed == expected


def test_the_version_has_the_edition_beyond_equal_texts_and_times(demo_db: Path, edited: Edited, page: Pages) -> None:
    """Both statements of a day are no edition of each other, nor are texts that State published again."""
    title = (
        "UPDATE statements SET title = 'Harbour Lamps Day {0}', published_at = '2026-05-{1}T12:00:00Z' WHERE id = {0}"
    )
    words = "UPDATE revisions SET words_sha256 = '{0}', title = 'Harbour Lamps Day {1}' WHERE statement_id = {1}"
    before = edited(*(title.format(*each) for each in ((1, "01"), (2, "02"), (3, "03"), (4, "04"))))
    edited(*(words.format(*each) for each in (("first", 1), ("same", 2), ("same", 3), ("other", 4))))
    assert shown_editions(page("statements/3/", db=before).body) == ["1", "4"]
    old = addresses(before)
    edited("UPDATE statements SET precision = 'day' WHERE id = 1")
    assert "statements/3/" in versions_without(before, old)
    old = addresses(before)
    edited("UPDATE statements SET published_at = '2026-05-03T12:00:00Z' WHERE id = 4")
    assert shown_editions(page("statements/4/", db=before).body) == ["2"]
    old = addresses(before)
    edited(words.format("new", 2))
    assert "statements/4/" in versions_without(before, old)
    old = addresses(before)
    edited("UPDATE statements SET title = 'Harbour Lamps Day: 2' WHERE id = 2")
    assert "statements/4/" in versions_without(before, old)


def shown_editions(body: str | bytes) -> list[str]:
    return re.findall(r"<dt>(?:Before|After)</dt><dd><a href=\"../../statements/([0-9]+)/", str(body))


def test_what_moves_with_each_poll_changes_no_version(demo_db: Path, edited: Edited) -> None:
    db = edited(
        *(
            f"UPDATE {table} SET last_seen_at = '2026-06-01T00:00:00Z'"
            for table in ("pages", "copies", "page_wordings")
        ),
        "UPDATE statements SET last_seen_at = '2026-06-01T00:00:00Z' WHERE state = 'current'",
        "UPDATE statement_urls SET last_seen_at = '2026-06-01T00:00:00Z'",
        "UPDATE revisions SET last_seen_at = '2026-06-01T00:00:00Z' WHERE number = 2 OR statement_id < 4",
        "UPDATE rechecks SET last_checked_at = '2026-06-01T00:00:00Z', next_check_at = '2026-06-02T00:00:00Z'",
    )
    assert versions_without(db, addresses(demo_db)) == set()
    for path in addresses(db):
        if "evidence" not in path:
            assert page_of(db, path) == page_of(demo_db, path), path


def page_of(db: Path, path: str) -> str | bytes:
    """Return a page as a file."""
    from scraper.config import loader, search

    with Store(db, audience=Audience.PAGES) as store:
        request = PageRequest(store, loader.load(search.example()), NOON, path=path, is_live=False)
        return respond(request).body


def test_events_of_a_standing_page_have_the_words_of_mails(
    page: Callable[..., Response], edited: Callable[..., Path]
) -> None:
    db = edited("UPDATE statements SET standing = 1 WHERE id = 4")
    for path, words in (
        ("statements/4/", "Page changed"),
        ("statements/4/feed.atom", "Page changed"),
        ("", "page gone"),
    ):
        assert words in str(page(path, db=db).body), path
        assert words not in str(page(path).body), path
