"""Questions of `statewire init`: one table for its options, their defaults and checks, and the dialogue."""

import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import click
from pydantic import Field, TypeAdapter, ValidationError

from scraper.alerts.known_names import is_list_of_names
from scraper.cli.format import terminal_safe
from scraper.cli.layout import columns, echo_line
from scraper.cli.param_types import quoted
from scraper.config import loader, yaml
from scraper.config.choices import MailTransportKind, Security
from scraper.config.fields import (
    Contact,
    File,
    MailAddress,
    MailHost,
    Phrase,
    SenderAddress,
    Text,
    Variable,
    needs_smtputf8,
)
from scraper.config.settings import Settings
from scraper.errors import InputError

Answers = dict[str, Any]
"""Answers by the `key` of their question: a text, or a tuple of texts if the question takes several."""

_WIDTH: Final = 72
_MAX_TRIES = 5
_KINDS = {"country": "countries", "type": "types"}
_INTRODUCTION = (
    "An empty line takes the answer in brackets. Nothing is written before the last answer, and each can be changed"
    " later."
)
# A comma separates, but not the one in State's "Bahamas, The".
_SEPARATOR = re.compile(r"[,;](?!\s{0,9}The\b)")


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and the option of the same name: `smtp_host` is asked, or given as --smtp-host.

    `default` takes the answers so far and the template, and returns the answer if none is given; None if there has to
    be one. `applies` is False if the answers so far make the question needless.
    """

    key: str
    label: str
    text: str
    metavar: str
    kind: Any
    default: Callable[[Answers, Settings], Any] = lambda _, __: ""
    applies: Callable[[Answers], bool] = lambda _: True
    is_list: bool = False

    @property
    def flag(self) -> str:
        """The option."""
        return f"--{self.key.replace('_', '-')}"

    def checked(self, given: Sequence[str]) -> Any:
        """Return an answer from texts as they were given. Raise `ValueError` with the mistake."""
        values = []
        for text in filter(None, map(str.strip, given)):
            try:
                values.append(self._value(text))
            except ValueError as error:
                raise ValueError(f"{quoted(text)} {error}") from None
        return tuple(values) if self.is_list else values[0] if values else ""

    def _value(self, text: str) -> str:
        try:
            value = TypeAdapter(self.kind).validate_python(text)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            message = str(detail.get("ctx", {}).get("error", "")) or loader.own_words(detail)
            raise ValueError(message) from None
        # A path on the command line starts from the current folder, one in the file from the folder of the file.
        given = str(value.absolute() if isinstance(value, Path) else value)
        if mistake := yaml.variable_mistake(given):
            raise ValueError(mistake)
        return given


def _is_smtp(answers: Answers) -> bool:
    return bool(answers["deliver"] == "smtp")


def _mail_of(answers: Answers, _: Settings) -> str | None:
    return answers["contact"] if "@" in answers["contact"] and "://" not in answers["contact"] else None


def _mails_of(answers: Answers, template: Settings) -> tuple[str, ...] | None:
    mail = _mail_of(answers, template)
    return (mail,) if mail else None


def _enabled(_: Answers, template: Settings) -> tuple[str, ...]:
    return tuple(source.name for source in template.sources if source.enabled)


QUESTIONS = (
    Question(
        "contact",
        "Contact",
        "Your e-mail address, or a web page that says what you do. It is sent with every request, so that the people"
        " who run a site can reach you instead of locking you out.",
        "ADDRESS|URL",
        Contact,
        lambda _, __: None,
    ),
    Question(
        "deliver",
        "Deliver by",
        "Transport of mail: maildir (a folder on this machine, which mail programs open), smtp (a mail server), or"
        " sendmail (the command of this machine).",
        "maildir|smtp|sendmail",
        MailTransportKind,
        lambda _, __: "maildir",
    ),
    Question(
        "maildir",
        "Folder",
        "The Maildir folder. Without an answer it is the folder `mail` beside the database.",
        "FOLDER",
        File,
        applies=lambda answers: bool(answers["deliver"] == "maildir"),
    ),
    Question(
        "smtp_host", "Mail server", "Host name of the mail server.", "HOST", MailHost, lambda _, __: None, _is_smtp
    ),
    Question(
        "smtp_security",
        "Security",
        "starttls (as a rule port 587), tls (465), or none (a server on this machine).",
        "starttls|tls|none",
        Security,
        lambda _, __: "starttls",
        _is_smtp,
    ),
    Question(
        "smtp_port",
        "Port",
        "Port of the mail server.",
        "PORT",
        Annotated[int, Field(ge=1, le=65_535)],
        lambda answers, _: {"starttls": "587", "tls": "465", "none": "25"}[answers["smtp_security"]],
        _is_smtp,
    ),
    Question(
        "smtp_user",
        "User",
        "Name to log in with. Without an answer there is no login.",
        "NAME",
        Text,
        applies=_is_smtp,
    ),
    Question(
        "smtp_password_file",
        "Password file",
        "File with the password on its first line; the configuration never contains it. Without an answer the password"
        " is in an environment variable.",
        "FILE",
        File,
        applies=lambda answers: _is_smtp(answers) and bool(answers["smtp_user"]),
    ),
    Question(
        "smtp_password_env",
        "Password variable",
        "Name of the environment variable that holds the password.",
        "NAME",
        Variable,
        lambda _, __: "STATEWIRE_SMTP_PASSWORD",
        lambda answers: _is_smtp(answers) and bool(answers["smtp_user"]) and not answers["smtp_password_file"],
    ),
    Question(
        "sender",
        "Sender",
        "Address that the mails come from.",
        "ADDRESS",
        SenderAddress,
        _mail_of,
        lambda answers: bool(answers["deliver"] != "maildir"),
    ),
    Question(
        "to",
        "Recipients",
        "Address that gets the mails.",
        "ADDRESS",
        MailAddress,
        _mails_of,
        is_list=True,
    ),
    Question(
        "word",
        "Words",
        "Whole word or phrase in title or text. Mail is sent if any word, country or type fits; without any of them, it"
        " is sent about every statement.",
        "TEXT",
        Phrase,
        is_list=True,
    ),
    Question(
        "country",
        "Countries",
        "Country, as State spells it (Burma, Turkey): by State’s tag, or named in the title.",
        "NAME",
        Phrase,
        is_list=True,
    ),
    Question(
        "type",
        "Types",
        "Type of document, such as Press Statement, Readout or Joint Statement.",
        "NAME",
        Phrase,
        is_list=True,
    ),
    Question(
        "source",
        "Sources",
        "Site to monitor: State's own, its archive, and mirrors, which carry copies. `statewire source` changes the"
        " choice later.",
        "NAME",
        Text,
        _enabled,
        is_list=True,
    ),
)


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of all questions to a command; an option that is not given is None or ()."""
    for question in reversed(QUESTIONS):
        words = question.text.split(". ")[0].removesuffix(".") + "."
        words += " May be repeated." if question.is_list else ""
        command = click.option(
            question.flag, question.key, metavar=question.metavar, help=words, multiple=question.is_list
        )(command)
    return command


