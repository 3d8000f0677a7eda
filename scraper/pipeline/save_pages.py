"""Pass over the pages that the Internet Archive is asked to save: new ones, results of those under way, and requests.

It runs beside all else and after the mails of a command: whatever the service does, no alert waits for it. Each step is
stored, so that a killed process goes on where it was. The service is Save Page Now 2; see `rules.page_saves`.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from scraper.clock import Clock, unlimited
from scraper.config.save_page_now import SavePageNowSettings
from scraper.config.secrets import NoSecretError, read_secret
from scraper.config.settings import Settings
from scraper.fetch.poster import PostResponse
from scraper.fetch.service import ServiceClient
from scraper.model import Event, Outcome
from scraper.parsers.save_answers import read_answer
from scraper.rules import page_saves as rules
from scraper.rules.guards import Guard
from scraper.rules.page_saves import AnswerState, PageSave, SaveService
from scraper.rules.source_health import outcome_phrase
from scraper.rules.untrusted import line
from scraper.store import Store
from scraper.store.locks import SAVING_PAGES, lock_file

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_PROBLEM_CHARS: Final = 300
# Statuses whose body is an answer about the page; any other one concerns the service as a whole.
_ANSWERED: Final = frozenset({200, 201, 202, 400, 404})


@dataclass(slots=True)
class SaveReport:
    """Result of a pass: pages `requested`, `saved` and `given_up`. `problem` is that of the service, "" for none."""

    requested: int = 0
    saved: int = 0
    given_up: int = 0
    problem: str = ""


def key_headers(settings: SavePageNowSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of all requests to the service. Raise `NoSecretError` if the keys are missing or unusable."""
    keys = read_secret("keys of archive.org", settings.key_env, settings.key_file, environ)
    access, colon, secret = keys.partition(":")
    if not (access and colon and secret and keys.isascii() and keys.isprintable() and " " not in keys):
        raise NoSecretError("the keys of archive.org have another form than ACCESS:SECRET")
    return {"Accept": "application/json", "Authorization": f"LOW {keys}"}


def save_pages(
    store: Store,
    settings: Settings,
    clock: Clock,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Callable[[str], None] = lambda _url: None,
    time_left_s: Callable[[], float] = unlimited,
) -> SaveReport:
    """Take up the pages of new alerts, ask for results, and request what is due, within the limits of the service.

    Do nothing while another process does. `progress` is called with a URL before each request. Raise `StoreError` if
    the database fails, and nothing else.
    """
    with lock_file(store.path, SAVING_PAGES) as (_, is_alone):
        if not is_alone:
            return SaveReport()
        run = _Pass(store, settings, clock, progress, time_left_s)
        run.take_up()
        if not run.has_work():
            return run.report
        try:
            headers = key_headers(settings.save_page_now, environ)
        except NoSecretError as error:
            run.report.problem = line(error.what, _PROBLEM_CHARS)
            run.postpone(error.what)
            return run.report
        with ServiceClient(settings.fetch, clock=clock, hosts=store.hosts) as client:
            run.work(client, headers)
        return run.report


