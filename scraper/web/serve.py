"""Server of `statewire web`: uvicorn over the application, on a socket that listens before it starts."""

import errno
import signal
import socket
import warnings

import uvicorn

from scraper.errors import InputError
from scraper.web.gate import Application

_REFUSALS = {
    errno.EADDRINUSE: ("is in use", "choose another one with --port, or stop the process that has it"),
    errno.EACCES: ("may not be used by this user", "choose one above 1023 with --port"),
    errno.EADDRNOTAVAIL: ("cannot be used: this machine does not have that IP address", "correct --host"),
}
_MAX_CONNECTIONS = 200
_MAX_HEAD_BYTES = 16_384
_GRACE_S = 3


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a host and a port, 0 for any free one. Raise `InputError` with the reason."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"the host {host} is unknown", hint="give an IP address of this machine with --host"
        ) from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
        bound.listen()  # before the message that says so
    except OSError as error:
        bound.close()
        problem, hint = _REFUSALS.get(
            error.errno or 0, (f"cannot be used: {error.strerror or error}", "check --host and --port")
        )
        raise InputError(f"port {port} of {host} {problem}", hint=hint) from error
    return bound


def serve(application: Application, bound: socket.socket, *, is_behind_proxy: bool) -> None:
    """Serve until SIGTERM, or until Ctrl-C raises `KeyboardInterrupt`; a second signal ends open requests at once.

    Behind a proxy, the IP address of a client is that of the header X-Forwarded-For, if the proxy runs on this machine
    or is named in the variable FORWARDED_ALLOW_IPS.
    """
    config = uvicorn.Config(
        application,
        http="h11",
        h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
        interface="asgi3",
        lifespan="off",
        limit_concurrency=_MAX_CONNECTIONS,
        log_config=None,
        loop="asyncio",
        proxy_headers=is_behind_proxy,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        ws="none",
    )
    # Datasette leaves other queries of a page alone if one of them fails; Python warns of each on stderr.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    # After it has stopped, uvicorn raises the signal again for the handler of before, which would end in status 143.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(config).run(sockets=[bound])
