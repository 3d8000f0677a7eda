"""Tests of `fetch --save-fixture` and `doctor --online` against a State site on loopback, over TLS and by its name."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from fakes.state_site import StateSite
from samples import BLOCK_PAGE, Piece, article, listing, redesigned, rss

from scraper.fetch import exchange, transport

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from command import Said

    Run = Callable[..., Said]

PARSER_TESTS = Path(__file__).parents[1] / "parsers"
STATE = b"https://www.state.gov/"
LIST, FEED, PAGE = "/press-releases/", "/rss-feed/press-releases/feed/", Piece(1).url.removeprefix(STATE.decode()[:-1])
CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  retries: 0
  gap_s: 0.001
  state_gap_s: 0.001
  allow_private: ["{place}"]
sources:
  - name: state
    role: canonical
    endpoints: [{{kind: listing, url: "https://{place}/press-releases/"}}]
"""


@dataclass
class NamedSite(StateSite):
    """State's site by its name and over TLS, so that State's own parsers read it."""

    context: ssl.SSLContext | None = None

    def wrap(self, sock: socket.socket) -> socket.socket:
        assert self.context is not None
        return self.context.wrap_socket(sock, server_side=True)

    @property
    def place(self) -> str:
        return f"www.state.gov:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"https://{self.place}{path}"

    def gives(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        """Set a response, whose links lead to this site."""
        self.says(path, body.replace(STATE, self.url().encode()), status, **headers)

    def requests(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]


@pytest.fixture
def site(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NamedSite]:
    ca = trustme.CA()
    client, server = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.configure_trust(client)
    ca.issue_cert("www.state.gov").configure_cert(server)
    monkeypatch.setattr(transport, "_public_tls_context", lambda: client)
    monkeypatch.setattr(exchange, "system_resolver", lambda *_: ("127.0.0.1",))
    with NamedSite(context=server) as started:
        (tmp_path / "config.yaml").write_text(CONFIG.format(place=started.place), encoding="utf-8")
        started.gives(LIST, listing(Piece(1)), etag='"1"')
        started.gives(PAGE, article(Piece(1)))
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "fixtures"


def files(folder: Path) -> dict[str, list[Path]]:
    """Return the saved bodies by the folder of their parser."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/*")):
        if not path.name.endswith((".request.json", ".expected.json")):
            found.setdefault(path.parent.name, []).append(path)
    return found


def row(body: Path, what: str) -> Any:
    return json.loads(body.with_name(f"{body.name}.{what}.json").read_text("utf-8"))


def check_fixtures(saved: Path, tmp_path: Path) -> None:
    """Copy saved files among the fixtures, and run the unchanged test of them."""
    copied = tmp_path / "parsers"
    shutil.copytree(PARSER_TESTS / "fixtures", copied / "fixtures")
    shutil.copytree(saved, copied / "fixtures", dirs_exist_ok=True)
    shutil.copy(PARSER_TESTS / "test_parsers_fixtures.py", copied)
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider", str(copied)]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # plugins take half of the time
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=copied, env=environment)
    assert done.returncode == 0, done.stdout


def test_a_poll_saves_its_list_and_its_pages_and_the_test_of_fixtures_reads_them(
    run: Run, site: NamedSite, folder: Path, tmp_path: Path
) -> None:
    said = run("fetch", "state", "--save-fixture", str(folder))
    assert said.code == 0
    saved = files(folder)
    assert {name: len(bodies) for name, bodies in saved.items()} == {"state-listing": 1, "state-article": 1}
    (body,) = saved["state-article"]
    assert f"fixture {body}\n" in said.err
    request, reading = row(body, "request"), row(body, "expected")
    assert body.name.startswith(f"{request['captured_at'][:10]}-www.state.gov-{site.port}-releases-office-of-the-")
    assert (request["url"], request["status"]) == (site.url(PAGE), 200)
    assert request["headers"] == {"content-type": "text/html; charset=utf-8"}
    assert body.read_bytes() == article(Piece(1)).replace(STATE, site.url().encode())
    assert (reading["items"][0]["title"], reading["items"][0]["type"]) == ("Lamps for Harbour 1", "Press Statement")
    check_fixtures(folder, tmp_path)
    # What an end of the program left unfinished is written again.
    (body,) = saved["state-listing"]
    reading = row(body, "expected")
    body.with_name(f"{body.name}.expected.json").unlink()
    assert run("fetch", "--save-fixture", str(folder)).code == 0
    assert row(body, "expected") == reading
    # An unchanged list is a fixture as well, and the same one is not written twice.
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*/*")}
    said = run("fetch", "--save-fixture", str(folder))
    assert (said.code, "fixture " in said.err, site.asked[-1][1].get("if-none-match")) == (0, True, None)
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*/*")} == before


def test_a_second_body_of_a_day_overwrites_no_other(run: Run, site: NamedSite, folder: Path) -> None:
    for piece in (Piece(1), Piece(1, body=("Another text of the same page, which is long enough.",))):
        site.gives(PAGE, article(piece))
        assert run("fetch", site.url(PAGE), "--dry-run", "--save-fixture", str(folder)).code == 0
    first, second = files(folder)["state-article"]
    assert first.read_bytes() != second.read_bytes()
    assert row(first, "expected") != row(second, "expected")


def test_a_response_of_another_shape_is_saved_with_its_problem(
    run: Run, site: NamedSite, folder: Path, tmp_path: Path
) -> None:
    site.gives(PAGE, article(Piece(1)).replace(b"entry-content", b"story"))
    site.gives(LIST, redesigned(Piece(1)))
    said = run("fetch", site.url(PAGE), "--save-fixture", str(folder))
    (body,) = files(folder)["unread"]
    assert said.code == 3
    assert f"fixture {body}, which could not be read: an article without text\n" in said.err
    assert row(body, "expected") == {"problem": "an article without text"}
    assert run("fetch", "--save-fixture", str(folder)).code == 4
    assert len(files(folder)["unread"]) == 2
    check_fixtures(folder, tmp_path)


def test_what_is_no_document_is_not_saved(run: Run, site: NamedSite, folder: Path) -> None:
    site.gives(PAGE, BLOCK_PAGE, 403)
    said = run("fetch", site.url(PAGE), "--save-fixture", str(folder))
    assert said.code == 4
    assert f"no fixture of {site.url(PAGE)}: blocked (the block page of state.gov" in said.err
    assert list(folder.iterdir()) == []


def test_nothing_private_is_saved(run: Run, site: NamedSite, folder: Path) -> None:
    written = b"api_key=hush%2Fhush hush%2fhush hush/hush hush\\/hush"
    feed = rss(Piece(1)).replace(b"<language>", b"<docs>https://x.test/?" + written + b"</docs><language>")
    path = "/feed/?api_key=hush%2Fhush&page=2"
    site.gives(path, feed, set_cookie="id=hush-hush", server="edge-hush")
    url = f"https://editor:swordfish@{site.place}{path}#hush"
    assert run("fetch", url, "--dry-run", "--save-fixture", str(folder)).code == 0
    (body,) = files(folder)["feed"]
    assert row(body, "request")["url"] == f"https://{site.place}/feed/?api_key=***&page=2"
    for file in folder.rglob("*"):
        assert not any(word in file.name for word in ("hush", "swordfish", "editor"))
        assert not file.is_file() or not any(word in file.read_bytes() for word in (b"hush", b"swordfish", b"editor"))


def test_a_secret_of_few_characters_may_be_a_word(run: Run, site: NamedSite, folder: Path) -> None:
    site.gives("/feed/?token=lamp", rss(Piece(1)))
    assert run("fetch", site.url("/feed/?token=lamp"), "--dry-run", "--save-fixture", str(folder)).code == 0
    (body,) = files(folder)["feed"]
    assert body.read_bytes() == rss(Piece(1)).replace(STATE, site.url().encode())
    assert "lamp" not in row(body, "request")["url"]


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/%2fetc%2fpasswd%00",
        "/" + "a" * 3000,
        '/%0a%1b%5b31m/con/nul:%7c*?"<>&x=..%5c..%5c',
        "/声明/نص/",
        "?p=1",
    ],
)
def test_a_hostile_url_gives_a_safe_name(run: Run, site: NamedSite, folder: Path, tmp_path: Path, path: str) -> None:
    body = article(Piece(1)).replace(STATE, site.url().encode())
    site.otherwise = lambda exchange: exchange.reply(body)
    before = set(tmp_path.iterdir())
    said = run("fetch", site.url("") + path, "--dry-run", "--save-fixture", str(folder))
    assert said.code == 0
    (saved,) = files(folder)["state-article"]
    assert len(list(folder.rglob("*"))) == 4
    assert saved.name.isascii()
    assert set(saved.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert len(saved.name) < 200
    assert ".." not in saved.name
    assert {path.name for path in set(tmp_path.iterdir()) - before} <= {"new", "statewire.db", "statewire.db-shm"}


@pytest.mark.parametrize("at", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_named_before_anything_is_fetched(
    run: Run, site: NamedSite, tmp_path: Path, at: str
) -> None:
    (tmp_path / "file").write_text("")
    said = run("fetch", "--save-fixture", str(tmp_path / at))
    assert (said.code, said.out, site.asked) == (2, "", [])
    assert said.err.startswith(f"statewire: {tmp_path / at}: fixtures cannot be written there (")
    assert said.err.endswith("). Give --save-fixture a folder in which you may create files\n")
    assert not (tmp_path / "statewire.db").exists()


def test_a_disk_that_fills_up_ends_the_command(
    run: Run, site: NamedSite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scraper.pipeline.fixtures.write_json", full)
    said = run("fetch", "--save-fixture", str(folder))
    assert (said.code, "(No space left on device)" in said.err, "Traceback" in said.err) == (2, True, False)
    assert files(folder) == {}


# doctor --online


def reached(said: Said) -> dict[str, Any]:
    """Return the only finding on a source's responses."""
    (found,) = [finding for finding in said.json if finding["topic"] == "reach state"]
    return dict(found)


def test_doctor_finds_every_field_with_one_request_for_a_list_and_one_for_a_page(run: Run, site: NamedSite) -> None:
    site.gives(LIST, listing(Piece(1), Piece(2)))
    said = run("doctor", "--online", "--json")
    assert (said.code, site.requests()) == (0, [LIST, PAGE])
    finding = reached(said)
    assert (finding["level"], finding["missing"], finding["advice"]) == ("ok", [], "")


def test_doctor_names_the_fields_that_a_site_has_renamed(run: Run, site: NamedSite) -> None:
    site.gives(LIST, listing(Piece(1), Piece(2)).replace(b"collection-result__date", b"label"))
    site.gives(PAGE, article(Piece(1)).replace(b"article-meta__publish-date", b"when"))
    said = run("doctor", "--online", "--json")
    finding = reached(said)
    assert (said.code, finding["level"]) == (3, "trouble")
    assert finding["missing"] == [
        {"url": site.url(LIST), "parser": "state-listing", "field": "type", "lacking": 2, "items": 2},
        {"url": site.url(PAGE), "parser": "state-article", "field": "date", "lacking": 1, "items": 1},
    ]
    said = run("doctor", "--online")
    assert f"{site.url(LIST)}: state-listing finds no type in 2 of 2 items; " in said.out
    assert f"{site.url(PAGE)}: state-article finds no date in 1 of 1 items\n" in said.out
    assert "`statewire fetch state --save-fixture DIR`" in said.out
    assert f"`statewire fetch {site.url(PAGE)} --save-fixture DIR`" in said.out


def test_doctor_names_a_text_that_a_site_has_renamed(run: Run, site: NamedSite) -> None:
    site.gives(PAGE, article(Piece(1)).replace(b"entry-content", b"story"))
    said = run("doctor", "--online", "--json")
    finding = reached(said)
    assert (said.code, finding["level"]) == (3, "trouble")
    assert finding["what"].endswith(f"; {site.url(PAGE)}: an article without text")
    assert f"`statewire fetch {site.url(PAGE)} --save-fixture DIR`" in finding["advice"]


def test_doctor_names_a_list_of_another_shape(run: Run, site: NamedSite) -> None:
    site.gives(LIST, redesigned(Piece(1)))
    said = run("doctor", "--online", "--json")
    finding = reached(said)
    assert (said.code, finding["what"]) == (3, f"{site.url(LIST)}: a listing without results")
    assert "--save-fixture" in finding["advice"]


def test_doctor_names_a_block_as_a_block(run: Run, site: NamedSite) -> None:
    site.gives(PAGE, BLOCK_PAGE, 403)
    said = run("doctor", "--online", "--json")
    finding = reached(said)
    assert (said.code, finding["level"], finding["missing"]) == (0, "warning", [])
    assert f"{site.url(PAGE)}: blocked (the block page of state.gov" in finding["what"]
    assert "--save-fixture" not in finding["advice"]
    site.gives(LIST, BLOCK_PAGE, 403)
    said = run("doctor", "--online", "--json")
    assert (said.code, reached(said)["missing"], site.requests()[-1]) == (3, [], LIST)


def test_doctor_obeys_robots(run: Run, site: NamedSite) -> None:
    site.gives("/robots.txt", b"User-agent: *\nDisallow: /releases/\n", content_type="text/plain")
    said = run("doctor", "--online", "--json")
    assert site.requests() == [LIST]
    assert f"{site.url(PAGE)}: disallowed" in reached(said)["what"]
