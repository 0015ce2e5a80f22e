"""Tickets: orders that a platform asks us for, and what is kept so that it can be answered."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import and_, null, select, tuple_, update

from kashu.channels.accounts import Account, seal_account
from kashu.channels.asking import Ask, Wants
from kashu.channels.in_order import locked_in_order
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder, known_order, see
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys

Name: TypeAlias = tuple[UUID, str]  # a store, and the platform's number of an order there

ACCOUNTS_KEPT: Final = timedelta(days=30)  # of orders that are over: for a buyer who complains


async def see_asks(
    tx: Tx, tenant_id: int, asks: Mapping[Name, Ask], *, masters: MasterKeys
) -> None:
    """Note orders that platforms ask for, with their tickets and the accounts to be topped up.

    By store and number. Only those that we don't know yet: asked for again they are left as they
    are. Locks: the orders.
    """
    stores = sorted({store_id for store_id, _ in asks})
    for store_id in stores:
        told = [ask.order for (of, _), ask in asks.items() if of == store_id]
        await see(tx, tenant_id, store_id, told)
    for (store_id, number), ask in sorted(asks.items()):
        sealed = None
        if ask.account:
            account = Account(ask.account, dict(ask.details))
            sealed = seal_account(masters, tenant_id, store_id, number, account)
        await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.store_id == store_id)
            .where(shop_orders.c.number == number, shop_orders.c.ticket.is_(None))
            .values(ticket=msgspec.to_builtins(ask.ticket), sealed_account=sealed)
        )


async def asked_orders(
    tx: Tx, tenant_id: int, names: Collection[Name], *, locked: bool
) -> dict[Name, KnownOrder]:
    """Orders that platforms asked for, by store and number; `locked`, in order of id."""
    wanted = (
        select(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.ticket.is_not(None))
        .where(tuple_(shop_orders.c.store_id, shop_orders.c.number).in_(sorted(names)))
        .order_by(shop_orders.c.id)
    )
    rows = await tx.execute(wanted.with_for_update() if locked else wanted)
    return {(row.store_id, row.number): known_order(row) for row in rows}


def is_done_by_hand(order: KnownOrder) -> bool:
    """Whether it is a top-up that a person does, or has done: none of our orders."""
    wants = order.ticket is not None and order.ticket.wants is Wants.TOPUP
    return wants and order.order_id is None and order.failed is None


async def forget_accounts(tx: Tx, tenant_id: int, before: datetime) -> int:
    """Erase the accounts of orders from before a moment that are over; return how many.

    Locks: the orders, in order of id.
    """
    over = and_(
        shop_orders.c.first_seen_at < before,
        shop_orders.c.sealed_account.is_not(None),
        shop_orders.c.step.in_([Step.CONFIRMED, Step.ENDED, Step.SHADOWED]),
    )
    erased = await tx.execute(
        update(shop_orders)
        .where(locked_in_order(tenant_id, over))
        .values(sealed_account=None, masked_accounts=null())
    )
    return erased.rowcount
