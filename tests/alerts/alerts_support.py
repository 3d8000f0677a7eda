"""Messages of every kind for tests: a statement with two wordings, its copies, a failing source, a week of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from scraper.alerts.model import CopyOnPage, EventDetails, Message, SourceHealth, SourceLine
from scraper.config.alerts import AlertSettings
from scraper.model import (
    Alias,
    Event,
    EventKind,
    Grade,
    MessageKind,
    Part,
    Precision,
    PublicationState,
    Relation,
    Revision,
    Span,
    Statement,
    Wording,
)
from scraper.pages import Copy, MirrorPage, QuotedPassage
from scraper.rules.events import remarks
from scraper.rules.guards import Guard, Withheld
from scraper.text.diff import compare
from scraper.text.reasons import weightiest

NEW_YORK = ZoneInfo("America/New_York")
PUBLISHED_AT = datetime(2021, 8, 3, 2, 14, tzinfo=UTC)
REVISED_AT = PUBLISHED_AT + timedelta(hours=3, minutes=10)
URL = "https://www.state.gov/secretary-blinkens-participation-in-the-mekong-u-s-partnership-ministerial/"
TITLE = "Secretary Blinken’s Participation in the Mekong-U.S. Partnership Ministerial"
FIRST = "\n\n".join(
    [
        "The Secretary took part in the second ministerial of the partnership on Monday, with his counterparts from "
        "Cambodia, Laos, Thailand and Vietnam. They spoke of water, of work and of the health of the river.",
        "The United States is providing $80 million in assistance, on top of earlier help for hydrology, fisheries "
        "and early warning of floods. Nearly 4.5 million doses of vaccine have come to the region so far.",
        "The ministers welcomed the plan of action for 2021 to 2023. They agreed to meet again next year, and to let "
        "experts prepare that meeting. The river knows no borders.",
    ]
)
SECOND = FIRST.replace(
    "$80 million in assistance,", "$58 million in assistance to Mekong sub-region countries,"
).replace("4.5 million", "8.5 million")
SETTINGS = AlertSettings(sender="statewire@example.org")
WATCHES = (("Mekong and ASEAN desk", 'selects revised, at least minor; matched the word "Mekong"'),)

REVISIONS = (
    Revision(1, Wording(TITLE, FIRST), 96, PUBLISHED_AT + timedelta(minutes=17), REVISED_AT - timedelta(minutes=15)),
    Revision(2, Wording(TITLE, SECOND), 100, REVISED_AT, REVISED_AT, Grade.MATERIAL),
)
STATEMENT = Statement(
    id=265079,
    guid="https://www.state.gov/?post_type=state_press_release&p=265079",
    url=URL,
    title=TITLE,
    state=PublicationState.CURRENT,
    revision=2,
    revisions=2,
    words=100,
    first_seen_at=REVISIONS[0].first_seen_at,
    last_seen_at=REVISED_AT,
    published_at=PUBLISHED_AT,
    precision=Precision.MINUTE,
    type="Media Note",
    byline="Office of the Spokesperson",
)


def a_page(number: int, host: str, **fields: Any) -> MirrorPage:
    given = {
        "id": number,
        "url": f"https://{host}/news/{number}/mekong-ministerial",
        "source": host.split(".")[0],
        "title": "US Secretary of State joins Mekong ministerial",
        "relation": Relation.VERBATIM,
        "first_seen_at": PUBLISHED_AT + timedelta(hours=1),
        "last_seen_at": REVISED_AT,
    }
    return MirrorPage(**given | fields)


def a_copy(page: int, relation: Relation = Relation.VERBATIM, **fields: Any) -> Copy:
    given = {
        "page_id": page,
        "statement_id": STATEMENT.id,
        "revision": 2,
        "relation": relation,
        "coverage": 1.0,
        "fidelity": 1.0,
        "first_seen_at": PUBLISHED_AT + timedelta(hours=1),
        "last_seen_at": REVISED_AT,
    }
    return Copy(**given | fields)


COPIES = (
    CopyOnPage(a_copy(1, revision=1, outdated=True), a_page(1, "www.jisipnews.com")),
    CopyOnPage(a_copy(2, revision=1, outdated=True), a_page(2, "stl.news")),
    CopyOnPage(a_copy(3), a_page(3, "www.example.net")),
)


def an_event(kind: EventKind, **fields: Any) -> Event:
    of_statement = {"statement_id": STATEMENT.id, "guid": STATEMENT.guid, "url": URL, "title": TITLE}
    given = {"kind": kind, "at": REVISED_AT, "source": "state-press-releases", "id": 7}
    return Event(**given | of_statement | fields)


def details(event: Event, **fields: Any) -> EventDetails:
    given = {
        "event": event,
        "statement": STATEMENT,
        "revisions": REVISIONS,
        "aliases": (Alias(URL, PUBLISHED_AT, REVISED_AT),),
        "copies": COPIES,
    }
    return EventDetails(**given | fields)


def message(*of: EventDetails, kind: MessageKind = MessageKind.INSTANT, **fields: Any) -> Message:
    given = {
        "kind": kind,
        "recipient": "desk@example.org",
        "made_at": REVISED_AT + timedelta(minutes=5),
        "timezone": NEW_YORK,
        "events": of,
        "watches": WATCHES,
        "statement_id": STATEMENT.id,
    }
    return Message(**given | fields)


def revised(before: str = FIRST, after: str = SECOND) -> EventDetails:
    difference = compare(before, after)
    texts = (before, after)
    revisions = tuple(replace(r, wording=Wording(TITLE, t)) for r, t in zip(REVISIONS, texts, strict=True))
    event = an_event(
        EventKind.REVISED,
        part=Part.BODY,
        grade=difference.grade,
        reasons=weightiest(difference.reasons),
        before="…",
        after="…",
    )
    return details(event, revisions=revisions)


def published(text: str = FIRST) -> EventDetails:
    statement = replace(STATEMENT, revision=1, revisions=1)
    first = replace(REVISIONS[0], wording=Wording(TITLE, text))
    return details(
        an_event(EventKind.PUBLISHED, at=first.first_seen_at), statement=statement, revisions=(first,), copies=()
    )


def of_copy(kind: EventKind, relation: Relation, *, outdated: bool = False, **fields: Any) -> EventDetails:
    """A copy whose page changed one number and left out a sentence, unless `copy` overrides it."""
    theirs = SECOND.replace("8.5 million", "3.5 million").replace(" The river knows no borders.", "")
    text = f"Menu\n\nUS Secretary of State joins Mekong ministerial\n\n{theirs}\n\nMore news"
    start = text.index(theirs)
    difference = compare(SECOND, theirs)
    is_altered = relation is Relation.ALTERED
    copy = a_copy(
        4,
        relation,
        coverage=0.96,
        fidelity=0.98 if is_altered else 1.0,
        grade=difference.grade if is_altered else None,
        differences=difference.reason_lines() if is_altered else (),
        spans=(Span((0, len(SECOND)), (start, start + len(theirs))),),
        revision=1 if outdated else 2,
        outdated=outdated,
    )
    page = a_page(4, "www.jisipnews.com")
    event = an_event(
        kind,
        page_url=page.url,
        page_title=page.title,
        relation=relation,
        outdated=outdated,
        revision=copy.revision,
        coverage=copy.coverage,
        fidelity=copy.fidelity,
        grade=copy.grade,
        reasons=weightiest(difference.reasons) if is_altered else (),
    )
    return details(replace(event, **fields), page=page, copy=copy, page_text=text)


def unsourced(**fields: Any) -> EventDetails:
    page = a_page(9, "report.example.com", title="State Department confirms talks on the river")
    given = {
        "page_url": page.url,
        "page_title": page.title,
        "relation": Relation.UNSOURCED,
        "after": "https://www.state.gov/talks-on-the-river/",
        "reasons": remarks(
            "says “Official news published by the U.S. Department of State”",
            "looked up: the address that it names is not known, and no wording shares a passage with it",
            "resembles “Talks on the Delta” of 2019-05-04: another date, other names",
        ),
    }
    event = Event(EventKind.UNSOURCED, REVISED_AT, "report", **given | fields)
    return EventDetails(event, page=page)


def of_source(kind: EventKind, **fields: Any) -> EventDetails:
    url = "https://www.state.gov/wp-json/wp/v2/state_press_release"
    reason = {
        EventKind.RECOVERED: "after 3 h 10 min",
        EventKind.FALLBACK: f"{url}: blocked (403); https://www.state.gov/rss-feed/ serves instead",
    }.get(kind, f"{url}: blocked (403, Access Denied by the edge)")
    event = Event(kind, REVISED_AT, "state-press-releases", url=url, reasons=remarks(reason))
    good = REVISED_AT - timedelta(minutes=20)
    return EventDetails(replace(event, **fields), health=SourceHealth(good, failures=4), since=REVISED_AT)


def many(number: int) -> tuple[EventDetails, ...]:
    """A digest's worth: so many statements, every third with a copy as well."""
    found = list[EventDetails]()
    for n in range(number):
        title = f"Joint Statement on the {n + 1}th Round of the Talks About Water, Work and the Health of the River"
        statement = replace(STATEMENT, id=1000 + n, title=title, url=f"https://www.state.gov/talks-{n}/")
        make = (published, revised, lambda: of_copy(EventKind.COPY_FOUND, Relation.ALTERED))[n % 3]
        for each in (
            make(),
            *([of_copy(EventKind.COPY_FOUND, Relation.VERBATIM, outdated=True)] if n % 3 == 0 else []),
        ):
            event = replace(each.event, statement_id=statement.id, title=title, url=statement.url)
            revisions = tuple(replace(r, wording=Wording(title, r.wording.text)) for r in each.revisions)
            statement = replace(statement, revision=revisions[-1].number)
            found.append(replace(each, event=event, statement=statement, revisions=revisions))
    return tuple(found)


