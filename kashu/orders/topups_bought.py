"""Top-ups bought: which orders of platforms have their accounts topped up by suppliers.

Those whose SKU says that it is bought (`shortage_policy` `buy`) and that a supplier offers. All
else is left to people, as is what a person said that they did.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from kashu.catalog.bundles import Goods, goods_by_id
from kashu.catalog.kinds import ShortagePolicy
from kashu.channels.accounts import Account, open_account
from kashu.channels.asking import Wants
from kashu.channels.listings import listings_by_name
from kashu.channels.shop_orders import KnownOrder
from kashu.channels.topups import TO_BE_DONE, UNFIT, WANTED, WITH_DETAILS, lines_named
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.secrets import MasterKeys, Secret
from kashu.orders.bundles import Mapped, mapped_lines
from kashu.orders.buying import checked_account
from kashu.suppliers.kinds import Goods as Bought
from kashu.suppliers.offered import skus_offered

NOT_FROM_STOCK: Final = "not_from_stock"

# What tells of the account, and changes nothing of what is done: no supplier need be told.
_HARMLESS: Final = frozenset({"account_type", "system"})


async def topups_bought(tx: Tx, tenant_id: int, goods: Iterable[Goods]) -> frozenset[UUID]:
    """Those of the top-ups among some goods that are bought by themselves."""
    skus = {sku.id: sku for each in goods for sku in each.topups}
    wanted = [sku.id for sku in skus.values() if sku.shortage_policy is ShortagePolicy.BUY]
    return await skus_offered(tx, tenant_id, wanted, Bought.TOPUP)


async def is_bought(tx: Tx, tenant_id: int, order: KnownOrder) -> bool:
    """Whether suppliers top up what an order wants, once its account is there."""
    listings = await listings_by_name(tx, tenant_id, set(lines_named(order)))
    sku_ids = {each.sku_id for each in listings.values() if each.sku_id is not None}
    goods = await goods_by_id(tx, tenant_id, sku_ids)
    lines = mapped_lines(order, listings, goods)
    bought = await topups_bought(tx, tenant_id, goods.values())
    return lines is not None and not _by_people(order, lines, bought)


def why_not_bought(
    order: KnownOrder, lines: Sequence[Mapped], bought: frozenset[UUID]
) -> str | None:
    """Say why an order with top-ups isn't taken in; None: suppliers do it. `lines`: what it is."""
    if not any(line.goods.topups for line in lines):
        asked_for = order.ticket is not None and order.ticket.wants is Wants.TOPUP
        return NOT_FROM_STOCK if asked_for else None
    by_people = _by_people(order, lines, bought)
    if order.ticket is not None:  # its platform told the account with the order
        return NOT_FROM_STOCK if by_people or order.sealed_account is None else None
    if order.sealed_account is None:
        return WANTED
    return TO_BE_DONE if by_people else None


def _by_people(order: KnownOrder, lines: Sequence[Mapped], bought: frozenset[UUID]) -> bool:
    """Whether people do it. `doubt`: one said that they have, and the platform may not know."""
    if order.doubt or not all(line.goods.is_sold for line in lines):
        return True
    if order.ticket is not None and not _all_topups(order.ticket.wants, lines):
        return True
    return any(sku.id not in bought for line in lines for sku in line.goods.topups)


def _all_topups(wants: Wants, lines: Sequence[Mapped]) -> bool:
    """Whether a platform that asks for a top-up, and for nothing else, asks for what we sell."""
    whole = all(len(line.goods.topups) == len(line.goods.parts) for line in lines)
    return wants is Wants.TOPUP and whole


def accounts_of(
    masters: MasterKeys, tenant_id: int, order: KnownOrder, lines: Sequence[Mapped]
) -> Mapping[tuple[int, UUID], Secret] | str:
    """What is topped up for an order, by its line's place and the SKU; or why a person must look.

    Each is checked as its SKU's account type says, before anything is bought.
    """
    assert order.sealed_account is not None, "it was looked at"
    place = (tenant_id, order.store_id, order.number)
    try:
        told = open_account(masters, *place, order.sealed_account)
    except KashuError as error:  # this one can't be opened: the others go on
        return error.code
    if told.details.keys() - _HARMLESS:
        return WITH_DETAILS
    found = {}
    for n, line in enumerate(lines):
        for sku in line.goods.topups:
            typed = _typed(told, order.lines[n].line_id)
            if not typed:
                return WANTED
            account = checked_account(sku.account_type, typed)
            if account is None:
                return UNFIT
            found[n, sku.id] = Secret(account)
    return found


def _typed(told: Account, line_id: str) -> str:
    return told.lines.get(line_id, "") or told.number
