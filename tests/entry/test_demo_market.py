"""The demo's market has something for a person to do: what nobody has mapped is sold, too."""

from datetime import UTC, datetime
from typing import Any, cast

from kashu.entry.demo.market import GOODS, NEW_AT, NEW_TITLE, Market
from kashu.entry.demo.shop import STORES
from kashu.entry.simulation.buyers import Trade
from kashu.entry.simulation.town import open_town
from kashu.simulators.shop import OrderState


async def test_a_few_buy_what_has_no_code_of_ours_and_the_crowd_does_not() -> None:
    codes = {channel: code for code, (_, channel) in STORES.items()}
    nothing = cast("Any", None)
    async with open_town(GOODS, codes=codes) as town:
        market = Market(nothing, nothing, town, {}, nothing, {}, datetime.now(UTC))
        await market.sell_something_new(pauses_s=(0.0, 0.0, 0.0))
        [shop] = [stall.shop for stall in town.stalls if stall.code == NEW_AT]
        [new] = [item for item in shop.items.values() if item.title == NEW_TITLE]
        assert not new.merchant_code
        assert [order.state for order in shop.orders.values()] == [OrderState.PAID] * 3
        buyers = market.buyers(Trade(1_000.0, 60.0, asked_back=0.0, each=40))
        await buyers.buy()
        wanted = [line.item for _, order in buyers.bought for line in order.lines]
    assert len(wanted) == 40 * len(town.stalls)
    assert new not in wanted
