"""Parser of robots.txt: rules and Crawl-delay for this client, and the fallback for unreadable files (RFC 9309)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from protego import Protego

from scraper.fetch.classify import MediaShape, classify, shape_of
from scraper.fetch.request import RawResponse, Request, RequestFailed
from scraper.model import Outcome
from scraper.text import charset

AGENT = "statewire"
MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309 2.5: at least that much is parsed

# As tolerant as protego: "User agent foo" names a robot too.
_FIELD = re.compile(r"\s*(user[\s-]*agent|crawl[\s-]*delay)(?:\s*:|\s)([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"\*|[a-z_-]*")  # RFC 9309 2.2.1: anything after it, such as a version, is not part of it
_OTHER_AGENT = "user-agent: someone-else"
# Outcomes of a response that is no robots.txt.
_NO_ROBOTS_TXT = frozenset({Outcome.REDIRECT, Outcome.BAD_SCHEME, Outcome.BAD_ENCODING})


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """Rules of one robots.txt for this client; `crawl_delay_s` is 0 if it requests none."""

    parsed: Protego
    crawl_delay_s: float

    def allows(self, url: str) -> bool:
        """Return True if this client may fetch a URL."""
        return self.parsed.can_fetch(url, AGENT)


@lru_cache(maxsize=64)
def read_rules(text: str) -> RobotsRules:
    """Parse a robots.txt of any quality; lines that cannot be parsed are ignored.

    By the standard, a Crawl-delay before the first group applies to no robot. State.gov writes it so and
    means all robots, so it counts. Groups of other robots are merged into one: a file that names
    thousands of them would otherwise cost memory for each of its rules times each of its names.
    """
    lines: list[str] = []
    leading_s = 0.0
    in_groups = False
    for line in text.splitlines():
        match = _FIELD.match(line)
        value = match.group(2).strip().lower() if match else ""
        if match and match.group(1)[0] in "uU":
            in_groups = True
            lines.append(_group(value))
            continue
        if match and not in_groups:
            leading_s = max(leading_s, _seconds(value))
        lines.append(line)
    parsed = Protego.parse("\n".join(lines))
    return RobotsRules(parsed, max(leading_s, parsed.crawl_delay(AGENT) or 0.0))


def robots_text(response: RawResponse) -> str | None:
    """Return the robots.txt in a response, "" if the host has none, None if the response is something else.

    Raise `RequestFailed` if the host cannot provide it now: then no other request may be sent to it. A
    block page, with any status, gives None. Of a file that is too large, the complete lines received count.
    """
    failure = response.failure
    if failure is not None and failure.outcome in _NO_ROBOTS_TXT:
        return None
    if failure is not None and failure.outcome is not Outcome.TOO_LARGE:
        # A refusal of the address is our own, of whatever the host has.
        is_ours = failure.outcome is Outcome.BLOCKED_ADDRESS
        raise RequestFailed(failure.outcome, failure.detail if is_ours else f"robots.txt: {failure.detail}")
    status = response.status or 0
    outcome, detail = classify(Request(response.url), response)
    if outcome is Outcome.BLOCKED:
        return None
    if status >= 500 or status in {408, 429}:
        raise RequestFailed(Outcome.DISALLOWED, f"robots.txt cannot be read now: {detail}")
    if status >= 400:
        return ""
    content_type = response.header("content-type")
    if status != 200 or shape_of(response.body, content_type)[0] not in {MediaShape.TEXT, MediaShape.EMPTY}:
        return None
    text = charset.decode(response.body, content_type)
    if failure is not None:
        # A part of a line is a different rule: "Disallow: /" instead of "Disallow: /private/".
        return text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    return text


def _group(name: str) -> str:
    """Return the first line of the group of a robot (name in lower case): all robots, this client, or others."""
    match = _TOKEN.match(name)
    token = match.group() if match else ""
    return f"user-agent: {token}" if token in {"*", AGENT} else _OTHER_AGENT


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0
