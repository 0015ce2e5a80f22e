"""Routing: from whom a purchase is ordered, and why."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from kashu.core.db import Tx
from kashu.purchases.kinds import AttemptState, Cause
from kashu.purchases.reads import Purchase
from kashu.purchases.route import Choice, NoChoice, route
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import Said, set_rule
from kashu.suppliers.kinds import ConnectionState, Settlement
from kashu.suppliers.tables import connections, offers
from tests.conftest import Tenant
from tests.purchases.buying import (
    AT,
    CLERK,
    Ground,
    ask_price,
    attempted,
    deposit,
    later,
    limit,
    make_ground,
    make_listing,
    make_offer,
    moved_to,
    wanted,
)


@pytest.fixture
async def ground(tx: Tx, tenant: Tenant) -> Ground:
    ground = await make_ground(tx, tenant.id)
    await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    return ground


def bars(outcome: Choice | NoChoice, supplier: str) -> list[str]:
    [told] = [each for each in outcome.facts["ranking"] if each["supplier"] == supplier]
    return list(told["bars"])


async def routed(tx: Tx, tenant: Tenant, purchase: Purchase) -> Choice | NoChoice:
    return await route(tx, tenant.id, purchase, AT)


async def taken(tx: Tx, tenant: Tenant, purchase: Purchase) -> str:
    outcome = await routed(tx, tenant, purchase)
    assert isinstance(outcome, Choice), outcome
    return outcome.offer.supplier


async def test_the_cheapest_offer_is_taken_and_the_ranking_is_told(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "dear", 110_000)
    await make_offer(tx, tenant.id, ground.sku_id, "cheap", 100_000)
    outcome = await routed(tx, tenant, await wanted(tx, tenant.id, ground, 3))
    assert isinstance(outcome, Choice)
    assert (outcome.offer.supplier, outcome.quantity, outcome.total_e4) == ("cheap", 3, 300_000)
    assert outcome.facts["why"] == "cheapest"
    told = [(each["supplier"], each["taken"]) for each in outcome.facts["ranking"]]
    assert told == [("cheap", True), ("dear", False)]
    parts = outcome.facts["ranking"][0]["landed"]
    total_e4 = parts["total_e4"]
    assert total_e4 == (
        parts["price_e4"] + parts["fee_e4"] - parts["rebate_e4"]
        + parts["risk_e4"] + parts["capital_e4"]
    )  # fmt: skip


async def test_a_rise_of_two_percent_while_an_order_waits_re_routes_or_holds_it(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    limits = Limits(unit_cost_max_e4=102_000)
    await set_rule(tx, tenant.id, CLERK, Scope(sku_id=ground.sku_id), limits, at=AT)
    first = await make_offer(tx, tenant.id, ground.sku_id, "first", 100_000)
    purchase = await wanted(tx, tenant.id, ground)
    assert await taken(tx, tenant, purchase) == "first"
    await ask_price(tx, tenant.id, first, 102_000)  # and what it costs beside its price
    held = await routed(tx, tenant, purchase)
    assert isinstance(held, NoChoice)
    assert held.said == "above_ceiling"
    assert bars(held, "first") == ["above_ceiling"]
    assert held.facts["ceiling_e4"] == 102_000
    await make_offer(tx, tenant.id, ground.sku_id, "second", 100_500)
    assert await taken(tx, tenant, purchase) == "second"


async def test_what_may_be_spent_is_reckoned_anew_before_money_moves(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 130_000)
    purchase = await wanted(tx, tenant.id, ground)  # 150 000 at most: what it sells for
    assert await taken(tx, tenant, purchase) == "fulu"
    limits = Limits(margin_min_ppm=200_000)
    await set_rule(tx, tenant.id, CLERK, Scope(), limits, at=AT)
    held = await routed(tx, tenant, purchase)
    assert isinstance(held, NoChoice)
    assert held.facts["ceiling_e4"] == 120_000
    assert held.facts["ceiling"]["by"] == "now"


async def test_a_looser_rule_does_not_raise_what_was_said_before(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 130_000)
    purchase = await wanted(tx, tenant.id, ground, unit_cost_max_e4=120_000)
    held = await routed(tx, tenant, purchase)
    assert isinstance(held, NoChoice)
    assert held.facts["ceiling_e4"] == 120_000


async def test_a_loss_is_bought_only_until_its_end(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 160_000)
    limits = Limits(unit_cost_max_e4=170_000, loss_until_at=later(hours=1))
    await set_rule(tx, tenant.id, CLERK, Scope(sku_id=ground.sku_id), limits, at=AT)
    purchase = await wanted(tx, tenant.id, ground)
    assert await taken(tx, tenant, purchase) == "fulu"
    await tx.execute(update(offers).values(seen_at=later(hours=1)))
    held = await route(tx, tenant.id, purchase, later(hours=1))
    assert isinstance(held, NoChoice)
    assert held.said == "above_ceiling"
    assert held.facts["ceiling_e4"] == 150_000


async def test_who_refused_a_purchase_is_not_asked_for_it_again_for_a_while(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)
    purchase = await wanted(tx, tenant.id, ground)
    await attempted(tx, tenant.id, purchase, fulu, AttemptState.REFUSED, said="supplier_sold_out")
    held = await routed(tx, tenant, purchase)
    assert isinstance(held, NoChoice)
    assert (held.said, held.look_again_at) == ("tried", later(minutes=1))
    assert isinstance(await route(tx, tenant.id, purchase, later(minutes=2)), Choice)
    await attempted(
        tx, tenant.id, purchase, fulu, AttemptState.REFUSED,
        said="supplier_sold_out", at=later(minutes=2),
    )  # fmt: skip
    assert isinstance(await route(tx, tenant.id, purchase, later(minutes=5)), NoChoice)
    other = await wanted(tx, tenant.id, ground)
    assert await taken(tx, tenant, other) == "fulu"


@pytest.mark.parametrize(
    ("columns", "bar"),
    [
        ({"state": ConnectionState.STOPPED}, "stopped"),
        ({"state": ConnectionState.LOCKED_OUT}, "locked_out"),
        ({"broken_until": later(seconds=1)}, "broken"),
    ],
)
async def test_nothing_is_ordered_over_a_connection_that_does_not_work(
    tx: Tx, tenant: Tenant, ground: Ground, columns: dict[str, Any], bar: str
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)
    purchase = await wanted(tx, tenant.id, ground)
    await tx.execute(update(connections).values(**columns))
    outcome = await routed(tx, tenant, purchase)
    assert isinstance(outcome, NoChoice)
    assert bars(outcome, "fulu") == [bar]


@pytest.mark.parametrize(
    ("columns", "bar"),
    [
        ({"in_stock": False}, "sold_out"),
        ({"on_sale": False}, "off_sale"),
        ({"state": "held", "held_because": "zero"}, "held"),
        ({"seen_at": later(days=-2)}, "stale"),
        ({"currency": "USD"}, "no_rate"),
        ({"goods": "topup"}, "other_goods"),
        ({"least": 5}, "sells_more"),
        ({"units": 5}, "sells_more"),
    ],
)
async def test_an_offer_that_does_not_suit_is_not_taken(
    tx: Tx, tenant: Tenant, ground: Ground, columns: dict[str, Any], bar: str
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000, **columns)
    outcome = await routed(tx, tenant, await wanted(tx, tenant.id, ground, 4))
    assert isinstance(outcome, NoChoice)
    assert bar in bars(outcome, "fulu")


async def test_a_frozen_supplier_and_one_without_our_money_are_passed_over(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    frozen = await make_offer(tx, tenant.id, ground.sku_id, "frozen", 100_000)
    await limit(tx, tenant.id, frozen, frozen_because="quality")
    await make_offer(tx, tenant.id, ground.sku_id, "empty", 101_000, deposit_e4=0)
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 102_000)
    outcome = await routed(tx, tenant, await wanted(tx, tenant.id, ground))
    assert isinstance(outcome, Choice)
    assert outcome.offer.supplier == "fulu"
    assert bars(outcome, "frozen") == ["frozen"]
    assert bars(outcome, "empty") == ["money_short"]


async def test_no_more_is_ordered_than_may_be_out_at_a_supplier(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000, deposit_e4=0)
    await limit(tx, tenant.id, fulu, settlement=Settlement.PAYABLE, exposure_max_e4=250_000)
    assert await taken(tx, tenant, await wanted(tx, tenant.id, ground, 2)) == "fulu"
    outcome = await routed(tx, tenant, await wanted(tx, tenant.id, ground, 3))
    assert isinstance(outcome, NoChoice)
    assert outcome.said == "over_exposure"


async def test_what_an_offer_has_is_taken_and_the_rest_is_left_for_another(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "few", 100_000, stock=3)
    await make_offer(tx, tenant.id, ground.sku_id, "packs", 290_000, units=3, most=2)
    purchase = await wanted(tx, tenant.id, ground, 10)
    outcome = await routed(tx, tenant, purchase)
    assert isinstance(outcome, Choice)
    assert (outcome.offer.supplier, outcome.quantity, outcome.units) == ("packs", 2, 3)
    rest = await moved_to(tx, tenant.id, purchase, received_count=8)
    outcome = await routed(tx, tenant, rest)
    assert isinstance(outcome, Choice)
    assert (outcome.offer.supplier, outcome.quantity) == ("few", 2)
    assert bars(outcome, "packs") == ["sells_more"]


async def test_rules_say_from_whom(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    ids = {
        code: await make_offer(tx, tenant.id, ground.sku_id, code, cost_e4)
        for code, cost_e4 in (("aa", 100_000), ("bb", 101_000), ("cc", 102_000))
    }
    sku = Scope(sku_id=ground.sku_id)
    purchase = await wanted(tx, tenant.id, ground)
    assert await taken(tx, tenant, purchase) == "aa"
    await set_rule(tx, tenant.id, CLERK, sku, Limits(), said=Said(denied=[ids["aa"]]), at=AT)
    assert await taken(tx, tenant, purchase) == "bb"
    await set_rule(tx, tenant.id, CLERK, Scope(), Limits(), said=Said(allowed=[ids["cc"]]), at=AT)
    outcome = await routed(tx, tenant, purchase)
    assert isinstance(outcome, Choice)
    assert outcome.offer.supplier == "cc"
    assert bars(outcome, "aa") == ["denied", "not_allowed"]
    only = await wanted(tx, tenant.id, ground, supplier_id=ids["bb"])
    outcome = await routed(tx, tenant, only)
    assert isinstance(outcome, NoChoice)
    assert bars(outcome, "cc") == ["other_asked"]


async def test_shares_converge(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    ids: dict[str, UUID] = {
        code: await make_offer(tx, tenant.id, ground.sku_id, code, cost_e4)
        for code, cost_e4 in (("aa", 100_000), ("bb", 120_000), ("cc", 90_000))
    }
    said = Said(shares={ids["aa"]: 70, ids["bb"]: 30})
    await set_rule(tx, tenant.id, CLERK, Scope(sku_id=ground.sku_id), Limits(), said=said, at=AT)
    seen: list[str] = []
    for n in range(20):
        purchase = await wanted(tx, tenant.id, ground)
        outcome = await routed(tx, tenant, purchase)
        assert isinstance(outcome, Choice)
        assert outcome.facts["why"] == "share"
        seen.append(outcome.offer.supplier)
        await attempted(tx, tenant.id, purchase, outcome.offer.supplier_id, at=later(seconds=n))
        assert abs(seen.count("aa") - 0.7 * len(seen)) <= 1
    assert (seen.count("aa"), seen.count("bb")) == (14, 6)


async def test_who_has_no_share_is_taken_when_nobody_with_one_can_be(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    aa = await make_offer(tx, tenant.id, ground.sku_id, "aa", 100_000, in_stock=False)
    await make_offer(tx, tenant.id, ground.sku_id, "bb", 120_000)
    said = Said(shares={aa: 1})
    await set_rule(tx, tenant.id, CLERK, Scope(), Limits(), said=said, at=AT)
    assert await taken(tx, tenant, await wanted(tx, tenant.id, ground)) == "bb"


async def test_by_hand_the_limit_that_was_said_holds_and_rules_of_selling_do_not(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 160_000)
    purchase = await wanted(
        tx, tenant.id, ground, cause=Cause.HAND, actor=CLERK, confirm=True, unit_cost_max_e4=165_000
    )
    assert await taken(tx, tenant, purchase) == "fulu"
    await ask_price(tx, tenant.id, fulu, 166_000)
    outcome = await routed(tx, tenant, purchase)
    assert isinstance(outcome, NoChoice)
    assert outcome.said == "above_ceiling"


async def test_nobody_sells_it(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    outcome = await routed(tx, tenant, await wanted(tx, tenant.id, ground))
    assert isinstance(outcome, NoChoice)
    assert (outcome.said, outcome.facts["ranking"]) == ("no_offer", [])


async def test_no_more_is_ordered_than_we_have_there(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000, deposit_e4=0)
    await deposit(tx, tenant.id, fulu, 100_000)
    assert await taken(tx, tenant, await wanted(tx, tenant.id, ground)) == "fulu"
    outcome = await routed(tx, tenant, await wanted(tx, tenant.id, ground, 2))
    assert isinstance(outcome, NoChoice)
    assert outcome.said == "money_short"
