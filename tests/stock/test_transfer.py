from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.freeze import UnknownLots, freeze
from kashu.stock.reveal import reveal
from kashu.stock.tables import lots, moves
from kashu.stock.transfer import SharedLotStays, TransferNowhere, TransferShort, transfer
from kashu.stock.warehouses import UnknownWarehouse
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    assert_sound,
    counters,
    give,
    inventory,
    make_sku,
    make_warehouse,
    put_cards,
    replenished,
)

COST = 100_000


async def test_the_next_cards_go_to_a_lot_of_their_own_with_their_cost(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    expiry = TODAY + timedelta(9)
    lot = await put_cards(tx, tenant.id, 4, sku_id=sku_id, expires_on=expiry, keyrings=keyrings)
    await give(tx, tenant.id, sku_id, 1)

    made = await transfer(
        tx,
        tenant.id,
        "staff:1",
        lot_id=lot.id,
        to_warehouse_id=far_id,
        count=2,
        reason="for the shop",
        today=TODAY,
    )

    assert (made.origin_lot_id, made.warehouse_id, made.count) == (lot.id, far_id, 2)
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "allocated": 1}
    assert await counters(tx, tenant.id, made.lot_id) == {"available": 2}
    rows = await tx.execute(select(lots).order_by(lots.c.id))
    old, new = rows.all()
    for same in ("supplier_id", "unit_cost_e4", "expires_on", "received_at", "sku_id", "state"):
        assert getattr(new, same) == getattr(old, same)
    assert (new.id, new.origin_lot_id, new.warehouse_id) == (made.lot_id, lot.id, far_id)
    assert await inventory(tx, tenant.id) == {lot.warehouse_id: 2 * COST, far_id: 2 * COST}
    assert await replenished(tx, tenant.id, sku_id)
    told = (await tx.execute(select(moves))).all()
    assert {row.card_id for row in told} == set(lot.card_ids[1:3])
    assert {(row.from_lot_id, row.to_lot_id, row.reason) for row in told} == {
        (lot.id, made.lot_id, "for the shop")
    }
    await assert_sound(tx, tenant.id)
    line_id, held = await give(tx, tenant.id, sku_id, 3)
    assert set(held) == set(lot.card_ids[1:])
    assert (
        len(
            await reveal(
                tx, tenant.id, "k", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
            )
        )
        == 3
    )
    await assert_sound(tx, tenant.id)


async def test_chosen_cards_can_go_and_the_others_are_given_as_before(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    made = await transfer(
        tx,
        tenant.id,
        "s",
        lot_id=lot.id,
        to_warehouse_id=far_id,
        card_ids=[lot.card_ids[1]],
        reason="r",
        today=TODAY,
    )
    await freeze(tx, tenant.id, "s", lot_ids=[made.lot_id], reason="later")
    await assert_sound(tx, tenant.id)
    _, held = await give(tx, tenant.id, sku_id, 2)
    assert held == [lot.card_ids[0], lot.card_ids[2]]


async def test_what_is_frozen_stays_frozen_elsewhere(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")
    made = await transfer(
        tx,
        tenant.id,
        "s",
        lot_id=lot.id,
        to_warehouse_id=far_id,
        count=1,
        reason="r",
        today=TODAY,
    )
    new = (await tx.execute(select(lots).where(lots.c.id == made.lot_id))).one()
    assert (new.state, new.frozen_reason) == ("frozen", "recall")
    assert not await replenished(tx, tenant.id, sku_id)


async def test_what_cannot_be_transferred_stays(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    shared_sku = await make_sku(tx, tenant.id, "shared", fulfilment="shared")
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    shared = await put_cards(tx, tenant.id, 1, sku_id=shared_sku, max_uses=2, keyrings=keyrings)
    _, [sold] = await give(tx, tenant.id, sku_id, 1)
    refusals: list[tuple[type[Exception], dict[str, Any]]] = [
        (TransferShort, {"count": 2}),
        (TransferShort, {"card_ids": [sold]}),
        (TransferShort, {"card_ids": [lot.card_ids[1], new_id()]}),
        (TransferNowhere, {"count": 0}),
        (TransferNowhere, {"count": 1, "to_warehouse_id": lot.warehouse_id}),
        (UnknownWarehouse, {"count": 1, "to_warehouse_id": new_id()}),
        (UnknownLots, {"count": 1, "lot_id": new_id()}),
        (SharedLotStays, {"count": 1, "lot_id": shared.id}),
    ]
    for refusal, asked in refusals:
        usual: dict[str, Any] = {
            "lot_id": lot.id,
            "to_warehouse_id": far_id,
            "reason": "r",
            "today": TODAY,
        }
        with pytest.raises(refusal):
            await transfer(tx, tenant.id, "s", **{**usual, **asked})
    with pytest.raises(UnknownLots):
        await transfer(
            tx,
            other_tenant.id,
            "s",
            lot_id=lot.id,
            to_warehouse_id=far_id,
            count=1,
            reason="r",
            today=TODAY,
        )
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "allocated": 1}
    assert len((await tx.execute(select(lots))).all()) == 2
    assert (await tx.execute(select(moves))).all() == []
