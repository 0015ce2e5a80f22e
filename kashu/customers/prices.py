"""Prices: what an agent pays for a unit, from so many units on, while it lasts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.customers.errors import PricesWrong
from kashu.customers.tables import goods, prices

ROWS_MAX: Final = 5_000  # of one list, in one request


@dataclass(frozen=True, slots=True)
class Price:
    """A row of a price list."""

    sku_id: UUID
    from_units: int
    unit_price_e4: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class WantedPrice:
    """A row to be kept in place of the one there is; no price takes it out of the list."""

    sku_id: UUID
    from_units: int
    unit_price_e4: int | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PriceList:
    """What an agent pays now: by SKU, the price from so many units on, fewest first."""

    tiers: Mapping[UUID, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def unit_price_e4(self, sku_id: UUID, units: int) -> int | None:
        """Say what one of so many costs; None: it isn't sold to this agent, or not so few."""
        fitting = [price for least, price in self.tiers.get(sku_id, ()) if least <= units]
        return fitting[-1] if fitting else None

    def least_units(self, sku_id: UUID) -> int | None:
        """Say from how many units on it is sold; None: it isn't."""
        tiers = self.tiers.get(sku_id)
        return tiers[0][0] if tiers else None


async def set_prices(
    tx: Tx, tenant_id: int, actor: str, customer_id: UUID, wanted: Sequence[WantedPrice]
) -> None:
    """Change rows of an agent's price list; those not named stay. Raises: PricesWrong."""
    _check(wanted)
    facts = []
    for each in sorted(wanted, key=lambda row: (row.sku_id, row.from_units)):
        key = {"customer_id": customer_id, "sku_id": each.sku_id, "from_units": each.from_units}
        await tx.execute(
            delete(prices).where(
                prices.c.tenant_id == tenant_id, *(prices.c[name] == key[name] for name in key)
            )
        )
        if each.unit_price_e4 is not None:
            await tx.execute(
                insert(prices).values(
                    tenant_id=tenant_id,
                    unit_price_e4=each.unit_price_e4,
                    since=each.since,
                    until=each.until,
                    **key,
                )
            )
        told = None if each.unit_price_e4 is None else format_amount(each.unit_price_e4)
        until = None if each.until is None else each.until.isoformat()
        facts.append(
            {
                "sku_id": str(each.sku_id),
                "from_units": each.from_units,
                "unit_price": told,
                "since": each.since.isoformat(),
                "until": until,
            }
        )
    event = Event("agent.prices_set", customer_id, {"rows": facts})
    await record(tx, tenant_id, actor, [event])


def _check(wanted: Sequence[WantedPrice]) -> None:
    problems = []
    twice = Counter((row.sku_id, row.from_units) for row in wanted)
    for number, row in enumerate(wanted):
        if twice[row.sku_id, row.from_units] > 1:
            zh, en = (
                "同一规格、同一起订量写了两次。",
                "The same SKU and quantity stands here twice.",
            )
            problems.append(Problem(f"/prices/{number}", "price_twice", zh, en))
        if row.until is not None and row.until <= row.since:
            zh, en = "失效时间须晚于生效时间。", "A price ends after it begins."
            problems.append(Problem(f"/prices/{number}/until", "price_ends_first", zh, en))
    if problems:
        raise PricesWrong(problems=problems, count=len(problems))


async def prices_of(tx: Tx, tenant_id: int, customer_id: UUID) -> list[Price]:
    """Read an agent's whole price list, what is over and what is to come too."""
    found = await tx.execute(
        select(
            prices.c.sku_id,
            prices.c.from_units,
            prices.c.unit_price_e4,
            prices.c.since,
            prices.c.until,
        )
        .where(prices.c.tenant_id == tenant_id, prices.c.customer_id == customer_id)
        .order_by(prices.c.sku_id, prices.c.from_units)
    )
    return [Price(row[0], row[1], row[2], row[3].astimezone(UTC), row[4]) for row in found]


async def lists_in_force(
    tx: Tx, tenant_id: int, customer_ids: Collection[UUID], at: datetime
) -> dict[UUID, PriceList]:
    """Read what agents pay at a moment for what is on sale to agents: one list for each of them."""
    found = await tx.execute(
        select(prices.c.customer_id, prices.c.sku_id, prices.c.from_units, prices.c.unit_price_e4)
        .join(goods, (goods.c.tenant_id == tenant_id) & (goods.c.sku_id == prices.c.sku_id))
        .where(prices.c.tenant_id == tenant_id, prices.c.customer_id.in_(customer_ids))
        .where(goods.c.on_sale, prices.c.since <= at)
        .where(prices.c.until.is_(None) | (prices.c.until > at))
        .order_by(prices.c.customer_id, prices.c.sku_id, prices.c.from_units)
    )
    tiers: dict[UUID, dict[UUID, list[tuple[int, int]]]] = {
        customer_id: defaultdict(list) for customer_id in customer_ids
    }
    for row in found:
        tiers[row.customer_id][row.sku_id].append((row.from_units, row.unit_price_e4))
    return {customer_id: PriceList(dict(rows)) for customer_id, rows in tiers.items()}
