"""Recognise: the rows of a supplier's file become cards, or reasons why they are none."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from kashu.catalog.card_format import CardFormat, Doubt
from kashu.core.sheets.rows import Flaw, Row, Separator, Sheet, Trait
from kashu.core.sheets.separators import splitter
from kashu.stock.recognise_cells import (
    NEVER,
    Refused,
    expiry_of,
    fold,
    identity,
    is_url,
    normalise,
    secret_of,
    url_of,
)
from kashu.stock.recognise_columns import HEADING_ROWS, Columns, detect_columns, role_of
from kashu.stock.recognise_outcomes import Candidate, CardWarning, Reject, RejectClass
from kashu.stock.recognise_totals import is_totals

__all__ = [
    "Candidate",
    "CardWarning",
    "Columns",
    "Reject",
    "RejectClass",
    "corrections",
    "detect_columns",
    "identity",
    "normalise",
    "recognise",
]

SHORT_CHARS: Final = 6
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
# What could be a card, and is no day: eight and more letters and digits, a digit among them.
_SIGN: Final = "[A-Za-z0-9-]"
_CODE: Final = re.compile(
    rf"(?<!{_SIGN})(?!20\d\d-?\d\d?-?\d\d?(?!{_SIGN}))(?=[A-Za-z-]*\d){_SIGN}{{8,}}", re.ASCII
)
_WARNING_OF: Final = {
    Doubt.LENGTH: CardWarning.OFF_LENGTH,
    Doubt.NUMBER: CardWarning.OFF_PATTERN,
    Doubt.PASSWORD: CardWarning.OFF_PASSWORD,
    Doubt.CHECKSUM: CardWarning.BAD_CHECKSUM,
}
_FLAWS: Final = {
    Flaw.TOO_LONG: RejectClass.TOO_LONG,
    Flaw.TOO_WIDE: RejectClass.TOO_MANY_COLUMNS,
    Flaw.BROKEN_QUOTE: RejectClass.AMBIGUOUS,
}


def recognise(
    sheet: Sheet,
    *,
    today: date,
    expires_on_default: date | None = None,
    card_format: CardFormat | None = None,
    columns: Columns | None = None,
) -> Iterator[Candidate | Reject]:
    """Turn each row into a candidate or a reject, one for one and in order.

    `today` is the day in Shanghai: a card that expires today still works. A row without an expiry
    takes the default. Duplicates are for the database to find, by `identity`.
    Raises what `sheet.rows()` raises, where the file turns out to be damaged.
    """
    reading = _Reading(
        columns or detect_columns(sheet), sheet, today, expires_on_default, card_format
    )
    for row in sheet.rows():
        yield reading.outcome(row)


class _Reading:
    """One pass through one file: what was decided about it, and whether its cards have begun."""

    def __init__(
        self,
        columns: Columns,
        sheet: Sheet,
        today: date,
        expires_on_default: date | None,
        card_format: CardFormat | None,
    ) -> None:
        self._columns = columns
        self._secrets = () if columns.is_ambiguous else columns.secrets
        self._today = today
        self._default = expires_on_default
        self._format = card_format
        self._is_1904 = sheet.is_1904
        is_split = columns.separator is not Separator.NONE
        self._split = splitter(columns.separator, columns.labels) if is_split else None
        # A cell too many in a text means that a separator is inside a secret. In a workbook the
        # borders of cells are certain, and it is a remark.
        self._is_strict = is_split or sheet.kind in {"csv", "text"}
        self._has_begun = False
        self._seen = 0

    def outcome(self, row: Row) -> Candidate | Reject:
        columns = self._columns
        if self._split is not None:
            row = self._inner(row)
        if is_totals(row, self._secrets) and not self._is_above(row):
            return Reject(row.number, RejectClass.TOTALS, None, row.cells)
        try:
            candidate = self._candidate(row)
        except _Wrong as wrong:
            reason, column = wrong.reason, wrong.column
        else:
            self._has_begun = True
            return candidate
        self._seen += 1
        if row.flaw is None and not row.traits and not any(map(fold, row.cells)):
            reason, column = RejectClass.BLANK, None
        elif self._is_heading(row):
            reason, column = RejectClass.HEADING, None
        elif row.flaw is not None:
            reason, column = _FLAWS[row.flaw], None
        elif columns.is_ambiguous:
            reason, column = RejectClass.AMBIGUOUS, None
        else:
            self._has_begun = True
        return Reject(row.number, reason, column, row.cells)

    def _inner(self, row: Row) -> Row:
        """Split the only column of a workbook as a line of text would be."""
        assert self._split is not None
        only = self._columns.only_column
        if row.traits.get(only) is not None or only >= len(row.cells):
            return Row(row.number, row.cells[only:], _shifted(row, only), row.flaw)
        return Row(row.number, tuple(self._split(row.cells[only])), flaw=row.flaw)

    def _candidate(self, row: Row) -> Candidate:
        columns, cells = self._columns, row.cells
        if row.flaw is not None or columns.is_ambiguous or self._is_above(row):
            raise _Wrong(RejectClass.AMBIGUOUS, None)
        beyond = cells[columns.width :] if self._is_strict else ()
        if beyond and any(map(fold, beyond)):
            raise _Wrong(RejectClass.TOO_MANY_COLUMNS, columns.width)
        number = self._secret(row, columns.number, is_number=True)
        password = self._secret(row, columns.password, is_number=False)
        url = self._url(row, columns.url)
        if number and is_url(number):
            number, url = "", url or number
        if not (number or password or url):
            raise _Wrong(RejectClass.NO_SECRET, columns.secrets[0] if columns.secrets else None)
        for column in columns.required:
            if not fold(_cell(row, column)):
                raise _Wrong(RejectClass.INCOMPLETE, column)
        expires_on = self._expiry(row)
        return Candidate(
            row.number,
            number or None,
            password or None,
            url or None,
            expires_on,
            self._warnings(number or password, password if number else "", url),
        )

    def _secret(self, row: Row, column: int | None, *, is_number: bool) -> str:
        if column is None:
            return ""
        text = _cell(row, column)
        trait = row.traits.get(column) if row.traits else None
        try:
            if is_number and is_url(text := fold(text)):  # links and codes mixed in one column
                return url_of(text, trait)
            return secret_of(text, trait, is_number=is_number)
        except Refused as refused:
            raise _Wrong(refused.reason, column) from None

    def _url(self, row: Row, column: int | None) -> str:
        if column is None:
            return ""
        try:
            return url_of(_cell(row, column), row.traits.get(column))
        except Refused as refused:
            raise _Wrong(refused.reason, column) from None

    def _expiry(self, row: Row) -> date | None:
        column = self._columns.expires_on
        stated: date | None = None
        if column is not None:
            text, trait = _cell(row, column), row.traits.get(column)
            try:
                stated = expiry_of(text, trait, is_1904=self._is_1904)
            except Refused as refused:
                raise _Wrong(refused.reason, column) from None
        expires_on = None if stated == NEVER else stated or self._default
        if expires_on is not None and expires_on < self._today:
            raise _Wrong(RejectClass.PAST_EXPIRY, column)
        return expires_on

    def _warnings(self, secret: str, password: str, url: str) -> tuple[CardWarning, ...]:
        is_short = 0 < len(secret) < SHORT_CHARS
        if self._format is None:
            return (CardWarning.SHORT,) if is_short else ()
        doubts = self._format.doubts(secret or url, password)
        found = tuple(_WARNING_OF[doubt] for doubt in doubts)
        return (*found, CardWarning.SHORT) if is_short else found

    def _is_above(self, row: Row) -> bool:
        heading = self._columns.heading_row
        return heading is not None and row.number <= heading

    def _is_heading(self, row: Row) -> bool:
        """Recognise titles above the cards, and names: in their place, or repeated further down.

        Skipping is silent, so what may hold a card is none: somebody looks at it.
        """
        filled = [cell for cell in row.cells if cell.strip()]
        if self._is_above(row):
            return row.number == self._columns.heading_row or not any(
                map(_CODE.fullmatch, map(fold, filled))
            )
        if row.traits or not filled:
            return False
        if all(role_of(cell) is not None for cell in filled):
            return True
        is_early = not self._has_begun and self._seen <= HEADING_ROWS
        if not is_early or len(_CHINESE.findall(filled[0])) < 2:  # noqa: PLR2004
            return False
        return not any(map(_CODE.search, filled))


class _Wrong(Exception):
    """Why this row is no card, and in which column. Caught above, never shown."""

    def __init__(self, reason: RejectClass, column: int | None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.column = column


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _shifted(row: Row, by: int) -> dict[int, Trait]:
    return {column - by: trait for column, trait in row.traits.items() if column >= by}


def corrections(
    columns: Columns, rejects: Iterable[Reject], language: str = "zh"
) -> tuple[list[str], Iterator[list[str]]]:
    """Lay rejected rows out as a table that can be corrected and imported again.

    Its names are such as `detect_columns` knows, so that each column keeps its place. Blank lines
    and headings, which need no correction, are left out.
    """
    known = {
        columns.number: ("卡号", "Card number"),
        columns.password: ("密码", "Password"),
        columns.url: ("链接", "URL"),
        columns.expires_on: ("有效期", "Expires on"),
    }
    is_zh = language.startswith("zh")
    width = max(columns.width, *(c + 1 for c in known if c is not None), 1)
    header: list[str] = []
    for column in range(width):
        zh, en = known.get(column) or (f"备注{column + 1}", f"Note {column + 1}")
        header.append(zh if is_zh else en)
    header += ["原因", "行号"] if is_zh else ["Reason", "Row"]
    return header, (
        [*_padded(reject.cells, width), reject.reason.text(language), str(reject.row)]
        for reject in rejects
        if reject.reason.needs_correction
    )


def _padded(cells: Sequence[str], width: int) -> list[str]:
    kept = list(cells[:width])
    if len(cells) > width:  # nothing of a row with too many cells is lost
        kept[-1] = " ".join(cells[width - 1 :])
    return kept + [""] * (width - len(kept))
