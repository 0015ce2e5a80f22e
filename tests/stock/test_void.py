from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.purchases.return_to_supplier import return_to_supplier
from kashu.stock.errors import UnknownCards
from kashu.stock.freeze import UnknownLots
from kashu.stock.leave import CardsElsewhere
from kashu.stock.quarantine import quarantine
from kashu.stock.release import release
from kashu.stock.reveal import reveal, reveal_cards
from kashu.stock.tables import moves
from kashu.stock.void import void
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    assert_sound,
    books,
    counters,
    give,
    make_sku,
    put_cards,
    states,
)

COST = 100_000


async def test_a_void_card_is_a_loss_of_stock(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)

    [left] = await void(
        tx, tenant.id, "staff:1", card_ids=lot.card_ids[:2], reason="dead", today=TODAY
    )

    assert (left.lot_id, left.cards, left.units, left.in_inventory) == (lot.id, 2, 2, True)
    assert await states(tx, tenant.id, lot.card_ids) == ["void", "void", "available"]
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "void": 2}
    assert await books(tx, tenant.id) == {
        "inventory": COST,
        "stock_loss": 2 * COST,
        "opening": -3 * COST,
    }
    row = (await tx.execute(select(moves).limit(1))).one()
    assert (row.actor, row.reason, row.from_state, row.to_state) == (
        "staff:1",
        "dead",
        "available",
        "void",
    )
    await assert_sound(tx, tenant.id)


async def test_what_has_expired_is_written_off_as_expired_stock_by_lot(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(
        tx, tenant.id, 3, sku_id=sku_id, expires_on=TODAY - timedelta(1), keyrings=keyrings
    )
    await void(tx, tenant.id, "s", lot_ids=[lot.id], reason="expired", today=TODAY)
    assert await counters(tx, tenant.id, lot.id) == {"void": 3}
    assert await books(tx, tenant.id) == {"expired_stock": 3 * COST, "opening": -3 * COST}
    assert await void(tx, tenant.id, "s", lot_ids=[lot.id], reason="again", today=TODAY) == []
    await assert_sound(tx, tenant.id)


async def test_a_quarantined_card_stays_inventory_until_it_is_void(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    doubted, checked = lot.card_ids
    await quarantine(tx, tenant.id, "s", card_ids=[doubted], reason="looks odd")
    await reveal_cards(
        tx,
        tenant.id,
        "s",
        card_ids=[checked],
        reason="check",
        recipient="s",
        keyrings=keyrings,
        burn=True,
    )
    assert await counters(tx, tenant.id, lot.id) == {"quarantined": 2}
    assert (await books(tx, tenant.id))["inventory"] == 2 * COST
    await void(tx, tenant.id, "s", card_ids=lot.card_ids, reason="dead", today=TODAY)
    assert await counters(tx, tenant.id, lot.id) == {"void": 2}
    assert await books(tx, tenant.id) == {"stock_loss": 2 * COST, "opening": -2 * COST}
    await assert_sound(tx, tenant.id)


async def test_the_cost_of_what_a_line_gave_back_is_not_written_off_twice(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    line_id, _ = await give(tx, tenant.id, sku_id, 2)
    await reveal(
        tx, tenant.id, "k", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
    )
    await release(tx, tenant.id, "s", line_units=[(line_id, 2)], because="refund")
    before = await books(tx, tenant.id)  # the orders module has moved their cost by now
    dead, claimed = lot.card_ids

    [left] = await void(tx, tenant.id, "s", card_ids=[dead], reason="dead", today=TODAY)

    assert not left.in_inventory
    assert await books(tx, tenant.id) == before
    await return_to_supplier(
        tx,
        tenant.id,
        "s",
        card_ids=[claimed],
        against="recoveries",
        reason="bad",
        today=TODAY,
    )
    assert await books(tx, tenant.id) == {
        **before,
        "recoveries": COST,
        "after_sales_loss": -COST,
    }
    assert await counters(tx, tenant.id, lot.id) == {"void": 1, "returned": 1}
    await assert_sound(tx, tenant.id)


async def test_unsold_cards_that_go_back_are_owed_no_more(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    await return_to_supplier(
        tx, tenant.id, "s", lot_ids=[lot.id], against="payable", reason="unsold", today=TODAY
    )
    assert await counters(tx, tenant.id, lot.id) == {"returned": 2}
    assert await books(tx, tenant.id) == {"payable": 2 * COST, "opening": -2 * COST}


async def test_cards_that_are_sold_or_gone_stay_where_they_are(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    _, [sold] = await give(tx, tenant.id, sku_id, 1)
    before = await books(tx, tenant.id)
    with pytest.raises(CardsElsewhere) as refused:
        await void(tx, tenant.id, "s", card_ids=lot.card_ids, reason="dead", today=TODAY)
    assert refused.value.facts == {"count": 1}
    with pytest.raises(CardsElsewhere):
        await quarantine(tx, tenant.id, "s", card_ids=[sold], reason="odd")
    with pytest.raises(UnknownCards):
        await void(tx, tenant.id, "s", card_ids=[new_id()], reason="dead", today=TODAY)
    with pytest.raises(UnknownCards):
        await void(tx, other_tenant.id, "s", card_ids=lot.card_ids, reason="dead", today=TODAY)
    with pytest.raises(UnknownLots):
        await void(tx, other_tenant.id, "s", lot_ids=[lot.id], reason="dead", today=TODAY)
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "allocated": 1}
    assert await books(tx, tenant.id) == before
    assert (await tx.execute(select(func.count()).select_from(moves))).scalar_one() == 0


async def test_of_a_shared_card_the_free_uses_go(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    lot = await put_cards(
        tx, tenant.id, 1, sku_id=sku_id, max_uses=5, unit_cost_e4=10, keyrings=keyrings
    )
    seer, _ = await give(tx, tenant.id, sku_id, 1)
    blind, _ = await give(tx, tenant.id, sku_id, 1)
    await reveal(tx, tenant.id, "k", line_ids=[seer], reason="r", recipient="b", keyrings=keyrings)
    await quarantine(tx, tenant.id, "s", lot_ids=[lot.id], reason="leaked")
    assert await counters(tx, tenant.id, lot.id) == {
        "quarantined": 3,
        "allocated": 1,
        "revealed": 1,
    }
    await assert_sound(tx, tenant.id)
    [back] = await release(tx, tenant.id, "s", line_units=[(blind, 1)], because="refund")
    assert back.returned_to_stock
    [left] = await void(tx, tenant.id, "s", lot_ids=[lot.id], reason="leaked", today=TODAY)
    assert (left.cards, left.units) == (1, 4)
    assert await counters(tx, tenant.id, lot.id) == {"void": 4, "revealed": 1}
    assert (await books(tx, tenant.id))["stock_loss"] == 40
    [burnt] = await release(tx, tenant.id, "s", line_units=[(seer, 1)], because="refund")
    assert not burnt.returned_to_stock
    await assert_sound(tx, tenant.id)
