"""Commands whose help is shown as it is written: wrapped by hand, with examples in place."""

import inspect

import click


class Command(click.Command):
    """A command with its help as it is written. click would wrap Chinese in the wrong places."""

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
    """Give the first line of a command's help."""
    return inspect.cleandoc(command.help or "").partition("\n")[0]
