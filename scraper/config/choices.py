"""Enumerated values of settings, without pydantic, whose models take 0.1 s to load."""

from enum import StrEnum


class Topic(StrEnum):
    """Kinds of events that a watch can select, as its `when` spells them."""

    PUBLISHED = "published"
    REVISED = "revised"
    RETITLED = "retitled"
    TOUCHED = "touched"
    REATTRIBUTED = "reattributed"
    MOVED = "moved"
    REPOSTED = "reposted"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    COPIED = "copied"
    ALTERED = "altered"
    OUTDATED = "outdated"
    GONE = "gone"
    UNSOURCED = "unsourced"
    QUOTED = "quoted"
    MISQUOTED = "misquoted"


class WebhookFormat(StrEnum):
    """Formats of the requests to a webhook."""

    JSON = "json"
    SLACK = "slack"
    TEAMS = "teams"


class SearchService(StrEnum):
    """Search services, or the formats of the answers of any other one."""

    GDELT = "gdelt"
    MEDIACLOUD = "mediacloud"
    JSON = "json"
    FEED = "feed"


class Cadence(StrEnum):
    """Frequency of a watch's mails."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


class MailTransportKind(StrEnum):
    """Transports of mail."""

    MAILDIR = "maildir"
    SMTP = "smtp"
    SENDMAIL = "sendmail"


class Security(StrEnum):
    """Protection of the connection to a mail server."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
