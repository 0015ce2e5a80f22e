"""Wholesale: three simulated suppliers on this machine: one instant, one slow, one cheap and flaky.

Each speaks a real protocol. The flaky one loses answers after it has charged: its orders are in
doubt until they are asked about. Nothing else goes wrong there, so nobody may buy anything twice.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from kashu.access.tenants import Tenant, all_tenants
from kashu.catalog.reads import skus_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.secrets import Secret
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import Said, set_rule
from kashu.simulators.serving import serving
from kashu.simulators.suppliers import kasushou, kayixin, xingquanyi
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Asked, Good, House, Kind, State
from kashu.simulators.suppliers.simulator import SupplierSimulator
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.add import add_supplier
from kashu.suppliers.connections import NewConnection, connect, set_state
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.map_offers import MapOutcome, OfferMapping, map_offers
from kashu.suppliers.offers import Offer, offers_by_ref
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.read_prices import read_prices
from kashu.suppliers.reads import suppliers_by_code

ACTOR: Final = "cli"
DEPOSIT_E4: Final = 10**10  # with each of them
LOOK_EVERY_S: Final = 0.02  # for orders that are to end
SILENT_S: Final = 2.0  # until a gateway gives up
PATIENCE_S: Final = 60.0  # with price lists: a worker may be reading one just then
FEN: Final = 100  # prices are whole ones of these
REFUSED: Final = "1001"  # the flaky one's code of a refusal
INSTANT, SLOW, FLAKY = "sim-instant", "sim-slow", "sim-flaky"

# Of a hundred orders at the flaky one, so many answers are lost in each way; all were charged.
LOST: Final[Mapping[Fault, float]] = {
    Fault.SILENT_AFTER: 0.10,
    Fault.ERROR_AFTER: 0.05,
    Fault.EMPTY: 0.05,
}


# What the buyer types, under the key that the protocols of the three have for it.
ACCOUNT: Final = Asked("recharge_account", "充值账号", is_account=True)


@dataclass(frozen=True, slots=True)
class Ware:
    """Something that the three sell: our code for it, and what the dearest asks."""

    sku: str
    title: str
    cost_e4: int
    # Who sells it, for how many percent of that; empty: all do, for what is usual with them.
    percents: Mapping[str, int] = field(default_factory=dict)
    kind: Kind = Kind.CARD
    face_value_e4: int = 0  # what they tell of it; 0: what it costs there


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
    options: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    supplier_id: UUID | None = None
    refs: dict[str, str] = field(default_factory=dict)  # their product to our code
    _served: AsyncExitStack | None = None

    @property
    def house(self) -> House:
        """Its goods and orders."""
        return self.shop.house

    @property
    def taken_e4(self) -> int:
        """The money that it took and kept."""
        return sum(order.charged_e4 - order.refunded_e4 for order in self.house.orders)

    @property
    def is_open(self) -> bool:
        """Whether anybody answers there."""
        return self._served is not None

    def good(self, sku: str) -> Good:
        """Its product that stands for a SKU of ours. Raises: KeyError."""
        refs = {code: ref for ref, code in self.refs.items()}
        return self.house.goods[int(refs[sku])]

    def put_up(self, ware: Ware, cards: int) -> None:
        """Offer something, if it is one of those who sell it."""
        if ware.percents and self.code not in ware.percents:
            return
        percent = ware.percents.get(self.code, self.cost_percent)
        good = self.house.offer(
            ware.title,
            ware.cost_e4 * percent // 100 // FEN * FEN,
            kind=ware.kind,
            stock=0 if ware.kind is Kind.TOPUP else cards,
            asked=(ACCOUNT,) if ware.kind is Kind.TOPUP else (),
            face_value_e4=ware.face_value_e4,
        )
        self.refs[str(good.good_id)] = ware.sku

    def reprice(self, percent: int, sku: str | None = None) -> None:
        """Ask so many percent more from now on, of one SKU or of all; below 0: less."""
        for good in [self.good(sku)] if sku else list(self.house.goods.values()):
            good.unit_cost_e4 = max(FEN, good.unit_cost_e4 * (100 + percent) // 100 // FEN * FEN)

    def restock(self, sku: str, count: int) -> None:
        """Have so many cards of a SKU from now on; a top-up doesn't run out."""
        good = self.good(sku)
        if good.kind is Kind.CARD:
            good.cards.clear()
            good.cards.extend(self.house.new_card() for _ in range(count))

    async def open(self, port: int | None = None) -> None:
        """Answer from now on, where it did before. Raises: OSError, where the port is taken."""
        if self._served is None:
            known = int(self.url.rpartition(":")[2]) if self.url else port
            self._served = AsyncExitStack()
            self.url = await self._served.enter_async_context(serving(self.shop, port=known))

    async def shut(self) -> None:
        """Answer nobody any more: whoever calls isn't let in."""
        served, self._served = self._served, None
        if served is not None:
            await served.aclose()


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
            "星权益·即时（模拟）",
            "xingquanyi",
            xingquanyi.CUSTOMER_ID,
            xingquanyi.KEY,
            _instant(instant),
        ),
        Wholesaler(
            SLOW,
            "卡速售·慢（模拟）",
            "kasushou",
            kasushou.USER_ID,
            kasushou.API_KEY,
            kasushou.KasushouSimulator(slow, Faults(2)),
            takes=timedelta(seconds=2),
            cost_percent=97,
        ),
        Wholesaler(
            FLAKY,
            "卡易信·便宜（模拟）",
            "kayixin",
            kayixin.APP_ID,
            kayixin.APP_SECRET,
            kayixin.KayixinSimulator(flaky, Faults(3, silent_s=SILENT_S)),
            cost_percent=94,
            # After these there is no order: what the partner agreed to, since no table says so.
            options={"refusal_codes": REFUSED},
        ),
    )
    for each, latency_s in zip(made, (0.05, 0.2, 0.05), strict=True):
        each.shop.faults.latency_s = latency_s
    return made


