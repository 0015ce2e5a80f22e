"""Money: an integer of ten-thousandths of a currency's unit, never a float."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from kashu.core.errors import Invalid

E4: Final = 10_000  # suppliers quote four decimals
FEN: Final = 100  # what a buyer pays is a whole number of these
CURRENCY: Final = "CNY"
# 10 million units: ten thousand cards of it, and thousands of such sales a day, fit 64 bits.
AMOUNT_MAX_E4: Final = 10**11
# 10 thousand million: what many such amounts come to, in one receipt; thousands fit 64 bits.
TOTAL_MAX_E4: Final = 10**14

_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII)


class AmountUnreadable(Invalid):
    """Not an amount, or more of it than fits."""

    code = "amount_unreadable"
    zh = "金额「{amount}」无法识别：请写成最多四位小数的数字，例如 14.1250，且不超过 1000 万。"
    en = (
        "Can't read the amount “{amount}”: write at most four decimals, such as 14.1250, and at "
        "most 10 million."
    )


class NotWholeFen(Invalid):
    """A buyer can't pay a fraction of a fen."""

    code = "amount_not_whole_fen"
    zh = "售价「{amount}」必须精确到分（两位小数）。"
    en = "The price “{amount}” must be a whole number of fen (two decimals)."


ONE_TO_ONE: Final = 1_000_000  # a rate, in millionths of ours for one of theirs


def exchanged(amount_e4: int, rate_e6: int) -> int:
    """What an amount of another currency is in ours, to the nearest ten-thousandth."""
    return (amount_e4 * rate_e6 + ONE_TO_ONE // 2) // ONE_TO_ONE


def parse_amount(written: str) -> int:
    """Read "14.1250" as 141250 ten-thousandths, exactly. Raises: AmountUnreadable."""
    if not _DECIMAL.fullmatch(written):
        raise AmountUnreadable(amount=written[:40])
    amount_e4 = int(Decimal(written) * E4)
    if abs(amount_e4) > AMOUNT_MAX_E4:
        raise AmountUnreadable(amount=written[:40])
    return amount_e4


def parse_price(written: str) -> int:
    """Read what a buyer pays: not negative, whole fen. Raises: AmountUnreadable, NotWholeFen."""
    amount_e4 = parse_amount(written)
    if amount_e4 < 0:
        raise AmountUnreadable(amount=written[:40])
    if amount_e4 % FEN:
        raise NotWholeFen(amount=written[:40])
    return amount_e4


def format_amount(amount_e4: int) -> str:
    """Write exactly: two decimals where they suffice, else four: "19.80", "14.1250"."""
    sign = "-" if amount_e4 < 0 else ""
    units, rest = divmod(abs(amount_e4), E4)
    if rest % FEN:
        return f"{sign}{units}.{rest:04d}"
    return f"{sign}{units}.{rest // FEN:02d}"


def split(amount_e4: int, weights: Sequence[int]) -> list[int]:
    """Share an amount by weights without losing a unit (largest remainder, earliest first).

    Takes non-negative weights, not all zero. Returns one part for each, in order.
    """
    if len(weights) == 1:
        return [amount_e4]
    total = sum(weights)
    assert total > 0, "at least one weight must be positive"
    assert min(weights) >= 0, "a weight can't be negative"
    parts = [amount_e4 * weight // total for weight in weights]
    remainders = [amount_e4 * weight % total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-remainders[n], n))
    for n in by_remainder[: amount_e4 - sum(parts)]:
        parts[n] += 1
    return parts
