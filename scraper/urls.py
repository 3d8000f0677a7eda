"""URLs: canonical form, comparison, parts, and the sites that hosts belong to (pure)."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from html import escape
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import idna

STATE = "state.gov"
STATE_WWW = "www.state.gov"
STATE_SITE = frozenset({STATE, STATE_WWW, "preview.state.gov"})
"""The names of the Department's current site, all of one document; `rules.state_hosts` says what that means."""
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|mc_cid|mc_eid|_ga|_gl|cmpid|ref_src|jsessionid|phpsessid|aspsessionid\w*)\Z",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
# Characters that mean the same escaped and plain: in a path, and in a query, where +, & and = are delimiters.
_PLAIN_IN_PATH = string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@"
_PLAIN_IN_QUERY = string.ascii_letters + string.digits + "-._~!$'()*,:@/?"
_GUID_NUMBER = re.compile(r"[?&](?:page_id|p)=(\d+)")
_HTM_NUMBER = re.compile(r"/(\d+)\.html?\Z")
_SECRET_PARAMETER = re.compile(
    r"(?:[\w-]{1,40}[_-])?(?:(?:api|access|auth)?(?:key|token)|secret|passw(?:or)?d|pwd|auth|sig(?:nature)?"
    r"|\w{0,10}sess(?:ion)?_?id|sid)",
    re.IGNORECASE,
)
_URL_PIECES = re.compile("[/?&=]")
_LONG_PIECE = 10
MAX_URL_CHARS = 8_000
"""Longest URL that is stored or requested (RFC 9110, 4.1). A part of a URL would be another URL."""
_MAX_HOST_CHARS = 253
_NEVER_TOO_LONG = MAX_URL_CHARS // 12  # a character has four bytes at most, and a byte three characters when escaped
# No name of a host has these.
_NO_HOST = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff^<>|%\"{}`]")
_AROUND = "".join(map(chr, range(33)))
_DROPPED = re.compile("[\t\r\n]")
# Of any URL, also of one that cannot be read otherwise. Browsers take a backslash for a slash, and after "https:" none
# or any number of them.
_CREDENTIALS = re.compile(
    r"([\x00-\x20]*(?:https?:[/\\]*|(?:[a-z][a-z0-9+.-]{0,30}:)?[/\\]{2}))[^/\\?#]*@", re.IGNORECASE
)
_BARE = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")
_BARE_HOST = re.compile(r"((?:[a-z0-9-]{1,63}\.){1,10}[a-z][a-z0-9-]{1,62})\.?(?::\d{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)
# "https//herald.example", "http:/herald.example", "https://https://herald.example": the last scheme counts.
_MISTYPED_SCHEME = re.compile(r"(?:https?(?::/{0,4}|/{2,4})){0,3}(https?)(?::/{0,4}|/{2,4})(?=[a-z0-9])", re.IGNORECASE)
# A file in the folder of its page, such as `www.archive.html`.
_FILE_TYPES = frozenset("asp aspx cfm doc docx gif htm html jpeg jpg json jsp pdf php png shtml txt xhtml xml".split())


_PLAIN_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]{1,63}\.){1,10}[a-z0-9]{1,20}(?::[1-5]?\d{1,4})?(?=/|\Z)")
# URLs in which nothing is to be resolved or escaped: they are what `urljoin` and `_admit` return, after the origin of
# the base if they begin with a slash.
_SEGMENT = r"[A-Za-z0-9_~-][A-Za-z0-9_~.=-]*"
_PLAIN_PATH = re.compile(rf"/(?:{_SEGMENT}/)*(?:{_SEGMENT})?(?:\?[A-Za-z0-9_~.=&/-]+)?\Z")
_PLAIN_URL = re.compile(
    rf"https?://(?!https?[:/])(?:[a-z0-9-]{{1,63}}\.){{1,10}}[a-z]{{2,20}}(?=/){_PLAIN_PATH.pattern}"
)


def is_http(url: str) -> bool:
    """Return True for an absolute http or https URL with a host."""
    try:
        return urlsplit(url).scheme in {"http", "https"} and bool(host(url))
    except ValueError:
        return False


def admit(url: str) -> str | None:
    """Return a URL from outside as it may be stored and requested; None for any that may not.

    It is http or https, has a host and a valid port, and at most `MAX_URL_CHARS` characters. User and password are
    removed, and control characters and blanks are escaped.
    """
    admitted = _admit(url)
    return without_credentials(admitted) if admitted else None


