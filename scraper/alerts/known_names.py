"""Names of countries, types and speakers that State uses, and the nearest one for a name that it does not (pure)."""

import re
from collections.abc import Iterator

from scraper.alerts.conditions import Condition, country_names, is_byline_of
from scraper.rules.state_menus import MENUS, OTHER_NAMES, Labels
from scraper.text import scripts
from scraper.text.nearest import did_you_mean, nearest, question
from scraper.text.normalize import count

_ARTICLE = re.compile(r", The\b")
_UNKNOWN = {
    "countries": "State’s site has no country “{}”",
    "types": "State’s site has no type “{}”",
    "speakers": "no known byline has “{}”",
}
_SHORTEST_NAME = 4


def is_known(condition: Condition, stored: Labels) -> bool:
    """Return True unless a name is neither in State's menus nor a label of a stored statement.

    Words are always known, and so are sources, which the configuration checks.
    """
    kind, entry = condition
    if kind == "countries":
        names = country_names(entry)
        return any(names & country_names(country) for country in (*MENUS.countries, *stored.countries))
    if kind == "types":
        key = scripts.name_key(entry)
        return any(scripts.name_key(name) == key for name in (*MENUS.types, *stored.types))
    return kind != "speakers" or any(is_byline_of(entry, byline) for byline in (*MENUS.bylines, *stored.bylines))


def is_list_of_names(kind: str, entry: str) -> bool:
    """Return True for known names with commas between them, unless it is one name itself ("Bahamas, The")."""
    names, stored = entry.split(","), Labels()
    is_one = len(names) == 1 or is_known(Condition(kind, entry), stored)
    return not is_one and all(is_known(Condition(kind, name.strip()), stored) for name in names)


def describe_unknown(condition: Condition, stored: Labels) -> str:
    """Return a sentence about a name that is not known, with the nearest known one if there is any.

    Return "" for a speaker of whom nothing can be said: nothing is similar, and no byline is stored to compare with.
    """
    kind, entry = condition
    suggestion = _suggest(kind, entry, stored)
    if kind == "speakers" and not stored.bylines and not suggestion:
        return ""
    of_database = ", nor has a stored statement" if stored != Labels() and kind != "speakers" else ""
    return _UNKNOWN[kind].format(entry) + of_database + suggestion


def is_probably_mistaken(condition: Condition, stored: Labels) -> bool:
    """Return True if a name that is not known is hardly a new one.

    Countries and types are closed lists, to which State adds an entry once in years. Speakers change with each
    appointment, so only a name like a known one is probably misspelled.
    """
    return condition.kind != "speakers" or bool(_suggest(condition.kind, condition.entry, stored))


def describe_other_form(condition: Condition, stored: Labels) -> str:
    """Return a sentence about a country that is only a word of titles if it is a form of a known one ("Kenyan").

    Return "" if it is known, or begins otherwise: State may name a country in titles that its menus do not have.
    """
    if condition.kind != "countries" or is_known(condition, stored):
        return ""
    key = scripts.name_key(condition.entry)
    begins = key[:_SHORTEST_NAME]
    known = [name for name in _names_of_countries(stored) if scripts.name_key(name).startswith(begins)]
    names = [OTHER_NAMES[key]] if key in OTHER_NAMES else nearest(condition.entry, known)
    words = _UNKNOWN["countries"].format(condition.entry)
    return f"{words}, and only titles with this word fit{did_you_mean(names)}" if names else ""


def describe_spelling(entry: str, written: str, number: int, number_written: int) -> str:
    """Return a sentence about a word of a watch that State mostly writes in another way.

    `number` and `number_written` are those of the stored statements with the entry, and with the word as State has it.
    """
    others = f"“{entry}” is in {number:,}" if number else f"none has “{entry}”"
    has = count(number_written, "stored statement")
    return f"State writes “{written}” ({has}; {others}), and a watch finds a word only as it is written; name both"


def _suggest(kind: str, entry: str, stored: Labels) -> str:
    if kind == "countries":
        if other := OTHER_NAMES.get(scripts.name_key(entry)):
            return f"; did you mean “{other}”?"
        return question(entry, _names_of_countries(stored))
    if kind == "types":
        return question(entry, (*MENUS.types, *stored.types))
    return question(entry, dict.fromkeys(_names_in_bylines(stored)))


def _names_of_countries(stored: Labels) -> Iterator[str]:
    """Yield the names of countries, each name in brackets by itself."""
    for name in (*MENUS.countries, *stored.countries):
        yield from (part.strip(" )") for part in _ARTICLE.sub("", name).split("("))


def _names_in_bylines(stored: Labels) -> Iterator[str]:
    """Yield what can be named of bylines: each of their parts, then the single names of persons."""
    for byline in (*MENUS.bylines, *stored.bylines):
        yield from filter(None, map(str.strip, (byline, *byline.split(","))))
    for byline in stored.bylines:
        yield from (word for word in byline.partition(",")[0].split() if len(word) >= _SHORTEST_NAME)
