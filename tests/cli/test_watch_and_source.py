"""Tests of `statewire watch` and `statewire source`: the file that they edit, its comments, and the daemon."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import CONFIG, Said, rows
from fakes.state_site import StateSite
from samples import Piece, rss

from scraper.config.loader import load
from scraper.daemon.reload_request import ReloadOutcome, ReloadRequest
from scraper.store.locks import only_daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MORE = """\
alerts: {operator: [me@example.org]}  # me
watches:
  # Ours.
  - name: Desk one
    to: [desk@example.org]   # the desk
    # sources: [old]
"""


@pytest.fixture
def file(run: Callable[..., Said], tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG + MORE, encoding="utf-8")
    return path


def test_a_watch_is_added_listed_and_removed(run: Callable[..., Said], file: Path) -> None:
    before = file.read_text("utf-8")
    file.chmod(0o640)
    options = ["--word", "Lamp, red", "--country", "Laos", "--when", "revised", "--at-least", "material"]
    said = run("watch", "add", "Two: b", *options, "--deliver", "daily 07:00", "--timezone", "Asia/Tokyo")
    assert (said.out, said.code) == ("added the watch Two: b\n", 0)
    assert said.err.splitlines()[0] == "config.yaml was changed"
    assert said.err.splitlines()[-1].endswith("statewire --db statewire.db alerts replay --watch 'Two: b'")
    after = file.read_text("utf-8")
    assert after.startswith(before)
    assert file.stat().st_mode & 0o777 == 0o640
    watch = load(file).watches[1]
    assert (watch.name, watch.to, watch.about.words) == ("Two: b", ("me@example.org",), ("Lamp, red",))
    listed = run("watch", "list")
    assert listed.out.splitlines() == [
        "Desk one",
        "  to:        desk@example.org",
        "  about:     everything",
        "  when:      published, revised, retitled, withdrawn, restored, altered, outdated, unsourced",
        "Two: b",
        "  to:        me@example.org",
        "  about:     words: ['Lamp, red'], countries: [Laos]",
        "  when:      revised",
        "  at_least:  material",
        "  deliver:   daily 07:00",
        "  timezone:  Asia/Tokyo",
    ]
    assert [row["name"] for row in rows(run("watch", "list", "--json"))] == ["Desk one", "Two: b"]
    assert run("watch", "remove", "two: B").code == 0
    assert file.read_text("utf-8") == before
    assert run("watch", "remove", "Desk one").code == 0
    assert file.read_text("utf-8") == CONFIG + MORE.partition("watches:")[0] + "watches: []\n"
    assert "To add one: statewire --db statewire.db watch add NAME" in run("watch", "list").err


def test_a_watch_for_a_chat_and_a_feed(run: Callable[..., Said], file: Path, tmp_path: Path) -> None:
    hook = ["--webhook", "https://hooks.slack.com/services/5ecre7", "--format", "slack"]
    assert run("watch", "add", "Chat", *hook, "--feed", "feeds/chat.xml").code == 0
    watch = load(file).watches[1]
    assert (watch.to, watch.format, watch.feed) == ((), "slack", tmp_path / "feeds" / "chat.xml")
    listed = run("watch", "list").out
    assert "  format:    slack" in listed
    assert "5ecre7" not in listed


def test_a_feed_on_the_command_line_is_beside_the_caller_and_one_in_the_file_beside_the_file(
    run: Callable[..., Said], file: Path, tmp_path: Path
) -> None:
    (tmp_path / "etc").mkdir()
    config = file.rename(tmp_path / "etc" / "config.yaml")
    (tmp_path / "link").symlink_to("etc")
    text = config.read_text("utf-8") + "  - {name: Old, feed: old.atom}\n"
    config.write_text(text, "utf-8")
    for name, feed in (("Here", "feeds/x.atom"), ("Home", "~/x.atom")):
        assert run("--config", "etc/config.yaml", "watch", "add", name, "--feed", feed).code == 0
    *_, old, here, home = load(config).watches
    assert here.feed == tmp_path / "feeds" / "x.atom"
    assert home.feed == Path.home() / "x.atom"
    # The same feed however the file is named: messages that wait for it name its path.
    assert old.feed == load(tmp_path / "link" / "config.yaml").watches[-3].feed == tmp_path / "etc" / "old.atom"


def test_a_misspelled_country_is_named_when_its_watch_is_added(story: Callable[..., Said], tmp_path: Path) -> None:
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(MORE)
    before = (tmp_path / "config.yaml").read_bytes()
    given = ("watch", "add", "Asia", "--country", "Thialand", "--country", "Laos", "--type", "Memo")
    refused = story(*given, "--speaker", "Secretray of State", "--speaker", "Zyx")
    assert (refused.code, refused.out) == (2, "")
    assert (tmp_path / "config.yaml").read_bytes() == before
    lines = refused.err.replace("\n  ", " ").splitlines()
    assert [line.partition("--")[2].partition(":")[0] for line in lines] == ["country", "type", "speaker"]
    assert "--country: State’s site has no country “Thialand”" in lines[0]
    assert lines[0].endswith("; did you mean “Thailand”?")
    assert "--type: State’s site has no type “Memo”, nor has a stored statement" in lines[1]
    assert (
        "no known byline has “Secretray of State”; did you mean “Secretary of State”? Nothing was changed;" in lines[2]
    )
    assert lines[2].endswith(" add --allow-unknown")
    assert "Zyx" not in refused.err  # a person like no other may have been appointed yesterday
    said = story("watch", "add", "Asia", "--country", "Thialand", "--country", "Laos", "--allow-unknown")
    assert said.code == 0
    warned = [line for line in said.err.splitlines() if "warning: " in line]
    assert len(warned) == 1
    assert "the watch “Asia” (about.countries): State’s site has no country “Thialand”" in warned[0]
    assert "remove the watch and add it again: statewire --db statewire.db watch remove Asia\n" in said.err
    assert "did you mean “Thailand”?" in warned[0]
    assert "warning: " not in story("watch", "add", "Lamps", "--word", "lamps").err  # not again for another watch
    new = story("watch", "add", "New", "--speaker", "Zyx")
    assert new.code == 0
    assert "no known byline has “Zyx”" in new.err


def test_a_change_that_is_probably_not_intended_is_reported_once(run: Callable[..., Said], file: Path) -> None:
    said = run("watch", "add", "Two", "--when", "touched")
    assert said.code == 0
    assert said.err.count("warning: the watch “Two” selects touched") == 1
    assert "\nIt has no word, country, type, speaker or source, so it selects every statement.\n" in said.err
    assert "warning: " not in run("watch", "disable", "Desk one").err


def test_a_watch_is_disabled_and_enabled(run: Callable[..., Said], file: Path) -> None:
    for verb, enabled in (("disable", False), ("enable", True)):
        # By the name that it has, in whatever letter case it was given.
        assert run("watch", verb, "desk ONE").out == f"{verb}d the watch Desk one\n"
        assert load(file).watches[0].enabled is enabled
        assert ("Desk one (disabled)" in run("watch", "list").out) is not enabled
    assert "    # sources: [old]\n" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["watch", "add", "Desk one"], "there is a watch named “Desk one” already. To replace it, remove it first: `"),
        (["watch", "add", "x", "--deliver", "now"], "mistakes: --deliver: should be “instant”"),
        (["watch", "add", "x", "--to", "desk"], "“desk” should be one e-mail address"),
        (
            ["watch", "add", "x", "--country", "Cambodia, Laos"],
            "“Cambodia, Laos” are several; repeat --country for each",
        ),
        (["watch", "add", "x", "--type", "Readout,Media Note"], "repeat --type for each"),
        (["list", "--country", "Cambodia,Laos"], "repeat --country for each"),
        (["watch", "add", "x", "--when", "published,Revised"], "are several; repeat the option for each"),
        (["init", "--country", "Cambodia, Laos", "--force"], "repeat the option for each"),
        (["watch", "add", "x", "--source", "nope"], "“nope” is not a source; known sources: state, old"),
        (["watch", "add", "x", "--quiet-hours", "22"], "mistakes: --quiet-hours: "),
        (["watch", "add", "x", "--without", "..."], "mistakes: --without: "),
        (["source", "add", "https://a.example/", "--name", "State"], "there is a source named “state” already. To"),
        (["source", "disable", "state", "x"], "there is no source named “x”"),
        (["watch", "remove", "x"], "there is no watch named “x”. Known: Desk one"),
        (["source", "disable", "x"], "there is no source named “x”. Known: state, old"),
    ],
)
def test_a_change_with_a_mistake_leaves_the_file(
    run: Callable[..., Said], file: Path, arguments: list[str], words: str
) -> None:
    before = file.read_bytes()
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    lines = said.err.splitlines()
    assert len(lines) == 1 or lines[0].startswith("Usage: ")
    assert sum(line.startswith(("statewire: ", "Error: ")) for line in lines) == 1
    assert file.read_bytes() == before


def test_a_name_with_a_comma_is_no_list(run: Callable[..., Said], file: Path) -> None:
    assert run("watch", "add", "x", "--country", "Bahamas, The").code == 0
    assert "Bahamas, The" in file.read_text("utf-8")


def test_a_watch_needs_a_recipient(run: Callable[..., Said], tmp_path: Path) -> None:
    said = run("watch", "add", "x")
    assert (said.code, said.err) == (
        2,
        "statewire: the watch needs a recipient, and `alerts.operator` of the configuration names none. Give one with"
        " --to ADDRESS, --webhook URL or --feed FILE\n",
    )
    assert run("watch", "add", "x", "--webhook", "https://hooks.example.org/5ecre7", "--disabled").code == 0
    (row,) = rows(run("watch", "list", "--json"))
    assert (row["webhook"], row["enabled"]) == ("https://hooks.example.org/…", False)
    assert "5ecre7" not in run("watch", "list").out


def test_a_file_with_mistakes_is_not_edited(run: Callable[..., Said], file: Path) -> None:
    file.write_text(CONFIG + "fetsh: {}\n", encoding="utf-8")
    said = run("watch", "add", "x", "--to", "a@example.org")
    assert (said.code, said.out) == (2, "")
    assert "fetsh: is not a known key; did you mean fetch?" in said.err


@pytest.mark.parametrize(
    "command",
    [
        ("source", "disable", "state-briefings"),
        ("watch", "add", "x"),
        ("watch", "add", "x", "--country", "Loas"),
        ("watch", "add", "x", "--to", "a@example.org"),
        ("source", "add", "https://gazette.example/"),
    ],
)
def test_the_shipped_example_is_not_edited(run: Callable[..., Said], tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "config.yaml").unlink()
    said = run(*command)
    assert (said.code, said.err) == (
        2,
        "statewire: there is no configuration of yours yet. `statewire init` writes one\n",
    )


def test_a_byte_order_mark_and_line_ends_stay(run: Callable[..., Said], file: Path) -> None:
    before = b"\xef\xbb\xbf" + (CONFIG + MORE).replace("\n", "\r\n").encode()
    file.write_bytes(before)
    assert run("watch", "add", "x").code == 0
    assert file.read_bytes().startswith(before)
    assert file.read_bytes().count(b"\r\n") == file.read_bytes().count(b"\n")


@pytest.fixture
def site(file: Path) -> Iterator[StateSite]:
    with StateSite() as started:
        started.says("/feed/", rss(Piece(1), Piece(2)).replace(b"www.state.gov", b"gazette.example"))
        file.write_text(f"# Mine.\n{started.config}", encoding="utf-8")
        yield started


def test_a_source_is_added_polled_listed_and_removed(run: Callable[..., Said], site: StateSite, file: Path) -> None:
    before = file.read_text("utf-8")
    said = run("source", "add", site.url("/feed/"), "--name", "gazette")
    assert said.code == 0, said
    assert said.out.startswith("# 127.0.0.1\n- name: gazette\n  role: mirror\n")
    assert said.err.endswith("Poll it now: statewire --db statewire.db fetch gazette\n")
    assert file.read_text("utf-8").startswith(before)
    assert run("fetch", "gazette").out.startswith(f"gazette: 2 items at {site.url('/feed/')}")
    assert f"gazette  mirror, every 1h\n  feed       {site.url('/feed/')}\n" in run("source", "list").out
    assert [row["enabled"] for row in rows(run("source", "list", "--json"))] == [True, False, True]
    again = run("source", "add", site.url("/feed/"))
    assert again.code == 2
    assert "the source gazette has this URL already" in again.err
    assert run("source", "disable", "gazette").code == 0
    assert "`statewire --db statewire.db source enable gazette`" in run("source", "add", site.url("/feed/")).err
    assert run("source", "remove", "gazette").code == 0
    assert file.read_text("utf-8") == before


def test_a_source_of_standing_pages_is_added_without_a_search(run: Callable[..., Said], file: Path) -> None:
    url = "https://www.state.gov/countries-areas/"
    said = run("source", "add", url, "--pages", "--include", "/countries-areas/*", "--include", "*fact-sheet*")
    assert said.code == 0, said
    assert "note: the source state of the configuration is already on this site" in said.err
    assert 'include: ["/countries-areas/*", "*fact-sheet*"]' in said.out
    listed = [each for row in rows(run("source", "list", "--json")) for each in row["endpoints"]]
    (endpoint,) = (each for each in listed if each["kind"] == "pages")
    assert (endpoint["kind"], endpoint["url"], endpoint["shortest"]) == ("pages", url, "6h")
    assert "has this URL already" in run("source", "add", url, "--pages").err
    assert "--include is for --pages" in run("source", "add", url, "--include", "/a/*").err
    assert "leave out --role" in run("source", "add", url, "--pages", "--role", "mirror").err
    before = file.read_bytes()
    assert "should be the path of a URL" in run("source", "add", f"{url}x", "--pages", "--include", "a/*").err
    assert file.read_bytes() == before


def test_a_site_that_offers_nothing_is_not_added(run: Callable[..., Said], site: StateSite, file: Path) -> None:
    before = file.read_bytes()
    site.says("/", b"<html><body><p>Lamps")
    said = run("source", "add", site.url("/"))
    assert (said.code, said.out) == (2, "")
    assert "give the URL of the section in which the site lists its articles" in said.err
    assert file.read_bytes() == before


def test_a_source_that_a_watch_names_is_not_removed(run: Callable[..., Said], file: Path) -> None:
    assert run("watch", "add", "x", "--source", "old").code == 0
    said = run("source", "remove", "old")
    assert said.code == 2
    assert "“old” is not a source; known sources: state" in said.err


def test_a_running_daemon_is_asked_to_reload(run: Callable[..., Said], file: Path, tmp_path: Path) -> None:
    received: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: received.append(number))
    try:
        with only_daemon(tmp_path / "statewire.db"):
            said = run("watch", "disable", "Desk one")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert received == [signal.SIGHUP]
    assert f"The daemon (process {os.getpid()}) was asked to read its configuration again" in said.err


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (ReloadOutcome.FORBIDDEN, "Run `sudo systemctl reload statewire` or `sudo kill -HUP 77`."),
        (
            ReloadOutcome.ELSEWHERE,
            "Send SIGHUP to it there, such as `podman kill --signal HUP statewire`.",
        ),
        (ReloadOutcome.NO_DAEMON, "the next one reads the file when it starts"),
    ],
)
def test_what_to_do_about_a_daemon_that_cannot_be_asked(
    run: Callable[..., Said],
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    outcome: ReloadOutcome,
    words: str,
) -> None:
    monkeypatch.setattr("scraper.cli.edit.request_reload", lambda _: ReloadRequest(outcome, 77))
    said = run("watch", "disable", "Desk one")
    assert said.code == 0
    assert words in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["watch", "add", "${HOME}"],
        ["watch", "add", "Two", "--word", "${HOME}"],
        ["watch", "add", "Two", "--webhook", "https://x.example/${HOME}"],
        ["source", "add", "https://x.example/${HOME}"],
        ["source", "add", "https://x.example/", "--name", "${HOME}"],
    ],
)
def test_a_value_is_no_environment_variable(run: Callable[..., Said], file: Path, arguments: list[str]) -> None:
    before = file.read_bytes()
    said = run(*arguments)
    assert said.code == 2
    assert "should not contain `${`, which stands for an environment variable" in said.err
    assert file.read_bytes() == before


def test_the_url_of_a_webhook_may_be_an_environment_variable(
    run: Callable[..., Said], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "https://x.example/secret")
    assert run("watch", "add", "Two", "--webhook", "${HOOK}").code == 0
    assert "secret" not in file.read_text("utf-8")
    assert load(file).watches[1].webhook == "https://x.example/secret"


def test_excluded_words_are_given_as_an_option(run: Callable[..., Said], file: Path) -> None:
    said = run("watch", "add", "Two", "--word", "Mekong", "--without", "Readout of", "--without", "visa")
    assert said.code == 0, said
    assert load(file).watches[-1].about.model_dump(exclude_defaults=True) == {
        "words": ("Mekong",),
        "none": {"words": ("Readout of", "visa")},
    }
    said = run("watch", "add", "Three", "--without", "visa")
    assert "so it selects every statement that has none of the words of --without." in said.err
    assert "none: {words: [visa]}" in run("watch", "list").out


def test_several_are_switched_at_once_and_what_is_so_already_is_said(run: Callable[..., Said], file: Path) -> None:
    assert run("source", "disable", "state", "old").out == (
        "disabled the source state\nthe source old is disabled already\n"
    )
    before = file.read_bytes()
    said = run("source", "disable", "old", "OLD", "state")
    assert said == Said("the source old is disabled already\nthe source state is disabled already\n", "", 0)
    assert file.read_bytes() == before
    assert run("source", "enable", "old", "state").out == "enabled the source old\nenabled the source state\n"
    assert [source.enabled for source in load(file).sources] == [True, True]
    for name in ("A", "B", "C"):
        assert run("watch", "add", name, "--word", "x").code == 0
    assert run("watch", "remove", "C", "A").code == 0
    assert [watch.name for watch in load(file).watches] == ["Desk one", "B"]


def test_of_many_names_some_are_shown(run: Callable[..., Said], file: Path) -> None:
    for number in range(9):
        assert run("watch", "add", f"Nr {number}", "--word", "x").code == 0
    assert "Known: Desk one, Nr 0, Nr 1, Nr 2, Nr 3, Nr 4, Nr 5, Nr 6 and 2 more: `statewire watch list`" in " ".join(
        run("watch", "disable", "zzzzzz").err.split()
    )


def test_a_check_beside_a_daemon_says_how_it_reads_the_file_again(
    run: Callable[..., Said], file: Path, tmp_path: Path
) -> None:
    assert "kill -HUP" not in run("config", "check").err
    with only_daemon(tmp_path / "statewire.db"):
        said = run("config", "check").err
    number = os.getpid()
    assert f"A daemon runs (process {number}); it reads an edited file again after: kill -HUP {number}" in said
