"""Yuan as suppliers write them, to and from ten-thousandths, exactly."""

from decimal import Decimal
from typing import Final

from kashu.core.money import E4, TOTAL_MAX_E4

DIGITS_MAX: Final = 24  # so that nothing is rounded on the way


def e4(told: Decimal) -> int:
    """Read an amount. Raises: ValueError, where it is no amount or has more than four decimals."""
    if not told.is_finite() or len(told.as_tuple().digits) > DIGITS_MAX:
        raise ValueError("not an amount")
    if abs(told) > TOTAL_MAX_E4 // E4:
        raise ValueError("too much")
    if told and told.adjusted() < -DIGITS_MAX:  # it would be rounded to nothing
        raise ValueError("more than four decimals")
    amount = told.scaleb(4)
    if amount != int(amount):
        raise ValueError("more than four decimals")
    return int(amount)


def price_e4(told: Decimal) -> int:
    """Read what isn't less than nothing. Raises: ValueError."""
    amount = e4(told)
    if amount < 0:
        raise ValueError("less than nothing")
    return amount


def yuan(amount_e4: int) -> str:
    """Write an amount without zeros that say nothing: "12.5", "12"."""
    units, rest = divmod(amount_e4, E4)
    return f"{units}.{rest:04d}".rstrip("0").rstrip(".")
