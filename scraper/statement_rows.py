"""Rows of a statement with all that belongs to it: what `statewire show --json` and the pages give to programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from scraper.model import Revision, Statement
from scraper.pages import Copy, MirrorPage, QuotedPassage
from scraper.rules import copies as copy_rules
from scraper.rules import quotations as quotation_rules
from scraper.serialize import alias_row, optional_utc, revision_row, row_of, statement_row
from scraper.store import QuotationFilter, Store

if TYPE_CHECKING:
    from scraper.matching.model import KnownTexts


def whole_row(store: Store, statement: Statement, revisions: list[Revision], wanted: Revision) -> dict[str, Any]:
    """Return a statement with the text of one revision, all revisions, URLs and copies; scripts rely on its keys."""
    aliases = store.statements.aliases(statement.id)
    return statement_row(statement) | {
        "text": wanted.wording.text,
        "urls": [alias.url for alias in aliases],
        "addresses": [alias_row(alias) for alias in aliases],
        "links": statement.links,
        "revisions": [revision_row(r) for r in revisions],
        "looks": [
            {"revision": number, "title": wording.title, "text": wording.text, "until_at": optional_utc(until)}
            for number, wording, until in store.statements.renderings(statement.id)
        ],
        "copies": [copy_row(*each) for each in copies_of(store, statement)],
        "quotations": [quotation_row(store, *each) for each in quotations_of(store, statement)],
    }


def quotations_of(store: Store, statement: Statement) -> list[tuple[QuotedPassage, MirrorPage]]:
    """Return every quotation of a statement that is still on its page, the newest first."""
    found = ((each, store.pages.by_id(each.page_id)) for each in store.quotations.find(QuotationFilter(statement.id)))
    return [(each, page) for each, page in found if page is not None]


def copies_of(store: Store, statement: Statement) -> list[tuple[Copy, MirrorPage, Statement]]:
    """Return every copy that a statement has or had, the earliest first."""
    found = ((copy, page, statement) for copy, page in store.carriers.all(statement.id))
    return sorted(found, key=lambda each: copy_rules.known_since(*each).at)


COPY_KEYS: Final = tuple(
    "statement guid title url page page_url page_title source revision relation outdated coverage fidelity grade"
    " differences evidence spans runner_up claim via page_published_at first_seen_at last_seen_at gone_at"
    " carried_since_at carried_since_is_dated carried_since_basis after_s".split()
)
"""Keys of `copy_row`."""


def copy_row(copy: Copy, page: MirrorPage, statement: Statement) -> dict[str, Any]:
    """Return a copy as a row of JSON output; scripts rely on its field names."""
    since = copy_rules.known_since(copy, page, statement)
    return {
        "statement": statement.id,
        **row_of(statement, "guid title url"),
        "page": page.id,
        "page_url": page.url,
        "page_title": page.title,
        "source": page.source,
        **row_of(copy, "revision relation outdated coverage fidelity grade differences evidence"),
        "spans": [span._asdict() for span in copy.spans],
        "runner_up": copy.runner_up_id,
        "claim": page.claimed_urls[0] if page.claimed_urls else None,
        "via": page.via,
        "page_published_at": optional_utc(page.published_at),
        **row_of(copy, "first_seen_at last_seen_at gone_at"),
        "carried_since_at": optional_utc(since.at),
        "carried_since_is_dated": since.basis.is_dated,
        "carried_since_basis": since.basis.code,
        "after_s": since.after_s,
    }


def quotation_facts(quotation: QuotedPassage) -> dict[str, Any]:
    """Return a quotation as a row of what follows from its page and statement alone."""
    return {
        "revision": quotation.revision,
        **row_of(quotation, "quote wording verdict grade"),
        "span": quotation.place,
        "differences": [str(reason) for reason in quotation.changes],
        **row_of(quotation, "first_seen_at last_seen_at gone_at"),
    }


def quotation_row(store: Store, quotation: QuotedPassage, page: MirrorPage) -> dict[str, Any]:
    """Return a quotation as a row of JSON output; scripts rely on its field names."""
    statement = store.statements.by_id(quotation.statement_id)
    return {
        "statement": quotation.statement_id,
        "guid": statement.guid if statement else None,
        "title": statement.title if statement else None,
        "revision": quotation.revision,
        "page": page.id,
        "page_url": page.url,
        "page_title": page.title,
        "source": page.source,
        **row_of(quotation, "quote wording verdict grade"),
        "span": quotation.place,
        "differences": [str(reason) for reason in quotation.changes],
        "outdated": is_outdated(store, quotation),
        "also": also_row(store, quotation.others),
        **row_of(quotation, "first_seen_at last_seen_at gone_at"),
    }


def also_row(known: "KnownTexts", others: Sequence[int]) -> dict[str, Any]:
    """Return the number of other statements with the same words, and the times of the first and the last of them."""
    times = times_of(known, others)
    return {
        "count": len(others),
        "first_published_at": optional_utc(min(times, default=None)),
        "last_published_at": optional_utc(max(times, default=None)),
    }


def is_outdated(store: Store, quotation: QuotedPassage) -> bool:
    """Return True if State's current text no longer has the words that were quoted."""
    statement = store.statements.by_id(quotation.statement_id)
    return statement is not None and quotation_rules.is_outdated(quotation, store.statements.text(statement))


def times_of(known: "KnownTexts", others: Sequence[int]) -> list[datetime]:
    """Return the times at which statements were published."""
    found = (known.statements.by_id(statement_id) for statement_id in others)
    return [each.published_at for each in found if each is not None and each.published_at]