OPERATOR = {"watches": (), "statement_id": None}
WEEK = {"since": REVISED_AT - timedelta(days=7), "until": REVISED_AT}
DAY = {"since": REVISED_AT - timedelta(days=1), "until": REVISED_AT}
SOURCES = (
    SourceLine("state-press-releases", "canonical", REVISED_AT, 41),
    SourceLine("state-remarks", "canonical", REVISED_AT - timedelta(days=3), 0, "blocked since 31 Jul: 403"),
    SourceLine("jisip", "mirror", REVISED_AT, 12),
    SourceLine("a-new-one", "mirror", None, 0),
)


WITHHELD = (
    Withheld(Guard.MAX_PER_DAY, "desk@example.org, statement 265079", 12, PUBLISHED_AT, REVISED_AT),
    Withheld(Guard.MAX_PER_DAY, "asia@example.org, statement 265079", 1, REVISED_AT, REVISED_AT),
    Withheld(Guard.MAIL_LENGTH, "desk@example.org", 3, REVISED_AT, REVISED_AT),
)


def of_quote(kind: EventKind) -> EventDetails:
    """A page that quotes the first sentence of a statement, word for word or with another number."""
    wording = next(sentence for sentence in SECOND.split(". ") if "8.5 million" in sentence)
    is_altered = kind is EventKind.QUOTE_ALTERED
    quote = wording.replace("8.5 million", "3.5 million").replace("Mekong", "Lower Mekong") if is_altered else wording
    difference = compare(wording, quote)
    page = a_page(4, "www.jisipnews.com")
    quotation = QuotedPassage(
        page_id=4,
        statement_id=STATEMENT.id,
        revision=2,
        quote=quote,
        wording=wording,
        place=(10, 10 + len(quote)),
        is_altered=is_altered,
        grade=difference.grade,
        changes=difference.reasons,
        first_seen_at=REVISED_AT,
        last_seen_at=REVISED_AT,
    )
    event = an_event(
        kind,
        page_url=page.url,
        page_title=page.title,
        relation=Relation.QUOTED,
        revision=2,
        grade=difference.grade,
        before=wording,
        after=quote,
        reasons=difference.reasons if is_altered else remarks(f"“{quote}”"),
    )
    return details(event, page=page, quotations=(quotation,))


