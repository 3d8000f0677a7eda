"""Tests of rendered mails: correct headers, two complete parts, no injection, a plain mail if rendering fails."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, message_from_string, policy
from email.utils import parsedate_to_datetime
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from alerts_support import (
    FIRST,
    OPERATOR,
    REVISED_AT,
    SETTINGS,
    STATEMENT,
    an_event,
    details,
    every_kind,
    many,
    message,
    of_source,
    published,
    revised,
)
from hostile import ADDRESSES, HOSTILE, hostile_details
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.alerts import excerpts
from scraper.alerts import render as writing
from scraper.alerts.content import SHORTENED
from scraper.alerts.model import SourceLine
from scraper.alerts.render import MAX_BYTES, render_entry, render_message
from scraper.model import Alias, EventKind, Grade, MessageKind, Reason, Wording
from scraper.rules.guards import Guard, Withheld

if TYPE_CHECKING:
    from email.message import EmailMessage

    from scraper.alerts.model import Message
    from scraper.model import RenderedMessage

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe",
    "Auto-Submitted", "X-Auto-Response-Suppress", "X-Statewire-Event", "MIME-Version", "Content-Type",
]  # fmt: skip
KINDS = every_kind()


def sent(of: Message, key: str = "key") -> tuple[RenderedMessage, EmailMessage]:
    written = render_message(of, SETTINGS, key)
    mail = message_from_bytes(written.raw, policy=policy.default)
    return written, mail


class Markup(HTMLParser):
    """The tags of a page with their attributes, and its text as it is read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


TAGS = set("html head meta title style body div p h1 a span table tr td".split())
ATTRIBUTES = set(
    "dir lang charset name content style class role cellpadding cellspacing border width colspan href".split()
)


