"""Writer of a synthetic database of ten years, for measurements of pages and queries.

    python -m benchmarks.big_database FILE [--statements 40000] [--until 2026-11-29T12:00:00Z] [--seed 1]

Statements of 300 to 700 words from 2017 on, 3 % with a second revision, 1 % withdrawn; three pages of 20 outlets for
eight statements, with copies of every relation, outdated ones and some that are gone; their events, and sources with
incidents.
FILE is written under another name and renamed when it is whole; beside it is FILE.yaml, a configuration of its
sources.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.big_sources import BEGIN, OUTLETS, SOURCE, configuration, write_sources
from benchmarks.big_texts import Draft, Vocabulary, draft, slug
from scraper.matching import fingerprints
from scraper.model import Event, EventKind, Grade, Part, Precision, Reason, Relation, Span, Wording
from scraper.pages import Copy, MirrorPage
from scraper.parsers import VERSION
from scraper.serialize import parse_utc
from scraper.store import Store, retention
from scraper.store.codec import insert
from scraper.store.statements import wording_columns
from scraper.text.diff import compare
from scraper.text.normalize import join
from scraper.text.reasons import weightiest
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHECKS = 3
_BACKFILL = 100


@dataclass(frozen=True, slots=True)
class Told:
    """Statement as it was stored: what its copies and events need."""

    id: int
    guid: str
    url: str
    title: str
    texts: tuple[str, ...]
    published_at: datetime
    revised_at: datetime | None
    country: str


@dataclass(slots=True)
class Writer:
    """Writer of one database; `events` are sorted and stored at the end, as they became known."""

    store: Store
    rng: random.Random
    until: datetime
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    events: list[Event] = field(default_factory=list)
    hashes: list[tuple[int, int, int]] = field(default_factory=list)

    def statement(self, statement_id: int, published_at: datetime) -> Told:
        """Store a statement with its revisions and fingerprints."""
        rng, day = self.rng, f"{published_at:%B} {published_at.day}, {published_at.year}"
        text = draft(self.vocabulary, statement_id, published_at.year, day)
        guid = f"https://www.state.gov/?post_type=state_press_release&p={500_000 + 7 * statement_id}"
        url = f"https://www.state.gov/releases/{published_at:%Y/%m}/{slug(text.title)}-{statement_id}/"
        first_seen = published_at + timedelta(seconds=rng.randrange(60, 2_400))
        revised_at = _later(rng, first_seen, self.until, days=10) if rng.random() < 0.03 else None
        withdrawn_at = _later(rng, revised_at or first_seen, self.until, days=90) if rng.random() < 0.01 else None
        texts = [join(text.body)]
        if revised_at is not None:
            texts.append(join(_edited(text.body, self.vocabulary, rng)))
        last_seen = withdrawn_at - timedelta(days=1) if withdrawn_at else self.until
        told = Told(statement_id, guid, url, text.title, tuple(texts), published_at, revised_at, text.country)
        self._rows(told, text, max(first_seen, last_seen), first_seen, withdrawn_at)
        about = {"statement_id": told.id, "guid": guid, "url": url, "title": text.title}
        published = Event(
            EventKind.PUBLISHED, first_seen, SOURCE, revision=1, backfill=statement_id <= _BACKFILL, **about
        )
        self.events.append(published)
        if revised_at is not None:
            changed = compare(texts[0], texts[1], "en")
            self.events.append(
                Event(
                    EventKind.REVISED,
                    revised_at,
                    SOURCE,
                    grade=changed.grade,
                    reasons=weightiest(changed.reasons),
                    part=Part.BODY,
                    before=" … ".join(filter(None, (reason.before for reason in changed.reasons[:3]))),
                    after=" … ".join(filter(None, (reason.after for reason in changed.reasons[:3]))),
                    revision=2,
                    **about,
                )
            )
        if withdrawn_at is not None:
            since = withdrawn_at - timedelta(days=1)
            reasons = (
                Reason("", f"{_CHECKS} checks since {since:%Y-%m-%d %H:%M} UTC did not find it"),
                Reason("", "the REST API no longer lists it"),
            )
            self.events.append(Event(EventKind.WITHDRAWN, withdrawn_at, SOURCE, reasons=reasons, after="gone", **about))
        return told

    def _rows(
        self, told: Told, text: Draft, last_seen: datetime, first_seen: datetime, withdrawn_at: datetime | None
    ) -> None:
        db, is_gone = self.store.database, withdrawn_at is not None
        insert(
            db,
            "statements",
            {
                "id": told.id,
                "authority": "state.gov",
                "guid": told.guid,
                "guid_derived": 0,
                "number": told.guid.rpartition("=")[2],
                "url": told.url,
                "title": told.title,
                "type": text.type,
                "byline": text.byline,
                "speaker": text.speaker,
                "bureau": "Office of the Spokesperson",
                "language": "en",
                "countries": (text.country,),
                "subjects": ("Office of the Spokesperson",),
                "links": (),
                "published_at": told.published_at,
                "precision": Precision.SECOND,
                "modified_at": told.revised_at or told.published_at,
                "clock_at": last_seen,
                "state": "withdrawn" if is_gone else "current",
                "revision": len(told.texts),
                "source": SOURCE,
                "first_seen_at": first_seen,
                "last_seen_at": last_seen,
            },
        )
        for number, body in enumerate(told.texts, 1):
            is_last = number == len(told.texts)
            changed = compare(told.texts[0], body, "en") if number > 1 else None
            row = {
                "statement_id": told.id,
                "number": number,
                "grade": changed.grade if changed else None,
                "first_seen_at": told.revised_at if number > 1 else first_seen,
                "last_seen_at": last_seen if is_last else told.revised_at,
                "turned_at": told.revised_at if number > 1 else None,
            }
            insert(db, "revisions", row | wording_columns(Wording(told.title, body)))
            found = fingerprints.revision_hashes(told.title, Words(body))
            self.hashes.extend((value, told.id, number) for value in found)
        seen = {"first_seen_at": first_seen, "last_seen_at": last_seen}
        insert(db, "statement_urls", {"url": told.url.rstrip("/") + "/", "statement_id": told.id} | seen)
        insert(
            db,
            "parsed_texts",
            {"statement_id": told.id, "parser": "wordpress", "revision": len(told.texts), "version": VERSION},
        )
        check = {"statement_id": told.id, "source": SOURCE, "last_checked_at": last_seen}
        check["next_check_at"] = self.until + timedelta(days=9)
        misses = {"misses": _CHECKS, "missing_since_at": last_seen} if is_gone else {}
        insert(db, "rechecks", check | misses)

    def page(self, told: Told | None, number: int, at: datetime) -> None:
        """Store a page of an outlet: a copy of a statement, a claim without one, or other news (None)."""
        rng, host = self.rng, OUTLETS[min(int(self.rng.expovariate(0.2)), len(OUTLETS) - 1)]
        chance = rng.random()
        claims = told is None and chance < 0.4
        title = told.title if told else self.vocabulary.sentence(rng)[:70].strip(".")
        own = told.texts[0] if told else join(self.vocabulary.body(rng))
        relation = Relation.UNSOURCED if claims else Relation.NONE
        revision, differences, coverage = 1, None, 1.0
        if told is not None:
            revision = 2 if told.revised_at and at > told.revised_at else 1
            own = whole = told.texts[revision - 1]
            relation = Relation.VERBATIM if chance < 0.6 else Relation.EXCERPT if chance < 0.85 else Relation.ALTERED
            if relation is Relation.EXCERPT:
                own = join(own.split("\n\n")[: max(1, own.count("\n\n") // 3)])
                coverage = round(len(own.split()) / len(whole.split()), 4)
            if relation is Relation.ALTERED:
                own = join(_edited(tuple(own.split("\n\n")), self.vocabulary, rng))
                differences = compare(whole, own, "en")
                coverage = 0.95
        host_title = host.partition(".")[0].replace("-", " ").title()
        before = f"{host_title}\n\nHome\n\nWorld\n\n{title}\n\n"
        shown = f"{before}{own}\n\nShare this\n\nRelated news\n\n© {at.year} {host_title}"
        gone = told is not None and rng.random() < 0.05
        gone_at = _later(rng, at, self.until, days=200) if gone else None
        stays = gone_at or self.until
        page = MirrorPage(
            id=0,
            url=f"https://{host}/world/{at:%Y/%m/%d}/{slug(title)}-{number}/",
            source=host.partition(".")[0],
            title=title,
            relation=Relation.NONE if gone_at else relation,
            first_seen_at=at,
            last_seen_at=stays,
            published_at=at - timedelta(minutes=rng.randrange(2, 90)),
            precision=Precision.SECOND,
            language="en",
            claims_department=claims or told is not None,
            claimed_urls=(told.url,) if told else (f"https://www.state.gov/releases/{slug(title)}/",) if claims else (),
            quotes=("The US Department of State released the following statement:",) if claims or told else (),
            unsourced_at=at if claims else None,
        )
        page_id = self.store.pages.save(
            page, parser="mirror-page", version=VERSION, is_document=True, listed_sha256=None
        )
        self.store.pages.save_wording(page_id, Wording(title, own), shown, at, replaces=False)
        common: dict[str, Any] = {"page_url": page.url, "page_title": title}
        if claims:
            reasons = (Reason("", "says “The US Department of State released the following statement:”"),)
            self.events.append(
                Event(EventKind.UNSOURCED, at, page.source, reasons=reasons, relation=relation, **common)
            )
        if told is None:
            return
        outdated = bool(told.revised_at) and revision == 1
        shared = min(len(told.texts[revision - 1]), len(own))
        copy = Copy(
            page_id=page_id,
            statement_id=told.id,
            revision=revision,
            relation=relation,
            coverage=coverage,
            fidelity=1.0 if differences is None else 0.97,
            outdated=outdated,
            grade=differences.grade if differences else None,
            differences=differences.reason_lines() if differences else (),
            evidence=("the title is the statement’s", "the page names the statement as its source"),
            spans=(Span((0, shared), (len(before), len(before) + shared)),),
            first_seen_at=at,
            last_seen_at=stays,
            misses=_CHECKS if gone_at else 0,
            missing_since=gone_at,
            gone_at=gone_at,
        )
        self.store.copies.save([copy])
        self._copy_events(told, copy, page, common, differences.reasons if differences else ())

    def _copy_events(
        self, told: Told, copy: Copy, page: MirrorPage, common: dict[str, Any], reasons: tuple[Reason, ...]
    ) -> None:
        about = {"statement_id": told.id, "guid": told.guid, "url": told.url, "title": told.title} | common
        about |= {"relation": copy.relation, "revision": copy.revision, "fidelity": copy.fidelity}
        found = Event(
            EventKind.COPY_FOUND,
            copy.first_seen_at,
            page.source,
            grade=copy.grade,
            reasons=weightiest(reasons),
            coverage=copy.coverage,
            **about,
        )
        self.events.append(found)
        if copy.outdated and told.revised_at:
            was = f"{copy.relation} of revision 1, {copy.coverage:.0%}"
            changed = replace(
                found,
                kind=EventKind.COPY_CHANGED,
                at=told.revised_at,
                before=was,
                after=f"{was}, outdated",
                outdated=True,
            )
            self.events.append(replace(changed, grade=Grade.MATERIAL))
        if copy.gone_at:
            self.events.append(replace(found, kind=EventKind.COPY_GONE, at=copy.gone_at, grade=None, reasons=()))

    def finish(self) -> None:
        """Store the events in the order in which they became known, and the fingerprints."""
        self.store.events.add(sorted(self.events, key=lambda event: event.at))
        self.hashes.sort()
        self.store.database.conn.executemany("INSERT OR IGNORE INTO fingerprints VALUES (?, ?, ?)", self.hashes)
        self.store.database.execute("UPDATE alert_cursor SET event_id = (SELECT max(id) FROM events)")


def _later(rng: random.Random, after: datetime, until: datetime, *, days: int) -> datetime | None:
    """Return a time within some days after another, or None if that is beyond the end."""
    found = after + timedelta(seconds=rng.randrange(2 * 86_400, (days + 2) * 86_400))
    return found if found < until else None


def _edited(body: tuple[str, ...], vocabulary: Vocabulary, rng: random.Random) -> tuple[str, ...]:
    """Return a body without one of its sentences, or with another sentence in its place."""
    place = rng.randrange(len(body))
    sentences = body[place].split(". ")
    changed = [] if rng.random() < 0.5 and len(sentences) > 1 else [vocabulary.sentence(rng).rstrip(".")]
    sentences[-1:] = changed
    return (*body[:place], ". ".join(sentences).rstrip(".") + ".", *body[place + 1 :])


def _times(count: int, until: datetime, rng: random.Random) -> Iterator[datetime]:
    """Yield times of publication in order: any day, more by day than by night, all in whole seconds."""
    days = sorted(rng.random() for _ in range(count))
    span = (until - BEGIN) / timedelta(days=1)
    found = sorted(
        BEGIN + timedelta(days=int(share * span), seconds=int(min(max(rng.gauss(17, 4), 0), 23.9) * 3_600))
        for share in days
    )
    yield from (min(at, until - timedelta(hours=1)) for at in found)


def write(path: Path, count: int, until: datetime, seed: int) -> None:
    """Write a database to a path that does not exist yet."""
    with Store(path) as store:
        store.database.execute("PRAGMA synchronous = OFF")  # it is renamed when it is whole
        store.database.execute("PRAGMA cache_size = -400000")
        store.database.execute("PRAGMA wal_autocheckpoint = 20000")
        writer = Writer(store, random.Random(seed), until)
        with store.unit():
            told = []
            for number, at in enumerate(_times(count, until, writer.rng), 1):
                told.append(writer.statement(number, at))
        revised = [each for each in told if each.revised_at]
        with store.unit():
            for number in range(count * 3 // 8):
                subject = writer.rng.choice(revised if writer.rng.random() < 0.1 else told)
                at = subject.published_at + timedelta(minutes=int(writer.rng.expovariate(1 / 400)) + 3)
                if at < until:
                    carried = subject if writer.rng.random() < 0.85 else None
                    writer.page(carried, number, at)
            writer.events += write_sources(store, writer.rng, until)
            writer.finish()
        with store.unit():
            retention.analyze(store)  # as each day


def main() -> None:
    """Write the database that the arguments describe."""
    parser = argparse.ArgumentParser(prog="benchmarks.big_database", description=__doc__)
    parser.add_argument("path", type=Path, metavar="FILE")
    parser.add_argument("--statements", type=int, default=40_000)
    parser.add_argument("--until", type=parse_utc, default=datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began_s = time.monotonic()
    part = given.path.with_name(f"{given.path.name}.part")
    for leftover in part.parent.glob(f"{part.name}*"):
        leftover.unlink()
    write(part, given.statements, given.until, given.seed)
    given.path.with_name(f"{given.path.name}.yaml").write_text(configuration())
    part.rename(given.path)
    size = given.path.stat().st_size / 1e6
    print(f"{given.statements} statements, {size:.0f} MB, {time.monotonic() - began_s:.0f} s: {given.path}")


if __name__ == "__main__":
    main()
