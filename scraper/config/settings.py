"""Typed, frozen settings: one class a section of config.yaml."""

from datetime import timedelta
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StrictBool, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from scraper import urls
from scraper.config import checks
from scraper.config.alerts import AlertSettings, Model, QuietField, TimezoneField, Watch
from scraper.config.fields import (
    Contact,
    Count,
    Duration,
    File,
    Host,
    Language,
    Name,
    PositiveCount,
    PrivateAddress,
    Seconds,
    Url,
    not_empty,
)
from scraper.model import EndpointKind, Role
from scraper.rules.schedule import ActiveHours

MIN_STATE_GAP_S: Final = 5.0
MIN_GAP_S: Final = 2.0
_DAY = timedelta(days=1)


class FetchSettings(Model):
    """How answers are asked for: who asks, how patiently, how much is taken."""

    contact: Contact
    """Where the people who run a watched site reach you: a web page or a mail address. Sent with every request."""
    deadline_s: Seconds = 30.0
    """Seconds for one whole exchange, redirects included."""
    connect_timeout_s: Seconds = 5.0
    """Seconds until a connection stands."""
    read_timeout_s: Seconds = 15.0
    """Seconds of silence within an answer."""
    max_wire_bytes: PositiveCount = 8_000_000
    """Bytes of an answer as sent; a longer one is refused."""
    max_decoded_bytes: PositiveCount = 8_000_000
    """Bytes of an answer once unpacked; a longer one is refused."""
    max_sitemap_bytes: PositiveCount = 50_000_000
    """The same two bounds for sitemaps, which the sitemap protocol allows to be this large."""
    max_redirects: Count = 5
    """Redirects followed for one document."""
    retries: Annotated[Count, Field(le=10)] = 3
    """Further tries after a passing failure (no connection, too many requests, a server error)."""
    retry_after_cap_s: Seconds = 86_400.0
    """The longest wait in seconds that a server may ask for."""
    allow_private: tuple[PrivateAddress, ...] = ()
    """Addresses of your own network that may be asked all the same, as HOST:PORT. For trials only."""
    state_gap_s: Seconds = MIN_STATE_GAP_S
    """Seconds between two requests to state.gov. Its robots.txt asks for five: less is refused."""
    gap_s: Seconds = MIN_GAP_S
    """Seconds between two requests to any other host; less than two is refused."""
    requests_per_day: PositiveCount | None = 3000
    """Requests to any one host in a day (UTC); then it is left alone until midnight. null: as many as it takes."""
    max_pages_per_run: PositiveCount = 40
    """Pages fetched for one source in one run; the rest waits for the next."""

    @field_validator("state_gap_s", "gap_s")
    @classmethod
    def _is_polite(cls, value: float, info: ValidationInfo) -> float:
        floor = MIN_STATE_GAP_S if info.field_name == "state_gap_s" else MIN_GAP_S
        # A trial against one's own machine hurts nobody. Without the key, allow_private was itself refused.
        if value < floor and not info.data.get("allow_private", True):
            raise ValueError(f"should be {floor:g} or more: the sites that are watched stay unburdened")
        return value


class Endpoint(Model):
    """One way to ask a source."""

    kind: EndpointKind
    """The shape of its answers: wordpress (REST), feed (RSS, Atom, JSON Feed), listing (HTML), sitemap, page."""
    url: Url
    """Its address."""


