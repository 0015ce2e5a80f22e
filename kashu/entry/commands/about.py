"""Commands that say what this is."""

from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path

import click

from kashu.entry.taught import Command


@click.command("version", cls=Command)
def version() -> None:
    """输出版本号。 Print the version."""
    click.echo(version_of("kashu"))


@click.command("reference", cls=Command, hidden=True)
@click.argument("folder", type=click.Path(path_type=Path), default="docs/reference")
def reference(*, folder: Path) -> None:
    """写出参考文档。 Write docs/reference from the program itself."""
    import_module("kashu.entry.reference").write_reference(folder)  # it needs every command
