"""Transport into a Maildir folder on this machine (https://cr.yp.to/proto/maildir.html)."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from scraper import files
from scraper.delivery.transports.base import SENT, DeliveryAttempt, Transport, down, line_ends

if TYPE_CHECKING:
    from pathlib import Path


class MaildirTransport(Transport):
    """Transport that writes each message into `tmp` and moves it into `new`: readers never see a partial message.

    The file name is derived from the Message-ID: a message that is sent again after a kill replaces the existing file,
    and one that a reader has already moved into `cur` is recognised.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Write one message, see `Transport.deliver`; it is synced to the disk when this returns."""
        name = hashlib.sha256(message_id.encode()).hexdigest()[:32] + ".statewire"
        try:
            self._make_folders()
            if not any((self._folder / "cur").glob(f"{name}*")):
                self._write(name, line_ends(raw))
        except OSError as error:
            return down(f"the Maildir folder {self._folder} cannot be written: {error.strerror or error}")
        return SENT

    def _make_folders(self) -> None:
        for folder in (self._folder, *(self._folder / part for part in ("tmp", "new", "cur"))):
            if not folder.is_dir():
                files.make_folder(folder)
                _sync(folder.parent)

    def _write(self, name: str, data: bytes) -> None:
        temporary, final = self._folder / "tmp" / name, self._folder / "new" / name
        handle = files.open_private(temporary, os.O_WRONLY | os.O_TRUNC)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        temporary.replace(final)
        _sync(final.parent)


def _sync(folder: Path) -> None:
    """Sync a folder: a new name is on the disk only after its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
