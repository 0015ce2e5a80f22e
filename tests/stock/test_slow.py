"""Slow stock: what lasts too long at the pace it sells, how old it is, and what it ties up."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from kashu.access.keyring import Keyrings
from kashu.catalog.errors import UnknownSku
from kashu.core.clock import SHANGHAI, day_bounds
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.freeze import freeze
from kashu.stock.slow import SlowSku, SpanWrong, slow_lots, slow_skus
from kashu.stock.strategies import Use, assign_strategy, save_strategy
from kashu.stock.strategy import Prefer
from tests.conftest import Tenant
from tests.stock.builders import TODAY, PutLot, make_sku, make_warehouse, put_cards

COST = Account(AccountKind.COST_OF_GOODS)


def days_ago(days: int) -> datetime:
    """Noon of that day in Shanghai."""
    return day_bounds(TODAY - timedelta(days), SHANGHAI)[0] + timedelta(hours=12)


async def put(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, count: int, sku_id: UUID, *, age: int
) -> PutLot:
    return await put_cards(
        tx, tenant.id, count, sku_id=sku_id, received_at=days_ago(age), keyrings=keyrings
    )


async def sell(tx: Tx, tenant: Tenant, sku_id: UUID, count: int, *, ago: int) -> None:
    """Post what was sold that day, with its revenue; a negative count came back."""
    held = Account(AccountKind.INVENTORY, await make_warehouse(tx, tenant.id))
    pairs = [(COST, held), (Account(AccountKind.CASH), Account(AccountKind.REVENUE))]
    sold = [
        Transfer(*(pair if count > 0 else pair[::-1]), 100, abs(count), "x", sku_id, sku_id=sku_id)
        for pair in pairs
    ]
    await post(tx, tenant.id, sold, posted_on=TODAY - timedelta(ago))


async def slow(tx: Tx, tenant: Tenant, *, days: int = 30, cover: int = 90) -> list[SlowSku]:
    return await slow_skus(tx, tenant.id, today=TODAY, timezone=SHANGHAI, days=days, cover=cover)


async def test_stock_is_slow_when_it_lasts_longer_than_so_many_days(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put(tx, tenant, keyrings, 10, sku_id, age=100)
    await put(tx, tenant, keyrings, 5, sku_id, age=30)
    await sell(tx, tenant, sku_id, 6, ago=0)
    await sell(tx, tenant, sku_id, 1, ago=29)
    await sell(tx, tenant, sku_id, 50, ago=30)  # is not of late
    await sell(tx, tenant, sku_id, -2, ago=3)
    assert await slow(tx, tenant) == []
    [found] = await slow(tx, tenant, cover=89)
    assert found == SlowSku(
        sku_id=sku_id,
        currency="CNY",
        held=15,
        cost_e4=1_500_000,
        oldest_days=100,
        days=30,
        sold=5,
        days_of_cover=90,
        by_age={"up_to_30": 5, "up_to_60": 0, "up_to_90": 0, "older": 10},
        cost_by_age={"up_to_30": 500_000, "up_to_60": 0, "up_to_90": 0, "older": 1_000_000},
    )
    assert await slow(tx, other_tenant, cover=0) == []


async def test_what_nobody_bought_is_slow_once_it_has_been_there_long_enough(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    old, new, back = [await make_sku(tx, tenant.id, code) for code in ("old", "new", "back")]
    await put(tx, tenant, keyrings, 3, old, age=30)
    await put(tx, tenant, keyrings, 9, new, age=29)
    await put(tx, tenant, keyrings, 5, back, age=40)
    await sell(tx, tenant, back, 4, ago=5)
    await sell(tx, tenant, back, -4, ago=2)  # all came back
    found = await slow(tx, tenant)
    assert [(row.sku_id, row.days_of_cover) for row in found] == [(back, None), (old, None)]


async def test_the_pace_of_what_came_lately_is_of_the_days_it_was_there(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put(tx, tenant, keyrings, 20, sku_id, age=4)
    await sell(tx, tenant, sku_id, 10, ago=1)
    [found] = await slow(tx, tenant, cover=0)
    assert (found.days, found.days_of_cover) == (5, 10)


async def test_what_is_sold_out_is_not_slow(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put(tx, tenant, keyrings, 0, sku_id, age=400)
    assert await slow(tx, tenant, cover=0) == []


@pytest.mark.parametrize("span", [{"days": 0}, {"days": 367}, {"cover": -1}, {"cover": 3_661}])
async def test_a_span_that_means_nothing_is_refused(
    tx: Tx, tenant: Tenant, span: dict[str, int]
) -> None:
    with pytest.raises(SpanWrong):
        await slow(tx, tenant, **span)
    sku_id = await make_sku(tx, tenant.id)
    with pytest.raises(UnknownSku):
        await slow_lots(tx, tenant.id, new_id(), today=TODAY, timezone=SHANGHAI)
    with pytest.raises(SpanWrong):
        await slow_lots(tx, tenant.id, sku_id, today=TODAY, timezone=SHANGHAI, **span)


async def test_each_lot_tells_when_it_is_gone_and_what_could_be_done(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lots = [
        await put_cards(
            tx,
            tenant.id,
            count,
            sku_id=sku_id,
            received_at=days_ago(40),
            unit_cost_e4=cost,
            expires_on=None if left is None else TODAY + timedelta(left),
            keyrings=keyrings,
        )
        for count, cost, left in ((20, 90, None), (20, 110, 19), (4, 10, -1), (5, 10, 99))
    ]
    await freeze(tx, tenant.id, "s", lot_ids=[lots[3].id], reason="recall")
    await sell(tx, tenant, sku_id, 30, ago=1)
    steps = [Prefer("lowest_cost")]
    await save_strategy(tx, tenant.id, "s", code="cheap", name="Cheap", steps=steps)
    found = {
        lot.lot_id: lot
        for lot in await slow_lots(tx, tenant.id, sku_id, today=TODAY, timezone=SHANGHAI)
    }
    told = [
        (it.place, it.gone_in_days, it.unsold, it.unsold_cost_e4, it.advice)
        for it in (found[lot.id] for lot in lots)
    ]
    assert told == [
        (2, 40, 0, 0, ()),
        (1, 20, 0, 0, ()),
        (None, None, 4, 40, ("write_off",)),
        (None, None, 0, 0, ()),
    ]
    await assign_strategy(tx, tenant.id, "s", code="cheap", to=Use(sku_id))
    again = {
        lot.lot_id: lot
        for lot in await slow_lots(tx, tenant.id, sku_id, today=TODAY, timezone=SHANGHAI)
    }
    late = again[lots[1].id]
    assert (late.place, late.unsold, late.unsold_cost_e4, late.advice) == (
        2,
        20,
        2_200,
        ("give_first", "discount"),
    )


async def test_of_what_came_lately_and_has_not_sold_nothing_is_foretold(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    old = await put(tx, tenant, keyrings, 1, sku_id, age=30)
    new = await put(tx, tenant, keyrings, 1, sku_id, age=29)
    found = await slow_lots(tx, tenant.id, sku_id, today=TODAY, timezone=SHANGHAI)
    assert [(it.lot_id, it.advice) for it in found] == [(old.id, ("return",)), (new.id, ())]
