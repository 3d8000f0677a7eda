"""Tests of `scraper.urls`: one spelling for each URL, lookalikes kept apart, no exception for URLs from outside."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper import urls
from scraper.fetch.exchange import parse_url
from scraper.rules import state_hosts

PARTS = st.sampled_from(
    "http|https://|HTTPS://|//|www.state.gov|State.GOV.|[::1]|[fe80::1%25eth0]|é|user:pw@|:443|:80|:8443|:99999|:x|/|/a/"
    "|%|%2f|%e2%80%99|%4|%41|%%341| |+|'|?|&|=|utm_source=x|p=1|#|#&|;|\\|\ud800|\t|\n|[|]|@|.|\u2100".split("|")
)
ADDRESSES = st.lists(PARTS, max_size=9).map("".join) | st.lists(PARTS, max_size=7).map(
    lambda parts: "https://www.state.gov/" + "".join(parts)
)


# Canonical addresses


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://state.gov", "https://www.state.gov/"),
        ("HTTP://WWW.State.Gov:80/A/", "https://www.state.gov/A/"),
        ("http://www.state.gov:443/a", "https://www.state.gov/a"),
        ("https://www.state.gov.:8443/a", "https://www.state.gov:8443/a"),
        ("http://2017-2021.state.gov/a/", "https://2017-2021.state.gov/a/"),
        ("http://preview.state.gov/translations/french/a/", "https://www.state.gov/translations/french/a/"),
        ("https://ana:secret@www.state.gov/a", "https://www.state.gov/a"),
        ("http://Example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
        ("https://[::1]/", "https://[::1]/"),
        ("  https://example.org/a ", "https://example.org/a"),
        ("https://example.org/a#top", "https://example.org/a"),
        ("https://example.org?x", "https://example.org/?x"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a//b/", "https://example.org/a//b/"),
    ],
)
def test_scheme_host_port_user_and_fragment_in_one_spelling(address: str, expected: str) -> None:
    assert urls.canonical(address) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("utm_source=rss&utm_medium=x", ""),
        ("UTM_Campaign=x&p=7&fbclid=y", "?p=7"),
        ("gclid=1&mc_cid=2&mc_eid=3&_ga=4&_gl=5&cmpid=6&ref_src=7", ""),
        ("post_type=state_briefing&p=7", "?post_type=state_briefing&p=7"),
        ("b=1&a=2&a=1", "?b=1&a=2&a=1"),
        ("flag&empty=&&x=1", "?flag&empty=&x=1"),
        ("cost=%26&q=a+b", "?cost=%26&q=a+b"),
        ("utmost=1&reference=2", "?utmost=1&reference=2"),
        ("q=%e9", "?q=%E9"),
    ],
)
def test_a_query_loses_tracking_parameters_and_nothing_else(query: str, expected: str) -> None:
    assert urls.canonical(f"https://www.state.gov/a?{query}") == f"https://www.state.gov/a{expected}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/café", "/caf%C3%A9"),
        ("/%7Eana/%41%2d", "/~ana/A-"),
        ("/it%27s(1)", "/it's(1)"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%3Fb%23c", "/a%3Fb%23c"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
        ("/a b", "/a%20b"),
        ("/%%341", "/%2541"),
        ("/%ff", "/%FF"),
    ],
)
def test_percent_encoding_in_one_spelling_that_leads_nowhere_else(path: str, expected: str) -> None:
    assert urls.canonical(f"https://www.state.gov{path}") == f"https://www.state.gov{expected}"


@pytest.mark.parametrize(
    "address",
    ["", "mailto:press@state.gov", "/a/b", "javascript:1", "https://", "https:///a", "https://x:99999/", "http://./"],
)
def test_a_url_that_is_not_http_is_returned_unchanged(address: str) -> None:
    assert urls.canonical(address) == address


@given(ADDRESSES | st.text(max_size=40))
@example("https://http..")
@example("https://..")
@example("https://www.state.gov/\ud800?\ud800")
@example("https://[::1")
@example("https://a\u2100b/")
def test_no_address_raises_and_the_canonical_form_is_final(address: str) -> None:
    once = urls.canonical(address)
    assert urls.canonical(once) == once
    assert urls.is_same(address, once)
    assert urls.is_http(once) == urls.is_http(address)
    if urls.is_http(address) and once != address:
        assert urls.host(once) in {urls.host(address), "www.state.gov"}
        assert "#" not in once
    for reading in (urls.host, urls.host_key, urls.path, urls.post_number, urls.canonical_guid, urls.is_http):
        reading(address)
    urls.absolute(address, address)


# The same address


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://www.state.gov/a", "http://state.gov/a/?utm_source=rss", True),
        ("https://www.state.gov", "https://www.state.gov/", True),
        ("https://www.state.gov/a", "https://www.state.gov/A", False),
        ("https://www.state.gov/a", "https://www.state.gov/a-2", False),
        ("https://www.state.gov/a", "https://2017-2021.state.gov/a", False),
        ("http://example.org/a", "https://example.org/a", False),
        ("https://www.state.gov/?p=1", "https://www.state.gov/?p=2", False),
    ],
)
def test_same_forgives_scheme_slash_and_tracking_only(one: str, other: str, expected: bool) -> None:
    assert urls.is_same(one, other) is urls.is_same(other, one) is expected


@given(ADDRESSES, ADDRESSES, ADDRESSES)
def test_same_is_an_equivalence(one: str, two: str, three: str) -> None:
    assert urls.is_same(one, one)
    assert urls.is_same(one, two) == urls.is_same(two, one)
    if urls.is_same(one, two) and urls.is_same(two, three):
        assert urls.is_same(one, three)


# Hosts


@pytest.mark.parametrize(
    ("address", "is_state", "is_archive"),
    [
        ("https://www.state.gov/a", True, False),
        ("https://STATE.gov./a", True, False),
        ("https://travel.state.gov/", True, False),
        ("https://preview.state.gov/a", True, False),
        ("https://preview.state.gov.evil.com/a", False, False),
        ("https://2017-2021.state.gov/a", True, True),
        ("https://2021-2025.STATE.GOV/a", True, True),
        ("https://state.gov.evil.com/", False, False),
        ("https://2017-2021.state.gov.evil.com/", False, False),
        ("https://evilstate.gov/", False, False),
        ("https://www.state.gov@evil.com/", False, False),
        ("https://evil.com/www.state.gov", False, False),
        ("https://x2017-2021.state.gov/", True, False),
        ("https://a.2017-2021.state.gov/", True, False),
        ("https://2017-21.state.gov/", True, False),
        ("mailto:x@state.gov", False, False),
    ],
)
def test_whose_host_it_is(address: str, is_state: bool, is_archive: bool) -> None:
    name = urls.host(address)
    assert urls.is_state(name) is is_state
    assert state_hosts.is_archive(name) is is_archive


def test_a_family_is_a_host_with_and_without_www() -> None:
    assert urls.family("www.example.org") == urls.family("example.org") == "example.org"
    assert urls.outlet("https://www.Example.org:8080/lamps") == "example.org"
    assert urls.outlet("https://www.täglich.example/") == "xn--tglich-bua.example"
    assert urls.outlet("http://[::1]:80/") == "::1"
    assert urls.family("news.example.org") == "news.example.org"


@pytest.mark.parametrize(("address", "expected"), [("https://[::1", ""), ("https://X.org:1/a", "x.org"), ("a", "")])
def test_the_host_of_an_address(address: str, expected: str) -> None:
    assert urls.host(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"), [("https://[::1/a", ""), ("https://x.org/a/?b", "/a/"), ("https://x.org", "")]
)
def test_the_path_of_an_address(address: str, expected: str) -> None:
    assert urls.path(address) == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        (" /b ", "https://www.state.gov/b"),
        ("../b?x=1", "https://www.state.gov/b?x=1"),
        ("//example.org/b", "https://example.org/b"),
        ("#top", "https://www.state.gov/a/"),
        ("javascript:alert(1)", None),
        ("mailto:press@state.gov", None),
        ("data:text/html,x", None),
        ("http://[::1", None),
        ("ftp://example.org/", None),
    ],
)
def test_a_link_as_it_reads_on_its_page(href: str, expected: str | None) -> None:
    found = urls.absolute("https://www.state.gov/a/", href)
    assert found == expected or (href == "#top" and found == "https://www.state.gov/a/#top")


# Numbers, guids, archives


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.state.gov/?page_id=251300", "251300"),
        ("https://www.state.gov/?post_type=state_briefing&p=68", "68"),
        ("https://2009-2017.state.gov/r/pa/prs/ps/2016/01/251300.htm", "251300"),
        ("https://2009-2017.state.gov/r/251300.html?x=1", "251300"),
        ("https://www.state.gov/a-15/", None),
        ("https://www.state.gov/?map=7", None),
        ("https://www.state.gov/251300.htmx", None),
        ("https://[::1/251300.htm", "251300"),
        ("", None),
    ],
)
def test_the_number_of_a_document(address: str, expected: str | None) -> None:
    assert urls.post_number(address) == expected


@pytest.mark.parametrize("spelled", ["&", "&#038;", "&amp;"])
def test_a_guid_has_one_spelling(spelled: str) -> None:
    guid = urls.canonical_guid(f" https://www.state.gov/?post_type=state_briefing{spelled}p=7\n")
    assert guid == "https://www.state.gov/?post_type=state_briefing&p=7"
    assert urls.canonical_guid(guid) == guid


def test_the_spellings_of_an_address_are_one_page() -> None:
    (one, *_) = found = urls.variants("http://www.gazette.example/a/?p=1#x")
    assert len(set(found)) == 8
    assert one == "https://gazette.example/a/?p=1"
    assert {"https://gazette.example/a", "http://www.gazette.example/a/"} <= set(
        urls.variants("https://gazette.example/a/")
    )
    assert urls.variants("mailto:x") == ("mailto:x",)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://WWW.state.gov:443/feed/", "www.state.gov"),
        ("https://state.gov/feed/", "state.gov"),
        ("https://www.state.gov./feed/", "www.state.gov"),
        ("http://www.state.gov:443/", "www.state.gov:443"),
        ("http://127.0.0.1:8801/feed/?a=1", "127.0.0.1:8801"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
        ("https://BÜCHER.example/", "xn--bcher-kva.example"),
        ("https://bücher.example.:8443/", "xn--bcher-kva.example:8443"),
        ("https://straße.example/", "xn--strae-oqa.example"),
        ("https://例。example/", "xn--fsq.example"),
    ],
)
def test_the_key_of_a_host_is_that_of_its_connection(url: str, key: str) -> None:
    assert urls.host_key(url) == key
    assert urls.host_key(str(parse_url(url))) == key


@pytest.mark.parametrize(
    ("url", "key"), [("https://x.example:99999/", "x.example"), ("https://☃.example/", "xn--n3h.example"), ("a", "")]
)
def test_the_key_of_a_host_without_connection(url: str, key: str) -> None:
    assert urls.host_key(url) == key


def test_no_secret_part_of_a_url_is_shown() -> None:
    url = "https://user:pass@ping.example/1-2?token=3"
    for words in (url, "GET /1-2?token=3", "at /1-2", "with token=3", url.replace("1-2", "1-2/fail"), "user:pass"):
        shown = urls.redact(words, url)
        assert not any(secret in shown for secret in ("1-2", "token", "user", "pass"))
    assert urls.redact(url, url) == "ping.example"
    assert urls.redact("ping.example / is down", "https://ping.example/") == "ping.example / is down"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("500 from https://hook.example/services/T000/s3cr3tT0ken?key=abcdefghij", "500 from hook.example"),
        ("Cannot POST /services/T000/s3cr3tT0ken", "Cannot POST ***"),
        ("no such hook: s3cr3tT0ken", "no such hook: ***"),
        ("bad key abcdefghij&amp;x", "bad key ***&amp;x"),
        ('{"path": "\\/services\\/T000\\/s3cr3tT0ken"}', '{"path": "\\/services\\/T000\\/***"}'),
        ("nothing of it / and no path", "nothing of it / and no path"),
    ],
)
def test_a_secret_url_is_hidden_as_a_whole_and_in_pieces(text: str, shown: str) -> None:
    url = "https://hook.example/services/T000/s3cr3tT0ken?key=abcdefghij"
    assert urls.redact(text, url) == shown


def test_a_url_that_cannot_be_parsed_is_hidden_whole() -> None:
    assert urls.redact("POST http://[::1 failed", "http://[::1") == "POST *** failed"


def test_a_separator_that_is_a_whole_query_hides_nothing_else() -> None:
    assert urls.redact("a b c", "https://hook.example/x?%20") == "a b c"


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("https://a.example/x;jsessionid=AB12", "https://a.example/x"),
        ("https://a.example/x;JSESSIONID=AB12.node1/y?p=1", "https://a.example/x/y?p=1"),
        ("https://a.example/x?PHPSESSID=1&p=1", "https://a.example/x?p=1"),
        ("https://a.example/x?ASPSESSIONIDQQ=1", "https://a.example/x"),
        ("https://a.example/x;v=1?sid=7", "https://a.example/x;v=1?sid=7"),
    ],
)
def test_session_ids_are_no_part_of_an_address(given_: str, expected: str) -> None:
    assert urls.canonical(given_) == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("www.other.example/lamps/", "https://www.other.example/lamps/"),
        ("WWW.Other.example", "https://WWW.Other.example"),
        ("www.other.example:8443/lamps", "https://www.other.example:8443/lamps"),
        ("herald.example/lamps/?a=1", "https://herald.example/lamps/?a=1"),
        ("www.herald.example?p=1", "https://www.herald.example?p=1"),
        ("site.example/lamps", "https://site.example/lamps"),
        ("//other.example/lamps", "https://other.example/lamps"),
        ("other.example/lamps", "https://herald.example/news/other.example/lamps"),
        ("www.archive.html", "https://herald.example/news/www.archive.html"),
        ("lamps.html", "https://herald.example/news/lamps.html"),
        ("v1.2/notes", "https://herald.example/news/v1.2/notes"),
        ("www.", "https://herald.example/news/www."),
        ("?p=www.other.example", "https://herald.example/news/?p=www.other.example"),
        ("http://[", None),
        ("mailto:www.other.example", None),
        ("https//other.example/lamps", "https://other.example/lamps"),
        ("http:/other.example/lamps", "http://other.example/lamps"),
        ("HTTP:other.example", "http://other.example"),
        ("http:///other.example/lamps", "http://other.example/lamps"),
        ("http://https://other.example/lamps", "https://other.example/lamps"),
        ("https://https//other.example/lamps", "https://other.example/lamps"),
        ("https:lamps.html", "https://herald.example/news/lamps.html"),
        ("https/lamps.html", "https://herald.example/news/https/lamps.html"),
        ("https/other.example/lamps", "https://herald.example/news/https/other.example/lamps"),
    ],
)
def test_a_host_without_a_scheme_is_no_folder(href: str, expected: str | None) -> None:
    assert urls.absolute("https://herald.example/news/", href, "www.site.example") == expected


@pytest.mark.parametrize(
    ("url", "public", "secrets"),
    [
        ("https://h.example/a/?page=2&q=#x", "https://h.example/a/?page=2&q=", ()),
        ("https://me:p%40ss@h.example:8443/a", "https://h.example:8443/a", ("p%40ss",)),
        ("https://me@h.example/", "https://h.example/", ()),
        ("https://h.example/?token=a=b&api_key=c&x=1", "https://h.example/?token=***&api_key=***&x=1", ("a=b", "c")),
        (
            "https://h.example/?X-Amz-Signature=c&PHPSESSID=d",
            "https://h.example/?X-Amz-Signature=***&PHPSESSID=***",
            ("c", "d"),
        ),
        ("https://h.example/?access_token=c&apikey=d", "https://h.example/?access_token=***&apikey=***", ("c", "d")),
        (
            "https://h.example/?author=7&key=&monkey=1&keyword=x",
            "https://h.example/?author=7&key=&monkey=1&keyword=x",
            (),
        ),
        ("https://[::1", "", ("https://[::1",)),
    ],
)
def test_a_url_without_secrets(url: str, public: str, secrets: tuple[str, ...]) -> None:
    assert urls.without_secrets(url) == (public, secrets)


def test_the_cached_forms_are_cleared() -> None:
    caches = (urls.canonical, urls.post_number)
    for cached in caches:
        cached("https://www.state.gov/?p=7")
        assert cached.cache_info().currsize > 0
    urls.clear_caches()
    assert [cached.cache_info().currsize for cached in caches] == [0, 0]


# Admission


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        (" HTTPS://me:pw@Example.org:8443/a b\x1b\t\u0085\ud800 ", "HTTPS://Example.org:8443/a%20b%1B%C2%85%3F"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443/"),
        ("https://@example.org/", "https://example.org/"),
        ("https://me:p@w@example.org/", "https://example.org/"),
        ("https://example.org/" + "a" * 7_980, "https://example.org/" + "a" * 7_980),
        ("https://example.org/" + "a" * 7_981, None),
        ("https://example.org/" + "é" * 1_400, None),  # 8,420 characters when it is escaped
        ("https://example.org/" + "a" * 20_000, None),
        ("ftp://www.state.gov/", None),
        ("//www.state.gov/", None),
        ("www.state.gov", None),
        ("https://", None),
        ("https://example.org:99999/", None),
        ("https://[::1/", None),
        ("https://www.state.gov\\@evil.example/", None),
        ("https://www.state.gov%2eevil.example/", None),
        (f"https://{'a.' * 130}org/", None),
        ("", None),
    ],
)
def test_what_may_be_stored_and_requested(given_url: str, expected: str | None) -> None:
    assert urls.admit(given_url) == expected


def test_credentials() -> None:
    assert urls.has_credentials("//me:pw@example.org/")
    assert not urls.has_credentials("https://example.org/@me")
    assert not urls.has_credentials("https://[::1/")
    assert urls.without_credentials("https://me:pw@example.org/@me:pw@") == "https://example.org/@me:pw@"


@pytest.mark.parametrize(
    "url",
    [
        "https://me:pw@[bad/x",
        "https://me:p\u2100@host/x",
        "ftp://me:p\tw@host/x",
        " //me:pw@h",
        "http://me@h:99999/",
        r"https:\\me:pw@h/",
        "https:/me:pw@h/",
        "HTTPS:me@h/",
        r"\\me@h",
    ],
)
def test_credentials_are_removed_from_urls_that_nothing_can_read(url: str) -> None:
    assert urls.has_credentials(url)
    assert "me" not in urls.without_credentials(url)


def test_a_secret_url_is_shown_short() -> None:
    assert urls.shown_short("https://hooks.example/T0/secret?x=y") == "https://hooks.example/…"
    assert urls.shown_short("http://me:pw@127.0.0.1:8080/secret") == "http://127.0.0.1/…"


PIECES = st.sampled_from(
    "/|a|b.c|..|.|?|#|=|&|http://|https:/|www.x.org|X|%20|;p| |:80|é|\\|@|-|x.html|1.2.3.4|\t".split("|")
)
BASES = st.sampled_from(
    "https://herald.example/a/b/c|http://herald.example|https://herald.example:80/x|https://1.2.3.4/x|x"
    "|https://u@herald.example/|https://herald.example?x|HTTPS://herald.example/a/".split("|")
)


@given(BASES, st.sampled_from(["", "/", "/a/", "https://www.x.org/"]), st.lists(PIECES, max_size=6).map("".join))
def test_plain_links_resolve_as_all_others_do(base: str, beginning: str, rest: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "_PLAIN_URL", re.compile("(?!)"))
        patch.setattr(urls, "_PLAIN_PATH", re.compile("(?!)"))
        expected = urls.absolute(base, beginning + rest)
    assert urls.absolute(base, beginning + rest) == expected


def test_plain_links_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "urljoin", None)
    assert (
        urls.absolute("https://herald.example/a/b", "/2021/06/lamps/?p=1")
        == "https://herald.example/2021/06/lamps/?p=1"
    )
    assert urls.absolute("x", "https://www.state.gov/lamps/") == "https://www.state.gov/lamps/"


def test_a_long_link_is_resolved_as_a_short_one() -> None:
    path = "/lamps" * 200
    assert urls.absolute("https://herald.example/a/", path) == f"https://herald.example{path}"
