"""Tests of the header of translations: its fields in each order and layout, and that the text stays whole."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError
from scraper.model import Item, Precision
from scraper.parsers import build_item, local_names, page_furniture, translation_header, vocabulary
from scraper.parsers.local_names import key, languages

DATA = Path(local_names.__file__).with_name("data")
NAMES = tomllib.loads((DATA / "translations.toml").read_text("utf-8"))
CLDR = json.loads((DATA / "cldr.json").read_text("utf-8"))
REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "archive-pages" / "translation_fr_nometa.html"
DAY = datetime(2022, 12, 22, tzinfo=UTC)
LAYOUTS = {
    "paragraphs": ("<p>{}</p>", "</p><p>"),
    "breaks": ("<p>{}</p>", "<br/>\n"),
    "blocks": ("<div>{}</div>", "</div><div>"),
    "bold": ("<p><strong>{}</strong></p>", "</strong><br><strong>"),
    "italic": ("<div class='wp-block-paragraph'><p><em>{}</em></p></div>", "</em></p></div><div><p><em>"),
}
FRENCH = (
    "Département d’État des États-Unis",
    "Bureau du porte-parole",
    "Pour diffusion immédiate",
    "Allocution",
    "Jane Roe, secrétaire d’État",
    "Washington, D.C.",
    "Le 22 décembre 2022",
)


def item(
    *lines: str, language: str = "french", meta: str = "", layout: str = "paragraphs", lang: str = "en-US"
) -> Item:
    around, between = LAYOUTS[layout]
    html = (
        f'<html lang="{lang}"><title>Les lampes - United States Department of State</title>'
        f'<h1 class="featured-content__headline">Les lampes</h1>{meta}<div class="entry-content">'
        f"{around.format(between.join(map(escape, lines)))}</div></html>"
    )
    return parsers.read(capture(html, f"https://www.state.gov/translations/{language}/les-lampes/")).items[0]


def split(*lines: str, language: str | None = "fr") -> tuple[tuple[str, ...], translation_header.Header]:
    return translation_header.read(lines, "Les lampes", page_furniture.NOTHING, language)


@pytest.mark.skipif(
    not REAL.exists(), reason="the page in the shape of a real translation is not beside the repository"
)
def test_a_page_in_the_real_order_of_lines() -> None:
    url = "https://www.state.gov/translations/french/le-secretaire-antony-j-blinken-a-loccasion-dune-conference-4/"
    found = parsers.read(capture(REAL.read_bytes(), url)).items[0]
    assert (found.byline, found.speaker) == ("Antony J. Blinken, secrétaire d’État", "Antony J. Blinken")
    assert (found.published_at, found.precision, found.language) == (DAY, Precision.DAY, "fr")
    assert found.title.startswith("Le secrétaire Antony J. Blinken")
    assert found.paragraphs is not None
    assert len(found.paragraphs) == 2
    assert found.paragraphs[0].startswith("MONSIEUR LE SECRÉTAIRE BLINKEN : C’est formidable")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("order", [1, -1])
def test_all_fields_in_each_layout(layout: str, order: int) -> None:
    found = item(*FRENCH[::order], "Les lampes", "Texte, un. Suite.", layout=layout)
    assert (found.type, found.byline, found.speaker) == ("Remarks", "Jane Roe, secrétaire d’État", "Jane Roe")
    assert (found.bureau, found.place, found.language) == ("Office of the Spokesperson", "Washington, D.C.", "fr")
    assert (found.published_at, found.precision) == (DAY, Precision.DAY)
    assert found.paragraphs == ("Texte, un. Suite.",)


@given(
    st.lists(st.sampled_from(FRENCH), unique=True),
    st.sampled_from(sorted(LAYOUTS)),
    st.lists(
        st.sampled_from(
            (
                "Le 22 décembre 2022, il a parlé.",
                "« Déclaration »",
                "Jane Roe, secrétaire d’État, a parlé.",
                "Fin.",
                "Nous publions une déclaration de presse",
                "Le département d’État a dit :",
                "ALLOCUTION :",
                "x" * 200,
            )
        ),
        min_size=1,
    ),
)
def test_no_sentence_is_lost(header: list[str], layout: str, body: list[str]) -> None:
    found = item(*header, *body, layout=layout)
    read = "\n".join(found.paragraphs or ()).split("\n")
    assert read[-len(body) :] == body
    # One line alone may be a heading: a type, a place, a release line. More lines are a header, and all of it.
    assert read[: -len(body)] in ([], header[:1] if len(header) == 1 else [])
    assert found.published_at == (DAY if FRENCH[-1] in header else None)


def all_lines(language: str) -> dict[str, tuple[str, object]]:
    """Return one line of each field in a language, with what it has to be read as."""
    section = NAMES[language]
    months = CLDR.get(language, {}).get("months") or section["more_months"]
    found: dict[str, tuple[str, object]] = {"dated": (f"22 {months[11][0]} 2022", DAY)}
    found["place"] = (section["places"][0],) * 2
    found["department"] = (section["department"][0], None)
    if "release" in section:
        found["release"] = (section["release"][0], None)
    if "offices" in section:
        found["bureau"] = (section["offices"]["Office of the Spokesperson"][0], "Office of the Spokesperson")
    kind = "Statement" if "Statement" in section["kinds"] else "Press Statement"
    found["type"] = (section["kinds"][kind][0], kind)
    found["byline"] = (f"Jane Roe, {section['posts'][0]}",) * 2
    return found


@given(st.data(), st.sampled_from(languages()))
def test_each_language_in_each_order(data: st.DataObject, language: str) -> None:
    chosen = data.draw(st.permutations(sorted(all_lines(language).items())))
    lines = [line for _, (line, _) in chosen]
    for known in (language, None):
        rest, header = split(*lines, "Texte.", "Deux.", language=known)
        assert rest == ("Texte.", "Deux.")
        expected = {name: value for name, (_, value) in chosen if value is not None}
        got = {name: getattr(header, name) for name in expected}
        if known is None:  # Persian and Dari have common headers, and so have other neighbours
            assert header.language is not None
            continue
        assert got | {"dated": header.dated.at if header.dated else None} == expected
        assert (header.speaker, header.language) == ("Jane Roe", language)


@pytest.mark.parametrize(
    ("language", "lines", "expected"),
    [
        (
            "french",
            ("Département d’État des États-Unis", "Secrétaire d’État Jane Roe", "Le 23 juin 2019", "EXTRAITS"),
            (None, "Jane Roe", None, None, "EXTRAITS"),
        ),
        (
            "french",
            ("DÉPARTEMENT D’ÉTAT DES ÉTATS-UNIS", "Pour diffusion immédiate", "Moscou, Russie", "Le 12 avril 2017"),
            (None, None, None, "Moscou, Russie", "Texte."),
        ),
        (
            "french",
            ("Bureau du porte-parole", "Allocution", "Washington, le 22 décembre 2022"),
            ("Remarks", None, "Office of the Spokesperson", "Washington", "Texte."),
        ),
        (
            "spanish",
            (
                "DEPARTAMENTO DE ESTADO DE EE. UU.",
                "DECLARACIÓN DE PRENSA",
                "JANE ROE, SECRETARIA DE ESTADO",
                "22 DE ENERO DE 2025",
            ),
            ("Press Statement", "JANE ROE", None, None, "Texte."),
        ),
        (
            "spanish",
            ("Departamento de Estado", "Oficina del Portavoz, Ned Price", "Martes, 9 de marzo de 2021"),
            (None, "Ned Price", "Office of the Spokesperson", None, "Texte."),
        ),
        (
            "spanish",
            ("Embajada de los Estados Unidos en Puerto Merrow", "Declaración"),
            ("Statement", None, "Embajada de los Estados Unidos en Puerto Merrow", None, "Texte."),
        ),
        (
            "spanish",
            ("Departamento de Estado", "Secretaria de Estado, Jane Roe", "DECLARACIÓN"),
            ("Statement", "Jane Roe", None, None, "Texte."),
        ),
        (
            "arabic",
            ("تصريحات", "وزير الخارجية مايكل ر. روي", "قاعة الإيجازات الصحفية", "واشنطن العاصمة"),
            ("Remarks", "مايكل ر. روي", None, "قاعة الإيجازات الصحفية, واشنطن العاصمة", "Texte."),
        ),
        ("chinese", ("国务卿迈克尔•R•蓬佩奥", "华盛顿DC"), (None, "迈克尔•R•蓬佩奥", None, "华盛顿DC", "Texte.")),
        (
            "japanese",
            ("米国国務省", "ジェーン・ロー国務長官", "声明"),
            ("Statement", "ジェーン・ロー", None, None, "Texte."),
        ),
        (
            "vietnamese",
            ("Jane Roe", "Ngoại trưởng Hoa Kỳ", "Washington, DC"),
            (None, "Jane Roe", None, "Washington, DC", "Texte."),
        ),
        (
            "russian",
            ("Офис официального представителя", "Jane Roe"),
            (None, None, "Office of the Spokesperson", None, "Jane Roe"),
        ),
        (
            "french",
            ("U.S. Department of State", "FACT SHEET", "December 22, 2022"),
            ("Fact Sheet", None, None, None, "Texte."),
        ),
    ],
)
def test_headers_as_they_were_seen(language: str, lines: tuple[str, ...], expected: tuple[str | None, ...]) -> None:
    found = item(*lines, "Texte.", language=language)
    assert (found.type, found.speaker, found.bureau, found.place, (found.paragraphs or ("",))[0]) == expected


DEPARTMENT, OFFICE = "Departamento de Estado de los Estados Unidos", "Oficina del Portavoz"


@pytest.mark.parametrize(
    ("language", "lines", "taken", "kind", "byline"),
    [
        ("es", (DEPARTMENT, OFFICE, "DECLARACIÓN", "4 mayo 2026", "Les lampes"), 5, "Statement", OFFICE),
        (None, ("وزارة الخارجية", "مكتب المتحدث", "٤ يونيو 2026", "نص."), 3, None, "مكتب المتحدث"),
        ("fr", ("Bureau du porte-parole", "Texte long."), 1, None, "Bureau du porte-parole"),
        ("es", ("HOJA INFORMATIVA", DEPARTMENT), 2, "Fact Sheet", None),
        ("es", ("El Departamento de Estado entrega faroles.",), 0, None, None),
        ("zh", ("美国国务院", "我代表美国祝贺贵国2026年第12届灯会开幕。"), 1, None, None),
        ("zh", ("美国国务院", "2026年6月4日", "文本。"), 2, None, None),
        ("es", (DEPARTMENT, "El 4 de junio de 2026 hubo paz."), 1, None, None),
        ("ru", ("Государственный департамент США", "4 июня 2026 г.", "Текст."), 2, None, None),
        ("es", (DEPARTMENT, "Readout", "Texto", OFFICE), 2, "Readout", None),
        ("es", (DEPARTMENT, "RESUMEN DE LA VISITA", OFFICE), 1, None, None),
    ],
)
def test_how_much_is_header(
    language: str | None, lines: tuple[str, ...], taken: int, kind: str | None, byline: str | None
) -> None:
    rest, header = split(*lines, language=language)
    assert (rest, header.type, header.byline) == (lines[taken:], kind, byline)


@pytest.mark.parametrize(
    "lines",
    [
        ("Déclaration", "Le secrétaire l’a dit."),
        ("« Déclaration »", "Le 22 décembre 2022", "Il l’a dit."),
        ("Washington", "La ville."),
        ("Les lampes", "Texte."),
        ("Le 22 décembre 2022", "Il arrive.", "Le 23 décembre 2022", "Il part."),
        ("Le 22 décembre 2022 il arrive", "Texte."),
        ("03/04/2022", "Texte."),
        ("Jane Roe", "Texte."),
        ("国务卿安东尼·布林肯抵达巴黎参加会议", "文本。"),
        ("Ambassade des États-Unis à Paris ouvre ses portes", "Texte."),
        ("Ambassade des États-Unis (Paris)", "Texte."),
        ("Ambassade", "Texte."),
        ("secrétaire d’État", "Texte."),
        ("secrétaire d’État Jane", "Le 22 décembre 2022 ?"),
        ("A" * 10_000, "b, " * 5_000, "Texte."),
        ("Washington, " * 12, "Washington, " * 3, "Texte."),
    ],
)
def test_a_text_without_header_stays_whole(lines: tuple[str, ...]) -> None:
    with bounded():
        rest, header = split(*lines)
    assert rest == lines
    assert (header.type, header.byline, header.dated, header.language) == (None, None, None, None)


def test_a_header_ends_at_its_first_repeated_field() -> None:
    day, kind = FRENCH[-1], FRENCH[3]
    rest, header = split(FRENCH[0], kind, day, "Déclaration", "Texte.")
    assert (rest, header.type) == (("Déclaration", "Texte."), "Remarks")
    rest, _ = split(FRENCH[0], day, "Le 23 décembre 2022", "Texte.")
    assert rest == ("Le 23 décembre 2022", "Texte.")
    rest, header = split(FRENCH[0], "03/04/2022", "Texte.")
    assert (rest, header.dated) == (("Texte.",), None)
    rest, header = split(day, "Texte.")
    assert (rest, header.dated is not None) == (("Texte.",), True)


def test_cities() -> None:
    lines = ("مكتب المتحدث الرسمي", "موسكو، روسيا", "12 نيسان/أبريل 2017", "نص.")
    rest, header = split(*lines, language="ar")
    assert (rest, header.place) == (("نص.",), "موسكو، روسيا")
    day = "Le 12 avril 2017"
    for line in (
        "Moscou, Lampes",
        "Ned Price, Lampiste",
        "Moscou",
        ", ".join(["Moscou"] * 4 + ["Russie"]),
        "x " * 99,
    ):
        rest, header = split(FRENCH[1], line, day, "Texte.")
        assert (rest, header.place, header.dated) == ((line, day, "Texte."), None, None)
    rest, _ = split("Moscou, Russie", day, "Texte.")
    assert rest == ("Moscou, Russie", day, "Texte.")


def test_an_unknown_line_in_a_header_ends_it() -> None:
    rest, header = split(FRENCH[0], "Extraits de la rencontre", "Le 22 décembre 2022", "Texte.")
    assert rest == ("Extraits de la rencontre", "Le 22 décembre 2022", "Texte.")
    assert header.dated is None
    rest, _ = split(FRENCH[0] + "\nTexte sur la même ligne.", "Fin.")
    assert rest == ("Texte sur la même ligne.", "Fin.")


NOTICES = {
    "ar": "هذه الترجمة خدمة مجانية، والنص الإنجليزي الأصلي هو النص الرسمي.",
    "en": "This translation is provided as a courtesy and only the original English source should be considered "
    "authoritative.",
    "es": "Esta traducción se proporciona como una cortesía y únicamente debe considerarse fidedigna la fuente "
    "original en inglés",
    "fr": "Nous vous proposons cette traduction à titre gracieux. Seul le texte original en anglais fait foi.",
    "pt": "Esta tradução é fornecida como cortesia e apenas o texto original em inglês deve ser considerado oficial.",
    "ru": "Этот перевод предоставляется для удобства пользователей, и только оригинальный английский текст следует "
    "считать официальным.",
    "ur": "یہ ترجمہ ازراہِ نوازش فراہم کیا جا رہا ہے اور صرف اصل انگریزی ماخذ کو ہی مستند سمجھا جائے۔",
}


@pytest.mark.parametrize("language", sorted(NOTICES))
def test_courtesy_notices(language: str) -> None:
    notice = NOTICES[language]
    known = "fr" if language == "en" else language
    section = NAMES[known]
    link = f"{section['original'][0]}: https://www.state.gov/lamps/"
    assert split("Un.", f"{link}\n{notice}", language=known)[0] == ("Un.",)
    assert split("Un.", "Deux.\n" + notice, link, language=known)[0] == ("Un.", "Deux.")
    assert split(notice, section["department"][0], notice, "Un.", language=known)[0] == ("Un.",)
    # In the text, with a sentence of the text, or a link to another site: it stays.
    for kept in (("Un.", notice, "Deux."), ("Un.", f"Deux mots. {notice}"), ("Un.", notice + " x" * 300)):
        assert split(*kept, language=known)[0] == kept
    assert split("Un.", link.replace("www.state.gov", "gazette.example"), language=known)[0] != ("Un.",)
    assert split(notice, language=known)[0] == (notice,)


def test_the_markup_counts_before_the_header() -> None:
    meta = "".join(
        f'<p class="article-meta {name}">{text}</p>'
        for name, text in {
            "doctype-meta": "Traduction",
            "article-meta__author-bureau": "Bureau du porte-parole",
            "article-meta__publish-date": "21 décembre 2022",
            "article-meta__location": "Port Merrow",
        }.items()
    )
    found = item(*FRENCH, "Texte.", meta=meta)
    assert (found.type, found.byline, found.speaker) == ("Remarks", "Bureau du porte-parole", None)
    assert (found.bureau, found.place) == ("Office of the Spokesperson", "Port Merrow")
    assert found.published_at == datetime(2022, 12, 21, tzinfo=UTC)
    assert item("Texte.", meta=meta).type == "Translation"
    other = '<p class="article-meta doctype-meta">{}</p>'
    assert item(*FRENCH, "Texte.", meta=other.format("Fiche d’information")).type == "Fact Sheet"
    assert item("Texte.", meta=other.format("Lampe")).type == "Lampe"
    assert item("Texte.", meta=other.format("x" * 200)).type == "x" * 200
    long = '<p class="article-meta__author-bureau">{}</p>'.format("x, " * 80)
    assert item("Texte.", meta=long).bureau is None


def test_the_language_of_a_page() -> None:
    assert item("Texte.", language="klingon", lang="fr-CA").language == "fr"
    assert item(*FRENCH, "Texte.", language="klingon").language == "fr"
    assert item("Texte.", language="klingon").language == "en"
    assert item("U.S. Department of State", "Fact Sheet", "Texte.", language="klingon", lang="xx").language == "xx"
    html = (
        '<html lang="es-ES"><main><h1>Los faroles</h1>'
        '<div class="entry-content"><p>Departamento de Estado</p><p>Un.</p></div></main>'
    )
    found = parsers.read(capture(html, "https://translations.state.gov/2019/06/23/los-faroles/"))
    assert (found.parser, found.items[0].paragraphs, found.items[0].language) == ("state-translation", ("Un.",), "es")


def test_only_header_lines_are_no_text() -> None:
    with pytest.raises(DriftError, match="without text"):
        item(*FRENCH)
    assert split(*FRENCH)[0] == ()
    assert split()[0] == ()
    assert split("\n".join(FRENCH * 3))[0] == ("\n".join((FRENCH * 3)[7:]),)


def test_preview_is_the_same_site() -> None:
    body = '<main><h1>Les lampes</h1><div class="entry-content"><p>Texte.</p></div><link rel="shortlink" href="/?p=8">'
    found = parsers.read(capture(body, "https://preview.state.gov/translations/french/les-lampes/")).items[0]
    assert (found.url, found.guid) == (
        "https://www.state.gov/translations/french/les-lampes/",
        "https://www.state.gov/?p=8",
    )
    with pytest.raises(DriftError):
        parsers.read(capture("<h1>Les lampes</h1><p>Texte.</p>", "https://preview.state.gov/translations/french/x/"))


def test_the_names_are_states() -> None:
    for language, section in NAMES.items():
        assert set(section.get("kinds", {})) <= {*vocabulary.TYPES, translation_header.TRANSLATION}, language
        entries = [e for listed in section.get("kinds", {}).values() for e in listed]
        assert len(entries) == len(set(map(key, entries))), language
        assert len(section.get("courtesy", ())) in {0, 4}, language
        assert len(section.get("more_months", ())) in {0, 12}, language
        kinds = set(map(key, entries))
        assert kinds.isdisjoint(map(key, section["places"])), language
        assert kinds.isdisjoint(map(key, section["department"])), language


def test_each_language_of_a_url_has_names() -> None:
    assert set(build_item._LANGUAGES.values()) == set(languages())
