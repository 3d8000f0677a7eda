"""Settings of alerts: watches (recipients, subjects, events, times) and the transport of mail."""

import ipaddress
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StrictBool,
    WithJsonSchema,
    model_validator,
)

from scraper.config.about import About
from scraper.config.choices import Cadence, MailTransportKind, Security, Topic, WebhookFormat
from scraper.config.fields import (
    Count,
    File,
    MailAddress,
    MailHost,
    Seconds,
    SenderAddress,
    Text,
    Url,
    Variable,
    not_empty,
)
from scraper.config.sections import SettingsModel, misfit
from scraper.model import Grade
from scraper.rules.page_saves import SavedPart

EXAMPLE_SENDER: Final = "statewire@localhost.localdomain"

_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DELIVER = re.compile(rf"(instant)|(daily) {_CLOCK}|(weekly) ({'|'.join(_DAYS)}) {_CLOCK}")
_QUIET = re.compile(rf"{_CLOCK}-{_CLOCK}")


DEFAULT_TOPICS: Final = (
    Topic.PUBLISHED,
    Topic.REVISED,
    Topic.RETITLED,
    Topic.WITHDRAWN,
    Topic.RESTORED,
    Topic.ALTERED,
    Topic.OUTDATED,
    Topic.UNSOURCED,
)


class DeliveryRhythm(SettingsModel):
    """Schedule of a watch's mails: at once, or at a time of day (weekly: on `weekday`, 0 is Monday) in its timezone."""

    cadence: Cadence = Cadence.INSTANT
    at: time = time(7, 0)
    weekday: int = 0


class QuietHours(SettingsModel):
    """Hours from `start` to `stop`, past midnight if `stop` is the earlier."""

    start: time
    stop: time


def _rhythm(value: object) -> object:
    if isinstance(value, DeliveryRhythm):
        return value
    match = _DELIVER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("should be “instant”, “daily 07:00” or “weekly Mon 07:00”")
    if match[1]:
        return DeliveryRhythm()
    if match[2]:
        return DeliveryRhythm(cadence=Cadence.DAILY, at=time(int(match[3]), int(match[4])))
    return DeliveryRhythm(cadence=Cadence.WEEKLY, at=time(int(match[7]), int(match[8])), weekday=_DAYS.index(match[6]))


def rhythm_text(rhythm: DeliveryRhythm) -> str:
    """Format a rhythm as the file spells it: `weekly Mon 07:00`."""
    if rhythm.cadence is Cadence.INSTANT:
        return "instant"
    day = f" {_DAYS[rhythm.weekday]}" if rhythm.cadence is Cadence.WEEKLY else ""
    return f"{rhythm.cadence}{day} {rhythm.at:%H:%M}"


def _quiet(value: object) -> object:
    if value is None or isinstance(value, QuietHours):
        return value
    match = _QUIET.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("should be two times of day such as 22:00-06:00")
    start, stop = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if start == stop:
        raise ValueError(f"begins and ends at the same time ({start:%H:%M}): name two, or leave it out")
    return QuietHours(start=start, stop=stop)


def _timezone(value: object) -> object:
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("should be the name of a timezone such as America/New_York, Europe/Berlin or UTC") from None


RhythmField = Annotated[
    DeliveryRhythm,
    BeforeValidator(_rhythm),
    PlainSerializer(rhythm_text, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({_DELIVER.pattern})$",
            "examples": ["instant", "daily 07:00", "weekly Mon 07:00"],
        }
    ),
]
QuietField = Annotated[
    QuietHours | None,
    BeforeValidator(_quiet),
    PlainSerializer(
        lambda quiet: quiet and f"{quiet.start:%H:%M}-{quiet.stop:%H:%M}", return_type=str | None, when_used="json"
    ),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{_QUIET.pattern}$"}, {"type": "null"}]}),
]
TimezoneField = Annotated[
    ZoneInfo,
    BeforeValidator(_timezone),
    PlainSerializer(lambda zone: zone.key, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["America/New_York", "UTC"]}),
]


