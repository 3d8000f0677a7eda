"""`statewire completion`: scripts that complete commands, options and names in a shell; and the names to complete."""

import re
from pathlib import Path
from typing import Final

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from scraper.errors import StatewireError

VARIABLE: Final = "_STATEWIRE_COMPLETE"
"""Environment variable with which the scripts call statewire for completions."""
_SPECIAL = re.compile(r"[^\w@%+,./-]", re.ASCII)
_INSTALL = {
    "bash": 'eval "$(statewire completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(statewire completion zsh)"   in ~/.zshrc, below compinit',
    "fish": "statewire completion fish | source   in ~/.config/fish/config.fish",
}


@click.command(
    "completion",
    epilog="\b\nTo complete in each new shell, put this line:\n" + "\n".join(f"  {line}" for line in _INSTALL.values()),
)
@click.argument("shell", type=click.Choice(list(_INSTALL)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script for completion in a shell.

    It completes commands, options, and the names of watches and sources.
    """
    found = get_completion_class(shell)
    if found is None:  # click has all three
        raise click.UsageError(f"{shell} has no completion")
    click.echo(found(ctx.find_root().command, {}, "statewire", VARIABLE).source())


class _BashComplete(BashComplete):
    """Completion for bash, which inserts a value as it is: characters special to the shell get a backslash."""

    def format_completion(self, item: CompletionItem) -> str:
        """Return an item as a line for the script (see `click.shell_completion.BashComplete`)."""
        escaped = _SPECIAL.sub(lambda special: f"\\{special[0]}", item.value)
        return f"{item.type},{escaped.replace(chr(92), chr(92) * 2)}"  # `read` in the script removes one level


def register() -> None:
    """Replace click's completion for bash by one that completes names with blanks."""
    add_completion_class(_BashComplete, "bash")


def source_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the names of the configured sources."""
    return _names(ctx, "sources", incomplete)


def watch_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the names of the configured watches."""
    return _names(ctx, "watches", incomplete)


def _config_path(ctx: click.Context) -> Path | None:
    """Return the configuration file that the command line names, or None."""
    found: Path | None = ctx.find_root().obj.config_path
    return found


def _names(ctx: click.Context, section: str, incomplete: str) -> list[CompletionItem]:
    from scraper.config import loader

    try:
        settings = loader.load(loader.find(_config_path(ctx)))
    except StatewireError:  # a completion has no place for a message; the command itself reports the mistakes
        return []
    names: list[str] = [entry.name for entry in getattr(settings, section)]
    return [CompletionItem(name) for name in names if name.casefold().startswith(incomplete.casefold())]
