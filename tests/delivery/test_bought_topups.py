"""Top-ups that stores sell are bought from suppliers by themselves, and the platform is told."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from kashu.channels.channel import Can
from kashu.channels.kinds import Mode
from kashu.channels.listings import ListingChanges, change_listing
from kashu.core.clock import SHANGHAI
from kashu.delivery.by_hand import try_again
from kashu.delivery.publish import publish_stock
from kashu.delivery.topped_up import tell_topped_up
from kashu.ledger.kinds import AccountKind
from kashu.orders.go_on import go_on
from kashu.orders.put_right import buy_once_more, correct_account
from kashu.simulators.shop import OrderState
from tests.delivery.booth import PHONE, RULE, Booth, known_id, make_booth, only_line
from tests.delivery.conftest import Trade
from tests.purchases.world import COST_E4


@pytest.fixture
async def booth(trade: Trade) -> AsyncIterator[Booth]:
    made = await make_booth(trade)
    yield made
    await trade.assert_sound()


async def test_a_store_s_top_up_is_bought_and_the_platform_told(booth: Booth) -> None:
    supplier = await booth.supplier()
    item = await booth.desk.offer(RULE)
    order = booth.trade.shop.sell((item, 1), note="充到 138 1234 5678，谢谢")
    with capture_logs() as logs:
        await booth.run()
    assert [each.inputs for each in supplier.house.orders] == [{"account": PHONE}]
    assert await booth.trade.step(order) == ("confirmed", "")
    assert (order.state, order.shipments, order.shown) == (OrderState.SHIPPED, 1, [])
    line = await only_line(booth, order)
    assert (line.delivered, line.waiting, line.earned_e4) == (1, 0, 150_000)
    assert await booth.balance(AccountKind.COST_OF_GOODS) == COST_E4
    assert await booth.balance(AccountKind.IN_DOUBT) == 0
    assert PHONE not in str(logs)
    assert PHONE not in await booth.row_text()
    assert (await booth.buying(order)).sealed_account is None
    async with booth.trade.database.transaction(booth.trade.tenant.id) as tx:
        for table in ("core.events", "purchases.purchases", "purchases.attempts", "orders.buying"):
            written = " ".join((await tx.execute(text(f"SELECT t::text FROM {table} t"))).scalars())
            assert PHONE not in written


async def test_the_platform_is_told_as_soon_as_the_top_up_is_settled(booth: Booth) -> None:
    supplier = await booth.supplier()
    supplier.instant = False
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert await booth.trade.step(order) == ("taken", "being_topped_up")
    assert order.shipments == 0
    supplier.house.settle()
    await booth.later(seconds=12)
    await booth.settle()
    await booth.deliver()  # at the very moment at which it is settled
    assert await booth.trade.step(order) == ("confirmed", "")
    assert order.shipments == 1


@pytest.mark.parametrize("policy", ["wait", "refuse"])
async def test_without_the_policy_a_person_tops_up(booth: Booth, policy: str) -> None:
    supplier = await booth.supplier()
    await booth.policy(policy)
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert await booth.trade.step(order) == ("trouble", "to_be_topped_up")
    assert (supplier.house.orders, await booth.purchase_states()) == ([], [])


async def test_what_no_supplier_offers_a_person_tops_up(booth: Booth) -> None:
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert await booth.trade.step(order) == ("trouble", "to_be_topped_up")
    supplier = await booth.supplier()
    await booth.run()  # a person was asked: it stays theirs, until they say otherwise
    assert (await booth.trade.step(order), supplier.house.orders) == (
        ("trouble", "to_be_topped_up"),
        [],
    )
    trade = booth.trade
    async with trade.database.transaction(trade.tenant.id) as tx:
        await try_again(tx, trade.tenant.id, "test", await known_id(booth, order))
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(supplier.house.orders) == 1


async def test_what_a_person_said_that_they_topped_up_is_never_bought(booth: Booth) -> None:
    trade = booth.trade
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    supplier = await booth.supplier()
    trade.channel.can = trade.channel.can - {Can.CONFIRM}
    known = await known_id(booth, order)
    with pytest.raises(Exception, match="confirm"):
        await tell_topped_up(trade.database, trade.tenant.id, "staff", known, trade.outside)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await try_again(tx, trade.tenant.id, "test", known)
    await booth.run()
    assert await trade.step(order) == ("trouble", "to_be_topped_up")
    assert supplier.house.orders == []


async def test_an_account_that_cannot_be_read_is_bought_for_once_a_person_entered_it(
    booth: Booth,
) -> None:
    supplier = await booth.supplier()
    item = await booth.desk.offer({"looks": "digits", "digits_min": 11, "digits_max": 11})
    order = booth.trade.shop.sell((item, 1), note="在吗")
    await booth.run()
    assert await booth.trade.step(order) == ("trouble", "account_missing")
    assert supplier.house.orders == []
    await booth.enter(order, PHONE)
    await booth.run()
    assert await booth.trade.step(order) == ("confirmed", "")
    assert [each.inputs for each in supplier.house.orders] == [{"account": PHONE}]


async def test_an_account_of_another_kind_than_the_sku_tops_up_is_for_a_person(
    booth: Booth,
) -> None:
    supplier = await booth.supplier()
    item = await booth.desk.offer({"looks": "qq"})
    order = booth.trade.shop.sell((item, 1), note="123456")
    await booth.run()
    assert await booth.trade.step(order) == ("trouble", "account_unfit")
    assert (supplier.house.orders, await booth.purchase_states()) == ([], [])
    await booth.desk.rule(item, RULE)
    order.note = PHONE
    await booth.run()
    assert await booth.trade.step(order) == ("confirmed", "")


async def test_an_account_that_the_supplier_refuses_goes_to_the_desk_and_is_put_right(
    booth: Booth,
) -> None:
    trade, supplier = booth.trade, await booth.supplier()
    supplier.no_accounts.add(PHONE)
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run(3)
    assert await trade.step(order) == ("trouble", "topup_failed")
    assert (supplier.house.orders, await booth.purchase_states()) == ([], ["ended"])
    assert order.shipments == 0
    line = await only_line(booth, order)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await go_on(tx, trade.tenant.id, [line.order_id])
        await correct_account(
            tx, trade.tenant.id, "staff", line, "13987654321", keyrings=trade.keyrings
        )
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert [each.inputs for each in supplier.house.orders] == [{"account": "13987654321"}]


async def test_one_that_nobody_does_in_time_is_shown_to_people_and_goes_on_by_itself(
    booth: Booth,
) -> None:
    supplier = await booth.supplier()
    supplier.instant = False
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    await booth.later(minutes=20)
    await booth.deliver()
    assert await booth.trade.step(order) == ("trouble", "topup_late")
    supplier.house.settle()
    await booth.run()
    assert await booth.trade.step(order) == ("confirmed", "")
    assert len(supplier.house.orders) == 1


async def test_shadow_buys_nothing(booth: Booth) -> None:
    supplier = await booth.supplier()
    await booth.mode(Mode.SHADOW)
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert (await booth.trade.step(order))[0] == "shadowed"
    assert (supplier.house.orders, await booth.purchase_states()) == ([], [])


async def test_assisted_waits_for_its_release_before_anything_is_bought(booth: Booth) -> None:
    supplier = await booth.supplier()
    await booth.mode(Mode.ASSISTED)
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert await booth.trade.step(order) == ("held", "to_be_released")
    assert (supplier.house.orders, await booth.purchase_states()) == ([], [])
    await booth.trade.release_all(take_over=False)
    await booth.run()
    assert await booth.trade.step(order) == ("confirmed", "")
    assert len(supplier.house.orders) == 1


async def test_what_isn_t_ordered_yet_when_its_store_is_stopped_is_not_bought(
    booth: Booth,
) -> None:
    supplier = await booth.supplier()
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.see()
    await booth.want()
    await booth.mode(Mode.STOPPED)
    await booth.want()
    await booth.world.place()
    assert (supplier.house.orders, await booth.purchase_states()) == ([], ["cancelled"])
    await booth.mode(Mode.AUTOMATIC)
    await booth.later(seconds=30)
    await booth.run(3)
    assert len(supplier.house.orders) == 1
    assert await booth.trade.step(order) == ("confirmed", "")


async def test_a_card_in_stock_is_never_given_for_an_account(booth: Booth) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    trade.sku_id = booth.desk.sku_id
    await trade.stock(2)  # from before its SKU was a top-up
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert (await trade.step(order), order.shown) == (("confirmed", ""), [])
    assert len(supplier.house.orders) == 1
    async with trade.database.transaction(trade.tenant.id) as tx:
        given = await tx.execute(text("SELECT count(*) FROM stock.allocations"))
        assert given.scalar_one() == 0


async def test_what_a_listing_s_stock_shows_is_left_to_its_merchant(booth: Booth) -> None:
    item = await booth.desk.offer(RULE)
    item.quantity = 50
    trade = booth.trade
    await publish_stock(trade.database, trade.tenant.id, SHANGHAI, trade.outside)
    assert item.quantity == 50


async def test_a_buyer_who_reads_memos_gets_a_receipt_without_the_account(booth: Booth) -> None:
    await booth.supplier()
    await booth.option("memo", "cards")
    order = booth.trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert await booth.trade.step(order) == ("confirmed", "")
    [shown] = order.shown
    assert "已为 13****78 充值" in shown
    assert PHONE not in shown


async def test_one_listing_that_stands_for_several_units_is_topped_up_with_all(
    booth: Booth,
) -> None:
    supplier, trade = await booth.supplier(cost_e4=40_000), booth.trade
    item = await booth.desk.offer(RULE)
    async with trade.database.transaction(trade.tenant.id) as tx:
        changes = ListingChanges(units=3)
        await change_listing(
            tx, trade.tenant.id, "test", booth.desk.listings[item.item_id], changes
        )
    order = trade.shop.sell((item, 1), note=PHONE)
    await booth.run()
    [made] = supplier.house.orders
    assert (made.quantity, (await only_line(booth, order)).delivered) == (3, 3)
    assert await trade.step(order) == ("confirmed", "")


async def test_what_brought_nothing_is_bought_once_more(booth: Booth) -> None:
    trade, supplier = booth.trade, await booth.supplier()
    supplier.no_accounts.add(PHONE)
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run(3)
    supplier.no_accounts.clear()
    line = await only_line(booth, order)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await go_on(tx, trade.tenant.id, [line.order_id])
        await buy_once_more(tx, trade.tenant.id, "staff", line)
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(supplier.house.orders) == 1
