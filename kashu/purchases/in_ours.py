"""In ours: what an amount is in our currency, as a column. As core.money says."""

from typing import Any

from sqlalchemy import ColumnElement

from kashu.purchases.tables import attempts
from kashu.suppliers.rates import at_rate


def in_ours(
    amount_e4: ColumnElement[Any], rate_e6: ColumnElement[Any] = attempts.c.rate_e6
) -> ColumnElement[int]:
    """Exchange an amount at the rate that its attempt was ordered at, or at another one.

    Of what is below zero the same as above it. NULL where nobody knows the rate.
    """
    return at_rate(amount_e4, rate_e6)