def _admit(url: str) -> str | None:
    if len(url) > 2 * MAX_URL_CHARS:
        return None
    url = _DROPPED.sub("", url.strip(_AROUND))
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - the property raises
    except ValueError:
        return None
    # A browser takes a backslash for a slash, and so would read another host than we do.
    is_odd = "\\" in parts.netloc or _NO_HOST.search(parts.netloc.rpartition("@")[2])
    if is_odd or parts.scheme not in DEFAULT_PORTS or not 0 < len(host(url)) <= _MAX_HOST_CHARS:
        return None
    url = _BARE.sub(lambda bare: quote(bare.group(), errors="replace"), url)
    # Escapes make it longer where it is stored in its canonical form.
    is_short = len(url) <= _NEVER_TOO_LONG or max(len(url), len(canonical(url))) <= MAX_URL_CHARS
    return url if is_short else None


def without_credentials(url: str) -> str:
    """Return a URL without user and password."""
    return _CREDENTIALS.sub(r"\1", _DROPPED.sub("", url)) if has_credentials(url) else url


def has_credentials(url: str) -> bool:
    """Return True for a URL with a user or a password."""
    return _CREDENTIALS.match(_DROPPED.sub("", url)) is not None


def shown_short(url: str) -> str:
    """Return scheme and host of a secret URL, for people."""
    return f"{'http' if url.startswith('http:') else 'https'}://{host(url)}/…"


