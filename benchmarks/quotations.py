"""Quotations in invented news: how many are found, from which statement, and which alterations are reported.

The kinds "asked" are single sentences, with a word less, a word more or "and" for a comma, as `trace --text` gets them.

    python -m benchmarks.quotations DATABASE [--half tuned|judged] [--seed N] [--count N] [--wrong]

DATABASE comes from `statewire import` of the real feed captures. One statement in three is left out of the index; its
sentences are those of unknown statements. Each page is news with one quoted sentence: exact, bare, split by an
attribution, cut, fitted into the reporter's sentence, with one word or one number changed, or of an unknown statement.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import other_sites as sites
from benchmarks import pages
from scraper.matching import Matcher, PageToMatch
from scraper.matching.quotations import QuotationFinder
from scraper.model import Relation
from scraper.pages import QuotationVerdict
from scraper.store.database import connect, unit
from scraper.store.fingerprints import Fingerprints
from scraper.text import normalize
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.matching.model import Match
    from scraper.matching.quotations import Quotation

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])|\n+")
_LABEL = re.compile(r"\A(?:[A-Z]{2,}[A-Z .’'-]*|\([A-Za-z ]+\)):?\s+")
_WORD = re.compile(r"(?<= )[a-z]{5,}(?= [a-z])")
_NUMBER = re.compile(r"\b\d[\d,]*\b")
_OUT_ONE_IN = 3
ASKED = "asked"
# A paragraph is found if so much of it is: a page may leave out a short sentence.
_WHOLE = 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """News with one quotation: its kind, the text, the quoted words, and the changed words before and after."""

    kind: str
    text: str
    quoted: str
    before: str = ""
    after: str = ""


def main() -> None:
    """Make the pages of each half, search them and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--half", choices=pages.HALVES, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=400, help="pages of each kind, in each half")
    parser.add_argument("--wrong", action="store_true", help="print every page that came out wrong")
    options = parser.parse_args()
    corpus = pages.load(options.database)
    out = {
        key.statement_id
        for key, text in corpus.revisions.items()
        if hashlib.sha256(b"quoted" + text.guid.encode()).digest()[0] % _OUT_ONE_IN == 0
    }
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known.db"
        shutil.copy(options.database, known)
        db = connect(known)
        db.execute("PRAGMA foreign_keys = OFF")
        index = Fingerprints(db)
        with unit(db):
            for statement in out:
                db.execute("DELETE FROM revisions WHERE statement_id = ?", [statement])
                db.execute("DELETE FROM statements WHERE id = ?", [statement])
            index.rebuild()
        texts = "\n\n".join(
            normalize.join_words(text.words.keys)
            for key, text in corpus.revisions.items()
            if key.statement_id not in out
        )
        for half in options.half or pages.HALVES:
            news = News(corpus, half, options.seed, out, texts)
            _judge(half, news, index, options.count, verbose=options.wrong)


