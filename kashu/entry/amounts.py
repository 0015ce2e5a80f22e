"""Amounts as people type and read them, such as ￥1,250.00. What could mean two is refused."""

import re
from collections.abc import Callable
from typing import Final

from kashu.core.errors import Invalid
from kashu.core.money import (
    AMOUNT_MAX_E4,
    CURRENCY,
    AmountUnreadable,
    parse_amount,
    parse_price,
)

# Full-width forms of ASCII, the two yen signs and the wide space, as Chinese keyboards make them.
# Not NFKC: that would make ordinary digits of ² and ①.
_WIDE: Final = {0xFF01 + n: 0x21 + n for n in range(94)} | {0xFFE5: "¥", 0x3000: " "}
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
_PLAIN: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_DECIMALS_MAX: Final = 4
_UNITS_CHARS: Final = 15  # more digits than any amount has


class AmountMistyped(AmountUnreadable):
    """Not an amount, and what is wrong with it."""

    zh = "金额「{amount}」无法识别：{hint_zh}"
    en = "Can't read the amount “{amount}”: {hint_en}"


class CurrencyMistyped(Invalid):
    """Not how a currency is written."""

    code = "currency_mistyped"
    zh = "币种「{currency}」无法识别：请写三个字母的代码，例如 EUR、USD、CNY。"
    en = "Can't read the currency “{currency}”: write its three letters, such as EUR, USD or CNY."


def plain_amount(written: str) -> str:
    """Rewrite what a person typed as digits and a point: "￥1,250.00" as "1250.00".

    What is plain already comes back as it is. Raises: AmountMistyped.
    """
    text = narrow(written).strip().removeprefix("¥").removesuffix("元").strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    hint = _hint(text)
    if hint is not None:
        raise AmountMistyped(amount=written[:40], hint_zh=hint[0], hint_en=hint[1])
    return text


def read_amount(written: str) -> int:
    """Read a cost in ten-thousandths, as typed. Raises: AmountUnreadable."""
    return parse_amount(plain_amount(written))


def read_price(written: str) -> int:
    """Read what a buyer pays, as typed: whole fen. Raises: AmountUnreadable, NotWholeFen."""
    return parse_price(plain_amount(written))


def read_currency(written: str) -> str:
    """Read a currency's code, as typed. Raises: CurrencyMistyped."""
    code = narrow(written).strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise CurrencyMistyped(currency=written[:40])
    return code


def with_currency(amount: str, currency: str) -> str:
    """Write an amount for a table: with its currency, unless it is ours."""
    return amount if currency == CURRENCY else f"{amount} {currency}"


def narrow(written: str) -> str:
    """Write full-width letters, digits and signs as their ASCII ones."""
    return written.translate(_WIDE)


def plain_count(written: str) -> str:
    """Rewrite a typed count as bare digits where it is one: "１，０００" as "1000"."""
    text = narrow(written).strip()
    whole = _THOUSANDS.fullmatch(text) and "." not in text
    return text.replace(",", "") if whole else text


def _hint(text: str) -> tuple[str, str] | None:
    """Say what is wrong with an amount, in Chinese and in English. None: nothing is."""
    return next((hint for is_so, hint in _HINTS if is_so(text)), None)


def _is_too_large(text: str) -> bool:
    units, _, decimals = text.partition(".")
    return int(units[:_UNITS_CHARS] + decimals.ljust(_DECIMALS_MAX, "0")) > AMOUNT_MAX_E4


# The first that is so tells. From the fifth on it is digits with a point or none.
_HINTS: Final[tuple[tuple[Callable[[str], bool], tuple[str, str]], ...]] = (
    (
        lambda text: not text,
        ("请写出数字，例如 12.50。", "write a number, such as 12.50."),
    ),
    (
        lambda text: text.startswith("-"),
        ("不能是负数。", "it can't be negative."),
    ),
    (
        lambda text: "," in text,
        (
            "逗号只能作千分位，每三位一个，例如 1,250.00；小数点请用“.”。",
            "a comma only separates thousands, as in 1,250.00; the decimal point is “.”.",
        ),
    ),
    (
        lambda text: not _PLAIN.fullmatch(text),
        (
            "请写成数字，例如 12.50；前面可以有 ¥，不要写别的文字或符号。",
            "write a number, such as 12.50; a ¥ may stand before it, nothing else.",
        ),
    ),
    (
        lambda text: len(text.partition(".")[2]) > _DECIMALS_MAX,
        ("小数最多四位，例如 14.1250。", "at most four decimals, such as 14.1250."),
    ),
    (
        _is_too_large,
        ("不能超过 1000 万。", "it can't exceed 10 million."),
    ),
)
