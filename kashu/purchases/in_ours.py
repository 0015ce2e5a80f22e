"""In ours: what an amount of an attempt is in our currency, as a column. As core.money says."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, cast, func

from kashu.core.money import ONE_TO_ONE
from kashu.purchases.tables import attempts


def in_ours(amount_e4: ColumnElement[Any]) -> ColumnElement[int]:
    """Exchange an amount at the rate that its attempt was ordered at."""
    whole = cast(amount_e4, Numeric) * attempts.c.rate_e6
    return cast(func.div(whole + ONE_TO_ONE // 2, ONE_TO_ONE), BigInteger)
