"""What a person does about lines that are bought for: another account, or once more."""

import pytest

from kashu.orders.buy import buy_due
from kashu.orders.errors_buying import LineIsBoughtFor, LineNotBoughtFor
from kashu.orders.put_right import buy_once_more, correct_account
from kashu.orders.tables import BuyingState
from kashu.purchases.kinds import PurchaseState
from kashu.simulators.suppliers.house import Kind
from tests.orders import test_buying as stage
from tests.orders.test_buying import PHONE, Counter

counter = stage.counter


async def _put_right(counter: Counter, number: str, typed: str | None = None) -> None:
    """Correct the account of an order's line; without one, buy once more."""
    line, tenant_id = await counter.line(number), counter.world.tenant.id
    async with counter.world.database.transaction(tenant_id) as tx:
        if typed is None:
            await buy_once_more(tx, tenant_id, "test", line)
        else:
            keyrings = counter.keyrings
            await correct_account(tx, tenant_id, "test", line, typed, keyrings=keyrings)


async def test_a_wrong_account_is_told_and_corrected_by_a_person(counter: Counter) -> None:
    await counter.make_topup()
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    supplier.no_accounts.add(PHONE)
    await counter.submit("T1", account=PHONE)
    await counter.work()
    assert (await counter.buying("T1")).state is BuyingState.BOUGHT
    assert await counter.purchase_states() == [PurchaseState.ENDED]
    await _put_right(counter, "T1", "139 8765 4321")
    await counter.work()
    [order] = supplier.house.orders
    assert order.inputs == {"account": "13987654321"}
    assert (await counter.line("T1")).delivered == 1
    assert (await counter.buying("T1")).sealed_account is None
    [facts] = await counter.world.happened("order.account_corrected")
    assert facts == {"line": 1}  # no mask either: what is on record for good names nobody


async def test_an_account_is_corrected_before_it_is_ordered(counter: Counter) -> None:
    await counter.make_topup()
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    await counter.submit("T1", account=PHONE)
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await _put_right(counter, "T1", "13987654321")
    await counter.work()
    assert [each.inputs for each in supplier.house.orders] == [{"account": "13987654321"}]
    assert await counter.purchase_states() == [PurchaseState.CANCELLED, PurchaseState.DONE]


@pytest.mark.parametrize("typed", ["13987654321", None], ids=["account", "again"])
async def test_nothing_is_put_right_while_an_order_is_under_way_or_over(
    counter: Counter, typed: str | None
) -> None:
    await counter.make_topup()
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    supplier.instant = False
    await counter.submit("T1", account=PHONE)
    await counter.work()
    before = await counter.buying("T1")
    with pytest.raises(LineIsBoughtFor):
        await _put_right(counter, "T1", typed)
    assert await counter.buying("T1") == before
    supplier.house.settle()
    await counter.world.run()
    with pytest.raises(LineIsBoughtFor):  # topped up, and not settled with it yet
        await _put_right(counter, "T1", typed)
    await counter.work()
    with pytest.raises(LineNotBoughtFor):
        await _put_right(counter, "T1", typed)
    assert len(supplier.house.orders) == 1


async def test_a_line_is_bought_for_once_more(counter: Counter) -> None:
    await counter.make_topup()
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    supplier.no_accounts.add(PHONE)
    await counter.submit("T1", account=PHONE)
    await counter.work()
    supplier.no_accounts.clear()  # they were wrong about it
    await _put_right(counter, "T1")
    await counter.work()
    assert (await counter.line("T1")).delivered == 1
    assert [each.inputs for each in supplier.house.orders] == [{"account": PHONE}]
