"""A best price that moved is told once, with what it leaves on each listing."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from kashu.catalog.tables import bundle_parts, skus
from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.core.money import parse_amount
from kashu.suppliers.errors import UnknownPriceAlert
from kashu.suppliers.price_alerts import PriceAlert, alert_list, see_alert
from kashu.suppliers.reads import supplier_by_code
from tests.conftest import Tenant
from tests.suppliers.market import (
    Market,
    add_connected,
    list_for_sale,
    make_market,
    product,
)


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    """15.00 at alpha, 15.20 at beta; a listing at 15.50."""
    market = await make_market(database, tenant, [product()])
    await market.tell(product())
    await market.map()
    async with market.database.transaction(market.tenant_id) as tx:
        beta = await add_connected(tx, market.tenant_id, "beta")
        await list_for_sale(tx, market.tenant_id, await market.sku(), 155_000)
    await _as(market, beta, "B1", 152_000)
    market.pass_time(seconds=10)
    return market


async def _as(market: Market, supplier_id: UUID, ref: str, cost: int) -> None:
    ours, market.supplier_id = market.supplier_id, supplier_id
    await market.tell(product(ref, cost))
    await market.map(ref)
    market.supplier_id = ours


async def _alerts(market: Market, *, seen: bool | None = False) -> list[PriceAlert]:
    async with market.database.transaction(market.tenant_id) as tx:
        return await alert_list(tx, market.tenant_id, seen=seen)


async def test_the_first_price_of_a_sku_is_told_to_nobody(market: Market) -> None:
    assert await _alerts(market, seen=None) == []


async def test_a_rise_of_two_percent_is_told_with_old_new_and_what_is_left(market: Market) -> None:
    await market.tell(product(cost=153_000))  # + 2 %: beta is the best now, + 1.3 %
    (alert,) = await _alerts(market)
    assert alert.old_e4 is not None
    assert alert.new_e4 is not None
    assert alert.new_e4 > alert.old_e4
    (margin,) = alert.margins
    assert (margin["price"], margin["loss"]) == ("15.50", False)
    assert parse_amount(margin["margin"]) == 155_000 - alert.new_e4
    async with market.database.transaction(market.tenant_id) as tx:
        events = await events_of(tx, market.tenant_id, await market.sku())
    (moved,) = [each for each in events if each.kind == "offer.price_moved"]
    assert moved.facts["supplier"] == "beta"
    assert moved.facts["percent"].startswith("+1.3")


async def test_listings_that_would_sell_at_a_loss_are_named(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await list_for_sale(tx, market.tenant_id, await market.sku(), 300_000, units=2, item="I2")
    beta = await _beta(market)
    await _as(market, beta, "B1", 165_000)
    await market.tell(product(cost=160_000))
    (alert,) = await _alerts(market)
    assert alert.loss_count == 2
    assert [each["item_id"] for each in alert.margins] == ["I2", "I1"], "the worst first"
    assert all(each["loss"] for each in alert.margins)


async def test_a_bundle_is_reckoned_by_all_its_parts(market: Market) -> None:
    month, week = await market.sku(), await market.sku("iqiyi-week")
    await market.tell(product("W1", 50_000, title="爱奇艺黄金VIP周卡"))
    await market.map("W1", "iqiyi-week")
    async with market.database.transaction(market.tenant_id) as tx:
        row = dict((await tx.execute(select(skus).where(skus.c.id == month))).mappings().one())
        bundle = row | {"id": new_id(), "code": "pair", "fulfilment": "bundle"}
        await tx.execute(insert(skus).values(bundle))
        for place, (part, units) in enumerate([(month, 1), (week, 2)]):
            await tx.execute(
                insert(bundle_parts).values(
                    tenant_id=market.tenant_id,
                    bundle_id=bundle["id"],
                    part_id=part,
                    place=place,
                    units=units,
                )
            )
        await list_for_sale(tx, market.tenant_id, bundle["id"], 260_000, item="I9")
    beta = await _beta(market)
    await _as(market, beta, "B1", 170_000)
    await market.tell(product(cost=160_000))
    (alert,) = await _alerts(market)
    pair = next(each for each in alert.margins if each["item_id"] == "I9")
    assert alert.new_e4 is not None
    assert parse_amount(pair["cost"]) > alert.new_e4 + 2 * 50_000


async def test_what_trembles_is_noise_and_what_creeps_is_told(market: Market) -> None:
    for cost in (150_500, 150_000, 150_700, 149_500, 150_400):
        await market.tell(product(cost=cost))
    assert await _alerts(market, seen=None) == []
    for cost in (150_600, 151_100, 151_600):  # + 1.07 % in three steps of a third
        await market.tell(product(cost=cost))
    (alert,) = await _alerts(market)
    assert alert.old_e4 is not None
    assert alert.old_e4 < 151_000, "beside what was told last, not what was seen last"


async def test_a_second_move_changes_the_open_alert_and_a_return_closes_it(market: Market) -> None:
    await market.tell(product(cost=144_000))
    (first,) = await _alerts(market)
    await market.tell(product(cost=140_000))
    (second,) = await _alerts(market)
    assert (second.id, second.old_e4) == (first.id, first.old_e4)
    assert second.new_e4 != first.new_e4
    await market.tell(product(cost=150_000))
    assert await _alerts(market) == []
    (closed,) = await _alerts(market, seen=True)
    assert closed.seen_by == "system"


async def test_what_a_person_has_seen_is_not_told_again(market: Market) -> None:
    await market.tell(product(cost=144_000))
    (alert,) = await _alerts(market)
    async with market.database.transaction(market.tenant_id) as tx:
        seen = await see_alert(tx, market.tenant_id, "staff:1", alert.id)
        again = await see_alert(tx, market.tenant_id, "staff:2", alert.id)
    assert seen.seen_by == again.seen_by == "staff:1"
    await market.tell(product(cost=138_000))
    (newer,) = await _alerts(market)
    assert (newer.id, newer.old_e4) != (alert.id, alert.old_e4)


async def test_nobody_left_to_buy_from_is_told(market: Market) -> None:
    beta = await _beta(market)
    await _as(market, beta, "B1", 1)  # held
    await market.tell(product(in_stock=False))
    (alert,) = await _alerts(market)
    assert (alert.new_e4, alert.offer_id) == (None, None)


async def test_what_passes_by_itself_is_no_move(market: Market) -> None:
    """After an outage the lists come one by one: whose isn't there yet counts as it was."""
    beta = await _beta(market)
    await _as(market, beta, "B1", 149_000)
    market.pass_time(hours=2)
    await market.tell(product(cost=151_000))
    assert await _alerts(market, seen=None) == []


async def test_an_unknown_alert_is_not_seen(market: Market, other_tenant: Tenant) -> None:
    await market.tell(product(cost=144_000))
    (alert,) = await _alerts(market)
    with pytest.raises(UnknownPriceAlert):
        async with market.database.transaction(other_tenant.id) as tx:
            await see_alert(tx, other_tenant.id, "cli", alert.id)
    assert await _alerts(market) == [alert]


async def test_two_suppliers_that_move_at_once_are_both_reckoned_with(market: Market) -> None:
    """Whoever is second waits, and then sees what the first one wrote."""
    beta = await _beta(market)
    other = Market(
        market.database,
        market.tenant_id,
        beta,
        market.wholesaler,
        market.upstreams,
        market.at,
    )
    await asyncio.gather(market.tell(product(cost=180_000)), other.tell(product("B1", 175_000)))
    (alert,) = await _alerts(market)
    assert alert.new_e4 is not None
    assert alert.new_e4 > 175_000, "the best is the dearer beta, not what alpha saw of it before"


async def _beta(market: Market) -> UUID:
    async with market.database.transaction(market.tenant_id) as tx:
        return (await supplier_by_code(tx, market.tenant_id, "beta")).id