@dataclass
class _Pass:
    """One pass; `report` is its result so far."""

    store: Store
    settings: Settings
    clock: Clock
    progress: Callable[[str], None]
    time_left_s: Callable[[], float]
    report: SaveReport = field(default_factory=SaveReport)

    def __post_init__(self) -> None:
        self._parts = {each.name: each.save_pages for each in self.settings.watches if each.enabled}

    def take_up(self) -> None:
        """Let the pages wait that watches have saved after the material events of new mails.

        A first pass begins with what comes after it. What is too late, or for no watch any more, is not requested.
        """
        table, at = self.store.page_saves, self.clock.now()
        upto = self.store.outbox.queued_up_to()
        service = table.service()
        ended = {save.id: rules.unwanted(save) for save in self._unwanted()}
        ended |= {save.id: rules.expired(save) for save in table.open(at - rules.GIVE_UP_AFTER)}
        is_new = self.settings.saves_pages and (service is None or service.event_id != upto)
        if not is_new and not ended:
            return
        with self.store.unit():
            if service is not None and service.event_id < upto:
                self._add(service.event_id, upto, at)
            table.save_service(replace(service or SaveService(0), event_id=upto))
            for save in ended.values():
                self._keep(save)

    def has_work(self) -> bool:
        """Return True if a request is due and the service may be asked."""
        at, table = self.clock.now(), self.store.page_saves
        has_room = table.active() < rules.MAX_ACTIVE
        is_due = table.due(at, has_job=True, limit=1) or (has_room and table.due(at, has_job=False, limit=1))
        return bool(is_due) and not self._service().paused_until(at)

    def work(self, client: ServiceClient, headers: Mapping[str, str]) -> None:
        """Ask for the results of saves under way, then request further ones, until the service refuses a request."""
        base, at = self.settings.save_page_now.url.rstrip("/"), self.clock.now()
        for save in self.store.page_saves.due(at, has_job=True):
            if self.time_left_s() <= 0 or not self._ask_for_result(save, client, f"{base}/status/{save.job}", headers):
                return
        for save in self.store.page_saves.due(at, has_job=False):
            if self.store.page_saves.active() >= rules.MAX_ACTIVE or self._is_used_up():
                return
            if self.time_left_s() <= 0 or not self._request(save, client, base, headers):
                return

    def postpone(self, problem: str) -> None:
        """Record that nothing can be sent for now."""
        service = self._service().postponed(self.clock.now(), line(problem, _PROBLEM_CHARS))
        with self.store.unit():
            self.store.page_saves.save_service(service)

    def _service(self) -> SaveService:
        return self.store.page_saves.service() or SaveService(0)

    def _pages(self, event: Event, watch: str) -> list[tuple[str, bool]]:
        """Return the pages of an event that a watch has saved, each with True if it is saved as an absence."""
        return [page for part in self._parts.get(watch, ()) for page in rules.pages_of(event, part)]

    def _unwanted(self) -> list[PageSave]:
        """Return the saves that wait for a request, and that the configuration does not ask for any more."""
        waiting = self.store.page_saves.unrequested()
        events = {each.id: each for each in self.store.events.by_ids({each.event_id for each, _ in waiting})}
        wanted = {
            save.id
            for each, save in waiting
            if any(url == save.url for url, _ in self._pages(events[each.event_id], each.watch))
        }
        return list({save.id: save for _, save in waiting if save.id not in wanted}.values())

    def _add(self, after_id: int, upto: int, at: datetime) -> None:
        table = self.store.page_saves
        mailed = table.mailed(after_id, upto)
        found = self.store.events.by_ids({each.event_id for each in mailed})
        events = {event.id: event for event in found if rules.is_worth_a_save(event, at)}
        for each in mailed:
            if (event := events.get(each.event_id)) is None:
                continue
            for watch in each.watches:
                for url, with_errors in self._pages(event, watch):
                    save_id = table.want(url, event.at, with_errors=with_errors)
                    table.add_reader(save_id, each.event_id, watch, each.recipient)

    def _is_used_up(self) -> bool:
        """Return True if all requests of today were sent, and count the pages that wait for the next day, once each."""
        at, most = self.clock.now(), self.settings.save_page_now.saves_per_day
        if self._service().requests_on(at) < most:
            return False
        until, why = rules.next_day(at), f"its {most} requests of today (save_page_now.saves_per_day) are used up"
        waiting = self.store.page_saves.due(at, has_job=False)
        with self.store.unit():
            for save in waiting:
                self.store.page_saves.save(replace(save, due_at=until, problem=why))
            self.store.withheld.record(Guard.SAVES_PER_DAY, "Internet Archive", at, len(waiting))
        return True

    def _ask_for_result(self, save: PageSave, client: ServiceClient, url: str, headers: Mapping[str, str]) -> bool:
        """Ask for the result of a save. Return False if the service refuses requests."""
        self.progress(url)
        response = client.ask(url, headers, time_left_s=self.time_left_s)
        if response.outcome is Outcome.DEFERRED:
            self._note_deferred(response)
            return False
        if problem := describe_response(response):
            return self._refused(save, response, problem)
        self._conclude(rules.after_poll(save, read_answer(response.body), self.clock.now()))
        return True

    def _request(self, save: PageSave, client: ServiceClient, url: str, headers: Mapping[str, str]) -> bool:
        """Request a save. Return False if the service refuses requests."""
        at, table = self.clock.now(), self.store.page_saves
        if table.requests_of(save.url, rules.next_day(at) - timedelta(days=1)) >= rules.MAX_OF_URL:
            why = f"this URL was requested {rules.MAX_OF_URL} times today"
            with self.store.unit():
                table.save(replace(save, due_at=rules.next_day(at), problem=why))
            return True
        self.progress(url)
        begun, service = rules.began(save, at), self._service()
        with self.store.unit():  # before the request: a killed process repeats none at once
            table.save(begun)
            table.save_service(service.counted(at))
        form = urlencode(rules.request_fields(begun, at)).encode()
        response = client.ask(url, {**headers, **_FORM}, form, gap_s=rules.GAP_S, time_left_s=self.time_left_s)
        if response.outcome is Outcome.DEFERRED:  # nothing was sent
            with self.store.unit():
                table.save(save)
                table.save_service(service)
            self._note_deferred(response)
            return False
        if problem := describe_response(response):
            return self._refused(begun, response, problem)
        answer = read_answer(response.body)
        if rules.is_busy(answer):
            return self._refused(begun, response, rules.describe(answer))
        self.report.requested += answer.state is AnswerState.STARTED
        self._conclude(rules.after_request(begun, answer, self.clock.now()))
        return True

    def _note_deferred(self, response: PostResponse) -> None:
        """Let everything wait because the limits of the host do, and not because this pass has no time left."""
        if self.time_left_s() > rules.GAP_S:
            self.postpone(response.detail)

    def _refused(self, save: PageSave, response: PostResponse, problem: str) -> bool:
        """Let everything wait because the service refused a request, which then does not count for its page."""
        self.report.problem = line(problem, _PROBLEM_CHARS)
        at, pause = self.clock.now(), timedelta(seconds=response.retry_after_s)
        service = self._service().refused(at, pause, self.report.problem)
        until = service.not_before or at
        with self.store.unit():
            self.store.page_saves.save_service(service)
            if save.job is None:
                save = rules.postponed(save, until, self.report.problem)
            self._keep(save)
        return False

    def _conclude(self, save: PageSave) -> None:
        with self.store.unit():
            self._keep(save)
            self.store.page_saves.save_service(self._service().worked())

    def _keep(self, save: PageSave) -> None:
        self.store.page_saves.save(save)
        if save.due_at is None:
            self.report.saved += save.saved_at is not None
            self.report.given_up += save.saved_at is None


def describe_response(response: PostResponse) -> str:
    """Return the reason for which a response is no answer, in words with "it" for the service; "" for an answer."""
    if response.status is None:
        return f"it does not answer: {outcome_phrase(response.outcome)} ({response.detail})"
    if response.status in _ANSWERED:
        return ""
    if response.status in {401, 403}:
        return f"it refuses the keys (status {response.status})"
    if response.status == 429:
        return "it asks for fewer requests (status 429)"
    return f"it answers with status {response.status}"
