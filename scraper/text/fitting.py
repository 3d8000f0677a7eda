"""Changes by which a quotation fits the sentence of a reporter: cuts, and other tenses, persons and days (pure).

Modal verbs go one way, from what was said to a report of it: "will" becomes "would". "Would" for "will" is reported
speech; "shall", "may" or "must" for "will", and "will" for "would", say something else.
"""

from collections.abc import Sequence

from scraper.text import lexicon, names

# Words that stand for each other in reported speech: auxiliary verbs, persons, places and times.
_FORMS = tuple(
    frozenset(group.split())
    for group in (
        "am are is was were be been being",
        "has have had having",
        "do does did",
        "i we he she they it you one",
        "me us him her them it you",
        "my our his her their its your",
        "mine ours his hers theirs yours",
        "myself ourselves himself herself themselves itself",
        "this that these those the",
        "here there",
        "now then",
        "today yesterday tomorrow",
    )
)
_REPORTED = frozenset({("will", "would"), ("shall", "would"), ("shall", "should"), ("can", "could"), ("may", "might")})
_ARTICLES = frozenset(("the", "a", "an"))
_LEMMA_CHARS = 3
_MAX_CUT_WORDS = 3


def is_quoting(before: Sequence[str], after: Sequence[str], is_cut: bool) -> bool:
    """Return True if words of a quotation differ from those of the source only to fit the sentence around it.

    `before` and `after` are the case-folded words of one difference; `is_cut` if the quotation marks a cut there.
    """
    if {*before, *after} <= _ARTICLES or (is_cut and not after):
        return True
    if not after:
        return len(before) >= _MAX_CUT_WORDS and not any(map(_is_weighty, before))
    return len(before) == len(after) and all(map(_is_form, before, after))


def _is_weighty(word: str) -> bool:
    """Return True for a word whose loss changes the sense: a negation, a condition, a number."""
    return lexicon.is_negation(word) or lexicon.is_condition(word) or lexicon.is_number(word)


def _is_form(one: str, other: str) -> bool:
    """Return True if the second of two words is a form of the first one."""
    if one == other or (one, other) in _REPORTED or any(one in forms and other in forms for forms in _FORMS):
        return True
    return any(len(lemma) >= _LEMMA_CHARS for lemma in names.lemmas(one) & names.lemmas(other))
