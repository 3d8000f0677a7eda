"""Which addresses are the same address, and whose hosts are whose (pure)."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|mc_cid|mc_eid|_ga|_gl|cmpid|ref_src)\Z", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ARCHIVE_HOST = re.compile(r"\d{4}-\d{4}\.state\.gov\Z")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
# What means the same escaped and not: in a path, and in a query, where +, & and = part and join.
_PLAIN_IN_PATH = string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@"
_PLAIN_IN_QUERY = string.ascii_letters + string.digits + "-._~!$'()*,:@/?"
_GUID_NUMBER = re.compile(r"[?&](?:page_id|p)=(\d+)")
_HTM_NUMBER = re.compile(r"/(\d+)\.html?\Z")


def is_http(url: str) -> bool:
    """Whether this is an absolute http or https address with a host."""
    try:
        return urlsplit(url).scheme in {"http", "https"} and bool(host(url))
    except ValueError:
        return False


def host(url: str) -> str:
    """The host name in lower case, empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def host_with_port(url: str) -> str:
    """The host of an http address, with its port where that is unusual: the name under which a host is remembered."""
    parts = urlsplit(url)
    name = host(url)
    name = f"[{name}]" if ":" in name and parts.port else name
    return name if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{name}:{parts.port}"


def absolute(base: str, href: str) -> str | None:
    """`href` as it reads on the page `base`; None when it leads to nothing that can be fetched."""
    try:
        url = urljoin(base, href.strip())
    except ValueError:
        return None
    return url if is_http(url) else None


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """The form under which an address is kept and compared.

    Scheme and host in lower case, https for state.gov, `www.` for its apex, no default port, user,
    fragment or tracking parameters, percent-encoding normalised. The path keeps its case and its
    trailing slash. What is no http address comes back as it is.
    """
    if not is_http(url):
        return url
    parts = urlsplit(url.strip())
    try:
        port = parts.port
    except ValueError:
        return url
    name = host(url)
    scheme = parts.scheme
    if is_state(name):
        scheme, port = "https", None if port in {80, 443} else port
        name = "www.state.gov" if name == "state.gov" else name
    netloc = f"[{name}]" if ":" in name else name
    if port and port != _DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair.partition("=")[0]))
    path = _escaped(parts.path, _PLAIN_IN_PATH, "/") or "/"
    return urlunsplit((scheme, netloc, path, _escaped(query, _PLAIN_IN_QUERY, "&=+;"), ""))


def _escaped(part: str, plain: str, marks: str) -> str:
    """Percent-encoding in one spelling. `marks` mean something else when they are escaped: both stay as they are."""

    def spelled(escape: re.Match[str]) -> str:
        if escape.group(1) is None:
            return "%25"
        character = chr(int(escape.group(1), 16))
        return character if character in plain else escape.group().upper()

    return quote(_ESCAPE.sub(spelled, part), safe=plain + marks + "%", errors="replace")


def same(a: str, b: str) -> bool:
    """Whether two addresses differ in nothing that leads elsewhere: canonical form, final slash aside."""
    return canonical(a).rstrip("/") == canonical(b).rstrip("/")


def spellings(url: str) -> tuple[str, ...]:
    """The addresses that are the same page on most sites: with http and https, with `www.` and a final slash or not."""
    own = canonical(url)
    address = own.rstrip("/")
    if not is_http(own):
        return (own,)
    bare = re.sub(r"\Ahttps?://(?:www\.)?", "", address)
    return tuple(
        f"{scheme}://{www}{bare}{slash}" for scheme in ("https", "http") for www in ("", "www.") for slash in ("", "/")
    )


def is_state(name: str) -> bool:
    """Whether a host belongs to the Department's own site: www, its archives, the apex."""
    return name == "state.gov" or name.endswith(".state.gov")


def is_archive(name: str) -> bool:
    """Whether a host is one of the frozen copies of state.gov (2017-2021.state.gov and its like)."""
    return _ARCHIVE_HOST.match(name) is not None


def family(name: str) -> str:
    """The site that a host is part of: all of state.gov is one, elsewhere the host without `www.`."""
    return "state.gov" if is_state(name) else name.removeprefix("www.")


def post_number(url: str) -> str | None:
    """The number by which State's systems know a document: `?page_id=N`, `?…&p=N`, or `/N.htm`."""
    match = _GUID_NUMBER.search(url) or _HTM_NUMBER.search(urlsplit(url).path if is_http(url) else url)
    return match.group(1) if match else None


def canonical_guid(guid: str) -> str:
    """A feed's guid in one spelling: entities that WordPress leaves in are undone, white space goes."""
    return guid.strip().replace("&#038;", "&").replace("&amp;", "&")


def path(url: str) -> str:
    """The path of an address, empty where there is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
