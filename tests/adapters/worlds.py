"""Worlds for the conformance checks: our simulators, each speaking its platform's own protocol."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from kashu.adapters.channels.agiso import AgisoChannel
from kashu.adapters.channels.jd import JdChannel
from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.adapters.channels.weidian import WeidianChannel
from kashu.adapters.channels.youzan import YouzanChannel
from kashu.channels.channel import (
    App,
    Channel,
    Grant,
    Link,
    PushRequest,
    ShopRefundState,
    ShopState,
)
from kashu.channels.conformance import Offered, Sold, Trouble
from kashu.core.http import Http
from kashu.core.money import FEN
from kashu.core.secrets import Secret
from kashu.core.sockets import Sockets
from kashu.simulators import agiso, jd, pinduoduo, taobao, weidian, youzan
from kashu.simulators.faults import Fault, Faults
from kashu.simulators.serving import serving
from kashu.simulators.shop import Item, Order, OrderState, Shop

Permit = Callable[[Shop], str]
Signed = Callable[[Shop, Order], PushRequest]


@dataclass(frozen=True, slots=True)
class Platform:
    """A simulator with a shop on it, and what is its own about it."""

    app: Any
    key: str
    secret: str
    token: Callable[[], str]
    permit: Permit
    revoke: Callable[[str], None]
    options: Mapping[str, str] = field(default_factory=dict)
    lines_max: int = 50
    push: Signed | None = None
    forge: Callable[[Shop, Order], Sequence[PushRequest]] | None = None
    before_looking: Callable[[], None] | None = None  # reviews of the platform's
    by_card: Callable[[Order], None] = lambda _: None  # its cards are shown by the platform


class SimulatedWorld:
    """A simulated shop as a World."""

    def __init__(self, shop: Shop, platform: Platform, link: Link) -> None:
        self.shop = shop
        self.platform = platform
        self._link = link
        self._codes = count(1)

    @property
    def link(self) -> Link:
        return self._link

    @property
    def stranger(self) -> Link:
        assert self._link.grant is not None
        grant = replace(self._link.grant, access_token=Secret("nobodys-token"))
        return replace(self._link, grant=grant)

    @property
    def sockets(self) -> Sockets:
        return Sockets(private_allowed=True)

    @property
    def lines_max(self) -> int:
        return self.platform.lines_max

    async def offer(self, title: str, price_e4: int) -> Offered:
        code = f"K-{next(self._codes)}"
        item = self.shop.offer(title, price_e4 // FEN, properties="月卡", merchant_code=code)
        return Offered(item.item_id, item.sku_id, title, code, price_e4)

    async def sell(
        self,
        wanted: Sequence[tuple[Offered, int]],
        *,
        note: str = "",
        paid: bool = True,
        by_card: bool = False,
    ) -> Sold:
        items = [(self._item(offered), quantity) for offered, quantity in wanted]
        order = self.shop.sell(*items, note=note, paid=paid)
        if by_card:
            self.platform.by_card(order)
        return Sold(order.order_id, tuple(wanted), order.paid_fen * FEN)

    async def put(self, sold: Sold, state: ShopState) -> None:
        self.shop.set_state(self._order(sold), OrderState(state.value))

    async def spoil(self, sold: Sold) -> None:
        self._order(sold).lines[0].quantity = 0

    async def pass_time(self, by: timedelta) -> None:
        self.shop.now.advance(by)

    async def shown(self, sold: Sold) -> str:
        order = self._order(sold)
        return "\n".join([*order.shown, order.memo])

    async def shipments(self, sold: Sold) -> int:
        return self._order(sold).shipments

    async def on_offer(self, offered: Offered) -> tuple[int, int]:
        if self.platform.before_looking is not None:
            self.platform.before_looking()
        item = self._item(offered)
        return item.quantity, item.price_fen * FEN

    async def ask_refund(self, sold: Sold, line: int | None = None) -> str:
        order = self._order(sold)
        of = None if line is None else order.lines[line]
        return self.shop.ask_refund(order, of).refund_id

    async def settle_refund(self, number: str, *, agree: bool) -> None:
        self.shop.settle_refund(self.shop.refunds[number], agree=agree)

    async def refund_state(self, number: str) -> ShopRefundState:
        return ShopRefundState(self.shop.refunds[number].state.value)

    async def meet(self, *troubles: Trouble) -> None:
        self.platform.app.faults.order(*(Fault(trouble.value) for trouble in troubles))

    async def revoke(self) -> None:
        assert self._link.grant is not None
        self.platform.revoke(self._link.grant.access_token.clear)

    async def permit(self) -> str:
        return self.platform.permit(self.shop)

    async def push(self, sold: Sold) -> PushRequest:
        assert self.platform.push is not None
        return self.platform.push(self.shop, self._order(sold))

    async def forge(self, sold: Sold) -> Sequence[PushRequest]:
        assert self.platform.forge is not None
        return self.platform.forge(self.shop, self._order(sold))

    async def tell_again(self) -> None:
        self.platform.app.mail.box.forget_tellings()

    def _order(self, sold: Sold) -> Order:
        return self.shop.orders[sold.order_id]

    def _item(self, offered: Offered) -> Item:
        return self.shop.items[offered.item_id, offered.sku_id]


def _youzan(shop: Shop) -> Platform:
    simulator = youzan.YouzanSimulator(shop, faults=Faults(silent_s=0.05), virtual=False, own=False)
    stranger = youzan.YouzanSimulator(shop, client_secret="another")

    def push(shop: Shop, order: Order) -> PushRequest:
        body, headers = simulator.push(shop, order)
        return PushRequest("POST", "/pushes", "", headers, body)

    def forge(shop: Shop, order: Order) -> list[PushRequest]:
        body, headers = stranger.push(shop, order)
        good = push(shop, order)
        return [
            PushRequest("POST", "/pushes", "", headers, body),
            replace(good, body=good.body.replace(order.order_id.encode(), b"1")),
            replace(good, headers={}),
        ]

    return Platform(
        simulator,
        youzan.CLIENT_ID,
        youzan.CLIENT_SECRET,
        token=lambda: simulator.grant(shop)[0],
        permit=simulator.permit,
        revoke=lambda _: simulator.withdraw(shop),
        options={
            "memo": "cards",
            "authorize_at": "https://youzan.example/permit?back={redirect}&state={state}",
        },
        push=push,
        forge=forge,
    )


def _pinduoduo(shop: Shop) -> Platform:
    simulator = pinduoduo.PinduoduoSimulator(shop, faults=Faults(silent_s=0.05))
    return Platform(
        simulator,
        pinduoduo.CLIENT_ID,
        pinduoduo.CLIENT_SECRET,
        token=lambda: simulator.grant(shop)[0],
        permit=simulator.permit,
        revoke=lambda _: simulator.withdraw(shop),
        options={"logistics_id": "999", "tracking_number": "V{order}", "messages": "socket"},
        lines_max=1,
        before_looking=simulator.approve_prices,
    )


def _jd(shop: Shop) -> Platform:
    simulator = jd.JdSimulator(shop, faults=Faults(silent_s=0.05))
    return Platform(
        simulator,
        jd.APP_KEY,
        jd.APP_SECRET,
        token=lambda: simulator.grant(shop)[0],
        permit=simulator.permit,
        revoke=lambda _: simulator.withdraw(shop),
        by_card=lambda order: simulator.loc.add(order.order_id),
    )


def _taobao(shop: Shop) -> Platform:
    simulator = taobao.TaobaoSimulator(shop, faults=Faults(silent_s=0.05))
    stranger = taobao.TaobaoSimulator(shop, notice_key="another")
    form = {"content-type": "application/x-www-form-urlencoded"}

    def posted(body: bytes) -> PushRequest:
        return PushRequest("POST", "/pushes", "", form, body)

    return Platform(
        simulator,
        taobao.APP_KEY,
        taobao.APP_SECRET,
        token=lambda: simulator.token(shop),
        permit=simulator.code,
        revoke=simulator.withdraw,
        options={
            "vouchers": "first_generation",
            "voucher_notice_key": taobao.NOTICE_KEY,
            "messages": "socket",
        },
        push=lambda shop, order: posted(simulator.voucher_notice(order, shop)),
        forge=lambda shop, order: [posted(stranger.voucher_notice(order, shop))],
    )


def _weidian(shop: Shop) -> Platform:
    simulator = weidian.WeidianSimulator(shop, faults=Faults(silent_s=0.05))

    def pushed(key: str) -> Signed:
        def push(shop: Shop, order: Order) -> PushRequest:
            body = simulator.push(shop, order, "already_payment")
            return PushRequest("POST", "/pushes", f"key={key}" if key else "", {}, body)

        return push

    forged = [pushed(""), pushed("another")]
    return Platform(
        simulator,
        weidian.APP_KEY,
        weidian.APP_SECRET,
        token=lambda: simulator.grant(shop)[0],
        permit=simulator.permit,
        revoke=lambda _: simulator.withdraw(shop),
        options={"push_key": "k7Qm2xV9sR4tB8nE"},
        push=pushed("k7Qm2xV9sR4tB8nE"),
        forge=lambda shop, order: [push(shop, order) for push in forged],
    )


def _agiso(shop: Shop) -> Platform:
    simulator = agiso.AgisoSimulator(shop, faults=Faults(silent_s=0.05))
    stranger = agiso.AgisoSimulator(shop, app_secret="another")

    def pushed(by: agiso.AgisoSimulator) -> Signed:
        def push(shop: Shop, order: Order) -> PushRequest:
            body, query = by.push_paid(shop, order)
            return PushRequest("POST", "/pushes", query, {}, body)

        return push

    return Platform(
        simulator,
        agiso.APP_ID,
        agiso.APP_SECRET,
        token=lambda: simulator.grant(shop),
        permit=simulator.permit,
        revoke=lambda _: simulator.withdraw(shop),
        options={"platform": "pinduoduo"},
        lines_max=1,
        push=pushed(simulator),
        forge=lambda shop, order: [pushed(stranger)(shop, order)],
    )


@dataclass(frozen=True, slots=True)
class Proved:
    """An adapter, and the platform it is proved against."""

    channel: Channel
    on: Callable[[Shop], Platform]


PROVED = (
    Proved(TaobaoChannel(), _taobao),
    Proved(JdChannel(), _jd),
    Proved(PinduoduoChannel(), _pinduoduo),
    Proved(YouzanChannel(), _youzan),
    Proved(WeidianChannel(), _weidian),
    Proved(AgisoChannel(), _agiso),
)


@asynccontextmanager
async def world_of(proved: Proved) -> AsyncIterator[SimulatedWorld]:
    """Open a shop on the platform."""
    shop = Shop("20260308", "卡枢旗舰店")
    platform = proved.on(shop)
    http = Http(private_allowed=True)
    async with serving(platform.app) as url:
        app = App(platform.key, Secret(platform.secret), url, platform.options)
        grant = Grant(shop.shop_id, shop.name, Secret(platform.token()))
        try:
            yield SimulatedWorld(shop, platform, Link(app, grant, http, shop.now))
        finally:
            await http.close()
