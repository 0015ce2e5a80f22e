"""Orders whose buyers want an account topped up: read once it can be, never guessed, sealed."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import select, text

from kashu.channels.accounts import Account, open_account
from kashu.channels.channel import Can
from kashu.channels.errors import ChannelCannot, ChannelDown, ChannelUnclear
from kashu.channels.listings import ListingChanges, change_listing, listings_by_name, see_listings
from kashu.channels.tables import shop_orders
from kashu.channels.tickets import forget_accounts
from kashu.channels.topups import set_account_rule
from kashu.core.clock import now
from kashu.delivery.by_hand import try_again
from kashu.delivery.errors import NotToBeToppedUp
from kashu.delivery.read_accounts import read_accounts
from kashu.delivery.topped_up import tell_topped_up
from kashu.simulators.shop import Item, Order, OrderState
from tests.conftest import MASTERS
from tests.delivery.conftest import LINK, Trade
from tests.stock.builders import make_sku

PHONE = {"looks": "phone", "found_in": "message"}


class Desk:
    """Listings that stand for top-ups, and the sweep that reads accounts."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.listings: dict[str, UUID] = {}

    async def make(self) -> "Desk":
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            self.sku_id = await make_sku(tx, trade.tenant.id, "qq-month", fulfilment="topup")
        return self

    async def offer(self, rule: Mapping[str, object] | None = None, properties: str = "") -> Item:
        trade = self.trade
        item = trade.shop.offer("会员直充", 1500)
        item.properties = properties
        async with trade.database.transaction(trade.tenant.id) as tx:
            listed = (await trade.channel.listings(LINK)).members
            await see_listings(tx, trade.tenant.id, trade.store_id, listed)
            name = (trade.store_id, item.item_id, item.sku_id)
            listing = (await listings_by_name(tx, trade.tenant.id, [name]))[name]
            changes = ListingChanges(sku_id=self.sku_id)
            await change_listing(tx, trade.tenant.id, "test", listing.id, changes)
            self.listings[item.item_id] = listing.id
        if rule is not None:
            await self.rule(item, rule)
        return item

    async def rule(self, item: Item, rule: Mapping[str, object] | None) -> None:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            await set_account_rule(tx, trade.tenant.id, "test", self.listings[item.item_id], rule)

    async def run(self) -> None:
        await self.trade.run()
        await read_accounts(self.trade.database, self.trade.tenant.id, self.trade.outside)

    async def kept(self, order: Order) -> tuple[Account | None, dict[str, str]]:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            row = (
                await tx.execute(select(shop_orders).where(shop_orders.c.number == order.order_id))
            ).one()
        if row.sealed_account is None:
            return None, row.masked_accounts or {}
        place = (trade.tenant.id, trade.store_id, order.order_id, row.sealed_account)
        return open_account(MASTERS, *place), row.masked_accounts


@pytest.fixture
async def desk(trade: Trade) -> Desk:
    return await Desk(trade).make()


async def test_an_account_in_the_message_is_read_sealed_and_shown_masked(
    trade: Trade, desk: Desk
) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="充到 138 0013 8000，谢谢")
    await desk.run()
    assert await trade.step(order) == ("trouble", "to_be_topped_up")
    account, masked = await desk.kept(order)
    assert account is not None
    assert account.number == "13800138000"
    assert masked == {order.lines[0].line_id: "13****00"}
    assert order.shown == []
    await trade.assert_sound()


async def test_what_was_typed_stands_nowhere_in_clear(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    trade.shop.sell((item, 1), note="秘密留言 13800138000")
    await desk.run()
    async with trade.database.transaction(trade.tenant.id) as tx:
        for table in ("channels.shop_orders", "core.events", "channels.listings"):
            rows = await tx.execute(text(f"SELECT t::text FROM {table} t"))
            written = " ".join(rows.scalars())
            assert "13800138000" not in written
            assert "秘密留言" not in written


@pytest.mark.parametrize(
    ("note", "said"),
    [("", "account_missing"), ("13800138000 或 13900139000", "account_ambiguous")],
)
async def test_an_account_that_cannot_be_read_is_left_to_a_person(
    trade: Trade, desk: Desk, note: str, said: str
) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note=note)
    await desk.run()
    assert await trade.step(order) == ("trouble", said)
    assert await desk.kept(order) == (None, {})


async def test_a_rule_that_is_set_later_reads_the_orders_that_waited_for_it(
    trade: Trade, desk: Desk
) -> None:
    item = await desk.offer()
    order = trade.shop.sell((item, 1), note="QQ：123456")
    await desk.run()
    assert await trade.step(order) == ("trouble", "no_account_rule")
    await desk.rule(item, PHONE)
    await desk.run()
    assert await trade.step(order) == ("trouble", "account_missing")
    await desk.rule(item, {"looks": "qq", "label": "QQ"})
    await desk.run()
    assert await trade.step(order) == ("trouble", "to_be_topped_up")
    account, _ = await desk.kept(order)
    assert account is not None
    assert account.number == "123456"


