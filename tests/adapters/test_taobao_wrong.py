"""What Taobao tells of orders and refunds that can't be: held, named, and in nobody's way."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.channels.channel import ShopOrder, ShopState, Window
from kashu.channels.errors import ChannelUnclear, ShopOrderWrong
from kashu.simulators.shop import Order
from tests.adapters.taobao_shop import Street, Town, standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNEL = TaobaoChannel()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town() -> AsyncIterator[Town]:
    async with standing() as town:
        yield town


@pytest.fixture
def shop(town: Town) -> Street:
    return town.open()


@pytest.fixture
def sold(shop: Street) -> Order:
    month = shop.shop.offer("会员", 1990, properties="月卡", quantity=5)
    return shop.shop.sell((month, 2), (shop.shop.offer("年卡", 9900), 1))


def lately(shop: Street) -> Window:
    now = shop.shop.now()
    return Window(now - timedelta(minutes=20), now + timedelta(seconds=1))


def of_trade(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(trade: dict[str, Any]) -> None:
        trade[name] = value

    return change


def of_line(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(trade: dict[str, Any]) -> None:
        trade["orders"]["order"][0][name] = value

    return change


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda trade: trade.pop(name)


def twice(trade: dict[str, Any]) -> None:
    lines = trade["orders"]["order"]
    lines[1]["oid"] = lines[0]["oid"]


WRONG: list[Callable[[dict[str, Any]], None]] = [
    of_trade("payment", "138.81"),
    of_trade("payment", "1e3"),
    of_trade("payment", "-138.80"),
    of_trade("payment", 138.8),
    of_trade("payment", "138.8000001"),
    of_trade("post_fee", "1.00"),
    of_trade("status", "SOMETHING_NEW"),
    of_trade("status", "<script>"),
    of_trade("modified", "2026-03-08T09:30:00Z"),
    of_trade("pay_time", "yesterday"),
    of_trade("orders", {"order": []}),
    of_trade("orders", {}),
    of_trade("orders", []),
    *(without(name) for name in ("status", "payment", "orders", "modified", "pay_time")),
    of_line("num", 0),
    of_line("num", -1),
    of_line("num", "2"),
    of_line("num", 1.5),
    of_line("divide_order_fee", "39.79"),
    of_line("divide_order_fee", "39.805"),
    of_line("status", "SOMETHING_NEW"),
    of_line("refund_status", "SOMETHING_NEW"),
    of_line("num_iid", "../1"),
    of_line("oid", ""),
    twice,
]


@pytest.mark.parametrize("change", WRONG)
async def test_an_order_that_cannot_be_is_held_and_holds_up_no_other(
    shop: Street, sold: Order, change: Callable[[dict[str, Any]], None]
) -> None:
    other = shop.shop.sell((sold.lines[0].item, 1))

    def spoil(told: dict[str, Any]) -> None:
        for answer in told.values():
            trades = answer["trades"]["trade"] if "trades" in answer else [answer["trade"]]
            for trade in trades:
                if str(trade["tid"]) == sold.order_id:
                    change(trade)

    shop.mouth.change = spoil
    with pytest.raises(ShopOrderWrong) as told:
        await CHANNEL.order(shop.link, sold.order_id)
    assert told.value.facts["order"] == sold.order_id
    assert "<" not in told.value.text("zh")
    page = await CHANNEL.orders(shop.link, lately(shop))
    found = {order.order_id: order for order in page.members}
    assert found.keys() == {sold.order_id, other.order_id}
    assert found[other.order_id].complete
    held = found[sold.order_id]  # until order() says what is wrong with it
    assert (held.state, held.complete, held.lines) == (ShopState.HELD, False, ())


async def test_a_row_of_nobodys_is_unclear(shop: Street, sold: Order) -> None:
    def nameless(told: dict[str, Any]) -> None:
        told["trades_sold_increment_get_response"]["trades"]["trade"][0]["tid"] = "x"

    assert sold.order_id
    shop.mouth.change = nameless
    with pytest.raises(ChannelUnclear):
        await CHANNEL.orders(shop.link, lately(shop))


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "NEW"), ("refund_fee", "x"), ("refund_fee", 5), ("modified", ""), ("oid", "x")],
)
async def test_a_refund_that_cannot_be_is_told_by_its_order(
    shop: Street, sold: Order, name: str, value: object
) -> None:
    shop.shop.ask_refund(sold, sold.lines[0])

    def spoil(told: dict[str, Any]) -> None:
        told["refunds_receive_get_response"]["refunds"]["refund"][0][name] = value

    shop.mouth.change = spoil
    page = await CHANNEL.refunds(shop.link, lately(shop))
    assert page.members == []
    assert [error.facts["order"] for error in page.wrong] == [sold.order_id]


async def one_line(shop: Street, **fields: str) -> ShopOrder:
    """Read an order of one line of 140 yuan, told with these amounts."""
    sold = shop.shop.sell((shop.shop.offer("年卡", 14000), 1))

    def tell(told: dict[str, Any]) -> None:
        trade = told["trade_fullinfo_get_response"]["trade"]
        line = trade["orders"]["order"][0]
        del line["divide_order_fee"]
        trade["payment"] = line["payment"] = fields["payment"]
        trade["post_fee"] = fields["post_fee"]
        line |= {"divide_order_fee": fields["share"]} if "share" in fields else {}

    shop.mouth.change = tell
    return await CHANNEL.order(shop.link, sold.order_id)


async def test_postage_is_no_part_of_what_was_paid_for_a_line(shop: Street) -> None:
    shared = await one_line(shop, payment="148.00", post_fee="8.00", share="140.00")
    assert (shared.paid_e4, shared.lines[0].paid_e4) == (1400000, 1400000)
    untold = await one_line(shop, payment="148.00", post_fee="8.00")
    assert (untold.paid_e4, untold.lines[0].paid_e4) == (1400000, 1400000)
    with pytest.raises(ShopOrderWrong):
        await one_line(shop, payment="8.00", post_fee="9.00")
