"""Rates: what foreign currencies cost in yuan, as somebody entered them."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Numeric, case, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import CURRENCY, ONE_TO_ONE
from kashu.suppliers.errors import RateWrong, UnknownRate
from kashu.suppliers.tables import rates

RATE_MAX: Final = 1_000  # yuan for one unit

_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency costs."""

    currency: str
    rate: str  # yuan, six decimals at most
    set_at: datetime


async def set_rate(tx: Tx, tenant_id: int, actor: str, currency: str, rate: str) -> Rate:
    """Say what one unit of a currency costs, from the next comparison on. Raises: RateWrong."""
    rate_e6 = int(Decimal(rate) * 1_000_000)
    known = _CURRENCY.fullmatch(currency) and currency != CURRENCY
    if not known or not 1 <= rate_e6 <= RATE_MAX * 1_000_000:
        raise RateWrong(most=RATE_MAX)
    values = {"rate_e6": rate_e6, "set_at": func.now(), "actor": actor}
    await tx.execute(
        insert(rates)
        .values(tenant_id=tenant_id, currency=currency, **values)
        .on_conflict_do_update(index_elements=[rates.c.tenant_id, rates.c.currency], set_=values)
    )
    facts = {"currency": currency, "rate": rate}
    await record(tx, tenant_id, actor, [Event("suppliers.rate_set", UUID(int=tenant_id), facts)])
    return next(each for each in await rate_list(tx, tenant_id) if each.currency == currency)


async def drop_rate(tx: Tx, tenant_id: int, actor: str, currency: str) -> None:
    """Forget a rate. Raises: UnknownRate."""
    dropped = await tx.execute(
        delete(rates).where(rates.c.tenant_id == tenant_id, rates.c.currency == currency)
    )
    if not dropped.rowcount:
        raise UnknownRate(currency=currency[:40])
    event = Event("suppliers.rate_dropped", UUID(int=tenant_id), {"currency": currency})
    await record(tx, tenant_id, actor, [event])


async def rate_list(tx: Tx, tenant_id: int) -> list[Rate]:
    """Read all rates, by currency."""
    rows = await tx.execute(
        select(rates.c.currency, rates.c.rate_e6, rates.c.set_at)
        .where(rates.c.tenant_id == tenant_id)
        .order_by(rates.c.currency)
    )
    return [Rate(row.currency, written_rate(row.rate_e6), row.set_at) for row in rows]


async def rate_of(tx: Tx, tenant_id: int, currency: str) -> int | None:
    """What one unit of a currency is in ours, in millionths, as last entered; None: nobody did."""
    found = await tx.execute(select(rate_in_force(tenant_id, literal(currency))))
    rate_e6: int | None = found.scalar_one()
    return rate_e6


def rate_in_force(tenant_id: int, currency: ColumnElement[str]) -> ColumnElement[int | None]:
    """Say, as a column, what one unit of a row's currency is in ours; NULL: nobody entered it."""
    entered = select(rates.c.rate_e6).where(
        rates.c.tenant_id == tenant_id, rates.c.currency == currency
    )
    return case((currency == CURRENCY, ONE_TO_ONE), else_=entered.scalar_subquery())


def at_rate(amount_e4: ColumnElement[Any], rate_e6: ColumnElement[Any]) -> ColumnElement[int]:
    """What an amount is in ours, as a column: as core.money says, below zero the same as above it.

    NULL where nobody knows the rate.
    """
    whole = cast(func.abs(amount_e4), Numeric) * rate_e6
    size = func.div(whole + ONE_TO_ONE // 2, ONE_TO_ONE)
    return cast(func.sign(cast(amount_e4, Numeric)) * size, BigInteger)


def written_rate(rate_e6: int) -> str:
    """Write a rate in yuan, without zeros at its end."""
    whole, rest = divmod(rate_e6, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
