"""Tests of hosts that do not answer: two requests in a row, counted by host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Outcome
from scraper.rules.unresponsive_hosts import MAX_UNANSWERED, UnresponsiveHosts, describe, unresponsive_hosts

A, B = "https://a.example/1", "https://b.example/1"
ANSWERED = [Outcome.OK, Outcome.GONE, Outcome.BLOCKED, Outcome.ERROR_PAGE, Outcome.TRUNCATED, Outcome.CONNECT]
NOT_SENT = [Outcome.DEFERRED, Outcome.DISALLOWED, Outcome.BLOCKED_ADDRESS, Outcome.BAD_SCHEME]


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.DNS])
def test_a_host_is_unresponsive_after_two_requests_without_an_answer(outcome: Outcome) -> None:
    hosts = UnresponsiveHosts()
    hosts.record(A, A, Outcome.TIMEOUT)
    assert not hosts.includes(A)
    hosts.record(B, B, Outcome.OK)
    hosts.record("https://a.example/2", "", outcome)
    assert hosts.includes("https://a.example/3")
    assert not hosts.includes(B)
    assert not hosts.includes("https://a.example:8443/3")
    assert [describe(host) for host in hosts.names()] == ["a.example did not answer 2 requests in a row"]


@pytest.mark.parametrize("between", [*ANSWERED, *NOT_SENT])
def test_an_answer_breaks_the_row_and_a_request_that_was_not_sent_does_not(between: Outcome) -> None:
    row = [(A, A, Outcome.TIMEOUT), (A, A, between), (A, A, Outcome.TIMEOUT)]
    assert unresponsive_hosts(row) == ([] if between in ANSWERED else ["a.example"])


def test_a_redirect_to_a_host_that_does_not_answer_counts_for_that_host() -> None:
    assert unresponsive_hosts([(A, B, Outcome.TIMEOUT), (A, B, Outcome.TIMEOUT)]) == ["b.example"]
    assert unresponsive_hosts([(A, A, Outcome.TIMEOUT), (A, B, Outcome.TIMEOUT), (A, A, Outcome.TIMEOUT)]) == []


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from(list(Outcome)))))
def test_only_a_host_whose_last_requests_had_no_answer_is_unresponsive(requests: list[tuple[str, Outcome]]) -> None:
    found = unresponsive_hosts((url, url, outcome) for url, outcome in requests)
    for url, host in ((A, "a.example"), (B, "b.example")):
        sent = [outcome for at, outcome in requests if at == url and outcome not in NOT_SENT]
        last = sent[-MAX_UNANSWERED:]
        is_unresponsive = len(last) == MAX_UNANSWERED and set(last) <= {Outcome.TIMEOUT, Outcome.DNS}
        assert (host in found) == is_unresponsive
