"""Tests of alerts about State beside many about others: the daemon in simulated time, and a real mail server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from fakes.mail_server import Handler, serve
from fakes.mirror import GAZETTE, GAZETTE_FEED, LAMPS, MIRROR, STATE, WEATHER, feed, names, page, post
from fakes.web import Web
from samples import FEED_URL, Piece, fetch_settings, rss

from scraper.clock import SimulatedClock
from scraper.config.alerts import AlertSettings, Smtp, Watch
from scraper.config.choices import MailTransportKind, Security, Topic
from scraper.config.settings import Settings
from scraper.daemon import daemon as daemon_module
from scraper.daemon.daemon import Daemon
from scraper.delivery import enqueue
from scraper.fetch import Fetcher
from scraper.model import Event, EventKind
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Envelope, Session
    from command import Said

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DESK, OPS = "desk@example.org", "ops@example.org"
EVERY = 10 * MINUTE


@dataclass
class Postbox(Handler):
    """Handler that notes the time, the recipient, the subject and the text of each mail; it takes `slow` for each."""

    clock: SimulatedClock = field(kw_only=True)
    mails: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    slow: timedelta = timedelta(0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.clock.sleep(self.slow.total_seconds())
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        text = mail.get_body(("plain",))
        assert text is not None
        to, subject = envelope.rcpt_tos[0], str(mail["Subject"]).removeprefix("[statewire] ")
        self.mails.append((self.clock.now(), to, subject, text.get_content()))
        return "250 OK"

    def to(self, recipient: str) -> list[str]:
        return [subject for _, to, subject, _ in self.mails if to == recipient]

    def texts(self, recipient: str, subject: str) -> list[str]:
        return [text for _, to, found, text in self.mails if to == recipient and found.startswith(subject)]


@dataclass
class World:
    """State and one mirror, the daemon that watches both, and the mails that it sent."""

    daemon: Daemon
    clock: SimulatedClock
    site: Web
    box: Postbox
    pages: list[str] = field(default_factory=list)

    def state_says(self, *pieces: Piece) -> None:
        self.site.says(FEED_URL, rss(*pieces, built=self.clock.now()))

    def mirror_alters(self, number: int, piece: Piece = LAMPS) -> None:
        """The mirror shows one more copy with another amount."""
        body = (*(text.replace("40 lamps", f"{900 + number} lamps") for text in piece.body), names(piece))
        slug, now = f"{piece.slug}-{number}", self.clock.now()
        self.pages.insert(0, post(slug, piece.title, body, at=format_datetime(now)))
        self.site.says(GAZETTE_FEED, feed(*self.pages[:10]))
        html = page(piece.title, body).replace(b"2026-03-02T12:20:00+00:00", now.isoformat().encode())
        self.site.says(f"{GAZETTE}/{slug}/", html)

    def mirror_quiets(self) -> None:
        self.site.says(GAZETTE_FEED, feed(*self.pages[:10] or [post("weather", "Weather", WEATHER)]))

    def changed_at(self) -> datetime:
        """The time at which State's change was seen."""
        with Store(self.daemon.database) as store:
            (event,) = store.events.find(EventFilter(kinds=(EventKind.REVISED,)))
        return event.at

    def lasts(self, span: timedelta, step: timedelta = 2 * MINUTE) -> None:
        """Let the daemon run for a time, with a tick every other minute."""
        until = self.clock.now() + span
        while self.clock.now() < until:
            self.clock.sleep(step.total_seconds())
            self.daemon.tick()
            assert self.daemon.source_jobs.wait(20)
            self.daemon.send_mail()
            assert self.daemon.background_jobs.wait(20)


