"""True history of the simulated world: statements and the pages that carry them, with all changes, drawn from a seed.

Times are true seconds since monitoring began; older texts were there before. Changes of one statement are so far apart
that each can be seen, and early enough that the statement is still rechecked.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fakes.world import texts

from scraper.model import EventKind, Grade, Relation

HOUR, DAY = 3600.0, 86_400.0
BEFORE_S = 4 * DAY
# Nothing changes at the end, so that events that need several checks can be confirmed.
QUIET_S = 3 * DAY
# In the first hours all lists are read for the first time: a new text is then news to one source, history to another.
FILL_S = 3 * HOUR
NEVER = float("inf")

# Wrong settings of the machine's clock: share of the days before the quiet ones, offset in s, duration in s.
CLOCK_SET = ((0.4, -HOUR, 3 * HOUR), (0.7, DAY, HOUR))

BYLINES = ("Office of the Spokesperson", "Rosalind P. Quill, Secretary of State")


class Fate(StrEnum):
    """Fate of a statement, or of a page that carries one."""

    STAYS = "stays"
    REWORDED = "reworded"
    TWICE = "reworded twice"
    UNDONE = "reworded and back"
    TOUCHED = "touched"
    RETITLED = "retitled"
    SIGNED = "signed by another"
    MOVED = "moved"
    FLICKERS = "not found for some hours"
    WITHDRAWN = "withdrawn"
    RESTORED = "withdrawn and restored"
    ARCHIVED = "moved to the archive"
    REPOSTED = "posted once more"


_FATES = {
    Fate.STAYS: 34,
    Fate.REWORDED: 12,
    Fate.TWICE: 5,
    Fate.UNDONE: 4,
    Fate.TOUCHED: 9,
    Fate.RETITLED: 6,
    Fate.SIGNED: 5,
    Fate.MOVED: 5,
    Fate.FLICKERS: 6,
    Fate.WITHDRAWN: 5,
    Fate.RESTORED: 4,
    Fate.ARCHIVED: 2,
    Fate.REPOSTED: 3,
}
# Fates of statements with copies, so that the copies' events are unambiguous.
_PLAIN = frozenset({Fate.STAYS, Fate.REWORDED, Fate.TOUCHED, Fate.FLICKERS})


@dataclass(frozen=True)
class ExpectedEvent:
    """Identity of an event that has to be reported."""

    kind: EventKind
    about: str
    grade: Grade | None = None
    relation: Relation | None = None
    outdated: bool = False


@dataclass(frozen=True)
class Version:
    """State of a statement or page from a time on; `expected` are the events of the change."""

    since_s: float
    title: str
    body: tuple[str, ...]
    byline: str
    slug: str
    expected: tuple[ExpectedEvent, ...] = ()


@dataclass(frozen=True)
class Text:
    """Statement, or page of another site: its lists, its versions, and the times between which it is gone."""

    number: int
    lists: tuple[str, ...]
    versions: tuple[Version, ...]
    fate: Fate = Fate.STAYS
    gone: tuple[float, float] = (NEVER, NEVER)
    is_archived: bool = False

    @property
    def born_s(self) -> float:
        """Time of publication."""
        return self.versions[0].since_s

    def at(self, t_s: float) -> Version | None:
        """Return the version at a time, or None if the text is not there."""
        if self.gone[0] <= t_s < self.gone[1]:
            return None
        return next((version for version in reversed(self.versions) if version.since_s <= t_s), None)

    @property
    def turns_s(self) -> list[float]:
        """Times of all changes."""
        return [version.since_s for version in self.versions] + [s for s in self.gone if s < NEVER]


@dataclass(frozen=True)
class Carrier:
    """Page of another site with the statement that it carries, if any."""

    page: Text
    site: str
    of: Text | None = None
    names: str = ""
    expected: tuple[ExpectedEvent, ...] = ()

    @property
    def url(self) -> str:
        """URL of the page."""
        return f"https://{self.site}/{self.page.versions[0].slug}/"


@dataclass
class Truth:
    """All statements and pages, and all events that have to be reported."""

    statements: list[Text] = field(default_factory=list)
    carriers: list[Carrier] = field(default_factory=list)
    expected: list[ExpectedEvent] = field(default_factory=list)


def guid(number: int) -> str:
    """Return State's own identifier of a statement."""
    return f"https://www.state.gov/?post_type=state_press_release&p={number}"


