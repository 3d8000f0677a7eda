"""Types of single values in config.yaml: validation, messages for invalid values, and their JSON Schema.

An address is never repeated in a message: it might carry a password.
"""

import ipaddress
import re
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

import idna
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

from scraper import urls
from scraper.config import yaml
from scraper.text import normalize

EXAMPLE_CONTACT: Final = "https://example.org/statewire-operator"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DURATION = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNIT_S = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
# Between brackets in the User-Agent: what would end the brackets or the header may not stand there.
_UNFIT_FOR_HEADER = re.compile(r"[^!-~]|[();<>\"\\]")
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0]")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")

_MAX_NAME_CHARS, _MAX_TEXT_CHARS = 100, 1_000
_MAX_LOCAL_BYTES = 64  # RFC 5321, 4.5.3.1.1

_T = TypeVar("_T")


def _url(value: str) -> str:
    if _BLANK.search(value) or not value:
        raise ValueError("a URL has no blanks and is not empty")
    if len(value) > urls.MAX_URL_CHARS:
        raise ValueError(f"a URL has at most {urls.MAX_URL_CHARS} characters")
    if not urls.is_http(value):
        if value.startswith("file:") or value.startswith(("/", "./", "../", "~")):
            raise ValueError("a source is fetched over http or https; a file is read with `statewire import FILE`")
        raise ValueError("should be a whole URL that begins with https:// or http://")
    parts = urlsplit(value)
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL here has no user name or password, because it is written into logs and mails")
    try:
        parts.port  # noqa: B018  the property raises
    except ValueError:
        raise ValueError("the port should be a number from 0 to 65535") from None
    return value


def _url_pattern(value: str) -> str:
    if not value.startswith(("/", "*")) or _BLANK.search(value):
        raise ValueError("should be the path of a URL such as /countries-areas/*, and begins with a / or a *")
    return value


def _contact(value: str) -> str:
    if _UNFIT_FOR_HEADER.search(value):
        raise ValueError("goes into a header: no blanks, brackets, quotes, backslashes or letters beyond ASCII")
    if _MAIL.fullmatch(value):
        return value
    if not urls.is_http(value):
        raise ValueError("should be a web page (https://...) or an e-mail address of the operator")
    return _url(value)


def mail_address(value: str) -> str:
    """Return an e-mail address with its host in ASCII (IDNA 2008) and lower case. Raise `ValueError` for anything else.

    Letters beyond ASCII before the @ stay; see `needs_smtputf8`.
    """
    name, _, host = unicodedata.normalize("NFC", value).rpartition("@")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError:
            raise ValueError("the host after the @ is no name that exists (IDNA 2008): check its letters") from None
    # The letters of other scripts, and their marks, take the place of letters; NFC has no others.
    plain = "".join("x" if ord(c) > 127 and unicodedata.category(c)[0] in "LMN" else c for c in name)
    if not _MAIL.fullmatch(f"{plain}@{host}") or len(name.encode()) > _MAX_LOCAL_BYTES:
        raise ValueError("should be one e-mail address such as desk@example.org, without a name or brackets")
    # Host names ignore letter case, and one recipient should get one mail.
    return f"{name}@{host.lower()}"


def needs_smtputf8(address: str) -> bool:
    """Return True for an address that only mail servers with the extension SMTPUTF8 (RFC 6531) take."""
    return not address.isascii()


def _ascii_mail_address(value: str) -> str:
    if needs_smtputf8(value):
        raise ValueError("should have ASCII letters only before the @: every mail server has to accept this sender")
    return value


def _text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("should be text on one line, and not empty")
    if len(value) > _MAX_TEXT_CHARS:
        raise ValueError(f"should have at most {_MAX_TEXT_CHARS} characters")
    return value.strip()


def _phrase(value: str) -> str:
    if not normalize.words(value):
        raise ValueError("should hold a letter or digit")
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError("should be the name of an environment variable such as SMTP_PASSWORD, never the secret itself")
    return value


def _group(value: str) -> str:
    if not _GROUP.fullmatch(value):
        raise ValueError("should be the name of a group of this machine such as statewire-readers")
    return value


def _mail_host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()) and not _is_bracketed_ipv6(f"[{value}]"):
        raise ValueError(
            "should be the host name or IP address of a mail server such as smtp.example.org, without its port"
        )
    return value.lower()


