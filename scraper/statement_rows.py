"""Rows of a statement with all that belongs to it: what `statewire show --json` and the pages give to programs."""

from typing import Any

from scraper.model import Revision, Statement
from scraper.pages import Copy, MirrorPage
from scraper.rules import copies as copy_rules
from scraper.serialize import alias_row, optional_utc, revision_row, row_of, statement_row
from scraper.store import Store


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
        "copies": [copy_row(*each) for each in of_statement(store, statement)],
    }


def of_statement(store: Store, statement: Statement) -> list[tuple[Copy, MirrorPage, Statement]]:
    """Return every copy that a statement has or had, the earliest first."""
    found = ((copy, page, statement) for copy, page in store.carriers.all(statement.id))
    return sorted(found, key=lambda each: copy_rules.carried_since(*each)[0])


def copy_row(copy: Copy, page: MirrorPage, statement: Statement) -> dict[str, Any]:
    """Return a copy as a row of JSON output; scripts rely on its field names."""
    since, is_dated = copy_rules.carried_since(copy, page, statement)
    after = copy_rules.delay_after_state(since, statement)
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
        "carried_since_at": optional_utc(since),
        "carried_since_is_dated": is_dated,
        "after_s": int(after.total_seconds()) if after is not None else None,
    }
