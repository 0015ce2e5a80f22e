from kashu.access.keyring import Keyrings
from kashu.catalog.kinds import ShortagePolicy
from kashu.core.db import Tx
from kashu.core.events import events_of
from kashu.orders.fulfil import fulfil
from tests.conftest import Tenant
from tests.orders.builders import make_shop, order_of
from tests.stock.builders import assert_sound, books, cards_of


async def test_a_paid_order_gets_its_cards_and_the_books_say_so(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=5)
    order = order_of(shop, 2, price_e4=396_000)
    outcome = (await fulfil(tx, tenant.id, [order], shop.today))[0]
    assert outcome.new
    assert [line.delivered for line in outcome.lines] == [2]
    assert len(await cards_of(tx, tenant.id, order.lines[0].id)) == 2
    assert await books(tx, tenant.id) == {
        "inventory": 300_000,
        "opening": -500_000,
        "receivable": 396_000,
        "revenue": -396_000,
        "cost_of_goods": 200_000,
    }
    assert [event.kind for event in await events_of(tx, tenant.id, order.id)] == ["order.filled"]
    await assert_sound(tx, tenant.id)


async def test_the_same_order_twice_is_one_order(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=5)
    first = order_of(shop, external_id="same")
    again, third = order_of(shop, external_id="same"), order_of(shop, external_id="same")
    outcomes = await fulfil(tx, tenant.id, [first, again], shop.today)
    assert [outcome.new for outcome in outcomes] == [True, False]
    later = (await fulfil(tx, tenant.id, [third], shop.today))[0]
    assert not later.new
    assert {outcome.order_id for outcome in [*outcomes, later]} == {first.id}
    assert later.lines == outcomes[0].lines
    assert (await books(tx, tenant.id))["revenue"] == -198_000


async def test_a_line_gets_all_its_cards_or_none(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=3)
    large, small = order_of(shop, 4), order_of(shop, 3)
    outcomes = await fulfil(tx, tenant.id, [large, small], shop.today)
    assert [outcome.lines[0].delivered for outcome in outcomes] == [0, 3]
    assert [outcome.lines[0].waiting for outcome in outcomes] == [4, 0]
    assert await cards_of(tx, tenant.id, large.lines[0].id) == []


async def test_partial_delivery_earns_its_part_of_the_price(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=2)
    order = order_of(shop, 3, price_e4=100_000, partial_allowed=True)
    outcome = (await fulfil(tx, tenant.id, [order], shop.today))[0]
    assert (outcome.lines[0].delivered, outcome.lines[0].waiting) == (2, 1)
    assert (await books(tx, tenant.id))["revenue"] == -66_600


async def test_a_refused_shortage_leaves_nothing_waiting(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=1)
    order = order_of(shop, 2, shortage_policy=ShortagePolicy.REFUSE)
    outcome = (await fulfil(tx, tenant.id, [order], shop.today))[0]
    assert (outcome.lines[0].refused, outcome.lines[0].waiting) == (2, 0)
    assert "revenue" not in await books(tx, tenant.id)


async def test_ten_thousand_cards_are_one_order(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    shop = await make_shop(tx, tenant.id, keyrings, cards=10_000)
    order = order_of(shop, 10_000, price_e4=10_000 * 198_000)
    outcome = (await fulfil(tx, tenant.id, [order], shop.today))[0]
    assert outcome.lines[0].delivered == 10_000
    await assert_sound(tx, tenant.id)