def check(of: Message) -> tuple[RenderedMessage, EmailMessage]:
    """Check the properties of every mail."""
    written, mail = sent(of)
    wanted = HEADERS if of.statement_id else [name for name in HEADERS if name not in {"In-Reply-To", "References"}]
    assert sorted(mail.keys()) == sorted(wanted)
    assert [address.addr_spec for address in mail["To"].addresses] == [of.recipient]
    assert mail["Subject"] == written.subject
    assert mail["Subject"].startswith("[statewire] ")
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert text.get_content().replace("\r\n", "\n") == written.text
    assert html.get_content().replace("\r\n", "\n") == written.html
    assert len(written.raw) <= MAX_BYTES
    assert written.raw.isascii()
    # Only an identifier that must not be broken is longer than a line should be, and never as long as none may be.
    long = [row for row in written.raw.split(b"\r\n") if len(row) > 78]
    assert all(len(row) < 200 and b" " not in row.partition(b": ")[2].strip() for row in long)
    assert b"\n" not in written.raw.replace(b"\r\n", b"")
    markup = Markup(written.html)
    assert {tag for tag, _ in markup.tags} <= TAGS
    assert {name for _, attributes in markup.tags for name in attributes} <= ATTRIBUTES
    hrefs = [attributes["href"] or "" for tag, attributes in markup.tags if tag == "a"]
    assert all(re.match(r"https?://[^\s\"<>]+\Z", href) for href in hrefs)
    assert not re.search(r"\n\n\n|[^\S\n]\n", written.text)
    return written, mail


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_whole_mail(kind: str) -> None:
    written, mail = check(KINDS[kind])
    assert "could not be rendered" not in written.text
    assert "unwritten" not in mail["X-Statewire-Event"]
    words = Markup(written.html).text
    assert "You receive this because" in words
    assert "You receive this because" in written.text
    # A line is longer than it should be only where an address or a command would break.
    assert all(len(line) <= 72 or re.search(r"https?://|statewire ", line) for line in written.text.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_say_the_same(kind: str) -> None:
    """Check that every word of the text part is in the HTML part, except marks and URLs that are shortened there."""
    written = render_message(KINDS[kind], SETTINGS, "key")
    html = Markup(written.html).text
    said = set(re.findall(r"[\w’$%]+", re.sub(r"https?://\S+", "", written.text)))
    shown = set(re.findall(r"[\w’$%]+", html))
    assert said - shown <= {"Title", "Statement", "Page"}


def test_the_headers_of_a_mail() -> None:
    written, mail = sent(KINDS["revised"])
    assert mail["From"] == "statewire <statewire@example.org>"
    assert parsedate_to_datetime(mail["Date"]) == KINDS["revised"].made_at
    assert mail["Message-ID"] == written.message_id
    assert mail["References"] == mail["In-Reply-To"] == "<statement-265079@example.org>"
    assert mail["List-Id"] == "Mekong and ASEAN desk <mekong-and-asean-desk.statewire.example.org>"
    unsubscribe = "<mailto:statewire@example.org?subject=unsubscribe%20mekong-and-asean-desk>"
    assert f"List-Unsubscribe:\r\n {unsubscribe}" in written.raw.decode() or unsubscribe in written.raw.decode()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Statewire-Event"] == "statement.revised; grade=material"


def test_a_mail_is_the_same_however_often_it_is_written() -> None:
    one, again = (render_message(KINDS["revised"], SETTINGS, "key") for _ in range(2))
    assert one == again
    other_key, other_reader = (
        render_message(KINDS["revised"], SETTINGS, "other"),
        render_message(replace(KINDS["revised"], recipient="b@example.org"), SETTINGS, "key"),
    )
    assert len({one.message_id, other_key.message_id, other_reader.message_id}) == 3


def test_a_time_in_another_zone_is_sent_in_utc() -> None:
    local = replace(KINDS["revised"], made_at=KINDS["revised"].made_at.astimezone(KINDS["revised"].timezone))
    assert sent(local)[1]["Date"].endswith("05:29:00 +0000")


def test_a_name_beyond_ascii_reads_back() -> None:
    _, mail = check(replace(KINDS["revised"], watches=(("Büro „Asien“ 東亜", "selects revised"),)))
    assert str(mail["List-Id"]).startswith("Büro „Asien“ 東亜 <buro-asien-")


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_words(words: str) -> None:
    written, _ = check(message(*hostile_details(words)))
    assert "could not be rendered" not in written.text
    assert "49" not in written.text + written.subject


@pytest.mark.parametrize("kind", MessageKind)
def test_hostile_words_do_no_harm_in_any_kind(kind: MessageKind) -> None:
    for words in ("<script>parent.ran=1</script>", "=?utf-8?q?hi=0ABcc:_e?=", "\ud800\u2028\x00{{7*7}}"):
        of = message(
            *hostile_details(words), kind=kind, note=words, watches=((words, words),), found=(words,), queue=(words,)
        )
        assert "could not be rendered" not in check(of)[0].text


@pytest.mark.parametrize("url", ADDRESSES.values(), ids=ADDRESSES)
def test_only_addresses_of_the_web_are_links(url: str) -> None:
    written, _ = check(message(*hostile_details("A title", url)))
    hrefs = [attributes["href"] for tag, attributes in Markup(written.html).tags if tag == "a"]
    if url.startswith("https://www.ѕtate"):
        assert set(hrefs) >= {url}
        assert "www.xn--tate-" in written.html
    else:
        assert url not in hrefs


def test_words_of_a_page_are_shown_as_they_are() -> None:
    words = "{{7*7}} {0.__class__} %s <b>&amp;</b>"
    written, _ = check(message(*hostile_details(words)))
    assert words in written.text
    assert words in Markup(written.html).text
    assert words in written.subject


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=120), st.sampled_from(sorted(ADDRESSES.values()))
)
def test_any_words_make_a_whole_mail(words: str, url: str) -> None:
    written, _ = check(message(*hostile_details(words, url)))
    assert "could not be rendered" not in written.text


