"""Tests of the findings of `doctor`: levels and remedies."""

from __future__ import annotations

import shutil
import socket
import ssl
from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import trustme
from fakes.mail_server import Handler, scripted, serve
from fakes.mirror import GAZETTE
from fakes.standing import sheet, sitemap, state_page
from samples import (
    BLOCK_PAGE,
    FEED_URL,
    LIST_URL,
    NOON,
    REST_URL,
    Piece,
    article,
    listing,
    redesigned,
    rest,
    rss,
    source,
)
from samples import settings as some_settings

from scraper import parsers, source_status
from scraper.alerts.event_specs import SPECS
from scraper.config.alerts import AlertSettings, Smtp, Watch
from scraper.config.choices import MailTransportKind
from scraper.config.settings import DaemonSettings, Endpoint, Settings
from scraper.delivery.transports.smtp import SmtpTransport
from scraper.model import INCIDENTS, Capture, EndpointKind, EventKind, HostState, MessageKind, Outcome, Role
from scraper.pipeline import database_checks, list_urls
from scraper.pipeline.doctor import check_mail_transport, check_settings, examine, reach, reach_all, reach_mail
from scraper.pipeline.findings import Finding, Level
from scraper.pipeline.ingest import Origin, ingest
from scraper.rules import source_health
from scraper.rules.required_fields import MissingField
from scraper.store import NewMessage, SourceState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiosmtpd.controller import Controller
    from pipeline.conftest import Watch as Watching

    from scraper.store import Store

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def settings(**changes: Any) -> Settings:
    watch = Watch(name="desk", to=("desk@example.org",), when=("published",))
    return some_settings().model_copy(update={"watches": (watch,)} | changes)


def found(store: Store, topic: str, at: timedelta = timedelta(0)) -> Finding:
    """Return the only finding on a topic."""
    (only,) = [one for one in examine(settings(), store, NOON + at, {}) if one.topic == topic]
    return only


def trouble(finding: Finding) -> tuple[Level, bool]:
    return finding.level, bool(finding.advice)


def save(store: Store, **state: Any) -> None:
    given = {"last_attempt_at": NOON, "last_success_at": NOON} | state
    with store.unit():
        store.sources.save(SourceState("state", Role.CANONICAL, **given))


def test_a_working_monitor_has_no_findings(store: Store) -> None:
    save(store)
    findings = list(examine(settings(), store, NOON, {}))
    assert {finding.level for finding in findings if finding.topic != "disk"} == {Level.OK}
    assert [finding.topic for finding in findings] == [
        *("configuration", "mail", "database", "search", "fingerprints", "disk", "clock", "outbox", "source state"),
    ]
    assert not any(finding.advice for finding in findings if finding.level is Level.OK)


def test_unlikely_settings_are_a_warning() -> None:
    findings = list(check_settings(some_settings(allow_private=("127.0.0.1:80",))))
    assert [trouble(finding) for finding in findings] == [(Level.WARNING, False), (Level.WARNING, True)]
    assert "allow_private" in findings[0].what
    assert findings[0].advice == ""
    assert findings[1].topic == "watches"


# Sources


@pytest.mark.parametrize(
    ("incident", "level"),
    [
        (EventKind.BLOCKED, Level.TROUBLE),
        (EventKind.BROKEN, Level.TROUBLE),
        (EventKind.DRIFTED, Level.TROUBLE),
        (EventKind.SILENT, Level.WARNING),
        (EventKind.FALLBACK, Level.WARNING),
    ],
)
def test_a_source_with_an_incident(store: Store, incident: EventKind, level: Level) -> None:
    save(store, incident=incident, incident_since_at=NOON - HOUR, incident_detail="why")
    finding = found(store, "source state")
    assert trouble(finding) == (level, True)
    assert finding.what == f"{incident.value.removeprefix('source.')} since 2026-03-02 11:00 UTC: why"


def test_each_incident_has_advice_of_its_own() -> None:
    assert len({SPECS[kind].remedy for kind in INCIDENTS}) == len(INCIDENTS)


