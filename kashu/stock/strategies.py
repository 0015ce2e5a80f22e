"""Strategies kept by name, whom each serves, and which one serves an order's line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from kashu.catalog.reads import skus_by_id
from kashu.channels.reads import stores_by_id
from kashu.core.db import Tx
from kashu.core.errors import NotFound, Problem
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.naming import check_naming
from kashu.core.sql import Statement
from kashu.customers.reads import customers_by_id
from kashu.stock.strategy import FEFO, Step, Strategy
from kashu.stock.strategy_steps import (
    StrategyWrong,
    check_steps,
    named_ids,
    read_steps,
    strategy_of,
    write_steps,
)
from kashu.stock.tables import strategies, strategy_uses

Whom: TypeAlias = tuple[UUID, UUID | None, UUID | None]  # a SKU, a store, a customer


class UnknownStrategy(NotFound):
    """No such strategy, or it doesn't serve whom it was said to."""

    code = "unknown_strategy"
    zh = "没有找到出库策略「{strategy}」或它的适用对象。请刷新列表后再选。"
    en = "No strategy “{strategy}”, or it doesn't serve those. Refresh the list, choose again."


class UnknownServed(NotFound):
    """A strategy can't serve a SKU, store or customer that isn't there."""

    code = "unknown_served"
    zh = "适用的{kind_zh}不存在，或不属于您。请核对编号。"
    en = "There is no such {kind}, or it isn't yours. Check the id."


@dataclass(frozen=True, slots=True)
class Use:
    """Whom a strategy serves: all orders that agree with each part that is given."""

    sku_id: UUID | None = None
    store_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SavedStrategy:
    """A strategy with its steps in order, and whom it serves."""

    id: UUID
    code: str
    name: str
    steps: list[Step]
    uses: list[Use]


@dataclass(frozen=True, slots=True)
class _Candidate:
    sku_id: UUID | None
    store_id: UUID | None
    customer_id: UUID | None
    id: UUID
    name: str
    steps: str


@dataclass(frozen=True, slots=True)
class _Saved:
    id: UUID
    code: str
    name: str
    steps: str
    uses: str


@dataclass(frozen=True, slots=True)
class _Stranger:
    id: UUID
    kind: str


_for = Statement(__file__, "strategies_for.sql", _Candidate)
_saved = Statement(__file__, "strategies_saved.sql", _Saved)
_strangers = Statement(__file__, "strategies_strangers.sql", _Stranger)
_KINDS_ZH: Final = {"warehouse": "仓库", "supplier": "供应商"}


async def strategies_for(tx: Tx, tenant_id: int, whom: Sequence[Whom]) -> list[Strategy]:
    """Say which strategy serves each (SKU, store, customer), in order.

    The most specific use wins: one that names the customer before one that doesn't; among those,
    one that names the store; then the SKU. A use that names nothing serves whoever has no other;
    without any, FEFO does.
    """
    found = await _for(
        tx,
        tenant=tenant_id,
        skus=list({sku_id for sku_id, _, _ in whom}),
        stores=list({store_id for _, store_id, _ in whom if store_id}),
        customers=list({customer_id for _, _, customer_id in whom if customer_id}),
    )
    if not found:
        return [FEFO] * len(whom)
    uses = {
        (use.sku_id, use.store_id, use.customer_id): strategy_of(use.id, use.name, use.steps)
        for use in found
    }
    return [_most_specific(uses, *each) for each in whom]


def _most_specific(
    uses: dict[tuple[UUID | None, UUID | None, UUID | None], Strategy],
    sku_id: UUID,
    store_id: UUID | None,
    customer_id: UUID | None,
) -> Strategy:
    for customer in dict.fromkeys((customer_id, None)):
        for store in dict.fromkeys((store_id, None)):
            for sku in (sku_id, None):
                serving = uses.get((sku, store, customer))
                if serving is not None:
                    return serving
    return FEFO


