"""Checker of the house rules for the language and the size of the package's Python files.

Run as `python .ci/check_language.py [ROOT]`. Print one line per finding and exit with status 1 if there are any. A word
that is not wanted any more goes into `BANNED` (prose) or `BANNED_NAMES` (identifiers), always with its replacement.

Prose is the docstrings, the comments (those of config.yaml too), and the strings written in the arguments of log calls
and of raised exceptions.
Not searched are all other texts: the help texts (docstrings of click commands, `help=`), the texts of mails and other
messages to recipients, the lines of `doctor`, all other output (`print`, `click.echo`, reports), strings that reach a
log line or an exception through a variable or a function, and all other files that are not Python.
"""

import argparse
import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, pairwise, takewhile
from pathlib import Path

PACKAGE = "scraper"
CONFIGURATION = "config.yaml"
MAX_TELL_WORDS = 30
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 6
MAX_FUNCTIONS_OVER_PARAMETERS = 5  # outside `scraper/cli/`, where a command has a parameter for each option
MAX_TYPE_CHECKING_FILES = 157  # as many as at commit 282cbdf

# Regular expressions of whole words, case ignored; a space also matches a line break.
BANNED: tuple[tuple[str, str], ...] = (
    ("told|tellings?", "write 'reported' or 'notified', or name the actor"),
    ("ails|weather", "name the error, or write 'transient failure'"),
    ("bell", "write 'trigger' or 'notification'"),
    ("witness(es|ed)?", "write 'confirmation source' or 'authoritative'"),
    ("eyes", "write 'parser' or 'reader'"),
    ("crew", "write 'job runner'"),
    ("pulse", "write 'heartbeat'"),
    ("(the|this|a|one|each) letter (says|shows|tells|carries|gives|names|goes)", "write 'message' or 'e-mail'"),
    ("hears?", "write 'receives' or 'is notified'"),
    ("heed(s|ed|ing)?", "write 'honour' or 'follow'"),
    ("lives", "write 'runs', 'exists' or 'is in'"),
    ("nobody", "write 'no' and the actor: no operator, no recipient, no process"),
    ("somebody|whoever", "name the actor: the operator, a publisher, the caller, another process"),
    ("without further ado", "write 'by default'"),
    ("past help", "write 'beyond recovery'"),
    ("feign(s|ed|ing)?", "write 'forge' or 'imitate'"),
    ("at hand(?!-)", "write 'available' or 'current'"),
    ("let(s|ting)? go of", "write 'release' or 'clear'"),
    ("in vain", "write 'failed' or 'without success'"),
    ("mend(s|ed|ing)?", "write 'repair' or 'fix'"),
    ("misread", "write 'garbled' or 'wrongly decoded'"),
    ("unturned", "write 'without bidi controls'"),
)
# Regular expressions of one word of an identifier, case ignored unless the expression says otherwise.
BANNED_NAMES: tuple[tuple[str, str], ...] = (
    ("told|tellings?", "name the value: details, reasons, section"),
    ("(?-i:Letter)", "write 'MessageContent'"),  # in lower case it may be a letter of the alphabet
    ("witness(es)?|eyes", "name the source or the parser"),
    ("crew", "write 'job_runner' or 'jobs'"),
    ("pulse", "write 'heartbeat'"),
    ("weather|ails|bell", "name the failure or the trigger"),
    ("heed(s|ed)?", "write 'honour' or 'follow'"),
    ("nobody|somebody|whoever", "name the actor"),
    ("mend(s|ed)?|misread|unturned", "write 'fix_mojibake', 'find_mojibake' or 'strip_bidi_controls'"),
)