class Source(Model):
    """A place that is watched."""

    name: Name
    """What it is called in reports and on the command line."""
    role: Role
    """canonical: State itself; archive: its former sites; mirror: somebody who republishes State."""
    endpoints: Annotated[tuple[Endpoint, ...], AfterValidator(not_empty), Field(json_schema_extra={"minItems": 1})]
    """The ways to ask it, best first: the next one is tried when one fails."""
    every: Annotated[Duration, Field(json_schema_extra={"default": "15m"})] = timedelta(minutes=15)
    """How long from one look to the next: a number and s, m, h or d. Down to half while much comes, up to four times
    while nothing does."""
    active: QuietField = None
    """The hours in which the daemon asks it, such as 06:00-22:00. Left out: always."""
    timezone: TimezoneField = ZoneInfo("UTC")
    """The timezone of those hours."""
    enabled: StrictBool = True
    """false keeps the entry without asking it."""
    language: Language | None = None
    """The language of its texts (en, fr, zh-Hant), where the site does not say it."""
    hosts: tuple[Host, ...] = ()
    """Further hosts that its redirects may lead to."""

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that its redirects may lead to: its own, those in `hosts`, and for state.gov apex and www."""
        own = {urls.host(endpoint.url) for endpoint in self.endpoints} | set(self.hosts)
        if any(urls.is_state(host) for host in own):
            own |= {"state.gov", "www.state.gov"}
        return frozenset(own)

    @property
    def hours(self) -> ActiveHours | None:
        """The hours in which it is asked, None for always."""
        return ActiveHours(self.active.start, self.active.stop, self.timezone) if self.active else None


class KeepSettings(Model):
    """How long answers are kept. Statements and pages, with every wording that they had, are kept for ever."""

    bodies: Annotated[Duration, Field(json_schema_extra={"default": "90d"})] = timedelta(days=90)
    """How long the bodies of answers, and of mail that was delivered, are kept. An answer that a wording was first read
    from is kept for ever."""
    captures: Annotated[Duration, Field(json_schema_extra={"default": "365d"})] = timedelta(days=365)
    """How long it is kept what was asked, when, and how it was answered."""
    max_bytes: PositiveCount = 5_000_000_000
    """Bytes that all bodies together may take, compressed; beyond it the oldest go sooner."""

    @field_validator("bodies", "captures")
    @classmethod
    def _is_long_enough(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value < _DAY:
            raise ValueError("should be 1d or more: what happened today is looked up again")
        if info.field_name == "captures" and value < info.data.get("bodies", value):
            raise ValueError("should be no shorter than bodies: a body is found by its capture")
        return value


class DaemonSettings(Model):
    """How `statewire run` works: how much at once, how often it looks what is due, how long it waits, whom it tells."""

    workers: Annotated[PositiveCount, Field(le=32)] = 4
    """Sources asked at the same time, each on hosts of its own."""
    tick_s: Annotated[Seconds, Field(le=60)] = 10.0
    """Seconds from one look at what is due to the next."""
    deadline_s: Seconds = 900.0
    """Seconds after which a source that is still being asked counts as failed; after twice as many the process ends,
    for its supervisor to start it anew."""
    grace_s: Seconds = 10.0
    """Seconds that what runs has to finish when the daemon is told to stop."""
    heartbeat_url: Url | None = None
    """An address that hears every minute that the watch lives (by POST, as healthchecks.io wants it), and at the same
    address with `/fail` that it does not work. Who knows it can feign that, so no more than its host is shown."""
    metrics_file: File | None = None
    """A file, such as /run/statewire/statewire.prom, that is written every minute for Prometheus's node_exporter."""


_Named = TypeVar("_Named", Source, Watch)


class Settings(Model):
    """All that is configured."""

    fetch: FetchSettings
    """How answers are asked for."""
    database: File | None = None
    """Where the database file is; relative to this file. Left out: the place that the system keeps for such data."""
    sources: tuple[Source, ...]
    """What is watched."""
    keep: KeepSettings = KeepSettings()
    """How long answers are kept."""
    alerts: AlertSettings = AlertSettings()
    """From which address and by which way alerts go out, and how many."""
    watches: tuple[Watch, ...] = ()
    """Who wants to hear of which events."""
    daemon: DaemonSettings = DaemonSettings()
    """How `statewire run` works."""

    @field_validator("sources", "watches")
    @classmethod
    def _has_no_namesakes(cls, value: tuple[_Named, ...], info: ValidationInfo) -> tuple[_Named, ...]:
        if len({checks.alike(entry.name) for entry in value}) < len(value):
            raise PydanticCustomError("namesakes", f"two {info.field_name} have the same name")
        return value