def test_long_texts_are_cut_in_the_middle_of_both_parts_and_counted() -> None:
    text = "\n\n".join(f"Paragraph {n} says something at length. " + "More of it follows. " * 20 for n in range(400))
    written, _ = check(message(published(text)))
    assert len(written.raw) > 0.7 * MAX_BYTES
    whole = {n: f"Paragraph {n} says something" for n in range(400)}
    shown = [n for n, words in whole.items() if words in written.html]
    assert shown == [n for n, words in whole.items() if words in written.text]
    assert {0, 399} < set(shown)
    assert 200 not in shown
    said = r"\[([\d,]+) words left out here; all of it: statewire show 265079\]"
    gap, of_text = re.search(said, written.html), re.search(said, " ".join(written.text.split()))
    assert gap
    assert of_text
    assert gap[1] == of_text[1]
    kept = re.sub(
        r"<[^>]+>", " ", written.html[written.html.rindex("Paragraph 0 says") : gap.start()] + written.html[gap.end() :]
    )
    assert int(gap[1].replace(",", "")) + len(kept.split()) == pytest.approx(len(text.split()), abs=120)


def test_many_changes_are_cut_in_the_middle_with_the_command_that_shows_them() -> None:
    before = "\n\n".join(f"In paragraph {n} stands one old word among others." for n in range(900))
    written, _ = check(message(revised(before, before.replace("old", "new"))))
    html = Markup(written.html).text
    assert "In paragraph 0 stands" in html
    assert "In paragraph 899 stands" in html
    left_out = re.search(r"(\d+) passages with changes left out here; all of them: statewire diff 265079 1 2", html)
    assert left_out
    # The table of the HTML marks the reason as well.
    assert written.text.count("{+new+}") == html.count("[Added: new ]") - 1 == 900 - int(left_out[1])


def test_a_digest_shows_fifty_statements_and_counts_the_rest() -> None:
    """If they fit; of entries with many changes there are fewer."""
    short = tuple(
        replace(
            each := published("One line."),
            event=replace(each.event, statement_id=n, title=f"Talks {n}"),
            statement=replace(STATEMENT, id=n, url=f"https://www.state.gov/talks-{n}/"),
            revisions=(replace(each.revisions[0], wording=Wording(f"Talks {n}", "One line.")),),
        )
        for n in range(1, 81)
    )
    for events, least in ((short, 50), (many(80), 20)):
        written, _ = check(message(*events, kind=MessageKind.DIGEST, statement_id=None))
        shown = written.text.count("https://www.state.gov/talks-")
        assert least <= shown <= 50
        assert f"{80 - shown} more statements not shown here: statewire events --since 2021-08-03" in written.text
        assert unescape(written.html).count(f"{80 - shown} more statements not shown here") == 1
        assert written.hidden >= 30


CHINESE = "国务院今天说，美国将提供5800万美元的援助，以及450万剂疫苗。"
LONG = {
    "chinese": f"{CHINESE}\n\n" * 500,
    "chinese without stops": "国" * 15_000,
    "english, then chinese": f"{FIRST}\n\n" * 3 + f"{CHINESE} " * 1_200,
    "one word": "x" * 50_000,
    "equals signs": "a=b " * 15_000,
    "markup": "<script>&amp;</script>\n" * 3_000,
    "accents": ("e" + "\u0301" * 12 + " ") * 3_000,
    "faces": "\U0001f600" * 10_000,
    "amounts": "They got $58 million on May 12, 2026. " * 2_500,
}


