"""Order in which due messages are sent: of one recipient the oldest first (pure)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from scraper.rules.actors import Actor
from scraper.store import StoredMessage


def in_turn(due: Sequence[StoredMessage], is_down: Callable[[StoredMessage], bool]) -> Iterator[StoredMessage]:
    """Yield each of the due messages, which are sorted by urgency, once.

    Recipients take turns in the order of `due`, so that a failing message delays no other recipient; messages about
    State and other messages of a recipient have separate turns. A turn goes to the oldest message, however often it
    was tried: a revision must not arrive before the statement. If `is_down` is true of a message, because its server
    could not be reached, its turn goes to the least tried message, because that has the soonest next attempt.
    """
    by_age: dict[object, list[StoredMessage]] = {}
    for message in sorted(due, key=_age):
        by_age.setdefault(_recipient(message), []).append(message)
    by_urgency: dict[object, list[StoredMessage]] = {}
    for message in due:
        by_urgency.setdefault(_recipient(message), []).append(message)
    oldest = {key: iter(group) for key, group in by_age.items()}
    least_tried = {key: iter(group) for key, group in by_urgency.items()}
    yielded: set[int] = set()
    for turn in due:
        order = least_tried if is_down(turn) else oldest
        message = next(each for each in order[_recipient(turn)] if each.id not in yielded)
        yielded.add(message.id)
        yield message


def _recipient(message: StoredMessage) -> tuple[str, bool]:
    return message.recipient, message.actor is Actor.STATE


def _age(message: StoredMessage) -> tuple[datetime, int]:
    return message.due_at, message.id
