"""Negations of a text in the languages in which the Department publishes, English apart (pure).

English negations are words of `lexicon`. Here a text's language is judged by its letters and its most frequent words; a
text too short for that is in the language that was declared for it. Words that only look like a negation are none:
"No. 5", Portuguese "no" (in the), French "pas" (step) without "ne", Chinese 不断 (continuous).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from scraper.text import normalize

_EXAMINED_CHARS = 20_000
_MIN_WORDS = 8
_FUNCTION_SHARE = 0.08
_MIN_FUNCTION_WORDS = 3  # different ones
_FUNCTION_WORDS = {
    "en": "the of and to in is for that with on as by are this",
    "es": "el los las del y en con por para una un es su al lo",
    "pt": "o os da dos das e em com por para uma um é ao na não",
    "fr": "le les des du et en dans pour une un est sur au aux par qui ce",
    "it": "il gli della di e che per con un una è nel sono dei delle alla",
    "de": "der die das und in den von zu mit für ist des dem auf ein eine",
    "id": "yang dan di untuk dengan ini dari dalam pada kepada ke adalah akan",
    "vi": "và của các là cho với trong được những một có về này vào ở sẽ đã từ người",
    "tr": "ve bir bu için ile de da olarak olan ancak gibi daha çok yapılan konuda tarafından üzere",
    "nl": "de het een en van in op te dat voor met zijn door aan zullen naar",
    "pl": "i w na z do się że jest oraz przez dla od po które który",
    "ro": "și şi în de la cu pe care pentru din este să au va vor ale",
    "sv": "och i att det som en på är av för med den till ett kommer",
    "da": "og i at det som en på er af for med den til et vil",
    "no": "og i å det som en på er av for med den til et vil",
    "cs": "a v na se že je do s z pro jsou od po které který",
    "hu": "a az és hogy egy is ez el meg által ország",
    "hr": "i u na je se da za od su koji koje s će",
    "ht": "yo nan ak pou ki se ap peyi te sou",
}
_LANGUAGES_BY_WORD: dict[str, list[str]] = {}
for _language, _listed in _FUNCTION_WORDS.items():
    for _word in _listed.split():
        _LANGUAGES_BY_WORD.setdefault(_word, []).append(_language)
_LETTERS = {
    "ko": re.compile("[\uac00-\ud7a3]"),
    "kana": re.compile("[\u3041-\u3096\u30a1-\u30fa]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "hi": re.compile("[\u0904-\u0939]"),
    "ar": re.compile("[\u0620-\u064a\u0671-\u06d3]"),
    "ru": re.compile("[\u0400-\u045f]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "th": re.compile("[\u0e01-\u0e2e]"),
    "bn": re.compile("[\u0985-\u09b9]"),
}
_UKRAINIAN = re.compile("[іїєґ]", re.IGNORECASE)
_SERBIAN = re.compile("[јљњћђ]", re.IGNORECASE)
_BULGARIAN = re.compile(r"ъ(?=[бвгджзклмнпрстфхцчшщ])|(?<!\w)(?:ще|няма|това|които|който|както)(?!\w)", re.IGNORECASE)
_RUSSIAN = re.compile("[ыэё]", re.IGNORECASE)
_URDU = re.compile("[ٹڈڑںےہ]")
_PERSIAN = re.compile("[پچژگیک]")
_SAME = {"nb": "no", "nn": "no", "bs": "hr", "sk": "cs", "mk": "sr"}
_KANA_SHARE = 0.1
_FOREIGN_SHARE = 0.5


def _words(listed: str) -> re.Pattern[str]:
    """Match whole words; a hyphen or an apostrophe ends one."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed.split())})(?!\w)", re.IGNORECASE)


