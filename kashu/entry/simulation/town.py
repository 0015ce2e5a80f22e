"""A town: one shop on each of the five platforms, all served on this machine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Final

from kashu.channels.kinds import ChannelKind
from kashu.simulators import jd, pinduoduo, pushes, taobao, weidian, youzan
from kashu.simulators.faults import App, Fault, Faults
from kashu.simulators.mailbox import Mailbox
from kashu.simulators.pushes import Write
from kashu.simulators.serving import serving
from kashu.simulators.shop import FIRST_ID, Clock, Order, Shop

PACK: Final = 3  # cards in the pack that is beside each single card
PACK_MARK: Final = ":"  # in a seller's own code, between the SKU and how many of it
FULL_SHELF: Final = 9_999

# Of a hundred orders, so many on each platform.
SHARES: Final[Mapping[ChannelKind, int]] = {
    ChannelKind.TAOBAO: 40,
    ChannelKind.PINDUODUO: 27,
    ChannelKind.WEIDIAN: 15,
    ChannelKind.JD: 9,  # its uploads take four calls each, of the fifty a second that we allow
    ChannelKind.YOUZAN: 9,  # which wants no more than thirty calls a second
}


@dataclass(frozen=True, slots=True)
class Goods:
    """Something that all shops of the town offer."""

    sku: str  # our code, which the sellers typed as theirs
    title: str
    price_fen: int


GOODS: Final = (
    Goods("mgtv-month", "芒果TV会员 月卡", 1_980),
    Goods("iqiyi-month", "爱奇艺黄金会员 月卡", 2_150),
    Goods("youku-quarter", "优酷会员 季卡", 5_200),
    Goods("tencent-video-year", "腾讯视频会员 年卡", 19_900),
)


class TownShop(Shop):
    """A shop that can be opened again under another's eyes."""

    def number_from_now(self) -> None:
        """Give ids from here on that no earlier run gave; what is for sale keeps its own."""
        self._ids = count(FIRST_ID + int(self.now().timestamp() * 1_000))


@dataclass(slots=True)
class Stall:
    """One shop, the platform it stands on, and how we are known there."""

    channel: ChannelKind
    shop: TownShop
    platform: App
    faults: Faults
    key: str
    secret: str = field(repr=False)
    options: Mapping[str, str]
    permit: Callable[[], str]  # the seller agrees: the code that goes back to the application
    base_url: str = ""
    code: str = ""  # of our store that is connected to it
    push: Write | None = None  # writes what the platform pushes, where it pushes
    box: Mailbox | None = None  # of what it tells over a line that we hold open
    by_hand: set[str] = field(default_factory=set)  # orders whose cards a person gave in a chat

    def __post_init__(self) -> None:
        """Be connected to a store of a name of its own, unless another is given."""
        self.code = self.code or f"sim-{self.channel.value}"

    def break_for(self, how_long: timedelta) -> None:
        """Be out of order for so long, lines and all; no time at all ends it."""
        self.faults.break_for(self.shop.now(), how_long)
        if self.box is not None:
            self.box.cut()
            asyncio.get_running_loop().call_later(how_long.total_seconds(), self._let_in)
            self._let_in()

    def _let_in(self) -> None:
        """Let nobody open a line while it is out of order, and anybody otherwise."""
        if self.box is not None:
            self.box.faults.away = self.faults.is_out(self.shop.now())


@dataclass(frozen=True, slots=True)
class Town:
    """All shops, on one clock."""

    stalls: Sequence[Stall]
    clock: Clock

    def break_at_random(self, rate: float) -> None:
        """Have each call meet each fault with this chance; 0 ends it."""
        self.set_rates(dict.fromkeys(Fault, rate) if rate else {})

    def set_rates(self, rates: Mapping[Fault, float]) -> None:
        """Have each call meet these faults with these chances, and no others."""
        for stall in self.stalls:
            stall.faults.rates = dict(rates)

    def break_for(self, how_long: timedelta, channels: Container[str]) -> None:
        """Have some platforms be out of order for so long; no time at all ends it."""
        for stall in self.stalls:
            if stall.channel in channels:
                stall.break_for(how_long)


