"""HTTP of what agents are sold: goods, and each agent's price list."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.errors import UnknownSku
from kashu.catalog.kinds import IN_STOCK
from kashu.catalog.reads import Sku, skus_by_code, skus_by_id
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_price
from kashu.customers.agents import Agent, agent_by_code
from kashu.customers.goods import BUFFER_MAX, WantedGood, goods_of, set_goods
from kashu.customers.prices import ROWS_MAX, WantedPrice, prices_of, set_prices
from kashu.downstream.errors import GoodNotFromStock
from kashu.ledger.span import check_offsets
from kashu.stock.kinds import BULK_MAX

Amount = Annotated[str, msgspec.Meta(max_length=40)]
SkuCode = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class GoodBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether agents may be sold a SKU; `buffer` units of it aren't shown to them."""

    sku: SkuCode
    on_sale: bool
    buffer: Annotated[int, msgspec.Meta(ge=0, le=BUFFER_MAX)] = 0


class GoodsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some SKUs; those not named stay as they are."""

    goods: Annotated[list[GoodBody], msgspec.Meta(min_length=1, max_length=1000)]


class GoodShown(msgspec.Struct, frozen=True):
    """A SKU that agents may be sold, or were once. `good`: by what number dialects name it."""

    sku: str
    name_zh: str
    name_en: str
    good: int
    on_sale: bool
    buffer: int


class GoodsShown(msgspec.Struct, frozen=True):
    """All of them, by code."""

    goods: list[GoodShown]


class PriceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a price list: what a unit costs from so many on. No price: the row is taken out.

    `since`: from when on, now if it isn't said; `until`: null until it is changed.
    """

    sku: SkuCode
    unit_price: Amount | None
    from_units: Annotated[int, msgspec.Meta(ge=1, le=BULK_MAX)] = 1
    since: datetime | None = None
    until: datetime | None = None


class PricesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of a price list; those not named stay as they are."""

    prices: Annotated[list[PriceBody], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class PriceShown(msgspec.Struct, frozen=True):
    """A row of a price list. `on_sale`: whether the SKU is on sale to agents at all."""

    sku: str
    name_zh: str
    name_en: str
    from_units: int
    unit_price: str
    since: datetime
    until: datetime | None
    on_sale: bool


class PricesShown(msgspec.Struct, frozen=True):
    """An agent's price list, what is over and what is to come too."""

    customer: str
    currency: str
    prices: list[PriceShown]


@get("/v1/agent-goods", operation_id="listAgentGoods", guards=[requires(Permission.STOCK_READ)])
async def list_goods(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> GoodsShown:
    """List what agents may be sold."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _goods(tx, caller.tenant_id)


@put(
    "/v1/agent-goods",
    operation_id="setAgentGoods",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def put_goods(
    data: JSONBody[GoodsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> GoodsShown:
    """Put SKUs on sale to agents, or take them off. Only what comes from stock can be."""
    async with database.transaction(caller.tenant_id) as tx:
        known = await skus_by_code(tx, caller.tenant_id, [each.sku for each in data.goods])
        wanted = {}
        for each in data.goods:
            sku = _known(known, each.sku)
            if each.on_sale and sku.fulfilment not in IN_STOCK:
                raise GoodNotFromStock(sku=sku.code, fulfilment=sku.fulfilment.value)
            wanted[sku.id] = WantedGood(sku.id, each.on_sale, each.buffer)
        await set_goods(tx, caller.tenant_id, caller.actor, list(wanted.values()))
        return await _goods(tx, caller.tenant_id)


@get(
    "/v1/customers/{code:str}/prices",
    operation_id="readAgentPrices",
    guards=[requires(Permission.LEDGER_READ)],
    responses=problems(404),
)
async def read_prices(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PricesShown:
    """Read an agent's whole price list."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _prices(tx, caller, await agent_by_code(tx, caller.tenant_id, code))


@put(
    "/v1/customers/{code:str}/prices",
    operation_id="setAgentPrices",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def put_prices(
    code: FromPath[str],
    data: JSONBody[PricesBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PricesShown:
    """Change rows of an agent's price list. What has no price isn't sold to it."""
    at = now()
    for each in data.prices:
        check_offsets(since=each.since, until=each.until)
    async with database.transaction(caller.tenant_id) as tx:
        agent = await agent_by_code(tx, caller.tenant_id, code)
        known = await skus_by_code(tx, caller.tenant_id, [each.sku for each in data.prices])
        wanted = [
            WantedPrice(
                _known(known, each.sku).id,
                each.from_units,
                None if each.unit_price is None else parse_price(each.unit_price),
                each.since or at,
                each.until,
            )
            for each in data.prices
        ]
        await set_prices(tx, caller.tenant_id, caller.actor, agent.customer_id, wanted)
        return await _prices(tx, caller, agent)


def _known(known: dict[str, Sku], code: str) -> Sku:
    if code not in known:
        raise UnknownSku(sku=code[:64])
    return known[code]


async def _goods(tx: Tx, tenant_id: int) -> GoodsShown:
    goods = await goods_of(tx, tenant_id)
    skus = await skus_by_id(tx, tenant_id, goods)
    shown = [
        GoodShown(
            skus[each.sku_id].code,
            skus[each.sku_id].name_zh,
            skus[each.sku_id].name_en,
            each.number,
            each.on_sale,
            each.buffer,
        )
        for each in goods.values()
    ]
    return GoodsShown(sorted(shown, key=lambda each: each.sku))


async def _prices(tx: Tx, caller: Caller, agent: Agent) -> PricesShown:
    rows = await prices_of(tx, caller.tenant_id, agent.customer_id)
    skus = await skus_by_id(tx, caller.tenant_id, [row.sku_id for row in rows])
    goods = await goods_of(tx, caller.tenant_id, [row.sku_id for row in rows])
    shown = [
        PriceShown(
            skus[row.sku_id].code,
            skus[row.sku_id].name_zh,
            skus[row.sku_id].name_en,
            row.from_units,
            format_amount(row.unit_price_e4),
            row.since,
            row.until,
            row.sku_id in goods and goods[row.sku_id].on_sale,
        )
        for row in rows
    ]
    return PricesShown(
        agent.code, "CNY", sorted(shown, key=lambda each: (each.sku, each.from_units))
    )


routes: Final = (list_goods, put_goods, read_prices, put_prices)
