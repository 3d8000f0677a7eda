"""Base of the sections of config.yaml, and the error of a section whose values contradict each other."""

from typing import Final

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

MISFIT: Final = "misfit"
"""Error type of a section whose values contradict each other. Its context names the `key` to change, or ""."""


class SettingsModel(BaseModel):
    """Base of all sections of the configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)


def misfit(key: str, message: str) -> PydanticCustomError:
    """Return the error of a section whose `key` contradicts another one."""
    return PydanticCustomError(MISFIT, "{message}", {"key": key, "message": message})
