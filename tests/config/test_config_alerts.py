"""Tests of alerts and watches in the configuration: values, conflicts, and warnings of unlikely settings."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scraper.alerts.conditions import Condition, checker
from scraper.alerts.model import FilterFields
from scraper.config.about import About
from scraper.config.alerts import DEFAULT_TOPICS, AlertSettings, DeliveryRhythm, QuietHours, Smtp, Watch, rhythm_text
from scraper.config.choices import Cadence, MailTransportKind, Topic
from scraper.config.loader import load, maildir_path, warnings
from scraper.errors import ConfigError
from scraper.model import Grade

if TYPE_CHECKING:
    from scraper.config.settings import Settings

SOURCES = """\
fetch:
  contact: https://monitor.invalid/about
sources:
  - name: state
    role: canonical
    endpoints: [{kind: feed, url: https://www.state.gov/feed/}]
"""
WATCH = "watches:\n  - name: Desk\n    to: [desk@example.org]\n"
SMTP = "alerts:\n  deliver: smtp\n  sender: statewire@ministry.invalid\n  smtp:\n    host: smtp.example.org\n"


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def loaded(at: Path, text: str) -> Settings:
    at.write_text(SOURCES + text, encoding="utf-8")
    return load(at)


def mistake(at: Path, text: str) -> tuple[int | None, str, str]:
    """The only thing that is wrong with these lines: (line, counted from the first of them; place; message)."""
    with pytest.raises(ConfigError) as caught:
        loaded(at, text)
    [problem] = caught.value.problems
    assert problem.line is not None
    return problem.line - SOURCES.count("\n"), problem.path, problem.message


# What is read


def test_a_watch_has_the_configured_filter(at: Path) -> None:
    text = """\
    about:
      words: [Mekong, " Lower Mekong Initiative "]
      countries: [Laos]
      types: [Readout]
      speakers: [Secretary of State]
      sources: [state]
    when: [touched, copied]
    at_least: cosmetic
    deliver: weekly Sun 18:30
    quiet: 22:00-06:00
    timezone: America/New_York
    webhook: https://hooks.example.org/x
    webhook_secret_env: HOOK_SECRET
"""
    assert loaded(at, WATCH + text).watches == (
        Watch(
            name="Desk",
            to=("desk@example.org",),
            about=About(
                words=("Mekong", "Lower Mekong Initiative"),
                countries=("Laos",),
                types=("Readout",),
                speakers=("Secretary of State",),
                sources=("state",),
            ),
            when=(Topic.TOUCHED, Topic.COPIED),
            at_least=Grade.COSMETIC,
            deliver=DeliveryRhythm(cadence=Cadence.WEEKLY, at=time(18, 30), weekday=6),
            quiet=QuietHours(start=time(22), stop=time(6)),
            timezone=ZoneInfo("America/New_York"),
            webhook="https://hooks.example.org/x",
            webhook_secret_env="HOOK_SECRET",
        ),
    )


def test_defaults_of_a_watch(at: Path) -> None:
    [watch] = loaded(at, WATCH + "    quiet:\n").watches
    assert (watch.about, watch.when, watch.at_least) == (About(), DEFAULT_TOPICS, Grade.MINOR)
    assert (watch.deliver, watch.quiet, watch.timezone, watch.enabled) == (
        DeliveryRhythm(),
        None,
        ZoneInfo("UTC"),
        True,
    )


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("desk@exämple.org", "desk@xn--exmple-cua.org"),
        ("desk@EXÄMPLE.org", "desk@xn--exmple-cua.org"),
        ("desk@xn--exmple-cua.org", "desk@xn--exmple-cua.org"),
        ("desk@例え。テスト", "desk@xn--r8jz45g.xn--zckzah"),
        ("jörg@exämple.org", "jörg@xn--exmple-cua.org"),
        ("jo\u0308rg@Example.org", "jörg@example.org"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
    ],
)
def test_addresses_in_other_scripts(at: Path, written: str, address: str) -> None:
    assert loaded(at, WATCH.replace("desk@example.org", written)).watches[0].to == (address,)


@pytest.mark.parametrize(
    "written",
    ["desk@ex..ämple.org", "desk@-ä.org", "desk@ä", "d\u202eesk@ä.org", "ä" * 33 + "@example.org", "a ä@b.org"],
)
def test_addresses_that_are_none(at: Path, written: str) -> None:
    assert mistake(at, WATCH.replace("desk@example.org", f'"{written}"'))[1] == "watches[0].to[0]"


def test_a_sender_is_ascii_before_the_at_and_may_have_a_host_in_another_script(at: Path) -> None:
    assert loaded(at, "alerts: {sender: news@exämple.org}\n").alerts.sender == "news@xn--exmple-cua.org"
    _, place, message = mistake(at, "alerts: {sender: nöws@example.org}\n")
    assert (place, message.split(":")[0]) == ("alerts.sender", "should have ASCII letters only before the @")


def test_sendmail_gets_no_recipients_that_need_smtputf8(at: Path) -> None:
    watch = WATCH.replace("desk@", "jörg@")
    assert loaded(at, watch).watches[0].to == ("jörg@example.org",)
    place, message = mistake(at, f"{watch}alerts: {{deliver: sendmail}}\n")[1:]
    assert place == "watches[0].to[0]"
    assert "give an ASCII address, or use `deliver: smtp`" in message
    assert mistake(at, "alerts: {deliver: sendmail, operator: [a@b.org, jörg@b.org]}\n")[1] == "alerts.operator[1]"


HOOK = "watches:\n  - {name: A, webhook: 'https://h.example/1'}\n"


@pytest.mark.parametrize(
    ("watches", "place", "said"),
    [
        ("watches: [{name: A, to: [a@b.org], format: slack}]\n", "watches[0].format", "there is no webhook"),
        (
            "watches: [{name: A, webhook: 'https://h.example/1', format: teams, webhook_secret_env: X}]\n",
            "watches[0].webhook_secret_env",
            "signs requests in the format json only",
        ),
        (
            f"{HOOK}  - {{name: B, webhook: 'https://h.example/1', format: slack}}\n",
            "watches[1].format",
            "is another format than that of the watch “A” (watches[0]) for the same webhook",
        ),
        (
            "watches: [{name: A, feed: a/../x.atom}, {name: B, feed: x.atom}]\n",
            "watches[1].feed",
            "is the feed of the watch “A” (watches[0]) already",
        ),
    ],
)
def test_webhooks_and_feeds_that_contradict_each_other(at: Path, watches: str, place: str, said: str) -> None:
    found = mistake(at, watches)
    assert found[1] == place
    assert said in found[2]


def test_a_watch_may_have_a_feed_alone(at: Path) -> None:
    assert loaded(at, "watches: [{name: A, feed: feeds/a.atom}]\n").watches[0].feed == at.parent / "feeds" / "a.atom"


@pytest.mark.parametrize(
    ("written", "rhythm"),
    [
        ("instant", DeliveryRhythm()),
        ("daily 07:00", DeliveryRhythm(cadence=Cadence.DAILY, at=time(7))),
        ("daily 23:59", DeliveryRhythm(cadence=Cadence.DAILY, at=time(23, 59))),
        ("weekly Mon 00:05", DeliveryRhythm(cadence=Cadence.WEEKLY, at=time(0, 5), weekday=0)),
    ],
)
def test_rhythms_are_written_as_they_are_read(at: Path, written: str, rhythm: DeliveryRhythm) -> None:
    assert loaded(at, WATCH + f"    deliver: {written}\n").watches[0].deliver == rhythm
    assert rhythm_text(rhythm) == written


@pytest.mark.parametrize(
    "written",
    ["hourly", "daily", "daily 7:00", "daily 24:00", "weekly 07:00", "weekly Mo 07:00", "Daily 07:00", "7", ""],
)
def test_bad_rhythms(at: Path, written: str) -> None:
    message = "should be “instant”, “daily 07:00” or “weekly Mon 07:00”"
    assert mistake(at, WATCH + f"    deliver: {written}\n") == (4, "watches[0].deliver", message)


@pytest.mark.parametrize("written", ["22:00", "22:00-24:00", "22:00 - 06:00", "2200-0600", "8", "true"])
def test_bad_quiet_hours(at: Path, written: str) -> None:
    message = "should be two times of day such as 22:00-06:00"
    assert mistake(at, WATCH + f"    quiet: {written}\n") == (4, "watches[0].quiet", message)


def test_quiet_hours_that_are_none(at: Path) -> None:
    message = "begins and ends at the same time (06:00): name two, or leave it out"
    assert mistake(at, WATCH + "    quiet: 06:00-06:00\n") == (4, "watches[0].quiet", message)


@pytest.mark.parametrize("written", ["EST5", "America", "america/new_york", "../../etc/passwd", "/etc/passwd", "''"])
def test_bad_timezones(at: Path, written: str) -> None:
    line, place, message = mistake(at, WATCH + f"    timezone: {written}\n")
    assert (line, place) == (4, "watches[0].timezone")
    assert message.startswith("should be the name of a timezone such as America/New_York")


def test_a_timezone_is_text(at: Path) -> None:
    assert mistake(at, WATCH + "    timezone: 5\n")[:2] == (4, "watches[0].timezone")


times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(
    st.builds(DeliveryRhythm, cadence=st.just(Cadence.DAILY), at=times)
    | st.builds(DeliveryRhythm, cadence=st.just(Cadence.WEEKLY), at=times, weekday=st.integers(0, 6)),
    st.none() | st.builds(QuietHours, start=times, stop=times).filter(lambda quiet: quiet.start != quiet.stop),
    st.sampled_from(["UTC", "Asia/Kathmandu"]),
)
def test_a_watch_is_written_as_it_is_read(deliver: DeliveryRhythm, quiet: QuietHours | None, zone: str) -> None:
    watch = Watch(name="Desk", to=("a@example.org",), deliver=deliver, quiet=quiet, timezone=ZoneInfo(zone))
    assert Watch.model_validate(watch.model_dump(mode="json")) == watch


def test_everything_that_is_resolved_is_a_configuration_again(at: Path) -> None:
    login = "    user: me\n    password_file: ~/secret\n    security: tls\n    timeout_s: 5.0\n"
    extra = "    deliver: daily 07:00\n    quiet: 22:00-06:00\n    about: {words: [Mekong], sources: [state]}\n"
    first = loaded(at, SMTP + login + "  maildir: mail\n  operator: [me@example.org]\n" + WATCH + extra)
    at.write_text(yaml.safe_dump(first.model_dump(mode="json"), sort_keys=False), encoding="utf-8")
    assert load(at) == first


# Single values


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("to: [Desk <desk@example.org>]", "to[0]", "should be one e-mail address"),
        ("to: desk@example.org", "to", "should be a list"),
        ("when: []", "when", "should have at least one entry"),
        ("when: [edited]", "when[0]", "should be “published”, “revised”"),
        ("at_least: big", "at_least", "should be “cosmetic”, “minor” or “material”"),
        ("about: {words: ['--']}", "about.words[0]", "should hold a letter or digit"),
        ("about: {words: ['']}", "about.words[0]", "should be text on one line"),
        ("about: {wrods: [Mekong]}", "about.wrods", "did you mean words?"),
        ("about: Mekong", "about", "should be a section"),
        ("webhook: hooks.example.org", "webhook", "begins with https://"),
        ("webhook_secret: hunter2", "webhook_secret", "this file must not contain a secret"),
        ("enabled: maybe", "enabled", "should be true or false"),
    ],
)
def test_bad_values_of_a_watch(at: Path, line: str, place: str, message: str) -> None:
    to = "" if line.startswith("to") else "    to: [desk@example.org]\n"
    found = mistake(at, f"watches:\n  - name: Desk\n{to}    {line}\n")
    assert found[1] == f"watches[0].{place}"
    assert message in found[2]
    assert "hunter2" not in found[2]


def test_an_address_is_one_however_its_host_is_written(at: Path) -> None:
    settings = loaded(at, WATCH.replace("desk@example.org", "Desk@Example.ORG"))
    assert settings.watches[0].to == ("Desk@example.org",)


@pytest.mark.parametrize("host", ["smtp.example.org", "SMTP.Example.org", "127.0.0.1", "::1", "localhost"])
def test_a_mail_server_is_a_host(host: str) -> None:
    assert Smtp(host=host).host == host.lower()


@pytest.mark.parametrize("host", ["", "smtp.example.org:587", "smtp://smtp.example.org", "[::1]", "a b"])
def test_a_mail_server_name_with_its_port_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="without its port"):
        Smtp(host=host)


@pytest.mark.parametrize("port", ["0", "65536", "'587'"])
def test_bad_ports(at: Path, port: str) -> None:
    assert mistake(at, SMTP + f"    port: {port}\n")[:2] == (6, "alerts.smtp.port")


# What does not go together


def test_a_watch_needs_a_recipient(at: Path) -> None:
    assert mistake(at, "watches:\n  - enabled: false\n    name: Desk\n") == (
        2,
        "watches[0].to",
        "has no recipient: put e-mail addresses here, or set webhook or feed",
    )
    assert mistake(at, "watches:\n  - name: Desk\n    to: []\n")[:2] == (3, "watches[0].to")
    assert loaded(at, "watches:\n  - name: Desk\n    webhook: https://hooks.example.org/x\n").watches[0].to == ()


def test_a_key_without_a_webhook_signs_nothing(at: Path) -> None:
    assert mistake(at, WATCH + "    webhook_secret_env: KEY\n") == (
        4,
        "watches[0].webhook_secret_env",
        "signs requests to a webhook, but there is no webhook",
    )


def test_smtp_needs_a_server(at: Path) -> None:
    assert mistake(at, "alerts:\n  group_minutes: 1\n  deliver: smtp\n") == (
        3,
        "alerts.deliver",
        "smtp needs a mail server: describe it in the section smtp, beside this",
    )


@pytest.mark.parametrize(
    ("lines", "line", "key", "message"),
    [
        (["user: me"], 6, "user", "needs a password: name where it is in password_env or password_file"),
        (["password_env: P"], 6, "password_env", "is a password without a user: set user too"),
        (["password_file: p"], 6, "password_file", "is a password without a user: set user too"),
        (["user: me", "password_file: p", "password_env: P"], 7, "password_file", "comes from password_env already"),
    ],
)
def test_a_login_is_a_name_and_one_password(at: Path, lines: list[str], line: int, key: str, message: str) -> None:
    found = mistake(at, SMTP + "".join(f"    {entry}\n" for entry in lines))
    assert found[:2] == (line, f"alerts.smtp.{key}")
    assert message in found[2]


@pytest.mark.parametrize("key", ["password", "smtp_password", "token"])
def test_a_password_is_refused_and_never_repeated(at: Path, key: str) -> None:
    line, place, message = mistake(at, SMTP + f"    {key}: hunter2\n")
    assert (line, place) == (6, f"alerts.smtp.{key}")
    assert "password_env: NAME" in message
    assert "hunter2" not in message


def test_a_password_in_place_of_a_variable_is_never_repeated(at: Path) -> None:
    line, place, message = mistake(at, SMTP + "    user: me\n    password_env: hunter2!\n")
    assert (line, place) == (7, "alerts.smtp.password_env")
    assert message == "should be the name of an environment variable such as SMTP_PASSWORD, never the secret itself"


def test_two_watches_have_two_names(at: Path) -> None:
    assert mistake(at, WATCH + WATCH.partition("\n")[2].replace("Desk", "DESK")) == (
        4,
        "watches[1].name",
        "“DESK” is the name of watches[0] already",
    )


def test_the_sources_of_a_watch_are_named_in_any_letter_case(at: Path) -> None:
    at.write_text(SOURCES + WATCH + "    about: {sources: [' STATE ']}\n", "utf-8")
    (watch,) = load(at).watches
    (condition,) = (Condition(line.kind, entry) for _, line in watch.about.places(()) for entry in line.entries)
    assert checker(FilterFields(sources=("state",)))(condition)
    assert not checker(FilterFields(sources=("states",)))(condition)


def test_a_watch_is_about_sources_that_there_are(at: Path) -> None:
    assert mistake(at, WATCH + "    about:\n      sources:\n        - state\n        - stat\n") == (
        7,
        "watches[0].about.sources[1]",
        "“stat” is not a source; did you mean “state”?",
    )
    at.write_text(SOURCES.partition("sources:")[0] + "sources: []\n" + WATCH + "    about: {sources: [x]}\n", "utf-8")
    with pytest.raises(ConfigError, match="“x” is not a source; known sources: none"):
        load(at)


# Paths


def test_paths_count_from_the_folder_of_the_file(at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    login = "    user: me\n    password_file: secrets/smtp\n"
    read = loaded(at, SMTP + login + "  maildir: ~/mail\n  sendmail: bin/sendmail\n").alerts
    assert read.smtp is not None
    assert read.smtp.password_file == tmp_path / "secrets" / "smtp"
    assert read.maildir == tmp_path / "home" / "mail"
    assert read.sendmail == tmp_path / "bin" / "sendmail"
    assert AlertSettings().sendmail == Path("/usr/sbin/sendmail")


@pytest.mark.parametrize("key", ["maildir", "sendmail"])
def test_a_path_names_something(at: Path, key: str) -> None:
    assert mistake(at, f"alerts:\n  {key}: ''\n") == (2, f"alerts.{key}", "should name a file or a folder")
    assert "home folder" in mistake(at, f"alerts:\n  {key}: ~nobody-of-that-name/x\n")[2]


def test_mail_is_kept_beside_the_database(at: Path) -> None:
    assert maildir_path(loaded(at, ""), Path("/var/lib/s.db")) == Path("/var/lib/mail")
    assert maildir_path(loaded(at, "alerts:\n  maildir: /srv/mail\n"), Path("/var/lib/s.db")) == Path("/srv/mail")


@pytest.mark.parametrize(
    ("feed", "is_what"),
    [
        ("config.yaml", "is the configuration"),
        ("s.db", "is the database"),
        ("s.db-wal", "is a file that belongs to the database"),
        ("mail/new/feed.xml", "is in the Maildir"),
    ],
)
def test_a_feed_is_no_other_file(at: Path, feed: str, is_what: str) -> None:
    text = f"database: s.db\nwatches:\n  - name: a\n    feed: {feed}\n"
    _, place, message = mistake(at, text)
    assert place == "watches[0].feed"
    assert message == f"{is_what}, which it would overwrite: name another file"


# What is allowed, yet hardly meant


def test_sound_settings_raise_no_warning(at: Path) -> None:
    assert warnings(loaded(at, SMTP + WATCH)) == ()


def test_an_example_as_sender_is_warned_of_where_mail_leaves(at: Path) -> None:
    for text in ("alerts: {deliver: sendmail}\n", SMTP.replace("  sender: statewire@ministry.invalid\n", "")):
        [warning] = warnings(loaded(at, text))
        assert warning == "alerts.sender is still the example; other servers reject mail from it"
    assert loaded(at, "").alerts.deliver is MailTransportKind.MAILDIR
    assert warnings(loaded(at, "")) == ()


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("10.0.0.5", False),
        ("relay", False),
    ],
)
def test_mail_in_the_open_is_for_this_machine(at: Path, host: str, is_local: bool) -> None:
    text = SMTP.replace("smtp.example.org", f"'{host}'") + "    security: none\n"
    found = warnings(loaded(at, text))
    assert [warning.partition(":")[0] for warning in found] == ([] if is_local else ["alerts.smtp.security is none"])


def test_a_watch_for_touches_wants_the_cosmetic(at: Path) -> None:
    [warning] = warnings(loaded(at, WATCH + "    when: [touched]\n"))
    assert warning.startswith("the watch “Desk” selects touched, but at_least: minor excludes it")
    assert warnings(loaded(at, WATCH + "    when: [touched]\n    at_least: cosmetic\n")) == ()
    assert warnings(loaded(at, WATCH + "    when: [touched]\n    enabled: false\n")) == ()
