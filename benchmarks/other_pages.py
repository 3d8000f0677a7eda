"""Second, independent benchmark of matching: whole HTML sites, traced through the command line and scored.

    python -m benchmarks.other_pages DATABASE [--half tuned|judged] [--seed N] [--none N] [--wrong]

Its generator shares only the reading of the database with `pages`: it writes web pages of several kinds of sites and
runs `statewire trace --jsonl` as a user does. Every page comes as HTML or as text, with or without URL, title and date.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import other_sites as sites
from benchmarks import pages
from scraper.store.database import connect, unit
from scraper.store.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.pages import Corpus
    from scraper.matching import IndexedText

_SENTENCES = re.compile(r"(?<=[.!?])[ \n]+(?=[A-Z“])")
_NO_COPY = frozenset({"sibling", "next year", "other country", "other minister", "news", "unknown"})
_COPIES = frozenset({"verbatim", "excerpt", "altered"})


@dataclass(frozen=True, slots=True)
class Doc:
    """Content for a site: title and paragraphs, and the right answer as relations by guid."""

    kind: str
    title: str
    paragraphs: Sequence[str]
    source: IndexedText | None
    wanted: dict[str, frozenset[str]] = field(default_factory=dict)
    when: timedelta = timedelta(0)
    bare: bool = False  # without title, date and URL


def main() -> None:
    """Make the pages of each half, trace them and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--half", choices=pages.HALVES, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--none", type=int, default=500, help="pages that carry nothing, in each half")
    parser.add_argument("--only", help="only kinds whose name has this in it")
    parser.add_argument("--wrong", action="store_true", help="name every page that came out wrong")
    options = parser.parse_args()
    corpus = pages.load(options.database)
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known.db"
        shutil.copy(options.database, known)
        out = _held_out(corpus)
        _forget(known, corpus, out)
        for half in options.half or pages.HALVES:
            docs = Docs(corpus, half, options.seed, out)
            made = [doc for doc in docs.all(options.none) if not options.only or options.only in doc.kind]
            rows = _traced(known, Path(folder), made, docs)
            _print(half, options.seed, made, rows, docs, verbose=options.wrong)


def _held_out(corpus: Corpus) -> set[int]:
    """Return one in five statements, to be left out of the index."""
    return {
        key.statement_id
        for key, text in corpus.revisions.items()
        if hashlib.sha1(f"other {text.guid}".encode(), usedforsecurity=False).digest()[1] % 5 == 0
        and key == (key.statement_id, 1)
        and text.is_current
    }


def _forget(database: Path, corpus: Corpus, out: set[int]) -> None:
    db = connect(database)
    db.execute("PRAGMA foreign_keys = OFF")
    index = Fingerprints(db)
    with unit(db):
        for statement in out:
            db.execute("DELETE FROM revisions WHERE statement_id = ?", [statement])
            db.execute("DELETE FROM statements WHERE id = ?", [statement])
        index.rebuild()
    db.conn.close()


