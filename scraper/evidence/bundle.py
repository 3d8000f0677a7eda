"""Export of an evidence bundle: responses, texts, facts, and a page that explains them, into one file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from scraper import files
from scraper.errors import InputError, as_disk_error
from scraper.evidence.facts import facts_of, with_record
from scraper.evidence.page import Contents, explain
from scraper.evidence.subject import Subject
from scraper.formats.wacz import FACTS, READ_ME, BundleWriter, TimeStamp, as_json
from scraper.formats.wacz_record import bundled_event
from scraper.formats.warc_writer import Response
from scraper.serialize import format_utc
from scraper.store import EventFilter, Store
from scraper.store.evidence import EvidenceResponse, PageWording


@dataclass(frozen=True, slots=True)
class Exported:
    """Result of an export: the hash of the description, the numbers of responses in it and of those not stored."""

    sha256: str
    responses: int
    missing: int
    bytes: int


def export(
    store: Store,
    subject: Subject,
    path: Path,
    now: datetime,
    stamp: Callable[[bytes], TimeStamp] | None,
    *,
    replace: bool = False,
) -> Exported:
    """Write the bundle of a subject to a file, whole or not at all, and have retention keep what is in it.

    Responses are read one at a time. A user who may only read the database can export; retention then keeps nothing
    for it. Raise `InputError` if the file exists (unless `replace` is set) or the bundle would be too large, and what
    `stamp` raises.
    """
    with _writing(path, replace) as file:
        responses = _kept(store, subject)
        with store.snapshot():
            contents = with_record(store, _contents(store, subject, responses, now))
            sha256 = _write(store, contents, BundleWriter(file), stamp)
        size = file.tell()
    stored = sum(each.is_stored for each, _ in responses)
    return Exported(sha256, stored, len(responses) - stored, size)


def _kept(store: Store, subject: Subject) -> list[tuple[EvidenceResponse, tuple[str, ...]]]:
    """Return the responses with the subjects to which each belongs, after retention was made to keep them."""
    by_subject = {name: store.evidence.responses(name, number) for name, number in subject.keys}
    if not store.is_read_only:
        with store.unit():
            for name, number in subject.keys:
                store.evidence.keep(name, number, (each.capture_id for each in by_subject[name]))
    return _merged(by_subject)


def _write(store: Store, contents: Contents, writer: BundleWriter, stamp: Callable[[bytes], TimeStamp] | None) -> str:
    """Write all members, and return the hash of the description."""
    subject, now = contents.subject, contents.exported_at
    stored = [each for each, _ in contents.responses if each.is_stored]
    latest_at = max((each.captured_at for each in stored), default=now)
    writer.write_responses(_read(store, stored), latest_at, subject.title)
    for revision in contents.revisions:
        writer.add(f"evidence/revision-{revision.number}.txt", _text(revision.wording.title, revision.wording.text))
    for wording in contents.wordings:
        writer.add(f"evidence/page-{wording.number}.txt", _text(wording.title, wording.shown))
    writer.add(FACTS, as_json(facts_of(contents)))
    writer.add(READ_ME, explain(contents, is_stamped=stamp is not None).encode("utf-8", "replace"))
    return writer.finish(_description(contents), stamp)


@contextmanager
def _writing(path: Path, replace: bool) -> Iterator[IO[bytes]]:
    try:
        with files.replacing(path, is_replaced=replace) as file:
            yield file
    except OSError as error:
        raise as_disk_error(error, f"the bundle {path} cannot be written") from error


def _merged(by_subject: dict[str, list[EvidenceResponse]]) -> list[tuple[EvidenceResponse, tuple[str, ...]]]:
    """Return each response once, in the order of their times, with the subjects to which it belongs."""
    found: dict[tuple[datetime, str, str], tuple[EvidenceResponse, tuple[str, ...]]] = {}
    for name, responses in by_subject.items():
        for each in responses:
            key = (each.captured_at, each.url, each.sha256 or "")
            found[key] = each, (*found.get(key, (each, ()))[1], name)
    return [found[key] for key in sorted(found)]


def _read(store: Store, stored: list[EvidenceResponse]) -> Iterator[Response]:
    for each in stored:
        capture = store.captures.get(each.capture_id)
        if capture.status is None or len(capture.body) != each.size:
            raise InputError(f"the response of {each.url} was removed during the export", hint="run the command again")
        yield Response(
            capture.url, capture.final_url, capture.captured_at, capture.status, capture.headers, capture.body
        )


def _contents(
    store: Store, subject: Subject, responses: list[tuple[EvidenceResponse, tuple[str, ...]]], now: datetime
) -> Contents:
    statement, page = subject.statement, subject.page
    revisions = store.statements.revisions(statement.id) if statement else []
    firsts = store.evidence.of_statement(statement.id) if statement else {}
    wordings: list[PageWording] = list(store.evidence.wordings(page.id)) if page else []
    about = EventFilter(("statement",), statement_id=statement.id) if statement else None
    events = tuple(store.events.find(about)) if about else ()
    return Contents(
        subject=subject,
        revisions=tuple(revisions),
        firsts={number: each.capture_id for number, each in firsts.items()},
        wordings=tuple(wordings),
        events=events,
        event_rows=tuple(map(bundled_event, events)),
        responses=tuple(responses),
        exported_at=now,
    )


def _description(contents: Contents) -> dict[str, str]:
    subject = contents.subject
    part = subject.statement or subject.page
    return {
        "title": subject.title,
        "description": f"Evidence about a {subject.kind}; {READ_ME} explains it, and says what it does not prove.",
        "created": format_utc(contents.exported_at),
        "software": contents.software,
        **({"mainPageUrl": part.url} if part else {}),
    }


def _text(title: str, text: str) -> bytes:
    return f"{title}\n\n{text}\n".encode("utf-8", "replace")