def draw(seed: int, days: float, topics: tuple[str, ...], sections: dict[str, tuple[str, ...]], a_day: float) -> Truth:
    """Draw a history of `days`; `topics` are State's lists, `sections` those of each mirror."""
    some = random.Random(f"truth {seed}")
    truth = Truth()
    end_s = days * DAY
    number = 1000
    t_s = -BEFORE_S
    while (t_s := t_s + some.expovariate(a_day / DAY)) < end_s - QUIET_S / 3:
        if 0 <= t_s < FILL_S:
            continue
        number += 2
        lists = tuple(sorted({some.choice(topics), some.choice(topics)}))
        statement, copied = _statement(some, number, t_s, end_s, lists)
        truth.statements.append(statement)
        if statement.fate is Fate.REPOSTED:
            truth.statements.append(_repost(some, statement))
        if copied:
            truth.carriers += _copies(some, statement, sections, end_s)
    truth.carriers += _others(some, sections, end_s)
    truth.expected = [event for text in truth.statements for event in _all_expected(text)]
    truth.expected += [event for carrier in truth.carriers for event in carrier.expected]
    return truth


# State


def _statement(
    some: random.Random, number: int, born_s: float, end_s: float, lists: tuple[str, ...]
) -> tuple[Text, bool]:
    fate = some.choices(list(_FATES), list(_FATES.values()))[0]
    copied = fate in _PLAIN and born_s > 0 and some.random() < 0.7
    first = Version(
        born_s, texts.title(number), texts.paragraphs(number), some.choice(BYLINES), f"lamps-for-harbour-{number}"
    )
    # It changes within the first day, in which it is rechecked three times.
    at_s = born_s + some.uniform(6 * HOUR, 20 * HOUR)
    if (
        born_s < 0
        or at_s > end_s - QUIET_S
        or (fate in {Fate.RESTORED, Fate.UNDONE} and at_s > end_s - QUIET_S - 4 * DAY)
    ):
        return Text(number, lists, (first,)), copied
    name = guid(number)
    later_s = at_s + some.uniform(30 * HOUR, 40 * HOUR)
    revised = [
        replace(first, since_s=at_s, body=change(first.body), expected=(ExpectedEvent(EventKind.REVISED, name, grade),))
        for change, grade in ((texts.material, Grade.MATERIAL), (texts.minor, Grade.MINOR))
    ]
    text = Text(number, lists, (first,), fate)
    if fate is Fate.REWORDED:
        return replace(text, versions=(first, some.choice(revised))), copied
    if fate is Fate.TWICE and later_s < end_s - QUIET_S:
        second = replace(revised[0], since_s=later_s, body=texts.minor(revised[0].body), expected=revised[1].expected)
        return replace(text, versions=(first, revised[0], second)), copied
    if fate is Fate.UNDONE:
        return replace(
            text, versions=(first, revised[0], replace(first, since_s=later_s, expected=revised[0].expected))
        ), copied
    changes = {
        Fate.TOUCHED: {
            "body": texts.touched(first.body),
            "expected": (ExpectedEvent(EventKind.TOUCHED, name, Grade.COSMETIC),),
        },
        Fate.RETITLED: {
            "title": f"{first.title} and {texts.title(number + 1).split()[-1]}",
            "expected": (ExpectedEvent(EventKind.RETITLED, name),),
        },
        Fate.SIGNED: {
            "byline": next(byline for byline in BYLINES if byline != first.byline),
            "expected": (ExpectedEvent(EventKind.REATTRIBUTED, name),),
        },
        Fate.MOVED: {"slug": f"{first.slug}-2", "expected": (ExpectedEvent(EventKind.MOVED, name),)},
    }
    if fate in changes:
        return replace(text, versions=(first, replace(first, since_s=at_s, **changes[fate]))), copied
    gone = {
        Fate.FLICKERS: (at_s, at_s + some.uniform(2 * HOUR, 7 * HOUR)),
        Fate.WITHDRAWN: (at_s, NEVER),
        Fate.RESTORED: (at_s, at_s + 2.5 * DAY),
        Fate.ARCHIVED: (at_s, NEVER),
    }
    return replace(text, gone=gone.get(fate, text.gone), is_archived=fate is Fate.ARCHIVED), copied


def _repost(some: random.Random, of: Text) -> Text:
    first = of.versions[0]
    born_s = first.since_s + some.uniform(HOUR, 3 * HOUR)
    expected = (ExpectedEvent(EventKind.REPOSTED, guid(of.number + 1)),)
    again = replace(first, since_s=born_s, slug=f"{first.slug}-again", expected=expected)
    return Text(of.number + 1, of.lists, (again,))