def test_a_host_that_asks_for_a_pause_is_named(store: Store) -> None:
    save(store)
    store.hosts.save(HostState("www.state.gov", not_before=NOON + 10 * HOUR))
    words = "www.state.gov allows no requests before 2026-03-02 22:00 UTC"
    finding = found(store, "source state", HOUR)
    assert (finding.level, finding.what) == (Level.WARNING, words)
    finding = found(store, "source state", 3 * HOUR)
    assert (finding.level, finding.what) == (Level.TROUBLE, f"has had no success for 3 h; {words}")
    assert "selects no requests" not in found(store, "source state", 11 * HOUR).what


@pytest.mark.parametrize(
    ("outcome", "advice"),
    [
        (Outcome.DNS, source_status.CHECK_NETWORK),
        (Outcome.BLOCKED_ADDRESS, source_status.ALLOW_PRIVATE),
        (Outcome.TLS, SPECS[EventKind.BROKEN].remedy),
    ],
)
def test_the_cause_of_a_failed_fetch_is_printed(store: Store, outcome: Outcome, advice: str) -> None:
    save(store, last_success_at=None, failures=1)
    with store.unit():
        for at, what in ((NOON - DAY, Outcome.TIMEOUT), (NOON, outcome)):
            store.captures.add("state", Capture(FEED_URL, at, what, None, FEED_URL, (), b"", "the cause"))
    finding = found(store, "source state", 2 * HOUR)
    assert finding.level is Level.TROUBLE
    assert finding.what == f"has never had a success; {FEED_URL}: {source_health.outcome_phrase(outcome)} (the cause)"
    assert finding.advice == advice


def test_a_metrics_file_has_to_be_writable(store: Store, tmp_path: Path) -> None:
    for folder, level in ((tmp_path, Level.OK), (tmp_path / "nowhere", Level.TROUBLE)):
        chosen = settings(daemon=DaemonSettings(metrics_file=folder / "x.prom"))
        (finding,) = [one for one in examine(chosen, store, NOON, {}) if one.topic == "metrics file"]
        assert trouble(finding) == (level, level is not Level.OK)


def test_a_source_is_late_after_three_intervals_and_an_hour(store: Store) -> None:
    save(store)
    assert found(store, "source state", 105 * MINUTE).level is Level.OK
    finding = found(store, "source state", 106 * MINUTE)
    assert trouble(finding) == (Level.TROUBLE, True)
    assert finding.what == "has had no success for 1 h 46 min; its interval is 15 min"
    save(store, last_success_at=None)
    assert found(store, "source state").what.startswith("has never had a success")


def test_a_source_that_was_never_asked(store: Store) -> None:
    assert trouble(found(store, "source state")) == (Level.WARNING, True)


def test_a_source_is_not_late_for_being_quiet(store: Store) -> None:
    save(store, interval_s=3600)
    assert found(store, "source state", 4 * HOUR).level is Level.OK
    assert found(store, "source state", 4 * HOUR + MINUTE).level is Level.TROUBLE


# The database and what is around it


def test_damage_ends_the_check_of_the_database(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_checks.integrity, "damage", lambda _: ("row 3 missing",))
    findings = list(database_checks.check_database(store, NOON))
    assert [trouble(finding) for finding in findings] == [(Level.TROUBLE, True)]
    assert "row 3 missing" in findings[0].what


@pytest.mark.parametrize(
    ("sql", "topic", "words"),
    [
        ("DROP TRIGGER events_immutable", "database", "events_immutable"),
        ("INSERT INTO revisions_fts (rowid, title, text) VALUES (9, 'a', 'b')", "search", "not consistent"),
        (
            "INSERT INTO statement_urls VALUES ('u', 9, '', '', 0)",
            "database",
            "1 of statement_urls refer to no statements",
        ),
        ("INSERT INTO fingerprints VALUES (1, 9, 9)", "fingerprints", "1 of no wording"),
    ],
)
def test_an_index_out_of_step_is_trouble(store: Store, sql: str, topic: str, words: str) -> None:
    store.database.execute("PRAGMA foreign_keys = OFF")
    with store.unit():
        store.database.execute(sql)
    findings = [
        one for one in database_checks.check_database(store, NOON) if one.topic == topic and one.level is not Level.OK
    ]
    assert [trouble(finding) for finding in findings] == [(Level.TROUBLE, True)]
    assert words in findings[0].what


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(
    ("free", "level"),
    [(99_999_999, Level.TROUBLE), (999_999_999, Level.WARNING), (1_000_000_000, Level.OK)],
)
def test_room_on_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free))
    assert trouble(found(store, "disk")) == (level, level is not Level.OK)


