"""Addresses of the pages of statements and copies with their versions, for the static site."""

from collections.abc import Iterator

from scraper import page_paths as paths
from scraper.store import Store
from scraper.store.versions import combine
from scraper.web.statement_copies import part_count
from scraper.web.statement_parts import compared


def statements(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path and version of every page of every statement, and of its files."""
    versions = store.versions
    wordings, news, places, carriers = (
        versions.of_wordings(),
        versions.of_news(),
        versions.of_places(),
        versions.of_carriers(),
    )
    editions, counts = store.editions.neighbours(), versions.copy_counts()
    kept: dict[int, list[int]] = {}
    for statement_id, number in store.evidence.stored():
        kept.setdefault(statement_id, []).append(number)
    for statement_id, (count, current) in versions.numbers().items():
        own = combine((wordings[statement_id], places.get(statement_id, ""), str(kept.get(statement_id))))
        carried, happened = carriers.get(statement_id, ""), news.get(statement_id, "")
        whole = combine((own, carried, happened, editions.get(statement_id, "")))
        yield paths.statement(statement_id), whole
        yield paths.statement_feed(statement_id), combine((own, happened))
        yield paths.statement_json(statement_id), combine((own, carried))
        if statement_id in counts:
            for part in range(1, part_count(counts[statement_id]) + 1):
                yield paths.copies_of(statement_id, part), combine((own, carried))
        if count > 1:
            yield paths.history(statement_id), combine((own, happened, str(carried > "")))
            yield from _of_revisions(statement_id, count, current, own)
            # A response never changes.
            yield from ((paths.evidence(statement_id, number), "1") for number in kept.get(statement_id, ()))


def _of_revisions(statement_id: int, count: int, current: int, version: str) -> Iterator[tuple[str, str]]:
    for number in range(1, count + 1):
        yield paths.revision(statement_id, number), version
    for before, after in sorted(compared(count, current)):
        yield paths.comparison(statement_id, before, after), version


def copies(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path and version of the page of every copy."""
    wordings, pages = store.versions.of_wordings(), store.versions.of_pages()
    for page_id, statement_id, digest in store.versions.of_copies():
        yield paths.copy(page_id, statement_id), combine((digest, wordings[statement_id], pages[page_id]))
