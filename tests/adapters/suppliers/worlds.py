"""Worlds for the conformance checks: our simulators, each speaking its supplier's own protocol.

A module `world_<protocol>.py` beside this one has `PROVED`: the adapters that it proves.
"""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from kashu.core.errors import OutsideError
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers import house
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Asked, Good, House, Order, State
from kashu.simulators.suppliers.simulator import SupplierSimulator
from kashu.suppliers.conformance import Fate, Made, Offered, Trouble
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Link, Login, NoticeRequest, OrderState, Upstream

NOTICE_URL = "https://merchant.example/notices/1/T0k3nT0k3nT0k3nT0k3nT0k3n"
STATES = {
    State.UNDER_WAY: OrderState.PROCESSING,
    State.SUCCEEDED: OrderState.SUCCEEDED,
    State.FAILED: OrderState.FAILED,
    State.REFUNDED: OrderState.REFUNDED,
}
TROUBLES = frozenset(Trouble)
FATES = frozenset(Fate)


def text_card(card: house.Card) -> BoughtCard:
    """A card where the supplier gives one text."""
    return BoughtCard(password=card.text)


def pair_card(card: house.Card) -> BoughtCard:
    """A card where the supplier gives number and password."""
    return BoughtCard(number=card.number, password=card.password)


@dataclass(frozen=True, slots=True)
class Side:
    """A simulator, and what is its own about it."""

    app: SupplierSimulator
    account: str
    secret: str
    options: Mapping[str, str] = field(default_factory=dict)
    ref: Callable[[Good], str] = lambda good: str(good.good_id)
    their_number: Callable[[Order], str] = lambda order: str(order.order_id)
    card: Callable[[house.Card], BoughtCard] = text_card
    brings: frozenset[Trouble] = TROUBLES
    fates: frozenset[Fate] = FATES
    refusals: Mapping[str, type[OutsideError]] = field(default_factory=dict)
    checks_clock: bool = False
    step_e4: int = 100
    bad_account: str = ""
    # By kind, what orders are asked to fill in, and the texts that are right.
    asked: Mapping[Goods, Sequence[tuple[Asked, str]]] = field(default_factory=dict)
    notice: Callable[[Order], NoticeRequest] | None = None
    forge: Callable[[Order], Sequence[NoticeRequest]] = lambda _: ()
    path: str = ""  # after the server's address, where a supplier's base URL has one
    stranger_secret: str = "nobodys-secret-0000000000000000"[:32]
    stranger_options: Mapping[str, str] | None = None  # None: as ours


class SimulatedWorld:
    """A simulated supplier as a World."""

    def __init__(self, house: House, side: Side, link: Link) -> None:
        self.house = house
        self.side = side
        self._link = link

    @property
    def link(self) -> Link:
        return self._link

    @property
    def stranger(self) -> Link:
        login = replace(self._link.login, secret=Secret(self.side.stranger_secret))
        if self.side.stranger_options is not None:
            login = replace(login, options=self.side.stranger_options)
        return replace(self._link, login=login)

    @property
    def brings(self) -> frozenset[Trouble]:
        return self.side.brings

    @property
    def fates(self) -> frozenset[Fate]:
        return self.side.fates

    @property
    def refusals(self) -> Mapping[str, type[OutsideError]]:
        return self.side.refusals

    @property
    def checks_clock(self) -> bool:
        return self.side.checks_clock

    @property
    def step_e4(self) -> int:
        return self.side.step_e4

    @property
    def bad_account(self) -> str:
        return self.side.bad_account

    @property
    def notice_url(self) -> str:
        return NOTICE_URL

    async def offer(
        self,
        title: str,
        unit_cost_e4: int,
        *,
        goods: Goods = Goods.CARD,
        stock: int = 20,
        cards: Sequence[tuple[str, str]] = (),
    ) -> Offered:
        asked = self.side.asked.get(goods, ())
        good = self.house.offer(
            title,
            unit_cost_e4,
            kind=house.Kind(goods.value),
            stock=stock,
            cards=[house.Card(number, password) for number, password in cards],
            asked=[each for each, _ in asked],
        )
        inputs = {each.key: text for each, text in asked}
        return Offered(self.side.ref(good), title, goods, unit_cost_e4, inputs)

    async def withdraw(self, offered: Offered) -> None:
        self.good_of(offered).on_sale = False

    async def set_money(self, amount_e4: int) -> None:
        self.house.balance_e4 = amount_e4

    async def money(self) -> int:
        return self.house.balance_e4

    async def plan(self, fate: Fate) -> None:
        self.house.fates.append(house.Fate(fate.value))

    async def settle(self) -> None:
        self.house.settle()

    async def orders(self) -> Sequence[Made]:
        return [
            Made(
                order.number,
                self.side.their_number(order),
                self.side.ref(order.good),
                order.quantity,
                STATES[order.state],
                order.charged_e4,
                order.refunded_e4,
                tuple(self.side.card(card) for card in order.given),
            )
            for order in self.house.orders
        ]

    async def meet(self, *troubles: Trouble, placing: bool = False) -> None:
        faults = [Fault(trouble.value) for trouble in troubles]
        self.side.app.faults.order(*faults, placing=placing)

    async def refuse(self, word: str) -> None:
        self.house.refusals.append(word)

    async def pass_time(self, by: timedelta) -> None:
        self.house.now.advance(by)

    async def notice(self, number: str) -> NoticeRequest:
        assert self.side.notice is not None
        return self.side.notice(self._order(number))

    async def forge(self, number: str) -> Sequence[NoticeRequest]:
        return self.side.forge(self._order(number))

    def good_of(self, offered: Offered) -> Good:
        goods = self.house.goods.values()
        return next(good for good in goods if self.side.ref(good) == offered.ref)

    def _order(self, number: str) -> Order:
        order = self.house.of_number(number)
        assert order is not None
        return order


@dataclass(frozen=True, slots=True)
class Proved:
    """An adapter, and the supplier it is proved against."""

    upstream: Upstream
    on: Callable[[House, Faults], Side]


@asynccontextmanager
async def world_of(proved: Proved) -> AsyncIterator[SimulatedWorld]:
    """Open a supplier's house."""
    there = House()
    side = proved.on(there, Faults(silent_s=0.05, drip_s=0.01))
    http = Http(private_allowed=True)
    async with serving(side.app) as url:
        login = Login(side.account, Secret(side.secret), url + side.path, side.options)
        try:
            yield SimulatedWorld(there, side, Link(login, http, there.now))
        finally:
            await http.close()


def all_proved() -> tuple[Proved, ...]:
    """Collect what the modules beside this one prove."""
    here = Path(__file__).parent
    names = sorted(each.name for each in pkgutil.iter_modules([str(here)]))
    modules = [
        importlib.import_module(f"{__package__}.{name}")
        for name in names
        if name.startswith("world_")
    ]
    return tuple(proved for module in modules for proved in module.PROVED)
