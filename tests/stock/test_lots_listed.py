from datetime import date, timedelta
from uuid import UUID

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.clock import SHANGHAI
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.freeze import UnknownLots, freeze
from kashu.stock.lots_listed import Order, Wanted, lots_page, one_lot, sum_of_lots
from tests.conftest import Tenant
from tests.stock.builders import TODAY, PutLot, give, make_sku, put_cards


async def ids_of(
    tx: Tx, tenant_id: int, wanted: Wanted, order: Order = "newest", **page: object
) -> list[UUID]:
    found = await lots_page(
        tx,
        tenant_id,
        wanted,
        order=order,
        today=TODAY,
        timezone=SHANGHAI,
        **page,  # type: ignore[arg-type]
    )
    return [lot.id for lot in found]


async def put(tx: Tx, tenant_id: int, keyrings: Keyrings, sku_id: UUID, days: int | None) -> PutLot:
    ends: date | None = None if days is None else TODAY + timedelta(days)
    return await put_cards(tx, tenant_id, 2, sku_id=sku_id, expires_on=ends, keyrings=keyrings)


async def test_lots_are_narrowed_and_never_anothers(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    empty = await put_cards(tx, tenant.id, 0, sku_id=sku_id, keyrings=keyrings)
    assert await ids_of(tx, tenant.id, Wanted()) == [empty.id, lot.id]
    assert await ids_of(tx, tenant.id, Wanted(stocked=True)) == [lot.id]
    assert await ids_of(tx, tenant.id, Wanted(sku_id=new_id())) == []
    in_stock = Wanted(warehouse_id=lot.warehouse_id, stocked=True)
    assert await ids_of(tx, tenant.id, in_stock) == [lot.id]
    assert await ids_of(tx, tenant.id, Wanted(supplier_id=new_id())) == []
    assert await ids_of(tx, tenant.id, Wanted(state="frozen")) == []
    assert await ids_of(tx, other_tenant.id, Wanted()) == []


async def test_what_expires_first_comes_first_page_by_page(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lots = {
        days: (await put(tx, tenant.id, keyrings, sku_id, days)).id
        for days in (30, None, -1, 0, 31, 30)
    }
    twin = (await ids_of(tx, tenant.id, Wanted()))[-1]  # the first that was put, of 30 days too
    within = Wanted(expires_within=30)
    assert await ids_of(tx, tenant.id, within, "expiry") == [lots[0], twin, lots[30]]
    assert await ids_of(tx, tenant.id, Wanted(expired=True)) == [lots[-1]]
    whole = await ids_of(tx, tenant.id, Wanted(), "expiry")
    assert whole == [lots[-1], lots[0], twin, lots[30], lots[31], lots[None]]
    paged: list[UUID] = []
    while page := await ids_of(
        tx, tenant.id, Wanted(), "expiry", before=paged[-1] if paged else None, limit=2
    ):
        paged += page
    assert paged == whole
    assert await ids_of(tx, tenant.id, Wanted(), "expiry", before=new_id()) == []
    total = await sum_of_lots(tx, tenant.id, within, today=TODAY)
    assert (total.lots, total.available, total.costs_e4) == (3, 6, {"CNY": 600_000})


async def test_one_lot_tells_its_cards_counted_one_by_one(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 5, sku_id=sku_id, keyrings=keyrings)
    await give(tx, tenant.id, sku_id, 2)
    await freeze(tx, tenant.id, "staff:1", lot_ids=[lot.id], reason="recall")
    told = await one_lot(tx, tenant.id, lot.id, today=TODAY, timezone=SHANGHAI)
    assert (told.lot.state, told.cards, told.file_name) == ("frozen", 5, None)
    assert told.counted == {"available": 3, "allocated": 2}
    with pytest.raises(UnknownLots):
        await one_lot(tx, other_tenant.id, lot.id, today=TODAY, timezone=SHANGHAI)


async def test_of_a_lot_that_many_share_no_cards_are_compared_with_uses(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, max_uses=50, keyrings=keyrings)
    told = await one_lot(tx, tenant.id, lot.id, today=TODAY, timezone=SHANGHAI)
    assert (told.lot.available, told.cards, told.counted) == (50, 1, None)
