"""Tests of cleaning: whatever files, feeds, pages, headers and servers hold, no column of the database holds it."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from samples import (
    FEED_HEADERS,
    FEED_URL,
    HTML_HEADERS,
    LIST_URL,
    NOON,
    REST_URL,
    Piece,
    record,
    rest,
    rss,
    source,
    warc,
)

from scraper import urls
from scraper.clock import SimulatedClock
from scraper.config.settings import Endpoint, Settings
from scraper.delivery import enqueue
from scraper.model import EndpointKind, Role
from scraper.pipeline.import_files import ImportReport, import_files
from scraper.rules import untrusted
from scraper.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.conftest import Watch

ESC = "\x1b]0;owned\x07\x1b[2J"
HARMFUL = [ESC, "\n", "\r\n", "\t", "\0", "\x9b31m", "\x85", "\ud800", "\u202e", "x" * 100_000]
# Control characters, C1 included, and lone surrogates. Texts have lines, of a robots.txt with CR too, and tabs between
# the cells of tables.
IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
TEXTS = {
    ("revisions", "text"),
    ("renderings", "text"),
    ("parsed_texts", "text"),
    ("page_wordings", "text"),
    ("page_wordings", "shown"),
    ("folded_texts", "text"),
    ("hosts", "robots_text"),
    ("events", "before"),
    ("events", "after"),
}
# Longest value of a column, by name. All other lines have at most the length of a URL.
BOUNDS = {
    "title": untrusted.MAX_TITLE_CHARS,
    "byline": untrusted.MAX_BYLINE_CHARS,
    **dict.fromkeys(["type", "speaker", "bureau", "place", "authority"], untrusted.MAX_FIELD_CHARS),
    "language": untrusted.MAX_LANGUAGE_CHARS,
}
# What names no column of ours but the whole index of the search.
_NOT_OURS = re.compile(r"sqlite_|revisions_fts")


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [each for pair in value.items() for part in pair for each in strings(part)]
    return [each for part in value for each in strings(part)] if isinstance(value, list) else []


def as_list(value: str) -> list[str] | None:
    """The strings of a column in JSON; None for one that is a text itself."""
    try:
        return list(strings(json.loads(value))) if value[:1] in {"[", "{"} else None
    except json.JSONDecodeError:
        return None


def harmful_columns(store: Store) -> dict[str, str]:
    """Return the columns with a control character, a lone surrogate, credentials, or a value that is too long."""
    found = {}
    tables = store.database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        if _NOT_OURS.match(table):
            continue
        for column, kind in store.database.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall():
            if kind != "TEXT":
                continue
            for (value,) in store.database.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'):
                is_text, listed = (table, column) in TEXTS, as_list(value)
                is_list = listed is not None
                for each in listed if listed is not None and not is_text else [value]:
                    harm = (IN_TEXT if is_text or is_list else IN_LINE).search(each)
                    bound = 8_000_000 if is_text or is_list else BOUNDS.get(column, urls.MAX_URL_CHARS)
                    if harm or len(each) > bound or (urls.is_http(each) and urls.has_credentials(each)):
                        found[f"{table}.{column}"] = repr(each[:80])
    return found


def feed(words: str) -> bytes:
    """A feed whose every field has the words, as far as XML lets it."""
    bad = html.escape(words.encode("utf-8", "replace").decode())
    item = (
        f"<item><title>T{bad}</title><link>https://me:pw@www.state.gov/a{bad}</link><guid isPermaLink='false'>"
        f"https://me:pw@www.state.gov/?p=1{bad}</guid><dc:creator>B{bad}</dc:creator><pubDate>{bad}</pubDate>"
        f"<content:encoded>&lt;p&gt;Lamps{bad} for all harbours of the coast, and nets for the keepers.&lt;/p&gt;"
        f"&lt;a href='https://me:pw@x.example/{bad}'&gt;x&lt;/a&gt;</content:encoded></item>"
    )
    return (
        '<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><language>{bad}</language>{item}</channel></rss>'
    ).encode("utf-8", "replace")


def posts(words: str) -> bytes:
    (post,) = json.loads(rest(Piece(2)))
    post |= {
        "guid": {"rendered": post["guid"]["rendered"] + words},
        "link": post["link"] + words,
        "title": {"rendered": f"Posts {words}"},
        "type": words,
        "class_list": [f"state_document_type-{words}", f"state_countries_and_areas-{words}"],
        "content": {
            "rendered": f"<p>Harbour words {words} for the keepers of the coast</p><a href='//me:pw@x.example/{words}'>"
        },
    }
    return json.dumps([post]).encode()


def page(words: str) -> bytes:
    bad = words.encode("utf-8", "replace").decode()
    data = json.dumps({"@type": "NewsArticle", "headline": words, "author": {"name": words}, "datePublished": words})
    piece = Piece(3)
    return (
        f'<html lang="{bad}"><head><title>P{bad}</title><meta name="author" content="{bad}">'
        f'<link rel="canonical" href="https://me:pw@gazette.example/{bad}"><script type="application/ld+json">{data}'
        f"</script></head><body><h1>P{bad}</h1><article>{''.join(f'<p>{part}{bad}</p>' for part in piece.body)}"
        f"<p>Originally published at https://me:pw@www.state.gov/{bad}x by the U.S. Department of State</p>"
        f"<p><a href='https://me:pw@www.state.gov/a/{bad}'>Source: U.S. Department of State</a></p>"
        "</article></body></html>"
    ).encode("utf-8", "replace")


def sitemap(words: str) -> bytes:
    bad = html.escape(words.encode("utf-8", "replace").decode())
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>https://me:pw@www.state.gov/s{bad}</loc><lastmod>{bad}</lastmod></url></urlset>"
    ).encode()


# A header in a WARC file that is much longer ends the reading of the file, so they are cut.


def headers(words: str, kind: str) -> list[tuple[str, str]]:
    bad = re.sub("[\r\n]", " ", words).encode("utf-8", "replace").decode()[:2_500]
    names = ("ETag", "Last-Modified", "Server", "Via", "Link", "Retry-After", "X-Secret", "X-WP-TotalPages")
    return [("Content-Type", f"{kind}; charset={bad}"), *((name, bad) for name in names)]


def records(words: str) -> list[bytes]:
    line = re.sub("[\r\n\0]", " ", words).encode("utf-8", "replace").decode()[:2_500]
    return [
        record(NOON, feed(words), headers=headers(words, "application/rss+xml")),
        record(NOON, posts(words), REST_URL, headers=headers(words, "application/json")),
        record(NOON, page(words), f"https://me:pw@gazette.example/{line}p", headers=headers(words, "text/html")),
        record(NOON, page(words), f"https://me:pw@www.state.gov/releases/{line}p", headers=headers(words, "text/html")),
        record(NOON, sitemap(words), "https://www.state.gov/sitemap.xml", headers=headers(words, "text/xml")),
        record(NOON, page(words), f"https://gazette.example/{line}q", status=403, headers=headers(words, "text/html")),
    ]


def jsonl(words: str) -> str:
    fields = dict.fromkeys(("guid", "title", "byline", "type", "authority"), f"J{words}")
    text = f"Nets {words} and lamps.\n\n{words} again, for the keepers."
    url = "https://me:pw@www.state.gov/j/" + words[:100]
    row = fields | {"url": url, "published_at": "2026-03-01", "captured_at": "2026-03-02T00:00:00Z", "text": text}
    return json.dumps(row) + "\n"


MIRROR = source(
    name="gazette",
    role=Role.MIRROR,
    endpoints=(Endpoint(kind=EndpointKind.LISTING, url="https://gazette.example/"),),
)
SETTINGS = Settings(fetch={"contact": "https://watch.example/about"}, sources=(source(), MIRROR))  # type: ignore[arg-type]


def imported(folder: Path, db: Path, words: str) -> tuple[dict[str, str], ImportReport]:
    captures = warc(folder / "x.warc", record(NOON - timedelta(hours=1), rss(Piece(3))), *records(words))
    lines = folder / "x.jsonl"
    lines.write_text(jsonl(words), encoding="utf-8")
    with Store(db) as store:
        report = import_files(
            [captures, lines], store=store, settings=SETTINGS, clock=SimulatedClock(NOON), alerts=True
        )
        with store.unit():
            enqueue.queue_alerts(store, SETTINGS)
        assert report.captures >= 3
        return harmful_columns(store), report


@pytest.mark.parametrize("words", HARMFUL, ids=ascii)
def test_no_column_holds_a_hostile_value(tmp_path: Path, db: Path, new_database: bytes, words: str) -> None:
    db.write_bytes(new_database)
    found, _ = imported(tmp_path, db, words)
    assert found == {}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(
        st.sampled_from("ab \t\n\r\0\x1b\x7f\x85\x9b\ud800\u202e\ufffe<>&\"'\\%#?/@:é\U0001f56f"), max_size=40
    )
    | st.text(max_size=40)
)
@example(words="\x1b]0;" * 200)
def test_no_column_holds_any_hostile_value(
    tmp_path_factory: pytest.TempPathFactory, new_database: bytes, words: str
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    db = folder / "x.db"
    db.write_bytes(new_database)
    found, _ = imported(folder, db, words)
    assert found == {}


def test_credentials_are_left_out_and_named(tmp_path: Path, db: Path) -> None:
    found, report = imported(tmp_path, db, "x")
    assert found == {}
    told = "\n".join(report.problems)
    assert "user and password are left out" in told
    assert "pw" not in re.sub("password", "", told)
    with Store(db) as store:
        stored = [url for (url,) in store.database.execute("SELECT url FROM captures")]
    assert "https://gazette.example/xp" in stored


@pytest.mark.parametrize(
    "url",
    [
        "ftp://www.state.gov/a/",
        "//www.state.gov/a/",
        "javascript://www.state.gov/%0aalert(1)",
        "https:www.state.gov/a/",
        "https:///www.state.gov/a/",
        "https://www.state.gov\\@evil.example/a/",
        "https://www.state.gov:99999/a/",
        "https://www.state.gov%2f.evil.example/a/",
        "https://www.state.gov/" + "a" * 9_000,
        "https://" + "a." * 200 + "state.gov/",
    ],
)
def test_a_recorded_response_of_another_scheme_is_not_states(tmp_path: Path, store: Store, url: str) -> None:
    captures = warc(
        tmp_path / "x.warc",
        record(NOON, rss(Piece(1)), url),
        record(NOON, page("x"), url, headers=HTML_HEADERS),
        record(NOON, rss(Piece(2)), FEED_URL, headers=FEED_HEADERS),
    )
    report = import_files([captures], store=store, settings=SETTINGS, clock=SimulatedClock(NOON))
    assert [statement.title for statement in store.statements.find()] == ["Lamps for Harbour 2"]
    assert store.captures.count() == 1
    assert len([problem for problem in report.problems if "is skipped" in problem]) == 2
    assert max(map(len, report.problems)) < 500


def test_a_live_poll_stores_no_hostile_value(watch: Watch) -> None:
    kinds = ((REST_URL, EndpointKind.WORDPRESS), (FEED_URL, EndpointKind.FEED), (LIST_URL, EndpointKind.LISTING))
    for words in (f"{ESC} x", "\x9b31m y", "x" * 3_000):
        for url, kind in kinds:
            body = posts(words) if kind is EndpointKind.WORDPRESS else feed(words)
            sent = {
                "ETag": f'"{words}"',
                "Link": words,
                "Content-Type": "application/json" if body[:1] == b"[" else "text/xml",
            }
            watch.source = source(endpoints=(Endpoint(kind=kind, url=url),))
            watch.site.says(url, body, **{"headers": {name: value.replace(ESC, "") for name, value in sent.items()}})
            watch.site.says("https://www.state.gov/robots.txt", f"User-agent: *\r\nAllow: /{words}".encode())
            watch.after(timedelta(days=2))
            assert harmful_columns(watch.store) == {}
