"""Foretold: an order comes whose refund or cancellation came first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.orders.line_shares import Shares, new_line
from kashu.orders.order import NewOrder
from kashu.orders.refund import Wanted


@dataclass(frozen=True, slots=True)
class _Foretold:
    refund_id: UUID
    order_id: UUID
    wanted: Any


@dataclass(frozen=True, slots=True)
class _Done:
    id: UUID


_foretold = Statement(__file__, "foretold.sql", _Foretold)
_took_effect = Statement(__file__, "refund_took_effect.sql", _Done)


async def settle_foretold(
    tx: Tx, tenant_id: int, orders: Mapping[UUID, NewOrder]
) -> dict[UUID, Shares]:
    """Take what was refunded beforehand off the lines before any card is given.

    A foretold refund of more than the order has takes all there is: its number was told before
    anybody could check it. Returns the shares of every line of these orders.
    Locks: nothing more; the orders are locked by accept().
    """
    shares = {
        line.id: new_line(line.quantity, line.price_e4)
        for order in orders.values()
        for line in order.lines
    }
    for row in await _foretold(tx, tenant=tenant_id, orders=list(orders)):
        wanted = msgspec.convert(row.wanted, Wanted)
        effect, back_e4 = _take_off(orders[row.order_id], wanted, shares)
        await _took_effect(
            tx,
            tenant=tenant_id,
            ids=[row.refund_id],
            amounts=[back_e4],
            effects=[msgspec.json.encode(effect).decode()],
            order_id=row.order_id,
            cancelled=wanted.unseen_only,
        )
    return shares


def _take_off(
    order: NewOrder, wanted: Wanted, shares: dict[UUID, Shares]
) -> tuple[list[dict[str, Any]], int]:
    asked = {want.number: want for want in wanted.lines}
    effect, total_e4 = [], 0
    for number, line in enumerate(order.lines, start=1):
        if asked and number not in asked:
            continue
        before = shares[line.id]
        want = asked.get(number)
        units = before.waiting if want is None else min(want.quantity, before.waiting)
        after = before.forgo(units, None if want is None else want.amount_e4)
        shares[line.id] = after
        back_e4 = after.refunded_e4 - before.refunded_e4
        total_e4 += back_e4
        effect.append({"line": number, "units": units, "amount": format_amount(back_e4)})
    return effect, total_e4
