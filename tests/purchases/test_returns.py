"""What goes back to a supplier is asked back in the money that it was bought with, to the unit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.purchases.return_to_supplier import return_to_supplier
from kashu.stock.errors import UnknownCards
from kashu.stock.release import release
from kashu.stock.reveal import reveal
from kashu.stock.tables import cards, lots
from kashu.stock.transfer import transfer
from kashu.suppliers.rates import set_rate
from tests.conftest import Tenant
from tests.purchases.abroad import HOUSE, OURS_E4, balances, make_world_abroad, money_abroad
from tests.purchases.buying import DAY
from tests.purchases.world import COST_E4, World, make_world
from tests.stock.builders import give, make_warehouse

Against = Literal["payable", "recoveries"]
KINDS = ("inventory", "exchange", "recoveries", "payable", "after_sales_loss")


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """Three cards are in stock that cost ten euros each."""
    world = await make_world_abroad(database, tenant, keyrings)
    await world.want(3)
    await world.place()
    return world


async def _cards(world: World) -> list[UUID]:
    wanted = select(cards.c.id).where(cards.c.tenant_id == world.tenant.id).order_by(cards.c.id)
    async with world.database.transaction(world.tenant.id) as tx:
        return list((await tx.execute(wanted)).scalars())


async def _lots(world: World) -> list[UUID]:
    wanted = select(lots.c.id).where(lots.c.tenant_id == world.tenant.id).order_by(lots.c.id)
    async with world.database.transaction(world.tenant.id) as tx:
        return list((await tx.execute(wanted)).scalars())


async def _return(
    world: World,
    *,
    card_ids: Sequence[UUID] = (),
    lot_ids: Sequence[UUID] = (),
    against: Against = "recoveries",
) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await return_to_supplier(
            tx,
            world.tenant.id,
            "cli",
            card_ids=card_ids,
            lot_ids=lot_ids,
            against=against,
            reason="bad",
            today=DAY,
        )


@pytest.mark.parametrize("against", ["recoveries", "payable"])
async def test_cards_bought_in_euros_are_asked_back_in_euros(
    world: World, against: Against
) -> None:
    await _return(world, card_ids=(await _cards(world))[:2], against=against)

    assert await balances(world, *KINDS) == {
        ("inventory", "CNY"): OURS_E4,
        ("exchange", "CNY"): -OURS_E4,
        ("exchange", "EUR"): COST_E4,
        (against, "EUR"): 2 * COST_E4,
    }
    await world.proved()


async def test_the_rate_of_their_order_counts_whatever_it_is_later(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await set_rate(tx, world.tenant.id, "cli", "EUR", "9.5")
    await _return(world, lot_ids=await _lots(world))

    assert await balances(world, *KINDS) == {("recoveries", "EUR"): 3 * COST_E4}
    assert (await money_abroad(world)).recoveries_e4 == 3 * COST_E4
    await world.proved()


async def test_cards_that_were_transferred_are_asked_back_as_they_were_bought(
    world: World,
) -> None:
    tenant_id = world.tenant.id
    [bought] = await _lots(world)
    async with world.database.transaction(tenant_id) as tx:
        far = await make_warehouse(tx, tenant_id, "far")
        there = await transfer(
            tx, tenant_id, "s", lot_id=bought, to_warehouse_id=far, count=2, reason="r", today=DAY
        )
        home = world.ground.warehouse_id
        back = await transfer(
            tx,
            tenant_id,
            "s",
            lot_id=there.lot_id,
            to_warehouse_id=home,
            count=1,
            reason="r",
            today=DAY,
        )
    await _return(world, lot_ids=[there.lot_id, back.lot_id])

    assert await balances(world, *KINDS) == {
        ("inventory", "CNY"): OURS_E4,
        ("exchange", "CNY"): -OURS_E4,
        ("exchange", "EUR"): COST_E4,
        ("recoveries", "EUR"): 2 * COST_E4,
    }
    await world.proved()


async def test_of_a_price_that_cannot_be_divided_nothing_is_left_over(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world_abroad(database, tenant, keyrings)
    charged_e4 = 3 * COST_E4 - 1
    world.houses[HOUSE].told = lambda told: replace(told, charged_e4=charged_e4)
    await world.want(3)
    await world.place()
    assert len(await _lots(world)) == 2  # of two prices, which differ by the least that there is

    for card_id in await _cards(world):
        await _return(world, card_ids=[card_id])

    assert await balances(world, *KINDS) == {("recoveries", "EUR"): charged_e4}
    await world.proved()


async def test_what_a_line_gave_back_makes_good_the_loss_in_yuan(
    world: World, keyrings: Keyrings
) -> None:
    tenant_id = world.tenant.id
    async with world.database.transaction(tenant_id) as tx:
        line_id, _ = await give(tx, tenant_id, world.ground.sku_id, 1)
        await reveal(
            tx, tenant_id, "k", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
        )
        await release(tx, tenant_id, "s", line_units=[(line_id, 1)], because="refund")
        quarantined = select(cards.c.id).where(
            cards.c.tenant_id == tenant_id, cards.c.state == "quarantined"
        )
        card_id = (await tx.execute(quarantined)).scalar_one()
    before = await balances(world, *KINDS)
    await _return(world, card_ids=[card_id])

    assert await balances(world, *KINDS) == {
        **before,
        ("after_sales_loss", "CNY"): -OURS_E4,
        ("exchange", "CNY"): before["exchange", "CNY"] + OURS_E4,
        ("exchange", "EUR"): before["exchange", "EUR"] - COST_E4,
        ("recoveries", "EUR"): COST_E4,
    }


async def test_cards_bought_in_yuan_are_asked_back_in_yuan(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings)
    await world.want(2)
    await world.place()
    await _return(world, lot_ids=await _lots(world))

    assert await balances(world, *KINDS) == {("recoveries", "CNY"): 2 * COST_E4}
    await world.proved()


async def test_a_return_that_is_refused_moves_nothing(world: World) -> None:
    before = await balances(world, *KINDS)
    [one, *_] = await _cards(world)
    with pytest.raises(UnknownCards):
        await _return(world, card_ids=[one, UUID(int=1)])
    assert await balances(world, *KINDS) == before
    await world.proved()
