"""Tests of the reader of answers of Save Page Now: synthetic ones after its documentation, and any other bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.parsers.save_answers import read_answer, read_sessions
from scraper.rules.page_saves import AnswerState, SaveAnswer

JOB = "ac58789b-f3ca-48d0-9ea6-1d1225e98695"
URL = "http://brewster.kahle.org/"
SUCCESS = {"status": "success", "job_id": JOB, "original_url": URL, "timestamp": "20180326070330", "resources": [URL]}
ODD = SaveAnswer(AnswerState.ODD)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"url": URL, "job_id": JOB}, SaveAnswer(AnswerState.STARTED, JOB)),
        ({"url": URL, "job_id": "spn2-5", "message": "The same snapshot"}, SaveAnswer(AnswerState.STARTED, "spn2-5")),
        ({"status": "pending", "job_id": JOB, "resources": []}, SaveAnswer(AnswerState.PENDING)),
        (
            SUCCESS,
            SaveAnswer(AnswerState.SUCCESS, saved_at=datetime(2018, 3, 26, 7, 3, 30, tzinfo=UTC), url=URL),
        ),
        (
            {"status": "error", "status_ext": "error:invalid-host-resolution", "exception": "[Errno -2]"},
            SaveAnswer(AnswerState.ERROR, code="invalid-host-resolution"),
        ),
        ({"status_ext": "error:user-session-limit"}, SaveAnswer(AnswerState.ERROR, code="user-session-limit")),
        ({"status": "error", "message": "no"}, ODD),
        ({"status": "finished", "job_id": JOB}, ODD),
        ({"job_id": "../../etc"}, ODD),
        ({"job_id": "x" * 101}, ODD),
        ({"job_id": 5}, ODD),
        ({}, ODD),
        ([], ODD),
        (SUCCESS | {"timestamp": "20189926070330"}, ODD),
        (SUCCESS | {"timestamp": "2018032607033"}, ODD),
        (SUCCESS | {"timestamp": "２0180326070330"}, ODD),
        (SUCCESS | {"timestamp": 20180326070330}, ODD),
        (SUCCESS | {"original_url": None}, ODD),
    ],
)
def test_answers(body: Any, expected: SaveAnswer) -> None:
    assert read_answer(json.dumps(body).encode()) == expected


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_json_is_odd(body: bytes) -> None:
    assert read_answer(body) == ODD
    assert read_sessions(body) is None


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(body: bytes) -> None:
    assert read_answer(body).state in AnswerState


def test_a_code_is_one_clean_short_line() -> None:
    body = json.dumps({"status": "error", "status_ext": "error:a\x1b[31m\nb" + "c" * 500}).encode()
    code = read_answer(body).code
    assert code.isprintable()
    assert len(code) <= 60


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"available": 12, "processing": 3}, (12, 3)),
        ({"available": 12}, None),
        ({"available": True, "processing": 3}, None),
        ({"available": -1, "processing": 3}, None),
        ({"available": "12", "processing": 3}, None),
    ],
)
def test_sessions_of_an_account(body: Any, expected: tuple[int, int] | None) -> None:
    assert read_sessions(json.dumps(body).encode()) == expected
