"""Filter of the lines of a main text that are about its page: share bars, bylines, dates, references (pure).

Labels are in the languages in which statements are republished most; a line in another language stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.parsers import dates, vocabulary
from scraper.parsers.article_date import SENTENCE_END
from scraper.rules import attribution
from scraper.text import normalize

_MAX_LINE_CHARS, _MAX_PROMOTION_CHARS, _MAX_BYLINES = 200, 160, 3
_SIGNS = "[](){}<>«»›‹|•·–—-→▶►*# "
_CLOCK = r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?(?: ?(?:[A-Z]{2,5}|Uhr|h))?"
# A line that is nothing but a time or a day.
_TIME = re.compile(rf"(?:{_CLOCK}|(?:[^\W\d_]{{2,12}}\.?,? )?{dates.SHOWN_DAY}(?:[ ,|·–-]*{_CLOCK})?)\W{{0,6}}")
# "By Jane Roe": a heading that begins so has another word than a name next ("Von der Leyen", "By the end of 2030").
_BYLINE = re.compile(
    r"(?:By|BY|Von|VON|Par|PAR|Por|POR|Di|DI|Da|DA|Door|Автор|От|Written by|Posted by)\b:? "
    r"(?:[^\W\d_a-zà-þа-я][\w.’'-]{0,30},?(?: |\n|\Z)){1,4}.{0,100}",
    re.DOTALL,
)
_DATED = re.compile(
    rf"\A(?:published|posted on|updated|last updated|veröffentlicht|publié|mis à jour|publicado|actualizado|pubblicato|"
    rf"опубликовано|обновлено|نشر|发布|来源)\b|{dates.SHOWN_DAY}|(?<!\d){_CLOCK}(?!\d)|\bmin(?:ute)?s? read\b",
    re.IGNORECASE,
)
# In short lines: a copyright sign at the beginning, or one of these anywhere.
_COPYRIGHT = re.compile(
    r"\A\W{0,6}(?:©|\(c\)|copyright\b)|\b(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|все права защищены|"
    r"جميع الحقوق محفوظة)\b|版权所有|版權所有",
    re.IGNORECASE,
)
# "READ MORE: Floods close road", "[See also: Five things to know]".
_REFERENCE = re.compile(
    r"(?:read (?:more|also|next)|see also|also read|related(?: stor(?:y|ies)| articles?)?|more on this|watch|"
    r"lesen sie (?:auch|mehr)|mehr zum thema|siehe auch|(?:à )?lire aussi|voir aussi|lea también|le[aé] más|"
    r"ver también|leia também|veja também|leggi anche|читайте также|смотрите также|по теме|читайте також|"
    r"اقرأ (?:أيضا|أيضاً|المزيد)|شاهد أيضا)(?:\s?[:：»>|–-].{0,150}|\W{0,6})",
    re.IGNORECASE,
)
# Requests to the reader, and the line that names the publisher.
_PROMOTION = re.compile(
    r"\bnewsletter\b|\b(?:in|to) your inbox\b|\bsubscribe (?:now|today|here|to (?:our|the|continue)|for)\b"
    r"|\bsign up (?:for|to|now|here)\b|\bfree articles? (?:this|left|remaining)\b|\balready a subscriber\b"
    r"|\binscrivez-vous\b|\babonnez-vous\b|\bsuscríb[ae]\w{1,3}\b|\bassine (?:já|agora)\b"
    r"|\bjetzt (?:abonnieren|anmelden)\b"
    r"|\bподпи(?:шитесь|сывайтесь)\b|\bاشترك (?:الآن|في)\b|\biscriviti\b",
    re.IGNORECASE,
)
# The line of a news wire that names who sent the text, and the last line of an article that names its editor.
_SOURCE = re.compile(
    r"(?:sources?|quelle|fuente|fonte|источник|джерело|المصدر|来源|責任編輯|责任编辑|责编|編輯|编辑|editing by|"
    r"редактор)\s?[:：]\s?.{2,80}|(?-i:SOURCE) .{2,80}",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"(?:media|press|presse|prensa|pers)[ -]?(?:contacts?|kontakte?|contactos?|contatti|inquiries)\b.{0,20}"
    r"|contacts?:?|kontakt:?|ansprechpartner(?:in)?:?|contactos?:?|contatti:?|notes? to (?:the )?editors?:?"
    r"|(?:important information|disclaimer|legal notice):?|haftungsausschluss:?|aviso legal:?|mentions légales:?"
    r"|контакты:?|контактная информация:?",
    re.IGNORECASE,
)
"""First line of what stands below a text: whom to ask, and what the publisher is not liable for."""
ABOUT = re.compile(
    r"(?:about|über|à propos de|acerca de|sobre|informazioni su|о компании|об издании)\b.{2,80}", re.IGNORECASE
)
"""First line of a publisher's note about itself; a section of a text may begin in the same way."""
_MIN_ABOVE_CONTACT, _MAX_BELOW_ABOUT, _MAX_LABEL_CHARS = 2, 3, 90
_PRINTED = re.compile(
    r"(?:article printed from|url to article|urls in this post|click here to print|this article (?:first |originally )?"
    r"appeared in|printed from)\b.{0,150}",
    re.IGNORECASE,
)
# What a publisher declares of the text: no advice, the author's own opinion, taken over from an agency unchanged.
_DISCLAIMER = re.compile(
    r"\b(?:does|do|should|shall) not (?:be (?:taken|construed) as|constitute)\b.{0,80}\b(?:advice|offer|solicitation)\b"
    r"|\bnot necessarily (?:reflect|represent)\b"
    r"|\bviews? expressed\b.{0,60}\b(?:author|writer|contributor)"
    r"|\blicen[sc]ed under (?:a |the )?(?:creative commons|cc by)"
    r"|\b(?:published|generated) from a (?:syndicated|wire|news agency)|\bwith inputs? from (?:the )?agenc(?:y|ies)\b"
    r"|\bthis (?:article|story|post|report) (?:was|has been|is) (?:first|originally|re)[ -]?(?:published|posted)\b",
    re.IGNORECASE,
)
_MAX_DISCLAIMER_CHARS = 600
_MAX_NEIGHBOUR_CHARS = 400
_MAX_DOUBLED, _MIN_DOUBLED_WORDS = 500, 20
_MAX_LEAD = 6
_NEIGHBOUR = re.compile(r"\b(?:Previous|Next|PREVIOUS|NEXT) (?:[Pp]ost|[Aa]rticle|[Ss]tory|POST|ARTICLE|STORY)\b")
_SHARING = re.compile(
    r"(?:click to )?(?:share|tweet|print|email|e-mail|pin)(?: (?:this|on|via|to|it|us|with)\b.{0,80})?:?"
    r"|like this:?|loading(?:\.\.\.|…)?|advertisement|advertisements|sponsored|report this ad|post navigation",
    re.IGNORECASE,
)
_BELOW_THE_TEXT = re.compile(
    r"(?:more|latest|related|recommended) (?:news|articles|posts|stories)|related|most (?:popular|read)|trending"
    r"|(?:you )?(?:may|might) also like|leave a (?:reply|comment)|read next|discover more from .{1,80}",
    re.IGNORECASE,
)
# Markup that a careless copy leaves in the text: `class="article-meta doctype-meta">Readout`.
_LEAKED = re.compile(r"<?(?:\w{1,10} )?(?:class|id|style)=[\"“”][^\"“”<>]{0,200}[\"“”]>\s*")
# Labels that the Department's mailing, and sites that forward it, set before a title.
_TITLE_LABEL = re.compile(r"\A(?:press|news|collected) releases?: ", re.IGNORECASE)


