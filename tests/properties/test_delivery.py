"""Whatever people, the platform and the network do, in whatever order: cards are sent once."""

import asyncio
import os
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, select

from kashu.access.keyring import Keyrings
from kashu.channels.ask import Outside, ask_platforms
from kashu.channels.channel import Can, Grant
from kashu.channels.connections import NewConnection, connect, keep_grant, set_mode
from kashu.channels.errors import ChannelDown, ChannelUnclear, NotShippable
from kashu.channels.kinds import Mode, Step
from kashu.channels.left_to_people import BY_MODE
from kashu.channels.listings import ListingChanges, change_listing, listings_by_name, see_listings
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.shop_orders import told_of
from kashu.channels.tables import shop_orders, stores
from kashu.core.clock import SHANGHAI
from kashu.core.db import APP_ROLE, Database
from kashu.core.errors import KashuError
from kashu.core.http import Http, NoClearAnswer, NotReached
from kashu.core.ids import new_id
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.delivery.by_hand import hand_over, try_again
from kashu.delivery.deliver import deliver_due
from kashu.delivery.publish import publish_stock
from kashu.orders.sweeps import fill_replenished, take_in_due
from kashu.simulators.shop import Clock, Order, OrderState, Refund, RefundState, Shop
from tests.conftest import MASTERS, make_tenant
from tests.delivery.conftest import LINK, Trade, shown_of
from tests.delivery.counterpart import ALL, ShopChannel
from tests.stock.builders import make_sku, make_supplier

EXAMPLES = int(os.environ.get("KASHU_TEST_DELIVERY_EXAMPLES", "12"))  # the long run: 200
STEPS = 14

CALLS = ("orders", "order", "send", "confirm", "refunds", "publish_stock")
NOTHING_DONE = (NotReached(host="t"), ChannelDown(channel="t", said="520"))
PERHAPS = (NoClearAnswer(host="t", why="timeout"), ChannelUnclear(channel="t", said="999"))
PLACES = st.integers(0, 1_000)  # which of the orders, refunds or items there are
COUNTS = st.integers(1, 3)
SWEEPS = st.permutations(["ask", "read", "take", "fill", "deliver", "publish"])
WAITS = frozenset({Step.UNMAPPED, Step.HELD, Step.TROUBLE})


