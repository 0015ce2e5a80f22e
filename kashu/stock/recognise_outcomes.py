"""What a row of an imported file can turn out to be."""

from datetime import date
from enum import StrEnum

import msgspec


class RejectClass(StrEnum):
    """Why a row is not a card. The codes are stable: reports and corrections refer to them."""

    BLANK = "blank"  # counted apart: nothing to correct
    HEADING = "heading"  # a title or the column names: nothing to correct
    TOTALS = "totals"  # what the others come to: nothing to correct
    FORMULA = "formula"
    ERROR_VALUE = "error_value"  # #N/A, #REF!
    NUMBER_LOST_DIGITS = "number_lost_digits"
    BAD_EXPIRY = "bad_expiry"
    PAST_EXPIRY = "past_expiry"
    NO_SECRET = "no_secret"  # noqa: S105 - a code, not a password
    INCOMPLETE = "incomplete"  # has one of two secrets, in a file whose cards have both
    TOO_LONG = "too_long"
    BAD_CHARACTERS = "bad_characters"
    BAD_URL = "bad_url"
    TOO_MANY_COLUMNS = "too_many_columns"
    AMBIGUOUS = "ambiguous"
    DUPLICATE_IN_FILE = "duplicate_in_file"  # these are found against the database
    DUPLICATE_IN_STOCK = "duplicate_in_stock"
    SOLD_ELSEWHERE = "sold_elsewhere"
    STILL_FOR_SALE = "still_for_sale"

    @property
    def needs_correction(self) -> bool:
        """Say whether somebody has to do something about such a row."""
        return self not in {RejectClass.BLANK, RejectClass.HEADING, RejectClass.TOTALS}

    def text(self, language: str) -> str:
        """Say what is wrong and what to do, to a reader of `language` ("zh" or "en")."""
        zh, en = _TEXTS[self]
        return zh if language.startswith("zh") else en


_TEXTS = {
    RejectClass.BLANK: ("空行，已跳过。", "A blank line; skipped."),
    RejectClass.HEADING: ("标题或表头，已跳过。", "A title or column names; skipped."),
    RejectClass.TOTALS: (
        "合计行，不是卡密，已跳过。",
        "A totals row, not a card; skipped.",
    ),
    RejectClass.FORMULA: (
        "单元格是公式，不是卡密。请填入卡密原文（文本格式）。",
        "The cell is a formula. Enter the card itself, as text.",
    ),
    RejectClass.ERROR_VALUE: (
        "单元格是错误值（如 #N/A）。请填入卡密原文。",
        "The cell is an error value such as #N/A. Enter the card itself.",
    ),
    RejectClass.NUMBER_LOST_DIGITS: (
        "卡密被存成数字，位数可能已丢失。请把该列设为文本，从原始来源重新填写。",
        "Stored as a number, so digits may be lost. Make the column text and enter it again.",
    ),
    RejectClass.BAD_EXPIRY: (
        "有效期看不懂或有歧义。请写成 2026-12-31。",
        "The expiry date is unclear. Write it as 2026-12-31.",
    ),
    RejectClass.PAST_EXPIRY: (
        "已过有效期。请核对日期；确已过期的，请找供应商更换。",
        "Already expired. Check the date; if it is right, ask the supplier for another.",
    ),
    RejectClass.NO_SECRET: (
        "这一行没有卡号、卡密或链接。请补上，或删除该行。",
        "No number, password or link in this row. Enter it or delete the row.",
    ),
    RejectClass.INCOMPLETE: (
        "卡号和卡密缺了一个。请补齐。",
        "One of number and password is missing. Enter it.",
    ),
    RejectClass.TOO_LONG: (
        "内容太长，不像卡密。请核对该行，长文本请删除。",
        "Too long for a card. Check the row and delete what does not belong.",
    ),
    RejectClass.BAD_CHARACTERS: (
        "含有汉字、控制符或看不见的字符。请重新填写卡密原文。",
        "Holds Chinese, control or invisible characters. Enter the card itself again.",
    ),
    RejectClass.BAD_URL: (
        "链接不正确。请填写以 http:// 或 https:// 开头的完整链接。",
        "Not a proper link. Enter all of it, from http:// or https://.",
    ),
    RejectClass.TOO_MANY_COLUMNS: (
        "这一行的列比其他行多。请检查分隔符，含分隔符的内容请加英文引号。",
        "More columns than the other rows. Check the separators, or quote what contains one.",
    ),
    RejectClass.AMBIGUOUS: (
        "分不清哪部分是卡号、哪部分是卡密。请指定各列，或分成两列填写。",
        "Which part is the number and which the password? Choose the columns, or split the cell.",
    ),
    RejectClass.DUPLICATE_IN_FILE: (
        "与本文件前面的一行重复。请删除其中一行。",
        "The same as an earlier row of this file. Delete one of them.",
    ),
    RejectClass.DUPLICATE_IN_STOCK: (
        "库存或历史中已有这张卡（含已售、作废）。请与供应商核对。",
        "Already in stock or history, sold and void ones included. Ask the supplier.",
    ),
    RejectClass.SOLD_ELSEWHERE: (
        "这张卡登记过「别处已售」，不能再入库。请与供应商核对是否发重。",
        "Recorded as sold elsewhere: it can't come in again. Ask the supplier about it.",
    ),
    RejectClass.STILL_FOR_SALE: (
        "说是别处已售，库存里却还可售，会发给第二个人。请先在库存里作废，再核对来源。",
        "Said to be sold elsewhere, and still for sale here: void it in stock, or it goes twice.",
    ),
}


class CardWarning(StrEnum):
    """Accepted, but somebody should look."""

    OFF_LENGTH = "off_length"  # longer or shorter than the brand's cards
    OFF_PATTERN = "off_pattern"  # other characters or another beginning than they have
    OFF_PASSWORD = "off_password"  # noqa: S105 - missing, not wanted, or of another shape
    BAD_CHECKSUM = "bad_checksum"  # the Luhn digit doesn't fit: a digit is mistyped
    SHORT = "short"  # under six characters: easily guessed, or cut off


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A row that reads as a card. Its secrets are clear text: seal them, and keep them nowhere.

    `expires_on` is the last day on which the card works, in Shanghai. None: it never expires.
    """

    row: int
    number: str | None
    password: str | None
    url: str | None
    expires_on: date | None
    warnings: tuple[CardWarning, ...] = ()

    def __repr__(self) -> str:
        return f"Candidate(row={self.row}, expires_on={self.expires_on}, secrets=•••)"


class Reject(msgspec.Struct, frozen=True, gc=False):
    """A row that is no card, and why. `column` counts from 0; None: the row as a whole.

    `cells` is the row as it was read, to be written out for correction. It may hold secrets.
    """

    row: int
    reason: RejectClass
    column: int | None
    cells: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Reject(row={self.row}, reason={self.reason}, column={self.column}, cells=•••)"
