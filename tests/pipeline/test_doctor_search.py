"""Tests of the check of search services: one known phrase, and the fields that its answer lacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.searching import CLOUD_URL, GDELT_URL, JSON, TOO_SHORT, NewsWeb, gdelt_answer, search_source
from fakes.web import answer
from samples import settings

from scraper.pipeline.doctor import reach
from scraper.pipeline.doctor_search import KNOWN_PHRASE, check_keys
from scraper.pipeline.findings import Finding, Level

if TYPE_CHECKING:
    from pipeline.conftest import Watch

    from scraper.config.settings import Source

LINK = "https://merrow.example/2026/03/lamps/"
BARE = json.dumps({"articles": [{"url": LINK}]}).encode()


@pytest.fixture
def web(watch: Watch) -> NewsWeb:
    watch.site = NewsWeb()
    return watch.site


def asked(watch: Watch, source: Source) -> Finding:
    with watch.fetcher() as fetcher:
        return reach(source, fetcher)


def test_a_service_that_answers_as_documented(watch: Watch, web: NewsWeb) -> None:
    web.noise = [LINK, "javascript:alert(1)"]
    finding = asked(watch, search_source())
    assert web.phrases == [KNOWN_PHRASE]
    assert (finding.topic, finding.level) == ("reach gdelt", Level.OK)
    named = f"{GDELT_URL} answers “{KNOWN_PHRASE}” with 2 results, 1 of them with a usable URL"
    untried = "the adapter of GDELT was written after its documentation and not tried live, but this answer fits"
    assert finding.what == f"{named}; {untried}"
    assert watch.store.captures.count() == 0


@pytest.mark.parametrize(
    ("reply", "level", "words"),
    [
        (answer(gdelt_answer(), kind=JSON), Level.WARNING, "with 0 results"),
        (
            answer(json.dumps({"articles": [{"url": LINK}]}).encode(), kind=JSON),
            Level.WARNING,
            "title, seendate, domain",
        ),
        (answer(TOO_SHORT), Level.TROUBLE, "JSON or XML: The specified phrase is too short."),
        (answer(b'{"articles": 5}', kind=JSON), Level.TROUBLE, "no list of results"),
        (answer(b"no", 403), Level.TROUBLE, "blocked"),
        (answer(b"no", 500), Level.TROUBLE, "error page"),
        (answer(b"later", 429), Level.WARNING, "busy"),
    ],
)
def test_a_service_that_answers_otherwise(watch: Watch, web: NewsWeb, reply: bytes, level: Level, words: str) -> None:
    web.replies = lambda _: reply
    finding = asked(watch, search_source())
    assert finding.level is level
    assert words in finding.what
    assert finding.advice


def test_a_missing_key_is_named(watch: Watch, web: NewsWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUD_KEY", raising=False)
    finding = asked(watch, search_source("cloud", CLOUD_URL, "mediacloud", key_env="CLOUD_KEY"))
    assert (finding.level, finding.what) == (Level.TROUBLE, "no key in the environment variable CLOUD_KEY")
    assert web.asked == []


def test_doctor_names_a_missing_key_without_a_request(watch: Watch) -> None:
    cloud = search_source("cloud", CLOUD_URL, "mediacloud", key_env="CLOUD_KEY")
    off = search_source("off", CLOUD_URL, "mediacloud", key_env="OTHER_KEY").model_copy(update={"enabled": False})
    given = settings(cloud, off, search_source())
    (finding,) = check_keys(given, {})
    assert (finding.topic, finding.what) == ("key of cloud", "no key in the environment variable CLOUD_KEY")
    assert list(check_keys(given, {"CLOUD_KEY": "lamps"})) == []
