"""Tests of the steps for a mirror page: one request, one tree, one walk for its text, one match, for any parser."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes.mirror import GAZETTE, HOUR, LAMPS, STATE, carried, names, page, post
from samples import source

from scraper.config.settings import Endpoint
from scraper.matching.matcher import Matcher
from scraper.model import EndpointKind, EventKind, Reading, Role
from scraper.parsers import PARSERS, Parser, document, elements, generic_article
from scraper.rules import attribution

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.mirror import Gazette

PAGE = page(LAMPS.title, (*LAMPS.body, names(LAMPS)))
LISTED = post("lamps", LAMPS.title, (), cut=True)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts of each costly step."""
    counted: Counter[str] = Counter()

    def count(owner: Any, name: str, label: Callable[..., str]) -> None:
        original = getattr(owner, name)

        def counting(*arguments: Any, **named: Any) -> Any:
            counted[label(*arguments)] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)

    count(elements, "tree_of", lambda _html, where: f"tree of {where}")
    count(generic_article, "read_page", lambda _root: "walks")
    count(attribution, "find_attribution", lambda text, *_: f"attribution of {len(text)} characters")
    count(Matcher, "trace_all", lambda _matcher, matched: f"match of {matched.title}")
    return counted


def test_a_page_that_a_list_names_is_parsed_and_matched_once(gazette: Gazette, counts: Counter[str]) -> None:
    gazette.begins()
    gazette.state_says(LAMPS)
    gazette.says(LISTED)
    gazette.shows("lamps", PAGE)
    counts.clear()
    assert [event.kind for event in gazette.poll()] == [EventKind.PUBLISHED, EventKind.COPY_FOUND]
    assert counts.pop(f"tree of {GAZETTE}/lamps/") == 1
    assert counts.pop("walks") == 1
    assert counts.pop(f"match of {LAMPS.title}") == 1
    assert sorted(counts) == [next(key for key in counts if key.startswith("attribution")), "match of Weather"]
    assert set(counts.values()) == {1}


def test_a_recheck_of_a_page_parses_and_matches_it_once(gazette: Gazette, counts: Counter[str]) -> None:
    gazette.begins()
    gazette.state_says(LAMPS)
    gazette.says(LISTED)
    gazette.shows("lamps", PAGE)
    gazette.poll()
    counts.clear()
    gazette.poll(25 * HOUR)
    assert counts[f"tree of {GAZETTE}/lamps/"] == counts["walks"] == counts[f"match of {LAMPS.title}"] == 1


def test_a_text_in_a_list_that_names_the_department_is_not_matched_to_fetch_its_page(
    gazette: Gazette, counts: Counter[str]
) -> None:
    gazette.begins()
    gazette.state_says(LAMPS)
    carried(gazette, *LAMPS.body, names(LAMPS))
    counts.clear()
    gazette.poll()
    assert f"{GAZETTE}/lamps/" in gazette.watch.asked
    assert counts[f"match of {LAMPS.title}"] == 1  # the page; its entry in the list gives way to it


def test_a_page_that_is_an_endpoint_itself_is_requested_and_matched_once(
    gazette: Gazette, counts: Counter[str]
) -> None:
    gazette.begins()
    gazette.state_says(LAMPS)
    gazette.watch.source = STATE
    gazette.watch.run()
    gazette.shows("lamps", page(LAMPS.title, LAMPS.body))
    gazette.watch.source = source(
        name="pages", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.PAGE, url=f"{GAZETTE}/lamps/"),)
    )
    counts.clear()
    gazette.watch.site.asked.clear()
    assert [event.kind for event in gazette.watch.run().events] == [EventKind.COPY_FOUND]
    assert gazette.watch.site.asked.count(f"{GAZETTE}/lamps/") == 1
    assert counts[f"tree of {GAZETTE}/lamps/"] == counts["walks"] == counts[f"match of {LAMPS.title}"] == 1


def test_a_page_that_is_an_endpoint_does_not_ask_for_a_dead_claim_at_each_poll(gazette: Gazette) -> None:
    gazette.begins()
    gazette.shows("lamps", PAGE)
    gazette.watch.site.says(LAMPS.url, b"", 500)
    gazette.watch.source = source(
        name="pages", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.PAGE, url=f"{GAZETTE}/lamps/"),)
    )
    asked = []
    for _ in range(72):
        gazette.watch.run()
        asked += gazette.watch.asked
        gazette.watch.clock.sleep(20 * 60)
    assert asked.count(f"{GAZETTE}/lamps/") == 72
    assert 1 < asked.count(LAMPS.url) <= 14  # at growing intervals, up to three hours


def test_a_mirror_with_a_parser_of_its_own_is_a_document_like_any_other(
    gazette: Gazette, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(read_document: document.Document) -> Reading:
        plain = generic_article.read(read_document)
        return Reading("gazette-page", (replace(plain.items[0], byline="Gazette desk"),), problems=plain.problems)

    special = Parser("gazette-page", EndpointKind.PAGE, read, lambda found: found.host == "gazette.example")
    monkeypatch.setattr("scraper.parsers.PARSERS", (special, *PARSERS))
    gazette.begins()
    gazette.state_says(LAMPS)
    carried(gazette, *LAMPS.body, names(LAMPS))
    gazette.poll()
    (copy,) = gazette.copies()
    stored = gazette.watch.store.pages.stored(copy.page_id)
    assert (stored.parser, stored.is_document) == ("gazette-page", True)
    assert "Home News Sports" in stored.shown  # the whole page, not an entry of a list
    assert stored.page.next_check_at is not None
    assert stored.page.next_check_at - stored.page.last_seen_at == 24 * HOUR