# "Whatever he may say" has a particle that negates nothing.
_RUSSIAN_EVER = re.compile(r"(?<!\w)(?:бы(?: \w{1,30}){0,2}|как|сколько) ни(?!\w)", re.IGNORECASE)
# French: "ne" negates with one of these after it, or alone before some verbs; otherwise it is "only", or says nothing.
_FRENCH_WORD = re.compile(r"[^\W_]+|[.!?;:]")
_FRENCH_SECOND = frozenset("pas plus jamais rien aucun aucune personne point guère ni nul nulle nullement".split())
_FRENCH_VERBS = ("peu", "pouv", "pourr", "puis", "saur", "sait", "sav", "os", "cess")
_FRENCH_ALONE = frozenset(("sans", "non", "ni"))
_FRENCH_REACH = 6
# "No" before a number is the word "number" if it has a capital or a full stop.
_HINDI = "[\\w\u0900-\u0963]"
_BENGALI = "[\\w\u0980-\u09ff]"
_PATTERNS = {
    "es": re.compile(
        r"(?<!\w)(?:no(?!\.\s?\d)(?!(?<=(?-i:N)o)\s\d)|nunca|jamás|tampoco"
        r"|ni|sin|nadie|nada|ning(?:ún|un[oa]s?))(?!\w)",
        re.IGNORECASE,
    ),
    "pt": _words("não nunca jamais tampouco nem sem ninguém nada nenhum nenhuma nenhuns nenhumas"),
    "de": _words(
        "nicht nichts kein keine keinen keinem keiner keines keinerlei keinesfalls keineswegs nie niemals niemand"
        " niemandem niemanden nirgends nirgendwo ohne weder"
    ),
    "it": _words("non né nessun nessuno nessuna niente nulla senza neanche nemmeno neppure"),
    "ru": re.compile(
        r"(?<!\w)(?:не|ни|нет|нельзя|без|никогда|никто|никого|никому"
        r"|ничто|ничего|нигде|никак|никак(?:ой|ая|ое|ие|их|им|ую|ого|ому|ими))(?!\w)",
        re.IGNORECASE,
    ),
    "uk": re.compile(
        r"(?<!\w)(?:не|ні|ані|немає|нема|без|ніколи|ніхто|нікого|нікому|ніщо|нічого|ніде|ніяк|ніяк(?:ий|а|е|і|их|им|у|ого"
        r"|ому|ими))(?!\w)",
        re.IGNORECASE,
    ),
    "ar": re.compile(
        r"(?<!\w)(?:[وف]?(?:لا(?! ?سيما)|لم|لن|ليس|ليست|ليسوا|لسنا)|غير|[وب]?دون|بلا|[وب]?عدم|لعدم)(?!\w)"
    ),
    "fa": re.compile(
        r"(?<!\w)(?:نمی\w*|نیست\w*|نبود\w*|نخواه\w*|نباید|نشد\w*|نکرد\w*"
        r"|ندار\w*|نداشت\w*|نکن\w*|نشو\w*|نه|هیچ|بدون|غیر)(?!\w)"
    ),
    "ur": re.compile(r"(?<!\w)(?:نہیں|نہ|مت|بغیر|بلا)(?!\w)"),
    "hi": re.compile(rf"(?<!{_HINDI})(?:नहीं|न|ना|मत|बिना|बग़ैर)(?!{_HINDI})"),
    "nl": _words("niet niets geen nooit zonder niemand nergens noch evenmin"),
    "pl": _words("nie nigdy nikt nikogo nic bez ani żaden żadna żadne żadnej żadnego żadnych nigdzie"),
    "ro": re.compile(r"(?<!\w)(?:nu|n(?=-)|niciodată|nici|nimeni|nimic|fără|niciun|nicio)(?!\w)", re.IGNORECASE),
    "sv": _words("inte ej icke aldrig ingen inget inga ingenting utan varken"),
    "da": _words("ikke aldrig ingen intet ingenting uden hverken"),
    "no": _words("ikke aldri ingen intet ingenting uten verken"),
    "cs": re.compile(
        r"(?<!\w)(?:ne|nikdy|nikdo|nic|bez|ani|žádn\w{1,3}|není|nelze"
        r"|ne(?!j|b[eo]z?\b|bezpe|d[ěá]l|ž|kol|pál|m[eo]c|m[ěo]v)\w{1,20}(?:á|í|ou|e|ají|ují|ejí|eme|íme|áme|l|la|lo|li|ly))(?!\w)",
        re.IGNORECASE,
    ),
    "hu": _words("nem ne nincs nincsenek sem soha senki semmi nélkül"),
    "hr": _words("ne neće nećemo nije nisu nema nemaju bez ni nikada nitko ništa"),
    "sr": _words("не неће нећемо није нису нема немају без ни никада нико ништа"),
    "bg": _words("не няма нямат без ни нито никога никой нищо"),
    "el": _words("δεν δε μη μην ποτέ χωρίς ούτε κανείς κανένας κανένα καμία τίποτα όχι"),
    "he": re.compile(r"(?<!\w)[ושה]{0,2}(?:לא|אין|אינו|אינה|אינם|אינן|ללא|בלי|מעולם|שום)(?!\w)"),
    "th": re.compile("ไม่(?!น้อยกว่า|เพียง|เกิน|ว่าจะ)|มิได้|มิใช่|ห้าม|ปราศจาก|อย่า(?!ง)"),
    "bn": re.compile(rf"(?<!{_BENGALI})(?:না|নয়|নেই|নাই|নি|ছাড়া|বিনা)(?!{_BENGALI})"),
    "ht": _words("pa pap pat poko pèsonn san"),
    "id": _words("tidak bukan belum jangan tanpa tak tiada"),
    "vi": re.compile(
        r"(?<!\w)(?:(?<!hàng )không(?! (?:quân|gian|khí|phận|kích|lực|vận|chỉ))|chưa|chẳng|đừng)(?!\w)", re.IGNORECASE
    ),
    "tr": re.compile(
        r"(?<!\w)(?:değil\w*|hayır|yok|asla|(?!um|göm|em)\w{1,30}?m[ıiuü]yor\w*|\w{1,30}?m[ae]y[ae]ca[kğ]\w*"
        r"|\w{1,30}?m[ae]yece[kğ]\w*|\w{1,30}?m[ae]d[ıi](?:k|lar|ler|m|n)?"
        r"|(?!nam)\w{1,30}?m[ae]z(?:lar|ler)?|\w{1,30}?m[ae]mal[ıi]\w*"
        r"|\w{1,30}?m[ae]mel[ıi]\w*)(?!\w)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "不(?![断斷仅僅但过過久管论論同少禁妨愧光只])|[没沒](?![收落])|未(?![来來必婚])|[无無](?![论論疑线線辜数數比]|人[机機])"
        "|(?<![南北东東西中除是])非(?![常洲裔])|勿"
    ),
    "ja": re.compile(
        "(?<![少危])(?<!限り)(?<!しれ)(?<!知れ)(?<!違い)(?<!なら)(?<!いけ)(?<!得)ない(?!し)|(?<!少)(?<!だけで)(?<!だけでは)(?<!しれ)なかった"
        "|(?<!少)(?<!だけで)(?<!だけでは)なく(?!な|て)|(?<!しれ)(?<!知れ)(?<!なり)(?<!いけ)ません"
        "|(?<=[かさたらなばがけせてえめれべ])(?<!わら)ず(?=[に、。])"
    ),
    "ko": re.compile(
        "(?<!못지)않|(?<![가-힣])못(?=[ 하했한할])"
        "|(?<!끊임)(?<!틀림)(?<!변함)없|아니(?!라)|아닌|아닙|(?<![가-힣])안(?= [하되된할갈])"
    ),
}