def clean(paragraphs: Sequence[str], title: str, *, is_below_title: bool) -> tuple[tuple[str, ...], str | None]:
    """Return the paragraphs of the text, and the type of document that leaked markup names.

    `is_below_title`: the paragraphs were taken from below the title, so that nothing above it is left out.
    """
    kind = None
    body: list[str] = []
    titles = _title_keys(title)
    lead = 0 if is_below_title else _lead_length(paragraphs[:_MAX_LEAD], titles)
    for at, paragraph in enumerate(paragraphs[lead:], lead + 1):
        below = paragraphs[at : at + _MAX_BELOW_ABOUT + 1]
        line, leaks = _LEAKED.subn("", paragraph, count=1) if _LEAKED.match(paragraph) else (paragraph, 0)
        if leaks and (named := vocabulary.document_type(line)):
            kind = kind or named
        elif (body and _BELOW_THE_TEXT.fullmatch(line)) or _ends_release(line, len(body), below):
            break
        elif line and _title_key(line) not in titles and not _is_furniture(line, is_lead=len(body) < _MAX_BYLINES):
            body.append(line)
    return _without_doubled_run(_without_neighbours(body)), kind


def _ends_release(line: str, above: int, below: Sequence[str]) -> bool:
    """Return True for a line below a release: the contact, or the beginning of a last note about the publisher.

    `above` counts the lines of the text before it; `below` are the next ones, one more than a note has.
    """
    if above < _MIN_ABOVE_CONTACT or len(line) > _MAX_LABEL_CHARS:
        return False
    if CONTACT.fullmatch(line):
        return True
    # The note is short, and nothing but a contact is below it.
    is_last = len(below) <= _MAX_BELOW_ABOUT or any(map(CONTACT.fullmatch, below))
    return is_last and not SENTENCE_END.search(line) and ABOUT.fullmatch(line) is not None


