"""The command that says what this is."""

from importlib.metadata import version as version_of

import click

from kashu.entry.taught import Command


@click.command("version", cls=Command)
def version() -> None:
    """输出版本号。 Print the version."""
    click.echo(version_of("kashu"))
