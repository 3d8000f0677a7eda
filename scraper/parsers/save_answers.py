"""Answers of Save Page Now: the job that was begun, its state, and the free sessions of an account.

Their form is that of "Save Page Now 2 Public API Docs Draft", as of 2025-10-22; see `rules.page_saves`.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scraper.rules.page_saves import AnswerState, SaveAnswer
from scraper.rules.untrusted import line

_ODD: Final = SaveAnswer(AnswerState.ODD)
# It becomes a part of a URL.
_JOB = re.compile(r"[A-Za-z0-9-]{1,100}")
_TIMESTAMP = re.compile(r"[12]\d{13}", re.ASCII)
_CODE_CHARS = 60


def read_answer(body: bytes) -> SaveAnswer:
    """Return what an answer says; one that says nothing known is `ODD`. It may be any bytes."""
    fields = _fields(body)
    state = fields.get("status")
    if state == "error" or "status_ext" in fields:
        code = line(_text(fields, "status_ext"), _CODE_CHARS).removeprefix("error:")
        return SaveAnswer(AnswerState.ERROR, code=code) if code else _ODD
    if state == "pending":
        return SaveAnswer(AnswerState.PENDING)
    if state == "success":
        saved_at, url = _time(_text(fields, "timestamp")), _text(fields, "original_url")
        return SaveAnswer(AnswerState.SUCCESS, saved_at=saved_at, url=url) if saved_at and url else _ODD
    job = _text(fields, "job_id")
    return SaveAnswer(AnswerState.STARTED, job) if state is None and _JOB.fullmatch(job) else _ODD


def read_sessions(body: bytes) -> tuple[int, int] | None:
    """Return the numbers of free sessions of an account and of those under way; None for any other answer."""
    found = [_fields(body).get(name) for name in ("available", "processing")]
    numbers = [number for number in found if isinstance(number, int) and not isinstance(number, bool) and number >= 0]
    return (numbers[0], numbers[1]) if len(numbers) == len(found) else None


def _fields(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _time(timestamp: str) -> datetime | None:
    """Return the time of a save: `20180326070330`."""
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
