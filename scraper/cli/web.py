"""`statewire web`: pages of the database, served by this process."""

import importlib.util

import click

from scraper.cli.app import Invocation
from scraper.clock import Clock
from scraper.errors import InputError
from scraper.store import paths


@click.command("web")
@click.option("--host", default="127.0.0.1", metavar="HOST", help="Address to listen on. Default: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8001, metavar="PORT", help="Port. Default: 8001.")
@click.option(
    "--base-url", metavar="URL", help="Public URL of the pages, if a proxy serves them. Default: web.base_url."
)
@click.option("--sql", "with_sql", is_flag=True, help="Let readers query the public tables with SQL of their own.")
@click.pass_obj
def web(invocation: Invocation, host: str, port: int, base_url: str | None, with_sql: bool) -> None:
    """Serve pages to read the database with a browser."""
    if importlib.util.find_spec("datasette") is None:
        raise InputError("`statewire web` needs Datasette, which is not installed", hint="pip install 'statewire[web]'")
    from scraper.web import datasette_app, serve

    paths.check_existing(invocation.database)
    application = datasette_app.create(invocation.database, invocation.settings, Clock(), with_sql=with_sql)
    invocation.say(f"serving http://{host}:{port}/ until Ctrl-C")
    serve.serve(application.app(), host, port)
