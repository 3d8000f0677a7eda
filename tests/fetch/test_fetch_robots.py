"""Tests of robots.txt: parsed leniently, cached for a day, and kept in force if it cannot be read."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, make_settings

from scraper.fetch import Fetcher, MemoryHosts
from scraper.fetch.request import Request
from scraper.fetch.robots import MAX_ROBOTS_BYTES, read_rules
from scraper.model import HostState, Outcome

if TYPE_CHECKING:
    from fakes.wire import Server

    from scraper.clock import SimulatedClock

STATE_ROBOTS = """crawl-delay: 5
# START YOAST BLOCK
User-agent: *
Disallow:
Sitemap: https://www.state.gov/sitemap_index.xml
# END YOAST BLOCK
"""
CLOSED = "User-agent: *\nDisallow: /private/\n"
BLOCK_PAGE = b"<html><head><title>Technical Difficulties</title></head><body><h1>Sorry</h1></body></html>"


class TestRules:
    """Rules of one file."""

    def test_a_crawl_delay_before_any_group_counts(self) -> None:
        rules = read_rules(STATE_ROBOTS)
        assert rules.crawl_delay_s == 5
        assert rules.allows("https://www.state.gov/press-releases/")

    @pytest.mark.parametrize(
        ("text", "delay_s"),
        [
            ("", 0),
            ("Crawl-Delay : 7 # seconds", 7),
            ("crawl delay 7", 7),
            ("crawl-delay: 3\nUser-agent: *\nCrawl-delay: 8", 8),
            ("crawl-delay: 8\nUser-agent: *\nCrawl-delay: 3", 8),
            ("User-agent: otherbot\nCrawl-delay: 8", 0),
            ("User-agent: Statewire\nCrawl-delay: 4\n\nUser-agent: *\nCrawl-delay: 8", 4),
            ("crawl-delay: nan", 0),
            ("crawl-delay: inf", 0),
            ("crawl-delay: -1", 0),
            ("crawl-delay:", 0),
            ("# crawl-delay: 9", 0),
        ],
    )
    def test_crawl_delay(self, text: str, delay_s: float) -> None:
        assert read_rules(text).crawl_delay_s == delay_s

    @pytest.mark.parametrize(
        ("text", "path", "allowed"),
        [
            (CLOSED, "/private/a", False),
            (CLOSED, "/public/a", True),
            ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True),
            ("User-agent: *\nDisallow: /\nAllow: /news/", "/a", False),
            ("User-agent: *\nDisallow: /\n\nUser-agent: statewire\nDisallow: /x/", "/a", True),
            ("User-agent: *\nDisallow: /\n\nUser-agent: statewire\nDisallow: /x/", "/x/a", False),
            ("User-agent: otherbot\nUser-agent: *\nDisallow: /x/", "/x/a", False),
            ("User-agent: otherbot\nDisallow: /x/\n\nUser-agent: thirdbot\nDisallow: /", "/x/a", True),
            ("User-agent otherbot\nDisallow: /", "/x/a", True),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf", False),
            ("Disallow: /", "/x", True),
            ("User-agent: StateWire/1.0\nDisallow: /", "/x", False),
            ("User-agent: StateWire/1.0 (+https://news.example)\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", True),
            ("User-agent: state\nDisallow: /\n\nUser-agent: *\nDisallow:", "/x", True),
            ("User-agent: statewire-images\nDisallow: /", "/x", True),
            ("User-agent: 1.0\nDisallow: /", "/x", True),
        ],
    )
    def test_allowed(self, text: str, path: str, allowed: bool) -> None:
        assert read_rules(text).allows(f"https://news.example{path}") is allowed

    @given(st.text(max_size=300))
    def test_any_text_is_read(self, text: str) -> None:
        rules = read_rules(text)
        assert rules.allows("https://news.example/a") in {True, False}
        assert 0 <= rules.crawl_delay_s < float("inf")

    @given(st.lists(st.sampled_from(["User-agent: *", "Disallow: ", "Allow: ", "//[", "/%zz", "*$", "://", "\n", "é"])))
    def test_any_rule_is_read(self, parts: list[str]) -> None:
        assert read_rules("".join(parts)).allows("https://news.example/a?b=%zz") in {True, False}

    @pytest.mark.parametrize("field", ["user-agent: a{}", "user agent a{}", "useragent a{}"])
    def test_thousands_of_robots_times_thousands_of_rules_cost_little(self, field: str) -> None:
        names = "\n".join(field.format(n) for n in range(3000))
        rules = "\n".join(f"disallow: /{n}" for n in range(3000))
        tracemalloc.start()
        try:
            with bounded():
                assert read_rules(f"{names}\n{rules}").allows("https://news.example/1")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 20_000_000


def fetch(server: Server, hosts: MemoryHosts, clock: SimulatedClock, path: str = "/private/a") -> tuple[Outcome, str]:
    server.routes.setdefault(path, lambda e: e.reply())
    with Fetcher(make_settings(server.place), clock=clock, hosts=hosts) as fetcher:
        capture = fetcher.get(Request(server.url(path)))
    return capture.outcome, capture.detail


class TestRow26:
    """Results of each response to the request for robots.txt."""

    def test_disallowed(self, server: Server, hosts: MemoryHosts, clock: SimulatedClock) -> None:
        server.robots = CLOSED
        outcome, detail = fetch(server, hosts, clock)
        assert outcome is Outcome.DISALLOWED
        assert "/private/a" in detail
        assert server.hits("/private/a") == 0
        state = hosts.load(server.place)
        assert (state.robots_text, state.robots_fetched_at) == (CLOSED, NOON)

    def test_a_hop_is_disallowed_too(self, server: Server, hosts: MemoryHosts, clock: SimulatedClock) -> None:
        server.robots = CLOSED
        server.routes["/a/"] = lambda e: e.redirect("/private/a")
        assert fetch(server, hosts, clock, "/a/")[0] is Outcome.DISALLOWED
        assert server.hits("/private/a") == 0

    def test_asked_once_a_day(self, server: Server, hosts: MemoryHosts, clock: SimulatedClock) -> None:
        server.robots = ""
        fetch(server, hosts, clock)
        clock.sleep(23.9 * 3600)
        fetch(server, hosts, clock)
        assert server.hits("/robots.txt") == 1
        clock.sleep(0.2 * 3600)
        server.robots = CLOSED
        assert fetch(server, hosts, clock)[0] is Outcome.DISALLOWED
        assert server.hits("/robots.txt") == 2

    def test_a_file_that_was_fetched_by_a_clock_that_was_ahead_is_fetched_again(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock
    ) -> None:
        hosts.save(HostState(server.place, robots_text="", robots_fetched_at=NOON + timedelta(days=7300)))
        server.robots = CLOSED
        assert fetch(server, hosts, clock)[0] is Outcome.DISALLOWED

    @pytest.mark.parametrize("status", [400, 404, 410])
    def test_not_there_allows(self, server: Server, hosts: MemoryHosts, clock: SimulatedClock, status: int) -> None:
        hosts.save(HostState(server.place, robots_text=CLOSED, robots_fetched_at=NOON - timedelta(days=2)))
        server.routes["/robots.txt"] = lambda e: e.reply(b"", status=status)
        assert fetch(server, hosts, clock)[0] is Outcome.OK
        assert hosts.load(server.place).robots_text == ""

    @pytest.mark.parametrize("status", [500, 503, 429])
    def test_a_server_error_disallows_all(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock, status: int
    ) -> None:
        server.routes["/robots.txt"] = lambda e: e.reply(b"", status=status)
        outcome, detail = fetch(server, hosts, clock)
        assert outcome is Outcome.DISALLOWED
        assert str(status) in detail
        assert server.hits("/private/a") == 0
        assert hosts.load(server.place).robots_fetched_at is None

    def test_a_missing_answer_is_reported_by_its_cause(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock
    ) -> None:
        server.routes["/robots.txt"] = lambda e: e.reset()
        outcome, detail = fetch(server, hosts, clock)
        assert outcome is Outcome.CONNECT
        assert detail.startswith("robots.txt: ")
        assert server.hits("/private/a") == 0

    @pytest.mark.parametrize("path", ["/private/a", "/public/a"])
    def test_the_last_good_answer_stays_in_force_after_an_error(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock, path: str
    ) -> None:
        hosts.save(HostState(server.place, robots_text=CLOSED, robots_fetched_at=NOON - timedelta(days=2)))
        server.routes["/robots.txt"] = lambda e: e.reply(b"", status=500)
        assert fetch(server, hosts, clock, path)[0] is (Outcome.DISALLOWED if "private" in path else Outcome.OK)
        assert hosts.load(server.place).robots_text == CLOSED

    def test_an_error_is_not_asked_about_each_time(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock
    ) -> None:
        hosts.save(HostState(server.place, robots_text="", robots_fetched_at=NOON - timedelta(days=2)))
        server.routes["/robots.txt"] = lambda e: e.reset()
        server.routes["/a/"] = lambda e: e.reply()
        with Fetcher(make_settings(server.place), clock=clock, hosts=hosts) as fetcher:
            for _ in range(3):
                assert fetcher.get(Request(server.url("/a/"))).outcome is Outcome.OK
            assert server.hits("/robots.txt") == 1
            clock.sleep(3600)
            fetcher.get(Request(server.url("/a/")))
        assert server.hits("/robots.txt") == 2

    @pytest.mark.parametrize("status", [200, 403, 407])
    @pytest.mark.parametrize(("known", "outcome"), [(None, Outcome.OK), (CLOSED, Outcome.DISALLOWED)])
    def test_a_block_page_is_ignored(
        self,
        server: Server,
        hosts: MemoryHosts,
        clock: SimulatedClock,
        status: int,
        known: str | None,
        outcome: Outcome,
    ) -> None:
        if known is not None:
            hosts.save(HostState(server.place, robots_text=known, robots_fetched_at=NOON - timedelta(days=2)))
        server.routes["/robots.txt"] = lambda e: e.reply(BLOCK_PAGE, status=status)
        assert fetch(server, hosts, clock)[0] is outcome
        assert hosts.load(server.place).robots_text == known

    @pytest.mark.parametrize(
        "handler",
        [
            pytest.param(lambda e: e.reply(b"<!DOCTYPE html><html><body>Welcome</body></html>"), id="html"),
            pytest.param(lambda e: e.redirect("/robots.txt"), id="circle"),
            pytest.param(lambda e: e.redirect("file:///etc/passwd"), id="scheme"),
            pytest.param(lambda e: e.reply(b"x", headers={"Content-Encoding": "br"}), id="encoding"),
            pytest.param(lambda e: e.reply(b"%PDF-1.7 \xff\0"), id="binary"),
        ],
    )
    def test_invalid_files_are_ignored(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock, handler: object
    ) -> None:
        server.routes["/robots.txt"] = handler  # type: ignore[assignment]
        assert fetch(server, hosts, clock)[0] is Outcome.OK
        assert hosts.load(server.place).robots_fetched_at is None

    def test_redirects_are_followed(self, server: Server, hosts: MemoryHosts, clock: SimulatedClock) -> None:
        server.routes["/robots.txt"] = lambda e: e.redirect("/static/robots.txt")
        server.routes["/static/robots.txt"] = lambda e: e.reply(CLOSED.encode(), headers={"Content-Type": "text/plain"})
        assert fetch(server, hosts, clock)[0] is Outcome.DISALLOWED

    def test_of_600_kilobytes_the_first_500_count(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock
    ) -> None:
        server.robots = CLOSED + "# filler\n" * 66_000 + "User-agent: *\nDisallow: /late/\n"
        assert len(server.robots) > MAX_ROBOTS_BYTES
        assert fetch(server, hosts, clock)[0] is Outcome.DISALLOWED
        assert fetch(server, hosts, clock, "/late/")[0] is Outcome.OK
        assert MAX_ROBOTS_BYTES - 9 <= len(hosts.load(server.place).robots_text or "") <= MAX_ROBOTS_BYTES

    @pytest.mark.parametrize("end", ["\n", "\r"])
    def test_a_line_that_the_limit_cuts_is_ignored(
        self, server: Server, hosts: MemoryHosts, clock: SimulatedClock, end: str
    ) -> None:
        start, cut = f"User-agent: *{end}", "Disallow: /"
        filler = "#" * (MAX_ROBOTS_BYTES - len(start) - len(end) - len(cut))
        server.robots = f"{start}{filler}{end}{cut}late/{end}"
        assert fetch(server, hosts, clock)[0] is Outcome.OK
        assert hosts.load(server.place).robots_text == f"{start}{filler}{end}"

    def test_robots_are_asked_as_everything_is(self, server: Server, hosts: MemoryHosts, clock: SimulatedClock) -> None:
        fetch(server, hosts, clock)
        robots, page = server.seen
        assert robots.headers["user-agent"] == page.headers["user-agent"]
        assert "if-none-match" not in robots.headers