class Negation(NamedTuple):
    """A negation: its words, case-folded, and the spans of characters where they stand (two for "ne … pas")."""

    key: str
    spans: tuple[tuple[int, int], ...]


def language(text: str, declared: str | None = None) -> str | None:
    """Return the language of a text as a code of two letters, the declared one if the text is too short; or None."""
    text = text[:_EXAMINED_CHARS]
    declared = re.split("[-_]", declared.lower())[0] if declared else None
    declared = _SAME.get(declared or "", declared)
    letters = sum(map(str.isalpha, text))
    counts = {name: len(pattern.findall(text)) for name, pattern in _LETTERS.items()}
    script = max(counts, key=lambda name: counts[name])
    if letters and (
        counts[script] > _FOREIGN_SHARE * letters or counts["kana"] + counts["zh"] > _FOREIGN_SHARE * letters
    ):
        return _of_script(text, script, counts, declared)
    return _of_words(text) or declared


def _of_script(text: str, script: str, counts: dict[str, int], declared: str | None) -> str:
    """Return the language of a text in another script than the Latin one."""
    if script in {"kana", "zh"}:
        return "ja" if counts["kana"] > _KANA_SHARE * counts["zh"] else "zh"
    if script == "ru":
        return _cyrillic(text)
    if script == "ar":
        if declared in {"ar", "fa", "ur"}:
            return declared
        return "ur" if _URDU.search(text) else "fa" if _PERSIAN.search(text) else "ar"
    return script


