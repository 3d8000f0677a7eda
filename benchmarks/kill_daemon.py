"""Test of a daemon under repeated SIGKILL: no event and no alert is lost or invented.

    python -m benchmarks.kill_daemon [KILLS]

Kills `statewire run` at KILLS (default 50) random moments, most of them while it ingests a response of a feed on this
machine, which lists a new statement with each response and changes every third one after two more. After each kill the
database has to be intact and without half a unit of work. In the end every statement has to be reported once, with its
current wording, every change of wording once, and all of it to both readers, in one message each. Exit code 0 if all of
it holds.
"""

from __future__ import annotations

import gc
import os
import random
import select
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import timedelta
from mailbox import Maildir
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.state_site import PATH, XML, GrowingFeed, words
from fakes.wire import Server

from scraper.clock import Clock
from scraper.config.alerts import AlertSettings, Watch
from scraper.config.settings import DaemonSettings, Endpoint, FetchSettings, Settings, Source
from scraper.daemon.main import serve
from scraper.delivery import context, sender
from scraper.delivery.transports import factory
from scraper.fetch import Fetcher
from scraper.model import EndpointKind, Role
from scraper.store import Store

if TYPE_CHECKING:
    from fakes.wire import Exchange

# Loaded once here, so that a kill hits the daemon and not the start of Python.
LOADED = (Fetcher, sender, context, factory)

READERS = ("a@example.org", "b@example.org")
FIRST = 5
LONGEST_WAIT_S = 120.0

_TORN = {
    "an event without an alert": (
        "SELECT count(*) FROM events e WHERE NOT e.backfill AND e.kind LIKE 'statement.%'"
        f" AND {len(READERS)} <> (SELECT count(*) FROM alerts a WHERE a.event_id = e.id)"
    ),
    "an event that was not filed": "SELECT count(*) FROM events e JOIN alert_cursor c ON e.id > c.event_id",
    "a statement that was not reported, or reported twice": (
        "SELECT count(*) FROM statements s WHERE 1 <>"
        " (SELECT count(*) FROM events e WHERE e.statement_id = s.id AND e.kind = 'statement.published')"
    ),
    "a wording that was not reported, or reported twice": (
        "SELECT count(*) FROM statements s WHERE (SELECT count(*) - 1 FROM revisions r WHERE r.statement_id = s.id) <>"
        " (SELECT count(*) FROM events e WHERE e.statement_id = s.id AND e.kind = 'statement.revised')"
    ),
    "a capture without its source": (
        "SELECT count(*) FROM captures WHERE source NOT IN (SELECT name FROM sources WHERE last_attempt_at IS NOT NULL)"
    ),
    "a source without its capture": "SELECT count(*) FROM sources WHERE name NOT IN (SELECT source FROM captures)",
    "a foreign key that leads nowhere": "SELECT count(*) FROM pragma_foreign_key_check",
}


def serve_feed(asked: int) -> None:
    """Serve without end. Write the port to `asked`, and then a byte for each response."""
    feed, turn = GrowingFeed(newest=FIRST), threading.Lock()

    def answer(exchange: Exchange) -> None:
        # A connection of a daemon that was killed may still be open.
        with turn:
            body = feed.body(f"http://{exchange.headers['host']}")
            exchange.reply(body, headers={"Content-Type": XML})
            feed.newest += 1
            os.write(asked, b".")

    os.write(asked, f"{Server(routes={PATH: answer}).port}".encode())
    signal.pause()


def settings(folder: Path, port: int) -> Settings:
    """Return settings that poll the feed for two readers as fast as possible."""
    return Settings(
        fetch=FetchSettings(
            contact="https://monitor.invalid/about",
            retries=0,
            gap_s=0.001,
            allow_private=(f"127.0.0.1:{port}",),
            requests_per_day=None,
        ),
        sources=(
            Source(
                name="lamps",
                role=Role.CANONICAL,
                every=timedelta(seconds=1),
                endpoints=(Endpoint(kind=EndpointKind.FEED, url=f"http://127.0.0.1:{port}{PATH}"),),
            ),
        ),
        alerts=AlertSettings(maildir=folder / "mail", group_minutes=0),
        watches=(
            Watch.model_validate({"name": "all", "to": list(READERS), "when": ["published", "revised", "retitled"]}),
        ),
        daemon=DaemonSettings(tick_s=0.1, grace_s=5.0),
    )


