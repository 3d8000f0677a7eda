"""Tests of the search of the static site: the index, and its script over real files from a server on loopback."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
import zlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from samples import NOON, Piece, record, rss, warc

from scraper import page_paths
from scraper.clock import SimulatedClock
from scraper.store import Audience, Store
from scraper.text import scripts
from scraper.web import routes, search_index, site
from scraper.web.rendering import assets, render
from scraper.web.routes import ROUTES, Route
from scraper.web.search_index import Index, keys, word_hash
from scraper.web.site import write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Said

    from scraper.config.settings import Settings
    from scraper.web.page import PageRequest, Response

NODE = shutil.which("node")
with_node = pytest.mark.skipif(NODE is None, reason="no Node.js is installed")
SCRIPT = Path(search_index.__file__).parent / "assets" / "site-search.js"
# A browser has these; a page is not more than its paragraphs here.
BROWSER = """
globalThis.DOMParser = class {
  parseFromString(text) {
    const article = /<article[^>]*>(.*?)<\\/article>/s.exec(text);
    const plain = (html) => html.replace(/<[^>]*>/g, "").replace(/&#39;/g, "'").replace(/&#34;/g, '"')
      .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
    const found = article ? [...article[1].matchAll(/<p[^>]*>(.*?)<\\/p>/gs)] : [];
    const parts = found.map((p) => ({ textContent: plain(p[1]) }));
    return { querySelector: () => article && { querySelectorAll: () => parts, textContent: plain(article[1]) } };
  }
};
"""
TEXTS = (
    "The U.S. Department’s “co-operation” costs $58 million (1,000.5 %).",
    "Straße, ΟΔΟΣ, ὁδός, İstanbul, ﬁne, café, CAFÉ, naïve, Ελλάδα, Ёлка, всё, мо\u0301ре",
    "湄公河委员会，河。日本語のテキストとカタカナー、ｶﾞｷﾞ",
    "ประเทศไทย ສາທາລະນະລັດ မြန်မာ ភាសាខ្មែរ",
    "한국은 외교부를 방문했다",
    "اَلسَّلَامُ عليكم كـتاب שָׁלוֹם हिन्दी में भारत తెలుగు",
    "soft\u00adhyphen zero\u200bwidth a\u0301\u0302b x_y e-mail@example.org ①② Ⅷ ½ ℌ",
    "x" * 200 + " " + "é" * 100,
    "",
    " \n · … — ",
)


def postings(index: Index) -> dict[str, set[tuple[int, int]]]:
    """The words of an index, read as its script does, each with (statement id, revision number)."""
    found: dict[str, set[tuple[int, int]]] = {}
    for segment in index.segments:
        rows = [row for block in segment.blocks for row in json.loads(zlib.decompress(index.content[block]))]
        assert len(rows) == segment.size
        for place, shard in enumerate(segment.shards):
            data = zlib.decompress(index.content[shard])
            size = int.from_bytes(data[:4], "big")
            words, sizes = json.loads(data[4 : 4 + size])
            at = 4 + size
            for word, length in zip(words.split(), sizes, strict=True):
                assert word_hash(word) % len(segment.shards) == place
                number = -1
                gap = shift = 0
                for byte in data[at : at + length]:
                    gap |= (byte & 127) << shift
                    shift += 7
                    if byte < 128:
                        number += gap
                        found.setdefault(word, set()).add(tuple(rows[number][:2]))
                        gap = shift = 0
                at += length
            assert at == len(data)
    return found


def make(db: Path, before: Index | None = None) -> Index:
    """The index of a database; files of the index before are there."""
    with Store(db, audience=Audience.PAGES) as store, store.snapshot():
        segments = before.segments if before else ()
        has = set(before.paths).__contains__ if before else set[str]().__contains__
        return search_index.make(store, segments, has, lambda: None)


def test_the_index_has_the_words_of_every_wording(story_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = story_folder / "statewire.db"
    wanted: dict[str, set[tuple[int, int]]] = {}
    with Store(db) as store:
        for statement in store.statements.find():
            for revision in store.statements.revisions(statement.id):
                for word in keys(f"{revision.wording.title}\n{revision.wording.text}"):
                    wanted.setdefault(word, set()).add((statement.id, revision.number))
    assert max(map(len, wanted.values())) > 10
    assert postings(make(db)) == wanted
    monkeypatch.setattr(search_index, "_SHARD_POSTINGS", 50)  # many shards and blocks
    monkeypatch.setattr(search_index, "_BLOCK", 4)
    index = make(db)
    assert len(index.segments[0].shards) > 8
    assert postings(index) == wanted


def test_new_wordings_are_indexed_without_the_others(
    story: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "_MAX_NEW", 3)
    first = make(tmp_path / "statewire.db")
    assert len(first.segments) == 1
    assert make(tmp_path / "statewire.db", first).content == {}
    before = first
    for number in range(1, 6):
        at = NOON + timedelta(days=number)
        new = Piece(900 + number, title=f"Zebra{number}", published_at=at)
        assert story("import", str(warc(tmp_path / "n.warc.gz", record(at, rss(new, built=at))))).code == 0
        index = make(tmp_path / "statewire.db", before)
        if number <= 3:
            assert index.segments[0] == first.segments[0]
            assert not set(first.paths) & index.content.keys()
            assert index.segments[1].size == number
        if number == 4:
            assert len(index.segments) == 1
        content = {**before.content, **index.content}
        index = Index(index.segments, content, index.current)
        assert postings(index) == postings(make(tmp_path / "statewire.db"))
        assert f"zebra{number}" in postings(index)
        before = index


def test_a_changed_wording_or_a_lost_file_makes_its_segment_anew(
    story: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "statewire.db"
    monkeypatch.setattr(search_index, "_MAX_NEW", 3)
    first = make(db)
    with Store(db) as store, store.unit():
        store.database.execute("UPDATE revisions SET title = 'Changed quagga' WHERE id = 1")
    changed = make(db, first)
    assert "quagga" in postings(changed)
    with Store(db, audience=Audience.PAGES) as opened:
        lost = search_index.make(
            opened, changed.segments, lambda path: path != changed.segments[0].shards[0], lambda: None
        )
    assert set(lost.paths) == lost.content.keys()
    with Store(db) as store, store.unit():  # the day is part of the order
        store.database.execute("UPDATE statements SET published_at = '2020-01-01T00:00:00Z' WHERE id = 2")
    assert make(db, changed).content


@pytest.mark.parametrize("listing", [b"", b"[]", b'{"form":0}', b'{"form":1,"block":256,"segments":[{"upto":"x"}]}'])
def test_a_damaged_list_of_the_index_is_made_anew(listing: bytes) -> None:
    assert search_index.read(listing) == ()


def test_the_list_of_the_index_is_read_as_it_was_written(story_folder: Path) -> None:
    index = make(story_folder / "statewire.db")
    assert search_index.read(index.listing()) == index.segments


def test_keys_are_those_of_the_full_text_index() -> None:
    assert keys("The U.S. naïve CAFÉ") == {"the", "u", "s", "naive", "cafe"}
    assert keys("湄公河 x") == {"湄", "公", "河", "湄公", "公河", "x"}
    assert keys("x" * 200) == {"x" * 64}


def run_node(code: str, *arguments: str) -> object:
    """What a script prints as JSON, with ours loaded as `s`."""
    assert NODE is not None
    whole = f"{BROWSER}\nconst s = require({json.dumps(str(SCRIPT))});\n{code}"
    ran = subprocess.run([NODE, "-e", whole, *arguments], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


@with_node
def test_the_script_folds_words_as_the_index_does(tmp_path: Path) -> None:
    given = tmp_path / "texts.json"
    given.write_text(json.dumps(TEXTS), encoding="utf-8")
    code = """
      const texts = JSON.parse(require("fs").readFileSync(process.argv[1]));
      const all = texts.map((text) => [s.wordsOf(text).map((w) => w.key), s.keysOf(s.wordsOf(text))]);
      console.log(JSON.stringify([all, texts.map((t) => s.wordsOf(t).filter((w) => w.key !== "·")
        .map((w) => t.slice(w.start, w.end))), all.map(([, k]) => k.map(s.hash))]));
    """
    found, _, hashes = run_node(code, str(given))  # type: ignore[misc]
    for text, (words, of_query), hashed in zip(TEXTS, found, hashes, strict=True):
        assert [word for word in words if word != "·"] == [place.key for place in scripts.places(text)]
        if "½" not in text:  # its parts are words in the text, and one in the query
            assert set(of_query) <= keys(text), text
        assert hashed == [word_hash(word) for word in of_query]


@with_node
def test_phrases_of_a_query() -> None:
    code = """console.log(JSON.stringify(['human "civil  rights" U.S.', '“a b', '" "', ''].map(
      (query) => s.phrasesOf(query).map((phrase) => phrase.map((w) => w.key)))));"""
    assert run_node(code) == [[["human"], ["civil", "rights"], ["u", "s"]], [["a", "b"]], [], []]


@pytest.fixture
def served(
    demo_db: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, list[str]]]:
    """The site of the demo on a server, and the paths that were requested."""
    if not any(route.addresses for route in ROUTES if route.pattern.startswith(r"statements/([1-9][0-9]{0,17})/rev")):

        def revision(request: PageRequest, statement_id: str, number: str) -> Response:
            (found,) = [it for it in request.store.statements.revisions(int(statement_id)) if it.number == int(number)]
            text = found.wording.text
            statement = request.store.statements.by_id(int(statement_id))
            return render(request, "statement.html.j2", title=found.wording.title, statement=statement, text=text)

        def addresses(store: Store) -> Iterator[tuple[str, str]]:
            for wording in store.index_texts.wordings():
                yield page_paths.revision(wording.statement_id, wording.number), "1"

        with_revisions = (*ROUTES, Route(r"statements/([0-9]+)/revisions/([0-9]+)/", revision, addresses))
        for module in (routes, site):
            monkeypatch.setattr(module, "ROUTES", with_revisions)
    folder = tmp_path / "site"
    write_site(demo_db, folder, settings, SimulatedClock(NOON))
    requested: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            requested.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", requested
    server.shutdown()
    server.server_close()
    thread.join(10)


SEARCH = """
(async () => {
  const search = await s.Search.start(process.argv[1], process.argv[2]);
  if (!search) return console.log("null");
  const found = await search.next();
  console.log(JSON.stringify({ count: search.count, isExact: search.isExact, isDone: search.isDone,
    summary: s.summary(search), results: found.map((r) => ({ path: r.path, title: r.row.title, day: r.row.day,
      revision: r.row.revision, isCurrent: r.isCurrent, marked: (r.snippet || []).filter((p) => p[1]).map((p) => p[0]),
      text: (r.snippet || []).map((p) => p[0]).join("") })) }));
})();
"""


@with_node
@pytest.mark.parametrize("quote", ['"{}"', "“{}”"])
def test_a_phrase_of_a_sentence_that_state_removed_is_found_in_its_revision(
    served: tuple[str, list[str]], quote: str
) -> None:
    url, requested = served
    found = run_node(SEARCH, url, quote.format("Terms of EVERY contract"))
    assert isinstance(found, dict)
    (result,) = found["results"]
    assert (result["path"], result["revision"], result["isCurrent"]) == ("statements/4/revisions/1/", 1, False)
    assert (result["title"], result["marked"]) == ("Lower Valley Rivers Initiative", ["terms of every contract"])
    assert "will publish the terms of every contract within 30 days" in result["text"]
    assert len(requested) < 10


@with_node
def test_the_current_revision_of_a_statement_comes_before_its_others(served: tuple[str, list[str]]) -> None:
    found = run_node(SEARCH, served[0], "locks pilots")
    assert isinstance(found, dict)
    assert [(it["path"], it["isCurrent"]) for it in found["results"]] == [("statements/4/", True)]
    assert found["count"] == 2
    assert found["summary"] == "2 wordings have these words; the newest first."


@with_node
def test_a_wording_that_state_went_back_to_comes_before_the_later_one(
    served: tuple[str, list[str]], tmp_path: Path
) -> None:
    path = tmp_path / "site" / search_index.INDEX
    listing = json.loads(path.read_bytes())
    assert listing["current"] == {"4": 2}
    path.write_text(json.dumps(listing | {"current": {"4": 1}}), encoding="utf-8")
    found = run_node(SEARCH, served[0], "locks pilots")
    assert isinstance(found, dict)
    assert [(it["revision"], it["isCurrent"]) for it in found["results"]] == [(1, True)]


@with_node
def test_an_empty_database_has_an_index_that_finds_nothing(
    db: Path, new_database: bytes, settings: Settings, tmp_path: Path
) -> None:
    db.write_bytes(new_database)
    assert write_site(db, tmp_path / "site", settings, SimulatedClock(NOON)).is_complete
    assert json.loads((tmp_path / "site" / search_index.INDEX).read_bytes())["segments"] == []
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path / "site"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = run_node(SEARCH, f"http://127.0.0.1:{server.server_port}/", "anything")
    server.shutdown()
    server.server_close()
    assert isinstance(found, dict)
    assert (found["count"], found["results"], found["isDone"]) == (0, [], True)


@with_node
@pytest.mark.parametrize(
    ("query", "summary"),
    [
        ("zebra", "No wording has these words."),
        ("locks zebra", "No wording has these words."),
        ('"pilots river"', "3 wordings have these words, but none has the quoted words together."),
    ],
)
def test_what_is_not_there_is_not_found(served: tuple[str, list[str]], query: str, summary: str) -> None:
    found = run_node(SEARCH, served[0], query)
    assert isinstance(found, dict)
    assert found["results"] == []
    assert found["summary"].startswith(summary)


@with_node
def test_a_query_without_words_finds_nothing(served: tuple[str, list[str]]) -> None:
    assert run_node(SEARCH, served[0], '"…" --') is None


@with_node
def test_the_newest_come_first_and_more_can_be_asked_for(
    story: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "_BLOCK", 4)
    at = NOON + timedelta(days=1)
    many = [Piece(number, published_at=NOON + timedelta(hours=number % 17)) for number in range(200, 260)]
    assert story("import", str(warc(tmp_path / "n.warc.gz", record(at, rss(*many, built=at))))).code == 0
    index = make(tmp_path / "statewire.db")
    for path in index.paths:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(index.content[path])
    (tmp_path / search_index.INDEX).write_bytes(index.listing())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code = """(async () => {
      const search = await s.Search.start(process.argv[1], "lamps"), pages = [];
      while (!search.isDone) pages.push((await search.next()).map((r) => [r.row.day, r.row.id]));
      console.log(JSON.stringify(pages));
    })();"""
    pages = run_node(code, f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()
    assert isinstance(pages, list)
    rows = [tuple(row) for page in pages for row in page]
    with Store(tmp_path / "statewire.db") as store:
        statements = [it.id for it, _, _ in store.statements.search("lamps", 1_000)]
    assert len(pages) > 1
    assert rows == sorted(rows, reverse=True)
    assert {number for _, number in rows} == set(statements)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_the_page_loads_only_its_own_files(page: Callable[..., Response]) -> None:
    body = page("search/", is_live=False).body
    assert isinstance(body, str)
    assert re.search(r'<form class="line"[^>]* role="search"', body)
    assert re.search(r'<label [^>]*for="q">[^<]+</label>', body)
    assert "<noscript>" in body
    script = assets()["site-search.js"].decode()
    assert not [word for word in ("eval", "innerHTML", "http:", "https:", "WebAssembly", "Function(") if word in script]