def host(url: str) -> str:
    """Return the host name in lower case without the dot at its end, or an empty string.

    A name with an empty label ("www.state.gov..") is none: nothing can be connected to (RFC 1035, 2.3.1).
    """
    try:
        name = (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""
    return "" if "" in name.split(".") else name


def ascii_host(name: str) -> str:
    """Return a host name as it is looked up: in ASCII (IDNA 2008), lower case, without a trailing dot.

    A name that IDNA refuses, and that no client can connect to, is returned in Punycode.
    """
    name = name.lower()
    if not name.isascii():
        try:
            name = idna.encode(name).decode("ascii")
        except UnicodeError:
            name = ".".join(
                part if part.isascii() else "xn--" + part.encode("punycode", "replace").decode("ascii")
                for part in name.split(".")
            )
    return name.removesuffix(".")


def host_key(url: str) -> str:
    """Return the key of a host's stored state: its name (see `ascii_host`), with the port unless that is the default.

    `www.` is a part of it: the two names are two servers for throttling and robots.txt. Empty if there is no host.
    """
    name = ascii_host(host(url))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return name
    if port in {None, DEFAULT_PORTS.get(parts.scheme)}:
        return name
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def absolute(base: str, href: str, site: str = "") -> str | None:
    """Resolve `href` against a URL: that of its page, its `<base href>` or `xml:base`. None if it cannot be fetched.

    A host without a scheme ("www.herald.example/lamps/") is taken for a host and not for a folder if its name begins
    with `www.` or is that of `base` or of the host `site`. So is one after a mistyped scheme ("https//herald.example").
    """
    href = href.strip()
    if len(href) <= _NEVER_TOO_LONG:  # most links: parsing them costs twenty times this
        if _PLAIN_URL.match(href):
            return href
        if _PLAIN_PATH.match(href) and (origin := _plain_origin(base)):
            return origin + href
    href = _with_scheme(href)
    try:
        url = urljoin(base, f"//{href}" if _begins_with_host(href, {family(host(base)), family(site)}) else href)
    except ValueError:
        return None
    return _admit(url)


def _plain_origin(url: str) -> str:
    """Return scheme and host of a URL whose first characters are plain; empty for others."""
    match = _PLAIN_ORIGIN.match(url)
    return match.group() if match else ""


def _with_scheme(href: str) -> str:
    """Return a URL with its scheme written correctly if that is mistyped or doubled before the name of a host."""
    written = _MISTYPED_SCHEME.match(href)
    named = _BARE_HOST.match(href, written.end()) if written else None
    if written is None or named is None or _is_file(named.group(1)):
        return href
    return f"{written.group(1).lower()}://{href[written.end() :]}"


def _is_file(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _FILE_TYPES


def _begins_with_host(href: str, families: set[str]) -> bool:
    match = _BARE_HOST.match(href)
    if match is None:
        return False
    name = match.group(1).lower()
    return family(name) in families or (name.startswith("www.") and not _is_file(name))


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """Return the form in which a URL is stored and compared.

    Scheme and host in lower case, https for state.gov, `www.` for its apex and its preview, no default port, user,
    fragment, tracking parameters or session ids, percent-encoding normalised. The path keeps its case and its
    trailing slash. A URL that is not http or https is returned unchanged.
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
        name = STATE_WWW if name in STATE_SITE else name
    netloc = f"[{name}]" if ":" in name else name
    if port and port != DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair.partition("=")[0]))
    path = _escaped(_SESSION_IN_PATH.sub("", parts.path), _PLAIN_IN_PATH, "/") or "/"
    return urlunsplit((scheme, netloc, path, _escaped(query, _PLAIN_IN_QUERY, "&=+;"), ""))


def _escaped(part: str, plain: str, marks: str) -> str:
    """Normalise percent-encoding, except that of `marks`, which mean something else when they are escaped."""

    def normalised(escape: re.Match[str]) -> str:
        if escape.group(1) is None:
            return "%25"
        character = chr(int(escape.group(1), 16))
        return character if character in plain else escape.group().upper()

    return quote(_ESCAPE.sub(normalised, part), safe=plain + marks + "%", errors="replace")


def is_same(a: str, b: str) -> bool:
    """Return True if two URLs have the same canonical form, a trailing slash aside."""
    return canonical(a).rstrip("/") == canonical(b).rstrip("/")


def variants(url: str) -> tuple[str, ...]:
    """Return the URLs of the same page on most sites: http and https, with and without `www.` and a trailing slash."""
    own = canonical(url)
    without_slash = own.rstrip("/")
    if not is_http(own):
        return (own,)
    bare = re.sub(r"\Ahttps?://(?:www\.)?", "", without_slash)
    return tuple(
        f"{scheme}://{www}{bare}{slash}" for scheme in ("https", "http") for www in ("", "www.") for slash in ("", "/")
    )


def is_state(name: str) -> bool:
    """Return True for any host under state.gov. It does not make a document State's: see `rules.state_hosts`."""
    return name == STATE or name.endswith(f".{STATE}")


def family(name: str) -> str:
    """Return a host without `www.`, by which most sites have two names."""
    return name.removeprefix("www.")


def site(url: str) -> str:
    """Return the key of the site of a URL: its host in ASCII with an unusual port, without `www.`."""
    return family(host_key(url))


def outlet(url: str) -> str:
    """Return the outlet that has a page: the host of its URL in ASCII, without `www.` and without a port."""
    return family(ascii_host(host(url)))


@lru_cache(maxsize=4096)
def post_number(url: str) -> str | None:
    """Return the number of a document in State's systems: `?page_id=N`, `?…&p=N`, or `/N.htm`."""
    match = _GUID_NUMBER.search(url) or _HTM_NUMBER.search(urlsplit(url).path if is_http(url) else url)
    return match.group(1) if match else None


def canonical_guid(guid: str) -> str:
    """Normalise a feed's guid: decode the entities that WordPress leaves in, strip white space."""
    return guid.strip().replace("&#038;", "&").replace("&amp;", "&")


def path(url: str) -> str:
    """Return the path of a URL, or an empty string."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def redact(text: str, url: str) -> str:
    """Replace a secret URL in a text by its host, and user, path and query wherever they stand by asterisks.

    So is each long part of path and query, because a server may repeat them one by one, decoded or escaped.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return text.replace(url, "***")
    text = text.replace(url, host(url))
    wholes = (parts.netloc.rpartition("@")[0], f"{parts.path}?{parts.query}", parts.path, parts.query)
    pieces = (piece for piece in _URL_PIECES.split(f"{parts.path}&{parts.query}") if len(piece) >= _LONG_PIECE)
    for secret in (*wholes, *pieces):
        for written in dict.fromkeys((secret, escape(secret), unquote(secret))):
            if len(written) > 1:  # a decoded separator alone is no secret
                text = text.replace(written, "***")
    return text


def without_secrets(url: str) -> tuple[str, tuple[str, ...]]:
    """Return a URL that can be published, and the secrets that it had.

    Without user, password and fragment, and with asterisks as the values of parameters such as `token` or `api_key`.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", (url,)
    user, _, netloc = parts.netloc.rpartition("@")
    secrets, query = [user.partition(":")[2]], []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if value and _SECRET_PARAMETER.fullmatch(name):
            secrets.append(value)
            pair = f"{name}=***"
        query.append(pair)
    return urlunsplit(parts._replace(netloc=netloc, query="&".join(query), fragment="")), tuple(filter(None, secrets))


def clear_caches() -> None:
    """Clear the canonical forms and numbers that are cached."""
    canonical.cache_clear()
    post_number.cache_clear()
