"""Tests of the hosts of the Department: whose documents a URL names, and the archives with their years."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper.model import PublicationState, Statement
from scraper.rules.state_hosts import (
    archived_urls,
    authority_of,
    candidate_urls,
    has_files_only,
    is_elsewhere,
    is_named,
    is_statement_url,
    is_within,
    namespace,
    site_of,
)

SLUGS = ["2021-2025", "2017-2021"]
FILES = ["2017-2021", "2009-2017", "2001-2009", "1997-2001"]


@pytest.mark.parametrize(
    ("path", "year", "hosts"),
    [
        ("a/?p=1", None, SLUGS),
        ("a/?p=1", 2018, ["2017-2021"]),
        ("a/?p=1", 2021, SLUGS),
        ("a/?p=1", 2026, []),
        # No archive of the time has slugs: the page got its slug later.
        ("lamps/", 2014, SLUGS),
        ("lamps/", 1999, SLUGS),
        ("r/pa/ei/bgn/2907.htm", None, FILES),
        ("r/pa/ei/bgn/2907.htm", 2014, ["2009-2017"]),
        ("www/regions/index.html", 1999, ["1997-2001"]),
        ("r/pa/ei/bgn/2907.htm", 2023, FILES),
        ("www/briefings/1999/9.htm", 1999, ["1997-2001"]),
        ("www/briefings/1999/9.htm", None, ["1997-2001"]),
        # The time of publication is surer than the year in the path.
        ("www/briefings/1999/9.htm", 2014, ["2009-2017"]),
        ("p/wha/rls/prsrl/2014/231951.htm", 2014, ["2009-2017"]),
    ],
)
def test_where_a_statement_may_have_moved(path: str, year: int | None, hosts: list[str]) -> None:
    published_at = datetime(year, 1, 15, tzinfo=UTC) if year else None
    expected = tuple(f"https://{host}.state.gov/{path}" for host in hosts)
    assert archived_urls(f"http://state.gov/{path}", published_at) == expected


@pytest.mark.parametrize(
    ("path", "hosts"),
    [
        ("lamps/", SLUGS),
        ("releases/bureau-of-lamps/2026/06/lamps/", []),
        ("office-of-lamps/releases/2025/01/lamps/", ["2021-2025"]),
        ("releases/2025/02/lamps/", []),
        ("r/pa/prs/ps/2021/01/900100.htm", SLUGS),
        ("r/pa/ei/bgn/2907.htm", FILES),
        ("secretary/20172018hale/remarks/2017/10/275047.htm", ["2017-2021"]),
        ("p/wha/rls/prsrl/2014/231951.htm", ["2009-2017"]),
        ("r/pa/prs/dpb/2008/sept/109775.htm", ["2001-2009"]),
        ("www/briefings/1999/9.htm", ["1997-2001"]),
        ("www/2021/x.htm", SLUGS),
        ("a/www.state.gov/b/", SLUGS),
        ("", []),
    ],
)
def test_archive_urls_of_a_document(path: str, hosts: list[str]) -> None:
    expected = [f"https://{host}.state.gov/{path}" for host in ("www", *hosts)]
    assert list(candidate_urls(f"http://state.gov/{path}")) == expected


@pytest.mark.parametrize(
    ("url", "archives"),
    [
        ("https://www.state.gov/lamps/?from=/2008/03/", ["2021-2025", "2017-2021"]),
        ("https://www.state.gov/releases/2014/06/lamps/?from=/2008/03/", ["2009-2017"]),
    ],
)
def test_a_year_in_the_query_does_not_choose_the_archive(url: str, archives: list[str]) -> None:
    assert list(candidate_urls(url)) == [url.replace("www", host, 1) for host in ("www", *archives)]


def test_other_hosts_have_no_archive() -> None:
    archived = "https://2017-2021.state.gov/lamps/"
    assert candidate_urls(archived) == (archived, "https://www.state.gov/lamps/")
    for url in ("https://travel.state.gov/x", "https://gazette.example/x", "no address"):
        assert candidate_urls(url) == (url,)
        assert archived_urls(url) == ()
    assert archived_urls(archived) == ()


@given(st.text(max_size=80))
def test_no_text_raises(url: str) -> None:
    archived_urls(url)
    assert candidate_urls(url)


def test_archives_of_files_alone() -> None:
    assert [has_files_only(f"{years}.state.gov") for years in FILES] == [False, True, True, True]
    assert not has_files_only("www.state.gov")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.state.gov/lamps/", "state.gov"),
        ("http://state.gov/", "state.gov"),
        ("https://preview.state.gov/x", "state.gov"),
        ("HTTPS://WWW.State.GOV./x", "state.gov"),
        ("https://2021-2025.state.gov/x", "state.gov"),
        ("http://2001-2009.state.gov:80/x", "state.gov"),
        ("https://www.state.gov:443/x", "state.gov"),
        ("https://reader:pw@www.state.gov/x", "state.gov"),
        ("https://foo.state.gov/?p=9120", "foo.state.gov"),
        ("https://TRAVEL.state.gov./x", "travel.state.gov"),
        ("https://a.www.state.gov/x", "a.www.state.gov"),
        ("https://2025-2029.state.gov/x", "2025-2029.state.gov"),
        ("https://x2017-2021.state.gov/x", "x2017-2021.state.gov"),
        ("https://www.state.gov:8443/x", "www.state.gov:8443"),
        ("http://2017-2021.state.gov:8080/x", "2017-2021.state.gov:8080"),
        ("https://www.state.gov../x", None),
        ("https://www.state.gov@evil.example/x", None),
        ("https://www.state.gov.evil.example/x", None),
        ("https://news.state.gov.evil.example/x", None),
        ("https://evilstate.gov/x", None),
        ("https://evil.example/www.state.gov/x", None),
        ("https://www.\u0455tate.gov/x", None),
        ("https://www\u3002state\u3002gov/x", None),
        ("ftp://www.state.gov/x", None),
        ("//www.state.gov/x", None),
        ("www.state.gov/x", None),
        ("https://www.state.gov:port/x", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_the_namespace_of_a_url(url: str, expected: str | None) -> None:
    assert namespace(url) == expected
    assert is_statement_url(url) is (expected == "state.gov")
    assert authority_of(url) == (expected or "state.gov")


def test_letters_of_another_alphabet_are_another_host() -> None:
    own = namespace("https://\uff57\uff57\uff57.state.gov/x")
    assert own not in {None, "state.gov"}


@given(st.text(max_size=80))
def test_no_text_has_a_namespace_by_accident(text: str) -> None:
    assert namespace(text) is None
    assert namespace(f"https://{text}.example/") is None
    namespace(f"https://{text}.state.gov/")
    site_of(text)


def test_a_site_is_a_namespace_or_a_host() -> None:
    assert site_of("https://2009-2017.state.gov/x") == site_of("https://www.state.gov/") == "state.gov"
    assert site_of("https://www.gazette.example/x") == site_of("http://gazette.example/") == "gazette.example"
    assert site_of("http://127.0.0.1:5001/x") != site_of("http://127.0.0.1:5002/x")
    assert site_of("https://foo.state.gov/x") == "foo.state.gov"


def test_a_url_within_the_hosts_of_a_source() -> None:
    state, foo = {"www.state.gov"}, {"foo.state.gov"}
    for url in ("https://www.state.gov/x", "https://2021-2025.state.gov/x", "http://state.gov/x"):
        assert is_within(url, state)
        assert not is_within(url, foo)
    for url in ("https://foo.state.gov/x", "http://foo.state.gov/"):
        assert is_within(url, foo)
        assert not is_within(url, state)
    assert not is_within("https://www.state.gov:8443/x", state)
    assert is_within("http://127.0.0.1:5001/x", {"127.0.0.1"})
    assert not is_within("https://www.state.gov@evil.example/x", state)


def test_a_statement_moves_within_its_site_or_home_only() -> None:
    def at(url: str, authority: str = "state.gov") -> Statement:
        return Statement(7, "g", url, "Lamps", PublicationState.CURRENT, 1, 1, 2, NOON, NOON, authority=authority)

    www, foo, local = "https://www.state.gov/x", "https://foo.state.gov/x", "http://127.0.0.1/x"
    assert not is_elsewhere("https://2021-2025.state.gov/y", at(www))
    assert is_elsewhere(foo, at(www))
    assert is_elsewhere(local, at(www))
    assert not is_elsewhere(www, at(local))
    assert not is_elsewhere("http://127.0.0.2/y", at(local))
    assert not is_elsewhere("https://foo.state.gov/y", at(foo, "foo.state.gov"))
    assert is_elsewhere(www, at(foo, "foo.state.gov"))


def test_the_named_hosts_are_a_list() -> None:
    assert is_named("2017-2021.state.gov")
    assert not is_named("1234-5678.state.gov")
