"""Test of a sender under repeated SIGKILL with a server that often fails: no alert is lost or invented.

    python -m benchmarks.kill_sender [KILLS]

Kills at KILLS (default 20) random moments while events are queued and messages rendered, sent and marked. The server
answers 451, hangs up before a message, or accepts one and hangs up before it confirms. In the end every event has to
have reached every recipient in exactly one message, and duplicates have to be the same to the byte. Exit code 0 if all
of it holds.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.mail_server import Unreliable, serve

from scraper.clock import SimulatedClock
from scraper.config.alerts import AlertSettings, Smtp
from scraper.config.choices import Security
from scraper.delivery.enqueue import queue_alert
from scraper.delivery.grouping import NewAlert
from scraper.delivery.sender import Sender
from scraper.delivery.transports.smtp import SmtpTransport
from scraper.model import Channel, Event, EventKind, MessageState, RenderedMessage
from scraper.rules.actors import Actor
from scraper.store import EventFilter, OutboxFilter, Store

if TYPE_CHECKING:
    from scraper.store import StoredMessage

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PEOPLE = ("a@example.org", "b@example.org")
EVENTS_AT_ONCE = 30
LONGEST_LIFE_S = 0.4


def serve_mail(log: Path, ready: int) -> None:
    """Run a mail server without end; write its port to `ready`."""
    os.write(ready, f"{serve(Unreliable(log=log)).port}".encode())
    signal.pause()


def write(store: Store, message: StoredMessage) -> RenderedMessage:
    """Render a message with different bytes each time, so that a second rendering would be noticed."""
    message_id = f"<{message.id}@statewire.example>"
    events = " ".join(str(alert.event_id) for alert in store.outbox.alerts(message.id))
    body = "\r\n".join(os.urandom(32).hex() for _ in range(60))
    raw = f"Message-ID: {message_id}\r\nX-Events: {events}\r\n\r\n{body}\r\n"
    return RenderedMessage(f"events {events}", "", "", message_id, raw.encode())


def work(database: Path, port: int, now: datetime) -> None:
    """Queue new events and send due messages until none are left."""
    clock = SimulatedClock(now)
    server = Smtp(host="127.0.0.1", port=port, security=Security.NONE, timeout_s=5.0)
    smtp = SmtpTransport(server, after_dot_s=5.0)
    with Store(database) as store:
        while True:
            for event in store.events.find(EventFilter(after_id=store.outbox.queued_up_to())):
                with store.unit():
                    for person in PEOPLE:
                        filing = NewAlert(event.id or 0, Actor.MONITOR, "Desk", person, clock.now(), (("Desk", ""),))
                        queue_alert(store, filing, clock.now(), max_per_day=6)
                    store.outbox.mark_queued(event.id or 0)
            Sender(store, AlertSettings(), clock, {Channel.MAIL: smtp}, write).send_due()
            if store.outbox.oldest_waiting() is None:
                smtp.close()
                return
            clock.sleep(61 * 60)


def fork(task, *given) -> int:  # type: ignore[no-untyped-def]
    """Fork a process for a task and return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            task(*given)
            code = 0
        finally:
            os._exit(code)
    return child


def refill(database: Path) -> None:
    """Add events if all have been sent."""
    with Store(database) as store:
        is_done = store.outbox.oldest_waiting() is None and store.outbox.queued_up_to() == store.events.last_id()
        if is_done:
            with store.unit():
                store.events.add([Event(EventKind.BROKEN, START, "state")] * EVENTS_AT_ONCE)


def verdict(database: Path, log: Path) -> str:
    """Compare the messages that recipients got with the events and return the counts; exit with them if any differ."""
    copies: dict[tuple[str, str], Counter[str]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        recipient, raw = json.loads(line)
        copies.setdefault((recipient, re.findall("Message-ID: (.*)\r", raw)[0]), Counter())[raw] += 1
    delivered = Counter(
        (recipient, int(event))
        for (recipient, _), raws in copies.items()
        for event in re.findall("X-Events: (.*)\r", next(iter(raws)))[0].split()
    )
    with Store(database) as store:
        meant = {(person, event.id or 0) for event in store.events.find(EventFilter()) for person in PEOPLE}
        stuck = len(store.outbox.find(OutboxFilter(tuple(set(MessageState) - {MessageState.SENT}))))
    lost, changed = len(meant - set(delivered)), sum(len(raws) > 1 for raws in copies.values())
    invented = len(set(delivered) - meant) + sum(times - 1 for times in delivered.values())
    times = [raws.total() for raws in copies.values()]
    words = (
        f"{len(meant)} alerts, {sum(times)} deliveries, {sum(n > 1 for n in times)} more than once"
        f" (at most {max(times)} times): {lost} lost, {invented} invented, {changed} changed, {stuck} stuck"
    )
    if lost or invented or changed or stuck:
        sys.exit(words)
    return words


def main(kills: int) -> None:
    """Kill `kills` senders, let one finish and compare; exit with a message if anything differs."""
    with tempfile.TemporaryDirectory() as folder:
        database, log = Path(folder, "x.db"), Path(folder, "taken")
        told, ready = os.pipe()
        server = fork(serve_mail, log, ready)
        try:
            done, now, port = 0, START, int(os.read(told, 5))
            while done < kills:
                refill(database)
                child = fork(work, database, port, now)
                now += timedelta(minutes=61)
                time.sleep(random.uniform(0.0, LONGEST_LIFE_S))
                ended, status = os.waitpid(child, os.WNOHANG)
                if not ended:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                    done += 1
                elif status:
                    sys.exit("the sender failed by itself")
            _, status = os.waitpid(fork(work, database, port, now), 0)
            if status:
                sys.exit("the sender failed by itself")
        finally:
            os.kill(server, signal.SIGKILL)
            os.waitpid(server, 0)
        print(f"{done} kills: {verdict(database, log)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
