"""Wholesale: three simulated suppliers on this machine: one instant, one slow, one cheap and flaky.

Each speaks a real protocol. The flaky one loses answers after it has charged: its orders are in
doubt until they are asked about. Nothing else goes wrong there, so nobody may buy anything twice.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from kashu.access.tenants import Tenant
from kashu.catalog.reads import skus_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.secrets import Secret
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import Said, set_rule
from kashu.simulators.serving import serving
from kashu.simulators.suppliers import kasushou, kayixin, xingquanyi
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import House, State
from kashu.simulators.suppliers.simulator import SupplierSimulator
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.add import add_supplier
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.map_offers import MapOutcome, OfferMapping, map_offers
from kashu.suppliers.offers import offers_by_ref
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.read_prices import read_prices

ACTOR: Final = "cli"
DEPOSIT_E4: Final = 10**10  # with each of them
LOOK_EVERY_S: Final = 0.02  # for orders that are to end
SILENT_S: Final = 2.0  # until a gateway gives up
INSTANT, SLOW, FLAKY = "sim-instant", "sim-slow", "sim-flaky"

# Of a hundred orders at the flaky one, so many answers are lost in each way; all were charged.
LOST: Final[Mapping[Fault, float]] = {
    Fault.SILENT_AFTER: 0.10,
    Fault.ERROR_AFTER: 0.05,
    Fault.EMPTY: 0.05,
}


@dataclass(frozen=True, slots=True)
class Ware:
    """Something that all three sell: our code for it, and what the dearest asks."""

    sku: str
    title: str
    cost_e4: int


@dataclass(slots=True)
class Wholesaler:
    """One supplier, how we are known there, and how long its orders take."""

    code: str
    name: str
    protocol: str
    account: str
    secret: str = field(repr=False)
    shop: SupplierSimulator
    takes: timedelta = timedelta()
    cost_percent: int = 100  # of the dearest's
    url: str = ""
    supplier_id: UUID | None = None
    refs: dict[str, str] = field(default_factory=dict)  # their product to our code

    @property
    def house(self) -> House:
        """Its goods and orders."""
        return self.shop.house

    @property
    def taken_e4(self) -> int:
        """The money that it took and kept."""
        return sum(order.charged_e4 - order.refunded_e4 for order in self.house.orders)


@dataclass(slots=True)
class Wholesale:
    """The three of them."""

    sellers: Sequence[Wholesaler]

    def by_code(self, code: str) -> Wholesaler:
        """One of them."""
        return next(each for each in self.sellers if each.code == code)

    def lose_answers(self, rates: Mapping[Fault, float]) -> None:
        """Have the flaky one lose so many answers from now on."""
        self.by_code(FLAKY).shop.faults.placing_rates = dict(rates)

    def bought(self) -> Counter[str]:
        """How often each of our numbers was ordered there, and not given back."""
        return Counter(
            order.number
            for each in self.sellers
            for order in each.house.orders
            if order.state is not State.FAILED
        )


def _instant(house: House) -> SupplierSimulator:
    shop = xingquanyi.XingquanyiSimulator(house, Faults(1), limited=False)
    shop.instant = True
    return shop


def _sellers() -> tuple[Wholesaler, ...]:
    instant, slow, flaky = (House(seed=seed, balance_e4=DEPOSIT_E4) for seed in (101, 102, 103))
    made = (
        Wholesaler(
            INSTANT,
            "即时货源（模拟）",
            "xingquanyi",
            xingquanyi.CUSTOMER_ID,
            xingquanyi.KEY,
            _instant(instant),
        ),
        Wholesaler(
            SLOW,
            "慢速异步货源（模拟）",
            "kasushou",
            kasushou.USER_ID,
            kasushou.API_KEY,
            kasushou.KasushouSimulator(slow, Faults(2)),
            takes=timedelta(seconds=2),
            cost_percent=97,
        ),
        Wholesaler(
            FLAKY,
            "便宜但不稳的货源（模拟）",
            "kayixin",
            kayixin.APP_ID,
            kayixin.APP_SECRET,
            kayixin.KayixinSimulator(flaky, Faults(3, silent_s=SILENT_S)),
            cost_percent=94,
        ),
    )
    for each, latency_s in zip(made, (0.05, 0.2, 0.05), strict=True):
        each.shop.faults.latency_s = latency_s
    return made


@asynccontextmanager
async def open_wholesale(wares: Sequence[Ware], cards: int) -> AsyncIterator[Wholesale]:
    """Serve the three while the block runs, each with so many cards of everything."""
    sellers = _sellers()
    async with AsyncExitStack() as stack:
        for seller in sellers:
            for ware in wares:
                cost_e4 = ware.cost_e4 * seller.cost_percent // 100
                good = seller.house.offer(ware.title, cost_e4, stock=cards)
                seller.refs[str(good.good_id)] = ware.sku
            seller.url = await stack.enter_async_context(serving(seller.shop))
        ending = [asyncio.create_task(_end_orders(each)) for each in sellers]
        try:
            yield Wholesale(sellers)
        finally:
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)


async def _end_orders(seller: Wholesaler) -> None:
    """Bring each order to its end after its time; they take the same, so in order."""
    ended = 0
    while True:
        due = seller.house.now() - seller.takes
        orders = seller.house.orders
        while ended < len(orders) and orders[ended].made_at <= due:
            seller.house.settle_one(orders[ended])
            ended += 1
        await asyncio.sleep(LOOK_EVERY_S)


async def connect_wholesale(
    database: Database, tenant: Tenant, upstreams: Upstreams, wholesale: Wholesale
) -> None:
    """Deal with the three: a deposit with each, their offers mapped, each with its share."""
    async with database.transaction(tenant.id) as tx:
        for seller in wholesale.sellers:
            await _connect(tx, tenant, upstreams, seller)
        shares = {each.supplier_id: 1 for each in wholesale.sellers if each.supplier_id}
        warehouse = (await list_warehouses(tx, tenant.id))[0]
        limits = Limits(warehouse_id=warehouse.id, margin_min_ppm=0)
        await set_rule(tx, tenant.id, ACTOR, Scope(), limits, said=Said(shares=shares))
    await read_prices(database, tenant.id, upstreams)
    async with database.transaction(tenant.id) as tx:
        for seller in wholesale.sellers:
            await _map(tx, tenant, seller)


async def _connect(tx: Tx, tenant: Tenant, upstreams: Upstreams, seller: Wholesaler) -> None:
    added = await add_supplier(tx, tenant.id, ACTOR, code=seller.code, name=seller.name)
    seller.supplier_id = added.id
    login = NewConnection(seller.protocol, seller.account, Secret(seller.secret), seller.url)
    masters = upstreams.keyrings.masters
    await connect(tx, tenant.id, ACTOR, seller.code, login, masters=masters)
    deposit = Transfer(
        Account(AccountKind.PREPAID, added.id),
        Account(AccountKind.CASH),
        DEPOSIT_E4,
        0,
        "deposit",
        added.id,
        supplier_id=added.id,
    )
    await post(tx, tenant.id, [deposit], posted_on=day_of(now(), tenant.timezone))


async def _map(tx: Tx, tenant: Tenant, seller: Wholesaler) -> None:
    assert seller.supplier_id is not None
    offers = await offers_by_ref(tx, tenant.id, seller.supplier_id, seller.refs)
    skus = await skus_by_code(tx, tenant.id, set(seller.refs.values()))
    wanted = [OfferMapping(offers[ref].id, skus[code].id) for ref, code in seller.refs.items()]
    outcomes = await map_offers(tx, tenant.id, ACTOR, wanted, at=now(), despite=True)
    assert set(outcomes) == {MapOutcome.MAPPED}, outcomes