def collect(given: Mapping[str, Any], template: Settings, *, asks: bool, how: Callable[[Answers], str]) -> Answers:
    """Return the answers: from the options, else by asking, or by the defaults if `asks` is False.

    `how` returns the command that goes on after some answers, for a dialogue that ends early.
    Raise `InputError` if an option has a mistake, the input ends before the last question, or options are missing.
    """
    # All options before the first question: a mistake in one must not cost the answers.
    options = {
        question.key: _from_option(question, texts, {}, template)
        for question in QUESTIONS
        if (texts := _texts(given[question.key]))
    }
    answers: Answers = {}
    missing = []
    if asks:
        click.echo(filled(_INTRODUCTION), err=True)
    try:
        for question in QUESTIONS:
            if not question.applies(answers):
                _check_not_given(question, options)
            elif question.key in options:
                answers[question.key] = _from_option(question, _texts(given[question.key]), answers, template)
            else:
                default = question.default(answers, template)
                answers[question.key] = _ask(question, default, answers, template) if asks else default or ""
                if default is None and not asks:
                    missing.append(question.flag)
    except (EOFError, KeyboardInterrupt, InputError) as error:
        if asks:
            click.echo(err=True)
            # Not the option that does not fit the answers.
            kept = {key: value for key, value in options.items() if key not in {question.key}} | answers
            click.echo(f"Nothing was written. To go on: {terminal_safe(how(kept))}", err=True)
        if not isinstance(error, EOFError):
            raise
        raise InputError(
            "the input ended before the last question was answered",
            hint="answer in a terminal, or give the answers as options with --yes",
        ) from None
    if missing:
        # Without a contact it is not known yet whether that is a recipient.
        is_open = {"--contact", "--to"} <= set(missing)
        missing = [flag for flag in missing if not (is_open and flag == "--to")]
        also = "; --to too, if the contact is a web page" if is_open else ""
        raise InputError(f"with --yes, {' and '.join(missing)} must be given{also}", hint="statewire init --help")
    return answers


