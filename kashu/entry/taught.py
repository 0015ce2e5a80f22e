"""Commands whose help is shown as it is written: wrapped by hand, with examples in place."""

import inspect
import re
from typing import Final

import click

from kashu.entry.terminal import language

_CLAUSE_ENDS: Final = re.compile(r"[.:;](?: |$)")
LANGUAGE: Final = "kashu.language"  # in a context's meta: for whom help is written, if not for us


class Command(click.Command):
    """A command with its help as it is written. click would wrap Chinese in the wrong places."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words behind the command. What is wrong with them knows whose they are."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_help_text(
        self,
        ctx: click.Context,  # noqa: ARG002  (click's)
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the help."""
        write_help(self, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  (click's)
        """Give the first line of the help."""
        return first_line(self)


class Group(click.Group):
    """A group with its help as it is written; so are its commands'."""

    command_class = Command
    group_class = type

    def format_help_text(
        self,
        ctx: click.Context,  # noqa: ARG002  (click's)
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the help."""
        write_help(self, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  (click's)
        """Give the first line of the help."""
        return first_line(self)


def write_help(command: click.Command, formatter: click.HelpFormatter) -> None:
    """Write a command's help, line by line."""
    formatter.write("\n")
    for line in inspect.cleandoc(command.help or "").splitlines():
        formatter.write(f"  {line}".rstrip() + "\n")


def first_line(command: click.Command) -> str:
    """Give a command's help in a line: what its Chinese part begins with, or the English below."""
    parts = inspect.cleandoc(command.help or "").split("\n\n")
    context = click.get_current_context(silent=True)
    reads = (context.meta.get(LANGUAGE) if context else None) or language()
    if reads == "en" and len(parts) > 1 and parts[1].isascii():
        return _CLAUSE_ENDS.split(" ".join(parts[1].splitlines()))[0]
    return parts[0].partition("\n")[0]
