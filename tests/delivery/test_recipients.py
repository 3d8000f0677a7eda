"""Tests of who may get a message: the recipients that the configuration still names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from command import CONFIG

from scraper.config.settings import Settings
from scraper.delivery.recipients import named_recipients
from scraper.model import Channel, MessageKind

HOOK, FEED = "https://chat.example/hook", Path("/srv/lamps.atom")
WATCHES: list[dict[str, Any]] = [
    {"name": "Desk", "to": ["Desk@example.org"], "webhook": HOOK},
    {"name": "Feed", "feed": FEED},
    {"name": "Off", "to": ["off@example.org"], "webhook": f"{HOOK}/off", "feed": "/srv/off.atom", "enabled": False},
]
ALERTS = {"watches": WATCHES, "alerts": {"operator": ["ops@example.org"]}}
SETTINGS = Settings.model_validate(yaml.safe_load(CONFIG) | ALERTS)


@dataclass
class Message:
    channel: Channel
    recipient: str
    kind: MessageKind = MessageKind.INSTANT


@pytest.mark.parametrize(
    ("message", "is_named"),
    [
        (Message(Channel.MAIL, "Desk@example.org"), True),
        (Message(Channel.MAIL, "desk@example.org", MessageKind.DIGEST), True),
        (Message(Channel.MAIL, "left@example.org"), False),
        (Message(Channel.MAIL, "off@example.org"), False),
        (Message(Channel.WEBHOOK, HOOK), True),
        (Message(Channel.WEBHOOK, f"{HOOK}/off"), False),
        (Message(Channel.WEBHOOK, HOOK.upper()), False),
        (Message(Channel.WEBHOOK, "https://chat.example/left", MessageKind.TEST), False),
        (Message(Channel.FEED, str(FEED)), True),
        (Message(Channel.FEED, "/srv/off.atom"), False),
        (Message(Channel.WEBHOOK, str(FEED)), False),
        # An operator gets the mails of operators, and only those.
        (Message(Channel.MAIL, "ops@example.org"), False),
        (Message(Channel.MAIL, "ops@example.org", MessageKind.HEALTH), True),
        (Message(Channel.MAIL, "OPS@example.org", MessageKind.STILL_WATCHING), True),
        (Message(Channel.MAIL, "Desk@example.org", MessageKind.REFUSED), False),
        (Message(Channel.MAIL, "left@example.org", MessageKind.WITHHELD), False),
        # `alerts test --to` may name anybody.
        (Message(Channel.MAIL, "anybody@example.org", MessageKind.TEST), True),
    ],
)
def test_only_recipients_of_the_configuration_are_named(message: Message, is_named: bool) -> None:
    assert named_recipients(SETTINGS)(cast("Any", message)) is is_named
