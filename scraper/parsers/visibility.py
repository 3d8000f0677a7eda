"""Filter of the parts of a tree that no reader sees: one rule for all text that is taken from it."""

from __future__ import annotations

import re
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING, Any

from scraper.text import footnotes

if TYPE_CHECKING:
    from collections.abc import Collection


class Unseen(Enum):
    """Why a tag is no text: not displayed, struck out, or only read aloud."""

    HIDDEN = auto()
    STRUCK = auto()
    SPOKEN = auto()


_STRUCK = frozenset({"del", "s", "strike"})
_MAX_CONTROL_CHARS, _MAX_BESIDE = 40, 2
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
_SIGNS = " .…+»›>→▼▾[]()"
# Controls that show the rest of a text, whole labels.
_MORE = re.compile(
    r"(?:(?:click (?:here )?to )?(?:read|show|see|view|load)(?: the)? (?:more|all|rest|full (?:text|story))"
    r"|continue reading|read on|more|expand(?: all)?|full (?:text|story)|weiterlesen|mehr(?: lesen| anzeigen)?"
    r"|lire la suite|(?:voir|afficher|lire) plus|leer más|ver más|seguir leyendo|mostrar más|ler mais|ver mais"
    r"|continuar lendo|leggi tutto|continua a leggere|читать (?:далее|полностью)|показать (?:полностью|ещё|еще)"
    r"|развернуть|далее|читати далі|اقرأ المزيد|المزيد|阅读全文|展开(?:全文)?|显示更多|閱讀全文|続きを読む|もっと見る"
    r"|더 ?보기|devamını oku|đọc tiếp|xem thêm|baca selengkapnya|और पढ़ें|ادامه مطلب|مزید پڑھیں)",
    re.IGNORECASE,
)
CONTROLS = ("a", "button", "summary", "label")
MIN_FOLDED_CHARS = 100
"""Length of a hidden text, outside links, from which on a control beside it may show it."""
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


def unfolds(label: str) -> bool:
    """Return True for the label of a control that shows the rest of a text: "Read more"."""
    return len(label) <= _MAX_CONTROL_CHARS and _MORE.fullmatch(label.strip(_SIGNS)) is not None


def is_obfuscated(element: Any) -> bool:
    """Return True if an element may hold an e-mail address that Cloudflare has obfuscated."""
    if element.tag == "a" and _EMAIL_PATH in element.get("href", ""):
        return True
    return element.get("data-cfemail") is not None


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


def is_folded(element: Any) -> bool:
    """Return True for a hidden element of enough text beside a control that shows it."""
    beside = [*islice(element.itersiblings(), _MAX_BESIDE), *islice(element.itersiblings(preceding=True), _MAX_BESIDE)]
    controls = (next(each.iter(*CONTROLS), None) for each in beside if isinstance(each.tag, str))
    if not any(unfolds(" ".join(control.itertext())) for control in controls if control is not None):
        return False
    return _has_prose(element)


def prune(root: Any, shown: Collection[Unseen] = ()) -> None:
    """Apply the same rules to a tree of lxml: remove what is unseen, but show the kinds in `shown`."""
    for element in list(root.iter("*")):
        parent = element.getparent()
        if parent is None:
            continue
        reason = unseen(element)
        if reason is Unseen.HIDDEN and is_folded(element):
            for name in ("hidden", "style", "popover", "aria-hidden", "class"):
                element.attrib.pop(name, None)
            reason = None
        if reason is None:
            _rewrite(element, parent)
        elif reason not in shown:
            element.drop_tree()
        elif reason is Unseen.STRUCK:
            element.tag = "span"
        if reason in shown:
            for name in ("hidden", "style", "popover"):
                element.attrib.pop(name, None)


def _has_prose(element: Any) -> bool:
    """Return True if an element has enough text outside links for one that is folded."""
    chars = 0
    stack = [element]
    while stack and chars < MIN_FOLDED_CHARS:
        node = stack.pop()
        chars += len((node.text or "").strip())
        for child in node:
            chars += len((child.tail or "").strip())
            if isinstance(child.tag, str) and child.tag != "a":
                stack.append(child)
    return chars >= MIN_FOLDED_CHARS


def _rewrite(element: Any, parent: Any) -> None:
    """Write an e-mail address or a footnote mark as text."""
    text = None
    if is_raised(element):
        previous = element.getprevious()
        before = (parent.text if previous is None else previous.tail) or ""
        text = footnote_mark(element, before, "".join(element.itertext()))
    elif is_obfuscated(element):
        text = email_of(element, "".join(element.itertext()) if len(element) < 3 else "")
    if text is not None:
        del element[:]
        element.text = text


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
