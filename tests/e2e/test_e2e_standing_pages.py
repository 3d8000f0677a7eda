"""Tests of standing pages through the command line: 200 pages of a site on loopback, and the editions of a report."""

from __future__ import annotations

import json
import re
import time
from email import message_from_bytes, policy
from hashlib import sha256
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from command import rows
from fakes.standing import page, sheet, sitemap
from fakes.wire import Server
from samples import DATA

from scraper import parsers
from scraper.store import Store
from scraper.text import normalize
from scraper.text.diff import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Said
    from fakes.wire import Exchange

REPORTS = DATA / "report-pages"
# The beginning of each sentence that an edition dropped, below its heading, in order.
DROPS = Path(__file__).with_name("data") / "report-drops.json"
PAGES = 200
# What it takes to watch them: ten lines.
SOURCE = """\
  - name: countries
    role: canonical
    every: 1h
    language: en
    endpoints:
      - kind: pages
        url: {url}
        include: [/relations/*]
        shortest: 1s
        longest: 2s
"""
CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  retries: 0
  gap_s: 0.0001
  allow_private: ["{place}"]
  max_pages_per_run: 300
  requests_per_day: null
alerts: {{deliver: maildir, maildir: mail}}
watches:
  - name: Country pages
    to: [desk@example.org]
    about: {{sources: [countries]}}
sources:
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        yield found


def shows(server: Server, path: str, body: bytes, kind: str = "text/html; charset=utf-8") -> None:
    """Answer a path with a body, and a request that knows it with 304."""
    etag = f'"{sha256(body).hexdigest()[:16]}"'

    def answer(exchange: Exchange) -> None:
        is_known = exchange.headers.get("if-none-match") == etag
        headers = {"ETag": etag, "Content-Type": kind}
        exchange.reply(b"" if is_known else body, status=304 if is_known else 200, headers=headers)

    server.routes[path] = answer


def lists(server: Server, numbers: range) -> None:
    shows(server, "/sitemap.xml", sitemap([server.url(path_of(number)) for number in numbers]), "text/xml")


def path_of(number: int) -> str:
    return f"/relations/{number}/"


def fetch(run: Callable[..., Said], server: Server) -> list[Exchange]:
    """Poll the source once all pages are due, and return the requests."""
    time.sleep(1.1 if Path("statewire.db").exists() else 0)
    before = len(server.seen)
    done = run("fetch", "countries")
    assert done.code == 0, done.err
    return server.seen[before:]


def news(run: Callable[..., Said]) -> list[dict[str, object]]:
    return [row for row in rows(run("events", "--json")) if not row["backfill"]]


