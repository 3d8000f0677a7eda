"""Quality of matching: how often the right statement and relation are found, on the tuned and on the judged half.

    python -m benchmarks.match_quality DATABASE [--half tuned|judged] [--seed N ...] [--none N] [--only KIND] [--wrong]

DATABASE comes from `statewire import` of the real feed captures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import pages
from scraper.matching import Match, Matcher

if TYPE_CHECKING:
    from benchmarks.pages import Case, Corpus
    from scraper.model import Relation


@dataclass(slots=True)
class Row:
    """Counts for one kind of page: all; all statements found; all relations right; a wrong statement called a copy."""

    count: int = 0
    found: int = 0
    right: int = 0
    false: int = 0


def main() -> None:
    """Print one table for each half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--half", choices=pages.HALVES, action="append")
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="pages of several seeds are counted together")
    parser.add_argument("--none", type=int, default=1000, help="pages that carry nothing, in each half")
    parser.add_argument("--only", default="", help="only kinds whose name has this in it")
    parser.add_argument("--wrong", action="store_true", help="name every page that came out wrong")
    options = parser.parse_args()
    corpus = pages.load(options.database)
    out = pages.held_out(corpus)
    with tempfile.TemporaryDirectory() as folder:
        matcher = Matcher(pages.index_without(options.database, Path(folder), out))
        for half in options.half or pages.HALVES:
            made = [
                case
                for seed in options.seed
                for case in pages.cases(pages.Pages(corpus, half, seed), options.none)
                if options.only in case.kind
            ]
            _print(half, options.seed, _measure(corpus, matcher, made, verbose=options.wrong))


def _measure(corpus: Corpus, matcher: Matcher, made: list[Case], *, verbose: bool) -> dict[str, Row]:
    twins = defaultdict(set)
    for key, text in corpus.revisions.items():
        twins[text.digest].add(key.statement_id)
    same = {key.statement_id: twins[text.digest] for key, text in corpus.revisions.items() if text.is_current}
    rows: dict[str, Row] = defaultdict(Row)
    for case in made:
        row = rows[case.kind]
        copies = [match for match in matcher.trace(case.page) if match.relation.is_copy]
        row.count += 1
        found, right = True, True
        for statement, relation in case.wanted.items():
            hits = [match for match in copies if match.key.statement_id in {statement, *same.get(statement, ())}]
            found &= bool(hits)
            right &= any(_is_right(match, relation, case) for match in hits)
        allowed = {twin for statement in case.wanted for twin in {statement, *same.get(statement, ())}}
        false = [match for match in copies if match.key.statement_id not in allowed]
        row.found += found
        row.right += found and right
        row.false += bool(false)
        if verbose and (not found or not right or false):
            _tell(corpus, case, matcher, false)
    return rows


def _is_right(match: Match, relation: Relation, case: Case) -> bool:
    return match.relation is relation and (case.revision is None or match.key.revision == case.revision)


def _tell(corpus: Corpus, case: Case, matcher: Matcher, false: list[Match]) -> None:
    wanted = [(key, corpus.revisions[corpus.current[key]].title[:50]) for key in case.wanted]
    print(f"{case.kind}: wanted {wanted} page {case.page.title!r} {case.page.date}", file=sys.stderr)
    for match in matcher.trace(case.page)[:4]:
        title = corpus.revisions[match.key].title[:60]
        print(
            f"    {'FALSE ' if match in false else ''}{match.relation} {match.key} {title!r} c={match.coverage}"
            f" f={match.fidelity} chain={match.chain} {match.evidence} {[str(d)[:60] for d in match.differences[:4]]}",
            file=sys.stderr,
        )


def _print(half: str, seeds: list[int], rows: dict[str, Row]) -> None:
    print(f"\n{half} half, seed {' '.join(map(str, seeds))}")
    print(f"{'pages':24}{'n':>6}{'found':>9}{'relation':>10}{'false copy':>12}")
    for kind, row in rows.items():
        has = kind not in {"sibling", "next year’s", "none: unknown", "none: babble"}
        found = f"{row.found / row.count:9.3f}{row.right / row.count:10.3f}" if has else f"{'':19}"
        print(f"{kind:24}{row.count:6}{found}{row.false / row.count:12.3f}")


if __name__ == "__main__":
    main()
