"""Tests of the filter of watches: words, countries, grades, and the reason given to the recipient."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.alerts import conditions
from scraper.alerts.event_specs import topics
from scraper.alerts.model import FilterFields, WatchVerdict
from scraper.alerts.watch_filter import judge
from scraper.config.about import About
from scraper.config.alerts import Watch
from scraper.config.choices import Topic
from scraper.model import INCIDENTS, Event, EventKind, Grade, Relation

AT = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
PUBLISHED = Event(EventKind.PUBLISHED, AT, "state", statement_id=1)
REVISED = Event(EventKind.REVISED, AT, "state", statement_id=1, grade=Grade.MINOR)
MEKONG = FilterFields(
    title="Mekong-U.S. Partnership",
    text="The Lower Mekong\nInitiative joins ASEAN’s members.\n\nContact us.",
    type="Media Note",
    byline="Antony J. Blinken, Secretary of State",
    countries=("Cambodia", "Turkey (Türkiye)", "Bahamas, The", "Côte d’Ivoire", "South Sudan"),
    sources=("state-press-releases", "jisipnews"),
)


def watch(**settings: Any) -> Watch:
    return Watch(**{"name": "Desk", "to": ["desk@example.org"]} | settings)


def fires(event: Event = PUBLISHED, subject: FilterFields = MEKONG, **about: Any) -> bool:
    return judge(event, subject, watch(about=about)).fires


# What an event is


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        (EventKind.PUBLISHED, Topic.PUBLISHED),
        (EventKind.REVISED, Topic.REVISED),
        (EventKind.TOUCHED, Topic.TOUCHED),
        (EventKind.RETITLED, Topic.RETITLED),
        (EventKind.REATTRIBUTED, Topic.REATTRIBUTED),
        (EventKind.MOVED, Topic.MOVED),
        (EventKind.WITHDRAWN, Topic.WITHDRAWN),
        (EventKind.RESTORED, Topic.RESTORED),
        (EventKind.REPOSTED, Topic.REPOSTED),
        (EventKind.COPY_GONE, Topic.GONE),
        (EventKind.UNSOURCED, Topic.UNSOURCED),
    ],
)
def test_each_kind_of_event_is_one_topic(kind: EventKind, topic: Topic) -> None:
    assert topics(Event(kind, AT, "state")) == (topic,)


@pytest.mark.parametrize("kind", [EventKind.COPY_FOUND, EventKind.COPY_CHANGED])
@pytest.mark.parametrize(
    ("relation", "outdated", "expected"),
    [
        (Relation.VERBATIM, False, (Topic.COPIED,)),
        (Relation.EXCERPT, False, (Topic.COPIED,)),
        (Relation.TRANSLATED, False, (Topic.COPIED,)),
        (Relation.ALTERED, False, (Topic.ALTERED,)),
        (Relation.VERBATIM, True, (Topic.OUTDATED,)),
        (Relation.EXCERPT, True, (Topic.OUTDATED,)),
        (Relation.ALTERED, True, (Topic.ALTERED, Topic.OUTDATED)),
        (Relation.SIBLING, False, ()),
        (None, False, ()),
    ],
)
def test_a_copy_is_selected_by_its_relation(
    kind: EventKind, relation: Relation | None, outdated: bool, expected: tuple[Topic, ...]
) -> None:
    # The grade of a copy of replaced wording is also that of what State changed: it makes no alteration.
    event = Event(kind, AT, "m", relation=relation, outdated=outdated, grade=Grade.MATERIAL, before="as it was")
    assert topics(event) == expected


def test_every_topic_can_happen_and_a_source_in_trouble_is_none() -> None:
    events = [Event(k, AT, "s", relation=r, outdated=o) for k in EventKind for r in Relation for o in (False, True)]
    assert {topic for event in events for topic in topics(event)} == set(Topic)
    assert [topics(event) for event in events if event.kind.is_of_source] == [()] * (len(INCIDENTS) + 1) * len(
        Relation
    ) * 2


# What fires


def test_the_reason_names_what_was_asked_for_and_what_matched() -> None:
    asks = watch(about={"words": ["Mekong"]})
    assert judge(REVISED, MEKONG, asks) == WatchVerdict(
        True, "selects revised, at least minor; matched the word “Mekong”"
    )
    assert judge(PUBLISHED, MEKONG, watch()) == WatchVerdict(True, "selects published")
    both = Event(EventKind.COPY_FOUND, AT, "m", relation=Relation.ALTERED, outdated=True, grade=Grade.MATERIAL)
    assert judge(both, MEKONG, watch()).reason == "selects altered and outdated, at least minor"
    assert judge(both, MEKONG, watch(when=["outdated"])).reason == "selects outdated, at least minor"


def test_every_kind_of_match_is_named_and_three_of_them() -> None:
    about: dict[str, list[str]] = {
        "words": ["Lower Mekong Initiative", "ASEAN"],
        "countries": ["Cambodia"],
        "types": ["media note"],
        "speakers": ["Secretary of State"],
        "sources": ["jisipnews"],
    }
    assert judge(PUBLISHED, MEKONG, watch(about=about)).reason == (
        "selects published; matched the phrase “Lower Mekong Initiative”, the word “ASEAN”, the country "
        "“Cambodia” and 3 more"
    )
    del about["words"]
    assert judge(PUBLISHED, MEKONG, watch(about={**about, "countries": ["Peru"]})).reason == (
        "selects published; matched the type “media note”, the speaker “Secretary of State”, the source “jisipnews”"
    )


@pytest.mark.parametrize(
    ("event", "settings", "because"),
    [
        (PUBLISHED, {"enabled": False}, "the watch is disabled"),
        (replace(PUBLISHED, backfill=True), {}, "was already there when monitoring began"),
        (Event(EventKind.BLOCKED, AT, "state"), {"when": list(Topic)}, "is not an event that a watch can select"),
        (Event(EventKind.TOUCHED, AT, "state", grade=Grade.COSMETIC), {}, "does not select touched"),
        (
            Event(EventKind.COPY_FOUND, AT, "m", relation=Relation.ALTERED, outdated=True),
            {"when": ["copied"]},
            "does not select altered or outdated",
        ),
        (REVISED, {"at_least": "material"}, "its grade is minor, the watch requires at least material"),
        (PUBLISHED, {"about": {"words": ["Danube"]}}, "none of its subjects occurs"),
    ],
)
def test_a_watch_that_does_not_fire_gives_the_reason(event: Event, settings: dict[str, Any], because: str) -> None:
    assert judge(event, MEKONG, watch(**settings)) == WatchVerdict(False, because)


CAMBODIA, PERU = {"countries": ["Cambodia"]}, {"countries": ["Peru"]}
NOTE, QUOTED, ASEAN = {"types": ["Media Note"]}, {"speakers": ["Blinken"]}, {"words": ["ASEAN"]}


@pytest.mark.parametrize(
    ("about", "because"),
    [
        ({"all": CAMBODIA | NOTE}, "matched the country “Cambodia”, the type “Media Note”"),
        ({"all": [CAMBODIA, ASEAN | PERU]}, "matched the country “Cambodia”, the word “ASEAN”"),
        (
            {"all": {"words": ["Mekong", "ASEAN"], "types": ["Media Note"]}, "speakers": ["Blinken"]},
            "matched the word “Mekong”, the type “Media Note”, the speaker “Blinken” and 1 more",
        ),
        ({"any": [{"all": ASEAN | PERU}, NOTE]}, "matched the type “Media Note”"),
        ({"any": {"words": ["Peru"], "all": ASEAN | NOTE}}, "matched the word “ASEAN”, the type “Media Note”"),
        (CAMBODIA | {"none": PERU}, "matched the country “Cambodia”"),
        ({"none": PERU}, "nothing that it excludes occurs"),
        ({"none": {"all": CAMBODIA | PERU}}, "nothing that it excludes occurs"),
        ({"all": {"types": ["Media Note"], "none": PERU}}, "matched the type “Media Note”"),
        ({"none": [{"none": NOTE}]}, "nothing that it excludes occurs"),
    ],
)
def test_conditions_under_all_any_and_none_and_the_reason(about: dict[str, Any], because: str) -> None:
    assert judge(PUBLISHED, MEKONG, watch(about=about)) == WatchVerdict(True, f"selects published; {because}")


@pytest.mark.parametrize(
    ("about", "because"),
    [
        ({"all": CAMBODIA | {"types": ["Readout", "Remarks"]}}, "lacks the type “Readout” or the type “Remarks”"),
        ({"all": [NOTE, PERU | {"words": ["Danube"]}]}, "lacks the word “Danube” or the country “Peru”"),
        (
            {"all": {"countries": ["Peru", "Chile", "Cuba", "Haiti"]}},
            "“Peru” or the country “Chile” or the country “Cuba” or 1 more",
        ),
        ({"all": {"all": NOTE | PERU}}, "lacks what stands under all"),
        (CAMBODIA | {"none": NOTE}, "excluded by the type “Media Note”"),
        (PERU | {"none": ASEAN}, "excluded by the word “ASEAN”; none of its subjects occurs"),
        (PERU | {"any": {"words": ["Danube"]}, "none": PERU}, "none of its subjects occurs"),
        (CAMBODIA | {"all": PERU}, "lacks the country “Peru”"),
        ({"none": {"none": PERU}}, "excluded by what is absent"),
    ],
)
def test_what_does_not_match_all_any_and_none_is_named(about: dict[str, Any], because: str) -> None:
    verdict = judge(PUBLISHED, MEKONG, watch(about=about))
    assert not verdict.fires
    assert because in verdict.reason


@pytest.mark.parametrize("kind", [EventKind.REVISED, EventKind.RETITLED, EventKind.TOUCHED, EventKind.COPY_CHANGED])
def test_the_grade_counts_where_something_is_graded(kind: EventKind) -> None:
    asks = watch(when=list(Topic), at_least="minor")
    event = Event(kind, AT, "state", relation=Relation.ALTERED, grade=Grade.MINOR)
    assert judge(event, MEKONG, asks).fires
    assert judge(replace(event, grade=None), MEKONG, asks).fires
    assert not judge(replace(event, grade=Grade.COSMETIC), MEKONG, asks).fires


def test_a_grade_does_not_keep_back_what_has_none_of_its_own() -> None:
    gone = Event(EventKind.COPY_GONE, AT, "m", relation=Relation.ALTERED, grade=Grade.COSMETIC)
    assert judge(gone, MEKONG, watch(when=["gone"], at_least="material")) == WatchVerdict(True, "selects gone")


# Words


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ASEAN", "the ASEAN members"),
        ("asean", "ASEAN’s"),
        ("ASEAN", "U.S.–ASEAN"),
        ("ASEAN", "(Asean)"),
        ("ASEAN", "A.S.E.A.N. members"),
        ("A.S.E.A.N.", "the Asean members"),
        ("U.S.", "the US and"),
        ("US", "the U.S. and"),
        ("US", "the U.S.-Mekong"),
        ("US", "the US’s"),
        ("u.s.", "the U.S"),
        ("США", "посол США"),
        ("Kyiv Post", "KYIV\n\nPOST"),
        ("Lower Mekong Initiative", "the Lower-Mekong “Initiative”"),
        ("US Army", "the U.S. Army"),
        ("J.D. Vance", "JD Vance"),
        ("Türkiye", "in Tu\u0308rkiye"),
        ("STRASSE", "die Straße"),
        ("ｍｅｋｏｎｇ", "Mekong"),
        ("Mekong", "the Me\u00adkong"),
        ("东盟", "与东盟国家"),
        ("2.5", "some 2.5 million"),
        ("Indo-Pacific", "the Indo Pacific"),
    ],
)
def test_a_word_is_found(word: str, said: str) -> None:
    assert fires(subject=FilterFields(text=said), words=[word])
    assert fires(subject=FilterFields(title=said), words=[word])
    assert fires(REVISED, FilterFields(changed=said), words=[word])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ASEAN", "aseanism"),
        ("ASEAN", "pan-aseanic"),
        ("ASEAN", "xASEAN ASEAN2"),
        ("US", "contact us"),
        ("U.S.", "contact us"),
        ("WHO", "who said"),
        ("US", "USA"),
        ("US", "U.S.A."),
        ("Togo", "to go"),
        ("Lower Mekong", "lower the Mekong"),
        ("Mekong River", "Mekong"),
        ("2.5", "some 25 million"),
        ("Niger", "Nigeria"),
    ],
)
def test_another_word_is_not_found(word: str, said: str) -> None:
    assert not fires(subject=FilterFields(title=said, text=said, changed=said), words=[word])


def test_a_phrase_does_not_reach_from_the_title_into_the_text() -> None:
    assert not fires(subject=FilterFields(title="On the Mekong", text="River of life"), words=["Mekong River"])


alphabet = "abAB1é.,-’\n _ßU\u0301"
phrases = st.text(alphabet, min_size=1, max_size=6).filter(lambda phrase: any(map(str.isalnum, phrase)))


@given(phrases, st.text(alphabet, max_size=12), st.text(alphabet, max_size=12))
def test_a_word_between_blanks_is_found_in_any_context(word: str, left: str, right: str) -> None:
    word = " ".join(word.split())
    assert fires(subject=FilterFields(text=f"{left} ; {word} ; {right}"), words=[word])


@given(st.text("abcdß", min_size=4, max_size=6), st.text("abcdß .-\n", max_size=40))
def test_small_words_are_found_where_a_plain_search_finds_them(word: str, said: str) -> None:
    plain = re.search(rf"(?<!\w){word.casefold()}(?!\w)", unicodedata.normalize("NFKC", said).casefold())
    assert fires(subject=FilterFields(text=said), words=[word]) is (plain is not None)


# Countries, types, speakers, sources


@pytest.mark.parametrize(
    "country", ["Cambodia", "CAMBODIA", "Turkey", "Türkiye", "Turkey (Türkiye)", "the Bahamas", "Cote d’Ivoire"]
)
def test_a_country_is_known_by_its_tag(country: str) -> None:
    assert fires(countries=[country])


@pytest.mark.parametrize(
    ("country", "title", "tags", "is_concerned"),
    [
        ("Laos", "Laos National Day", (), True),
        ("Turkey (Türkiye)", "Türkiye’s Republic Day", (), True),
        ("Gambia, The", "The Gambia National Day", (), True),
        ("Niger", "Nigeria National Day", (), False),
        ("Sudan", "South Sudan Independence Day", ("South Sudan",), False),
        ("Sudan", "Sudan and South Sudan", ("South Sudan",), True),
        ("South Sudan", "South Sudan Independence Day", ("Sudan",), True),
        ("Thebes", "Bes and Thebes", (), True),
        ("Thebes", "Bes", ("Bes",), False),
    ],
)
def test_a_country_is_known_by_its_name_in_the_title(
    country: str, title: str, tags: tuple[str, ...], is_concerned: bool
) -> None:
    assert fires(subject=FilterFields(title=title, countries=tags), countries=[country]) is is_concerned
    assert fires(subject=FilterFields(text=title, countries=tags), countries=[country]) is False


def test_a_type_is_the_whole_type() -> None:
    assert fires(types=["MEDIA NOTE"])
    assert not fires(types=["Media"])
    assert not fires(subject=FilterFields(), types=["Media Note"])


@pytest.mark.parametrize(
    ("speaker", "byline", "speaks"),
    [
        ("Secretary of State", "Antony J. Blinken, Secretary of State", True),
        ("Secretary of State", "Secretary of State", True),
        ("Secretary of State", "Wendy R. Sherman, Deputy Secretary of State", False),
        ("Deputy Secretary of State", "Wendy R. Sherman, Deputy Secretary of State", True),
        ("Blinken", "Antony J. Blinken, Secretary of State", True),
        ("Blink", "Antony J. Blinken, Secretary of State", False),
        ("Secretary of State", "", False),
    ],
)
def test_a_speaker_is_words_of_the_byline(speaker: str, byline: str, speaks: bool) -> None:
    assert fires(subject=FilterFields(byline=byline, text=speaker), speakers=[speaker]) is speaks


def test_a_source_is_named_exactly() -> None:
    assert fires(sources=["jisipnews"])
    assert not fires(sources=["jisip"])


# Asking for more never brings less

watches = st.builds(
    watch,
    when=st.lists(st.sampled_from(Topic), min_size=1, unique=True),
    at_least=st.sampled_from(Grade),
    about=st.fixed_dictionaries(
        {},
        optional={
            "words": st.just(["Mekong"]),
            "countries": st.just(["Peru"]),
            "types": st.just(["Readout"]),
            "sources": st.just(["state"]),
        },
    ),
)
events = st.builds(
    Event,
    st.sampled_from(EventKind),
    st.just(AT),
    st.just("state"),
    grade=st.none() | st.sampled_from(Grade),
    relation=st.none() | st.sampled_from(Relation),
    fidelity=st.none() | st.floats(0, 1),
    backfill=st.booleans(),
)
subjects = st.builds(
    FilterFields,
    title=st.sampled_from(["Mekong", "Peru", ""]),
    type=st.sampled_from(["Readout", ""]),
    sources=st.sampled_from([("state",), ()]),
)


@given(events, subjects, watches)
def test_a_watch_that_asks_for_more_gets_no_less(event: Event, subject: FilterFields, asks: Watch) -> None:
    wider = [{"when": tuple(Topic)}, {"at_least": Grade.COSMETIC}, {"about": About()}]
    if judge(event, subject, asks).fires:
        assert all(judge(event, subject, asks.model_copy(update=more)).fires for more in wider)
        assert not event.backfill
        assert set(topics(event)) & set(asks.when)
    else:
        everything = asks.model_copy(update={key: value for more in wider for key, value in more.items()})
        assert judge(event, subject, everything).fires is (bool(topics(event)) and not event.backfill)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("แม่น้ำโขง", "ประเทศในลุ่มแม่น้ำโขงตอนล่าง"),
        ("ລາວ", "ສະຫະລັດແລະລາວຮ່ວມມື"),
        ("កម្ពុជា", "រាជរដ្ឋាភិបាលកម្ពុជានិង"),
        ("မြန်မာ", "ပြည်ထောင်စုမြန်မာနိုင်ငံ"),
        ("关税", "美国宣布新关税措施。"),
        ("関税", "米国は関税を課す"),
        ("ミャンマー", "新しいﾐｬﾝﾏｰ政策"),
        ("ASEAN", "与ASEAN国家"),
        ("US", "与US国家"),
        ("G7峰会", "在G7峰会上"),
        ("محمد", "السيد مُحَمَّد بن"),
        ("السلام", "عملية الســلام"),
        ("שלום", "הסכם שָׁלוֹם"),
        ("Istanbul", "İstanbul'da"),
        ("İstanbul", "ISTANBUL"),
        ("Strasse", "in der Straße"),
        ("Αθήνα", "ΣΤΗΝ ΑΘΗΝΑ"),
        ("ΟΜΗΡΟΣ", "ο όμηρος"),
        ("Китай", "Кита\u0301й и"),
        ("हिन्दी", "भाषा हिन्दी में"),
        ("미국", "미국은 오늘"),
    ],
)
def test_words_of_every_script_are_found(entry: str, text: str) -> None:
    assert fires(subject=replace(MEKONG, text=text), words=[entry])


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("Iran", "Tirana and İranlı"),
        ("ข้าว", "ข่าววันนี้"),  # rice and news differ by their tones
        ("国美", "中国 美国"),
        ("中国", "中，国"),
        ("AI技术", "OpenAI技术"),
        ("US", "与us国家"),
        ("दिन", "हिन्दी नाम"),
        ("ma", "má mà ma\u0303"),
        ("nino", "niño"),
        ("미국", "미국인 대미국"),
        ("سلام", "السلام"),
        ("ß", "s"),
    ],
)
def test_a_part_of_a_word_is_no_word(entry: str, text: str) -> None:
    assert not fires(subject=replace(MEKONG, title="", text=text), words=[entry])


def test_words_of_a_title_stand_between_blanks() -> None:
    assert conditions.title_words("Côte d’Ivoire: U.S. Talks") == " cote d ivoire us talks "