@asynccontextmanager
async def open_town(
    goods: Sequence[Goods] = GOODS,
    *,
    first_port: int | None = None,
    silent_s: float = 30.0,
    seed: int = 1,
    lasting: bool = False,
    codes: Mapping[ChannelKind, str] | None = None,
    lines: bool = False,
) -> AsyncIterator[Town]:
    """Serve the five platforms while the block runs, on ports from `first_port` or any.

    `lasting`: who is connected may know orders of an earlier run, so no number comes again.
    `codes`: of the stores that are connected to them. `lines`: those platforms that tell what
    changes over a line are to be listened to. Raises: OSError, where a port is taken.
    """
    clock = Clock()
    stalls = [make(clock, Faults(seed, silent_s=silent_s)) for make in _MAKERS]
    async with AsyncExitStack() as stack:
        for place, stall in enumerate(stalls):
            _furnish(stall, goods)
            stall.code = (codes or {}).get(stall.channel, stall.code)
            if lines and stall.box is not None:
                stall.options = {**stall.options, "messages": "socket"}
            if lasting:
                stall.shop.number_from_now()
            port = None if first_port is None else first_port + place
            stall.base_url = await stack.enter_async_context(serving(stall.platform, port=port))
        yield Town(stalls, clock)


def _furnish(stall: Stall, goods: Sequence[Goods]) -> None:
    """Offer single cards and packs, as two variants of one item.

    No packs at JD: it takes as many codes as pieces were bought.
    """
    shop = stall.shop
    for each in goods:
        single = shop.offer(
            each.title,
            each.price_fen,
            properties="单张",
            merchant_code=each.sku,
            quantity=FULL_SHELF,
        )
        if stall.channel is ChannelKind.JD:
            continue
        shop.offer(
            each.title,
            each.price_fen * PACK,
            properties=f"{PACK}张装",
            merchant_code=f"{each.sku}{PACK_MARK}{PACK}",
            quantity=FULL_SHELF,
            item_id=single.item_id,
        )


def _taobao(clock: Clock, faults: Faults) -> Stall:
    shop = TownShop("2200000000001", "卡枢淘宝店", clock)
    platform = taobao.TaobaoSimulator(shop, faults=faults)
    return Stall(
        ChannelKind.TAOBAO,
        shop,
        platform,
        faults,
        taobao.APP_KEY,
        taobao.APP_SECRET,
        {},
        lambda: platform.code(shop),
        box=platform.mail.box,
    )


def _jd(clock: Clock, faults: Faults) -> Stall:
    """Its orders are of vouchers whose codes the seller uploads: no others can be sent a card."""
    shop = TownShop("20260308", "卡枢京东店", clock)
    platform = jd.JdSimulator(shop, faults=faults)

    def is_of_vouchers(order: Order) -> None:
        platform.loc.add(order.order_id)

    shop.watchers.append(is_of_vouchers)
    return Stall(
        ChannelKind.JD,
        shop,
        platform,
        faults,
        jd.APP_KEY,
        jd.APP_SECRET,
        {"states": "WAIT_SEND_CODE"},
        lambda: platform.permit(shop),
    )


def _pinduoduo(clock: Clock, faults: Faults) -> Stall:
    shop = TownShop("20260309", "卡枢拼多多店", clock)
    platform = pinduoduo.PinduoduoSimulator(shop, faults=faults)
    return Stall(
        ChannelKind.PINDUODUO,
        shop,
        platform,
        faults,
        pinduoduo.CLIENT_ID,
        pinduoduo.CLIENT_SECRET,
        {"logistics_id": "999", "tracking_number": "V{order}"},
        lambda: platform.permit(shop),
        box=platform.mail.box,
    )


def _youzan(clock: Clock, faults: Faults) -> Stall:
    shop = TownShop("40419900", "卡枢有赞店", clock)
    platform = youzan.YouzanSimulator(shop, faults=faults)
    return Stall(
        ChannelKind.YOUZAN,
        shop,
        platform,
        faults,
        youzan.CLIENT_ID,
        youzan.CLIENT_SECRET,
        {"shop": shop.shop_id},
        lambda: shop.shop_id,
        push=pushes.of_youzan(platform, shop),
    )


def _weidian(clock: Clock, faults: Faults) -> Stall:
    shop = TownShop("1703210001", "卡枢微店", clock)
    platform = weidian.WeidianSimulator(shop, faults=faults)
    return Stall(
        ChannelKind.WEIDIAN,
        shop,
        platform,
        faults,
        weidian.APP_KEY,
        weidian.APP_SECRET,
        {"push_key": pushes.WEIDIAN_KEY},
        lambda: platform.permit(shop),
        push=pushes.of_weidian(platform, shop),
    )


_MAKERS: Final = (_taobao, _jd, _pinduoduo, _youzan, _weidian)