def begin(database: Path, configuration: Path) -> int:
    """Fork a daemon and return its process id."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(database.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        code = 1
        try:
            code = serve(configuration, database)
        finally:
            os._exit(code)
    return child


def check(database: Path) -> int:
    """Return the number of stored events. End the benchmark if the database is damaged or holds half a unit of work."""
    with closing(sqlite3.connect(database)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            sys.exit(f"the database is damaged: {found}")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alert_cursor'").fetchone():
            return 0
        for what, question in _TORN.items():
            (number,) = connection.execute(question).fetchone()
            if number:
                sys.exit(f"torn: {what} ({number})")
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def judge(database: Path, newest: int, folder: Path) -> None:
    """Check the final state, after the feed has listed `newest` statements."""
    with closing(sqlite3.connect(database)) as connection:
        stored = connection.execute(
            "SELECT s.title, r.text FROM statements s"
            " JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision"
        ).fetchall()
        unsent = connection.execute("SELECT count(*) FROM messages WHERE state <> 'sent'").fetchone()[0]
        messages = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
        alerts = connection.execute("SELECT count(*) FROM alerts").fetchone()[0]
    right = {f"Lamp {n}": words(n, edited=n % 3 == 0 and n + 2 <= newest) for n in range(1, newest + 1)}
    if dict(stored) != right or len(stored) != len(right):
        sys.exit(f"{len(stored)} statements where the feed named {len(right)}, or other wordings")
    if unsent:
        sys.exit(f"{unsent} of {messages} messages never left")
    mail = [str(message["Message-ID"]) for message in Maildir(folder / "mail", create=False)]
    if len(set(mail)) != messages:
        sys.exit(f"{len(set(mail))} different mails arrived, {messages} were written")
    print(f"{len(stored)} statements, {alerts} alerts in {messages} messages, {len(mail)} delivered")


def main(kills: int) -> None:
    """Kill `kills` daemons, let the last one finish and compare; exit with a message if anything differs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "x.db"
        heard, asked = os.pipe()
        gc.freeze()
        feeder = os.fork()
        if feeder == 0:
            serve_feed(asked)
        chosen = settings(folder, port=int(os.read(heard, 5)))
        configuration = folder / "config.yaml"
        configuration.write_text(chosen.model_dump_json(), encoding="utf-8")  # JSON is YAML
        answers = had = 0
        daemon = 0
        try:
            for kill in range(1, kills + 1):
                daemon = begin(database, configuration)
                if not select.select([heard], [], [], LONGEST_WAIT_S)[0]:
                    sys.exit("nothing was asked for")
                # Most kills hit the run, the rest what follows it: mail, the next poll.
                time.sleep(random.uniform(0.0, 0.06 if kill % 3 else 0.4))
                os.kill(daemon, signal.SIGKILL)
                os.waitpid(daemon, 0)
                daemon = 0
                answers += len(os.read(heard, 4096))
                now = check(database)
                if now < had:
                    sys.exit(f"{had - now} events were lost by kill {kill}")
                had = now
            daemon = begin(database, configuration)
            answers += settle(heard, database)
            os.kill(daemon, signal.SIGTERM)
            code = os.waitstatus_to_exitcode(os.waitpid(daemon, 0)[1])
            daemon = 0
            if code:
                sys.exit(f"the last one ended with {code}")
            if select.select([heard], [], [], 0)[0]:
                answers += len(os.read(heard, 65536))
            send_the_rest(database, chosen)
            events = check(database)
            judge(database, FIRST + answers - 1, folder)
            print(f"{kills} kills: every database whole, no unit torn, {events} events, none lost or invented")
        finally:
            for child in filter(None, (daemon, feeder)):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def settle(heard: int, database: Path) -> int:
    """Wait until there are events and no mail is queued. Return the number of feed requests meanwhile."""
    until, answers = time.monotonic() + LONGEST_WAIT_S, 0
    while time.monotonic() < until:
        if select.select([heard], [], [], 0.2)[0]:
            answers += len(os.read(heard, 65536))
        with closing(sqlite3.connect(database)) as connection:
            question = "SELECT count(*), ifnull(sum(state <> 'sent'), 0) FROM messages"
            messages, waiting = connection.execute(question).fetchone()
        if answers > 1 and messages and not waiting:
            return answers
    sys.exit("nothing was reported in the end, or mail still waits")


def send_the_rest(database: Path, chosen: Settings) -> None:
    """Send the messages that the last run queued after the daemon's last send."""
    clock = Clock()
    with Store(database) as store, factory.open_transports(chosen, database, clock) as opened:
        write = context.message_renderer(chosen, clock.now)
        sender.Sender(store, chosen.alerts, clock, opened, write).send_due()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
