"""A price that can't be believed is held, until a person or the supplier puts it right."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.suppliers.compare import WhyNot, compare
from kashu.suppliers.errors import (
    HeldPriceChanged,
    OfferIsGone,
    OfferNotHeld,
    PriceImpossible,
    UnknownOffer,
)
from kashu.suppliers.gone import mark_gone, mark_sold_out
from kashu.suppliers.held_offers import hold_offer, refuse_offer, release_offer
from kashu.suppliers.kinds import OfferState
from kashu.suppliers.offers import COST_MAX_E4, HeldBecause, Offer, price_history
from kashu.suppliers.rules import PriceRulesChanges, change_price_rules
from kashu.suppliers.upstream import Product
from tests.conftest import Tenant
from tests.suppliers.market import Market, make_market, product


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    """An offer at 15.00, mapped to a month card whose face value is 30."""
    market = await make_market(database, tenant, [product()])
    await market.tell(product())
    await market.map()
    market.pass_time(seconds=10)
    return market


async def _kinds(market: Market) -> list[str]:
    offer = await market.offer()
    async with market.database.transaction(market.tenant_id) as tx:
        return [each.kind for each in await events_of(tx, market.tenant_id, offer.id)]


async def _history(market: Market) -> list[tuple[int | None, str | None]]:
    offer = await market.offer()
    async with market.database.transaction(market.tenant_id) as tx:
        found = await price_history(tx, market.tenant_id, offer.id)
    return [(each.unit_cost_e4, each.held_because) for each in found]


@pytest.mark.parametrize(
    ("told", "because"),
    [
        (product(cost=0), HeldBecause.ZERO),
        (product(cost=-10_000), HeldBecause.NEGATIVE),
        (product(cost=150_000_000), HeldBecause.OFF_SCALE),  # × 1000
        (product(cost=150), HeldBecause.OFF_SCALE),  # ÷ 1000
        (product(cost=COST_MAX_E4 + 1), HeldBecause.OFF_SCALE),
        (product(cost=2**80), HeldBecause.OFF_SCALE),
        (product(cost=195_001), HeldBecause.RISE),
        (product(cost=119_999), HeldBecause.DROP),
        (product(currency="USD"), HeldBecause.CURRENCY),
        (product(face_value_e4=10_000), HeldBecause.FACE_VALUE),
        (product(title="爱奇艺黄金会员月卡"), HeldBecause.BRAND),
        (product(title="芒果TV会员周卡"), HeldBecause.PERIOD),
    ],
)
async def test_what_cannot_be_believed_is_held_and_not_bought(
    market: Market, told: Product, because: HeldBecause
) -> None:
    before = await market.offer()
    await market.tell(told)
    offer = await market.offer()
    assert (offer.state, offer.held_because) == (OfferState.HELD, because)
    if because is not HeldBecause.CURRENCY:  # what it cost in another one says nothing any more
        assert offer.unit_cost_e4 == before.unit_cost_e4
    sku = await market.sku()
    async with market.database.transaction(market.tenant_id) as tx:
        (ranked,) = (await compare(tx, market.tenant_id, [sku], at=market.now))[sku]
    assert WhyNot.HELD in ranked.why_not
    assert (await _kinds(market)).count("offer.held") == 1
    assert (await _history(market))[0][1] == because
    await market.tell(told)
    assert (await _kinds(market)).count("offer.held") == 1, "it is told once"


@pytest.mark.parametrize("cost", [195_000, 120_000, 150_001])
async def test_what_is_within_the_limits_is_taken(market: Market, cost: int) -> None:
    await market.tell(product(cost=cost))
    offer = await market.offer()
    assert (offer.state, offer.unit_cost_e4) == (OfferState.LIVE, cost)
    assert await _history(market) == [(cost, None), (150_000, None)]


async def test_limits_are_the_merchants_own(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        changes = PriceRulesChanges(rise_ppm=10_000)
        await change_price_rules(tx, market.tenant_id, "cli", changes)
    await market.tell(product(cost=152_000))
    assert (await market.offer()).held_because == HeldBecause.RISE
    async with market.database.transaction(market.tenant_id) as tx:
        changes = PriceRulesChanges(rise_ppm=20_000)
        await change_price_rules(tx, market.tenant_id, "cli", changes)
    await market.tell(product(cost=152_000))
    assert (await market.offer()).unit_cost_e4 == 152_000, "it is judged again by the new ones"


async def test_a_supplier_that_puts_its_price_right_is_bought_from_again(market: Market) -> None:
    await market.tell(product(cost=1))
    await market.tell(product(cost=151_000))
    offer = await market.offer()
    assert (offer.state, offer.unit_cost_e4) == (OfferState.LIVE, 151_000)
    assert (await _kinds(market))[-1] == "offer.plausible_again"


async def test_a_person_lets_a_price_pass(market: Market) -> None:
    await market.tell(product(cost=90_000, title="芒果TV周卡", face_value_e4=90_000))
    offer = await market.offer()
    async with market.database.transaction(market.tenant_id) as tx:
        await release_offer(
            tx, market.tenant_id, "staff:1", offer.id, price_e4=90_000, at=market.now
        )
    released = await market.offer()
    assert (released.state, released.unit_cost_e4) == (OfferState.LIVE, 90_000)
    await market.tell(product(cost=90_100, title="芒果TV周卡", face_value_e4=90_000))
    assert (await market.offer()).state is OfferState.LIVE, "its words were looked at"


async def test_a_price_that_a_person_refused_stays_held_until_there_is_another(
    market: Market,
) -> None:
    await market.tell(product(cost=90_000))
    offer = await market.offer()
    async with market.database.transaction(market.tenant_id) as tx:
        await refuse_offer(
            tx, market.tenant_id, "staff:1", offer.id, price_e4=90_000, at=market.now
        )
    await market.tell(product(cost=90_000))
    assert (await market.offer()).held_because == HeldBecause.REFUSED
    await market.tell(product(cost=140_000))
    assert (await market.offer()).state is OfferState.LIVE


async def test_what_a_person_holds_stays_held_whatever_is_told(market: Market) -> None:
    offer = await market.offer()
    async with market.database.transaction(market.tenant_id) as tx:
        await hold_offer(tx, market.tenant_id, "staff:1", offer.id, at=market.now)
    await market.tell(product(cost=149_000))
    held = await market.offer()
    assert (held.held_because, held.held_cost_e4) == (HeldBecause.HAND, 149_000)
    async with market.database.transaction(market.tenant_id) as tx:
        await release_offer(
            tx, market.tenant_id, "staff:1", offer.id, price_e4=149_000, at=market.now
        )
    assert (await market.offer()).unit_cost_e4 == 149_000


async def test_another_currency_waits_for_a_person(market: Market) -> None:
    usd = product(cost=21_000, currency="USD")
    await market.tell(usd)
    await market.tell(usd)
    offer = await market.offer()
    assert (offer.held_because, offer.currency) == (HeldBecause.CURRENCY, "USD")
    async with market.database.transaction(market.tenant_id) as tx:
        await release_offer(
            tx, market.tenant_id, "staff:1", offer.id, price_e4=21_000, at=market.now
        )
    await market.tell(replace(usd, unit_cost_e4=21_100))
    assert (await market.offer()).unit_cost_e4 == 21_100


async def _refused(market: Market, offer: Offer) -> None:
    assert await market.offer() == offer, "nothing changed"


async def test_refusals_change_nothing(market: Market) -> None:
    live = await market.offer()
    tenant_id, at = market.tenant_id, market.now
    with pytest.raises(OfferNotHeld):
        async with market.database.transaction(tenant_id) as tx:
            await release_offer(tx, tenant_id, "cli", live.id, price_e4=150_000, at=at)
    await _refused(market, live)
    await market.tell(product(cost=90_000))
    held = await market.offer()
    for verb in (release_offer, refuse_offer):
        with pytest.raises(HeldPriceChanged, match=r"9\.00"):
            async with market.database.transaction(tenant_id) as tx:
                await verb(tx, tenant_id, "cli", live.id, price_e4=90_001, at=at)
    await _refused(market, held)
    await market.tell(product(cost=0))
    nothing = await market.offer()
    with pytest.raises(PriceImpossible):
        async with market.database.transaction(tenant_id) as tx:
            await release_offer(tx, tenant_id, "cli", live.id, price_e4=0, at=at)
    await _refused(market, nothing)
    async with market.database.transaction(tenant_id) as tx:
        await mark_gone(tx, tenant_id, "system", live.id, at)
    gone = await market.offer()
    with pytest.raises(OfferIsGone):
        async with market.database.transaction(tenant_id) as tx:
            await hold_offer(tx, tenant_id, "cli", live.id, at=at)
    await _refused(market, gone)


async def test_nobody_touches_another_merchants_offer(market: Market, other_tenant: Tenant) -> None:
    offer = await market.offer()
    with pytest.raises(UnknownOffer):
        async with market.database.transaction(other_tenant.id) as tx:
            await hold_offer(tx, other_tenant.id, "cli", offer.id, at=market.now)
    assert await market.offer() == offer


async def test_sold_out_holds_until_the_supplier_tells_otherwise(market: Market) -> None:
    offer = await market.offer()
    async with market.database.transaction(market.tenant_id) as tx:
        await mark_sold_out(tx, market.tenant_id, "system", offer.id, market.now)
    assert not (await market.offer()).in_stock
    await market.tell(product(), at=market.now + timedelta(seconds=1))
    assert (await market.offer()).in_stock


async def test_what_nobody_buys_is_only_checked_for_sense(market: Market) -> None:
    await market.tell(product("U1", 100_000))
    await market.tell(product("U1", 9_000_000, title="爱奇艺"))
    assert (await market.offer("U1")).unit_cost_e4 == 9_000_000
    await market.tell(product("U1", -1))
    assert (await market.offer("U1")).held_because == HeldBecause.NEGATIVE
