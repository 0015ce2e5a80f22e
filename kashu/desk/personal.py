"""Personal data: what is kept of a buyer across modules, as whoever answers them needs it.

Of platforms' orders the buyer's reference and, for a top-up, the account; of orders and purchases a
mask of the account; of orders that name their buyer themselves that, phones masked. Amounts,
numbers and the trail of who did what stay: the books need them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.channels.find import find_by_buyer, find_shop_orders
from kashu.channels.personal import (
    KeptOfBuyer,
    erase_buyers,
    kept_for_orders,
    kept_of_buyers,
    kept_under_account,
)
from kashu.channels.tickets import ACCOUNTS_KEPT
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.prefixes import typed
from kashu.orders.account_rule import mask_account
from kashu.orders.find import find_orders, find_orders_of_buyer
from kashu.orders.personal import (
    BoughtBy,
    ToppedUp,
    bought_by,
    erase_bought_by,
    erase_topped_up,
    topped_up_for,
    topped_up_under,
)
from kashu.purchases.personal import erase_masks

FOUND_MAX: Final = 100


class By(StrEnum):
    """By what somebody's orders are found."""

    ORDER = "order"  # its number, or how it begins
    BUYER = "buyer"  # how the platform or we name them, how that begins, or its last four
    ACCOUNT = "account"  # what was topped up, in whole: compared with what masks show


class Under(StrEnum):
    """Whose id it is."""

    SHOP_ORDER = "shop_order"
    ORDER = "order"  # of ours, that came from no platform


@dataclass(frozen=True, slots=True)
class Personal:
    """What is kept of somebody with one order."""

    id: UUID
    under: Under
    number: str
    store_id: UUID | None
    order_id: UUID | None
    at: datetime
    is_over: bool
    buyer: str = ""
    erased_at: datetime | None = None
    account_until: datetime | None = None  # until then the account is kept whole, once it is over
    sealed_account: bytes | None = field(default=None, repr=False)
    masks: tuple[str, ...] = ()
    lines: tuple[ToppedUp, ...] = ()

    @property
    def line_ids(self) -> tuple[UUID, ...]:
        """The lines that topped something up."""
        return tuple(line.line_id for line in self.lines)

    @property
    def holds(self) -> bool:
        """Whether anything of a person is left."""
        return bool(self.buyer or self.sealed_account or self.masks)


async def find_personal(tx: Tx, tenant_id: int, by: By, written: str) -> list[Personal]:
    """Find the orders that may be somebody's, the newest first; 100 at most."""
    plain = typed(written)
    if not plain:
        return []
    if by is By.ACCOUNT:
        mask = mask_account(plain)
        known = await kept_under_account(tx, tenant_id, mask, limit=FOUND_MAX)
        lines = await topped_up_under(tx, tenant_id, [mask], limit=FOUND_MAX)
        theirs = {each.id: each for each in known}
        of_lines = await kept_for_orders(tx, tenant_id, {line.order_id for line in lines})
        theirs |= {each.id: each for each in of_lines}
        ours = {line.order_id for line in lines}
    else:
        find = find_by_buyer if by is By.BUYER else find_shop_orders
        found = await find(tx, tenant_id, plain, limit=FOUND_MAX)
        known = await kept_of_buyers(tx, tenant_id, [each.id for each in found])
        theirs = {each.id: each for each in known}
        find_ours = find_orders_of_buyer if by is By.BUYER else find_orders
        orders = await find_ours(tx, tenant_id, plain, limit=FOUND_MAX)
        ours = {order.id for order in orders}
    return (await _joined(tx, tenant_id, list(theirs.values()), ours))[:FOUND_MAX]


async def read_personal(tx: Tx, tenant_id: int, ids: Collection[UUID]) -> list[Personal]:
    """What is kept with some orders, by the ids under which they were found."""
    theirs = await kept_of_buyers(tx, tenant_id, ids)
    return await _joined(tx, tenant_id, theirs, set(ids) - {each.id for each in theirs})


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of erasing: of those that aren't over nothing was erased."""

    erased: Sequence[Personal]
    under_way: Sequence[Personal]


async def erase_personal(
    tx: Tx, tenant_id: int, actor: str, ids: Collection[UUID], *, reason: str, at: datetime
) -> Erased:
    """Erase what is kept of buyers with some orders, for good, and write down who asked for it.

    Locks: the platforms' orders, in order of id, then ours and what was bought for their lines.
    """
    found = await read_personal(tx, tenant_id, ids)
    gone = await erase_buyers(
        tx, tenant_id, [each.id for each in found if each.under is Under.SHOP_ORDER], at
    )
    ended = [each for each in found if each.id in gone or _is_ours_and_over(each)]
    await erase_bought_by(tx, tenant_id, [each.order_id for each in ended if each.order_id])
    lines = {line for each in ended for line in each.line_ids}
    if lines:
        await erase_topped_up(tx, tenant_id, lines)
        await erase_masks(tx, tenant_id, lines)
    facts = {"reason": reason}
    events = [Event("personal.erased", each.order_id or each.id, facts) for each in ended]
    await record(tx, tenant_id, actor, events)
    return Erased(ended, [each for each in found if each not in ended])


def _is_ours_and_over(each: Personal) -> bool:
    return each.under is Under.ORDER and each.is_over


async def _joined(
    tx: Tx, tenant_id: int, theirs: Iterable[KeptOfBuyer], order_ids: Collection[UUID]
) -> list[Personal]:
    """Platforms' orders with what was topped up for them, and orders of ours without one."""
    known = {each.id: each for each in theirs}
    known |= {each.id: each for each in await kept_for_orders(tx, tenant_id, order_ids)}
    of_known = {each.order_id for each in known.values() if each.order_id is not None}
    lines: dict[UUID, list[ToppedUp]] = {}
    for line in await topped_up_for(tx, tenant_id, of_known | set(order_ids)):
        lines.setdefault(line.order_id, []).append(line)
    buyers = {
        each.order_id: each for each in await bought_by(tx, tenant_id, of_known | set(order_ids))
    }
    found = [
        _of_platform(each, lines.get(each.order_id, []), buyers.get(each.order_id))
        if each.order_id
        else _of_platform(each, (), None)
        for each in known.values()
    ]
    for id_ in (lines.keys() | buyers.keys()) - of_known:
        of = lines.get(id_, [])
        found.append(_of_ours(of[0] if of else buyers[id_], of, buyers.get(id_)))
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)


def _of_platform(each: KeptOfBuyer, lines: Sequence[ToppedUp], bought: BoughtBy | None) -> Personal:
    masks = [*each.masked_accounts.values(), *(line.masked_account for line in lines)]
    return Personal(
        each.id,
        Under.SHOP_ORDER,
        each.number,
        each.store_id,
        each.order_id,
        each.first_seen_at,
        each.is_over and all(line.is_over for line in lines),
        each.buyer or ("" if bought is None else bought.buyer),
        each.buyer_erased_at,
        None if each.sealed_account is None else each.first_seen_at + ACCOUNTS_KEPT,
        each.sealed_account,
        tuple(dict.fromkeys(masks)),
        tuple(lines),
    )


def _of_ours(
    order: ToppedUp | BoughtBy, lines: Sequence[ToppedUp], bought: BoughtBy | None
) -> Personal:
    return Personal(
        order.order_id,
        Under.ORDER,
        order.external_id,
        order.store_id,
        order.order_id,
        order.accepted_at,
        all(line.is_over for line in lines) and (bought is None or bought.is_over),
        "" if bought is None else bought.buyer,
        masks=tuple(dict.fromkeys(line.masked_account for line in lines)),
        lines=tuple(lines),
    )