def _is_furniture(line: str, *, is_lead: bool) -> bool:
    """Return True for a line about the page and not of the text. `is_lead`: it is one of the first lines."""
    if len(line) <= _MAX_DISCLAIMER_CHARS and _DISCLAIMER.search(line):
        return True
    if len(line) > _MAX_LINE_CHARS:
        return False
    label = line.lstrip(_SIGNS)
    if any(pattern.fullmatch(label) for pattern in (_SHARING, _TIME, _REFERENCE, _PRINTED, _SOURCE)):
        return True
    if _COPYRIGHT.search(line) or (len(line) <= _MAX_PROMOTION_CHARS and _PROMOTION.search(line)):
        return True
    if not is_lead or SENTENCE_END.search(line):
        return False
    return _BYLINE.fullmatch(line) is not None or _DATED.search(line) is not None


def _lead_length(paragraphs: Sequence[str], titles: frozenset[str]) -> int:
    """Return the number of paragraphs before the text: the title, once or repeated, and everything above it."""
    return max((at + 1 for at, paragraph in enumerate(paragraphs) if _title_key(paragraph) in titles), default=0)


def _title_keys(title: str) -> frozenset[str]:
    """Return the keys of a title with and without the name of the Department's site."""
    return frozenset({_title_key(title), _title_key(attribution.bare_title(title))} - {""})


def _title_key(line: str) -> str:
    return normalize.word_key(_TITLE_LABEL.sub("", line, count=1))


def _without_neighbours(paragraphs: Sequence[str]) -> list[str]:
    """Leave out "TITLE Previous post TITLE", and a title after a paragraph that is only "Previous post"."""
    remaining = []
    marked = False
    for paragraph in paragraphs:
        marker = _NEIGHBOUR.search(paragraph) if len(paragraph) <= _MAX_NEIGHBOUR_CHARS else None
        if marker is None and not (marked and _is_headline(paragraph)):
            remaining.append(paragraph)
        marked = marker is not None and marker.group() == paragraph.strip(" :«»←→")
    return remaining


def _without_doubled_run(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Leave out the second copy of a run of paragraphs that directly follows the first."""
    keys = [normalize.word_key(paragraph) for paragraph in paragraphs]
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, key in enumerate(keys):
        for start in {first.setdefault(key, at), last.get(key, at)}:
            length = at - start
            if (
                0 < length <= _MAX_DOUBLED
                and keys[start:at] == keys[at : at + length]
                and sum(len(normalize.words(paragraph)) for paragraph in paragraphs[start:at]) >= _MIN_DOUBLED_WORDS
            ):
                return (*paragraphs[:at], *paragraphs[at + length :])
        last[key] = at
    return tuple(paragraphs)


def _is_headline(line: str) -> bool:
    return len(line) <= _MAX_NEIGHBOUR_CHARS // 2 and not line.endswith((".", "!", "?", ":", "”"))