@pytest.fixture
def world(tmp_path: Path, new_database: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose sources have been filled, with State's LAMPS published."""
    (tmp_path / "statewire.db").write_bytes(new_database)
    monkeypatch.setattr(daemon_module.memory, "release", lambda: None)
    clock = SimulatedClock(datetime.now(UTC).replace(microsecond=0))
    box, site = Postbox(clock=clock), Web()
    server = serve(box)
    smtp = Smtp(host="127.0.0.1", port=server.port, security=Security.NONE)
    settings = Settings(
        fetch=fetch_settings(),
        sources=tuple(each.model_copy(update={"every": EVERY}) for each in (STATE, MIRROR)),
        watches=(Watch(name="Desk", to=(DESK,), when=WHEN),),
        alerts=AlertSettings(
            sender="statewire@example.org", deliver=MailTransportKind.SMTP, smtp=smtp, operator=(OPS,)
        ),
    )

    def fetcher(settings: Any, clock: Any, hosts: Any) -> Fetcher:
        return Fetcher(settings, clock=clock, hosts=hosts, transport=site.transport())

    daemon = Daemon(tmp_path / "statewire.db", settings, clock, new_fetcher=fetcher)
    world = World(daemon, clock, site, box)
    world.state_says(Piece(1))
    world.mirror_quiets()
    world.lasts(EVERY)
    world.state_says(PUBLISHED, Piece(1))
    world.lasts(2 * EVERY)
    yield world
    daemon.close()
    server.stop()


PUBLISHED = LAMPS.but(published_at=datetime.now(UTC).replace(microsecond=0))
REVISED = PUBLISHED.but(body=tuple(text.replace("$2.5 million", "$25 million") for text in LAMPS.body))
WHEN = (Topic.PUBLISHED, Topic.REVISED, Topic.ALTERED, Topic.OUTDATED)
ON_TIME = 9 * MINUTE
"""Five minutes for further events of a change, and two ticks."""


ALTERED = f"Altered copy: gazette.example, {LAMPS.title}"


def test_row_119_six_mails_about_a_mirror_delay_no_mail_about_state(world: World, run: Callable[..., Said]) -> None:
    for number in range(8):
        world.mirror_alters(number)
        world.lasts(2 * EVERY)
    assert world.box.to(DESK) == [f"Published: {LAMPS.title}", *[ALTERED] * 6]
    world.state_says(REVISED, Piece(1))
    world.lasts(HOUR)
    assert world.box.to(DESK)[7:] == [f"Revised: {LAMPS.title}"]
    assert world.box.mails[-1][0] - world.changed_at() <= ON_TIME
    # State's change comes first in it, then the copies that it made outdated.
    text = world.box.mails[-1][3]
    assert 0 < text.index("State changed this statement") < text.index("gazette.example carries")
    # What is held is named in `status`, and to the operator.
    (report,) = world.box.texts(OPS, "Withheld")
    assert "alerts.max_per_day" in report
    assert f"{DESK}, statement 2: 1 event held" in " ".join(report.split())
    assert "statewire alerts mute" in report
    (withheld,) = run("status", "--json").json["withheld"]
    assert (withheld["guard"], withheld["subject"]) == ("alerts.max_per_day", f"{DESK}, statement 2")
    assert (withheld["count"], withheld["advice"][:15]) == (2, "Nothing is lost")
    assert f"{DESK}, statement 2: 2 events held" in run("status").out


def test_row_120_what_was_withheld_is_one_mail_a_day(world: World) -> None:
    for number in range(10):
        world.mirror_alters(number)
        world.lasts(2 * EVERY)
    assert len(world.box.texts(OPS, "Withheld")) == 1
    world.lasts(DAY, 6 * EVERY)
    first, second = (" ".join(text.split()) for text in world.box.texts(OPS, "Withheld"))
    assert "1 event held" in first
    assert "3 events held" in second  # each is named once
    times = [at for at, to, subject, _ in world.box.mails if to == OPS and subject.startswith("Withheld")]
    assert times[1] - times[0] >= DAY
    assert world.box.to(DESK)[-1] == ALTERED  # that which was held
    world.lasts(2 * DAY, 6 * EVERY)
    assert len(world.box.texts(OPS, "Withheld")) == 2


def test_row_119_mail_about_state_goes_out_while_a_slow_server_takes_others(world: World) -> None:
    """Twenty mails of two minutes each are due when State's becomes due: it is next, and not the last."""
    claims = [Event(EventKind.UNSOURCED, world.clock.now(), "gazette", page_url=f"{GAZETTE}/{n}/") for n in range(20)]
    with Store(world.daemon.database) as store, store.unit():
        store.events.add(claims)
        published = Event(EventKind.REVISED, world.clock.now() + 6 * MINUTE, "state", statement_id=2, title=LAMPS.title)
        store.events.add([published])
        settings = world.daemon.settings
        watch = settings.watches[0].model_copy(update={"when": (Topic.UNSOURCED, Topic.REVISED)})
        enqueue.queue_alerts(store, settings.model_copy(update={"watches": (watch,)}))
    world.box.slow = 2 * MINUTE
    world.clock.sleep(300)
    for _ in range(12):  # each pass has a budget of time
        world.daemon.send_mail()
        assert world.daemon.background_jobs.wait(20)
    mails = [(at, subject) for at, to, subject, _ in world.box.mails if to == DESK][1:]
    assert len(mails) == 21
    (revised,) = [number for number, (_, subject) in enumerate(mails) if subject.startswith("Revised")]
    assert mails[revised][0] - (published.at + 5 * MINUTE) <= 4 * MINUTE  # the mail before it, and its own
    assert revised < 5