def filled(text: str) -> str:
    """Return a text of the dialogue as lines that fit the terminal and are easy to read."""
    return textwrap.fill(text, min(columns(err=True) or _WIDTH, _WIDTH))


def as_options(answers: Answers) -> list[str]:
    """Return answers as options of the command line."""
    pairs = [(question.flag, text) for question in QUESTIONS for text in _texts(answers.get(question.key))]
    return [word for pair in pairs for word in pair]


def _check_not_given(question: Question, given: Mapping[str, Any]) -> None:
    if given.get(question.key):
        raise InputError(
            f"{question.flag} does not fit the other answers",
            hint="--smtp-… belong to --deliver smtp, --maildir to --deliver maildir",
        )


def _texts(answer: Any) -> list[str]:
    """Return an answer, or the values of an option, as a list; an empty one is left out."""
    return [answer] if isinstance(answer, str) and answer else list(answer or ())


def _from_option(question: Question, texts: Sequence[str], answers: Answers, template: Settings) -> Any:
    try:
        answer = question.checked(texts)
        _check_with_others(question, answer, answers, template)
    except ValueError as error:
        raise InputError(f"{question.flag} {error}") from None
    return answer


def _ask(question: Question, default: Any, answers: Answers, template: Settings) -> Any:
    """Print a question and return the answer, or the default for an empty line. Raise `EOFError` at the input's end."""
    more = " Separate several with commas." if question.is_list else ""
    click.echo(f"\n{filled(question.text + more)}", err=True)
    if question.key == "source":
        for source in template.sources:
            mark = "*" if source.enabled else " "
            echo_line(f"  {mark} {source.name:<28}{source.role}", 4, err=True)
    shown = ", ".join(_texts(default))
    for _ in range(_MAX_TRIES):
        click.echo(f"{question.label}{f' [{shown}]' if shown else ''}: ", nl=False, err=True)
        if sys.stdin is None:  # it was closed before the start
            raise EOFError
        try:
            line = input()
            texts = _SEPARATOR.split(line) if question.is_list else [line]
            answer = question.checked(texts)
            _check_with_others(question, answer, answers, template)
        except ValueError as error:  # a wrong answer, or bytes that are no text
            mistake = "This is no text" if isinstance(error, UnicodeError) else error
            echo_line(terminal_safe(f"{mistake}."), 0, err=True)
            continue
        if answer or default is not None:
            return answer or default
        click.echo("This needs an answer.", err=True)
    raise InputError(f"{question.label}: {_MAX_TRIES} answers could not be used", hint=f"give it as {question.flag}")


def _check_with_others(question: Question, answer: Any, answers: Answers, template: Settings) -> None:
    """Raise `ValueError` for an answer that does not fit the sources of the template, or the earlier answers."""
    wide = [address for address in answer if question.key == "to" and needs_smtputf8(address)]
    if wide and answers.get("deliver") == "sendmail":
        raise ValueError(
            f"{quoted(wide[0])} has letters beyond ASCII before the @, which needs --deliver smtp or maildir"
        )
    names = [source.name for source in template.sources]
    if question.key == "source" and (unknown := [name for name in answer if name not in names]):
        raise ValueError(
            f"{quoted(unknown[0])} names no source of the configuration, which has {', '.join(names)}; to add another"
            " site afterwards: `statewire source add URL`"
        )
    for name in answer if question.key in _KINDS else ():
        if is_list_of_names(_KINDS[question.key], name):
            raise ValueError(f"{quoted(name)} are several; repeat the option for each")
