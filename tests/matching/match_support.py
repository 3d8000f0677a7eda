"""Invented State Department: statements of all kinds that are hard to distinguish, and indexes over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scraper.matching import IndexedText, RevisionKey, fingerprints
from scraper.serialize import format_utc
from scraper.store.database import connect, unit
from scraper.store.fingerprints import Fingerprints
from scraper.text.normalize import key_sha256
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

HARBOUR = (
    "The following is attributable to Spokesperson Edda Lorne:\n\n"
    "The United States and the Republic of Tarvenia today signed an agreement on the harbour of Port Isling. "
    "Under it, both sides will invest $80 million over six years, and the first of four berths opens in March 2031.\n\n"
    "Secretary Marlow thanked Foreign Minister Oska Brandeis for her steady work. “Our fishermen have waited long "
    "enough,” the Secretary said. The two also discussed the release of Captain Ilves, who may not be held any longer "
    "without a hearing.\n\n"
    "The agreement enters into force once both parliaments have approved it."
)
HARBOUR_TITLE = "Signing of the Port Isling Harbour Agreement"
YEAR_31 = (
    "On behalf of the Government of the United States of America, I congratulate the people of Tarvenia as they "
    "celebrate the 41st anniversary of their independence on June 9, 2031.\n\n"
    "Our friendship rests on trade, on study abroad and on a shared love of the sea. Over the past year our scientists "
    "have mapped the northern reefs together, and our teachers have exchanged classrooms.\n\n"
    "I wish all Tarvenians a joyful National Day."
)
YEAR_32 = (
    "On behalf of the Government of the United States of America, I congratulate the people of Tarvenia as they "
    "celebrate the 42nd anniversary of their independence on June 9, 2032.\n\n"
    "Our friendship rests on trade, on study abroad and on a shared love of the sea. In a year of storms, our coast "
    "guards have saved forty lives side by side, and our engineers have rebuilt the light of Cape Morn.\n\n"
    "I wish all Tarvenians a joyful National Day."
)
DAY_TITLE = "Tarvenia National Day"
CALL_BRANDEIS = (
    "The below is attributable to Spokesperson Edda Lorne:\n\n"
    "Secretary Marlow spoke today with Tarvenian Foreign Minister Oska Brandeis. The Secretary and the Foreign "
    "Minister discussed the harbour of Port Isling and preparations for the fisheries conference. They agreed to "
    "stay in close touch on the situation along the northern border."
)
CALL_NUVOLARI = (
    "The below is attributable to Spokesperson Edda Lorne:\n\n"
    "Secretary Marlow spoke today with Corvantian Prime Minister Aldo Nuvolari. The Secretary and the Prime Minister "
    "discussed grain exports and preparations for the fisheries conference. The Prime Minister described the damage of "
    "the flood, and the Secretary offered the help of two rescue teams."
)
REEF = (
    "Experts of eleven governments met in Lunmouth this week to compare what they know about the bleaching of cold "
    "water reefs. They found that the losses of the last decade were twice as large as reported.\n\n"
    "The meeting asked for a common register, for buoys that measure around the clock, and for a fund from which small "
    "islands can draw. The next meeting takes place in Port Isling in the autumn of 2032.\n\n"
    "Delegates thanked the University of Lunmouth for its hospitality and its patience."
)
REEF_REVISED = REEF.replace("twice as large", "half as large").replace("eleven governments", "twelve governments")
VISA = (
    "The Department is taking steps to restrict the visas of nine persons who undermined the count of votes in the "
    "province of Sel. Their names are not public because visa records are confidential.\n\n"
    "Those who falsify elections should expect to be unwelcome here. We stand with the observers who stayed at their "
    "tables through three nights, and with the voters who came back."
)
GRANT = (
    "The Bureau of Ocean Affairs announces a competition for projects that teach young people in coastal towns how to "
    "repair boats, mend nets and keep the books of a small company. Proposals may ask for up to $250,000.\n\n"
    "Applicants should describe how their project goes on when the grant has ended. The deadline is September 30, "
    "2031, at 5 p.m. Late proposals are not read."
)
SHORT = "Ambassador Quillon has arrived in Lunmouth."
CHROME_TOP = "Home\nPolitics\nSports\nAbout us\nHome > Politics\n"
CHROME_BOTTOM = (
    "\nShare on Facebook Tweet\nMost popular\nTen ways to cook rice\nCity council meets on Monday\n"
    "Previous post Rain expected until Friday\nNext post Ferry line to be extended\n© The Lunmouth Gazette"
)
FIRST_DAY = datetime(2031, 6, 9, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stored:
    """A statement as the tests write it: its revisions in order, of which the last is current."""

    title: str
    texts: tuple[str, ...]
    published_at: datetime


STATEMENTS = (
    Stored(HARBOUR_TITLE, (HARBOUR,), FIRST_DAY + timedelta(days=30)),
    Stored(DAY_TITLE, (YEAR_31,), FIRST_DAY),
    Stored("Secretary Marlow’s Call with Tarvenian Foreign Minister Brandeis", (CALL_BRANDEIS,), FIRST_DAY),
    Stored("Meeting of Experts on Cold Water Reefs", (REEF, REEF_REVISED), FIRST_DAY + timedelta(days=3)),
    Stored("Visa Restrictions for Undermining Elections in Sel", (VISA,), FIRST_DAY + timedelta(days=5)),
    Stored("A Grant Competition for Coastal Towns", (GRANT,), FIRST_DAY + timedelta(days=6)),
    Stored("Arrival of Ambassador Quillon", (SHORT,), FIRST_DAY + timedelta(days=7)),
    Stored("Visa Restrictions for Undermining Elections in Sel – Corrected", (VISA,), FIRST_DAY + timedelta(days=90)),
)
HARBOUR_KEY, DAY_KEY, CALL_KEY, REEF_OLD, REEF_NEW = (
    RevisionKey(1, 1),
    RevisionKey(2, 1),
    RevisionKey(3, 1),
    RevisionKey(4, 1),
    RevisionKey(4, 2),
)
VISA_KEY, GRANT_KEY, SHORT_KEY, VISA_AGAIN = RevisionKey(5, 1), RevisionKey(6, 1), RevisionKey(7, 1), RevisionKey(8, 1)


def seeds(text: Words) -> list[int]:
    """Return the hashes of the runs of words of a text, by which it is aligned."""
    return fingerprints.all_hashes(text.packed)


def digest(words: Words) -> str:
    return key_sha256(words.wording_key())


def wrapped(title: str, body: str) -> str:
    """Return a body as on a news site."""
    return f"{CHROME_TOP}{title}\n{body}{CHROME_BOTTOM}"


def revisions(statements: tuple[Stored, ...] = STATEMENTS) -> list[tuple[RevisionKey, IndexedText]]:
    """Every revision of some statements, numbered from 1 both ways."""
    found = []
    for row, stored in enumerate(statements, start=1):
        for number, body in enumerate(stored.texts, start=1):
            words = Words(body)
            text = IndexedText(
                title=stored.title,
                words=words,
                digest=digest(words),
                guid=f"https://www.state.gov/?p={row}",
                url=f"https://www.state.gov/statement-{row}/",
                published_at=stored.published_at,
                is_current=number == len(stored.texts),
            )
            found.append((RevisionKey(row, number), text))
    return found


def in_database(folder: Path, statements: tuple[Stored, ...] = STATEMENTS) -> tuple[Database, Fingerprints]:
    """The statements in a database, indexed one by one."""
    db = connect(folder / "match.db")
    index = Fingerprints(db)
    with unit(db):
        for key, text in revisions(statements):
            store(db, key, text)
            index.add(key)
        index.write()
    return db, index


def indexed(folder: Path, statements: tuple[Stored, ...] = STATEMENTS) -> Fingerprints:
    """The index of a database with the statements; `close` ends it."""
    return in_database(folder, statements)[1]


def close(index: Fingerprints) -> None:
    """Close the database of an index."""
    index._db.conn.close()


def store(db: Database, key: RevisionKey, text: IndexedText) -> None:
    """Write a revision, and its statement where it is the first."""
    at = format_utc(text.published_at or FIRST_DAY)
    if key.revision == 1:
        db.execute(
            "INSERT INTO statements (id, authority, guid, guid_derived, url, title, countries, subjects, links,"
            " published_at, precision, state, revision, source, first_seen_at, last_seen_at)"
            " VALUES (?, 'state.gov', ?, 0, ?, ?, '[]', '[]', '[]', ?, 'second', 'current', 1, 'test', ?, ?)",
            [key.statement_id, text.guid, text.url, text.title, at, at, at],
        )
    db.execute("UPDATE statements SET revision = ? WHERE id = ?", [key.revision, key.statement_id])
    db.execute(
        "INSERT INTO revisions (statement_id, number, title, text, words, words_sha256, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [*key, text.title, text.words.text, len(text.words), text.digest, at, at],
    )


def with_body(text: IndexedText, body: str) -> IndexedText:
    """The same statement with other words."""
    words = Words(body)
    return replace(text, words=words, digest=digest(words))