def test_a_log_that_has_grown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_checks, "_LONG_LOG_BYTES", 1)
    save(store)
    assert [trouble(one) for one in database_checks.check_disk(store.path)][1:] == [(Level.WARNING, True)]


@pytest.mark.parametrize(
    ("lead", "level"),
    [(0, Level.OK), (1.9, Level.OK), (-3, Level.WARNING), (9, Level.WARNING), (11, Level.TROUBLE)],
)
def test_the_clock_is_compared_with_the_servers(store: Store, lead: float, level: Level) -> None:
    date = format_datetime(NOON - lead * MINUTE, usegmt=True)
    with store.unit():
        store.captures.add("state", Capture(FEED_URL, NOON, Outcome.OK, 200, FEED_URL, (("date", date),), b""))
    finding = found(store, "clock", MINUTE)
    assert trouble(finding) == (level, level is not Level.OK)
    assert ("behind" in finding.what) == (lead < -2)


def test_a_clock_before_what_is_known_is_trouble(store: Store) -> None:
    with store.unit():
        store.captures.add("state", Capture(FEED_URL, NOON + DAY, Outcome.TIMEOUT))
    finding = found(store, "clock")
    assert trouble(finding) == (Level.TROUBLE, True)
    assert "1 d in the future" in finding.what


# Mail


def test_refused_and_waiting_messages_are_findings(watch: Watching) -> None:
    watch.site.says(list_urls.first_url(EndpointKind.WORDPRESS, REST_URL), rest(Piece(1)))
    watch.run()
    store = watch.store
    with store.unit():
        row = store.outbox.open(NewMessage("1", MessageKind.TEST, "desk@example.org"), NOON)
    assert found(store, "outbox", HOUR).level is Level.OK
    waiting = found(store, "outbox", 2 * HOUR)
    assert (trouble(waiting), waiting.what) == ((Level.WARNING, True), "a message has waited for 2 h")
    with store.unit():
        store.outbox.mark_refused(row, "550 no such user", NOON + HOUR)
    failed = found(store, "outbox", 2 * HOUR)
    assert trouble(failed) == (Level.TROUBLE, True)
    assert failed.what == (
        f"mail fails since {NOON + HOUR:%Y-%m-%d %H:%M} UTC: 1 message given up\nto desk@example.org\n550 no such user"
    )
    assert "statewire alerts retry" in failed.advice


def mail(tmp_path: Path, environ: dict[str, str] | None = None, **alerts: Any) -> Finding:
    (finding,) = check_mail_transport(settings(alerts=AlertSettings(**alerts)), tmp_path / "x.db", environ or {})
    return finding


def test_a_maildir_has_to_be_a_folder_that_can_be_written(tmp_path: Path) -> None:
    assert mail(tmp_path).level is Level.OK
    assert mail(tmp_path, maildir=tmp_path / "a" / "b" / "mail").level is Level.OK
    (tmp_path / "file").write_text("")
    assert trouble(mail(tmp_path, maildir=tmp_path / "file" / "mail")) == (Level.TROUBLE, True)


def test_sendmail_has_to_be_a_program(tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.write_text("")
    assert trouble(mail(tmp_path, deliver=MailTransportKind.SENDMAIL, sendmail=program)) == (Level.TROUBLE, True)
    program.chmod(0o755)
    assert mail(tmp_path, deliver=MailTransportKind.SENDMAIL, sendmail=program).level is Level.OK


def test_a_mail_server_needs_the_password_that_is_named(tmp_path: Path) -> None:
    def through(environ: dict[str, str] | None = None, **smtp: Any) -> Finding:
        given = Smtp(host="smtp.example.org", **smtp)
        return mail(tmp_path, environ, deliver=MailTransportKind.SMTP, sender="a@example.org", smtp=given)

    assert through().level is Level.OK
    assert trouble(through(user="me", password_env="WORD")) == (Level.TROUBLE, True)
    assert through({"WORD": "x"}, user="me", password_env="WORD").level is Level.OK
    file = tmp_path / "word"
    assert trouble(through(user="me", password_file=file)) == (Level.TROUBLE, True)
    file.write_text("x")
    assert through(user="me", password_file=file).level is Level.OK


# Online

ONE = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))


