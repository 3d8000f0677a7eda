"""Pages of the tables and queries that Datasette fills in: their links lead somewhere, and their forms lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from lxml import html

from scraper.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = "data/event_list"


HOSTS = ("http://localhost:8001/", "https://pages.example/", "/")


def page(served: Any, path: str) -> html.HtmlElement:
    response = served.get(local(path))
    assert response.status_code == 200, path
    return html.fromstring(response.text)


def local(link: str) -> str:
    """A link to the server, as the path below the root of its host."""
    return next((link[len(host) :] for host in HOSTS if link.startswith(host)), link)


def cells(tree: html.HtmlElement) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in tree.xpath("//table/tbody/tr")]


def links(tree: html.HtmlElement) -> dict[str, str]:
    """The links of the content, by their words."""
    return {link.text_content().strip(): link.get("href") for link in tree.xpath("//main//a")}


def sent_again(served: Any, tree: html.HtmlElement, path: str) -> html.HtmlElement:
    """The page to which the form leads if one changes nothing in it."""
    (form,) = tree.xpath("//main//form")
    fields = [(name, value) for name, value in form.form_values() if name]
    response = served.get(f"{path}?{urlencode(fields)}")
    while response.is_redirect:
        response = served.get(local(response.headers["location"]))
    return html.fromstring(response.text)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "grade__isnull=1",
        "grade__notblank=1",
        "kind__contains=copy&_sort=kind",
        "kind__exact=copy.found&_sort_desc=source&_size=2",
        "_where=grade+is+not+null",
        "_facet=relation&_size=3",
        "reasons__contains=%3Cb%3E%26%22",
    ],
)
def test_a_form_that_is_sent_again_gives_the_same_rows(serve: Callable[..., Any], query: str) -> None:
    served = serve(with_sql=True)
    tree = page(served, f"{EVENTS}?{query}")
    assert cells(sent_again(served, tree, EVENTS)) == cells(tree)


def test_a_condition_in_sql_can_be_removed(serve: Callable[..., Any]) -> None:
    served = serve(with_sql=True)
    tree = page(served, f"{EVENTS}?_where=grade+is+not+null")
    assert tree.xpath("//li/code/text()") == ["grade is not null"]
    everything = page(served, links(tree)["remove"])
    assert len(cells(everything)) > len(cells(tree)) > 0


def test_pages_follow_each_other_to_the_last_row(serve: Callable[..., Any]) -> None:
    served = serve()
    whole = cells(page(served, EVENTS))
    tree = page(served, f"{EVENTS}?_size=4")
    found = cells(tree)
    while "Next page" in links(tree):
        tree = page(served, links(tree)["Next page"])
        found += cells(tree)
        if "CSV of all rows" in links(tree):
            csv = served.get(local(links(tree)["CSV of all rows"]))
            assert len(csv.text.splitlines()) > len(whole)
    assert found == whole
    assert len(whole) > 4


def test_a_column_sorts_one_way_and_then_the_other(serve: Callable[..., Any]) -> None:
    served = serve()
    tree = page(served, f"{EVENTS}?_sort=kind")
    at = [head.text_content().strip() for head in tree.xpath("//th")].index("kind ▲")
    assert tree.xpath("//th[@aria-sort]/@aria-sort") == ["ascending"]
    kinds = [row[at] for row in cells(tree)]
    assert kinds == sorted(kinds)
    other = page(served, links(tree)["kind ▲"])
    assert other.xpath("//th[@aria-sort]/@aria-sort") == ["descending"]
    assert [row[at] for row in cells(other)] == sorted(kinds, reverse=True)


def test_a_facet_leads_to_its_rows_and_back(serve: Callable[..., Any]) -> None:
    served = serve()
    tree = page(served, EVENTS)
    (item,) = tree.xpath("//div[@class='facets']//li[a='copy.found']")
    count = int(item.text_content().split()[-1])
    chosen = page(served, item.find("a").get("href"))
    assert len(cells(chosen)) == count
    (remove,) = chosen.xpath("//li[b='copy.found']/a/@href")
    assert cells(page(served, remove)) == cells(tree)


@pytest.mark.parametrize("query", ["_nocount=1", "_size=2"])
def test_the_number_of_rows_is_that_of_the_table_or_none(serve: Callable[..., Any], query: str) -> None:
    tree = page(serve(), f"{EVENTS}?{query}")
    shown = tree.xpath("//main/p/b/text()")
    assert shown == ([] if "nocount" in query else [f"{len(cells(page(serve(), EVENTS)))} rows"])


def test_a_query_without_its_words_is_not_said_to_find_nothing(serve: Callable[..., Any]) -> None:
    served = serve()
    assert page(served, "data/said").xpath("//p[@class='empty']") == []
    assert page(served, "data/said?words=nowhere").xpath("//p[@class='empty']/text()") == ["No rows."]
    found = page(served, "data/said?words=river")
    assert cells(found)
    assert cells(sent_again(served, found, "data/said")) == cells(found)


def test_a_query_of_the_readers_own_stands_once_and_its_error_is_shown(serve: Callable[..., Any]) -> None:
    served = serve(with_sql=True)
    tree = page(served, "data?sql=select+1+as+one")
    assert cells(tree) == [["1"]]
    assert tree.xpath("//pre") == []
    wrong = html.fromstring(served.get("data?sql=select+missing").text)
    assert "no such column: missing" in wrong.text_content()


@pytest.mark.parametrize("passed", ["sw/", ""])
def test_links_below_a_prefix_lead_to_tables(serve: Callable[..., Any], passed: str) -> None:
    served = serve(base_url="https://pages.example/sw/", with_sql=True)
    for path in (f"{EVENTS}?_size=2", "data/said?words=river", "data?sql=select+1"):
        tree = page(served, f"{passed}{path}")
        ours = [link for link in tree.xpath("//a/@href") if link.startswith(HOSTS)]
        assert len(ours) > 5
        for link in ours:
            assert served.get(local(link)).status_code == 200, link


def test_the_path_of_the_tables_is_no_prefix(serve: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="may not end in /data"):
        serve(base_url="https://pages.example/data/")


def test_json_has_the_rows_of_the_page(serve: Callable[..., Any]) -> None:
    served = serve()
    tree = page(served, EVENTS)
    rows = served.get(local(links(tree)["JSON"])).json()["rows"]
    assert len(rows) == len(cells(tree)) > 0