class News:
    """Generator of the news of one half, with one seed."""

    def __init__(self, corpus: pages.Corpus, half: str, seed: int, out: set[int], known_words: str) -> None:
        self._rng = random.Random(f"quotations {half} {seed}")
        self._news = sites.News(self._rng)
        self._known, self._unknown = list[str](), list[str]()
        self._paragraphs, self._leads = list[str](), list[str]()
        for key, text in corpus.revisions.items():
            if pages.half_of(text.guid) != half or not text.is_current:
                continue
            for sentence in (_LABEL.sub("", each.strip()) for each in _SENTENCES.split(text.words.text)):
                if 8 <= len(normalize.words(sentence)) <= 60 and sentence.endswith((".", "!", "?")):
                    is_known = normalize.join_words(normalize.words(sentence)) in known_words
                    (self._known if is_known else self._unknown).append(sentence)
            paragraphs = text.words.text.split("\n\n")
            is_out = key.statement_id in out
            self._paragraphs += [] if is_out else [p for p in paragraphs if 35 <= len(normalize.words(p)) <= 140]
            self._leads += [] if is_out else [p for p in paragraphs[:1] if 35 <= len(normalize.words(p)) <= 140]
        self._vocabulary = sorted({word for text in self._known for word in _WORD.findall(text)})

    def all(self, count: int) -> Iterator[Case]:
        """Yield the cases of every kind."""
        short = [each for each in self._known if len(normalize.words(each)) < 15]
        long = [each for each in self._known if len(normalize.words(each)) >= 15 <= len(each.split())]
        for size, sentences in (("8-14", short), ("15+", long)):
            for sentence in self._some(sentences, count):
                yield self._case(f"exact {size}", f"“{sentence}”", sentence)
            for sentence in self._some(sentences, count):
                yield self._case(f"bare {size}", sentence, sentence)
            for sentence in self._some(sentences, count):
                yield from self._changed(f"word {size}", sentence, _WORD, self._vocabulary)
            for sentence in self._some(sentences, count):
                yield from self._changed(f"number {size}", sentence, _NUMBER, ["777", "19", "6,400"])
        for sentence in self._some(long, count):
            yield self._split(sentence)
        for sentence in self._some(long, count):
            words = sentence.split()
            at = self._rng.randrange(5, len(words) - 5)
            cut = " ".join([*words[:at], "...", *words[min(len(words) - 5, at + 4) :]])
            yield self._case("cut", f"“{cut}”", cut)
        for sentence in self._some(long, count):
            fitted = re.sub(r"\bwill\b", "would", re.sub(r"\bour\b", "its", re.sub(r"\b[Ww]e\b", "it", sentence)))
            yield self._case("fitted", f"The Department said that {fitted}", fitted)
        for size, sentences in (
            ("8-14", [each for each in self._unknown if len(normalize.words(each)) < 15]),
            ("15+", [each for each in self._unknown if len(normalize.words(each)) >= 15]),
        ):
            for sentence in self._some(sentences, count):
                yield self._case(f"unknown {size}", f"“{sentence}”", sentence)
            for sentence in self._some(sentences, count):
                yield self._case(f"unknown bare {size}", sentence, sentence)
        for paragraph in self._some(self._paragraphs, count):
            yield self._case("paragraph", paragraph, paragraph)
        for lead in self._some(self._leads, count):
            yield Case("lead", "\n".join([lead, *self._news.paragraphs(2)]), lead)
        for _ in range(count):
            yield self._case("news", "", "")
        yield from self._asked(count, short, long)

    def _asked(self, count: int, short: Sequence[str], long: Sequence[str]) -> Iterator[Case]:
        """Yield sentences as a person asks about them."""
        for size, sentences in (("8-14", short), ("15+", long)):
            for sentence in self._some(sentences, count):
                words = sentence.split()
                at = self._rng.randrange(1, len(words) - 1)
                yield Case(f"{ASKED} less {size}", " ".join(words[:at] + words[at + 1 :]), sentence, words[at])
            for sentence in self._some(sentences, count):
                words = sentence.split()
                at = self._rng.randrange(1, len(words))
                more = self._rng.choice(self._vocabulary)
                yield Case(f"{ASKED} more {size}", " ".join([*words[:at], more, *words[at:]]), sentence, "", more)
            for sentence in self._some([each for each in sentences if ", " in each], count):
                yield Case(f"{ASKED} and {size}", sentence.replace(", ", " and ", 1), sentence, "", "and")
        for sentence in self._some(self._unknown, count):
            yield Case(f"{ASKED} unknown", sentence, sentence)

    def _some(self, sentences: Sequence[str], count: int) -> list[str]:
        return self._rng.sample(sentences, min(count, len(sentences)))

    def _case(self, kind: str, shown: str, quoted: str, before: str = "", after: str = "") -> Case:
        said = self._rng.choice(("a spokesman said on Tuesday.", "the Department said.", "it added.", ""))
        lead = self._rng.choice(("", "The Department was clear: ", "In its words: ", ""))
        lines = [*self._news.paragraphs(2), f"{lead}{shown} {said}".strip(), *self._news.paragraphs(2)]
        return Case(kind, "\n".join(lines), quoted, before, after)

    def _changed(self, kind: str, sentence: str, pattern: re.Pattern[str], words: Sequence[str]) -> Iterator[Case]:
        places = list(pattern.finditer(sentence))
        if not places:
            return
        place = self._rng.choice(places)
        others = [word for word in words if word[:3] != place.group()[:3]]
        after = self._rng.choice(others)
        changed = sentence[: place.start()] + after + sentence[place.end() :]
        shown = f"“{changed}”" if self._rng.random() < 0.7 else changed
        yield self._case(kind, shown, changed, place.group(), after)

    def _split(self, sentence: str) -> Case:
        words = sentence.split()
        at = self._rng.randrange(5, len(words) - 5)
        first, second = " ".join(words[:at]).rstrip(","), " ".join(words[at:])
        return self._case("split", f"“{first},” he said, “{second}”", f"{first},” he said, “{second}")


