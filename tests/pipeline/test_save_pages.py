"""Tests of the pass over pages to save, against Save Page Now on loopback, in simulated time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from fakes.save_page_now import KEYS, SavePageNow
from outbox import DESK, add_statement, file
from samples import NOON, make_settings, settings, source

from scraper.config.alerts import AlertSettings, Watch
from scraper.config.save_page_now import SavePageNowSettings
from scraper.config.settings import Settings
from scraper.delivery.context import message_renderer
from scraper.delivery.sender import Sender
from scraper.delivery.transports.base import SENT, DeliveryAttempt, DeliveryResult
from scraper.fetch.throttle import HostThrottle
from scraper.model import Channel, Event, EventKind, Grade, MessageKind
from scraper.pipeline.save_pages import SaveReport, save_pages
from scraper.rules import page_saves as rules
from scraper.rules.guards import Guard
from scraper.rules.page_saves import SavedPart
from scraper.store import NewMessage, Store
from scraper.store.locks import SAVING_PAGES, lock_file
from scraper.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scraper.clock import SimulatedClock
    from scraper.rules.page_saves import PageSave

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://www.state.gov/1/"
COPY = "https://merrow.example/lamps/"
ENVIRON = {"ARCHIVE_KEYS": KEYS}


@dataclass
class Kept:
    """Transport of mail that keeps what it gets."""

    given: list[bytes] = field(default_factory=list)
    result: DeliveryAttempt = SENT

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        self.given.append(raw)
        return self.result

    def close(self) -> None:
        pass


@dataclass
class Bench:
    """A store with a watch that has pages saved, and the service."""

    store: Store
    clock: SimulatedClock
    service: SavePageNow
    name: str = "Desk"
    enabled: bool = True
    parts: tuple[SavedPart, ...] = (SavedPart.STATE, SavedPart.COPY)
    per_day: int = 50
    mail: Kept = field(default_factory=Kept)
    environ: dict[str, str] = field(default_factory=lambda: dict(ENVIRON))
    progress: Callable[[str], None] = lambda _url: None
    left_s: float = 1e9
    url: str = ""

    def __post_init__(self) -> None:
        self.statement = add_statement(self.store)
        self.run()  # begins with what comes later
        assert self.service.seen == []

    @property
    def settings(self) -> Settings:
        watch = Watch(name=self.name, enabled=self.enabled, to=(DESK,), save_pages=self.parts)
        service = SavePageNowSettings(
            key_env="ARCHIVE_KEYS", saves_per_day=self.per_day, url=self.url or self.service.service
        )
        return Settings(
            fetch=make_settings(self.service.place, "127.0.0.1:9"),
            sources=(source(),),
            watches=(watch, Watch(name="Other", to=(DESK,))),
            alerts=AlertSettings(sender="statewire@example.org"),
            save_page_now=service,
        )

    def happens(self, kind: EventKind = EventKind.REVISED, watch: str = "Desk", **changes: Any) -> int:
        """A new event, material unless said otherwise, in a mail to the desk; its number."""
        given = {"statement_id": self.statement, "url": URL, "title": "Lamps", "grade": Grade.MATERIAL}
        with self.store.unit():
            self.store.events.add([Event(kind, self.clock.now(), "state", **(given | changes))])
        number = self.store.events.last_id()
        file(self.store, number, now=self.clock.now(), watch=watch)
        with self.store.unit():
            self.store.outbox.mark_queued(number)
        return number

    def copied(self, url: str = COPY) -> int:
        return self.happens(EventKind.COPY_FOUND, page_url=url, page_title="Lamps at Merrow")

    def run(self, after: timedelta = timedelta(0)) -> SaveReport:
        self.clock.sleep(after.total_seconds())
        settings = self.settings
        return save_pages(
            self.store,
            settings,
            self.clock,
            environ=self.environ,
            progress=self.progress,
            time_left_s=lambda: self.left_s,
        )

    def saves(self) -> list[PageSave]:
        table = self.store.page_saves
        return table._load("ORDER BY id")

    def send(self) -> list[str]:
        """Send what is due, and return the texts of these mails."""
        self.mail.given.clear()
        settings = self.settings
        render = message_renderer(settings, self.clock.now)
        Sender(self.store, settings.alerts, self.clock, {Channel.MAIL: self.mail}, render).send_due()
        return [text_of(raw) for raw in self.mail.given]


def text_of(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def bench(store: Store, clock: SimulatedClock) -> Iterator[Bench]:
    with SavePageNow(clock.now) as service:
        yield Bench(store, clock, service)


def finish(bench: Bench) -> None:
    """Run until nothing is under way."""
    for _ in range(6):
        bench.run(MINUTE)


def test_a_page_is_saved_and_the_next_mail_has_its_link(bench: Bench) -> None:
    bench.happens()
    (first,) = (bench.clock.sleep(300), bench.send())[1:]
    assert len(first) == 1
    assert "web.archive.org" not in first[0]
    assert bench.service.seen == []  # the mail went before anything was asked
    assert bench.run().requested == 1
    assert bench.service.asked == [{"url": URL, "skip_first_archive": "1", "if_not_archived_within": "300s"}]
    assert bench.run().requested == 0  # nothing is due at once
    assert bench.run(MINUTE) == SaveReport()  # pending
    assert bench.run(MINUTE).saved == 1
    (save,) = bench.saves()
    made = rules.link_of(save)
    assert made == "https://web.archive.org/web/20260302120500/https://www.state.gov/1/"

    bench.happens(EventKind.RETITLED, watch="Other")
    bench.clock.sleep(300)
    assert [made in text for text in bench.send()] == [False]  # a mail of another watch
    bench.happens(EventKind.RETITLED, grade=Grade.MINOR)
    bench.clock.sleep(300)
    (text,) = bench.send()
    assert "Pages saved by the Internet Archive:" in text
    assert made in text
    html = message_from_bytes(bench.mail.given[0], policy=policy.default).get_body(("html",))
    assert html is not None
    assert f'href="{made}"' in html.get_content()
    bench.happens(EventKind.RETITLED, grade=Grade.MINOR)
    bench.clock.sleep(300)
    assert [made in text for text in bench.send()] == [False]  # it is named once
    assert len(bench.service.asked) == 1


def test_states_page_and_that_of_the_copy_are_saved_as_the_watch_says(bench: Bench) -> None:
    bench.parts = (SavedPart.COPY,)
    bench.copied()
    bench.run()
    assert [fields["url"] for fields in bench.service.asked] == [COPY]
    bench.parts = (SavedPart.STATE, SavedPart.COPY)
    bench.copied("https://herald.example/lamps/")
    bench.run()
    assert [fields["url"] for fields in bench.service.asked] == [COPY, URL, "https://herald.example/lamps/"]


def test_a_withdrawn_page_is_saved_as_the_error_that_it_is(bench: Bench) -> None:
    bench.happens(EventKind.WITHDRAWN, grade=None)
    bench.run()
    assert bench.service.asked[0]["capture_all"] == "1"


def test_what_is_minor_private_or_of_another_watch_is_not_saved(bench: Bench) -> None:
    bench.happens(grade=Grade.MINOR)
    bench.happens(EventKind.PUBLISHED, grade=None)
    bench.happens(watch="Other")
    bench.parts = (SavedPart.COPY,)
    bench.copied("http://10.0.0.5/lamps/")
    assert bench.run() == SaveReport()
    assert bench.saves() == []
    assert bench.service.seen == []


def test_events_before_the_first_pass_and_old_ones_are_not_saved(bench: Bench) -> None:
    with bench.store.unit():
        bench.store.database.execute("DELETE FROM page_save_service")
    bench.happens()
    bench.run()
    assert bench.saves() == []
    bench.happens()
    bench.run(rules.GIVE_UP_AFTER)  # the monitor was off
    assert bench.saves() == []


def test_events_of_one_page_before_its_request_share_a_save(bench: Bench) -> None:
    bench.happens()
    bench.clock.sleep(60)
    bench.happens()
    bench.run()
    assert len(bench.service.asked) == 1
    finish(bench)
    bench.clock.sleep(300)
    assert "".join(bench.send()).count("web.archive.org") == 1


def test_requests_are_ten_seconds_apart_and_three_at_a_time(bench: Bench) -> None:
    times = []
    bench.progress = lambda _url: times.append(bench.clock.now())
    for number in range(5):
        bench.copied(f"https://herald.example/{number}/")
    bench.parts = (SavedPart.COPY,)
    began = bench.clock.now()
    assert bench.run().requested == rules.MAX_ACTIVE
    assert bench.clock.now() - began >= 2 * timedelta(seconds=rules.GAP_S)
    assert len(bench.service.asked) == rules.MAX_ACTIVE
    finish(bench)
    assert len(bench.service.asked) == 5
    assert [save.saved_at is not None for save in bench.saves()] == [True] * 5


def test_the_requests_of_a_day_are_bounded_and_the_rest_is_named(bench: Bench) -> None:
    bench.per_day, bench.parts = 2, (SavedPart.COPY,)
    for number in range(4):
        bench.copied(f"https://herald.example/{number}/")
    finish(bench)
    assert len(bench.service.asked) == 2
    (withheld,) = bench.store.withheld.recent(bench.clock.now())
    assert (withheld.guard, withheld.count) == (Guard.SAVES_PER_DAY, 2)
    bench.clock.sleep((rules.next_day(bench.clock.now()) - bench.clock.now()).total_seconds())
    finish(bench)
    assert len(bench.service.asked) == 4


def test_one_url_is_requested_five_times_a_day_at_most(bench: Bench) -> None:
    for _ in range(7):
        bench.happens()
        bench.run()
        finish(bench)
        bench.clock.sleep(1800)
    assert len(bench.service.asked) == rules.MAX_OF_URL
    assert bench.saves()[-1].problem == "this URL was requested 5 times today"
    assert bench.saves()[-1].due_at == rules.next_day(NOON)


def test_back_off_when_the_service_asks_for_it(bench: Bench) -> None:
    bench.parts = (SavedPart.COPY,)
    bench.copied()
    bench.copied("https://herald.example/lamps/")
    bench.service.refuses(429, Retry_After="1800")
    report = bench.run()
    assert report.problem == "it asks for fewer requests (status 429)"
    assert len(bench.service.seen) == 1
    for _ in range(29):
        assert bench.run(MINUTE) == SaveReport()
    assert len(bench.service.seen) == 1
    bench.run(2 * MINUTE)
    assert len(bench.service.asked) == 3
    assert [save.attempts for save in bench.saves()] == [1, 1]
    service = bench.store.page_saves.service()
    assert service is not None
    assert (service.refusals, service.problem) == (0, "")


@pytest.mark.parametrize("status", [500, 502, 503, 302])
def test_pauses_grow_while_the_service_is_out_of_order_and_all_is_given_up_after_two_days(
    bench: Bench, status: int
) -> None:
    bench.happens()
    for _ in range(200):
        bench.service.refuses(status, b"<html>out of order</html>", Location="http://127.0.0.1:9/")
    for _ in range(3 * 24 * 4):
        bench.run(15 * MINUTE)
    assert len(bench.service.asked) < 20
    (save,) = bench.saves()
    assert save.due_at is None
    assert save.problem == f"given up after 2 days: it answers with status {status}"
    bench.happens(grade=Grade.MINOR)
    bench.clock.sleep(300)
    assert any("not saved by the Internet Archive: given up" in " ".join(text.split()) for text in bench.send())


def test_a_service_that_cannot_be_reached_delays_no_mail(bench: Bench) -> None:
    bench.url = "http://127.0.0.1:9/save"
    bench.happens()
    report = bench.run()
    assert report.problem.startswith("it does not answer: connect (")
    bench.clock.sleep(300)
    assert len(bench.send()) == 1
    assert bench.saves()[0].attempts == 0


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        ({"original_url": "https://lies.example/"}, rules.ANOTHER_PAGE),
        ({"timestamp": "20160302120500"}, rules.OTHER_TIME),
        ({"timestamp": "20990302120500"}, rules.OTHER_TIME),
        ({"timestamp": "javascript:alert(1)"}, rules.ODD),
        ({"status": "splendid"}, rules.ODD),
    ],
)
def test_a_service_that_lies_gives_no_link(bench: Bench, lie: dict[str, Any], problem: str) -> None:
    bench.service.lies = lie
    bench.happens()
    for _ in range(400):
        bench.run(5 * MINUTE)
    (save,) = bench.saves()
    assert (save.saved_at, save.due_at) == (None, None)
    assert problem in save.problem
    assert len(bench.service.asked) <= rules.MAX_ATTEMPTS
    bench.clock.sleep(300)
    text = " ".join("".join(bench.send()).split())
    assert "lies.example" not in text
    assert "javascript" not in text


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b"[" * 50_000, b'{"job_id": "../../x"}', b"\x00" * 99])
def test_answers_of_another_form_are_given_up(bench: Bench, body: bytes) -> None:
    bench.happens()
    for _ in range(60):
        bench.service.refuses(200, body)
    for _ in range(200):
        bench.run(15 * MINUTE)
    (save,) = bench.saves()
    assert save.problem == f"given up after 6 attempts: {rules.ODD}"
    assert len(bench.service.asked) == rules.MAX_ATTEMPTS


def test_an_excluded_site_is_said_in_plain_words(bench: Bench) -> None:
    bench.happens()
    bench.service.refuses(200, {"status": "error", "status_ext": "error:blocked-url", "message": "no"})
    assert bench.run().given_up == 1
    bench.clock.sleep(300)
    (text,) = bench.send()
    words = "not saved by the Internet Archive: it does not save this URL, which is on its list of excluded ones"
    assert words in " ".join(text.split())


def test_an_account_with_too_many_sessions_waits(bench: Bench) -> None:
    bench.happens()
    bench.service.refuses(200, {"status": "error", "status_ext": "error:user-session-limit"})
    assert bench.run().problem == "this account has too many saves under way"
    assert bench.run(MINUTE) == SaveReport()
    bench.run(5 * MINUTE)
    assert len(bench.service.asked) == 2
    assert bench.saves()[0].attempts == 1


def test_a_job_that_the_service_has_forgotten_is_requested_again(bench: Bench) -> None:
    bench.happens()
    bench.run()
    bench.service.jobs.clear()
    bench.run(2 * HOUR)
    assert bench.saves()[0].job is None
    bench.run(10 * MINUTE)
    finish(bench)
    assert bench.saves()[0].saved_at is not None
    assert len(bench.service.asked) == 2


def test_a_refusal_of_a_result_keeps_the_job(bench: Bench) -> None:
    bench.happens()
    bench.run()
    bench.service.ends(b"busy", 503)
    assert bench.run(MINUTE).problem == "it answers with status 503"
    finish(bench)
    finish(bench)
    assert bench.saves()[0].saved_at is not None
    assert len(bench.service.asked) == 1


class _Killed(BaseException):
    pass


def test_a_killed_pass_goes_on_where_it_was(bench: Bench) -> None:
    """After the request was sent and before its answer was stored, nothing is lost, and nothing asked again at once."""
    bench.happens()
    began, found = bench.service._begin, []

    def begin(exchange: Any) -> None:
        with Store(bench.store.path) as other:  # what a process that begins now finds
            found.extend(other.page_saves.open(bench.clock.now()))
        began(exchange)

    bench.service._begin = begin  # type: ignore[method-assign]
    bench.run()
    (before,) = found
    assert (before.attempts, before.job, before.due_at) == (1, None, NOON + rules.UNANSWERED)
    assert bench.saves()[0].job is not None
    with Store(bench.store.path) as later:  # the job itself is stored as well
        assert later.page_saves.active() == 1

    def kill(_url: str) -> None:
        raise _Killed

    bench.progress = kill
    with pytest.raises(_Killed):
        bench.run(MINUTE)
    bench.progress = lambda _url: None
    finish(bench)
    assert bench.saves()[0].saved_at is not None
    assert len(bench.service.asked) == 1


def test_a_page_is_given_up_two_days_after_its_event_and_not_before(bench: Bench) -> None:
    bench.happens()
    for _ in range(3):
        bench.service.refuses(503)
    bench.run()
    bench.run(2 * DAY - MINUTE)
    assert bench.saves()[0].due_at is not None
    assert bench.run(MINUTE).given_up == 1


@pytest.mark.parametrize("change", ["muted = 1", "channel = 'webhook'"])
def test_alerts_that_are_no_mail_to_anybody_have_nothing_saved(bench: Bench, change: str) -> None:
    bench.happens()
    with bench.store.unit():
        bench.store.database.execute(f"UPDATE alerts SET {change}")
    assert bench.run() == SaveReport()
    assert bench.saves() == []


def test_a_page_that_is_requested_or_becomes_an_absence_is_saved_once_more(bench: Bench) -> None:
    bench.happens()
    bench.happens(EventKind.WITHDRAWN, grade=None)
    assert bench.run().requested == 2
    assert [save.with_errors for save in bench.saves()] == [False, True]
    bench.happens()
    assert bench.run().requested == 1
    assert len(bench.saves()) == 3


def test_a_time_that_a_wrong_clock_stored_is_not_waited_for(bench: Bench) -> None:
    bench.happens()
    bench.service.refuses(200, {"status": "error", "status_ext": "error:cannot-fetch"})
    bench.run()
    with bench.store.unit():
        (save,) = bench.saves()
        bench.store.page_saves.save(replace(save, due_at=bench.clock.now() + 300 * DAY))
    assert bench.run().requested == 1


def test_pages_of_a_watch_that_is_removed_are_not_given_away_any_more(bench: Bench) -> None:
    bench.happens()
    bench.copied()
    bench.service.refuses(503)
    bench.run()
    bench.name = "Renamed"
    report = bench.run(10 * MINUTE)
    assert report == SaveReport(given_up=2)
    assert {save.problem for save in bench.saves()} == {"no watch has it saved any more"}
    assert len(bench.service.asked) == 1
    bench.name = "Desk"
    bench.happens()
    assert bench.run().requested == 1
    bench.enabled = False
    bench.copied()
    finish(bench)
    assert len(bench.saves()) == 3
    assert bench.saves()[2].saved_at is not None  # the service works on it already


def test_pages_that_a_narrower_watch_does_not_ask_for_are_not_given_away_any_more(bench: Bench) -> None:
    bench.copied()
    bench.service.refuses(503)
    bench.run()
    assert {save.url for save in bench.saves()} == {URL, COPY}
    bench.parts = (SavedPart.COPY,)
    assert bench.run(10 * MINUTE) == SaveReport(requested=1, given_up=1)
    assert [fields["url"] for fields in bench.service.asked][1:] == [COPY]


def test_what_waits_ends_with_the_last_watch_that_has_pages_saved(bench: Bench) -> None:
    bench.happens()
    bench.service.refuses(503)
    bench.run()
    bench.parts = ()
    assert bench.run() == SaveReport(given_up=1)
    assert bench.store.page_saves.counts().waiting == 0


def test_without_such_a_watch_nothing_is_stored(store: Store, clock: SimulatedClock) -> None:
    assert save_pages(store, settings(), clock) == SaveReport()
    assert store.page_saves.service() is None


def test_requests_that_the_limits_of_the_host_defer_are_not_prepared_at_each_tick(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = bench.settings
    throttle = HostThrottle(bench.store.hosts, clock=bench.clock, settings=settings.fetch)
    throttle.honour_retry_after(host_key(settings.save_page_now.url), "7200")
    bench.happens()
    assert bench.run() == SaveReport()
    (save,) = bench.saves()
    assert save.attempts == 0
    with monkeypatch.context() as patch:
        patch.setattr("scraper.pipeline.save_pages.ServiceClient", None)
        assert bench.run(MINUTE) == SaveReport()
    for _ in range(30):
        bench.run(5 * MINUTE)
    assert len(bench.service.asked) == 1


def test_a_mail_that_was_not_delivered_has_named_no_save(bench: Bench) -> None:
    bench.happens()
    bench.clock.sleep(300)
    bench.send()
    finish(bench)
    (save,) = bench.saves()
    made = rules.link_of(save)
    for result, is_named in (
        (DeliveryAttempt(DeliveryResult.REFUSED, "no such user"), True),
        (SENT, True),
        (SENT, False),
    ):
        bench.happens(EventKind.RETITLED, grade=Grade.MINOR)
        bench.clock.sleep(300)
        bench.mail.result = result
        assert (made in bench.send()[0]) is is_named


def test_a_link_for_which_mails_are_refused_stops_two_of_them(bench: Bench) -> None:
    bench.happens()
    bench.clock.sleep(300)
    bench.send()
    finish(bench)
    made = rules.link_of(bench.saves()[0])
    named = []
    for _ in range(5):
        bench.happens(EventKind.RETITLED, grade=Grade.MINOR)
        bench.clock.sleep(3600)
        bench.mail.result = DeliveryAttempt(DeliveryResult.REFUSED, "a link in it is on a list")
        named.append(made in bench.send()[0])
    assert named == [True, True, False, False, False]


def test_nothing_is_prepared_while_the_service_works_on_as_many_pages_as_it_may(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.parts = (SavedPart.COPY,)
    for number in range(rules.MAX_ACTIVE + 1):
        bench.copied(f"https://merrow.example/{number}/")
    assert bench.run().requested == rules.MAX_ACTIVE
    with bench.store.unit():
        for save in bench.saves()[: rules.MAX_ACTIVE]:
            bench.store.page_saves.save(replace(save, due_at=bench.clock.now() + HOUR))
    monkeypatch.setattr("scraper.pipeline.save_pages.ServiceClient", None)
    assert bench.run() == SaveReport()


def test_without_time_nothing_is_asked_or_counted(bench: Bench) -> None:
    bench.parts = (SavedPart.COPY,)
    bench.copied()
    bench.copied("https://herald.example/lamps/")
    bench.left_s = 5.0
    assert bench.run() == SaveReport(requested=1)
    assert [save.attempts for save in bench.saves()] == [1, 0]
    service = bench.store.page_saves.service()
    assert service is not None
    assert (service.requests, service.problem) == (1, "")
    bench.left_s = 0.0
    bench.run(timedelta(seconds=20))
    assert bench.service.polled == []
    bench.left_s = 1e9
    finish(bench)
    assert len(bench.service.asked) == 2


def test_two_processes_do_not_ask_at_once(bench: Bench) -> None:
    bench.happens()
    with lock_file(bench.store.path, SAVING_PAGES):
        assert bench.run() == SaveReport()
    assert bench.service.seen == []
    assert bench.run().requested == 1


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({}, "no keys of archive.org in the environment variable ARCHIVE_KEYS"),
        ({"ARCHIVE_KEYS": "one-part-only"}, "the keys of archive.org have another form than ACCESS:SECRET"),
        ({"ARCHIVE_KEYS": "a:b\u00e9"}, "the keys of archive.org have another form than ACCESS:SECRET"),
        ({"ARCHIVE_KEYS": "wrong123:wrong45678"}, "it refuses the keys (status 401)"),
    ],
)
def test_keys_that_are_missing_or_refused(bench: Bench, environ: dict[str, str], problem: str) -> None:
    bench.environ = environ
    bench.happens()
    assert bench.run().problem == problem
    assert bench.run(MINUTE) == SaveReport()
    bench.clock.sleep(300)
    assert len(bench.send()) == 1


def test_the_keys_are_never_stored(bench: Bench) -> None:
    bench.happens()
    bench.service.refuses(200, {"status": "error", "status_ext": f"error:{KEYS}", "message": KEYS})
    bench.run()
    bench.service.refuses(500, json.dumps({"message": f"bad {KEYS}"}).encode())
    bench.run(10 * MINUTE)
    dump = "\n".join(bench.store.database.conn.iterdump())
    assert "secret45678" not in dump
    assert "access123" not in dump


def test_a_mail_about_no_event_names_no_pages(bench: Bench) -> None:
    bench.happens()
    finish(bench)
    with bench.store.unit():
        bench.store.outbox.announce(
            NewMessage("weekly", MessageKind.STILL_WATCHING, DESK, bench.clock.now()), bench.clock.now()
        )
    bench.clock.sleep(1)
    assert ["web.archive.org" in text for text in bench.send()] == [True, False]
