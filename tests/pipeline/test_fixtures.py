"""Property of saved fixtures: whatever the body, the reading that is saved is the one that the test finds again."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.model import Capture, EndpointKind, Outcome
from scraper.pipeline.fixtures import EXPECTED, expected, load, save

AT = datetime(2026, 6, 1, 1, 2, 3, 999_999, tzinfo=UTC)
PIECES = st.sampled_from(
    [
        *(
            b"<p>",
            b"<h1>",
            b"<title>Lamps",
            b"<rss>",
            b"<item>",
            b"<urlset>",
            b"text",
            b"\xff\xfe",
            b"\xed\xa0\x80",
            b"\0",
        ),
        *(
            b'<?xml version="1.0" encoding="utf-16"?>',
            b"&#xD800;",
            b"\\ud800",
            b"\r\n",
            b"[",
            b'{"items":[',
            b"1e999",
            b"]",
        ),
        *(b"<meta property=article:published_time content=2026-07-01T01:02:03.5Z>", b"\x1f\x8b", b"July 1, 2026"),
    ]
)
URLS = st.sampled_from(["https://www.state.gov/x/", "https://2001-2009.state.gov/r/1.htm", "https://gazette.example/"])


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=12).map(b"".join), URLS, st.sampled_from([None, *EndpointKind]))
def test_what_is_saved_is_read_again(body: bytes, url: str, kind: EndpointKind | None) -> None:
    capture = Capture(url, AT, Outcome.OK, 200, headers=(("content-type", "text/html"),), body=body)
    with tempfile.TemporaryDirectory() as folder:
        path, problem = save(Path(folder), capture, kind)
        saved = json.loads(path.with_name(path.name + EXPECTED).read_text("utf-8"))
        assert expected(*load(path)) == saved
        assert saved.get("problem", "") == problem
