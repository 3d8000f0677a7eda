"""Detector of hidden texts that a control beside them shows: "Read more"."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from scraper.parsers.elements import NO_TEXT, contents, label

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
_CONTROLS = ("a", "button", "summary", "label")
# Length of a hidden text, outside links, from which on a control beside it may show it; elements on either side.
_MIN_CHARS, _MAX_BESIDE = 100, 2
_MAX_CONTROL_CHARS = 40


def is_folded(element: Any) -> bool:
    """Return True for a hidden element of enough text beside a control that shows it."""
    beside = [*islice(element.itersiblings(), _MAX_BESIDE), *islice(element.itersiblings(preceding=True), _MAX_BESIDE)]
    controls = (next(each.iter(*_CONTROLS), None) for each in beside)
    is_shown = any(unfolds(label(control)) for control in controls if control is not None)
    return is_shown and prose_chars(element) >= _MIN_CHARS


def unfolds(line: str) -> bool:
    """Return True for the label of a control that shows the rest of a text."""
    return len(line) <= _MAX_CONTROL_CHARS and _MORE.fullmatch(line.strip(_SIGNS)) is not None


def prose_chars(root: Any) -> int:
    """Return the number of characters under an element that are in no link."""
    chars = 0
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            chars += len(node.strip())
        elif node.tag not in NO_TEXT and node.tag != "a":
            stack.extend(contents(node))
    return chars
