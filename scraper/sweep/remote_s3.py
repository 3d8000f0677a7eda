"""Files in S3, by s3fs of the extra `sweep`, without which importing this module fails.

Keys, profile, region and endpoint are those of the usual variables (AWS_ACCESS_KEY_ID, AWS_PROFILE,
AWS_ENDPOINT_URL, …) and of the file ~/.aws/credentials. Without any, requests are anonymous.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp
from botocore.exceptions import BotoCoreError, HTTPClientError, IncompleteReadError, ParamValidationError
from botocore.parsers import ResponseParserError
from fsspec.asyn import get_loop
from s3fs import S3FileSystem

from scraper.sweep import addresses
from scraper.sweep.remote_https import reason_of
from scraper.sweep.remote_stream import Fault, Patience, Refused, Version, changed, retried

_CREDENTIALS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_ERRORS: Final = (aiohttp.ClientError, BotoCoreError, OSError, ResponseParserError)
_RANGE = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19})\Z")
_HINT = "check bucket, key and region, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE"


def is_anonymous(environment: Mapping[str, str]) -> bool:
    """Return True if neither a variable nor the file of credentials has a key."""
    file = environment.get("AWS_SHARED_CREDENTIALS_FILE")
    path = Path(file).expanduser() if file else Path.home() / ".aws/credentials"
    return not any(environment.get(name) for name in _CREDENTIALS) and not path.is_file()


def filesystem(patience: Patience) -> Any:
    """Return the file system of s3fs, whose session all files of this process share."""
    found = S3FileSystem(
        anon=is_anonymous(os.environ),
        endpoint_url=next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None),
        use_listings_cache=False,
        config_kwargs={
            "connect_timeout": patience.stall_s,
            "read_timeout": patience.stall_s,
            # `retried` and the stream try again; attempts on three levels would multiply.
            "retries": {"total_max_attempts": 1},
            # The checksum of a whole file fits no part of it.
            "response_checksum_validation": "when_required",
        },
    )
    found.retries = 1
    return found


def listing(address: str, patience: Patience) -> dict[str, int | None]:
    """Return the objects that a glob matches, or those of a folder, as `s3://…` with their sizes. Raise `Refused`."""

    async def ask() -> dict[str, dict[str, Any]]:
        try:
            files = filesystem(patience)
            ask = files._glob if addresses.is_pattern(address) else files._find
            return await ask(address.removeprefix("s3://"), detail=True)  # type: ignore[no-any-return]
        except FileNotFoundError:
            return {}
        except _ERRORS as error:
            raise _failure(error) from error

    rows = asyncio.run_coroutine_threadsafe(retried(ask, patience), get_loop()).result()
    return {f"s3://{name}": row.get("size") for name, row in rows.items() if row.get("type") == "file"}


class S3Source:
    """Object of a bucket."""

    def __init__(self, address: str, patience: Patience) -> None:
        self.loop = get_loop()
        self._bucket, _, self._key = address.removeprefix("s3://").partition("/")
        self._patience = patience

    async def open(self, start: int) -> "_Response":
        """Request the object from an offset on. Raise `Fault` or `Refused`."""
        part = {"Range": f"bytes={start}-"} if start else {}
        try:
            found = await filesystem(self._patience)._call_s3("get_object", Bucket=self._bucket, Key=self._key, **part)
        except _ERRORS as error:
            raise _failure(error, start) from error
        return _Response(found)


class _Response:
    """Open response of S3."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._body = found["Body"]
        part = _RANGE.match(found.get("ContentRange", ""))
        self.start = int(part[1]) if part else 0
        self.version = Version(int(part[2]) if part else found["ContentLength"], found.get("ETag", ""))

    async def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end of the object. Raise `Fault`."""
        try:
            return await self._body.read(size)  # type: ignore[no-any-return]
        except _ERRORS as error:
            raise _failure(error) from error

    async def close(self) -> None:
        """End the connection."""
        self._body.close()


def _failure(error: Exception, start: int = 0) -> Fault | Refused:
    """Return the failure that an error of s3fs or below means; `start` is the offset that was requested."""
    if isinstance(error, ParamValidationError):
        return Refused("this is no valid bucket or key", "give s3://BUCKET/KEY")
    if isinstance(error, BotoCoreError) and not isinstance(error, HTTPClientError | IncompleteReadError):
        return Refused(str(error), _HINT)  # of keys, profiles and files of settings
    # s3fs makes errors of the system of all answers of S3, and keeps the answer as their cause.
    answer = getattr(error.__cause__, "response", None) if isinstance(error, OSError) else None
    if not answer:
        return Fault(reason_of(error))
    status, code = answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"].get("Code", "")
    said = f"S3 answers with status {status}" + (f" ({code})" if code and code != str(status) else "")
    if status >= 500 or status in {408, 429} or code in {"SlowDown", "RequestTimeout"}:
        return Fault(said)
    if status == 416 and start:
        return changed(start)
    return Refused(said, "check the address" if status == 404 else _HINT)