@pytest.mark.parametrize("words", LONG.values(), ids=LONG)
def test_no_mail_is_longer_than_100_000_bytes(words: str) -> None:
    for each in (published(words), revised(words, words[: len(words) // 2] + "They gave 3. " + words[9:])):
        written, _ = check(message(each))
        assert "could not be rendered" not in written.subject
        assert len(written.raw) > 0.4 * MAX_BYTES
        assert re.search(
            "(words|characters|passages with changes) left out here; all of", " ".join(written.text.split())
        )


@pytest.mark.parametrize("words", ["声明 " * 300, "\U0001f600" * 500, "<&>" * 400, "=" * 3_000])
def test_pathological_titles_reasons_and_urls_fit_too(words: str) -> None:
    url = "https://www.state.gov/" + "\U0001f600" * 1_900
    aliases = tuple(Alias(f"{url}{n}", REVISED_AT, REVISED_AT) for n in range(3))
    events = [
        replace(each, aliases=aliases, event=replace(each.event, reasons=each.event.reasons * 8))
        for each in hostile_details(words, url)
    ]
    watches = ((words, words),) * 9
    for some in (events, events[-3:-2]):
        written, _ = check(message(*some, watches=watches, note=words))
        assert "could not be rendered" not in written.subject


@pytest.mark.parametrize("kind", [MessageKind.STILL_WATCHING, MessageKind.REFUSED, MessageKind.WITHHELD])
def test_pathological_reports_to_the_operator_fit_too(kind: MessageKind) -> None:
    words = tuple("\U0001f600" * 500 + str(n) for n in range(110))
    of_sources = tuple(SourceLine(each, each, REVISED_AT, 1, each) for each in words)
    withheld = tuple(Withheld(guard, each, 1, REVISED_AT, REVISED_AT) for guard in Guard for each in words)
    written, _ = check(
        message(kind=kind, note=words[0], lines=of_sources, found=words, queue=words, withheld=withheld, **OPERATOR)
    )
    assert "could not be rendered" not in written.subject
    if kind is MessageKind.STILL_WATCHING:
        assert "and 70 more" in Markup(written.html).text


def test_texts_that_are_shortened_are_said_to_be() -> None:
    words = "\U0001f600" * 500
    written, _ = check(
        message(*hostile_details(words, "https://www.state.gov/" + words), watches=((words, words),) * 9)
    )
    assert SHORTENED in " ".join(written.text.split())
    assert SHORTENED in Markup(written.html).text


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(["$58 million", "May 12, 2026", "4.5 percent", "the river", "of", "said.", "国务院说，"]),
        min_size=80,
    ),
    st.integers(40, 400),
)
def test_no_value_is_cut(words: list[str], chars: int) -> None:
    text = " ".join(words)
    (body,) = excerpts.body("x", text, chars, "c")
    values = ("$58 million", "May 12, 2026", "4.5 percent")
    for part in (each for each in body.paragraphs if isinstance(each, str)):
        left = part
        for value in values:
            left = left.replace(value, " ")
        assert not re.search(r"[$\d]|million|May|percent", left)


class Poison:
    """Something in a message that nothing can be made of."""

    def __str__(self) -> str:
        raise RuntimeError("poison with\r\nBcc: eve@example.com")

    __bool__ = __len__ = __getattr__ = __str__  # type: ignore[assignment]


def test_a_mail_that_cannot_be_rendered_is_replaced_by_a_plain_one() -> None:
    poisoned = details(an_event(EventKind.REVISED), statement=Poison())
    written, mail = sent(message(poisoned))
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert written.subject == "[statewire] statement.revised: this alert could not be rendered"
    assert "RuntimeError: poison with Bcc: eve@example.com" in " ".join(written.text.split())
    assert f"statewire show {STATEMENT.id}" in written.text
    assert mail["X-Statewire-Event"] == "statement.revised; unwritten"


def test_a_message_that_lacks_its_events_is_reported_as_not_rendered() -> None:
    written, _ = sent(message(kind=MessageKind.INSTANT, **OPERATOR))
    assert written.subject == "[statewire] instant: this alert could not be rendered"


def _broken(name: str, value: str) -> str:
    extra = "Bcc: eve@example.com\r\n" if name == "Subject" and "unwritten" not in value else ""
    return f"{name}: {value}\r\n{extra}"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("Subject", "x\r\nBcc: eve@example.com", "its headers are"),
        ("Subject", "another", "its subject is read as another"),
        ("To", "desk@example.org, eve@example.org", "it has 2 recipients"),
    ],
)
def test_a_mail_that_reads_back_wrong_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    folded, broken = writing.headers.fold, [True]

    def once(header: str, given: str) -> str:
        if header == name and broken:
            broken.clear()
            return f"{header}: {value}\r\n"
        return folded(header, given)

    monkeypatch.setattr(writing.headers, "fold", once)
    written, _ = sent(KINDS["revised"])
    assert "could not be rendered" in written.subject
    assert said in " ".join(written.text.split())


