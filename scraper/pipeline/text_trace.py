"""Trace of a text without markup, which was typed, pasted or saved: a page, or a part of a statement."""

from dataclasses import replace
from typing import Final

from scraper.matching.model import KnownTexts
from scraper.matching.quotations import Quotation
from scraper.model import Relation
from scraper.pipeline import page_matching
from scraper.pipeline.page_trace import MatchTarget, PageTrace
from scraper.text.tokens import Words

MAX_QUOTED_WORDS: Final = 400
"""A longer text is an article: what it quotes is found by its quotation marks and by its longer parts."""


def trace_text(known: KnownTexts, target: MatchTarget) -> PageTrace:
    """Match a text with all stored wordings.

    If a short text carries no statement and quotes none, each of its sentences is looked up as by `trace_sentence`: one
    that was cut out of a statement has no quotation marks, and may have another amount or a word less.
    """
    done = page_matching.trace(known, target)
    if done.copies or done.quotations or len(Words(target.text)) > MAX_QUOTED_WORDS:
        return done
    found = page_matching.trace_sentence(known, target.text)
    if not found.quotations:
        return done
    relation = done.relation if done.relation is Relation.UNSOURCED else found.relation
    quotations = tuple(map(_without_mark, found.quotations))
    return replace(done, relation=relation, statements=done.statements | found.statements, quotations=quotations)


def _without_mark(quotation: Quotation) -> Quotation:
    """Return a quotation at its place in the text itself, which begins behind the quotation mark of the sentence."""
    start, end = quotation.page
    return replace(quotation, page=(start - 1, end - 1))
