"""The terminal: results on standard output, everything else on standard error.

A person sees tables, a program gets JSON: where standard output is no terminal, or with --json.
"""

import re
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import click
import msgspec
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from kashu.core.clock import now
from kashu.core.errors import KashuError
from kashu.entry.settings import load_settings
from kashu.entry.words import ACTORS, FACTS, Glossary

PROBLEMS_SHOWN: Final = 20
CODE_CHARS: Final = 36  # a UUID; what is longer may be folded
FOLDED_CHARS: Final = 6  # what each column that may be folded keeps at least

_MOMENT: Final = re.compile(r"[\d-]{5,10} [\d:]{5,8}")
_ROW: Final = re.compile(r"row (\d+)(?:, (.+))?", re.DOTALL)

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


def word(glossary: Glossary, code: str) -> str:
    """Say what a code is called in the reader's language; a code nobody named stays as it is."""
    return glossary.get(code, code) if language() == "zh" else code


def whose(actor: str) -> str:
    """Say who did it: "cli", "system", "staff:…" or "key:…"."""
    kind, colon, number = actor.partition(":")
    return f"{word(ACTORS, kind)}{colon and ' '}{number}" if language() == "zh" else actor


def on_the_clock(moment: datetime, timezone: str, *, whole: bool = False) -> str:
    """Write a moment as the merchant's clock showed it; `whole`: with the second and the year.

    Otherwise the year is there where it isn't this one.
    """
    there = moment.astimezone(ZoneInfo(timezone))
    if whole:
        return there.strftime("%Y-%m-%d %H:%M:%S")
    return there.strftime("%m-%d %H:%M" if there.year == now().year else "%Y-%m-%d %H:%M")


def asked(zh: str, en: str) -> bool:
    """Ask the reader; whatever isn't a yes is a no. Ctrl-C raises click.Abort at once.

    Inside asyncio.run() Ctrl-C would only be noticed after the answer.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        question = zh if language() == "zh" else en
        answer: str = click.prompt(question, "n", prompt_suffix=" [y/N] ", show_default=False)
    finally:
        signal.signal(signal.SIGINT, before)
    return answer.strip().lower() in {"y", "yes", "是"}


def show(document: object, picture: Callable[[], RenderableType | None], *, as_json: bool) -> None:
    """Print a result: a picture or lines for a person, or none; one line of JSON for a program."""
    if as_json or not sys.stdout.isatty():
        click.echo(msgspec.json.encode(document).decode())
        return
    drawn = picture()
    if isinstance(drawn, str):
        click.echo(drawn)
    elif drawn is not None:
        Console().print(drawn)


Words: TypeAlias = str | tuple[str, str]  # one text, or one in Chinese and one in English


def table(title: Words, columns: Sequence[Words], rows: Sequence[Sequence[object]]) -> Table:
    """Lay rows out; numbers, and amounts as we write them, stand at the right.

    Where it is wider than the terminal, texts are folded before codes are, and codes before
    numbers; nothing is ever cut off.
    """
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    titles = [_chosen(words) for words in columns]
    kept = _kept_whole(titles, cells)
    drawn = Table(
        title=_chosen(title) or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for place, heading in enumerate(titles):
        filled = [row[place] for row in rows if row[place] not in {None, ""}]
        is_number = bool(filled) and all(map(_is_number, filled))
        # Fold, never cut: a link or a secret that ends in "…" is lost.
        justify: Literal["left", "right"] = "right" if is_number else "left"
        drawn.add_column(
            heading, justify=justify, overflow="fold", no_wrap=is_number or place in kept
        )
    for row in cells:
        drawn.add_row(*map(Text, row))  # Text: a bracket in a card or a name is no markup
    return drawn


def listed(facts: Sequence[tuple[Words, str]]) -> str:
    """Write each fact in a line of its own, to be copied: only the terminal itself wraps it."""
    return "\n".join(f"{_chosen(name)}  {fact}" for name, fact in facts)


def stacked(parts: Sequence[RenderableType]) -> RenderableType:
    """Put tables under each other, with a blank line between them."""
    between = [each for part in parts for each in ("", part)]
    return Group(*between[1:])


def show_error(error: KashuError) -> None:
    """Tell what was refused, why, and what to do: in the reader's language, without a trace."""
    reads = language()
    told = error.text(reads)
    if reads == "zh":
        facts = {name: _fact(name, fact) for name, fact in error.facts.items()}
        told = error.zh.format_map(facts)
    click.secho(f"✗ {told}", fg="red", err=True)
    for problem in error.problems[:PROBLEMS_SHOWN]:
        if reads == "zh":
            at, says = problem.at and f"{_place(problem.at)}：", problem.zh
        else:
            at, says = problem.at and f"{problem.at}: ", problem.en
        click.echo(f"  {at}{says}", err=True)
    more = len(error.problems) - PROBLEMS_SHOWN
    if more > 0:
        say(f"  … 还有 {more} 处", f"  … and {more} more")
    click.echo(f"  [{error.code}]", err=True)


def _fact(name: str, fact: object) -> object:
    return FACTS[name].get(fact, fact) if name in FACTS and isinstance(fact, str) else fact


def _place(at: str) -> str:
    """Say in Chinese where in a file it is: "row 17, 数量"."""
    found = _ROW.fullmatch(at)
    if found is None:
        return at
    return f"第 {found[1]} 行 {found[2]}" if found[2] else f"第 {found[1]} 行"


def _chosen(words: Words) -> str:
    if isinstance(words, str):
        return words
    return words[0] if language() == "zh" else words[1]


def _kept_whole(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> set[int]:
    """Choose the columns that aren't folded: codes, while there is room for the others."""
    widths = [
        max((Text(row[place]).cell_len for row in (titles, *rows)), default=0)
        for place in range(len(titles))
    ]
    room = Console().width - 2 * len(titles)
    room -= sum(min(width, FOLDED_CHARS) for width in widths)
    kept: set[int] = set()
    for place in sorted(range(len(titles)), key=lambda place: widths[place]):
        more = widths[place] - min(widths[place], FOLDED_CHARS)
        if _are_codes([row[place] for row in rows]) and more <= room:
            kept.add(place)
            room -= more
    return kept


def _are_codes(cells: Sequence[str]) -> bool:
    return all(
        len(cell) <= CODE_CHARS
        and cell.isascii()
        and (" " not in cell or _MOMENT.fullmatch(cell) is not None)
        for cell in cells
    )


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(cell) and cell.removeprefix("-").replace(".", "", 1).isdecimal()
    return isinstance(cell, int)
