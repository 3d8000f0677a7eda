"""`statewire web`: pages of the database, served by this process."""

import importlib.util
import logging
from ipaddress import ip_address

import click
from pydantic import TypeAdapter, ValidationError

from scraper.cli.app import Invocation
from scraper.cli.format import terminal_safe
from scraper.cli.run import set_up_log
from scraper.clock import Clock
from scraper.config.fields import Url
from scraper.errors import InputError, how_to_install


@click.command("web")
@click.option(
    "--host", default="127.0.0.1", metavar="HOST", help="Host name or IP address to listen on. Default: 127.0.0.1."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8001, metavar="PORT", help="Port, 0 for any. Default: 8001."
)
@click.option(
    "--base-url", metavar="URL", help="Public URL of the pages, if a proxy serves them. Default: web.base_url."
)
@click.option("--sql", "with_sql", is_flag=True, help="Let readers query the public tables with SQL of their own.")
@click.pass_obj
def web(invocation: Invocation, host: str, port: int, base_url: str | None, with_sql: bool) -> None:
    """Serve pages to read the database with a browser.

    The database is only read, and nothing of it that names recipients or holds mail. Only this machine can reach the
    pages unless --host says otherwise. SIGTERM or Ctrl-C stops it.
    """
    if importlib.util.find_spec("datasette") is None:
        raise InputError("`statewire web` needs Datasette, which is not installed", hint=how_to_install("web"))
    import scraper.fetch  # noqa: F401  # keeps out the command line of httpx, which Datasette would load
    from scraper.web import datasette_app, serve

    settings = invocation.settings
    if base_url is not None:
        settings = settings.model_copy(update={"web": settings.web.model_copy(update={"base_url": _url(base_url)})})
    public = settings.web.base_url
    application = datasette_app.application(invocation.database, settings, Clock(), listens_on=host, with_sql=with_sql)
    with serve.listen(host, port) as bound:
        set_up_log("text", logging.WARNING)
        shown = f"[{host}]" if ":" in host else host
        where = f"http://{shown}:{bound.getsockname()[1]}/"
        invocation.say(f"serving {terminal_safe(where)}{f' as {terminal_safe(public)}' if public else ''} until Ctrl-C")
        if not ip_address(bound.getsockname()[0].partition("%")[0]).is_loopback:
            invocation.say("note: the pages have no login, and all who can reach this port can read them")
        serve.serve(application, bound, is_behind_proxy=public is not None)


def _url(value: str) -> str:
    try:
        return TypeAdapter(Url).validate_python(value)
    except ValidationError as error:
        raise InputError(
            f"--base-url {value} is not a URL", hint="write it whole, such as https://statewire.example.org/"
        ) from error
