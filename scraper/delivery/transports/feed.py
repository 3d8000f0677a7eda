"""Transport of the entries of Atom feeds: writes the file of a watch with its newest entries."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scraper import files
from scraper.delivery.transports.base import SENT, DeliveryAttempt, Transport, down
from scraper.errors import InputError
from scraper.formats import atom
from scraper.store import Store

MAX_ENTRIES: Final = 50


class FeedTransport(Transport):
    """Transport into files. `names` has the name of the watch of each file.

    A file is replaced as a whole, with the entries that the outbox has, so that a lost one is written anew with the
    next event. A file that does not begin as one of these feeds is never replaced. An entry is never changed, and its
    time is that of its event.
    """

    def __init__(self, store: Store, names: Mapping[str, str]) -> None:
        self._store = store
        self._names = names

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Write the feed with the entry, which the outbox has already; see `Transport.deliver`."""
        name, path = self._names[recipient], Path(recipient)
        entries = self._store.outbox.feed_entries(recipient, MAX_ENTRIES)
        updated_at = entries[0][0] if entries else datetime.fromtimestamp(0, UTC)
        key = atom.feed_id(self._store.events.first(), name)
        text = atom.feed(key, f"statewire: {name}", updated_at, (entry.decode() for _, entry in entries))
        try:
            files.make_folder(path.parent)
            files.write_public(path, text.encode(), atom.is_own)
        except InputError as error:
            return down(f"the feed {error}")
        except OSError as error:
            return down(f"the feed {path} cannot be written: {error.strerror or error}")
        return SENT
