"""The reference pages: written from the program itself, so that they are true."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from kashu.entry.cli import main
from kashu.entry.commands.serving import describe_api
from kashu.entry.settings import describe_settings
from kashu.entry.taught import LANGUAGE

WIDTH: Final = 100  # characters of a line of help


def describe_cli() -> str:
    """Write docs/reference/cli.md: every command with its help."""
    lines = [
        "# Command line 命令行",
        "",
        "Every command prints tables on a terminal and JSON elsewhere or with `--json`; what isn't",
        "a result goes to standard error. `KASHU_LANGUAGE=en` makes its messages English.",
        "",
        "每个命令在终端上输出表格，在管道里或加 `--json` 时输出 JSON；结果以外的提示写到标准错误。",
        "",
    ]
    for path, told in _helps(main, "kashu"):
        lines += [f"## `{path}`", "", "```text", told.strip(), "```", ""]
    return "\n".join(lines)


PAGES: Final = {
    "cli.md": describe_cli,
    "settings.md": describe_settings,
    "openapi.json": describe_api,
}


def write_reference(folder: Path) -> None:
    """Write every page of the reference into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, describe in PAGES.items():
        (folder / name).write_text(describe(), encoding="utf-8")


def _helps(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    context = click.Context(
        command,
        info_name=path,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    with context:
        context.meta[LANGUAGE] = "zh"
        told = command.get_help(context)
    yield path, "\n".join(line.rstrip() for line in told.splitlines())
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below, name
            if not below.hidden:
                yield from _helps(below, f"{path} {name}")
