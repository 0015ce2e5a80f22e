import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.events import events
from kashu.core.ids import new_id
from kashu.stock.allocate import allocate
from kashu.stock.freeze import UnknownLots, freeze, unfreeze
from kashu.stock.plan import Demand
from kashu.stock.reveal import reveal
from kashu.stock.strategy import FEFO
from kashu.stock.tables import lots
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    counters,
    give,
    make_sku,
    make_supplier,
    put_cards,
    replenished,
)


async def test_nothing_is_given_from_a_frozen_lot_until_it_is_unfrozen(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    other = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)

    [frozen] = await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="bad codes")

    assert (frozen.lot_id, frozen.sku_id, frozen.available) == (lot.id, sku_id, 2)
    wanted = Demand(new_id(), sku_id, 2, FEFO)
    assert await allocate(tx, tenant.id, [wanted], TODAY) == [()]
    await give(tx, tenant.id, sku_id, 1)
    assert await counters(tx, tenant.id, other.id) == {"allocated": 1}
    assert not await replenished(tx, tenant.id, sku_id)

    [opened] = await unfreeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="checked")

    assert opened.lot_id == lot.id
    assert await replenished(tx, tenant.id, sku_id)
    await give(tx, tenant.id, sku_id, 2)
    kinds = await tx.execute(select(events.c.kind).where(events.c.subject_id == lot.id))
    assert sorted(kinds.scalars()) == ["lot.frozen", "lot.unfrozen"]


async def test_all_lots_of_a_supplier_freeze_at_once_and_no_others(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    skus = [await make_sku(tx, tenant.id, code) for code in ("a", "b")]
    bad_id, good_id = [await make_supplier(tx, tenant.id, code) for code in ("bad", "good")]
    bad = [
        await put_cards(tx, tenant.id, 1, sku_id=sku_id, supplier_id=bad_id, keyrings=keyrings)
        for sku_id in skus
    ]
    await put_cards(tx, tenant.id, 1, sku_id=skus[0], supplier_id=good_id, keyrings=keyrings)
    frozen = await freeze(tx, tenant.id, "s", supplier_id=bad_id, reason="recall")
    assert {lot.lot_id for lot in frozen} == {lot.id for lot in bad}
    assert await freeze(tx, tenant.id, "s", supplier_id=bad_id, reason="recall") == []
    state = await tx.execute(select(lots.c.state).where(lots.c.supplier_id == good_id))
    assert state.scalar_one() == "open"


async def test_what_was_given_before_a_freeze_can_still_be_seen(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, _ = await give(tx, tenant.id, sku_id, 1)
    await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")
    seen = await reveal(
        tx, tenant.id, "k", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
    )
    assert len(seen) == 1


async def test_lots_that_are_not_there_or_not_ours_freeze_nothing(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    with pytest.raises(UnknownLots):
        await freeze(tx, tenant.id, "s", lot_ids=[lot.id, new_id()], reason="recall")
    with pytest.raises(UnknownLots):
        await freeze(tx, other_tenant.id, "s", lot_ids=[lot.id], reason="recall")
    with pytest.raises(UnknownLots):
        await freeze(tx, other_tenant.id, "s", supplier_id=lot.supplier_id, reason="recall")
    assert (await tx.execute(select(lots.c.state))).scalar_one() == "open"
