"""A supplier for tests: what it lists and answers is set by hand, in the protocol's own types."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import UUID

from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.catalog.install import begin_tenant
from kashu.catalog.reads import sku_by_code
from kashu.channels.tables import listings, stores
from kashu.core.db import Database, Tx
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.suppliers.add import add_supplier
from kashu.suppliers.connections import Connection, NewConnection, connect, connection_of
from kashu.suppliers.errors import ProductGone
from kashu.suppliers.kinds import Goods, Told
from kashu.suppliers.map_offers import MapOutcome, OfferMapping, map_offers
from kashu.suppliers.offers import Offer, offers_by_ref
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.see_offers import see_offers
from kashu.suppliers.upstream import (
    AccountCheck,
    Balance,
    Can,
    Charge,
    Input,
    Link,
    Login,
    Notice,
    NoticeReply,
    NoticeRequest,
    Order,
    Page,
    Product,
    Repeats,
    Rules,
    Standing,
)
from tests.conftest import MASTERS, Tenant

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
RULES = Rules(frozenset({Goods.CARD}), Repeats.SAME)


def product(ref: str = "M1", cost: int | None = 150_000, **more: object) -> Product:
    """A product as its supplier tells it."""
    told = Product(
        ref=ref,
        title="芒果TV会员月卡",
        goods=Goods.CARD,
        unit_cost_e4=cost,
        in_stock=True,
        on_sale=True,
    )
    return replace(told, **more)  # type: ignore[arg-type]


def _nobody_asks(*what: object) -> NoReturn:
    raise AssertionError(what)


@dataclass
class Wholesaler:
    """A supplier whose list is `products`, in pages of `per_page`; `fails` once where it is set."""

    products_told: list[Product] = field(default_factory=list)
    per_page: int = 2
    fails: Exception | None = None
    fails_on_page: int = 0
    wrong: int = 0
    waits: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    pages_asked: int = 0
    endless: bool = False
    answers: Product | None = None
    name: str = "wholesale"
    can: frozenset[Can] = frozenset({Can.LIST_PRODUCTS, Can.READ_PRODUCT, Can.BALANCE, Can.PLACE})
    rules: Rules = RULES
    secret_options: frozenset[str] = frozenset({"pay_word"})

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        del link
        number = int(page or 0)
        self.pages_asked += 1
        self.asked.set()
        if self.waits is not None:
            await self.waits.wait()
        if self.fails is not None and number == self.fails_on_page:
            raise self.fails
        begin = number * self.per_page
        more = begin + self.per_page < len(self.products_told) or self.endless
        members = self.products_told[begin : begin + self.per_page]
        return Page(members, str(number + 1) if more else None, self.wrong if not more else 0)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        del link, quantity
        if self.fails is not None:
            raise self.fails
        if self.answers is not None:
            return self.answers
        for each in self.products_told:
            if each.ref == ref:
                return each
        raise ProductGone(supplier="wholesale", said="404")

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        _nobody_asks(link, ref)

    async def place(self, link: Link, order: Order) -> Standing:
        _nobody_asks(link, order)

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        _nobody_asks(link, order, their_number)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        _nobody_asks(link, order, their_number, reason)

    async def balance(self, link: Link) -> Balance:
        del link
        if self.fails is not None:
            raise self.fails
        return Balance(5_000_000)

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        _nobody_asks(link, begin, end, page)

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        _nobody_asks(link, ref, account)

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        _nobody_asks(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        _nobody_asks(notice)


@dataclass
class Market:
    """A merchant with the catalogue that ships, and one supplier that is connected."""

    database: Database
    tenant_id: int
    supplier_id: UUID
    wholesaler: Wholesaler
    upstreams: Upstreams
    at: list[datetime]

    def pass_time(self, **length: float) -> datetime:
        """Let time pass; what it is then."""
        self.at[0] += timedelta(**length)
        return self.at[0]

    @property
    def now(self) -> datetime:
        return self.at[0]

    async def sku(self, code: str = "mgtv-month") -> UUID:
        async with self.database.transaction(self.tenant_id) as tx:
            return (await sku_by_code(tx, self.tenant_id, code)).id

    async def connection(self) -> Connection:
        async with self.database.transaction(self.tenant_id) as tx:
            return await connection_of(tx, self.tenant_id, self.supplier_id)

    async def offers(self, *refs: str) -> dict[str, Offer]:
        wanted = refs or tuple(each.ref for each in self.wholesaler.products_told)
        async with self.database.transaction(self.tenant_id) as tx:
            return await offers_by_ref(tx, self.tenant_id, self.supplier_id, wanted)

    async def offer(self, ref: str = "M1") -> Offer:
        return (await self.offers(ref))[ref]

    async def tell(
        self, *told: Product, how: Told = Told.POLLED, at: datetime | None = None
    ) -> None:
        """Have the supplier tell of products now."""
        async with self.database.transaction(self.tenant_id) as tx:
            await see_offers(
                tx, self.tenant_id, "system", self.supplier_id, told, how=how, at=at or self.now
            )

    async def map(
        self, ref: str = "M1", sku: str = "mgtv-month", units: int = 1, *, despite: bool = False
    ) -> MapOutcome:
        """Map an offer."""
        offer, sku_id = await self.offer(ref), await self.sku(sku)
        async with self.database.transaction(self.tenant_id) as tx:
            (outcome,) = await map_offers(
                tx,
                self.tenant_id,
                "cli",
                [OfferMapping(offer.id, sku_id, units)],
                at=self.now,
                despite=despite,
            )
        return outcome


async def add_connected(tx: Tx, tenant_id: int, code: str, *, protocol: str = "wholesale") -> UUID:
    """Add a supplier with a login."""
    added = await add_supplier(tx, tenant_id, "cli", code=code, name=code)
    login = NewConnection(protocol, "us", Secret("s3cret-s3cret"))
    await connect(tx, tenant_id, "cli", code, login, masters=MASTERS)
    return added.id


async def make_market(database: Database, tenant: Tenant, told: list[Product]) -> Market:
    """Make a market whose clock stands still at AT."""
    at = [AT]
    wholesaler = Wholesaler(told)
    async with database.transaction(tenant.id) as tx:
        await begin_tenant(tx, tenant.id, "cli")
        supplier_id = await add_connected(tx, tenant.id, "alpha")
    upstreams = Upstreams(
        {wholesaler.name: wholesaler},
        Http(),
        Pace(),
        Keyrings(MASTERS),
        now=lambda: at[0],
        notices_at="https://shop.example.com",
    )
    return Market(database, tenant.id, supplier_id, wholesaler, upstreams, at)


async def list_for_sale(
    tx: Tx, tenant_id: int, sku_id: UUID, price_e4: int, *, units: int = 1, item: str = "I1"
) -> UUID:
    """A listing on sale that stands for a SKU."""
    store_id, listing_id = new_id(), new_id()
    await tx.execute(
        insert(stores).values(
            tenant_id=tenant_id, id=store_id, code=f"s-{item.lower()}", name="店", channel="taobao"
        )
    )
    await tx.execute(
        insert(listings).values(
            tenant_id=tenant_id,
            id=listing_id,
            store_id=store_id,
            item_id=item,
            variant_id="",
            title=f"商品{item}",
            price_e4=price_e4,
            sku_id=sku_id,
            units=units,
        )
    )
    return listing_id
