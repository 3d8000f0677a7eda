"""Requests to a source: the hosts that they may reach, and the attempts at endpoints that their answers decide."""

from dataclasses import replace

from scraper import urls
from scraper.config.settings import Endpoint, Source
from scraper.model import Outcome
from scraper.pipeline.batch import CapturedReading
from scraper.rules import source_health, state_hosts


def attempt_of(endpoint: Endpoint, first: CapturedReading) -> source_health.EndpointAttempt:
    """Return the attempt that the first answer of an endpoint decides."""
    capture, error, seen = first.capture, first.error, first.tally
    drifted = capture.outcome is Outcome.OK and seen is None
    why = str(error) if drifted else capture.detail
    attempt = source_health.EndpointAttempt(endpoint.url, capture.outcome, why, drifted, seen)
    return replace(attempt, problem=error.problem) if error and error.url.startswith(endpoint.url) else attempt


def page_hosts(source: Source, url: str) -> frozenset[str]:
    """Return the hosts to which a request for a page of a source may be redirected."""
    hosts = source.allowed_hosts | {urls.host(url)}
    return hosts | urls.STATE_SITE if state_hosts.is_statement_url(url) else hosts
