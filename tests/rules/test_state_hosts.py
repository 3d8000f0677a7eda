"""Tests of the archives of www.state.gov and their years."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.rules.state_hosts import archived_urls, candidate_urls, has_files_only

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
