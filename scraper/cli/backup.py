"""`statewire backup`: complete copy of the database, also while a daemon writes to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.format import json_object
from scraper.errors import InputError

if TYPE_CHECKING:
    from scraper.cli.app import Invocation


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.pass_obj
def backup(invocation: Invocation, file: Path, force: bool, as_json: bool) -> None:
    """Copy the database to FILE and check the copy. It is a database like the first: read it with --db FILE."""
    from scraper.store.backup import backup as write

    if not invocation.database.is_file():
        raise InputError(f"there is no database {invocation.database} to copy", hint="name it with --db FILE")
    size = write(invocation.store(), file, replace=force)
    if as_json:
        json_object({"file": str(file), "bytes": size})
        return
    click.echo(f"{file}: {size:,} bytes, whole")
