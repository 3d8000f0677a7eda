"""Page "Is this State's?": the answer to a text, its bounds, its limits of rate and time, and URLs."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from fakes.web import Web
from samples import NOON

from scraper.clock import Clock, SimulatedClock
from scraper.fetch import Fetcher
from scraper.model import Capture, Outcome
from scraper.store import Store
from scraper.web import fetch_page, form_queue
from scraper.web.form_queue import FormQueue, RateLimit, client_key
from scraper.web.gate import RefusedError
from scraper.web.rendering import assets
from scraper.web.trace import MAX_CHARS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.config.settings import Settings
    from scraper.web.page import FetchedPage


@pytest.fixture
def wordings(demo_db: Path) -> list[str]:
    """The two wordings of the statement that State has changed."""
    with closing(sqlite3.connect(demo_db)) as db:
        return [text for (text,) in db.execute("SELECT text FROM revisions WHERE statement_id = 4 ORDER BY number")]


def post(served: Any, text: str, **fields: str) -> Any:
    return served.send("POST", "trace/", data={"text": text, **fields})


def test_the_form_is_a_page(serve: Callable[..., Any]) -> None:
    response = serve().get("trace/")
    assert response.status_code == 200
    assert '<form class="sheet" method="post" action="./">' in response.text
    assert '<label for="text">' in response.text
    assert 'name="url"' not in response.text


def test_the_words_of_state_are_verbatim(serve: Callable[..., Any], wordings: list[str]) -> None:
    text = post(serve(), wordings[1].replace("\n", "\r\n")).text
    assert "This is State’s statement, word for word." in text
    assert 'href="../statements/4/"' in text
    assert "revision 2 of 2" in text
    assert "<del>" not in text


def test_an_altered_outdated_text_shows_both_differences(serve: Callable[..., Any], wordings: list[str]) -> None:
    text = post(serve(), wordings[0].replace("$80", "$95")).text
    assert "with changed wording. State has since replaced that wording." in text
    assert "amount: $80 million → $95 million" in text
    page, _, state = text.partition("What State has changed since")
    assert '<ins><span class="hidden"> added: </span>95</ins>' in page
    assert '<ins><span class="hidden"> added: </span>58</ins>' in state


def test_a_changed_paragraph_of_a_statement_is_told_as_a_quotation_with_other_words(
    serve: Callable[..., Any], wordings: list[str]
) -> None:
    text = post(serve(), wordings[1].split("\n\n")[1].replace("$58 million", "$580 billion")).text
    assert "This quotes State, in part with other words than State’s." in text
    assert "→ $580 billion" in text
    assert "sibling" not in text


def test_a_text_without_anything_of_state_is_no_proof(serve: Callable[..., Any]) -> None:
    text = post(serve(), "A recipe for soup with leeks and potatoes.").text
    assert "This contains no known statement" in text
    assert "This does not prove that State never said it" in text


def test_an_unsourced_text_names_what_it_claims(serve: Callable[..., Any]) -> None:
    claim = "https://www.state.gov/another-matter/"
    text = post(serve(), f"Quite another matter far away from rivers.\n\nOfficial news published at {claim}").text
    assert "names State as its author, but no known statement" in text
    assert f'<a href="{claim}" rel="noreferrer nofollow">{claim}</a>: no statement is known there' in text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Paste a text first."),
        ("  \n ", "Paste a text first."),
        ("a" * (MAX_CHARS + 1), "The text has 200,001 characters; at most 200,000 are checked at once."),
    ],
)
def test_a_text_that_is_not_checked_is_kept_with_the_reason(serve: Callable[..., Any], text: str, problem: str) -> None:
    response = post(serve(), text)
    assert response.status_code == 422
    assert problem in response.text
    assert text.strip() in response.text


def test_a_hostile_text_is_text(serve: Callable[..., Any], wordings: list[str]) -> None:
    hostile = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e\u0000 javascript:alert(1)'
    served = serve()
    for sent in (
        hostile + wordings[0].replace("$80", f"$95 {hostile}"),
        f"Official news published at https://www.state.gov/{hostile}",
        hostile + "a" * MAX_CHARS,
    ):
        text = post(served, sent).text
        assert "<script" not in text
        assert "<img" not in text
        assert 'href="javascript' not in text
        assert text.count("</textarea>") == 1
        assert "\u202e" not in text.partition("<textarea")[0]


def test_the_longest_text_is_answered_in_time(serve: Callable[..., Any], wordings: list[str]) -> None:
    text = ("\n\n".join(wordings) + "\n\n") * 500
    began_s = time.monotonic()
    response = post(serve(), text[:MAX_CHARS])
    assert response.status_code == 200
    assert time.monotonic() - began_s < 20
    assert len(response.content) < 50_000


def test_no_state_is_changed_and_nothing_is_stored(demo_db: Path, serve: Callable[..., Any]) -> None:
    def count() -> int:
        with closing(sqlite3.connect(demo_db)) as db:
            names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return sum(int(db.execute(f"SELECT count(*) FROM [{name}]").fetchone()[0]) for name in names)

    before = count()
    assert post(serve(), "Today in Port Merrow").status_code == 200
    assert count() == before


def test_a_form_of_another_site_is_refused(serve: Callable[..., Any]) -> None:
    served = serve()
    for site, status in (("cross-site", 403), ("same-origin", 422), ("none", 422)):
        headers = {"sec-fetch-site": site, "origin": "null"}
        assert served.send("POST", "trace/", data={"text": ""}, headers=headers).status_code == status


def test_a_client_that_sends_many_forms_waits(serve: Callable[..., Any]) -> None:
    served = serve()
    statuses = [post(served, "soup").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    refused = post(served, "soup")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "Try again in" in refused.text
    assert "<h1>Too many requests</h1>" in refused.text
    assert served.get("trace/").status_code == 200


def test_the_page_is_not_in_a_static_site(page: Callable[..., Any]) -> None:
    from scraper.web.routes import find

    route = find("trace/")
    assert route is not None
    assert route.addresses is None
    assert "trace/" not in page("", is_live=False).body
    assert 'href="./data"' not in page("", is_live=False).body
    assert {"./trace/", "./data"} <= {part.partition('"')[0] for part in page("").body.split('href="')}


def test_rate_limit_counts_each_client_and_all() -> None:
    limit = RateLimit(60.0, 2, 3)
    assert [limit.wait_s("a", 0.0), limit.wait_s("a", 10.0)] == [0, 0]
    assert limit.wait_s("a", 20.0) == 40.0
    assert limit.wait_s("b", 20.0) == 0
    assert limit.wait_s("c", 30.0) == 30.0
    assert limit.wait_s("c", 60.0) == 0
    assert limit.wait_s("a", 61.0) == 9.0
    for number in range(10_000):
        limit.wait_s(str(number), 61.0)
    assert len(limit._admitted) <= 3


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_clients_are_counted_by_network(host: str, key: str) -> None:
    assert client_key(host) == key


def test_one_form_is_answered_at_a_time_and_few_wait() -> None:
    running, most, release = 0, 0, threading.Event()

    def work() -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        release.wait(10)
        running -= 1
        return "done"

    async def send_all() -> list[Any]:
        forms = FormQueue(lambda: 0.0)
        sent = [asyncio.create_task(forms.answer(work, str(client), is_fetch=False)) for client in range(8)]
        await asyncio.sleep(0.1)
        release.set()
        answers = await asyncio.gather(*sent, return_exceptions=True)
        return [*answers, await forms.answer(lambda: "again", "x", is_fetch=False)]

    answers = asyncio.run(send_all())
    refused = [answer for answer in answers if isinstance(answer, RefusedError)]
    assert (len(refused), {error.status for error in refused}) == (3, {503})
    assert answers.count("done") == 5
    assert answers[-1] == "again"
    assert most == 1


def test_an_answer_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_queue, "TIME_BUDGET_S", 0.05)
    release = threading.Event()

    async def send() -> None:
        forms = FormQueue(lambda: 0.0)
        with pytest.raises(RefusedError) as refused:
            await forms.answer(lambda: release.wait(10), "a", is_fetch=False)
        assert refused.value.status == 503
        release.set()

    asyncio.run(send())


def test_an_error_of_a_form_is_raised_for_its_reader_only() -> None:
    async def send() -> None:
        forms = FormQueue(lambda: 0.0)

        def fail() -> None:
            raise ValueError("bug")

        with pytest.raises(ValueError, match="bug"):
            await forms.answer(fail, "a", is_fetch=False)
        assert await forms.answer(lambda: 1, "a", is_fetch=False) == 1

    asyncio.run(send())


class Site:
    """A fetcher that records what it was asked for, with one page."""

    def __init__(self, body: bytes, outcome: Outcome = Outcome.OK) -> None:
        self.body = body
        self.outcome = outcome
        self.opened: list[Any] = []
        self.asked: list[str] = []

    def __call__(self, settings: Any, *, clock: Clock, hosts: Any) -> Site:
        self.opened.append((settings, hosts))
        return self

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, request: Any, *, time_left_s: Callable[[], float]) -> Capture:
        assert 0 < time_left_s() <= 20
        self.asked.append(request.url)
        headers = (("content-type", "text/html; charset=utf-8"),)
        return Capture(request.url, NOON, self.outcome, 200, request.url, headers, self.body, "at 10.0.0.7")


@pytest.fixture
def copy_db(demo_db: Path, tmp_path: Path) -> Path:
    path = tmp_path / "copy.db"
    with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
    return path


def test_urls_are_checked_only_if_the_operator_allows_it(
    copy_db: Path, serve: Callable[..., Any], wordings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(f"<html><body><h1>Rivers</h1><p>{wordings[1]}</p></body></html>".encode())
    fetch = fetch_page.fetch
    monkeypatch.setattr("scraper.web.datasette_app.fetch", lambda url, *rest: fetch(url, *rest, open_fetcher=site))
    refused = post(serve(copy_db), "", url="https://gazette.example/rivers/")
    assert (refused.status_code, site.asked) == (422, [])
    assert "This server checks no URLs" in refused.text
    served = serve(copy_db, fetch_urls=True)
    assert 'name="url"' in served.get("trace/").text
    answered = post(served, "", url="https://user:word@gazette.example/rivers/")
    assert "This is State’s statement, word for word." in answered.text
    assert site.asked == ["https://gazette.example/rivers/"]
    for bad in ("file:///etc/passwd", "javascript:alert(1)", "gazette", "ftp://gazette.example/"):
        assert "This is not the URL of a web page" in post(served, "", url=bad).text
    assert len(site.asked) == 1
    site.outcome = Outcome.BLOCKED_ADDRESS
    failed = post(served, "", url="https://gazette.example/")
    assert "could not be fetched: blocked address" in failed.text
    assert "10.0.0.7" not in failed.text


def test_readers_cannot_use_the_exceptions_of_the_operator(copy_db: Path, settings: Settings) -> None:
    site = Site(b"")
    open_to_one = settings.model_copy(
        update={"fetch": settings.fetch.model_copy(update={"allow_private": ("127.0.0.1:8080",)})}
    )
    fetch_page.fetch("http://127.0.0.1:8080/", copy_db, open_to_one, Clock(), open_fetcher=site)
    assert site.opened[0][0].allow_private == ()
    done = fetch_page.fetch("http://127.0.0.1:8080/", copy_db, open_to_one, Clock())  # with the real fetcher and guard
    assert (done.capture, done.problem) == (None, "The page could not be fetched: blocked address.")


def test_a_server_that_may_not_write_fetches_nothing(
    copy_db: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(b"")
    monkeypatch.setattr("scraper.store.readonly.may_write", lambda _: False)
    done = fetch_page.fetch("https://gazette.example/", copy_db, settings, Clock(), open_fetcher=site)
    assert done.capture is None
    assert "may only read its database" in done.problem
    assert site.asked == []


def test_requests_to_other_sites_have_a_limit_of_their_own() -> None:
    now_s = 0.0

    async def send() -> list[str]:
        nonlocal now_s
        forms, found = FormQueue(lambda: now_s), []
        for number in range(30):
            now_s = number * 60.0
            try:
                found.append(await forms.answer(lambda: "ok", "192.0.2.7", is_fetch=True))
            except RefusedError as error:
                found.append(str(error.status))
        return found

    assert asyncio.run(send()) == ["ok"] * 20 + ["429"] * 10


def test_a_request_for_a_reader_obeys_robots_budget_and_guard(copy_db: Path, settings: Settings) -> None:
    web = Web()
    web.says("https://gazette.example/rivers/", b"<html><body><h1>Rivers</h1><p>Words of a page.</p></body></html>")
    web.says("https://gazette.example/robots.txt", b"User-agent: *\nDisallow: /private/\n", kind="text/plain")
    few = settings.model_copy(update={"fetch": settings.fetch.model_copy(update={"requests_per_day": 2, "retries": 0})})
    clock = SimulatedClock(NOON)

    def fetch(url: str) -> FetchedPage:
        return fetch_page.fetch(url, copy_db, few, clock, partial(Fetcher, transport=web.transport()))

    done = fetch("https://gazette.example/rivers/")
    assert done.capture is not None
    assert b"Words of a page" in done.capture.body
    assert fetch("https://gazette.example/private/").problem == "The page could not be fetched: disallowed."
    clock.sleep(3600)
    beyond = fetch("https://gazette.example/rivers/")
    assert beyond.problem == "The page could not be fetched: deferred."
    assert web.asked.count("https://gazette.example/rivers/") == 1
    assert "https://gazette.example/private/" not in web.asked
    web.addresses = ("10.0.0.7",)
    assert fetch("https://intranet.example/").problem == "The page could not be fetched: blocked address."
    with Store(copy_db) as store:
        assert store.hosts.load("gazette.example").requests == 2
        assert not list(store.database.execute("SELECT 1 FROM captures WHERE url LIKE '%gazette.example%'"))


def test_a_note_says_how_many_words_are_left_out(serve: Callable[..., Any], wordings: list[str]) -> None:
    page = post(serve(), wordings[0].replace("80 million", "800 million")).text
    assert re.search(r'<span class="skipped">\[… \d+ words …\]</span>', page)
    hidden = re.findall(r"([^{}]*)\{[^{}]*display: none", assets()["style.css"].decode())
    assert hidden
    assert not any(".skipped" in selectors for selectors in hidden)


LOCKS = "The funds will rebuild eleven locks, deepen the harbor of Port Merrow, and train river pilots."


@pytest.mark.parametrize(
    ("changed", "verdict", "tags", "difference"),
    [
        (LOCKS, "This quotes State, but is no statement", ["verbatim"], ""),
        (LOCKS.replace("harbor", "harbour"), "This quotes State", ["fitted"], "written otherwise: harbor → harbour"),
        (LOCKS.replace("will", "would"), "This quotes State, but is no statement", ["fitted"], "modal: will → would"),
        (LOCKS.replace("eleven", "twelve"), "This quotes a statement", ["altered"], "number: eleven → twelve"),
        (LOCKS.replace("river ", ""), "This has words of a statement", ["similar"], "words removed: river"),
    ],
)
def test_a_sentence_is_shown_beside_that_of_the_current_wording(
    serve: Callable[..., Any], changed: str, verdict: str, tags: list[str], difference: str
) -> None:
    text = post(serve(), changed).text
    assert verdict in text
    assert "revision 2 of 2" in text
    assert ">outdated<" not in text
    (finding,) = re.findall(r'<div class="finding">.*?</div>', text, re.DOTALL)
    assert re.findall(r'class="tag [a-z]+">([a-z]+)<', finding) == tags
    assert difference in finding
    assert (f"State: “{LOCKS.rstrip('.')}”" in finding) is bool(difference)
