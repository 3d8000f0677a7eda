"""Typed, frozen settings: one class a section of config.yaml."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from scraper import urls
from scraper.config.alerts import AlertSettings, QuietField, TimezoneField, Watch
from scraper.config.fields import (
    Contact,
    Count,
    Duration,
    File,
    Group,
    Host,
    Language,
    Name,
    PositiveCount,
    PrivateAddress,
    Seconds,
    Url,
    UrlPattern,
    not_empty,
)
from scraper.config.names import name_key
from scraper.config.save_page_now import SavePageNowSettings
from scraper.config.searches import SearchSettings, endpoint_problem
from scraper.config.sections import SettingsModel, misfit
from scraper.model import EndpointKind, Role
from scraper.rules import budgets, state_hosts
from scraper.rules.schedule import LONGEST_RECHECK, ActiveHours

MIN_STATE_GAP_S: Final = 5.0
MIN_GAP_S: Final = 2.0
_DAY = timedelta(days=1)


class FetchSettings(SettingsModel):
    """Settings of requests: identity, timeouts, size limits, pauses."""

    contact: Contact
    """A web page or an e-mail address at which operators of monitored sites reach you. Sent with every request."""
    deadline_s: Seconds = 30.0
    """Seconds for one whole exchange, redirects included."""
    connect_timeout_s: Seconds = 5.0
    """Seconds to wait for a connection."""
    read_timeout_s: Seconds = 15.0
    """Seconds to wait for the next bytes of a response."""
    max_wire_bytes: PositiveCount = 8_000_000
    """Largest response in bytes as sent; a longer one is refused."""
    max_decoded_bytes: PositiveCount = 8_000_000
    """Largest response in bytes once decompressed; a longer one is refused."""
    max_sitemap_bytes: PositiveCount = 50_000_000
    """The same two bounds for sitemaps, which the sitemap protocol allows to be this large."""
    max_redirects: Count = 5
    """Redirects followed for one document."""
    retries: Annotated[Count, Field(le=10)] = 3
    """Retries after a transient failure (no connection, too many requests, a server error)."""
    retry_after_cap_s: Seconds = 86_400.0
    """The longest wait in seconds that a Retry-After header may impose."""
    allow_private: tuple[PrivateAddress, ...] = ()
    """Hosts of your own network that may be fetched all the same, as HOST:PORT. For trials only."""
    state_gap_s: Seconds = MIN_STATE_GAP_S
    """Seconds between two requests to state.gov. Its robots.txt asks for five: less is refused."""
    gap_s: Seconds = MIN_GAP_S
    """Seconds between two requests to any other host; less than two is refused."""
    requests_per_day: PositiveCount | None = 3000
    """Requests to any one host in a day (UTC); then it gets none until midnight. null: no limit."""
    claims_per_day: Count = 20
    """State URLs requested in a day (UTC) because pages of one mirror name them as their source; the rest waits."""
    max_pages_per_run: PositiveCount = 40
    """Pages fetched for one source in one run; the rest waits for the next."""

    @property
    def longest_pause(self) -> timedelta:
        """The longest pause that a host may ask for."""
        return timedelta(seconds=self.retry_after_cap_s)

    @field_validator("state_gap_s", "gap_s")
    @classmethod
    def _is_polite(cls, value: float, info: ValidationInfo) -> float:
        floor = MIN_STATE_GAP_S if info.field_name == "state_gap_s" else MIN_GAP_S
        # A trial against one's own machine burdens no other site. Without the key, allow_private was itself refused.
        if value < floor and not info.data.get("allow_private", True):
            raise ValueError(f"should be {floor:g} or more, to protect the monitored sites from load")
        return value


class Endpoint(SettingsModel):
    """One URL of a source and the kind of its responses."""

    kind: EndpointKind
    """The kind of its responses: wordpress (REST), feed (RSS, Atom, JSON Feed), listing (HTML), sitemap, page,
    search (a search service); or pages: standing pages, each of which is checked for edits."""
    url: Url = ""
    """Its URL. With `pages`, that of a sitemap or of a page: the pages that it names, or links to, are watched."""
    urls: tuple[Url, ...] = ()
    """For `pages`, in place of `url`: the pages themselves, all on one host."""
    include: tuple[UrlPattern, ...] = ()
    """For `pages` with `url`: patterns of the paths of pages that are watched, such as /countries-areas/*. A * stands
    for any characters, a ? for one. Left out: all pages on its host."""
    exclude: tuple[UrlPattern, ...] = ()
    """For `pages` with `url`: patterns of the paths of pages that are left out."""
    shortest: Annotated[Duration, Field(json_schema_extra={"default": "6h"})] = timedelta(hours=6)
    """For `pages`: the interval between two requests to a page after it has changed. It grows while nothing changes."""
    longest: Annotated[Duration, Field(json_schema_extra={"default": "7d"})] = timedelta(days=7)
    """For `pages`: the longest interval between two requests to a page, at most 30d."""

    @model_serializer(mode="wrap")
    def _without_other_keys(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what only standing pages have, and the URL that `urls` gives."""
        given: dict[str, Any] = dump(self)
        if self.kind is not EndpointKind.PAGES:
            return {"kind": given["kind"], "url": given["url"]}
        del given["url" if self.urls else "urls"]
        return given

    @model_validator(mode="before")
    @classmethod
    def _has_a_url(cls, value: object) -> object:
        """Give an endpoint with `urls` the first of them as its URL, which names it in reports."""
        listed = value.get("urls") if isinstance(value, dict) and "url" not in value else None
        return (
            {**value, "url": listed[0]}
            if isinstance(value, dict) and isinstance(listed, list | tuple) and listed
            else value
        )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if not self.url:
            raise misfit("url", "is required")
        given = self.model_fields_set & {"urls", "include", "exclude", "shortest", "longest"}
        if self.kind is not EndpointKind.PAGES and given:
            raise misfit(min(given), "is for `kind: pages` only")
        if self.urls and (self.url != self.urls[0] or self.include or self.exclude):
            raise misfit("urls", "are the pages themselves: leave out `url`, `include` and `exclude`")
        if len({urls.host_key(url) for url in self.urls}) > 1:
            raise misfit("urls", "should be on one host; make a source for each host")
        if not self.shortest <= self.longest <= LONGEST_RECHECK:
            raise misfit("longest", f"should be no shorter than `shortest`, and at most {LONGEST_RECHECK.days}d")
        return self


class Source(SettingsModel):
    """A monitored site: State itself, an archive or a mirror."""

    name: Name
    """The name of the source in reports and on the command line."""
    role: Role
    """canonical: State itself, on any host; archive: its former sites; mirror: a site that republishes State."""
    endpoints: Annotated[tuple[Endpoint, ...], AfterValidator(not_empty), Field(json_schema_extra={"minItems": 1})]
    """Its endpoints, best first: if one fails, the next one is tried."""
    every: Annotated[Duration, Field(json_schema_extra={"default": "15m"})] = timedelta(minutes=15)
    """The interval between polls: a number and s, m, h or d. Adapts down to half while there is much news, up to four
    times while there is none."""
    active: QuietField = None
    """The hours in which the daemon polls it, such as 06:00-22:00. Left out: always."""
    timezone: TimezoneField = ZoneInfo("UTC")
    """The timezone of those hours."""
    enabled: StrictBool = True
    """false keeps the entry and polls nothing."""
    language: Language | None = None
    """The language of its texts (en, fr, zh-Hant), if the site does not state it."""
    hosts: tuple[Host, ...] = ()
    """Further hosts that its redirects may lead to."""
    search: SearchSettings | None = None
    """The search service behind its only endpoint, of kind search: it is asked for pages that carry statements."""

    @model_validator(mode="after")
    def _has_search_for_its_endpoint(self) -> Self:
        is_search = any(endpoint.kind is EndpointKind.SEARCH for endpoint in self.endpoints)
        if self.search is None:
            if is_search:
                raise misfit("search", "is required for an endpoint of kind search: name its service there")
            return self
        if not is_search or len(self.endpoints) > 1 or self.role is not Role.MIRROR:
            raise misfit("search", "belongs to a source with the role mirror and one endpoint, of kind search")
        if problem := endpoint_problem(self.search, self.endpoints[0].url):
            raise misfit(*problem)
        return self

    @property
    def has_standing_pages(self) -> bool:
        """True if its endpoints name standing pages."""
        return self.endpoints[0].kind is EndpointKind.PAGES

    @model_validator(mode="after")
    def _names_pages_only_of_state(self) -> Self:
        kinds = {endpoint.kind for endpoint in self.endpoints}
        if EndpointKind.PAGES in kinds and len(kinds) > 1:
            raise misfit("endpoints", "should be all of the kind pages, or none; make two sources of them")
        if EndpointKind.PAGES in kinds and self.role is not Role.CANONICAL:
            raise misfit("role", "should be canonical, for `kind: pages` watches what State itself says")
        return self

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that its redirects may lead to: its own, those in `hosts`, and the other names of www.state.gov."""
        own = {urls.host(endpoint.url) for endpoint in self.endpoints} | set(self.hosts)
        if any(map(state_hosts.is_named, own)):
            own |= urls.STATE_SITE
        return frozenset(own)

    @property
    def hours(self) -> ActiveHours | None:
        """The hours in which it is polled, None for always."""
        return ActiveHours(self.active.start, self.active.stop, self.timezone) if self.active else None


class KeepSettings(SettingsModel):
    """Retention of responses. Statements and pages, with every wording that they had, are kept for ever."""

    bodies: Annotated[Duration, Field(json_schema_extra={"default": "90d"})] = timedelta(days=90)
    """Retention of the bodies of responses and of delivered mail. Evidence stays for ever: a response
    in which a wording first appeared, with which a revision, a withdrawal or an altered copy was found, or that was
    exported in a bundle."""
    captures: Annotated[Duration, Field(json_schema_extra={"default": "365d"})] = timedelta(days=365)
    """Retention of the record of requests: URL, time, outcome."""
    max_bytes: PositiveCount = 5_000_000_000
    """Limit in bytes for all bodies together, compressed; beyond it the oldest are deleted sooner."""

    @field_validator("bodies", "captures")
    @classmethod
    def _is_long_enough(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value < _DAY:
            raise ValueError("should be 1d or more: the captures of today are needed again")
        if info.field_name == "captures" and value < info.data.get("bodies", value):
            raise ValueError("should be no shorter than bodies: a body is found by its capture")
        return value


class DaemonSettings(SettingsModel):
    """Settings of `statewire run`: concurrency, timer, deadlines, heartbeat and metrics."""

    workers: Annotated[PositiveCount, Field(le=32)] = 4
    """Sources polled at the same time, each on hosts of its own."""
    tick_s: Annotated[Seconds, Field(le=60)] = 10.0
    """Seconds between two checks for due sources."""
    deadline_s: Seconds = 900.0
    """Seconds that a poll, or a pass over due messages, may take: then it stores what it has and leaves the rest to the
    next. A poll that makes no progress for so long counts as failed; without any for twice as long the process exits,
    so that its supervisor restarts it."""
    grace_s: Seconds = 10.0
    """Seconds that running polls have to finish when the daemon stops."""
    heartbeat_url: Url | None = None
    """A URL that receives a POST every minute while monitoring works (as healthchecks.io expects it), and one at
    the same URL with `/fail` while it does not. Anyone with the URL can send heartbeats: only its host is shown."""
    metrics_file: File | None = None
    """A file, such as /run/statewire/statewire.prom, that is written every minute for Prometheus's node_exporter."""


class WebSettings(SettingsModel):
    """Settings of the pages: `statewire web` and `statewire site`."""

    base_url: Url | None = None
    """Public URL at which the pages are served, such as https://statewire.example.org/. Mails and feeds then link to
    them. Left out: they name commands."""
    site_dir: File | None = None
    """A folder in which the daemon keeps the pages as files, up to date after each run."""
    fetch_urls: StrictBool = False
    """Let readers of `statewire web` check a page by its URL, which sends a request to it. Left out: by its text
    only."""


class EvidenceSettings(SettingsModel):
    """Settings of `statewire export evidence`."""

    timestamp_url: Url | None = None
    """The URL of a time-stamp service (RFC 3161), which then stamps each bundle. Needs the extra `evidence`. The
    service receives a hash, and no content."""
    timestamp_certificates: File | None = None
    """A PEM file with the certificates of that service: its root, and those between it and the one that signs. It
    becomes a part of each bundle."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.timestamp_url is None) != (self.timestamp_certificates is None):
            key = "timestamp_url" if self.timestamp_url is None else "timestamp_certificates"
            raise misfit(key, "is missing: a service and its certificates are set together")
        return self


_Named = TypeVar("_Named", Source, Watch)


class Settings(SettingsModel):
    """The whole configuration."""

    fetch: FetchSettings
    """Settings of requests."""
    database: File | None = None
    """The database file, relative to this file. Left out: the system's place for such data."""
    database_group: Group | None = None
    """A group of this machine whose members may read the database. Left out: only its owner may."""
    sources: tuple[Source, ...]
    """The monitored sites."""
    keep: KeepSettings = KeepSettings()
    """Retention of responses."""
    alerts: AlertSettings = AlertSettings()
    """Sender, transport and limits of alerts."""
    watches: tuple[Watch, ...] = ()
    """Subscriptions to events."""
    daemon: DaemonSettings = DaemonSettings()
    """Settings of `statewire run`."""
    web: WebSettings = WebSettings()
    """Settings of the pages."""
    evidence: EvidenceSettings = EvidenceSettings()
    """Settings of evidence bundles."""
    save_page_now: SavePageNowSettings = SavePageNowSettings()
    """Settings of Save Page Now, which saves pages for watches with `save_pages`."""

    @property
    def saves_pages(self) -> bool:
        """True if an enabled watch has pages saved."""
        return any(watch.enabled and watch.save_pages for watch in self.watches)

    @property
    def claims_of_mirror(self) -> int:
        """The most claims of each mirror that are requested in a day."""
        mirrors = sum(s.role is Role.MIRROR and s.enabled and s.search is None for s in self.sources)
        return budgets.claims_of_mirror(self.fetch.claims_per_day, self.fetch.requests_per_day, mirrors)

    @field_validator("database")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and value.name == ":memory:":
            raise ValueError("should name a file; a database in memory would end with each command")
        return value

    @model_validator(mode="after")
    def _has_a_key_to_save_pages(self) -> Self:
        if self.saves_pages and not self.save_page_now.has_key:
            raise misfit("save_page_now", "needs the keys of an account: name where they are in key_env or key_file")
        return self

    @field_validator("sources", "watches")
    @classmethod
    def _has_no_namesakes(cls, value: tuple[_Named, ...], info: ValidationInfo) -> tuple[_Named, ...]:
        if len({name_key(entry.name) for entry in value}) < len(value):
            raise PydanticCustomError("namesakes", f"two {info.field_name} have the same name")
        return value
