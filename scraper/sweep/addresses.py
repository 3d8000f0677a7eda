"""Names of archives: which are remote, which are lists, which URLs may be requested (pure)."""

import re
from typing import Final

from scraper import urls
from scraper.errors import InputError

WARC_SUFFIXES: Final = (".warc", ".warc.gz", ".wet", ".wet.gz")
LIST_SUFFIXES: Final = (".paths", ".paths.gz", ".txt", ".txt.gz")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30})://", re.IGNORECASE)
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1")
_MAGIC = frozenset("*?[")


def scheme(name: str) -> str:
    """Return the scheme of an address in lower case, "" for a path."""
    found = _SCHEME.match(name)
    return found[1].lower() if found else ""


def is_list(name: str) -> bool:
    """Return True for the name of a list of paths."""
    return name.partition("?")[0].lower().endswith(LIST_SUFFIXES)


def is_warc(name: str) -> bool:
    """Return True for the name of a WARC or WET file."""
    return name.lower().endswith(WARC_SUFFIXES)


def is_file(name: str) -> bool:
    """Return True for a name of a file, False for one that may also be a folder."""
    return is_warc(name) or is_list(name)


def is_pattern(name: str) -> bool:
    """Return True for a glob."""
    return not _MAGIC.isdisjoint(name)


def is_loopback(url: str) -> bool:
    """Return True for a URL of this machine."""
    return _LOOPBACK.fullmatch(urls.host(url)) is not None


def is_same_host(url: str, other: str) -> bool:
    """Return True for two URLs of one host and port."""
    return urls.host_key(url) == urls.host_key(other) != ""


def is_allowed(url: str) -> bool:
    """Return True for https, and for http to this machine, which leaves no other one a chance to change it."""
    return scheme(url) == "https" or (scheme(url) == "http" and is_loopback(url))


def shown(name: str) -> str:
    """Return a path or an address for people and for files: without secrets, and as text that can be encoded."""
    if scheme(name) in {"http", "https"}:
        return urls.without_secrets(name)[0]
    return name.encode(errors="surrogateescape").decode(errors="replace")


def check(address: str) -> None:
    """Raise `InputError` for an address that is not requested."""
    kind, name = scheme(address), shown(address)
    if kind == "s3":
        if not address.partition("://")[2].partition("/")[0]:
            raise InputError(f"{name} names no bucket", hint="give s3://BUCKET/KEY")
    elif kind not in {"http", "https"}:
        raise InputError(f"{name} has an unknown scheme", hint="give a path, https://… or s3://…")
    elif urls.admit(address) is None:
        raise InputError(f"{name} is not a valid URL", hint="correct the URL")
    elif not is_allowed(address):
        raise InputError(f"{name} is not encrypted", hint="give its https URL; http is read from this machine only")
