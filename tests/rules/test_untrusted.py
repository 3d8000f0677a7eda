"""Tests of the cleaning of values from outside: bounds, what is left out, and the problems that name it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper import urls
from scraper.model import Capture, Item, Outcome, Reading
from scraper.rules import untrusted
from scraper.rules.attribution import Attribution

URL = "https://www.state.gov/a/"
HARM = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
ANY = st.text(st.characters(codec=None) | st.sampled_from("\x1b\n\r\0\x85\ud800@/:"), max_size=60)


def cleaned(**fields: object) -> tuple[Item, tuple[str, ...]]:
    reading = untrusted.clean_reading(Reading("feed", (replace(Item(URL, "Lamps"), **fields),), problems=("one",)))  # type: ignore[arg-type]
    assert reading.problems[0] == "one"
    return reading.items[0], reading.problems[1:]


def test_a_clean_item_stays_as_it_is() -> None:
    item = Item(
        URL,
        "Lamps — für „alle“",
        "https://www.state.gov/?p=1",
        guid_derived=True,
        paragraphs=("One\ntwo\tthree", "Four"),
        byline="A, B",
        type="Remarks",
        language="zh-Hant",
        countries=("Japan",),
        subjects=("Sea",),
        links=("https://x.example/?a=b#c",),
        published_at=NOON,
    )
    reading = Reading("feed", (item,), next_url="https://x.example/2", problems=("p",))
    assert untrusted.clean_reading(reading) == reading


@pytest.mark.parametrize("name", ["title", "byline", "type", "speaker", "bureau", "place", "authority"])
def test_a_line_that_is_too_long_is_cut_and_named(name: str) -> None:
    item, problems = cleaned(**{name: "x" * 2_000_000})
    bound = {"title": untrusted.MAX_TITLE_CHARS, "byline": untrusted.MAX_BYLINE_CHARS}.get(name, 300)
    assert len(getattr(item, name)) == bound
    assert problems == (f"{URL}: of a {name} of 2000000 characters the first {bound} are kept",)


def test_a_field_of_nothing_but_controls_is_empty() -> None:
    item, _ = cleaned(
        title="\x1b\0", byline="\0", authority="\x1b", language="\x1b", guid="\0", countries=("\0", "a\nb")
    )
    assert (item.title, item.byline, item.authority, item.language, item.guid) == ("", None, "state.gov", None, None)
    assert item.countries == ("a b",)


def test_no_field_of_an_item_is_forgotten() -> None:
    harm = "a\x1b\ud800\0b"
    texts = {
        name: f"https://x.example/{harm}" for name, kind in Item.__annotations__.items() if kind in {str, str | None}
    }
    lists = dict.fromkeys(["paragraphs", "countries", "subjects", "links", "headings"], (f"https://x.example/{harm}",))
    assert {name for name, kind in Item.__annotations__.items() if "tuple[str" in str(kind)} == set(lists)
    item, _ = cleaned(**(texts | lists | {"absence": None}))
    for name in (*texts, *lists):
        value = getattr(item, name) or ""
        assert HARM.search(value if isinstance(value, str) else "".join(value)) is None, name


def test_what_is_another_value_when_it_is_cut_is_left_out() -> None:
    item, problems = cleaned(guid="g" * 2_000_000, guid_derived=True, language="x" * 36, links=("ftp://x", URL, URL))
    assert (item.guid, item.guid_derived, item.language, item.links) == (None, False, None, (URL,))
    assert problems == (f"{URL}: a guid of 2000000 characters is left out",)
    assert cleaned(guid="g" * 8_001)[0].guid is None
    assert cleaned(guid="g\x1b\n" * 600)[0].guid == ("g " * 600).strip()


@pytest.mark.parametrize(
    "url", ["ftp://www.state.gov/", "//www.state.gov/", "", "https://x.example/" + "a" * 2_000_000]
)
def test_an_item_whose_url_cannot_be_used_is_skipped_and_named(url: str) -> None:
    reading = untrusted.clean_reading(Reading("feed", (Item(url, "x"), Item(URL, "y"))))
    assert [item.title for item in reading.items] == ["y"]
    (problem,) = reading.problems
    assert "is skipped" in problem
    assert len(problem) < 400


@pytest.mark.parametrize("url", ["https://me:pw@x.example:99999/", "ftp://me:pw@x.example/", "https://me:pw@[bad/"])
def test_user_and_password_stay_out_of_what_is_said_of_a_url_that_cannot_be_used(url: str) -> None:
    (problem,) = untrusted.clean_reading(Reading("feed", (Item(url, "x"),))).problems
    assert "me:pw" not in problem
    assert "is skipped" in problem
    refused = untrusted.clean_capture(Capture(url, NOON, Outcome.BAD_SCHEME, None, url))
    assert "me:pw" not in refused.url + refused.final_url


def test_user_and_password_stay_out_of_a_guid() -> None:
    assert untrusted.guid("https://me:pw@www.state.gov/?p=1") == "https://www.state.gov/?p=1"
    assert untrusted.guid("tag:me@example.org,2026:1") == "tag:me@example.org,2026:1"


def test_headers() -> None:
    given = [("ETag", '"a\x1bb"'), ("X-Other", "x"), ("Server", "s" * 2_049), ("LINK", "l" * 2_048), ("Date", "x\r\ny")]
    assert untrusted.headers(given) == (("etag", '"a b"'), ("link", "l" * 2_048), ("date", "x y"))


def test_a_capture() -> None:
    capture = Capture(
        "https://me:pw@x.example/\x1bx",
        NOON,
        Outcome.OK,
        99_999,
        "ftp://me:pw@x\n",
        (("etag", "\0x"),),
        b"",
        "d" * 9_999,
    )
    clean = untrusted.clean_capture(capture)
    assert (clean.url, clean.final_url, clean.status) == ("https://x.example/%1Bx", "ftp://x", None)
    assert (clean.headers, len(clean.detail)) == ((("etag", "x"),), untrusted.MAX_DETAIL_CHARS)
    assert untrusted.clean_capture(replace(capture, status=None)).status is None
    assert untrusted.clean_capture(replace(capture, status=200)).status == 200


def test_lines_of_a_file() -> None:
    assert untrusted.lines("User-agent: *\r\nAllow: /\x1b\ud800\rx\ty") == "User-agent: *\r\nAllow: /  \rx y"


def test_an_attribution() -> None:
    found = Attribution(
        claimed_urls=("https://me:pw@www.state.gov/a", "ftp://x", "https://www.state.gov/a"), via=("A\x1b", "")
    )
    clean = untrusted.clean_attribution(found)
    assert (clean.claimed_urls, clean.via) == (("https://www.state.gov/a",), ("A",))


@given(text=ANY)
def test_any_text(text: str) -> None:
    for line in (
        untrusted.line(text, 20),
        untrusted.guid(text) or "",
        *dict(untrusted.headers([("etag", text)])).values(),
    ):
        assert HARM.search(line) is None
    assert len(untrusted.line(text, 20)) <= 20
    assert set(HARM.findall(untrusted.text(text))) <= {"\n", "\t"}
    assert set(HARM.findall(untrusted.lines(text))) <= {"\n", "\r"}


@given(
    url=st.sampled_from(["", "https://", "HTTP://x.example/", "https://me:pw@", "//"]).flatmap(
        lambda start: ANY.map(start.__add__)
    )
)
def test_any_url(url: str) -> None:
    admitted = urls.admit(url)
    if admitted is not None:
        assert urls.is_http(admitted)
        assert HARM.search(admitted) is None
        assert not urls.has_credentials(admitted)
        assert max(len(admitted), len(urls.canonical(admitted))) <= urls.MAX_URL_CHARS
        assert urls.admit(admitted) == admitted
        assert urls.host(admitted) == urls.host(url.strip(urls._AROUND))
