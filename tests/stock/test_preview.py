from datetime import timedelta

from sqlalchemy import func, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.preview import next_ten
from kashu.stock.strategies import Use, assign_strategy, save_strategy
from kashu.stock.strategy import Prefer, Strategy
from kashu.stock.tables import choices
from tests.conftest import Tenant
from tests.stock.builders import TODAY, counters, give, make_sku, put_cards


async def test_it_foretells_what_an_order_gets_and_why(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    dear = await put_cards(
        tx, tenant.id, 2, sku_id=sku_id, expires_on=TODAY + timedelta(5), keyrings=keyrings
    )
    cheap = await put_cards(tx, tenant.id, 9, sku_id=sku_id, unit_cost_e4=50_000, keyrings=keyrings)

    foretold = await next_ten(tx, tenant.id, sku_id, today=TODAY, count=3)

    assert [card.card_id for card in foretold] == [*dear.card_ids, cheap.card_ids[0]]
    assert foretold[0].tail == dear.numbers[0][-3:]
    assert foretold[0].because["decided_by"] == "earliest_expiry"
    assert foretold[0].because["candidates"] == 2
    assert foretold[2].because["decided_by"] == "last_left"
    assert await counters(tx, tenant.id, dear.id) == {"available": 2}
    assert (await tx.execute(select(func.count()).select_from(choices))).scalar_one() == 0
    _, held = await give(tx, tenant.id, sku_id, 3)
    assert held == [card.card_id for card in foretold]


async def test_it_follows_the_strategy_in_force_or_the_one_it_is_asked_about(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    soon = await put_cards(
        tx, tenant.id, 1, sku_id=sku_id, expires_on=TODAY + timedelta(5), keyrings=keyrings
    )
    cheap = await put_cards(tx, tenant.id, 1, sku_id=sku_id, unit_cost_e4=50_000, keyrings=keyrings)
    await save_strategy(
        tx, tenant.id, "s", code="cheap", name="Cheap", steps=[Prefer("lowest_cost")]
    )
    await assign_strategy(tx, tenant.id, "s", code="cheap", to=Use(sku_id))
    in_force = await next_ten(tx, tenant.id, sku_id, today=TODAY)
    assert [card.lot_id for card in in_force] == [cheap.id, soon.id]
    latest = Strategy(None, "latest", prefers=(Prefer("earliest_expiry"),))
    asked = await next_ten(tx, tenant.id, sku_id, today=TODAY, strategy=latest)
    assert [card.lot_id for card in asked] == [soon.id, cheap.id]


async def test_a_shared_card_comes_as_often_as_it_has_uses(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, max_uses=3, keyrings=keyrings)
    await give(tx, tenant.id, sku_id, 2)
    foretold = await next_ten(tx, tenant.id, sku_id, today=TODAY)
    assert [card.card_id for card in foretold] == [lot.card_ids[0], *[lot.card_ids[1]] * 3]


async def test_without_stock_nothing_is_foretold(tx: Tx, tenant: Tenant) -> None:
    assert await next_ten(tx, tenant.id, new_id(), today=TODAY) == []
