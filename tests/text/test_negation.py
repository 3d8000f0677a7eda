"""Tests of negations in other languages: material changes, and words that only resemble negations."""

from __future__ import annotations

import pytest
from bounded import bounded

from scraper.model import Grade
from scraper.text import diff, negation


def reasons(before: str, after: str, declared: str | None) -> list[str]:
    return [reason.label for reason in diff.compare(before, after, declared).reasons if "negation" in reason.label]


@pytest.mark.parametrize(
    ("declared", "before", "after"),
    [
        ("es", "Estados Unidos no acepta el acuerdo.", "Estados Unidos acepta el acuerdo."),
        ("es-MX", "Lo hará sin condiciones.", "Lo hará con condiciones."),
        ("pt", "Os Estados Unidos não aceitam o acordo.", "Os Estados Unidos aceitam o acordo."),
        ("fr", "Les États-Unis n’acceptent pas cet accord.", "Les États-Unis acceptent cet accord."),
        ("fr", "Ils ne sauraient accepter cela.", "Ils sauraient accepter cela."),
        ("fr", "Ils n’ont pas accepté.", "Ils n’ont jamais accepté."),
        ("de", "Wir erkennen die Wahl nicht an.", "Wir erkennen die Wahl an."),
        ("fr", "un accord sans conditions", "un accord avec conditions"),
        ("it", "Gli Stati Uniti non accettano.", "Gli Stati Uniti accettano."),
        ("ru", "США не признают выборы.", "США признают выборы."),
        ("uk", "США не визнають її вибори.", "США визнають її вибори."),
        ("ar", "الولايات المتحدة لا تعترف بالانتخابات", "الولايات المتحدة تعترف بالانتخابات"),
        ("fa", "آمریکا این را نمی‌پذیرد", "آمریکا این را می‌پذیرد"),
        ("ur", "امریکہ اسے قبول نہیں کرتا", "امریکہ اسے قبول کرتا"),
        ("hi", "अमेरिका इसे स्वीकार नहीं करता", "अमेरिका इसे स्वीकार करता"),
        ("id", "Amerika tidak menerima perjanjian itu.", "Amerika menerima perjanjian itu."),
        ("vi", "Hoa Kỳ không chấp nhận.", "Hoa Kỳ chấp nhận."),
        ("tr", "ABD bunu kabul etmiyor.", "ABD bunu kabul ediyor."),
        ("zh", "美国不接受这一协议。", "美国接受这一协议。"),
        ("ja", "米国はこれを受け入れない。", "米国はこれを受け入れる。"),
        ("ja", "米国は承認しません。", "米国は承認します。"),
        ("ko", "미국은 이를 받아들이지 않는다.", "미국은 이를 받아들인다."),
        ("nl", "De Verenigde Staten erkennen dit niet.", "De Verenigde Staten erkennen dit."),
        ("pl", "Stany Zjednoczone nie uznają wyborów.", "Stany Zjednoczone uznają wyborów."),
        ("ro", "Statele Unite nu acceptă.", "Statele Unite acceptă."),
        ("sv", "USA accepterar inte avtalet.", "USA accepterar avtalet."),
        ("nb", "USA godtar ikke avtalen.", "USA godtar avtalen."),
        ("cs", "Spojené státy neuznají volby.", "Spojené státy uznají volby."),
        ("hu", "Az USA nem fogadja el.", "Az USA fogadja el."),
        ("ht", "Etazini pa aksepte sa.", "Etazini aksepte sa."),
        (None, "Οι ΗΠΑ δεν αναγνωρίζουν το αποτέλεσμα.", "Οι ΗΠΑ αναγνωρίζουν το αποτέλεσμα."),
        (None, "ארצות הברית לא תכיר בתוצאות", "ארצות הברית תכיר בתוצאות"),
        (None, "สหรัฐอเมริกาจะไม่ยอมรับผล", "สหรัฐอเมริกาจะยอมรับผล"),
        (None, "যুক্তরাষ্ট্র স্বীকার করবে না।", "যুক্তরাষ্ট্র স্বীকার করবে।"),
        (None, "Сједињене Државе неће признати изборе.", "Сједињене Државе ће признати изборе."),
        (None, "САЩ няма да признаят тези избори.", "САЩ ще признаят тези избори."),
        (None, "US officials do not agree.", "US officials do agree."),
        ("en", "They can't.", "They can."),
    ],
)
def test_a_negation_lost_or_added_is_material(declared: str | None, before: str, after: str) -> None:
    for old, new in ((before, after), (after, before)):
        assert len(reasons(old, new, declared)) == 1
        assert diff.compare(old, new, declared).grade is Grade.MATERIAL


