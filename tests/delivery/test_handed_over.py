"""What a person handed over: the platform is told at once, and asked where something speaks up."""

from collections.abc import Sequence

import pytest

from kashu.channels.channel import Link, ShopOrder, ShopRefund, ShopRefundState
from kashu.channels.connections import set_mode
from kashu.channels.errors import ChannelRefused
from kashu.channels.kinds import Mode
from kashu.channels.shop_refunds import see_refunds
from kashu.delivery.by_hand import hand_all_over
from kashu.simulators.shop import Order, OrderState
from tests.delivery.conftest import Trade
from tests.delivery.test_modes import id_of


async def handed_over(trade: Trade) -> Order:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item, sends_card=False)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    assert await trade.step(order) == ("taken", "to_be_handed_over")
    async with trade.database.transaction(trade.tenant.id) as tx:
        await hand_all_over(tx, trade.tenant.id, "test", [await id_of(trade, order)])
    trade.channel.calls.clear()
    return order


def told(trade: Trade) -> Sequence[str]:
    return [call for call in trade.channel.calls if call in {"order", "send", "confirm"}]


async def test_the_platform_is_told_without_being_asked_first(trade: Trade) -> None:
    order = await handed_over(trade)
    await trade.run(1)
    assert told(trade) == ["confirm"]
    assert (await trade.step(order), order.state) == (("confirmed", ""), OrderState.SHIPPED)


async def test_a_store_that_was_put_in_shadow_meanwhile_is_not_told(trade: Trade) -> None:
    order = await handed_over(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_mode(tx, trade.tenant.id, "test", "tb", Mode.SHADOW)
    await trade.run()
    assert "confirm" not in told(trade)
    assert (await trade.step(order), order.state) == (("sent", "not_acting"), OrderState.PAID)


async def test_a_refusal_is_looked_into(trade: Trade) -> None:
    order = await handed_over(trade)
    trade.channel.break_before("confirm", ChannelRefused(channel="t", said="x", meaning="no"))
    await trade.run(1)
    assert told(trade) == ["confirm", "order", "confirm"]
    assert (await trade.step(order), order.state) == (("confirmed", ""), OrderState.SHIPPED)


async def test_a_refund_that_is_asked_for_is_looked_at_first(trade: Trade) -> None:
    order = await handed_over(trade)
    trade.shop.ask_refund(order)
    await trade.run(1)
    assert told(trade) == ["order"]
    assert await trade.step(order) == ("sent", "not_to_be_shipped_now")


async def test_no_card_leaves_once_a_refund_was_told_of(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some platforms tell of refunds in a list alone; this one comes while the order is read."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    read = trade.channel.order
    at = trade.clock()
    back = ShopRefund("r1", order.order_id, "", ShopRefundState.DONE, order.paid_fen * 100, at)

    async def read_and_tell(link: Link, order_id: str) -> ShopOrder:
        whole = await read(link, order_id)
        async with trade.database.transaction(trade.tenant.id) as tx:
            await see_refunds(tx, trade.tenant.id, trade.store_id, [back])
        return whole

    monkeypatch.setattr(trade.channel, "order", read_and_tell)
    await trade.run()
    assert not order.shown
    assert "send" not in told(trade)
    await trade.assert_sound()
