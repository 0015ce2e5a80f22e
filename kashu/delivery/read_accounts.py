"""Read accounts: what buyers want topped up, from what they typed on their platforms.

What was typed isn't kept when an order is seen, so the platform is asked for it again: whenever the
listing's rule was set, before the order or after it, it is read the same way.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec
import structlog
from sqlalchemy import func

from kashu.catalog.bundles import goods_by_id
from kashu.channels.accounts import Account, seal_account
from kashu.channels.ask import Outside
from kashu.channels.channel import Can, ShopOrder, ShopRefundState
from kashu.channels.connections import SHOP_ORDERS_DUE, Connection, connections_by_store
from kashu.channels.kinds import GrantState, Step
from kashu.channels.shop_orders import KnownOrder, locked_order, move, see
from kashu.channels.topups import (
    NO_RULE,
    TO_BE_DONE,
    WANTED,
    account_rules,
    lease_unread,
    lines_named,
)
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.secrets import MasterKeys
from kashu.delivery.asked_back import refunds_against
from kashu.orders.account_rule import (
    AccountRule,
    FoundIn,
    Unread,
    mask_account,
    read_account,
)
from kashu.orders.take_back import IN_PART
from kashu.orders.topups_bought import is_bought

AT_ONCE: Final = 20
LEASE: Final = timedelta(minutes=1)  # longer than a call; and between two where one failed

_log = structlog.get_logger()


async def read_accounts(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Read the accounts of some orders that wait for it. True: there may be more."""
    async with database.transaction(tenant_id) as tx:
        found = await lease_unread(tx, tenant_id, outside.now(), LEASE, most=AT_ONCE)
        stores = [each.store_id for each in found]
        connections = await connections_by_store(tx, tenant_id, stores) if found else {}
    ready = [each for each in found if each.store_id in connections]
    await asyncio.gather(
        *(_read(database, tenant_id, outside, each, connections[each.store_id]) for each in ready)
    )
    return len(found) == AT_ONCE


async def _read(
    database: Database,
    tenant_id: int,
    outside: Outside,
    known: KnownOrder,
    connection: Connection,
) -> None:
    reads = outside.channels.get(connection.channel)
    if reads is None or connection.grant_state is not GrantState.GRANTED:
        return  # looked at again when the lease ends
    told: ShopOrder | None = None
    try:
        if Can.READ_ORDER in reads.can:
            channel, link = outside.reach(tenant_id, connection)
            told = await channel.order(link, known.number)
        async with database.transaction(tenant_id) as tx:
            await _note(tx, tenant_id, known, told, outside.keyrings.masters)
    except KashuError as error:  # theirs or ours: again when the lease ends
        _log.warning("account_not_read", order=str(known.id), error=error.code)


async def _note(
    tx: Tx, tenant_id: int, known: KnownOrder, told: ShopOrder | None, masters: MasterKeys
) -> None:
    """Keep the accounts that were read, sealed; or say why a person must look."""
    if told is not None and told.complete:
        await see(tx, tenant_id, known.store_id, [told])
    order = await locked_order(tx, tenant_id, known.id)
    if (order.said, order.order_id) != (WANTED, None):
        return  # it has gone on meanwhile
    against = await refunds_against(tx, tenant_id, order, told)
    if against == {ShopRefundState.ASKED}:
        return  # looked at again when the lease ends: nobody is to top it up meanwhile
    rules = await topup_rules(tx, tenant_id, order)
    if not rules:
        await let_go_on(tx, tenant_id, order)
        return
    read = IN_PART if against else _accounts(rules, told)
    if isinstance(read, str):
        await move(tx, tenant_id, order.id, said=read)
        await record(tx, tenant_id, "system", [Event(f"shop_order.{read}", order.id, {})])
        return
    await keep_accounts(tx, tenant_id, order, read, masters)
    await record(tx, tenant_id, "system", [Event("shop_order.account_found", order.id, {})])


def _accounts(
    rules: Mapping[str, AccountRule | None], told: ShopOrder | None
) -> Mapping[str, str] | str:
    """Read the account of each line that is topped up, or say why one can't be."""
    found: dict[str, str] = {}
    for line_id, rule in rules.items():
        if rule is None:
            return NO_RULE
        account = read_account(rule, _text(rule, told, line_id))
        if isinstance(account, Unread):
            return account.value
        found[line_id] = account
    return found


def _text(rule: AccountRule, told: ShopOrder | None, line_id: str) -> str:
    if told is None:
        return ""
    if rule.found_in is FoundIn.MESSAGE:
        return told.note
    return next((line.properties for line in told.lines if line.line_id == line_id), "")


async def topup_rules(tx: Tx, tenant_id: int, order: KnownOrder) -> dict[str, AccountRule | None]:
    """The rule of each line of an order that is topped up, by the platform's line."""
    names = lines_named(order)
    kept = await account_rules(tx, tenant_id, names)
    sold = await goods_by_id(tx, tenant_id, {sku_id for sku_id, _ in kept.values() if sku_id})
    rules: dict[str, AccountRule | None] = {}
    for line, name in zip(order.lines, names, strict=True):
        sku_id, rule = kept.get(name, (None, None))
        if sku_id is not None and sold[sku_id].topups:
            rules[line.line_id] = None if rule is None else msgspec.convert(rule, AccountRule)
    return rules


async def let_go_on(tx: Tx, tenant_id: int, order: KnownOrder) -> None:
    """Have an order taken in of which nothing is topped up any more: its listings were changed."""
    await move(tx, tenant_id, order.id, Step.DUE, said="", next_at=func.now())
    await wake(tx, tenant_id, SHOP_ORDERS_DUE)


async def keep_accounts(
    tx: Tx, tenant_id: int, order: KnownOrder, accounts: Mapping[str, str], masters: MasterKeys
) -> None:
    """Seal what is to be topped up, by line; suppliers do it, or a person.

    One that a person has already been asked to do stays theirs.
    """
    different = set(accounts.values())
    one = next(iter(different)) if len(different) == 1 else ""
    account = Account(one, lines={} if one else dict(accounts))
    bought = order.said != TO_BE_DONE and await is_bought(tx, tenant_id, order)
    if bought:
        await wake(tx, tenant_id, SHOP_ORDERS_DUE)
    await move(
        tx,
        tenant_id,
        order.id,
        Step.DUE if bought else Step.TROUBLE,
        said="" if bought else TO_BE_DONE,
        next_at=func.now(),
        sealed_account=seal_account(masters, tenant_id, order.store_id, order.number, account),
        masked_accounts={line_id: mask_account(each) for line_id, each in accounts.items()},
    )
