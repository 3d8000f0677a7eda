"""Plugin of Datasette: the routes of our pages, the public views, and nothing of other tables."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from scraper.store.public import VIEWS
from scraper.web.rendering import HEADERS
from scraper.web.routes import ROUTES

_MAX_FIELDS = 50


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """Return the routes of the pages; they come before those of Datasette."""
    return [(f"^/(?P<path>{route.pattern})$", _respond) for route in ROUTES]


@hookimpl
def permission_allowed(action: str, resource: Any) -> bool | None:
    """Show the public views and no table, and nothing of Datasette's own state."""
    if action == "view-table":
        return tuple(resource)[-1] in VIEWS
    if action == "view-database":
        return bool(resource == "data")
    if action in {"view-database-download", "debug-menu", "permissions-debug"}:
        return False
    return None


async def _respond(request: Request, datasette: Datasette) -> Response:
    is_post = request.method == "POST"
    fields = parse_qs(request.query_string, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    query = {name: tuple(values) for name, values in fields.items()}
    response = await datasette.get_database("data").page(unquote(request.url_vars["path"]), query, is_post=is_post)
    headers = dict((*HEADERS, *response.headers))
    return Response(response.body, status=response.status, headers=headers, content_type=response.content_type)
