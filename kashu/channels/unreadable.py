"""Unreadable: orders and refunds of which a platform told what can't be; a person sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.channels.channel import ShopRefundState
from kashu.channels.errors import ShopOrderWrong
from kashu.channels.kinds import RefundStep
from kashu.channels.shop_orders import storable, told_of
from kashu.channels.tables import shop_orders, shop_refunds
from kashu.core.db import Tx
from kashu.core.ids import new_id

NUMBER_MAX: Final = 200  # characters


async def see_unreadable_orders(
    tx: Tx, tenant_id: int, store_id: UUID, wrong: Sequence[ShopOrderWrong]
) -> None:
    """Have orders that a list tells wrongly read alone: who reads one holds it, with its cause.

    Lists tell it again and again: one that is to be read, or was read and is held, stays.
    """
    numbers = sorted({_order_of(each) for each in wrong})
    if not numbers:
        return
    known = await tx.execute(
        select(shop_orders.c.number)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.store_id == store_id)
        .where(shop_orders.c.number.in_(numbers), ~shop_orders.c.complete)
    )
    waiting = set(known.scalars())
    await told_of(tx, tenant_id, store_id, [each for each in numbers if each not in waiting])


async def see_unreadable_refunds(
    tx: Tx, tenant_id: int, store_id: UUID, wrong: Sequence[ShopOrderWrong], at: datetime
) -> None:
    """Put refunds that a list tells wrongly before a person: nobody knows what went back.

    Until somebody settles it, nothing is sent of its order. Told again, it changes nothing.
    """
    rows = {
        number: {
            "tenant_id": tenant_id,
            "id": new_id(),
            "store_id": store_id,
            "number": number,
            "order_number": _order_of(each),
            "line": "",
            "step": RefundStep.TROUBLE,
            "shop_state": ShopRefundState.ASKED,
            "amount_e4": None,
            "changed_at": at,
            "said": each.code,
        }
        for each in wrong
        if (number := _number_of(each))
    }
    if rows:
        ordered = [rows[number] for number in sorted(rows)]
        await tx.execute(insert(shop_refunds).values(ordered).on_conflict_do_nothing())


def _order_of(wrong: ShopOrderWrong) -> str:
    return storable(str(wrong.facts.get("order", "")))


def _number_of(wrong: ShopOrderWrong) -> str:
    """Name a refund whose own number nobody could read: by its order, and what is wrong."""
    return storable(f"unreadable:{_order_of(wrong)}:{wrong.facts.get('what', '')}")[:NUMBER_MAX]