def test_a_body_that_reads_back_wrong_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    policies = iter([writing._Policy(linesep="\r\n", cte_type="7bit"), writing._POLICY])
    monkeypatch.setattr(writing, "_BLANK_LINES", _Lying())
    written, _ = sent(KINDS["revised"])
    assert next(policies)
    assert "its text is read as another" in " ".join(written.text.split())


class _Lying:
    """Puts a line end into the first text that no client gives back."""

    def __init__(self) -> None:
        self.calls = 0

    def sub(self, by: str, text: str) -> str:
        self.calls += 1
        return re.sub(r"\n{3,}", by, text) + ("x\ry" if self.calls == 1 else "")


def test_a_mail_that_is_too_long_at_its_shortest_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_BYTES", 1_000)
    written, _ = sent(KINDS["revised"])
    assert re.search(r"it has [\d,]+ bytes at its shortest", " ".join(written.text.split()))


def test_an_operator_can_filter_by_what_the_mail_is() -> None:
    health = message(of_source(EventKind.BLOCKED), kind=MessageKind.HEALTH, **OPERATOR)
    _, mail = sent(health)
    assert mail["List-Id"] == "statewire health <statewire-health.statewire.example.org>"
    assert mail["X-Statewire-Event"] == "source.blocked"
    names = {name: sent(KINDS[name])[1]["X-Statewire-Event"] for name in ("daily", "test", "still-watching")}
    assert names == {"daily": "digest", "test": "test", "still-watching": "still-watching"}


def test_a_mail_made_later_has_another_date_and_the_same_identifier() -> None:
    later = replace(KINDS["revised"], made_at=KINDS["revised"].made_at + timedelta(hours=1))
    assert (
        render_message(later, SETTINGS, "key").message_id
        == render_message(KINDS["revised"], SETTINGS, "key").message_id
    )


ENTRY_TAGS = set("p strong ul li del ins blockquote br a code".split())


@pytest.mark.parametrize("kind", [kind for kind, of in KINDS.items() if len(of.events) == 1])
def test_every_event_is_an_entry_of_a_feed(kind: str) -> None:
    title, html, _ = render_entry(KINDS[kind])
    assert KINDS[kind].kind is not MessageKind.DIGEST
    assert title
    markup = Markup(html)
    assert {tag for tag, _ in markup.tags} <= ENTRY_TAGS
    assert "You receive this because" in markup.text


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_words_in_a_feed(words: str) -> None:
    for details_ in hostile_details(words):
        _, html, _ = render_entry(message(details_))
        assert {tag for tag, _ in Markup(html).tags} <= ENTRY_TAGS
        assert {name for _, attributes in Markup(html).tags for name in attributes} <= {"dir", "href"}
        assert "49" not in html


def test_a_long_entry_says_how_much_is_left_out() -> None:
    _, html, _ = render_entry(message(published("One line. " * 9_000)))
    assert "words left out here; all of it: statewire show 265079" in html
    assert len(html) < 30_000


def test_a_recipient_in_another_script_stands_in_the_header_as_it_is() -> None:
    written = render_message(replace(KINDS["revised"], recipient="jörg@xn--exmple-cua.org"), SETTINGS, "key")
    assert "To: jörg@xn--exmple-cua.org\r\n".encode() in written.raw
    mail = message_from_string(written.raw.decode(), policy=policy.default)
    assert [address.addr_spec for address in mail["To"].addresses] == ["jörg@xn--exmple-cua.org"]
    assert "could not be rendered" not in written.text


def test_a_recipient_that_is_no_single_address_is_refused() -> None:
    with pytest.raises(writing.UnfitMessageError, match="2 recipients"):
        render_message(replace(KINDS["revised"], recipient="a@example.org, b@example.org"), SETTINGS, "key")


def test_changes_name_the_heading_above_them() -> None:
    reason = Reason("amount", "$80 million", "$58 million", Grade.MATERIAL, section="Water\x1b and work")
    found = details(an_event(EventKind.REVISED, grade=Grade.MATERIAL, reasons=(reason,), revision=2))
    rendered = render_message(message(found), SETTINGS, "key")
    assert "$80 million -> $58 million (in “Water and work”)" in " ".join(rendered.text.split())
    assert "(in “Water and work”)" in rendered.html