def _cyrillic(text: str) -> str:
    if _UKRAINIAN.search(text):
        return "uk"
    if _SERBIAN.search(text):
        return "sr"
    return "bg" if _BULGARIAN.search(text) and not _RUSSIAN.search(text) else "ru"


def _of_words(text: str) -> str | None:
    """Return the language whose function words a text in the Latin script has, if it is long enough to judge."""
    words = normalize.words(text)
    counts = Counter(name for word in words for name in _LANGUAGES_BY_WORD.get(word, ()))
    if len(words) < _MIN_WORDS or not counts:
        return None
    (best, most), *others = counts.most_common(2)
    is_clear = not others or most > others[0][1]
    different = sum(best in _LANGUAGES_BY_WORD.get(word, ()) for word in set(words))
    return best if is_clear and different >= _MIN_FUNCTION_WORDS and most >= _FUNCTION_SHARE * len(words) else None


def is_known(code: str | None) -> bool:
    """Return True if the negations of a language are listed here."""
    return code == "fr" or code in _PATTERNS


def find(text: str, code: str) -> list[Negation]:
    """Return the negations of a text in a language, in order; none if its negations are not known."""
    if code == "fr":
        return list(_french(text))
    if code == "ru":
        text = _RUSSIAN_EVER.sub(lambda match: " " * len(match.group()), text)
    pattern = _PATTERNS.get(code)
    return [Negation(match.group().casefold(), (match.span(),)) for match in pattern.finditer(text)] if pattern else []


def _french(text: str) -> Iterator[Negation]:
    words = [(match.group().casefold(), match.span()) for match in _FRENCH_WORD.finditer(text)]
    seconds = set[int]()
    for index, (word, span) in enumerate(words):
        if word == "ne" or (word == "n" and text[span[1] : span[1] + 1] in {"'", "’"}):
            reach = range(index + 1, min(len(words), index + 1 + _FRENCH_REACH))
            clause = list(takewhile(lambda at: words[at][0].isalnum(), reach))
            second = next((at for at in clause if words[at][0] in _FRENCH_SECOND), None)
            if second is not None:
                seconds.add(second)
                yield Negation(f"ne {words[second][0]}", (span, words[second][1]))
            elif any(words[at][0].startswith(_FRENCH_VERBS) for at in clause[:2]):
                yield Negation("ne", (span,))
        elif word in _FRENCH_ALONE and index not in seconds and text[span[1] : span[1] + 1] != "-":
            yield Negation(word, (span,))
