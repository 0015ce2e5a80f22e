"""Personal data of platforms' orders: what is kept of a buyer, and erasing it for good."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, cast, func, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from kashu.channels.in_order import locked_in_order
from kashu.channels.kinds import Step
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx

# While an order isn't over, its account is needed, and its buyer is told apart by it.
OVER: Final = (Step.CONFIRMED, Step.ENDED, Step.SHADOWED)


@dataclass(frozen=True, slots=True)
class KeptOfBuyer:
    """What is kept of the buyer of a platform's order."""

    id: UUID
    store_id: UUID
    number: str
    step: Step
    order_id: UUID | None
    buyer: str
    first_seen_at: datetime
    buyer_erased_at: datetime | None
    masked_accounts: Mapping[str, str]
    sealed_account: bytes | None = field(repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is needed any more."""
        return self.step in OVER


async def kept_of_buyers(tx: Tx, tenant_id: int, ids: Collection[UUID]) -> list[KeptOfBuyer]:
    """What is kept of the buyers of some orders, by our ids of them; the newest first."""
    return await _read(tx, _kept(tenant_id).where(shop_orders.c.id.in_(set(ids))))


async def kept_for_orders(tx: Tx, tenant_id: int, order_ids: Collection[UUID]) -> list[KeptOfBuyer]:
    """The same, of those that became some orders of ours."""
    return await _read(tx, _kept(tenant_id).where(shop_orders.c.order_id.in_(set(order_ids))))


async def kept_under_account(tx: Tx, tenant_id: int, mask: str, *, limit: int) -> list[KeptOfBuyer]:
    """The same, of those whose account to be topped up looks like this; the newest first."""
    any_is_so = func.jsonb_path_exists(
        shop_orders.c.masked_accounts,
        cast("$.* ? (@ == $mask)", JSONPATH),
        cast({"mask": mask}, JSONB),
    )
    looks_so = shop_orders.c.sealed_account.is_not(None) & any_is_so
    return await _read(tx, _kept(tenant_id).where(looks_so).limit(limit))


async def erase_buyers(tx: Tx, tenant_id: int, ids: Collection[UUID], at: datetime) -> set[UUID]:
    """Erase what is kept of the buyers of orders that are over, for good; returns which.

    Told of them again, their buyers stay erased. Locks: the orders, in order of id.
    """
    erased = await tx.execute(
        update(shop_orders)
        .where(
            locked_in_order(
                tenant_id, shop_orders.c.id.in_(set(ids)) & shop_orders.c.step.in_(OVER)
            )
        )
        .values(buyer="", sealed_account=None, masked_accounts=null(), buyer_erased_at=at)
        .returning(shop_orders.c.id)
    )
    return set(erased.scalars())


def _kept(tenant_id: int) -> Select[Any]:
    names = KeptOfBuyer.__dataclass_fields__
    return (
        select(*(shop_orders.c[name] for name in names))
        .where(shop_orders.c.tenant_id == tenant_id)
        .order_by(shop_orders.c.first_seen_at.desc(), shop_orders.c.id)
    )


async def _read(tx: Tx, asked: Select[Any]) -> list[KeptOfBuyer]:
    return [
        KeptOfBuyer(
            **row._asdict() | {"step": Step(row.step), "masked_accounts": row.masked_accounts or {}}
        )
        for row in await tx.execute(asked)
    ]