@asynccontextmanager
async def open_wholesale(
    wares: Sequence[Ware], cards: int, *, first_port: int | None = None
) -> AsyncIterator[Wholesale]:
    """Serve the three while the block runs, each with so many cards of everything.

    On ports from `first_port`, or any. Raises: OSError, where a port is taken.
    """
    sellers = _sellers()
    async with AsyncExitStack() as stack:
        for place, seller in enumerate(sellers):
            for ware in wares:
                seller.put_up(ware, cards)
            stack.push_async_callback(seller.shut)
            await seller.open(None if first_port is None else first_port + place)
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
    database: Database,
    tenant: Tenant,
    upstreams: Upstreams,
    wholesale: Wholesale,
    *,
    shared: bool = True,
    prices_every_s: int = 60,
) -> None:
    """Deal with the three: a deposit with each, and their offers mapped.

    `shared`: each gets its share of the orders; else the cheapest gets all that it can take.
    Raises: TimeoutError, where no prices can be read.
    """
    async with database.transaction(tenant.id) as tx:
        for seller in wholesale.sellers:
            await _connect(tx, tenant, upstreams, seller, prices_every_s)
        shares = {each.supplier_id: 1 for each in wholesale.sellers if each.supplier_id}
        warehouse = (await list_warehouses(tx, tenant.id))[0]
        limits = Limits(warehouse_id=warehouse.id, margin_min_ppm=0)
        said = Said(shares=shares if shared else {})
        await set_rule(tx, tenant.id, ACTOR, Scope(), limits, said=said)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await read_prices(database, tenant.id, upstreams)
            async with database.transaction(tenant.id) as tx:
                found = [await _offers(tx, tenant, seller) for seller in wholesale.sellers]
                if all(map(_is_whole, wholesale.sellers, found)):
                    await _map(tx, tenant, wholesale.sellers, found)
                    return
            await asyncio.sleep(LOOK_EVERY_S)


async def leave_wholesale(database: Database, tenant: Tenant) -> None:
    """Call none of the three any more: they are served no longer."""
    with suppress(KashuError):  # the database is away: the next simulation does it
        async with database.transaction(tenant.id) as tx:
            known = await suppliers_by_code(tx, tenant.id, [INSTANT, SLOW, FLAKY])
            for each in known.values():
                await set_state(tx, tenant.id, ACTOR, each.id, ConnectionState.STOPPED)


async def leave_former(database: Database, prefix: str, but: Tenant) -> None:
    """Have every merchant leave them whose simulation was killed, known by its code."""
    async with database.transaction(None) as tx:
        tenants = await all_tenants(tx)
    for tenant in tenants:
        if tenant.code.startswith(prefix) and tenant.id != but.id:
            await leave_wholesale(database, tenant)


async def _connect(
    tx: Tx, tenant: Tenant, upstreams: Upstreams, seller: Wholesaler, prices_every_s: int
) -> None:
    added = await add_supplier(tx, tenant.id, ACTOR, code=seller.code, name=seller.name)
    seller.supplier_id = added.id
    login = NewConnection(
        seller.protocol,
        seller.account,
        Secret(seller.secret),
        seller.url,
        seller.options,
        prices_every_s=prices_every_s,
    )
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


async def _offers(tx: Tx, tenant: Tenant, seller: Wholesaler) -> Mapping[str, Offer]:
    assert seller.supplier_id is not None
    return await offers_by_ref(tx, tenant.id, seller.supplier_id, seller.refs)


def _is_whole(seller: Wholesaler, found: Mapping[str, Offer]) -> bool:
    """Whether all that it sells was read."""
    return seller.refs.keys() <= found.keys()


async def _map(
    tx: Tx, tenant: Tenant, sellers: Sequence[Wholesaler], found: Sequence[Mapping[str, Offer]]
) -> None:
    """Map all at once: that a second supplier is cheaper than the first moves no price."""
    codes = {code for seller in sellers for code in seller.refs.values()}
    skus = await skus_by_code(tx, tenant.id, codes)
    wanted = [
        OfferMapping(offers[ref].id, skus[code].id)
        for seller, offers in zip(sellers, found, strict=True)
        for ref, code in seller.refs.items()
    ]
    outcomes = await map_offers(tx, tenant.id, ACTOR, wanted, at=now(), despite=True)
    assert set(outcomes) == {MapOutcome.MAPPED}, outcomes
