"""The archives of www.state.gov and their years."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.rules.state_hosts import archived_urls, candidate_urls


def test_a_statement_may_live_on_in_the_archive_of_its_time() -> None:
    def at(year: int) -> tuple[str, ...]:
        return archived_urls("http://state.gov/a/?p=1", datetime(year, 1, 15, tzinfo=UTC))

    assert at(2018) == ("https://2017-2021.state.gov/a/?p=1",)
    assert at(2021) == ("https://2021-2025.state.gov/a/?p=1", "https://2017-2021.state.gov/a/?p=1")
    assert at(1999) == ()
    assert len(archived_urls("https://www.state.gov/a/", None)) == 4
    assert archived_urls("https://2017-2021.state.gov/a/", None) == ()
    assert archived_urls("https://example.org/a/", None) == ()


@pytest.mark.parametrize(
    ("path", "hosts"),
    [
        ("lamps/", ["2021-2025", "2017-2021"]),
        ("releases/bureau-of-lamps/2026/06/lamps/", []),
        ("office-of-lamps/releases/2025/01/lamps/", ["2021-2025"]),
        ("releases/2025/02/lamps/", []),
        ("r/pa/prs/ps/2021/01/900100.htm", ["2021-2025", "2017-2021"]),
        ("secretary/20172018hale/remarks/2017/10/275047.htm", ["2017-2021"]),
        ("p/wha/rls/prsrl/2014/231951.htm", ["2009-2017"]),
        ("r/pa/prs/dpb/2008/sept/109775.htm", ["2001-2009"]),
        ("www/briefings/1999/9.htm", ["1997-2001"]),
        ("www/2021/x.htm", ["2021-2025", "2017-2021"]),
        ("a/www.state.gov/b/", ["2021-2025", "2017-2021"]),
        ("", []),
    ],
)
def test_where_a_document_may_stand_by_now(path: str, hosts: list[str]) -> None:
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


@given(st.text(max_size=80))
def test_no_text_raises(url: str) -> None:
    archived_urls(url, None)
    assert candidate_urls(url)
