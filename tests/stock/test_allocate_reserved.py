from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.allocate_reserved import allocate_reserved
from kashu.stock.plan import Demand
from kashu.stock.strategy import FEFO
from kashu.stock.tables import allocations, choices, lots, reservations
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    assert_sound,
    cards_of,
    counters,
    make_sku,
    make_warehouse,
    put_cards,
)
from tests.stock.test_reserve import promise


async def test_who_was_promised_cards_gets_those_and_the_rest_from_stock(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 5, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 2)
    stranger, friend = Demand(new_id(), sku_id, 1, FEFO), Demand(new_id(), sku_id, 3, FEFO)
    friend = replace(friend, reservation_id=made.id)

    [theirs, ours] = await allocate_reserved(tx, tenant.id, [stranger, friend], TODAY)

    assert [taking.count for taking in theirs] == [1]
    assert [(taking.count, taking.lot.lot_id) for taking in ours] == [(2, lot.id), (1, lot.id)]
    assert await cards_of(tx, tenant.id, stranger.line_id) == [lot.card_ids[2]]
    held = await cards_of(tx, tenant.id, friend.line_id)
    assert set(held) == {*lot.card_ids[:2], lot.card_ids[3]}
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "allocated": 4}
    await assert_sound(tx, tenant.id)
    state = (await tx.execute(select(reservations.c.state))).scalar_one()
    assert state == "used"
    why = await tx.execute(
        select(choices.c.facts)
        .join(allocations, allocations.c.choice_id == choices.c.id)
        .where(allocations.c.card_id == lot.card_ids[0])
    )
    assert why.scalar_one() == {"reserved": str(made.id)}


async def test_what_a_promise_has_left_stays_kept(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 3)
    for left in (2, 1):
        wanted = Demand(new_id(), sku_id, 1, FEFO, reservation_id=made.id)
        await allocate_reserved(tx, tenant.id, [wanted], TODAY)
        assert (await counters(tx, tenant.id, lot.id))["reserved"] == left
        assert (await tx.execute(select(reservations.c.state))).scalar_one() == "held"
    await assert_sound(tx, tenant.id)


@pytest.mark.parametrize(("partial_allowed", "got"), [(False, 0), (True, 2)])
async def test_too_few_are_given_only_where_partial_delivery_is_allowed(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, *, partial_allowed: bool, got: int
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 2)
    wanted = Demand(new_id(), sku_id, 3, FEFO, partial_allowed, made.id)

    [took] = await allocate_reserved(tx, tenant.id, [wanted], TODAY)

    assert sum(taking.count for taking in took) == got
    assert len(await cards_of(tx, tenant.id, wanted.line_id)) == got
    assert (await counters(tx, tenant.id, lot.id)).get("reserved", 0) == 2 - got
    await assert_sound(tx, tenant.id)


async def test_two_lines_share_a_promise_in_the_order_given(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    near = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    far = await put_cards(tx, tenant.id, 2, sku_id=sku_id, warehouse_id=far_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 4)
    first, second = (
        Demand(new_id(), sku_id, quantity, FEFO, reservation_id=made.id) for quantity in (3, 1)
    )
    await allocate_reserved(tx, tenant.id, [first, second], TODAY)
    assert set(await cards_of(tx, tenant.id, first.line_id)) == {*near.card_ids, far.card_ids[0]}
    assert await cards_of(tx, tenant.id, second.line_id) == far.card_ids[1:]
    await assert_sound(tx, tenant.id)


async def test_what_is_kept_in_a_frozen_or_expired_lot_is_not_given(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    frozen = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    expired = await put_cards(tx, tenant.id, 1, sku_id=sku_id, expires_on=TODAY, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 2)
    freeze = {"state": "frozen", "frozen_reason": "recall"}
    await tx.execute(update(lots).where(lots.c.id == frozen.id).values(freeze))
    wanted = Demand(new_id(), sku_id, 1, FEFO, reservation_id=made.id)
    tomorrow = TODAY + timedelta(days=1)
    assert await allocate_reserved(tx, tenant.id, [wanted], tomorrow) == [()]
    assert await counters(tx, tenant.id, frozen.id) == {"reserved": 1}
    assert await counters(tx, tenant.id, expired.id) == {"reserved": 1}


async def test_a_promise_of_another_sku_serves_nobody(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, other_id = await make_sku(tx, tenant.id), await make_sku(tx, tenant.id, "other")
    lot = await put_cards(tx, tenant.id, 1, sku_id=other_id, keyrings=keyrings)
    made = await promise(tx, tenant, other_id, 1)
    wanted = [
        Demand(new_id(), sku_id, 1, FEFO, reservation_id=made.id),
        Demand(new_id(), other_id, 1, FEFO),
    ]
    assert await allocate_reserved(tx, tenant.id, wanted, TODAY) == [(), ()]
    assert await counters(tx, tenant.id, lot.id) == {"reserved": 1}
