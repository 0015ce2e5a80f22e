"""Small tables for the tests of recognising."""

from collections.abc import Sequence
from datetime import date

from kashu.core.sheets.read import read_text
from kashu.core.sheets.rows import Row, Sheet, Trait
from kashu.stock.recognise import Candidate, Reject, recognise

TODAY = date(2026, 11, 22)
DEFAULT = date(2030, 12, 31)


def sheet_of(*rows: Row) -> Sheet:
    """Make a workbook without writing one."""
    return Sheet("xlsx", None, None, None, (), "s", ("s",), is_1904=False, _open=lambda: iter(rows))


def table(*lines: Sequence[str], traits: dict[int, Trait] | None = None) -> Sheet:
    return sheet_of(
        *(
            Row(number, tuple(line), traits or {} if number == len(lines) else {})
            for number, line in enumerate(lines, start=1)
        )
    )


def outcomes(source: Sheet | str) -> list[Candidate | Reject]:
    sheet = read_text(source) if isinstance(source, str) else source
    return list(recognise(sheet, today=TODAY, expires_on_default=DEFAULT))


def reason(outcome: Candidate | Reject) -> str:
    return outcome.reason if isinstance(outcome, Reject) else "accepted"
