"""Plugin of Datasette: the routes of our pages, the public views and ready queries, and nothing else of Datasette's."""

import logging
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from datasette import hookimpl
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError
from markupsafe import Markup

from scraper import page_paths as paths
from scraper.errors import StoreError
from scraper.store.public import VIEWS, is_unfit_value
from scraper.web import page, routes
from scraper.web.data_catalogue import NAMES
from scraper.web.gate import RefusedError, failure, refusal
from scraper.web.rendering import DATA_STYLE, NAVIGATION, asset_path

log = logging.getLogger("statewire")

_MAX_FIELDS: Final = 50
# All that Datasette serves; its styles and scripts, plugins, and pages of its own state are not among it.
_OF_DATASETTE = rf"{paths.DATA}(?:/(?:{'|'.join(NAMES)}))?(?:\.json|\.csv)?"


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """Return the route of all paths but those of Datasette; it comes before Datasette's own routes."""
    return [(rf"^/(?!{_OF_DATASETTE}$)(?P<path>.*)$", _respond)]


@hookimpl
def permission_allowed(action: str, resource: Any) -> bool | None:
    """Show the public views and no table, and nothing of Datasette's own state."""
    if action == "view-table":
        return tuple(resource)[-1] in VIEWS
    if action == "view-database":
        return bool(resource == paths.DATA)
    if action in {"view-database-download", "debug-menu", "permissions-debug"}:
        return False
    return None


@hookimpl
def extra_template_vars() -> dict[str, Any]:
    """Return the frame of our pages for the templates of Datasette's."""
    return {"navigation": NAVIGATION, "style_sheets": [asset_path("style.css"), asset_path(DATA_STYLE)]}


@hookimpl
def skip_csrf() -> bool:
    """Need no token: the only form changes nothing, and the gate refuses one that another site sends."""
    return True


@hookimpl
def render_cell(value: Any, column: str, datasette: Datasette) -> Markup | None:
    """Link the number of a statement to its page."""
    if column != "statement_id" or not isinstance(value, int):
        return None
    url = f"{datasette.setting('base_url')}{paths.statement(value)}"
    return Markup('<a href="{}">{}</a>').format(url, value)


@hookimpl
def forbidden(request: Request, message: str) -> Response:
    """Return the page for what may not be seen."""
    return _error(request, 403, "Not public", "This is not public.")


@hookimpl
def handle_exception(request: Request, exception: Exception) -> Response:
    """Return the page for an error; log one line for an error of ours (Datasette would print a traceback)."""
    cause = exception.__context__ if isinstance(exception, DatasetteError) else exception
    match cause:
        case RefusedError():
            return _of_ours(refusal(_path(request), cause.status, cause.title, cause.problem, cause.headers))
        case QueryInterrupted():
            return _error(request, 400, "Query too long", "The query took too long. Narrow it by a filter.")
        case StoreError():
            log.error("the database cannot be read: %s", cause)
            return _error(request, 503, "Not readable", "The database cannot be read now. Try again later.")
    match exception:
        case Base400():
            return _error(
                request, exception.status, "Not found" if exception.status == 404 else "Error", _words(exception)
            )
        case DatasetteError():  # of the request: its default status is 500, even for an unknown column
            status = exception.status if exception.status < 500 else 400
            return _error(request, status, "Query not possible", exception.message)
    if re.fullmatch(_OF_DATASETTE, _path(request)) and (
        isinstance(cause, (LookupError, TypeError, ValueError)) or is_unfit_value(cause)
    ):
        # Datasette converts the parameters of a table without a check.
        return _error(request, 400, "Query not possible", "The parameters of this table are not understood.")
    log.error("a page failed: %s: %s", request.path[:200], exception, exc_info=exception)
    if request.path.endswith(".json"):
        return _error(request, 500, "Error", "This failed because of an error.")
    return _of_ours(failure(_path(request)))


def _words(exception: Exception) -> str:
    return str(exception.args[0]) if exception.args else "This is not possible."


def _path(request: Request) -> str:
    """Return the path below the prefix."""
    return str(request.scope.get("route_path", request.path))[1:]


def _error(request: Request, status: int, title: str, problem: str) -> Response:
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": problem, "status": status, "title": title}, status=status)
    return _of_ours(refusal(_path(request), status, title, problem))


def _of_ours(response: page.Response) -> Response:
    return Response(
        response.body, status=response.status, headers=dict(response.headers), content_type=response.content_type
    )


async def _respond(request: Request, datasette: Datasette) -> Response:
    raw = request.url_vars["path"]
    path = unquote(raw)
    if path.count("/") != raw.count("/"):  # an escaped slash: relative links of the page would lead elsewhere
        raise RefusedError(404, "Not found", "There is no such page.")
    query = f"?{request.query_string}" if request.query_string else ""
    name = raw.rstrip("/").rpartition("/")[2]
    if routes.find(path) is None and not path.endswith("/") and routes.find(f"{path}/"):
        return Response.redirect(f"./{name}/{query}", status=301)
    if path.endswith("/") and re.fullmatch(_OF_DATASETTE, path[:-1]):
        return Response.redirect(f"../{name}{query}", status=301)
    database = datasette.get_database(paths.DATA)
    fields = fields_of(request.query_string)
    if request.method == "POST":
        form = fields_of((await request.post_body()).decode("utf-8", "replace"))
        client = (request.scope.get("client") or ("unknown",))[0]
        return _of_ours(await database.answer_form(path, fields | form, client))
    return _of_ours(await database.page(path, fields))


def fields_of(encoded: str) -> dict[str, tuple[str, ...]]:
    """Return the values of each parameter of a query or form. Raise `RefusedError` for too many."""
    try:
        fields = parse_qs(encoded, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise RefusedError(414, "Too many parameters", f"A page takes at most {_MAX_FIELDS} parameters.") from error
    return {name: tuple(values) for name, values in fields.items()}
