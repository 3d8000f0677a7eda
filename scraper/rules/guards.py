"""Guards: budgets, quotas and limits that withhold something, with their words for people (pure).

A guard that withholds something counts it with `store.withheld.record`. `statewire status` and a mail to the operator,
one a day, then name the guard, what it withheld, and what to do. A new guard needs its row in `GUARDS`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from scraper.text.normalize import count


class Guard(StrEnum):
    """Name of a guard: its setting; for a fixed limit, `alerts:` and what it limits."""

    MAX_PER_DAY = "alerts.max_per_day"
    MAX_WAITING = "alerts: waiting mails"
    MAIL_LENGTH = "alerts: mail length"
    REQUESTS_PER_DAY = "fetch.requests_per_day"
    CLAIMS_PER_DAY = "fetch.claims_per_day"
    QUERIES_PER_DAY = "search.queries_per_day"
    SAVES_PER_DAY = "save_page_now.saves_per_day"


@dataclass(frozen=True, slots=True)
class GuardSpec:
    """All that is said about a guard: `unit` of the things that it counts, what `happened` to them, and `advice`."""

    unit: str
    happened: str
    advice: str


GUARDS: Final = {
    Guard.MAX_PER_DAY: GuardSpec(
        "event",
        "held, to be sent together in one mail a day after the first",
        "Nothing is lost: `statewire events` shows them. Mute the statement (`statewire alerts mute ID`) if it is of "
        "no interest, or raise `alerts.max_per_day`.",
    ),
    Guard.MAX_WAITING: GuardSpec(
        "event",
        "put into one digest instead of mails of their own",
        "Nothing is lost: `statewire events` shows them. Narrow the watch (`about`, `when`), or give it `deliver: "
        "daily 07:00`.",
    ),
    Guard.MAIL_LENGTH: GuardSpec(
        "event",
        "left out of a mail that was full, which counts them",
        "Nothing is lost: `statewire events` shows them. Narrow the watch (`about`, `when`), or divide it in several.",
    ),
    Guard.REQUESTS_PER_DAY: GuardSpec(
        "request",
        "not sent before midnight UTC",
        "They are sent on the next day. The last 30 % of a host's requests are for the news of its own sources. Poll "
        "less often (`every:`), or raise `fetch.requests_per_day` if the site allows it.",
    ),
    Guard.CLAIMS_PER_DAY: GuardSpec(
        "claimed URL",
        "of State's not requested before the next day",
        "They wait, and are requested on the next days. If the source is to be trusted, raise `fetch.claims_per_day`; "
        "with many mirrors, `fetch.requests_per_day` as well.",
    ),
    Guard.QUERIES_PER_DAY: GuardSpec(
        "query",
        "of a search service not asked before the next day",
        "They are asked on the next days, for the newest statements first. If the service allows more, raise "
        "`queries_per_day` under `search:` of the source.",
    ),
    Guard.SAVES_PER_DAY: GuardSpec(
        "page",
        "not saved by the Internet Archive before the next day",
        "They are saved on the next day, in their state of then. Raise `save_page_now.saves_per_day`, or narrow the "
        "watches with `save_pages`.",
    ),
}
"""Words of each guard."""


def check() -> None:
    """Raise `LookupError` if `GUARDS` lacks a guard."""
    if missing := [guard for guard in Guard if guard not in GUARDS]:
        raise LookupError(f"{__name__}.GUARDS has no row for {', '.join(missing)}: add it there")


check()


@dataclass(frozen=True, slots=True)
class Withheld:
    """Number of things that a guard withheld from one subject, from `since` to `last_at`."""

    guard: Guard
    subject: str
    count: int
    since: datetime
    last_at: datetime


def describe(withheld: Withheld) -> str:
    """Return, for example, `jisipnews: 12 requests not sent before midnight UTC`."""
    spec = GUARDS[withheld.guard]
    return f"{withheld.subject}: {count(withheld.count, spec.unit)} {spec.happened}"
