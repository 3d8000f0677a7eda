"""Tests of the configuration: the shipped example, all mistakes at once with their places, and search paths."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scraper.config.about import About
from scraper.config.alerts import AlertSettings, Smtp, Watch
from scraper.config.choices import MailTransportKind
from scraper.config.fields import EXAMPLE_CONTACT
from scraper.config.loader import DaemonSettings, database_path, load, schema, warnings
from scraper.config.save_page_now import SavePageNowSettings
from scraper.config.settings import Endpoint, EvidenceSettings, FetchSettings, KeepSettings, Settings, Source
from scraper.errors import ConfigError
from scraper.model import EndpointKind, Role

ROOT = Path(__file__).parents[2]
CONTACT = "https://monitor.invalid/about"
FETCH = f"fetch:\n  contact: {CONTACT}\n"
GOOD = (
    FETCH
    + """\
sources:
  - name: state
    role: canonical
    endpoints:
      - kind: feed
        url: https://www.state.gov/feed/
"""
)


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def mistakes(at: Path, text: str | bytes) -> list[tuple[int | None, str, str]]:
    """Return the mistakes that `load` finds in a file with this text: (line, place, message)."""
    at.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load(at)
    assert caught.value.exit_code == 2
    assert caught.value.file == str(at)
    return [(p.line, p.path, p.message) for p in caught.value.problems]


def only_mistake(at: Path, text: str | bytes) -> tuple[int | None, str, str]:
    [mistake] = mistakes(at, text)
    return mistake


def loaded(at: Path, text: str) -> Settings:
    at.write_text(text, encoding="utf-8")
    return load(at)


def source(**changes: Any) -> Source:
    endpoint = Endpoint(kind=EndpointKind.FEED, url="https://www.state.gov/feed/")
    return Source(**{"name": "state", "role": Role.CANONICAL, "endpoints": (endpoint,)} | changes)


def settings(*sources: Source, **fetch: Any) -> Settings:
    return Settings(fetch=FetchSettings(**{"contact": CONTACT} | fetch), sources=sources or (source(),))


# The files that are shipped


def test_the_example_loads() -> None:
    example = load(ROOT / "config.yaml")
    assert [s.name for s in example.sources if s.role is Role.CANONICAL] == [
        "state-press-releases",
        "state-briefings",
        "state-secretary",
        "state-country-pages",
        "state-fact-sheets",
    ]
    assert [e.kind for e in example.sources[0].endpoints] == [
        EndpointKind.WORDPRESS,
        EndpointKind.FEED,
        EndpointKind.LISTING,
    ]
    assert {s.role for s in example.sources} == set(Role)
    assert all(s.every >= timedelta(minutes=15) for s in example.sources)
    assert not any(s.enabled for s in example.sources if s.role is Role.ARCHIVE or s.has_standing_pages)


def test_the_example_gives_the_defaults() -> None:
    example = load(ROOT / "config.yaml").fetch
    assert example == FetchSettings(contact=EXAMPLE_CONTACT)
    assert example.model_fields_set == set(FetchSettings.model_fields)


def test_the_example_sends_nothing_and_needs_no_server() -> None:
    example = load(ROOT / "config.yaml")
    assert example.alerts == AlertSettings()
    assert example.alerts.model_fields_set == set(AlertSettings.model_fields) - {"maildir", "smtp"}
    assert example.alerts.deliver is MailTransportKind.MAILDIR
    assert [watch.enabled for watch in example.watches] == [False]


def test_lines_commented_out_in_the_example_are_valid(at: Path) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    smtp = re.search(r"^  # smtp:\n(  #   .*\n)+", text, re.MULTILINE)
    hook = re.search(r"^    # webhook: .*\n    # format: .*\n    # webhook_secret_env: .*\n", text, re.MULTILINE)
    feed = re.search(r"^    # feed: .*\n", text, re.MULTILINE)
    assert smtp
    assert hook
    assert feed
    shown = smtp[0].replace("# ", "").replace("    password_file: smtp-password\n", "")
    for lines, uncommented in [(smtp[0], shown), *((each[0], each[0].replace("# ", "")) for each in (hook, feed))]:
        text = text.replace(lines, uncommented)
    read = loaded(at, text)
    assert read.alerts.smtp == Smtp(host="smtp.example.org", user="statewire", password_env="STATEWIRE_SMTP_PASSWORD")
    assert read.watches[0].webhook == "https://hooks.example.org/statewire"
    assert read.watches[0].feed == at.parent / "feeds" / "mekong.atom"


def test_the_example_asks_for_one_change_only() -> None:
    [warning] = warnings(load(ROOT / "config.yaml"))
    assert warning.startswith("fetch.contact is still the example")


def test_the_example_names_its_schema_first() -> None:
    first = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=docs/config.schema.json"


def test_the_example_describes_every_key() -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    models = (
        Settings,
        FetchSettings,
        DaemonSettings,
        Source,
        Endpoint,
        AlertSettings,
        Smtp,
        Watch,
        About,
        KeepSettings,
        EvidenceSettings,
        SavePageNowSettings,
    )
    keys = {key for model in models for key in model.model_fields}
    assert {key for key in keys if not re.search(rf"^[\s#-]*{key}:", text, re.MULTILINE)} == set()


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("timestamp_url: 'https://time.example/'", "timestamp_certificates"),
        ("timestamp_certificates: x.pem", "timestamp_url"),
    ],
)
def test_a_time_stamp_service_and_its_certificates_are_set_together(at: Path, line: str, missing: str) -> None:
    _, place, message = only_mistake(at, f"{GOOD}evidence: {{{line}}}\n")
    assert (place, "are set together" in message) == (f"evidence.{missing}", True)
    both = "{timestamp_url: 'https://time.example/', timestamp_certificates: x.pem}"
    assert loaded(at, f"{GOOD}evidence: {both}\n").evidence.timestamp_certificates == at.parent / "x.pem"


def test_the_schema_is_current() -> None:
    committed = (ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", (
        "run: statewire config schema > docs/config.schema.json"
    )


def test_the_schema_describes_every_key_and_allows_no_other() -> None:
    described = schema()
    objects = [described, *(d for d in described["$defs"].values() if d["type"] == "object")]
    assert len(objects) == 16
    for part in objects:
        assert part["additionalProperties"] is False
        assert all(p.get("description") for p in part["properties"].values())
    assert described["$defs"]["Source"]["properties"]["every"]["default"] == "15m"
    assert described["$defs"]["Watch"]["properties"]["deliver"]["default"] == "instant"


# What is read


def test_defaults_are_filled_in(at: Path) -> None:
    read = loaded(at, GOOD)
    assert read == settings()
    assert read.sources[0].every == timedelta(minutes=15)
    assert read.sources[0].enabled is True
    assert read.sources[0].language is None
    assert read.sources[0].hosts == ()
    assert read.database is None


def test_settings_do_not_change(at: Path) -> None:
    read = loaded(at, GOOD)
    with pytest.raises(ValidationError, match="frozen"):
        read.fetch.retries = 0


def test_a_byte_order_mark_is_no_matter(at: Path) -> None:
    at.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load(at) == settings()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30s", 30), ("1s", 1), ("15m", 900), ("90m", 5400), ("2h", 7200), ("1d", 86_400), ("99999d", 8_639_913_600)],
)
def test_durations(at: Path, written: str, seconds: int) -> None:
    assert loaded(at, GOOD + f"    every: {written}\n").sources[0].every == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    ["15", "15 m", "15min", "0m", "-5m", "1.5h", "m", "PT15M", "100000d", "22:30", "[15m]", "null", "'1\u0663m'"],
)
def test_bad_durations_are_named(at: Path, written: str) -> None:
    line, place, message = only_mistake(at, GOOD + f"    every: {written}\n")
    assert (line, place) == (9, "sources[0].every")
    assert "is not a duration" in message


@given(st.integers(1, 99_999), st.sampled_from("smhd"))
def test_durations_are_written_as_they_are_read(number: int, unit: str) -> None:
    read = Source.model_validate({**source().model_dump(), "every": f"{number}{unit}"})
    written = read.model_dump(mode="json")["every"]
    assert Source.model_validate({**source().model_dump(), "every": written}) == read


def test_norwegian_is_a_language(at: Path) -> None:
    assert loaded(at, GOOD + "    language: no\n").sources[0].language == "no"


def test_variables_are_taken_from_the_environment(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_CONTACT", "press@ministry.invalid")
    monkeypatch.setenv("MY_RETRIES", "1")
    read = loaded(at, GOOD.replace(CONTACT, "${MY_CONTACT}\n  retries: ${MY_RETRIES}"))
    assert read.fetch.contact == "press@ministry.invalid"
    assert read.fetch.retries == 1


def test_a_variable_that_is_not_set_is_one_mistake(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    assert only_mistake(at, GOOD.replace(CONTACT, "${NOT_THERE}")) == (
        2,
        "fetch.contact",
        "the environment variable NOT_THERE is not set",
    )


# Every mistake at once


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(at: Path) -> None:
    text = """\
