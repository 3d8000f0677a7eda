"""Tests of content faults through the command line: recorded responses are imported, or fetched from loopback."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from command import CONFIG, Said, rows
from fakes.mirror import GAZETTE, GAZETTE_FEED, LAMPS, feed, page, post
from fakes.state_site import PATH, XML, StateSite
from samples import HTML_HEADERS, NOON, Piece, article, record, rss, warc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR = timedelta(hours=1)
MIRROR = f"""\
  - name: gazette
    role: mirror
    endpoints: [{{kind: feed, url: {GAZETTE_FEED}}}]
"""
EMAIL = "lamps@state.example"
# A statement with each thing that mirrors write in another way: a number before a footnote, an e-mail address.
MARKED = LAMPS.but(
    body=(
        f"{LAMPS.body[0]} The harbour has been closed for the 75 boats of the guild since that night in 2019, it says.",
        f"{LAMPS.body[1]} Questions go to {EMAIL} at any hour, and each of them is answered within a week or two.",
        LAMPS.body[2],
    )
)
OTHERS = (
    "<ul><li><a href='/karsk-and-the-wells'>Karsk and the wells</a> <time>May 2</time></li>"
    "<li><a href='/oren-and-the-wells'>Oren and the wells</a></li></ul>"
)

Import = Callable[..., Any]


@pytest.fixture
def take(run: Callable[..., Said], tmp_path: Path) -> Import:
    """Import recorded answers, with State and a mirror configured; the report."""
    (tmp_path / "config.yaml").write_text(CONFIG + MIRROR, encoding="utf-8")

    def take(*records: bytes, options: tuple[str, ...] = ()) -> Any:
        said = run("-q", "import", "--json", *options, str(warc(tmp_path / "x.warc", *records)))
        assert (said.code, said.err) == (0, "")
        return said.json

    return take


@pytest.fixture
def site(run: Callable[..., Said], tmp_path: Path) -> Iterator[StateSite]:
    with StateSite() as started:
        (tmp_path / "config.yaml").write_text(started.config, encoding="utf-8")
        yield started


def state(hours: int, *pieces: Piece) -> bytes:
    """State's feed after some hours, recorded."""
    at = NOON + hours * HOUR
    return record(at, rss(*pieces, built=at))


def mirrored(name: str, body: bytes, hours: int = 2) -> bytes:
    """A page of the mirror, recorded."""
    return record(NOON + hours * HOUR, body, f"{GAZETTE}/{name}/", headers=HTML_HEADERS)


def news(run: Callable[..., Said]) -> list[dict[str, Any]]:
    """All events but the first fill."""
    return [event for event in rows(run("events", "--json")) if not event["backfill"]]


def copies(run: Callable[..., Said]) -> dict[str, dict[str, Any]]:
    """The copies by the name of their page."""
    return {row["page_url"].split("/")[-2]: row for row in rows(run("copies", "--json"))}


