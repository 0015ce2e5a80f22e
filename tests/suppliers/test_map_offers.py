"""What an offer stands for is said by a person, and suggested from its title."""

import pytest
from sqlalchemy import text

from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.suppliers.kinds import Goods
from kashu.suppliers.map_offers import MapOutcome, OfferMapping, map_offers, suggest_skus
from tests.conftest import Tenant
from tests.suppliers.market import Market, make_market, product

TOLD = [
    product("M1"),
    product("I1", 140_000, title="爱奇艺黄金VIP 季卡"),
    product("T1", 150_000, title="芒果TV会员月卡 直充", goods=Goods.TOPUP),
    product("X1", 150_000, title="话费100元"),
]


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    market = await make_market(database, tenant, TOLD)
    await market.tell(*TOLD)
    return market


async def test_a_mapped_offer_stands_for_units_of_a_sku(market: Market) -> None:
    assert await market.map("M1", "mgtv-month", 2) is MapOutcome.MAPPED
    offer = await market.offer("M1")
    assert (offer.sku_id, offer.units) == (await market.sku(), 2)
    assert await market.map("M1", "mgtv-month", 2) is MapOutcome.SAME
    async with market.database.transaction(market.tenant_id) as tx:
        kinds = [each.kind for each in await events_of(tx, market.tenant_id, offer.id)]
    assert kinds == ["offer.mapped"]


async def test_each_of_many_has_its_outcome_and_good_ones_are_not_held_up(market: Market) -> None:
    known = await market.offers()
    month, quarter = await market.sku("mgtv-month"), await market.sku("iqiyi-quarter")
    async with market.database.transaction(market.tenant_id) as tx:
        outcomes = await map_offers(
            tx,
            market.tenant_id,
            "cli",
            [
                OfferMapping(known["M1"].id, month),
                OfferMapping(known["I1"].id, quarter),
                OfferMapping(new_id(), month),
                OfferMapping(known["X1"].id, new_id()),
                OfferMapping(known["T1"].id, month),
            ],
            at=market.now,
        )
    assert outcomes == [
        MapOutcome.MAPPED,
        MapOutcome.MAPPED,
        MapOutcome.UNKNOWN,
        MapOutcome.SKU_UNKNOWN,
        MapOutcome.GOODS_DIFFER,
    ]
    after = await market.offers()
    assert (after["X1"].sku_id, after["T1"].sku_id) == (None, None)


@pytest.mark.parametrize(
    ("ref", "sku", "units", "outcome"),
    [
        ("I1", "mgtv-quarter", 1, MapOutcome.BRAND),
        ("M1", "mgtv-quarter", 1, MapOutcome.PERIOD),
        ("M1", "mgtv-month", 1_000, MapOutcome.PRICE),
        ("M1", "mgtv-month", 100_001, MapOutcome.UNITS_WRONG),
    ],
)
async def test_what_contradicts_its_sku_is_not_mapped(
    market: Market, ref: str, sku: str, units: int, outcome: MapOutcome
) -> None:
    before = await market.offer(ref)
    assert await market.map(ref, sku, units) is outcome
    assert await market.offer(ref) == before


async def test_a_person_who_looked_overrules_the_words(market: Market) -> None:
    assert await market.map("I1", "mgtv-quarter", despite=True) is MapOutcome.MAPPED
    await market.tell(*TOLD)
    assert (await market.offer("I1")).held_because is None


async def test_a_retired_sku_is_not_bought(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await tx.execute(text("UPDATE catalog.skus SET state = 'retired'"))
    assert await market.map("M1") is MapOutcome.SKU_RETIRED
    assert (await market.offer("M1")).sku_id is None


async def test_skus_are_suggested_of_the_same_goods_and_nothing_is_mapped(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        found = await suggest_skus(tx, market.tenant_id)
    suggested = {offer.ref: [each.sku.code for each in skus] for offer, skus in found}
    assert suggested["M1"][0] == "mgtv-month"
    assert suggested["I1"][0] == "iqiyi-quarter"
    assert suggested["X1"] == []
    assert all(offer.sku_id is None for offer in (await market.offers()).values())


async def test_an_offer_that_stands_for_nothing_any_more_is_not_bought(market: Market) -> None:
    await market.map("M1")
    offer = await market.offer("M1")
    async with market.database.transaction(market.tenant_id) as tx:
        wanted = [OfferMapping(offer.id, None)]
        assert await map_offers(tx, market.tenant_id, "cli", wanted, at=market.now) == [
            MapOutcome.UNMAPPED
        ]
    assert (await market.offer("M1")).sku_id is None
