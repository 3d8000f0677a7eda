"""Mail headers: cleaning and ASCII folding of values, Message-IDs, and the thread ID of a statement (pure).

The standard library's own folding decodes what looks like an encoded word and writes it out raw on Pythons before
3.11.10 (CVE-2024-6923), adds a blank to some subjects, and encodes a long List-Unsubscribe so that no client
understands it. So this module cleans and folds values itself.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from scraper.text.cuts import shorten

MAX_CHARS = 200
_LINE_CHARS = 76
# Together with the frame of an encoded word and "Subject: ", no line is longer than `_LINE_CHARS`.
_CHUNK_BYTES = 39
_SLUG_CHARS = 40
_REPLACED = {"Cs": "?", "Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Co": "", "Cn": ""}
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_NO_HOST = re.compile(r"[^a-z0-9.-]")


def header_value(words: str) -> str:
    """Return one line fit to be the value of a header: at most `MAX_CHARS` characters, and no encoded word."""
    plain = "".join(_REPLACED.get(unicodedata.category(character), character) for character in words)
    return shorten(" ".join(plain.replace("=?", "= ?").split()), MAX_CHARS)


def phrase(words: str) -> str:
    """Return a display name as written before an e-mail address in angle brackets, quoted where necessary."""
    name = header_value(words)
    if _ATOMS.fullmatch(name) or not name.isascii():
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def slug(name: str) -> str:
    """Return a name as a short, lower-case part of a host name; a digest distinguishes names that lose letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_CHARS].strip("-")
    if letters and name.isascii() and len(plain) <= _SLUG_CHARS:
        return letters
    return f"{letters[: _SLUG_CHARS - 9]}-{_digest(name)[:8]}".lstrip("-")


def domain(sender: str) -> str:
    """Return the host of an e-mail address, used in the identifiers of our mails."""
    return _NO_HOST.sub("", sender.rpartition("@")[2].lower()) or "localhost"


def message_id(key: str, recipient: str, host: str) -> str:
    """Return the Message-ID of an alert to a recipient: the same however often it is built."""
    digest = _digest(key + "\n" + recipient)
    return f"<{digest[:32]}@{host}>"


def root_id(statement_id: int, host: str) -> str:
    """Return the ID that all mails about a statement refer to, so that clients show them as one thread."""
    return f"<statement-{statement_id}@{host}>"


def fold(name: str, value: str) -> str:
    """Return a header as it is sent: in lines that end with CRLF, continuation lines indented by a blank.

    It is ASCII, apart from a recipient that is not. `value` is one line. Non-ASCII text becomes encoded words; an
    e-mail address in angle brackets stays as it is.
    """
    if name == "To" and not value.isascii():
        # An address in another script stands as it is (RFC 6532), and only servers with SMTPUTF8 get the mail.
        return f"{name}: {value}\r\n"
    if value.isascii():
        return "\r\n ".join(_lines(name, value)) + "\r\n"
    words, bracket, address = value.partition(" <") if value.endswith(">") else (value, "", "")
    if not address.isascii():
        words, bracket, address = value, "", ""
    encoded = "\r\n ".join(f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in _chunks(words))
    return f"{name}: {encoded}" + (f"\r\n <{address}" if bracket else "") + "\r\n"


def _lines(name: str, value: str) -> Iterator[str]:
    """Split a header at blanks, as rarely as possible and never right after its name."""
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
    """Yield UTF-8 in pieces that do not split a character."""
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
