"""Twin of the sites in the documentation: the demo's recorded responses, and an invented one for each other source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import yaml
from fakes.mirror import WEATHER, feed, post
from fakes.web import Web, answer
from samples import REST_URL, ROOT, Piece, rest, rss

if TYPE_CHECKING:
    from collections.abc import Mapping

DEMO = ROOT / "cassettes" / "demo"
NOW = datetime(2026, 5, 15, 12, 0, tzinfo=UTC)
"""Time at which a page's session begins: some hours after the end of the demo."""
PAST = "2026-05-11T00:00:00Z"
"""Time since which the past of State's press releases can be read."""
MERROW = """<!doctype html><html lang="en"><head><title>MERROW NEWS</title>
<link rel="alternate" type="application/rss+xml" title="MERROW NEWS" href="https://merrow.example/feed/"></head>
<body><h1>MERROW NEWS</h1><p><a href="/politics/rivers/">Lower Valley Rivers Initiative</a></p></body></html>"""


def sites(*, until: int = 3) -> Web:
    """Return the sites as the demo's rounds up to `until` left them, without sockets; other URLs answer 404."""
    web = Web(unsaid=answer(b"Not here", 404, "text/plain"))
    for cassette in sorted(DEMO.glob("*.yaml"))[:until]:
        for exchange in yaml.safe_load(cassette.read_text("utf-8"))["interactions"]:
            _add(web, exchange["request"]["uri"], exchange["response"])
    web.says("https://merrow.example/", MERROW.encode())
    query = next(url for url in web.answers if url.startswith(REST_URL)).partition("?")[2]
    past = f"{query.replace('per_page=20&orderby=date', 'per_page=50&orderby=modified')}&modified_after={PAST}"
    web.says(f"{REST_URL}?{past}", (DEMO / "bodies" / "state-rest-3-revised.json").read_bytes(), x_wp_totalpages="1")
    at = NOW - timedelta(hours=2)
    briefing = Piece(700, "Department Press Briefing – May 15, 2026", published_at=at)
    web.says(f"{REST_URL.replace('press_release', 'briefing')}?{query}", rest(briefing))
    remarks = Piece(701, "Secretary Quill’s Remarks at the Lamp Museum", published_at=at)
    web.says("https://www.state.gov/rss-feed/secretarys-remarks/feed/", rss(remarks, built=at))
    web.says(
        "https://jisipnews.com/feed/", feed(post("lamps", "Lamps for the Harbor", WEATHER, at=format_datetime(at)))
    )
    return web


def _add(web: Web, url: str, response: Mapping[str, object]) -> None:
    status, headers, body = response["status"], response["headers"], response["body"]
    assert isinstance(status, dict)
    assert isinstance(headers, dict)
    assert isinstance(body, dict)
    fields = {name.lower().replace("-", "_"): values[0] for name, values in headers.items()}
    content = (DEMO / body["file"]).read_bytes() if "file" in body else body.get("string", "").encode()
    web.says(url, content, status["code"], fields.pop("content_type", ""), **fields)