@pytest.mark.parametrize(
    ("source_", "body", "status", "level"),
    [
        (ONE, rss(Piece(1), Piece(2)), 200, Level.OK),
        (ONE, BLOCK_PAGE, 403, Level.TROUBLE),
        (ONE, redesigned(), 200, Level.TROUBLE),
        (ONE, b"later", 429, Level.WARNING),
        (source(), BLOCK_PAGE, 403, Level.TROUBLE),
    ],
)
def test_a_source_is_asked_once_and_nothing_is_kept(
    watch: Watching, source_: Any, body: bytes, status: int, level: Level
) -> None:
    first = source_.endpoints[0]
    watch.site.says(list_urls.first_url(first.kind, first.url), body, status)
    watch.site.says(Piece(1).url, article(Piece(1)))
    with watch.fetcher() as fetcher:
        finding = reach(source_, fetcher)
    assert trouble(finding) == (level, level is not Level.OK)
    assert all(endpoint.url in finding.what for endpoint in source_.endpoints)
    assert watch.store.captures.count() == 0


@pytest.mark.parametrize(
    ("reached", "topics"),
    [("", ["reach"]), ("b", ["reach a", "reach b", "reach c"]), ("abc", ["reach a", "reach b", "reach c"])],
)
def test_sources_of_which_none_can_be_reached_are_one_finding(
    monkeypatch: pytest.MonkeyPatch, reached: str, topics: list[str]
) -> None:
    def answer(source_: Any, _: object) -> Finding:
        if source_.name in reached:
            return Finding(f"reach {source_.name}", Level.OK, "responds")
        what = f"https://{source_.name}.example/: dns (no such name); https://x.example/: dns"
        return Finding(f"reach {source_.name}", Level.TROUBLE, what, source_status.CHECK_NETWORK)

    monkeypatch.setattr("scraper.pipeline.doctor.reach", answer)
    asked = list[str]()
    fetcher: Any = None
    sources = [source(name=name) for name in "abc"]
    findings = list(reach_all(sources, fetcher, asked.append))
    assert asked == ["requesting a", "requesting b", "requesting c"]
    assert [each.topic for each in findings] == topics
    if not reached:
        words = "none of 3 sources could be reached; the first: https://a.example/: dns (no such name)"
        assert (findings[0].what, findings[0].advice) == (words, "check the network of this machine")
    assert len(list(reach_all(sources[:1], fetcher, asked.append))) == 1


def test_an_endpoint_that_serves_in_place_of_another_is_found(watch: Watching) -> None:
    first, second, *_ = source().endpoints
    watch.site.says(list_urls.first_url(first.kind, first.url), BLOCK_PAGE, 403)
    watch.site.says(second.url, rss(Piece(1)))
    watch.site.says(Piece(1).url, article(Piece(1)))
    with watch.fetcher() as fetcher:
        finding = reach(source(), fetcher)
    assert trouble(finding) == (Level.WARNING, True)
    assert finding.what.startswith(f"{first.url}: blocked")
    assert finding.what.endswith(f"; {second.url} responds with 1 item; {Piece(1).url} responds with 1 item")


def test_a_list_of_standing_pages_is_checked_with_one_page_that_is_watched(watch: Watching) -> None:
    pages = [f"https://www.state.gov/countries/{number}/" for number in (1, 2)]
    listed = "https://www.state.gov/sitemap.xml"
    endpoint = Endpoint(kind=EndpointKind.PAGES, url=listed, include=("/countries/*",), exclude=("*/1/",))
    found = {listed: sitemap(["https://www.state.gov/x/", *pages]), pages[1]: state_page(sheet(2), pages[1])}
    finding = check(watch, source(endpoints=(endpoint,)), found)
    assert trouble(finding) == (Level.OK, False)
    watch.site.asked.clear()
    named = Endpoint(kind=EndpointKind.PAGES, urls=(pages[1],))
    assert trouble(check(watch, source(endpoints=(named,)), {pages[1]: found[pages[1]]})) == (Level.OK, False)


