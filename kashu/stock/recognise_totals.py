"""Tell a row that sums the others up from a card: 合计, 总计, Total."""

import re
from collections.abc import Sequence
from typing import Final

from kashu.core.sheets.rows import Row, Trait
from kashu.stock.recognise_cells import fold

_CHARS_MAX: Final = 24
_FIGURE: Final = r"[¥￥$]? ?[\d,]*\.?\d* ?(?:[张个条枚行元]|pcs|cards)?"
_WORD: Final = re.compile(
    # Chinese is in no card, so a figure may follow at once; TOTAL500 may well be one.
    rf"(?:[合总小共] ?计|总数) ?:? ?{_FIGURE}|(?:sub|grand)?[ -]?total(?: ?: ?{_FIGURE})?",
    re.IGNORECASE,
)
_ONLY_FIGURE: Final = re.compile(_FIGURE)
_ASCII_WORDS: Final = frozenset({"total", "subtotal", "grandtotal"})


def is_totals(row: Row, secrets: Sequence[int]) -> bool:
    """Say whether such a word stands in place of the card, or beside an empty one.

    `secrets`: the columns that hold the card. Nothing that could be one is in the row: at most how
    many there are, or a formula.
    """
    if not secrets or row.flaw is not None:
        return False
    text = row.cells[secrets[0]] if secrets[0] < len(row.cells) else ""
    if not _is_computed(row, secrets[0]):
        if text.isalnum() and text.isascii() and text.lower() not in _ASCII_WORDS:
            return False  # as nearly all rows are: this is quick
        if text.strip() and not _is_word(text):
            return False
    return any(map(_is_word, row.cells)) and all(_is_no_card(row, column) for column in secrets[1:])


def _is_word(text: str) -> bool:
    return 0 < len(text) <= _CHARS_MAX and bool(_WORD.fullmatch(fold(text)))


def _is_computed(row: Row, column: int) -> bool:
    return row.traits.get(column) is Trait.FORMULA


def _is_no_card(row: Row, column: int) -> bool:
    text = fold(row.cells[column]) if column < len(row.cells) else ""
    return _is_computed(row, column) or _is_word(text) or bool(_ONLY_FIGURE.fullmatch(text))
