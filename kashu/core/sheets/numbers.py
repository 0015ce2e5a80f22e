"""What a number in a workbook means, given its number format: digits, a date, or lost digits."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from kashu.core.sheets.rows import Trait

# Excel keeps 15 significant digits: the 16th and later of a typed number are already zeros.
EXACT_DIGITS: Final = 15
EXACT_BELOW: Final = Decimal(10) ** EXACT_DIGITS
PLAIN_CHARS: Final = 40  # no number needs more; int() of a longer text costs quadratic time

# Source: ECMA-376 part 1, 18.8.30, including the East Asian ids 27-36, 50-58 and Thai 71-81.
_DATE_IDS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}) | {
    *range(71, 82)
}
_SCIENTIFIC_IDS: Final = frozenset({11, 48})
_LITERALS: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


class NumberFormat(NamedTuple):
    """How a number is shown, as far as it changes what the number means."""

    is_date: bool = False
    is_scientific: bool = False
    zeros: int = 0  # the format 000000 shows 42 as 000042, and that is what the person sees


PLAIN: Final = NumberFormat()


def number_format(id_: int, code: str | None) -> NumberFormat:
    """Classify a number format by its id, or by its code where the file defines one."""
    if code is None:
        return NumberFormat(is_date=id_ in _DATE_IDS, is_scientific=id_ in _SCIENTIFIC_IDS)
    if len(code) > 255 or code.lower() == "general":  # noqa: PLR2004 - Excel's own limit
        return PLAIN
    bare = _LITERALS.sub("", code.split(";", 1)[0])
    if re.search(r"[0#?]\.?[eE][+-]", bare):
        return NumberFormat(is_scientific=True)
    if re.search(r"[ymdhsYMDHS年月日]", bare):
        return NumberFormat(is_date=True)
    return NumberFormat(zeros=len(bare)) if bare and set(bare) == {"0"} else PLAIN


def number_cell(text: str, shown: NumberFormat, *, is_1904: bool) -> tuple[str, Trait]:
    """Turn the number `text`, as stored, into the text that a person means by it.

    Scientific notation is lossy even where the value is exact: Excel makes it of codes that look
    like 12E4, and the code cannot be told from the number any more.
    """
    if shown is PLAIN and len(text) <= EXACT_DIGITS and text.isascii() and text.isdigit():
        return text, Trait.NUMBER
    try:
        value = Decimal(text) if len(text) <= PLAIN_CHARS else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        return text, Trait.LOSSY
    if shown.is_date and (moment := date_of(value, is_1904=is_1904)) is not None:
        return moment, Trait.DATE
    if shown.is_scientific or abs(value) >= EXACT_BELOW:
        return text, Trait.LOSSY
    if value != value.to_integral_value():
        return format(value, "f"), Trait.NUMBER
    digits = str(int(value))
    return digits.zfill(shown.zeros), Trait.NUMBER


def date_of(serial: Decimal, *, is_1904: bool) -> str | None:
    """Say the day, and the time if there is one, that a serial number means. None: not a date."""
    # Serials up to 60 fall on Excel's invented 29 February 1900, and no card is that old.
    if not 60 < serial < 2_958_466:  # noqa: PLR2004 - up to 9999-12-31
        return None
    first = (1904, 1, 1) if is_1904 else (1899, 12, 30)
    epoch = datetime(*first)  # noqa: DTZ001 - a workbook's days are in no zone
    try:
        moment = epoch + timedelta(seconds=round(serial * 86_400))
    except OverflowError:
        return None
    return moment.isoformat(" ").removesuffix(" 00:00:00")