def check(watch: Watching, source_: Any, pages: dict[str, bytes]) -> Finding:
    """Return the finding on a source that answers with these pages; another request fails the test."""
    for url, body in pages.items():
        watch.site.says(url, body)
    with watch.fetcher() as fetcher:
        finding = reach(source_, fetcher)
    assert [url for url in watch.site.asked if not url.endswith("/robots.txt")] == list(pages)
    return finding


def test_a_field_that_some_items_lack_is_a_warning_with_their_number(watch: Watching) -> None:
    body = rest(Piece(1), Piece(2)).replace(b"state_document_type-press-statement", b"x", 1)
    url = list_urls.first_url(EndpointKind.WORDPRESS, REST_URL)
    finding = check(watch, source(), {url: body, Piece(1).url: article(Piece(1))})
    assert trouble(finding) == (Level.WARNING, True)
    assert f"{REST_URL}: wordpress finds no type in 1 of 2 items" in finding.what
    assert finding.missing == (MissingField(REST_URL, "wordpress", "type", 1, 2),)
    assert "`statewire fetch state --save-fixture DIR`" in finding.advice


def test_an_item_that_the_parser_leaves_out_is_a_warning(watch: Watching) -> None:
    only = source(endpoints=(Endpoint(kind=EndpointKind.LISTING, url=LIST_URL),))
    body = listing(Piece(1), Piece(2)).replace(b"collection-result__link", b"x", 1)
    finding = check(watch, only, {LIST_URL: body, Piece(2).url: article(Piece(2))})
    assert trouble(finding) == (Level.WARNING, True)
    assert "state-listing reports: result 1: no title or no URL" in finding.what


def test_a_feed_of_state_without_texts_or_guids_is_trouble(watch: Watching) -> None:
    body = rss(Piece(1)).replace(b"content:encoded", b"content:other").replace(b"guid", b"other")
    finding = check(watch, ONE, {FEED_URL: body, Piece(1).url: article(Piece(1))})
    assert trouble(finding) == (Level.TROUBLE, True)
    assert [each.field for each in finding.missing] == ["guid", "text"]
    assert "finds no guid apart from the URL in 1 of 1 items" in finding.what


def test_a_feed_of_another_host_that_gives_statements_needs_neither_texts_nor_guids(watch: Watching) -> None:
    url = "https://embassy.example/feed/"
    piece = Piece(1)
    there = "https://embassy.example/lamps/"
    body = rss(piece).replace(b"content:encoded", b"content:other").replace(piece.url.encode(), there.encode())
    body = body.replace(b'<guid isPermaLink="false">', b"<guid>").replace(piece.guid.encode(), there.encode())
    embassy = source(name="embassy", endpoints=(Endpoint(kind=EndpointKind.FEED, url=url),))
    finding = check(watch, embassy, {url: body, there: article(piece)})
    assert (finding.level, finding.missing) == (Level.OK, ())


@pytest.mark.parametrize(
    ("status", "outcome", "advice"),
    [(403, "blocked", "fetch.contact"), (404, "gone", "correct `endpoints:`"), (429, "busy", "retry later")],
)
def test_a_page_that_is_not_served_is_no_missing_field(watch: Watching, status: int, outcome: str, advice: str) -> None:
    watch.site.says(FEED_URL, rss(Piece(1)))
    watch.site.says(Piece(1).url, b"no", status)
    with watch.fetcher() as fetcher:
        finding = reach(ONE, fetcher)
    assert (finding.level, finding.missing) == (Level.WARNING, ())
    assert f"; {Piece(1).url}: {outcome} (" in finding.what
    assert advice in finding.advice