def _traced(known: Path, folder: Path, docs: Sequence[Doc], maker: Docs) -> list[dict[str, object]]:
    asked = folder / "pages.jsonl"
    asked.write_text("".join(json.dumps(maker.page(str(at), doc)) + "\n" for at, doc in enumerate(docs)))
    command = [str(Path(sys.executable).parent / "statewire"), "--db", str(known), "trace", "--jsonl", str(asked)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Docs:
    """Generator of the content that sites show of one half of the statements, with one seed."""

    def __init__(self, corpus: Corpus, half: str, seed: int, out: set[int]) -> None:
        self._rng = random.Random(f"other {half} {seed}")
        self._all = [(key, corpus.revisions[key]) for key in corpus.current.values()]
        own = [(key, text) for key, text in self._all if pages.half_of(text.guid) == half]
        self._known = [text for key, text in own if key.statement_id not in out]
        self._digests = {text.digest for key, text in self._all if key.statement_id not in out}
        self._unknown = [t for key, t in own if key.statement_id in out and t.digest not in self._digests]
        self._kinds = {_kind(text.title) for key, text in self._all if key.statement_id not in out}
        self._titles = [text.title for _, text in self._all]
        self._news = sites.News(self._rng)
        self._replaced = [
            (text, corpus.revisions[corpus.current[key.statement_id]])
            for key, text in corpus.revisions.items()
            if not text.is_current and pages.half_of(text.guid) == half
        ]
        self.twins: dict[str, set[str]] = defaultdict(set)
        for _, text in self._all:
            self.twins[text.digest].add(text.guid)
        self.of_guid = {text.guid: text for _, text in self._all}

    def all(self, none: int) -> Iterator[Doc]:
        """Yield copies of every kind, old wordings, siblings, and pages of no statement."""
        for text in self._known:
            yield from self.shown(text)
            yield from self.cut(text)
            yield from self.altered(text)
        yield from self._several()
        yield from self.old()
        yield from self._siblings()
        for at in range(none):
            if at % 3 == 0 and (strange := [t for t in self._unknown if _kind(t.title) not in self._kinds]):
                text = self._rng.choice(strange)
                yield Doc("unknown", text.title, _paragraphs(text), text)
            else:
                yield Doc("news", self._news.headline(), self._news.paragraphs(self._rng.randrange(3, 14)), None)

    def shown(self, text: IndexedText) -> Iterator[Doc]:
        """Yield the whole statement in other typography."""
        rng = self._rng

        def whole(kind: str, paragraphs: Sequence[str], title: str = text.title, **more: object) -> Doc:
            return Doc(kind, title, paragraphs, text, {text.guid: frozenset({"verbatim"})}, **more)  # type: ignore[arg-type]

        own = _paragraphs(text)
        yield whole("plain", own)
        yield whole("bare", own, bare=True)
        yield whole("a year later", own, when=timedelta(days=rng.randrange(330, 400)))
        yield whole("country prefix", own, f"{rng.choice(sites.COUNTRIES)}: {text.title}")
        yield whole("rewritten title", own, self._news.headline())
        dresses: dict[str, Callable[[list[str]], list[str]]] = {
            "title glued": lambda p: [text.title + p[0], *p[1:]],
            "joined": lambda p: [" ".join(p)],
            "sentences split": lambda p: [s for one in p for s in _SENTENCES.split(one)],
            "br": lambda p: ["\v".join(p)],
            "soft hyphens": lambda p: [re.sub(r"(\w{4})(\w{4})", "\\1\u00ad\\2", one) for one in p],
            "nbsp": lambda p: [one.replace(" ", "\u00a0") for one in p],
            "quote marks": lambda p: [f"“{one}" for one in p[:-1]] + [f"“{p[-1]}”"],
            "charset": lambda p: [re.sub("[^\x00-\x7f]", "\ufffd", one) for one in p],
            "no quotes": lambda p: [re.sub("[“”‘’–—]", "", one) for one in p],
            "capitals": lambda p: [one.upper() for one in p],
            "newswire": lambda p: [
                "Washington, DC (STL.News) The US Department of State released the following statement:",
                *p,
            ],
        }
        for kind in rng.sample(sorted(dresses), 4):
            yield whole(kind, dresses[kind](own))

    def cut(self, text: IndexedText) -> Iterator[Doc]:
        """Yield parts of the statement."""
        rng, own = self._rng, _paragraphs(text)
        sentences = [s for one in own for s in _SENTENCES.split(one)]
        excerpt = {text.guid: frozenset({"excerpt"})}
        words = " \v ".join(own).split(" ")
        if len(words) >= 80:
            stop = int(len(words) * rng.uniform(0.2, 0.3))
            lead = " ".join(words[:stop]).strip(" \v").split(" \v ")
            lead[-1] += rng.choice(["", "…", "...", " [&hellip;]", " Continue reading", "&#8230; Read More »"])
            yield Doc("lead", text.title, lead, text, excerpt)
            yield Doc("lead, bare", text.title, lead, text, excerpt, bare=True)
        if len(sentences) >= 6:
            first, last = len(sentences) // 3, 2 * len(sentences) // 3
            rest = [" ".join(sentences[:first]), "[…]", " ".join(sentences[last:])]
            yield Doc("middle cut", text.title, rest, text, excerpt)
        if len(own) >= 4:
            lost = set(rng.sample(range(len(own)), len(own) // 3))
            rest = [one for at, one in enumerate(own) if at not in lost]
            if sum(len(one.split()) for one in rest) >= 40:
                yield Doc("paragraphs lost", text.title, rest, text, excerpt)
        long = [one for one in own if 35 <= len(one.split()) <= 150]
        if len(long) >= 2:
            at = sorted(rng.sample(range(len(long)), 2))
            quoted = [long[at[0]], long[at[1]]]
            if rng.random() < 0.5:
                quoted = [f"“{one}”" for one in quoted]
            reworded = [
                *self._news.paragraphs(2),
                quoted[0],
                *self._news.paragraphs(1),
                quoted[1],
                *self._news.paragraphs(2),
            ]
            if len(own) > 2:
                yield Doc("inside news", self._news.headline(), reworded, text, excerpt)

    def altered(self, text: IndexedText) -> Iterator[Doc]:
        """Yield the statement with words changed: one in ten, or a single one that changes the sense."""
        own = _paragraphs(text)
        altered = {text.guid: frozenset({"altered"})}
        if len(text.words) >= 40:
            for name, change in sites.changes(self._rng).items():
                yield Doc(f"10 %: {name}", text.title, sites.spoiled(self._rng, own, change), text, altered)
            mixed = sites.spoiled(self._rng, own, sites.changes(self._rng)["synonyms"])
            yield Doc("10 %: bare", text.title, mixed, text, altered, bare=True)
        body = "\v".join(own)
        for kind, pattern, new in sites.SINGLE_CHANGES:
            if re.search(pattern, body) and (changed := re.sub(pattern, new, body, count=1)) != body:
                yield Doc(kind, text.title, changed.split("\v"), text, altered)
        if len(own) > 2 and "attributable to" in own[0]:
            moved = {text.guid: frozenset({"altered", "excerpt", "verbatim"})}
            yield Doc("attribution moved", text.title, [*own[1:], own[0]], text, moved)

    def _several(self) -> Iterator[Doc]:
        mixed = self._rng.sample(self._known, len(self._known))
        for at in range(0, len(mixed) - 3, 3):
            three = mixed[at : at + 3]
            wanted = {text.guid: frozenset({"verbatim"}) for text in three}
            parts = [p for text in three for p in (f"<h2>{html.escape(text.title)}", *_paragraphs(text))]
            yield Doc("three", "State Department Daily Digest Bulletin", parts, three[0], wanted)

    def old(self) -> Iterator[Doc]:
        """Yield replaced wordings, and what they share with the current one."""
        for old, new in self._replaced:
            own = _paragraphs(old)
            yield Doc("revision 1", old.title, own, old, {old.guid: frozenset({"verbatim, outdated"})})
            both = [one for one in own if one in set(_paragraphs(new)) and len(one.split()) >= 20]
            if both:
                yield Doc("common wording", new.title, both[:3], old, {old.guid: frozenset({"excerpt"})})

    def _siblings(self) -> Iterator[Doc]:
        rng = self._rng
        for text in self._unknown:
            if _kind(text.title) in self._kinds:
                yield Doc("sibling", text.title, _paragraphs(text), text)
        strange = [s for t in self._unknown for one in _paragraphs(t) for s in _SENTENCES.split(one)]
        strange = [s for s in strange if 8 <= len(s.split()) <= 40]
        for text in self._known:
            is_day = re.search(r"\bday\b|anniversary|independence", text.title, re.IGNORECASE) is not None
            own = _paragraphs(text)
            if is_day and 50 <= len(text.words) <= 900:
                for count in (1, 2, 3):
                    later = [sites.next_year(one) for one in own]
                    reworded = sites.replaced(
                        rng, later, count, lambda: rng.choice([rng.choice(strange), self._news.say()])
                    )
                    dated = sites.editions(" ".join(reworded)) - sites.editions(" ".join(own))
                    when = timedelta(days=rng.randrange(360, 368))
                    if dated:  # without a changed year or ordinal, the two cannot be distinguished
                        yield Doc("next year", sites.next_year(text.title), reworded, text, when=when, bare=count == 3)
                if (named := sites.country_in(text.title)) and sum(named in one for one in own) >= 1:
                    other = rng.choice([c for c in sites.COUNTRIES if c != named])
                    reworded = sites.replaced(rng, [sites.renamed(one, named, other) for one in own], 2, self._news.say)
                    title = sites.renamed(text.title, named, other)
                    yield Doc("other country", title, reworded, text, when=timedelta(days=rng.randrange(-40, 40)))
            if (
                call := re.search(r"(?:Call|Meeting) with (?:[\w.’]+ )*?(Minister|President) (.+)$", text.title)
            ) and len(text.words) <= 400:
                reworded = sites.replaced(
                    rng, [one.replace(call[2], "Nuvolari-Brandt") for one in own], len(own), self._news.say
                )
                title = text.title.replace(call[2], "Nuvolari-Brandt")
                yield Doc("other minister", title, reworded, text, when=timedelta(days=rng.randrange(10, 60)))

    def page(self, name: str, doc: Doc) -> dict[str, object]:
        """Return one line for `statewire trace --jsonl`."""
        rng = random.Random(f"{name} {doc.title}")
        at = (doc.source and doc.source.published_at) or datetime.fromisoformat("2021-07-01T12:00:00+00:00")
        when = at + doc.when + timedelta(minutes=rng.randrange(10, 2500))
        site = rng.choice(sites.SITES)
        neighbours = [title for title in rng.sample(self._titles, 8) if title != doc.title][:7]
        origin = doc.source.url if doc.source and doc.source.title == doc.title and doc.kind != "sibling" else ""
        markup = site(rng, sites.Shown(doc.title, doc.paragraphs, neighbours, when, origin, is_bare=doc.bare))
        asked: dict[str, object] = {"id": name}
        if rng.random() < 0.5:
            asked["html"] = markup
        else:
            asked["text"] = sites.as_text(markup)
        if not doc.bare:
            if rng.random() < 0.7:
                asked["url"] = f"https://news.example/{re.sub('[^a-z]+', '-', doc.title.lower())[:60]}/"
            if rng.random() < 0.6:
                asked["title"] = doc.title + rng.choice(["", " | World Wire", " – Daily News", " &#8211; Info"])
            if rng.random() < 0.6:
                asked["published_at"] = when.isoformat()
        return asked


def _kind(title: str) -> str:
    return " ".join(re.findall(r"[a-z]+", title.lower())[:2])


def _paragraphs(text: IndexedText) -> list[str]:
    return [one for one in re.split(r"\n+", text.words.text) if one.strip()]


@dataclass(slots=True)
class _Row:
    count: int = 0
    found: int = 0
    quoted: int = 0
    right: int = 0
    false: int = 0


def _relation(match: dict[str, object]) -> str:
    return f"{match['relation']}{', outdated' if match['outdated'] else ''}"


def _print(
    half: str, seed: int, docs: Sequence[Doc], rows: Sequence[dict[str, object]], maker: Docs, *, verbose: bool
) -> None:
    table: dict[str, _Row] = defaultdict(_Row)
    for doc, given in zip(docs, rows, strict=True):
        row = table[doc.kind]
        matches: list[dict[str, object]] = given["matches"]  # type: ignore[assignment]
        copies = [match for match in matches if match["relation"] in _COPIES]
        wanted = {guid: maker.twins[maker.of_guid[guid].digest] | {guid} for guid in doc.wanted}
        found = all(any(match["guid"] in twins for match in copies) for twins in wanted.values())
        quotations: list[dict[str, object]] = given["quotations"]  # type: ignore[assignment]
        named = [each["guid"] for each in (*copies, *quotations)]
        quoted = all(any(guid in twins for guid in named) for twins in wanted.values())
        right = all(
            any(match["guid"] in twins and _relation(match) in doc.wanted[guid] for match in copies)
            for guid, twins in wanted.items()
        )
        allowed = set().union(*wanted.values())
        false = [match for match in copies if match["guid"] not in allowed]
        row.count += 1
        row.found += found
        row.quoted += quoted
        row.right += right
        row.false += bool(false)
        if verbose and not (quoted and right and not false):
            print(f"{doc.kind}: {doc.title!r} wanted {dict(doc.wanted)}", file=sys.stderr)
            for match in matches[:3]:
                print("   ", {key: match[key] for key in _TOLD} | {"is_false": match in false}, file=sys.stderr)
    print(f"\n{half} half, seed {seed}")
    print(f"{'pages':24}{'n':>6}{'found':>9}{'or quoted':>11}{'relation':>10}{'false copy':>12}")
    for kind, row in table.items():
        shares = (row.found / row.count, row.quoted / row.count, row.right / row.count)
        has = "{:9.3f}{:11.3f}{:10.3f}".format(*shares) if kind not in _NO_COPY else f"{'':30}"
        print(f"{kind:24}{row.count:6}{has}{row.false / row.count:12.3f}")


_TOLD = ("title", "relation", "outdated", "revision", "coverage", "fidelity", "differences", "evidence")


if __name__ == "__main__":
    main()
