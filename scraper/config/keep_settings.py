"""What the configuration says about how long things are kept."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from scraper.config.alerts import Model
from scraper.config.fields import Duration, PositiveCount

_DAY = timedelta(days=1)


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
