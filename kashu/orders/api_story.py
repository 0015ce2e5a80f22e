"""HTTP of an order's story and of its money."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.ledger.kinds import AccountKind
from kashu.orders.money import Booked, Figures, OrderMoney, money_of
from kashu.orders.seen import order_seen
from kashu.orders.shapes import Timeline
from kashu.orders.story import story_of
from kashu.stock.given import Given
from kashu.suppliers.reads import suppliers_by_id


class MoneyLine(msgspec.Struct, frozen=True):
    """A transfer of the journal. `effect`: what it did to profit; `line`: whose.

    `account`: the account of profit or loss that it moved; `quantity` in units.
    """

    transfer_id: UUID
    at: datetime
    posted_on: date
    line: int
    reason: str
    account: AccountKind
    debit: str
    credit: str
    amount: str
    effect: str
    currency: str
    quantity: int
    supplier: str | None


class MoneyFigures(msgspec.Struct, frozen=True):
    """What it came to in a currency: sold − back − cost − fees − losses = net, to the unit."""

    currency: str
    sold: str
    back: str
    cost: str
    fees: str
    losses: str
    net: str


class MoneyLot(msgspec.Struct, frozen=True):
    """From which lot a line's cards are, and what each of them cost. `released`: of `count`."""

    line: int
    lot_id: UUID
    supplier: str | None
    warehouse: str
    unit_cost: str
    currency: str
    count: int
    released: int
    expires_on: date | None


class MoneyShown(msgspec.Struct, frozen=True):
    """An order's whole money. Of what was `paid`, that much is sold, `waiting` or `given_back`.

    `waiting`: of the price, owed in cards and in no book yet. `given_back`: before or after it was
    sold. `fees_known`: whether the platform's fee was booked. `coupon`: what the platform gave the
    buyer; null, since none tells it yet.
    """

    paid: str
    waiting: str
    given_back: str
    currency: str
    fees_known: bool
    coupon: str | None
    figures: list[MoneyFigures]
    lines: list[MoneyLine]
    lots: list[MoneyLot]


@get(
    "/v1/orders/{order_id:uuid}/timeline",
    operation_id="readTimeline",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_timeline(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Timeline:
    """Tell an order's story, oldest first: who paid, which lot and why, who saw its cards, …

    Costs only for who may read reports; stock and purchases for who may read these.
    """
    async with database.transaction(caller.tenant_id) as tx:
        _, lines = await order_seen(tx, caller, order_id)
        return Timeline(await story_of(tx, caller, order_id, lines))


@get(
    "/v1/orders/{order_id:uuid}/money",
    operation_id="readOrderMoney",
    guards=[requires(Permission.ORDERS_READ), requires(Permission.LEDGER_READ)],
    responses=problems(404),
)
async def read_order_money(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> MoneyShown:
    """Tell an order's whole money, each line a transfer of the journal, and what they add up to."""
    async with database.transaction(caller.tenant_id) as tx:
        order, lines = await order_seen(tx, caller, order_id)
        found = await money_of(tx, caller.tenant_id, order, lines)
        ids = {each.supplier_id for each in found.given}
        ids |= {each.transfer.supplier_id for each in found.booked if each.transfer.supplier_id}
        suppliers = await suppliers_by_id(tx, caller.tenant_id, ids)
    names = {id_: supplier.name for id_, supplier in suppliers.items()}
    return _shown(found, format_amount(order.total_e4), order.currency, names)


def _shown(found: OrderMoney, paid: str, currency: str, suppliers: dict[UUID, str]) -> MoneyShown:
    return MoneyShown(
        paid,
        format_amount(found.waiting_e4),
        format_amount(found.given_back_e4),
        currency,
        found.fees_known,
        None,
        [_figures(each) for each in found.figures],
        [_line(each, suppliers, found.numbers) for each in found.booked],
        [_lot(each, suppliers, found.numbers) for each in found.given],
    )


def _figures(each: Figures) -> MoneyFigures:
    amounts = (
        each.sold_e4,
        each.back_e4,
        each.cost_e4,
        each.fees_e4,
        each.losses_e4,
        each.net_e4,
    )
    return MoneyFigures(each.currency, *map(format_amount, amounts))


def _line(each: Booked, suppliers: dict[UUID, str], numbers: dict[UUID, int]) -> MoneyLine:
    moved = each.transfer
    assert each.kind is not None, "others aren't told"
    return MoneyLine(
        moved.id,
        moved.posted_at,
        moved.posted_on,
        numbers[moved.subject_id],
        moved.reason,
        each.kind,
        moved.debit_kind,
        moved.credit_kind,
        format_amount(moved.amount_e4),
        format_amount(each.effect_e4),
        moved.currency,
        moved.quantity,
        None if moved.supplier_id is None else suppliers.get(moved.supplier_id),
    )


def _lot(each: Given, suppliers: dict[UUID, str], numbers: dict[UUID, int]) -> MoneyLot:
    return MoneyLot(
        numbers[each.line_id],
        each.lot_id,
        suppliers.get(each.supplier_id),
        each.warehouse_name,
        format_amount(each.unit_cost_e4),
        each.currency,
        each.count,
        each.released,
        each.expires_on,
    )


routes: Final = (read_timeline, read_order_money)
