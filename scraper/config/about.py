"""Subjects of a watch: lines of conditions, and groups of them under `all`, `any` and `none`.

A line such as `countries: [Laos, Thailand]` matches if any of its entries matches. Lines that stand side by side are
alternatives, as under `any`. Under `all` each line must match, under `none` no line may.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Discriminator, Tag, model_validator

from scraper.config import yaml
from scraper.config.fields import Phrase, Text
from scraper.config.groups import GROUPS, Group, Line
from scraper.config.sections import SettingsModel, misfit

MAX_ENTRIES: Final = 1_000
"""Most entries in all groups of one watch: each is compared with each event."""
FORMS: Final = ("lines", "list")
"""Forms of a group, which pydantic puts into the location of a mistake: lines of its own, or a list of conditions."""


class Conditions(SettingsModel):
    """Lines of conditions; within a line, any entry matches."""

    words: tuple[Phrase, ...] = ()
    """Whole words and phrases in the title and the text; for a revision also in what was added or removed."""
    countries: tuple[Phrase, ...] = ()
    """Countries that tag the statement or stand in its title."""
    types: tuple[Phrase, ...] = ()
    """Document types such as Press Statement, Readout."""
    speakers: tuple[Phrase, ...] = ()
    """Speakers: words of the byline, such as "Secretary of State"."""
    sources: tuple[Text, ...] = ()
    """Names of sources: the first source of a statement, or the mirror that carries it."""

    def lines(self) -> tuple[Line, ...]:
        """Return the lines that have entries."""
        return tuple(Line(kind, found) for kind in KINDS if (found := getattr(self, kind)))

    def parts(self) -> dict[str, "Conditions | tuple[Conditions, ...]"]:
        """Return what stands under `any`, `all` and `none`; the innermost conditions have no such keys."""
        return {name: found for name in GROUPS if (found := getattr(self, name, ()))}

    def group(self) -> Group:
        """Return these conditions as a group."""
        parts = {name: _members(part) for name, part in self.parts().items()}
        return Group(**parts | {"any": (*self.lines(), *parts.get("any", ()))})

    def places(self, loc: yaml.Loc = ()) -> Iterator[tuple[yaml.Loc, Line]]:
        """Yield every line of these conditions, and of the groups in them, with its location below `loc`."""
        yield from (((*loc, line.kind), line) for line in self.lines())
        for name, part in self.parts().items():
            if isinstance(part, Conditions):
                yield from part.places((*loc, name))
            else:
                for i, each in enumerate(part):
                    yield from each.places((*loc, name, i))


KINDS: Final = tuple(Conditions.model_fields)
"""Kinds of conditions: the names of the lines."""


def _members(part: Conditions | tuple[Conditions, ...]) -> tuple[Line | Group, ...]:
    """Return the conditions of a group: those of a list, or each line and each group of a section."""
    if isinstance(part, Conditions):
        return (*part.lines(), *(Group(**{name: _members(inner)}) for name, inner in part.parts().items()))
    return tuple(each.group() for each in part)


def _form(value: object) -> str:
    return FORMS[isinstance(value, list | tuple)]


class InnerConditions(Conditions):
    """Lines of conditions inside a group that is itself inside a group."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if not any(line.entries for _, line in self.places()):
            raise misfit("", f"has no condition; list entries under {', '.join(KINDS)}")
        return self


_Lines = Annotated[
    Annotated[InnerConditions, Tag(FORMS[0])] | Annotated[tuple[InnerConditions, ...], Tag(FORMS[1])],
    Discriminator(_form),
]


class NestedConditions(InnerConditions):
    """Conditions inside a group: lines, and groups of lines."""

    all: _Lines = ()
    """Conditions that must all match."""
    any: _Lines = ()
    """Conditions of which at least one must match."""
    none: _Lines = ()
    """Conditions of which none may match."""


_Groups = Annotated[
    Annotated[NestedConditions, Tag(FORMS[0])] | Annotated[tuple[NestedConditions, ...], Tag(FORMS[1])],
    Discriminator(_form),
]


class About(Conditions):
    """The subjects of a watch: at least one of its lines and of `any`, all of `all`, none of `none`.

    Left out: everything.
    """

    all: _Groups = ()
    """Conditions that must all match: lines, or a list of conditions."""
    any: _Groups = ()
    """Conditions of which at least one must match, as of the lines beside it."""
    none: _Groups = ()
    """Conditions of which none may match."""

    @cached_property
    def tree(self) -> Group:
        """These conditions as a group."""
        return self.group()

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        # A watch of earlier versions, which had no groups, stays valid.
        count = sum(len(line.entries) for loc, line in self.places() if loc[0] in GROUPS)
        if count > MAX_ENTRIES:
            raise misfit(
                "", f"has {count:,} entries in groups; at most {MAX_ENTRIES:,} are allowed, so split the watch"
            )
        return self
