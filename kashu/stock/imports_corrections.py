"""Corrections: rows of a file that somebody has put right on the screen, read in place of its own.

They come with the file each time it is sent, and are kept nowhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kashu.core.errors import Invalid
from kashu.core.sheets.rows import CELL_CHARS, Row
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_reading import Source
from kashu.stock.imports_rows import SHOWN_MAX, every_row
from kashu.stock.imports_tally import Duplicates
from kashu.stock.recognise import RejectClass

CORRECTIONS_MAX: Final = 2_000


class CorrectionsWrong(Invalid):
    """They can't be read, or are too many."""

    code = "corrections_wrong"
    zh = (
        "更正的行无法识别，或超过 {most:,} 行，没有写入任何内容。"
        "行多时请下载被拒的行，改好后再导入。"
    )
    en = (
        "The corrected rows can't be read, or are more than {most:,}; nothing was written. Of many "
        "rows, download the rejected ones, correct and import them."
    )


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row as it should read; without cells it is left out."""

    row: Annotated[int, Meta(ge=1)]
    cells: Annotated[list[Annotated[str, Meta(max_length=CELL_CHARS)]], Meta(max_length=64)]

    def __repr__(self) -> str:
        return f"Correction(row={self.row}, cells=•••)"


class RejectedRow(msgspec.Struct, frozen=True):
    """A rejected row as the file has it, with what is wrong. It may hold secrets."""

    row: int
    reason: RejectClass
    first_row: int | None  # which row has the same card
    cells: list[str]

    def __repr__(self) -> str:
        return f"RejectedRow(row={self.row}, reason={self.reason}, cells=•••)"


class RejectedRows(msgspec.Struct, frozen=True):
    """Rejected rows in order, the first hundreds; `complete`: all of them."""

    rows: list[RejectedRow]
    complete: bool


_decode = msgspec.json.Decoder(list[Correction]).decode


def read_corrections(written: str) -> dict[int, tuple[str, ...]]:
    """Read corrections as JSON gives them: row → its cells. Raises: CorrectionsWrong."""
    try:
        read = _decode(written)
    except msgspec.DecodeError:  # without it as a cause: that may quote what was sent
        raise CorrectionsWrong(most=CORRECTIONS_MAX) from None
    if len(read) > CORRECTIONS_MAX:
        raise CorrectionsWrong(most=CORRECTIONS_MAX)
    return {each.row: tuple(each.cells) for each in read}


def corrected(source: Source, corrections: Mapping[int, tuple[str, ...]]) -> Source:
    """The same file, with these rows in place of its own."""
    if not corrections:
        return source
    sheet = source.sheet

    def rows() -> Iterator[Row]:
        for row in sheet.rows():
            cells = corrections.get(row.number)
            yield row if cells is None else Row(row.number, cells)

    return replace(source, sheet=replace(sheet, _open=rows))


def rejected_rows(
    source: Source, intake: Intake, duplicates: Duplicates, reason: RejectClass | None
) -> RejectedRows:
    """The rejected rows as the file has them, to be put right. Reads it again: in a thread."""
    found: list[RejectedRow] = []
    for row in every_row(source, intake, duplicates):
        why = row.reason
        if why is None or not why.needs_correction or reason not in {None, why}:
            continue
        if len(found) == SHOWN_MAX:
            return RejectedRows(found, complete=False)
        found.append(RejectedRow(row.row, why, row.first_row, row.cells))
    return RejectedRows(found, complete=True)