@cache
def every_kind() -> dict[str, Message]:
    """One message of each kind, by a name for it."""
    health = {kind.value.replace("source.", "source-"): kind for kind in EventKind if kind.is_of_source}
    copies = {
        "copied": (EventKind.COPY_FOUND, Relation.VERBATIM),
        "excerpt": (EventKind.COPY_FOUND, Relation.EXCERPT),
        "altered": (EventKind.COPY_FOUND, Relation.ALTERED),
        "translated": (EventKind.COPY_FOUND, Relation.TRANSLATED),
        "copy-gone": (EventKind.COPY_GONE, Relation.VERBATIM),
    }
    gone = "3 checks since 2021-08-01 05:24 UTC did not find it"
    byline = {"before": "Office of the Spokesperson", "after": "Bureau of East Asian and Pacific Affairs"}
    title = {"before": TITLE.replace("Participation in", "Remarks at"), "after": TITLE, "part": Part.TITLE}
    look = {"before": "the US “plan” of action", "after": "the U.S. “plan” of action", "part": Part.BODY}
    return {
        "published": message(published()),
        "revised": message(revised()),
        "retitled": message(details(an_event(EventKind.RETITLED, grade=Grade.MINOR, **title))),
        "touched": message(details(an_event(EventKind.TOUCHED, grade=Grade.COSMETIC, **look))),
        "reattributed": message(details(an_event(EventKind.REATTRIBUTED, **byline))),
        "moved": message(
            details(an_event(EventKind.MOVED, before=URL, after="https://2017-2021.state.gov/mekong-ministerial/"))
        ),
        "reposted": message(
            details(an_event(EventKind.REPOSTED, before=STATEMENT.guid, after=STATEMENT.guid.replace("79", "80")))
        ),
        "withdrawn": message(details(an_event(EventKind.WITHDRAWN, reasons=remarks(gone), after="gone"))),
        "restored": message(details(an_event(EventKind.RESTORED), since=REVISED_AT - timedelta(days=4))),
        **{name: message(of_copy(*each)) for name, each in copies.items()},
        "quoted": message(of_quote(EventKind.QUOTE_FOUND)),
        "misquoted": message(of_quote(EventKind.QUOTE_ALTERED)),
        "outdated": message(of_copy(EventKind.COPY_FOUND, Relation.VERBATIM, outdated=True)),
        "altered-and-outdated": message(of_copy(EventKind.COPY_FOUND, Relation.ALTERED, outdated=True)),
        "copy-changed": message(
            of_copy(
                EventKind.COPY_CHANGED,
                Relation.ALTERED,
                before="verbatim of revision 2, 100 %",
                after="altered of revision 2, 96 %",
            )
        ),
        "unsourced": message(unsourced(), statement_id=None),
        "several": message(
            details(an_event(EventKind.RETITLED, grade=Grade.MINOR, **title)),
            revised(),
            of_copy(EventKind.COPY_FOUND, Relation.VERBATIM, outdated=True),
            note="This statement changed often today; what comes beyond 6 mails is told tomorrow.",
            watches=(*WATCHES, ("Everything", "selects revised")),
        ),
        "daily": message(*many(7), kind=MessageKind.DIGEST, statement_id=None, **DAY),
        "weekly": message(*many(60), kind=MessageKind.DIGEST, statement_id=None, **WEEK),
        **{name: message(of_source(kind), kind=MessageKind.HEALTH, **OPERATOR) for name, kind in health.items()},
        "still-watching": message(
            kind=MessageKind.STILL_WATCHING,
            lines=SOURCES,
            found=("53 statements published", "2 revised", "1 altered copy"),
            queue=("0 waiting", "1 refused for good: statewire alerts list"),
            **OPERATOR,
        ),
        "refused": message(
            kind=MessageKind.REFUSED,
            note="Mail to desk@example.org is refused: 550 5.1.1 no such user here",
            queue=("12: [statewire] Revised: Secretary Blinken’s Participation", "11: test to a webhook"),
            **OPERATOR,
        ),
        "withheld": message(kind=MessageKind.WITHHELD, withheld=WITHHELD, **OPERATOR),
        "test": message(kind=MessageKind.TEST, **OPERATOR),
    }
