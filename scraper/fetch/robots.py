"""What robots.txt allows and asks for, and what stands when it cannot be read (RFC 9309)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from protego import Protego

from scraper.fetch.classify import classify
from scraper.fetch.failure import RequestFailed
from scraper.fetch.sniff import MediaShape, shape_of
from scraper.model import EndpointKind, Outcome
from scraper.text import charset

if TYPE_CHECKING:
    from scraper.fetch.exchange import RawResponse


AGENT = "statewire"
MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309 2.5: at least that much is parsed

# As generous as protego is: "User agent foo" names a robot too.
_FIELD = re.compile(r"\s*(user[\s-]*agent|crawl[\s-]*delay)(?:\s*:|\s)([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"\*|[a-z_-]*")  # RFC 9309 2.2.1: what else stands there, such as a version, is no part of it
_OTHERS = "user-agent: someone-else"
# An answer came, but none that speaks of robots.
_SAYS_NOTHING = frozenset({Outcome.REDIRECT, Outcome.BAD_SCHEME, Outcome.BAD_ENCODING})


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one robots.txt says to us; `crawl_delay_s` is 0 where it asks for none."""

    parsed: Protego
    crawl_delay_s: float

    def allows(self, url: str) -> bool:
        """Whether we may ask for an address."""
        return self.parsed.can_fetch(url, AGENT)


@lru_cache(maxsize=64)
def read_rules(text: str) -> RobotsRules:
    """Read a robots.txt of any quality; what cannot be read in it says nothing.

    A Crawl-delay before the first group is nobody's by the standard. State.gov writes it so and means
    everybody, so it counts. Groups of other robots are folded into one: a file that names thousands
    of them would otherwise cost memory for each of its rules times each of its names.
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


def robots_text(answer: RawResponse) -> str | None:
    """The robots.txt that an answer holds, "" where there is none, None where the answer says nothing of robots.

    Raises `Failure` where the host cannot say: then nothing may be asked of it. A block page, with
    whatever status, says nothing. Of a file that is too large, the whole lines that were read count.
    """
    failure = answer.failure
    if failure is not None and failure.outcome in _SAYS_NOTHING:
        return None
    if failure is not None and failure.outcome is not Outcome.TOO_LARGE:
        raise RequestFailed(failure.outcome, f"robots.txt: {failure.detail}")
    status = answer.status or 0
    outcome, detail = classify(
        url=answer.url,
        final_url=answer.url,
        status=status,
        headers=answer.headers,
        body=answer.body,
        kind=EndpointKind.PAGE,
    )
    if outcome is Outcome.BLOCKED:
        return None
    if status >= 500 or status in {408, 429}:
        raise RequestFailed(Outcome.DISALLOWED, f"robots.txt cannot be read now: {detail}")
    if status >= 400:
        return ""
    content_type = answer.header("content-type")
    if status != 200 or shape_of(answer.body, content_type).shape not in {MediaShape.TEXT, MediaShape.EMPTY}:
        return None
    text = charset.decode(answer.body, content_type).text
    if failure is not None:
        # Half a line is another rule than the whole one: "Disallow: /" of "Disallow: /private/".
        return text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    return text


def _group(name: str) -> str:
    """The line that opens the group of a robot named so, in lower case: everybody's, ours, or another's."""
    match = _TOKEN.match(name)
    token = match.group() if match else ""
    return f"user-agent: {token}" if token in {"*", AGENT} else _OTHERS


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0
