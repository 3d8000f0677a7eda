"""Tests of the evidence bundle of a quotation: the page's words against State's, and the captures of both."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import HOUR, LAMPS, carried
from samples import NOON, Piece

from scraper.errors import InputError
from scraper.evidence import bundle, subject
from scraper.formats.wacz_check import check, opened
from scraper.model import EventKind
from scraper.store import QuotationFilter

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.mirror import Gazette

NEWS = (
    "Boats lay idle in the harbour on Monday as the wind turned, and the guild met behind closed doors.",
    "“We will forget those who were lost, and we look forward to many years of friendship,” the Department said.",
    "The next ferry is expected on Thursday, if the wind permits, according to the company.",
)


def test_the_bundle_of_an_altered_quotation(gazette: Gazette, tmp_path: Path) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    gazette.poll()
    carried(gazette, *NEWS, slug="harbour", title="Boats lie idle")
    gazette.poll(HOUR)
    events = gazette.poll(7 * HOUR)
    store = gazette.watch.store
    (quotation,) = store.quotations.find(QuotationFilter())
    statement, page = store.statements.by_id(quotation.statement_id), store.pages.by_id(quotation.page_id)
    assert statement
    assert page
    chosen = subject.of_page(store, statement, str(page.id))
    assert (chosen.kind, chosen.copy, chosen.quotations) == ("quotation", None, (quotation,))
    bundle.export(store, chosen, tmp_path / "x.wacz", NOON, None)
    with opened(tmp_path / "x.wacz") as found:
        assert check(found).responses >= 2
    with zipfile.ZipFile(tmp_path / "x.wacz") as archive:
        facts = json.loads(archive.read("evidence/evidence.json"))
        html = archive.read("evidence/index.html").decode()
    assert facts["kind"] == "quotation"
    assert [row["verdict"] for row in facts["quotations"]] == ["altered"]
    assert {name for row in facts["responses"] for name in row["of"]} == {"statement", "page"}
    assert "removed: not" in re.sub(r"<[^>]+>", "", html)
    altered = [event for event in events if event.kind is EventKind.QUOTE_ALTERED]
    of_event = [subject.of_event(store, event.id or 0) for event in altered]
    assert [(each.kind, each.quotations) for each in of_event] == [("event", (quotation,))] * len(altered)
    assert altered
    with pytest.raises(InputError, match="not known to carry or quote"):
        subject.of_page(store, next(s for s in store.statements.find() if s.id != statement.id), page.url)
