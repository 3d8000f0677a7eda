"""Tests of `statewire init`: the configuration that it writes, its dialogue, and runs that end early."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from child import in_child
from fakes.mail_server import Handler, serve
from fakes.state_site import PATH, StateSite
from samples import Piece, rss

from scraper import files
from scraper.cli import main
from scraper.config import loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Said

    from scraper.config.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StateSite]:
    """A loopback site, `site.yaml` as the template with it, and a person without a configuration."""
    (tmp_path / "config.yaml").unlink()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with StateSite() as started:
        started.says(PATH, rss(Piece(1), Piece(2)))
        (tmp_path / "site.yaml").write_text(f"# Template.\n{started.config}", encoding="utf-8")
        yield started


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set what stdin holds."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


YES = ["init", "--yes", "--from", "site.yaml", "--contact", "me@example.org"]


def settings_of(tmp_path: Path) -> Settings:
    return loader.load(tmp_path / "settings/statewire/config.yaml")


def test_options_instead_of_questions(run: Callable[..., Said], site: StateSite, tmp_path: Path) -> None:
    said = run(*YES, "--word", "Lamps", "--country", "Laos", "--to", "a@example.org", "--to", "b@example.org", db=None)
    assert said.code == 0, said
    path = tmp_path / "settings/statewire/config.yaml"
    text = path.read_text("utf-8")
    assert re.match(r"# Written by `statewire init` on \d{4}-\d\d-\d\d\.\n# Template\.\n", text)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    settings = settings_of(tmp_path)
    assert settings.fetch.contact == "me@example.org"
    assert settings.alerts.operator == ("a@example.org",)
    (watch,) = settings.watches
    assert (watch.name, watch.to) == ("Lamps, Laos", ("a@example.org", "b@example.org"))
    assert (watch.about.words, watch.about.countries) == (("Lamps",), ("Laos",))
    mails = list((tmp_path / "data/statewire/mail/new").iterdir())
    assert len(mails) == 2
    assert (
        "2 statements stored. What is there at the first poll is the beginning:\nno mail is sent about it." in said.err
    )
    assert [line.split("  ")[1] for line in said.out.splitlines() if line.startswith("  statewire")] == [
        "statewire run",
        "statewire list",
        "statewire watch add NAME --word TEXT",
        "statewire source add URL",
        "statewire status",
    ]
    assert run("list", db=None).out.count("Lamps for Harbour") == 2
    assert run("config", "show", db=None).out.startswith(f"# {path} is in force: found in the configuration folder\n")


def test_the_shipped_configuration_keeps_its_comments(
    run: Callable[..., Said], site: StateSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.cli.init._first_run", lambda *_: 0)
    (tmp_path / "mine.yaml").symlink_to("real.yaml")
    smtp = ["--deliver", "smtp", "--smtp-host", "mail.example.org", "--smtp-user", "me"]
    chosen = ["--source", "state-briefings", "--source", "miragenews"]
    call = [
        "init",
        "--yes",
        "--contact",
        "https://example.edu/me",
        "--sender",
        "me@example.org",
        "--to",
        "a@example.org",
    ]
    said = run(
        "--config", "mine.yaml", *call, *smtp, "--smtp-password-file", "pw", *chosen, "--type", "Readout", db=None
    )
    assert said.code == 0, said
    text = (tmp_path / "real.yaml").read_text("utf-8")
    example = (ROOT / "config.yaml").read_text("utf-8")
    comments = [line for line in example.splitlines()[1:] if line.lstrip().startswith("#")]
    assert [line for line in text.splitlines()[1:] if line.lstrip().startswith("#")] == comments
    settings = loader.load(tmp_path / "real.yaml")
    assert [source.name for source in settings.sources if source.enabled] == ["state-briefings", "miragenews"]
    assert settings.alerts.smtp is not None
    assert (settings.alerts.smtp.port, settings.alerts.smtp.password_file) == (587, tmp_path / "pw")
    assert settings.watches[-1].name == "Readout"
    assert loader.warnings(settings) == ()
    assert "mine.yaml: ok, 19 sources (2 enabled)" in said.err


def test_a_misspelled_country_is_named(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.cli.init._first_run", lambda *_: 0)
    answers = ["--contact", "https://example.edu/me", "--to", "a@example.org", "--country", "Thialand"]
    said = run("--config", "new.yaml", "init", "--yes", *answers, db=None)
    assert said.code == 0
    (warned,) = [line for line in said.err.splitlines() if line.startswith("warning: ")]
    assert "did you mean “Thailand”?" in warned


def test_a_dialogue(run: Callable[..., Said], site: StateSite, tmp_path: Path, answer: Callable[[str], None]) -> None:
    answer("nobody\nme@example.org\n\n\n\nMekong; lower Mekong\nBahamas, The, Laos\n\nnowhere\n\n")
    said = run("init", "--from", "site.yaml", db=None)
    assert said.code == 0, said
    assert "“nobody” should be a web page (https://...) or an e-mail address of the operator." in said.err
    assert "Deliver by [maildir]: " in said.err
    assert "Recipients [me@example.org]: " in said.err
    assert "“nowhere” names no source of the configuration, which has state, nobody; to add another site" in said.err
    assert max(map(len, said.err.partition("Sources")[0].splitlines())) <= 100
    (watch,) = settings_of(tmp_path).watches
    assert watch.about.words == ("Mekong", "lower Mekong")
    assert watch.about.countries == ("Bahamas, The", "Laos")


@pytest.mark.parametrize("is_closed", [True, False])
def test_an_input_that_ends_is_named_with_the_way_to_go_on(
    run: Callable[..., Said],
    site: StateSite,
    tmp_path: Path,
    answer: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    is_closed: bool,
) -> None:
    answer("me@example.org\nsmtp\n")
    if is_closed:
        monkeypatch.setattr(sys, "stdin", None)
    said = run("init", "--from", "site.yaml", db=None)
    assert (said.code, said.out) == (2, "")
    given = "" if is_closed else " --contact me@example.org --deliver smtp"
    assert said.err.splitlines()[-2:] == [
        f"Nothing was written. To go on: statewire init --from site.yaml{given}",
        "statewire: the input ended before the last question was answered. Answer in a terminal, or give the answers as"
        " options with --yes",
    ]
    assert not (tmp_path / "settings").exists()


def test_ctrl_c_at_a_question(
    run: Callable[..., Said], site: StateSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    said = run("init", "--contact", "me@example.org", db=None)
    assert said.code == 130
    assert "Nothing was written. To go on: statewire init --contact me@example.org\n" in said.err
    assert not (tmp_path / "settings").exists()


def test_answers_without_end_are_not_asked_for_ever(
    run: Callable[..., Said], site: StateSite, answer: Callable[[str], None]
) -> None:
    answer("y\n" * 1000)
    said = run("init", db=None)
    assert said.code == 2
    assert said.err.endswith("statewire: Contact: 5 answers could not be used. Give it as --contact\n")


@pytest.mark.usefixtures("site")
def test_the_place_of_the_mail_is_a_whole_path(run: Callable[..., Said], tmp_path: Path) -> None:
    said = run(*YES, db="i1.db")
    assert said.code == 0
    assert f"\nMail is in {tmp_path / 'mail'}\n" in said.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "with --yes, --contact must be given; --to too, if the contact is a web page. "),
        (["--contact", "https://example.edu/"], "with --yes, --to must be given"),
        (["--contact", "me"], "--contact “me” should be a web page"),
        (["--contact", "me@x.org", "--smtp-host", "mail.x.org"], "--smtp-host does not fit the other answers"),
        (
            ["--contact", "me@x.org", "--deliver", "pigeon"],
            "--deliver “pigeon” should be “maildir”, “smtp” or",
        ),
        (["--contact", "me@x.org", "--source", "state", "--source", "x"], "--source “x” names no source"),
        (
            ["--contact", "me@x.org", "--deliver", "smtp", "--smtp-host", "x.org", "--smtp-port", "99999"],
            "--smtp-port “99999” should be less than or equal to 65535",
        ),
    ],
)
def test_options_with_mistakes(
    run: Callable[..., Said], site: StateSite, tmp_path: Path, options: list[str], words: str
) -> None:
    said = run("init", "--yes", "--from", "site.yaml", *options, db=None)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"statewire: {words}")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "settings").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--deliver", "smtp", "--sender", "ü@x.org"], "--sender “ü@x.org” should have ASCII letters only"),
        (["--word", "${HOME}"], "--word “${HOME}” should not contain `${`"),
        (["--smtp-host", "a b"], "--smtp-host “a b” should be the host name"),
    ],
)
def test_options_are_checked_before_the_first_question(
    run: Callable[..., Said], site: StateSite, answer: Callable[[str], None], options: list[str], words: str
) -> None:
    answer("me@example.org\n" * 30)
    said = run("init", "--from", "site.yaml", *options, db=None)
    assert said.code == 2
    assert f"statewire: {words}" in said.err
    assert "Contact" not in said.err


def test_a_recipient_that_sendmail_may_not_take(
    run: Callable[..., Said], site: StateSite, answer: Callable[[str], None]
) -> None:
    answer("me@example.org\nsendmail\n\nü@x.org\n${HOME}@x.org\n")
    said = run("init", "--from", "site.yaml", db=None)
    assert "“ü@x.org” has letters beyond ASCII before the @" in said.err
    given = "--contact me@example.org --deliver sendmail --sender me@example.org"
    assert f"To go on: statewire init --from site.yaml {given}\n" in said.err


def test_a_configuration_of_ones_own_is_a_template(run: Callable[..., Said], site: StateSite, tmp_path: Path) -> None:
    assert run(*YES, db=None).code == 0
    path = tmp_path / "settings/statewire/config.yaml"
    said = run("init", "--yes", "--force", "--from", str(path), "--contact", "you@example.org", db=None)
    assert said.code == 0, said
    assert f"the watch “All statements” of {path} is replaced\n" in said.err
    (watch,) = settings_of(tmp_path).watches
    assert watch.to == ("you@example.org",)
    assert path.read_text("utf-8").count("# Written by") == 1


@pytest.mark.parametrize("verb", ["init", "status", "watch list", "config check", "config show", "run"])
@pytest.mark.parametrize("name", ["loop.yaml", "x" * 300])
def test_a_configuration_that_no_file_can_be(
    run: Callable[..., Said], site: StateSite, tmp_path: Path, name: str, verb: str
) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    said = run("--config", name, *verb.split(), db=None)
    assert said.code == 2
    assert f"{name}: cannot be used: " in said.err
    assert len(said.err.splitlines()) <= 2


def test_init_replaces_no_folder_and_no_pipe(run: Callable[..., Said], site: StateSite, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("pipe.yaml", "."):
        said = run("--config", name, *YES, "--force", db=None)
        assert said.code == 2
        assert "and is not replaced" in said.err


def test_a_second_run_goes_on_and_force_keeps_a_copy(run: Callable[..., Said], site: StateSite, tmp_path: Path) -> None:
    assert run(*YES, db=None).code == 0
    path = tmp_path / "settings/statewire/config.yaml"
    first = path.read_bytes()
    said = run(*YES, "--word", "Tides", db=None)
    assert said.code == 0
    assert f"{path} exists and stays as it is; ignored: --contact, --word, --from (--force " in said.err
    assert "2 statements stored." in said.err
    assert path.read_bytes() == first
    said = run(*YES, "--word", "Tides", "--force", db=None)
    assert said.code == 0
    assert f"kept a copy: {path}.bak\n" in said.err
    assert path.with_name("config.yaml.bak").read_bytes() == first
    assert stat.S_IMODE(path.with_name("config.yaml.bak").stat().st_mode) == 0o600
    assert settings_of(tmp_path).watches[0].name == "Tides"


def test_a_file_of_another_program_stays(run: Callable[..., Said], site: StateSite, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("server: {port: 80}\n", encoding="utf-8")
    assert run(*YES, db=None).code == 0
    assert (tmp_path / "config.yaml").read_text("utf-8") == "server: {port: 80}\n"
    said = run("status", db=None)
    assert "note: ./config.yaml is not taken: " in said.err
    assert f"{tmp_path}/settings/statewire/config.yaml is in force\n" in said.err


def test_mail_that_is_refused_and_a_site_that_is_down(
    run: Callable[..., Said], site: StateSite, tmp_path: Path
) -> None:
    server = serve(Handler(bad="me@example.org"))
    site.says(PATH, b"gone", status=500)
    smtp = ["--deliver", "smtp", "--smtp-host", "127.0.0.1", "--smtp-port", str(server.port), "--smtp-security", "none"]
    try:
        said = run(*YES, *smtp, db=None)
        assert said.code == 4
        assert "To try it again: statewire alerts test\n" in said.err
        assert "To try it again: statewire fetch\n" in said.err
        assert "Next:" in said.out
        site.says(PATH, rss(Piece(1)))
        server.handler.bad = ""
        said = run("init", db=None)
    finally:
        server.stop()
    assert said.code == 0, said
    assert "1 statement stored." in said.err
    assert settings_of(tmp_path).watches[0].to == ("me@example.org",)


def test_ctrl_c_while_the_sources_are_polled(
    run: Callable[..., Said], site: StateSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("scraper.pipeline.run.run_source", interrupt)
        said = run(*YES, db=None)
    assert said.code == 130
    assert "Interrupted; what was done so far is kept. To go on: statewire fetch\n" in said.err
    assert run("init", db=None).code == 0


def test_a_full_disk(site: StateSite, tmp_path: Path) -> None:
    def work() -> int:
        try:
            main([*YES, "--word", "a b"])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 98

    for bytes_left, words in ((0, "cannot be written: File too large"), (100_000, "Free some space")):
        said = in_child(work, file_bytes=bytes_left)
        assert said.code == 5, said
        assert words in said.err
        assert "Traceback" not in said.err
    assert settings_of(tmp_path).watches[0].name == "a b"
    said = in_child(work)
    assert said.code == 0, said


def test_a_full_disk_keeps_the_answers(
    run: Callable[..., Said], site: StateSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "create_whole", refuse)
    said = run(*YES, "--word", "a b", db=None)
    assert said.code == 5
    given = "--contact me@example.org --deliver maildir --to me@example.org --word 'a b' --source state"
    assert f"To go on, once this is corrected: statewire init --yes --from site.yaml {given}\n" in said.err


def test_force_says_what_is_not_taken_over_and_how_to_keep_it(
    run: Callable[..., Said], site: StateSite, tmp_path: Path
) -> None:
    assert run(*YES, db=None).code == 0
    path = tmp_path / "settings/statewire/config.yaml"
    text = path.read_text("utf-8").replace("retries: 0", "retries: 2")
    mirror = "sources:\n  - {name: gazette, role: mirror, endpoints: [{kind: feed, url: 'http://127.0.0.1:9/x/'}]}\n"
    text = text.replace("sources:\n", mirror, 1).replace("name: state\n", "name: state\n    enabled: false\n", 1)
    text = text.replace("name: state\n", "name: state\n    every: 45m\n", 1)
    text = text.replace("name: All statements\n", "name: All statements\n    when: [withdrawn]\n", 1)
    path.write_text(f"database: own.db\n{text}", encoding="utf-8")
    assert run("watch", "add", "Boats", "--word", "boats", db=None).code == 0
    said = run(*YES, "--force", db=None)
    assert said.code == 0, said
    lost = (
        "source “gazette”, watch “Boats”, source “state” (every), that state is disabled,"
        " watch “All statements” (when), fetch.retries, database"
    )
    assert f"not taken over: {lost}. To start from it instead: statewire init --force --from {path}.bak\n" in said.err
    assert "not taken over" not in run(*YES, "--force", db=None).err
    run("init", "--yes", "--force", "--from", f"{path}.bak", "--contact", "me@example.org", db=None)
    assert "gazette" in [source.name for source in settings_of(tmp_path).sources]


@pytest.mark.parametrize("is_set", [True, False])
def test_a_password_variable_that_is_not_set_is_named(
    run: Callable[..., Said], site: StateSite, monkeypatch: pytest.MonkeyPatch, is_set: bool
) -> None:
    monkeypatch.setattr("scraper.cli.init._first_run", lambda *_: 0)
    monkeypatch.delenv("STATEWIRE_SMTP_PASSWORD", raising=False)
    if is_set:
        monkeypatch.setenv("STATEWIRE_SMTP_PASSWORD", "secret")
    said = run(*YES, "--deliver", "smtp", "--smtp-host", "mail.example.org", "--smtp-user", "me", db=None)
    assert said.code == 0
    assert ("warning: STATEWIRE_SMTP_PASSWORD, the environment variable" in said.err) is not is_set
    assert ("export STATEWIRE_SMTP_PASSWORD='...'" in said.err) is not is_set


def test_the_end_repeats_what_is_to_be_corrected_and_says_if_nothing_was_reached(
    run: Callable[..., Said], site: StateSite, tmp_path: Path
) -> None:
    site.says(PATH, b"gone", status=500)
    said = run(*YES, "--country", "Camboda", db=None)
    assert "No statement is stored yet." in said.err
    end = " ".join(said.err.partition("No statement is stored yet.")[2].split())
    assert "Still to correct: the watch “Camboda” (about.countries): State’s site has no country “Camboda”" in end
    assert f"did you mean “Cambodia”? Correct it in {tmp_path}/settings/statewire/config.yaml." in end
    assert re.findall(r"^  statewire (\w+)", said.out, re.MULTILINE)[:2] == ["run", "fetch"]
