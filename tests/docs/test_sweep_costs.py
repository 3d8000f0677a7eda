"""Tests of the arithmetic in `docs/sweep.md`: its results follow from its inputs.

After a change of an input, `STATEWIRE_WRITE_DOCS=1 pytest -n0 tests/docs` writes the results into the page.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/sweep.md"
_TABLE = r"<!-- costs: {} -->\n\|.*\n\|[-|]*\n((?:\|.*\n)+)"


def _rows(page: str, name: str) -> list[list[str]]:
    found = re.search(_TABLE.format(name), page)
    assert found is not None, f"no table of {name}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


def _with_results(page: str) -> str:
    """Return the page with the results that follow from its inputs."""
    values = {row[0]: float(row[1].replace(",", "")) for row in _rows(page, "inputs")}
    rate, packed, line = values["rate"], values["packed page"], values["line"]
    lines = []
    for span, *_ in _rows(page, "results"):
        pages = values[f"pages, {span}"]
        hours, transfer = pages / rate / 3600, pages * packed
        money = hours * values["core-hour"]
        cells = (f"{hours:,.0f}", f"{transfer / 1e12:,.1f}", f"{transfer * 8 / line / 3600:,.0f}", f"{money:,.0f}")
        lines.append(f"| {' | '.join((span, *cells))} |\n")
    table = re.search(_TABLE.format("results"), page)
    assert table is not None
    page = page[: table.start(1)] + "".join(lines) + page[table.end(1) :]
    speed = rate * packed
    said = f"A core reads {speed / 1e6:.0f} MB a second, so this line is enough for {line / 8 / speed:.0f} cores."
    page, count = re.subn(r"(?<=<!-- costs: cores -->\n)A core reads .*", said, page)
    assert count == 1
    return page


def test_results_follow_from_the_inputs() -> None:
    page = PAGE.read_text("utf-8")
    as_it_should_be = _with_results(page)

    if os.environ.get("STATEWIRE_WRITE_DOCS"):
        PAGE.write_text(as_it_should_be, "utf-8")

    assert PAGE.read_text("utf-8") == as_it_should_be


def test_a_changed_input_changes_the_results() -> None:
    page = PAGE.read_text("utf-8")
    (rate,) = (row[1] for row in _rows(page, "inputs") if row[0] == "rate")
    twice = page.replace(f"| rate | {rate} |", f"| rate | {float(rate) * 2:g} |")

    hours = [float(row[1].replace(",", "")) for row in _rows(_with_results(page), "results")]
    fewer = [float(row[1].replace(",", "")) for row in _rows(_with_results(twice), "results")]

    assert all(abs(one - 2 * other) <= 2 for one, other in zip(hours, fewer, strict=True))