async def save_strategy(
    tx: Tx, tenant_id: int, actor: str, *, code: str, name: str, steps: Sequence[Step]
) -> SavedStrategy:
    """Keep a strategy under a code, in place of the one that is there; it serves whom that served.

    Raises: NamingWrong, StrategyWrong.
    """
    check_naming(code=code, name=name)
    check_steps(steps)
    warehouses, suppliers = named_ids(steps)
    strangers = await _strangers(tx, tenant=tenant_id, warehouses=warehouses, suppliers=suppliers)
    if strangers:
        raise StrategyWrong(
            problems=[
                Problem(
                    "/steps",
                    f"unknown_{one.kind}",
                    f"没有{_KINDS_ZH[one.kind]} {one.id}，请核对编号。",
                    f"there is no {one.kind} {one.id}; check the id",
                )
                for one in strangers
            ]
        )
    written = {"name": name, "steps": msgspec.json.decode(write_steps(steps))}
    kept = await tx.execute(
        insert(strategies)
        .values(tenant_id=tenant_id, id=new_id(), code=code, **written)
        .on_conflict_do_update(index_elements=["tenant_id", "code"], set_=written)
        .returning(strategies.c.id)
    )
    strategy_id: UUID = kept.scalar_one()
    await record(tx, tenant_id, actor, [Event("strategy.saved", strategy_id, written)])
    return await saved_strategy(tx, tenant_id, code)


async def saved_strategies(tx: Tx, tenant_id: int) -> list[SavedStrategy]:
    """All strategies of a merchant, by code."""
    return [_read(row) for row in await _saved(tx, tenant=tenant_id, code=None)]


async def saved_strategy(tx: Tx, tenant_id: int, code: str) -> SavedStrategy:
    """Find a strategy by its code. Raises: UnknownStrategy."""
    rows = await _saved(tx, tenant=tenant_id, code=code)
    if not rows:
        raise UnknownStrategy(strategy=code[:64])
    return _read(rows[0])


def _read(row: _Saved) -> SavedStrategy:
    steps = read_steps(msgspec.json.decode(row.steps))
    uses = msgspec.json.decode(row.uses, type=list[Use])
    return SavedStrategy(row.id, row.code, row.name, steps, uses)


async def assign_strategy(tx: Tx, tenant_id: int, actor: str, *, code: str, to: Use) -> None:
    """Let a strategy serve a SKU, a store, a customer, or where they meet; it replaces another.

    Raises: UnknownStrategy, UnknownServed.
    """
    strategy_id = (await saved_strategy(tx, tenant_id, code)).id
    await _check_served(tx, tenant_id, to)
    whom = {"sku_id": to.sku_id, "store_id": to.store_id, "customer_id": to.customer_id}
    await tx.execute(
        insert(strategy_uses)
        .values(tenant_id=tenant_id, id=new_id(), strategy_id=strategy_id, **whom)
        .on_conflict_do_update(
            index_elements=["tenant_id", *whom], set_={"strategy_id": strategy_id}
        )
    )
    await record(tx, tenant_id, actor, [Event("strategy.assigned", strategy_id, _facts(to))])


async def unassign_strategy(tx: Tx, tenant_id: int, actor: str, *, code: str, to: Use) -> None:
    """Let a strategy no longer serve exactly these. Raises: UnknownStrategy."""
    strategy_id = (await saved_strategy(tx, tenant_id, code)).id
    gone = await tx.execute(
        delete(strategy_uses)
        .where(strategy_uses.c.tenant_id == tenant_id)
        .where(strategy_uses.c.strategy_id == strategy_id)
        .where(strategy_uses.c.sku_id.is_not_distinct_from(to.sku_id))
        .where(strategy_uses.c.store_id.is_not_distinct_from(to.store_id))
        .where(strategy_uses.c.customer_id.is_not_distinct_from(to.customer_id))
    )
    if not gone.rowcount:
        raise UnknownStrategy(strategy=code)
    await record(tx, tenant_id, actor, [Event("strategy.unassigned", strategy_id, _facts(to))])


def _facts(to: Use) -> dict[str, str]:
    whom = {"sku_id": to.sku_id, "store_id": to.store_id, "customer_id": to.customer_id}
    return {name: str(served) for name, served in whom.items() if served is not None}


async def _check_served(tx: Tx, tenant_id: int, to: Use) -> None:
    """See that whom a strategy is to serve is there, and this merchant's."""
    if to.sku_id and not await skus_by_id(tx, tenant_id, [to.sku_id]):
        raise UnknownServed(kind="SKU", kind_zh="规格")
    if to.store_id and not await stores_by_id(tx, tenant_id, [to.store_id]):
        raise UnknownServed(kind="store", kind_zh="店铺")
    if to.customer_id and not await customers_by_id(tx, tenant_id, [to.customer_id]):
        raise UnknownServed(kind="customer", kind_zh="客户")
