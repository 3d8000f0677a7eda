"""Count of the mails that the real feed causes: one for each new statement and revision, and one digest a day.

    python -m benchmarks.alert_press_feed FILE...

FILE are WARC captures of the feed. The benchmark imports them twice into separate databases, with a watch on everything
at grade minor: once instant, once daily in Washington's time. Statements of the first poll cause no mail. Exit code 1
if mails and events do not agree.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes
from email import policy as email_policy
from mailbox import Maildir
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scraper.cli import main as statewire
from scraper.config.choices import Topic
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from scraper.model import Event

_ZONE = "America/New_York"
_CONFIG = """\
fetch: {{contact: "https://example.org/statewire-operator"}}
sources:
  - name: state-press-releases
    role: canonical
    endpoints: [{{kind: feed, url: "https://www.state.gov/rss-feed/press-releases/feed/"}}]
watches:
  - {{name: Everything, to: [desk@example.org], deliver: {deliver}, timezone: {zone}, at_least: minor, when: [{when}]}}
"""
_MAILED_KINDS = ("statement.published", "statement.revised", "statement.retitled", "statement.reattributed")


def main() -> None:
    """Print the number of mails that were sent and that should have been; exit with 1 if they differ."""
    files = sys.argv[1:]
    good = True
    for deliver in ("instant", "daily 07:00"):
        with tempfile.TemporaryDirectory() as folder:
            good &= _measure(Path(folder), deliver, files)
    sys.exit(0 if good else 1)


def _measure(folder: Path, deliver: str, files: list[str]) -> bool:
    when = ", ".join(topic for topic in Topic if topic is not Topic.REPOSTED)
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(deliver=deliver, zone=_ZONE, when=when), encoding="utf-8")
    begun = time.process_time()
    try:
        statewire(["-q", "--config", str(config), "--db", str(folder / "x.db"), "import", "--alerts", *files])
    except SystemExit as end:
        if end.code:
            raise
    spent_s = time.process_time() - begun
    mailbox = Maildir(folder / "mail", create=False)
    mails = Counter(_kind(mailbox.get_bytes(key)) for key in mailbox.iterkeys())
    with Store(folder / "x.db") as store:
        events = list(store.events.find(EventFilter(kinds=_MAILED_KINDS, with_backfill=False)))
    wanted = _groups(events) if deliver == "instant" else _days(events)
    print(f"{deliver:12} {sum(mails.values())} mails, {wanted} wanted; {dict(mails)}; {spent_s:.1f} s CPU")
    return sum(mails.values()) == wanted


def _kind(raw: bytes) -> str:
    subject = str(message_from_bytes(raw, policy=email_policy.default)["subject"])
    return subject.removeprefix("[statewire] ").partition(":")[0]


def _groups(events: list[Event]) -> int:
    """Return the number of mails: events of one statement within five minutes of the first one share a mail."""
    began: dict[int | None, datetime] = {}
    count = 0
    for event in events:
        if event.statement_id not in began or event.at >= began[event.statement_id] + timedelta(minutes=5):
            began[event.statement_id] = event.at
            count += 1
    return count


def _days(events: list[Event]) -> int:
    """Return the number of local days, from 7:00 to 7:00, that have an event."""
    return len({(event.at.astimezone(ZoneInfo(_ZONE)) - timedelta(hours=7)).date() for event in events})


if __name__ == "__main__":
    main()