class Delivery(RuleBasedStateMachine):
    """A shop with two items, the store that stands for it, and everything that can happen."""

    owner_url = ""
    confirms_itself = False  # whether sending the cards marks an order as shipped

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.trade: Trade
        self.database = Database(self.owner_url, role=APP_ROLE, pool_size=2)
        self.handed: set[str] = set()  # orders that a person delivered
        self.bought: dict[str, int] = {}  # line → units that it is at most
        self.done_at: dict[str, int] = {}  # line → how many cards were shown when it was paid back

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        tenant = await make_tenant(self.database, uuid4().hex)
        clock = Clock()
        shop = Shop("88001", "卡卡旗舰店", clock)
        can = ALL | {Can.SEND_CONFIRMS} if self.confirms_itself else ALL
        channel = ShopChannel(shop, can)
        keyrings, store_id = Keyrings(MASTERS), new_id()
        http = Http(private_allowed=True)
        outside = Outside({"taobao": channel}, http, Pace(), keyrings, clock)
        async with self.database.transaction(tenant.id) as tx:
            values = {"tenant_id": tenant.id, "id": store_id, "code": "tb", "name": "淘宝店"}
            await tx.execute(insert(stores).values(**values, channel="taobao"))
            sku_id = await make_sku(tx, tenant.id)
            await make_supplier(tx, tenant.id)
            wanted = NewConnection("app", Secret("s" * 32))
            await connect(tx, tenant.id, "test", "tb", wanted, masters=MASTERS)
            grant = Grant(f"shop-{tenant.id}", shop.name, Secret("token"))
            await keep_grant(tx, tenant.id, "test", store_id, grant, masters=MASTERS)
            await set_mode(tx, tenant.id, "test", "tb", Mode.AUTOMATIC)
        self.trade = Trade(
            self.database, tenant, keyrings, shop, channel, outside, clock, store_id, sku_id
        )
        self.items = [shop.offer("月卡", 1980), shop.offer("季卡 (2)", 5500)]
        await self.trade.stock(6)
        await self._map(0, mapped=True)
        await self._map(1, mapped=True)

    @property
    def orders(self) -> list[Order]:
        return list(self.trade.shop.orders.values())

    # what buyers do

    @rule(
        wanted=st.lists(st.tuples(st.integers(0, 1), COUNTS), min_size=1, max_size=2),
        paid=st.sampled_from([True, True, False]),
    )
    def buy(self, wanted: list[tuple[int, int]], paid: bool) -> None:
        bought = [(self.items[which], count) for which, count in wanted]
        order = self.trade.shop.sell(*bought, paid=paid)
        for line, (which, count) in zip(order.lines, wanted, strict=True):
            self.bought[line.line_id] = count * (1 + which)  # the second stands for two units

    @precondition(lambda self: self.orders)
    @rule(place=PLACES)
    def pay(self, place: int) -> None:
        unpaid = [order for order in self.orders if order.state is OrderState.UNPAID]
        if unpaid:
            self.trade.shop.pay(unpaid[place % len(unpaid)])

    @precondition(lambda self: self.orders)
    @rule(place=PLACES, part=st.sampled_from(["order", "line", "money"]))
    def ask_refund(self, place: int, part: str) -> None:
        order = self.orders[place % len(self.orders)]
        shop = self.trade.shop
        paid = order.state in {OrderState.PAID, OrderState.SHIPPED}
        if not paid or any(each.order is order for each in self.open_refunds()):
            return
        line = order.lines[place % len(order.lines)]
        back = [each.line for each in self.done_of(order)]
        left = order.paid_fen - sum(each.amount_fen for each in self.done_of(order))
        if part == "order":
            shop.ask_refund(order, amount_fen=left)
        elif part == "line" and not back:
            shop.ask_refund(order, line)
        elif part == "money" and left > 1:
            shop.ask_refund(order, amount_fen=left // 2)

    def open_refunds(self) -> list[Refund]:
        refunds = self.trade.shop.refunds.values()
        return [each for each in refunds if each.state is RefundState.ASKED]

    def done_of(self, order: Order) -> list[Refund]:
        refunds = self.trade.shop.refunds.values()
        done = [each for each in refunds if each.state is RefundState.DONE]
        return [each for each in done if each.order is order]

    @precondition(lambda self: self.trade.shop.refunds)
    @rule(place=PLACES, agree=st.booleans())
    def settle_refund(self, place: int, agree: bool) -> None:
        if asked := self.open_refunds():
            self.settle(asked[place % len(asked)], agree=agree)

    def settle(self, refund: Refund, *, agree: bool) -> None:
        order = refund.order
        self.trade.shop.settle_refund(refund, agree=agree)
        if not agree:
            return
        lines = [refund.line] if refund.line else order.lines
        whole = refund.line is not None or order.state is OrderState.CLOSED
        for line in lines if whole else ():
            self.done_at.setdefault(line.line_id, len(shown_of(order, line.line_id)))

    # what people do

    @precondition(lambda self: self.orders)
    @rule(place=PLACES)
    def ship_by_hand(self, place: int) -> None:
        order = self.orders[place % len(self.orders)]
        if order.state is OrderState.PAID:
            self.trade.shop.ship(order)
            self.handed.add(order.order_id)

    @rule(which=st.integers(0, 1), mapped=st.booleans())
    def map(self, which: int, mapped: bool) -> None:
        self.runner.run(self._map(which, mapped=mapped))

    async def _map(self, which: int, *, mapped: bool) -> None:
        trade, item = self.trade, self.items[which]
        async with trade.database.transaction(trade.tenant.id) as tx:
            listed = (await trade.channel.listings(LINK)).members
            await see_listings(tx, trade.tenant.id, trade.store_id, listed)
            name = (trade.store_id, item.item_id, item.sku_id)
            listing = (await listings_by_name(tx, trade.tenant.id, [name]))[name]
            sku_id = trade.sku_id if mapped else None
            changes = ListingChanges(sku_id=sku_id, units=1 + which)
            await change_listing(tx, trade.tenant.id, "test", listing.id, changes)

    @rule(mode=st.sampled_from(Mode))
    def switch(self, mode: Mode) -> None:
        self.runner.run(self._switch(mode))

    async def _switch(self, mode: Mode) -> None:
        async with self.database.transaction(self.trade.tenant.id) as tx:
            await set_mode(tx, self.trade.tenant.id, "test", "tb", mode)

    @rule(count=COUNTS)
    def restock(self, count: int) -> None:
        self.runner.run(self.trade.stock(count))

    @precondition(lambda self: self.orders)
    @rule(place=PLACES, by_hand=st.booleans())
    def look_after(self, place: int, by_hand: bool) -> None:
        order = self.orders[place % len(self.orders)]
        self.runner.run(self._look_after(order, by_hand=by_hand))

    async def _look_after(self, order: Order, *, by_hand: bool) -> None:
        tenant_id = self.trade.tenant.id
        try:
            async with self.database.transaction(tenant_id) as tx:
                wanted = select(shop_orders.c.id).where(
                    shop_orders.c.tenant_id == tenant_id, shop_orders.c.number == order.order_id
                )
                known_id = (await tx.execute(wanted)).scalar_one_or_none()
                if known_id is not None:
                    verb = hand_over if by_hand else try_again
                    await verb(tx, tenant_id, "test", known_id)
                    if by_hand:
                        self.handed.add(order.order_id)
        except KashuError:
            return  # it isn't in a state for that

    @rule(take_over=st.booleans())
    def release(self, take_over: bool) -> None:
        self.runner.run(self.trade.release_all(take_over=take_over))

    # what goes wrong

    @rule(call=st.sampled_from(CALLS), error=st.sampled_from(NOTHING_DONE + PERHAPS))
    def fail_before(self, call: str, error: Exception) -> None:
        self.trade.channel.break_before(call, error)

    @rule(call=st.sampled_from(["send", "confirm"]), error=st.sampled_from(PERHAPS))
    def fail_after(self, call: str, error: Exception) -> None:
        self.trade.channel.break_after(call, error)

    @rule(call=st.sampled_from(["send", "confirm"]))
    def refuse(self, call: str) -> None:
        refused = NotShippable(channel="t", said="-86", order="1")
        self.trade.channel.break_before(call, refused)

    @rule(
        wanted=st.lists(st.tuples(st.integers(0, 1), COUNTS), min_size=1, max_size=2),
        call=st.sampled_from(["send", "confirm"]),
        error=st.sampled_from(PERHAPS),
    )
    def buy_while_answers_are_lost(
        self, wanted: list[tuple[int, int]], call: str, error: Exception
    ) -> None:
        self.buy(wanted=wanted, paid=True)
        self.fail_after(call=call, error=error)
        self.work(sweeps=["ask", "take", "fill", "deliver"], wait_s=6)

    # what we do

    @rule(sweeps=SWEEPS, wait_s=st.sampled_from([0, 6, 600]))
    def work(self, sweeps: list[str], wait_s: int) -> None:
        self.trade.clock.advance(timedelta(seconds=wait_s))
        for sweep in sweeps:
            self.runner.run(self._sweep(sweep))

    @precondition(lambda self: self.orders)
    @rule(place=PLACES)
    def push(self, place: int) -> None:
        self.runner.run(self._push(self.orders[place % len(self.orders)]))

    async def _push(self, order: Order) -> None:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            await told_of(tx, trade.tenant.id, trade.store_id, [order.order_id])

    async def _sweep(self, sweep: str) -> None:
        trade = self.trade
        database, tenant_id, outside = trade.database, trade.tenant.id, trade.outside
        match sweep:
            case "ask":
                await ask_platforms(database, tenant_id, outside)
            case "read":
                await read_incomplete(database, tenant_id, outside)
            case "take":
                await take_in_due(database, tenant_id, SHANGHAI, trade.clock)
            case "fill":
                await fill_replenished(database, tenant_id, SHANGHAI, trade.clock)
            case "deliver":
                await deliver_due(database, tenant_id, outside)
            case _:
                await publish_stock(database, tenant_id, SHANGHAI, outside)

    # what always holds

    @invariant()
    def nobody_has_two_buyers_cards(self) -> None:
        owners = Counter(
            card for order in self.orders for card in {shown.split()[1] for shown in order.shown}
        )
        assert not [card for card, count in owners.items() if count > 1]

    @invariant()
    def nobody_gets_more_than_was_bought(self) -> None:
        for order in self.orders:
            for line in order.lines:
                assert len(shown_of(order, line.line_id)) <= self.bought[line.line_id]

    @invariant()
    def nothing_new_is_shown_after_a_refund(self) -> None:
        for order in self.orders:
            for line in order.lines:
                if line.line_id in self.done_at:
                    count = len(shown_of(order, line.line_id))
                    assert count == self.done_at[line.line_id], "a card after its money was back"

    def teardown(self) -> None:
        try:
            if hasattr(self, "trade"):
                self.runner.run(self._settle())
        finally:
            self.runner.run(self.database.close())
            self.runner.close()

    async def _settle(self) -> None:
        """Put right what people would, let time pass, and see that nothing is left lying."""
        trade = self.trade
        await self._switch(Mode.AUTOMATIC)
        for _ in range(2):  # first with the faults that are still to come
            for sweep in ("ask", "take", "fill", "deliver"):
                await self._sweep(sweep)
            trade.clock.advance(timedelta(seconds=6))
        trade.channel.before.clear()
        trade.channel.after.clear()
        for refund in self.open_refunds():
            self.settle(refund, agree=True)
        for which in (0, 1):
            await self._map(which, mapped=True)
        await trade.stock(sum(self.bought.values()))
        for _ in range(4):
            trade.clock.advance(timedelta(minutes=11))
            await trade.release_all(take_over=True)
            for sweep in ("ask", "read", "ask", "take", "fill", "deliver", "publish"):
                await self._sweep(sweep)
        await trade.assert_sound()
        for order in self.orders:
            await self._assert_done(order)

    async def _assert_done(self, order: Order) -> None:
        step, said = await self.trade.step(order)
        if order.state is OrderState.UNPAID:
            assert step == Step.SEEN
            return
        assert step not in {Step.SEEN, Step.DUE, Step.SENT}, (step, said)
        assert self.done_of(order) or not {step, said} & {Step.SHADOWED, *BY_MODE}, "left lying"
        if step in WAITS or step == Step.TAKEN:
            assert said, (step, said)
        if step == Step.CONFIRMED and order.order_id not in self.handed:
            for line in order.lines:
                if not self.done_of(order):
                    shown = shown_of(order, line.line_id)
                    assert len(shown) == self.bought[line.line_id], "confirmed, and not delivered"
            assert order.shipments == 1
        touched = order.shown or order.order_id in self.handed
        if order.state is OrderState.CLOSED and not touched and len(order.lines) == 1:
            assert step == Step.ENDED, (step, said)
        if step == Step.ENDED and not self.done_of(order):
            assert order.order_id in self.handed, "a paid order was given up"


class DeliveryConfirmsItself(Delivery):
    """A platform where sending the cards marks the order as shipped."""

    confirms_itself = True


LIMITS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_cards_are_sent_once_whatever_happens(owner_url: str, database: Database) -> None:
    del database  # it is empty
    Delivery.owner_url = owner_url
    run_state_machine_as_test(Delivery, settings=LIMITS)


def test_cards_are_sent_once_where_sending_confirms(owner_url: str, database: Database) -> None:
    del database  # it is empty
    DeliveryConfirmsItself.owner_url = owner_url
    run_state_machine_as_test(DeliveryConfirmsItself, settings=LIMITS)