def test_of_a_mirror_one_page_is_requested_that_may_be_a_copy(watch: Watching) -> None:
    mirror = source(role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=f"{GAZETTE}/feed/"),))
    other = Piece(1, body=("The harbour has new lamps. " * 20,), byline="A reporter")
    copy = Piece(2, body=(f"Official news published at {Piece(2).url}", *Piece(2).body))
    there = f"{GAZETTE}/lamps-for-harbour-2/"
    body = rss(other, copy)
    for piece in (other, copy):
        body = body.replace(f"<link>{piece.url}<".encode(), f"<link>{GAZETTE}/{piece.slug}/<".encode())
    page = b"<html><title>Lamps for Harbour 2</title><article><h1>Lamps for Harbour 2</h1>%s</article></html>"
    text = "".join(f"<p>{line}</p>" for line in copy.body).encode()
    finding = check(watch, mirror, {f"{GAZETTE}/feed/": body, there: page % text})
    # A mirror's page without a date is common, and no fault of the monitor.
    assert (finding.level, [str(each) for each in finding.missing]) == (
        Level.WARNING,
        [f"{there}: mirror-page finds no date in 1 of 1 items"],
    )


def test_a_page_of_another_shape_is_trouble_at_state_and_a_warning_at_a_mirror(watch: Watching) -> None:
    page = b"<title>Lamps</title><p></p>"
    finding = check(watch, ONE, {FEED_URL: rss(Piece(1)), Piece(1).url: page})
    assert (finding.level, finding.missing) == (Level.TROUBLE, ())
    assert f"`statewire fetch {Piece(1).url} --save-fixture DIR`" in finding.advice
    watch.site.asked.clear()
    mirror = source(role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=f"{GAZETTE}/feed/"),))
    there = f"{GAZETTE}/lamps-for-harbour-1/"
    copy = Piece(1, body=(f"Official news published at {Piece(1).url}", *Piece(1).body))
    feed = rss(copy).replace(f"<link>{copy.url}<".encode(), f"<link>{there}<".encode())
    assert check(watch, mirror, {f"{GAZETTE}/feed/": feed, there: page}).level is Level.WARNING


def test_an_item_that_the_parser_of_a_mirror_leaves_out_is_no_finding(watch: Watching) -> None:
    mirror = source(role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=f"{GAZETTE}/feed/"),))
    feed = rss(Piece(1, body=("The harbour has new lamps. " * 20,), byline="A reporter"))
    feed = feed.replace(b"</channel>", b"<item><title>Lamps</title></item></channel>")
    feed = feed.replace(b"https://www.state.gov/releases/", f"{GAZETTE}/".encode())
    assert parsers.read(Capture(f"{GAZETTE}/feed/", NOON, Outcome.OK, 200, body=feed), EndpointKind.FEED).problems
    finding = check(watch, mirror, {f"{GAZETTE}/feed/": feed})
    assert trouble(finding) == (Level.OK, False)


# The mail server


