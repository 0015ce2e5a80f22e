"""What people do about many orders at once: each has its outcome, and none holds up another."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import event, select, update

from kashu.channels.errors import NotShippable
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import orders_by_number
from kashu.channels.tables import shop_orders
from kashu.core.ids import new_id
from kashu.delivery.by_hand import ByHand, hand_all_over, try_all_again
from kashu.simulators.shop import Order
from tests.delivery.conftest import Trade


async def ids_of(trade: Trade, orders: Sequence[Order]) -> list[UUID]:
    async with trade.database.transaction(trade.tenant.id) as tx:
        numbers = [order.order_id for order in orders]
        known = await orders_by_number(tx, trade.tenant.id, trade.store_id, numbers)
    return [known[number].id for number in numbers]


def told(outcomes: Sequence[ByHand]) -> list[str]:
    return [
        outcome.order.step.value
        if outcome.order
        else outcome.refused.code
        if outcome.refused
        else ""
        for outcome in outcomes
    ]


async def in_the_hands_of_people(trade: Trade, count: int) -> list[Order]:
    """Orders with their cards, whose listing's cards don't leave by the platform."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(count)
    await trade.map(item, sends_card=False)
    orders = [trade.shop.sell((item, 1)) for _ in range(count)]
    await trade.run(1)
    assert {await trade.step(order) for order in orders} == {("taken", "to_be_handed_over")}
    return orders


async def test_many_are_handed_over_at_once_each_with_its_outcome(trade: Trade) -> None:
    orders = await in_the_hands_of_people(trade, 3)
    short = trade.shop.sell((next(iter(trade.shop.items.values())), 1))
    await trade.run(1)
    first, second, third, last = await ids_of(trade, [*orders, short])
    wanted = [second, new_id(), last, first, second]
    async with trade.database.transaction(trade.tenant.id) as tx:
        outcomes = await hand_all_over(tx, trade.tenant.id, "test", wanted)
    refusals = ["unknown_shop_order", "not_to_be_handed_over"]
    assert told(outcomes) == ["sent", *refusals, "sent", "sent"]
    async with trade.database.transaction(trade.tenant.id) as tx:
        again = await hand_all_over(tx, trade.tenant.id, "test", [first, third])
    assert told(again) == ["not_to_be_handed_over", "sent"]
    await trade.run(2)
    assert [await trade.step(order) for order in orders] == [("confirmed", "")] * 3
    assert [order.shipments for order in orders] == [1, 1, 1]
    assert (await trade.step(short))[0] == "taken"
    await trade.assert_sound()


async def test_many_in_trouble_are_tried_again_from_where_each_was(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    sent, kept = trade.shop.sell((item, 1)), trade.shop.sell((item, 1))
    refused = NotShippable(channel="t", said="-86", order="1")
    trade.channel.break_before("confirm", refused, refused)
    await trade.run(1)
    assert await trade.step(sent) == await trade.step(kept) == ("trouble", "not_shippable")
    new = trade.shop.sell((item, 1))
    await trade.ask()
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.number == new.order_id)
            .values(step=Step.TROUBLE, said="not_from_stock")
        )
        await tx.execute(
            update(shop_orders).where(shop_orders.c.number == kept.order_id).values(sent_at=None)
        )
    ids = await ids_of(trade, [new, sent, kept])
    async with trade.database.transaction(trade.tenant.id) as tx:
        outcomes = await try_all_again(tx, trade.tenant.id, "test", ids)
    assert told(outcomes) == ["due", "sent", "taken"]
    async with trade.database.transaction(trade.tenant.id) as tx:
        again = await try_all_again(tx, trade.tenant.id, "test", ids)
    assert told(again) == ["not_in_trouble"] * 3


async def test_how_many_there_are_changes_nothing_about_the_number_of_statements(
    trade: Trade,
) -> None:
    ids = await ids_of(trade, await in_the_hands_of_people(trade, 12))
    counts: list[int] = []
    for part in (ids[:2], ids[2:]):
        async with trade.database.transaction(trade.tenant.id) as tx:
            counts.append(0)

            def one_more(*_: object) -> None:
                counts[-1] += 1

            event.listen(tx.sync_connection, "before_cursor_execute", one_more)
            given = await hand_all_over(tx, trade.tenant.id, "test", part)
            event.remove(tx.sync_connection, "before_cursor_execute", one_more)
        assert told(given) == ["sent"] * len(part)
    assert counts[0] == counts[1]


async def test_a_key_of_another_store_moves_none(trade: Trade) -> None:
    orders = await in_the_hands_of_people(trade, 1)
    ids = await ids_of(trade, orders)
    async with trade.database.transaction(trade.tenant.id) as tx:
        outcomes = await hand_all_over(tx, trade.tenant.id, "test", ids, only_store=new_id())
        step = (await tx.execute(select(shop_orders.c.step))).scalar_one()
    assert told(outcomes) == ["unknown_shop_order"]
    assert step == Step.TAKEN
