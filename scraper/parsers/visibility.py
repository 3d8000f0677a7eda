"""Rules for the elements that no reader sees, or sees otherwise than they are written: hidden, raised, obfuscated."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any

from scraper.text import footnotes


class Unseen(Enum):
    """Reason for which an element is no text: not displayed, struck out, or only read aloud."""

    HIDDEN = auto()
    STRUCK = auto()
    SPOKEN = auto()


_STRUCK = frozenset({"del", "s", "strike"})
_MAX_STYLE_CHARS, _MAX_CLASS_CHARS = 1_000, 1_000
_STYLE_SIGNS = re.compile(r"none|hidden|collapse|line-through|clip|-\d{3}|mso-hide")
# Not `opacity: 0` and `height: 0`, which animations begin with.
_OFF_SCREEN = re.compile(r"-\d{3,9}(?:\.\d{1,9})?(?:px|r?em|vw|pt|%)?")
# Hanging indents of word processors are shorter.
_INDENTED = re.compile(r"-\d{4,9}(?:\.\d{1,9})?(?:px|pt)?|-\d{3,9}(?:\.\d{1,9})?(?:r?em|%)")
_CLIPPED = re.compile(r"rect\(\s?[01](?:px)?(?:[\s,]+[01](?:px)?){3}\s?\)|inset\((?:50|100)%\)")
# The names that frameworks give to text for screen readers. Names such as `hidden` or `d-none` are left out: a style
# sheet or a script decides what they mean on a screen of which width.
_SPOKEN = re.compile(
    r"(?!not-)(?:[\w-]{0,60}-)?(?:sr-(?:only|text)(?:-focusable)?|visually-?hidden(?:-focusable)?|hidden-?visually"
    r"|screen-?readers?(?:-(?:only|text|shortcut))?|show-for-sr|screen-only|element-invisible|assistive-text"
    r"|off-?screen(?:-text)?|(?:helper-)?hidden-accessible|accessibly-hidden"
    r"|(?:a11y|accessibility|accessible)-(?:hidden|text|only)|wb-inv)(?:--focusable)?"
)
# A part of each of these names: few classes have one, and a search for it takes a tenth of the time.
_MAY_BE_SPOKEN = re.compile("sr-|-sr|hidden|screen|invisible|assistive|a11y|accessi|wb-inv")
_EMAIL_LINK = re.compile(r"/cdn-cgi/l/email-protection#([0-9a-fA-F]{4,400})\Z")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){2,200}")
_EMAIL_PATH = "/cdn-cgi/l/email-protection"
_PROTECTED = re.compile(r"\[email\s?protected\]")
_NOTE_LINK = re.compile(r"#[^#]{0,20}(?:fn|ftn|foot|note|ref|cite|end)", re.IGNORECASE)
# Stricter, for a link without a superscript: "Amendment 5" may lead to #amendment-5.
_NOTE_FRAGMENT = re.compile(
    r"#(?:_|user-content-|easy-|ref-)?(?:fn|ftn|edn|foot-?note|end-?note|cite|note)", re.IGNORECASE
)
_RAISED = re.compile(r"vertical-align\s?:\s?(?:super|text-top)", re.IGNORECASE)
_NOTE_CLASS = re.compile(
    r"foot-?note|\bfn(?:ref)?[-:]?\d{0,4}\b|\bnote-?ref|\breference\b|\bcitation\b|endnote", re.IGNORECASE
)


def unseen(element: Any) -> Unseen | None:
    """Return why no reader sees an element, or None if one may.

    `aria-hidden` hides nothing: it is meant for screen readers alone, and stands at visible text.
    """
    name, given = element.tag, element.keys()
    if name in _STRUCK:
        return Unseen.STRUCK
    if name == "dialog" and "open" not in given:
        return Unseen.HIDDEN
    if not given:
        return None
    # Text with `until-found` can be searched for, and opens when it is found.
    if "popover" in given or ("hidden" in given and element.get("hidden").lower() != "until-found"):
        return Unseen.HIDDEN
    if "style" in given and (found := _by_style(element.get("style")[:_MAX_STYLE_CHARS].lower())):
        return found
    if "class" not in given:
        return None
    named = element.get("class")[:_MAX_CLASS_CHARS].lower().replace("_", "-")
    return Unseen.SPOKEN if _MAY_BE_SPOKEN.search(named) and any(map(_SPOKEN.fullmatch, named.split())) else None


def is_obfuscated(element: Any) -> bool:
    """Return True if an element may hold an e-mail address that Cloudflare has obfuscated."""
    if element.tag == "a" and _EMAIL_PATH in element.get("href", ""):
        return True
    return bool(element.get("data-cfemail"))


def email_of(element: Any, text: str) -> str | None:
    """Return the e-mail address that Cloudflare has obfuscated in an element with a text; None for others."""
    written = element.get("data-cfemail", "").strip()
    if not written and _PROTECTED.search(text):
        link = _EMAIL_LINK.search(element.get("href", ""))
        written = link.group(1) if link else ""
    return _decoded_email(written) if written else None


def is_raised(element: Any) -> bool:
    """Return True if an element may be a footnote mark: a superscript, by its name or style, or a link to a note."""
    name = element.tag
    if name == "sup":
        return True
    if name == "a":
        return _NOTE_FRAGMENT.search(element.get("href", "")) is not None
    return name == "span" and _RAISED.search(element.get("style", "")[:_MAX_STYLE_CHARS]) is not None


def footnote_mark(element: Any, before: str, written: str) -> str | None:
    """Return a raised element with the text `written`, below the text `before`, as a footnote mark; None for others."""
    parent = element.getparent()
    is_in_link = element.tag != "a" and parent is not None and parent.tag == "a"
    link = parent if is_in_link else next(element.iter("a"), None)
    around = [element] if link is None else [element, link]
    names = " ".join(each.get(key, "") for each in around for key in ("class", "id", "role"))
    href = "" if link is None else link.get("href", "")
    is_linked = _NOTE_LINK.search(href) is not None or _NOTE_CLASS.search(names) is not None
    # Only a superscript may be a mark of letters or signs.
    found = footnotes.mark(before, written, is_linked=is_linked)
    return found if element.tag == "sup" or (found is not None and footnotes.is_mark(found.strip())) else None


def _by_style(style: str) -> Unseen | None:
    if not _STYLE_SIGNS.search(style):
        return None
    found = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        found[name.strip()] = value.replace("!important", "").strip()
    if found.get("display") == "none" or found.get("visibility") in {"hidden", "collapse"}:
        return Unseen.HIDDEN
    if found.get("mso-hide") == "all":  # the line that mail programs show beside the subject
        return Unseen.HIDDEN
    if _INDENTED.fullmatch(found.get("text-indent", "")):
        return Unseen.SPOKEN
    if "line-through" in found.get("text-decoration", found.get("text-decoration-line", "")):
        return Unseen.STRUCK
    if found.get("position") in {"absolute", "fixed"} and (
        any(_OFF_SCREEN.fullmatch(found.get(side, "")) for side in ("left", "top", "right"))
        or any(_CLIPPED.fullmatch(found.get(name, "")) for name in ("clip", "clip-path"))
    ):
        return Unseen.SPOKEN
    return None


def _decoded_email(written: str) -> str | None:
    """Return the text of hexadecimal digits: the first byte is the key, with which each other one is combined (XOR)."""
    if _HEX.fullmatch(written) is None:
        return None
    key, *data = bytes.fromhex(written)
    text = bytes(byte ^ key for byte in data).decode("utf-8", "replace")
    return text.partition("?")[0] if text.isprintable() else None