fetch:
  contcat: https://x.invalid
  gap_s: 1
  state_gap_s: 4.9
  retries: 11
sources:
  - name: State PR
    role: canonicl
    every: 15 minutes
    endpoints:
      - {kind: rss, url: file:///etc/passwd}
    enabled: no
  - name: a
    name: b
    role: mirror
    endpoints: []
  - name: a
    role: &r mirror
    endpoints: [{kind: feed, url: *r}]
    hosts:
watches: [{name: a, to: [], about: {sources: [a, c]}, when: []}]
xyz: []
"""
    found = mistakes(at, text)
    assert [(line, place) for line, place, _ in found] == [
        (1, "fetch.contact"),
        (2, "fetch.contcat"),
        (3, "fetch.gap_s"),
        (4, "fetch.state_gap_s"),
        (5, "fetch.retries"),
        (7, "sources[0].name"),
        (8, "sources[0].role"),
        (9, "sources[0].every"),
        (11, "sources[0].endpoints[0].kind"),
        (11, "sources[0].endpoints[0].url"),
        (12, "sources[0].enabled"),
        (14, "sources[1].name"),
        (16, "sources[1].endpoints"),
        (17, "sources[2].name"),
        (19, "sources[2].endpoints[0].url"),
        (20, "sources[2].hosts"),
        (21, "watches[0].when"),
        (21, "watches[0].about.sources[1]"),
        (22, "xyz"),
    ]
    messages = {place: message for _, place, message in found}
    assert messages["fetch.contact"] == "is required"
    assert messages["fetch.contcat"] == "is not a known key; did you mean contact?"
    assert messages["fetch.gap_s"].startswith("should be 2 or more")
    assert messages["fetch.state_gap_s"].startswith("should be 5 or more")
    assert messages["fetch.retries"] == "should be less than or equal to 10"
    assert messages["sources[0].role"] == "should be “canonical”, “archive” or “mirror”"
    assert messages["sources[0].enabled"] == "should be true or false"
    assert messages["sources[1].name"] == "occurs twice; the first one is on line 13"
    assert messages["sources[1].endpoints"] == "should have at least one entry"
    assert messages["sources[2].name"] == "“a” is the name of sources[1] already"
    assert messages["watches[0].about.sources[1]"] == "“c” is not a source; known sources: State PR, a, a"
    known = "fetch, database, database_group, sources, keep, alerts, watches, daemon, web, evidence, save_page_now"
    assert messages["xyz"] == f"is not a known key; known here: {known}"


def test_the_error_reads_as_lines_of_file_line_place_message(at: Path) -> None:
    at.write_text(GOOD + "    evry: 1h\n    enabled: off\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(at)
    assert str(caught.value).splitlines() == [
        f"{at}:9: the source “state” (sources[0].evry): is not a known key; did you mean every?",
        f"{at}:10: the source “state” (sources[0].enabled): should be true or false",
    ]


@pytest.mark.parametrize(
    ("added", "line", "place", "message"),
    [
        ("contact: a@b.invalid\n", 9, "contact", "is not a known key here; it belongs under fetch"),
        ("    database: x.db\n", 9, "sources[0].database", "is not a known key here; it belongs at the top"),
        ("    url: https://x.invalid/\n", 9, "sources[0].url", "is not a known key here; it belongs under endpoints"),
        ("        name: x\n", 9, "sources[0].endpoints[0].name", "is not a known key here; it belongs under sources"),
        ("    language: English\n", 9, "sources[0].language", "“English” should be a language tag"),
        ("    hosts: ['https://x.invalid']\n", 9, "sources[0].hosts[0]", "should be a host name"),
        ("    hosts: [X.invalid]\n", 9, "sources[0].hosts[0]", "should be a host name"),
        ("    hosts: x.invalid\n", 9, "sources[0].hosts", "should be a list"),
        ("    hosts: [1]\n", 9, "sources[0].hosts[0]", "should be text; put it in quotes"),
        ("database: 5\n", 9, "database", "should be the path of a file"),
        ("database: ''\n", 9, "database", "should name a file"),
        ("database: ~nobody-of-that-name/x.db\n", 9, "database", "home folder"),
        ("timezone: UTC\n", 9, "timezone", "it belongs under sources or under watches"),
        ("sources_: 1\n", 9, "sources_", "did you mean sources?"),
        ("    active: 6-22\n", 9, "sources[0].active", "two times of day"),
        ("    active: 06:00-06:00\n", 9, "sources[0].active", "begins and ends at the same time (06:00): name two, or"),
        ("    timezone: Mars/Olympus\n", 9, "sources[0].timezone", "the name of a timezone"),
        ("daemon: {workers: 0}\n", 9, "daemon.workers", "greater than or equal to 1"),
        ("daemon: {workers: 99}\n", 9, "daemon.workers", "less than or equal to 32"),
        ("daemon: {tick_s: 0}\n", 9, "daemon.tick_s", "greater than 0"),
        ("daemon: {deadline: 5}\n", 9, "daemon.deadline", "did you mean deadline_s?"),
        ("enabled: true\n", 9, "enabled", "it belongs under sources or under watches"),
        ("  - name: 5\n    role: mirror\n    endpoints: x\n", 9, "sources[1].name", "should be text"),
    ],
)
def test_a_mistake_names_its_place(at: Path, added: str, line: int, place: str, message: str) -> None:
    found = mistakes(at, GOOD + added)[0]
    assert found[:2] == (line, place)
    assert message in found[2]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("retries: '3'", "whole number"),
        ("retries: 3.5", "whole number"),
        ("retries: true", "whole number"),
        ("retries: -1", "greater than or equal to 0"),
        ("max_wire_bytes: 0", "greater than or equal to 1"),
        ("max_wire_bytes: 8_000_000", "without quotes, leading zeros or separators"),
        ("max_pages_per_run: 040", "without quotes, leading zeros or separators"),
        ("deadline_s: 0", "greater than 0"),
        ("deadline_s: 30s", "number of seconds"),
        ("deadline_s: .inf", "number of seconds"),
        ("deadline_s: true", "number of seconds"),
        ("allow_private: ['127.0.0.1']", "HOST:PORT"),
        ("allow_private: ['http://127.0.0.1:80']", "HOST:PORT"),
        ("allow_private: ['::1:80']", "HOST:PORT"),
        ("allow_private: ['[127.0.0.1]:80']", "HOST:PORT"),
        ("allow_private: ['(::1):80']", "HOST:PORT"),
        ("allow_private: [':80']", "HOST:PORT"),
        ("allow_private: ['127.0.0.1:0']", "HOST:PORT"),
        ("allow_private: ['127.0.0.1:70000']", "HOST:PORT"),
        ("allow_private: ['127.0.0.1:8\u0663']", "HOST:PORT"),
    ],
)
def test_bad_fetch_settings(at: Path, setting: str, message: str) -> None:
    line, place, said = only_mistake(at, GOOD.replace(CONTACT, f"{CONTACT}\n  {setting}"))
    assert line == 3
    assert place.startswith(f"fetch.{setting.partition(':')[0]}")
    assert message in said


def test_namesakes_are_refused_in_whatever_way_settings_are_made(at: Path) -> None:
    assert only_mistake(at, GOOD + GOOD.partition("sources:\n")[2]) == (
        9,
        "sources[1].name",
        "“state” is the name of sources[0] already",
    )
    with pytest.raises(ValidationError, match="two sources have the same name"):
        settings(source(), source())


@pytest.mark.parametrize("key", ["password", "smtp_password", "token", "API_KEY", "apikey", "client_secret"])
def test_a_secret_is_refused_and_never_repeated(at: Path, key: str) -> None:
    _, place, message = only_mistake(at, GOOD.replace(CONTACT, f"{CONTACT}\n  {key}: hunter2"))
    assert place == f"fetch.{key}"
    assert "password_file: PATH" in message
    assert "password_env: NAME" in message
    assert "hunter2" not in message


def test_the_way_to_give_a_secret_is_no_secret_itself(at: Path) -> None:
    assert only_mistake(at, GOOD + "password_file: x\n")[2].startswith("is not a known key")


# Addresses


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "statewire import"),
        ("/etc/passwd", "statewire import"),
        ("./saved.html", "statewire import"),
        ("~/saved.html", "statewire import"),
        ("ftp://www.state.gov/", "begins with https://"),
        ("javascript:alert(1)", "begins with https://"),
        ("www.state.gov/feed/", "begins with https://"),
        ("https:///feed/", "begins with https://"),
        ("https://[::1/", "begins with https://"),
        ("", "not empty"),
        ("https://www.state.gov/a b", "blanks"),
        ("https://www.state.gov/a\\nb", "blanks"),
        ("https://user:hunter2@www.state.gov/", "user name or password"),
        ("https://hunter2@www.state.gov/", "user name or password"),
        ("https://:hunter2@www.state.gov/", "user name or password"),
        ("https://www.state.gov:99999/", "port"),
        ("https://www.state.gov:x/", "port"),
        ("https://www.state.gov/" + "a" * 8_000, "at most 8000 characters"),
        ("https://www.state.gov/\\x85", "blanks"),
    ],
)
def test_a_bad_address_is_refused_and_never_repeated(at: Path, url: str, message: str) -> None:
    line, place, said = only_mistake(at, GOOD.replace("https://www.state.gov/feed/", f'"{url}"'))
    assert (line, place) == (8, "sources[0].endpoints[0].url")
    assert message in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "https://[2001:db8::1]/", "HTTPS://www.state.gov/?page_id=1"]
)
def test_good_addresses(url: str) -> None:
    assert Endpoint(kind=EndpointKind.PAGE, url=url).url == url


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (GOOD.replace("name: state", f"name: {'a' * 101}"), "sources[0].name", "at most 100 characters"),
        (f"{GOOD}watches: [{{name: {'a' * 1_001}}}]\n", "watches[0].name", "at most 1000 characters"),
        (f"{GOOD}database_group: a:b\n", "database_group", "the name of a group"),
        (f"{GOOD}database_group: {'a' * 33}\n", "database_group", "the name of a group"),
    ],
)
def test_names_have_bounds(at: Path, text: str, place: str, message: str) -> None:
    assert place in [found for _, found, said in mistakes(at, text) if message in said]
    assert loaded(at, f"{GOOD}database_group: readers\n").database_group == "readers"


@pytest.mark.parametrize("contact", ["https://x.invalid/who?a=1", "http://127.0.0.1/", "desk+state@press.x.invalid"])
def test_good_contacts(contact: str) -> None:
    assert FetchSettings(contact=contact).contact == contact


@pytest.mark.parametrize(
    "contact",
    [
        "us",
        "",
        "https://x.invalid/a)b",
        "https://x.invalid/\r\nX: y",
        "https://x.invalid/\u00e9",
        "a@b",
        "a b@x.invalid",
        "https://user:hunter2@x.invalid/",
        "mailto:a@x.invalid",
    ],
)
def test_bad_contacts(contact: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FetchSettings(contact=contact)
    assert "hunter2" not in caught.value.errors()[0]["msg"]


def test_redirects_stay_with_the_source() -> None:
    mirror = source(
        endpoints=(
            Endpoint(kind=EndpointKind.FEED, url="https://News.invalid/feed/"),
            Endpoint(kind=EndpointKind.LISTING, url="http://127.0.0.1:8080/"),
        ),
        hosts=("www.news.invalid",),
    )
    assert mirror.allowed_hosts == {"news.invalid", "127.0.0.1", "www.news.invalid"}


@pytest.mark.parametrize("host", ["www.state.gov", "state.gov", "2021-2025.state.gov", "preview.state.gov"])
def test_redirects_within_state_gov_are_allowed(host: str) -> None:
    state = source(endpoints=(Endpoint(kind=EndpointKind.LISTING, url=f"https://{host}/"),))
    assert state.allowed_hosts == {host, "state.gov", "www.state.gov", "preview.state.gov"}


# Politeness


def test_politeness_can_be_raised_and_not_lowered() -> None:
    assert FetchSettings(contact=CONTACT, state_gap_s=60, gap_s=2).state_gap_s == 60
    with pytest.raises(ValidationError, match="5 or more"):
        FetchSettings(contact=CONTACT, state_gap_s=4.99)
    with pytest.raises(ValidationError, match="2 or more"):
        FetchSettings(contact=CONTACT, gap_s=1.99)


def test_a_trial_on_ones_own_machine_may_hurry() -> None:
    quick = FetchSettings(
        contact=CONTACT, allow_private=("127.0.0.1:8080", "[::1]:80", "localhost:8080"), state_gap_s=0.01, gap_s=0.01
    )
    assert (quick.state_gap_s, quick.gap_s) == (0.01, 0.01)


# Files that are no configuration


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", None, "is empty"),
        (b"# nothing\n", None, "is empty"),
        (b"- a\n- b\n", 1, "at the top"),
        (b"\njust text\n", 2, "at the top"),
        (b"a: b: c\n", 1, "is not YAML"),
        (b"fetch:\n  contact: caf\xe9\n", 2, "is not UTF-8"),
        ("fetch: {}\n".encode("utf-16"), 1, "is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", 1, "is not UTF-8"),
        (b"fetch: 1\nsources: 2\nfetch: {}\n---\n", 3, "occurs twice"),
    ],
)
def test_files_that_are_no_configuration(at: Path, content: bytes, line: int | None, message: str) -> None:
    found = mistakes(at, content)
    assert found[0][0] == line
    assert message in found[0][2]


def test_sections_of_the_wrong_shape(at: Path) -> None:
    assert [(place, said.partition(":")[0]) for _, place, said in mistakes(at, "fetch: []\nsources: {a: 1}\n")] == [
        ("fetch", "should be a section"),
        ("sources", "should be a list"),
    ]
    assert only_mistake(at, FETCH + "sources: [x]\n")[1] == "sources[0]"
    assert only_mistake(at, FETCH)[1:] == ("sources", "is required")


def test_a_missing_file(at: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; give another one with --config FILE"):
        load(at)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


# Where things are


def test_the_database_lies_beside_the_configuration(at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    loaded(at, GOOD + "database: data/s.db\n")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load(Path("../config.yaml")).database == tmp_path / "data" / "s.db"
    assert loaded(at, GOOD + f"database: {tmp_path}/abs.db\n").database == tmp_path / "abs.db"


def test_a_tilde_is_the_home_folder(at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert loaded(at, GOOD + "database: ~/s.db\n").database == tmp_path / "home" / "s.db"


def test_the_database_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/statewire:/var/lib/other")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    configured = settings().model_copy(update={"database": tmp_path / "configured.db"})
    assert database_path(configured, Path("named.db")) == Path("named.db")
    assert database_path(configured, None) == tmp_path / "configured.db"
    assert database_path(settings(), None) == Path("/var/lib/statewire/statewire.db")
    monkeypatch.delenv("STATE_DIRECTORY")
    users = database_path(settings(), None)
    assert users.is_relative_to(tmp_path)
    assert users.parts[-2:] == ("statewire", "statewire.db")


def test_a_path_needs_no_file_to_be_relative_to() -> None:
    assert Settings(fetch=FetchSettings(contact=CONTACT), sources=(), database=Path("s.db")).database == Path("s.db")
    assert Settings(fetch=FetchSettings(contact=CONTACT), sources=(), database=None).database is None


# What is allowed, yet hardly meant


def test_sound_settings_raise_no_warning() -> None:
    assert warnings(settings()) == ()


@pytest.mark.parametrize("contact", [EXAMPLE_CONTACT, "desk@example.com", "https://www.example.net/x"])
def test_a_contact_that_is_no_contact(contact: str) -> None:
    [warning] = warnings(settings(contact=contact))
    assert warning.startswith("fetch.contact is still the example")


def test_other_warnings() -> None:
    [opened] = warnings(settings(allow_private=("127.0.0.1:80",)))
    assert opened == "fetch.allow_private allows requests to your own network: 127.0.0.1:80"
    [idle] = warnings(settings(source(enabled=False, every=timedelta(seconds=1))))
    assert idle == "no source is enabled, so nothing is fetched"
    [hasty] = warnings(settings(source(name="a"), source(name="b", every=timedelta(seconds=90))))
    assert hasty == (
        "the source “b” is polled every 90s; less than 5m causes load and brings no news: state.gov updates its feeds"
        " every ten minutes"
    )
    [of_mirror] = warnings(settings(source(name="c", role=Role.MIRROR, every=timedelta(seconds=90))))
    assert of_mirror == "the source “c” is polled every 90s; less than 5m causes load on the site"


@pytest.mark.parametrize(
    ("added", "found"),
    [
        (
            "    active: 06:00-22:00\n",
            "has active hours and no timezone: these hours are taken as UTC; set a timezone",
        ),
        ("    timezone: America/New_York\n", "has a timezone but no active hours, so the timezone has no effect"),
        ("    active: 06:00-22:00\n    timezone: UTC\n", ""),
        ("    active: 06:00-22:00\n    timezone: America/New_York\n", ""),
        ("    active: null\n    timezone: UTC\n", ""),
        ("    active: 06:00-22:00\n    enabled: false\n", ""),
        ("    timezone: America/New_York\n    enabled: false\n", ""),
    ],
)
def test_hours_and_their_timezone_belong_together(at: Path, added: str, found: str) -> None:
    hours = [warning for warning in warnings(loaded(at, GOOD + added)) if "timezone" in warning]
    assert hours == ([f"the source “state” {found}"] if found else [])


# What is written


def test_a_dumped_configuration_loads_as_the_same(at: Path) -> None:
    first = load(ROOT / "config.yaml")
    assert loaded(at, yaml.safe_dump(first.model_dump(mode="json"), sort_keys=False)) == first


@pytest.mark.parametrize(
    ("second", "mistake"),
    [
        ("webhook_secret_env: KEY_A", None),
        ("webhook_secret_env: KEY_B", (13, "watches[1].webhook_secret_env")),
        ("enabled: true", (12, "watches[1].webhook")),
    ],
)
def test_a_webhook_that_two_watches_share_has_one_key(at: Path, second: str, mistake: tuple[int, str] | None) -> None:
    text = (
        GOOD
        + f"""\
watches:
  - {{name: a, webhook: "https://hook.example/x", webhook_secret_env: KEY_A}}
  - name: b
    webhook: https://hook.example/x
    {second}
  - {{name: c, webhook: "https://hook.example/y", webhook_secret_env: KEY_C}}
"""
    )
    if mistake is None:
        assert loaded(at, text).watches
    else:
        assert only_mistake(at, text) == (
            *mistake,
            "is signed with another key by the watch “a” (watches[0]); use the same one in both",
        )


def test_a_database_in_memory_is_a_mistake(at: Path) -> None:
    line, path, message = only_mistake(at, f'{GOOD}database: ":memory:"\n')
    assert (line, path) == (GOOD.count("\n") + 1, "database")
    assert message == "should name a file; a database in memory would end with each command"
    assert load_good(at, "database: null\n").database is None


def load_good(at: Path, more: str) -> Settings:
    at.write_text(GOOD + more, encoding="utf-8")
    return load(at)


PAGES = """\
fetch: {{contact: https://monitor.invalid/about}}
sources:
  - name: pages
    role: {role}
    endpoints: [{{{endpoint}}}]
"""


def pages(at: Path, endpoint: str, role: str = "canonical") -> Endpoint:
    at.write_text(PAGES.format(role=role, endpoint=endpoint), encoding="utf-8")
    (source,) = load(at).sources
    assert source.has_standing_pages
    return source.endpoints[0]


def test_standing_pages_are_named_by_a_list_or_one_by_one(at: Path) -> None:
    listed = pages(at, "kind: pages, url: 'https://www.state.gov/sitemap.xml', include: [/a/*], shortest: 2h")
    assert (listed.include, listed.shortest, listed.longest) == (("/a/*",), timedelta(hours=2), timedelta(days=7))
    named = pages(at, "kind: pages, urls: ['https://www.state.gov/a/', 'https://www.state.gov/b/']")
    assert named.url == "https://www.state.gov/a/"
    assert "url" not in named.model_dump()
    assert Endpoint(**named.model_dump()) == named
    assert Endpoint(**listed.model_dump()) == listed


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        ("kind: pages", "url): is required"),
        ("kind: feed, url: 'https://a.example/', include: [/a/*]", "include): is for `kind: pages` only"),
        ("kind: pages, url: 'https://a.example/', urls: ['https://a.example/x']", "urls): are the pages themselves"),
        ("kind: pages, urls: ['https://a.example/x'], exclude: [/a/*]", "urls): are the pages themselves"),
        ("kind: pages, urls: ['https://a.example/x', 'https://b.example/x']", "urls): should be on one host"),
        ("kind: pages, url: 'https://a.example/', shortest: 8d", "longest): should be no shorter than `shortest`"),
        ("kind: pages, url: 'https://a.example/', longest: 31d", "longest): should be no shorter than `shortest`"),
        ("kind: pages, url: 'https://a.example/', include: [a/*]", "include[0]): should be the path of a URL"),
        (
            "kind: pages, url: 'https://a.example/'}, {kind: feed, url: 'https://a.example/feed/'",
            "endpoints): should be all of the kind pages, or none",
        ),
    ],
)
def test_an_endpoint_of_standing_pages_that_contradicts_itself(at: Path, endpoint: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        pages(at, endpoint)


@pytest.mark.parametrize("role", ["mirror", "archive"])
def test_standing_pages_are_those_of_state_itself(at: Path, role: str) -> None:
    with pytest.raises(ConfigError, match=r"role\): should be canonical"):
        pages(at, "kind: pages, url: 'https://a.example/'", role)
