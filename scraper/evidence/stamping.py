"""Requests to the configured time-stamp service: of a bundle it gets a hash, and nothing else."""

from collections.abc import Callable

from scraper.clock import Clock
from scraper.config.settings import Settings
from scraper.errors import FetchError, InputError, as_disk_error, how_to_install
from scraper.fetch.poster import Poster
from scraper.formats import time_stamps
from scraper.formats.wacz import TimeStamp

_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
_HINT = "run the command again later, or export without a time stamp by --no-timestamp"


def stamper(settings: Settings, clock: Clock) -> Callable[[bytes], TimeStamp] | None:
    """Return the function that has content stamped; None if no service is configured.

    Raise `InputError` now if the extra or the certificates are missing. The function raises `FetchError`.
    """
    url, path = settings.evidence.timestamp_url, settings.evidence.timestamp_certificates
    if url is None or path is None:
        return None
    try:
        time_stamps.request(b"statewire")
        certificates = path.read_text(encoding="ascii")
    except ImportError:
        raise InputError(
            "a time-stamp service is configured, and the extra for it is not installed",
            hint=f"{how_to_install('evidence')}; or export without a time stamp by --no-timestamp",
        ) from None
    except UnicodeError:
        raise InputError(f"{path} is no PEM file", hint="correct evidence.timestamp_certificates") from None
    except OSError as error:
        raise as_disk_error(error) from error
    return lambda content: _stamp(content, certificates, url, settings, clock)


def _stamp(content: bytes, certificates: str, url: str, settings: Settings, clock: Clock) -> TimeStamp:
    with Poster(settings.fetch, clock=clock) as poster:
        response = poster.post(url, time_stamps.request(content), _HEADERS)
    if response.status is None or response.status >= 300:
        problem = response.detail if response.status is None else f"status {response.status}"
        raise FetchError(f"the time-stamp service {url} did not stamp: {problem}", hint=_HINT)
    try:
        time_stamps.check(response.body, certificates, content)
    except time_stamps.StampError as error:
        raise FetchError(
            f"the time stamp of {url} does not fit evidence.timestamp_certificates: {error}",
            hint="compare that file with the certificates that the service publishes",
        ) from None
    return TimeStamp(response.body, certificates)