_PROSE = [(re.compile(rf"\b(?:{words})\b".replace(" ", r"\s+"), re.IGNORECASE), advice) for words, advice in BANNED]
_NAMES = [(re.compile(words, re.IGNORECASE), advice) for words, advice in BANNED_NAMES]
_QUESTION = re.compile(r"\s*(what|whether|how|where|when|who|whom|whose|which|of|if)(?![\w-])", re.IGNORECASE)
_COMMAND = re.compile(r"(^|_)(command|group)$")
_LOG_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"})
_TELL = re.compile(r"\b(told|tells?|telling)\b", re.IGNORECASE)
_NAME_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Documented = ast.Module | ast.ClassDef | _Function | ast.Assign | ast.AnnAssign


@dataclass(frozen=True, order=True)
class Finding:
    """Place at which a rule is broken, and a message that names the problem and the remedy."""

    path: str
    line: int
    rule: str
    message: str


def check_package(sources: Mapping[str, str]) -> list[Finding]:
    """Check all files of the package, given as path -> source, and the limits that hold for all of them together."""
    findings = [finding for path, source in sources.items() for finding in check_file(path, source)]
    if sum(finding.rule == "parameters" for finding in findings) <= MAX_FUNCTIONS_OVER_PARAMETERS:
        findings = [finding for finding in findings if finding.rule != "parameters"]
    if (tells := sum(len(_TELL.findall(source)) for source in sources.values())) > MAX_TELL_WORDS:
        message = f"told/tell/tells/telling occur {tells} times, at most {MAX_TELL_WORDS}: write 'report' or 'return'"
        findings.append(Finding(PACKAGE, 1, "tell-count", message))
    if (blocks := sum("if TYPE_CHECKING:" in source for source in sources.values())) > MAX_TYPE_CHECKING_FILES:
        message = f"{blocks} files have `if TYPE_CHECKING:`, at most {MAX_TYPE_CHECKING_FILES}: import at the top"
        findings.append(Finding(PACKAGE, 1, "type-checking", message))
    return sorted(findings)


def check_file(path: str, source: str) -> list[Finding]:
    """Check one file, without the limits of `check_package`. A file that does not parse is one finding."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return [Finding(path, error.lineno or 1, "syntax", f"cannot be parsed ({error.msg}): fix the syntax")]
    found = {*_sizes(path, source, tree), *_names(path, tree)}
    for line, _, text in (docstrings := list(_docstrings(tree))):
        if match := _QUESTION.match(text):
            message = f'docstring begins with "{match[1]}": begin with an imperative verb or a plain noun phrase'
            found.add(Finding(path, line, "docstring-start", message))
    return sorted(found | set(_banned(path, [*docstrings, *_comments(source), *_messages(tree)])))


def check_configuration(path: str, source: str) -> list[Finding]:
    """Check the comments of a YAML file that users read and copy: lines that have nothing else."""
    lines = enumerate(source.splitlines(), 1)
    comments = {number: line.strip().lstrip("#") for number, line in lines if line.strip().startswith("#")}
    return sorted(_banned(path, _joined(comments)))


def _banned(path: str, texts: Iterable[tuple[int, int, str]]) -> Iterator[Finding]:
    """Yield the words in prose that are not wanted; a text has its first and its last line."""
    for line, last_line, text in texts:
        for pattern, advice in _PROSE:
            for match in pattern.finditer(text):
                at = min(line + text.count("\n", 0, match.start()), last_line)
                yield Finding(path, at, "banned-word", f'"{" ".join(match[0].split())}" is banned: {advice}')


def _strings(nodes: list[ast.AST]) -> Iterator[tuple[int, int, str]]:
    """Yield first line, last line and value of those nodes that are string literals."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.end_lineno or node.lineno, node.value