def _find(index: Fingerprints, case: Case) -> tuple[Sequence[Match], Sequence[Quotation]]:
    """Return the copies and quotations that are found for a case, as for a page or as for a question."""
    if not case.kind.startswith(ASKED):
        return Matcher(index).trace_all(PageToMatch(case.text))
    page = Words(f"“{case.text}”")
    return (), QuotationFinder(index).find(page, bytearray(b"\1" * len(page)), None, is_asked=True)


def _judge(half: str, news: News, index: Fingerprints, count: int, *, verbose: bool) -> None:
    totals, verbatim, altered, right = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    fitted, similar = Counter[str](), Counter[str]()
    spent, words = 0.0, 0
    for case in news.all(count):
        began = time.process_time()
        matches, found = _find(index, case)
        spent += time.process_time() - began
        words += len(normalize.words(case.text))
        totals[case.kind] += 1
        on_it = list(found) if case.kind.startswith(ASKED) else [each for each in found if _overlaps(case, each)]
        verdicts = {each.verdict for each in on_it}
        similar[case.kind] += QuotationVerdict.SIMILAR in verdicts
        is_fitted = QuotationVerdict.FITTED in verdicts
        copies = [match for match in matches if match.relation.is_copy]
        is_altered = any(each.is_altered for each in on_it) or any(m.relation is Relation.ALTERED for m in copies)
        is_found = bool(on_it or copies) and _share(case, on_it, copies) >= _WHOLE
        is_quoted = is_found and not is_altered and verdicts != {QuotationVerdict.SIMILAR}
        fitted[case.kind] += is_quoted and is_fitted
        verbatim[case.kind] += is_quoted and not is_fitted
        altered[case.kind] += is_altered
        told = any(_names(case, each) for each in on_it)
        right[case.kind] += told
        is_wrong = {
            "word": not told,
            ASKED: not on_it,
            "number": not told,
            "unknown": bool(on_it),
            "news": bool(found),
        }.get(case.kind.split()[0], not is_found or is_altered)
        if verbose and is_wrong:
            print(case.kind, "|", case.quoted, "|", case.before, "→", case.after)
            for each in on_it:
                print("    ", each.verdict, *map(str, each.reasons), each.key)
    print(f"{half:20}{'pages':>8}{'verbatim':>10}{'fitted':>8}{'altered':>9}{'similar':>9}{'right words':>13}")
    for kind, total in totals.items():
        shares = (f"{each[kind] / total:.3f}" for each in (verbatim, fitted, altered, similar, right))
        print("{:20}{:8}{:>10}{:>8}{:>9}{:>9}{:>13}".format(kind, total, *shares))
    print(f"{spent / sum(totals.values()) * 1000:.2f} ms of CPU a page of {words / sum(totals.values()):.0f} words")


def _share(case: Case, quotations: Sequence[Quotation], copies: Sequence[Match]) -> float:
    """Return the share of the quoted words that is found, as quotations or in copies."""
    if case.kind not in {"paragraph", "lead"}:
        return 1.0
    start = case.text.find(case.quoted)
    found = bytearray(len(case.quoted))
    spans = [each.page for each in quotations] + [span.page for match in copies for span in match.spans]
    for first, stop in spans:
        at, end = max(0, first - start), min(len(found), stop - start)
        found[at:end] = b"\1" * max(0, end - at)
    return sum(found) / len(found)


def _overlaps(case: Case, found: Quotation) -> bool:
    start = case.text.find(case.quoted) if case.quoted else -1
    return start >= 0 and found.page[0] < start + len(case.quoted) and start < found.page[1]


def _names(case: Case, found: Quotation) -> bool:
    if not (case.before or case.after) or not found.reasons:
        return False
    shown = [(reason.before, reason.after) for reason in found.reasons]
    return any(case.before in before and case.after in after for before, after in shown)


if __name__ == "__main__":
    main()
