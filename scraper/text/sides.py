"""One of two texts that are compared: its words, sentences and values, and the kinds of its words (pure)."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise, takewhile

from scraper.text import footnotes, lexicon, negation, values
from scraper.text.lexicon import APOSTROPHES
from scraper.text.normalize import truncate
from scraper.text.tokens import Excerpt, Words
from scraper.text.values import Value

QUOTE_CHARS = 160
_ENDINGS = frozenset("t ll re ve m d s".split())


class Side:
    """A text, cut into words and sentences once. Its values are read only where the texts differ."""

    def __init__(self, given: str | Excerpt) -> None:
        self.text = given if isinstance(given, str) else given.text
        self.parts = Words(self.text)
        self.keys = self.parts.keys
        self.signed = self._signed()
        self.starts = self.parts.sentence_starts()
        self._openings = frozenset(self.starts)
        self._places = self.parts.places
        initials = [self.text[at] for at in self._places[0]]
        self._has_capital = [initial.isupper() for initial in initials]
        self.lowercase_keys = {key for key, initial in zip(self.keys, initials, strict=True) if initial.islower()}
        # In a headline every word is capitalised, so that a capital letter does not mark a name.
        self._is_headline = lexicon.is_headline(self.lowercase_keys)
        self._quotes = self.parts.quotations if isinstance(given, str) else list(given.quotations)
        self.capitalized_keys = {
            key for i, key in enumerate(self.keys) if self._has_capital[i] and not self._is_capital_forced(i)
        }
        # Set by `diff.compare`: words that are names wherever they have a capital, each changed word with the end of
        # its stretch and the number of words that replaced the stretch, and the kinds of the values read.
        self.names: set[str] = set()
        self.changed: dict[int, tuple[int, int]] = {}
        self._kinds: dict[int, str] = {}
        # Words in brackets that an editor added, with the kind of the bracket.
        self.notes: dict[int, str] = {}
        # Negations of another language than English, of which those of English are none.
        self.negations: list[negation.Negation] | None = None

    def _signed(self) -> list[str]:
        before, after = self.parts.signs
        signed = list(self.keys) if before or after else self.keys
        for at in before.keys() | after.keys():
            signed[at] = self.parts.signed(at)
        return signed

    def span(self, first: int, stop: int) -> tuple[int, int]:
        """Return the characters of words [first, stop); for an empty range, the position where they would stand."""
        starts, ends = self._places
        if first < stop:
            return starts[first], ends[stop - 1]
        at = ends[first - 1] if first else 0
        return at, at

    def is_glued(self, index: int) -> bool:
        """Return True if a word continues the number before it ("4.5", "1,000"; "½" is two words at one place)."""
        if not 0 < index < len(self.keys):
            return False
        if self._places[0][index] == self._places[0][index - 1]:
            return True
        if self.parts.gap(index) not in {".", ","}:
            return False
        return self.keys[index - 1].isdigit() and self.keys[index].isdigit()

    def values(self, first: int, stop: int) -> list[Value]:
        """Return the values of the words [first, stop), in order, and remember their kinds."""
        found = list(values.find(self.parts, first, stop))
        for value in found:
            if value.kind:
                self._kinds |= dict.fromkeys(range(value.first, value.stop), value.kind)
        return found

    def sentences(self) -> Iterator[range]:
        """Return the word ranges of the sentences, in order; together they cover all words."""
        return (range(*bounds) for bounds in pairwise([*self.starts, len(self.keys)]))

    def joined(self, sentence: range) -> str:
        """Return the words of a sentence with their signs as one string, by which it is compared."""
        return " ".join(self.signed[sentence.start : sentence.stop])

    def words(self, indexes: Sequence[int]) -> str:
        """Return the text from the first word to the last with the signs at its ends, and all of a contraction."""
        if not indexes:
            return ""
        first = indexes[0] - self.is_ending(indexes[0])
        start, end = self.parts.span_with_signs(first, indexes[-1] + 1)
        return truncate(" ".join(self.text[start:end].split()), QUOTE_CHARS)

    def kind(self, index: int) -> str | None:
        """Return the kind that makes a change of this word material, or None for a plain word."""
        if (known := self._kinds.get(index)) is not None:
            return known
        key, capital = self.keys[index], self._has_capital[index]
        if lexicon.is_number(key):
            if footnotes.is_mark(self.text[slice(*self.span(index, index + 1))]):
                return None
            before = self.keys[index - 1] if index else ""
            return "amount" if lexicon.is_magnitude(key) else lexicon.number_kind(key, before)
        named = capital and not self._is_capital_forced(index)
        near = self.keys[max(0, index - 1) : index + 2]
        if lexicon.is_modal(key, named=named, beside_number=capital and any(map(lexicon.is_number, near))):
            return "modal"
        if self.negations is None and self._is_negation(index):
            return "negation"
        if (kind := lexicon.word_kind(key, capital=capital)) is not None:
            return kind
        if self._is_name(index):
            return "name"
        return "quotation" if self._is_quoted(self._places[0][index]) else None

    def _is_capital_forced(self, index: int) -> bool:
        """Return True if a capital letter has no meaning here: in a headline, at the start of a sentence."""
        return self._is_headline or index in self._openings

    def changed_negations(self, indexes: Sequence[int]) -> Counter[str]:
        """Return how often each negation of another language occurs among the changed words of these."""
        if not self.negations or not (changed := [self.span(i, i + 1) for i in indexes if i in self.changed]):
            return Counter()
        starts = [start for start, _ in changed]
        # Negations do not overlap, so their spans end in order, too.
        spans = self._negation_spans
        first = bisect_right(spans, changed[0][0], key=lambda span: span[1])
        near = islice(spans, first, None)
        touched = {
            number
            for start, end, number in takewhile(lambda span: span[0] < changed[-1][1], near)
            if _overlaps((start, end), changed, starts)
        }
        return Counter(self.negations[number].key for number in touched)

    @cached_property
    def _negation_spans(self) -> list[tuple[int, int, int]]:
        """The spans of all negations in order, each with the number of its negation."""
        return sorted((*span, number) for number, found in enumerate(self.negations or ()) for span in found.spans)

    def _is_negation(self, index: int) -> bool:
        """Return True for an English negation, but not for the "No." before a number."""
        starts, ends = self._places
        key, after = self.keys[index], self.keys[index + 1 : index + 2]
        if key == "no" and after and after[0].isdigit() and self.text[ends[index] : starts[index + 1]].startswith("."):
            return False
        return lexicon.is_negation(key) or self.is_contracted(index)

    def is_contracted(self, index: int) -> bool:
        """Return True for the "t" of "isn’t", which is a word of its own."""
        return self.keys[index : index + 1] == ["t"] and index > 0 and self.keys[index - 1].endswith("n")

    def is_ending(self, index: int) -> bool:
        """Return True for what follows an apostrophe in a word: the "t" of "isn’t", the "re" of "they’re"."""
        return self.keys[index] in _ENDINGS and index > 0 and self.parts.gap(index) in APOSTROPHES

    def has_capital(self, index: int) -> bool:
        """Return True if a word begins with a capital letter."""
        return self._has_capital[index]

    def with_verb(self, indexes: list[int]) -> list[int]:
        """Return what follows an apostrophe, or the same in full ("not"), with the word before it."""
        return [max(0, indexes[0] - 1), *indexes]

    def _is_name(self, index: int) -> bool:
        start, end = self.span(index, index + 1)
        word = self.text[start:end]
        is_in_url = self.text[start - 1 : start] in {"/", "@"}
        if self._is_headline or not self._has_capital[index] or is_in_url or word == "I":
            return False
        if index in self._openings:
            return (len(word) > 1 and word.isupper()) or self.keys[index] in self.names
        return True

    def _is_quoted(self, at: int) -> bool:
        place = bisect_right(self._quotes, (at, len(self.text))) - 1
        return place >= 0 and at < self._quotes[place][1]


def _overlaps(span: tuple[int, int], others: Sequence[tuple[int, int]], starts: Sequence[int]) -> bool:
    """Return True if a span overlaps one of the others, which are in order and begin at `starts`."""
    place = bisect_left(starts, span[1]) - 1
    return place >= 0 and others[place][1] > span[0]