def garbled(text: str, codec: str) -> str:
    """Return text whose UTF-8 was decoded in another character set; a byte that it lacks is a control character."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


SCRIPTS = {
    "zh": "美国国务院宣布湄公河关税措施并支持和平。",
    "ar": "أَعْلَنَتِ الوِلاياتُ المُتَّحِدة عَنِ السَّلام فِي المِينَاء.",
    "tr": "İSTANBUL’da yeni fenerler yakıldı.",
    "th": "กระทรวงการต่างประเทศส่งข้าวให้ชาวประมง",
    "en": "Tirana welcomes the keepers of the harbour.",
}


def test_row_93_search_and_watches_find_words_of_every_script_as_they_were_published(
    run: Callable[..., Said], take: Import, tmp_path: Path
) -> None:
    words = ["湄公河", "السلام", "istanbul", "ข้าว", "Iran"]
    watches = "".join(
        f"  - {{name: w{n}, to: [w{n}@example.org], about: {{words: ['{w}']}}}}\n" for n, w in enumerate(words)
    )
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"watches:\n{watches}")
    pieces = [Piece(n, f"Lamps {code}", (text,)) for n, (code, text) in enumerate(SCRIPTS.items(), 10)]
    take(state(0, Piece(1)), state(1, *pieces, Piece(1)), options=("--alerts",))

    found = {word: rows(run("search", word, "--json")) for word in (*words, "国宣布", "ข่าว", "税措施并")}
    assert {word: [row["title"] for row in each] for word, each in found.items()} == {
        "湄公河": ["Lamps zh"], "السلام": ["Lamps ar"], "istanbul": ["Lamps tr"], "ข้าว": ["Lamps th"],
        "Iran": [], "国宣布": [], "ข่าว": [], "税措施并": ["Lamps zh"],
    }  # fmt: skip
    assert "**السَّلام**" in found["السلام"][0]["snippet"]
    assert "**İSTANBUL**" in found["istanbul"][0]["snippet"]
    reported = rows(run("alerts", "list", "--json"))
    assert sorted((row["recipient"], row["subject"].split()[-1]) for row in reported) == [
        ("w0@example.org", "zh"),
        ("w1@example.org", "ar"),
        ("w2@example.org", "tr"),
        ("w3@example.org", "th"),
    ]


def test_row_94_a_negation_lost_in_another_language_is_material_and_similar_words_are_not(
    run: Callable[..., Said], take: Import
) -> None:
    said = {
        # The language is that of the words: the feed says that all of them are English.
        "es": ("Estados Unidos no acepta el acuerdo de paz.", "Estados Unidos acepta el acuerdo de paz."),
        "ru": ("США не признают выборы в стране.", "США признают выборы в стране."),
        "ja": ("米国はこれを受け入れない。", "米国はこれを受け入れる。"),
        "pt": ("O encontro dos ministros e do povo em Brasil.", "O encontro dos ministros e do povo no Brasil."),
        "no": ("La resolución de la ONU y el acuerdo.", "La resolución No. 5 de la ONU y el acuerdo."),
        "fr": ("Avant qu’il parte demain.", "Avant qu’il ne parte demain."),
    }
    before, after = (
        [Piece(n, f"Lamps {code}", (texts[now],)) for n, (code, texts) in enumerate(said.items(), 10)] for now in (0, 1)
    )
    take(state(0, *before), state(1, *after))
    reported = {event["title"][-2:]: event for event in news(run)}
    assert {code: event["grade"] for code, event in reported.items()} == {
        "es": "material", "ru": "material", "ja": "material", "pt": "minor", "no": "material", "fr": "minor"
    }  # fmt: skip
    reasons = {code: " ".join(event["reasons"]) for code, event in reported.items()}
    assert {code for code, words in reasons.items() if "negation" in words} == {"es", "ru", "ja"}
    assert "number" in reasons["no"]


def test_row_96_text_that_no_reader_sees_is_no_difference_of_a_copy(run: Callable[..., Said], take: Import) -> None:
    key = 0x4B
    packed = bytes([key, *(byte ^ key for byte in EMAIL.encode())]).hex()
    shown = page(MARKED.title, MARKED.body).decode()
    written = {
        "plain": shown,
        "hidden": shown.replace("75 boats", "75 <b hidden>small and other</b> boats"),
        "styled": shown.replace("75 boats", "75 <b style='display: none'>small and other</b> boats"),
        "struck": shown.replace("75 boats", "<s>57</s> 75 boats"),
        "aloud": shown.replace("75 boats", "75 <i class=sr-only>wooden and other</i> boats"),
        "footnote": shown.replace("2019,", "2019<sup>1</sup>,"),
        "email": shown.replace(EMAIL, f"<a class=__cf_email__ data-cfemail={packed}>[email&#160;protected]</a>"),
        "script": shown.replace("<article>", "<article style='visibility:hidden'>"),
    }
    assert len(set(written.values())) == len(written)
    pages = (mirrored(name, body.encode()) for name, body in written.items())
    own = article(MARKED).decode()
    changes = (
        own,
        own.replace("</p>\n<p>", f"</p><h3>Latest posts</h3>{OTHERS}<p>", 1),
        own.replace("</p>\n<p>", f"</p><ul class='wp-block-latest-posts'>{OTHERS}</ul><p>", 1),
        own.replace("</p>\n<p>", "</p><p hidden>The keepers of Oren were not asked, says a draft.</p><p>", 1),
    )
    assert len(set(changes)) == len(changes)
    looks = (
        record(NOON + hours * HOUR, body.encode(), MARKED.url, headers=HTML_HEADERS)
        for hours, body in enumerate(changes, 3)
    )
    assert take(state(0, Piece(1)), state(1, MARKED), *pages, *looks)["unread"] == 0
    assert {event["kind"] for event in news(run)} == {"statement.published", "copy.found"}
    assert {name: (row["relation"], row["differences"], row["coverage"]) for name, row in copies(run).items()} == {
        name: ("verbatim", [], 1.0) for name in written
    }


LAMP_WORDS = "".join(f"<p>{paragraph}</p>" for paragraph in LAMPS.body)


def test_row_97_links_are_relative_to_the_bases_of_feeds_and_pages(run: Callable[..., Said], take: Import) -> None:
    entry = (
        "<entry xml:base='2026/'><title>{title}</title><link href='{href}'/><id>{href}</id>"
        "<updated>2026-03-02T14:00:00Z</updated><content type='html'><![CDATA[{text}]]></content></entry>"
    )
    atom = (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        f"xml:base='{GAZETTE}/news/'><title>Gazette</title><link href='{GAZETTE}/'/>"
        + entry.format(title=LAMPS.title, href="lamps/", text=LAMP_WORDS)
        + entry.format(title=f"{LAMPS.title} again", href="gazette.example/again/", text=LAMP_WORDS)
        + "</feed>"
    )
    source = f"<p>{LAMPS.body[0][:120]}</p><p>Source: <a href='{LAMPS.url.partition('gov/')[2]}'>State</a></p>"
    linking = page("The harbour", ()).replace(b"</article>", source.encode() + b"</article>")
    based = linking.replace(b"<head>", b"<head><base href='https://www.state.gov/'>")
    take(
        state(0, Piece(1)),
        state(1, LAMPS),
        record(NOON + 2 * HOUR, atom.encode(), GAZETTE_FEED),
        mirrored("based", based),
        mirrored("without", linking),
    )
    assert [(row["page_url"].removeprefix(GAZETTE), row["claim"]) for row in rows(run("copies", "--json"))] == [
        ("/news/2026/lamps/", None),
        ("/again/", None),
        ("/based/", LAMPS.url),
        ("/without/", None),
    ]


def test_row_98_dates_with_named_zones_are_converted_or_lose_their_clock(
    run: Callable[..., Said], take: Import
) -> None:
    written = {
        "Mon, 02 Mar 2026 12:10:00 CET": "2026-03-02T11:10:00Z",
        "Mon, 02 Mar 2026 14:30:00 MSK": "2026-03-02T11:30:00Z",
        "Mon, 02 Mar 2026 06:45 AM EST": "2026-03-02T11:45:00Z",
        "Mon, 02 Mar 2026 11:50:00 IST": "2026-03-02T00:00:00Z",
        "Mon, 02 Mar 2026 11:55:00 XYZT": "2026-03-02T00:00:00Z",
    }
    pieces = [Piece(n) for n in range(10, 15)]
    body = rss(*pieces, built=NOON + HOUR).decode()
    usual = f"<pubDate>{format_datetime(pieces[0].published_at)}</pubDate>"
    for date in written:
        body = body.replace(usual, f"<pubDate>{date}</pubDate>", 1)
    problems = take(state(0, Piece(1)), record(NOON + HOUR, body.encode()))["problems"]
    reported = {row["guid"]: row["published_at"] for row in rows(run("list", "--json"))}
    assert [reported[piece.guid] for piece in pieces] == list(written.values())
    assert len(problems) == 2
    for problem, zone in zip(problems, ("IST", "XYZT"), strict=True):
        assert zone in problem
        assert "time zone" in problem


def test_row_99_the_date_of_a_copy_is_that_of_its_article(run: Callable[..., Said], take: Import) -> None:
    old = "<time datetime='2025-11-05T09:00:00Z'>Nov 5, 2025</time>"
    own = "<time datetime='2026-03-02T13:10:00Z'>March 2, 2026</time>"
    head, _, rest = page(LAMPS.title, LAMPS.body).decode().partition("<meta")
    bare = head + rest.partition(">")[2]
    shown = bare.replace("</h1>", f"</h1>{own}")
    graph = (
        '<script type="application/ld+json">{"@graph": [{"@type": "VideoObject", "datePublished": "2025-11-05"},'
        '{"@type": "NewsArticle", "datePublished": "2026-03-02T13:10:00Z"}]}</script></head>'
    )
    written = {
        "teaser": shown.replace("<article>", f"<article><a href=/x>Other</a> {old}</article><article>"),
        "sidebar": shown.replace("<article>", f"<div class=widget>{old}</div><article>"),
        "video": bare.replace("</head>", graph),
        "comment": bare.replace("</article>", f"<ol class=comment-list><li>{old}<p>I agree.</p></ol></article>"),
        "undated": bare.replace("</article>", f"</article><article><h2>Other</h2>{old}</article>"),
    }
    take(state(0, Piece(1)), state(1, LAMPS), *(mirrored(name, body.encode()) for name, body in written.items()))
    dates = {name: row["page_published_at"] for name, row in copies(run).items()}
    assert dates == dict.fromkeys(written, "2026-03-02T13:10:00Z") | {"comment": None, "undated": None}


QUOTED = LAMPS.but(
    title="Lamps for the Keepers’ Harbour",
    body=(
        f"“We – the keepers’ friends – give José Peña’s guild 40 lamps,” said Wren. {LAMPS.body[0]}",
        *LAMPS.body[1:],
    ),
)


def test_row_100_text_read_in_a_wrong_character_set_is_no_change(run: Callable[..., Said], take: Import) -> None:
    right = Piece(8, "Лампы для гавани", ("Заявление о воде: «РГС» и «ГВ». Вода – это жизнь.", "São João, à ÉPOCA…"))
    once, twice, lost = (
        Piece(
            n, f"Lamp {n} for the Keepers’ Harbour", (f"“We – the keepers’ friends – give José Peña {n} lamps.”", *rest)
        )
        for n, rest in ((n, Piece(n).body) for n in (10, 11, 12))
    )
    feeds = [rss(piece, built=NOON + hours * HOUR).decode() for hours, piece in enumerate((once, twice, lost), 1)]
    first = [
        garbled(feeds[0], "cp1251"),
        garbled(garbled(feeds[1], "cp1252"), "cp1252"),
        feeds[2].encode().decode("cp1252", "replace").replace("\ufffd", "?"),
    ]
    shown = page(QUOTED.title, QUOTED.body).decode()
    take(
        state(0, Piece(1)),
        *(record(NOON + hours * HOUR, body.encode()) for hours, body in enumerate(first, 1)),
        state(4, once, twice, lost, right, QUOTED),
        record(NOON + 5 * HOUR, garbled(rss(right, built=NOON + 5 * HOUR).decode(), "latin-1").encode()),
        *(mirrored(codec, garbled(shown, codec).encode(), 6) for codec in ("cp1252", "cp1251", "mac_roman")),
    )
    assert Counter(event["kind"] for event in news(run)) == {"statement.published": 5, "copy.found": 2}
    assert {name: (row["relation"], row["differences"]) for name, row in copies(run).items()} == {
        name: ("verbatim", []) for name in ("cp1252", "cp1251", "mac_roman")
    }
    for piece in (once, twice, lost, right):
        assert (
            run("show", piece.guid, "--revision", "1", "--text").out == "\n\n".join([piece.title, *piece.body]) + "\n"
        )


def test_row_101_entities_that_are_escaped_twice_are_no_change(run: Callable[..., Said], take: Import) -> None:
    def escaped(body: bytes, times: int) -> bytes:
        text = body.decode()
        for char, entity in (("’", "#8217"), ("“", "ldquo"), ("”", "#x201D"), ("–", "ndash")):
            text = text.replace(char, f"&{'amp;' * times}{entity};")
        return text.encode()

    def again(hours: int, times: int) -> bytes:
        at = NOON + hours * HOUR
        return record(at, escaped(rss(QUOTED, Piece(1), built=at), times))

    shown = page(QUOTED.title, QUOTED.body)
    take(
        state(0, Piece(1)),
        *(again(1 + times, times) for times in (2, 1, 3)),
        *(mirrored(f"escaped-{times}", escaped(shown, times), 9) for times in (1, 2, 3)),
    )
    assert Counter(event["kind"] for event in news(run)) == {"statement.published": 1, "copy.found": 2}
    assert {name: (row["relation"], row["differences"]) for name, row in copies(run).items()} == {
        f"escaped-{times}": ("verbatim", []) for times in (1, 2, 3)
    }
    said = run("show", QUOTED.guid, "--text")
    assert said.out == "\n\n".join([QUOTED.title, *QUOTED.body]) + "\n"


PAGE = page(LAMPS.title, LAMPS.body)


def test_row_102_a_document_under_a_wrong_coding_is_read_and_the_label_named(
    run: Callable[..., Said], site: StateSite
) -> None:
    def answers_with(path: str, body: bytes, coding: str, kind: str = "text/html") -> None:
        headers = {"Content-Type": kind, "Content-Encoding": coding}
        site.routes[path] = lambda exchange: exchange.reply(body, headers=headers)

    packed = gzip.compress(PAGE, mtime=0)
    answers = {
        "after": (packed + b"<!-- cached -->", "gzip"),
        "twice": (gzip.compress(packed, mtime=0), "gzip"),
        "none": (packed, "none"),
        "identity": (packed, "identity"),
        "plain": (PAGE, "gzip"),
        "unknown": (PAGE, "x-foo"),
    }
    said = {
        "after": "bytes after the end of the gzip stream",
        "twice": "compressed once more than its content-encoding 'gzip' says",
        "none": "compressed with gzip, although its content-encoding is 'none'",
        "identity": "compressed once more than its content-encoding 'identity' says",
        "plain": "not compressed, although its content-encoding is 'gzip'",
        "unknown": "not compressed, although its content-encoding is 'x-foo'",
    }
    for name, (body, coding) in answers.items():
        answers_with(f"/{name}/", body, coding)
    found = rows(run("-q", "fetch", "--json", *(site.url(f"/{name}/") for name in answers)))
    for (name, problem), row in zip(said.items(), found, strict=True):
        assert (row["title"], row["text"]) == (LAMPS.title, "\n\n".join(LAMPS.body))
        assert problem in row["problems"][0], name

    answers_with(PATH, gzip.compress(rss(Piece(1), Piece(2)), mtime=0) + b"\r\n<!-- cached -->", "gzip", XML)
    (report,) = rows(run("-q", "fetch", "state", "--json"))
    assert (report["ok"], report["items"], len(report["events"])) == (True, 2, 2)
    assert any(said["after"] in problem for problem in report["problems"])


def test_row_103_a_broken_feed_or_sitemap_is_read_as_far_as_it_goes(run: Callable[..., Said], site: StateSite) -> None:
    site.says(PATH, rss(Piece(1)))
    assert run("-q", "fetch", "state").code == 0
    titled = Piece(3, "Rule if x<y then z>w applies & R&D")
    broken = rss(titled, Piece(2), Piece(1), built=NOON + HOUR).decode().replace("R&amp;D", "R&D")
    site.says(PATH, f"\n \n{broken.replace('</item>', '<media:rating/></item>')}".encode(), content_type=XML)
    (report,) = rows(run("-q", "fetch", "state", "--json"))
    assert (report["ok"], report["items"]) == (True, 3)
    assert [event["title"] for event in report["events"]] == [titled.title, Piece(2).title]
    assert any("not well-formed" in problem for problem in report["problems"])

    pages = "".join(f"<url><loc>{site.url(f'/lamps-{n}/?a=1&b=2')}</loc></url>" for n in range(3))
    whole = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>'
    site.says("/sitemap.xml", f" {whole[:-30]}".encode(), content_type="text/xml")
    found = rows(run("-q", "fetch", site.url("/sitemap.xml"), "--json"))
    assert [row["url"].rpartition("/")[0] for row in found] == [site.url(f"/lamps-{n}") for n in range(2)]
    assert all("not well-formed" in row["problems"][0] for row in found)


def test_row_104_a_revisit_record_is_the_answer_that_it_refers_to(run: Callable[..., Said], take: Import) -> None:
    def revisit(name: str, hours: int, *fields: str) -> bytes:
        at = f"{NOON + hours * HOUR:%Y-%m-%dT%H:%M:%SZ}"
        named = f"WARC-Target-URI: {GAZETTE}/{name}/", f"WARC-Date: {at}", "WARC-Type: revisit", *fields
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        head = "\r\n".join(("WARC/1.1", *named, "Content-Type: application/http; msgtype=response"))
        return f"{head}\r\nContent-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"

    original = (
        f"WARC-Refers-To-Target-URI: {GAZETTE}/lamps/",
        f"WARC-Refers-To-Date: {NOON + 2 * HOUR:%Y-%m-%dT%H:%M:%SZ}",
    )
    report = take(
        state(0, Piece(1)),
        state(1, LAMPS),
        mirrored("lamps", PAGE),
        revisit("again", 3, *original),
        revisit("nothing", 4),
        record(NOON + 5 * HOUR, b"", kind="resource"),
    )
    assert (report["captures"], report["unread"]) == (4, 0)
    assert re.findall(r"\d+ \w+ record is skipped", " ".join(report["problems"])) == [
        "1 resource record is skipped",
        "1 revisit record is skipped",
    ]
    assert {name: (row["relation"], row["first_seen_at"]) for name, row in copies(run).items()} == {
        "lamps": ("verbatim", "2026-03-02T14:00:00Z"),
        "again": ("verbatim", "2026-03-02T15:00:00Z"),
    }


def test_row_112_a_page_that_only_sends_browsers_on_is_a_redirect(
    run: Callable[..., Said], site: StateSite, tmp_path: Path
) -> None:
    def sends_on(path: str, target: str) -> None:
        refresh = f"<title>To</title><meta http-equiv=refresh content='0; url={target}'>"
        site.says(path, f"<!doctype html><html><head>{refresh}</head><body>Click here.</body></html>".encode())

    gazette = f"  - {{name: gazette, role: mirror, endpoints: [{{kind: feed, url: '{site.url('/feed/')}'}}]}}\n"
    (tmp_path / "config.yaml").write_text(site.config + gazette, encoding="utf-8")
    site.says(PATH, rss(LAMPS))
    items = "".join(post(slug, LAMPS.title, (), cut=True) for slug in ("go", "off", "circle"))
    site.says("/feed/", feed(items).replace(GAZETTE.encode(), site.url("").encode()))
    sends_on("/go/", "/lamps/")
    sends_on("/off/", "https://elsewhere.example/lamps/")
    sends_on("/circle/", "../circle/?again")
    sends_on("/circle/?again", "../circle/")
    site.says("/lamps/", PAGE)
    _, report = rows(run("-q", "fetch", "state", "gazette", "--json"))
    assert [(event["kind"], event["page_url"]) for event in report["events"]] == [("copy.found", site.url("/lamps/"))]
    assert [row["page_url"] for row in rows(run("copies", "--json"))] == [site.url("/lamps/")]
    off, circle = report["problems"]
    assert off.startswith(f"{site.url('/off/')}: offsite (redirects to https://elsewhere.example/lamps/")
    assert circle.startswith(f"{site.url('/circle/')}: redirect (redirect loop: ")
    alone = run("-q", "fetch", site.url("/circle/"))
    assert (alone.code, alone.out) == (4, "")
    assert "redirect loop" in alone.err


def test_the_first_poll_of_a_mirror_says_which_copies_were_there(
    run: Callable[..., Said], site: StateSite, tmp_path: Path
) -> None:
    gazette = f"  - {{name: gazette, role: mirror, endpoints: [{{kind: feed, url: '{site.url('/feed/')}'}}]}}\n"
    (tmp_path / "config.yaml").write_text(site.config + gazette, encoding="utf-8")
    site.says(PATH, rss(LAMPS))
    items = "".join(post(slug, LAMPS.title, (), cut=True) for slug in ("lamps", "changed"))
    site.says("/feed/", feed(items).replace(GAZETTE.encode(), site.url("").encode()))
    site.says("/lamps/", PAGE)
    site.says("/changed/", PAGE.replace(b"$2.5 million", b"$9.5 million"))
    listed = "statewire --db statewire.db copies --source gazette"
    words = f"2 copies (1 altered), about which no alert is sent: {listed}"
    first = run("-q", "fetch", "state", "gazette").out.splitlines()
    assert first[-1] == f"  already there when monitoring began: {words}"
    assert run("fetch", "gazette").out.count("\n") == 1
    assert run("-q", "fetch", "gazette").out == ""
