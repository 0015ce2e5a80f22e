from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.recognise import normalise
from kashu.stock.secret import mask
from kashu.stock.stocktake import (
    Counted,
    NothingCounted,
    Posted,
    Stocktake,
    StocktakeEnded,
    UnknownStocktake,
    count,
    drop_stocktake,
    post_stocktake,
)
from kashu.stock.tables import stocktakes
from kashu.stock.void import void
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    PutLot,
    assert_sound,
    books,
    counters,
    give,
    make_sku,
    make_warehouse,
    put_cards,
    states,
)


async def take_stock(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, lot: PutLot, numbers: list[str]
) -> Stocktake:
    keyring = await keyrings.of(tx, tenant.id)
    counted = [
        Counted(row, keyring.blind_index(normalise(number)), mask(number.strip(), "", ""))
        for row, number in enumerate(numbers, start=1)
    ]
    return await count(
        tx,
        tenant.id,
        "staff:1",
        sku_id=lot.sku_id,
        warehouse_id=lot.warehouse_id,
        counted=counted,
    )


def found(taken: Stocktake) -> dict[str, int]:
    return {kind: of["count"] for kind, of in taken.differences.items() if of["count"]}


async def test_a_count_that_agrees_has_no_differences(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_cards(tx, tenant.id, 3, sku_id=await make_sku(tx, tenant.id), keyrings=keyrings)
    taken = await take_stock(tx, tenant, keyrings, lot, lot.numbers)
    assert (taken.matched_count, found(taken)) == (3, {})


async def test_each_difference_is_named_with_its_row_and_without_its_secret(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    lot = await put_cards(tx, tenant.id, 4, sku_id=sku_id, keyrings=keyrings)
    far = await put_cards(tx, tenant.id, 1, sku_id=sku_id, warehouse_id=far_id, keyrings=keyrings)
    _, [sold] = await give(tx, tenant.id, sku_id, 1)
    dead = lot.card_ids[1]
    await void(tx, tenant.id, "s", card_ids=[dead], reason="dead", today=TODAY)
    kept, lost = lot.numbers[2], lot.card_ids[3]
    listed = [*lot.numbers[:2], kept, far.numbers[0], "NEVER-SEEN-BEFORE", f" {kept} "]

    taken = await take_stock(tx, tenant, keyrings, lot, listed)

    assert taken.matched_count == 1
    assert found(taken) == {
        "missing": 1,
        "unknown": 1,
        "elsewhere": 1,
        "not_available": 2,
        "duplicate": 1,
    }
    of = {kind: those["cards"] for kind, those in taken.differences.items()}
    assert of["missing"][0]["card_id"] == str(lost)
    assert (of["unknown"][0]["row"], of["unknown"][0]["tail"]) == (5, "FORE")
    assert of["elsewhere"][0]["warehouse_id"] == str(far_id)
    assert {(card["row"], card["card_id"], card["state"]) for card in of["not_available"]} == {
        (1, str(sold), "allocated"),
        (2, str(dead), "void"),
    }
    assert of["duplicate"] == [{"row": 6, "first_row": 3, "tail": kept[-3:]}]
    stored = str((await tx.execute(select(stocktakes.c.differences))).scalar_one())
    assert all(number not in stored for number in (*lot.numbers, *far.numbers))


async def test_posting_voids_what_is_missing_into_the_books(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_cards(tx, tenant.id, 3, sku_id=await make_sku(tx, tenant.id), keyrings=keyrings)
    taken = await take_stock(tx, tenant, keyrings, lot, lot.numbers[:1])

    posted = await post_stocktake(tx, tenant.id, "s", taken.id, reason="yearly count", today=TODAY)

    assert posted == Posted(2, 0)
    assert await states(tx, tenant.id, lot.card_ids) == ["available", "void", "void"]
    assert await books(tx, tenant.id) == {
        "inventory": 100_000,
        "stock_loss": 200_000,
        "opening": -300_000,
    }
    await assert_sound(tx, tenant.id)
    with pytest.raises(StocktakeEnded):
        await post_stocktake(tx, tenant.id, "s", taken.id, reason="again", today=TODAY)
    with pytest.raises(StocktakeEnded):
        await drop_stocktake(tx, tenant.id, "s", taken.id)
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "void": 2}


async def test_what_was_sold_since_the_count_is_left_alone(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    taken = await take_stock(tx, tenant, keyrings, lot, lot.numbers[2:])
    await give(tx, tenant.id, sku_id, 1)
    posted = await post_stocktake(tx, tenant.id, "s", taken.id, reason="count", today=TODAY)
    assert posted == Posted(1, 1)
    assert await states(tx, tenant.id, lot.card_ids) == ["allocated", "void", "available"]
    await assert_sound(tx, tenant.id)


async def test_a_dropped_count_changes_nothing(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    lot = await put_cards(tx, tenant.id, 2, sku_id=await make_sku(tx, tenant.id), keyrings=keyrings)
    taken = await take_stock(tx, tenant, keyrings, lot, ["SOMETHING-ELSE"])
    await drop_stocktake(tx, tenant.id, "s", taken.id)
    with pytest.raises(StocktakeEnded):
        await post_stocktake(tx, tenant.id, "s", taken.id, reason="count", today=TODAY)
    assert await counters(tx, tenant.id, lot.id) == {"available": 2}


async def test_nothing_counted_or_nothing_of_ours_is_refused(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_cards(tx, tenant.id, 2, sku_id=await make_sku(tx, tenant.id), keyrings=keyrings)
    with pytest.raises(NothingCounted):
        await take_stock(tx, tenant, keyrings, lot, [])
    taken = await take_stock(tx, tenant, keyrings, lot, lot.numbers)
    stranger: UUID = new_id()
    with pytest.raises(UnknownStocktake):
        await post_stocktake(tx, tenant.id, "s", stranger, reason="count", today=TODAY)
    with pytest.raises(UnknownStocktake):
        await post_stocktake(tx, other_tenant.id, "s", taken.id, reason="count", today=TODAY)
    assert await counters(tx, tenant.id, lot.id) == {"available": 2}
