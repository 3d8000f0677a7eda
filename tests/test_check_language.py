"""Tests of `.ci/check_language.py`: each rule with a source that breaks it and one that keeps it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).parent.parent / ".ci" / "check_language.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_language", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


check_language = load()


def found(source: str, path: str = "scraper/a.py") -> list[tuple[int, str]]:
    """Return line and rule of each finding in one file."""
    return [(finding.line, finding.rule) for finding in check_language.check_file(path, source)]


def found_in_all(sources: dict[str, str]) -> list[tuple[str, int, str]]:
    """Return path, line and rule of each finding in a package."""
    return [(finding.path, finding.line, finding.rule) for finding in check_language.check_package(sources)]


# Beginnings of docstrings


@pytest.mark.parametrize("word", "What Whether How Where When Who Whom Whose Which Of If WHAT whether".split())
def test_a_docstring_that_begins_with_a_question_word_is_found(word: str) -> None:
    assert found(f'"""{word} the page says."""\n') == [(1, "docstring-start")]


@pytest.mark.parametrize(
    "text", ["Whatever is left.", "Offer a page.", "Iffy input.", "If-None-Match of a page.", "Return what is left."]
)
def test_a_docstring_that_begins_with_another_word_is_not(text: str) -> None:
    assert found(f'"""{text}"""\n') == []


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n    """What it is."""\n',
        'async def _f():\n    """What it is."""\n',
        'class A:\n    """What it is."""\n',
        'LIMIT = 1\n"""What it is."""\n',
        'limit: int = 1\n"""\nWhat it is."""\n',
    ],
)
def test_every_kind_of_docstring_is_checked(source: str) -> None:
    assert found(source) == [(2, "docstring-start")]


def test_methods_properties_and_fields_are_checked() -> None:
    source = '''\
class A:
    """Sample."""

    size: int
    """How large it is."""

    @property
    def name(self):
        """Who it is."""

    def _private(self):
        """Of no interest."""
'''
    assert found(source) == [(5, "docstring-start"), (9, "docstring-start"), (12, "docstring-start")]


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ('f"""What {it} is."""', [(2, "docstring-start")]),
        ('f"""Sample {a} of\n\n    {a} told."""', [(4, "banned-word")]),
        ('f"""{a} of {b}."""', []),
        ('print("told")', []),
    ],
)
def test_a_docstring_that_is_an_f_string_is_searched_as_one_text(
    docstring: str, expected: list[tuple[int, str]]
) -> None:
    assert found(f"def f():\n    {docstring}\n") == expected


def test_other_strings_are_no_docstrings() -> None:
    source = 'QUESTION = "What is told?"\n# What is left.\nkey = lambda: "Who"\nprint(QUESTION)\n"When"\n'
    assert found(source) == []


# Banned words in prose


@pytest.mark.parametrize(
    "text",
    [
        "what it told",
        "two tellings",
        "name what ails it",
        "this is weather",
        "the bell rings",
        "the witness agrees",
        "with these eyes",
        "the crew rests",
        "its pulse",
        "the letter says so",
        "each letter shows it",
        "it hears of it",
        "it heeds them",
        "all printing lives here",
        "it lives on",
        "nobody asks",
        "somebody's page",
        "for whoever asks",
        "without further ado",
        "stalled past help",
        "it can feign that",
        "the text at hand",
        "Let go of the file",
        "an attempt in vain",
        "the mended text",
        "a misread character",
        "the unturned text",
        "TOLD",
    ],
)
def test_a_banned_word_is_found(text: str) -> None:
    assert found(f"# {text}\n") == [(1, "banned-word")]


@pytest.mark.parametrize(
    "text",
    [
        "letter case alone is cosmetic",
        "letters and digits",
        "a letter-and-digit run",
        "a capital letter",
        "the lower-case letter",
        "a letter that is lost",
        "it tells them apart",  # counted over the whole package instead
        "details, fails, emails",
        "a label, a bellwether, a heartbeat",
        "looked at hand-written rules",
        "commend, recommended, amend",
        "the names `is_told` and `told_at`",
        "hearing, heard",
    ],
)
def test_a_word_that_only_resembles_one_is_not(text: str) -> None:
    assert found(f"# {text}\n") == []


def test_docstrings_are_searched_line_by_line_and_across_line_breaks() -> None:
    assert found('"""Sample.\n\nRelease, never let\n    go of. Nobody asks.\n"""\n') == [
        (3, "banned-word"),
        (4, "banned-word"),
    ]


def test_an_escaped_line_break_does_not_move_a_finding_out_of_its_docstring() -> None:
    assert found('"""Sample\\n\\n\\ntold."""\n') == [(1, "banned-word")]


def test_adjacent_comments_are_searched_as_one() -> None:
    assert found("a = 1\n# Tried in\n# vain.\nb = 2  # and told\n\n# in\n\n# vain\n") == [
        (2, "banned-word"),
        (4, "banned-word"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        'log.info("nobody asks")\n',
        'logger.warning("for %s", "whoever asks")\n',
        'self.log.error(f"{name}: nobody asks")\n',
        'log.log(level, message, extra={"why": "told"})\n',
        '_log.info("nobody asks")\n',
        '_logger.debug("nobody asks")\n',
        'LOG.critical("nobody asks")\n',
        'self._log.exception("nobody asks")\n',
        'self.daemon.run_log.warn(f"{name}: nobody asks of {name}")\n',
        'logging.info("nobody asks")\n',
        'logging.getLogger(name).fatal("nobody asks")\n',
        'getLogger(name).log(level, "nobody asks")\n',
        'raise InputError("nobody asks")\n',
        'raise errors.InputError("no name", hint="name somebody") from error\n',
        'raise InputError("no name" if name else "nobody asks")\n',
    ],
)
def test_messages_of_logs_and_exceptions_are_searched(source: str) -> None:
    assert found(source) == [(1, "banned-word")]


@pytest.mark.parametrize(
    "source",
    [
        'print("nobody asks")\n',
        'word = "told"\n',
        'math.log("told")\n',
        'log.write_text("told")\n',
        'logging.getLogger("told")\n',
        'click.error("told")\n',
        'log_run("told")\n',
        "raise\n",
        "raise error\n",
    ],
)
def test_other_strings_are_not(source: str) -> None:
    assert found(source) == []


# Banned words in identifiers


@pytest.mark.parametrize(
    "source",
    [
        "def is_told(): ...",
        "async def heed(): ...",
        "class DayWitness: ...",
        "class Letter: ...",
        "def f(told): ...",
        "def f(*, crew=1): ...",
        "told = 1",
        "_MAX_TELLINGS = 1",
        "pulse: int = 1",
        "self.crew = 1",
        "for eyes in pages: ...",
        "import jobs as crew",
        "a = [misread for misread in found]",
        "match a:\n    case int() as mended: ...",
        "try: ...\nexcept E as told: ...",
    ],
)
def test_a_banned_word_in_an_identifier_is_found(source: str) -> None:
    assert [rule for _, rule in found(source + "\n")] == ["banned-name"]


@pytest.mark.parametrize(
    "source",
    [
        "letter = 'a'",
        "letters = 'ab'",
        "details = 1",
        "threshold = 1",
        "class Storyteller: ...",
        "print(told)",  # named elsewhere
        "f(told=1)",
        "self.crew.wait()",
        "from a import told",
        "match a:\n    case _: ...",
    ],
)
def test_another_identifier_is_not(source: str) -> None:
    assert found(source + "\n") == []


# Sizes


def test_a_file_has_a_limit_of_lines() -> None:
    limit = check_language.MAX_FILE_LINES
    assert found("a = 1\n" * limit) == []
    assert found("a = 1\n" * (limit + 1)) == [(1, "file-length")]


def test_a_function_has_a_limit_of_lines_without_its_decorators() -> None:
    body = "    a = 1\n" * (check_language.MAX_FUNCTION_LINES - 1)
    assert found(f"@cache\n@wraps\ndef f():\n{body}") == []
    assert found(f"@cache\n@wraps\ndef f():\n{body}    b = 1\n") == [(3, "function-length")]


SIX = "def f(self, a, /, b, *c, d=lambda x, y: 1, e: int = 2, **g): ...\n"
SEVEN = "def f(self, a, /, b, c, *d, e, g, **h): ...\n"


def test_parameters_of_all_kinds_are_counted_without_self_and_cls() -> None:
    assert found(SIX) == []
    assert found(SEVEN) == [(1, "parameters")]
    assert found(SEVEN.replace("self", "cls")) == [(1, "parameters")]


def test_fields_of_a_dataclass_are_no_parameters() -> None:
    assert found("@dataclass\nclass A:\n" + "".join(f"    a{number}: int\n" for number in range(9))) == []


def test_functions_over_the_limit_of_parameters_are_listed_when_there_are_too_many() -> None:
    limit = check_language.MAX_FUNCTIONS_OVER_PARAMETERS
    commands = {"scraper/cli/a.py": SEVEN * 9}
    assert found_in_all({"scraper/a.py": SEVEN * limit, **commands}) == []
    assert found_in_all({"scraper/a.py": SEVEN * limit, "scraper/b.py": SEVEN, **commands}) == [
        *(("scraper/a.py", line, "parameters") for line in range(1, limit + 1)),
        ("scraper/b.py", 1, "parameters"),
    ]


# Limits of the whole package


def test_tell_is_counted_over_all_files() -> None:
    limit = check_language.MAX_TELL_WORDS
    text = "a = 'Tell'\n" * (limit - 1)
    assert found_in_all({"a.py": text, "b.py": "a = 'tells'  # teller, tell_apart\n"}) == []
    [finding] = check_language.check_package({"a.py": text, "b.py": "a = 'tells'\nb = 'told, telling'\n"})
    assert (finding.path, finding.rule) == ("scraper", "tell-count")
    assert f" {limit + 2} times" in finding.message


def test_files_with_a_type_checking_block_are_counted() -> None:
    limit = check_language.MAX_TYPE_CHECKING_FILES
    sources = {f"{number}.py": "if TYPE_CHECKING:\n    import a\n" * 2 for number in range(limit)}
    assert found_in_all({**sources, "a.py": "TYPE_CHECKING = False\n"}) == []
    assert found_in_all({**sources, "a.py": "if TYPE_CHECKING:\n    import a\n"}) == [("scraper", 1, "type-checking")]


def test_a_file_that_does_not_parse_is_one_finding() -> None:
    assert found_in_all({"a.py": "a = 1\ndef f(:  # told\n", "b.py": "a = 1\n"}) == [("a.py", 2, "syntax")]


# The tables and the command


def test_every_ban_has_an_advice_and_every_prose_ban_is_a_regular_expression() -> None:
    for pattern, advice in (*check_language.BANNED, *check_language.BANNED_NAMES):
        assert re.compile(pattern)
        assert advice.startswith(("write ", "name "))


def run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False, timeout=60)


def test_the_command_prints_findings_and_their_count(tmp_path: Path) -> None:
    (tmp_path / "scraper" / "cli").mkdir(parents=True)
    (tmp_path / "scraper" / "cli" / "a.py").write_text('"""What it is."""\n\ntold = 1\n', encoding="utf-8")
    result = run(tmp_path)
    assert result.returncode == 1
    first, second, last = result.stdout.splitlines()
    assert first.startswith('scraper/cli/a.py:1: docstring begins with "What": begin with ')
    assert second.startswith('scraper/cli/a.py:3: "told" in the identifier `told` is banned: name ')
    assert last == "Findings: 2 (docstring-start 1, banned-name 1). Files: 1."


def test_the_command_succeeds_without_findings(tmp_path: Path) -> None:
    (tmp_path / "scraper").mkdir()
    (tmp_path / "scraper" / "a.py").write_text('"""Sample."""\n', encoding="utf-8")
    result = run(tmp_path)
    assert (result.returncode, result.stdout) == (0, "Findings: 0. Files: 1.\n")


def test_the_command_refuses_a_root_without_the_package(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.returncode == 2
    assert "name the root of the repository" in result.stderr


@pytest.mark.parametrize(
    "decorator",
    ["click.command", 'click.command("run")', "main.command()", "app.group", "group(cls=Verbs)", "trace_command"],
)
def test_the_help_of_a_command_is_not_checked(decorator: str) -> None:
    source = f'@{decorator}\ndef run() -> None:\n    """Watch until somebody stops it."""\n'
    assert found(source) == []
    assert found(source.partition("\n")[2]) == [(2, "banned-word")]


@pytest.mark.parametrize(
    "decorator",
    [
        'click.option("--group")',
        "register(command)",
        "cache(key=a.group)",
        "command.cache",
        "regroup",
        "group_by",
        "a['group']",
    ],
)
def test_a_decorator_that_only_names_a_command_or_a_group_exempts_nothing(decorator: str) -> None:
    assert found(f'@{decorator}\ndef run() -> None:\n    """Told."""\n') == [(3, "banned-word")]


# The layers that import-linter checks


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def empty_package(tmp_path: Path) -> Path:
    """A copy of the contracts and of the package, of which only the names matter here."""
    root = SCRIPT.parent.parent
    (tmp_path / "pyproject.toml").write_text((root / "pyproject.toml").read_text("utf-8"), encoding="utf-8")
    for file in [*(root / "scraper").glob("*.py"), *(root / "scraper").glob("*/__init__.py")]:
        copy = tmp_path / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    return tmp_path


def test_a_new_module_at_the_top_of_the_package_needs_a_layer(empty_package: Path) -> None:
    assert lint_imports(empty_package).returncode == 0
    (empty_package / "scraper" / "newcomer.py").touch()
    result = lint_imports(empty_package)
    assert result.returncode == 1
    assert "scraper.newcomer" in result.stdout


@pytest.mark.parametrize(
    ("package", "forbidden"), [("fetch", {"sqlite3"}), ("store", {"httpx"}), ("cli", {"httpx", "sqlite3"})]
)
def test_a_new_module_may_not_import_what_one_package_knows(
    empty_package: Path, package: str, forbidden: set[str]
) -> None:
    (empty_package / "scraper" / package / "newcomer.py").write_text("import httpx\nimport sqlite3\n")
    output = lint_imports(empty_package).stdout
    assert {name for name in ("httpx", "sqlite3") if f"scraper.{package}.newcomer -> {name}" in output} == forbidden


def test_comments_of_the_configuration_are_searched_and_its_values_are_not() -> None:
    source = "# What is\n# told here.\nwatches:\n  - name: told  # and told here\n    # Nobody hears.\n"
    assert [(each.line, each.rule) for each in check_language.check_configuration("config.yaml", source)] == [
        (2, "banned-word"),
        (5, "banned-word"),
        (5, "banned-word"),
    ]


def test_the_command_checks_the_configuration_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "scraper").mkdir()
    (tmp_path / "scraper" / "a.py").write_text('"""Tests."""\n', encoding="utf-8")
    (tmp_path / "config.yaml").write_text("# They are told.\n", encoding="utf-8")
    done = subprocess.run([sys.executable, SCRIPT, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.startswith('config.yaml:1: "told" is banned')
