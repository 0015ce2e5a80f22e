"""Top-ups that stores sell: whose account is to be read, and where one waits for its purchase."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, null, select, tuple_, update

from kashu.channels.errors import UnknownListing
from kashu.channels.in_order import locked_in_order
from kashu.channels.kinds import Step
from kashu.channels.listings import Name
from kashu.channels.moves import step_before
from kashu.channels.shop_orders import KnownOrder, known_order
from kashu.channels.tables import listings, shop_orders
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake

ACCOUNTS_WANTED: Final = "channels.accounts_wanted"  # called out when one is to be read

# Why an order whose buyer wants an account topped up is with a person, or is to be read.
WANTED: Final = "account_wanted"  # the platform is asked what the buyer typed
NO_RULE: Final = "no_account_rule"  # its listing doesn't say where the account stands
MISSING: Final = "account_missing"  # nothing there looks like one
AMBIGUOUS: Final = "account_ambiguous"  # two do
UNFIT: Final = "account_unfit"  # it isn't of the kind that its SKU tops up
WITH_DETAILS: Final = "account_with_details"  # area, server …: more than a supplier is told
TO_BE_DONE: Final = "to_be_topped_up"  # the account is there; a person does it

UNREAD: Final = (NO_RULE, MISSING, AMBIGUOUS, UNFIT)

# Why one of our orders isn't delivered yet, of which a supplier tops an account up.
TOPPING_UP: Final = "being_topped_up"
LATE: Final = "topup_late"  # nobody has done it by its time: a person looks why
FAILED: Final = "topup_failed"  # its purchase brought nothing: a person puts it right


def wants_account(order: KnownOrder) -> bool:
    """Whether a person may enter, or correct, the account of an order."""
    waits = {WANTED, TO_BE_DONE, WITH_DETAILS, *UNREAD}
    return order.step is Step.TROUBLE and order.order_id is None and order.said in waits


async def lease_unread(
    tx: Tx, tenant_id: int, at: datetime, lease: timedelta, *, most: int
) -> list[KnownOrder]:
    """Take some orders whose accounts are to be read; nobody else does before the lease ends."""
    rows = await tx.execute(
        select(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.step == Step.TROUBLE)
        .where(shop_orders.c.said == WANTED, shop_orders.c.next_at <= at)
        .order_by(shop_orders.c.next_at, shop_orders.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = [known_order(row) for row in rows]
    await tx.execute(
        update(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id)
        .where(shop_orders.c.id.in_([each.id for each in found]))
        .values(next_at=at + lease)
    )
    return found


async def account_rules(
    tx: Tx, tenant_id: int, names: Iterable[Name]
) -> dict[Name, tuple[UUID | None, Mapping[str, Any] | None]]:
    """What some listings stand for, and their rules as they are kept."""
    key = tuple_(listings.c.store_id, listings.c.item_id, listings.c.variant_id)
    rows = await tx.execute(
        select(listings).where(listings.c.tenant_id == tenant_id, key.in_(sorted(set(names))))
    )
    return {
        (row.store_id, row.item_id, row.variant_id): (row.sku_id, row.account_rule) for row in rows
    }


async def account_rule_of(tx: Tx, tenant_id: int, listing_id: UUID) -> tuple[UUID, Any]:
    """The store of a listing, and its rule as it is kept, or None. Raises: UnknownListing."""
    rows = await tx.execute(
        select(listings.c.store_id, listings.c.account_rule).where(
            listings.c.tenant_id == tenant_id, listings.c.id == listing_id
        )
    )
    row = rows.one_or_none()
    if row is None:
        raise UnknownListing
    return row.store_id, row.account_rule


async def set_account_rule(
    tx: Tx, tenant_id: int, actor: str, listing_id: UUID, rule: Mapping[str, Any] | None
) -> None:
    """Say where buyers of a listing write their account, or that nobody says. Orders are read anew.

    Raises: UnknownListing.
    """
    store_id, before = await account_rule_of(tx, tenant_id, listing_id)
    if before == rule:
        return
    await tx.execute(
        update(listings)
        .where(listings.c.tenant_id == tenant_id, listings.c.id == listing_id)
        .values(account_rule=null() if rule is None else rule)
    )
    facts = {"before": before, "after": rule}
    await record(tx, tenant_id, actor, [Event("listing.account_rule_set", listing_id, facts)])
    await _read_anew(tx, tenant_id, store_id)


async def _read_anew(tx: Tx, tenant_id: int, store_id: UUID) -> None:
    unread = (shop_orders.c.step == Step.TROUBLE) & shop_orders.c.said.in_(UNREAD)
    woken = await tx.execute(
        update(shop_orders)
        .where(locked_in_order(tenant_id, (shop_orders.c.store_id == store_id) & unread))
        .values(said=WANTED, next_at=func.now())
    )
    if woken.rowcount:
        await wake(tx, tenant_id, ACCOUNTS_WANTED)


async def go_on_topped_up(tx: Tx, tenant_id: int, names: Collection[tuple[UUID, str]]) -> bool:
    """Have orders looked at at once that wait for a top-up, also where a person was asked to look.

    By store and number. True: there were some; who delivers is to be woken.
    Locks: the orders, in order of id.
    """
    if not names:
        return False
    step, said = shop_orders.c.step, shop_orders.c.said
    in_trouble = (step == Step.TROUBLE) & said.in_([LATE, FAILED])
    waits = step.in_([Step.TAKEN, Step.SENT]) & (said == TOPPING_UP)
    key = tuple_(shop_orders.c.store_id, shop_orders.c.number)
    moved = await tx.execute(
        update(shop_orders)
        .where(locked_in_order(tenant_id, key.in_(sorted(names)) & (in_trouble | waits)))
        .values(
            step=case((in_trouble, step_before()), else_=step),
            said="",
            attempts=0,
            next_at=func.now(),
        )
    )
    return bool(moved.rowcount)


async def erase_account(tx: Tx, tenant_id: int, actor: str, order: KnownOrder) -> None:
    """Erase what an order tops up. Who calls has locked it."""
    said = MISSING if order.said == TO_BE_DONE else order.said
    await tx.execute(
        update(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id == order.id)
        .values(said=said, sealed_account=None, masked_accounts=null())
    )
    await record(tx, tenant_id, actor, [Event("shop_order.account_erased", order.id, {})])


def lines_named(order: KnownOrder) -> Sequence[Name]:
    """The listings of an order's lines, in order."""
    return [(order.store_id, line.item_id, line.sku_id) for line in order.lines]
