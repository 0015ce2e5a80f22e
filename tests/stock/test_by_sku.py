from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.core.clock import SHANGHAI, day_bounds
from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.by_sku import Need, SkuStock, stock_by_sku
from kashu.stock.freeze import freeze
from kashu.stock.levels import set_levels
from kashu.stock.shelves import shelves
from kashu.stock.tables import alerts
from tests.conftest import Tenant
from tests.stock.builders import TODAY, make_sku, make_warehouse, put_cards

LONG_AGO, _ = day_bounds(TODAY - timedelta(100), SHANGHAI)


async def told_of(tx: Tx, tenant_id: int, **narrow: UUID) -> list[SkuStock]:
    return await stock_by_sku(tx, tenant_id, today=TODAY, timezone=SHANGHAI, **narrow)


async def sell(tx: Tx, tenant_id: int, sku_id: UUID, units: int, on: date) -> None:
    """Put into the books that so many were sold."""
    sold = Transfer(
        Account(AccountKind.COST_OF_GOODS),
        Account(AccountKind.INVENTORY, await make_warehouse(tx, tenant_id)),
        units * 10_000,
        units,
        "sale",
        sku_id,
        sku_id=sku_id,
    )
    await post(tx, tenant_id, [sold], posted_on=on)


async def test_a_sku_tells_what_can_be_given_and_what_cannot_and_why(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    for days, count in ((None, 1), (-1, 2), (5, 4), (20, 8), (45, 16), (90, 32)):
        await put_cards(
            tx,
            tenant.id,
            count,
            sku_id=sku_id,
            expires_on=None if days is None else TODAY + timedelta(days),
            keyrings=keyrings,
        )
    bad = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    await freeze(tx, tenant.id, "staff:1", lot_ids=[bad.id], reason="供应商通知召回")
    [told] = await told_of(tx, tenant.id)
    assert (told.available, told.frozen, told.expired, told.reserved) == (61, 3, 2, 0)
    assert told.by_expiry == {
        "expired": 2,
        "within_7": 4,
        "within_30": 8,
        "within_60": 16,
        "later": 32,
        "none": 4,
    }
    assert told.next_expiry_on == TODAY + timedelta(5)
    assert told.frozen_why == [{"reason": "供应商通知召回", "units": 3, "lots": 1}]
    assert told.needs == [Need.EXPIRING, Need.EXPIRED, Need.FROZEN]
    assert sum(told.by_expiry.values()) == told.held == 66
    assert told.costs_e4 == {"CNY": 66 * 100_000}
    [shelf] = await shelves(tx, tenant.id, today=TODAY)
    assert (shelf.held, shelf.available, shelf.frozen, shelf.expired) == (66, 61, 3, 2)
    assert await told_of(tx, other_tenant.id) == []


async def test_days_of_stock_come_from_the_last_week_and_slow_from_the_month(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put_cards(tx, tenant.id, 70, sku_id=sku_id, received_at=LONG_AGO, keyrings=keyrings)
    [told] = await told_of(tx, tenant.id)
    assert (told.lasts_days, told.needs) == (None, [Need.SLOW])  # nothing was sold
    await sell(tx, tenant.id, sku_id, 6, TODAY - timedelta(7))  # not within the week
    [told] = await told_of(tx, tenant.id)
    assert (told.sold_7, told.sold_30, told.lasts_days) == (0, 6, None)
    await sell(tx, tenant.id, sku_id, 21, TODAY)
    [told] = await told_of(tx, tenant.id)
    assert (told.sold_7, told.lasts_days, told.needs) == (21, 23, [])


@pytest.mark.parametrize(("low", "needs"), [(9, []), (10, [Need.LOW]), (None, [])])
async def test_low_is_at_the_level_or_below(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, low: int | None, needs: list[Need]
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put_cards(tx, tenant.id, 10, sku_id=sku_id, keyrings=keyrings)
    enough = None if low is None else 50
    await set_levels(tx, tenant.id, "staff:1", sku_id, low=low, enough=enough)
    [told] = await told_of(tx, tenant.id)
    assert [need for need in told.needs if need is not Need.SLOW] == needs


async def test_what_is_out_comes_first_then_what_lasts_shortest(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    skus = {code: await make_sku(tx, tenant.id, code) for code in ("a", "b", "c", "d", "e")}
    for code, sold in (("a", 1), ("b", 5)):
        await put_cards(
            tx, tenant.id, 20, sku_id=skus[code], received_at=LONG_AGO, keyrings=keyrings
        )
        await sell(tx, tenant.id, skus[code], sold * 7, TODAY)
    await set_levels(tx, tenant.id, "staff:1", skus["c"], low=0, enough=5)  # never had any
    lot = await put_cards(tx, tenant.id, 20, sku_id=skus["d"], keyrings=keyrings)
    far = await make_warehouse(tx, tenant.id, "far")
    standing = {"kind": "low", "sku_id": skus["d"], "warehouse_id": far, "facts": {}}
    await tx.execute(insert(alerts).values(tenant_id=tenant.id, id=lot.id, **standing))
    told = await told_of(tx, tenant.id)
    assert [one.code for one in told] == ["c", "d", "b", "a"]
    assert [one.needs[:1] for one in told] == [[Need.OUT], [Need.LOW], [], []]
    [only] = await told_of(tx, tenant.id, sku_id=skus["b"])
    assert (only.code, only.lasts_days) == ("b", 4)
    assert await told_of(tx, tenant.id, warehouse_id=far) == []  # nothing of them was ever there
    await sell(tx, tenant.id, skus["e"], 1, TODAY)  # it sells, so it comes before what doesn't
    assert [one.code for one in await told_of(tx, tenant.id)] == ["e", "c", "d", "b", "a"]
