"""Tests of dates in the languages of translations."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Precision
from scraper.parsers import local_dates
from scraper.parsers.local_names import calendar, languages

CLDR = json.loads(Path(local_dates.__file__).with_name("data").joinpath("cldr.json").read_text("utf-8"))
DAY = date(2022, 12, 22)
DIGITS = {
    "ar": "٠١٢٣٤٥٦٧٨٩",
    "bn": "০১২৩৪৫৬৭৮৯",
    "fa": "۰۱۲۳۴۵۶۷۸۹",
    "hi": "०१२३४५६७८९",
    "km": "០១២៣៤៥៦៧៨៩",
    "my": "၀၁၂၃၄၅၆၇၈၉",
    "prs": "۰۱۲۳۴۵۶۷۸۹",
    "ps": "۰۱۲۳۴۵۶۷۸۹",
    "th": "๐๑๒๓๔๕๖๗๘๙",
    "ur": "۰۱۲۳۴۵۶۷۸۹",
}
# How people write a day: {d}, {m} and {y} are its parts.
FORMS = {
    "ar": ("{d} {m}، {y} م", "{d} من {m} {y}"),
    "az": ("{d} {m} {y}-ci il",),
    "bn": ("{d}শে {m}, {y}",),
    "de": ("den {d}. {m} {y}",),
    "es": ("{d} de {m} de {y}", "El {d} de {m} del {y}"),
    "fr": ("Le {d} {m} {y}",),
    "ha": ("{d} ga {m}, {y}",),
    "he": ("{d} ב{m} {y}", "{d} ב{m}, {y}"),
    "hu": ("{y}. {m} {d}.", "{y}. {m} {d}-én"),
    "hy": ("{y} թ. {m} {d}", "{d} {m}, {y} թ."),
    "ja": ("{y}年{m}{d}日", "{y} 年 {m} {d} 日"),
    "ka": ("{y} წლის {d} {m}",),
    "kk": ("{y} жылғы {d} {m}",),
    "km": ("ថ្ងៃទី{d} ខែ{m} ឆ្នាំ{y}",),
    "ko": ("{y}년 {m} {d}일", "{y}년{m}{d}일"),
    "ky": ("{y}-жылдын {d}-{m}",),
    "my": ("{y} ခုနှစ်၊ {m}လ {d} ရက်",),
    "pl": ("{d} {m} {y} r.",),
    "pt": ("{d} de {m} de {y}",),
    "ru": ("{d} {m} {y} г.", "{d} {m} {y} года"),
    "sr": ("{d}. {m} {y}. године",),
    "th": ("วันที่ {d} {m} พ.ศ. {b}", "{d} {m} {b}"),
    "uk": ("{d} {m} {y} року",),
    "ur": ("{d} {m} {y}ء",),
    "uz": ("{y}-yil {d}-{m}", "{d}-{m}, {y}-yil"),
    "vi": ("{d} {m} năm {y}", "Ngày {d} {m} năm {y}"),
    "zh": ("{y}年{m}{d}日", "{y}年{m}{d}号"),
}


def read(line: str, language: str) -> date | None:
    found = local_dates.parse_day(line, language)
    assert found is None or found.precision is Precision.DAY
    return found.at.date() if found else None


@given(st.data(), st.dates(date(1945, 1, 1), date(2100, 12, 31)), st.sampled_from(languages()), st.booleans())
def test_each_day_in_each_language(data: st.DataObject, day: date, language: str, is_native: bool) -> None:
    names = [name for name, number in calendar(language).months.items() if number == day.month]
    form = data.draw(st.sampled_from((*FORMS.get(language, ()), "{d} {m} {y}", "{m} {d}, {y}")))
    line = form.format(d=day.day, m=data.draw(st.sampled_from(names)), y=day.year, b=day.year + 543)
    if is_native and language in DIGITS:
        line = line.translate(str.maketrans("0123456789", DIGITS[language]))
    assert read(line, language) == day
    assert read(line.upper(), language) == day
    assert read(f"{line} {line}", language) is None


@given(st.dates(date(1945, 1, 1), date(2100, 12, 31)), st.sampled_from([x for x in languages() if x != "ht"]))
def test_each_day_as_cldr_writes_it(day: date, language: str) -> None:
    babel, shown = pytest.importorskip("babel"), pytest.importorskip("babel.dates")
    if f"Babel {babel.__version__}," not in CLDR["source"]:
        pytest.skip("cldr.json is of another version of CLDR: run .ci/write_cldr_names.py")
    locale = {"prs": "fa_AF"}.get(language, language)
    for style in ("long", "full"):
        line = shown.format_date(day, style, locale)
        if language == "th":
            line = line.replace(str(day.year), str(day.year + 543))
        assert read(line, language) == day, (line, language)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "jeudi 22 décembre 2022"),
        ("fr", "LE 22 DECEMBRE 2022"),
        ("es", "Jueves, 22 de diciembre de 2022"),
        ("ar", "22 كانون الأول/ديسمبر 2022"),
        ("ar", "الخميس، ٢٢ ديسمبر ٢٠٢٢"),
        ("ar", "22 كانون الأول، 2022"),
        ("zh", "二〇二二年十二月二十二日"),
        ("zh", "2022年12月22日（星期四）"),
        ("ja", "2022年12月22日（木）"),
        ("ko", "2022년 12월 22일 (목)"),
        ("fa", "پنجشنبه، ۱ دی ۱۴۰۱"),
        ("prs", "۱ جدی ۱۴۰۱"),
        ("vi", "22/12/2022"),
        ("ru", "22.12.2022"),
        ("zh", "2022-12-22"),
        ("ko", "2022. 12. 22."),
        ("hi", "22 दिस॰ 2022"),
        ("ht", "22 desanm 2022"),
        ("xx", "December 22, 2022"),
        ("tr", "22 Aralık 2022, Perşembe"),
        ("sr", "22. децембра 2022. године"),
        ("hi", "22 दिसम्बर 2022"),
    ],
)
def test_forms_of_one_day(language: str, line: str) -> None:
    assert read(line, language) == DAY


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("1 فروردین 1354", date(1975, 3, 21)),
        ("22 بهمن 1357", date(1979, 2, 11)),
        ("28 مرداد 1332", date(1953, 8, 19)),
        ("14 خرداد 1368", date(1989, 6, 4)),
        ("30 اسفند 1375", date(1997, 3, 20)),
        ("1 فروردین 1400", date(2021, 3, 21)),
        ("30 اسفند 1403", date(2025, 3, 20)),
        ("1 فروردین 1404", date(2025, 3, 21)),
        ("29 اسفند 1402", date(2024, 3, 19)),
        ("30 اسفند 1402", None),
        ("31 مهر 1401", None),
        ("1 دی 1299", None),
        ("0 دی 1401", None),
    ],
)
def test_solar_days(line: str, day: date | None) -> None:
    assert read(line, "fa") == day


def test_solar_days_follow_each_other() -> None:
    day, lengths = date(1945, 3, 21), (31,) * 6 + (30,) * 6
    names = {number: name for name, number in calendar("fa").solar_months.items()}
    for year in range(1324, 1480):
        for month, length in enumerate(lengths, start=1):
            for number in range(1, length + 1):
                found = read(f"{number} {names[month]} {year}", "fa")
                assert found == day or (found is None and (month, number) == (12, 30))
                day += timedelta(days=found is not None)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "Le 22 décembre 2022, le secrétaire a parlé."),
        ("fr", "Le 31 février 2022"),
        ("fr", "décembre 2022"),
        ("fr", "22 mars avril 2022"),
        ("fr", "22 décembre 22"),
        ("fr", "22 décembre 20222"),
        ("fr", "22 22 décembre 2022"),
        ("fr", "22 decembrie 2022"),
        ("fr", "03/04/2022"),
        ("ru", "03.04.2022"),
        ("it", "22 dicembre 1322"),
        ("zh", "2022年13月22日"),
        ("zh", "二〇二二年十二月四十二日"),
        ("vi", "22 tháng 13 năm 2022"),
        ("es", "2022-13-22"),
        ("es", ""),
        ("es", "de de de"),
        ("th", "22 ธันวาคม 1465"),
        ("fr", "x" * 10_000),
        ("zh", "2022年" * 3_000),
    ],
)
def test_no_day(language: str, line: str) -> None:
    with bounded():
        assert read(line, language) is None


def test_dates_in_numbers() -> None:
    assert local_dates.is_numeric("03/04/2022")
    assert local_dates.is_numeric("٠٣/٠٤/٢٠٢٢")
    assert not local_dates.is_numeric("3 avril 2022")
    assert not local_dates.is_numeric("1/" * 5_000)
    assert read("12/12/2022", "es") == date(2022, 12, 12)


@pytest.mark.parametrize("language", languages())
def test_each_month_has_one_meaning(language: str) -> None:
    words = calendar(language)
    assert set(words.months.values()) == set(range(1, 13))
    assert set(words.solar_months.values()) in (set(), set(range(1, 13)))
    assert words.months.keys().isdisjoint(words.solar_months)
