"""Tests of the settings of a search source, and of the secrets that the configuration names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scraper.config.loader import load
from scraper.config.secrets import NoSecretError, read_secret
from scraper.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "fetch:\n  contact: https://monitor.invalid/about\nsources:\n"


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def entry(search: str, *, url: str = "https://search.example/api", kind: str = "search", role: str = "mirror") -> str:
    source = f"  - name: found\n    role: {role}\n    endpoints:\n      - {{kind: {kind}, url: '{url}'}}\n"
    return HEAD + source + (f"    search: {search}\n" if search else "")


def problem(at: Path, text: str) -> tuple[str, str]:
    at.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(at)
    (found,) = caught.value.problems
    return found.path, found.message


@pytest.mark.parametrize(
    ("search", "url"),
    [
        ("{service: gdelt}", "https://api.gdeltproject.org/api/v2/doc/doc"),
        ("{service: mediacloud, key_env: CLOUD_KEY}", "https://search.mediacloud.org/api/search/story-list"),
        ("{service: json, items: data.items, link: page.url}", "https://search.example/api?q={phrase}"),
        ("{service: feed, key_file: key.txt, key_header: X-Key}", "https://search.example/rss?q={phrase}"),
        ("{service: gdelt, queries_per_day: 5, results_per_query: 10, gap_s: 6.5}", "http://search.example/"),
    ],
)
def test_search_sources(at: Path, search: str, url: str) -> None:
    at.write_text(entry(search, url=url))
    (source,) = load(at).sources
    assert source.search is not None
    assert load(at).claims_of_mirror > 0


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (entry(""), "sources[0].search", "is required for an endpoint of kind search"),
        (entry("{service: gdelt}", kind="feed"), "sources[0].search", "one endpoint, of kind search"),
        (entry("{service: gdelt}", role="canonical"), "sources[0].search", "with the role mirror"),
        (entry("{service: json}"), "sources[0].endpoints", "needs {phrase} in the URL"),
        (entry("{service: gdelt}", url="https://x.example/{phrase}"), "sources[0].endpoints", "without {phrase}"),
        (
            entry("{service: gdelt, key_env: K}", url="http://x.example/"),
            "sources[0].endpoints",
            "a key is sent over https only",
        ),
        (entry("{service: mediacloud}"), "sources[0].search.service", "needs a key"),
        (entry("{service: gdelt, key_env: K, key_file: k}"), "sources[0].search.key_file", "leave out one of them"),
        (entry("{service: gdelt, items: a.b}"), "sources[0].search.items", "for the service json only"),
        (entry("{service: feed, link: a}", url="https://x.example/{phrase}"), "sources[0].search.link", "json only"),
        (entry("{service: json, items: a..b}"), "sources[0].search.items", "names of keys"),
        (entry("{service: gdelt, key_header: 'X: 5'}"), "sources[0].search.key_header", "the name of a header"),
        (entry("{service: gdelt, key: abc}"), "sources[0].search.key", "is not a known key"),
        (entry("{service: gdelt, token: abc}"), "sources[0].search.token", "must not contain a secret"),
        (entry("{service: bing}"), "sources[0].search.service", "gdelt"),
    ],
)
def test_mistakes(at: Path, text: str, path: str, words: str) -> None:
    found, message = problem(at, text)
    assert found == path
    assert words in message


def test_a_secret_of_a_variable_or_of_the_first_line_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("lamps\r\nmore")
    assert read_secret("key", "K", None, {"K": "lamps"}) == read_secret("key", None, file, {}) == "lamps"


def test_a_missing_secret_is_named_by_its_place(tmp_path: Path) -> None:
    for variable, file, words in (
        ("K", None, "no key in the environment variable K"),
        (None, tmp_path / "none", "the key cannot be read from the file"),
    ):
        with pytest.raises(NoSecretError, match=re.escape(words)):
            read_secret("key", variable, file, {"K": ""})


def test_no_feed_overwrites_the_key(at: Path) -> None:
    text = entry("{service: feed, key_file: key.txt}", url="https://search.example/rss?q={phrase}")
    watch = "watches:\n  - {name: lamps, feed: key.txt}\n"
    assert problem(at, text + watch) == (
        "watches[0].feed",
        "is the key file of a search, which it would overwrite: name another file",
    )
