"""Filter of a watch: matches an event against the rule and gives the reason in words (pure).

Events of the time before the monitor began are history; no watch fires for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.alerts import conditions
from scraper.alerts.event_specs import GRADED_TOPICS, topics
from scraper.alerts.model import WatchVerdict
from scraper.config.groups import Group

if TYPE_CHECKING:
    from scraper.alerts.model import FilterFields
    from scraper.config.alerts import Watch
    from scraper.model import Event


def judge(event: Event, fields: FilterFields, watch: Watch) -> WatchVerdict:
    """Match an event with these fields against a watch. Return the verdict with the reason that readers see."""
    if not watch.enabled:
        return WatchVerdict(False, "the watch is disabled")
    if event.backfill:
        return WatchVerdict(False, "was already there when monitoring began")
    selected = select(event, watch)
    if not selected.fires:
        return selected
    test, group = conditions.checker(fields), watch.about.tree
    found = conditions.matches(group, test)
    if found is None:
        return WatchVerdict(False, "; ".join(conditions.obstacles(group, test)))
    if found:
        return WatchVerdict(True, f"{selected.reason}; matched {conditions.name_some(found)}")
    absent = "; nothing that it excludes occurs" if group != Group() else ""
    return WatchVerdict(True, selected.reason + absent)


def select(event: Event, watch: Watch) -> WatchVerdict:
    """Match the kind and the grade of an event against a watch, whether it is enabled or not."""
    found = topics(event)
    if not found:
        return WatchVerdict(False, "is not an event that a watch can select")
    wanted = [topic for topic in found if topic in watch.when]
    if not wanted:
        return WatchVerdict(False, f"does not select {' or '.join(found)}")
    is_graded = not GRADED_TOPICS.isdisjoint(wanted)
    if is_graded and event.grade is not None and event.grade.rank < watch.at_least.rank:
        return WatchVerdict(False, f"its grade is {event.grade}, the watch requires at least {watch.at_least}")
    return WatchVerdict(True, f"selects {' and '.join(wanted)}" + (f", at least {watch.at_least}" if is_graded else ""))
