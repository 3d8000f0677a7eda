"""Sending of due messages by a command, and what it says about those that wait."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from scraper import source_status
from scraper.cli.app import Invocation
from scraper.cli.exit_codes import ALL_FAILED, SOME_FAILED
from scraper.cli.format import terminal_safe
from scraper.clock import Clock, countdown
from scraper.store.locks import holder
from scraper.text.normalize import count

_NO_LIMIT = 100_000
SENDERS = "`statewire run`, `fetch` and `alerts send`"
"""Commands that send what is due."""


def send_mail(invocation: Invocation, *, ahead: timedelta = timedelta(0), honour_quiet: bool = True) -> int:
    """Send all messages that are due now or within `ahead`, report the result on stderr, and return the exit code.

    It is 4 if all that were tried failed, 3 if some of them did.
    """
    if not invocation.writable_store.outbox.has_waiting():
        return 0
    from scraper.delivery.sending import open_sender  # with the transports and templates

    settings = invocation.settings
    watches = settings.watches if honour_quiet else ()
    time_left_s = countdown(Clock(), settings.daemon.deadline_s)
    with open_sender(invocation.writable_store, settings, Clock(), watches, time_left_s=time_left_s) as sender:
        report = sender.send_due(limit=_NO_LIMIT, ahead=ahead)
    if report.is_busy:
        invocation.say("another statewire process is sending mail now")
    if report.sent:
        mails = report.sent_mails if settings.alerts.deliver == "maildir" else 0
        where = " into the Maildir" if mails == report.sent else f", {mails} of them into the Maildir" if mails else ""
        invocation.say(f"{count(report.sent, 'message')} sent{where}")
    for problem in report.problems:
        invocation.say(f"warning: {terminal_safe(problem)}", even_if_quiet=True)
    _print_failing(invocation, report.problems)
    if report.left:
        left = count(report.left, "message")
        words = f"{left} left: the time for sending (daemon.deadline_s) was used up"
        invocation.say(f"warning: {words}", even_if_quiet=True)
    _print_planned(invocation)
    if not report.retrying and not report.refused:
        return 0
    return SOME_FAILED if report.sent else ALL_FAILED


def _print_failing(invocation: Invocation, problems: Sequence[str]) -> None:
    """Print how many messages wait for another attempt, why, and until when. `problems` have been printed."""
    store, now = invocation.store, datetime.now(UTC)
    for failure in source_status.summarize_failures(store.outbox.failures()):
        if failure.waiting:
            verb = "waits" if failure.waiting == 1 else "wait"
            error = "" if any(failure.error in problem for problem in problems) else f": {failure.error}"
            following = source_status.describe_next_attempt(failure, now, has_daemon=holder(store.path) is not None)
            words = f"{count(failure.waiting, 'message')} to {failure.recipient} {verb}{error}; {following}"
            invocation.say(f"warning: {terminal_safe(words)}", even_if_quiet=True)


def _print_planned(invocation: Invocation) -> None:
    """Print how many messages wait for their time, until when, and why."""
    from scraper.delivery import waiting

    store = invocation.store
    if words := waiting.describe_waits(store.outbox.planned(datetime.now(UTC)), invocation.settings.watches):
        following = "" if holder(store.path) is not None else f"; {SENDERS} send what is due"
        invocation.say(f"{words}{following}")
