"""Search: one box for whatever people type, in groups, masked, of what the caller may see."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Final, TypeAlias
from uuid import UUID

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.catalog.find import find_skus
from kashu.catalog.reads import skus_by_id
from kashu.channels.find import (
    FoundShopOrder,
    find_by_buyer,
    find_by_end,
    find_shop_orders,
    find_stores,
)
from kashu.channels.reads import stores_by_id
from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.core.prefixes import typed
from kashu.customers.find import find_customers
from kashu.desk.about import Target
from kashu.desk.by_value import look_by_value, settle
from kashu.orders.find import (
    FoundOrder,
    find_orders,
    find_orders_by_end,
    find_orders_of_buyer,
    orders_of_lines,
)
from kashu.purchases.find import find_purchases, find_supplier_orders
from kashu.stock.find import find_lots
from kashu.stock.reads import TAIL_MAX, TAIL_MIN, CardShown, cards_by_tail
from kashu.suppliers.find import find_suppliers
from kashu.suppliers.reads import supplier_list, suppliers_by_id

EACH: Final = 5  # of a group
_ASKED: Final = EACH + 1  # one more tells that there are more
_SUPPLIERS_MAX: Final = 100  # whose numbers are looked for
SHORTEST: Final = 2  # characters; fewer begin everything


class Group(StrEnum):
    """What may be found."""

    ORDERS = "orders"
    CARDS = "cards"
    LOTS = "lots"
    PURCHASES = "purchases"
    SKUS = "skus"
    STORES = "stores"
    SUPPLIERS = "suppliers"
    CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found. `code`: where its page goes by one; `state`: as its module says."""

    target: Target
    id: UUID
    code: str | None
    title: str
    about: str
    state: str
    at: datetime | None = None
    amount_e4: int | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found of a group; `more`: there is more of it, nobody counted how much."""

    group: Group
    found: Sequence[Found]
    more: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    tx: Tx
    caller: Caller
    written: str
    cards: Sequence[CardShown]  # that have such a value

    @property
    def tenant_id(self) -> int:
        return self.caller.tenant_id

    @property
    def which(self) -> int:
        return 0 if self.caller.language.startswith("zh") else 1


_Finder: TypeAlias = Callable[[_Asked], Awaitable[list[Found]]]


async def search(tx: Tx, caller: Caller, keyrings: Keyrings, written: str) -> list[Searched]:
    """Find what people type or paste, of what the caller may see; groups without any are left out.

    A card by all of its value, through the blind index, or by its last characters: shown masked.
    That somebody asked about a card is on record. Raises: CardQuestionsUsed.
    """
    plain = typed(written)
    if len(plain) < SHORTEST:
        return []
    looked = None
    if caller.may(Permission.STOCK_READ) and not caller.bound:
        looked = await look_by_value(tx, caller, keyrings, plain)
    asked = _Asked(tx, caller, plain, looked.cards if looked else ())
    told = []
    for group, permission, bound, find in _FINDERS:
        if not caller.may(permission) or (caller.bound and not bound):
            continue
        found = await find(asked)
        if found:
            told.append(Searched(group, found[:EACH], len(found) > EACH))
    if looked is not None:
        await settle(tx, caller, looked, found_otherwise=bool(told))
    return told


async def _orders(asked: _Asked) -> list[Found]:
    """Those whose number begins so, then the latest whose number ends so, or whose buyer it is."""
    caller, tx, tenant_id, written = asked.caller, asked.tx, asked.tenant_id, asked.written
    store_id, customer_id = caller.store_id, caller.customer_id
    ours, ending, bought = [
        await find(tx, tenant_id, written, store_id=store_id, customer_id=customer_id, limit=_ASKED)
        for find in (find_orders, find_orders_by_end, find_orders_of_buyer)
    ]
    theirs: list[FoundShopOrder] = []
    others: list[FoundShopOrder] = []
    if customer_id is None:
        theirs = await find_shop_orders(tx, tenant_id, written, store_id=store_id, limit=_ASKED)
        for find_others in (find_by_end, find_by_buyer):
            others += await find_others(tx, tenant_id, written, store_id=store_id, limit=_ASKED)
    every: tuple[FoundOrder | FoundShopOrder, ...] = (*ours, *ending, *bought, *theirs, *others)
    stores = await stores_by_id(tx, tenant_id, {each.store_id for each in every if each.store_id})
    names = {id_: store.name for id_, store in stores.items()}
    alike = [(each.accepted_at, _order(each, names)) for each in (*ending, *bought)]
    alike += [(each.first_seen_at, _shop_order(each, names)) for each in others]
    found = [_order(each, names) for each in ours]
    found += [_shop_order(each, names) for each in theirs]
    found += [each for _, each in sorted(alike, key=itemgetter(0), reverse=True)]
    once: dict[UUID, Found] = {}
    for each in found:
        once.setdefault(each.id, each)
    return list(once.values())[:_ASKED]


def _order(each: FoundOrder, stores: dict[UUID, str]) -> Found:
    store = stores.get(each.store_id, "") if each.store_id else ""
    return Found(
        Target.ORDER,
        each.id,
        None,
        each.external_id,
        " · ".join(part for part in (store, each.buyer) if part),
        "",
        each.accepted_at,
        each.total_e4,
    )


def _shop_order(each: FoundShopOrder, stores: dict[UUID, str]) -> Found:
    about = " · ".join(part for part in (stores.get(each.store_id, ""), each.buyer) if part)
    target, id_ = Target.SHOP_ORDER, each.id
    if each.order_id is not None:
        target, id_ = Target.ORDER, each.order_id
    return Found(
        target, id_, None, each.number, about, each.step.value, each.first_seen_at, each.paid_e4
    )


async def _cards(asked: _Asked) -> list[Found]:
    tx, tenant_id = asked.tx, asked.tenant_id
    shown = list(asked.cards[:_ASKED])
    if not shown and TAIL_MIN <= len(asked.written) <= TAIL_MAX and asked.written.isascii():
        shown = (await cards_by_tail(tx, tenant_id, asked.written))[:_ASKED]
    lines = {each.line_id for each in shown if each.line_id is not None}
    of = {}
    if asked.caller.may(Permission.ORDERS_READ):
        of = await orders_of_lines(tx, tenant_id, lines)
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in shown})
    found = []
    for each in shown:
        sku = skus[each.sku_id]
        line = of.get(each.line_id) if each.line_id else None
        about = (sku.name_zh, sku.name_en)[asked.which] + (f" · {line.external_id}" if line else "")
        found.append(
            Found(
                Target.CARD,
                each.id,
                None,
                f"••••{each.tail}",
                about,
                "sold_elsewhere" if each.sold_elsewhere else each.state,
                each.allocated_at,
            )
        )
    return found


async def _lots(asked: _Asked) -> list[Found]:
    found = await find_lots(asked.tx, asked.tenant_id, asked.written, limit=_ASKED)
    skus = await skus_by_id(asked.tx, asked.tenant_id, {each.sku_id for each in found})
    return [
        Found(
            Target.LOT,
            each.id,
            None,
            str(each.id),
            (skus[each.sku_id].name_zh, skus[each.sku_id].name_en)[asked.which],
            each.state,
            each.received_at,
        )
        for each in found
    ]


async def _purchases(asked: _Asked) -> list[Found]:
    tx, tenant_id = asked.tx, asked.tenant_id
    wanted = await find_purchases(tx, tenant_id, asked.written, limit=_ASKED)
    known = await supplier_list(tx, tenant_id, limit=_SUPPLIERS_MAX)
    attempts = await find_supplier_orders(
        tx,
        tenant_id,
        asked.written,
        supplier_ids=[each.id for each in known],
        limit=_ASKED,
    )
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in wanted})
    suppliers = await suppliers_by_id(tx, tenant_id, {each.supplier_id for each in attempts})
    found = [
        Found(
            Target.PURCHASE,
            each.id,
            None,
            str(each.id),
            f"{(skus[each.sku_id].name_zh, skus[each.sku_id].name_en)[asked.which]}"
            f" × {each.quantity}",
            each.state.value,
            each.created_at,
        )
        for each in wanted
    ]
    found += [
        Found(
            Target.SUPPLIER_ORDER,
            each.id,
            None,
            each.number,
            " · ".join(
                part for part in (suppliers[each.supplier_id].name, each.their_number) if part
            ),
            each.state.value,
            each.made_at,
            each.total_e4,
        )
        for each in attempts
    ]
    return found[:_ASKED]


async def _skus(asked: _Asked) -> list[Found]:
    found = await find_skus(asked.tx, asked.tenant_id, asked.written, limit=_ASKED)
    return [
        Found(
            Target.SKU,
            each.id,
            each.code,
            (each.name_zh, each.name_en)[asked.which],
            each.code,
            each.state.value,
        )
        for each in found
    ]


async def _stores(asked: _Asked) -> list[Found]:
    found = await find_stores(asked.tx, asked.tenant_id, asked.written, limit=_ASKED)
    return [
        Found(Target.STORE, each.id, each.code, each.name, each.channel.value, each.state.value)
        for each in found
    ]


async def _suppliers(asked: _Asked) -> list[Found]:
    found = await find_suppliers(asked.tx, asked.tenant_id, asked.written, limit=_ASKED)
    return [Found(Target.SUPPLIER, each.id, each.code, each.name, each.code, "") for each in found]


async def _customers(asked: _Asked) -> list[Found]:
    found = await find_customers(asked.tx, asked.tenant_id, asked.written, limit=_ASKED)
    return [Found(Target.CUSTOMER, each.id, each.code, each.name, each.code, "") for each in found]


def written_amount(found: Found) -> str | None:
    """Write what something was for."""
    return None if found.amount_e4 is None else format_amount(found.amount_e4)


# What is looked for, by whom, and whether a key that is bound to a store or customer may.
_FINDERS: Final[Iterable[tuple[Group, Permission, bool, _Finder]]] = (
    (Group.ORDERS, Permission.ORDERS_READ, True, _orders),
    (Group.CARDS, Permission.STOCK_READ, False, _cards),
    (Group.LOTS, Permission.STOCK_READ, False, _lots),
    (Group.PURCHASES, Permission.PURCHASES_READ, False, _purchases),
    (Group.SKUS, Permission.CATALOG_READ, True, _skus),
    (Group.STORES, Permission.ORDERS_READ, False, _stores),
    (Group.SUPPLIERS, Permission.STOCK_READ, False, _suppliers),
    (Group.CUSTOMERS, Permission.ORDERS_READ, False, _customers),
)