@pytest.mark.parametrize(
    ("declared", "before", "after"),
    [
        ("es", "la resolución de la ONU", "la resolución No. 5 de la ONU"),
        ("es", "la resolución de la ONU", "la resolución Nº 5 de la ONU"),
        ("es", "la resolución de la ONU", "la resolución No 5 de la ONU"),
        ("en", "the resolution of the UN", "the resolution No. 5 of the UN"),
        ("pt", "encontro em Brasil", "encontro no Brasil"),
        ("cs", "Vidíme v zemi hrozby.", "Vidíme v zemi nebezpečí."),
        ("cs", "Setkání bude v sobotu.", "Setkání bude v neděli."),
        (None, "มีคนห้าสิบคน", "มีคนไม่น้อยกว่าห้าสิบคน"),
        ("fr", "un progrès important", "un pas important"),
        ("fr", "avant qu’il parte demain", "avant qu’il ne parte demain"),
        ("fr", "il veut que la paix vienne", "il ne veut que la paix vienne"),
        ("fr", "la prolifération des armes", "la non-prolifération des armes"),
        ("ru", "что бы он говорил", "что бы он ни говорил"),
        ("ar", "الدول العربية", "الدول لا سيما العربية"),
        ("hi", "उनका लोग", "उनका नाम"),
        ("vi", "lực lượng quân sự", "lực lượng không quân"),
        ("tr", "bunu bekliyoruz", "bunu umuyoruz"),
        ("tr", "cuma vakti", "cuma namaz vakti"),
        ("zh", "美国继续推动", "美国不断推动"),
        ("zh", "共同的发展", "共同的未来发展"),
        ("zh", "我们在亚洲", "我们在非洲"),
        ("ja", "支援をする国も多い", "支援をする国も少ない"),
        ("ja", "まず、協議する", "さて、協議する"),
        ("ko", "그 계획은 좋다", "그 안 은 좋다"),
        ("es", "no quiere la guerra de ayer", "no desea la guerra de ayer"),
        ("zh", "美国不接受协议", "美国不接受提议"),
        ("sw", "Marekani inakubali", "Marekani ilikubali"),
    ],
)
def test_words_that_resemble_a_negation_are_none(declared: str, before: str, after: str) -> None:
    assert reasons(before, after, declared) == reasons(after, before, declared) == []


def test_one_change_is_one_reason() -> None:
    (one,) = diff.compare("Ils ne l’ont pas dit.", "Ils l’ont dit.", "fr").reasons[:1]
    assert "negation removed" in str(one)


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("Los Estados Unidos y el pueblo de la región en la lucha por una paz con justicia", "en", "es"),
        ("The people of the region and the United States are in this together", "es", "en"),
        ("As negociações do acordo e o povo da região não cessam em um dia", None, "pt"),
        ("Short title", "es-ES", "es"),
        ("Short title", None, None),
        ("Ostrava Valdovia Merrin Port Tarn Oren Wells Lamps", None, None),
        ("de de de de de de de de", None, None),
        ("美国与中国", None, "zh"),
        ("米国はこれを", None, "ja"),
        ("미국은 오늘", None, "ko"),
        ("США сегодня", None, "ru"),
        ("її сьогодні", None, "uk"),
        ("الولايات المتحدة", None, "ar"),
        ("آمریکا گفت", None, "fa"),
        ("امریکہ نے کہا ہے", None, "ur"),
        ("آمریکا", "fa-IR", "fa"),
        ("नहीं", None, "hi"),
        ("", None, None),
    ],
)
def test_the_language_of_a_text(text: str, declared: str | None, code: str | None) -> None:
    assert negation.language(text, declared) == code


def test_other_languages_have_no_known_negations() -> None:
    assert negation.find("hakuna", "sw") == []
    assert not negation.is_known("sw")


@pytest.mark.parametrize("part", ["no ", "ne ", "m", "ma", "不", "न", "ない", "n’"])
def test_long_texts_take_time_that_grows_with_their_length(part: str) -> None:
    text = part * (200_000 // len(part))
    with bounded(10.0):
        for code in ("es", "fr", "tr", "fa", "zh", "ja", "ko", "hi", "ru"):
            negation.find(text, code)


def test_many_changed_stretches_with_negations_take_time_that_grows_with_their_number() -> None:
    before = " и дом. ".join(f"не слово{n}" for n in range(4000))
    with bounded(6):
        assert diff.compare(before, before.replace("слово", "слова"), "ru").grade is not None
