"""Words from anywhere -> header values that are what they seem, and the lines in which they are sent (pure).

The standard library's own folding decodes what looks like an encoded word and writes it out raw on Pythons before
3.11.10 (CVE-2024-6923), adds a blank to some subjects, and encodes a long List-Unsubscribe so that no client
understands it. So values are cleaned here, and folded here.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from scraper.text.normalize import truncate

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARS = 200
_LINE_CHARS = 76
# With the frame of an encoded word and "Subject: " before it no line is longer than `_LINE_CHARS`.
_CHUNK_BYTES = 39
_SLUG_CHARS = 40
_REPLACED = {"Cs": "?", "Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Co": "", "Cn": ""}
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_NO_HOST = re.compile(r"[^a-z0-9.-]")


def clean(words: str) -> str:
    """One line fit to be the value of a header: at most `MAX_CHARS` characters, and no encoded word."""
    plain = "".join(_REPLACED.get(unicodedata.category(character), character) for character in words)
    return truncate(" ".join(plain.replace("=?", "= ?").split()), MAX_CHARS)


def phrase(words: str) -> str:
    """A name as it stands before an address in angle brackets, quoted where it has to be."""
    name = clean(words)
    if _ATOMS.fullmatch(name) or not name.isascii():
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def slug(name: str) -> str:
    """A name as a part of a host name: short, lower-case, and never the same for two names that lose letters by it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    kept = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_CHARS].strip("-")
    if kept and name.isascii() and len(plain) <= _SLUG_CHARS:
        return kept
    return f"{kept[: _SLUG_CHARS - 9]}-{_digest(name)[:8]}".lstrip("-")


def domain(sender: str) -> str:
    """The host of a mail address, in which the identifiers of our mails live."""
    return _NO_HOST.sub("", sender.rpartition("@")[2].lower()) or "localhost"


def message_id(key: str, recipient: str, host: str) -> str:
    """The Message-ID of an alert to a recipient: the same however often it is built."""
    digest = _digest(key + "\n" + recipient)
    return f"<{digest[:32]}@{host}>"


def root_id(statement: int, host: str) -> str:
    """What all mails about a statement refer to, so that clients show them as one thread."""
    return f"<statement-{statement}@{host}>"


def folded(name: str, value: str) -> str:
    """A header as it is sent: ASCII, in lines that end with CRLF and go on with a blank.

    `value` is one line. What is not ASCII becomes encoded words; an address in angle brackets after it stays readable.
    """
    if value.isascii():
        return "\r\n ".join(_lines(name, value)) + "\r\n"
    words, bracket, address = value.partition(" <") if value.endswith(">") else (value, "", "")
    if not address.isascii():
        words, bracket, address = value, "", ""
    encoded = "\r\n ".join(f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in _chunks(words))
    return f"{name}: {encoded}" + (f"\r\n <{address}" if bracket else "") + "\r\n"


def _lines(name: str, value: str) -> Iterator[str]:
    """A header parted at blanks, as few times as may be; never right after its name."""
    first, *words = value.split(" ")
    line = f"{name}: {first}"
    for word in words:
        if len(line) + 1 + len(word) > _LINE_CHARS:
            yield line
            line = word
        else:
            line = f"{line} {word}"
    yield line


def _chunks(words: str) -> Iterator[bytes]:
    """UTF-8 in pieces that no character is cut by."""
    chunk = b""
    for character in words:
        more = character.encode()
        if len(chunk) + len(more) > _CHUNK_BYTES:
            yield chunk
            chunk = b""
        chunk += more
    yield chunk


def _digest(words: str) -> str:
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
