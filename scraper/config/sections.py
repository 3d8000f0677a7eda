"""Base of the sections of config.yaml, and the error of a section whose values contradict each other."""

import ast
import inspect
from itertools import pairwise
from typing import Final

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

MISFIT: Final = "misfit"
"""Error type of a section whose values contradict each other. Its context names the `key` to change, or ""."""


class SettingsModel(BaseModel):
    """Base of all sections of the configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema of a section, with the docstrings of its settings as their descriptions.

        `use_attribute_docstrings` would parse the source of all sections at each start.
        """
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for part in cls.__mro__[: cls.__mro__.index(SettingsModel)]:
            for name, words in _docstrings(part).items():
                properties[name].setdefault("description", words)
        return schema


def _docstrings(section: type) -> dict[str, str]:
    """Return the docstring below each setting that a class defines."""
    found = {}
    body = ast.parse(inspect.getsource(section)).body[0].body  # type: ignore[attr-defined]
    for pair in pairwise(body):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(words))):
                found[name] = inspect.cleandoc(words)
    return found


def misfit(key: str, message: str) -> PydanticCustomError:
    """Return the error of a section whose `key` contradicts another one."""
    return PydanticCustomError(MISFIT, "{message}", {"key": key, "message": message})
