"""Tests of pages saved by the Internet Archive, through the command line, with Save Page Now on loopback."""

from __future__ import annotations

import mailbox
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from fakes.save_page_now import KEYS, SavePageNow
from fakes.state_site import PATH, StateSite
from samples import Piece, rss

from scraper.rules import page_saves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command import Said

NOW = datetime.now(UTC).replace(microsecond=0)
OLD = Piece(1, published_at=NOW - timedelta(days=2))
BEFORE = ("The Department gives $80 million for lamps.", "They will be lit in every harbour until the end of the year.")
MATERIAL = (BEFORE[0].replace("80", "58"), BEFORE[1])
MINOR = (MATERIAL[0], BEFORE[1].replace("every", "each"))
SETTINGS = """
alerts: {{group_minutes: 0}}
watches:
  - {{name: Desk, to: [desk@example.org], at_least: cosmetic, when: [revised, withdrawn], save_pages: [state, copy]}}
save_page_now: {{key_env: ARCHIVE_KEYS, url: "{url}"}}
"""


@pytest.fixture
def site() -> Iterator[StateSite]:
    with StateSite() as started:
        yield started


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[SavePageNow]:
    monkeypatch.setenv("ARCHIVE_KEYS", KEYS)
    monkeypatch.setattr(page_saves, "_FIRST_POLL", timedelta(0))
    with SavePageNow() as started:
        started.looks = 1
        yield started


def says(site: StateSite, body: tuple[str, ...], minutes: int) -> None:
    piece = Piece(2, "Lamps for the harbours", body, published_at=NOW - timedelta(days=1))
    site.says(PATH, rss(piece, OLD, built=NOW + timedelta(minutes=minutes)))


def mails(folder: Path) -> list[tuple[str, str, str]]:
    """Subject, text and HTML of each mail, in the order in which they were sent."""
    found = []
    box = mailbox.Maildir(folder / "mail", create=False)
    for key in sorted(box.keys(), key=lambda key: (folder / "mail" / "new" / key).stat().st_mtime_ns):
        mail = message_from_bytes(box.get_bytes(key), policy=policy.default)
        parts = [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]  # type: ignore[attr-defined]
        found.append((str(mail["Subject"]), parts[0], parts[1]))
    return found


def test_after_the_mail_of_a_change_its_page_is_saved_and_the_next_mail_has_the_link(
    run: Callable[..., Said], tmp_path: Path, site: StateSite, archive: SavePageNow
) -> None:
    config = site.config.replace('["', f'["{archive.place}", "', 1) + SETTINGS.format(url=archive.service)
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    says(site, BEFORE, 0)
    assert run("fetch").code == 0
    assert archive.seen == []

    says(site, MATERIAL, 1)
    said = run("fetch")
    assert said.code == 0
    assert "1 message sent into the Maildir" in said.err
    assert "pages at the Internet Archive: 1 requested" in said.err
    assert said.err.index("1 message sent") < said.err.index(f"requesting {archive.service}")
    assert [fields["url"] for fields in archive.asked] == [Piece(2).url]
    ((subject, text, html),) = mails(tmp_path)
    assert "Revised" in subject
    assert "Internet Archive" not in text + html
    assert run("status", "--json").json["page_saves"]["waiting"] == 1

    said = run("fetch")
    assert "pages at the Internet Archive: 1 saved" in said.err
    says(site, MINOR, 2)
    assert run("fetch").code == 0
    _, (subject, text, html) = mails(tmp_path)
    job_url, saved_at = archive.jobs["spn2-" + f"{1:040x}"]
    link = f"https://web.archive.org/web/{saved_at:%Y%m%d%H%M%S}/{job_url}"
    assert "Pages saved by the Internet Archive:" in text
    assert link in text
    assert f'href="{link}"' in html
    assert len(archive.asked) == 1
    assert "pages at the Internet Archive: 0 to save, 1 saved, 0 given up" in run("status").out
    row = run("status", "--json").json["page_saves"]
    assert row == {
        "waiting": 0,
        "saved": 1,
        "given_up": 0,
        "requests_today": 1,
        "problem": None,
        "paused_until": None,
    }


def test_doctor_tests_the_keys_and_says_that_the_adapter_was_not_tried(
    run: Callable[..., Said], tmp_path: Path, site: StateSite, archive: SavePageNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = site.config.replace('["', f'["{archive.place}", "', 1) + SETTINGS.format(url=archive.service)
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    says(site, BEFORE, 0)
    assert run("fetch").code == 0
    untried = "the adapter of Save Page Now was written after its documentation and not tried live"

    def doctor() -> str:
        return " ".join(run("doctor", "--online").out.split())

    said = doctor()
    assert "ok page saves: 0 pages to save, 0 saved, 0 given up" in said
    assert (
        f"ok reach Save Page Now: knows the keys: 12 sessions free, 3 in use; {untried}, but this answer fits" in said
    )
    assert archive.seen[-1].target.startswith("/save/status/user?_t=")
    monkeypatch.delenv("ARCHIVE_KEYS")
    said = doctor()
    assert "page saves: no keys of archive.org in the environment variable ARCHIVE_KEYS" in said
    assert "reach Save Page Now: no keys of archive.org in the environment variable ARCHIVE_KEYS" in said


def test_a_service_that_refuses_changes_no_exit_code_and_no_mail(
    run: Callable[..., Said], tmp_path: Path, site: StateSite, archive: SavePageNow
) -> None:
    config = site.config.replace('["', f'["{archive.place}", "', 1) + SETTINGS.format(url=archive.service)
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    says(site, BEFORE, 0)
    assert run("fetch").code == 0
    archive.refuses(503, b"out of order")
    says(site, MATERIAL, 1)
    said = run("fetch")
    assert said.code == 0
    assert "note: the Internet Archive: it answers with status 503" in said.err
    assert len(mails(tmp_path)) == 1
    assert "the Internet Archive: it answers with status 503, paused until" in run("status").out
    said = run("doctor")
    assert "page saves: the Internet Archive: it answers with status 503, paused until" in " ".join(said.out.split())
