"""Tests of language detection: English prose is distinguished from any other, except in short texts."""

from __future__ import annotations

import pytest

from scraper.text.lexicon import is_foreign

ENGLISH = (
    "The United States is proud to stand with the people of Tern as they mark the anniversary of their independence,"
    " and we look forward to the work that our two countries will do together in the year to come for the good of all."
)
SPANISH = (
    "Los Estados Unidos se enorgullecen de acompañar al pueblo de Tern en el aniversario de su independencia, y"
    " esperamos con interés el trabajo que nuestros dos países harán juntos el próximo año para el bien de todos ellos."
)
FRENCH = (
    "Les États-Unis sont fiers d’être aux côtés du peuple de Tern qui célèbre l’anniversaire de son indépendance, et"
    " nous nous réjouissons du travail que nos deux pays accompliront ensemble l’année qui vient pour le bien de tous."
)
CHINESE = "美国很自豪能与特恩人民站在一起庆祝他们的独立纪念日，我们期待两国在未来一年里共同开展的工作。" * 3


@pytest.mark.parametrize("text", [SPANISH, FRENCH, CHINESE, "Соединенные Штаты гордятся тем, что стоят рядом " * 8])
def test_another_language(text: str) -> None:
    assert is_foreign(text)
    assert is_foreign("Home\nNews\nContact\n" + text)


@pytest.mark.parametrize("text", [ENGLISH, ENGLISH.upper(), "Hola mundo", "", "你好", "1 2 3 4 5 6"])
def test_english_or_too_short_to_decide(text: str) -> None:
    assert not is_foreign(text)


def test_only_the_beginning_is_read() -> None:
    assert is_foreign(SPANISH * 200 + ENGLISH * 100_000)