class Watch(SettingsModel):
    """A subscription: recipients, events and times."""

    name: Text
    """The name of the watch in its mails."""
    to: tuple[MailAddress, ...] = ()
    """The e-mail addresses of the recipients; each gets a mail of its own."""
    webhook: Url | None = None
    """A URL that receives each event by POST, for chat and automation."""
    format: WebhookFormat = WebhookFormat.JSON
    """The format of those requests: json (all fields of the event), slack, or teams (a Workflows webhook)."""
    webhook_secret_env: Variable | None = None
    """The environment variable that holds the key which signs those requests, in the format json."""
    feed: File | None = None
    """A file that becomes an Atom feed of the newest events, readable for all who may enter its folder."""
    about: About = About()
    """The subjects. Left out: everything."""
    when: Annotated[tuple[Topic, ...], AfterValidator(not_empty), Field(json_schema_extra={"minItems": 1})] = (
        DEFAULT_TOPICS
    )
    """The kinds of events."""
    at_least: Grade = Grade.MINOR
    """The least grade of revisions and alterations: cosmetic, minor or material."""
    deliver: Annotated[RhythmField, Field(json_schema_extra={"default": "instant"})] = DeliveryRhythm()
    """instant, daily HH:MM, or weekly Mon HH:MM, in its timezone."""
    quiet: QuietField = None
    """Hours such as 22:00-06:00 in which nothing is sent; held messages are sent together afterwards."""
    timezone: TimezoneField = ZoneInfo("UTC")
    """The timezone of its hours and of the times in its mails."""
    save_pages: tuple[SavedPart, ...] = ()
    """The pages that the Internet Archive is asked to save after a material event: state (State's own) and copy (that
    of the other site). A later mail of the watch has the link. Needs `save_page_now`."""
    enabled: StrictBool = True
    """false keeps the entry and sends nothing."""

    @model_validator(mode="after")
    def _has_a_recipient(self) -> Self:
        if self.webhook_secret_env and not self.webhook:
            raise misfit("webhook_secret_env", "signs requests to a webhook, but there is no webhook")
        if self.format is not WebhookFormat.JSON:
            if not self.webhook:
                raise misfit("format", "is that of requests to a webhook, but there is no webhook")
            if self.webhook_secret_env:
                raise misfit("webhook_secret_env", f"signs requests in the format json only, and {self.format} is set")
        if self.save_pages and not self.to:
            raise misfit("save_pages", "is for mails, which name the saved pages: put e-mail addresses in `to`")
        if not self.to and not self.webhook and not self.feed:
            raise misfit("to", "has no recipient: put e-mail addresses here, or set webhook or feed")
        return self


class Smtp(SettingsModel):
    """A mail server."""

    host: MailHost
    """Its host name or IP address."""
    port: Annotated[int, Field(strict=True, ge=1, le=65_535)] = 587
    """Its port."""
    security: Security = Security.STARTTLS
    """starttls, tls, or none (for a server on this machine only)."""
    user: Text | None = None
    """The name to log in with; left out: no login."""
    password_env: Variable | None = None
    """The environment variable that holds the password."""
    password_file: File | None = None
    """The file that holds the password, on its first line."""
    timeout_s: Seconds = 60.0
    """Seconds to wait for each answer; a server may take long after the message."""

    @property
    def is_local(self) -> bool:
        """True for a server on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if self.password_env and self.password_file:
            raise misfit("password_file", "the password comes from password_env already; leave out one of them")
        given = next((key for key in ("password_env", "password_file") if getattr(self, key)), None)
        if self.user and not given:
            raise misfit("user", "needs a password: name where it is in password_env or password_file")
        if given and not self.user:
            raise misfit(given, "is a password without a user: set user too")
        return self


class AlertSettings(SettingsModel):
    """Settings of mail: sender, transport, operator, limits."""

    sender: SenderAddress = EXAMPLE_SENDER
    """The e-mail address in From."""
    deliver: MailTransportKind = MailTransportKind.MAILDIR
    """maildir (a folder on this machine), smtp, or sendmail."""
    maildir: File | None = None
    """The Maildir folder. Left out: `mail`, beside the database."""
    smtp: Smtp | None = None
    """The mail server, for `deliver: smtp`."""
    sendmail: File = Path("/usr/sbin/sendmail")
    """The command, for `deliver: sendmail`."""
    operator: tuple[MailAddress, ...] = ()
    """Recipients of mails about failing sources, refused mail and withheld things, and of the weekly report."""
    operator_timezone: TimezoneField = ZoneInfo("UTC")
    """The timezone of the times in those mails."""
    group_minutes: Count = 5
    """Minutes within which events of one statement are collected into one mail."""
    max_per_day: Annotated[int, Field(strict=True, ge=1)] = 6
    """Mails in a day to one recipient about a statement, for State and for others each; the rest is held for a day."""

    @model_validator(mode="after")
    def _has_a_server(self) -> Self:
        if self.deliver is MailTransportKind.SMTP and self.smtp is None:
            raise misfit("deliver", "smtp needs a mail server: describe it in the section smtp, beside this")
        return self
