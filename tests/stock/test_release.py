import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.release import release
from kashu.stock.reveal import reveal, reveal_cards
from kashu.stock.tables import allocations, moves
from tests.conftest import Tenant
from tests.stock.builders import (
    assert_sound,
    cards_of,
    counters,
    give,
    make_sku,
    make_warehouse,
    put_cards,
    replenished,
    states,
)


async def test_an_unseen_card_is_given_next_and_wakes_the_short(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 5, sku_id=sku_id, keyrings=keyrings)
    line_id, held = await give(tx, tenant.id, sku_id, 3)
    assert not await replenished(tx, tenant.id, sku_id)

    released = await release(
        tx, tenant.id, "staff:1", line_units=[(line_id, 2)], because="refunded"
    )

    assert [(r.line_id, r.lot_id, r.count, r.revealed, r.returned_to_stock) for r in released] == [
        (line_id, lot.id, 2, False, True)
    ]
    assert (released[0].warehouse_id, released[0].supplier_id, released[0].unit_cost_e4) == (
        lot.warehouse_id,
        lot.supplier_id,
        100_000,
    )
    assert await counters(tx, tenant.id, lot.id) == {"available": 4, "allocated": 1}
    assert await cards_of(tx, tenant.id, line_id) == held[:1]  # the latest given came back
    assert await replenished(tx, tenant.id, sku_id)
    await assert_sound(tx, tenant.id)
    _, next_held = await give(tx, tenant.id, sku_id, 3)
    assert next_held == [*held[1:], lot.card_ids[3]]
    await assert_sound(tx, tenant.id)


async def test_a_card_that_somebody_saw_is_quarantined(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    line_id, held = await give(tx, tenant.id, sku_id, 2)
    await reveal(
        tx, tenant.id, "key:1", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
    )

    released = await release(tx, tenant.id, "s", line_units=[(line_id, 2)], because="refunded")

    assert [(r.count, r.revealed, r.returned_to_stock) for r in released] == [(2, True, False)]
    assert await states(tx, tenant.id, held) == ["quarantined"] * 2
    assert await counters(tx, tenant.id, lot.id) == {"quarantined": 2}
    assert not await replenished(tx, tenant.id, sku_id)
    await assert_sound(tx, tenant.id)


async def test_a_card_of_a_sku_that_is_not_returnable_is_quarantined(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, returnable=False)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, _ = await give(tx, tenant.id, sku_id, 1)

    released = await release(tx, tenant.id, "s", line_units=[(line_id, 1)], because="refunded")

    assert [(r.revealed, r.returned_to_stock) for r in released] == [(False, False)]
    assert await counters(tx, tenant.id, lot.id) == {"quarantined": 1}
    assert not await replenished(tx, tenant.id, sku_id)
    await assert_sound(tx, tenant.id)


@pytest.mark.parametrize(("unseen_first", "left_seen"), [(True, True), (False, False)])
async def test_unseen_cards_go_before_seen_ones_if_asked(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, *, unseen_first: bool, left_seen: bool
) -> None:
    sku_id, line_id = await make_sku(tx, tenant.id), new_id()
    await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    await give(tx, tenant.id, sku_id, 1, line_id)
    await give(tx, tenant.id, sku_id, 1, line_id)
    first, second = await cards_of(tx, tenant.id, line_id)
    await reveal_cards(
        tx, tenant.id, "s", card_ids=[second], reason="r", recipient="b", keyrings=keyrings
    )
    await release(
        tx,
        tenant.id,
        "s",
        line_units=[(line_id, 1)],
        because="refunded",
        unseen_first=unseen_first,
    )
    assert await cards_of(tx, tenant.id, line_id) == [second if left_seen else first]
    await assert_sound(tx, tenant.id)


async def test_each_line_gives_back_its_own_and_at_most_what_it_holds(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    near = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    far_id = await make_warehouse(tx, tenant.id, "far")
    far = await put_cards(
        tx, tenant.id, 3, sku_id=sku_id, warehouse_id=far_id, unit_cost_e4=7, keyrings=keyrings
    )
    one, _ = await give(tx, tenant.id, sku_id, 4)
    two, kept = await give(tx, tenant.id, sku_id, 2)

    released = await release(
        tx, tenant.id, "s", line_units=[(one, 3), (one, 9), (new_id(), 1)], because="refunded"
    )

    assert {(r.line_id, r.lot_id, r.count, r.unit_cost_e4) for r in released} == {
        (one, near.id, 3, 100_000),
        (one, far.id, 1, 7),
    }
    assert await cards_of(tx, tenant.id, two) == kept
    assert await counters(tx, tenant.id, near.id) == {"available": 3}
    assert await counters(tx, tenant.id, far.id) == {"available": 1, "allocated": 2}
    await assert_sound(tx, tenant.id)


async def test_each_move_is_written_down(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, [card_id] = await give(tx, tenant.id, sku_id, 1)
    await release(tx, tenant.id, "staff:9", line_units=[(line_id, 1)], because="refund R1")
    row = (await tx.execute(select(moves))).one()
    assert (row.card_id, row.actor, row.reason, row.from_state, row.to_state) == (
        card_id,
        "staff:9",
        "refund R1",
        "allocated",
        "available",
    )
    given = (await tx.execute(select(allocations))).one()
    assert (given.released_because, given.released_at is not None) == ("refund R1", True)


async def test_another_merchants_line_gives_nothing_back(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, _ = await give(tx, tenant.id, sku_id, 1)
    released = await release(
        tx, other_tenant.id, "s", line_units=[(line_id, 1)], because="not mine"
    )
    assert released == []
    assert await counters(tx, tenant.id, lot.id) == {"allocated": 1}


async def test_an_unseen_use_of_a_shared_card_is_free_again_and_a_seen_one_is_not(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared", returnable=False)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, max_uses=3, keyrings=keyrings)
    seer, [card_id] = await give(tx, tenant.id, sku_id, 1)
    blind, _ = await give(tx, tenant.id, sku_id, 2)
    assert await states(tx, tenant.id, [card_id]) == ["allocated"]
    await reveal(tx, tenant.id, "k", line_ids=[seer], reason="r", recipient="b", keyrings=keyrings)
    assert await counters(tx, tenant.id, lot.id) == {"allocated": 2, "revealed": 1}
    await assert_sound(tx, tenant.id)

    released = await release(
        tx, tenant.id, "s", line_units=[(seer, 1), (blind, 2)], because="refunded"
    )

    assert {(r.line_id, r.count, r.revealed, r.returned_to_stock) for r in released} == {
        (seer, 1, True, False),
        (blind, 2, False, True),
    }
    assert await states(tx, tenant.id, [card_id]) == ["available"]
    assert await counters(tx, tenant.id, lot.id) == {"available": 2, "quarantined": 1}
    await assert_sound(tx, tenant.id)
    await give(tx, tenant.id, sku_id, 2)
    assert await counters(tx, tenant.id, lot.id) == {"allocated": 2, "quarantined": 1}
    await assert_sound(tx, tenant.id)
