"""A listing that stands for a bundle: one line there, several lines of ours, every sum exact."""

from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.catalog.bundles import set_parts
from kashu.catalog.entries import NamedPart
from kashu.channels.listings import ListingChanges, change_listing, listings_by_name, see_listings
from kashu.channels.shop_refunds import refunds_of
from kashu.channels.tables import listings, shop_orders
from kashu.core.clock import SHANGHAI, day_of
from kashu.delivery.publish import publish_stock
from kashu.orders.reads import Line, order_by_id
from kashu.orders.refund import WantedLine
from kashu.orders.refund_by_hand import book_refund
from kashu.orders.take_back import take_back
from kashu.simulators.shop import Item, Order
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from tests.delivery.conftest import LINK, Trade
from tests.stock.builders import make_sku, put_cards


class Pair:
    """A bundle of one month of one brand and two of another, each 19.90 by list price."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade

    async def make(self, *, policy: str = "wait", of: tuple[int, int] = (1, 2)) -> "Pair":
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            self.first = trade.sku_id
            self.second = await make_sku(tx, trade.tenant.id, "iqiyi-month")
            self.sku_id = await make_sku(
                tx, trade.tenant.id, "pair", fulfilment="bundle", shortage_policy=policy
            )
            wanted = [NamedPart("mgtv-month", of[0]), NamedPart("iqiyi-month", of[1])]
            await set_parts(tx, trade.tenant.id, "test", "pair", wanted)
        return self

    async def change(self, *wanted: NamedPart) -> None:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            await set_parts(tx, trade.tenant.id, "test", "pair", wanted)

    async def stock(self, sku_id: UUID, count: int) -> None:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            await put_cards(tx, trade.tenant.id, count, sku_id=sku_id, keyrings=trade.keyrings)
            await hold(tx, trade.tenant.id, [sku_id])
            await mark_replenished(tx, trade.tenant.id, [sku_id])

    async def map(self, item: Item, sku_id: UUID, units: int = 1) -> None:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            listed = (await trade.channel.listings(LINK)).members
            await see_listings(tx, trade.tenant.id, trade.store_id, listed)
            name = (trade.store_id, item.item_id, item.sku_id)
            found = (await listings_by_name(tx, trade.tenant.id, [name]))[name]
            changes = ListingChanges(sku_id=sku_id, units=units)
            await change_listing(tx, trade.tenant.id, "test", found.id, changes)

    async def lines(self, order: Order) -> list[Line]:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            row = await tx.execute(
                select(shop_orders.c.order_id).where(
                    shop_orders.c.tenant_id == trade.tenant.id,
                    shop_orders.c.number == order.order_id,
                )
            )
            _, lines = await order_by_id(tx, trade.tenant.id, row.scalar_one())
        return list(lines)


@pytest.fixture
async def pair(trade: Trade) -> Pair:
    return await Pair(trade).make()


def sums(lines: list[Line]) -> list[tuple[int, int, int, int]]:
    """Of each line: units, price, what it has, what went back."""
    return [(x.quantity, x.price_e4, x.delivered, x.refunded_e4) for x in lines]


async def test_one_line_there_is_a_line_for_each_part_here(trade: Trade, pair: Pair) -> None:
    item = trade.shop.offer("芒果+爱奇艺", 5001)
    await pair.stock(pair.first, 9)
    await pair.stock(pair.second, 9)
    await pair.map(item, pair.sku_id, units=2)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert sums(await pair.lines(order)) == [(2, 166_700, 2, 0), (4, 333_400, 4, 0)]
    assert len(set(order.shown)) == 6
    assert {text.split()[0] for text in order.shown} == {order.lines[0].line_id}
    assert trade.channel.calls.count("send") == 1  # one parcel for the platform's one line
    assert order.shipments == 1
    await trade.assert_sound()


async def test_lines_around_a_bundle_keep_their_cards(trade: Trade, pair: Pair) -> None:
    plain, both = trade.shop.offer("月卡", 1980), trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 9)
    await pair.stock(pair.second, 9)
    await pair.map(plain, pair.second)
    await pair.map(both, pair.sku_id)
    order = trade.shop.sell((both, 1), (plain, 3))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    shown = [text.split()[0] for text in order.shown]
    assert [shown.count(line.line_id) for line in order.lines] == [3, 3]
    await trade.assert_sound()


async def test_an_order_waits_until_every_part_is_there(trade: Trade, pair: Pair) -> None:
    item = trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 1)
    await pair.map(item, pair.sku_id)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("taken", "short")
    assert order.shown == []
    await pair.stock(pair.second, 2)
    await trade.run(6)
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 3
    await trade.assert_sound()


async def test_all_of_a_bundle_goes_back_with_all_its_cards(trade: Trade, pair: Pair) -> None:
    both, plain = trade.shop.offer("组合", 5000), trade.shop.offer("月卡", 1980)
    await pair.stock(pair.first, 3)
    await pair.stock(pair.second, 2)
    await pair.map(both, pair.sku_id)
    await pair.map(plain, pair.first)
    order = trade.shop.sell((both, 1), (plain, 1))
    await trade.run()
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    await trade.run()
    assert await trade.refund_steps() == [("settled", "")]
    first, second, other = sums(await pair.lines(order))
    assert (first, second) == ((1, 166_700, 0, 166_700), (2, 333_300, 0, 333_300))
    assert other == (1, 198_000, 1, 0)
    await trade.assert_sound()


async def test_part_of_a_bundles_money_is_taken_off_each_part(trade: Trade, pair: Pair) -> None:
    item = trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 1)
    await pair.stock(pair.second, 2)
    await pair.map(item, pair.sku_id)
    order = trade.shop.sell((item, 1))
    await trade.run()
    refund = trade.shop.ask_refund(order, order.lines[0], amount_fen=1000)
    trade.shop.settle_refund(refund, agree=True)
    await trade.run()
    assert await trade.refund_steps() == [("settled", "")]
    assert [line[2:] for line in sums(await pair.lines(order))] == [(1, 33_300), (2, 66_700)]
    rest = trade.shop.ask_refund(order, order.lines[0], amount_fen=4000)
    trade.shop.settle_refund(rest, agree=True)
    await trade.run()
    assert [line[2:] for line in sums(await pair.lines(order))] == [(0, 166_700), (0, 333_300)]
    await trade.assert_sound()


async def test_a_bundle_paid_back_before_it_came_is_not_given(trade: Trade, pair: Pair) -> None:
    plain, both = trade.shop.offer("月卡", 1980), trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 3)
    await pair.stock(pair.second, 3)
    await pair.map(plain, pair.second)
    await pair.map(both, pair.sku_id)
    order = trade.shop.sell((both, 1), (plain, 1))
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    await trade.run(8)
    assert await trade.step(order) == ("confirmed", "")
    assert [text.split()[0] for text in order.shown] == [order.lines[1].line_id]
    assert [line[2] for line in sums(await pair.lines(order))] == [0, 0, 1]
    await trade.assert_sound()


async def test_a_refund_told_before_the_mapping_takes_off_the_right_line(
    trade: Trade, pair: Pair
) -> None:
    plain, both = trade.shop.offer("月卡", 1980), trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 3)
    await pair.stock(pair.second, 3)
    order = trade.shop.sell((both, 1), (plain, 1))
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[1]), agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("due", "")]
    await pair.map(plain, pair.second)
    await pair.map(both, pair.sku_id)
    await trade.run(10)
    assert await trade.step(order) == ("confirmed", "")
    assert [line[2] for line in sums(await pair.lines(order))] == [1, 2, 0]
    assert await trade.refund_steps() == [("settled", "")]
    await trade.assert_sound()


async def test_a_bundle_that_changed_after_a_refund_is_left_to_a_person(
    trade: Trade, pair: Pair
) -> None:
    plain, both = trade.shop.offer("月卡", 1980), trade.shop.offer("组合", 5000)
    await pair.map(plain, pair.second)
    await pair.map(both, pair.sku_id)
    await pair.stock(pair.first, 3)
    order = trade.shop.sell((both, 1), (plain, 1))
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[1]), agree=True)
    await trade.ask()
    await take_back(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    await pair.change(NamedPart("mgtv-month", 1))
    await trade.run()
    assert await trade.step(order) == ("trouble", "parts_changed")
    assert order.shown == []


async def test_a_bundle_without_parts_is_left_to_a_person(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        empty = await make_sku(tx, trade.tenant.id, "empty", fulfilment="bundle")
    item = trade.shop.offer("组合", 5000)
    await Pair(trade).map(item, empty)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("trouble", "not_from_stock")


async def test_a_listing_shows_as_many_bundles_as_every_part_allows(
    trade: Trade, pair: Pair
) -> None:
    item = trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 9)
    await pair.stock(pair.second, 7)
    await pair.map(item, pair.sku_id)
    await publish_stock(trade.database, trade.tenant.id, SHANGHAI, trade.outside)
    assert item.quantity == 3
    order = trade.shop.sell((item, 2))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(listings.update().values(publish_at=trade.clock()))
    await publish_stock(trade.database, trade.tenant.id, SHANGHAI, trade.outside)
    assert item.quantity == 1  # 7 less 4, by twos


async def test_a_person_books_part_of_a_bundle_before_it_is_taken_in(
    trade: Trade, pair: Pair
) -> None:
    both, plain = trade.shop.offer("组合", 5000), trade.shop.offer("月卡", 1980)
    await pair.stock(pair.first, 3)
    await pair.stock(pair.second, 3)
    await pair.map(both, pair.sku_id)
    await pair.map(plain, pair.first)
    order = trade.shop.sell((both, 1), (plain, 1))
    refund = trade.shop.ask_refund(order, order.lines[0], amount_fen=3333)
    trade.shop.settle_refund(refund, agree=True)
    await trade.run(8)
    assert await trade.refund_steps() == [("trouble", "refunded_in_part")]
    async with trade.database.transaction(trade.tenant.id) as tx:
        found = await refunds_of(tx, trade.tenant.id, trade.store_id, order.order_id)
        today = day_of(trade.clock(), SHANGHAI)
        line = WantedLine(2, 2, 333_300)  # both of the second part
        await book_refund(tx, trade.caller, found[0].id, [line], today=today)
    await trade.run(3)
    assert await trade.step(order) == ("confirmed", "")
    assert [line[2:] for line in sums(await pair.lines(order))] == [
        (1, 0),
        (0, 333_300),
        (1, 0),
    ]
    await trade.assert_sound()


async def test_a_bundle_that_waits_for_a_part_is_paid_back_whole(trade: Trade, pair: Pair) -> None:
    both, plain = trade.shop.offer("组合", 5000), trade.shop.offer("月卡", 1980)
    await pair.stock(pair.first, 2)
    await pair.map(both, pair.sku_id)
    await pair.map(plain, pair.first)
    order = trade.shop.sell((both, 1), (plain, 1))
    await trade.run()
    assert await trade.step(order) == ("taken", "short")
    part = trade.shop.ask_refund(order, order.lines[0], amount_fen=1001)
    trade.shop.settle_refund(part, agree=True)
    await trade.run(3)
    assert [line[3] for line in sums(await pair.lines(order))] == [33_400, 66_700, 0]
    rest = trade.shop.ask_refund(order, order.lines[0], amount_fen=3999)
    trade.shop.settle_refund(rest, agree=True)
    await trade.run(8)
    assert await trade.step(order) == ("confirmed", "")
    assert [text.split()[0] for text in order.shown] == [order.lines[1].line_id]
    lines = sums(await pair.lines(order))
    assert [line[2:] for line in lines] == [(0, 166_700), (0, 333_300), (1, 0)]
    await trade.assert_sound()


async def test_a_bundle_that_refuses_a_shortage_is_left_to_a_person(trade: Trade) -> None:
    pair = await Pair(trade).make(policy="refuse")
    item = trade.shop.offer("组合", 5000)
    await pair.stock(pair.first, 1)
    await pair.map(item, pair.sku_id)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("trouble", "no_card_was_given")
    assert order.shown == []
    await trade.assert_sound()
