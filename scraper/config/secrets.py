"""Secrets that the configuration names without holding them: in an environment variable, or in a file."""

from collections.abc import Mapping
from pathlib import Path

from scraper.errors import StatewireError


class NoSecretError(StatewireError):
    """A secret is missing or cannot be read; the message names its place and never its value."""


def read_secret(what: str, variable: str | None, file: Path | None, environ: Mapping[str, str]) -> str:
    """Return the value of a variable, or the first line of a file. Raise `NoSecretError` if there is none."""
    where = f"the environment variable {variable}" if file is None else f"the file {file}"
    try:
        text = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r") if file else environ.get(variable or "")
    except (OSError, UnicodeError) as error:
        raise NoSecretError(f"the {what} cannot be read from {where}: {type(error).__name__}") from None
    if not text:
        raise NoSecretError(f"no {what} in {where}")
    return text