def test_200_standing_pages(run: Callable[..., Said], server: Server) -> None:
    config = CONFIG.format(place=server.place) + SOURCE.format(url=server.url("/sitemap.xml"))
    Path("config.yaml").write_text(config, encoding="utf-8")
    assert len(SOURCE.splitlines()) == 10
    sheets = {number: sheet(number) for number in range(PAGES)}
    for number, each in sheets.items():
        shows(server, path_of(number), page(each))
    lists(server, range(PAGES))

    fetch(run, server)
    assert len(rows(run("list", "--json", "--limit", "500"))) == PAGES
    assert news(run) == []

    with mock.patch.object(parsers, "read", side_effect=parsers.read) as reading:
        requests = fetch(run, server)
    assert len(requests) == PAGES + 1
    assert len({each.target for each in requests}) == len(requests)
    pages = [each for each in requests if each.target.startswith("/relations/")]
    assert len(pages) == PAGES
    assert all("if-none-match" in each.headers for each in pages)
    assert reading.call_count == 0
    assert news(run) == []

    edited = {
        3: sheets[3].edited("We do not support", "We support"),
        4: sheets[4].edited("$40 million", "$14 million"),
        5: sheets[5].but(
            sections=(
                *sheets[5].sections,
                ("Trade", ("Both countries have signed an agreement that lets the boats of either enter all ports.",)),
            )
        ),
    }
    for number, each in list(sheets.items())[:20]:
        rotated = each.but(related=("Hazel", "Iris"), updated=f"Last updated: March {number % 28 + 1}, 2026")
        changed = edited.get(number, rotated)
        shows(server, path_of(number), page(changed))
    shows(server, path_of(PAGES), page(sheet(PAGES)))
    lists(server, range(PAGES + 1))
    fetch(run, server)
    found = {str(row["title"]): row for row in news(run)}
    assert {title: (row["kind"], row["grade"], row["sections"]) for title, row in found.items()} == {
        sheets[3].title: ("statement.revised", "material", ["Bilateral Relations"]),
        sheets[4].title: ("statement.revised", "material", ["Security Cooperation"]),
        sheets[5].title: ("statement.revised", "material", ["Trade"]),
        sheet(PAGES).title: ("statement.published", None, []),
    }
    assert len(news(run)) == 4
    assert {row["standing"] for row in news(run)} == {True}
    listed = run("events").out
    assert f"Page changed (material): {sheets[3].title}" in listed
    assert f"New page: {sheet(PAGES).title}" in listed

    file, _ = run("alerts", "preview", str(found[sheets[3].title]["id"])).out.split()
    mail = message_from_bytes(Path(file).read_bytes(), policy=policy.default)
    text = mail.get_body(("plain",))
    assert text is not None
    words = " ".join(text.get_content().split())
    assert "Page changed: U.S. Relations With Dogwood 3" in str(mail["Subject"])
    assert "(in “Bilateral Relations”)" in words
    assert "State changed this page." in words
    difference = run("diff", str(found[sheets[4].title]["statement"]))
    assert "amount: $40 million → $14 million (in “Security Cooperation”)" in " ".join(difference.out.split())
    status = run("status").out
    assert f"{PAGES + 1} pages" in status


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the report pages lie outside the repository")
@pytest.mark.parametrize("country", ["zambia", "luxembourg"])
def test_editions_of_a_report_as_edits_of_one_page(run: Callable[..., Said], server: Server, country: str) -> None:
    config = CONFIG.format(place=server.place) + SOURCE.format(url=server.url("/sitemap.xml"))
    Path("config.yaml").write_text(config, encoding="utf-8")
    shows(server, "/sitemap.xml", sitemap([server.url("/relations/report/")]), "text/xml")
    for year in (2016, 2020, 2024):
        body = (REPORTS / f"hrr_{year}_{country}.html").read_bytes()
        shows(server, "/relations/report/", re.sub(rb"https://www\.state\.gov/", server.url("/").encode(), body))
        fetch(run, server)
    (statement,) = rows(run("list", "--json"))
    assert statement["revisions"] == 3
    found = [row for row in news(run) if row["kind"] == "statement.revised"]
    assert [row["grade"] for row in found] == ["material", "material"]
    assert all(row["sections"] for row in found)
    dropped = json.loads(DROPS.read_text(encoding="utf-8"))[country]
    with Store(Path("statewire.db")) as store:
        editions = store.statements.revisions(statement["id"])
    for (old, new), years in zip(pairwise(editions), ("2016-2020", "2020-2024"), strict=True):
        difference = compare(old.wording.text, new.wording.text, "en", {*old.headings, *new.headings})
        removed = [reason for reason in difference.reasons if reason.label == "sentence removed"]
        found = [
            [section, [reason.before.strip("“”")[:40] for reason in group]]
            for section, group in groupby(removed, key=lambda reason: reason.section)
        ]
        assert found == dropped[years]
        # In the order of the old edition, whatever the lists above say.
        text, at = f" {' '.join(normalize.words(old.wording.text))} ", 0
        for reason in removed:
            at = text.find(f" {' '.join(normalize.words(reason.before)[:-1])} ", at) + 1
            assert at > 0, reason.before
