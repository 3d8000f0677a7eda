"""Links to our own pages in messages: each command that a page can stand for becomes the URL of that page (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from scraper import page_paths
from scraper.alerts.content import Body, Entry, EventSection, Excerpt, Gap, Link, MessageContent, Row
from scraper.alerts.format import url_label

# Labels that say what a command does, and what its page shows.
_LABELS: Final = {"Reproduce": "See the change"}
_OF_COPY: Final = "See the copy"
_OF_STATEMENT: Final = "Read it here"


def link_pages(content: MessageContent, base_url: str) -> MessageContent:
    """Return a message that links to the pages at a public URL; without one, the message as it is."""
    if not base_url:
        return content
    entries = tuple(_entry(entry, base_url, is_digest=content.is_digest) for entry in content.entries)
    shown = [(label, page_paths.of_command(command), command) for label, command in content.commands]
    pages = [(_LABELS.get(label, label), path) for label, path, _ in shown if path is not None]
    if not content.is_digest:
        pages = [*_of_copies(content.entries), *pages]
        pages += [
            (_OF_STATEMENT, entry.page_path)
            for entry in content.entries
            if entry.page_path and entry.page_path not in {path for _, path in pages}
        ]
    urls = dict.fromkeys((label, page_paths.public_url(base_url, path)) for label, path in pages)
    others = ((label, command) for label, path, command in shown if path is None)
    return replace(content, entries=entries, commands=(*urls, *others))


def is_url(shown: str) -> bool:
    """Return True for the URL of a page in the place of a command."""
    return shown.startswith(("https://", "http://"))


def _of_copies(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for section in (section for entry in entries for section in entry.sections):
        if section.page_path:
            yield _OF_COPY, section.page_path


def _entry(entry: Entry, base_url: str, *, is_digest: bool) -> Entry:
    sections = tuple(_section(section, base_url) for section in entry.sections)
    rows = entry.rows
    if is_digest and entry.page_path:  # its entries have no commands
        url = page_paths.public_url(base_url, entry.page_path)
        rows = (*rows, Row(_OF_STATEMENT, Link(url_label(url), url)))
    return replace(entry, sections=sections, rows=rows)


def _section(section: EventSection, base_url: str) -> EventSection:
    excerpts = tuple(
        Excerpt(each.label, tuple(_gap(part, base_url) if isinstance(part, Gap) else part for part in each.passages))
        for each in section.excerpts
    )
    bodies = tuple(
        Body(each.label, tuple(_gap(part, base_url) if isinstance(part, Gap) else part for part in each.paragraphs))
        for each in section.bodies
    )
    return replace(section, excerpts=excerpts, bodies=bodies)


def _gap(gap: Gap, base_url: str) -> Gap:
    path = page_paths.of_command(gap.command)
    if path is None:
        return gap
    url = page_paths.public_url(base_url, path)
    return Gap(gap.note.removesuffix(gap.command) + url, url)