async def test_an_account_may_stand_in_the_variant(trade: Trade, desk: Desk) -> None:
    rule = {"looks": "digits", "digits_min": 6, "digits_max": 10, "found_in": "properties"}
    item = await desk.offer(rule, properties="面值:月卡;充值账号:8812345")
    order = trade.shop.sell((item, 1), note="12345678")
    await desk.run()
    account, _ = await desk.kept(order)
    assert account is not None
    assert account.number == "8812345"


async def test_each_line_has_its_own_account(trade: Trade, desk: Desk) -> None:
    first = await desk.offer({"looks": "qq", "label": "QQ"})
    second = await desk.offer(PHONE)
    order = trade.shop.sell((first, 1), (second, 1), note="QQ 123456 手机 13800138000")
    await desk.run()
    account, masked = await desk.kept(order)
    lines = [line.line_id for line in order.lines]
    assert account == Account("", lines=dict(zip(lines, ["123456", "13800138000"], strict=True)))
    assert masked == dict(zip(lines, ["1****6", "13****00"], strict=True))


async def test_a_line_without_an_account_keeps_the_whole_order(trade: Trade, desk: Desk) -> None:
    first = await desk.offer({"looks": "qq", "label": "QQ"})
    second = await desk.offer(PHONE)
    order = trade.shop.sell((first, 1), (second, 1), note="QQ 123456")
    await desk.run()
    assert await trade.step(order) == ("trouble", "account_missing")
    assert await desk.kept(order) == (None, {})


async def test_a_platform_that_is_away_is_asked_again(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await trade.run()
    trade.channel.break_before("order", ChannelDown(channel="t", said="520"))
    await read_accounts(trade.database, trade.tenant.id, trade.outside)
    assert await trade.step(order) == ("trouble", "account_wanted")
    await read_accounts(trade.database, trade.tenant.id, trade.outside)
    assert await trade.step(order) == ("trouble", "account_wanted")  # not before its time
    for _ in range(10):
        await desk.run()
    assert await trade.step(order) == ("trouble", "to_be_topped_up")


async def test_a_platform_that_tells_no_order_leaves_it_to_a_person(
    trade: Trade, desk: Desk
) -> None:
    item = await desk.offer(PHONE)
    trade.channel.can = trade.channel.can - {Can.READ_ORDER}
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    assert await trade.step(order) == ("trouble", "account_missing")


async def test_an_order_that_a_person_ships_there_is_over(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    trade.shop.ship(order)
    await trade.run()
    assert await trade.step(order) == ("ended", "shipped_elsewhere")
    async with trade.database.transaction(trade.tenant.id) as tx:
        assert await forget_accounts(tx, trade.tenant.id, now()) == 1
    assert await desk.kept(order) == (None, {})
    await trade.assert_sound()


async def test_one_that_is_tried_again_keeps_its_account(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    async with trade.database.transaction(trade.tenant.id) as tx:
        row = await tx.execute(select(shop_orders.c.id))
        await try_again(tx, trade.tenant.id, "test", row.scalar_one())
    await desk.run()
    assert await trade.step(order) == ("trouble", "to_be_topped_up")


async def tell(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        known_id: UUID = (await tx.execute(select(shop_orders.c.id))).scalar_one()
    await tell_topped_up(trade.database, trade.tenant.id, "staff", known_id, trade.outside)


async def test_the_platform_is_told_once_a_person_has_topped_up(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    await tell(trade)
    assert await trade.step(order) == ("ended", "topped_up")
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)
    await trade.run(4)
    assert await trade.step(order) == ("ended", "topped_up")
    with pytest.raises(NotToBeToppedUp):
        await tell(trade)
    assert order.shipments == 1
    await trade.assert_sound()


async def test_an_answer_that_was_lost_is_asked_for_before_it_is_told_again(
    trade: Trade, desk: Desk
) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    trade.channel.break_after("confirm", ChannelUnclear(channel="t", said="timeout"))
    with pytest.raises(ChannelUnclear):
        await tell(trade)
    assert await trade.step(order) == ("trouble", "to_be_topped_up")
    await tell(trade)
    assert await trade.step(order) == ("ended", "topped_up")
    assert (order.shipments, trade.channel.calls.count("confirm")) == (1, 1)


async def test_a_closed_order_is_not_marked_as_shipped(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    with pytest.raises(NotToBeToppedUp):
        await tell(trade)
    assert order.shipments == 0
    await trade.run(3)
    assert (await trade.step(order))[0] == "ended"


async def test_where_programs_may_not_ship_a_person_does_it_there(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    trade.channel.can = trade.channel.can - {Can.CONFIRM}
    with pytest.raises(ChannelCannot):
        await tell(trade)
    assert await trade.step(order) == ("trouble", "to_be_topped_up")


async def test_an_order_without_an_account_is_not_topped_up(trade: Trade, desk: Desk) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1))
    await desk.run()
    with pytest.raises(NotToBeToppedUp):
        await tell(trade)
    assert await trade.step(order) == ("trouble", "account_missing")
    assert order.shipments == 0
