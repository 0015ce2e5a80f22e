"""The terminal: results on standard output, everything else on standard error.

A person sees tables, a program gets JSON: where standard output is no terminal, or with --json.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias

import click
import msgspec
from rich.console import Console, RenderableType
from rich.table import Table

from kashu.core.errors import KashuError
from kashu.entry.settings import load_settings

PROBLEMS_SHOWN: Final = 20

json_option = click.option(
    "--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON, also on a terminal."
)
tenant_option = click.option(
    "--tenant", metavar="CODE", help="商户代码，默认取设置 tenant。 The shop's code."
)


def language() -> str:
    """The language of the reader of this terminal: "zh" or "en"."""
    try:
        return load_settings().language
    except KashuError:  # whoever needs the settings tells what is wrong with them
        return "zh"


def say(zh: str, en: str) -> None:
    """Tell the reader something that isn't a result."""
    click.echo(zh if language() == "zh" else en, err=True)


def show(document: object, picture: Callable[[], RenderableType], *, as_json: bool) -> None:
    """Print a result: a picture for a person, one line of JSON for a program."""
    if as_json or not sys.stdout.isatty():
        click.echo(msgspec.json.encode(document).decode())
    else:
        Console().print(picture())


Words: TypeAlias = str | tuple[str, str]  # one text, or one in Chinese and one in English


def table(title: Words, columns: Sequence[Words], rows: Sequence[Sequence[object]]) -> Table:
    """Lay rows out; numbers, and amounts as we write them, stand at the right."""
    drawn = Table(title=_chosen(title), title_justify="left")
    for place, words in enumerate(columns):
        cells = [row[place] for row in rows]
        is_number = bool(cells) and all(_is_number(cell) for cell in cells)
        # Fold, never cut: a link or a secret that ends in "…" is lost.
        justify: Literal["left", "right"] = "right" if is_number else "left"
        drawn.add_column(_chosen(words), justify=justify, overflow="fold")
    for row in rows:
        drawn.add_row(*("" if cell is None else str(cell) for cell in row))
    return drawn


def show_error(error: KashuError) -> None:
    """Tell what was refused, why, and what to do: in the reader's language, without a trace."""
    reads = language()
    click.secho(f"✗ {error.text(reads)}", fg="red", err=True)
    for problem in error.problems[:PROBLEMS_SHOWN]:
        says = problem.zh if reads == "zh" else problem.en
        click.echo(f"  {problem.at}: {says}" if problem.at else f"  {says}", err=True)
    more = len(error.problems) - PROBLEMS_SHOWN
    if more > 0:
        say(f"  … 还有 {more} 处", f"  … and {more} more")
    click.echo(f"  [{error.code}]", err=True)


def _chosen(words: Words) -> str:
    if isinstance(words, str):
        return words
    return words[0] if language() == "zh" else words[1]


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(cell) and cell.removeprefix("-").replace(".", "", 1).isdecimal()
    return isinstance(cell, int)
