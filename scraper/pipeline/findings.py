"""Findings of `statewire doctor`: the result of a check, with its severity and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from scraper.rules.required_fields import MissingField


class Level(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check: `what` is the state, `advice` says what to do about a problem.

    `missing` are the fields that the responses of a source lack, which `what` names too.
    """

    topic: str
    level: Level
    what: str
    advice: str = ""
    missing: tuple[MissingField, ...] = ()


def check(topic: str, is_well: bool, well: str, problem: str, advice: str) -> Finding:
    """Return the finding of a check that is well or not, with a text for either."""
    return ok(topic, well) if is_well else trouble(topic, problem, advice)


def ok(topic: str, what: str) -> Finding:
    """Return a finding without a problem."""
    return Finding(topic, Level.OK, what)


def warning(topic: str, what: str, advice: str = "") -> Finding:
    """Return a warning."""
    return Finding(topic, Level.WARNING, what, advice)


def trouble(topic: str, what: str, advice: str) -> Finding:
    """Return a finding of a problem."""
    return Finding(topic, Level.TROUBLE, what, advice)
