"""Writer of docs/configuration.md from the JSON schema of the configuration.

Run as `python .ci/write_configuration_reference.py` after a change of the settings.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scraper.config import loader

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "configuration.md"
HEAD = """\
<!-- Written by .ci/write_configuration_reference.py from the schema. Do not edit. -->

# Configuration reference

All settings of `config.yaml`. [Alert rules](alerts.md), [Adding a site](sites.md) and [Operating guide](operating.md)
explain how to use them.

A line of the file is `name: value`. What belongs to a name is indented below it, and `- ` begins an entry of a list.
`${NAME}` stands for an environment variable. A relative path starts from the folder of the file; `~` is your home
folder. Durations are a number and a unit: `30s`, `15m`, `2h`, `1d`. Unknown keys are mistakes. `statewire config check`
names every mistake with its line, and `statewire config show` prints all settings in force.

For completion and checks in an editor, use the [JSON schema](config.schema.json).
"""
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "object": "section",
    "array": "list",
}


def reference(schema: dict[str, Any]) -> str:
    """Return the page: the settings at the top of the file, then each section in the order in which it is named."""
    definitions = schema["$defs"]
    parts = [HEAD, _section("Top of the file", "", schema, definitions)]
    waiting, seen = list(_sections("", schema, definitions)), set()
    while waiting:
        place, name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        described = definitions[name].get("description", "")
        parts.append(_section(f"`{place}`", described, definitions[name], definitions))
        waiting[:0] = _sections(place, definitions[name], definitions)
    return "\n".join(parts)


def _sections(place: str, model: dict[str, Any], definitions: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each section that a section holds: its path in the file and the name of its definition."""
    for key, value in model["properties"].items():
        name = _named(value)
        if name and "properties" in definitions[name]:
            yield f"{place}.{key}" if place else key, name


def _named(value: dict[str, Any]) -> str:
    """Return the name of the definition that a value, an optional value or the entries of a list refer to."""
    for part in (value, *_choices(value)):
        found = part.get("$ref") or part.get("items", {}).get("$ref")
        if found:
            return str(found).rpartition("/")[2]
    return ""


def _choices(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the forms that a value may have, if there are several."""
    return [*value.get("anyOf", ()), *value.get("oneOf", ())]


def _section(title: str, description: str, model: dict[str, Any], definitions: dict[str, Any]) -> str:
    required = model.get("required", ())
    rows = [
        f"| `{key}` | {_default(key, value, required, definitions)} | {_meaning(value, definitions)} |"
        for key, value in model["properties"].items()
    ]
    lead = f"{_one_line(description)}\n\n" if description else ""
    return f"## {title}\n\n{lead}| key | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _default(key: str, value: dict[str, Any], required: list[str], definitions: dict[str, Any]) -> str:
    if key in required:
        return "required"
    name, default = _named(value), value.get("default")
    if default in (None, "", []) or (name and "properties" in definitions[name]):
        return ""
    if isinstance(default, list):
        return ", ".join(f"`{entry}`" for entry in default)
    if isinstance(default, float) and default.is_integer():
        default = int(default)
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _meaning(value: dict[str, Any], definitions: dict[str, Any]) -> str:
    described = _one_line(value.get("description") or "")
    return f"{described} {_kind(value, definitions)}".strip().replace("|", "\\|")


def _kind(value: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Describe the values that a key takes, as a sentence: `Whole number from 1 to 32.`"""
    kind = next((part for part in _choices(value) if part.get("type") != "null"), value)
    is_list = kind.get("type") == "array"
    of = kind["items"] if is_list else kind
    name = _named(of)
    examples = value.get("examples") or of.get("examples") or kind.get("examples")
    if name and "enum" in definitions[name]:
        words = "one of " + ", ".join(f"`{choice}`" for choice in definitions[name]["enum"])
    elif name:
        words = "section, see below"
    else:
        words = TYPES[of.get("type", "string")] + _bounds(of)
        words += f", such as {', '.join(f'`{example}`' for example in examples)}" if examples else ""
    return f"{'List: ' if is_list else ''}{words if is_list else words[0].upper() + words[1:]}."


def _bounds(value: dict[str, Any]) -> str:
    least, above, most = value.get("minimum"), value.get("exclusiveMinimum"), value.get("maximum")
    return "".join(
        f" {word} {number}"
        for word, number in (("from", least), ("above", above), ("up to", most))
        if number is not None
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    PAGE.write_text(reference(loader.schema()), encoding="utf-8")