def _last_name(node: ast.expr) -> str:
    """Return the last name of a dotted expression or of the function it calls, empty if there is none."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _last_name(function)
    return ""


def _without_placeholders(node: ast.expr) -> ast.expr:
    """Return an f-string as a string literal with `{}` for each placeholder, any other expression as it is."""
    if not isinstance(node, ast.JoinedStr):
        return node
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ast.copy_location(ast.Constant(text), node)


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Yield docstrings, except those of click commands: they are help texts, an interface of their own."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if any(_COMMAND.search(_last_name(decorator)) for decorator in getattr(node, "decorator_list", ())):
            continue
        if isinstance(body, list):  # that of a lambda or of a conditional expression is an expression
            for before, statement in pairwise([node, *body]):
                if isinstance(statement, ast.Expr) and isinstance(before, _Documented):
                    yield from _strings([_without_placeholders(statement.value)])


def _comments(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the comments of a Python file, see `_joined`."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return _joined({token.start[0]: token.string.lstrip("#") for token in tokens if token.type == tokenize.COMMENT})


def _joined(comments: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    """Yield comments, given by their lines; adjacent ones as one, so that a phrase is found across a line break."""
    for first in comments:
        if first - 1 not in comments:
            lines = list(takewhile(comments.__contains__, count(first)))
            yield first, lines[-1], "\n".join(comments[line] for line in lines)


def _messages(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Yield the strings among the arguments of logging calls and of exceptions that are raised."""
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node
        if isinstance(call, ast.Call) and (isinstance(node, ast.Raise) or _is_log_call(call)):
            yield from _strings([part for argument in [*call.args, *call.keywords] for part in ast.walk(argument)])


def _is_log_call(call: ast.Call) -> bool:
    """Return whether a logging method is called on a receiver whose last name contains "log"."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _LOG_METHODS:
        return False
    return "log" in _last_name(function.value).lower()


def _names(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Yield a finding for each banned word in an identifier, at every place that defines or assigns it."""
    for node in ast.walk(tree):
        match node:
            case (
                (ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name))
                | (ast.arg(arg=name) | ast.alias(asname=name) | ast.ExceptHandler(name=name) | ast.MatchAs(name=name))
                | (ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()))
            ):
                for part in _NAME_PART.findall(name or ""):
                    for advice in (advice for pattern, advice in _NAMES if pattern.fullmatch(part)):
                        message = f'"{part}" in the identifier `{name}` is banned: {advice}'
                        yield Finding(path, node.lineno, "banned-name", message)


def _sizes(path: str, source: str, tree: ast.Module) -> Iterator[Finding]:
    if (lines := source.rstrip("\n").count("\n") + 1) > MAX_FILE_LINES:
        yield Finding(path, 1, "file-length", f"file has {lines} lines, at most {MAX_FILE_LINES}: split it")
    for node in (node for node in ast.walk(tree) if isinstance(node, _Function)):
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES:
            message = f"`{node.name}` has {lines} lines, at most {MAX_FUNCTION_LINES}: extract a function"
            yield Finding(path, node.lineno, "function-length", message)
        names = {child.arg for child in ast.iter_child_nodes(node.args) if isinstance(child, ast.arg)}
        if (number := len(names - {"self", "cls"})) > MAX_PARAMETERS and not path.startswith(f"{PACKAGE}/cli/"):
            message = f"`{node.name}` has {number} parameters, at most {MAX_PARAMETERS}: group them in a dataclass"
            yield Finding(path, node.lineno, "parameters", message)


def main() -> int:
    """Check the package below the root that the command line names and return the exit status."""
    parser = argparse.ArgumentParser(description="Check the house rules for language and size.")
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    root: Path = parser.parse_args().root
    sources = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in (root / PACKAGE).rglob("*.py")}
    if not sources:
        parser.error(f"{root} has no Python files in {PACKAGE}/: name the root of the repository")
    findings = check_package(sources)
    if (configuration := root / CONFIGURATION).exists():
        findings += check_configuration(CONFIGURATION, configuration.read_text("utf-8"))
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.message}")
    by_rule = ", ".join(f"{rule} {number}" for rule, number in Counter(f.rule for f in findings).most_common())
    print(f"Findings: {len(findings)}{by_rule and f' ({by_rule})'}. Files: {len(sources)}.")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