def server(port: int, **changes: Any) -> Smtp:
    return Smtp(**{"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 2.0} | changes)


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def start(handler: Handler) -> Iterator[Callable[..., int]]:
    """Starts mail servers that end with the test; gives their port."""
    servers: list[Controller] = []

    def begin(**options: Any) -> int:
        servers.append(serve(handler, **options))
        return servers[-1].port

    yield begin
    for each in servers:
        each.stop()


def ask(smtp: Smtp, **environ: str) -> Finding:
    with closing(SmtpTransport(smtp, environ=environ)) as delivery:
        return reach_mail(delivery, settings())


def test_a_mail_server_that_lets_us_in_is_well_and_gets_no_mail(start: Callable[..., int], handler: Handler) -> None:
    port = start(authenticator=handler.authenticate, auth_require_tls=False)
    finding = ask(server(port, user="me", password_env="PW"), PW="correct horse")
    assert (finding.level, finding.advice) == (Level.OK, "")
    assert handler.logins == [(b"me", b"correct horse")]
    assert (handler.taken, handler.sessions) == ([], set())


@pytest.mark.parametrize(
    ("options", "changes", "words"),
    [
        ({}, {"security": "starttls"}, "set `alerts.smtp.security` (`init`: --smtp-security) to tls, or none if"),
        ({"tls": True}, {"security": "starttls"}, "its certificate is from an authority that is not trusted here"),
        ({"auth": True}, {"user": "me", "password_env": "PW"}, "535 5.7.8 Authentication credentials invalid"),
        ({"auth": True}, {"user": "me", "password_env": "NONE"}, "no password in the environment variable NONE"),
    ],
)
def test_a_mail_server_that_refuses_us_is_trouble_with_advice(
    start: Callable[..., int], handler: Handler, options: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {}
    if "tls" in options:
        given["tls_context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(given["tls_context"])
    if "auth" in options:
        given |= {"authenticator": handler.authenticate, "auth_require_tls": False}
    port = start(**given)
    finding = ask(server(port, **changes), PW="hunter2")
    assert trouble(finding) == (Level.TROUBLE, True)
    assert finding.what.startswith(f"127.0.0.1:{port}: ")
    assert words in finding.what
    assert "hunter2" not in finding.what
    assert handler.taken == []


def test_a_closed_port_is_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    finding = ask(server(port))
    assert finding.level is Level.TROUBLE
    assert "refused" in finding.what
    assert finding.advice == "check host and port under `alerts.smtp`; until then mail waits"


@pytest.mark.parametrize(("answer", "words"), [(b"421 bye", "421 bye"), (None, "Connection unexpectedly closed")])
def test_a_server_that_changes_its_mind_is_trouble(answer: bytes | None, words: str) -> None:
    def script(sock: socket.socket) -> None:
        lines = sock.makefile("rb")
        for said in (b"220 hi", b"250 hi", answer):
            if said is not None:
                sock.sendall(said + b"\r\n")
                lines.readline()

    finding = ask(server(scripted(script)))
    assert (finding.level, words in finding.what) == (Level.TROUBLE, True)


@pytest.fixture
def large(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A database that is too large to be checked whole: of two statements with fingerprints."""
    monkeypatch.setattr(database_checks, "_WHOLE_BYTES", 1)
    capture = Capture(FEED_URL, NOON, Outcome.OK, 200, FEED_URL, (), rss(Piece(1), Piece(2)))
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, parsers.read(capture, EndpointKind.FEED), "")
    return store


def on_database(store: Store, *, full: bool = False) -> dict[str, Finding]:
    topics = ("database", "search", "fingerprints")
    return {one.topic: one for one in database_checks.check_database(store, NOON, full=full) if one.topic in topics}


def test_a_large_database_is_checked_whole_only_if_asked(large: Store) -> None:
    quick = on_database(large)
    assert {one.level for one in quick.values()} == {Level.OK}
    assert all("by --full only" in one.what for one in quick.values())
    steps: list[str] = []
    whole = list(database_checks.check_database(large, NOON, full=True, say=steps.append))
    assert not any("--full" in one.what for one in whole)
    assert steps == [
        "reading the whole database",
        "following all references",
        "comparing search with all wordings",
        "comparing fingerprints with all wordings",
    ]


@pytest.mark.parametrize(
    ("sql", "topic", "words"),
    [
        ("DROP TRIGGER events_immutable", "database", "events_immutable"),
        ("DELETE FROM revisions_fts_docsize WHERE id = 2", "search", "lacks 1 of the newest 50"),
        ("DELETE FROM fingerprints WHERE statement_id = 2", "fingerprints", "1 wordings without any"),
        (
            "DELETE FROM fingerprints WHERE statement_id = 2"
            " AND hash <> (SELECT max(hash) FROM fingerprints WHERE statement_id = 2)",
            "fingerprints",
            "1 with those of other words",
        ),
    ],
)
def test_the_newest_rows_of_a_large_database_are_checked(large: Store, sql: str, topic: str, words: str) -> None:
    with large.unit():
        large.database.execute(sql)
    finding = on_database(large)[topic]
    assert trouble(finding) == (Level.TROUBLE, True)
    assert words in finding.what


def test_the_quick_check_reads_no_more_of_a_larger_database(large: Store) -> None:
    with large.unit():
        large.database.execute("INSERT INTO fingerprints VALUES (1, 9, 9)")
    assert on_database(large)["fingerprints"].level is Level.OK
    assert "1 of no wording" in on_database(large, full=True)["fingerprints"].what
