"""Table of the relations of a copy to a revision: topic, label and first sentence of each in a mail (pure)."""

from typing import Final, NamedTuple

from scraper.alerts.labels import EventLabel, Tone
from scraper.config.choices import Topic
from scraper.model import Event, EventKind, Relation


class CopySpec(NamedTuple):
    """All that is said about copies in one relation to a revision.

    `topic` is the one by which a watch selects them, `lead` the first sentence of the section. `label` replaces that
    of the kind of event, unless it is None.
    """

    topic: Topic
    lead: str
    label: EventLabel | None = None


RELATIONS: Final = {
    Relation.VERBATIM: CopySpec(Topic.COPIED, "{site} carries this statement word for word."),
    Relation.EXCERPT: CopySpec(Topic.COPIED, "{site} carries {share} of this statement, word for word."),
    Relation.TRANSLATED: CopySpec(
        Topic.COPIED,
        "{site} carries this statement in another language; its wording is not compared.",
        EventLabel("Translation", Tone.NEWS, 20),
    ),
    Relation.ALTERED: CopySpec(
        Topic.ALTERED,
        "{site} carries this statement with changed wording.",
        EventLabel("Altered copy", Tone.ALARM, 45),
    ),
}
OUTDATED_LABEL: Final = EventLabel("Outdated copy", Tone.CHANGE, 42)
OUTDATED: Final = CopySpec(
    Topic.OUTDATED,
    "{site} carries {old}{altered}; State has since replaced that {replaced}.",
    OUTDATED_LABEL,
)


def specs_of(event: Event) -> tuple[CopySpec, ...]:
    """Return what holds for the copy of an event, the weightiest first; () for an event without a copy.

    An altered copy that is outdated has both, any other is outdated only. So is one that State alone has changed: its
    alteration was reported before.
    """
    spec = RELATIONS.get(event.relation) if event.relation else None
    if spec is None or not event.outdated:
        return (spec,) if spec else ()
    is_altered = event.relation is Relation.ALTERED and not is_by_state(event)
    return (spec, OUTDATED) if is_altered else (OUTDATED,)


def is_by_state(event: Event) -> bool:
    """Return True for a copy that is outdated by a change of State's, and did not change itself."""
    return event.kind is EventKind.COPY_CHANGED and event.outdated and event.before is None