def _all_expected(text: Text) -> list[ExpectedEvent]:
    name = guid(text.number)
    expected = [each for version in text.versions for each in version.expected]
    if text.is_archived:
        return [ExpectedEvent(EventKind.PUBLISHED, name), *expected, ExpectedEvent(EventKind.MOVED, name)]
    if text.fate in {Fate.WITHDRAWN, Fate.RESTORED} and text.gone[0] < NEVER:
        expected.append(ExpectedEvent(EventKind.WITHDRAWN, name))
    if text.fate is Fate.RESTORED and text.gone[0] < NEVER:
        expected.append(ExpectedEvent(EventKind.RESTORED, name))
    return [ExpectedEvent(EventKind.PUBLISHED, name), *expected]


# Other sites


def _copies(some: random.Random, of: Text, sections: dict[str, tuple[str, ...]], end_s: float) -> list[Carrier]:
    sites = some.sample(sorted(sections), k=min(len(sections), some.choice((1, 1, 2, 3))))
    return [carrier for site in sites if (carrier := _copy(some, of, site, some.choice(sections[site]), end_s))]


def _copy(some: random.Random, of: Text, site: str, section: str, end_s: float) -> Carrier | None:
    first = of.versions[0]
    is_revised = len(of.versions) > 1 and of.fate is Fate.REWORDED
    # While the first version is current: a later copy would have another wording.
    born_s = first.since_s + some.uniform(0.3 * HOUR, 5 * HOUR)
    if born_s > end_s - QUIET_S:
        return None
    slug = f"{section}/lamps-{of.number}"
    url = f"https://{site}/{slug}/"
    relation = Relation.VERBATIM if is_revised else some.choice((Relation.VERBATIM, Relation.EXCERPT, Relation.ALTERED))
    body = {
        Relation.VERBATIM: first.body,
        Relation.EXCERPT: first.body[:3],
        Relation.ALTERED: texts.material(first.body, 4),
    }[relation]
    page = Version(born_s, first.title, body, "", slug)
    expected = [ExpectedEvent(EventKind.COPY_FOUND, url, relation=relation)]
    versions, gone = (page,), (NEVER, NEVER)
    at_s = born_s + some.uniform(8 * HOUR, 20 * HOUR)
    fate = some.choice((Fate.STAYS, Fate.STAYS, Fate.REWORDED, Fate.WITHDRAWN))
    if is_revised:
        expected.append(ExpectedEvent(EventKind.COPY_CHANGED, url, relation=relation, outdated=True))
    elif fate is Fate.REWORDED and at_s < end_s - QUIET_S and relation is Relation.VERBATIM:
        versions = (page, replace(page, since_s=at_s, body=texts.material(page.body, 4)))
        expected.append(ExpectedEvent(EventKind.COPY_CHANGED, url, relation=Relation.ALTERED))
    elif fate is Fate.WITHDRAWN and at_s < end_s - QUIET_S - DAY and not _is_aged(born_s, end_s):
        gone = (at_s, NEVER)
        expected.append(ExpectedEvent(EventKind.COPY_GONE, url, relation=relation))
    names = f"https://www.state.gov/releases/{first.slug}/" if some.random() < 0.5 else ""
    return Carrier(Text(of.number, (f"{site}/{section}",), versions, fate, gone), site, of, names, tuple(expected))


def _is_aged(born_s: float, end_s: float) -> bool:
    """Return True if a wrong clock makes a page a day old too soon, so that its next check is a week away."""
    return any(by_s > 0 and -by_s < born_s - share * (end_s - QUIET_S) < for_s for share, by_s, for_s in CLOCK_SET)


def _others(some: random.Random, sections: dict[str, tuple[str, ...]], end_s: float) -> list[Carrier]:
    """Return pages that have nothing to do with State, and some that claim to."""
    found = []
    number = 500_000
    for site in sorted(sections):
        for section in sections[site]:
            t_s = -BEFORE_S
            while (t_s := t_s + some.expovariate(1 / (7 * HOUR))) < end_s - DAY:
                if 0 <= t_s < FILL_S:
                    continue
                number += 1
                is_forged = 0 < t_s < end_s - QUIET_S and some.random() < 0.03
                slug = f"{section}/news-{number}"
                title = texts.title(number).replace("Lamps for", "A feast in")
                page = Version(t_s, title, texts.paragraphs(number), "", slug)
                names = f"https://www.state.gov/releases/feast-{number}/" if is_forged else ""
                expected = (ExpectedEvent(EventKind.UNSOURCED, f"https://{site}/{slug}/", relation=Relation.UNSOURCED),)
                text = Text(number, (f"{site}/{section}",), (page,))
                found.append(Carrier(text, site, None, names, expected if is_forged else ()))
    return found