def _path(value: Path, info: ValidationInfo) -> Path:
    if not value.name:
        raise ValueError("should name a file or a folder")
    try:
        value = value.expanduser()
    except RuntimeError:
        raise ValueError("the home folder for `~` is unknown") from None
    return Path(info.context["folder"]) / value if info.context else value


def not_empty(value: tuple[_T, ...]) -> tuple[_T, ...]:
    """Refuse a list without entries. (`min_length` counts valid entries only: one bad entry would be two mistakes.)"""
    if not value:
        raise ValueError("should have at least one entry")
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value) or len(value) > _MAX_NAME_CHARS:
        raise ValueError(
            f"{yaml.quoted(value)} should be lower-case letters, digits and “-”, at most {_MAX_NAME_CHARS} characters"
        )
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{yaml.quoted(value)} should be a language tag such as en, fr or zh-Hant")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("should be a host name in lower case such as www.example.org, without https:// and path")
    return value


def _private(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not (_HOST.fullmatch(host) or _is_bracketed_ipv6(host)) or not _PORT.fullmatch(port) or int(port) > 65_535:
        raise ValueError("should be HOST:PORT as in the URL, such as 127.0.0.1:8080, [::1]:8080, localhost:80")
    return value


def _is_bracketed_ipv6(value: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(value[1:-1])) and value == f"[{value[1:-1]}]"
    except ValueError:
        return False


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        shown = yaml.quoted(value) if isinstance(value, str | int | float) else "this"
        raise ValueError(f"{shown} is not a duration: write a number and its unit, such as 30s, 15m, 2h or 1d")
    return timedelta(seconds=int(match[1]) * _UNIT_S[match[2]])


def duration_text(value: timedelta) -> str:
    """Format a duration as the file spells it, in the largest unit that divides it: `90m`, `2h`."""
    seconds = round(value.total_seconds())
    unit, unit_s = next((unit, unit_s) for unit, unit_s in _UNIT_S.items() if seconds % unit_s == 0)
    return f"{seconds // unit_s}{unit}"


UrlPattern = Annotated[
    str, AfterValidator(_url_pattern), Field(json_schema_extra={"examples": ["/countries-areas/*"], "pattern": "^[/*]"})
]
Url = Annotated[str, AfterValidator(_url), Field(json_schema_extra={"pattern": "^https?://"})]
Contact = Annotated[str, AfterValidator(_contact), Field(json_schema_extra={"examples": [EXAMPLE_CONTACT]})]
Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{_NAME.pattern}$"})]
Language = Annotated[str, AfterValidator(_language), Field(json_schema_extra={"pattern": f"^{_LANGUAGE.pattern}$"})]
Host = Annotated[str, AfterValidator(_host), Field(json_schema_extra={"examples": ["www.example.org"]})]
PrivateAddress = Annotated[str, AfterValidator(_private), Field(json_schema_extra={"examples": ["127.0.0.1:8080"]})]
MailAddress = Annotated[str, AfterValidator(mail_address), Field(json_schema_extra={"examples": ["desk@example.org"]})]
SenderAddress = Annotated[MailAddress, AfterValidator(_ascii_mail_address)]
MailHost = Annotated[str, AfterValidator(_mail_host), Field(json_schema_extra={"examples": ["smtp.example.org"]})]
Text = Annotated[str, AfterValidator(_text)]
Phrase = Annotated[Text, AfterValidator(_phrase)]
Variable = Annotated[str, AfterValidator(_variable), Field(json_schema_extra={"pattern": f"^{_VARIABLE.pattern}$"})]
Group = Annotated[str, AfterValidator(_group), Field(json_schema_extra={"pattern": f"^{_GROUP.pattern}$"})]
File = Annotated[Path, AfterValidator(_path)]
"""A file or folder: `~` is the home folder, and a relative path starts from the folder of the configuration."""
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(duration_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$", "examples": ["15m", "2h", "1d"]}),
]
Seconds = Annotated[float, Field(strict=True, gt=0, le=31 * 86_400)]
Count = Annotated[int, Field(strict=True, ge=0)]
PositiveCount = Annotated[int, Field(strict=True, ge=1)]
