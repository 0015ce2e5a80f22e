from dataclasses import replace
from datetime import timedelta

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.orders.fill_short import fill_short
from kashu.orders.fulfil import fulfil
from kashu.orders.sweeps import fill_replenished
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished, replenished_skus
from kashu.stock.reserve import reserve
from kashu.stock.strategy import FEFO
from tests.conftest import Tenant
from tests.orders.builders import Shop, make_shop, order_of
from tests.stock.builders import assert_sound, books, cards_of, put_cards

ZONE = "Asia/Shanghai"


async def restock(tx: Tx, tenant: Tenant, keyrings: Keyrings, shop: Shop, count: int) -> None:
    await put_cards(tx, tenant.id, count, sku_id=shop.sku_id, keyrings=keyrings)
    await hold(tx, tenant.id, [shop.sku_id])
    await mark_replenished(tx, tenant.id, [shop.sku_id])


async def test_the_short_are_filled_oldest_first_and_a_large_one_holds_up_nobody(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=0)
        orders = [order_of(shop, quantity) for quantity in (2, 9, 1, 1)]
        await fulfil(tx, tenant.id, orders, shop.today)
        await restock(tx, tenant, keyrings, shop, 3)
    assert await fill_replenished(database, tenant.id, ZONE)
    async with database.transaction(tenant.id) as tx:
        held = [len(await cards_of(tx, tenant.id, order.lines[0].id)) for order in orders]
        assert held == [2, 0, 1, 0]
        assert await replenished_skus(tx, tenant.id) == []
        assert (await books(tx, tenant.id))["revenue"] == -2 * 198_000
        await assert_sound(tx, tenant.id)
    assert not await fill_replenished(database, tenant.id, ZONE)


async def test_stock_that_comes_while_the_short_are_tried_is_not_forgotten(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=0)
        await hold(tx, tenant.id, [shop.sku_id])
        await mark_replenished(tx, tenant.id, [shop.sku_id])
        seen = await replenished_skus(tx, tenant.id)
    async with database.transaction(tenant.id) as tx:
        await restock(tx, tenant, keyrings, shop, 1)
    async with database.transaction(tenant.id) as tx:
        await fill_short(tx, tenant.id, seen[0], shop.today)
    async with database.transaction(tenant.id) as tx:
        assert [sku.sku_id for sku in await replenished_skus(tx, tenant.id)] == [shop.sku_id]


async def test_what_is_left_of_the_price_is_earned_when_the_rest_arrives(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=1)
        order = order_of(shop, 3, price_e4=100_000, partial_allowed=True)
        await fulfil(tx, tenant.id, [order], shop.today)
        await restock(tx, tenant, keyrings, shop, 2)
    await fill_replenished(database, tenant.id, ZONE)
    async with database.transaction(tenant.id) as tx:
        assert (await books(tx, tenant.id))["revenue"] == -100_000
        assert len(await cards_of(tx, tenant.id, order.lines[0].id)) == 3


async def test_an_expired_lot_fills_nobody(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=0)
    await put_cards(
        tx,
        tenant.id,
        1,
        sku_id=shop.sku_id,
        keyrings=keyrings,
        expires_on=shop.today,
    )
    tomorrow = replace(shop, today=shop.today.replace(day=shop.today.day + 1))
    late, intime = order_of(shop), order_of(shop)
    assert (await fulfil(tx, tenant.id, [late], tomorrow.today))[0].lines[0].waiting == 1
    assert (await fulfil(tx, tenant.id, [intime], shop.today))[0].lines[0].delivered == 1


async def test_a_short_line_with_a_promise_takes_what_was_kept_for_it(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=6)
        kept = await reserve(
            tx,
            tenant.id,
            "test",
            sku_id=shop.sku_id,
            quantity=6,
            until_at=now() + timedelta(days=1),
            strategy=FEFO,
            reason="quote",
            now=now(),
            today=day_of(now()),
        )
        order = order_of(shop, 8)
        line = replace(order.lines[0], reservation_id=kept.id)
        order = replace(order, lines=(line,))
        assert (await fulfil(tx, tenant.id, [order], day_of(now())))[0].lines[0].waiting == 8
        await restock(tx, tenant, keyrings, shop, 2)
    await fill_replenished(database, tenant.id, ZONE)
    async with database.transaction(tenant.id) as tx:
        assert len(await cards_of(tx, tenant.id, line.id)) == 8
        await assert_sound(tx, tenant.id)
